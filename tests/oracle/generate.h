/*
 * oracle/generate.h - random pattern lists, paths that they nearly match, and ignore-file texts.
 *
 * The alphabet is small, so that things collide; the flavours make sure that every route and every
 * leak of the reference (ignore-semantics 3 and 4) is reached often.
 */
#ifndef ORACLE_GENERATE_H
#define ORACLE_GENERATE_H

#include "oracle/question.h"
#include "oracle/rng.h"

#define NFLAVOURS 7

const char *flavour_name(unsigned flavour);

/** A list and its paths; false when out of memory. */
bool generate_question(
		struct arena *a, struct rng *r, enum ignore_dialect dialect, struct question *out);

/** The bytes of an ignore file; .ptr is NULL when out of memory. */
struct str generate_ignore_file(struct arena *a, struct rng *r);

#endif
