/*
 * What the lines of an ignore file are worth, by the ledger, and what they seem to say and do not. Lines of
 * the managed block are tonnage's own: it keeps lines for tomorrow there, and tells of none of them.
 */
#include "check/internal.h"

#include "util/size.h"

/* ---- the lines */

bool check_in_block(struct str text, uint32_t line) {
	bool inside = false;
	struct str rest = text, one;

	for (uint32_t i = 1; i <= line && rest.len > 0; i++) {
		(void)str_cut(rest, '\n', &one, &rest);
		if (str_starts(one, STR("# >>> tonnage"))) {
			inside = true;
		} else if (str_starts(one, STR("# <<< tonnage"))) {
			inside = i == line;
		}
	}
	return inside;
}

struct check_finding *check_at_pattern(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const struct ignore_pattern *p, struct str message) {
	struct check_finding *f = check_add(c, rule, severity, "%.*s", STR_FMT(message));
	struct str shown = str_trim(p->raw);

	f->file = c->build->context->ignore_path;
	f->line = p->line;
	f->column = p->column;
	f->end_column = p->column + (uint32_t)shown.len;
	f->subject = shown;
	return f;
}

/* What --fix may do: take the line away. */
static void fix_by_deleting(struct check_finding *f) {
	f->fix = STR("delete the line");
	f->edit = (struct check_edit){
		.kind = CHECK_EDIT_DELETE, .line = f->line, .is_silent = true
	};
}

void check_fix_line(struct checker *c, struct check_finding *f, struct str line) {
	f->fix = check_text(c, "write %.*s", STR_FMT(line));
	f->edit = (struct check_edit){ .kind = CHECK_EDIT_REPLACE, .line = f->line, .text = line };
}

/* ---- lines that do nothing */

/* The same line earlier, or 0: of lines that match nothing, the ledger does not say. */
static uint32_t earlier_copy(const struct ignore_set *set, uint32_t pattern) {
	const struct ignore_pattern *p = ignore_pattern(set, pattern);

	for (uint32_t i = 0; i < pattern; i++) {
		const struct ignore_pattern *q = ignore_pattern(set, i);
		if (q->line > 0 && q->is_exception == p->is_exception && str_eq(q->text, p->text)) {
			return q->line;
		}
	}
	return 0;
}

static void tell_duplicate(struct checker *c, const struct ignore_pattern *p, uint32_t other) {
	fix_by_deleting(check_at_pattern(c, RULE_PATTERN_DUPLICATE, CHECK_OFF, p,
			check_text(c, "the same as line %u", other)));
}

static void tell_dead(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	uint32_t copy = earlier_copy(c->build->patterns, line->pattern);

	if (copy > 0) {
		tell_duplicate(c, p, copy);
	} else if (!check_mistake(c, line, p) && !check_is_hygiene(c, p)) {
		fix_by_deleting(check_at_pattern(c, RULE_PATTERN_DEAD, CHECK_OFF, p,
				p->is_exception ? STR("an exception for what is not there")
						: STR("matches nothing")));
	}
}

/* An exception that would act if it stood behind a later pattern. */
static uint32_t later_exclusion(const struct checker *c, const struct ledger_line *line,
		const struct ignore_pattern *p) {
	const struct transfer_plan *plan = c->build->plan;
	uint32_t row = tree_find(c->in->tree, p->text);

	if (row == TREE_NO_ROW || fate_is_sent(plan->fate[row])) {
		return 0;
	}
	uint32_t decider = plan->decider[row];
	return decider != IGNORE_NO_PATTERN && decider > line->pattern
			? ignore_pattern(c->build->patterns, decider)->line
			: 0;
}

static void tell_order(struct checker *c, const struct ignore_pattern *p, uint32_t later) {
	struct check_finding *f = check_at_pattern(c, RULE_PATTERN_ORDER, CHECK_OFF, p,
			check_text(c,
					"line %u excludes it again: the last line that matches "
					"decides",
					later));

	f->fix = check_text(c, "move it behind line %u", later);
	f->edit = (struct check_edit){ .kind = CHECK_EDIT_MOVE, .line = p->line, .to = later };
}

static void tell_idle_exception(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	uint32_t later = later_exclusion(c, line, p);

	if (later > 0) {
		tell_order(c, p, later);
		return;
	}
	bool is_costly = line->walk >= CHECK_WALK_MIN;
	fix_by_deleting(check_at_pattern(c, RULE_EXCEPTION_NOOP, CHECK_OFF, p,
			check_text(c, "brings nothing back: nothing that it matches is excluded%s",
					is_costly ? "; and the builder looks through excluded "
						    "directories for its sake"
						  : "")));
}

