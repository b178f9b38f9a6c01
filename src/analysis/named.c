/*
 * Named contexts that are local directories: each use is a transfer of its own, with the .dockerignore in
 * the root of that directory and no other (ignore-semantics 1.1, 6.7).
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

static enum tng_code plan_named(struct arena *a, const struct context *ctx,
		const struct context_use *use, struct named_transfer *out, struct tng_error *err) {
	struct transfer_request request = { .engine = ctx->engine };
	struct ignore_set *patterns = NULL;
	struct tree *tree = NULL;
	struct str *includes = NULL;
	struct transfer_plan plan;
	enum tng_code code = tree_walk(ctx->root_fd, NULL, &tree, err);

	if (code == TNG_OK && ctx->ignore_origin != IGNORE_ORIGIN_NONE) {
		code = transfer_patterns(ctx->ignore_text, &request, &patterns, err);
	}
	if (code == TNG_OK && !use->is_whole) {
		code = follow_links(a, tree, use->follow_paths, use->nfollow_paths, &includes,
				&request.nincludes, err);
		request.includes = includes;
	}
	if (code == TNG_OK) {
		code = transfer_plan(a, tree, patterns, &request, &plan, err);
	}
	if (code == TNG_OK) {
		out->disk = plan.disk;
		out->requested = use->is_used ? plan.eligible : (struct weight){ 0 };
	}
	ignore_destroy(patterns);
	tree_destroy(tree);
	return code;
}

static enum tng_code weigh_use(struct analysis *an, const struct build *build,
		const struct analysis_request *request, const struct context_use *use,
		struct named_transfer *out, struct finding_list *findings, struct tng_error *err) {
	const struct named_context *named = find_context(request, use->name);
	struct tng_error bad = { 0 };
	struct context ctx;

	out->name = use->name;
	out->line = use->line;
	out->directory = named != NULL ? named->value : STR("");
	out->is_local = named != NULL && is_local(named->value);
	if (!out->is_local) {
		return TNG_OK;
	}
	struct str dir = arena_copy(an->arena, named->value);
	if (dir.ptr == NULL) {
		return error_nomem(err);
	}
	struct context_request what = {
		.root = dir.ptr, .engine = build->context.engine, .only_root_ignore_file = true
	};
	enum tng_code code = context_open(an->arena, &what, &ctx, &bad);
	if (code == TNG_OK) {
		struct arena *a = arena_create();
		code = a != NULL ? plan_named(a, &ctx, use, out, &bad) : error_nomem(&bad);
		arena_destroy(a);
		context_close(&ctx);
	}
	if (code == TNG_ENOMEM) {
		return error_pass(err, &bad);
	}
	if (code != TNG_OK) {
		findings_add(findings, "named-context", SEVERITY_ERROR, dir, bad.line, bad.column,
				"build context \"%.*s\": %s", STR_FMT(str_take(use->name, 60)),
				bad.text);
	}
	return TNG_OK;
}

enum tng_code build_weigh_named(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err) {
	const struct build_sources *sources = build->sources;
	size_t n = sources->ncontexts > 0 ? sources->ncontexts - 1 : 0;
	struct named_transfer *named = arena_new(an->arena, struct named_transfer, n);
	enum tng_code code = named != NULL ? TNG_OK : error_nomem(err);

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = weigh_use(an, build, request, &sources->contexts[i + 1], &named[i], findings,
				err);
	}
	build->named = named;
	build->nnamed = n;
	return code;
}
