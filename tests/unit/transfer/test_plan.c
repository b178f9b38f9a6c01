#include "support/expect.h"
#include "unit/transfer/planned.h"

#include <criterion/parameterized.h>

/* Known answers from the reference walkers (spec 4.4, 4.5, 9): who is sent, in order. */
struct plan_case {
	char why[80], items[120], ignore[60], buildkit[120], classic[120];
};

ParameterizedTestParameters(plan, table) {
	static struct plan_case cases[] = {
		{ "no patterns: all is sent", "a b/c l->a", "", "a b b/c l", "a b b/c l" },
		{ "an excluded directory takes what is below", "a/b/c d", "a", "d", "d" },
		{ "contents only: the directory stays", "a/b/c d", "a/**", "a d", "a d" },
		{ "contents by star: the directory stays", "a/b/c d", "a/*", "a d", "a d" },
		{ "a literal exception is reached; BuildKit sends its parents", "d/k d/x",
				"d\n!d/k", "d d/k", "d/k" },
		{ "the exception of a directory covers what is below", "d/k/m d/k/n d/x", "d\n!d/k",
				"d d/k d/k/m d/k/n", "d/k d/k/m d/k/n" },
		{ "a trailing double star is literal enough", "d/k/m d/x/y", "d\n!d/k/**",
				"d d/k d/k/m", "d/k/m" },
		{ "a trailing star is literal enough", "d/k/m d/x/y", "d\n!d/k/*", "d d/k d/k/m",
				"d/k/m" },
		{ "a wildcard at the start: classic enters nothing", "a/b.go a/c x.go",
				"*\n!**/*.go", "a a/b.go x.go", "x.go" },
		{ "the literal part before a wildcard is enough for classic", "src/a.c src/b.h",
				"*\n!src/*.c", "src src/a.c", "src/a.c" },
		{ "classic stops below the literal part", "docs/k/k.md docs/x",
				"docs\n!docs/*/k.md", "docs docs/k docs/k/k.md", "" },
		{ "an exception that starts with a star", "docs/g.md docs/x", "docs\n!*/g.md",
				"docs docs/g.md", "" },
		{ "slashes are minded: lib is not lib.go", "v/lib.go v/lib/x", "v\n!v/lib",
				"v v/lib v/lib/x", "v/lib v/lib/x" },
		{ "an exception for a longer name does not open a shorter directory",
				"foo/x foobar/x", "foo\nfoobar\n!foobar/x", "foobar foobar/x",
				"foobar/x" },
		{ "a parent is sent once, however deep what is kept", "a/b/c/d a/b/e a/f",
				"a\n!a/b/c/d", "a a/b a/b/c a/b/c/d", "a/b/c/d" },
		{ "nothing below is kept: the directory is not sent", "a/b", "a\n!a/x", "", "" },
		{ "an exception below nothing excluded changes nothing", "a/b c", "!a/b", "a a/b c",
				"a a/b c" },
		{ "a repeated exclusion does not exclude again", "a/b a/c", "a\n!a/b\na", "a a/b",
				"a/b" },
		{ "an exception that names an ancestor only is no help", "docs/x.md docs/y",
				"**/*.md\n!docs", "docs docs/y", "docs docs/y" },
		{ "excluded by name, brought back by its directory", "src/sub/a src/b",
				"src/sub\n!src", "src src/b", "src src/b" },
		{ "a link is a name like any other", "d/x l->d", "d\n!l", "l", "l" },
		{ "an excluded link", "d/x l->d", "l", "d d/x", "d d/x" },
		{ "braces and pipes do not make a wildcard", "d/{a}/x d/b", "d\n!d/{a}",
				"d d/{a} d/{a}/x", "d/{a} d/{a}/x" },
		{ "a bad class behind a match is never evaluated", "a/b", "*\n[z-a]", "", "" },
		{ "an empty directory", "e/ f", "*\n!e", "e", "e" },
		{ "a contents-only exception leaves the directory out", "e/ f", "*\n!e/**", "",
				"" },
		{ "a socket is an empty file to BuildKit, and nothing to classic", "s~ f", "",
				"s f", "f" },
		{ "a FIFO is sent", "p| q", "q", "p", "p" },
	};
	return cr_make_param_array(struct plan_case, cases, sizeof(cases) / sizeof(cases[0]));
}

