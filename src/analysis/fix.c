/*
 * --fix: the ignore files of the builds, each once, each proven with the builds that read it.
 */
#include "analysis/internal.h"

#include <fcntl.h>

int analysis_ignore_fd(const struct analysis *an, const struct context *ctx) {
	bool is_here = ctx->ignore_origin == IGNORE_ORIGIN_OPTION ||
			(ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE &&
					!ctx->dockerfile_is_inside);

	return is_here ? AT_FDCWD : an->builds[0].context.root_fd;
}

/* One name, or a link: what is proven for one of them holds for both, or for none. */
static bool is_same_file(const struct analysis *an, const struct context *x,
		const struct context *y, struct arena *a) {
	return str_eq(x->ignore_path, y->ignore_path) ||
			outside_is_same_file(a, analysis_ignore_fd(an, x), x->ignore_path,
					analysis_ignore_fd(an, y), y->ignore_path);
}

/* The first build whose ignore file is this one's; an->nbuilds: it has none. */
static size_t find_first(struct arena *a, const struct analysis *an, size_t i) {
	const struct context *ctx = &an->builds[i].context;
	size_t first = 0;

	if (ctx->ignore_origin == IGNORE_ORIGIN_NONE) {
		return an->nbuilds;
	}
	while (first < i &&
			(an->builds[first].context.ignore_origin == IGNORE_ORIGIN_NONE ||
					!is_same_file(an, &an->builds[first].context, ctx, a))) {
		first++;
	}
	return first;
}

static enum tng_code fix_file(struct arena *a, const struct analysis *an, const size_t *file_of,
		size_t first, const struct check_result *result, struct check_fixed *out,
		struct tng_error *err) {
	const struct context *ctx = &an->builds[first].context;
	struct verify_build *builds = arena_new(a, struct verify_build, an->nbuilds);
	struct check_fix_input input = {
		.tree = an->tree,
		.builds = builds,
		.engine = ctx->engine,
		.file = ctx->ignore_path,
		.text = ctx->ignore_text,
		.result = result,
	};

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = first; i < an->nbuilds; i++) {
		const struct build *b = &an->builds[i];
		if (file_of[i] == first) {
			builds[input.nbuilds++] = (struct verify_build){
				.dockerfile = build_transfer_request(b).dockerfile,
				.sources = b->sources,
			};
		}
	}
	return check_fix(a, &input, out, err);
}

enum tng_code analysis_fix(struct arena *a, const struct analysis *an,
		const struct check_result *result, const struct analysis_fixed **out, size_t *n,
		struct tng_error *err) {
	struct analysis_fixed *files = arena_new(a, struct analysis_fixed, an->nbuilds);
	size_t *file_of = arena_new(a, size_t, an->nbuilds), nfiles = 0;
	enum tng_code code = files != NULL && file_of != NULL ? TNG_OK : error_nomem(err);

	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		file_of[i] = find_first(a, an, i);
	}
	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		if (file_of[i] == i) {
			files[nfiles].context = &an->builds[i].context;
			code = fix_file(a, an, file_of, i, result, &files[nfiles].fixed, err);
			nfiles++;
		}
	}
	if (code == TNG_OK) {
		*out = files;
		*n = nfiles;
	}
	return code;
}
