/*
 * Which lines can go, and why. Each is tried in its turn, on top of those that went before it, so that of two
 * lines that do the same one stays:
 *
 *   dead ones, unreached ones, duplicates (the later first), then exceptions, then exclusions
 *
 * Of the last two kinds those that match least go first, the later of two that match as much: of a wide line and a
 * narrow one that do the same, the wide one stays. An exception is tried while what it brings back is still
 * excluded: else it would go for the sake of an exclusion that goes, too. What is left behind is live, whatever
 * it weighs on its own.
 */
#include "verify/ledger.h"

#include <stdlib.h>

/* Pairs of lines past which nobody is told which line covers which. */
#define PAIRS_MAX ((size_t)1 << 24)

struct candidate {
	uint32_t line; /* of the list */
	enum ledger_status status;
	bool is_exception;
	uint64_t nrows;
};

struct trial {
	struct labeller *l;
	struct candidate *list;
	uint32_t n;
	struct version now, next;
};

static const struct ignore_pattern *pattern_of(const struct labeller *l, uint32_t i) {
	return ignore_pattern(l->input->set, l->lines[i].pattern);
}

static bool is_same(const struct labeller *l, uint32_t i, uint32_t j) {
	const struct ignore_pattern *a = pattern_of(l, i), *b = pattern_of(l, j);

	return a->is_exception == b->is_exception && str_eq(a->text, b->text);
}

/* An earlier line that says the same; the line itself when there is none. */
static uint32_t earlier_copy(const struct labeller *l, uint32_t i) {
	for (uint32_t j = 0; j < i; j++) {
		if (l->lines[j].line > 0 && is_same(l, i, j)) {
			return j;
		}
	}
	return i;
}

/* What a line that changes nothing looks like before the others are asked. */
static enum ledger_status guess(const struct labeller *l, uint32_t i) {
	const struct hits *h = &l->hits[l->lines[i].pattern];

	if (h->nrows == 0) {
		return LEDGER_DEAD;
	}
	if (earlier_copy(l, i) != i) {
		return LEDGER_DUPLICATE;
	}
	if (pattern_of(l, i)->is_exception) {
		bool is_unreached = h->npruned > 0 && h->nsent == 0;
		return is_unreached ? LEDGER_UNREACHED : LEDGER_REDUNDANT;
	}
	return h->nsent == h->nrows ? LEDGER_UNDONE : LEDGER_REDUNDANT;
}

static bool changes_nothing(const struct ledger_line *line) {
	return line->line > 0 && line->refused.code == TNG_OK && line->comes_back.nentries == 0 &&
			line->goes_out.nentries == 0;
}

static unsigned turn_of(const struct candidate *c) {
	switch (c->status) {
	case LEDGER_DEAD:
		return 0;
	case LEDGER_UNREACHED:
		return 1;
	case LEDGER_DUPLICATE:
		return 2;
	case LEDGER_LIVE:
	case LEDGER_COVERED:
	case LEDGER_UNDONE:
	case LEDGER_REDUNDANT:
		break;
	}
	return c->is_exception ? 3 : 4;
}

static int compare_candidates(const void *a, const void *b) {
	const struct candidate *x = a, *y = b;
	unsigned turn_x = turn_of(x), turn_y = turn_of(y);

	if (turn_x != turn_y) {
		return turn_x < turn_y ? -1 : 1;
	}
	if (turn_x >= 3 && x->nrows != y->nrows) {
		return x->nrows < y->nrows ? -1 : 1;
	}
	return (y->line > x->line) - (y->line < x->line);
}

static bool is_sent_alike(const struct labeller *l, const uint8_t *fate) {
	uint32_t nrows = tree_nrows(l->input->tree);

	for (uint32_t row = 1; row < nrows; row++) {
		if (fate_is_sent(l->base.fate[row]) != fate_is_sent(fate[row])) {
			return false;
		}
	}
	return true;
}

