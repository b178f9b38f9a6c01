#include "context/context.h"

#include "context/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * What docker takes for a context that is not here, when there is no directory of that name (docker/buildx
 * build/opt.go, docker/cli build.go): standard input, a git repository, a URL. ignore-semantics 1.2, 1.3.
 */
enum remote {
	REMOTE_NONE,
	REMOTE_STDIN,
	REMOTE_GIT,
	REMOTE_URL,
};

static enum remote remote_kind(struct str root) {
	static const char *const git[] = { "git@", "git://", "ssh://", "github.com/" };
	bool is_url = str_starts(root, STR("http://")) || str_starts(root, STR("https://"));
	struct str path = str_take(root, str_find(root, '#'));

	if (str_eq(root, STR("-"))) {
		return REMOTE_STDIN;
	}
	for (size_t i = 0; i < sizeof(git) / sizeof(git[0]); i++) {
		if (str_starts(root, str_from(git[i]))) {
			return REMOTE_GIT;
		}
	}
	return !is_url ? REMOTE_NONE : str_ends(path, STR(".git")) ? REMOTE_GIT : REMOTE_URL;
}

/* buildah fetches all of these into a directory and goes on there; docker's client does so with git when it
 * is classic. Elsewhere no ignore file applies. */
static const char *remote_advice(enum remote kind, enum tng_engine engine) {
	bool filters = engine == TNG_ENGINE_PODMAN ||
			(engine == TNG_ENGINE_CLASSIC && kind == REMOTE_GIT);

	if (kind == REMOTE_GIT) {
		return filters ? "the builder clones this context and applies its ignore file; "
				 "clone it, and weigh the clone"
			       : "BuildKit fetches a git context itself and applies no ignore file "
				 "to "
				 "it; clone it, and weigh the clone with --ignorefile /dev/null";
	}
	return filters ? "the builder unpacks this context and applies its ignore file; unpack it, "
			 "and "
			 "weigh that directory"
		       : "a context that is fetched or piped in is taken as it is, without an "
			 "ignore "
			 "file; unpack it, and weigh that directory with --ignorefile /dev/null";
}

static enum tng_code open_root(const char *root, struct context *ctx, struct tng_error *err) {
	ctx->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctx->root_fd >= 0) {
		return TNG_OK;
	}
	enum remote kind = remote_kind(str_from(root));
	if (kind != REMOTE_NONE) {
		error_set_where(err, str_from(root));
		return error_set(err, TNG_EINVAL, "%s", remote_advice(kind, ctx->engine));
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
