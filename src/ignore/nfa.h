/*
 * ignore/nfa.h - all patterns of a set as one automaton over path components.
 *
 * A state is a node of the trie that the patterns form when they are cut at '/':
 *
 *      ANY/node_modules    src/gen/x*.c    src/ANY          (ANY is a double star)
 *
 *      (0) -eps-> ((1)) -node_modules-> [2]          ((n)) stays active below
 *      (0) -src-> (3) -gen-> (4) -x*.c-> [5]         [n]   its patterns match on arrival
 *                 (3) -eps-> [[6]]                   [[n]] its patterns match every path below
 *
 * What components cannot express stays outside, in `slow`: those patterns are tested one by one.
 */
#ifndef IGNORE_NFA_H
#define IGNORE_NFA_H

#include "ignore/glob.h"
#include "ignore/internal.h"

#define NFA_NO_STATE UINT32_MAX

/** From one state to another. */
struct nfa_edge {
	uint32_t from, to;
};

/** A slice of nfa.edges, or of nfa.accepts. */
struct nfa_range {
	uint32_t first, n;
};

/** Edges that take one name; found by hash. */
struct nfa_name {
	struct str name;
	uint64_t hash;
	struct nfa_range edges;
};

/** Edges that take what a glob matches. */
struct nfa_glob {
	struct glob glob;
	struct nfa_range edges;
};

enum nfa_state_type {
	NFA_STEP,     /* left by the next component */
	NFA_LOOP_ANY, /* stays active below: the suffix route's double star takes any bytes */
	NFA_LOOP_DOT, /* the regexp's double star is made of '.': names without a newline only */
	NFA_TAIL_ANY, /* accepts every component below: the prefix route */
	NFA_TAIL_DOT, /* the regexp's trailing double star: the same, names without a newline */
};
#define NFA_NTYPES 5

struct nfa_state {
	enum nfa_state_type type;
	bool has_edges;              /* some component leads on from here */
	uint32_t beside[NFA_NTYPES]; /* states that are active whenever this one is, by type */
	struct nfa_range accepts;    /* patterns that match on arrival; of a tail: on every name */
	bool accepts_exception;      /* one of them is an exception */
};

struct nfa {
	const struct nfa_state *states;
	uint32_t nstates;
	uint32_t nwords; /* 64-bit words of a set of states */
	const uint32_t *accepts;

	const struct nfa_edge *edges;
	const struct nfa_name *names; /* open addressing by hash; an empty slot has no edges */
	uint32_t name_mask;           /* slots - 1 */

	const struct nfa_glob *globs;
	uint32_t nglobs;
	uint32_t nglob_words;
	const uint64_t *first_mask; /* [byte][word]: globs whose match may start with the byte */
	const uint64_t *last_mask;  /* [byte][word]: ... may end with it */
	const uint64_t *last2_mask; /* [byte][word]: ... may have it before the last byte */

	const uint32_t *slow; /* patterns that are tested one by one, ascending */
	uint32_t nslow;
};

/** Build the automaton in the arena; NULL when out of memory. The patterns must outlive it. */
ATTR_NODISCARD
const struct nfa *nfa_build(struct arena *a, const struct pattern *patterns, uint32_t npatterns);

#endif
