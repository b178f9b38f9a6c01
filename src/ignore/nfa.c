#include "ignore/nfa.h"

#include "ignore/steps.h"
#include "util/vec.h"

#include <assert.h>
#include <stdlib.h>

#define LABEL_GLOB UINT32_C(0x80000000) /* a label is a name's number, or a glob's with this bit */
#define NO_SLOT UINT32_MAX

struct labelled_edge {
	uint32_t from, to, label;
};

struct accept {
	uint32_t state, pattern;
};

/* A growing automaton; arrays on malloc until their final size is known. */
struct builder {
	struct arena *arena;   /* what the automaton keeps */
	struct arena *scratch; /* steps of one pattern */
	const struct pattern *patterns;
	struct {
		VEC_FIELDS(struct nfa_state)
	} states;
	struct {
		VEC_FIELDS(struct labelled_edge)
	} edges;
	struct {
		VEC_FIELDS(struct accept)
	} accepts;
	struct {
		VEC_FIELDS(struct nfa_name)
	} names;
	struct {
		VEC_FIELDS(struct nfa_glob)
	} globs;
	struct {
		VEC_FIELDS(uint32_t)
	} slow;
	uint32_t *edge_slots; /* open addressing: (from, label) -> edge */
	uint32_t *name_slots; /* open addressing: name -> its number */
	uint32_t slot_mask;
};

static uint32_t new_state(struct builder *b, enum nfa_state_type type) {
	struct nfa_state *state = VEC_PUSH(&b->states);

	if (state == NULL) {
		return NFA_NO_STATE;
	}
	state->type = type;
	for (unsigned i = 0; i < NFA_NTYPES; i++) {
		state->beside[i] = NFA_NO_STATE;
	}
	return (uint32_t)(b->states.len - 1);
}

/* The state that is active beside `from`; made when it is first asked for. */
static uint32_t state_beside(struct builder *b, uint32_t from, enum nfa_state_type type) {
	if (b->states.ptr[from].type == type) {
		return from; /* a double star behind a double star adds nothing */
	}
	uint32_t known = b->states.ptr[from].beside[type];
	if (known != NFA_NO_STATE) {
		return known;
	}
	uint32_t state = new_state(b, type);
	b->states.ptr[from].beside[type] = state;
	return state;
}

static uint32_t name_number(struct builder *b, struct str name) {
	uint64_t hash = str_hash(name);
	uint32_t slot = (uint32_t)hash & b->slot_mask;

	for (; b->name_slots[slot] != NO_SLOT; slot = (slot + 1) & b->slot_mask) {
		if (str_eq(b->names.ptr[b->name_slots[slot]].name, name)) {
			return b->name_slots[slot];
		}
	}
	struct str copy = arena_copy(b->arena, name);
	struct nfa_name *added = copy.ptr != NULL ? VEC_PUSH(&b->names) : NULL;
	if (added == NULL) {
		return NO_SLOT;
	}
	*added = (struct nfa_name){ .name = copy, .hash = hash };
	b->name_slots[slot] = (uint32_t)(b->names.len - 1);
	return b->name_slots[slot];
}

static bool tokens_equal(const struct glob *glob, const struct step *step) {
	if (glob->ntokens != step->ntokens) {
		return false;
	}
	for (size_t i = 0; i < glob->ntokens; i++) {
		const struct glob_token *x = &glob->tokens[i], *y = &step->tokens[i];
		if (x->type != y->type || x->byte != y->byte) {
			return false;
		}
		if (x->type == GLOB_CLASS &&
				(x->class[0] != y->class[0] || x->class[1] != y->class[1])) {
			return false;
		}
	}
	return true;
}

/* A copy that outlives the steps, classes included. */
static struct glob_token *keep_tokens(struct arena *a, const struct step *step) {
	struct glob_token *tokens = arena_new(a, struct glob_token, step->ntokens);

	for (size_t i = 0; tokens != NULL && i < step->ntokens; i++) {
		tokens[i] = step->tokens[i];
		if (tokens[i].type == GLOB_CLASS) {
			uint64_t *class = arena_new(a, uint64_t, 2);
			if (class == NULL) {
				return NULL;
			}
			class[0] = step->tokens[i].class[0];
			class[1] = step->tokens[i].class[1];
			tokens[i].class = class;
		}
	}
	return tokens;
}

