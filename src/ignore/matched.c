#include "ignore/matched.h"

#include "util/vec.h"

#include <stdlib.h>

#define SLOTS_MIN 64

struct matched_table {
	struct {
		VEC_FIELDS(struct matched)
	} lists;
	struct {
		VEC_FIELDS(uint32_t)
	} numbers;
	uint32_t *slots; /* open addressing over lists; UINT32_MAX: free */
	uint32_t slot_mask;
};

static uint64_t hash_numbers(const uint32_t *numbers, uint32_t n) {
	return str_hash(str_make((const char *)numbers, n * sizeof(*numbers)));
}

static bool grow_slots(struct matched_table *t) {
	uint32_t nslots = t->slots != NULL ? 2 * (t->slot_mask + 1) : SLOTS_MIN;
	uint32_t *slots = malloc(nslots * sizeof(*slots));

	if (slots == NULL) {
		return false;
	}
	memset(slots, 0xFF, nslots * sizeof(*slots));
	for (uint32_t i = 0; i < t->lists.len; i++) {
		const struct matched *list = &t->lists.ptr[i];
		uint32_t slot = (uint32_t)hash_numbers(matched_patterns(t, list), list->n) &
				(nslots - 1);
		while (slots[slot] != UINT32_MAX) {
			slot = (slot + 1) & (nslots - 1);
		}
		slots[slot] = i;
	}
	free(t->slots);
	t->slots = slots;
	t->slot_mask = nslots - 1;
	return true;
}

struct matched_table *matched_table_create(void) {
	struct matched_table *t = calloc(1, sizeof(*t));
	struct verdict included = { .excluded = false, .pattern = IGNORE_NO_PATTERN };

	if (t != NULL && matched_intern(t, NULL, 0, included) != MATCHED_NONE) {
		matched_table_destroy(t);
		return NULL;
	}
	return t;
}

void matched_table_destroy(struct matched_table *t) {
	if (t == NULL) {
		return;
	}
	free(t->lists.ptr);
	free(t->numbers.ptr);
	free(t->slots);
	free(t);
}

const struct matched *matched_get(const struct matched_table *t, uint32_t number) {
	return &t->lists.ptr[number];
}

const uint32_t *matched_patterns(const struct matched_table *t, const struct matched *list) {
	return list->n > 0 ? t->numbers.ptr + list->first : NULL;
}

uint32_t matched_count(const struct matched_table *t) {
	return (uint32_t)t->lists.len;
}

void matched_reset(struct matched_table *t) {
	t->lists.len = 1;
	t->numbers.len = 0;
	memset(t->slots, 0xFF, (t->slot_mask + (size_t)1) * sizeof(*t->slots));
	t->slots[(uint32_t)hash_numbers(NULL, 0) & t->slot_mask] = MATCHED_NONE;
}

static bool append_numbers(struct matched_table *t, const uint32_t *numbers, uint32_t n) {
	for (uint32_t i = 0; i < n; i++) {
		uint32_t *added = VEC_PUSH(&t->numbers);
		if (added == NULL) {
			return false;
		}
		*added = numbers[i];
	}
	return true;
}

uint32_t matched_intern(struct matched_table *t, const uint32_t *patterns, uint32_t n,
		struct verdict verdict) {
	if ((t->slots == NULL || 2 * t->lists.len >= t->slot_mask) && !grow_slots(t)) {
		return MATCHED_UNKNOWN;
	}
	uint32_t slot = (uint32_t)hash_numbers(patterns, n) & t->slot_mask;
	for (; t->slots[slot] != UINT32_MAX; slot = (slot + 1) & t->slot_mask) {
		const struct matched *list = &t->lists.ptr[t->slots[slot]];
		if (list->n == n &&
				(n == 0 ||
						memcmp(matched_patterns(t, list), patterns,
								n * sizeof(*patterns)) == 0)) {
			return t->slots[slot];
		}
	}
	uint32_t first = (uint32_t)t->numbers.len;
	struct matched *list = append_numbers(t, patterns, n) ? VEC_PUSH(&t->lists) : NULL;
	if (list == NULL) {
		t->numbers.len = first;
		return MATCHED_UNKNOWN;
	}
	*list = (struct matched){ .first = first, .n = n, .verdict = verdict };
	t->slots[slot] = (uint32_t)(t->lists.len - 1);
	return t->slots[slot];
}
