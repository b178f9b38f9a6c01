/* A profile fitted to builds: what one of them tells, what several do, and what stays as it was. */
#include "support/expect.h"
#include "transfer/transfer.h"

#include <criterion/theories.h>
#include <math.h>

#define NBUILDS 8

/* Contexts that have little in common: few large files, many small ones, nothing changed, a long walk. */
static const struct time_counts shapes[NBUILDS] = {
	{ 5, 0, 0, 5, 200, 5, 3, 8000000, 2 },
	{ 2000, 0, 0, 2000, 80000, 2000, 1900, 700000, 2 },
	{ 9000, 0, 0, 9000, 330000, 0, 0, 330002, 2 },
	{ 60000, 55000, 900000, 100, 4000, 100, 90, 900000, 2 },
	{ 300, 0, 0, 300, 12000, 300, 280, 3000000, 2 },
	{ 40, 0, 0, 40, 1600, 0, 0, 1602, 2 },
	{ 800, 0, 16000, 800, 31000, 800, 20, 2500000, 2 },
	{ 12000, 0, 0, 12000, 500000, 12000, 11000, 4000000, 2 },
};

static struct time_profile told(void) {
	return time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE, 2e6, 0.05);
}

static struct time_range total(const struct time_profile *profile, size_t shape) {
	struct time_prediction p;

	time_predict(&shapes[shape], profile, &p);
	return p.total;
}

static double middle(const struct time_profile *profile, size_t shape) {
	return time_middle(total(profile, shape));
}

/* A line that is not what was told: 1.2 MB/s and 90 ms; and a slow computer. */
static struct time_profile real(void) {
	struct time_profile p = time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE, 1.2e6, 0.09);

	p.created.lo = p.created.hi = 120e-6;
	p.announced.lo = p.announced.hi = 20e-6;
	p.file.lo = p.file.hi = 110e-6;
	p.walked.lo = p.walked.hi = 12e-6;
	return p;
}

static void observe(struct time_observation *seen, size_t n) {
	struct time_profile is = real();

	for (size_t i = 0; i < n; i++) {
		seen[i] = (struct time_observation){ shapes[i], middle(&is, i), 0.05 };
	}
}

Test(transfer_calibrate, one_build_is_enough_to_foretell_its_like) {
	struct time_profile profile = told(), is = real();
	struct time_observation seen[1];
	struct time_fit fit;

	observe(seen, 1);
	double before = middle(&profile, 4) / middle(&is, 4);
	time_calibrate(seen, 1, &profile, &fit);
	cr_expect(lt(dbl, before, 0.7));
	cr_expect(lt(dbl, fabs(middle(&profile, 0) / middle(&is, 0) - 1), 0.1));
	cr_expect(lt(dbl, fabs(middle(&profile, 4) / middle(&is, 4) - 1), 0.1));
	cr_expect(all(gt(dbl, fit.before, 1.4), lt(dbl, fit.after, 1.1)));
}

Test(transfer_calibrate, several_builds_tell_line_and_computers_apart) {
	struct time_profile profile = told(), is = real();
	struct time_observation seen[5];
	struct time_fit fit;

	observe(seen, 5);
	time_calibrate(seen, 5, &profile, &fit);
	for (size_t i = 0; i < NBUILDS; i++) { /* three of them were not seen */
		cr_expect(lt(dbl, fabs(middle(&profile, i) / middle(&is, i) - 1), 0.15), "%zu", i);
	}
}

Test(transfer_calibrate, what_no_build_tells_stays_as_it_was) {
	const struct time_observation seen[] = {
		{ { .announced = 3, .bytes = 8000000, .round_trips = 2 }, 9.0, 0.05 }
	};
	struct time_profile before = told(), after = before;
	struct time_fit fit;

	time_calibrate(seen, 1, &after, &fit);
	cr_expect(lt(dbl, fabs(time_middle(after.walked) / time_middle(before.walked) - 1), 1e-6));
	cr_expect(lt(dbl, fabs(time_middle(after.file) / time_middle(before.file) - 1), 0.01));
	cr_expect(gt(dbl, time_middle(after.line_byte), 1.5 * time_middle(before.line_byte)));
}

Test(transfer_calibrate, nothing_changes_nothing) {
	struct time_profile before = told(), after = before;
	struct time_fit fit;

	time_calibrate(NULL, 0, &after, &fit);
	for (size_t i = 0; i < NBUILDS; i++) {
		cr_expect(eq(dbl, total(&after, i).lo, total(&before, i).lo));
		cr_expect(eq(dbl, total(&after, i).hi, total(&before, i).hi));
	}
	cr_expect(all(eq(dbl, fit.before, 1.0), eq(dbl, fit.after, 1.0)));
}

Test(transfer_calibrate, each_build_more_makes_ranges_narrower_or_leaves_them) {
	struct time_observation seen[NBUILDS];
	double last = INFINITY;

	observe(seen, NBUILDS);
	for (size_t n = 0; n <= NBUILDS; n++) {
		struct time_profile profile = told();
		struct time_fit fit;
		time_calibrate(seen, n, &profile, &fit);
		struct time_range r = total(&profile, 1);
		cr_expect(le(dbl, r.hi / r.lo, last * 1.02), "%zu builds", n);
		last = r.hi / r.lo;
	}
}

Test(transfer_calibrate, one_that_is_far_off_is_not_believed) {
	struct time_profile profile = told(), is = real();
	struct time_observation seen[NBUILDS];
	struct time_fit fit;

	observe(seen, NBUILDS);
	seen[4].seconds *= 10; /* the computer did something else */
	time_calibrate(seen, NBUILDS, &profile, &fit);
	for (size_t i = 0; i < NBUILDS; i++) {
		cr_expect(lt(dbl, fabs(middle(&profile, i) / middle(&is, i) - 1), 0.3), "%zu", i);
	}
}

TheoryDataPoints(transfer_calibrate, any_time_gives_a_profile_that_can_be_used) = {
	DataPoints(double, 0.0, 1e-9, 0.04, 3.0, 1e9),
	DataPoints(double, 0.0, 0.05, 5.0),
	DataPoints(int, TIME_LOCAL, TIME_DESKTOP, TIME_REMOTE),
	DataPoints(size_t, 0, 2, 3, 5),
};

Theory((double seconds, double error, int place, size_t shape), transfer_calibrate,
		any_time_gives_a_profile_that_can_be_used) {
	struct time_profile profile =
			time_profile(TNG_ENGINE_BUILDKIT, (enum time_place)place, 0, -1);
	const struct time_observation seen[] = { { shapes[shape], seconds, error } };
	struct time_fit fit;

	time_calibrate(seen, 1, &profile, &fit);
	struct time_range r = total(&profile, shape);
	cr_expect(all(gt(dbl, r.lo, 0.0), le(dbl, r.lo, r.hi), lt(dbl, r.hi, 1e12)));
	cr_expect(all(ge(dbl, fit.before, 1.0), lt(dbl, fit.before, 1e300)));
	cr_expect(le(dbl, fit.after, fit.before * (1 + 1e-9)));
}
