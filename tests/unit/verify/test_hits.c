#include "verify/ledger.h"

#include "support/small_tree.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct seen {
	const struct tree *tree;
	struct buf text;
};

static bool is_below(const struct tree *tree, uint32_t row, const char *path) {
	uint32_t top = tree_find(tree, str_from(path));

	return row >= top && row < tree_end(tree, top);
}

/* "path 0 2; ..." */
static void note(void *user, uint32_t row, const uint32_t *patterns, uint32_t n) {
	struct seen *s = user;

	if (!is_below(s->tree, row, "a") && !is_below(s->tree, row, "c/x")) {
		return;
	}
	tree_path(s->tree, row, &s->text);
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&s->text, " %u", patterns[i]);
	}
	buf_append(&s->text, STR("; "));
}

Test(verify_hits, below_tops_a_walk_sees_what_a_whole_walk_sees) {
	struct tree *tree = small_tree("a/b a/d/b b/b c/x/b c/x/y c/y c/z/b d");
	struct seen whole = { .tree = tree }, part = { .tree = tree };
	uint32_t rows[] = { tree_find(tree, STR("c/x")), tree_find(tree, STR("a/d")),
		tree_find(tree, STR("a")), tree_find(tree, STR("c/x/b")) };
	struct ignore_set *set = NULL;

	cr_assert(eq(int, ignore_parse(STR("**/b\na\n!c/x\nd"), &set, NULL), TNG_OK));
	struct hits_tops tops = { rows, hits_tidy(tree, rows, 4) };
	cr_assert(tops.n == 2 && rows[0] < rows[1]);
	cr_assert(eq(int, hits_walk(tree, set, NULL, note, &whole, NULL), TNG_OK));
	cr_assert(eq(int, hits_walk(tree, set, &tops, note, &part, NULL), TNG_OK));
	cr_assert(str_eq(buf_str(&whole.text),
			STR("a 1; a/b 0 1; a/d 1; a/d/b 0 1; c/x 2; c/x/b 0 2; c/x/y 2; ")));
	cr_assert(str_eq(buf_str(&part.text), buf_str(&whole.text)));
	buf_fini(&whole.text);
	buf_fini(&part.text);
	ignore_destroy(set);
	tree_destroy(tree);
}

static void count(void *user, uint32_t row, const uint32_t *patterns, uint32_t n) {
	uint32_t *nrows = user;

	(void)row;
	(void)patterns;
	*nrows += n > 0;
}

Test(verify_hits, a_walk_without_tops_sees_nothing_and_a_last_row_is_seen) {
	struct tree *tree = small_tree("a b/c z");
	uint32_t last = tree_find(tree, STR("z")), nrows = 0;
	struct hits_tops none = { &last, 0 }, one = { &last, 1 };
	struct ignore_set *set = NULL;

	cr_assert(eq(int, ignore_parse(STR("*"), &set, NULL), TNG_OK));
	cr_assert(eq(int, hits_walk(tree, set, &none, count, &nrows, NULL), TNG_OK));
	cr_assert(eq(u32, nrows, 0));
	cr_assert(eq(int, hits_walk(tree, set, &one, count, &nrows, NULL), TNG_OK));
	cr_assert(eq(u32, nrows, 1));
	ignore_destroy(set);
	tree_destroy(tree);
}
