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
#include "ignore/match.h"

#include "util/path.h"
#include "util/vec.h"

#include <stdlib.h>

/* Past this many sets or lists a stream of unrelated paths starts afresh: bounded memory. */
#define TABLES_MAX 65536

/* A directory on the way to the path decided last, for ignore_decide_path(). */
struct level {
	size_t path_len; /* of the directory, without a slash */
	struct ignore_dir dir;
};

struct ignore_scratch {
	const struct ignore_set *set;
	struct active_table *active;
	struct matched_table *matched;
	struct regexp_scratch *regexp;

	uint32_t *hits; /* of the entry at hand, ascending when complete */
	uint32_t nhits;
	uint32_t *targets; /* states its name leads to */
	uint32_t ntargets;
	uint32_t *merged; /* the list being made */
	uint32_t nmerged;
	bool excluded_stays; /* only the automaton can bring back what is excluded */

	struct {
		VEC_FIELDS(char)
	} last_path; /* directories of the path decided last */
	struct {
		VEC_FIELDS(struct level)
	} levels;
	bool levels_are_whole; /* they carry whole-path matches, not the walk's */
};

void ignore_scratch_destroy(struct ignore_scratch *s) {
	if (s == NULL) {
		return;
	}
	active_table_destroy(s->active);
	matched_table_destroy(s->matched);
	regexp_scratch_destroy(s->regexp);
	free(s->hits);
	free(s->targets);
	free(s->merged);
	free(s->last_path.ptr);
	free(s->levels.ptr);
	free(s);
}

/* Whether below an excluded directory only the automaton's exceptions matter: no bad pattern, which would
 * be an error to evaluate, and no exception that only a regexp can test. */
static bool excluded_stays(const struct ignore_set *set) {
	bool stays = set->dialect == IGNORE_DOCKER && set->bad == IGNORE_NO_PATTERN;

	for (uint32_t i = 0; stays && i < set->nfa->nslow; i++) {
		stays = !set->patterns[set->nfa->slow[i]].pub.is_exception;
	}
	return stays;
}

struct ignore_scratch *ignore_scratch_create(const struct ignore_set *set) {
	struct ignore_scratch *s = calloc(1, sizeof(*s));
	/* a pattern is hit at most twice by one name: on arrival and by its tail */
	size_t nhits = 2 * (size_t)set->npatterns + 1;

	if (s == NULL) {
		return NULL;
	}
	s->set = set;
	s->excluded_stays = excluded_stays(set);
	s->active = active_table_create(set->nfa);
	s->matched = matched_table_create();
	s->regexp = regexp_scratch_create();
	s->hits = calloc(nhits, sizeof(*s->hits));
	s->merged = calloc(nhits, sizeof(*s->merged));
	s->targets = calloc(set->nfa->nstates, sizeof(*s->targets));
	if (s->active == NULL || s->matched == NULL || s->regexp == NULL || s->hits == NULL ||
			s->merged == NULL || s->targets == NULL) {
		ignore_scratch_destroy(s);
		return NULL;
	}
	return s;
}

struct ignore_dir ignore_root(const struct ignore_scratch *s) {
	(void)s;
	return (struct ignore_dir){ .active = ACTIVE_ROOT, .matched = MATCHED_NONE };
}

/* ---- one name through the automaton: hits and targets */

static void arrive(struct ignore_scratch *s, uint32_t state) {
	const struct nfa *nfa = s->set->nfa;
	struct nfa_range accepts = nfa->states[state].accepts;

	s->targets[s->ntargets++] = state;
	for (uint32_t i = 0; i < accepts.n; i++) {
		s->hits[s->nhits++] = nfa->accepts[accepts.first + i];
	}
}

static void take_edges(
		struct ignore_scratch *s, const struct active *from, struct nfa_range edges) {
	const struct nfa_edge *edge = s->set->nfa->edges + edges.first;

	for (uint32_t i = 0; i < edges.n; i++) {
		if ((from->bits[edge[i].from >> 6] >> (edge[i].from & 63U) & 1U) != 0) {
			arrive(s, edge[i].to);
		}
	}
}

static void take_name(struct ignore_scratch *s, const struct active *from, struct str name) {
	const struct nfa *nfa = s->set->nfa;
	uint64_t hash = str_hash(name);
	uint32_t slot = (uint32_t)hash & nfa->name_mask;

	for (; nfa->names[slot].edges.n > 0; slot = (slot + 1) & nfa->name_mask) {
		if (nfa->names[slot].hash == hash && str_eq(nfa->names[slot].name, name)) {
			take_edges(s, from, nfa->names[slot].edges);
			return;
		}
	}
}

