/*
 * A directory at a time: what is in it comes from its tree object, or from the index where that has the very
 * same tree, which most directories of a near revision are. Then neither it nor what is below it is read.
 *
 *   tree object ─▶ in the index? ─ yes ─▶ its entries ─┐
 *                        └─ no ─▶ the object's entries ┴▶ sorted as a tree's rows are ─▶ rows
 */
#include "vcs/revision_rows.h"

#include "util/buf.h"
#include "util/path.h"
#include "vcs/cached.h"
#include "vcs/repository.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The shortest and the longest pointer that Git LFS takes for one. */
#define POINTER_MIN_BYTES 100U
#define POINTER_MAX_BYTES 1023U
/* Folders in one another, at most. */
#define DEPTH_MAX 1000U

enum { TYPE_MASK = 0170000, TYPE_REPOSITORY = 0010000 /* none of git's */ };

/* An entry of a directory. */
struct child {
	struct str name;
	const unsigned char *oid;
	unsigned mode;            /* git's, or TYPE_REPOSITORY */
	struct index_dir indexed; /* of a directory: its entries; of a file: one, or none */
};

struct maker {
	struct arena *a;
	const struct store *store;
	struct revision_rows *out;
	struct index_table index;
	struct cached_trees cached;
	struct {
		VEC_FIELDS(struct child)
	} children; /* of the directories on the way down */
	bool has_lfs;
	struct tng_error *err;
};

/* A directory whose entries are to be added. */
struct folder {
	const git_tree *tree;     /* NULL: as the index has it */
	struct index_dir indexed; /* what the index has of this path, or of the same tree */
	uint32_t row;
	unsigned depth;
	bool is_top; /* of the repository */
};

/* ---- pointers of Git LFS */

static void look_for_lfs(struct maker *m, const git_oid *oid) {
	git_odb_object *object;
	struct str text;

	if (!m->has_lfs && store_read(m->store, oid, &object, &text)) {
		m->has_lfs = str_contains(text, STR("filter=lfs"));
		git_odb_object_free(object);
	}
}

/* Attributes of the folders that the context is in. */
static void look_for_lfs_above(struct maker *m, const git_tree *top) {
	struct str dir = m->store->prefix;

	while (dir.len > 0 && !m->has_lfs) {
		git_tree_entry *entry = NULL;
		dir = str_eq(path_dir(dir), STR(".")) ? STR("") : path_dir(dir);
		struct str path = path_join(m->a, dir, STR(".gitattributes"));
		if (path.ptr != NULL && git_tree_entry_bypath(&entry, top, path.ptr) == 0) {
			look_for_lfs(m, git_tree_entry_id(entry));
		}
		git_tree_entry_free(entry);
	}
}

static bool is_pointer_size(uint64_t size) {
	return size >= POINTER_MIN_BYTES && size <= POINTER_MAX_BYTES;
}

/* Small files may stand for large ones; the index has 32 bits for a size, or that of the pointer. */
static void resolve_pointers(struct maker *m) {
	for (size_t i = 0; m->has_lfs && i < m->out->rows.len; i++) {
		struct revision_object *object = &m->out->objects.ptr[i + 1];
		git_odb_object *read;
		git_object_t type;
		struct str text;
		uint64_t size;
		size_t stored;
		if (object->is_from_index &&
				git_odb_read_header(&stored, &type, m->store->odb, &object->oid) ==
						0) {
			object->may_be_pointer = is_pointer_size(stored);
		}
		if (object->may_be_pointer && store_read(m->store, &object->oid, &read, &text)) {
			if (repository_read_pointer(text, &size)) {
				m->out->rows.ptr[i].size = size;
				object->is_pointer = true;
			}
			git_odb_object_free(read);
		}
	}
}

/* ---- the index beside it */

/* What is left of an entry's path in a directory. */
static struct str rest_of(const struct index_entry *e, size_t skip) {
	assert(e != NULL); /* of a range that is not empty */
	return str_skip(str_make(e->path, e->path_len), skip);
}

