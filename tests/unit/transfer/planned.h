/* unit/transfer/planned.h - a plan with all that it needs, for the tests of this room. */
#ifndef UNIT_TRANSFER_PLANNED_H
#define UNIT_TRANSFER_PLANNED_H

#include "transfer/transfer.h"

struct planned {
	struct arena *arena;
	struct tree *tree;
	struct ignore_set *set;
	struct transfer_plan plan;
	enum tng_code code; /* of whatever failed first */
	struct tng_error err;
};

/** A small_tree() and an ignore file, by an engine's own patterns; `dockerfile` may be "". */
struct planned plan_text(const char *items, const char *ignore_text, enum tng_engine engine,
		const char *dockerfile);

/** Plan with what is in p->tree and p->set. */
void plan_set(struct planned *p, enum tng_engine engine);

void planned_fini(struct planned *p);

/** Paths with one of these fates (a mask of 1 << fate), in row order, a blank between; in the arena. */
struct str planned_paths(const struct planned *p, unsigned fates);

#define SENT_FATES (1U << FATE_SENT | 1U << FATE_PARENT)

/** The row of a path, which must be there. */
uint32_t planned_row(const struct planned *p, const char *path);

#endif
