#include "walk/internal.h"

#include "util/buf.h"

#include <assert.h>
#include <stdlib.h>

struct tree *tree_create(void) {
	struct tree *tree = calloc(1, sizeof(*tree));

	if (tree != NULL) {
		memory_init(&tree->memory);
	}
	return tree;
}

void tree_destroy(struct tree *tree) {
	if (tree == NULL) {
		return;
	}
	memory_fini(&tree->memory);
	free(tree->extras);
	free(tree->links);
	free(tree);
}

uint32_t tree_nrows(const struct tree *tree) {
	return tree->nrows;
}

uint32_t tree_ndirs(const struct tree *tree) {
	return tree->ndirs;
}

const struct entry *tree_entry(const struct tree *tree, uint32_t row) {
	assert(row < tree->nrows);
	return memory_entry(&tree->memory, tree->order[row]);
}

const struct tree_dir *tree_dir(const struct tree *tree, uint32_t number) {
	assert(number < tree->ndirs);
	return &tree->dirs[number];
}

enum entry_type entry_type(const struct entry *entry) {
	static const struct {
		unsigned bits;
		enum entry_type type;
	} types[] = {
		{ 0100000U, ENTRY_FILE },
		{ 0040000U, ENTRY_DIR },
		{ 0120000U, ENTRY_SYMLINK },
		{ 0010000U, ENTRY_FIFO },
		{ 0140000U, ENTRY_SOCKET },
		{ 0020000U, ENTRY_CHAR_DEVICE },
		{ 0060000U, ENTRY_BLOCK_DEVICE },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((entry->mode & ENTRY_TYPE_MASK) == types[i].bits) {
			return types[i].type;
		}
	}
	return ENTRY_UNKNOWN;
}

const char *entry_type_name(enum entry_type type) {
	switch (type) {
	case ENTRY_FILE:
		return "file";
	case ENTRY_DIR:
		return "directory";
	case ENTRY_SYMLINK:
		return "symlink";
	case ENTRY_FIFO:
		return "fifo";
	case ENTRY_SOCKET:
		return "socket";
	case ENTRY_CHAR_DEVICE:
		return "char-device";
	case ENTRY_BLOCK_DEVICE:
		return "block-device";
	case ENTRY_UNKNOWN:
		break;
	}
	return "unknown";
}

/* NULL for the many rows that have none. */
static const struct extra *find_extra(const struct tree *tree, uint32_t row) {
	size_t low = 0, high = tree->nextras;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (tree->extras[mid].row < row) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < tree->nextras && tree->extras[low].row == row ? &tree->extras[low] : NULL;
}

uint64_t tree_allocated(const struct tree *tree, uint32_t row) {
	uint64_t blocks = tree_entry(tree, row)->blocks;

	if (blocks == ENTRY_BLOCKS_MAX) {
		const struct extra *extra = find_extra(tree, row);
		blocks = extra != NULL ? extra->blocks : blocks;
	}
	return blocks <= UINT64_MAX / 512 ? blocks * 512 : UINT64_MAX;
}

uint32_t tree_nlink(const struct tree *tree, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);

	if (entry_is_dir(e)) {
		return tree_dir_of(tree, e)->nlink;
	}
	const struct extra *extra = find_extra(tree, row);
	return extra != NULL ? extra->nlink : 1;
}

uint64_t tree_device(const struct tree *tree, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);

	if (entry_is_dir(e)) {
		return tree_dir_of(tree, e)->device;
	}
	const struct extra *extra = find_extra(tree, row);
	return extra != NULL ? extra->device : tree_dir(tree, e->parent)->device;
}

struct str tree_link_target(const struct tree *tree, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);

	if (entry_type(e) != ENTRY_SYMLINK) {
		return STR("");
	}
	struct str name = tree_name(tree, e);
	return str_from(name.ptr + name.len + 1);
}

uint32_t tree_parent(const struct tree *tree, uint32_t row) {
	return row != 0 ? tree_dir(tree, tree_entry(tree, row)->parent)->row : TREE_NO_ROW;
}

uint32_t tree_end(const struct tree *tree, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);

	return entry_is_dir(e) ? tree_dir_of(tree, e)->end : row + 1;
}

uint32_t tree_depth(const struct tree *tree, uint32_t row) {
	uint32_t depth = 0;

	for (; row != 0; row = tree_parent(tree, row)) {
		depth++;
	}
	return depth;
}

void tree_path(const struct tree *tree, uint32_t row, struct buf *out) {
	size_t len = 0;

	for (uint32_t r = row; r != 0; r = tree_parent(tree, r)) {
		len += tree_entry(tree, r)->name_len + (size_t)(len > 0);
	}
	char *at = len > 0 ? buf_reserve(out, len) : NULL;
	if (at == NULL) {
		return;
	}
	buf_advance(out, len);
	at += len;
	while (row != 0) {
		struct str name = tree_name(tree, tree_entry(tree, row));
		at -= name.len;
		memcpy(at, name.ptr, name.len);
		row = tree_parent(tree, row);
		if (row != 0) {
			*--at = '/';
		}
	}
}

/* The child of directory `number` that is `row` or has it below. */
static uint32_t child_above(const struct tree *tree, uint32_t number, uint32_t row) {
	while (tree_entry(tree, row)->parent != number) {
		row = tree_parent(tree, row);
	}
	return row;
}

/* Rows of a subtree are in order, so is the child that each belongs to. */
uint32_t tree_child(const struct tree *tree, uint32_t number, struct str name) {
	const struct tree_dir *dir = tree_dir(tree, number);
	uint32_t low = dir->row + 1, high = dir->end;

	while (low < high) {
		uint32_t child = child_above(tree, number, low + (high - low) / 2);
		int order = str_cmp(name, tree_name(tree, tree_entry(tree, child)));
		if (order == 0) {
			return child;
		}
		if (order < 0) {
			high = child;
		} else {
			low = tree_end(tree, child);
		}
	}
	return TREE_NO_ROW;
}

uint32_t tree_find_below(const struct tree *tree, uint32_t number, struct str path) {
	uint32_t row = tree_dir(tree, number)->row;

	while (path.len > 0 && row != TREE_NO_ROW) {
		const struct entry *entry = tree_entry(tree, row);
		struct str name;
		(void)str_cut(path, '/', &name, &path);
		row = entry_is_dir(entry) ? tree_child(tree, (uint32_t)entry->size, name)
					  : TREE_NO_ROW;
	}
	return row;
}

uint32_t tree_find(const struct tree *tree, struct str path) {
	return tree_find_below(tree, 0, path);
}

struct tree_stats tree_stats(const struct tree *tree) {
	return tree->stats;
}