/* The first entry of a directory that does not come before a name and one byte behind it; 0: the name alone. */
static size_t find_entry(
		const struct maker *m, const struct index_dir *dir, struct str name, int behind) {
	size_t low = dir->first, high = dir->end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct str rest = rest_of(&m->index.entries[middle], dir->skip);
		int order = str_cmp(str_take(rest, name.len), name);
		int next = rest.len > name.len ? (unsigned char)rest.ptr[name.len] : 0;
		if (order < 0 || (order == 0 && next < behind)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* What the index has of one entry of a directory. */
static struct index_dir find_indexed(
		const struct maker *m, const struct index_dir *dir, struct str name, bool is_dir) {
	struct index_dir found = { .skip = dir->skip + name.len + 1 };

	if (is_dir) {
		found.first = find_entry(m, dir, name, '/');
		found.end = find_entry(m, dir, name, '0'); /* the byte after the slash */
		return found;
	}
	found.first = found.end = find_entry(m, dir, name, 0);
	found.end += found.first < dir->end &&
			str_eq(rest_of(&m->index.entries[found.first], dir->skip), name);
	return found;
}

/* Size 0 says that git would have to look: the entry is as young as the index. */
static bool knows_size(const struct index_entry *e, const git_oid *oid) {
	return e->size > 0 && (e->flags & (INDEX_STAGE_MASK | INDEX_NO_STAT)) == 0 &&
			(e->mode & TYPE_MASK) == 0100000 &&
			memcmp(e->oid, oid->id, sizeof(oid->id)) == 0;
}

/* An index that cannot be read helps with nothing. */
static enum tng_code read_index(struct maker *m, const struct vcs_index *known) {
	struct str path =
			path_join(m->a, str_from(git_repository_path(m->store->git)), STR("index"));
	struct str problem;

	if (path.ptr == NULL) {
		return error_nomem(m->err);
	}
	enum tng_code code = TNG_OK;
	if (known != NULL && str_eq(known->path, path)) {
		m->index = known->table;
	} else {
		code = index_read(m->a, path.ptr, sizeof(git_oid), &m->index, &problem, m->err);
	}
	return code == TNG_OK ? cached_read(m->a, &m->index, sizeof(git_oid), &m->cached, m->err)
			      : code;
}

/* ---- what is in a directory */

static enum tng_code push_child(struct maker *m, struct child child) {
	struct child *at = VEC_PUSH(&m->children);

	if (at == NULL) {
		return error_nomem(m->err);
	}
	*at = child;
	return TNG_OK;
}

static enum tng_code list_tree(struct maker *m, const struct folder *folder) {
	size_t n = git_tree_entrycount(folder->tree);
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(folder->tree, i);
		struct str name = str_from(git_tree_entry_name(entry));
		unsigned mode = (unsigned)git_tree_entry_filemode(entry);
		if (!store_is_name(name)) {
			continue; /* git would not check it out */
		}
		name = arena_copy(m->a, name);
		code = name.ptr == NULL
				? error_nomem(m->err)
				: push_child(m,
						  (struct child){
								  .name = name,
								  .oid = git_tree_entry_id(entry)
											 ->id,
								  .mode = mode,
								  .indexed = find_indexed(m,
										  &folder->indexed,
										  name,
										  mode == GIT_FILEMODE_TREE),
						  });
	}
	return code;
}

/* Directories are not entries of an index: they are what the paths of some have before a slash. */
static enum tng_code list_index(struct maker *m, const struct folder *folder) {
	const struct index_dir *dir = &folder->indexed;
	enum tng_code code = TNG_OK;

	for (size_t i = dir->first; i < dir->end && code == TNG_OK;) {
		const struct index_entry *e = &m->index.entries[i];
		assert(m->index.entries != NULL);
		struct str rest = rest_of(e, dir->skip);
		struct child child = { .name = str_take(rest, str_find(rest, '/')) };
		if (child.name.len < rest.len) {
			struct index_dir from = { i, dir->end, dir->skip };
			child.mode = GIT_FILEMODE_TREE;
			child.indexed = find_indexed(m, &from, child.name, true);
			i = child.indexed.end;
		} else {
			child.mode = e->mode;
			child.oid = e->oid;
			child.indexed = (struct index_dir){ i, i + 1, 0 };
			i++;
		}
		if (store_is_name(child.name)) {
			code = push_child(m, child);
		}
	}
	return code;
}

static int compare_children(const void *a, const void *b) {
	const struct child *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

/* git sorts directories as if their names ended in a slash: mostly that changes nothing. */
static void sort_children(struct maker *m, size_t first) {
	struct child *list = m->children.ptr + first;
	size_t n = m->children.len - first;
	bool is_sorted = true;

	for (size_t i = 1; i < n && is_sorted; i++) {
		is_sorted = compare_children(&list[i - 1], &list[i]) < 0;
	}
	if (!is_sorted) {
		qsort(list, n, sizeof(*list), compare_children);
	}
}

/* ---- rows */

/* The path of the last row, from the context, for a message. */
static struct str last_path(struct maker *m) {
	struct str path = STR("");

	for (size_t row = m->out->rows.len; row > 0; row = m->out->rows.ptr[row - 1].parent) {
		path = path_join(m->a, m->out->rows.ptr[row - 1].name, path);
	}
	return path.ptr != NULL ? path : STR("");
}

static enum tng_code set_file(struct maker *m, const struct child *child, struct tree_row *row,
		struct revision_object *object) {
	bool is_indexed = child->indexed.first < child->indexed.end;
	git_object_t type;
	size_t size = 0;

	object->is_from_index = is_indexed &&
			knows_size(&m->index.entries[child->indexed.first], &object->oid);
	if (object->is_from_index) {
		size = m->index.entries[child->indexed.first].size;
	} else if (git_odb_read_header(&size, &type, m->store->odb, &object->oid) != 0) {
		return store_fail_git(m->err, last_path(m), "its object cannot be read");
	}
	row->size = size;
	object->may_be_pointer = is_pointer_size(size);
	if (str_eq(child->name, STR(".gitattributes"))) {
		look_for_lfs(m, &object->oid);
	}
	return TNG_OK;
}

static enum tng_code add_row(struct maker *m, const struct child *child, uint32_t parent) {
	struct tree_row *row = VEC_PUSH(&m->out->rows);
	struct revision_object *object = row != NULL ? VEC_PUSH(&m->out->objects) : NULL;

	if (object == NULL) {
		return error_nomem(m->err);
	}
	*row = (struct tree_row){ .name = child->name, .parent = parent, .mode = 0755 };
	if (child->oid != NULL) {
		memcpy(object->oid.id, child->oid, sizeof(object->oid.id));
	}
	switch (child->mode & TYPE_MASK) {
	case TYPE_REPOSITORY:
	case GIT_FILEMODE_TREE:
	case GIT_FILEMODE_COMMIT:
		row->type = ENTRY_DIR;
		return TNG_OK;
	case GIT_FILEMODE_LINK:
		row->type = ENTRY_SYMLINK;
		row->mode = 0777;
		return store_read_link(m->a, m->store, &object->oid, &row->target, m->err);
	default:
		row->type = ENTRY_FILE;
		row->mode = (child->mode & 0100) != 0 ? 0755 : 0644;
		return set_file(m, child, row, object);
	}
}

/* A checkout has its repository in its top: rules and ignore files speak of it. Of what is in it only HEAD is
 * there, for nobody knows what it would weigh. */
static enum tng_code add_head(struct maker *m, uint32_t git) {
	struct tree_row *row = VEC_PUSH(&m->out->rows);
	struct revision_object *object = row != NULL ? VEC_PUSH(&m->out->objects) : NULL;

	if (object == NULL) {
		return error_nomem(m->err);
	}
	*row = (struct tree_row){
		.name = STR("HEAD"), .parent = git, .type = ENTRY_FILE, .mode = 0644
	};
	return TNG_OK;
}

static enum tng_code add_folder(struct maker *m, const struct folder *folder);

/* What is below the last row; *child is a copy. */
static enum tng_code add_below(
		struct maker *m, const struct child *child, const struct folder *above) {
	struct folder folder = {
		.indexed = child->indexed,
		.row = (uint32_t)m->out->rows.len,
		.depth = above->depth + 1,
	};
	git_tree *tree = NULL;
	git_oid oid;

	if (folder.depth > DEPTH_MAX) {
		return error_set(m->err, TNG_ELIMIT, "folders lie too deep");
	}
	bool is_indexed = above->tree == NULL ||
			cached_find(&m->cached, child->oid, sizeof(git_oid), &folder.indexed);
	if (!is_indexed) {
		folder.indexed = child->indexed;
		memcpy(oid.id, child->oid, sizeof(oid.id));
		if (git_tree_lookup(&tree, m->store->git, &oid) != 0) {
			return store_fail_git(m->err, last_path(m), "its tree cannot be read");
		}
		folder.tree = tree;
	}
	enum tng_code code = add_folder(m, &folder);
	git_tree_free(tree);
	return code;
}

static enum tng_code add_folder(struct maker *m, const struct folder *folder) {
	size_t first = m->children.len;
	enum tng_code code = folder->tree != NULL ? list_tree(m, folder) : list_index(m, folder);

	if (code == TNG_OK && folder->is_top) {
		code = push_child(
				m, (struct child){ .name = STR(".git"), .mode = TYPE_REPOSITORY });
	}
	sort_children(m, first);
	for (size_t i = first, end = m->children.len; i < end && code == TNG_OK; i++) {
		struct child child = m->children.ptr[i]; /* the list may move */
		code = add_row(m, &child, folder->row);
		if (code == TNG_OK && child.mode == TYPE_REPOSITORY) {
			code = add_head(m, (uint32_t)m->out->rows.len);
		} else if (code == TNG_OK && child.mode == GIT_FILEMODE_TREE) {
			code = add_below(m, &child, folder);
		}
	}
	m->children.len = first;
	return code;
}

/* The context's folder, and what the index has of it. */
static enum tng_code add_context(struct maker *m, const git_tree *tree) {
	struct folder folder = { .tree = tree, .is_top = m->store->prefix.len == 0 };
	struct buf dir = { 0 };

	buf_append(&dir, m->store->prefix);
	buf_append(&dir, folder.is_top ? STR("") : STR("/"));
	bool failed = buf_failed(&dir);
	if (!failed &&
			cached_find(&m->cached, git_tree_id(tree)->id, sizeof(git_oid),
					&folder.indexed)) {
		folder.tree = NULL;
	} else if (!failed) {
		folder.indexed.skip = dir.len;
		index_below(&m->index, buf_str(&dir), &folder.indexed.first, &folder.indexed.end);
	}
	buf_fini(&dir);
	return failed ? error_nomem(m->err) : add_folder(m, &folder);
}

static enum tng_code add_all(struct maker *m, const git_tree *top) {
	git_tree_entry *entry = NULL;
	git_tree *below = NULL;

	if (m->store->prefix.len == 0) {
		return add_context(m, top);
	}
	look_for_lfs_above(m, top);
	if (git_tree_entry_bypath(&entry, top, m->store->prefix.ptr) != 0 ||
			git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
		git_tree_entry_free(entry);
		return TNG_OK;
	}
	int failed = git_tree_lookup(&below, m->store->git, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	if (failed != 0) {
		return store_fail_git(m->err, m->store->prefix, "its tree cannot be read");
	}
	enum tng_code code = add_context(m, below);
	git_tree_free(below);
	return code;
}

enum tng_code revision_rows_make(struct arena *a, const struct store *store, const git_tree *top,
		const struct vcs_index *known, struct revision_rows *out, struct tng_error *err) {
	struct maker m = { .a = a, .store = store, .out = out, .err = err };
	bool has_root = VEC_PUSH(&out->objects) != NULL;
	enum tng_code code = has_root ? read_index(&m, known) : error_nomem(err);

	if (code == TNG_OK) {
		code = add_all(&m, top);
	}
	free(m.children.ptr);
	if (code == TNG_OK) {
		resolve_pointers(&m);
	}
	return code;
}

void revision_rows_fini(struct revision_rows *rows) {
	free(rows->rows.ptr);
	free(rows->objects.ptr);
}