static uint32_t glob_number(struct builder *b, const struct step *step) {
	/* lists hold tens of globs, hundreds at most: a linear look is cheaper than it seems */
	for (size_t i = 0; i < b->globs.len; i++) {
		if (tokens_equal(&b->globs.ptr[i].glob, step)) {
			return (uint32_t)i;
		}
	}
	struct glob_token *tokens = keep_tokens(b->arena, step);
	struct nfa_glob *added = tokens != NULL ? VEC_PUSH(&b->globs) : NULL;
	if (added == NULL || !glob_init(&added->glob, b->arena, tokens, step->ntokens)) {
		return NO_SLOT;
	}
	return (uint32_t)(b->globs.len - 1);
}

/* Where the component leads from `from`; the trie shares equal beginnings. */
static uint32_t follow_edge(struct builder *b, uint32_t from, uint32_t label) {
	uint32_t key[2] = { from, label };
	uint32_t slot = (uint32_t)str_hash(str_make((const char *)key, sizeof(key))) & b->slot_mask;

	for (; b->edge_slots[slot] != NO_SLOT; slot = (slot + 1) & b->slot_mask) {
		const struct labelled_edge *edge = &b->edges.ptr[b->edge_slots[slot]];
		if (edge->from == from && edge->label == label) {
			return edge->to;
		}
	}
	uint32_t to = new_state(b, NFA_STEP);
	struct labelled_edge *edge = to != NFA_NO_STATE ? VEC_PUSH(&b->edges) : NULL;
	if (edge == NULL) {
		return NFA_NO_STATE;
	}
	*edge = (struct labelled_edge){ .from = from, .to = to, .label = label };
	b->edge_slots[slot] = (uint32_t)(b->edges.len - 1);
	b->states.ptr[from].has_edges = true;
	return to;
}

static uint32_t follow_label(struct builder *b, uint32_t from, uint32_t number, uint32_t kind) {
	return number != NO_SLOT ? follow_edge(b, from, number | kind) : NFA_NO_STATE;
}

static bool add_accept(struct builder *b, uint32_t state, uint32_t pattern) {
	struct accept *accept = VEC_PUSH(&b->accepts);

	if (accept != NULL) {
		*accept = (struct accept){ .state = state, .pattern = pattern };
		b->states.ptr[state].accepts_exception |= b->patterns[pattern].pub.is_exception;
	}
	return accept != NULL;
}

/* One step on from `at`; NFA_NO_STATE: out of memory. */
static uint32_t follow_step(
		struct builder *b, uint32_t at, const struct step *step, uint32_t pattern) {
	switch (step->type) {
	case STEP_NAME:
		return follow_label(b, at, name_number(b, step->name), 0);
	case STEP_GLOB:
		return follow_label(b, at, glob_number(b, step), LABEL_GLOB);
	case STEP_LOOP_ANY:
		return state_beside(b, at, NFA_LOOP_ANY);
	case STEP_LOOP_DOT:
		return state_beside(b, at, NFA_LOOP_DOT);
	case STEP_TAIL_ANY:
		return state_beside(b, at, NFA_TAIL_ANY);
	case STEP_TAIL_DOT:
		return state_beside(b, at, NFA_TAIL_DOT);
	case STEP_DEEP_END:
		/* "src**" matches what starts with src, and all below it */
		return add_accept(b, at, pattern) ? state_beside(b, at, NFA_TAIL_ANY)
						  : NFA_NO_STATE;
	}
	return NFA_NO_STATE;
}

static bool add_steps(struct builder *b, const struct step *steps, size_t n, uint32_t pattern) {
	uint32_t at = 0;

	for (size_t i = 0; i < n && at != NFA_NO_STATE; i++) {
		at = follow_step(b, at, &steps[i], pattern);
	}
	return at != NFA_NO_STATE && add_accept(b, at, pattern);
}

