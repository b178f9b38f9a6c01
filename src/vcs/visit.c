#include "vcs/internal.h"

#include <stdlib.h>

#define MODE_TYPE 0170000U
#define MODE_GITLINK 0160000U
#define MODE_SYMLINK 0120000U
#define MODE_DIRECTORY 0040000U
#define MODE_EXECUTABLE 0100U

/* git was told not to look, or has nothing to compare with */
#define UNCOMPARED (INDEX_ASSUME_VALID | INDEX_SKIP_WORKTREE | INDEX_INTENT_TO_ADD)

/* What the visit knows of the row at hand. */
struct row_view {
	uint32_t row;
	const struct entry *entry;
	struct str name;
	enum claim_kind kind;
	const struct index_entry *indexed; /* CLAIM_ENTRY */
	struct index_range below;          /* CLAIM_BELOW */
};

static enum vcs_state compare_size(
		struct visit *v, const struct index_entry *indexed, uint64_t size) {
	if (indexed->size == (uint32_t)size || (indexed->flags & INDEX_NO_STAT) != 0) {
		return VCS_TRACKED;
	}
	/* git writes 0 for a file that it must look at again; and a file that was written anew with
	 * its old contents is none that was modified */
	switch (repository_blob_fits(v->repository, indexed->oid, size)) {
	case BLOB_FITS:
		return VCS_TRACKED;
	case BLOB_MISSING: /* 0: the index does not say either */
		return v->repository->is_partial && indexed->size == 0 ? VCS_UNKNOWN : VCS_MODIFIED;
	case BLOB_DIFFERS:
		break;
	}
	return VCS_MODIFIED;
}

static enum vcs_state compare(
		struct visit *v, const struct index_entry *indexed, const struct entry *entry) {
	const struct repository *r = v->repository;
	unsigned type = indexed->mode & MODE_TYPE;
	bool is_link = type == MODE_SYMLINK && entry_type(entry) == ENTRY_SYMLINK;
	bool is_file = entry_is_file(entry) &&
			(type == 0100000U || (type == MODE_SYMLINK && !r->has_symlinks));

	if ((indexed->flags & INDEX_STAGE_MASK) != 0) {
		return VCS_MODIFIED;
	}
	if ((indexed->flags & UNCOMPARED) != 0 || entry_type(entry) == ENTRY_UNKNOWN) {
		return VCS_TRACKED;
	}
	if (!is_link && !is_file) {
		return VCS_MODIFIED;
	}
	if (type == 0100000U && r->has_modes &&
			((indexed->mode ^ entry->mode) & MODE_EXECUTABLE) != 0) {
		return VCS_MODIFIED;
	}
	return compare_size(v, indexed, entry->size);
}

static enum tng_code push_frame(struct visit *v, const struct row_view *r) {
	const struct tree_dir *dir = tree_dir_of(v->b->tree, r->entry);
	struct frame *f = VEC_PUSH(&v->frames);

	buf_append(&v->path, r->name);
	buf_putc(&v->path, '/');
	if (f == NULL || buf_failed(&v->path)) {
		return error_nomem(v->b->err);
	}
	*f = (struct frame){
		.dir = (uint32_t)r->entry->size,
		.end = dir->end,
		.next = r->kind == CLAIM_BELOW ? r->below.first : 0,
		.last = r->kind == CLAIM_BELOW ? r->below.end : 0,
		.ntaken = v->taken.len,
		.path_len = v->path.len,
	};
	return TNG_OK;
}

static void pop_frame(struct visit *v) {
	const struct frame *f = &v->frames.ptr[v->frames.len - 1];

	claim_rest(v);
	if (v->nready == v->frames.len) {
		v->nready--;
		v->levels.len = f->nlevels;
	}
	v->frames.len--;
	v->path.len = v->frames.len > 0 ? v->frames.ptr[v->frames.len - 1].path_len : 0;
}

/* Mention the repositories in an ignored directory: theirs is what they know, but nobody asks. */
static enum tng_code mention_below(struct builder *b, uint32_t from, uint32_t end) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < b->git_rows.len && code == TNG_OK; i++) {
		uint32_t git = b->git_rows.ptr[i];
		if (git > from && git < end && nested_begins(b, git)) {
			code = nested_mention(
					b, tree_parent(b->tree, git), nested_kind(b, git), STR(""));
		}
	}
	return code;
}

/* A directory that the index has as a file: a submodule, or something else in its place. */
static enum tng_code visit_entry_dir(struct visit *v, const struct row_view *r, uint32_t *next) {
	struct builder *b = v->b;
	uint32_t git = b->git_of[(uint32_t)r->entry->size];

	if ((r->indexed->mode & MODE_TYPE) != MODE_GITLINK) {
		bool is_compared = (r->indexed->flags & UNCOMPARED) == 0;
		b->state[r->row] = is_compared ? VCS_MODIFIED : VCS_TRACKED;
		return push_frame(v, r);
	}
	*next = tree_end(b->tree, r->row);
	if (git != 0 && nested_begins(b, git)) {
		enum tng_code code = nested_visit(b, r->row, VCS_SUBMODULE);
		b->state[r->row] = b->state[r->row] == VCS_UNKNOWN ? VCS_UNKNOWN : VCS_TRACKED;
		return code;
	}
	builder_fill(b, r->row, *next, VCS_UNTRACKED);
	b->state[r->row] = VCS_TRACKED;
	return nested_mention(b, r->row, VCS_SUBMODULE, STR("it is not checked out"));
}

