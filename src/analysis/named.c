/*
 * Named contexts that are local directories: each use is a transfer of its own, with the .dockerignore in
 * the root of that directory and no other (ignore-semantics 1.1, 6.7). BuildKit makes one transfer of uses
 * that ask for the same, wherever they are, and fetches the .dockerignore once.
 */
#include "analysis/internal.h"

static const struct named_context *find_context(
		const struct analysis_request *request, struct str name) {
	const struct named_context *found = NULL;

	for (size_t i = 0; i < request->ncontexts; i++) {
		if (str_eq_nocase(request->contexts[i].name, name)) {
			found = &request->contexts
						 [i]; /* the last one wins, as a flag given twice does */
		}
	}
	return found;
}

/* buildx takes a value with a scheme, or one that git would clone, for something that is not here. */
static bool is_local(struct str value) {
	static const char *const schemes[] = { "docker-image://", "oci-layout://",
		"target:", "http://", "https://", "git://", "git@", "ssh://", "input:" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (str_starts(value, str_from(schemes[i]))) {
			return false;
		}
	}
	return true;
}

/* One use, while its figures are taken; all but the arena's is ended by close_use(). */
struct opened_use {
	struct context ctx;
	struct ignore_set *patterns;
	struct tree *tree;
	struct transfer_plan plan;
};

static enum tng_code plan_use(struct arena *a, const struct context_use *use, struct opened_use *o,
		struct tng_error *err) {
	struct transfer_request request = { .engine = o->ctx.engine };
	struct str *includes = NULL;
	enum tng_code code = tree_walk(o->ctx.root_fd, NULL, &o->tree, err);

	if (code == TNG_OK && o->ctx.ignore_origin != IGNORE_ORIGIN_NONE) {
		code = transfer_patterns(o->ctx.ignore_text, &request, &o->patterns, err);
	}
	if (code == TNG_OK && !use->is_whole) {
		code = follow_links(a, o->tree, use->follow_paths, use->nfollow_paths, &includes,
				&request.nincludes, err);
		request.includes = includes;
	}
	return code == TNG_OK ? transfer_plan(a, o->tree, o->patterns, &request, &o->plan, err)
			      : code;
}

static void close_use(struct opened_use *o) {
	ignore_destroy(o->patterns);
	tree_destroy(o->tree);
	context_close(&o->ctx);
}

static enum tng_code open_use(struct arena *a, const struct build *build,
		const struct context_use *use, struct str directory, struct opened_use *o,
		struct tng_error *err) {
	struct str dir = arena_copy(a, directory);
	struct context_request what = {
		.root = dir.ptr,
		.engine = build->context.engine,
		.only_root_ignore_file = true,
	};

	*o = (struct opened_use){ 0 };
	if (dir.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = context_open(a, &what, &o->ctx, err);
	if (code != TNG_OK) {
		return code;
	}
	code = plan_use(a, use, o, err);
	if (code != TNG_OK) {
		close_use(o);
	}
	return code;
}

static enum tng_code weigh_use(const struct build *build, const struct analysis_request *request,
		const struct context_use *use, struct named_transfer *out,
		struct finding_list *findings, struct tng_error *err) {
	const struct named_context *named = find_context(request, use->name);
	struct tng_error bad = { 0 };

	out->name = use->name;
	out->line = use->line;
	out->directory = named != NULL ? named->value : STR("");
	out->is_local = named != NULL && is_local(named->value);
	if (!out->is_local) {
		return TNG_OK;
	}
	struct arena *a = arena_create();
	struct opened_use opened = { 0 };
	enum tng_code code = a != NULL ? open_use(a, build, use, named->value, &opened, &bad)
				       : error_nomem(&bad);
	if (code == TNG_OK) {
		out->is_weighed = true;
		out->disk = opened.plan.disk;
		out->requested = use->is_used ? opened.plan.eligible : (struct weight){ 0 };
		close_use(&opened);
	}
	arena_destroy(a);
	if (code == TNG_ENOMEM) {
		return error_pass(err, &bad);
	}
	if (code != TNG_OK) {
		findings_add(findings, "named-context", SEVERITY_ERROR, named->value, bad.line,
				bad.column, "build context \"%.*s\": %s",
				STR_FMT(str_take(use->name, 60)), bad.text);
	}
	return TNG_OK;
}

static bool asks_for_the_same(const struct context_use *a, const struct context_use *b) {
	if (!str_eq_nocase(a->name, b->name) || a->is_used != b->is_used ||
			a->is_whole != b->is_whole || a->nfollow_paths != b->nfollow_paths) {
		return false;
	}
	for (size_t i = 0; i < a->nfollow_paths; i++) {
		if (!str_eq(a->follow_paths[i], b->follow_paths[i])) {
			return false;
		}
	}
	return true;
}

/* The first of the uses before `i`, and it, that one transfer serves. */
static size_t find_same(const struct build *build, size_t i) {
	const struct context_use *uses = &build->sources->contexts[1];
	size_t first = 0;

	while (build->context.engine == TNG_ENGINE_BUILDKIT && first < i &&
			!asks_for_the_same(&uses[first], &uses[i])) {
		first++;
	}
	return build->context.engine == TNG_ENGINE_BUILDKIT ? first : i;
}

enum tng_code build_weigh_named(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err) {
	const struct build_sources *sources = build->sources;
	size_t n = sources->ncontexts > 0 ? sources->ncontexts - 1 : 0;
	struct named_transfer *named = arena_new(an->arena, struct named_transfer, n);
	enum tng_code code = named != NULL ? TNG_OK : error_nomem(err);

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = weigh_use(build, request, &sources->contexts[i + 1], &named[i], findings,
				err);
		named[i].same_as = find_same(build, i);
	}
	build->named = named;
	build->nnamed = n;
	return code;
}

