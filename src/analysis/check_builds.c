/*
 * What the rules of `tonnage check` get to know of each build. Builds that read the same ignore file are a
 * group: the ledger, what sources lack, and what is sent together are found once, for the first of them.
 */
#include "analysis/internal.h"

static enum tng_code fill_ledger(struct arena *a, const struct analysis *an,
		const struct build *build, struct check_build *out, struct tng_error *err) {
	struct ledger *ledger = arena_new(a, struct ledger, 1);

	if (ledger == NULL) {
		return error_nomem(err);
	}
	out->ledger = ledger;
	return build_ledger(a, an, build, ledger, err);
}

/* What all builds of an ignore file lack under it, each its own; `number`: which build each of them is. */
static enum tng_code share_lacks(struct arena *a, const struct verify_loss *all, size_t nall,
		const size_t *number, size_t nbuilds, struct check_build *out,
		struct tng_error *err) {
	struct verify_loss *lacks = arena_new(a, struct verify_loss, nall);
	size_t n = 0;

	if (lacks == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < nbuilds; i++) {
		struct check_build *b = &out[number[i]];
		b->lacks = &lacks[n];
		for (size_t k = 0; k < nall; k++) {
			if (all[k].build == i) {
				lacks[n++] = all[k];
				b->nlacks++;
			}
		}
	}
	return TNG_OK;
}

static enum tng_code fill_lacks(struct arena *a, const struct analysis *an, size_t first,
		struct check_build *out, struct tng_error *err) {
	const struct build *build = &an->builds[first];
	struct verify_build *builds = arena_new(a, struct verify_build, an->nbuilds);
	size_t *number = arena_new(a, size_t, an->nbuilds);
	struct verify_lacks_input input = {
		.tree = an->tree,
		.engine = build->context.engine,
		.builds = builds,
		.set = build->patterns,
		.plan = &build->plan,
	};
	const struct verify_loss *all = NULL;
	size_t nall = 0;

	if (builds == NULL || number == NULL) {
		return error_nomem(err);
	}
	for (size_t i = first; i < an->nbuilds; i++) {
		if (out[i].ignore_file_of == first && an->builds[i].sources != NULL) {
			number[input.nbuilds] = i;
			builds[input.nbuilds++] =
					(struct verify_build){ .sources = an->builds[i].sources };
		}
	}
	if (input.nbuilds == 0) {
		return TNG_OK;
	}
	enum tng_code code = verify_lacks(a, &input, &all, &nall, err);
	return code == TNG_OK ? share_lacks(a, all, nall, number, input.nbuilds, out, err) : code;
}

static enum tng_code fill_asked(struct arena *a, const struct build *build, struct check_build *out,
		struct tng_error *err) {
	uint64_t *nasked = arena_new(a, uint64_t, build->sources->nsources);

	if (nasked == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < build->sources->nsources; i++) {
		nasked[i] = build->source_weights[i].asked.nentries;
	}
	out->nasked = nasked;
	return TNG_OK;
}

/* What a build sends, as far as it is known. */
static const struct transfer_plan *sent_plan(const struct build *build) {
	enum lens lens = build_sent_lens(build);

	return lens != LENS_DISK ? build_plan(build, lens) : NULL;
}

static const uint8_t *sent_fate(const struct build *build) {
	const struct transfer_plan *plan = sent_plan(build);

	return plan != NULL ? plan->fate : NULL;
}

/* Whether a build tells what is sent with its ignore file: one that stops, or that is a guess, does not. */
static bool is_telling(const struct analysis *an, const struct check_build *builds, size_t i,
		bool guesses) {
	const struct build *b = &an->builds[i];

	return b->is_guess == guesses && sent_plan(b) != NULL && !builds[i].is_idle &&
			(i == 0 || b->sources != NULL);
}

/* The paths that these builds ask for; false: one of them asks for everything. */
static bool add_paths(const struct build *b, struct str *paths, size_t *n) {
	const struct context_use *use = &b->sources->contexts[DOCKERFILE_MAIN_CONTEXT];

	for (size_t i = 0; use->is_used && i < use->nfollow_paths; i++) {
		paths[(*n)++] = use->follow_paths[i];
	}
	return !use->is_used || !use->is_whole;
}

/* One plan for what several builds ask for. */
static enum tng_code plan_together(struct arena *a, const struct analysis *an, const size_t *number,
		size_t n, struct transfer_plan *out, struct tng_error *err) {
	const struct build *first = &an->builds[number[0]];
	size_t npaths = 0, nmax = 0;

	for (size_t i = 0; i < n; i++) {
		const struct build *b = &an->builds[number[i]];
		nmax += b->sources->contexts[DOCKERFILE_MAIN_CONTEXT].nfollow_paths;
	}
	struct str *paths = arena_new(a, struct str, nmax);
	if (paths == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		if (!add_paths(&an->builds[number[i]], paths, &npaths)) {
			*out = first->plan;
			return TNG_OK;
		}
	}
	if (npaths == 0) {
		*out = first->requested;
		return TNG_OK;
	}
	return plan_paths(a, an, first, paths, npaths, out, err);
}