/* Whether the exception of a line takes all that the pattern could ever match. */
static bool is_wider(const struct checker *c, uint32_t exception, const struct ignore_pattern *p) {
	uint32_t n = ignore_npatterns(c->build->patterns);

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *e = ignore_pattern(c->build->patterns, i);
		if (e->line == exception) {
			return path_is_below(p->text, e->text) || str_starts(e->text, STR("**"));
		}
	}
	return false;
}

static void tell_line(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	switch (line->status) {
	case LEDGER_LIVE:
		return;
	case LEDGER_DEAD:
		tell_dead(c, line, p);
		return;
	case LEDGER_DUPLICATE:
		tell_duplicate(c, p, line->other);
		return;
	case LEDGER_COVERED:
		fix_by_deleting(check_at_pattern(c, RULE_PATTERN_COVERED, CHECK_OFF, p,
				check_text(c, "line %u matches all of it", line->other)));
		return;
	case LEDGER_UNDONE:
		if (!is_wider(c, line->other, p)) {
			return; /* a folder, and what stays of it: there is no more today */
		}
		check_at_pattern(c, RULE_PATTERN_ORDER, CHECK_OFF, p,
				check_text(c, "line %u brings all of it back", line->other))
				->fix = STR("delete one of the two, or change their order");
		return;
	case LEDGER_UNREACHED:
		if (line->other > p->line) {
			tell_order(c, p, line->other);
			return;
		}
		check_at_pattern(c, RULE_EXCEPTION_NOOP, CHECK_OFF, p,
				check_text(c,
						"never acts: the builder does not look into what "
						"line %u excludes",
						line->other))
				->fix = check_text(c,
				"exclude what is in the directory instead of "
				"the directory, on line %u",
				line->other);
		return;
	case LEDGER_REDUNDANT:
		break;
	}
	if (p->is_exception) {
		tell_idle_exception(c, line, p);
	} else {
		fix_by_deleting(check_at_pattern(c, RULE_PATTERN_COVERED, CHECK_OFF, p,
				STR("other lines decide all of it; without it the same is sent")));
	}
}

/* ---- exceptions that make the builder look everywhere */

/* What it takes to look at so many entries, of which only exceptions are tried, on this computer. */
static const char *walk_seconds(
		const struct checker *c, uint64_t nwalked, char out[SIZE_TEXT_BYTES]) {
	const struct ignore_set *set = c->build->patterns;
	struct time_profile local = time_profile(c->build->context->engine, TIME_LOCAL, 0, -1);
	struct time_counts counts = { .walked = nwalked };
	struct time_prediction time;

	for (uint32_t i = 0; i < ignore_npatterns(set); i++) {
		counts.pattern_tests += ignore_pattern(set, i)->is_exception ? nwalked : 0;
	}
	time_predict(&counts, &local, &time);
	return seconds_format(time.walking.lo, time.walking.hi, out);
}

static void tell_pruning(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	char count[SIZE_TEXT_BYTES + 4], seconds[SIZE_TEXT_BYTES];

	if (!p->is_exception || line->status != LEDGER_LIVE || line->walk < CHECK_WALK_MIN ||
			!transfer_enters_all(c->build->context->engine, p)) {
		return;
	}
	struct check_finding *f = check_at_pattern(c, RULE_EXCEPTION_DEFEATS_PRUNING,
			line->walk < CHECK_WALK_WARNED ? CHECK_NOTE : CHECK_OFF, p,
			check_text(c,
					"the builder looks at %s excluded entries for its sake, in "
					"every build: %s",
					size_format_count((uint64_t)line->walk, count),
					walk_seconds(c, (uint64_t)line->walk, seconds)));
	check_narrow_exception(c, line, f);
}

void check_patterns(struct checker *c) {
	const struct check_build *b = c->build;

	if (b->patterns == NULL || b->ledger == NULL) {
		return;
	}
	check_look_elsewhere(c);
	for (size_t i = 0; i < b->ledger->nlines && !c->failed; i++) {
		const struct ledger_line *line = &b->ledger->lines[i];
		const struct ignore_pattern *p = ignore_pattern(b->patterns, line->pattern);
		if (p->line == 0 || check_in_block(b->context->ignore_text, p->line)) {
			continue;
		}
		tell_line(c, line, p);
		tell_pruning(c, line, p);
		check_habits(c, line, p);
	}
}
