#include "classified.h"

#include "support/small_tree.h"

#include <stdio.h>

static struct classified make(const char *items, const char *states,
		const struct class_user_rule *rules, size_t nrules) {
	struct classified c = { .a = arena_create(), .tree = small_tree(items) };
	struct tng_error err = { 0 };

	cr_assert(c.a != NULL && c.tree != NULL, "no tree: %s", items);
	uint32_t nrows = tree_nrows(c.tree);
	uint8_t *state = arena_alloc(c.a, nrows);
	memset(state, VCS_UNTRACKED, nrows);
	for (struct str rest = str_from(states), one; rest.len > 0;) {
		struct str path, name;
		(void)str_cut(rest, ' ', &one, &rest);
		(void)str_cut(one, '=', &path, &name);
		uint32_t row = tree_find(c.tree, path);
		cr_assert(row != TREE_NO_ROW, "no row: %.*s", STR_FMT(path));
		state[row] = str_eq(name, STR("tracked")) ? VCS_TRACKED : VCS_IGNORED;
	}
	c.vcs = (struct vcs_column){ .state = state, .is_known = true };
	struct classify_input input = {
		.tree = c.tree,
		.root_fd = -1,
		.vcs = states != NULL ? &c.vcs : NULL,
		.user_rules = rules,
		.nuser_rules = nrules,
	};
	cr_assert(classify_column(c.a, &input, &c.column, &err) == TNG_OK, "%s", err.text);
	return c;
}

struct classified classified_make(const char *items) {
	return make(items, NULL, NULL, 0);
}

struct classified classified_with_git(const char *items, const char *states) {
	return make(items, states, NULL, 0);
}

struct classified classified_with_rules(
		const char *items, const struct class_user_rule *rules, size_t n) {
	return make(items, NULL, rules, n);
}

struct classified classified_of_walk(const struct tmptree *at, struct tree *tree) {
	struct classified c = { .a = arena_create(), .tree = tree };
	struct classify_input input = { .tree = tree, .root_fd = at->fd };
	struct tng_error err = { 0 };

	cr_assert(c.a != NULL && classify_column(c.a, &input, &c.column, &err) == TNG_OK, "%s",
			err.text);
	return c;
}

struct classified classified_on_disk(const struct tmptree *at) {
	struct tree *tree = NULL;
	struct tng_error err = { 0 };

	cr_assert(tree_walk(at->fd, NULL, &tree, &err) == TNG_OK, "%s", err.text);
	return classified_of_walk(at, tree);
}

void classified_fini(struct classified *c) {
	tree_destroy(c->tree);
	arena_destroy(c->a);
}

const struct class_mark *mark_of(const struct classified *c, const char *path) {
	uint32_t row = tree_find(c->tree, str_from(path));

	cr_assert(row != TREE_NO_ROW, "no row: %s", path);
	return &c->column.marks[row];
}

const char *class_of(const struct classified *c, const char *path) {
	return c->column.classes[mark_of(c, path)->klass].name.ptr;
}

const char *verdict_of(const struct classified *c, const char *path) {
	static char texts[4][160];
	static unsigned next;
	char *text = texts[next++ % 4];
	const struct class_mark *mark = mark_of(c, path);
	struct str rule = mark->rule != CLASS_NO_RULE ? c->column.rules[mark->rule].id : STR("-");

	(void)snprintf(text, sizeof(texts[0]), "%s %.*s %s", class_of(c, path), STR_FMT(rule),
			class_advice_name((enum class_advice)mark->advice));
	return text;
}
