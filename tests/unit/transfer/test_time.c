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
	char why[64], items[96], ignore[40];
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
	cr_expect(all(gt(u64, one.bytes, warm.bytes), lt(u64, one.bytes, cold.bytes)));
	planned_fini(&p);
}

Test(transfer_time, classic_sends_everything_again) {
	struct planned p = plan_text("a/ a/x b", "", TNG_ENGINE_CLASSIC, "");
	struct time_counts cold = counts_of(&p, TNG_ENGINE_CLASSIC, NULL, false);
	struct time_counts warm = counts_of(&p, TNG_ENGINE_CLASSIC, NULL, true);

	cr_expect(eq(u64, warm.files, cold.files));
	cr_expect(eq(u64, warm.bytes, cold.bytes));
	planned_fini(&p);
}

static struct time_prediction predict(struct time_counts counts, enum time_place place) {
	struct time_profile profile = time_profile(TNG_ENGINE_BUILDKIT, place, 0, -1);
	struct time_prediction p;

	time_predict(&counts, &profile, &p);
	return p;
}

Test(transfer_time, the_default_remote_line_moves_100MB_in_16_to_20_seconds) {
	struct time_prediction p = predict(
			(struct time_counts){ .bytes = 100000000, .round_trips = 3 }, TIME_REMOTE);

	/* 800 Mbit over 50 Mbit/s, and what the line itself takes */
	cr_expect(all(ge(dbl, p.bytes.lo, 16.0), le(dbl, p.bytes.hi, 20.0)));
	cr_expect(all(ge(dbl, p.round_trips.lo, 0.12), le(dbl, p.round_trips.hi, 0.13)));
}

Test(transfer_time, the_local_model_is_right_about_what_was_measured) {
	/* dockerd 28.5, two cores: 20,000 empty files in 201 directories took 1.8 to 2.2s at first, 0.44 to
	 * 0.47s unchanged; 4 KiB in each: 3.3s at first */
	struct time_counts counts = { .walked = 20202,
		.announced = 20202,
		.files = 20001,
		.bytes = 686717,
		.round_trips = 7 };
	struct time_prediction p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 1.8), gt(dbl, p.total.hi, 2.2)));
	counts.files = 0;
	p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 0.44), gt(dbl, p.total.hi, 0.47)));
	counts.files = 20001;
	counts.bytes = 82830374;
	p = predict(counts, TIME_LOCAL);
	cr_expect(all(lt(dbl, p.total.lo, 3.3), gt(dbl, p.total.hi, 3.3)));
}

Test(transfer_time, a_slow_line_is_a_limit_for_a_quick_place) {
	struct time_profile fast = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 100e9, -1);
	struct time_profile plain = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 0, -1);
	struct time_profile slow = time_profile(TNG_ENGINE_BUILDKIT, TIME_LOCAL, 1e6, -1);

	cr_expect(eq(dbl, fast.byte.hi, plain.byte.hi));
	cr_expect(gt(dbl, slow.byte.lo, 0.99e-6));
}

TheoryDataPoints(transfer_time, seconds_are_linear_in_each_count) = {
	DataPoints(int, TIME_LOCAL, TIME_DESKTOP, TIME_REMOTE),
	DataPoints(int, 0, 1, 2, 3, 4),
};

Theory((int place, int which), transfer_time, seconds_are_linear_in_each_count) {
	struct time_counts base = { 1000, 100, 5000, 800, 700, 1000000, 4 };
	uint64_t *const field[] = { &base.walked, &base.pattern_tests, &base.announced, &base.files,
		&base.bytes };
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
