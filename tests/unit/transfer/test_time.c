/* What takes time, counted by hand on small trees; and the seconds that the counts make. */
#include "support/expect.h"
#include "unit/transfer/planned.h"

#include <criterion/parameterized.h>
#include <criterion/theories.h>
#include <math.h>

static struct time_counts counts_of(
		struct planned *p, enum tng_engine engine, const uint8_t *changed, bool again) {
	const struct wire_options options = { .engine = engine, .changed = changed };
	struct transfer_wire wire = { 0 };

	cr_assert(eq(int, p->code, TNG_OK));
	cr_assert(eq(int, transfer_wire(p->arena, p->tree, &p->plan, &options, &wire, NULL),
			TNG_OK));
	return time_count(engine, p->tree, &p->plan, p->set, &wire, again);
}

struct walk_case {
	char why[80], items[96], ignore[40];
	enum tng_engine engine;
	uint64_t walked, for_nothing, tests, announced, files;
};

ParameterizedTestParameters(transfer_time, a_walk_is_counted_as_the_builder_makes_it) {
	static struct walk_case cases[] = {
		{ "no patterns: all is looked at, and sent", "a/ a/x a/y b", "",
				TNG_ENGINE_BUILDKIT, 4, 0, 0, 4, 3 },
		{ "an excluded directory is looked at, and not entered", "a/ a/x a/y b", "a",
				TNG_ENGINE_BUILDKIT, 2, 0, 2, 1, 1 },
		{ "an exception with a wildcard: entered, and two of it for nothing",
				"a/ a/x a/y b", "a\n!**/z", TNG_ENGINE_BUILDKIT, 4, 2, 6, 1, 1 },
		{ "what it brings back is not for nothing", "a/ a/x a/z b", "a\n!**/z",
				TNG_ENGINE_BUILDKIT, 4, 1, 7, 3, 2 },
		{ "classic does not enter for a wildcard", "a/ a/x a/y b", "a\n!**/z",
				TNG_ENGINE_CLASSIC, 2, 0, 4, 1, 1 },
		{ "a sent directory: what is excluded in it has to be looked at", "a/ a/x a/y b",
				"a/x\n!c", TNG_ENGINE_BUILDKIT, 4, 0, 8, 3, 2 },
		{ "below what is excluded: exclusions before that line, exceptions behind it",
				"a/ a/p b", "q\na\nr\n!**/z", TNG_ENGINE_BUILDKIT, 3, 1, 10, 1, 1 },
		{ "podman copies", "a/ a/x a/y b", "b", TNG_ENGINE_PODMAN, 4, 0, 4, 3, 2 },
	};
	return cr_make_param_array(struct walk_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct walk_case *c, transfer_time, a_walk_is_counted_as_the_builder_makes_it) {
	struct planned p = plan_text(c->items, c->ignore, c->engine, "");
	struct time_counts n = counts_of(&p, c->engine, NULL, false);

	cr_expect(eq(u64, n.walked, c->walked), "%s", c->why);
	cr_expect(eq(u64, n.walked_for_nothing, c->for_nothing), "%s", c->why);
	cr_expect(eq(u64, n.pattern_tests, c->tests), "%s", c->why);
	cr_expect(eq(u64, n.announced, c->announced), "%s", c->why);
	cr_expect(eq(u64, n.files, c->files), "%s", c->why);
	planned_fini(&p);
}

Test(transfer_time, an_unchanged_build_announces_all_and_sends_what_changed) {
	struct planned p = plan_text("a/ a/x a/y b", "", TNG_ENGINE_BUILDKIT, "");
	uint8_t changed[5] = { 0 };
	struct time_counts cold = counts_of(&p, TNG_ENGINE_BUILDKIT, NULL, false);
	struct time_counts warm = counts_of(&p, TNG_ENGINE_BUILDKIT, NULL, true);

	changed[planned_row(&p, "a/y")] = 1;
	changed[planned_row(&p, "a")] = 1; /* a directory has no content */
	struct time_counts one = counts_of(&p, TNG_ENGINE_BUILDKIT, changed, true);
	cr_expect(eq(u64, warm.announced, cold.announced));
	cr_expect(eq(u64, warm.files, 0));
	cr_expect(lt(u64, warm.bytes, cold.bytes));
	cr_expect(eq(u64, one.files, 1));
	cr_expect(all(eq(u64, cold.created, 4), eq(u64, warm.created, 0), eq(u64, one.created, 1)));
	cr_expect(eq(u64, warm.announced_bytes + 2, warm.bytes));
	cr_expect(eq(u64, cold.announced_bytes, warm.announced_bytes));
	cr_expect(all(gt(u64, one.bytes, warm.bytes), lt(u64, one.bytes, cold.bytes)));
	planned_fini(&p);
}

Test(transfer_time, classic_sends_everything_again) {
	struct planned p = plan_text("a/ a/x b", "", TNG_ENGINE_CLASSIC, "");
	struct time_counts cold = counts_of(&p, TNG_ENGINE_CLASSIC, NULL, false);
	struct time_counts warm = counts_of(&p, TNG_ENGINE_CLASSIC, NULL, true);

	cr_expect(eq(u64, warm.files, cold.files));
	cr_expect(eq(u64, warm.bytes, cold.bytes));
	cr_expect(eq(u64, warm.created, cold.created));
	planned_fini(&p);
}

static struct time_prediction predict(struct time_counts counts, enum time_place place) {
	struct time_profile profile = time_profile(TNG_ENGINE_BUILDKIT, place, 0, -1);
	struct time_prediction p;

	time_predict(&counts, &profile, &p);
	return p;
}

Test(transfer_time, only_buildkit_asks_for_files_which_takes_a_round_trip) {
	const struct time_counts none = { .announced = 3, .round_trips = 2 };
	const struct time_counts one = { .announced = 3, .files = 1, .round_trips = 2 };
	const enum tng_engine engines[] = { TNG_ENGINE_BUILDKIT, TNG_ENGINE_CLASSIC };

	for (size_t i = 0; i < 2; i++) {
		struct time_profile profile = time_profile(engines[i], TIME_REMOTE, 1e9, 1);
		struct time_prediction p[2];
		time_predict(&none, &profile, &p[0]);
		time_predict(&one, &profile, &p[1]);
		double more = p[1].round_trips.lo - p[0].round_trips.lo;
		cr_expect(i == 0 ? more > 0.9 : more < 0.001);
	}
}

Test(transfer_time, the_default_remote_line_moves_100MB_in_16_to_20_seconds) {
	struct time_prediction p = predict(
			(struct time_counts){ .bytes = 100000000, .files = 1, .round_trips = 2 },
			TIME_REMOTE);

	/* 800 Mbit over 50 Mbit/s, and what the line itself takes */
	cr_expect(all(ge(dbl, p.bytes.lo, 16.0), le(dbl, p.bytes.hi, 20.0)));
	/* three of 40 ms, and the windows that are smaller than the line is long */
	cr_expect(all(ge(dbl, p.round_trips.lo, 0.12), le(dbl, p.round_trips.hi, 0.3)));
}

/* dockerd 28.5 behind a link of so many bits a second, and so long on the way and back. */
struct line_case {
	char why[32];
	double bits, round_trip;
	struct time_counts n;
	double seconds;
};

ParameterizedTestParameters(transfer_time, a_line_is_predicted_as_it_was_measured) {
	static struct line_case cases[] = {
		{ "three large files", 4e6, 0.08, { 5, 0, 0, 5, 200, 5, 5, 750388, 2 }, 1.759 },
		{ "the same over a wide line", 50e6, 0.08, { 5, 0, 0, 5, 200, 5, 5, 9377500, 2 },
				2.045 },
		{ "unchanged", 4e6, 0.08, { 2097, 0, 0, 2097, 72247, 0, 0, 72249, 2 }, 0.369 },
		{ "a few, unchanged", 8e6, 0.04, { 5, 0, 0, 5, 146, 0, 0, 148, 2 }, 0.083 },
		{ "tiny", 8e6, 0.04, { 9, 0, 0, 9, 290, 9, 7, 52046, 2 }, 0.176 },
		{ "300 files", 4e6, 0.08, { 305, 0, 0, 305, 11000, 305, 302, 378613, 2 }, 0.999 },
		{ "1000 very small files", 4e6, 0.08,
				{ 1008, 0, 0, 1008, 37000, 1008, 1001, 105788, 2 }, 0.475 },
		{ "the computers are slower", 16e6, 0.01,
				{ 4023, 0, 0, 4023, 148000, 4023, 4001, 426788, 2 }, 0.426 },
	};
	return cr_make_param_array(struct line_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct line_case *c, transfer_time, a_line_is_predicted_as_it_was_measured) {
	struct time_profile profile =
			time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE, c->bits / 8, c->round_trip);
	struct time_prediction p;

	time_predict(&c->n, &profile, &p);
	/* the link had no TCP in it: the whole of it was to be had */
	cr_expect(gt(dbl, c->seconds, 0.93 * p.total.lo), "%s", c->why);
	cr_expect(lt(dbl, c->seconds, p.total.hi), "%s", c->why);
	cr_expect(lt(dbl, fabs(time_middle(p.total) / c->seconds - 1), 0.25), "%s", c->why);
}

static double parts_at(const struct time_prediction *p, bool is_hi) {
	const struct time_range parts[] = { p->walking, p->stat_packets, p->per_file, p->bytes,
		p->round_trips, p->start };
	double sum = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		sum += is_hi ? parts[i].hi : parts[i].lo;
	}
	return sum;
}

