/*
 * One build: what its ignore file lets through, and what its Dockerfile asks for.
 *
 *   context ─▶ patterns ─▶ plan (disk, eligible)
 *      └─▶ dockerfile ─▶ sources ─▶ follow paths ─▶ links followed ─▶ plan (requested)
 */
#include "analysis/internal.h"

#include <stdlib.h>

bool build_has_lens(const struct build *build, enum lens lens) {
	switch (lens) {
	case LENS_DISK:
		return true;
	case LENS_ELIGIBLE:
		return build->has_plan;
	case LENS_REQUESTED:
		break;
	}
	return build->has_requested;
}

const struct weight *build_weight(const struct build *build, enum lens lens) {
	return lens == LENS_DISK ? &build->plan.disk : &build_plan(build, lens)->eligible;
}

enum lens build_default_lens(const struct build *build) {
	if (build->has_requested) {
		return LENS_REQUESTED;
	}
	return build->has_plan ? LENS_ELIGIBLE : LENS_DISK;
}

/* Classic and podman know nothing of what is asked for. */
enum lens build_sent_lens(const struct build *build) {
	if (build->has_requested && build->context.engine == TNG_ENGINE_BUILDKIT) {
		return LENS_REQUESTED;
	}
	return build->has_plan ? LENS_ELIGIBLE : LENS_DISK;
}

struct transfer_request build_transfer_request(const struct build *build) {
	const struct context *ctx = &build->context;

	return (struct transfer_request){
		.engine = ctx->engine,
		.dockerfile = ctx->dockerfile_is_inside ? ctx->dockerfile : STR(""),
	};
}

/* What is wrong with the ignore file: code is TNG_OK when nothing is. */
struct ignore_fault {
	struct tng_error error;
	bool is_evaluated; /* the list was taken; a path made the builder evaluate a bad regexp */
};

/* The plan with the ignore file; with a bad one the plan is made without it. */
static enum tng_code plan_eligible(struct analysis *an, struct build *build,
		const struct build *like, struct ignore_fault *fault, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	const struct context *ctx = &build->context;
	struct tng_error *bad = &fault->error;
	enum tng_code code = TNG_OK;

	if (like != NULL) {
		build->patterns = like->patterns;
		build->shares_patterns = true;
		build->plan = like->plan;
		build->has_plan = true;
		return TNG_OK;
	}
	if (ctx->ignore_origin != IGNORE_ORIGIN_NONE) {
		code = transfer_patterns(ctx->ignore_text, &request, &build->patterns, bad);
	}
	fault->is_evaluated = code == TNG_OK;
	if (code == TNG_OK) {
		code = transfer_plan(
				an->arena, an->tree, build->patterns, &request, &build->plan, bad);
	}
	build->has_plan = code == TNG_OK;
	if (code != TNG_ESYNTAX && code != TNG_ELIMIT) {
		return code == TNG_OK ? TNG_OK : error_pass(err, bad);
	}
	return transfer_plan(an->arena, an->tree, NULL, &request, &build->plan, err);
}

/* Buildah applies the ignore file to these only. */
static bool has_copy(const struct build *build) {
	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		if (s->context == DOCKERFILE_MAIN_CONTEXT &&
				(s->kind == SOURCE_COPY || s->kind == SOURCE_ADD)) {
			return true;
		}
	}
	return false;
}

/* Whether the builder gets by without ever seeing the fault (ignore-semantics 2.6). */
static bool is_spared(const struct build *build, const struct ignore_fault *fault) {
	if (build->sources == NULL) {
		return false;
	}
	switch (build->context.engine) {
	case TNG_ENGINE_BUILDKIT:
		return fault->is_evaluated &&
				!build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_used;
	case TNG_ENGINE_PODMAN:
		return !has_copy(build);
	case TNG_ENGINE_CLASSIC:
		break;
	}
	return false;
}

/* Without the patterns only one answer is known: nothing. */
static bool can_ask(const struct build *build, const struct ignore_fault *fault) {
	return build->has_plan ||
			(is_spared(build, fault) &&
					!build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_used);
}

static void note_fault(const struct build *build, const struct ignore_fault *fault,
		struct finding_list *findings) {
	bool spared = is_spared(build, fault);
	const struct tng_error *bad = &fault->error;

	findings_add(findings, "bad-ignore-file", spared ? SEVERITY_WARNING : SEVERITY_ERROR,
			build->context.ignore_path, bad->line, bad->column, "%s%s%s", bad->text,
			spared ? "; this build copies nothing of the context and does not come to "
				 "it, one that does stops here"
			       : analysis_pattern_error_hint(bad),
			spared ? "" : ", so what it would send is unknown");
}

