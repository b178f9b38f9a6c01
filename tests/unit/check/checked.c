#include "unit/check/checked.h"

#include "support/small_tree.h"

#include <criterion/criterion.h>

void checked_open(struct checked *c, const char *items, const char *ignore) {
	struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT };
	struct classify_input classes = { .root_fd = -1 };
	struct str text = str_from(ignore);

	c->arena = arena_create();
	c->tree = small_tree(items);
	cr_assert(c->arena != NULL && c->tree != NULL);
	classes.tree = c->tree;
	cr_assert(classify_column(c->arena, &classes, &c->classes, NULL) == TNG_OK);
	cr_assert(transfer_patterns(text, &request, &c->set, NULL) == TNG_OK);
	cr_assert(transfer_plan(c->arena, c->tree, c->set, &request, &c->plan, NULL) == TNG_OK);
	struct ledger_input ledger = { .tree = c->tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.text = text,
		.set = c->set,
		.plan = &c->plan };
	cr_assert(verify_ledger(c->arena, &ledger, &c->ledger, NULL) == TNG_OK);
	c->context = (struct context){ .engine = TNG_ENGINE_BUILDKIT,
		.ignore_origin = IGNORE_ORIGIN_ROOT,
		.ignore_path = STR(".dockerignore"),
		.ignore_text = text };
	c->options.config = &c->config;
	c->build = (struct check_build){ .context = &c->context,
		.patterns = c->set,
		.plan = &c->plan,
		.has_plan = true,
		.together = &c->plan,
		.ledger = &c->ledger };
	c->input = (struct check_input){ .tree = c->tree,
		.root_fd = -1,
		.classes = &c->classes,
		.builds = &c->build,
		.nbuilds = 1,
		.options = &c->options };
}

void checked_close(struct checked *c) {
	ignore_destroy(c->set);
	tree_destroy(c->tree);
	arena_destroy(c->arena);
}

const struct check_finding *checked_find(
		const struct check_result *result, enum check_rule_id rule) {
	for (size_t i = 0; i < result->n; i++) {
		if (result->findings[i].rule == rule) {
			return &result->findings[i];
		}
	}
	return NULL;
}
