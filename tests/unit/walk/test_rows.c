#include "helpers.h"
#include "support/tmptree.h"
#include "walk/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <stdio.h>

/* The rows of a tree, as another one may be made of them. */
static size_t copy_rows(const struct tree *tree, struct tree_row *out) {
	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct entry *e = tree_entry(tree, row);
		out[row - 1] = (struct tree_row){
			.name = tree_name(tree, e),
			.parent = tree_parent(tree, row),
			.type = entry_type(e),
			.size = entry_size(e),
			.target = tree_link_target(tree, row),
			.mode = e->mode & 07777,
		};
	}
	return tree_nrows(tree) - 1;
}

Test(walk_rows, a_walked_tree_survives_the_round_trip) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "src/main.c", 1025);
	tmptree_file(&t, "src-old", 0);
	tmptree_file(&t, "src/sub/x", 1);
	tmptree_symlink(&t, "link", "src/main.c");
	tmptree_dir(&t, "empty");
	tmptree_dir(&t, "src/zz");
	struct tree *walked = walk_with(&t, 1, false), *made = NULL;
	struct tree_row rows[16];
	size_t n = copy_rows(walked, rows);
	cr_assert(tree_from_rows(rows, n, &made, NULL) == TNG_OK);

	cr_assert(eq(u32, tree_nrows(made), tree_nrows(walked)));
	cr_assert(eq(u32, tree_ndirs(made), tree_ndirs(walked)));
	for (uint32_t row = 0; row <= n; row++) {
		const struct entry *a = tree_entry(walked, row), *b = tree_entry(made, row);
		cr_assert(str_eq(tree_name(walked, a), tree_name(made, b)));
		cr_assert(eq(int, a->mode & 0170000, b->mode & 0170000));
		cr_assert(eq(u64, entry_size(a), entry_size(b)));
		cr_assert(eq(u32, tree_end(walked, row), tree_end(made, row)));
		cr_assert(eq(u32, tree_parent(walked, row), tree_parent(made, row)));
		cr_assert(eq(u32, tree_nlink(walked, row), tree_nlink(made, row)));
		cr_assert(str_eq(tree_link_target(walked, row), tree_link_target(made, row)));
	}
	for (uint32_t number = 0; number < tree_ndirs(made); number++) {
		const struct tree_dir *a = tree_dir(walked, number), *b = tree_dir(made, number);
		cr_assert(eq(u32, a->row, b->row));
		cr_assert(eq(u32, a->parent, b->parent));
		cr_assert(eq(u32, a->nentries, b->nentries));
	}
	cr_assert(eq(u32, tree_find(made, STR("src/sub/x")), tree_find(walked, STR("src/sub/x"))));
	cr_assert(eq(u64, tree_allocated(made, tree_find(made, STR("src/main.c"))), 1536));
	tree_destroy(made);
	tree_destroy(walked);
	tmptree_remove(&t);
}

Test(walk_rows, a_file_of_many_terabytes_keeps_its_blocks) {
	const uint64_t size = UINT64_C(9) << 40;
	struct tree_row rows[] = {
		{ .name = STR("a"), .type = ENTRY_FILE, .size = 512, .mode = 0644 },
		{ .name = STR("b"), .type = ENTRY_FILE, .size = size, .mode = 0644 },
	};
	struct tree *tree = NULL;

	cr_assert(tree_from_rows(rows, 2, &tree, NULL) == TNG_OK);
	cr_assert(eq(u64, tree_allocated(tree, 1), 512));
	cr_assert(eq(u64, tree_allocated(tree, 2), size));
	tree_destroy(tree);
}

struct refused_case {
	char why[32], names[3][4];
	uint32_t parents[3];
	bool is_dir[3];
};

ParameterizedTestParameters(walk_rows, refused) {
	static struct refused_case cases[] = {
		{ "twice", { "a", "b", "b" }, { 0, 0, 0 }, { false } },
		{ "not by name", { "a", "c", "b" }, { 0, 0, 0 }, { false } },
		{ "a directory and its name", { "a", "x", "a" }, { 0, 1, 0 }, { true } },
		{ "below a file", { "a", "x", "y" }, { 0, 1, 1 }, { false } },
		{ "back in a directory", { "a", "b", "c" }, { 0, 0, 1 }, { true, true } },
		{ "below what is to come", { "a", "b", "c" }, { 0, 3, 0 }, { true } },
		{ "no name", { "", "b", "c" }, { 0, 0, 0 }, { false } },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct refused_case *c, walk_rows, refused) {
	struct tree_row rows[3] = { 0 };
	struct tree *tree = NULL;

	for (int i = 0; i < 3; i++) {
		rows[i].name = str_from(c->names[i]);
		rows[i].parent = c->parents[i];
		rows[i].type = c->is_dir[i] ? ENTRY_DIR : ENTRY_FILE;
	}
	cr_assert(eq(int, tree_from_rows(rows, 3, &tree, NULL), TNG_EINVAL), "%s", c->why);
}

Test(walk_rows, every_failed_allocation_is_reported) {
	struct tree_row rows[200] = { 0 };
	char names[200][4];
	struct tree *tree = NULL;
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "%03d", i);
		rows[i].name = str_from(names[i]);
		rows[i].size = i == 100 ? UINT64_C(9) << 40 : 1;
	}
	for (; code != TNG_OK && n < 50; n++) {
		code = tree_from_rows_failing(rows, 200, n, &tree, NULL);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM);
	}
	cr_assert(code == TNG_OK && n > 4);
	tree_destroy(tree);
}