static enum tng_code parse_dockerfile(struct analysis *an, struct build *build,
		struct finding_list *findings, struct tng_error *err) {
	const struct context *ctx = &build->context;
	struct tng_error bad = { 0 };

	if (!ctx->has_dockerfile || ctx->dockerfile_problem.len > 0 || build->dockerfile != NULL) {
		return TNG_OK; /* findings.c says so, or it is there */
	}
	enum tng_code code = ctx->dockerfile_is_inline
			? dockerfile_parse_at(an->arena, build->found->inline_text,
					  &build->found->inline_place, &build->dockerfile, &bad)
			: dockerfile_parse(an->arena, ctx->dockerfile_text, &build->dockerfile,
					  &bad);
	if (code != TNG_ESYNTAX && code != TNG_ELIMIT) {
		return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
	}
	findings_add(findings, "bad-dockerfile", SEVERITY_ERROR, ctx->dockerfile, bad.line,
			bad.column, "%s; a build stops here, so what it asks for is unknown",
			bad.text);
	return TNG_OK;
}

/* Whether the Dockerfile leaves an argument to who builds it; those of platforms the builder gives. */
static bool has_open_argument(const struct dockerfile *df) {
	for (size_t i = 0; i < df->ninstructions; i++) {
		const struct instruction *in = &df->instructions[i];
		for (size_t k = 0; in->keyword == INSTRUCTION_ARG && k < in->nwords; k++) {
			struct str word = in->words[k].text;
			bool is_platform = str_starts(word, STR("TARGET")) ||
					str_starts(word, STR("BUILD"));
			struct str name, value = STR("");
			bool has_default = str_cut(word, '=', &name, &value) && value.len > 0 &&
					!str_eq(value, STR("\"\""));
			if (!is_platform && !has_default) {
				return true;
			}
		}
	}
	return false;
}

static enum tng_code resolve(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err) {
	struct str *names = arena_new(an->arena, struct str, request->ncontexts);
	struct tng_error bad = { 0 };

	if (names == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < request->ncontexts; i++) {
		names[i] = request->contexts[i].name;
	}
	struct build_request what = {
		.target = request->target,
		.args = request->args,
		.nargs = request->nargs,
		.contexts = names,
		.ncontexts = request->ncontexts,
		.engine = request->engine,
	};
	enum tng_code code = dockerfile_resolve(
			an->arena, build->dockerfile, &what, &build->sources, &bad);
	if (code == TNG_ESYNTAX || code == TNG_ELIMIT) {
		if (build->found != NULL && has_open_argument(build->dockerfile)) {
			return TNG_OK; /* who builds it may give the argument, and all is well */
		}
		findings_add(findings, "bad-dockerfile", SEVERITY_ERROR, build->context.dockerfile,
				bad.line, bad.column,
				"%s; a build stops here, so what it asks for is unknown", bad.text);
		return TNG_OK;
	}
	if (code == TNG_EINVAL) {
		error_set_where(&bad, build->context.dockerfile);
	}
	return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
}

/* Nothing of the context is asked for: no transfer happens. */
static enum tng_code plan_nothing(struct analysis *an, struct build *build, struct tng_error *err) {
	uint32_t nrows = tree_nrows(an->tree);
	uint8_t *fate = arena_new(an->arena, uint8_t, nrows);
	struct dir_weight *dirs = arena_new(an->arena, struct dir_weight, tree_ndirs(an->tree));

	if (fate == NULL || dirs == NULL) {
		return error_nomem(err);
	}
	build->requested = build->plan;
	build->requested.eligible = (struct weight){ 0 };
	build->requested.nblocked = 0;
	build->requested.nwalked = 0;
	memset(fate, FATE_UNASKED, nrows);
	build->requested.fate = fate;
	build->requested.dirs = dirs;
	return TNG_OK;
}

enum tng_code plan_paths(struct arena *a, const struct analysis *an, const struct build *build,
		const struct str *paths, size_t npaths, struct transfer_plan *out,
		struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	struct str *includes = NULL;

	request.is_quick = true;
	request.whole = build->has_plan ? &build->plan : NULL;
	enum tng_code code = follow_links(
			a, an->tree, paths, npaths, &includes, &request.nincludes, err);

	if (code != TNG_OK) {
		return code;
	}
	request.includes = includes;
	if (request.nincludes == 0) {
		*out = build->plan; /* a wildcard that a link matches may ask for everything */
		return TNG_OK;
	}
	return transfer_plan(a, an->tree, build->patterns, &request, out, err);
}

/* Whether a source that hangs on an argument can change the answer: not where another asks for all. */
static bool is_bounded(const struct build *build) {
	bool unknown = false;

	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source *source = &build->sources->sources[i];
		if (source->context != DOCKERFILE_MAIN_CONTEXT || source->kind == SOURCE_REMOTE) {
			continue;
		}
		if (!source->is_unknowable && str_eq(source->path, STR("."))) {
			return false;
		}
		unknown |= source->is_unknowable;
	}
	return unknown;
}

