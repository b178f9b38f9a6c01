/*
 * vcs/revision_rows.h - the rows of a revision, in a tree's order, and the object of each.
 */
#ifndef VCS_REVISION_ROWS_H
#define VCS_REVISION_ROWS_H

#include "vcs/index.h"
#include "vcs/store.h"

#include "util/vec.h"

struct revision_object {
	git_oid oid; /* zero: it has none */
	bool may_be_pointer, is_pointer;
	bool is_from_index; /* the size */
};

struct revision_rows {
	struct {
		VEC_FIELDS(struct tree_row)
	} rows; /* without the root's */
	struct {
		VEC_FIELDS(struct revision_object)
	} objects; /* by row, the root's included */
};

/**
 * The rows of the store's folder in a tree; none where the tree does not have it.
 *
 * a        owns names and link targets
 * known    the index, if it was read before; NULL: it was not
 * out      ended with revision_rows_fini(), whatever comes back
 * Errors   TNG_EINVAL: an object cannot be read; TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code revision_rows_make(struct arena *a, const struct store *store, const git_tree *top,
		const struct vcs_index *known, struct revision_rows *out, struct tng_error *err);

void revision_rows_fini(struct revision_rows *rows);

#endif