/* What else is sent under the name of a transfer. */
static bool is_alone(const struct build *build, size_t i) {
	for (size_t k = 0; k < build->nnamed; k++) {
		if (k != i && build->named[k].same_as == k &&
				str_eq_nocase(build->named[k].name, build->named[i].name)) {
			return false;
		}
	}
	return true;
}

static bool makes_a_layer(const struct build *build, const struct stage *stage) {
	for (uint32_t i = 1; i < stage->ninstructions; i++) {
		enum instruction_keyword keyword =
				build->dockerfile->instructions[stage->instruction + i].keyword;
		if (keyword == INSTRUCTION_ADD || keyword == INSTRUCTION_COPY ||
				keyword == INSTRUCTION_RUN || keyword == INSTRUCTION_WORKDIR) {
			return true;
		}
	}
	return false;
}

/* Whether the copy that dockerd keeps becomes the lowest layer of something: it is not compared with again. */
static bool is_built_on(const struct build *build, size_t i) {
	for (size_t s = 0; s < build->sources->nstages; s++) {
		const struct stage_use *use = &build->sources->stages[s];
		if (use->is_reached && use->context != DOCKERFILE_NO_CONTEXT &&
				build->named[use->context - 1].same_as == i &&
				makes_a_layer(build, &build->dockerfile->stages[s])) {
			return true;
		}
	}
	return false;
}

static bool is_first_of_name(const struct build *build, size_t i) {
	for (size_t k = 0; k < i; k++) {
		if (str_eq_nocase(build->named[k].name, build->named[i].name)) {
			return false;
		}
	}
	return true;
}

static enum tng_code wire_use(struct arena *a, const struct build *build, size_t i,
		struct named_wire *out, struct tng_error *err) {
	const struct context_use *use = &build->sources->contexts[i + 1];
	const struct str ignore_file = STR(".dockerignore");
	struct opened_use o = { 0 };
	enum tng_code code = open_use(a, build, use, build->named[i].directory, &o, err);

	if (code != TNG_OK) {
		return code;
	}
	if (is_first_of_name(build, i)) {
		code = transfer_wire_names(
				a, o.ctx.root_fd, &ignore_file, 1, &out->ignore_file, err);
	}
	if (code == TNG_OK && use->is_used) {
		code = wire_weigh(a, &o.ctx, o.tree, o.patterns, &o.plan, &out->context, err);
	}
	if (code == TNG_OK && out->is_built_on && out->is_alone) {
		out->context.unchanged = out->context.first;
		out->context.nrequests_unchanged = out->context.nrequests;
	}
	close_use(&o);
	return code;
}

enum tng_code analysis_wire_named(struct arena *a, const struct build *build, size_t i,
		struct named_wire *out, struct tng_error *err) {
	const struct named_transfer *t = &build->named[i];
	struct tng_error bad = { 0 };
	enum tng_code code = TNG_OK;

	*out = (struct named_wire){
		.is_alone = is_alone(build, i),
		.is_built_on = is_built_on(build, i),
	};
	if (build->context.engine == TNG_ENGINE_BUILDKIT && t->is_weighed && t->same_as == i) {
		code = wire_use(a, build, i, out, &bad);
	}
	/* anything else was a finding when it was weighed */
	return code == TNG_ENOMEM ? error_pass(err, &bad) : TNG_OK;
}
