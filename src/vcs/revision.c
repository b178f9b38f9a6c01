/*
 * The tree of a revision, from the object store: nothing is checked out.
 *
 *   name ─▶ commit ─▶ its tree ─▶ the context's folder in it ─▶ items ─▶ struct tree
 *                                                        └─▶ the object of each row
 *
 * A size comes from the index where that has the same object, which most of a revision's files are: it
 * noted the file's size at the checkout. Else it comes from the object's header. A pointer of Git LFS counts as
 * the file that it stands for, where a .gitattributes of the revision speaks of LFS at all: only then small files
 * are read for it.
 * A submodule is an empty directory, as it is after a plain checkout.
 */
#include "vcs/internal.h"
#include "vcs/store.h"

#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The shortest and the longest pointer that Git LFS takes for one. */
#define POINTER_MIN_BYTES 100U
#define POINTER_MAX_BYTES 1023U
/* Folders in one another, at most. */
#define DEPTH_MAX 1000U
/* A larger file is not opened: nobody asks for more than its head. */
#define OPEN_MAX_BYTES ((uint64_t)256 << 20)

struct revision_item {
	git_oid oid;
	bool may_be_pointer, is_pointer;
	bool is_from_index; /* the size */
};

struct vcs_revision {
	struct arena *a;
	struct store store;
	git_tree *top; /* of the whole revision */
	struct tree *tree;
	const git_oid *oids;    /* by row */
	const bool *is_pointer; /* by row */
	git_oid id;             /* of the commit, or of the tree where a tree was named */
	struct {
		VEC_FIELDS(struct tree_item)
	} items;
	struct {
		VEC_FIELDS(struct revision_item)
	} objects; /* as items */
	/* the entries of the context, in the order in which the tree's are met: [next, end) are to come */
	struct index_table index;
	size_t next, end;
	bool has_lfs;
	struct tng_error *err;
};

static enum tng_code find_top(struct vcs_revision *r, const char *name) {
	git_object *object = NULL, *commit = NULL;
	git_object *tree = NULL;

	if (git_revparse_single(&object, r->store.git, name) != 0) {
		return store_fail_git(r->err, str_from(name), "no such revision");
	}
	int failed = git_object_peel(&tree, object, GIT_OBJECT_TREE);
	bool is_commit = git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0;
	if (failed == 0) {
		r->id = *git_object_id(is_commit ? commit : tree);
	}
	git_object_free(commit);
	git_object_free(object);
	if (failed != 0) {
		return store_fail_git(r->err, str_from(name), "it has no tree");
	}
	r->top = (git_tree *)tree;
	return TNG_OK;
}

/* ---- items */

static bool has_word(struct str text, struct str word) {
	for (size_t i = 0; i + word.len <= text.len; i++) {
		if (memcmp(text.ptr + i, word.ptr, word.len) == 0) {
			return true;
		}
	}
	return false;
}

static void look_for_lfs(struct vcs_revision *r, const git_oid *oid) {
	git_odb_object *object;
	struct str text;

	if (!r->has_lfs && store_read(&r->store, oid, &object, &text)) {
		r->has_lfs = has_word(text, STR("filter=lfs"));
		git_odb_object_free(object);
	}
}

/* Attributes of the folders that the context is in. */
static void look_for_lfs_above(struct vcs_revision *r) {
	struct str dir = r->store.prefix;

	while (dir.len > 0 && !r->has_lfs) {
		git_tree_entry *entry = NULL;
		dir = str_eq(path_dir(dir), STR(".")) ? STR("") : path_dir(dir);
		struct str path = path_join(r->a, dir, STR(".gitattributes"));
		if (path.ptr != NULL && git_tree_entry_bypath(&entry, r->top, path.ptr) == 0) {
			look_for_lfs(r, git_tree_entry_id(entry));
		}
		git_tree_entry_free(entry);
	}
}

