#include "support/expect.h"
#include "util/path.h"

#include <criterion/parameterized.h>
#include <criterion/theories.h>

struct clean_case {
	char path[40], clean[40];
};

/* known answers of Go's filepath.Clean on Unix */
ParameterizedTestParameters(path, clean_gives_what_go_gives) {
	static struct clean_case cases[] = {
		{ "", "." },
		{ "abc", "abc" },
		{ "abc/def", "abc/def" },
		{ "a/b/c", "a/b/c" },
		{ ".", "." },
		{ "..", ".." },
		{ "../..", "../.." },
		{ "../../abc", "../../abc" },
		{ "/abc", "/abc" },
		{ "/", "/" },
		{ "//", "/" },
		{ "///", "/" },
		{ "//a", "/a" },
		{ "abc/", "abc" },
		{ "abc/def/", "abc/def" },
		{ "./", "." },
		{ "../", ".." },
		{ "../../", "../.." },
		{ "/abc/", "/abc" },
		{ "abc//def//ghi", "abc/def/ghi" },
		{ "//abc//", "/abc" },
		{ "abc/./def", "abc/def" },
		{ "/./abc/def", "/abc/def" },
		{ "abc/.", "abc" },
		{ "./abc", "abc" },
		{ "abc/def/ghi/../jkl", "abc/def/jkl" },
		{ "abc/def/../ghi/../jkl", "abc/jkl" },
		{ "abc/def/..", "abc" },
		{ "abc/def/../..", "." },
		{ "/abc/def/../..", "/" },
		{ "abc/def/../../..", ".." },
		{ "/abc/def/../../..", "/" },
		{ "abc/def/../../../ghi/jkl/../../../mno", "../../mno" },
		{ "/../abc", "/abc" },
		{ "/..", "/" },
		{ "abc/./../def", "def" },
		{ "abc//./../def", "def" },
		{ "abc/../../././../def", "../../def" },
		{ "...", "..." },
		{ "a/...", "a/..." },
		{ "..a/b", "..a/b" },
		{ "a/..b", "a/..b" },
		{ ".a", ".a" },
		{ "../a/..", ".." },
		{ "../a/../..", "../.." },
	};
	return cr_make_param_array(struct clean_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct clean_case *c, path, clean_gives_what_go_gives) {
	struct arena *a = arena_create();

	EXPECT_STR(path_clean(a, str_from(c->path)), c->clean);
	EXPECT_STR(path_clean(a, str_from(c->clean)), c->clean, "cleaning twice");
	char in_place[sizeof(c->path) + 1];
	memcpy(in_place, c->path, sizeof(c->path));
	size_t n = path_clean_into(in_place, str_make(in_place, strlen(c->path)));
	EXPECT_STR(str_make(in_place, n), c->clean, "in place");
	arena_destroy(a);
}

struct from_case {
	char dir[16], path[24], from[24];
};

ParameterizedTestParameters(path, from_goes_up_and_down) {
	static struct from_case cases[] = {
		{ "app", "other/Dockerfile", "../other/Dockerfile" },
		{ "./a/b/", "a/c//x", "../c/x" },
		{ "a/b", "x", "../../x" },
		{ "ab", "a/x", "../a/x" },
		{ ".", "a/x", "a/x" },
		{ "", "../x", "../x" },
		{ "a", "a/x", "x" },
		{ "a", "a", "." },
		{ "a", ".", ".." },
		{ "..", "../d/x", "d/x" },
		{ "../a", "../b/x", "../b/x" },
		{ "/r/a", "/r/b/x", "../b/x" },
		{ "/", "/x", "x" },
		/* not told by the texts */
		{ "/r/a", "b/x", "b/x" },
		{ "a", "/b/./x", "/b/x" },
		{ "../a", "x", "x" },
	};
	return cr_make_param_array(struct from_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct from_case *c, path, from_goes_up_and_down) {
	struct arena *a = arena_create();

	EXPECT_STR(path_from(a, str_from(c->dir), str_from(c->path)), c->from);
	arena_destroy(a);
}

Test(path, clean_keeps_bytes_that_are_no_slash) {
	struct arena *a = arena_create();

	EXPECT_STR(path_clean(a, STR("\xff//\x01\\")), "\xff/\x01\\");
	arena_fail_after(a, 0);
	cr_expect(eq(ptr, (void *)path_clean(a, STR("a")).ptr, NULL));
	arena_destroy(a);
}

Test(path, base_and_dir_split_at_the_last_slash) {
	EXPECT_STR(path_base(STR("a/b/c")), "c");
	EXPECT_STR(path_base(STR("a")), "a");
	EXPECT_STR(path_base(STR("/a")), "a");
	EXPECT_STR(path_dir(STR("a/b/c")), "a/b");
	EXPECT_STR(path_dir(STR("a")), ".");
	EXPECT_STR(path_dir(STR("/a")), "/");
	EXPECT_STR(path_dir(STR("")), ".");
}

Test(path, join_puts_one_slash_between) {
	struct arena *a = arena_create();

	EXPECT_STR(path_join(a, STR("a"), STR("b")), "a/b");
	EXPECT_STR(path_join(a, STR("."), STR("b")), "b");
	EXPECT_STR(path_join(a, STR(""), STR("b")), "b");
	EXPECT_STR(path_join(a, STR("a"), STR("")), "a");
	EXPECT_STR(path_join(a, STR("/"), STR("b")), "/b");
	EXPECT_STR(path_join(a, STR("a/b"), STR("c")), "a/b/c");
	arena_fail_after(a, 0);
	cr_expect(eq(ptr, (void *)path_join(a, STR("a"), STR("b")).ptr, NULL));
	arena_destroy(a);
}

Test(path, a_tree_comes_in_the_order_of_a_walk) {
	/* ascending: '/' is below every other byte, so a subtree is one run */
	static const char *const order[] = { "", "a", "a/b", "a/b/c", "a/b-", "a/\xff", "a\x01",
		"a b", "a!", "a-b", "a-b/c", "a.b", "ab", "b", "\x7f", "\xc3\xa4" };
	enum { N = sizeof(order) / sizeof(order[0]) };

	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < N; j++) {
			int got = path_cmp(str_from(order[i]), str_from(order[j]));
			int want = (i > j) - (i < j);
			cr_expect(eq(int, (got > 0) - (got < 0), want), "%s against %s", order[i],
					order[j]);
		}
	}
}