static bool may_have(const uint64_t names[ACTIVE_BLOOM_WORDS], struct str name) {
	uint32_t bit = active_bloom(name);

	return (names[bit >> 6] >> (bit & 63U) & 1U) != 0;
}

/* The globs of word `w` whose first and last bytes fit the name. */
static inline uint64_t fitting_globs(const struct nfa *nfa, struct str name, uint32_t w) {
	size_t nwords = nfa->nglob_words;
	size_t first = (unsigned char)name.ptr[0] * nwords;
	size_t last = (unsigned char)name.ptr[name.len - 1] * nwords;
	uint64_t fitting = nfa->first_mask[first + w] & nfa->last_mask[last + w];

	/* a name of one byte has none before the last; the match itself minds its length */
	if (name.len > 1) {
		size_t last2 = (unsigned char)name.ptr[name.len - 2] * nwords;
		fitting &= nfa->last2_mask[last2 + w];
	}
	return fitting;
}

static void take_globs(struct ignore_scratch *s, const struct active *from, struct str name) {
	const struct nfa *nfa = s->set->nfa;

	for (uint32_t w = 0; w < nfa->nglob_words; w++) {
		uint64_t candidates = from->glob_bits[w] & fitting_globs(nfa, name, w);
		for (; candidates != 0; candidates &= candidates - 1) {
			uint32_t g = w * 64 + (uint32_t)__builtin_ctzll(candidates);
			if (glob_matches(&nfa->globs[g].glob, name)) {
				take_edges(s, from, nfa->globs[g].edges);
			}
		}
	}
}

/* Ascending and without duplicates; there are rarely more than two. */
static void sort_hits(struct ignore_scratch *s) {
	uint32_t n = 0;

	for (uint32_t i = 1; i < s->nhits; i++) {
		uint32_t hit = s->hits[i], k = i;
		for (; k > 0 && s->hits[k - 1] > hit; k--) {
			s->hits[k] = s->hits[k - 1];
		}
		s->hits[k] = hit;
	}
	for (uint32_t i = 0; i < s->nhits; i++) {
		if (n == 0 || s->hits[n - 1] != s->hits[i]) {
			s->hits[n++] = s->hits[i];
		}
	}
	s->nhits = n;
}

/* Fills hits and targets; returns whether the name has a newline that matters here. */
static bool step(struct ignore_scratch *s, const struct active *from, struct str name) {
	s->nhits = 0;
	s->ntargets = 0;
	if (from->is_inert || name.len == 0) {
		return false;
	}
	bool newline = from->minds_newlines && memchr(name.ptr, '\n', name.len) != NULL;
	const uint32_t *tails = newline ? from->any_tails : from->tails;
	uint32_t ntails = newline ? from->nany_tails : from->ntails;
	for (uint32_t i = 0; i < ntails; i++) {
		s->hits[s->nhits++] = tails[i];
	}
	if (may_have(from->names, name)) {
		take_name(s, from, name);
	}
	if (from->has_globs) {
		take_globs(s, from, name);
	}
	if (s->nhits > 1) {
		sort_hits(s);
	}
	return newline;
}

/*
 * Whether an exception matches a name: without one, what is in an excluded directory stays excluded. The
 * directory's deciding pattern d counts for all below it, so patterns before d do not matter any more, and
 * behind d exclusions are skipped until an exception has matched.
 */
static bool may_come_back(
		const struct ignore_scratch *s, const struct active *from, struct str name) {
	const struct nfa *nfa = s->set->nfa;

	if (from->has_exception_tails || may_have(from->exception_names, name)) {
		return true;
	}
	for (uint32_t w = 0; w < nfa->nglob_words; w++) {
		uint64_t candidates = from->exception_globs[w] & fitting_globs(nfa, name, w);
		for (; candidates != 0; candidates &= candidates - 1) {
			uint32_t g = w * 64 + (uint32_t)__builtin_ctzll(candidates);
			if (glob_matches(&nfa->globs[g].glob, name)) {
				return true;
			}
		}
	}
	return false;
}

/* ---- the reference's loop, over the patterns that can match */

/* Three ascending lists side by side: matched above, hits, and patterns to be tested one by one. */
struct cursor {
	const uint32_t *matched, *hits, *slow;
	uint32_t nmatched, nhits, nslow;
};

struct candidate {
	uint32_t pattern;
	bool is_matched, is_hit; /* neither: to be tested */
};

static bool take_if(const uint32_t **list, uint32_t *n, uint32_t pattern) {
	if (*n == 0 || **list != pattern) {
		return false;
	}
	(*list)++;
	(*n)--;
	return true;
}