/* Sets *ok when the candidate can go, too; the text is then without it. */
static enum tng_code try_candidate(
		struct trial *t, const struct candidate *c, bool *ok, struct tng_error *err) {
	const struct ledger_line *line = &t->l->lines[c->line];
	struct tng_error refused = { 0 };

	without_line(t->l->without, line->pattern);
	*ok = true;
	if (!ledger_may_matter(t->l->input, t->l->hits, line->pattern)) {
		return TNG_OK;
	}
	enum tng_code code = without_plan(
			t->l->without, &t->now, line->pattern, &t->next, &refused, err);
	if (code != TNG_OK) {
		return code;
	}
	*ok = refused.code == TNG_OK && is_sent_alike(t->l, t->next.fate);
	if (!*ok) {
		without_undo(t->l->without, line->pattern);
		ignore_destroy(t->next.owned);
		t->next.owned = NULL;
		return TNG_OK;
	}
	uint8_t *fate = t->now.fate;
	ignore_destroy(t->now.owned);
	t->now = t->next;
	t->next = (struct version){ .fate = fate };
	return TNG_OK;
}

static enum tng_code try_all(struct trial *t, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (uint32_t i = 0; i < t->n && code == TNG_OK; i++) {
		bool ok = false;
		code = try_candidate(t, &t->list[i], &ok, err);
		if (ok) {
			t->l->lines[t->list[i].line].status = t->list[i].status;
		}
	}
	return code;
}

static enum tng_code find_idle(struct labeller *l, struct tng_error *err) {
	uint32_t nrows = tree_nrows(l->input->tree);
	struct trial t = {
		.l = l,
		.list = calloc((size_t)l->nlines + 1, sizeof(*t.list)),
		.now = { .set = l->base.set, .fate = malloc(nrows) },
		.next = { .fate = malloc(nrows) },
	};
	bool ready = t.list != NULL && t.now.fate != NULL && t.next.fate != NULL;
	enum tng_code code = ready ? TNG_OK : error_nomem(err);

	for (uint32_t i = 0; ready && i < l->nlines; i++) {
		if (changes_nothing(&l->lines[i])) {
			t.list[t.n++] = (struct candidate){ i, guess(l, i),
				pattern_of(l, i)->is_exception,
				l->hits[l->lines[i].pattern].nrows };
		}
	}
	if (ready && t.n > 0) {
		qsort(t.list, t.n, sizeof(*t.list), compare_candidates);
		memcpy(t.now.fate, l->base.fate, nrows);
		code = try_all(&t, err);
	}
	ignore_destroy(t.now.owned);
	ignore_destroy(t.next.owned);
	free(t.list);
	free(t.now.fate);
	free(t.next.fate);
	return code;
}

/* ---- which line covers which */

struct pairs {
	uint32_t *number; /* per pattern: of those that are asked about, counted from 1; 0: none */
	uint64_t *together; /* per one asked about, per pattern: rows that both match */
	uint32_t npatterns;
};

static void take_pairs(void *user, uint32_t row, const uint32_t *patterns, uint32_t n) {
	struct pairs *p = user;

	(void)row;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t number = p->number[patterns[i]];
		if (number == 0) {
			continue;
		}
		uint64_t *together = p->together + (size_t)(number - 1) * p->npatterns;
		for (uint32_t k = 0; k < n; k++) {
			together[patterns[k]]++;
		}
	}
}

static bool may_be_covered(const struct ledger_line *line) {
	return line->status == LEDGER_REDUNDANT || line->status == LEDGER_UNDONE;
}

/* A line that stays, from `from` on, that matches all that this one does; 0: there is none. */
static uint32_t find_cover(const struct labeller *l, const struct pairs *p,
		const struct ledger_line *line, uint32_t from, bool is_exception) {
	const uint64_t *together =
			p->together + (size_t)(p->number[line->pattern] - 1) * p->npatterns;

	for (uint32_t i = from; i < l->nlines; i++) {
		const struct ledger_line *other = &l->lines[i];
		if (other->status == LEDGER_LIVE && other->line > 0 &&
				pattern_of(l, i)->is_exception == is_exception &&
				together[other->pattern] == line->nmatches) {
			return other->line;
		}
	}
	return 0;
}

