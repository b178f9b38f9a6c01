/*
 * Which Dockerfile (ignore-semantics 1.2, 1.3). With -f: relative to the working directory. Without:
 * Dockerfile, else dockerfile, in the root. Podman and buildah (1.4): -f may also be relative to the
 * context, and a directory stands for the Dockerfile in it; without -f Containerfile, else Dockerfile.
 *
 * BuildKit's client serves the directory that the file is in, and no more: a link is followed inside it.
 */
#include "context/confined.h"
#include "context/internal.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists_at(int dir_fd, const char *name) {
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Path relative to the root when `file` lies in it, else empty; .ptr is NULL when out of memory. BuildKit
 * takes the file by the name it is given in its directory, classic where its own link leads.
 */
static struct str relative_to_root(
		struct arena *a, const char *root, struct str file, enum tng_engine engine) {
	char root_real[PATH_MAX], real[PATH_MAX];
	bool by_target = engine == TNG_ENGINE_CLASSIC;
	struct str start = arena_copy(a, by_target ? file : path_dir(file));

	if (start.ptr == NULL) {
		return start;
	}
	if (realpath(root, root_real) == NULL || realpath(start.ptr, real) == NULL) {
		return STR("");
	}
	struct str inside = str_from(real), top = str_from(root_real);
	if (top.len > 1 && !path_is_below(inside, top)) {
		return STR("");
	}
	struct str rest = str_skip(inside, top.len);
	rest = str_starts(rest, STR("/")) ? str_skip(rest, 1) : rest;
	return by_target ? arena_copy(a, rest) : path_join(a, rest, path_base(file));
}

/* Fills the fields of a Dockerfile whose text was read; `given` is relative to the working directory. */
static enum tng_code place(struct arena *a, const struct context_request *request,
		struct context *ctx, struct str given, struct tng_error *err) {
	const char *root = request->root != NULL ? request->root : ".";
	struct str inside = relative_to_root(a, root, given, ctx->engine);

	if (inside.ptr == NULL) {
		return error_nomem(err);
	}
	ctx->has_dockerfile = true;
	ctx->dockerfile_is_inside = inside.len > 0;
	ctx->dockerfile = inside.len > 0 ? inside : given;
	return TNG_OK;
}

/* A file that -f does not find from here, but that is in the context: the usual slip. */
static enum tng_code missing_dockerfile(
		const struct context *ctx, const char *name, struct tng_error *err) {
	if (name[0] != '/' && exists_at(ctx->root_fd, name)) {
		error_set_where(err, str_from(name));
		return error_set(err, TNG_EIO,
				"no such file from here; -f is relative to the working directory: "
				"write -f %.*s/%s",
				STR_FMT(str_take(ctx->root, 60)), name);
	}
	return error_set_errno(err, ENOENT, str_from(name), "cannot open the Dockerfile");
}