TheoryDataPoints(path, order_is_transitive_and_agrees_with_below) = {
	DataPoints(const char *, "a", "a/b", "a/bc", "a-b", "a.", "b", "a/b/c", "A", "\xff"),
	DataPoints(const char *, "a", "a/b", "a/bc", "a-b", "a.", "b", "a/b/c", "A", "\xff"),
	DataPoints(const char *, "a", "a/b", "a/bc", "a-b", "a.", "b", "a/b/c", "A", "\xff"),
};
Theory((const char *x, const char *y, const char *z), path,
		order_is_transitive_and_agrees_with_below) {
	struct str a = str_from(x), b = str_from(y), c = str_from(z);

	if (path_cmp(a, b) <= 0 && path_cmp(b, c) <= 0) {
		cr_assert(le(int, path_cmp(a, c), 0));
		/* what lies between a directory and something below it is below it too */
		if (path_is_below(c, a)) {
			cr_assert(path_is_below(b, a), "%s <= %s <= %s", x, y, z);
		}
	}
}

Test(path, below_ends_at_a_slash) {
	cr_expect(path_is_below(STR("a/b"), STR("a")));
	cr_expect(path_is_below(STR("a"), STR("a")));
	cr_expect(not(path_is_below(STR("ab"), STR("a"))));
	cr_expect(not(path_is_below(STR("a"), STR("a/b"))));
	cr_expect(path_is_below(STR("a"), STR(".")));
	cr_expect(path_is_below(STR("a"), STR("")));
	cr_expect(path_is_below(STR("/a"), STR("/")));
	cr_expect(path_is_below(STR("/"), STR("/")));
	cr_expect(not(path_is_below(STR("a"), STR("/"))));
}