/* Plans of the builds that tell, without those that ask for the same; *all: one asks for all that is eligible. */
static size_t list_telling(const struct analysis *an, const struct check_build *builds,
		size_t first, size_t *number, const struct transfer_plan **all) {
	size_t n = 0;

	for (int guesses = 0; guesses < 2 && n == 0; guesses++) {
		for (size_t i = first; i < an->nbuilds; i++) {
			const struct build *b = &an->builds[i];
			size_t k = 0;
			if (builds[i].ignore_file_of != first ||
					!is_telling(an, builds, i, guesses)) {
				continue;
			}
			if (sent_fate(b) == b->plan.fate) {
				*all = &b->plan;
			}
			while (k < n && sent_fate(&an->builds[number[k]]) != sent_fate(b)) {
				k++;
			}
			if (k == n) {
				number[n++] = i;
			}
		}
	}
	return n;
}

static enum tng_code fill_together(struct arena *a, const struct analysis *an, size_t first,
		struct check_build *builds, struct tng_error *err) {
	size_t *number = arena_new(a, size_t, an->nbuilds);
	struct transfer_plan *plan = arena_new(a, struct transfer_plan, 1);
	const struct transfer_plan *all = NULL;

	if (number == NULL || plan == NULL) {
		return error_nomem(err);
	}
	size_t n = list_telling(an, builds, first, number, &all);
	if (all != NULL || n < 2) {
		builds[first].together = all != NULL ? all
				: n == 1             ? sent_plan(&an->builds[number[0]])
						     : sent_plan(&an->builds[first]);
		return TNG_OK;
	}
	builds[first].together = plan;
	return plan_together(a, an, number, n, plan, err);
}

static size_t find_first(const struct analysis *an, size_t i) {
	size_t first = 0;

	while (first < i && !build_shares_ignore_file(&an->builds[first], &an->builds[i])) {
		first++;
	}
	return first;
}

/* Nobody builds the directory as it is, without a Dockerfile, where there are others to tell what is sent. */
static bool is_idle(const struct analysis *an, size_t i) {
	bool found = false;

	for (size_t k = 1; k < an->nbuilds && !found; k++) {
		found = an->builds[k].sources != NULL && find_first(an, k) == 0;
	}
	return i == 0 && others_is_phantom(&an->builds[0]) && found;
}

/* Of files that are shown from the working directory on; see fix.c for which these are. */
static void set_ids(struct arena *a, const struct analysis *an, const struct context *ctx,
		struct check_build *out) {
	bool is_stdin = str_eq(ctx->dockerfile, STR("-")), is_far;
	bool is_outside = ctx->has_dockerfile && !is_stdin && !ctx->dockerfile_is_inside &&
			!ctx->dockerfile_is_inline;

	if (is_outside) {
		out->dockerfile_id = analysis_outside(a, an, ctx->dockerfile, &is_far);
	}
	if (ctx->ignore_origin != IGNORE_ORIGIN_NONE &&
			(ctx->ignore_origin == IGNORE_ORIGIN_OPTION ||
					(is_outside &&
							ctx->ignore_origin ==
									IGNORE_ORIGIN_DOCKERFILE))) {
		out->ignore_id = analysis_outside(a, an, ctx->ignore_path, &is_far);
	}
}

static enum tng_code fill_build(struct arena *a, const struct analysis *an, size_t i,
		const struct config *config, struct check_build *out, struct tng_error *err) {
	const struct build *build = &an->builds[i];

	*out = (struct check_build){
		.context = &build->context,
		.target = build->target,
		.name = build->context.dockerfile_is_inline ? build->found->name : STR(""),
		.is_guess = build->is_guess,
		.is_idle = is_idle(an, i),
		.ignore_file_of = find_first(an, i),
		.patterns = build->patterns,
		.dockerfile = build->dockerfile,
		.sources = build->sources,
		.plan = &build->plan,
		.requested = build->has_requested ? &build->requested : NULL,
		.has_plan = build->has_plan,
		.policy = check_find_policy(a, an, config, &build->context),
	};
	set_ids(a, an, &build->context, out);
	if (build->sources != NULL && build->source_weights != NULL) {
		return fill_asked(a, build, out, err);
	}
	return TNG_OK;
}

/* What is told once of an ignore file, for the first of its builds. */
static enum tng_code fill_first(struct arena *a, const struct analysis *an, size_t first,
		struct check_build *builds, struct tng_error *err) {
	const struct build *build = &an->builds[first];
	enum tng_code code = fill_together(a, an, first, builds, err);

	if (code == TNG_OK && build->has_plan && build->patterns != NULL) {
		code = fill_ledger(a, an, build, &builds[first], err);
		if (code == TNG_OK) {
			code = fill_lacks(a, an, first, builds, err);
		}
	}
	return code;
}

enum tng_code check_builds_fill(struct arena *a, const struct analysis *an,
		const struct config *config, struct check_build *out, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		code = fill_build(a, an, i, config, &out[i], err);
	}
	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		if (out[i].ignore_file_of == i) {
			code = fill_first(a, an, i, out, err);
		}
	}
	return code;
}
