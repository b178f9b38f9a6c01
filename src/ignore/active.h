/*
 * ignore/active.h - sets of active states, interned: a directory's set is one number, and what
 * follows from a set is worked out once, however many directories share it.
 */
#ifndef IGNORE_ACTIVE_H
#define IGNORE_ACTIVE_H

#include "ignore/nfa.h"

#define ACTIVE_UNKNOWN UINT32_MAX

#define ACTIVE_BLOOM_WORDS 4

/** One interned set. */
struct active {
	const uint64_t *bits;            /* nfa.nwords words of states */
	const uint64_t *glob_bits;       /* nfa.nglob_words words: globs with an edge from here */
	const uint64_t *exception_globs; /* ... with an edge to where an exception matches */
	/* which names may have an edge from here (to where an exception matches): a name whose
	 * active_bloom() bit is clear has none */
	uint64_t names[ACTIVE_BLOOM_WORDS], exception_names[ACTIVE_BLOOM_WORDS];
	const uint32_t *tails;     /* patterns that match every name here, ascending ... */
	uint32_t ntails;           /* ... all of them */
	const uint32_t *any_tails; /* those that match a name with a newline, too */
	uint32_t nany_tails;
	uint32_t below;           /* the set of a directory that takes no edge; or ACTIVE_UNKNOWN */
	uint32_t below_newline;   /* the same when its name has a newline */
	bool has_exception_tails; /* some tail is an exception's */
	bool has_globs;           /* some glob has an edge from here */
	bool minds_newlines;      /* something here goes by '.' */
	bool is_inert;            /* no name can match or lead anywhere: below is the set itself */
};

/** The bit of a name, which is not empty, in the sets above. */
static inline uint32_t active_bloom(struct str name) {
	uint32_t first = (unsigned char)name.ptr[0];
	uint32_t last = (unsigned char)name.ptr[name.len - 1];

	return (first * 31 + last * 7 + (uint32_t)name.len * 67) & (ACTIVE_BLOOM_WORDS * 64 - 1);
}

struct active_table;

/** The table of one scratch; NULL when out of memory. The automaton must outlive it. */
ATTR_NODISCARD struct active_table *active_table_create(const struct nfa *nfa);
void active_table_destroy(struct active_table *table);

/** Number of the root's set, always 0. */
#define ACTIVE_ROOT 0

const struct active *active_get(const struct active_table *table, uint32_t number);
uint32_t active_count(const struct active_table *table);

/** Forget all sets but the root's; numbers handed out before are void. False: out of memory. */
ATTR_NODISCARD bool active_reset(struct active_table *table);

/**
 * The set for the children of a directory.
 *
 * from      the set it was met with
 * newline   whether its name has a newline
 * targets   states its name led to
 * Returns   a number, ACTIVE_UNKNOWN when out of memory
 */
uint32_t active_below(struct active_table *table, uint32_t from, bool newline,
		const uint32_t *targets, uint32_t ntargets);

#endif
