/*
 * util/nearest.h - "did you mean": the known word that a mistyped one is closest to.
 *
 *   struct nearest n = nearest_to(wanted);  nearest_offer(&n, word) for each;  n.word is empty: none is near
 */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include "util/str.h"

struct nearest {
	struct str wanted;
	struct str word;   /* the nearest so far, the first of several; a view of the caller's */
	unsigned distance; /* of it */
};

/** Nothing offered yet; `wanted` must outlive it. */
struct nearest nearest_to(struct str wanted);

/** A word that would be right. One that differs by more than a third of its letters is not near. */
void nearest_offer(struct nearest *n, struct str word);

/** Letters to insert, drop, change, or swap with a neighbour; ASCII case does not count. Words of more than
 * 63 bytes are compared by their first 63. */
unsigned nearest_distance(struct str a, struct str b);

#endif
