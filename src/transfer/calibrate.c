/*
 * A profile is fitted to builds that were timed.
 *
 * Each constant is multiplied by a factor e^x. The x that are looked for make this the least:
 *
 *   sum over builds  w ((log predicted - log measured) / spread of the build)^2
 * + sum over factors   (x / spread of the constant)^2
 *
 * The second sum holds each factor at 1 as firmly as its constant's range says (a ridge), so that one build is
 * enough and none can lead astray; what builds tell apart, several of them settle. A build that is far off
 * (others used the computer) weighs less, w < 1 (Huber). It is solved by Gauss and Newton's steps, damped
 * (Levenberg, Marquardt); seven unknowns. The ranges that come out are as wide as is left open.
 */
#include "transfer/transfer.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* what is multiplied by one factor: a build says no more about them apart */
#define NGROUPS 7
#define GROUP_FIELDS 2

struct group {
	size_t fields[GROUP_FIELDS]; /* of struct time_profile; the same twice: one */
	double spread_least;         /* of the logarithm */
};

/* The speed of a line and its round trip are what somebody was told: less sure than their range is wide. */
#define TOLD 0.3

#define FIELD(name) offsetof(struct time_profile, name)
static const struct group groups[NGROUPS] = {
	{ { FIELD(walked), FIELD(pattern_test) }, 0.1 },
	{ { FIELD(announced), FIELD(announced) }, 0.1 },
	{ { FIELD(created), FIELD(file) }, 0.1 },
	{ { FIELD(byte), FIELD(byte) }, 0.1 },
	{ { FIELD(line_byte), FIELD(line_byte) }, TOLD },
	{ { FIELD(round_trip), FIELD(round_trip) }, TOLD },
	{ { FIELD(start), FIELD(start) }, 0.1 },
};

#define SPREAD_OF_A_BUILD 0.1 /* the same build again, on a computer that does little else */
#define FAR_OFF 2.0           /* spreads */
#define STEPS_MAX 60
#define NUDGE 1e-4
#define DAMPING_MOST 1e9

struct problem {
	const struct time_profile *from;
	const struct time_observation *seen;
	size_t nseen;
	double spread[NGROUPS]; /* of the logarithm of each factor, before */
};

/* What is to be solved for a step: matrix * step = -slope. */
struct normal {
	double matrix[NGROUPS][NGROUPS], slope[NGROUPS];
	double cost, misses; /* misses: the builds' part, unweighted */
};

static const struct time_range *field_of(const struct time_profile *p, size_t offset) {
	return (const struct time_range *)(const void *)((const char *)p + offset);
}

static struct time_range *field_to(struct time_profile *p, size_t offset) {
	return (struct time_range *)(void *)((char *)p + offset);
}

/* Half of a range's width, in logarithms. */
static double half_width(struct time_range r) {
	return r.lo > 0 ? log(r.hi / r.lo) / 2 : 0;
}

/* The profile with every constant in the middle of its range, times its factor, and `width` to both sides. */
static struct time_profile profile_at(const struct time_profile *from, const double x[NGROUPS],
		const double width[NGROUPS]) {
	struct time_profile p = *from;

	for (size_t g = 0; g < NGROUPS; g++) {
		for (size_t f = 0; f < GROUP_FIELDS; f++) {
			struct time_range was = *field_of(from, groups[g].fields[f]);
			double middle = time_middle(was) * exp(x[g]);
			double wide = fmin(width[g], half_width(was));
			*field_to(&p, groups[g].fields[f]) =
					(struct time_range){ .lo = middle * exp(-wide),
						.hi = middle * exp(wide) };
		}
	}
	return p;
}

static double predicted(const struct time_counts *counts, const struct time_profile *p) {
	struct time_prediction out;

	time_predict(counts, p, &out);
	return fmax(time_middle(out.total), DBL_MIN);
}

/* Measured, and never less than what the clock can tell. */
static double measured(const struct time_observation *o) {
	return fmax(fmax(o->seconds, o->error_seconds / 2), 1e-6);
}

/* How many spreads the prediction is off, at x. */
static double miss(const struct problem *p, const double x[NGROUPS], size_t i) {
	static const double exact[NGROUPS];
	const struct time_observation *o = &p->seen[i];
	struct time_profile profile = profile_at(p->from, x, exact);
	double clock = o->error_seconds / measured(o);

	return log(predicted(&o->counts, &profile) / measured(o)) /
			sqrt(SPREAD_OF_A_BUILD * SPREAD_OF_A_BUILD + clock * clock);
}

static void add_build(
		const struct problem *p, const double x[NGROUPS], size_t i, struct normal *n) {
	double off = miss(p, x, i), at[NGROUPS], slope[NGROUPS];
	double weight = fabs(off) > FAR_OFF ? FAR_OFF / fabs(off) : 1;

	for (size_t g = 0; g < NGROUPS; g++) {
		for (size_t k = 0; k < NGROUPS; k++) {
			at[k] = x[k] + (k == g ? NUDGE : 0);
		}
		slope[g] = (miss(p, at, i) - off) / NUDGE;
	}
	for (size_t g = 0; g < NGROUPS; g++) {
		n->slope[g] += weight * slope[g] * off;
		for (size_t k = 0; k < NGROUPS; k++) {
			n->matrix[g][k] += weight * slope[g] * slope[k];
		}
	}
	/* Huber's: a square near 0, a straight line far off */
	n->cost += fabs(off) > FAR_OFF ? FAR_OFF * (2 * fabs(off) - FAR_OFF) : off * off;
	n->misses += off * off;
}

