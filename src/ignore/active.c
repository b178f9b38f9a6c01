#include "ignore/active.h"

#include "util/slots.h"
#include "util/vec.h"

#include <stdlib.h>

struct active_table {
	const struct nfa *nfa;
	struct arena *arena;
	struct arena_mark fresh; /* the arena with the fixed parts only */
	struct {
		VEC_FIELDS(struct active)
	} sets;
	struct slots slots;        /* over their bits */
	uint64_t *stay;            /* mask of states that stay active below a directory */
	uint64_t *stay_newline;    /* ... below one with a newline in its name */
	uint64_t *work;            /* the set being built */
	const uint64_t *glob_from; /* [glob][word]: states with an edge on that glob */
};

static void set_bit(uint64_t *bits, uint32_t bit) {
	bits[bit >> 6] |= UINT64_C(1) << (bit & 63U);
}

static bool has_bit(const uint64_t *bits, uint32_t bit) {
	return (bits[bit >> 6] >> (bit & 63U) & 1U) != 0;
}

static bool intersects(const uint64_t *a, const uint64_t *b, uint32_t nwords) {
	uint64_t common = 0;

	for (uint32_t w = 0; w < nwords; w++) {
		common |= a[w] & b[w];
	}
	return common != 0;
}

/* A state and all that is active beside it; loops and tails count even without edges of their own. */
static void add_state(const struct nfa *nfa, uint64_t *bits, uint32_t number) {
	const struct nfa_state *state = &nfa->states[number];

	if (state->has_edges || state->type != NFA_STEP) {
		set_bit(bits, number);
	}
	for (unsigned i = 0; i < NFA_NTYPES; i++) {
		if (state->beside[i] != NFA_NO_STATE && !has_bit(bits, state->beside[i])) {
			add_state(nfa, bits, state->beside[i]);
		}
	}
}

static bool is_tail(const struct nfa_state *state) {
	return state->type == NFA_TAIL_ANY || state->type == NFA_TAIL_DOT;
}

static bool takes_newlines(const struct nfa_state *state) {
	return state->type == NFA_TAIL_ANY || state->type == NFA_LOOP_ANY;
}