static bool add_pattern(struct builder *b, const struct pattern *p, uint32_t index) {
	struct step *steps = NULL;
	size_t n = 0;
	uint32_t *slow;

	switch (pattern_steps(b->scratch, p, &steps, &n)) {
	case STEPS_OK:
		return add_steps(b, steps, n, index);
	case STEPS_NEVER:
		return true;
	case STEPS_SLOW:
		slow = VEC_PUSH(&b->slow);
		if (slow != NULL) {
			*slow = index;
		}
		return slow != NULL;
	case STEPS_NOMEM:
		break;
	}
	return false;
}

/* Slots for at most `nsteps` names and edges, half of them free. */
static bool make_slots(struct builder *b, size_t nsteps) {
	uint32_t nslots = 64;

	while (nslots < 2 * nsteps && nslots < UINT32_C(1) << 31) {
		nslots *= 2;
	}
	b->slot_mask = nslots - 1;
	b->edge_slots = malloc(nslots * sizeof(*b->edge_slots));
	b->name_slots = malloc(nslots * sizeof(*b->name_slots));
	if (b->edge_slots == NULL || b->name_slots == NULL) {
		return false;
	}
	memset(b->edge_slots, 0xFF, nslots * sizeof(*b->edge_slots));
	memset(b->name_slots, 0xFF, nslots * sizeof(*b->name_slots));
	return true;
}

static size_t count_steps(const struct pattern *patterns, uint32_t n) {
	size_t nsteps = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct str text = patterns[i].pub.text;
		nsteps += 2;
		for (size_t k = 0; k < text.len; k++) {
			nsteps += text.ptr[k] == '/';
		}
	}
	return nsteps;
}

static struct nfa_range *label_edges(struct builder *b, uint32_t label) {
	return (label & LABEL_GLOB) != 0 ? &b->globs.ptr[label & ~LABEL_GLOB].edges
					 : &b->names.ptr[label].edges;
}

/* Turn a count into an empty range behind the ones before it. */
static uint32_t open_range(struct nfa_range *range, uint32_t first) {
	uint32_t next = first + range->n;

	*range = (struct nfa_range){ first, 0 };
	return next;
}

/* Edges grouped by label, in the arena. */
static struct nfa_edge *group_edges(struct builder *b) {
	struct nfa_edge *out = arena_new(b->arena, struct nfa_edge, b->edges.len);
	uint32_t next = 0;

	if (out == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < b->edges.len; i++) {
		label_edges(b, b->edges.ptr[i].label)->n++;
	}
	for (size_t i = 0; i < b->names.len; i++) {
		next = open_range(&b->names.ptr[i].edges, next);
	}
	for (size_t i = 0; i < b->globs.len; i++) {
		next = open_range(&b->globs.ptr[i].edges, next);
	}
	for (size_t i = 0; i < b->edges.len; i++) {
		const struct labelled_edge *edge = &b->edges.ptr[i];
		struct nfa_range *range = label_edges(b, edge->label);
		out[range->first + range->n++] = (struct nfa_edge){ edge->from, edge->to };
	}
	return out;
}

/* Accepted patterns grouped by state; within a state ascending, as they were added. */
static uint32_t *group_accepts(struct builder *b) {
	uint32_t *out = arena_new(b->arena, uint32_t, b->accepts.len);
	uint32_t next = 0;

	if (out == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < b->accepts.len; i++) {
		b->states.ptr[b->accepts.ptr[i].state].accepts.n++;
	}
	for (size_t i = 0; i < b->states.len; i++) {
		next = open_range(&b->states.ptr[i].accepts, next);
	}
	for (size_t i = 0; i < b->accepts.len; i++) {
		struct nfa_range *range = &b->states.ptr[b->accepts.ptr[i].state].accepts;
		out[range->first + range->n++] = b->accepts.ptr[i].pattern;
	}
	return out;
}

/* An exact copy in the arena; a valid pointer for n == 0. */
static void *keep(struct arena *a, const void *from, size_t n, size_t size_bytes) {
	void *to = arena_alloc_array(a, n, size_bytes);

	if (to != NULL && n > 0) {
		memcpy(to, from, n * size_bytes);
	}
	return to;
}