TheoryDataPoints(transfer_time, the_parts_are_all_of_it_and_more_of_anything_is_never_faster) = {
	DataPoints(int, 0, 1, 2, 3, 4, 5),
	DataPoints(double, 1e4, 1e6, 1e9),
	DataPoints(uint64_t, 1, 1000, 1000000),
};

Theory((int which, double bytes_per_second, uint64_t more), transfer_time,
		the_parts_are_all_of_it_and_more_of_anything_is_never_faster) {
	struct time_counts n = { 1000, 100, 5000, 800, 40000, 750, 700, 1000000, 2 };
	uint64_t *const field[] = { &n.walked, &n.pattern_tests, &n.announced, &n.created, &n.files,
		&n.bytes };
	struct time_profile profile =
			time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE, bytes_per_second, 0.02);
	struct time_prediction before, after;

	time_predict(&n, &profile, &before);
	*field[which] += more;
	time_predict(&n, &profile, &after);
	cr_expect(all(lt(dbl, fabs(parts_at(&after, false) - after.total.lo), 1e-9),
			lt(dbl, fabs(parts_at(&after, true) - after.total.hi), 1e-9)));
	cr_expect(le(dbl, after.total.lo, after.total.hi));
	cr_expect(ge(dbl, after.total.lo, before.total.lo - 1e-9));
	cr_expect(ge(dbl, after.total.hi, before.total.hi - 1e-9));
}

