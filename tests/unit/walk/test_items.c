#include "helpers.h"
#include "support/tmptree.h"
#include "util/buf.h"
#include "walk/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>

static enum tng_code from_paths(
		const char *const *paths, size_t n, struct tree **out, struct tng_error *err) {
	struct tree_item items[16] = { 0 };

	for (size_t i = 0; i < n; i++) {
		items[i] = (struct tree_item){ .path = str_from(paths[i]), .type = ENTRY_FILE };
	}
	return tree_from_items(items, n, out, err);
}

Test(walk_items, a_walked_tree_survives_the_round_trip) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "src/main.c", 100);
	tmptree_file(&t, "src-old", 0);
	tmptree_file(&t, "src/sub/x", 1);
	tmptree_symlink(&t, "link", "src/main.c");
	tmptree_link(&t, "hard", "src/main.c");
	tmptree_dir(&t, "empty");
	struct tree *walked = walk_with(&t, 1, false), *made = NULL;
	struct tree_item items[16];
	struct buf paths[16] = { 0 };
	size_t n = tree_nrows(walked) - 1;
	for (uint32_t row = 1; row <= n; row++) {
		const struct entry *e = tree_entry(walked, row);
		tree_path(walked, row, &paths[row]);
		/* backwards: the order of items does not matter */
		items[n - row] = (struct tree_item){ .path = buf_str(&paths[row]),
			.type = entry_type(e),
			.size = entry_size(e),
			.mtime_ns = e->mtime_ns,
			.mode = e->mode & 07777,
			.inode = e->inode,
			.target = tree_link_target(walked, row) };
	}
	cr_assert(tree_from_items(items, n, &made, NULL) == TNG_OK);

	cr_assert(eq(u32, tree_nrows(made), tree_nrows(walked)));
	cr_assert(eq(u32, tree_ndirs(made), tree_ndirs(walked)));
	for (uint32_t row = 1; row <= n; row++) {
		const struct entry *a = tree_entry(walked, row), *b = tree_entry(made, row);
		cr_assert(str_eq(tree_name(walked, a), tree_name(made, b)));
		cr_assert(eq(int, a->mode, b->mode));
		cr_assert(eq(i64, a->mtime_ns, b->mtime_ns));
		cr_assert(eq(u64, entry_size(a), entry_size(b)));
		cr_assert(eq(u64, a->inode, b->inode));
		cr_assert(eq(u32, tree_end(walked, row), tree_end(made, row)));
		cr_assert(eq(u32, tree_parent(walked, row), tree_parent(made, row)));
		cr_assert(str_eq(tree_link_target(walked, row), tree_link_target(made, row)));
		buf_fini(&paths[row]);
	}
	uint32_t nlinks;
	(void)tree_hard_links(made, &nlinks);
	cr_assert(eq(u32, nlinks, 2));
	cr_assert(eq(u32, tree_nlink(made, must_find(made, "hard")), 2));
	tree_destroy(walked);
	tree_destroy(made);
	tmptree_remove(&t);
}

Test(walk_items, missing_directories_are_made) {
	static const char *const paths[] = { "x/y/z", "x-1" };
	struct tree *tree = NULL;
	cr_assert(from_paths(paths, 2, &tree, NULL) == TNG_OK);

	char *rows = dump_paths(tree);
	cr_assert(eq(str, rows, "x\nx/y\nx/y/z\nx-1\n"));
	cr_assert(eq(int, tree_entry(tree, must_find(tree, "x/y"))->mode, 040755));
	free(rows);
	tree_destroy(tree);
}

Test(walk_items, no_items_are_an_empty_root) {
	struct tree *tree = NULL;

	cr_assert(tree_from_items(NULL, 0, &tree, NULL) == TNG_OK);
	cr_assert(eq(u32, tree_nrows(tree), 1));
	tree_destroy(tree);
}

Test(walk_items, what_cannot_be_a_tree_is_refused) {
	static const char *const bad[][2] = { { "a", "a" }, { "a", "a/b" }, { "", "a" },
		{ "a/", "b" }, { "/a", "b" }, { "a//b", "c" }, { "a/../b", "c" }, { ".", "c" },
		{ "a/./b", "c" } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tng_error err = { 0 };
		struct tree *tree = NULL;
		cr_assert(eq(int, from_paths(bad[i], 2, &tree, &err), TNG_EINVAL), "%s", bad[i][0]);
		cr_assert(eq(ptr, tree, NULL));
		cr_assert(ne(chr, err.text[0], '\0'));
	}
}

Test(walk_items, sizes_beyond_the_block_count_of_a_row_are_kept) {
	const struct tree_item items[] = {
		{ .path = { "huge", 4 }, .type = ENTRY_FILE, .size = UINT64_C(1) << 52 },
		{ .path = { "small", 5 }, .type = ENTRY_FILE, .size = 513 },
	};
	struct tree *tree = NULL;
	cr_assert(tree_from_items(items, 2, &tree, NULL) == TNG_OK);

	cr_assert(eq(u64, tree_allocated(tree, 1), UINT64_C(1) << 52));
	cr_assert(eq(u64, tree_allocated(tree, 2), 1024));
	cr_assert(eq(u32, tree_nlink(tree, 1), 1));
	uint32_t nlinks;
	(void)tree_hard_links(tree, &nlinks);
	cr_assert(eq(u32, nlinks, 0));
	tree_destroy(tree);
}

Test(walk_items, every_failed_allocation_is_reported) {
	struct tree_item items[200];
	char names[200][16];
	struct tree *tree = NULL;
	enum tng_code code = TNG_ENOMEM;
	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "%d/%d", i % 20, i);
		items[i] = (struct tree_item){ .path = str_from(names[i]),
			.type = ENTRY_FILE,
			.inode = (uint64_t)(i / 2 + 1) };
	}

	size_t n = 0;
	for (; code != TNG_OK; n++) {
		cr_assert(lt(sz, n, 10000));
		code = tree_from_items_failing(items, 200, n, &tree, NULL);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM);
	}
	cr_assert(gt(sz, n, 5));
	tree_destroy(tree);
}