/* The lists above are in the order they are written; the tree's is by name. */
static size_t count_words(struct str s) {
	size_t n = s.len > 0;

	for (size_t i = 0; i < s.len; i++) {
		n += s.ptr[i] == ' ';
	}
	return n;
}

static bool has_word(struct str words, struct str word) {
	struct str rest = words, one;

	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &one, &rest);
		if (str_eq(one, word)) {
			return true;
		}
	}
	return false;
}

static void expect_words(struct str got, struct str want, const char *why) {
	struct str rest = want, word;
	bool same = count_words(got) == count_words(want);

	for (bool more = want.len > 0; same && more;) {
		more = str_cut(rest, ' ', &word, &rest);
		same = has_word(got, word);
	}
	cr_expect(same, "%s: found \"%.*s\", expected \"%.*s\"", why, STR_FMT(got), STR_FMT(want));
}

ParameterizedTest(struct plan_case *c, plan, table) {
	struct planned p = plan_text(c->items, c->ignore, TNG_ENGINE_BUILDKIT, "");
	cr_assert(eq(int, p.code, TNG_OK), "%s: %s", c->why, p.err.text);
	expect_words(planned_paths(&p, SENT_FATES), str_from(c->buildkit), c->why);
	cr_expect(eq(u64, p.plan.eligible.nentries, count_words(str_from(c->buildkit))), "%s",
			c->why);
	planned_fini(&p);

	p = plan_text(c->items, c->ignore, TNG_ENGINE_CLASSIC, "");
	cr_assert(eq(int, p.code, TNG_OK), "%s: %s", c->why, p.err.text);
	expect_words(planned_paths(&p, SENT_FATES), str_from(c->classic), c->why);
	cr_expect(eq(str, (char *)planned_paths(&p, 1U << FATE_PARENT).ptr, ""), "%s", c->why);
	planned_fini(&p);
}

Test(plan, rows_below_what_is_not_entered_are_pruned_and_go_to_its_pattern) {
	struct planned p = plan_text("a/b/c=10 a/d=5 x.log=3", "*.log\na", TNG_ENGINE_BUILDKIT, "");

	EXPECT_STR(planned_paths(&p, 1U << FATE_EXCLUDED), "a x.log");
	EXPECT_STR(planned_paths(&p, 1U << FATE_PRUNED), "a/b a/b/c a/d");
	cr_expect(eq(u32, p.plan.decider[planned_row(&p, "a/b/c")], 1));
	cr_expect(eq(u32, p.plan.decider[planned_row(&p, "x.log")], 0));
	cr_expect(eq(u64, p.plan.patterns[1].nentries, 4));
	cr_expect(eq(u64, p.plan.patterns[1].nfiles, 2));
	cr_expect(eq(u64, p.plan.patterns[1].bytes, 15));
	cr_expect(eq(u64, p.plan.patterns[0].bytes, 3));
	planned_fini(&p);
}

Test(plan, a_parent_that_is_sent_keeps_the_pattern_that_excluded_it) {
	struct planned p = plan_text("d/k d/x", "d\n!d/k", TNG_ENGINE_BUILDKIT, "");

	EXPECT_STR(planned_paths(&p, 1U << FATE_PARENT), "d");
	cr_expect(eq(u32, p.plan.decider[planned_row(&p, "d")], 0));
	cr_expect(eq(u32, p.plan.decider[planned_row(&p, "d/k")], 1));
	/* but it is sent, so the pattern keeps out d/x only */
	cr_expect(eq(u64, p.plan.patterns[0].nentries, 1));
	planned_fini(&p);
}

