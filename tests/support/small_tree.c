#include "support/small_tree.h"

#include <stdlib.h>

static uint64_t number(struct str text) {
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n = n * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	return n;
}

static void cut_inode(struct tree_item *item) {
	struct str path, inode;

	if (str_cut(item->path, '@', &path, &inode)) {
		item->path = path;
		item->inode = number(inode);
	}
}

static struct tree_item parse_item(struct str text) {
	struct tree_item item = { .path = text, .type = ENTRY_FILE, .size = 1, .mode = 0644 };
	size_t last = text.len - 1, arrow = str_find(text, '>');
	struct str size;

	if (text.ptr[last] == '/') {
		item.type = ENTRY_DIR;
		item.path = str_take(text, last);
	} else if (text.ptr[last] == '~') {
		item.type = ENTRY_SOCKET;
		item.path = str_take(text, last);
	} else if (text.ptr[last] == '|') {
		item.type = ENTRY_FIFO;
		item.path = str_take(text, last);
	} else if (arrow < text.len) {
		item.type = ENTRY_SYMLINK;
		item.path = str_take(text, arrow - 1);
		item.target = str_skip(text, arrow + 1);
	} else if (str_cut(text, '=', &item.path, &size)) {
		item.size = number(size);
	}
	cut_inode(&item);
	return item;
}

struct tree *small_tree(const char *items) {
	struct str rest = str_from(items), text;
	struct tree_item *list = calloc(rest.len + 1, sizeof(*list));
	struct tree *tree = NULL;
	size_t n = 0;

	if (list == NULL) {
		return NULL;
	}
	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &text, &rest);
		if (text.len > 0) {
			list[n++] = parse_item(text);
		}
	}
	if (tree_from_items(list, n, &tree, NULL) != TNG_OK) {
		tree = NULL;
	}
	free(list);
	return tree;
}
