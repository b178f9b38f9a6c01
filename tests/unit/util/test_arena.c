#include "support/expect.h"
#include "util/arena.h"

#include <stdint.h>

static bool is_zero(const unsigned char *p, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0) {
			return false;
		}
	}
	return true;
}

Test(arena, memory_is_zeroed_and_aligned_for_any_type) {
	struct arena *a = arena_create();

	for (size_t size = 0; size < 5000; size += 7) {
		unsigned char *p = arena_alloc(a, size);
		cr_assert(ne(ptr, p, NULL));
		cr_assert(eq(sz, (uintptr_t)p % alignof(max_align_t), 0));
		cr_assert(is_zero(p, size));
		memset(p, 0xff, size);
	}
	arena_destroy(a);
}

Test(arena, allocations_do_not_overlap) {
	enum { N = 2000 };
	struct arena *a = arena_create();
	unsigned *all[N];

	for (unsigned i = 0; i < N; i++) {
		all[i] = arena_new(a, unsigned, 1 + i % 17);
		cr_assert(ne(ptr, all[i], NULL));
		for (unsigned j = 0; j < 1 + i % 17; j++) {
			all[i][j] = i;
		}
	}
	for (unsigned i = 0; i < N; i++) {
		for (unsigned j = 0; j < 1 + i % 17; j++) {
			cr_assert(eq(uint, all[i][j], i));
		}
	}
	arena_destroy(a);
}

Test(arena, one_allocation_may_be_larger_than_any_block) {
	struct arena *a = arena_create();
	unsigned char *p = arena_alloc(a, (size_t)5 << 20);

	cr_assert(ne(ptr, p, NULL));
	p[((size_t)5 << 20) - 1] = 1;
	arena_destroy(a);
}

Test(arena, an_array_that_overflows_is_refused) {
	struct arena *a = arena_create();

	cr_expect(eq(ptr, arena_alloc_array(a, SIZE_MAX / 2, 3), NULL));
	cr_expect(eq(ptr, arena_alloc(a, SIZE_MAX), NULL));
	cr_expect(eq(ptr, arena_alloc(a, SIZE_MAX - 8), NULL));
	cr_expect(ne(ptr, arena_alloc_array(a, 0, 8), NULL));
	cr_expect(ne(ptr, arena_alloc(a, 8), NULL), "it is still of use");
	arena_destroy(a);
}

Test(arena, a_copy_has_a_nul_behind_it) {
	struct arena *a = arena_create();
	struct str copy = arena_copy(a, str_take(STR("abcdef"), 3));

	EXPECT_STR(copy, "abc");
	cr_expect(eq(chr, copy.ptr[3], '\0'));
	cr_expect(ne(ptr, (void *)arena_copy(a, (struct str){ 0 }).ptr, NULL));
	arena_destroy(a);
}

Test(arena, rewound_memory_is_zero_again) {
	struct arena *a = arena_create();
	unsigned char *before = arena_alloc(a, 16);

	memset(before, 0xaa, 16);
	struct arena_mark mark = arena_mark(a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++) {
			unsigned char *p = arena_alloc(a, 1000);
			cr_assert(ne(ptr, p, NULL));
			cr_assert(is_zero(p, 1000));
			memset(p, 0xff, 1000);
		}
		arena_rewind(a, mark);
	}
	cr_expect(eq(uint, before[0], 0xaa));
	cr_expect(eq(uint, before[15], 0xaa), "what is older than the mark stays");
	arena_destroy(a);
}

Test(arena, the_mark_of_an_empty_arena_rewinds_to_empty) {
	struct arena *a = arena_create();
	struct arena_mark mark = arena_mark(a);
	unsigned char *p = arena_alloc(a, 100);

	cr_assert(ne(ptr, p, NULL));
	memset(p, 0xff, 100);
	arena_rewind(a, mark);
	p = arena_alloc(a, 100);
	cr_assert(ne(ptr, p, NULL));
	cr_expect(is_zero(p, 100));
	arena_destroy(a);
}

Test(arena, fails_after_as_many_allocations_as_told) {
	for (size_t n = 0; n < 5; n++) {
		struct arena *a = arena_create();

		arena_fail_after(a, n);
		for (size_t i = 0; i < n; i++) {
			cr_expect(ne(ptr, arena_alloc(a, 8), NULL));
		}
		cr_expect(eq(ptr, arena_alloc(a, 8), NULL));
		cr_expect(eq(ptr, (void *)arena_copy(a, STR("x")).ptr, NULL), "and all after it");
		arena_destroy(a);
	}
}

Test(arena, destroying_nothing_is_allowed) {
	arena_destroy(NULL);
}