/* The index entry of the next file; NULL: it has none of this path. */
static const struct index_entry *next_entry(struct vcs_revision *r, struct str path) {
	size_t skip = r->store.prefix.len > 0 ? r->store.prefix.len + 1 : 0;

	for (; r->next < r->end; r->next++) {
		const struct index_entry *e = &r->index.entries[r->next];
		int order = str_cmp(str_skip(str_make(e->path, e->path_len), skip), path);
		if (order >= 0) {
			return order == 0 ? e : NULL;
		}
	}
	return NULL;
}

/* Size 0 says that git would have to look: the entry is as young as the index. */
static bool knows_size(const struct index_entry *e, const git_oid *oid) {
	return e != NULL && e->size > 0 && (e->flags & (INDEX_STAGE_MASK | INDEX_NO_STAT)) == 0 &&
			(e->mode & 0170000U) == 0100000U &&
			memcmp(e->oid, oid->id, sizeof(oid->id)) == 0;
}

static bool is_pointer_size(uint64_t size) {
	return size >= POINTER_MIN_BYTES && size <= POINTER_MAX_BYTES;
}

static enum tng_code set_file(struct vcs_revision *r, struct str name, struct tree_item *item,
		struct revision_item *object) {
	const struct index_entry *e = next_entry(r, item->path);
	git_object_t type;
	size_t size = 0;

	item->type = ENTRY_FILE;
	object->is_from_index = knows_size(e, &object->oid);
	if (object->is_from_index) {
		size = e->size;
	} else if (git_odb_read_header(&size, &type, r->store.odb, &object->oid) != 0) {
		return store_fail_git(r->err, item->path, "its object cannot be read");
	}
	item->size = size;
	object->may_be_pointer = is_pointer_size(size);
	if (str_eq(name, STR(".gitattributes"))) {
		look_for_lfs(r, &object->oid);
	}
	return TNG_OK;
}

static enum tng_code add_entry(struct vcs_revision *r, const git_tree_entry *entry, struct str path,
		struct str name, git_filemode_t mode) {
	struct tree_item item = { .path = path, .mode = 0644 };
	struct revision_item object = { .oid = *git_tree_entry_id(entry) };
	enum tng_code code = TNG_OK;

	switch (mode) {
	case GIT_FILEMODE_TREE:
	case GIT_FILEMODE_COMMIT:
		item.type = ENTRY_DIR;
		item.mode = 0755;
		break;
	case GIT_FILEMODE_LINK:
		item.type = ENTRY_SYMLINK;
		item.mode = 0777;
		code = store_read_link(r->a, &r->store, &object.oid, &item.target, r->err);
		break;
	case GIT_FILEMODE_BLOB_EXECUTABLE:
		item.mode = 0755;
		code = set_file(r, name, &item, &object);
		break;
	case GIT_FILEMODE_BLOB:
	case GIT_FILEMODE_UNREADABLE:
		code = set_file(r, name, &item, &object);
		break;
	}
	struct tree_item *at = code == TNG_OK ? VEC_PUSH(&r->items) : NULL;
	struct revision_item *at_object = at != NULL ? VEC_PUSH(&r->objects) : NULL;
	if (at_object == NULL) {
		return code == TNG_OK ? error_nomem(r->err) : code;
	}
	*at = item;
	*at_object = object;
	return TNG_OK;
}

static enum tng_code add_tree(
		struct vcs_revision *r, const git_tree *tree, struct str dir, unsigned depth) {
	size_t n = git_tree_entrycount(tree);
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		git_filemode_t mode = git_tree_entry_filemode(entry);
		struct str name = str_from(git_tree_entry_name(entry));
		if (!store_is_name(name)) {
			continue; /* git would not check it out */
		}
		struct str path = path_join(r->a, dir, name);
		code = path.ptr != NULL ? add_entry(r, entry, path, name, mode)
					: error_nomem(r->err);
		if (code != TNG_OK || mode != GIT_FILEMODE_TREE) {
			continue;
		}
		git_tree *below = NULL;
		if (depth == DEPTH_MAX) {
			return error_set(r->err, TNG_ELIMIT, "folders lie too deep");
		}
		if (git_tree_lookup(&below, r->store.git, git_tree_entry_id(entry)) != 0) {
			return store_fail_git(r->err, path, "its tree cannot be read");
		}
		code = add_tree(r, below, path, depth + 1);
		git_tree_free(below);
	}
	return code;
}

