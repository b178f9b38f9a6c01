/*
 * Deciding: the automaton's state and the matches so far are carried down the tree.
 *
 *   directory's (active, matched) ──name──▶ hits: patterns that match this very path
 *                                  ├─────▶ verdict: the reference's loop over matched ∪ hits
 *                                  └─────▶ (active, matched) for its children
 *
 * Without a hit, and without patterns that only a regexp can test, nothing changes: the verdict and the
 * matches are the directory's own. That is the case for most entries.
 *
 * The walk's evaluation (patternmatcher.go, MatchesUsingParentResults) goes through all patterns in
 * order. A pattern that matched the directory counts at once; any other is skipped while it could not
 * change the verdict (an exclusion when excluded, an exception when included), and a skipped one is NOT
 * recorded as a match, which is why the two evaluations differ. The loop below does the same on the few
 * patterns that can match at all.
 *
 * IGNORE_BUILDAH is simpler: every pattern is one regexp that ends in "(" "/.*)?", and the last one that
 * matches decides. What matched a directory matches below it, until a name has a newline, which that '.'
 * does not take: then only what matches from there on counts. Patterns that only a regexp can test are
 * tested against each whole path and are not carried.
 */
#include "ignore/scratch.h"

static bool take_if(const uint32_t **list, uint32_t *n, uint32_t pattern) {
	if (*n == 0 || **list != pattern) {
		return false;
	}
	(*list)++;
	(*n)--;
	return true;
}

bool cursor_next(struct cursor *c, struct candidate *out) {
	uint32_t least = IGNORE_NO_PATTERN;

	least = c->nmatched > 0 && *c->matched < least ? *c->matched : least;
	least = c->nhits > 0 && *c->hits < least ? *c->hits : least;
	least = c->nslow > 0 && *c->slow < least ? *c->slow : least;
	if (least == IGNORE_NO_PATTERN) {
		return false;
	}
	out->pattern = least;
	out->is_matched = take_if(&c->matched, &c->nmatched, least);
	out->is_hit = take_if(&c->hits, &c->nhits, least);
	(void)take_if(&c->slow, &c->nslow, least);
	return true;
}

struct cursor cursor_start(const struct ignore_scratch *s, uint32_t matched) {
	const struct matched *list = matched_get(s->matched, matched);

	return (struct cursor){
		.matched = matched_patterns(s->matched, list),
		.nmatched = list->n,
		.hits = s->hits,
		.nhits = s->nhits,
		.slow = s->slow,
		.nslow = s->nslow,
	};
}

/* The error is about a line of the ignore file. */
static enum tng_code at_pattern(
		const struct pattern *p, enum tng_code code, struct tng_error *err) {
	if (err != NULL && err->line == 0) {
		err->line = p->pub.line;
		err->column = p->pub.column;
	}
	return code;
}

enum tng_code scratch_test_pattern(struct ignore_scratch *s, uint32_t pattern, struct str path,
		bool *out, struct tng_error *err) {
	const struct pattern *p = &s->set->patterns[pattern];
	enum tng_code code = pattern_matches(p, s->regexp, path, out, err);

	return code == TNG_OK ? TNG_OK : at_pattern(p, code, err);
}

/* The list in s->merged; its last pattern is the one that decides. */
uint32_t scratch_intern_merged(struct ignore_scratch *s) {
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };

	if (s->nmerged > 0) {
		verdict.pattern = s->merged[s->nmerged - 1];
		verdict.excluded = !s->set->patterns[verdict.pattern].pub.is_exception;
	}
	return matched_intern(s->matched, s->merged, s->nmerged, verdict);
}

static void apply(struct ignore_scratch *s, struct verdict *verdict, uint32_t pattern) {
	s->merged[s->nmerged++] = pattern;
	verdict->excluded = !s->set->patterns[pattern].pub.is_exception;
	verdict->pattern = pattern;
}

/* MatchesUsingParentResults; the new list is left in s->merged. */
static enum tng_code merge(struct ignore_scratch *s, uint32_t matched, struct str path,
		struct verdict *out, struct tng_error *err) {
	struct cursor cursor = cursor_start(s, matched);
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };
	struct candidate c;

	s->nmerged = 0;
	while (cursor_next(&cursor, &c)) {
		bool matches = c.is_matched || c.is_hit;
		if (!c.is_matched &&
				s->set->patterns[c.pattern].pub.is_exception != verdict.excluded) {
			continue; /* it could not change anything: skipped, and not recorded */
		}
		if (!matches) {
			enum tng_code code =
					scratch_test_pattern(s, c.pattern, path, &matches, err);
			if (code != TNG_OK) {
				return code;
			}
		}
		if (matches) {
			apply(s, &verdict, c.pattern);
		}
	}
	*out = verdict;
	return TNG_OK;
}

/* IGNORE_BUILDAH: every pattern is compiled for every path, and the first bad one ends the build. */
static enum tng_code check_bad(const struct ignore_scratch *s, struct tng_error *err) {
	if (s->set->dialect != IGNORE_BUILDAH || s->bad == IGNORE_NO_PATTERN) {
		return TNG_OK;
	}
	return at_pattern(&s->set->patterns[s->bad],
			error_set(err, TNG_ESYNTAX, "syntax error in pattern"), err);
}

