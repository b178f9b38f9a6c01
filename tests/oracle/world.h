/* oracle/world.h - random trees and ignore files for laws that need both. */
#ifndef ORACLE_WORLD_H
#define ORACLE_WORLD_H

#include "oracle/question.h"
#include "oracle/rng.h"
#include "walk/walk.h"

/** One random world. */
struct world {
	struct arena *arena;
	struct tree *tree;
	struct str text;
	enum tng_engine engine;
	uint64_t round;
};

/** The engine goes by the round; ended with world_fini(). */
struct world world_make(uint64_t round, struct rng *r);
void world_fini(struct world *w);

/** An ignore file of a question's patterns, now and then an allow-list. */
struct str world_text(struct arena *a, struct rng *r, const struct question *q);

#endif
