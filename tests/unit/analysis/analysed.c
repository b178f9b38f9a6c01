#include "unit/analysis/analysed.h"

#include "support/expect.h"
#include "support/small_tree.h"
#include "util/buf.h"

struct analysis *analyse_tree(struct tree *tree, const char *ignore_text, enum tng_engine engine) {
	struct transfer_request request = { .engine = engine };
	struct arena *a = arena_create();
	struct analysis *an = arena_new(a, struct analysis, 1);

	an->arena = a;
	an->tree = tree;
	an->context.root_fd = -1;
	an->context.root = STR("ctx");
	an->context.engine = engine;
	if (ignore_text != NULL) {
		an->context.ignore_origin = IGNORE_ORIGIN_ROOT;
		an->context.ignore_path = STR(".dockerignore");
		an->context.ignore_text = str_from(ignore_text);
		if (transfer_patterns(an->context.ignore_text, &request, &an->patterns, NULL) !=
				TNG_OK) {
			an->patterns = NULL;
		}
	}
	an->has_plan = (ignore_text == NULL || an->patterns != NULL) &&
			transfer_plan(a, tree, an->patterns, &request, &an->plan, NULL) == TNG_OK;
	if (!an->has_plan) {
		cr_assert(eq(int, transfer_plan(a, tree, NULL, &request, &an->plan, NULL), TNG_OK));
	}
	return an;
}

struct analysis *analyse_small(const char *items, const char *ignore_text, enum tng_engine engine) {
	struct tree *tree = small_tree(items);

	cr_assert(ne(ptr, tree, NULL), "no tree: %.200s", items);
	return analyse_tree(tree, ignore_text, engine);
}

struct str heavy_name(const struct analysis *an, const struct heavy *h) {
	struct buf b = { 0 };

	tree_path(an->tree, h->row, &b);
	buf_append(&b, h->is_rest ? STR(" (rest)") : STR(""));
	struct str kept = arena_copy(an->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}