/* Small files may stand for large ones; the index has 32 bits for a size, or that of the pointer. */
static void resolve_pointers(struct vcs_revision *r) {
	for (size_t i = 0; r->has_lfs && i < r->items.len; i++) {
		struct revision_item *item = &r->objects.ptr[i];
		git_odb_object *object;
		git_object_t type;
		struct str text;
		uint64_t size;
		size_t stored;
		if (item->is_from_index &&
				git_odb_read_header(&stored, &type, r->store.odb, &item->oid) ==
						0) {
			item->may_be_pointer = is_pointer_size(stored);
		}
		if (item->may_be_pointer &&
				store_read(&r->store, &r->objects.ptr[i].oid, &object, &text)) {
			if (repository_read_pointer(text, &size)) {
				r->items.ptr[i].size = size;
				item->is_pointer = true;
			}
			git_odb_object_free(object);
		}
	}
}

/* A checkout has its repository in its top: rules and ignore files speak of it. Of what is in it only HEAD is
 * there, for nobody knows what it would weigh. */
static enum tng_code add_git(struct vcs_revision *r) {
	const struct tree_item items[] = {
		{ .path = STR(".git"), .type = ENTRY_DIR, .mode = 0755 },
		{ .path = STR(".git/HEAD"), .type = ENTRY_FILE, .mode = 0644 },
	};

	for (size_t i = 0; i < 2; i++) {
		struct tree_item *at = VEC_PUSH(&r->items);
		struct revision_item *object = at != NULL ? VEC_PUSH(&r->objects) : NULL;
		if (object == NULL) {
			return error_nomem(r->err);
		}
		*at = items[i];
		*object = (struct revision_item){ .may_be_pointer = false };
	}
	return TNG_OK;
}

/* The items of the context's folder; none where the revision does not have it. */
static enum tng_code add_context(struct vcs_revision *r) {
	git_tree_entry *entry = NULL;
	git_tree *folder = NULL;

	if (r->store.prefix.len == 0) {
		enum tng_code code = add_git(r);
		return code == TNG_OK ? add_tree(r, r->top, STR(""), 0) : code;
	}
	look_for_lfs_above(r);
	if (git_tree_entry_bypath(&entry, r->top, r->store.prefix.ptr) != 0 ||
			git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
		git_tree_entry_free(entry);
		return TNG_OK;
	}
	int failed = git_tree_lookup(&folder, r->store.git, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	if (failed != 0) {
		return store_fail_git(r->err, r->store.prefix, "its tree cannot be read");
	}
	enum tng_code code = add_tree(r, folder, STR(""), 0);
	git_tree_free(folder);
	return code;
}

/* ---- rows */

/* The directory of the item before: most items are in the same one. */
struct last_dir {
	bool is_set;
	struct str path;
	uint32_t number;
};

static uint32_t find_item(const struct tree *tree, struct str path, struct last_dir *last) {
	struct str dir = path_dir(path);

	if (!last->is_set || !str_eq(dir, last->path)) {
		uint32_t row = str_eq(dir, STR(".")) ? 0 : tree_find(tree, dir);
		if (row == TREE_NO_ROW || !entry_is_dir(tree_entry(tree, row))) {
			return TREE_NO_ROW;
		}
		*last = (struct last_dir){ true, dir, (uint32_t)tree_entry(tree, row)->size };
	}
	return tree_child(tree, last->number, path_base(path));
}

/* The objects by row: items come in another order than rows do. */
static enum tng_code order_objects(struct vcs_revision *r) {
	git_oid *oids = arena_new(r->a, git_oid, tree_nrows(r->tree));
	bool *is_pointer = arena_new(r->a, bool, tree_nrows(r->tree));