static struct normal normal_at(const struct problem *p, const double x[NGROUPS]) {
	struct normal n = { .cost = 0 };

	for (size_t i = 0; i < p->nseen; i++) {
		add_build(p, x, i, &n);
	}
	for (size_t g = 0; g < NGROUPS; g++) {
		double firmness = 1 / (p->spread[g] * p->spread[g]);
		n.matrix[g][g] += firmness;
		n.slope[g] += firmness * x[g];
		n.cost += firmness * x[g] * x[g];
	}
	return n;
}

/* Cholesky's: matrix = lower * its transpose. The ridge keeps it positive. */
static void factor(double m[NGROUPS][NGROUPS], double lower[NGROUPS][NGROUPS]) {
	for (size_t i = 0; i < NGROUPS; i++) {
		for (size_t j = 0; j <= i; j++) {
			double rest = m[i][j];
			for (size_t k = 0; k < j; k++) {
				rest -= lower[i][k] * lower[j][k];
			}
			lower[i][j] = i == j ? sqrt(fmax(rest, DBL_MIN)) : rest / lower[j][j];
		}
	}
}

static void solve(double lower[NGROUPS][NGROUPS], const double right[NGROUPS], double x[NGROUPS]) {
	double half[NGROUPS];

	for (size_t i = 0; i < NGROUPS; i++) {
		double rest = right[i];
		for (size_t k = 0; k < i; k++) {
			rest -= lower[i][k] * half[k];
		}
		half[i] = rest / lower[i][i];
	}
	for (size_t i = NGROUPS; i-- > 0;) {
		double rest = half[i];
		for (size_t k = i + 1; k < NGROUPS; k++) {
			rest -= lower[k][i] * x[k];
		}
		x[i] = rest / lower[i][i];
	}
}

/* One step from x; the damping is what keeps it from going too far. */
static void step(const struct normal *n, double damping, const double x[NGROUPS],
		double out[NGROUPS]) {
	double m[NGROUPS][NGROUPS], lower[NGROUPS][NGROUPS] = { { 0 } }, back[NGROUPS];

	for (size_t i = 0; i < NGROUPS; i++) {
		for (size_t k = 0; k < NGROUPS; k++) {
			m[i][k] = n->matrix[i][k] * (i == k ? 1 + damping : 1);
		}
	}
	factor(m, lower);
	solve(lower, n->slope, back);
	for (size_t i = 0; i < NGROUPS; i++) {
		out[i] = x[i] - back[i];
	}
}

static struct normal minimize(const struct problem *p, double x[NGROUPS]) {
	struct normal now = normal_at(p, x);
	double damping = 1e-3;

	for (int i = 0; i < STEPS_MAX && damping < DAMPING_MOST; i++) {
		double next[NGROUPS];
		step(&now, damping, x, next);
		struct normal there = normal_at(p, next);
		if (there.cost < now.cost) {
			for (size_t g = 0; g < NGROUPS; g++) {
				x[g] = next[g];
			}
			now = there;
			damping /= 10;
		} else {
			damping *= 10;
		}
	}
	return now;
}

/* How far each factor may still be off: the diagonal of the inverse. */
static void left_open(const struct problem *p, struct normal *n, double out[NGROUPS]) {
	double lower[NGROUPS][NGROUPS] = { { 0 } };
	/* builds that do not agree leave more open than the clock does */
	double more = fmax(n->misses / (double)p->nseen, 1);

	factor(n->matrix, lower);
	for (size_t g = 0; g < NGROUPS; g++) {
		double unit[NGROUPS] = { 0 }, column[NGROUPS];
		unit[g] = 1;
		solve(lower, unit, column);
		out[g] = sqrt(column[g] * more);
	}
}

/* The root of the mean square, as a factor: 1.1 is 10 % off. */
static double usual_miss(const struct problem *p, const struct time_profile *profile) {
	double sum = 0;

	for (size_t i = 0; i < p->nseen; i++) {
		double off = log(predicted(&p->seen[i].counts, profile) / measured(&p->seen[i]));
		sum += off * off;
	}
	return exp(sqrt(sum / (double)p->nseen));
}

void time_calibrate(const struct time_observation *seen, size_t nseen, struct time_profile *profile,
		struct time_fit *out) {
	struct problem p = { .from = profile, .seen = seen, .nseen = nseen };
	double x[NGROUPS] = { 0 }, open[NGROUPS];

	if (nseen == 0) {
		*out = (struct time_fit){ 1, 1 };
		return;
	}
	for (size_t g = 0; g < NGROUPS; g++) {
		double wide = half_width(*field_of(profile, groups[g].fields[0]));
		p.spread[g] = fmax(wide, groups[g].spread_least);
	}
	struct normal n = minimize(&p, x);
	left_open(&p, &n, open);
	struct time_profile fitted = profile_at(profile, x, open);
	*out = (struct time_fit){ .before = usual_miss(&p, profile),
		.after = usual_miss(&p, &fitted) };
	*profile = fitted;
}
