/*
 * How long a transfer takes: counts by constants, each a range.
 *
 *   walking        the client lists, looks at each entry, and tries the patterns on it
 *   stat packets   each entry that is sent is announced, and compared with what the builder has
 *   per file       asked for, opened, and on the other side created, written, and put in place
 *   bytes          read, sent, written
 *   round trips    of the network, while nothing else goes on
 *
 * In truth these overlap (fsutil walks, announces and sends at the same time); the sum is still a good
 * measure, because on one computer all of them share its processors, and over a network one of them is all.
 *
 * Where a constant comes from. [m] was measured with dockerd 28.5 (buildx 0.29, ext4) on two cores of a virtual
 * machine with dear system calls, which is the upper end; the lower end is what the same costs on hardware
 * whose system calls are 3 times cheaper.
 */
#include "transfer/transfer.h"

static const struct time_profile local = {
	/* [m] 20,000 excluded entries, walked for an exception: 6 us each */
	.walked = { 2e-6, 8e-6 },
	/* [m] a name 0.05 us, a pattern with a wildcard 0.5 us; a mix of 60 that was timed alone: 0.13 us */
	.pattern_test = { 0.04e-6, 0.4e-6 },
	/* [m] 20,000 empty files, unchanged: 22 us each, the walk included */
	.announced = { 5e-6, 18e-6 },
	/* [m] the same at first: 70 to 90 us more; with 4 KiB in each 130 */
	.file = { 40e-6, 140e-6 },
	/* [m] one file of 500MB: 1.5 to 2.4s */
	.byte = { 1 / 1.2e9, 1 / 210e6 },
	/* a unix socket */
	.round_trip = { 0.05e-3, 0.3e-3 },
	/* [m] a context of one file: 3 to 6 ms */
	.start = { 0.5e-3, 5e-3 },
};

/*
 * Nothing here to measure it on, so the ranges are wide. The bytes: 29.28MB in 0.6s and 26.80MB in 0.5s on
 * Windows (docker/desktop-feedback #262), 2.9GB in 25s there (docker/desktop-linux #92), 536.97MB in less than
 * 10s on a Mac (moby/moby #40372). The second thread has 5MB/s on a Linux desktop, too, which is a fault and not
 * in the range. Walking: a stat on APFS and NTFS takes several times that of ext4. Files are created in
 * the machine's own ext4.
 */
static const struct time_profile desktop = {
	.walked = { 5e-6, 40e-6 },
	.pattern_test = { 0.04e-6, 0.4e-6 },
	.announced = { 5e-6, 30e-6 },
	.file = { 50e-6, 350e-6 },
	.byte = { 1 / 400e6, 1 / 45e6 },
	.round_trip = { 0.2e-3, 2e-3 },
	.start = { 2e-3, 30e-3 },
};

/* Ethernet, IP, TCP, TLS, HTTP/2 and gRPC take 4 to 12 % of the line; a link is rarely all ours. */
static const struct time_range line_share = { 1.04, 1.25 };

/* The call, its answer, and the end (FIN and its answer). */
#define ROUND_TRIPS_OF_A_CALL 3

/* gRPC begins with a window of 64 KiB and doubles it as the line allows, up to 16 MiB (grpc-go, bdpEstimator). */
#define WINDOW_BYTES UINT64_C(65536)
#define WINDOW_DOUBLINGS 8

/* ---- counts */

static bool is_exclusion(const struct ignore_set *set, uint32_t decider) {
	return decider != IGNORE_NO_PATTERN && !ignore_pattern(set, decider)->is_exception;
}

/* Excluded, and in an excluded directory: without exceptions the walk would not have come here. */
static bool is_for_nothing(const struct tree *tree, const struct transfer_plan *plan,
		const struct ignore_set *set, uint32_t row) {
	uint32_t up = plan->fate[row] == FATE_EXCLUDED ? tree_parent(tree, row) : 0;

	return up != 0 && plan->fate[up] != FATE_SENT && is_exclusion(set, plan->decider[up]);
}

