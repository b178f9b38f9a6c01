/*
 * A second look at some rows, by name in an open directory: extended attributes, and whether a file may
 * be read.
 */
#include "walk/walk.h"

#include "util/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/xattr.h>
#endif

/* What is done with each wanted row; false: out of memory. */
typedef bool (*look_fn)(void *user, int dir_fd, uint32_t row, const struct entry *entry);

static enum tng_code look_at_rows(int root_fd, const struct tree *tree, const uint8_t *wanted,
		look_fn look, void *user, struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	struct tree_opener *opener = tree_opener_create(tree, root_fd);
	bool ok = opener != NULL;

	for (uint32_t row = 1; row < nrows && ok; row++) {
		const struct entry *entry = tree_entry(tree, row);
		if (wanted[row] == 0 || entry->os_errno != 0) {
			continue;
		}
		int fd = tree_opener_dir(opener, entry->parent);
		ok = fd < 0 || look(user, fd, row, entry);
	}
	tree_opener_destroy(opener);
	return ok ? TNG_OK : error_nomem(err);
}

struct collector {
	struct arena *arena;
	const struct tree *tree; /* NULL: of a name without a tree */
	struct {
		VEC_FIELDS(struct tree_xattr)
	} list;
	char *names; /* of one entry, as the system lists them */
	size_t names_cap;
};

#if defined(__linux__)

/* The names of a path into c->names; their length, 0 for none, -1 when out of memory. */
static ssize_t list_names(struct collector *c, const char *path) {
	for (;;) {
		ssize_t n = llistxattr(path, c->names, c->names_cap);
		if (n >= 0 && c->names_cap > 0) {
			return n;
		}
		if (n < 0 && errno != ERANGE) {
			return 0; /* not supported, not permitted, gone: none */
		}
		size_t cap = c->names_cap > 0 ? c->names_cap * 2 : 1024;
		char *grown = realloc(c->names, cap);
		if (grown == NULL) {
			return -1;
		}
		c->names = grown;
		c->names_cap = cap;
	}
}

static bool collect_at(struct collector *c, int dir_fd, uint32_t row, const char *name) {
	/* no call takes a directory and a name; the magic link stands for the directory itself */
	char path[300];
	int printed = snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir_fd, name);

	if (printed < 0 || (size_t)printed >= sizeof(path)) {
		return true;
	}
	ssize_t n = list_names(c, path);
	for (const char *at = c->names; n > 0 && at < c->names + n; at += strlen(at) + 1) {
		ssize_t value = lgetxattr(path, at, NULL, 0);
		if (value < 0) {
			continue;
		}
		struct str kept = arena_copy(c->arena, str_from(at));
		struct tree_xattr *x = kept.ptr != NULL ? VEC_PUSH(&c->list) : NULL;
		if (x == NULL) {
			return false;
		}
		*x = (struct tree_xattr){ row, (uint32_t)value, kept };
	}
	return n >= 0;
}

#else

static bool collect_at(struct collector *c, int dir_fd, uint32_t row, const char *name) {
	(void)c;
	(void)dir_fd;
	(void)row;
	(void)name;
	return true;
}

#endif

static bool collect(void *user, int dir_fd, uint32_t row, const struct entry *entry) {
	struct collector *c = user;

	return collect_at(c, dir_fd, row, tree_name(c->tree, entry).ptr);
}

/* Moves the list into the arena. */
static enum tng_code hand_out(
		struct collector *c, struct tree_xattr **out, size_t *n, struct tng_error *err) {
	struct tree_xattr *list = arena_new(c->arena, struct tree_xattr, c->list.len);

	if (list == NULL) {
		return error_nomem(err);
	}
	if (c->list.len > 0) {
		memcpy(list, c->list.ptr, c->list.len * sizeof(*list));
	}
	*out = list;
	*n = c->list.len;
	return TNG_OK;
}

static void collector_fini(struct collector *c) {
	free(c->list.ptr);
	free(c->names);
}

enum tng_code tree_read_xattrs(struct arena *a, int root_fd, const struct tree *tree,
		const uint8_t *wanted, struct tree_xattr **out, size_t *n, struct tng_error *err) {
	struct collector c = { .arena = a, .tree = tree };
	enum tng_code code = look_at_rows(root_fd, tree, wanted, collect, &c, err);

	if (code == TNG_OK) {
		code = hand_out(&c, out, n, err);
	}
	collector_fini(&c);
	return code;
}

enum tng_code tree_read_xattrs_at(struct arena *a, int dir_fd, const char *name, uint32_t row,
		struct tree_xattr **out, size_t *n, struct tng_error *err) {
	struct collector c = { .arena = a };
	enum tng_code code = collect_at(&c, dir_fd, row, name) ? hand_out(&c, out, n, err)
							       : error_nomem(err);

	collector_fini(&c);
	return code;
}

struct unreadable {
	const struct tree *tree;
	struct {
		VEC_FIELDS(uint32_t)
	} rows;
};

static bool test_readable(void *user, int dir_fd, uint32_t row, const struct entry *entry) {
	struct unreadable *u = user;
	const unsigned everybody = S_IRUSR | S_IRGRP | S_IROTH;

	if (!entry_is_file(entry) || (entry->mode & everybody) == everybody ||
			faccessat(dir_fd, tree_name(u->tree, entry).ptr, R_OK, AT_EACCESS) == 0 ||
			errno != EACCES) {
		return true;
	}
	uint32_t *slot = VEC_PUSH(&u->rows);
	if (slot != NULL) {
		*slot = row;
	}
	return slot != NULL;
}

enum tng_code tree_find_unreadable(struct arena *a, int root_fd, const struct tree *tree,
		const uint8_t *wanted, uint32_t **out, size_t *n, struct tng_error *err) {
	struct unreadable u = { .tree = tree };
	enum tng_code code = TNG_OK;

	if (geteuid() != 0) {
		code = look_at_rows(root_fd, tree, wanted, test_readable, &u, err);
	}
	uint32_t *rows = code == TNG_OK ? arena_new(a, uint32_t, u.rows.len) : NULL;
	if (rows != NULL) {
		if (u.rows.len > 0) {
			memcpy(rows, u.rows.ptr, u.rows.len * sizeof(*rows));
		}
		*out = rows;
		*n = u.rows.len;
	}
	free(u.rows.ptr);
	return code == TNG_OK && rows == NULL ? error_nomem(err) : code;
}
