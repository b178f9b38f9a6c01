/* What several rules ask of all rows, found once. */
#include "check/internal.h"

static bool has_no_home(struct str ecosystem) {
	return ecosystem.len == 0 || str_eq(ecosystem, STR("any"));
}

static bool is_in(const struct str *list, size_t n, struct str text) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i], text)) {
			return true;
		}
	}
	return false;
}

/* Of the rules that match some row, each once; the number of them. */
static size_t list_ecosystems(
		const struct class_column *classes, const uint8_t *used, struct str *out) {
	size_t n = 0;

	for (size_t i = 0; i < classes->nrules; i++) {
		if (used[i] && !is_in(out, n, classes->rules[i].ecosystem)) {
			out[n++] = classes->rules[i].ecosystem;
		}
	}
	return n;
}

void check_look_around(struct checker *c) {
	const struct class_column *classes = c->in->classes;
	uint8_t *used = arena_new(c->arena, uint8_t, classes->nrules);
	uint8_t *at_home = arena_new(c->arena, uint8_t, classes->nrules);
	struct str *ecosystems = arena_new(c->arena, struct str, classes->nrules);
	uint32_t nrows = tree_nrows(c->in->tree);

	if (used == NULL || at_home == NULL || ecosystems == NULL) {
		c->failed = true;
		return;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (classes->marks[row].rule != CLASS_NO_RULE) {
			used[classes->marks[row].rule] = 1;
		}
	}
	size_t n = list_ecosystems(classes, used, ecosystems);
	for (size_t i = 0; i < classes->nrules; i++) {
		struct str ecosystem = classes->rules[i].ecosystem;
		at_home[i] = has_no_home(ecosystem) || is_in(ecosystems, n, ecosystem);
	}
	c->is_at_home = at_home;
}

/* By its class, or by git. */
static bool is_unwanted(const struct check_input *in, uint32_t row) {
	return in->classes->marks[row].advice == ADVICE_EXCLUDE ||
			(in->git != NULL && in->git->state[row] == VCS_IGNORED);
}

void check_find_unwanted(struct checker *c) {
	const struct transfer_plan *plan = c->build->together;
	const struct tree *tree = c->in->tree;
	uint32_t nrows = tree_nrows(tree), *rows = NULL;

	c->nunwanted = 0;
	/* counted, then kept */
	for (int pass = 0; pass < 2 && plan != NULL; pass++) {
		size_t n = 0;
		for (uint32_t row = 1; row < nrows;) {
			const struct entry *entry = tree_entry(tree, row);
			if (entry->parent == 0 || !fate_is_sent(plan->fate[row]) ||
					!is_unwanted(c->in, row)) {
				row++;
				continue;
			}
			if (rows != NULL) {
				rows[n] = row;
			}
			n++;
			row = tree_end(tree, row);
		}
		if (rows == NULL) {
			rows = arena_new(c->arena, uint32_t, n);
		}
		if (rows == NULL) {
			c->failed = true;
			return;
		}
		c->nunwanted = n;
	}
	c->unwanted = rows;
}
