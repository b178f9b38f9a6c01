/*
 * Which rows are one file: the extras with several links, grouped by device and inode.
 */
#include "walk/internal.h"

#include <stdlib.h>

/* Open addressing over the first link of each group: a slot holds its index + 1. */
struct group_table {
	uint32_t *slots;
	size_t mask;
};

static bool same_file(const struct tree *tree, uint32_t a, uint32_t b) {
	return tree_entry(tree, a)->inode == tree_entry(tree, b)->inode &&
			tree_device(tree, a) == tree_device(tree, b);
}

/* The number of the link's group; *ngroups counts up for a new one. */
static uint32_t group_of(
		const struct tree *tree, struct group_table *t, uint32_t link, uint32_t *ngroups) {
	uint32_t row = tree->links[link].row;
	size_t at = (size_t)file_hash(tree_device(tree, row), tree_entry(tree, row)->inode);

	for (;; at++) {
		uint32_t *slot = &t->slots[at & t->mask];
		if (*slot == 0) {
			*slot = link + 1;
			return (*ngroups)++;
		}
		if (same_file(tree, tree->links[*slot - 1].row, row)) {
			return tree->links[*slot - 1].group;
		}
	}
}

static bool is_hard_link(const struct tree *tree, const struct extra *extra) {
	return extra->nlink > 1 && !entry_is_dir(tree_entry(tree, extra->row));
}

enum tng_code tree_link_groups(struct tree *tree) {
	struct group_table t = { 0 };
	uint32_t nlinks = 0, ngroups = 0;

	for (size_t i = 0; i < tree->nextras; i++) {
		nlinks += is_hard_link(tree, &tree->extras[i]);
	}
	if (nlinks == 0) {
		return TNG_OK;
	}
	size_t nslots = 16;
	while (nslots < (size_t)nlinks * 2) {
		nslots *= 2;
	}
	tree->links = memory_resize(&tree->memory, NULL, nlinks, sizeof(*tree->links));
	t.slots = memory_resize(&tree->memory, NULL, nslots, sizeof(*t.slots));
	if (tree->links == NULL || t.slots == NULL) {
		free(t.slots);
		return TNG_ENOMEM;
	}
	memset(t.slots, 0, nslots * sizeof(*t.slots));
	t.mask = nslots - 1;
	for (size_t i = 0; i < tree->nextras; i++) {
		if (is_hard_link(tree, &tree->extras[i])) {
			uint32_t link = tree->nlinks++;
			tree->links[link].row = tree->extras[i].row;
			tree->links[link].group = group_of(tree, &t, link, &ngroups);
		}
	}
	free(t.slots);
	return TNG_OK;
}

const struct hard_link *tree_hard_links(const struct tree *tree, uint32_t *n) {
	*n = tree->nlinks;
	return tree->links;
}