/* The names' final table: the entries themselves in the slots, at most half full. */
static bool finish_names(struct builder *b, struct nfa *nfa) {
	uint32_t nslots = 16;

	while (nslots < 2 * b->names.len) {
		nslots *= 2;
	}
	struct nfa_name *table = arena_new(b->arena, struct nfa_name, nslots);
	if (table == NULL) {
		return false;
	}
	for (size_t i = 0; i < b->names.len; i++) {
		uint32_t slot = (uint32_t)b->names.ptr[i].hash & (nslots - 1);
		while (table[slot].edges.n > 0) {
			slot = (slot + 1) & (nslots - 1);
		}
		table[slot] = b->names.ptr[i];
	}
	nfa->names = table;
	nfa->name_mask = nslots - 1;
	return true;
}

typedef bool glob_byte_fn(const struct glob *glob, unsigned char byte);

/* [byte][word]: the globs for which `may` says yes. NULL: out of memory. */
static const uint64_t *byte_masks(struct builder *b, uint32_t nwords, glob_byte_fn *may) {
	uint64_t *masks = arena_new(b->arena, uint64_t, 256 * (size_t)nwords);

	for (uint32_t g = 0; masks != NULL && g < b->globs.len; g++) {
		uint64_t bit = UINT64_C(1) << (g & 63U);
		for (unsigned byte = 0; byte < 256; byte++) {
			bool yes = may(&b->globs.ptr[g].glob, (unsigned char)byte);
			masks[(size_t)byte * nwords + (g >> 6)] |= yes ? bit : 0;
		}
	}
	return masks;
}

static bool finish_globs(struct builder *b, struct nfa *nfa) {
	uint32_t n = (uint32_t)b->globs.len, nwords = (n + 63) / 64;

	nfa->globs = keep(b->arena, b->globs.ptr, n, sizeof(*b->globs.ptr));
	nfa->nglobs = n;
	nfa->nglob_words = nwords;
	nfa->first_mask = byte_masks(b, nwords, glob_may_start_with);
	nfa->last_mask = byte_masks(b, nwords, glob_may_end_with);
	nfa->last2_mask = byte_masks(b, nwords, glob_may_end_with_before);
	return nfa->globs != NULL && nfa->first_mask != NULL && nfa->last_mask != NULL &&
			nfa->last2_mask != NULL;
}

static const struct nfa *finish(struct builder *b) {
	struct nfa *nfa = arena_new(b->arena, struct nfa, 1);

	if (nfa == NULL) {
		return NULL;
	}
	nfa->edges = group_edges(b);
	nfa->accepts = group_accepts(b);
	nfa->states = keep(b->arena, b->states.ptr, b->states.len, sizeof(*b->states.ptr));
	nfa->slow = keep(b->arena, b->slow.ptr, b->slow.len, sizeof(*b->slow.ptr));
	nfa->nstates = (uint32_t)b->states.len;
	nfa->nwords = (nfa->nstates + 63) / 64;
	nfa->nslow = (uint32_t)b->slow.len;
	bool done = nfa->edges != NULL && nfa->accepts != NULL && nfa->states != NULL &&
			nfa->slow != NULL && finish_names(b, nfa) && finish_globs(b, nfa);
	return done ? nfa : NULL;
}

static bool add_patterns(struct builder *b, const struct pattern *patterns, uint32_t n) {
	bool ok = make_slots(b, count_steps(patterns, n)) && new_state(b, NFA_STEP) != NFA_NO_STATE;
	struct arena_mark mark = arena_mark(b->scratch);

	for (uint32_t i = 0; ok && i < n; i++) {
		ok = add_pattern(b, &patterns[i], i);
		arena_rewind(b->scratch, mark);
	}
	return ok;
}

const struct nfa *nfa_build(struct arena *a, const struct pattern *patterns, uint32_t npatterns) {
	struct builder b = { .arena = a, .scratch = arena_create(), .patterns = patterns };
	const struct nfa *nfa = NULL;

	if (b.scratch != NULL && add_patterns(&b, patterns, npatterns)) {
		nfa = finish(&b);
	}
	free(b.states.ptr);
	free(b.edges.ptr);
	free(b.accepts.ptr);
	free(b.names.ptr);
	free(b.globs.ptr);
	free(b.slow.ptr);
	free(b.edge_slots);
	free(b.name_slots);
	arena_destroy(b.scratch);
	return nfa;
}