/* Whether the matcher refuses a source, alone or as soon as it comes to it. */
static bool is_bad_pattern(struct str path) {
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_from_patterns(&path, 1, &set, NULL);
	bool is_bad = code == TNG_ESYNTAX ||
			(code == TNG_OK && ignore_npatterns(set) > 0 &&
					ignore_pattern(set, 0)->bad_regexp != NULL);

	ignore_destroy(set);
	return is_bad;
}

/* The builder matches what is asked for as it does the lines of an ignore file, and one is no pattern. */
static void note_bad_source(
		struct build *build, struct finding_list *findings, const struct tng_error *bad) {
	const struct build_sources *sources = build->sources;
	const struct source *found = NULL;

	for (size_t i = 0; i < sources->nsources && found == NULL; i++) {
		const struct source *s = &sources->sources[i];
		if (s->context == DOCKERFILE_MAIN_CONTEXT && s->kind != SOURCE_REMOTE &&
				is_bad_pattern(s->path)) {
			found = s;
		}
	}
	/* none: a link that a source goes through names it */
	struct str path = found != NULL ? str_take(found->path, 80) : STR("what is asked for");
	findings_add(findings, "bad-dockerfile", SEVERITY_ERROR, build->context.dockerfile,
			found != NULL ? found->word_line : 0, found != NULL ? found->column : 0,
			"%.*s cannot be matched: %s; a build stops here, so what it asks for is "
			"unknown",
			STR_FMT(path), bad->text);
	build->sources = NULL;
	build->has_requested = build->is_bounded = false;
}

/* An earlier build with this plan that asks for the same paths; NULL: none. */
static const struct build *find_same_request(const struct analysis *an, const struct build *build,
		const struct context_use *use) {
	for (const struct build *b = an->builds; b < build; b++) {
		const struct context_use *other = b->sources != NULL
				? &b->sources->contexts[DOCKERFILE_MAIN_CONTEXT]
				: NULL;
		size_t i = 0;
		if (other == NULL || !b->has_requested || b->plan.fate != build->plan.fate ||
				!other->is_used || other->is_whole ||
				other->nfollow_paths != use->nfollow_paths) {
			continue;
		}
		while (i < use->nfollow_paths &&
				str_eq(use->follow_paths[i], other->follow_paths[i])) {
			i++;
		}
		if (i == use->nfollow_paths) {
			return b;
		}
	}
	return NULL;
}

static enum tng_code plan_requested(
		struct analysis *an, struct build *build, struct tng_error *err) {
	const struct context_use *use = &build->sources->contexts[DOCKERFILE_MAIN_CONTEXT];

	build->has_requested = true;
	build->is_bounded = is_bounded(build);
	if (!use->is_used) {
		return plan_nothing(an, build, err);
	}
	if (use->is_whole) {
		build->requested = build->plan;
		return TNG_OK;
	}
	const struct build *same = find_same_request(an, build, use);
	if (same != NULL) {
		build->requested = same->requested;
		return TNG_OK;
	}
	return plan_paths(an->arena, an, build, use->follow_paths, use->nfollow_paths,
			&build->requested, err);
}

enum tng_code build_replan(struct analysis *an, struct build *build, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);

	request.is_quick = true;
	return transfer_plan(an->arena, an->tree, build->patterns, &request, &build->plan, err);
}

enum tng_code build_read(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err) {
	enum tng_code code = parse_dockerfile(an, build, findings, err);

	if (code == TNG_OK && build->dockerfile != NULL) {
		code = resolve(an, build, request, findings, err);
	}
	return code;
}

enum tng_code build_weigh(struct analysis *an, struct build *build, const struct build *like,
		struct finding_list *findings, struct tng_error *err) {
	struct ignore_fault fault = { 0 };
	enum tng_code code = plan_eligible(an, build, like, &fault, err);

	if (code == TNG_OK && !build->has_plan) {
		note_fault(build, &fault, findings);
	}
	if (code != TNG_OK || build->sources == NULL || !can_ask(build, &fault)) {
		return code;
	}
	struct tng_error bad = { 0 };
	code = plan_requested(an, build, &bad);
	if (code == TNG_ESYNTAX) {
		note_bad_source(build, findings, &bad);
		return TNG_OK;
	}
	if (code != TNG_OK) {
		return error_pass(err, &bad);
	}
	return build_weigh_sources(an, build, err);
}

enum tng_code build_run(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err) {
	enum tng_code code = build_read(an, build, request, findings, err);

	if (code == TNG_OK) {
		code = build_weigh(an, build, NULL, findings, err);
	}
	if (code == TNG_OK && build->source_weights != NULL) {
		code = build_weigh_named(an, build, request, findings, err);
	}
	return code;
}
