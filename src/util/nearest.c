#include "util/nearest.h"

#define WORD_MAX_BYTES 63U

static char lower(char c) {
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static unsigned least(unsigned a, unsigned b) {
	return a < b ? a : b;
}

/* Optimal string alignment, three rows of its table at a time. */
unsigned nearest_distance(struct str a, struct str b) {
	unsigned rows[3][WORD_MAX_BYTES + 1];
	unsigned *before = rows[0], *above = rows[1], *here = rows[2];

	a = str_take(a, WORD_MAX_BYTES);
	b = str_take(b, WORD_MAX_BYTES);
	for (unsigned k = 0; k <= b.len; k++) {
		before[k] = 0;
		above[k] = k;
	}
	for (unsigned i = 1; i <= a.len; i++) {
		char c = lower(a.ptr[i - 1]);
		here[0] = i;
		for (unsigned k = 1; k <= b.len; k++) {
			char d = lower(b.ptr[k - 1]);
			here[k] = least(above[k - 1] + (c != d), least(above[k], here[k - 1]) + 1);
			if (i > 1 && k > 1 && c == lower(b.ptr[k - 2]) &&
					lower(a.ptr[i - 2]) == d) {
				here[k] = least(here[k], before[k - 2] + 1);
			}
		}
		unsigned *free_row = before;
		before = above;
		above = here;
		here = free_row;
	}
	return above[b.len];
}

struct nearest nearest_to(struct str wanted) {
	return (struct nearest){ .wanted = wanted, .word = STR(""), .distance = UINT32_MAX };
}

void nearest_offer(struct nearest *n, struct str word) {
	unsigned distance = nearest_distance(n->wanted, word);

	if (distance < n->distance && distance <= (word.len + 1) / 3) {
		n->word = word;
		n->distance = distance;
	}
}
