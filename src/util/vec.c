#include "util/vec.h"

#include <stdint.h>
#include <stdlib.h>

#define VEC_MIN 16

void *vec_grow(void *ptr, size_t *cap, size_t len, size_t size_bytes) {
	if (len < *cap) {
		return ptr;
	}
	size_t bigger = *cap > 0 ? *cap * 2 : VEC_MIN;
	if (bigger > SIZE_MAX / size_bytes) {
		return ptr;
	}
	void *grown = realloc(ptr, bigger * size_bytes);
	if (grown == NULL) {
		return ptr;
	}
	*cap = bigger;
	return grown;
}
