/* unit/verify/verified.h - a tree, Dockerfiles and two texts in a line each, judged. */
#ifndef UNIT_VERIFY_VERIFIED_H
#define UNIT_VERIFY_VERIFIED_H

#include "verify/verify.h"

#define VERIFIED_BUILDS_MAX 4

struct verified {
	struct arena *arena;
	struct tree *tree;
	struct verify_build *builds; /* in the arena */
	struct verify_input input;
	struct verifier *verifier;
	struct verification v;
	struct tng_error err;
};

/**
 * The builds come from Dockerfiles, apart by "---" lines: the first is "Dockerfile", the others are
 * "1.Dockerfile", ...; NULL: one build about which nothing is known.
 *
 * before   NULL: no ignore file
 * may_go   paths, apart by blanks, that may go with all below them; NULL: none
 */
struct verified verify_items(const char *items, const char *dockerfiles, const char *before,
		const char *after, const char *may_go);

/** The same verifier, another text. */
void verify_again(struct verified *v, const char *after);

void verified_fini(struct verified *v);

/** "buildkit 0 COPY src line 2: 3 rows from src/a, nothing left; ..."; in the arena. */
struct str verified_losses(const struct verified *v);

/** The same of what was lost already. */
struct str verified_already(const struct verified *v);

#endif
