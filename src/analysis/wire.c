/*
 * What docker will print: the plan's bytes on the wire, and what only the system can say about them.
 */
#include "analysis/internal.h"

#include "util/path.h"

#include <fcntl.h>
#include <unistd.h>

/* One system call for each row that is sent, which is why nobody does this unasked. */
static enum tng_code read_xattrs(struct arena *a, int root_fd, const struct tree *tree,
		const struct transfer_plan *plan, struct wire_options *options,
		struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	uint8_t *wanted = arena_new(a, uint8_t, nrows);
	struct tree_xattr *xattrs = NULL;

	if (wanted == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 0; row < nrows; row++) {
		wanted[row] = fate_is_sent(plan->fate[row]);
	}
	enum tng_code code =
			tree_read_xattrs(a, root_fd, tree, wanted, &xattrs, &options->nxattrs, err);
	options->xattrs = xattrs;
	return code;
}

enum tng_code build_find_empty(struct arena *a, const struct analysis *an,
		const struct build *build, const struct transfer_plan *plan,
		struct transfer_empty **out, size_t *n, struct tng_error *err) {
	*out = NULL;
	*n = 0;
	if (build->context.engine != TNG_ENGINE_BUILDKIT) {
		return TNG_OK;
	}
	return transfer_find_empty(
			a, build->context.root_fd, an->tree, plan, build->patterns, out, n, err);
}

enum tng_code wire_look(struct arena *a, const struct context *ctx, const struct tree *tree,
		const struct ignore_set *patterns, const struct transfer_plan *plan,
		struct wire_options *out, struct tng_error *err) {
	struct transfer_empty *empty = NULL;
	enum tng_code code = TNG_OK;

	*out = (struct wire_options){
		.engine = ctx->engine,
		.injects_dockerfile = ctx->has_dockerfile && !ctx->dockerfile_is_inside,
		.dockerfile_bytes = ctx->dockerfile_text.len,
	};
	if (ctx->engine != TNG_ENGINE_PODMAN) {
		code = read_xattrs(a, ctx->root_fd, tree, plan, out, err);
	}
	if (code == TNG_OK && ctx->engine == TNG_ENGINE_BUILDKIT) {
		code = transfer_find_empty(
				a, ctx->root_fd, tree, plan, patterns, &empty, &out->nempty, err);
	}
	out->empty = empty;
	return code;
}

enum tng_code wire_weigh(struct arena *a, const struct context *ctx, const struct tree *tree,
		const struct ignore_set *patterns, const struct transfer_plan *plan,
		struct transfer_wire *out, struct tng_error *err) {
	struct wire_options options;
	enum tng_code code = wire_look(a, ctx, tree, patterns, plan, &options, err);

	return code == TNG_OK ? transfer_wire(a, tree, plan, &options, out, err) : code;
}

enum tng_code analysis_wire(struct arena *a, const struct analysis *an, const struct build *build,
		const struct transfer_plan *plan, struct transfer_wire *out,
		struct tng_error *err) {
	if (build->context.engine == TNG_ENGINE_CLASSIC) {
		plan = &build->plan; /* it sends all that is eligible, whatever is asked for */
	}
	return wire_weigh(a, &build->context, an->tree, build->patterns, plan, out, err);
}

/* The Dockerfile, the ignore file named after it, and the other spelling (ignore-semantics 6.1). */
static enum tng_code wire_dockerfile(struct arena *a, const struct context *ctx,
		struct transfer_wire *out, struct tng_error *err) {
	static const struct str suffix = { ".dockerignore", sizeof(".dockerignore") - 1 };
	struct str base = path_base(ctx->dockerfile);

	if (str_eq(ctx->dockerfile, STR("-"))) {
		return transfer_wire_made_up(
				a, STR("Dockerfile"), ctx->dockerfile_text.len, out, err);
	}
	char *companion = arena_alloc(a, base.len + suffix.len);
	struct str dir = arena_copy(a, path_dir(ctx->dockerfile));
	if (companion == NULL || dir.ptr == NULL) {
		return error_nomem(err);
	}
	memcpy(companion, base.ptr, base.len);
	memcpy(companion + base.len, suffix.ptr, suffix.len);
	const struct str names[] = { base, str_make(companion, base.len + suffix.len),
		STR("dockerfile") };
	size_t nnames = str_eq(base, STR("Dockerfile")) ? 3 : 2;
	int fd = openat(ctx->dockerfile_is_inside ? ctx->root_fd : AT_FDCWD, dir.ptr,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum tng_code code = fd >= 0 ? transfer_wire_names(a, fd, names, nnames, out, err) : TNG_OK;
	if (fd >= 0) {
		(void)close(fd);
	}
	return code;
}

enum tng_code analysis_wire_before(struct arena *a, const struct build *build,
		struct transfer_wire *dockerfile, struct transfer_wire *ignore_file,
		struct tng_error *err) {
	const struct context *ctx = &build->context;
	const struct str name = STR(".dockerignore");
	enum tng_code code = TNG_OK;

	*dockerfile = *ignore_file = (struct transfer_wire){ 0 };
	if (ctx->engine != TNG_ENGINE_BUILDKIT) {
		return TNG_OK;
	}
	if (ctx->has_dockerfile) {
		code = wire_dockerfile(a, ctx, dockerfile, err);
	}
	/* one named after the Dockerfile came with it, and nothing else is asked for */
	if (code == TNG_OK && ctx->ignore_origin != IGNORE_ORIGIN_DOCKERFILE) {
		code = transfer_wire_names(a, ctx->root_fd, &name, 1, ignore_file, err);
	}
	return code;
}
