/*
 * util/vec.h - growing arrays on malloc, for what an arena's doubling would waste.
 *
 *   struct { VEC_FIELDS(struct thing) } things = { 0 };
 *   struct thing *t = VEC_PUSH(&things);      zeroed; NULL when out of memory (nothing changed)
 *   free(things.ptr);
 */
#ifndef UTIL_VEC_H
#define UTIL_VEC_H

#include <stddef.h>
#include <string.h>

#define VEC_FIELDS(type)                                                                           \
	type *ptr;                                                                                 \
	size_t len, cap;

/**
 * Room for one more element of `size_bytes` behind `len`.
 *
 * Returns  the array, moved or not; out of memory: the array as it was, with *cap == len
 */
void *vec_grow(void *ptr, size_t *cap, size_t len, size_t size_bytes);

#define VEC_PUSH(v)                                                                                \
	((v)->ptr = vec_grow((v)->ptr, &(v)->cap, (v)->len, sizeof(*(v)->ptr)),                    \
			(v)->len < (v)->cap ? memset(&(v)->ptr[(v)->len++], 0, sizeof(*(v)->ptr))  \
					    : NULL)

#endif
