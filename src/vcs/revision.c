/*
 * The tree of a revision, from the object store: nothing is checked out.
 *
 *   name ─▶ commit ─▶ its tree ─▶ the context's folder in it ─▶ rows ─▶ struct tree
 *                                                        └─▶ the object of each row
 *
 * A size comes from the index where that has the same object, which most of a revision's files are: it
 * noted the file's size at the checkout. Else it comes from the object's header. A pointer of Git LFS counts as
 * the file that it stands for, where a .gitattributes of the revision speaks of LFS at all: only then small files
 * are read for it.
 * A submodule is an empty directory, as it is after a plain checkout.
 */
#include "vcs/internal.h"
#include "vcs/revision_rows.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A larger file is not opened: nobody asks for more than its head. */
#define OPEN_MAX_BYTES ((uint64_t)256 << 20)

struct vcs_revision {
	struct arena *a;
	struct store store;
	git_tree *top; /* of the whole revision */
	struct tree *tree;
	struct revision_rows rows;
	git_oid id; /* of the commit, or of the tree where a tree was named */
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

static enum tng_code make_tree(struct vcs_revision *r, const struct vcs_index *known) {
	enum tng_code code = revision_rows_make(r->a, &r->store, r->top, known, &r->rows, r->err);

	if (code == TNG_OK) {
		code = tree_from_rows(r->rows.rows.ptr, r->rows.rows.len, &r->tree, r->err);
	}
	free(r->rows.rows.ptr); /* the objects stay */
	r->rows.rows.ptr = NULL;
	return code;
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

	return open_object(r, &r->rows.objects.ptr[row].oid);
}

/* ---- the door */

enum tng_code vcs_revision_open(struct arena *a, const char *root, const char *name,
		const struct vcs_index *known, struct vcs_revision **out, struct tng_error *err) {
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
		code = make_tree(r, known);
	}
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
	const git_oid *oid = &r->rows.objects.ptr[row].oid;

	return git_oid_is_zero(oid) ? r->id.id : oid->id;
}

bool vcs_revision_is_pointer(const struct vcs_revision *r, uint32_t row) {
	return r->rows.objects.ptr[row].is_pointer;
}

int vcs_revision_read(struct vcs_revision *r, uint32_t row, struct vcs_contents *out) {
	git_odb_object *object;

	if (!store_read(&r->store, &r->rows.objects.ptr[row].oid, &object, &out->text)) {
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
	revision_rows_fini(&r->rows);
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
