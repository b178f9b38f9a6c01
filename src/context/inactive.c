/*
 * Files that look like the active ignore file and are not: the usual reasons why "my .dockerignore does
 * nothing". Only the root and the Dockerfile's directory are looked at.
 */
#include "context/internal.h"
#include "util/path.h"
#include "util/vec.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct finds {
	VEC_FIELDS(struct inactive_ignore_file)
};

static bool add(struct finds *finds, struct str path, struct str reason) {
	struct inactive_ignore_file *file = path.ptr != NULL ? VEC_PUSH(finds) : NULL;

	if (file != NULL) {
		*file = (struct inactive_ignore_file){ .path = path, .reason = reason };
	}
	return file != NULL;
}

/* Why the file in the root that is named after the Dockerfile is not taken. */
static struct str companion_reason(const struct context *ctx, struct str stem) {
	if (ctx->ignore_origin == IGNORE_ORIGIN_OPTION) {
		return STR("--ignorefile names another one");
	}
	if (ctx->engine == TNG_ENGINE_CLASSIC) {
		return STR("the classic builder reads only .dockerignore");
	}
	return ctx->dockerfile_is_inside && str_eq(ctx->dockerfile, stem)
			? STR("it is no file that can be read, and BuildKit goes on to "
			      ".dockerignore")
			: STR("BuildKit looks for it beside the Dockerfile");
}

/* A name that is there and that the engine did not find is a link; where each looks for its target. */
static struct str dangling_reason(const struct context *ctx) {
	return ctx->engine == TNG_ENGINE_CLASSIC
			? STR("it is a link that leads nowhere, and the builder goes on without a "
			      "word")
			: STR("it is a link that leads nowhere in the context, and the builder "
			      "goes "
			      "on without a word");
}

/* Why a name in the context root is not the ignore file; empty when it does not look like one. */
static struct str root_reason(const struct context *ctx, struct str name) {
	struct str stem = str_take(name, name.len > 13 ? name.len - 13 : 0);

	if (ctx->engine == TNG_ENGINE_PODMAN &&
			(str_eq(name, STR(".dockerignore")) ||
					str_eq(name, STR(".containerignore")))) {
		struct str reason = context_podman_root_reason(ctx);
		return reason.len > 0 ? reason : dangling_reason(ctx);
	}
	if (str_eq(name, STR(".dockerignore"))) {
		switch (ctx->ignore_origin) {
		case IGNORE_ORIGIN_DOCKERFILE:
			return STR("the file named after the Dockerfile wins, and files are not "
				   "merged");
		case IGNORE_ORIGIN_OPTION:
			return STR("--ignorefile names another one");
		case IGNORE_ORIGIN_NONE:
			return dangling_reason(ctx);
		case IGNORE_ORIGIN_ROOT:
			break;
		}
		return STR("");
	}
	if (str_eq_nocase(name, STR(".dockerignore"))) {
		return STR("the name must be .dockerignore, in lower case");
	}
	if (str_eq_nocase(name, STR("dockerignore")) ||
			str_eq_nocase(name, STR(".dockerignore.txt")) ||
			str_eq_nocase(name, STR(".docker-ignore")) ||
			str_eq_nocase(name, STR(".dockerignores"))) {
		return STR("the name must be .dockerignore");
	}
	if (str_eq(name, STR(".containerignore"))) {
		return STR("only Podman and Buildah read it");
	}
	if (ctx->engine != TNG_ENGINE_PODMAN && stem.len > 0 &&
			str_ends(name, STR(".dockerignore")) &&
			str_eq(stem, path_base(ctx->dockerfile))) {
		return companion_reason(ctx, stem);
	}
	return STR("");
}

