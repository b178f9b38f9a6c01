/*
 * The transfers of a file or two before the context: a tree of just those, looked at by name.
 *
 *   name -> lstat -> item;  a link: its target, too, unless it leads out
 */
#include "transfer/transfer.h"

#include "util/path.h"
#include "util/vec.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Links one behind another; docker's own resolver gives up at 255 */
#define LINKS_MAX 40

#if defined(__APPLE__)
#define MTIM st_mtimespec
#else
#define MTIM st_mtim
#endif

struct looker {
	struct arena *arena;
	int dir_fd;
	struct {
		VEC_FIELDS(struct tree_item)
	} items;
};

static bool is_there(const struct looker *l, struct str path) {
	for (size_t i = 0; i < l->items.len; i++) {
		if (str_eq(l->items.ptr[i].path, path)) {
			return true;
		}
	}
	return false;
}

static enum entry_type type_of(mode_t mode) {
	const struct entry entry = { .mode = (uint16_t)mode };

	return entry_type(&entry);
}

/* Adds what a path is; false: out of memory. *type is ENTRY_UNKNOWN when there is nothing. */
static bool look(struct looker *l, struct str path, enum entry_type *type) {
	struct str kept = arena_copy(l->arena, path);
	struct stat st;
	char target[4096];
	ssize_t n = 0;

	*type = ENTRY_UNKNOWN;
	if (kept.ptr == NULL) {
		return false;
	}
	if (fstatat(l->dir_fd, kept.ptr, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return true;
	}
	*type = type_of(st.st_mode);
	if (is_there(l, kept)) {
		return true;
	}
	if (*type == ENTRY_SYMLINK) {
		n = readlinkat(l->dir_fd, kept.ptr, target, sizeof(target));
	}
	struct tree_item item = {
		.path = kept,
		.type = *type,
		.size = *type == ENTRY_FILE ? (uint64_t)st.st_size : 0,
		.mtime_ns = (int64_t)st.MTIM.tv_sec * 1000000000 + st.MTIM.tv_nsec,
		.mode = (uint16_t)(st.st_mode & 07777U),
		.target = arena_copy(l->arena, str_make(target, n > 0 ? (size_t)n : 0)),
	};
	struct tree_item *slot = item.target.ptr != NULL ? VEC_PUSH(&l->items) : NULL;
	if (slot != NULL) {
		*slot = item;
	}
	return slot != NULL;
}

/* A path and the directories on the way to it. */
static bool look_along(struct looker *l, struct str path, enum entry_type *type) {
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '/' && !look(l, str_take(path, i), type)) {
			return false;
		}
	}
	return look(l, path, type);
}

/* Where a link leads, inside: an absolute target starts at the root, and no ".." leads above it. */
static struct str follow(struct looker *l, struct str link, struct str target) {
	struct str from = target.len > 0 && target.ptr[0] == '/' ? STR("") : path_dir(link);
	struct str joined = path_join(l->arena, STR("/"), from);

	joined = joined.ptr != NULL ? path_join(l->arena, joined, target) : joined;
	struct str clean = joined.ptr != NULL ? path_clean(l->arena, joined) : joined;
	return clean.ptr != NULL ? str_skip(clean, 1) : clean;
}

static bool look_through(struct looker *l, struct str name) {
	enum entry_type type = ENTRY_UNKNOWN;

	for (int i = 0; i < LINKS_MAX; i++) {
		size_t before = l->items.len;
		if (!look_along(l, name, &type)) {
			return false;
		}
		if (type != ENTRY_SYMLINK || l->items.len == before) {
			return true;
		}
		name = follow(l, name, l->items.ptr[l->items.len - 1].target);
		if (name.ptr == NULL) {
			return false;
		}
		if (name.len == 0) {
			return true;
		}
	}
	return true;
}

/* The xattrs of the rows that were looked at; few. */
static enum tng_code read_xattrs(struct arena *a, int dir_fd, const struct tree *tree,
		struct wire_options *options, struct tng_error *err) {
	uint8_t *wanted = arena_new(a, uint8_t, tree_nrows(tree));
	struct tree_xattr *xattrs = NULL;

	if (wanted == NULL) {
		return error_nomem(err);
	}
	memset(wanted, 1, tree_nrows(tree));
	enum tng_code code =
			tree_read_xattrs(a, dir_fd, tree, wanted, &xattrs, &options->nxattrs, err);
	options->xattrs = xattrs;
	return code;
}

static enum tng_code wire_of_items(struct arena *a, int dir_fd, const struct tree_item *items,
		size_t nitems, const struct str *names, size_t nnames, struct transfer_wire *out,
		struct tng_error *err) {
	struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT };
	struct wire_options options = { .engine = TNG_ENGINE_BUILDKIT };
	struct transfer_plan plan;
	struct tree *tree = NULL;
	struct str *includes = NULL;
	enum tng_code code = tree_from_items(items, nitems, &tree, err);

	if (code == TNG_OK) {
		code = follow_links(a, tree, names, nnames, &includes, &request.nincludes, err);
	}
	request.includes = includes;
	if (code == TNG_OK) {
		code = transfer_plan(a, tree, NULL, &request, &plan, err);
	}
	if (code == TNG_OK && dir_fd >= 0) {
		code = read_xattrs(a, dir_fd, tree, &options, err);
	}
	if (code == TNG_OK) {
		code = transfer_wire(a, tree, &plan, &options, out, err);
	}
	if (code == TNG_OK) {
		out->unchanged = out->first;
		out->nrequests_unchanged = out->nrequests;
	}
	tree_destroy(tree);
	return code;
}

enum tng_code transfer_wire_names(struct arena *a, int dir_fd, const struct str *names,
		size_t nnames, struct transfer_wire *out, struct tng_error *err) {
	struct looker l = { .arena = a, .dir_fd = dir_fd };
	bool ok = true;

	for (size_t i = 0; i < nnames && ok; i++) {
		ok = look_through(&l, names[i]);
	}
	enum tng_code code = ok ? wire_of_items(a, dir_fd, l.items.ptr, l.items.len, names, nnames,
						  out, err)
				: error_nomem(err);
	free(l.items.ptr);
	return code;
}

enum tng_code transfer_wire_made_up(struct arena *a, struct str name, uint64_t size,
		struct transfer_wire *out, struct tng_error *err) {
	const struct tree_item item = {
		.path = name,
		.type = ENTRY_FILE,
		.size = size,
		.mode = 0600,
		.mtime_ns = INT64_C(
				1700000000000000000), /* any time of our days has as many bytes */
	};

	return wire_of_items(a, -1, &item, 1, &name, 1, out, err);
}
