/*
 * transfer/planner.h - the work of deciding rows.
 *
 *   plan.c     every row
 *   replan.c   some subtrees again, with some patterns left out
 */
#ifndef TRANSFER_PLANNER_H
#define TRANSFER_PLANNER_H

#include "transfer/internal.h"
#include "util/buf.h"
#include "util/vec.h"

/** One list of patterns on its way down the tree. */
struct filter {
	const struct ignore_set *set; /* NULL: none */
	struct ignore_scratch *scratch;
	struct ignore_dir *states; /* per directory number */
	struct prune prune;
};

struct planner {
	const struct tree *tree;
	enum tng_engine engine;
	struct filter include, exclude;
	uint32_t *decider;
	uint8_t *fate;
	uint64_t nunreached, nwalked;
	bool is_quick; /* nunreached is not asked for */
	struct {
		VEC_FIELDS(uint32_t)
	} blocked;

	struct buf path;     /* of the entry at hand, when patterns or pruning need it */
	uint32_t path_dir;   /* the directory whose path is in front of it */
	size_t path_dir_len; /* its length, slash included */
};

/** A filter of no patterns (set is NULL, or empty) tests nothing. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code filter_init(struct planner *p, struct filter *f, struct arena *a,
		const struct ignore_set *set, enum prune_side side, struct tng_error *err);
void filter_fini(struct filter *f);

/** One entry by one list; the states of the directory it is in are there, and its own are made. */
ATTR_NODISCARD
enum tng_code planner_decide(struct planner *p, struct filter *f, const struct entry *entry,
		struct verdict *verdict, struct tng_error *err);

/** Decide one row; *next is the row to go on with. */
ATTR_NODISCARD
enum tng_code planner_row(struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err);

#endif
