/*
 * buildah's and local podman's choices (ignore-semantics 1.4; containers/buildah pkg/parse/parse.go,
 * ContainerIgnoreFile).
 *
 *   -f F, else Containerfile, else Dockerfile
 *     F.dockerignore, else F.containerignore   below the CONTEXT, also where F itself is not
 *     else .containerignore, else .dockerignore in the root, links confined to it
 *
 * What is missing falls through; what is there and cannot be read ends the build.
 */
#include "context/confined.h"
#include "context/internal.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <sys/stat.h>

static struct str concat(struct arena *a, struct str head, struct str tail) {
	char *text = arena_alloc(a, head.len + tail.len + 1);

	if (text == NULL) {
		return (struct str){ NULL, 0 };
	}
	memcpy(text, head.ptr, head.len);
	memcpy(text + head.len, tail.ptr, tail.len);
	return str_make(text, head.len + tail.len);
}

enum tng_code context_podman_companion(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	if (!ctx->has_dockerfile || str_eq(ctx->dockerfile, STR("-"))) {
		ctx->companion = STR("");
	} else if (request->dockerfile == NULL) {
		ctx->companion = ctx->dockerfile;
	} else if (request->dockerfile[0] == '/') {
		ctx->companion = str_from(request->dockerfile);
	} else {
		ctx->companion = path_clean(a, str_from(request->dockerfile));
	}
	return ctx->companion.ptr != NULL ? TNG_OK : error_nomem(err);
}

/* Sets *found when it is there. */
static enum tng_code try_companion(struct arena *a, struct context *ctx, struct str suffix,
		bool *found, struct tng_error *err) {
	struct str name = concat(a, ctx->companion, suffix), text;
	struct tng_error why = { 0 };
	struct stat st;

	if (name.ptr == NULL) {
		return error_nomem(err);
	}
	/* os.Stat: what cannot be looked at is not there */
	if (fstatat(ctx->root_fd, name.ptr, &st, 0) != 0) {
		return TNG_OK;
	}
	enum tng_code code =
			file_read(a, ctx->root_fd, name.ptr, CONTEXT_FILE_MAX_BYTES, &text, &why);
	if (code != TNG_OK) {
		return context_stops_build(err, &why);
	}
	ctx->ignore_origin = IGNORE_ORIGIN_DOCKERFILE;
	ctx->ignore_path = name;
	ctx->ignore_text = text;
	*found = true;
	return TNG_OK;
}

static enum tng_code try_root(struct arena *a, struct context *ctx, struct str name, bool *found,
		struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str text;
	enum tng_code code =
			confined_read(a, ctx->root_fd, name, CONTEXT_FILE_MAX_BYTES, &text, &why);

	if (code == TNG_EIO && why.os_errno == ENOENT) {
		return TNG_OK;
	}
	if (code != TNG_OK) {
		return context_stops_build(err, &why);
	}
	ctx->ignore_origin = IGNORE_ORIGIN_ROOT;
	ctx->ignore_path = name;
	ctx->ignore_text = text;
	*found = true;
	return TNG_OK;
}

enum tng_code context_podman_ignore_file(
		struct arena *a, struct context *ctx, struct tng_error *err) {
	bool found = false;
	enum tng_code code = TNG_OK;

	if (ctx->companion.len > 0) {
		code = try_companion(a, ctx, STR(".dockerignore"), &found, err);
		if (code == TNG_OK && !found) {
			code = try_companion(a, ctx, STR(".containerignore"), &found, err);
		}
	}
	if (code == TNG_OK && !found) {
		code = try_root(a, ctx, STR(".containerignore"), &found, err);
	}
	if (code == TNG_OK && !found) {
		code = try_root(a, ctx, STR(".dockerignore"), &found, err);
	}
	return code;
}

/* ---- what looks like it and is not ---- */

struct str context_podman_root_reason(const struct context *ctx) {
	switch (ctx->ignore_origin) {
	case IGNORE_ORIGIN_DOCKERFILE:
		return STR("the file named after the Containerfile wins, and files are not merged");
	case IGNORE_ORIGIN_OPTION:
		return STR("--ignorefile names another one");
	case IGNORE_ORIGIN_ROOT: /* one of the two is the active one */
		return str_eq(ctx->ignore_path, STR(".containerignore"))
				? STR(".containerignore wins, and files are not merged")
				: STR("");
	case IGNORE_ORIGIN_NONE:
		break;
	}
	return STR("");
}

static bool same_file(int dir_fd, const char *path, const struct stat *st) {
	struct stat other;

	return fstatat(dir_fd, path, &other, 0) == 0 && other.st_dev == st->st_dev &&
			other.st_ino == st->st_ino;
}

static struct str companion_reason(
		const struct context *ctx, const char *looked_for, const struct stat *st) {
	if (ctx->ignore_origin == IGNORE_ORIGIN_OPTION) {
		return STR("--ignorefile names another one");
	}
	if (same_file(ctx->root_fd, looked_for, st)) {
		return STR("the .dockerignore of the same name wins");
	}
	return STR("Podman and Buildah look for it below the context, under the name given to -f");
}

bool context_podman_beside(struct arena *a, const struct context *ctx, struct str suffix,
		int dir_fd, struct inactive_ignore_file *out) {
	struct str beside = concat(a, ctx->dockerfile, suffix);
	struct str looked_for = concat(a, ctx->companion, suffix);
	struct stat st;

	*out = (struct inactive_ignore_file){ 0 };
	if (beside.ptr == NULL || looked_for.ptr == NULL) {
		return false;
	}
	if (fstatat(dir_fd, beside.ptr, &st, 0) != 0 ||
			(ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE &&
					same_file(ctx->root_fd, ctx->ignore_path.ptr, &st))) {
		return true;
	}
	out->path = beside;
	out->reason = companion_reason(ctx, looked_for.ptr, &st);
	return true;
}