/* What a directory's matches are worth for one of its names. */
uint32_t scratch_matched_for(const struct ignore_scratch *s, uint32_t matched, struct str name) {
	bool defeated = s->set->dialect == IGNORE_BUILDAH && matched != MATCHED_NONE &&
			memchr(name.ptr, '\n', name.len) != NULL;

	return defeated ? MATCHED_NONE : matched;
}

enum tng_code scratch_below_dir(struct ignore_scratch *s, struct ignore_dir dir, bool newline,
		uint32_t matched, struct ignore_dir *below, struct tng_error *err) {
	below->matched = matched;
	below->active = active_below(s->active, dir.active, newline, s->targets, s->ntargets);
	if (below->active == ACTIVE_UNKNOWN || matched == MATCHED_UNKNOWN) {
		return error_nomem(err);
	}
	return TNG_OK;
}

/* All hits in a row, those from above included; ascending. */
void scratch_collect_hits(struct ignore_scratch *s, uint32_t matched) {
	struct cursor cursor = cursor_start(s, matched);
	struct candidate c;

	cursor.nslow = 0;
	s->nmerged = 0;
	while (cursor_next(&cursor, &c)) {
		s->merged[s->nmerged++] = c.pattern;
	}
}

/* The last of the patterns tested one by one that matches and comes behind the one so far. */
static enum tng_code test_behind(struct ignore_scratch *s, struct str path, struct verdict *verdict,
		struct tng_error *err) {
	bool matches = false;

	for (uint32_t i = s->nslow; i > 0 && !matches; i--) {
		uint32_t pattern = s->slow[i - 1];
		if (verdict->pattern != IGNORE_NO_PATTERN && pattern < verdict->pattern) {
			break;
		}
		enum tng_code code = scratch_test_pattern(s, pattern, path, &matches, err);
		if (code != TNG_OK) {
			return code;
		}
		if (matches) {
			verdict->pattern = pattern;
			verdict->excluded = !s->set->patterns[pattern].pub.is_exception;
		}
	}
	return TNG_OK;
}

/* IGNORE_BUILDAH's IsMatch. */
static enum tng_code decide_last(struct ignore_scratch *s, struct ignore_dir dir, struct str path,
		size_t name_len, struct verdict *out, struct ignore_dir *below,
		struct tng_error *err) {
	struct str name = str_skip(path, path.len - name_len);
	enum tng_code code = check_bad(s, err);

	if (code != TNG_OK) {
		return code;
	}
	bool newline = scratch_step(s, active_get(s->active, dir.active), name);
	uint32_t matched = scratch_matched_for(s, dir.matched, name);
	struct verdict verdict = matched_get(s->matched, matched)->verdict;
	uint32_t last = s->nhits > 0 ? s->hits[s->nhits - 1] : 0;
	if (s->nhits > 0 && (verdict.pattern == IGNORE_NO_PATTERN || last > verdict.pattern)) {
		verdict.pattern = last;
		verdict.excluded = !s->set->patterns[last].pub.is_exception;
	}
	code = test_behind(s, path, &verdict, err);
	if (code == TNG_OK && below != NULL) {
		if (s->nhits > 0) {
			scratch_collect_hits(s, matched);
			matched = scratch_intern_merged(s);
		}
		code = scratch_below_dir(s, dir, newline, matched, below, err);
	}
	if (code == TNG_OK) {
		*out = verdict;
	}
	return code;
}

enum tng_code ignore_decide(struct ignore_scratch *s, struct ignore_dir dir, struct str path,
		size_t name_len, struct verdict *out, struct ignore_dir *below,
		struct tng_error *err) {
	if (s->set->dialect == IGNORE_BUILDAH) {
		return decide_last(s, dir, path, name_len, out, below, err);
	}
	struct str name = str_skip(path, path.len - name_len);
	const struct active *from = active_get(s->active, dir.active);
	uint32_t matched = dir.matched;
	struct verdict above = matched_get(s->matched, matched)->verdict;

	if (below == NULL && above.excluded && s->excluded_stays && name.len > 0 &&
			(from->is_inert || !scratch_may_come_back(s, from, name))) {
		*out = above;
		return TNG_OK;
	}
	bool newline = scratch_step(s, from, name);
	if (s->nhits == 0 && s->nslow == 0) {
		*out = above;
	} else {
		struct verdict verdict;
		enum tng_code code = merge(s, dir.matched, path, &verdict, err);
		if (code != TNG_OK) {
			return code;
		}
		*out = verdict;
		if (below != NULL) {
			matched = scratch_intern_merged(s);
		}
	}
	return below != NULL ? scratch_below_dir(s, dir, newline, matched, below, err) : TNG_OK;
}

bool ignore_is_settled(const struct ignore_scratch *s, struct ignore_dir dir) {
	return s->set->dialect == IGNORE_DOCKER && s->nslow == 0 &&
			active_get(s->active, dir.active)->is_inert;
}