/* One of the same kind; of an exclusion that is undone, else the exception that does it. */
static void name_cover(struct labeller *l, const struct pairs *p, struct ledger_line *line) {
	bool is_exception = ignore_pattern(l->input->set, line->pattern)->is_exception;
	uint32_t cover = find_cover(l, p, line, 0, is_exception);

	if (cover > 0) {
		line->status = LEDGER_COVERED;
		line->other = cover;
	} else if (line->status == LEDGER_UNDONE) {
		line->other = find_cover(l, p, line, line->pattern + 1, true);
	}
}

/* All that the patterns that are asked about match lies below these. */
static bool find_tops(const struct labeller *l, const struct pairs *p, uint32_t **out, size_t *n) {
	uint32_t *rows = NULL;
	size_t nall = 0;

	for (uint32_t i = 0; i < l->nlines; i++) {
		nall += p->number[i] != 0 ? l->hits[i].tops.len : 0;
	}
	rows = malloc((nall + 1) * sizeof(*rows));
	*n = 0;
	for (uint32_t i = 0; rows != NULL && i < l->nlines; i++) {
		const struct hits *h = &l->hits[i];
		if (p->number[i] != 0 && h->tops.len > 0) {
			memcpy(rows + *n, h->tops.ptr, h->tops.len * sizeof(*rows));
			*n += h->tops.len;
		}
	}
	*n = rows != NULL ? hits_tidy(l->input->tree, rows, *n) : 0;
	*out = rows;
	return rows != NULL;
}

static enum tng_code name_covers(struct labeller *l, struct pairs *p, struct tng_error *err) {
	uint32_t *rows;
	size_t n;

	if (!find_tops(l, p, &rows, &n)) {
		return error_nomem(err);
	}
	struct hits_tops tops = { rows, n };
	enum tng_code code = hits_walk(l->input->tree, l->input->set, &tops, take_pairs, p, err);
	free(rows);
	for (uint32_t i = 0; code == TNG_OK && i < l->nlines; i++) {
		if (p->number[i] != 0) {
			name_cover(l, p, &l->lines[i]);
		}
	}
	return code;
}

static enum tng_code find_covers(struct labeller *l, struct tng_error *err) {
	struct pairs p = { .npatterns = l->nlines };
	size_t n = 0;

	p.number = calloc((size_t)l->nlines + 1, sizeof(*p.number));
	for (uint32_t i = 0; p.number != NULL && i < l->nlines; i++) {
		p.number[i] = may_be_covered(&l->lines[i]) ? (uint32_t)++n : 0;
	}
	if (n == 0 || n * l->nlines > PAIRS_MAX) {
		bool failed = p.number == NULL;
		free(p.number);
		return failed ? error_nomem(err) : TNG_OK;
	}
	p.together = calloc(n * l->nlines, sizeof(*p.together));
	enum tng_code code = p.together != NULL ? name_covers(l, &p, err) : error_nomem(err);
	free(p.number);
	free(p.together);
	return code;
}

/* ---- the other line */

static uint32_t line_of(const struct labeller *l, uint32_t pattern) {
	return pattern != IGNORE_NO_PATTERN ? ignore_pattern(l->input->set, pattern)->line : 0;
}

static void name_other(struct labeller *l, uint32_t i) {
	struct ledger_line *line = &l->lines[i];
	const struct hits *h = &l->hits[line->pattern];

	switch (line->status) {
	case LEDGER_DUPLICATE:
		line->other = l->lines[earlier_copy(l, i)].line;
		break;
	case LEDGER_UNDONE:
		line->other = line->other > 0 ? line->other : line_of(l, h->back);
		line->status = line->other > line->line ? LEDGER_UNDONE : LEDGER_REDUNDANT;
		line->other = line->status == LEDGER_UNDONE ? line->other : 0;
		break;
	case LEDGER_UNREACHED:
		line->other = line_of(l, l->input->plan->decider[h->first]);
		break;
	case LEDGER_LIVE:
	case LEDGER_DEAD:
	case LEDGER_COVERED:
	case LEDGER_REDUNDANT:
		break;
	}
}

enum tng_code label_lines(struct labeller *l, struct tng_error *err) {
	enum tng_code code = find_idle(l, err);

	if (code == TNG_OK) {
		code = find_covers(l, err);
	}
	for (uint32_t i = 0; code == TNG_OK && i < l->nlines; i++) {
		name_other(l, i);
	}
	return code;
}
