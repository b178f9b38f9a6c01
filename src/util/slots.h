/*
 * util/slots.h - the slots of an open-addressing hash table whose rows live in an array of the caller's.
 *
 *   for (slot = hash & s.mask; s.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & s.mask) { compare row }
 *
 * `struct slots s = { 0 }` is an empty table; slots_fini() ends it.
 */
#ifndef UTIL_SLOTS_H
#define UTIL_SLOTS_H

#include "util/attr.h"

#include <stdbool.h>
#include <stdint.h>

#define SLOTS_FREE UINT32_MAX

struct slots {
	uint32_t *ptr; /* numbers of rows */
	uint32_t mask; /* slots - 1; their number is a power of two */
};

/** The hash of row `row` of the caller's table. */
typedef uint64_t slots_hash_fn(const void *table, uint32_t row);

/**
 * Room for one more row behind `nrows`, half of the slots free; the rows are hashed again when it grows.
 *
 * Returns  false when out of memory (nothing changed)
 */
ATTR_NODISCARD
bool slots_grow(struct slots *slots, uint32_t nrows, slots_hash_fn *hash, const void *table);

/** All slots free; keeps the memory. */
void slots_clear(struct slots *slots);

void slots_fini(struct slots *slots);

#endif