static bool next_candidate(struct cursor *c, struct candidate *out) {
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

static struct cursor cursor_start(const struct ignore_scratch *s, uint32_t matched) {
	const struct matched *list = matched_get(s->matched, matched);

	return (struct cursor){
		.matched = matched_patterns(s->matched, list),
		.nmatched = list->n,
		.hits = s->hits,
		.nhits = s->nhits,
		.slow = s->set->nfa->slow,
		.nslow = s->set->nfa->nslow,
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

static enum tng_code test_pattern(struct ignore_scratch *s, uint32_t pattern, struct str path,
		bool *out, struct tng_error *err) {
	const struct pattern *p = &s->set->patterns[pattern];
	enum tng_code code = pattern_matches(p, s->regexp, path, out, err);

	return code == TNG_OK ? TNG_OK : at_pattern(p, code, err);
}

/* The list in s->merged; its last pattern is the one that decides. */
static uint32_t intern_merged(struct ignore_scratch *s) {
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
	while (next_candidate(&cursor, &c)) {
		bool matches = c.is_matched || c.is_hit;
		if (!c.is_matched &&
				s->set->patterns[c.pattern].pub.is_exception != verdict.excluded) {
			continue; /* it could not change anything: skipped, and not recorded */
		}
		if (!matches) {
			enum tng_code code = test_pattern(s, c.pattern, path, &matches, err);
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
	uint32_t bad = s->set->bad;

	if (s->set->dialect != IGNORE_BUILDAH || bad == IGNORE_NO_PATTERN) {
		return TNG_OK;
	}
	return at_pattern(&s->set->patterns[bad],
			error_set(err, TNG_ESYNTAX, "syntax error in pattern"), err);
}

/* What a directory's matches are worth for one of its names. */
static uint32_t matched_for(const struct ignore_scratch *s, uint32_t matched, struct str name) {
	bool defeated = s->set->dialect == IGNORE_BUILDAH && matched != MATCHED_NONE &&
			memchr(name.ptr, '\n', name.len) != NULL;

	return defeated ? MATCHED_NONE : matched;
}

static enum tng_code below_dir(struct ignore_scratch *s, struct ignore_dir dir, bool newline,
		uint32_t matched, struct ignore_dir *below, struct tng_error *err) {
	below->matched = matched;
	below->active = active_below(s->active, dir.active, newline, s->targets, s->ntargets);
	if (below->active == ACTIVE_UNKNOWN || matched == MATCHED_UNKNOWN) {
		return error_nomem(err);
	}
	return TNG_OK;
}

/* All hits in a row, those from above included; ascending. */
static void collect_hits(struct ignore_scratch *s, uint32_t matched) {
	struct cursor cursor = cursor_start(s, matched);
	struct candidate c;

	cursor.nslow = 0;
	s->nmerged = 0;
	while (next_candidate(&cursor, &c)) {
		s->merged[s->nmerged++] = c.pattern;
	}
}

/* The last of the patterns tested one by one that matches and comes behind the one so far. */
static enum tng_code test_behind(struct ignore_scratch *s, struct str path, struct verdict *verdict,
		struct tng_error *err) {
	const struct nfa *nfa = s->set->nfa;
	bool matches = false;

	for (uint32_t i = nfa->nslow; i > 0 && !matches; i--) {
		uint32_t pattern = nfa->slow[i - 1];
		if (verdict->pattern != IGNORE_NO_PATTERN && pattern < verdict->pattern) {
			break;
		}
		enum tng_code code = test_pattern(s, pattern, path, &matches, err);
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
	bool newline = step(s, active_get(s->active, dir.active), name);
	uint32_t matched = matched_for(s, dir.matched, name);
	struct verdict verdict = matched_get(s->matched, matched)->verdict;
	uint32_t last = s->nhits > 0 ? s->hits[s->nhits - 1] : 0;
	if (s->nhits > 0 && (verdict.pattern == IGNORE_NO_PATTERN || last > verdict.pattern)) {
		verdict.pattern = last;
		verdict.excluded = !s->set->patterns[last].pub.is_exception;
	}
	code = test_behind(s, path, &verdict, err);
	if (code == TNG_OK && below != NULL) {
		if (s->nhits > 0) {
			collect_hits(s, matched);
			matched = intern_merged(s);
		}
		code = below_dir(s, dir, newline, matched, below, err);
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
			(from->is_inert || !may_come_back(s, from, name))) {
		*out = above;
		return TNG_OK;
	}
	bool newline = step(s, from, name);
	if (s->nhits == 0 && s->set->nfa->nslow == 0) {
		*out = above;
	} else {
		struct verdict verdict;
		enum tng_code code = merge(s, dir.matched, path, &verdict, err);
		if (code != TNG_OK) {
			return code;
		}
		*out = verdict;
		if (below != NULL) {
			matched = intern_merged(s);
		}
	}
	return below != NULL ? below_dir(s, dir, newline, matched, below, err) : TNG_OK;
}

/* ---- whole paths */

/* The same step for whole-path evaluation: the list is every hit on the way, in no one's order. */
static enum tng_code collect(struct ignore_scratch *s, struct ignore_dir dir, struct str path,
		size_t name_len, struct ignore_dir *below, struct tng_error *err) {
	struct str name = str_skip(path, path.len - name_len);
	bool newline = step(s, active_get(s->active, dir.active), name);
	uint32_t matched = matched_for(s, dir.matched, name);

	if (s->nhits > 0) {
		collect_hits(s, matched);
		matched = intern_merged(s);
	}
	return below_dir(s, dir, newline, matched, below, err);
}

static size_t component_end(struct str path, size_t start) {
	const char *slash = memchr(path.ptr + start, '/', path.len - start);

	return slash != NULL ? (size_t)(slash - path.ptr) : path.len;
}

static size_t common_prefix(const char *a, const char *b, size_t limit) {
	size_t n = 0;

	while (limit - n >= 8) {
		uint64_t x, y;
		memcpy(&x, a + n, 8);
		memcpy(&y, b + n, 8);
		if (x != y) {
			break;
		}
		n += 8;
	}
	while (n < limit && a[n] == b[n]) {
		n++;
	}
	return n;
}

/* How many of the remembered levels are directories of this path, too. */
static size_t shared_levels(const struct ignore_scratch *s, struct str path) {
	size_t limit = s->last_path.len < path.len ? s->last_path.len : path.len;
	size_t same = common_prefix(s->last_path.ptr, path.ptr, limit), n = 0;

	while (n < s->levels.len && s->levels.ptr[n].path_len <= same &&
			s->levels.ptr[n].path_len < path.len &&
			path.ptr[s->levels.ptr[n].path_len] == '/') {
		n++;
	}
	return n;
}

static bool remember_path(struct ignore_scratch *s, struct str dirs, size_t known_len) {
	s->last_path.len = known_len;
	while (s->last_path.len < dirs.len) {
		size_t n = dirs.len - s->last_path.len;
		s->last_path.ptr =
				vec_grow(s->last_path.ptr, &s->last_path.cap, s->last_path.len, 1);
		if (s->last_path.len == s->last_path.cap) {
			return false;
		}
		size_t room = s->last_path.cap - s->last_path.len;
		n = n < room ? n : room;
		memcpy(s->last_path.ptr + s->last_path.len, dirs.ptr + s->last_path.len, n);
		s->last_path.len += n;
	}
	return true;
}

/* Start afresh when the tables have grown too large, or the levels are of the other kind. */
static bool levels_start(struct ignore_scratch *s, bool whole) {
	if (s->levels_are_whole != whole) {
		s->levels.len = 0;
		s->last_path.len = 0;
		s->levels_are_whole = whole;
	}
	uint32_t nsets = active_count(s->active); /* 0: starting afresh ran out of memory */
	if (nsets > 0 && nsets <= TABLES_MAX && matched_count(s->matched) <= TABLES_MAX) {
		return true;
	}
	s->levels.len = 0;
	s->last_path.len = 0;
	matched_reset(s->matched);
	return active_reset(s->active);
}

/* The state of the directory that holds the path's last component, which starts at *start. */
static enum tng_code descend(struct ignore_scratch *s, struct str path, bool whole,
		struct ignore_dir *dir, size_t *start, struct tng_error *err) {
	if (!levels_start(s, whole)) {
		return error_nomem(err);
	}
	s->levels.len = shared_levels(s, path);
	const struct level *last = s->levels.len > 0 ? &s->levels.ptr[s->levels.len - 1] : NULL;
	*dir = last != NULL ? last->dir : ignore_root(s);
	*start = last != NULL ? last->path_len + 1 : 0;
	size_t known_len = last != NULL ? last->path_len : 0;
	for (size_t end; (end = component_end(path, *start)) < path.len; *start = end + 1) {
		struct str upto = str_take(path, end);
		struct ignore_dir below;
		struct verdict ignored;
		enum tng_code code = whole
				? collect(s, *dir, upto, end - *start, &below, err)
				: ignore_decide(s, *dir, upto, end - *start, &ignored, &below, err);
		struct level *level = code == TNG_OK ? VEC_PUSH(&s->levels) : NULL;
		if (level == NULL) {
			s->levels.len = 0;
			s->last_path.len = 0;
			return code != TNG_OK ? code : error_nomem(err);
		}
		*level = (struct level){ .path_len = end, .dir = below };
		*dir = below;
	}
	return remember_path(s, str_take(path, *start > 0 ? *start - 1 : 0), known_len)
			? TNG_OK
			: error_nomem(err);
}

enum tng_code ignore_decide_path(struct ignore_scratch *s, struct str path, struct verdict *out,
		struct tng_error *err) {
	struct ignore_dir dir;
	size_t start;
	/* IGNORE_BUILDAH asks the ancestors nothing: errors of theirs are not the path's */
	bool whole = s->set->dialect == IGNORE_BUILDAH;
	enum tng_code code = descend(s, path, whole, &dir, &start, err);

	if (code != TNG_OK) {
		return code;
	}
	return ignore_decide(s, dir, path, path.len - start, out, NULL, err);
}

/* Whether a pattern that needs testing matches the path or an ancestor; the path goes first, then the
 * ancestors from the top, as in the reference (an error shows at the first evaluation). */
static enum tng_code test_with_ancestors(struct ignore_scratch *s, uint32_t pattern,
		struct str path, bool *out, struct tng_error *err) {
	enum tng_code code = test_pattern(s, pattern, path, out, err);

	for (size_t end, start = 0;
			code == TNG_OK && !*out && (end = component_end(path, start)) < path.len;
			start = end + 1) {
		code = test_pattern(s, pattern, str_take(path, end), out, err);
	}
	return code;
}

enum tng_code ignore_decide_whole_path(struct ignore_scratch *s, struct str path,
		struct verdict *out, struct tng_error *err) {
	if (s->set->dialect == IGNORE_BUILDAH) {
		return ignore_decide_path(s, path, out, err);
	}
	struct ignore_dir dir;
	size_t start;
	enum tng_code code = descend(s, path, true, &dir, &start, err);

	if (code != TNG_OK) {
		return code;
	}
	(void)step(s, active_get(s->active, dir.active), str_skip(path, start));
	struct cursor cursor = cursor_start(s, dir.matched);
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };
	struct candidate c;
	while (next_candidate(&cursor, &c)) {
		bool is_exception = s->set->patterns[c.pattern].pub.is_exception;
		bool matches = c.is_matched || c.is_hit;
		if (is_exception != verdict.excluded) {
			continue;
		}
		if (!matches) {
			code = test_with_ancestors(s, c.pattern, path, &matches, err);
			if (code != TNG_OK) {
				return code;
			}
		}
		if (matches) {
			verdict = (struct verdict){ !is_exception, c.pattern };
		}
	}
	*out = verdict;
	return TNG_OK;
}

/* The ancestor with as many components as the pattern; empty when the path's directory is not that
 * deep (patternmatcher.go, Matches). */
static struct str legacy_ancestor(struct str pattern, struct str path) {
	size_t want = 1, end = 0;

	for (size_t i = 0; i < pattern.len; i++) {
		want += pattern.ptr[i] == '/';
	}
	for (size_t start = 0; want > 0; want--, start = end + 1) {
		end = start <= path.len ? component_end(path, start) : path.len;
		if (end == path.len) {
			return STR("");
		}
	}
	return str_take(path, end);
}

enum tng_code ignore_decide_legacy(struct ignore_scratch *s, struct str path, struct verdict *out,
		struct tng_error *err) {
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };

	if (s->set->dialect == IGNORE_BUILDAH) {
		return ignore_decide_path(s, path, out, err);
	}
	for (uint32_t i = 0; i < s->set->npatterns; i++) {
		const struct ignore_pattern *p = &s->set->patterns[i].pub;
		bool matches = false;
		if (p->is_exception != verdict.excluded) {
			continue;
		}
		enum tng_code code = test_pattern(s, i, path, &matches, err);
		struct str ancestor = legacy_ancestor(p->text, path);
		if (code == TNG_OK && !matches && ancestor.len > 0) {
			code = test_pattern(s, i, ancestor, &matches, err);
		}
		if (code != TNG_OK) {
			return code;
		}
		if (matches) {
			verdict = (struct verdict){ !p->is_exception, i };
		}
	}
	*out = verdict;
	return TNG_OK;
}

enum tng_code ignore_pattern_matches(struct ignore_scratch *s, uint32_t index, struct str path,
		bool *out, struct tng_error *err) {
	return test_pattern(s, index, path, out, err);
}
