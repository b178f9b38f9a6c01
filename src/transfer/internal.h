/* transfer/internal.h - where each engine's walk looks below an excluded directory. */
#ifndef TRANSFER_INTERNAL_H
#define TRANSFER_INTERNAL_H

#include "transfer/transfer.h"

/** Which patterns say that something below a directory may be wanted all the same. */
enum prune_side {
	PRUNE_EXCEPTIONS, /* of the ignore file, below what it excludes */
	PRUNE_INCLUDES,   /* below what is not asked for itself */
};

/** Those patterns, as an engine's prune rule sees them. */
struct prune {
	size_t nwild;   /* BuildKit: of them have a wildcard, and every directory is entered */
	bool any_start; /* buildah: "foobar/x" begins with "foo", and so enters it */
	struct prune_start {
		struct str text; /* BuildKit: without trailing wildcards */
		uint32_t pattern;
		bool is_wild, is_out;
	} * starts;
	size_t nstarts;
};

ATTR_NODISCARD
enum tng_code prune_init(struct prune *prune, struct arena *a, const struct ignore_set *set,
		enum tng_engine engine, enum prune_side side, struct tng_error *err);

/** Whether the engine's walk goes into this directory, which is not kept itself. */
bool prune_enters(const struct prune *prune, struct str dir);

/** Leave a pattern out of the rules, or put it back; one that is none of them does not matter. */
void prune_leave_out(struct prune *prune, uint32_t pattern, bool is_out);

/** The text of an exception as the prune rule sees it. */
struct str prune_start_of(enum tng_engine engine, const struct ignore_pattern *exception);

/** Fills disk, eligible, dirs and patterns from the fates. */
ATTR_NODISCARD
enum tng_code weigh(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		struct transfer_plan *plan, struct tng_error *err);

/** The same for a plan of request->whole: what is on disk is the same, and patterns are left at NULL. */
ATTR_NODISCARD
enum tng_code weigh_asked(struct arena *a, const struct tree *tree,
		const struct transfer_plan *whole, struct transfer_plan *plan,
		struct tng_error *err);

#endif
