/*
 * Three bytes of each literal are in the table, as two pairs; one of the two lies at an even place of the
 * text, so every other pair is looked up and few are found.
 */
#include "classify/literals.h"

static unsigned pair_hash(const char *at) {
	unsigned a = (unsigned char)at[0], b = (unsigned char)at[1];

	return ((a | b << 8) * 40503U & 0xFFFFU) >> 4;
}

/* The probes of the literals that have this pair and are around it. */
static uint64_t look_around(struct str text, size_t at, uint16_t pair) {
	uint64_t found = 0;

	for (; pair != 0; pair = class_pairs[pair - 1].next) {
		const struct pair_row *row = &class_pairs[pair - 1];
		const struct literal_row *literal = &class_literals[row->literal];
		struct str wanted = str_make(class_pool + literal->text, literal->len);
		if (at < row->at || text.len - (at - row->at) < wanted.len) {
			continue;
		}
		struct str there = str_take(str_skip(text, at - row->at), wanted.len);
		bool same = literal->is_fold != 0 ? str_eq_nocase(there, wanted)
						  : str_eq(there, wanted);
		found |= same ? 1ULL << literal->probe : 0;
	}
	return found;
}

uint64_t literals_in(struct str text) {
	uint64_t found = 0;

	for (size_t i = 0; i + 1 < text.len; i += 2) {
		uint16_t pair = class_pair_slots[pair_hash(text.ptr + i)];
		if (pair != 0) {
			found |= look_around(text, i, pair);
		}
	}
	return found;
}