/* The file as buildah finds it: from here, else from the context (imagebuildah BuildDockerfiles). */
static enum tng_code open_podman(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	struct str path = str_from(request->dockerfile);
	struct tng_error why = { 0 };
	struct stat st;
	int base = AT_FDCWD;

	if (fstatat(AT_FDCWD, path.ptr, &st, 0) != 0) {
		base = ctx->root_fd;
		struct str clean = path_clean(a, path);
		path = clean.ptr != NULL ? arena_copy(a, clean) : clean;
		if (path.ptr == NULL) {
			return error_nomem(err);
		}
		if (fstatat(base, path.ptr, &st, 0) != 0) {
			return error_set_errno(err, errno, path, "cannot open the Containerfile");
		}
	}
	if (S_ISDIR(st.st_mode)) {
		path = path_join(a, path, STR("Dockerfile"));
	}
	struct str name = path.ptr != NULL ? arena_copy(a, path) : path;
	if (name.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = file_read(
			a, base, name.ptr, CONTEXT_FILE_MAX_BYTES, &ctx->dockerfile_text, &why);
	if (code != TNG_OK) {
		return error_pass(err, &why);
	}
	const char *root = request->root != NULL ? request->root : ".";
	struct str from_here = base == AT_FDCWD ? name : path_join(a, str_from(root), name);
	return from_here.ptr != NULL ? place(a, request, ctx, from_here, err) : error_nomem(err);
}

/* The text as BuildKit gets it, where the file is a link; one that leads out of its directory is a problem, and
 * what it leads to is left as it was read. */
static enum tng_code read_served(struct arena *a, int base_fd, const char *path,
		struct context *ctx, struct tng_error *err) {
	struct str whole = str_from(path), text;
	struct str dir = arena_copy(a, path_dir(whole));
	struct tng_error why = { 0 };
	struct stat st;

	if (ctx->engine != TNG_ENGINE_BUILDKIT ||
			fstatat(base_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISLNK(st.st_mode)) {
		return TNG_OK;
	}
	int dir_fd = dir.ptr != NULL ? openat(base_fd, dir.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				     : -1;
	if (dir_fd < 0) {
		return dir.ptr != NULL ? TNG_OK : error_nomem(err);
	}
	enum tng_code code = confined_read(
			a, dir_fd, path_base(whole), CONTEXT_FILE_MAX_BYTES, &text, &why);
	(void)close(dir_fd);
	if (code == TNG_OK) {
		ctx->dockerfile_text = text;
	} else if (code == TNG_EIO) {
		ctx->dockerfile_problem = STR(
				"it is a link that leads out of its directory, and BuildKit gets "
				"nothing from elsewhere: a build fails; put the file there, or "
				"name it "
				"with -f where it is");
	} else {
		return error_pass(err, &why);
	}
	return TNG_OK;
}

static enum tng_code open_named(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	struct tng_error first = { 0 };
	enum tng_code code = file_read(a, AT_FDCWD, request->dockerfile, CONTEXT_FILE_MAX_BYTES,
			&ctx->dockerfile_text, &first);

	if (code == TNG_EIO && first.os_errno == ENOENT) {
		return missing_dockerfile(ctx, request->dockerfile, err);
	}
	if (code != TNG_OK) {
		return error_pass(err, &first);
	}
	code = read_served(a, AT_FDCWD, request->dockerfile, ctx, err);
	return code == TNG_OK ? place(a, request, ctx, str_from(request->dockerfile), err) : code;
}

/* Dockerfile or dockerfile in the root. */
static enum tng_code open_default(struct arena *a, const struct context_request *request,
		struct context *ctx, const char *name, struct tng_error *err) {
	struct tng_error why = { 0 };
	enum tng_code code = file_read(
			a, ctx->root_fd, name, CONTEXT_FILE_MAX_BYTES, &ctx->dockerfile_text, &why);

	if (code == TNG_EIO) {
		/* there, but unreadable: a build would fail, an analysis need not */
		ctx->dockerfile = str_from(name);
		ctx->dockerfile_problem = STR("it cannot be read: a build fails; name another one "
					      "with -f");
		return TNG_OK;
	}
	if (code == TNG_OK) {
		code = read_served(a, ctx->root_fd, name, ctx, &why);
	}
	if (code != TNG_OK) {
		return error_pass(err, &why);
	}
	if (ctx->engine == TNG_ENGINE_CLASSIC) {
		struct str given = path_join(a, ctx->root, str_from(name));
		return given.ptr != NULL ? place(a, request, ctx, given, err) : error_nomem(err);
	}
	ctx->has_dockerfile = true;
	ctx->dockerfile_is_inside = true;
	ctx->dockerfile = str_from(name);
	return TNG_OK;
}

/* It comes once: who looks again has kept the text. */
static enum tng_code read_stdin(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	ctx->dockerfile_text = request->stdin_text;
	if (request->stdin_text.ptr == NULL) {
		code = file_read_fd(a, STDIN_FILENO, CONTEXT_FILE_MAX_BYTES, &ctx->dockerfile_text,
				err);
	}
	ctx->has_dockerfile = code == TNG_OK;
	ctx->dockerfile = STR("-");
	return code;
}

enum tng_code context_find_dockerfile(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err) {
	static const char *const docker_names[] = { "Dockerfile", "dockerfile" };
	static const char *const podman_names[] = { "Containerfile", "Dockerfile" };
	bool podman = request->engine == TNG_ENGINE_PODMAN;
	const char *const *names = podman ? podman_names : docker_names;

	if (request->dockerfile != NULL && strcmp(request->dockerfile, "-") == 0) {
		return read_stdin(a, request, ctx, err);
	}
	if (request->dockerfile != NULL) {
		return podman ? open_podman(a, request, ctx, err)
			      : open_named(a, request, ctx, err);
	}
	for (size_t i = 0; i < 2; i++) {
		/* a link that leads nowhere: docker fails on it, buildah looks further */
		bool there = podman ? faccessat(ctx->root_fd, names[i], F_OK, 0) == 0
				    : exists_at(ctx->root_fd, names[i]);
		if (there) {
			return open_default(a, request, ctx, names[i], err);
		}
	}
	return TNG_OK;
}
