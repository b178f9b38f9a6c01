/* transfer/internal.h - where each engine's walk looks below an excluded directory. */
#ifndef TRANSFER_INTERNAL_H
#define TRANSFER_INTERNAL_H

#include "transfer/transfer.h"

/** The exceptions of a set, as an engine's prune rule sees them. */
struct prune {
	enum tng_engine engine;
	bool has_exceptions;
	bool enters_all;          /* BuildKit: some exception has a wildcard */
	const struct str *starts; /* exception texts (BuildKit: without trailing wildcards) */
	size_t nstarts;
};

ATTR_NODISCARD
enum tng_code prune_init(struct prune *prune, struct arena *a, const struct ignore_set *set,
		enum tng_engine engine, struct tng_error *err);

/** Whether the engine's walk goes into this excluded directory. */
bool prune_enters(const struct prune *prune, struct str dir);

/** Fills disk, eligible, dirs and patterns from the fates. */
ATTR_NODISCARD
enum tng_code weigh(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		struct transfer_plan *plan, struct tng_error *err);

#endif
