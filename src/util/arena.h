/*
 * util/arena.h - memory with a lifetime instead of owners.
 *
 *   create ── alloc, alloc, mark ── alloc ── rewind ── alloc ── destroy (frees all)
 *
 * Allocations are zeroed and never freed singly. One arena belongs to one thread at a time; it may
 * be handed over at a join. With TNG_ARENA_MALLOC (sanitizer builds) each allocation is its own
 * malloc, so that an overrun is seen.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include "util/attr.h"
#include "util/str.h"

#include <stdalign.h>
#include <stddef.h>

struct arena;

/** Where an arena stood; valid until the arena is rewound before it or destroyed. */
struct arena_mark {
	void *block;
	size_t used;
};

/** NULL when out of memory. */
ATTR_NODISCARD struct arena *arena_create(void);

/** NULL is allowed. */
void arena_destroy(struct arena *a);

/** Zeroed memory, aligned for any type; NULL when out of memory. A size of 0 gives a valid pointer. */
ATTR_NODISCARD void *arena_alloc(struct arena *a, size_t size_bytes);

/** `n` elements of `size_bytes`; NULL when the product overflows or memory is out. */
ATTR_NODISCARD void *arena_alloc_array(struct arena *a, size_t n, size_t size_bytes);

#define arena_new(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))

/** A copy with a NUL behind it; .ptr is NULL when out of memory. */
ATTR_NODISCARD struct str arena_copy(struct arena *a, struct str s);

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/** For tests: the (n+1)th allocation from now fails, and all after it. */
void arena_fail_after(struct arena *a, size_t n);

#endif
