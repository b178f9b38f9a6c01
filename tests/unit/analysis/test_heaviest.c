#include "oracle/rng.h"
#include "support/expect.h"
#include "unit/analysis/analysed.h"
#include "util/buf.h"

#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>

/* All lines of a view as text: "path:bytes path:bytes"; the rest of a directory is "path (rest)". */
static struct str view(const struct analysis *an, enum lens lens, size_t top) {
	struct heavy *lines;
	struct buf b = { 0 };
	size_t n;

	cr_assert(eq(int,
			analysis_heaviest(
					an->arena, an, &an->builds[0], lens, top, &lines, &n, NULL),
			TNG_OK));
	for (size_t i = 0; i < n; i++) {
		struct str name = heavy_name(an, &lines[i]);
		buf_printf(&b, "%s%.*s:%llu", i > 0 ? " " : "", STR_FMT(name),
				(unsigned long long)lines[i].bytes);
	}
	struct str kept = arena_copy(an->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

struct view_case {
	char why[72], items[160], ignore[16];
	size_t top;
	char view[160];
};

ParameterizedTestParameters(heaviest, table) {
	static struct view_case cases[] = {
		{ "a chain of single children is one line", "a/b/c/d/x=100 a/b/c/d/y=90 z=10", "",
				15, "a/b/c/d:190 z:10" },
		{ "a chain that ends in one file names it", "a/b/c/x=100 z=10", "", 15,
				"a/b/c/x:100 z:10" },
		{ "a dominant file deep down is named in full", "p/q/big=900 p/q/s=50 p/t=30 m=20",
				"", 15, "p/q/big:900 p/q/s:50 p/t:30 m:20" },
		{ "a directory without a dominant child is one line", "d/a=40 d/b=30 d/c=30 z=10",
				"", 15, "d:100 z:10" },
		{ "59 percent do not dominate", "d/a=59 d/b=41 z=10", "", 15, "d:100 z:10" },
		{ "60 percent do", "d/a=60 d/b=40 z=10", "", 15, "d/a:60 d/b:40 z:10" },
		{ "small children are the rest of their directory",
				"d/big=9000 d/a=10 d/b=20 d/c=30 z=500", "", 15,
				"d/big:9000 z:500 d (rest):60" },
		{ "the rest of the root closes the list", "d=9000 a=30 b=30 c=1000", "", 15,
				"d:9000 c:1000  (rest):60" },
		{ "a tool's own directory is one line", ".git/objects/pack=90 x=10", "", 15,
				".git:90 x:10" },
		{ "what is over the limit joins the rest", "a=50 b=40 c=30 d=20", "", 3,
				"a:50 b:40  (rest):50" },
		{ "one line is the whole", "a=50 b=40", "", 1, " (rest):90" },
		{ "no line at all is no view", "a=50 b=40", "", 0, "" },
		{ "equal weights go by order", "b=5 a=5 c=5", "", 15, "a:5 b:5 c:5" },
		{ "only the lens counts", "d/a=100 d/b=10 e=20", "d/a", 15, "e:20 d/b:10" },
		{ "a directory is not opened for a child too small for a line",
				"z=99400 d/a=400 d/b=200", "", 15, "z:99400 d:600" },
		{ "empty files weigh nothing", "a=0 b=0", "", 15, "" },
		{ "names of one file weigh once", "d/a@5=100 e/b@5=100 f=10", "", 15,
				"d/a:100 f:10" },
	};
	return cr_make_param_array(struct view_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct view_case *c, heaviest, table) {
	struct analysis *an = analyse_small(c->items, c->ignore, TNG_ENGINE_BUILDKIT);
	struct str got = view(an, LENS_ELIGIBLE, c->top);

	cr_expect(str_eq(got, str_from(c->view)), "%s: found \"%.*s\", expected \"%s\"", c->why,
			STR_FMT(got), c->view);
	analysis_destroy(an);
}

Test(heaviest, of_the_disk_shows_what_is_ignored) {
	struct analysis *an = analyse_small("d/a=100 e=20", "d", TNG_ENGINE_BUILDKIT);

	EXPECT_STR(view(an, LENS_DISK, 15), "d/a:100 e:20");
	EXPECT_STR(view(an, LENS_ELIGIBLE, 15), "e:20");
	analysis_destroy(an);
}

Test(heaviest, counts_the_files_below_a_place) {
	struct analysis *an = analyse_small("d/a=40 d/b=30 d/c=30 d/empty=0 z=10000 s1=1 s2=2", "",
			TNG_ENGINE_BUILDKIT);
	struct heavy *lines;
	size_t n;

	cr_assert(eq(int,
			analysis_heaviest(an->arena, an, &an->builds[0], LENS_DISK, 15, &lines, &n,
					NULL),
			TNG_OK));
	cr_assert(eq(sz, n, 3));
	EXPECT_STR(heavy_name(an, &lines[1]), "d");
	cr_expect(eq(u64, lines[1].nfiles, 4));
	cr_expect(lines[2].is_rest);
	cr_expect(eq(u64, lines[2].nfiles, 2));
	analysis_destroy(an);
}

/* ---- a law: the lines are a partition of the lens */

static void add_random_items(struct buf *b, struct rng *rng) {
	static const char *const dirs[] = { "a", "b", ".c", "long-name", "e" };

	for (size_t i = 0, n = 1 + rng_below(rng, 60); i < n; i++) {
		for (size_t depth = rng_below(rng, 6); depth > 0; depth--) {
			buf_printf(b, "%s/", dirs[rng_below(rng, 5)]);
		}
		/* from nothing to megabytes, so that some places dominate */
		size_t size = rng_below(rng, (size_t)1 << rng_below(rng, 24));
		buf_printf(b, "f%zu%s=%zu ", i, rng_percent(rng, 10) ? "@9" : "", size);
	}
}

static void check_partition(const struct analysis *an, enum lens lens, size_t top) {
	struct heavy *lines;
	uint64_t bytes = 0;
	size_t n;

	cr_assert(eq(int,
			analysis_heaviest(
					an->arena, an, &an->builds[0], lens, top, &lines, &n, NULL),
			TNG_OK));
	cr_assert(le(sz, n, top));
	for (size_t i = 0; i < n; i++) {
		bytes += lines[i].bytes;
		cr_assert(gt(u64, lines[i].bytes, 0));
		bool in_order = i == 0 || lines[i].row == 0 || lines[i - 1].bytes >= lines[i].bytes;
		cr_assert(in_order);
	}
	cr_assert(eq(u64, bytes, build_weight(&an->builds[0], lens)->bytes));
}

Test(heaviest, lines_add_up_to_the_lens_for_any_tree) {
	for (uint64_t i = 0; i < 1500; i++) {
		struct rng rng = rng_of(11, i);
		struct buf items = { 0 };
		add_random_items(&items, &rng);
		buf_putc(&items, '\0');
		struct analysis *an =
				analyse_small(items.ptr, "b\n!b/a\n**/e\n", TNG_ENGINE_BUILDKIT);
		size_t top = 1 + rng_below(&rng, 20);
		check_partition(an, LENS_DISK, top);
		check_partition(an, LENS_ELIGIBLE, top);
		analysis_destroy(an);
		buf_fini(&items);
	}
}

/* ---- 15 lines explain real projects */

static void add_files(struct buf *b, const char *dir, size_t n, size_t least, size_t most) {
	struct rng rng = rng_of(13, n + least);

	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "%s/p%zu/f%zu.js=%zu ", dir, i / 8, i,
				least + rng_below(&rng, most - least));
	}
}

static void shape_node(struct buf *b) {
	add_files(b, "node_modules", 3000, 200, 90000);
	add_files(b, ".git/objects", 400, 100, 40000);
	buf_printf(b, ".git/objects/pack/x.pack=60000000 dist/main.js=2500000 ");
	add_files(b, "src", 200, 100, 9000);
	add_files(b, "test", 100, 100, 5000);
}

static void shape_models(struct buf *b) {
	buf_printf(b, "data/raw/2023/train.csv=900000000 data/raw/2023/test.csv=200000000 ");
	buf_printf(b, "models/base/model.bin=400000000 models/tuned/model.bin=410000000 ");
	add_files(b, ".venv/lib", 2500, 200, 200000);
	add_files(b, "app", 150, 100, 20000);
	buf_printf(b, "notebooks/a.ipynb=3000000 notebooks/b.ipynb=9000000 ");
}

static void shape_monorepo(struct buf *b) {
	for (int i = 0; i < 8; i++) {
		char dir[64];
		(void)snprintf(dir, sizeof(dir), "packages/svc%d/node_modules", i);
		add_files(b, dir, 300, 200, (size_t)20000 * (size_t)(i + 1));
		(void)snprintf(dir, sizeof(dir), "packages/svc%d/src", i);
		add_files(b, dir, 60, 100, 8000);
	}
	add_files(b, ".git/objects", 300, 100, 40000);
}

static void shape_jvm(struct buf *b) {
	buf_printf(b, "target/app.jar=85000000 target/app.jar.original=300000 ");
	add_files(b, "target/classes", 400, 200, 20000);
	add_files(b, ".gradle/caches", 100, 1000, 400000);
	add_files(b, "src/main/java", 300, 200, 12000);
}

Test(heaviest, nine_tenths_are_explained_in_15_lines) {
	void (*const shapes[])(
			struct buf *) = { shape_node, shape_models, shape_monorepo, shape_jvm };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct buf items = { 0 };
		shapes[i](&items);
		buf_putc(&items, '\0');
		struct analysis *an = analyse_small(items.ptr, NULL, TNG_ENGINE_BUILDKIT);
		struct heavy *lines;
		uint64_t named = 0;
		size_t n;
		cr_assert(eq(int,
				analysis_heaviest(an->arena, an, &an->builds[0], LENS_DISK, 15,
						&lines, &n, NULL),
				TNG_OK));
		for (size_t k = 0; k < n; k++) {
			named += lines[k].row != 0 && !lines[k].is_rest ? lines[k].bytes : 0;
		}
		cr_expect(ge(u64, named * 10, an->builds[0].plan.disk.bytes * 9), "shape %zu: %.*s",
				i, STR_FMT(view(an, LENS_DISK, 15)));
		analysis_destroy(an);
		buf_fini(&items);
	}
}

