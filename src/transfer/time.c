/*
 * How long a transfer takes: counts by constants, each a range.
 *
 *   walking        the client lists, looks at each entry, and tries the patterns on it
 *   stat packets   each entry that is sent is announced, and compared with what the builder has
 *   per file       asked for, opened, and on the other side created, written, and put in place
 *   bytes          read, sent, written
 *   round trips    of the network, while nothing else goes on
 *
 * BuildKit's client walks, announces and sends at the same time, and the daemon asks for each file as soon as it
 * has heard of it (fsutil, send.go and receive.go). So what the computers do and what the line does overlap, and
 * the slower of the two is what it takes; on one computer all parts share its processors, and add up:
 *
 *   time = start + round trips + walking + max(computers, line)      at most
 *   time = start + round trips + max(walking + computers, line)      at least
 *
 * Walking is on top when what is excluded comes before what is sent, as node_modules before src.
 *
 * Where a constant comes from. [m] was measured with dockerd 28.5 (buildx 0.29, ext4) on two cores of a virtual
 * machine with dear system calls, which is the upper end; the lower end is what the same costs on hardware
 * whose system calls are 3 times cheaper.
 */
#include "transfer/transfer.h"

#include <math.h>

static const struct time_profile local = {
	/* [m] 20,000 excluded entries, walked for an exception: 6 us each */
	.walked = { 2e-6, 8e-6 },
	/* [m] a name 0.05 us, a pattern with a wildcard 0.5 us; a mix of 60 that was timed alone: 0.13 us */
	.pattern_test = { 0.04e-6, 0.4e-6 },
	/* [m] 20,000 empty files, unchanged: 22 us each, the walk included */
	.announced = { 5e-6, 18e-6 },
	/* [m] the same at first: 70 to 90 us more; with 4 KiB in each 130; 10,000 empty directories: 70 */
	.created = { 15e-6, 70e-6 },
	.file = { 25e-6, 70e-6 },
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
	.created = { 20e-6, 150e-6 },
	.file = { 30e-6, 200e-6 },
	.byte = { 1 / 400e6, 1 / 45e6 },
	.round_trip = { 0.2e-3, 2e-3 },
	.start = { 2e-3, 30e-3 },
};

/* Ethernet, IP, TCP and TLS take 4 to 12 % of the line; a link is rarely all ours. */
static const struct time_range line_share = { 1.04, 1.25 };

/* Around each of BuildKit's packets: a frame of HTTP/2 (9 bytes), and gRPC's length and flag (5). */
#define FRAME_BYTES 14

/* The call and the first answer; the end (FIN) and its answer. [m] 2.0 unchanged, 3.0 when files are asked for */
#define ROUND_TRIPS_OF_A_CALL 2

/*
 * gRPC begins with a window of 64 KiB and doubles it as the line allows (grpc-go, bdpEstimator): until it is as
 * much as fits on the line, the sender waits. The estimator sees that a window is full one round trip late.
 * [m] at 80 ms: 0.14s at 16 Mbit, 0.30s at 50 Mbit. TCP's slow start is like it.
 */
#define WINDOW_BYTES 65536
static const struct time_range waits_per_window = { 1.5, 2.5 };

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

/* Below what a pattern excludes: the exclusions before that pattern are tried, and the exceptions behind it, for
 * only these could change the verdict so far (patternmatcher.go, MatchesUsingParentResults). */
static uint64_t count_tests_below(const struct ignore_set *set, uint32_t decider) {
	uint64_t n = 0;

	for (uint32_t i = 0; i < ignore_npatterns(set); i++) {
		bool is_exception = ignore_pattern(set, i)->is_exception;
		n += i < decider ? !is_exception : i > decider && is_exception;
	}
	return n;
}

static void count_walk(struct time_counts *c, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set) {
	uint32_t decider =
			IGNORE_NO_PATTERN; /* of the last such row: most are one behind the other */
	uint64_t npatterns = set != NULL ? ignore_npatterns(set) : 0, ntests = 0;

	c->walked = plan->nwalked;
	c->pattern_tests = plan->nwalked * (plan->nincludes + npatterns);
	if (set == NULL || !ignore_has_exceptions(set)) {
		return;
	}
	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		if (!is_for_nothing(tree, plan, set, row)) {
			continue;
		}
		if (plan->decider[row] != decider) {
			decider = plan->decider[row];
			ntests = count_tests_below(set, decider);
		}
		c->walked_for_nothing++;
		c->pattern_tests -= npatterns - ntests;
	}
}