	struct last_dir last = { .is_set = false };

	if (oids == NULL || is_pointer == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i < r->items.len; i++) {
		uint32_t row = find_item(r->tree, r->items.ptr[i].path, &last);
		if (row != TREE_NO_ROW) {
			oids[row] = r->objects.ptr[i].oid;
			is_pointer[row] = r->objects.ptr[i].is_pointer;
		}
	}
	r->oids = oids;
	r->is_pointer = is_pointer;
	return TNG_OK;
}

/* An index that cannot be read helps with nothing. */
static enum tng_code read_index(struct vcs_revision *r) {
	struct str path =
			path_join(r->a, str_from(git_repository_path(r->store.git)), STR("index"));
	struct buf below = { 0 };
	struct str problem;

	if (path.ptr == NULL) {
		return error_nomem(r->err);
	}
	enum tng_code code =
			index_read(r->a, path.ptr, sizeof(git_oid), &r->index, &problem, r->err);
	if (code == TNG_OK && problem.len == 0) {
		buf_append(&below, r->store.prefix);
		buf_append(&below, r->store.prefix.len > 0 ? STR("/") : STR(""));
		index_below(&r->index, buf_str(&below), &r->next, &r->end);
	}
	bool failed = buf_failed(&below);
	buf_fini(&below);
	return failed ? error_nomem(r->err) : code;
}

static enum tng_code make_tree(struct vcs_revision *r) {
	enum tng_code code = read_index(r);

	if (code == TNG_OK) {
		code = add_context(r);
	}
	if (code == TNG_OK) {
		resolve_pointers(r);
		code = tree_from_items(r->items.ptr, r->items.len, &r->tree, r->err);
	}
	return code == TNG_OK ? order_objects(r) : code;
}

/* A descriptor with what an object holds; -1: there is none. */
static int open_object(struct vcs_revision *r, const git_oid *oid) {
	git_odb_object *object;
	git_object_t type;
	struct str text;
	size_t size;

	if (git_odb_read_header(&size, &type, r->store.odb, oid) != 0 || size > OPEN_MAX_BYTES ||
			!store_read(&r->store, oid, &object, &text)) {
		return -1;
	}
	int fd = memfd_create("tonnage", MFD_CLOEXEC);
	if (fd >= 0 && (file_write_all(fd, text) != 0 || lseek(fd, 0, SEEK_SET) != 0)) {
		(void)close(fd);
		fd = -1;
	}
	git_odb_object_free(object);
	return fd;
}

static int open_row(void *user, uint32_t row) {
	struct vcs_revision *r = user;

	return open_object(r, &r->oids[row]);
}

/* ---- the door */

enum tng_code vcs_revision_open(struct arena *a, const char *root, const char *name,
		struct vcs_revision **out, struct tng_error *err) {
	struct vcs_revision *r = arena_new(a, struct vcs_revision, 1);

