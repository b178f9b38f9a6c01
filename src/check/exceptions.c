/* Exceptions that can be said so that the builder need not look everywhere for what they bring back. */
#include "check/internal.h"

/* More places than this are better left to a person. */
#define PLACES_MAX 8

/* The rows that an exception decides and that are sent, without what is below another. */
static size_t find_kept(const struct checker *c, uint32_t pattern, uint32_t rows[PLACES_MAX]) {
	const struct transfer_plan *plan = c->build->plan;
	uint32_t nrows = tree_nrows(c->in->tree), end = 0;
	size_t n = 0;

	for (uint32_t row = 1; row < nrows; row++) {
		if (row < end || plan->decider[row] != pattern || !fate_is_sent(plan->fate[row])) {
			continue;
		}
		if (n == PLACES_MAX) {
			return 0;
		}
		rows[n++] = row;
		end = tree_end(c->in->tree, row);
	}
	return n;
}

void check_narrow_exception(
		struct checker *c, const struct ledger_line *line, struct check_finding *f) {
	uint32_t rows[PLACES_MAX];
	size_t n = find_kept(c, line->pattern, rows);
	struct buf lines = { 0 };
	bool named = n > 0;

	for (size_t i = 0; i < n; i++) {
		struct str path = check_path(c, rows[i]);
		buf_append(&lines, i > 0 ? STR("\n!") : STR("!"));
		named &= ignore_put_literal(
				ignore_dialect_of(c->build->context->engine), path, &lines);
	}
	struct str text = named ? arena_copy(c->arena, buf_str(&lines)) : STR("");
	c->failed |= buf_failed(&lines) || text.ptr == NULL;
	buf_fini(&lines);
	f->fix = STR("name the directory in which the exception is meant");
	if (text.len > 0) {
		f->edit = (struct check_edit){
			.kind = CHECK_EDIT_REPLACE, .line = f->line, .text = text, .is_silent = true
		};
	}
}