Test(plan, a_socket_is_kept_and_yet_not_sent_by_classic) {
	struct planned p = plan_text("d/s~ f", "", TNG_ENGINE_CLASSIC, "");

	EXPECT_STR(planned_paths(&p, 1U << FATE_SKIPPED), "d/s");
	cr_expect(eq(u64, p.plan.disk.nothers, 1));
	cr_expect(eq(u64, p.plan.eligible.nothers, 0));
	cr_expect(eq(u64, p.plan.eligible.nentries, 2));
	planned_fini(&p);
}

Test(plan, what_an_exception_wants_back_and_classic_does_not_reach_is_counted) {
	const char *items = "a/x.go a/sub/y.go a/z b.go";
	struct planned p = plan_text(items, "*\n!**/*.go", TNG_ENGINE_CLASSIC, "");

	cr_expect(eq(u64, p.plan.nunreached, 2));
	planned_fini(&p);
	p = plan_text(items, "*\n!**/*.go", TNG_ENGINE_BUILDKIT, "");
	cr_expect(eq(u64, p.plan.nunreached, 0));
	planned_fini(&p);
	/* without exceptions nobody wants anything */
	p = plan_text(items, "*", TNG_ENGINE_CLASSIC, "");
	cr_expect(eq(u64, p.plan.nunreached, 0));
	planned_fini(&p);
}

Test(plan, an_error_below_what_is_pruned_is_none) {
	/* [z-a] is skipped at "a", and nobody goes below */
	struct planned p = plan_text("a/b", "a\n!x/y\n[z-a]", TNG_ENGINE_CLASSIC, "");

	cr_expect(eq(int, p.code, TNG_OK), "%s", p.err.text);
	planned_fini(&p);
}

Test(plan, a_bad_class_fails_with_its_line_when_it_is_evaluated) {
	struct planned p = plan_text("docs/x z", "# c\n docs\n  [z-a]", TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(int, p.code, TNG_ESYNTAX));
	cr_expect(eq(u32, p.err.line, 3));
	cr_expect(eq(u32, p.err.column, 3));
	planned_fini(&p);
}

Test(plan, of_nothing_is_empty) {
	struct planned p = plan_text("", "*", TNG_ENGINE_BUILDKIT, "");

	cr_assert(eq(int, p.code, TNG_OK));
	cr_expect(eq(u64, p.plan.disk.nentries, 0));
	cr_expect(eq(u32, p.plan.decider[0], IGNORE_NO_PATTERN));
	cr_expect(eq(int, p.plan.fate[0], FATE_SENT));
	planned_fini(&p);
}

/* Allocation failures reach the caller, whichever one it is. */
Test(plan, any_failed_allocation_is_out_of_memory) {
	struct planned p = plan_text("d/k=3 d/x@9=4 y@9=4", "d\n!d/k", TNG_ENGINE_BUILDKIT, "");
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	for (; code == TNG_ENOMEM && n < 100; n++) {
		struct tng_error err = { 0 };
		struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT };
		struct arena *a = arena_create();
		arena_fail_after(a, n);
		code = transfer_plan(a, p.tree, p.set, &request, &p.plan, &err);
		cr_expect(eq(int, err.code, code));
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	cr_expect(gt(sz, n, 4));
	planned_fini(&p);
}

Test(plan, what_a_wildcard_asks_for_is_the_same_under_every_engine) {
	static const enum tng_engine engines[] = { TNG_ENGINE_BUILDKIT, TNG_ENGINE_CLASSIC,
		TNG_ENGINE_PODMAN };
	const struct str source = STR("*/x.json");

	for (size_t i = 0; i < 3; i++) {
		struct planned p = plan_text(
				"a/x.json a/y b/c/x.json b/x.json", "b/x.json", engines[i], "");
		struct transfer_request request = {
			.engine = engines[i],
			.includes = &source,
			.nincludes = 1,
		};
		p.code = transfer_plan(p.arena, p.tree, p.set, &request, &p.plan, &p.err);
		cr_assert(eq(int, p.code, TNG_OK));
		EXPECT_STR(planned_paths(&p, 1U << FATE_SENT), "a/x.json");
		planned_fini(&p);
	}
}