	if (r == NULL) {
		return error_nomem(err);
	}
	r->a = a;
	r->err = err;
	enum tng_code code = store_open(a, root, &r->store, err);
	if (code == TNG_OK) {
		code = find_top(r, name);
	}
	if (code == TNG_OK) {
		code = make_tree(r);
	}
	free(r->items.ptr);
	free(r->objects.ptr);
	r->err = NULL;
	if (code != TNG_OK) {
		vcs_revision_close(r);
		return code;
	}
	tree_set_files(r->tree, open_row, r);
	*out = r;
	return TNG_OK;
}

struct tree *vcs_revision_tree(struct vcs_revision *r) {
	return r->tree;
}

struct str vcs_revision_prefix(const struct vcs_revision *r) {
	return r->store.prefix;
}

struct str vcs_revision_top(const struct vcs_revision *r) {
	return r->store.work;
}

const unsigned char *vcs_revision_object(const struct vcs_revision *r, uint32_t row) {
	return git_oid_is_zero(&r->oids[row]) ? r->id.id : r->oids[row].id;
}

bool vcs_revision_is_pointer(const struct vcs_revision *r, uint32_t row) {
	return r->is_pointer[row];
}

int vcs_revision_read(struct vcs_revision *r, uint32_t row, struct vcs_contents *out) {
	git_odb_object *object;

	if (!store_read(&r->store, &r->oids[row], &object, &out->text)) {
		return ENOENT;
	}
	out->object = object;
	return 0;
}

void vcs_contents_release(struct vcs_contents *contents) {
	git_odb_object_free(contents->object);
}

int vcs_revision_file(struct vcs_revision *r, const char *path) {
	git_tree_entry *entry = NULL;

	if (git_tree_entry_bypath(&entry, r->top, path) != 0) {
		return -1;
	}
	int fd = git_tree_entry_type(entry) == GIT_OBJECT_BLOB
			? open_object(r, git_tree_entry_id(entry))
			: -1;
	git_tree_entry_free(entry);
	return fd;
}

enum tng_code vcs_revision_column(struct arena *a, const struct vcs_revision *r,
		struct vcs_column *out, struct tng_error *err) {
	uint32_t nrows = tree_nrows(r->tree);
	uint8_t *state = arena_new(a, uint8_t, nrows);
	struct vcs_repository *repository = arena_new(a, struct vcs_repository, 1);

	if (state == NULL || repository == NULL) {
		return error_nomem(err);
	}
	memset(state, VCS_TRACKED, nrows);
	uint32_t git = tree_find(r->tree, STR(".git"));
	if (git != TREE_NO_ROW) {
		memset(state + git, VCS_OUTSIDE, tree_end(r->tree, git) - git);
	}
	*repository = (struct vcs_repository){ .kind = VCS_MAIN, .prefix = r->store.prefix };
	*out = (struct vcs_column){
		.state = state,
		.is_known = true,
		.repositories = repository,
		.nrepositories = 1,
		.ntracked = nrows - tree_ndirs(r->tree),
	};
	return TNG_OK;
}

void vcs_revision_close(struct vcs_revision *r) {
	if (r == NULL) {
		return;
	}
	tree_destroy(r->tree);
	git_tree_free(r->top);
	store_close(&r->store);
}

bool vcs_is_revision(struct arena *a, const char *root, const char *name) {
	struct vcs_revision r = { .a = a };
	bool is = store_open(a, root, &r.store, NULL) == TNG_OK && find_top(&r, name) == TNG_OK;

	vcs_revision_close(&r);
	return is;
}

static enum tng_code find_base(
		struct vcs_revision *r, const char *one, const char *two, struct str *out) {
	const char *names[] = { one, two };
	git_oid ids[2], base;
	char text[GIT_OID_HEXSZ + 1];

	for (size_t i = 0; i < 2; i++) {
		enum tng_code code = find_top(r, names[i]);
		git_tree_free(r->top);
		r->top = NULL;
		if (code != TNG_OK) {
			return code;
		}
		ids[i] = r->id;
	}
	if (git_merge_base(&base, r->store.git, &ids[0], &ids[1]) != 0) {
		return store_fail_git(r->err, str_from(two), "no common ancestor");
	}
	*out = arena_copy(r->a, str_from(git_oid_tostr(text, sizeof(text), &base)));
	return out->ptr != NULL ? TNG_OK : error_nomem(r->err);
}

enum tng_code vcs_merge_base(struct arena *a, const char *root, const char *one, const char *two,
		struct str *out, struct tng_error *err) {
	struct vcs_revision r = { .a = a, .err = err };
	enum tng_code code = store_open(a, root, &r.store, err);

	if (code == TNG_OK) {
		code = find_base(&r, one, two, out);
	}
	vcs_revision_close(&r);
	return code;
}
