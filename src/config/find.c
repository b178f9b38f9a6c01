/* Where the file is: in the context, or above it as far as the repository goes. */
#include "config/config.h"
#include "util/buf.h"
#include "util/path.h"

#include <sys/stat.h>

/* Deeper than any path can be. */
#define LEVELS_MAX 2048

static bool has(struct buf *dir, const char *name, struct stat *st) {
	size_t len = dir->len;

	buf_append(dir, len > 0 && dir->ptr[len - 1] == '/' ? STR("") : STR("/"));
	buf_append(dir, str_from(name));
	buf_putc(dir, '\0');
	bool is_there = !buf_failed(dir) && stat(dir->ptr, st) == 0;
	dir->len = len;
	return is_there;
}

static bool is_same(const struct stat *a, const struct stat *b) {
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* "a/b" becomes "a"; a name that may be a link, and "..", get another ".." behind them. */
static void name_parent(struct buf *dir) {
	struct str base = path_base(buf_str(dir));
	struct stat st;

	buf_putc(dir, '\0');
	bool is_real = !buf_failed(dir) && lstat(dir->ptr, &st) == 0 && S_ISDIR(st.st_mode);
	dir->len--;
	if (str_eq(buf_str(dir), STR("."))) {
		buf_clear(dir);
		buf_append(dir, STR(".."));
	} else if (!is_real || base.len == 0 || str_eq(base, STR(".")) || str_eq(base, STR(".."))) {
		buf_append(dir, str_ends(buf_str(dir), STR("/")) ? STR("..") : STR("/.."));
	} else {
		struct str parent = path_dir(buf_str(dir));
		bool is_cut = parent.ptr == dir->ptr;
		dir->len = is_cut ? parent.len : 0;
		buf_append(dir, is_cut ? STR("") : parent);
	}
}

/* One directory up: false where the search ends. */
static bool go_up(struct buf *dir, const char *home) {
	struct stat here, above, of_home;

	if (!has(dir, ".", &here) || !has(dir, "..", &above) || is_same(&here, &above)) {
		return false;
	}
	name_parent(dir);
	/* what others can put there is none of the user's */
	if ((above.st_mode & S_IWOTH) != 0) {
		return false;
	}
	if (home != NULL && stat(home, &of_home) == 0 && is_same(&of_home, &above)) {
		return false;
	}
	struct stat root;
	return stat("/", &root) == 0 && !is_same(&root, &above);
}

/* The name as the user would write it: "./" in front says nothing. */
static enum tng_code keep(
		struct arena *a, struct buf *dir, struct str *out, struct tng_error *err) {
	struct str path;

	if (str_eq(buf_str(dir), STR("."))) {
		buf_clear(dir);
	} else if (!str_ends(buf_str(dir), STR("/"))) {
		buf_putc(dir, '/');
	}
	buf_append(dir, STR(CONFIG_NAME));
	path = arena_copy(a, buf_str(dir));
	if (buf_failed(dir) || path.ptr == NULL) {
		return error_nomem(err);
	}
	*out = path;
	return TNG_OK;
}

enum tng_code config_find(struct arena *a, const char *directory, const char *home, struct str *out,
		struct tng_error *err) {
	struct buf dir = { 0 };
	struct stat st;
	enum tng_code code = TNG_OK;

	*out = STR("");
	buf_append(&dir, str_from(directory));
	while (dir.len > 1 && dir.ptr[dir.len - 1] == '/') {
		dir.len--;
	}
	for (size_t i = 0; i < LEVELS_MAX && !buf_failed(&dir); i++) {
		if (has(&dir, CONFIG_NAME, &st)) {
			code = keep(a, &dir, out, err);
			break;
		}
		if (has(&dir, ".git", &st) || !go_up(&dir, home)) {
			break;
		}
	}
	if (code == TNG_OK && buf_failed(&dir)) {
		code = error_nomem(err);
	}
	buf_fini(&dir);
	return code;
}
