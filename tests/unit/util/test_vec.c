#include "support/expect.h"
#include "util/vec.h"

#include <stdint.h>
#include <stdlib.h>

struct thing {
	uint64_t a;
	char b[20];
};

Test(vec, elements_keep_their_values_while_it_grows) {
	struct {
		VEC_FIELDS(struct thing)
	} things = { 0 };

	for (uint64_t i = 0; i < 10000; i++) {
		struct thing *t = VEC_PUSH(&things);
		cr_assert(ne(ptr, t, NULL));
		cr_assert(eq(u64, t->a, 0), "new elements are zeroed");
		cr_assert(eq(chr, t->b[19], 0));
		memset(t, 0xff, sizeof(*t));
		t->a = i;
	}
	cr_assert(eq(sz, things.len, 10000));
	for (uint64_t i = 0; i < 10000; i++) {
		cr_assert(eq(u64, things.ptr[i].a, i));
	}
	free(things.ptr);
}

Test(vec, growing_past_memory_changes_nothing) {
	size_t cap = SIZE_MAX / 4, was = cap;
	int one;

	/* the product would overflow: the array must come back as it was */
	cr_expect(eq(ptr, vec_grow(&one, &cap, cap, 16), &one));
	cr_expect(eq(sz, cap, was));
}

Test(vec, room_that_is_there_is_used) {
	size_t cap = 4;
	int some[4];

	cr_expect(eq(ptr, vec_grow(some, &cap, 3, sizeof(int)), some));
	cr_expect(eq(sz, cap, 4));
}
