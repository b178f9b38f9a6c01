/*
 * Which ignore file (ignore-semantics 1.1 to 1.3).
 *
 *   --ignorefile F         F, whatever the engine
 *   BuildKit               <Dockerfile>.dockerignore beside the Dockerfile, an empty one, too;
 *                          else .dockerignore in the root. Read errors silently mean "no patterns"
 *   classic                .dockerignore in the root; a read error ends the build
 *   podman, buildah        see podman.c
 */
#include "context/confined.h"
#include "context/internal.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void choose(
		struct context *ctx, enum ignore_origin origin, struct str path, struct str text) {
	ctx->ignore_origin = origin;
	ctx->ignore_path = path;
	ctx->ignore_text = text;
}

/* Any file will do, /dev/null and a pipe, too. */
static enum tng_code from_option(
		struct arena *a, const char *path, struct context *ctx, struct tng_error *err) {
	struct str text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return error_set_errno(err, errno, str_from(path), "cannot open the ignore file");
	}
	enum tng_code code = file_read_fd(a, fd, CONTEXT_FILE_MAX_BYTES, &text, err);
	error_set_where(code != TNG_OK ? err : NULL, str_from(path));
	(void)close(fd);

	if (code == TNG_OK) {
		choose(ctx, IGNORE_ORIGIN_OPTION, str_from(path), text);
	}
	return code;
}

/* The name beside the Dockerfile, as shown to the user. */
static struct str companion_name(struct arena *a, const struct context *ctx) {
	struct str suffix = STR(".dockerignore");
	char *name = arena_alloc(a, ctx->dockerfile.len + suffix.len + 1);

	if (name == NULL) {
		return (struct str){ NULL, 0 };
	}
	memcpy(name, ctx->dockerfile.ptr, ctx->dockerfile.len);
	memcpy(name + ctx->dockerfile.len, suffix.ptr, suffix.len);
	return str_make(name, ctx->dockerfile.len + suffix.len);
}

/* The directory the Dockerfile is served from: links are resolved inside it. -1: cannot be opened. */
static enum tng_code open_dockerfile_dir(
		struct arena *a, const struct context *ctx, int *fd, struct tng_error *err) {
	struct str dir = arena_copy(a, path_dir(ctx->dockerfile));
	int base = ctx->dockerfile_is_inside ? ctx->root_fd : AT_FDCWD;

	if (dir.ptr == NULL) {
		return error_nomem(err);
	}
	*fd = openat(base, dir.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return TNG_OK;
}

/* Sets *found when BuildKit takes the file beside the Dockerfile. */
static enum tng_code from_companion(
		struct arena *a, struct context *ctx, bool *found, struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str text = STR("");

	if (!ctx->has_dockerfile || str_eq(ctx->dockerfile, STR("-"))) {
		return TNG_OK;
	}
	struct str name = companion_name(a, ctx);
	if (name.ptr == NULL) {
		return error_nomem(err);
	}
	int dir_fd = -1;
	enum tng_code code = open_dockerfile_dir(a, ctx, &dir_fd, err);
	if (code != TNG_OK || dir_fd < 0) {
		return code;
	}
	code = confined_read(a, dir_fd, path_base(name), CONTEXT_FILE_MAX_BYTES, &text, &why);
	(void)close(dir_fd);
	if (code == TNG_EIO && why.os_errno == EACCES) {
		/* the client sends an unreadable file as an empty one, and empty counts as found */
		ctx->ignore_note = STR("it cannot be read, and BuildKit takes it as empty");
	} else if (code == TNG_EIO) {
		return TNG_OK;
	} else if (code != TNG_OK) {
		return error_pass(err, &why);
	}
	choose(ctx, IGNORE_ORIGIN_DOCKERFILE, name, text);
	*found = true;
	return TNG_OK;
}

static enum tng_code from_root_buildkit(
		struct arena *a, struct context *ctx, struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str text = STR("");
	enum tng_code code = confined_read(
			a, ctx->root_fd, STR(".dockerignore"), CONTEXT_FILE_MAX_BYTES, &text, &why);

	if (code == TNG_EIO && why.os_errno == ENOENT) {
		return TNG_OK;
	}
	if (code == TNG_EIO) {
		ctx->ignore_note = why.os_errno == EISDIR
				? STR("it is a directory, and BuildKit skips it "
				      "without a word")
				: STR("it cannot be read, and BuildKit takes it "
				      "as empty");
		text = STR("");
	} else if (code != TNG_OK) {
		return error_pass(err, &why);
	}
	choose(ctx, IGNORE_ORIGIN_ROOT, STR(".dockerignore"), text);
	return TNG_OK;
}

enum tng_code context_stops_build(struct tng_error *err, const struct tng_error *why) {
	struct tng_error told = *why;
	size_t n = strlen(told.text);

	if (why->code == TNG_EIO) {
		(void)snprintf(told.text + n, sizeof(told.text) - n, "; a build stops here");
	}
	return error_pass(err, &told);
}

/* docker's client opens the file as any other: links may lead out of the context. */
static enum tng_code from_root_classic(
		struct arena *a, struct context *ctx, struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str text;
	enum tng_code code = file_read(
			a, ctx->root_fd, ".dockerignore", CONTEXT_FILE_MAX_BYTES, &text, &why);

	if (code == TNG_EIO && why.os_errno == ENOENT) {
		return TNG_OK;
	}
	if (code != TNG_OK) {
		return context_stops_build(err, &why);
	}
	choose(ctx, IGNORE_ORIGIN_ROOT, STR(".dockerignore"), text);
	return TNG_OK;
}

enum tng_code context_find_ignore_file(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	bool found = false;

	if (request->engine == TNG_ENGINE_PODMAN &&
			context_podman_companion(a, request, ctx, err) != TNG_OK) {
		return TNG_ENOMEM;
	}
	if (request->ignore_file != NULL) {
		return from_option(a, request->ignore_file, ctx, err);
	}
	switch (request->engine) {
	case TNG_ENGINE_CLASSIC:
		return from_root_classic(a, ctx, err);
	case TNG_ENGINE_PODMAN:
		return context_podman_ignore_file(a, ctx, err);
	case TNG_ENGINE_BUILDKIT:
		break;
	}
	enum tng_code code = from_companion(a, ctx, &found, err);
	return code == TNG_OK && !found ? from_root_buildkit(a, ctx, err) : code;
}
