#include "helpers.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

static struct tree *make_tree(void) {
	static const struct tree_item items[] = {
		{ .path = { "a/b/c", 5 }, .type = ENTRY_FILE, .size = 5 },
		{ .path = { "a/b.txt", 7 }, .type = ENTRY_FILE, .size = 7 },
		{ .path = { "z", 1 }, .type = ENTRY_DIR, .mode = 0700 },
		{ .path = { "a/e", 3 }, .type = ENTRY_DIR, .mode = 0755 },
		{ .path = { "a/e/x/y/z", 9 }, .type = ENTRY_SYMLINK, .target = { "../t", 4 } },
	};
	struct tree *tree = NULL;

	cr_assert(tree_from_items(items, 5, &tree, NULL) == TNG_OK);
	return tree;
}

Test(walk_tree, rows_parents_ends_and_depths_agree) {
	struct tree *tree = make_tree();
	static const struct {
		const char *path;
		uint32_t parent, end, depth;
	} rows[] = { { "", TREE_NO_ROW, 10, 0 }, { "a", 0, 9, 1 }, { "a/b", 1, 4, 2 },
		{ "a/b/c", 2, 4, 3 }, { "a/b.txt", 1, 5, 2 }, { "a/e", 1, 9, 2 },
		{ "a/e/x", 5, 9, 3 }, { "a/e/x/y", 6, 9, 4 }, { "a/e/x/y/z", 7, 9, 5 },
		{ "z", 0, 10, 1 } };

	cr_assert(eq(u32, tree_nrows(tree), 10));
	for (uint32_t row = 0; row < 10; row++) {
		struct buf path = { 0 };
		tree_path(tree, row, &path);
		cr_assert(str_eq(buf_str(&path), str_from(rows[row].path)), "%u", row);
		cr_assert(eq(u32, tree_parent(tree, row), rows[row].parent));
		cr_assert(eq(u32, tree_end(tree, row), rows[row].end));
		cr_assert(eq(u32, tree_depth(tree, row), rows[row].depth));
		cr_assert(eq(u32, tree_find(tree, str_from(rows[row].path)), row));
		buf_fini(&path);
	}
	tree_destroy(tree);
}

Test(walk_tree, directories_are_numbered_in_row_order) {
	struct tree *tree = make_tree();
	static const uint32_t rows[] = { 0, 1, 2, 5, 6, 7, 9 }, parents[] = { 0, 0, 1, 1, 3, 4, 0 },
			      nentries[] = { 2, 3, 1, 1, 1, 1, 0 };

	cr_assert(eq(u32, tree_ndirs(tree), 7));
	for (uint32_t i = 0; i < 7; i++) {
		const struct tree_dir *dir = tree_dir(tree, i);
		cr_assert(eq(u32, dir->row, rows[i]));
		cr_assert(eq(u32, dir->parent, parents[i]));
		cr_assert(eq(u32, dir->nentries, nentries[i]));
		cr_assert(eq(ptr, (void *)tree_dir_of(tree, tree_entry(tree, rows[i])),
				(void *)dir));
	}
	tree_destroy(tree);
}

Test(walk_tree, what_is_not_there_is_not_found) {
	struct tree *tree = make_tree();
	static const char *const paths[] = { "A", "b", "a/a", "a/b/c/d", "a/b/", "zz", "a/e/x/y/zz",
		"a/b.txt/x", "/a" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (i == 4) {
			continue; /* not clean: no promise */
		}
		cr_assert(eq(u32, tree_find(tree, str_from(paths[i])), TREE_NO_ROW), "%s",
				paths[i]);
	}
	tree_destroy(tree);
}

Test(walk_tree, a_path_is_appended_to_what_is_there) {
	struct tree *tree = make_tree();
	struct buf out = { 0 };

	buf_append(&out, STR("./"));
	tree_path(tree, must_find(tree, "a/b.txt"), &out);
	tree_path(tree, 0, &out);
	cr_assert(str_eq(buf_str(&out), STR("./a/b.txt")));
	buf_fini(&out);
	tree_destroy(tree);
}

Test(walk_tree, every_row_of_a_large_tree_is_found) {
	struct tree_item items[3000];
	char names[3000][24];
	struct tree *tree = NULL;
	for (int i = 0; i < 3000; i++) {
		snprintf(names[i], sizeof(names[i]), "%d/%d/%d", i % 7, i % 101, i);
		items[i] = (struct tree_item){ .path = str_from(names[i]), .type = ENTRY_FILE };
	}
	cr_assert(tree_from_items(items, 3000, &tree, NULL) == TNG_OK);

	cr_assert(eq(u32, tree_nrows(tree), 1 + 7 + 707 + 3000));
	for (uint32_t row = 0; row < tree_nrows(tree); row++) {
		struct buf path = { 0 };
		tree_path(tree, row, &path);
		cr_assert(eq(u32, tree_find(tree, buf_str(&path)), row));
		buf_fini(&path);
	}
	tree_destroy(tree);
}
