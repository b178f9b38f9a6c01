/*
 * A text without one of its lines. Where the line's pattern matches neither an entry nor a directory that
 * it is in, the other patterns have met the same verdicts on the way down, and decide as they did. So only
 * what it matches, and all below, is decided again:
 *
 *   .  .  [a] b  c   .  .  [d] .      tops of the pattern: a, d; b and c are below a
 *          └──────┘          └┘       decided again
 *
 * An exception has a second effect: for its sake the walk enters directories that are excluded. Those are
 * tops, too. Where what the engine adds on its own changes with the line (classic and the Dockerfile), all is
 * decided again.
 */
#include "verify/ledger.h"

#include <stdlib.h>

enum tng_code without_init(struct without *w, const struct ledger_input *input,
		const struct hits *hits, struct tng_error *err) {
	size_t nrows = tree_nrows(input->tree), n = input->text.len;

	*w = (struct without){
		.input = input,
		.hits = hits,
		.scratch = arena_create(),
		.text = malloc(n + 1),
		.decider = malloc(nrows * sizeof(*w->decider)),
	};
	if (w->scratch == NULL || w->text == NULL || w->decider == NULL) {
		return error_nomem(err);
	}
	if (n > 0) {
		memcpy(w->text, input->text.ptr, n);
	}
	memcpy(w->decider, input->plan->decider, nrows * sizeof(*w->decider));
	return TNG_OK;
}

void without_fini(struct without *w) {
	arena_destroy(w->scratch);
	free(w->text);
	free(w->decider);
}

/* The bytes of a line, its end not included. */
static struct str find_line(struct str text, uint32_t line) {
	struct str rest = text, one = STR("");

	for (uint32_t i = 0; i < line; i++) {
		(void)str_cut(rest, '\n', &one, &rest);
	}
	return one;
}

/* A comment in its place: the other lines keep their numbers, and a mark at the start of the file goes. */
void without_line(struct without *w, uint32_t line) {
	struct str one = find_line(w->input->text, line);

	memset(w->text + (one.ptr - w->input->text.ptr), '#', one.len);
}

void without_undo(struct without *w, uint32_t line) {
	struct str one = find_line(w->input->text, line);

	memcpy(w->text + (one.ptr - w->input->text.ptr), one.ptr, one.len);
}

/* Whether two sets have the same patterns at their ends, that are not from the file. */
static bool is_same_added(const struct ignore_set *a, const struct ignore_set *b) {
	uint32_t na = ignore_npatterns(a), nb = ignore_npatterns(b);

	for (;; na--, nb--) {
		bool more_a = na > 0 && ignore_pattern(a, na - 1)->line == 0;
		bool more_b = nb > 0 && ignore_pattern(b, nb - 1)->line == 0;
		if (!more_a || !more_b) {
			return more_a == more_b;
		}
		if (!str_eq(ignore_pattern(a, na - 1)->text, ignore_pattern(b, nb - 1)->text)) {
			return false;
		}
	}
}

static int compare_rows(const void *a, const void *b) {
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorted, and those below another dropped. */
static size_t tidy(const struct tree *tree, uint32_t *rows, size_t n) {
	uint32_t end = 0;
	size_t kept = 0;

	qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < n; i++) {
		if (rows[i] >= end) {
			rows[kept++] = rows[i];
			end = tree_end(tree, rows[i]);
		}
	}
	return kept;
}

/* The pattern of a line in some version's set. */
static uint32_t pattern_of_line(const struct ignore_set *set, uint32_t line) {
	uint32_t i = 0;

	while (ignore_pattern(set, i)->line != line) {
		i++;
	}
	return i;
}

/* Everything in the root. */
static enum tng_code all_tops(struct without *w, uint32_t **out, size_t *n, struct tng_error *err) {
	const struct tree *tree = w->input->tree;
	uint32_t nrows = tree_nrows(tree);

	*n = 0;
	*out = arena_new(w->scratch, uint32_t, tree_dir(tree, 0)->nentries);
	if (*out == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row = tree_end(tree, row)) {
		(*out)[(*n)++] = row;
	}
	return TNG_OK;
}

/* Where the line's pattern has a say; of what it matches, what the walk sees. */
static enum tng_code find_tops(struct without *w, const struct version *from, uint32_t pattern,
		uint32_t **out, size_t *n, struct tng_error *err) {
	const struct ignore_pattern *p = ignore_pattern(w->input->set, pattern);
	const struct hits *hits = &w->hits[pattern];
	uint32_t *entered = NULL;
	size_t nentered = 0;
	bool is_all = false;

	if (p->is_exception) {
		enum tng_code code = transfer_entered_for(w->scratch, w->input->tree, from->set,
				w->input->engine, from->fate, pattern_of_line(from->set, p->line),
				&entered, &nentered, &is_all, err);
		if (code != TNG_OK || is_all) {
			return code == TNG_OK ? all_tops(w, out, n, err) : code;
		}
	}
	*n = 0;
	*out = arena_new(w->scratch, uint32_t, hits->tops.len + nentered);
	if (*out == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < hits->tops.len; i++) {
		if (from->fate[hits->tops.ptr[i]] != FATE_PRUNED) {
			(*out)[(*n)++] = hits->tops.ptr[i];
		}
	}
	for (size_t i = 0; i < nentered; i++) {
		(*out)[(*n)++] = entered[i];
	}
	*n = nentered > 0 ? tidy(w->input->tree, *out, *n) : *n;
	return TNG_OK;
}

static enum tng_code plan_version(struct without *w, const struct version *from, uint32_t pattern,
		struct version *out, struct tng_error *err) {
	const struct ledger_input *in = w->input;
	struct transfer_request request = { .engine = in->engine, .dockerfile = in->dockerfile };
	uint32_t *tops;
	size_t n;
	enum tng_code code = transfer_patterns(
			str_make(w->text, in->text.len), &request, &out->owned, err);

	if (code != TNG_OK) {
		return code;
	}
	out->set = out->owned;
	code = is_same_added(from->set, out->set) ? find_tops(w, from, pattern, &tops, &n, err)
						  : all_tops(w, &tops, &n, err);
	if (code == TNG_OK) {
		memcpy(out->fate, from->fate, tree_nrows(in->tree));
		code = transfer_replan(w->scratch, in->tree, out->set, in->engine, tops, n,
				out->fate, w->decider, err);
	}
	return code;
}

enum tng_code without_plan(struct without *w, const struct version *from, uint32_t pattern,
		struct version *out, struct tng_error *bad, struct tng_error *err) {
	struct arena_mark mark = arena_mark(w->scratch);

	out->set = out->owned = NULL;
	*bad = (struct tng_error){ 0 };
	enum tng_code code = plan_version(w, from, pattern, out, bad);
	arena_rewind(w->scratch, mark);
	if (code != TNG_OK) {
		ignore_destroy(out->owned);
		out->set = out->owned = NULL;
	}
	return code == TNG_ENOMEM ? error_pass(err, bad) : TNG_OK;
}