static void count_walk(struct time_counts *c, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set) {
	uint64_t nexclusions = 0;

	c->walked = plan->nwalked;
	c->pattern_tests = plan->nwalked * plan->npatterns;
	if (set == NULL || !ignore_has_exceptions(set)) {
		return;
	}
	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		c->walked_for_nothing += is_for_nothing(tree, plan, set, row);
	}
	for (uint32_t i = 0; i < ignore_npatterns(set); i++) {
		nexclusions += !ignore_pattern(set, i)->is_exception;
	}
	/* what is excluded with its directory is only tried on exceptions (patternmatcher, match()) */
	c->pattern_tests -= c->walked_for_nothing * nexclusions;
}

static uint64_t count_round_trips(uint64_t bytes) {
	uint64_t n = ROUND_TRIPS_OF_A_CALL;

	for (uint64_t window = WINDOW_BYTES;
			window < bytes && n < ROUND_TRIPS_OF_A_CALL + WINDOW_DOUBLINGS;
			window *= 2) {
		n++;
	}
	return n;
}

struct time_counts time_count(enum tng_engine engine, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set,
		const struct transfer_wire *wire, bool again) {
	struct time_counts c = { 0 };

	count_walk(&c, tree, plan, set);
	if (engine == TNG_ENGINE_PODMAN) {
		c.announced = plan->eligible.nentries; /* copied, each time */
		c.files = plan->eligible.nfiles;
		c.bytes = plan->eligible.bytes;
	} else if (wire->happens) {
		c.announced = wire->npackets;
		c.files = again ? wire->nrequests_unchanged : wire->nrequests;
		c.bytes = again ? wire->unchanged : wire->first;
		c.round_trips = count_round_trips(c.bytes);
	}
	return c;
}

/* ---- seconds */

static struct time_range scaled(struct time_range r, double lo, double hi) {
	return (struct time_range){ r.lo * lo, r.hi * hi };
}

static struct time_range sum(struct time_range a, struct time_range b) {
	return (struct time_range){ a.lo + b.lo, a.hi + b.hi };
}

struct time_profile time_profile(enum tng_engine engine, enum time_place place,
		double bytes_per_second, double round_trip) {
	struct time_profile p = place == TIME_DESKTOP ? desktop : local;

	if (place == TIME_REMOTE && bytes_per_second <= 0) {
		bytes_per_second = TIME_BANDWIDTH_DEFAULT;
	}
	if (bytes_per_second > 0) {
		struct time_range line =
				scaled(line_share, 1 / bytes_per_second, 1 / bytes_per_second);
		p.byte.lo = line.lo > p.byte.lo ? line.lo : p.byte.lo;
		p.byte.hi = line.hi > p.byte.hi ? line.hi : p.byte.hi;
	}
	if (place == TIME_REMOTE && round_trip < 0) {
		round_trip = TIME_ROUND_TRIP_DEFAULT;
	}
	if (round_trip >= 0) {
		struct time_range network = { round_trip, round_trip };
		p.round_trip = sum(p.round_trip, network);
	}
	if (engine == TNG_ENGINE_CLASSIC) {
		/* it looks at everything once to see whether it may be read, then again to send it */
		p.walked = scaled(p.walked, 2, 2);
		p.pattern_test = scaled(p.pattern_test, 2, 2);
	}
	return p;
}

static struct time_range times(struct time_range each, uint64_t n) {
	return scaled(each, (double)n, (double)n);
}

void time_predict(const struct time_counts *counts, const struct time_profile *profile,
		struct time_prediction *out) {
	struct time_range tests = times(profile->pattern_test, counts->pattern_tests);
	struct time_range walk = times(profile->walked, counts->walked);
	double part = counts->walked > 0
			? (double)counts->walked_for_nothing / (double)counts->walked
			: 0;
	struct time_prediction p = {
		.walking = sum(walk, tests),
		.stat_packets = times(profile->announced, counts->announced),
		.per_file = times(profile->file, counts->files),
		.bytes = times(profile->byte, counts->bytes),
		.round_trips = times(profile->round_trip, counts->round_trips),
		.start = counts->round_trips > 0 ? profile->start : (struct time_range){ 0, 0 },
	};

	p.for_nothing = scaled(p.walking, part, part);
	p.total = sum(sum(sum(p.walking, p.stat_packets), sum(p.per_file, p.bytes)),
			sum(p.round_trips, p.start));
	*out = p;
}
