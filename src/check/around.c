/* What several rules ask of all rows, found once. */
#include "check/internal.h"

static bool has_no_home(struct str ecosystem) {
	return ecosystem.len == 0 || str_eq(ecosystem, STR("any"));
}

/* Whether a rule that matched some row is of this ecosystem. */
static bool is_here(const struct class_column *classes, const uint8_t *used, struct str ecosystem) {
	for (size_t i = 0; i < classes->nrules; i++) {
		if (used[i] && str_eq(classes->rules[i].ecosystem, ecosystem)) {
			return true;
		}
	}
	return false;
}

void check_look_around(struct checker *c) {
	const struct class_column *classes = c->in->classes;
	uint8_t *used = arena_new(c->arena, uint8_t, classes->nrules);
	uint8_t *at_home = arena_new(c->arena, uint8_t, classes->nrules);
	uint32_t nrows = tree_nrows(c->in->tree);

	if (used == NULL || at_home == NULL) {
		c->failed = true;
		return;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (classes->marks[row].rule != CLASS_NO_RULE) {
			used[classes->marks[row].rule] = 1;
		}
	}
	for (size_t i = 0; i < classes->nrules; i++) {
		struct str ecosystem = classes->rules[i].ecosystem;
		at_home[i] = has_no_home(ecosystem) || is_here(classes, used, ecosystem);
	}
	c->is_at_home = at_home;
}

/* By its class, or by git. */
static bool is_unwanted(const struct check_input *in, uint32_t row) {
	return in->classes->marks[row].advice == ADVICE_EXCLUDE ||
			(in->git != NULL && in->git->state[row] == VCS_IGNORED);
}

void check_find_unwanted(struct checker *c) {
	const struct transfer_plan *plan = check_sent_plan(c->build);
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