static int compare_numbers(const void *a, const void *b) {
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Patterns that the tails of a set match, into `out` unless that is NULL; returns their number. */
static uint32_t list_tails(
		const struct nfa *nfa, const uint64_t *bits, bool newline, uint32_t *out) {
	uint32_t n = 0;

	for (uint32_t i = 0; i < nfa->nstates; i++) {
		const struct nfa_state *state = &nfa->states[i];
		if (!has_bit(bits, i) || !is_tail(state) || (newline && !takes_newlines(state))) {
			continue;
		}
		for (uint32_t k = 0; out != NULL && k < state->accepts.n; k++) {
			out[n + k] = nfa->accepts[state->accepts.first + k];
		}
		n += state->accepts.n;
	}
	return n;
}

static const uint32_t *collect_tails(
		struct active_table *t, const uint64_t *bits, bool newline, uint32_t *n) {
	*n = list_tails(t->nfa, bits, newline, NULL);
	uint32_t *out = arena_new(t->arena, uint32_t, *n);
	if (out != NULL) {
		(void)list_tails(t->nfa, bits, newline, out);
		qsort(out, *n, sizeof(*out), compare_numbers);
	}
	return out;
}

static void describe_names(const struct nfa *nfa, struct active *set) {
	for (uint32_t s = 0; s <= nfa->name_mask; s++) {
		struct nfa_range range = nfa->names[s].edges;
		for (uint32_t e = 0; e < range.n; e++) {
			struct nfa_edge edge = nfa->edges[range.first + e];
			if (!has_bit(set->bits, edge.from)) {
				continue;
			}
			uint32_t bit = active_bloom(nfa->names[s].name);
			set_bit(set->names, bit);
			if (nfa->states[edge.to].accepts_exception) {
				set_bit(set->exception_names, bit);
			}
		}
	}
}

static bool describe_globs(struct active_table *t, struct active *set) {
	const struct nfa *nfa = t->nfa;
	uint64_t *globs = arena_new(t->arena, uint64_t, nfa->nglob_words);
	uint64_t *exceptions = arena_new(t->arena, uint64_t, nfa->nglob_words);

	if (globs == NULL || exceptions == NULL) {
		return false;
	}
	for (uint32_t g = 0; g < nfa->nglobs; g++) {
		struct nfa_range range = nfa->globs[g].edges;
		if (!intersects(set->bits, t->glob_from + (size_t)g * nfa->nwords, nfa->nwords)) {
			continue;
		}
		set_bit(globs, g);
		set->has_globs = true;
		for (uint32_t e = 0; e < range.n; e++) {
			struct nfa_edge edge = nfa->edges[range.first + e];
			if (nfa->states[edge.to].accepts_exception &&
					has_bit(set->bits, edge.from)) {
				set_bit(exceptions, g);
			}
		}
	}
	set->glob_bits = globs;
	set->exception_globs = exceptions;
	return true;
}

/* All that a set implies. False: out of memory. */
static bool describe(struct active_table *t, struct active *set) {
	const struct nfa *nfa = t->nfa;
	uint64_t minds = 0, live = 0;

	for (uint32_t w = 0; w < nfa->nwords; w++) {
		minds |= set->bits[w] & t->stay[w] & ~t->stay_newline[w];
		live |= set->bits[w];
	}
	for (uint32_t i = 0; live != 0 && i < nfa->nstates; i++) {
		set->has_exception_tails |= has_bit(set->bits, i) && is_tail(&nfa->states[i]) &&
				nfa->states[i].accepts_exception;
	}
	set->minds_newlines = minds != 0;
	set->is_inert = live == 0;
	set->below = ACTIVE_UNKNOWN;
	set->below_newline = ACTIVE_UNKNOWN;
	describe_names(nfa, set);
	set->tails = collect_tails(t, set->bits, false, &set->ntails);
	set->any_tails = collect_tails(t, set->bits, true, &set->nany_tails);
	return set->tails != NULL && set->any_tails != NULL && describe_globs(t, set);
}

static uint64_t hash_bits(const uint64_t *bits, uint32_t nwords) {
	return str_hash(str_make((const char *)bits, nwords * sizeof(*bits)));
}

static uint64_t hash_set(const void *table, uint32_t row) {
	const struct active_table *t = table;

	return hash_bits(t->sets.ptr[row].bits, t->nfa->nwords);
}

/* The number of the set in t->work, which is new or known. */
static uint32_t intern(struct active_table *t) {
	size_t nbytes = t->nfa->nwords * sizeof(uint64_t);

	if (!slots_grow(&t->slots, (uint32_t)t->sets.len, hash_set, t)) {
		return ACTIVE_UNKNOWN;
	}
	uint32_t slot = (uint32_t)hash_bits(t->work, t->nfa->nwords) & t->slots.mask;
	for (; t->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & t->slots.mask) {
		if (memcmp(t->sets.ptr[t->slots.ptr[slot]].bits, t->work, nbytes) == 0) {
			return t->slots.ptr[slot];
		}
	}
	uint64_t *bits = arena_new(t->arena, uint64_t, t->nfa->nwords);
	struct active set = { .bits = bits };
	if (bits == NULL) {
		return ACTIVE_UNKNOWN;
	}
	memcpy(bits, t->work, nbytes);
	struct active *added = describe(t, &set) ? VEC_PUSH(&t->sets) : NULL;
	if (added == NULL) {
		return ACTIVE_UNKNOWN;
	}
	*added = set;
	t->slots.ptr[slot] = (uint32_t)(t->sets.len - 1);
	return t->slots.ptr[slot];
}

static bool make_masks(struct active_table *t) {
	const struct nfa *nfa = t->nfa;
	uint64_t *glob_from = arena_new(t->arena, uint64_t, (size_t)nfa->nglobs * nfa->nwords);

	t->stay = arena_new(t->arena, uint64_t, nfa->nwords);
	t->stay_newline = arena_new(t->arena, uint64_t, nfa->nwords);
	t->work = arena_new(t->arena, uint64_t, nfa->nwords);
	t->glob_from = glob_from;
	if (glob_from == NULL || t->stay == NULL || t->stay_newline == NULL || t->work == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < nfa->nstates; i++) {
		if (nfa->states[i].type != NFA_STEP) {
			set_bit(t->stay, i);
		}
		if (takes_newlines(&nfa->states[i])) {
			set_bit(t->stay_newline, i);
		}
	}
	for (uint32_t g = 0; g < nfa->nglobs; g++) {
		struct nfa_range range = nfa->globs[g].edges;
		for (uint32_t e = 0; e < range.n; e++) {
			set_bit(glob_from + (size_t)g * nfa->nwords,
					nfa->edges[range.first + e].from);
		}
	}
	return true;
}

static bool add_root(struct active_table *t) {
	memset(t->work, 0, t->nfa->nwords * sizeof(*t->work));
	add_state(t->nfa, t->work, 0);
	return intern(t) == ACTIVE_ROOT;
}

struct active_table *active_table_create(const struct nfa *nfa) {
	struct active_table *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		return NULL;
	}
	t->nfa = nfa;
	t->arena = arena_create();
	if (t->arena == NULL || !make_masks(t)) {
		active_table_destroy(t);
		return NULL;
	}
	t->fresh = arena_mark(t->arena);
	if (!add_root(t)) {
		active_table_destroy(t);
		return NULL;
	}
	return t;
}

void active_table_destroy(struct active_table *t) {
	if (t == NULL) {
		return;
	}
	free(t->sets.ptr);
	slots_fini(&t->slots);
	arena_destroy(t->arena);
	free(t);
}

bool active_reset(struct active_table *t) {
	free(t->sets.ptr);
	slots_fini(&t->slots);
	t->sets.ptr = NULL;
	t->sets.len = t->sets.cap = 0;
	arena_rewind(t->arena, t->fresh);
	return add_root(t);
}

const struct active *active_get(const struct active_table *t, uint32_t number) {
	return &t->sets.ptr[number];
}

uint32_t active_count(const struct active_table *t) {
	return (uint32_t)t->sets.len;
}

static uint32_t below_untouched(struct active_table *t, uint32_t from, bool newline) {
	const struct active *set = &t->sets.ptr[from];
	uint32_t known = newline ? set->below_newline : set->below;

	if (known != ACTIVE_UNKNOWN) {
		return known;
	}
	const uint64_t *mask = newline ? t->stay_newline : t->stay;
	for (uint32_t w = 0; w < t->nfa->nwords; w++) {
		t->work[w] = set->bits[w] & mask[w];
	}
	uint32_t below = intern(t);
	if (newline) {
		t->sets.ptr[from].below_newline = below;
	} else {
		t->sets.ptr[from].below = below;
	}
	return below;
}

uint32_t active_below(struct active_table *t, uint32_t from, bool newline, const uint32_t *targets,
		uint32_t ntargets) {
	if (ntargets == 0) {
		return below_untouched(t, from, newline);
	}
	const uint64_t *mask = newline ? t->stay_newline : t->stay;
	const struct active *set = &t->sets.ptr[from];
	for (uint32_t w = 0; w < t->nfa->nwords; w++) {
		t->work[w] = set->bits[w] & mask[w];
	}
	for (uint32_t i = 0; i < ntargets; i++) {
		add_state(t->nfa, t->work, targets[i]);
	}
	return intern(t);
}
