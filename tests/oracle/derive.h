/* oracle/derive.h - paths from patterns: what a pattern might match, then varied. */
#ifndef ORACLE_DERIVE_H
#define ORACLE_DERIVE_H

#include "oracle/rng.h"
#include "util/buf.h"

/** Which names the components of random paths have. */
enum names {
	NAMES_ANY,
	NAMES_TINY, /* a and b, nearly always: paths that are each other's ancestors */
	NAMES_REAL,
};

/** Append text that `pattern` (an '!' in front is dropped) may well match. Not yet a clean path. */
void derive_path(struct buf *b, struct rng *r, struct str pattern);

/** Append a path that has nothing to do with any pattern. */
void derive_random_path(struct buf *b, struct rng *r, enum names set);

/**
 * Turn the buffer into a clean relative path, never empty: children, parents and small damage are
 * added, empty, "." and ".." components go.
 */
void derive_vary(struct buf *b, struct rng *r, enum names set);

#endif
