/*
 * util/globs.h - which of many globs may take a name: those that end as it does or, where a wildcard is at
 * their end, begin so, and whose letters it has. Upper and lower case are not told apart; the caller tries the
 * few that are left.
 *
 *   struct globs_turn turn = globs_ask(&globs, name);
 *   while ((i = globs_next(&globs, &turn)) != GLOBS_NONE) { gomatch(mine[i], name) }
 */
#ifndef UTIL_GLOBS_H
#define UTIL_GLOBS_H

#include "util/arena.h"
#include "util/str.h"

#define GLOBS_NONE UINT32_MAX

/** Read only once it is made: threads may share it. */
struct globs {
	const uint32_t *heads; /* of the chains: the number of their first glob */
	const uint32_t *next;  /* per glob: the next one of its chain, which has a higher number */
	const uint64_t *pairs; /* per glob: bits of the pairs of bytes that a name must have */
};

#define GLOBS_NCHAINS 5

struct globs_turn {
	uint32_t at[GLOBS_NCHAINS];
	uint64_t pairs; /* of the name */
};

/**
 * a       owns what is made
 * globs   of names, as gomatch() takes them, or names; numbered from 0. They need not outlive the call.
 * Returns false when out of memory
 */
ATTR_NODISCARD bool globs_make(
		struct arena *a, const struct str *globs, uint32_t n, struct globs *out);

/** Of a name: without a slash. */
struct globs_turn globs_ask(const struct globs *globs, struct str name);

/** The numbers of those that may take it, from low to high; then GLOBS_NONE. */
uint32_t globs_next(const struct globs *globs, struct globs_turn *turn);

#endif