static enum tng_code visit_foreign_dir(struct visit *v, const struct row_view *r, uint32_t *next) {
	struct builder *b = v->b;
	uint32_t git = b->git_of[(uint32_t)r->entry->size];
	bool is_ignored;
	enum tng_code code = ignored_row(v, r->name, true, &is_ignored);

	if (code != TNG_OK) {
		return code;
	}
	if (is_ignored) {
		*next = tree_end(b->tree, r->row);
		builder_fill(b, r->row, *next, VCS_IGNORED);
		return mention_below(b, r->row, *next);
	}
	if (git != 0 && nested_begins(b, git)) {
		*next = tree_end(b->tree, r->row);
		return nested_visit(b, r->row, nested_kind(b, git));
	}
	b->state[r->row] = VCS_UNTRACKED;
	return push_frame(v, r);
}

static enum tng_code visit_dir(struct visit *v, const struct row_view *r, uint32_t *next) {
	struct builder *b = v->b;

	if (r->kind == CLAIM_ENTRY) {
		return visit_entry_dir(v, r, next);
	}
	if (r->kind == CLAIM_NONE) {
		return visit_foreign_dir(v, r, next);
	}
	const struct index_entry *first = &v->repository->index.entries[r->below.first];
	if ((first->mode & MODE_TYPE) == MODE_DIRECTORY) {
		/* a sparse index has the directory and not what is in it, and nothing should be here */
		*next = tree_end(b->tree, r->row);
		builder_fill(b, r->row, *next, VCS_UNKNOWN);
		return TNG_OK;
	}
	b->state[r->row] = VCS_TRACKED;
	return push_frame(v, r);
}

static enum tng_code visit_file(struct visit *v, const struct row_view *r) {
	bool is_ignored = false;
	enum tng_code code = TNG_OK;

	if (r->kind == CLAIM_ENTRY) {
		v->b->state[r->row] = (uint8_t)compare(v, r->indexed, r->entry);
		return TNG_OK;
	}
	code = ignored_row(v, r->name, false, &is_ignored);
	v->b->state[r->row] = is_ignored ? VCS_IGNORED : VCS_UNTRACKED;
	return code;
}

static enum tng_code visit_row(struct visit *v, uint32_t row, uint32_t *next) {
	const struct entry *entry = tree_entry(v->b->tree, row);
	struct row_view r = { .row = row, .entry = entry, .name = tree_name(v->b->tree, entry) };

	*next = row + 1;
	if (str_eq(r.name, STR(".git"))) {
		*next = tree_end(v->b->tree, row);
		builder_fill(v->b, row, *next, VCS_OUTSIDE);
		return TNG_OK;
	}
	bool is_dir = entry_is_dir(entry);
	enum tng_code code = claim_row(v, r.name, is_dir, &r.kind, &r.indexed, &r.below);
	if (code != TNG_OK) {
		return code;
	}
	return is_dir ? visit_dir(v, &r, next) : visit_file(v, &r);
}

static enum tng_code visit_all(struct visit *v, uint32_t row, struct str prefix, uint64_t *nindex) {
	struct builder *b = v->b;
	const struct entry *entry = tree_entry(b->tree, row);
	uint32_t end = tree_end(b->tree, row), next;
	struct row_view top = { .row = row, .entry = entry, .name = prefix, .kind = CLAIM_BELOW };
	bool is_ignored;
	enum tng_code code = ignored_begin(v, prefix, &is_ignored);

	if (code == TNG_OK) {
		code = push_frame(v, &top);
	}
	if (code != TNG_OK) {
		return code;
	}
	struct frame *f = &v->frames.ptr[0];
	f->is_ignored = is_ignored;
	v->path.len = f->path_len = prefix.len > 0 ? f->path_len : 0;
	index_below(&v->repository->index, buf_str(&v->path), &f->next, &f->last);
	*nindex = f->last - f->next;
	b->ntracked += *nindex;
	b->state[row] = (uint8_t)(*nindex > 0        ? VCS_TRACKED
					: is_ignored ? VCS_IGNORED
						     : VCS_UNTRACKED);
	for (row++; row < end && code == TNG_OK; row = next) {
		while (row >= v->frames.ptr[v->frames.len - 1].end) {
			pop_frame(v);
		}
		code = visit_row(v, row, &next);
	}
	while (v->frames.len > 0) {
		pop_frame(v);
	}
	return code;
}

enum tng_code visit_repository(struct builder *b, struct repository *repository, uint32_t row,
		struct str prefix, uint64_t *nindex) {
	struct visit v = { .b = b, .repository = repository };
	enum tng_code code = visit_all(&v, row, prefix, nindex);

	buf_fini(&v.path);
	free(v.frames.ptr);
	free(v.taken.ptr);
	free(v.levels.ptr);
	return code;
}