struct time_counts time_count(enum tng_engine engine, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set,
		const struct transfer_wire *wire, bool again) {
	struct time_counts c = { 0 };

	count_walk(&c, tree, plan, set);
	if (engine == TNG_ENGINE_PODMAN) {
		c.announced = plan->eligible.nentries; /* copied, each time */
		c.created = c.announced;
		c.files = plan->eligible.nfiles;
		c.bytes = plan->eligible.bytes;
	} else if (wire->happens) {
		c.announced = wire->npackets;
		c.announced_bytes = wire->stat_bytes;
		c.files = again ? wire->nrequests_unchanged : wire->nrequests;
		/* classic's daemon unpacks all of it again */
		c.created = again && engine == TNG_ENGINE_BUILDKIT ? c.files : c.announced;
		c.bytes = again ? wire->unchanged : wire->first;
		c.round_trips = ROUND_TRIPS_OF_A_CALL;
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
		p.line_byte = scaled(line_share, 1 / bytes_per_second, 1 / bytes_per_second);
	}
	if (place == TIME_REMOTE && round_trip < 0) {
		round_trip = TIME_ROUND_TRIP_DEFAULT;
	}
	if (round_trip >= 0) {
		struct time_range network = { round_trip, round_trip };
		p.round_trip = sum(p.round_trip, network);
	}
	p.asks = engine == TNG_ENGINE_BUILDKIT;
	p.frame_bytes = p.asks ? FRAME_BYTES : 0;
	if (engine == TNG_ENGINE_CLASSIC) {
		/* it looks at everything once to see whether it may be read, then again to send it */
		p.walked = scaled(p.walked, 2, 2);
		p.pattern_test = scaled(p.pattern_test, 2, 2);
	}
	return p;
}

/* One end of all ranges: the constants, and then the parts of a time. */
struct part {
	double walking, stat_packets, per_file, bytes;
};

static double end(struct time_range r, bool is_hi) {
	return is_hi ? r.hi : r.lo;
}

static double sum_of(const struct part *p) {
	return p->walking + p->stat_packets + p->per_file + p->bytes;
}

static struct part of_computers(
		const struct time_counts *n, const struct time_profile *p, bool is_hi) {
	return (struct part){
		.walking = (double)n->walked * end(p->walked, is_hi) +
				(double)n->pattern_tests * end(p->pattern_test, is_hi),
		.stat_packets = (double)n->announced * end(p->announced, is_hi),
		.per_file = (double)n->created * end(p->created, is_hi) +
				(double)n->files * end(p->file, is_hi),
		.bytes = (double)n->bytes * end(p->byte, is_hi),
	};
}

static struct part of_line(const struct time_counts *n, const struct time_profile *p, bool is_hi) {
	double byte = end(p->line_byte, is_hi), frame = byte * p->frame_bytes;

	return (struct part){
		.stat_packets = (double)n->announced_bytes * byte + (double)n->announced * frame,
		.per_file = (double)n->files * 2 * frame,
		.bytes = (double)(n->bytes - n->announced_bytes) * byte,
	};
}

/* The parts of the slower of the two. At most the walk has nothing beside it. */
static struct part slower(const struct time_counts *n, const struct time_profile *p, bool is_hi) {
	struct part computers = of_computers(n, p, is_hi), line = of_line(n, p, is_hi);

	if (is_hi) {
		line.walking = computers.walking;
	}
	return sum_of(&line) > sum_of(&computers) ? line : computers;
}

/* While the window is too small for the line, the sender waits for word from the other end. */
static double window_waits(const struct time_counts *n, const struct time_profile *p, bool is_hi) {
	double byte = end(p->line_byte, is_hi), round_trip = end(p->round_trip, is_hi);
	double left = (double)n->bytes, waits = 0;

	double window = WINDOW_BYTES;
	while (left > window && window * byte < round_trip && byte > 0) {
		waits += round_trip - window * byte;
		left -= window;
		window *= 2;
	}
	return waits * end(waits_per_window, is_hi);
}

static double in_round_trips(const struct time_counts *n, const struct time_profile *p,
		double announcing, bool is_hi) {
	double round_trip = end(p->round_trip, is_hi);
	bool asks = p->asks && n->files > 0;
	double asking = asks && announcing < round_trip ? round_trip - announcing : 0;

	return n->round_trips == 0
			? 0
			: (double)n->round_trips * round_trip + asking + window_waits(n, p, is_hi);
}

/* The quicker announcing is, the less of a round trip it hides: so the lower end may have the longer wait. */
static struct time_range ordered(double a, double b) {
	return a < b ? (struct time_range){ a, b } : (struct time_range){ b, a };
}

void time_predict(const struct time_counts *counts, const struct time_profile *profile,
		struct time_prediction *out) {
	struct part lo = slower(counts, profile, false), hi = slower(counts, profile, true);
	double part = counts->walked > 0
			? (double)counts->walked_for_nothing / (double)counts->walked
			: 0;
	struct time_prediction p = {
		.walking = { lo.walking, hi.walking },
		.stat_packets = { lo.stat_packets, hi.stat_packets },
		.per_file = { lo.per_file, hi.per_file },
		.bytes = { lo.bytes, hi.bytes },
		.round_trips = ordered(in_round_trips(counts, profile, lo.stat_packets, false),
				in_round_trips(counts, profile, hi.stat_packets, true)),
		.start = counts->round_trips > 0 ? profile->start : (struct time_range){ 0, 0 },
	};

	p.for_nothing = scaled(p.walking, part, part);
	p.total = sum((struct time_range){ sum_of(&lo), sum_of(&hi) }, sum(p.round_trips, p.start));
	*out = p;
}

double time_middle(struct time_range range) {
	return range.lo > 0 ? sqrt(range.lo * range.hi) : range.hi / 2;
}
