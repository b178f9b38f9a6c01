/*
 * Files that are not in the context: where they are, seen from its root ("../docker/app.Dockerfile"), whatever
 * the working directory is, and where the repository begins that both are in.
 */
#include "analysis/internal.h"
#include "util/path.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct str outside_directory(struct arena *a, struct str dir) {
	char real[PATH_MAX];
	struct str name = arena_copy(a, dir);

	if (name.ptr == NULL || realpath(name.ptr, real) == NULL) {
		return (struct str){ NULL, 0 };
	}
	return arena_copy(a, str_from(real));
}

bool outside_is_same_file(struct arena *a, int x_fd, struct str x, int y_fd, struct str y) {
	struct str first = arena_copy(a, x), second = arena_copy(a, y);
	struct stat one, other;

	return first.ptr != NULL && second.ptr != NULL && fstatat(x_fd, first.ptr, &one, 0) == 0 &&
			fstatat(y_fd, second.ptr, &other, 0) == 0 && one.st_dev == other.st_dev &&
			one.st_ino == other.st_ino;
}

struct str outside_join(struct arena *a, struct str dir, struct str name) {
	struct str path = dir.ptr != NULL ? path_join(a, dir, name) : dir;

	return path.ptr != NULL ? path_clean(a, path) : path;
}

struct str outside_from(struct arena *a, struct str dir, struct str path) {
	struct buf out = { 0 };

	while (dir.len > 1 && !path_is_below(path, dir)) {
		buf_append(&out, STR("../"));
		dir = path_dir(dir);
	}
	struct str rest = str_skip(path, dir.len);
	buf_append(&out, str_skip(rest, str_starts(rest, STR("/"))));
	struct str copy = arena_copy(a, buf_str(&out));
	bool failed = buf_failed(&out);
	buf_fini(&out);
	return failed ? (struct str){ NULL, 0 } : copy;
}

struct str outside_repository(struct arena *a, struct str dir) {
	struct buf git = { 0 };
	bool is_found = false;

	while (dir.len > 1 && !is_found) {
		buf_clear(&git);
		buf_append(&git, dir);
		buf_append(&git, STR("/.git"));
		buf_putc(&git, '\0');
		is_found = !buf_failed(&git) && access(git.ptr, F_OK) == 0;
		dir = is_found ? dir : path_dir(dir);
	}
	buf_fini(&git);
	return is_found ? arena_copy(a, dir) : STR("");
}

/* What a path that findings show is relative to; of a revision the top of the repository. */
static struct str base_of(const struct analysis *an, bool is_inside) {
	return is_inside                       ? an->builds[0].context.root
			: an->revision != NULL ? vcs_revision_top(an->revision)
					       : STR(".");
}

struct str outside_dockerfile(
		struct arena *a, const struct analysis *an, const struct context *ctx) {
	bool is_inside = ctx->dockerfile_is_inside || ctx->dockerfile_is_inline;

	return outside_join(a, outside_directory(a, base_of(an, is_inside)), ctx->dockerfile);
}

struct str analysis_outside(
		struct arena *a, const struct analysis *an, struct str file, bool *is_far) {
	struct str root = outside_directory(a, an->builds[0].context.root);
	struct str base = outside_directory(a, base_of(an, false));
	bool is_absolute = str_starts(file, STR("/"));
	struct str dir = is_absolute || base.ptr == NULL ? path_dir(file)
							 : path_join(a, base, path_dir(file));
	struct str real = dir.ptr != NULL ? outside_directory(a, dir) : dir;

	/* a directory that only the revision has */
	dir = real.ptr != NULL || dir.ptr == NULL ? real : path_clean(a, dir);
	*is_far = true;
	if (root.ptr == NULL || dir.ptr == NULL) {
		return file;
	}
	struct str path = path_join(a, dir, path_base(file));
	struct str top = outside_repository(a, root);
	*is_far = top.ptr != NULL && top.len > 0 ? !path_is_below(dir, top) : is_absolute;
	return path.ptr == NULL ? file : *is_far ? path_base(file) : outside_from(a, root, path);
}
