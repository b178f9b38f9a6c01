/*
 * A text without one of its lines. Where the line's pattern matches neither an entry nor a directory that
 * it is in, the other patterns have met the same verdicts on the way down, and decide as they did. So only
 * what it matches, and all below, is decided again:
 *
 *   .  .  [a] b  c   .  .  [d] .      tops of the pattern: a, d; b and c are below a
 *          └──────┘          └┘       decided again
 *
 * An exception has a second effect: for its sake the walk enters directories that are excluded. Those are
 * tops, too.
 *
 * The patterns are parsed once, and the line's is left out. But for classic: what that adds on its own may
 * change with any line, so it gets the text to parse; and where it does change, all is decided again.
 */
#include "verify/ledger.h"

#include <stdlib.h>

enum tng_code without_init(struct without *w, const struct ledger_input *input,
		const struct hits *hits, struct tng_error *err) {
	size_t n = input->text.len;

	*w = (struct without){
		.input = input,
		.hits = hits,
		.scratch = arena_create(),
		.text = malloc(n + 1),
	};
	if (w->scratch == NULL || w->text == NULL) {
		return error_nomem(err);
	}
	if (n > 0) {
		memcpy(w->text, input->text.ptr, n);
	}
	return input->engine == TNG_ENGINE_CLASSIC
			? TNG_OK
			: transfer_replanner_create(input->tree, input->set, input->engine,
					  &w->replanner, err);
}

void without_fini(struct without *w) {
	arena_destroy(w->scratch);
	free(w->text);
	transfer_replanner_destroy(w->replanner);
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
static void set_line(struct without *w, uint32_t pattern, bool is_out) {
	struct str text = w->input->text;

	if (w->replanner != NULL) {
		transfer_leave_out(w->replanner, pattern, is_out);
		return;
	}
	struct str one = find_line(text, ignore_pattern(w->input->set, pattern)->line);
	char *at = w->text + (one.ptr - text.ptr);
	if (is_out) {
		memset(at, '#', one.len);
	} else {
		memcpy(at, one.ptr, one.len);
	}
}

void without_line(struct without *w, uint32_t pattern) {
	set_line(w, pattern, true);
}

void without_undo(struct without *w, uint32_t pattern) {
	set_line(w, pattern, false);
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
static enum tng_code find_tops(struct without *w, const struct transfer_replanner *replanner,
		const struct version *from, uint32_t pattern, uint32_t **out, size_t *n,
		struct tng_error *err) {
	const struct ignore_pattern *p = ignore_pattern(w->input->set, pattern);
	const struct hits *hits = &w->hits[pattern];
	uint32_t *entered = NULL;
	size_t nentered = 0;
	bool is_all = false;

	if (p->is_exception) {
		enum tng_code code = transfer_entered_for(w->scratch, replanner, from->fate, p,
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
	*n = nentered > 0 ? hits_tidy(w->input->tree, *out, *n) : *n;
	return TNG_OK;
}

/* From one version to one without a pattern that is left out of the replanner's; out->set is there. */
static enum tng_code replan(struct without *w, struct transfer_replanner *replanner,
		const struct version *from, uint32_t pattern, struct version *out,
		struct tng_error *err) {
	uint32_t *tops;
	size_t n;
	enum tng_code code = is_same_added(from->set, out->set)
			? find_tops(w, replanner, from, pattern, &tops, &n, err)
			: all_tops(w, &tops, &n, err);

	if (code == TNG_OK) {
		memcpy(out->fate, from->fate, tree_nrows(w->input->tree));
		code = transfer_replan(replanner, tops, n, out->fate, err);
	}
	return code;
}

static enum tng_code plan_classic(struct without *w, const struct version *from, uint32_t pattern,
		struct version *out, struct tng_error *err) {
	const struct ledger_input *in = w->input;
	struct transfer_request request = { .engine = in->engine, .dockerfile = in->dockerfile };
	struct transfer_replanner *replanner = NULL;
	enum tng_code code = transfer_patterns(
			str_make(w->text, in->text.len), &request, &out->owned, err);

	if (code == TNG_OK) {
		out->set = out->owned;
		code = transfer_replanner_create(in->tree, out->set, in->engine, &replanner, err);
	}
	if (code == TNG_OK) {
		code = replan(w, replanner, from, pattern, out, err);
	}
	transfer_replanner_destroy(replanner);
	return code;
}

static enum tng_code plan_version(struct without *w, const struct version *from, uint32_t pattern,
		struct version *out, struct tng_error *err) {
	if (w->replanner == NULL) {
		return plan_classic(w, from, pattern, out, err);
	}
	out->set = from->set;
	return replan(w, w->replanner, from, pattern, out, err);
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
