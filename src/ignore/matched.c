#include "ignore/matched.h"

#include "util/slots.h"
#include "util/vec.h"

#include <stdlib.h>

struct matched_table {
	struct {
		VEC_FIELDS(struct matched)
	} lists;
	struct {
		VEC_FIELDS(uint32_t)
	} numbers;
	struct slots slots; /* over the numbers of the lists */
};

static uint64_t hash_numbers(const uint32_t *numbers, uint32_t n) {
	return str_hash(str_make((const char *)numbers, n * sizeof(*numbers)));
}

static uint64_t hash_list(const void *table, uint32_t row) {
	const struct matched_table *t = table;
	const struct matched *list = &t->lists.ptr[row];

	return hash_numbers(matched_patterns(t, list), list->n);
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
	slots_fini(&t->slots);
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
	slots_clear(&t->slots);
	t->slots.ptr[(uint32_t)hash_numbers(NULL, 0) & t->slots.mask] = MATCHED_NONE;
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
	if (!slots_grow(&t->slots, (uint32_t)t->lists.len, hash_list, t)) {
		return MATCHED_UNKNOWN;
	}
	uint32_t slot = (uint32_t)hash_numbers(patterns, n) & t->slots.mask;
	for (; t->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & t->slots.mask) {
		const struct matched *list = &t->lists.ptr[t->slots.ptr[slot]];
		if (list->n == n &&
				(n == 0 ||
						memcmp(matched_patterns(t, list), patterns,
								n * sizeof(*patterns)) == 0)) {
			return t->slots.ptr[slot];
		}
	}
	uint32_t first = (uint32_t)t->numbers.len;
	struct matched *list = append_numbers(t, patterns, n) ? VEC_PUSH(&t->lists) : NULL;
	if (list == NULL) {
		t->numbers.len = first;
		return MATCHED_UNKNOWN;
	}
	*list = (struct matched){ .first = first, .n = n, .verdict = verdict };
	t->slots.ptr[slot] = (uint32_t)(t->lists.len - 1);
	return t->slots.ptr[slot];
}
