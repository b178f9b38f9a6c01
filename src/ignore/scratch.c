#include "ignore/scratch.h"

#include <stdlib.h>

void ignore_scratch_destroy(struct ignore_scratch *s) {
	if (s == NULL) {
		return;
	}
	active_table_destroy(s->active);
	matched_table_destroy(s->matched);
	regexp_scratch_destroy(s->regexp);
	free(s->is_out);
	free(s->slow);
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

/* What takes part, but for what the automaton finds. */
static void list_slow(struct ignore_scratch *s) {
	const struct ignore_set *set = s->set;

	s->nslow = 0;
	for (uint32_t i = 0; i < set->nfa->nslow; i++) {
		if (!s->is_out[set->nfa->slow[i]]) {
			s->slow[s->nslow++] = set->nfa->slow[i];
		}
	}
	s->bad = set->bad;
	while (s->bad < set->npatterns &&
			(s->is_out[s->bad] || set->patterns[s->bad].pub.bad_regexp == NULL)) {
		s->bad++;
	}
	s->bad = s->bad < set->npatterns ? s->bad : IGNORE_NO_PATTERN;
}

void ignore_leave_out(struct ignore_scratch *s, uint32_t pattern, bool is_out) {
	s->nout += is_out - s->is_out[pattern];
	s->is_out[pattern] = is_out;
	s->levels.len = 0;
	s->last_path.len = 0;
	list_slow(s);
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
	s->is_out = calloc((size_t)set->npatterns + 1, 1);
	s->slow = calloc((size_t)set->nfa->nslow + 1, sizeof(*s->slow));
	s->hits = calloc(nhits, sizeof(*s->hits));
	s->merged = calloc(nhits, sizeof(*s->merged));
	s->targets = calloc(set->nfa->nstates, sizeof(*s->targets));
	if (s->active == NULL || s->matched == NULL || s->regexp == NULL || s->is_out == NULL ||
			s->slow == NULL || s->hits == NULL || s->merged == NULL ||
			s->targets == NULL) {
		ignore_scratch_destroy(s);
		return NULL;
	}
	list_slow(s);
	return s;
}

struct ignore_dir ignore_root(const struct ignore_scratch *s) {
	(void)s;
	return (struct ignore_dir){ .active = ACTIVE_ROOT, .matched = MATCHED_NONE };
}

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

static void drop_left_out(struct ignore_scratch *s) {
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->nhits; i++) {
		if (!s->is_out[s->hits[i]]) {
			s->hits[n++] = s->hits[i];
		}
	}
	s->nhits = n;
}

/* Fills hits and targets; returns whether the name has a newline that matters here. */
bool scratch_step(struct ignore_scratch *s, const struct active *from, struct str name) {
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
	if (s->nout > 0) {
		drop_left_out(s);
	}
	return newline;
}

/*
 * Whether an exception matches a name: without one, what is in an excluded directory stays excluded. The
 * directory's deciding pattern d counts for all below it, so patterns before d do not matter any more, and
 * behind d exclusions are skipped until an exception has matched.
 */
bool scratch_may_come_back(
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
