/*
 * ignore/matched.h - lists of patterns that matched on the way down, interned, each with its verdict.
 *
 * The reference hands a vector of booleans from a directory to its children; this is the same vector,
 * as the ascending numbers of those that are true.
 */
#ifndef IGNORE_MATCHED_H
#define IGNORE_MATCHED_H

#include "ignore/internal.h"

#define MATCHED_UNKNOWN UINT32_MAX

/** Number of the empty list. */
#define MATCHED_NONE 0

struct matched {
	uint32_t first, n; /* slice of the table's numbers */
	struct verdict verdict;
};

struct matched_table;

/** NULL when out of memory. */
ATTR_NODISCARD struct matched_table *matched_table_create(void);
void matched_table_destroy(struct matched_table *table);

const struct matched *matched_get(const struct matched_table *table, uint32_t number);

/** The patterns of a list, ascending; valid until the next matched_intern(). */
const uint32_t *matched_patterns(const struct matched_table *table, const struct matched *list);

uint32_t matched_count(const struct matched_table *table);

/** Forget all lists but the empty one. */
void matched_reset(struct matched_table *table);

/** The number of a list, MATCHED_UNKNOWN when out of memory. The verdict goes with new lists. */
uint32_t matched_intern(struct matched_table *table, const uint32_t *patterns, uint32_t n,
		struct verdict verdict);

#endif
