#include "support/expect.h"
#include "unit/verify/verified.h"

#include <criterion/parameterized.h>

struct verify_case {
	char why[80], items[100], dockerfile[100], before[50], after[60], may_go[40];
	char losses[240]; /* the first ones, BuildKit's if it has any; "" is safe */
};

ParameterizedTestParameters(verify, table) {
	static struct verify_case cases[] = {
		{ "a line that takes nothing", "a b", "FROM x\nCOPY a /\n", "", "c", "", "" },
		{ "what nothing asks for may go", "a b", "FROM x\nCOPY a /\n", "", "b", "", "" },
		{ "a named file is lost, and the source with it", "a b", "FROM x\nCOPY a b /\n", "",
				"# c\nb", "", "buildkit 0 b line 2: 1 from b, nothing left" },
		{ "one of several below a source", "s/a s/b=4 s/t/", "FROM x\nCOPY s /\n", "",
				"s/b", "", "buildkit 0 s line 1: 1 from s/b" },
		{ "a directory is needed, though empty", "s/a s/t/", "FROM x\nCOPY s /\n", "",
				"s/t", "", "buildkit 0 s line 1: 1 from s/t" },
		{ "a directory is there for the sake of what is below", "s/a s/b",
				"FROM x\nCOPY s /\n", "", "s\n!s/a\n!s/b", "", "" },
		{ "all of the context", "a b", "FROM x\nCOPY . /\n", "", "b", "",
				"buildkit 0 . line 1: 1 from b" },
		{ "what may go, goes", "a b n/x", "FROM x\nCOPY . /\n", "", "n\nb", "n",
				"buildkit 0 . line 2: 1 from b" },
		{ "a wildcard loses one of its files", "a.c b.c d.h", "FROM x\nCOPY *.c /\n", "",
				"*.h\nb.c", "", "buildkit 0 *.c line 2: 1 from b.c" },
		{ "a wildcard loses all of them", "a.c b.c d.h", "FROM x\nCOPY *.c /\n", "", "*.c",
				"", "buildkit 0 *.c line 1: 2 from a.c, nothing left" },
		{ "a link's target is needed", "l->t/x t/x=3 t/y", "FROM x\nCOPY l /\n", "", "t",
				"", "buildkit 0 l line 1: 1 from t/x" },
		{ "a bind mount", "m/f a",
				"FROM x\nRUN --mount=type=bind,source=m,target=/m true\n", "",
				"m/f", "", "buildkit 0 m line 1: 1 from m/f" },
		{ "a tmpfs mount needs nothing", "m/f a",
				"FROM x\nRUN --mount=type=tmpfs,target=/m true\n", "", "*", "",
				"" },
		{ "another stage's files are none of the context", "a b",
				"FROM x AS p\nFROM y\nCOPY --from=p a /\nCOPY b /\n", "", "a", "",
				"" },
		{ "a stage that is not reached needs nothing", "a b",
				"FROM x AS p\nCOPY a /\nFROM y\nCOPY b /\n", "", "a", "", "" },
		{ "what is lost already is no loss", "a b", "FROM x\nCOPY a b /\n", "b", "b", "",
				"" },
		{ "the last line that excludes is named", "s/a s/b", "FROM x\nCOPY s /\n", "",
				"s/b\n!s/b\ns/b", "", "buildkit 0 s line 3: 1 from s/b" },
		{ "a path that hangs on an argument may be anything", "a b",
				"FROM x\nARG P\nCOPY $P/a /\n", "", "b", "",
				"buildkit 0 a line 1: 1 from b" },
		{ "a file that would arrive empty is lost", "d/k=3 d/x e", "FROM x\nCOPY d/k /\n",
				"", "d\n!d/k\nd", "", "buildkit 0 d/k line 3: 1 from d/k, empty" },
		{ "it arrives empty already", "d/k=3 d/x e", "FROM x\nCOPY d/k e /\n", "d\n!d/k\nd",
				"d\n!d/k\nd", "", "" },
		{ "a file without content arrives as it is", "d/k=0 d/x e", "FROM x\nCOPY d/k /\n",
				"", "d\n!d/k\nd", "",
				"podman 0 d/k line 3: 1 from d/k, nothing left" },
	};
	return cr_make_param_array(struct verify_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct verify_case *c, verify, table) {
	struct verified v = verify_items(c->items, c->dockerfile, c->before, c->after, c->may_go);
	struct str found = verified_losses(&v);

	cr_expect(str_starts(found, str_from(c->losses)), "%s: found \"%.*s\"", c->why,
			STR_FMT(found));
	cr_expect(eq(int, v.v.is_safe, c->losses[0] == '\0'), "%s: %.*s", c->why, STR_FMT(found));
	verified_fini(&v);
}

Test(verify, each_engine_reads_and_walks_in_its_own_way) {
	/* classic and podman enter "d" for a pattern whose text begins with it */
	struct verified v = verify_items(
			"d/a.c d/b.h", "FROM x\nCOPY d/a.c /\n", NULL, "d\n!d/*.c\n", NULL);

	cr_expect(eq(int, v.v.is_safe, true));
	verify_again(&v, "d\n!**/*.c\n");
	EXPECT_STR(verified_losses(&v),
			"classic 0 d/a.c line 1: 1 from d/a.c, nothing left; "
			"podman 0 d/a.c line 1: 1 from d/a.c, nothing left");
	uint32_t row = tree_find(v.tree, STR("d/a.c"));
	cr_expect(eq(int, v.v.lost[row], 1U << TNG_ENGINE_CLASSIC | 1U << TNG_ENGINE_PODMAN));
	verified_fini(&v);
}

Test(verify, each_build_loses_for_itself) {
	struct verified v = verify_items("a b c",
			"FROM x\nCOPY a b /\n---\nFROM x\nCOPY b c /\n---\nFROM x\nCOPY a /\n",
			NULL, "b\nc\n", NULL);

	cr_expect(eq(sz, v.v.nlosses, 9));
	cr_expect(str_starts(verified_losses(&v),
			STR("buildkit 0 b line 1: 1 from b, nothing left; "
			    "buildkit 1 b line 1: 1 from b, nothing left; "
			    "buildkit 1 c line 2: 1 from c, nothing left; classic 0")));
	verified_fini(&v);
}

Test(verify, classic_keeps_each_build_its_own_dockerfile) {
	/* "COPY . ." of both needs both Dockerfiles; classic brings back the one that it builds */
	struct verified v = verify_items("Dockerfile 1.Dockerfile a",
			"FROM x\nCOPY . /\n---\nFROM x\nCOPY . /\n", NULL, "*Dockerfile\n", NULL);

	EXPECT_STR(verified_losses(&v),
			"buildkit 0 . line 1: 2 from 1.Dockerfile; "
			"buildkit 1 . line 1: 2 from 1.Dockerfile; "
			"classic 0 . line 1: 1 from 1.Dockerfile; "
			"classic 1 . line 1: 1 from Dockerfile; "
			"podman 0 . line 1: 2 from 1.Dockerfile; "
			"podman 1 . line 1: 2 from 1.Dockerfile");
	verified_fini(&v);
}

Test(verify, of_a_build_about_which_nothing_is_known_everything_is_needed) {
	struct verified v = verify_items("a b", NULL, NULL, "b\n", NULL);

	cr_expect(eq(sz, v.v.nlosses, 3));
	cr_expect(eq(u32, v.v.losses[0].source, VERIFY_NO_SOURCE));
	cr_expect(str_starts(verified_losses(&v), STR("buildkit 0 unknown line 1: 1 from b")));
	verified_fini(&v);
}

Test(verify, a_text_that_an_engine_refuses_is_not_safe) {
	struct verified v = verify_items("a b", "FROM x\nCOPY a /\n", NULL, "c\n  [z-a]\n", NULL);

	cr_expect(eq(int, v.v.is_safe, false));
	cr_expect(eq(sz, v.v.nlosses_all, 0));
	cr_expect(eq(int, v.v.engines[0].bad.code, TNG_ESYNTAX));
	cr_expect(eq(u32, v.v.engines[0].bad.line, 2));
	verified_fini(&v);
}

Test(verify, a_text_of_now_that_is_refused_counts_as_none) {
	struct verified v = verify_items("a b", "FROM x\nCOPY a /\n", "[z-a]\n", "b\n", NULL);

	cr_expect(eq(int, v.v.before_is_bad, true));
	cr_expect(eq(int, v.v.is_safe, true));
	cr_expect(eq(u64, v.v.engines[0].eligible_before.nentries, 2));
	cr_expect(eq(u64, v.v.engines[0].eligible_after.nentries, 1));
	verified_fini(&v);
}

Test(verify, what_was_lost_already_is_told_apart) {
	struct verified v = verify_items("s/a=5 s/b=7 t", "FROM x\nCOPY s t /\nCOPY . /all\n",
			"x\ns/b\n", "s/b\nt\n", NULL);

	cr_expect(str_starts(
			verified_already(&v), STR("buildkit 0 s line 2: 1 from s/b; classic")));
	cr_expect(str_starts(verified_losses(&v),
			STR("buildkit 0 t line 2: 1 from t, nothing left; "
			    "buildkit 0 . line 2: 1 from t; classic")));
	cr_expect(eq(u64, v.v.already[0].bytes, 7));
	verified_fini(&v);
}

Test(verify, weights_are_those_of_before_and_after) {
	struct verified v = verify_items(
			"s/a=5 s/b=7 t=100 u/v=1000", "FROM x\nCOPY s t /\n", "u\n", "t\n", "t");
	const struct verify_engine *e = &v.v.engines[0];

	cr_expect(eq(int, v.v.is_safe, true));
	cr_expect(eq(u64, e->eligible_before.bytes, 112));
	cr_expect(eq(u64, e->eligible_after.bytes, 1012));
	cr_expect(eq(u64, e->requested_before.bytes, 112));
	cr_expect(eq(u64, e->requested_after.bytes, 12));
	cr_expect(eq(u64, e->requested_after.nentries, 3));
	cr_expect(eq(u64, e->nnewly_out, 1));
	cr_expect(eq(u64, e->nnewly_in, 2));
	/* s, s/a, s/b, t, u; the walk does not see u/v, and then it does */
	cr_expect(eq(u64, e->nlooked_before, 5));
	cr_expect(eq(u64, e->nlooked_after, 6));
	verified_fini(&v);
}

Test(verify, a_parent_of_what_is_asked_for_weighs_where_it_is_sent) {
	struct verified v = verify_items(
			"d/e/k=5 d/x", "FROM x\nCOPY d/e/k /\n", NULL, "d\n!d/e/k\n", NULL);

	cr_expect(eq(u64, v.v.engines[0].requested_after.nentries, 3));
	cr_expect(eq(u64, v.v.engines[1].requested_after.nentries, 1));
	verified_fini(&v);
}

Test(verify, names_of_one_file_weigh_once) {
	struct verified v = verify_items(
			"a@7=10 s/b@7=10 s/c@7=10", "FROM x\nCOPY s /\n", NULL, "s/b\n", "s/b");

	cr_expect(eq(u64, v.v.engines[0].eligible_after.bytes, 10));
	cr_expect(eq(u64, v.v.engines[0].requested_before.bytes, 10));
	cr_expect(eq(u64, v.v.engines[0].requested_after.bytes, 10));
	verified_fini(&v);
}

Test(verify, exceptions_that_make_the_builder_enter_everything_are_named) {
	struct verified v = verify_items(
			"n/a/b s/a", "FROM x\nCOPY s /\n", NULL, "*\n!s/**\n!**/*.go\n!s\n", NULL);

	cr_assert(eq(sz, v.v.engines[0].ndefeating, 1));
	cr_expect(eq(u32, v.v.engines[0].defeating[0], 3));
	cr_expect(eq(sz, v.v.engines[1].ndefeating, 0));
	cr_expect(eq(u64, v.v.engines[0].nlooked_after, 5));
	verify_again(&v, "*\n!s/**\n!s\n");
	cr_expect(eq(sz, v.v.engines[0].ndefeating, 0));
	cr_expect(eq(u64, v.v.engines[0].nlooked_after, 3));
	verified_fini(&v);
}

Test(verify, files_that_arrive_empty_are_counted_and_named) {
	struct verified v = verify_items(
			"d/k=3 d/x e", "FROM x\nCOPY e /\n", NULL, "d\n!d/k\nd\n", NULL);
	const struct verify_engine *e = &v.v.engines[0];

	cr_expect(eq(int, v.v.is_safe, true));
	cr_expect(eq(u64, e->nempty_before, 0));
	cr_expect(eq(u64, e->nempty_after, 1));
	cr_assert(eq(sz, e->nempty, 1));
	cr_expect(eq(u32, e->empty[0], tree_find(v.tree, STR("d/k"))));
	verified_fini(&v);
}

Test(verify, engines_are_those_that_are_named) {
	static const enum tng_engine podman[] = { TNG_ENGINE_PODMAN };
	struct verified v = verify_items("d/a.c", "FROM x\nCOPY d /\n", NULL, "", NULL);
	struct verification out;

	verifier_destroy(v.verifier);
	v.input.engines = podman;
	v.input.nengines = 1;
	v.input.builds = v.builds;
	cr_assert(eq(int, verifier_create(&v.input, &v.verifier, NULL), TNG_OK));
	cr_assert(eq(int, verify_text(v.verifier, v.arena, STR("d\n"), &out, NULL), TNG_OK));
	cr_expect(eq(sz, out.nengines, 1));
	cr_expect(eq(int, out.engines[0].engine, TNG_ENGINE_PODMAN));
	cr_expect(eq(sz, out.nlosses, 1));
	verified_fini(&v);
}

/* Allocation failures of the caller's arena reach the caller, whichever one it is. */
Test(verify, any_failed_allocation_is_out_of_memory) {
	struct verified v = verify_items("d/k=3 d/x e", "FROM x\nCOPY . /\n", NULL, "", NULL);
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	for (; code == TNG_ENOMEM && n < 100; n++) {
		struct tng_error err = { 0 };
		struct verification out;
		struct arena *a = arena_create();
		arena_fail_after(a, n);
		code = verify_text(v.verifier, a, STR("d\n!**/k\nd\n"), &out, &err);
		cr_expect(eq(int, err.code, code));
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	cr_expect(gt(sz, n, 3));
	verified_fini(&v);
}