/* By name, or the same file by another: what --ignorefile names may have several. */
static bool is_active(const struct context *ctx, int dir_fd, const char *name) {
	struct stat one, active;

	if (ctx->ignore_origin != IGNORE_ORIGIN_OPTION) {
		return dir_fd == ctx->root_fd && str_eq(str_from(name), ctx->ignore_path);
	}
	/* the path is the option's: NUL-terminated */
	return fstatat(dir_fd, name, &one, 0) == 0 && stat(ctx->ignore_path.ptr, &active) == 0 &&
			one.st_dev == active.st_dev && one.st_ino == active.st_ino;
}

static bool look_in_root(struct arena *a, const struct context *ctx, struct finds *finds) {
	int fd = openat(ctx->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	bool ok = true;

	if (dir == NULL) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return true; /* the walk will say so */
	}
	/* the stream is ours alone: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	for (const struct dirent *e; ok && (e = readdir(dir)) != NULL;) {
		struct str name = str_from(e->d_name);
		struct str reason = root_reason(ctx, name);
		if (reason.len > 0 && !is_active(ctx, ctx->root_fd, e->d_name)) {
			ok = add(finds, arena_copy(a, name), reason);
		}
	}
	(void)closedir(dir);
	return ok;
}

/* A .dockerignore beside a Dockerfile that is not in the root. */
static bool look_beside_dockerfile(
		struct arena *a, const struct context *ctx, struct finds *finds) {
	struct str dir = path_dir(ctx->dockerfile);
	struct str path = path_join(a, dir, STR(".dockerignore"));
	int base = ctx->dockerfile_is_inside ? ctx->root_fd : AT_FDCWD;

	if (!ctx->has_dockerfile || (ctx->dockerfile_is_inside && str_eq(dir, STR("."))) ||
			str_eq(ctx->dockerfile, STR("-"))) {
		return true;
	}
	if (path.ptr == NULL) {
		return false;
	}
	/* path_join() puts a NUL behind it */
	if (faccessat(base, path.ptr, F_OK, AT_SYMLINK_NOFOLLOW) != 0 ||
			is_active(ctx, base, path.ptr)) {
		return true;
	}
	return add(finds, path,
			STR("it is beside the Dockerfile; .dockerignore is read from the context "
			    "root"));
}

/* Files named after the Dockerfile, where podman and buildah do not look. */
static bool look_for_companions(struct arena *a, const struct context *ctx, struct finds *finds) {
	const struct str suffixes[] = { STR(".dockerignore"), STR(".containerignore") };
	int base = ctx->dockerfile_is_inside ? ctx->root_fd : AT_FDCWD;
	bool ok = true;

	if (ctx->engine != TNG_ENGINE_PODMAN || ctx->companion.len == 0) {
		return true;
	}
	for (size_t i = 0; ok && i < 2; i++) {
		struct inactive_ignore_file file;
		ok = context_podman_beside(a, ctx, suffixes[i], base, &file) &&
				(file.path.len == 0 || add(finds, file.path, file.reason));
	}
	return ok;
}

static int compare_paths(const void *x, const void *y) {
	const struct inactive_ignore_file *a = x, *b = y;
	return str_cmp(a->path, b->path);
}

enum tng_code context_find_inactive(struct arena *a, struct context *ctx, struct tng_error *err) {
	struct finds finds = { 0 };
	bool ok = look_in_root(a, ctx, &finds) && look_beside_dockerfile(a, ctx, &finds) &&
			look_for_companions(a, ctx, &finds);

	if (ok && finds.len > 0) {
		/* readdir has no order of its own */
		qsort(finds.ptr, finds.len, sizeof(*finds.ptr), compare_paths);
		struct inactive_ignore_file *kept =
				arena_new(a, struct inactive_ignore_file, finds.len);
		ok = kept != NULL;
		if (ok) {
			memcpy(kept, finds.ptr, finds.len * sizeof(*kept));
			ctx->inactive = kept;
			ctx->ninactive = finds.len;
		}
	}
	free(finds.ptr);
	return ok ? TNG_OK : error_nomem(err);
}
