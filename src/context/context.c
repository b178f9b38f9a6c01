#include "context/context.h"

#include "context/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum tng_code open_root(const char *root, struct context *ctx, struct tng_error *err) {
	ctx->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctx->root_fd >= 0) {
		return TNG_OK;
	}
	if (errno == ENOTDIR) {
		error_set_where(err, str_from(root));
		return error_set(err, TNG_EIO, "not a directory; a build context is a directory");
	}
	return error_set_errno(err, errno, str_from(root), "cannot open the build context");
}

enum tng_code context_open(struct arena *a, const struct context_request *request,
		struct context *out, struct tng_error *err) {
	const char *root = request->root != NULL ? request->root : ".";
	struct context ctx = { .root = str_from(root), .engine = request->engine };
	enum tng_code code = open_root(root, &ctx, err);

	if (code != TNG_OK) {
		return code;
	}
	if (!request->only_root_ignore_file) {
		code = context_find_dockerfile(a, request, &ctx, err);
	}
	if (code == TNG_OK) {
		code = context_find_ignore_file(a, request, &ctx, err);
	}
	if (code == TNG_OK) {
		code = context_find_inactive(a, &ctx, err);
	}
	if (code != TNG_OK) {
		context_close(&ctx);
		return code;
	}
	*out = ctx;
	return TNG_OK;
}

void context_close(struct context *ctx) {
	if (ctx->root_fd >= 0) {
		(void)close(ctx->root_fd);
		ctx->root_fd = -1;
	}
}
