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
	an->builds = arena_new(a, struct build, 1);
	an->nbuilds = 1;
	an->builds[0].context.root_fd = -1;
	an->builds[0].context.root = STR("ctx");
	an->builds[0].context.engine = engine;
	if (ignore_text != NULL) {
		an->builds[0].context.ignore_origin = IGNORE_ORIGIN_ROOT;
		an->builds[0].context.ignore_path = STR(".dockerignore");
		an->builds[0].context.ignore_text = str_from(ignore_text);
		if (transfer_patterns(an->builds[0].context.ignore_text, &request,
				    &an->builds[0].patterns, NULL) != TNG_OK) {
			an->builds[0].patterns = NULL;
		}
	}
	an->builds[0].has_plan = (ignore_text == NULL || an->builds[0].patterns != NULL) &&
			transfer_plan(a, tree, an->builds[0].patterns, &request,
					&an->builds[0].plan, NULL) == TNG_OK;
	if (!an->builds[0].has_plan) {
		cr_assert(eq(int, transfer_plan(a, tree, NULL, &request, &an->builds[0].plan, NULL),
				TNG_OK));
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