Test(transfer_time, what_the_computers_do_beside_a_slow_line_costs_nothing_at_least) {
	struct time_counts n = {
		.walked = 1000, .announced = 10, .bytes = 10000000, .round_trips = 2
	};
	struct time_prediction few = predict(n, TIME_REMOTE), many;

	n.walked = 10000;
	many = predict(n, TIME_REMOTE);
	cr_expect(eq(dbl, few.total.lo, many.total.lo));
	cr_expect(gt(dbl, many.total.hi, few.total.hi));
	cr_expect(eq(dbl, many.walking.lo, 0.0));
}

Test(transfer_time, the_local_model_is_right_about_what_was_measured) {
	/* dockerd 28.5, two cores: 20,000 empty files in 201 directories took 1.8 to 2.2s at first, 0.44 to
	 * 0.47s unchanged; 4 KiB in each: 3.3s at first */
	struct time_counts counts = { .walked = 20202,
		.announced = 20202,
		.announced_bytes = 640000,
		.created = 20202,
		.files = 20001,
		.bytes = 686717,
		.round_trips = 2 };
	struct time_prediction p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 1.8), gt(dbl, p.total.hi, 2.2)));
	counts.files = counts.created = 0;
	p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 0.44), gt(dbl, p.total.hi, 0.47)));
	counts.files = 20001;
	counts.created = 20202;
	counts.bytes = 82830374;
	p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 3.3), gt(dbl, p.total.hi, 3.3)));
}

Test(transfer_time, a_slow_line_is_a_limit_for_a_quick_place) {
	const struct time_counts n = { .announced = 1, .bytes = 10000000, .round_trips = 2 };
	struct time_profile fast = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 100e9, -1);
	struct time_profile plain = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 0, -1);
	struct time_profile slow = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 1e6, -1);
	struct time_prediction p[3];

	time_predict(&n, &fast, &p[0]);
	time_predict(&n, &plain, &p[1]);
	time_predict(&n, &slow, &p[2]);
	cr_expect(eq(dbl, p[0].bytes.hi, p[1].bytes.hi));
	cr_expect(gt(dbl, p[2].bytes.lo, 9.99));
}

TheoryDataPoints(transfer_time, on_one_computer_seconds_are_linear_in_each_count) = {
	DataPoints(int, TIME_LOCAL, TIME_DESKTOP),
	DataPoints(int, 0, 1, 2, 3, 4, 5),
};

Theory((int place, int which), transfer_time, on_one_computer_seconds_are_linear_in_each_count) {
	struct time_counts base = { 1000, 100, 5000, 800, 40000, 750, 700, 1000000, 2 };
	uint64_t *const field[] = { &base.walked, &base.pattern_tests, &base.announced,
		&base.created, &base.files, &base.bytes };
	uint64_t step = *field[which];
	double hi[3], lo[3];

	for (int i = 0; i < 3; i++) {
		struct time_prediction p = predict(base, (enum time_place)place);
		hi[i] = p.total.hi;
		lo[i] = p.total.lo;
		*field[which] += step;
	}
	cr_expect(lt(dbl, fabs(hi[2] - hi[1] - (hi[1] - hi[0])), 1e-9));
	cr_expect(all(gt(dbl, hi[1], hi[0]), gt(dbl, lo[1], lo[0]), le(dbl, lo[0], hi[0])));
}

/* 10 to 13 ms of announcing hide so much of a round trip of 30 ms: more of it at the upper end. */
Test(transfer_time, the_ends_of_round_trips_are_in_order) {
	struct time_counts counts = { .walked = 400,
		.announced = 400,
		.announced_bytes = 20000,
		.created = 300,
		.files = 300,
		.bytes = 20000000,
		.round_trips = 2 };
	struct time_profile profile = time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE, 2.5e6, 30e-3);
	struct time_prediction p;

	time_predict(&counts, &profile, &p);

	cr_expect(lt(dbl, p.round_trips.lo, p.round_trips.hi));
	cr_expect(lt(dbl, p.total.lo, p.total.hi));
}