/* ---- largest files */

static struct str largest(const struct analysis *an, size_t top) {
	struct heavy *lines;
	struct buf b = { 0 };
	size_t n;

	cr_assert(eq(int,
			analysis_largest_files(an->arena, an, &an->builds[0], LENS_ELIGIBLE, top,
					&lines, &n, NULL),
			TNG_OK));
	for (size_t i = 0; i < n; i++) {
		struct str name = heavy_name(an, &lines[i]);
		buf_printf(&b, "%s%.*s:%llu", i > 0 ? " " : "", STR_FMT(name),
				(unsigned long long)lines[i].bytes);
	}
	struct str kept = arena_copy(an->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

Test(heaviest, files_come_largest_first_and_in_order_where_equal) {
	struct analysis *an = analyse_small("a=5 b/x=50 b/y=5 c=7 d=0 l->a big=900 z@3=60 zz@3=60",
			"big", TNG_ENGINE_BUILDKIT);

	EXPECT_STR(largest(an, 15), "z:60 b/x:50 c:7 a:5 b/y:5");
	EXPECT_STR(largest(an, 4), "z:60 b/x:50 c:7 a:5");
	EXPECT_STR(largest(an, 1), "z:60");
	EXPECT_STR(largest(an, 0), "");
	analysis_destroy(an);
}

/* ---- out of memory */

Test(heaviest, any_failed_allocation_is_out_of_memory) {
	struct analysis *an = analyse_small("a/b=5 c=6", NULL, TNG_ENGINE_BUILDKIT);
	struct tng_error err = { 0 };
	struct heavy *lines;
	size_t n;
	struct arena *a = arena_create();

	arena_fail_after(a, 0);
	cr_expect(eq(int, analysis_heaviest(a, an, &an->builds[0], LENS_DISK, 15, &lines, &n, &err),
			TNG_ENOMEM));
	cr_expect(eq(int, err.code, TNG_ENOMEM));
	cr_expect(eq(int,
			analysis_largest_files(
					a, an, &an->builds[0], LENS_DISK, 15, &lines, &n, NULL),
			TNG_ENOMEM));
	arena_destroy(a);
	analysis_destroy(an);
}
