#include "util/slots.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64

bool slots_grow(struct slots *slots, uint32_t nrows, slots_hash_fn *hash, const void *table) {
	if (slots->ptr != NULL && nrows < slots->mask / 2) {
		return true;
	}
	uint32_t n = slots->ptr != NULL ? 2 * (slots->mask + 1) : SLOTS_MIN;
	uint32_t *ptr = n > 0 ? malloc(n * sizeof(*ptr)) : NULL;
	if (ptr == NULL) {
		return false;
	}
	memset(ptr, 0xFF, n * sizeof(*ptr));
	for (uint32_t row = 0; row < nrows; row++) {
		uint32_t slot = (uint32_t)hash(table, row) & (n - 1);
		while (ptr[slot] != SLOTS_FREE) {
			slot = (slot + 1) & (n - 1);
		}
		ptr[slot] = row;
	}
	free(slots->ptr);
	*slots = (struct slots){ ptr, n - 1 };
	return true;
}

void slots_clear(struct slots *slots) {
	if (slots->ptr != NULL) {
		memset(slots->ptr, 0xFF, (slots->mask + (size_t)1) * sizeof(*slots->ptr));
	}
}

void slots_fini(struct slots *slots) {
	free(slots->ptr);
	*slots = (struct slots){ 0 };
}
