#include "helpers.h"
#include "support/tmptree.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

Test(walk_hardlinks, names_of_one_file_share_a_group_across_directories) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "outside/z", 7);
	tmptree_file(&t, "in/a", 1);
	tmptree_file(&t, "in/b", 2);
	tmptree_file(&t, "in/alone", 3);
	tmptree_link(&t, "in/deep/a2", "in/a");
	tmptree_link(&t, "in/b2", "in/b");
	tmptree_link(&t, "in/a3", "in/a");
	tmptree_link(&t, "in/z", "outside/z");
	struct tree *tree = walk_with(&t, 4, false);
	uint32_t n;
	const struct hard_link *links = tree_hard_links(tree, &n);
	static const struct {
		const char *path;
		uint32_t group, nlink;
	} expected[] = { { "in/a", 0, 3 }, { "in/a3", 0, 3 }, { "in/b", 1, 2 }, { "in/b2", 1, 2 },
		{ "in/deep/a2", 0, 3 }, { "in/z", 2, 2 }, { "outside/z", 2, 2 } };

	cr_assert(eq(u32, n, 7));
	for (uint32_t i = 0; i < n; i++) {
		cr_assert(eq(u32, links[i].row, must_find(tree, expected[i].path)));
		cr_assert(eq(u32, links[i].group, expected[i].group));
		cr_assert(eq(u32, tree_nlink(tree, links[i].row), expected[i].nlink));
	}
	cr_assert(eq(u32, tree_nlink(tree, must_find(tree, "in/alone")), 1));
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(walk_hardlinks, a_tree_without_any_has_an_empty_list) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "d/f", 0);
	struct tree *tree = walk_with(&t, 0, false);
	uint32_t n = 99;

	(void)tree_hard_links(tree, &n);
	cr_assert(eq(u32, n, 0));
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(walk_hardlinks, thousands_of_groups_are_told_apart) {
	struct tmptree t = tmptree_make_large();
	char path[32], existing[32];
	for (int i = 0; i < 2000; i++) {
		snprintf(existing, sizeof(existing), "a/%04d", i);
		tmptree_file(&t, existing, 0);
		snprintf(path, sizeof(path), "b/%04d", 1999 - i);
		tmptree_link(&t, path, existing);
	}
	struct tree *tree = walk_with(&t, 2, false);
	uint32_t n;
	const struct hard_link *links = tree_hard_links(tree, &n);

	cr_assert(eq(u32, n, 4000));
	for (uint32_t i = 0; i < 2000; i++) {
		cr_assert(eq(u32, links[i].group, i));
		cr_assert(eq(u32, links[2000 + i].group, 1999 - i));
	}
	tree_destroy(tree);
	tmptree_remove(&t);
}
