/*
 * The final numbering: rows depth first, directories as they are met, both from the children that
 * each directory has in order already.
 *
 *   d: [a, b/, c]  b: [x]   ──▶  row  0 d  1 a  2 b  3 x  4 c     directories  0 d  1 b
 */
#include "walk/internal.h"

#include <assert.h>
#include <stdlib.h>

struct numbering {
	struct tree *tree;
	uint32_t *order;
	struct extra *extras; /* in row order */
	size_t nextras;
	uint32_t nrows, ndirs;
};

/* An extra's row is known now; its entry's parent field, which pointed here, is free. */
static void place_extra(struct numbering *n, uint32_t number, uint32_t row) {
	struct extra *from = &n->tree->extras[number - 1];

	assert(n->extras != NULL && n->nextras < n->tree->nextras);
	n->extras[n->nextras] = *from;
	n->extras[n->nextras].entry = NULL;
	n->extras[n->nextras].row = row;
	n->nextras++;
}

static void place_entry(struct numbering *n, struct entry *e, uint32_t handle, uint32_t parent) {
	n->order[n->nrows] = handle;
	if (UNLIKELY(e->parent != 0)) {
		place_extra(n, e->parent, n->nrows);
	}
	e->parent = parent;
	n->nrows++;
}

/* The row just placed is this directory's. */
static void place_dir(struct numbering *n, struct dir *d) {
	d->number = n->ndirs++;
	d->cursor = 0;
	d->entry->size = d->number;
	n->tree->dirs[d->number] = (struct tree_dir){
		.names = d->names,
		.device = d->device,
		.row = n->nrows - 1,
		.parent = d->parent != NULL ? d->parent->number : 0,
		.nentries = d->nchildren,
		.nlink = d->nlink,
		.os_errno = d->os_errno,
		.is_mount = d->is_mount,
	};
}

/* Not recursive: a tree may be deeper than a stack. */
static void place_all(struct numbering *n, struct dir *root, uint32_t root_handle) {
	struct dir *d = root;

	place_entry(n, root->entry, root_handle, 0);
	place_dir(n, root);
	while (d != NULL) {
		struct dir *below = NULL;
		while (d->cursor < d->nchildren && below == NULL) {
			uint32_t i = d->cursor++;
			struct entry *e = &d->children[i];
			place_entry(n, e, d->first + i, d->number);
			if (entry_is_dir(e)) {
				below = entry_dir(e);
			}
		}
		if (below != NULL) {
			place_dir(n, below);
			d = below;
		} else {
			n->tree->dirs[d->number].end = n->nrows;
			d = d->parent;
		}
	}
}

enum tng_code tree_number(struct tree *tree, struct dir *root, uint32_t nrows, uint32_t ndirs) {
	struct numbering n = { .tree = tree };
	struct memory *m = &tree->memory;

	n.order = memory_table(m, nrows, sizeof(*n.order));
	tree->dirs = memory_table(m, ndirs, sizeof(*tree->dirs));
	if (tree->nextras > 0) {
		n.extras = memory_resize(m, NULL, tree->nextras, sizeof(*n.extras));
	}
	if (n.order == NULL || tree->dirs == NULL || (tree->nextras > 0 && n.extras == NULL)) {
		free(n.extras);
		return TNG_ENOMEM;
	}
	place_all(&n, root, root->number);
	free(tree->extras);
	tree->extras = n.extras;
	tree->order = n.order;
	tree->nrows = n.nrows;
	tree->ndirs = n.ndirs;
	memory_drop_work(m);
	return tree_link_groups(tree);
}
