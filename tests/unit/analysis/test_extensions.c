#include "support/expect.h"
#include "unit/analysis/analysed.h"
#include "util/buf.h"

#include <stdio.h>

static struct str table(const struct analysis *an, enum lens lens) {
	struct extension_weight *rows;
	struct buf b = { 0 };
	size_t n;

	cr_assert(eq(int, analysis_extensions(an->arena, an, &an->builds[0], lens, &rows, &n, NULL),
			TNG_OK));
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "%s%.*s:%llu/%llu", i > 0 ? " " : "", STR_FMT(rows[i].extension),
				(unsigned long long)rows[i].bytes,
				(unsigned long long)rows[i].nfiles);
	}
	struct str kept = arena_copy(an->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

Test(extensions, are_in_lower_case_and_heaviest_first) {
	struct analysis *an = analyse_small(
			"a.GO=5 d/b.go=6 x.tar.gz=90 Makefile=2", NULL, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(table(an, LENS_DISK), ".gz:90/1 .go:11/2 :2/1");
	analysis_destroy(an);
}

Test(extensions, a_dot_in_front_or_at_the_end_makes_none) {
	struct analysis *an = analyse_small(
			".env=3 a.=1 .env.local=7 x.=1 plain=1", NULL, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(table(an, LENS_DISK), ".local:7/1 :6/4");
	analysis_destroy(an);
}

Test(extensions, have_a_limit_beyond_which_they_are_words) {
	/* 16 bytes with the dot, and 17 */
	struct analysis *an = analyse_small(
			"a.123456789012345=2 b.1234567890123456=1", NULL, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(table(an, LENS_DISK), ".123456789012345:2/1 :1/1");
	analysis_destroy(an);
}

Test(extensions, count_under_the_lens_and_names_of_a_file_once) {
	struct analysis *an = analyse_small("a.x@5=10 b.y@5=10 c.x=1 d/e.y=4 l.z->a d.dir/",
			"a.x\nd", TNG_ENGINE_BUILDKIT);

	EXPECT_STR(table(an, LENS_DISK), ".x:11/2 .y:4/2");
	EXPECT_STR(table(an, LENS_ELIGIBLE), ".y:10/1 .x:1/1");
	analysis_destroy(an);
}

Test(extensions, of_nothing_are_none) {
	struct analysis *an = analyse_small("d/", NULL, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(table(an, LENS_DISK), "");
	analysis_destroy(an);
}

Test(extensions, may_be_many_thousands) {
	struct buf items = { 0 };
	struct extension_weight *rows;
	size_t n;

	for (int i = 0; i < 3000; i++) {
		buf_printf(&items, "f.e%d=%d ", i, i + 1);
	}
	buf_putc(&items, '\0');
	struct analysis *an = analyse_small(items.ptr, NULL, TNG_ENGINE_BUILDKIT);
	cr_assert(eq(int,
			analysis_extensions(
					an->arena, an, &an->builds[0], LENS_DISK, &rows, &n, NULL),
			TNG_OK));
	cr_assert(eq(sz, n, 3000));
	EXPECT_STR(rows[0].extension, ".e2999");
	cr_expect(eq(u64, rows[0].bytes, 3000));
	EXPECT_STR(rows[2999].extension, ".e0");
	analysis_destroy(an);
	buf_fini(&items);
}

Test(extensions, any_failed_allocation_is_out_of_memory) {
	struct analysis *an = analyse_small("a.x b.y c.z d", NULL, TNG_ENGINE_BUILDKIT);
	enum tng_code code = TNG_ENOMEM;
	struct extension_weight *rows;
	size_t n, left = 0;

	for (; code == TNG_ENOMEM && left < 50; left++) {
		struct arena *a = arena_create();
		arena_fail_after(a, left);
		code = analysis_extensions(a, an, &an->builds[0], LENS_DISK, &rows, &n, NULL);
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	cr_expect(ge(sz, left, 4));
	analysis_destroy(an);
}
