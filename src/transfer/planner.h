/*
 * transfer/planner.h - the work of deciding rows.
 *
 *   plan.c     every row
 *   asked.c    every row of which the verdict is known: only whether it is asked for
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
	bool is_quick;                     /* nunreached is not asked for */
	const struct transfer_plan *whole; /* NULL: `exclude` decides */
	size_t next_blocked;               /* of whole->blocked, the first not looked at */
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

/** A row is sent: so are, before it, the directories it is in that are not (BuildKit). */
void planner_send_parents(struct planner *p, uint32_t row);

/** The path of an entry; valid until the next one. */
struct str planner_path(struct planner *p, const struct entry *entry);

bool planner_has_below(const struct planner *p, uint32_t row, const struct entry *entry);

/**
 * Whether an entry is asked for; a directory in which nothing is gets its rows at once.
 *
 * next    is set behind that directory, and else left alone
 * Errors  those of ignore_decide()
 */
ATTR_NODISCARD
enum tng_code planner_test_include(struct planner *p, uint32_t row, const struct entry *entry,
		bool *asked, uint32_t *next, struct tng_error *err);

/** A directory that the builder enters and cannot read. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code planner_block(struct planner *p, uint32_t row, struct tng_error *err);

/**
 * As planner_row(), with `include` and `whole`. Where the includes can tell nothing more below a directory, the
 * rows there are taken together.
 */
ATTR_NODISCARD
enum tng_code planner_take(struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err);

/** Decide one row; *next is the row to go on with. */
ATTR_NODISCARD
enum tng_code planner_row(struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err);

#endif
