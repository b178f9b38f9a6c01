#include "support/expect.h"
#include "unit/transfer/planned.h"

#include <criterion/parameterized.h>

/* What classic adds (spec 5.1): exceptions for its two files, when the legacy evaluation excludes them. */
struct added_case {
	char why[64], ignore[48], dockerfile[24], added[48];
};

ParameterizedTestParameters(patterns, classic_table) {
	static struct added_case cases[] = {
		{ "nothing excluded", "*.log", "Dockerfile", "" },
		{ "both, in this order", "*", "Dockerfile", "!.dockerignore !Dockerfile" },
		{ "the ignore file only", ".*", "Dockerfile", "!.dockerignore" },
		{ "the Dockerfile only", "Dockerfile", "Dockerfile", "!Dockerfile" },
		{ "another name", "*", "docker/x.Dockerfile",
				"!.dockerignore !docker/x.Dockerfile" },
		{ "the Dockerfile is outside or from stdin", "*", "", "!.dockerignore" },
		{ "an exception of the file's own is enough", "*\n!Dockerfile\n!.dockerignore",
				"Dockerfile", "" },
		{ "the file's exception, excluded again", "*\n!Dockerfile\nD*", "Dockerfile",
				"!.dockerignore !Dockerfile" },
		{ "a deeper rule is missed by the legacy evaluation", "**/docker",
				"docker/Dockerfile", "" },
		{ "a rule as deep as the directory is not", "docker", "docker/Dockerfile",
				"!docker/Dockerfile" },
		{ "an evaluation error adds nothing", "[z-a]\n*", "Dockerfile", "" },
		{ "no patterns", "# none", "Dockerfile", "" },
	};
	return cr_make_param_array(struct added_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static void expect_added(const struct ignore_set *set, struct str want, const char *why) {
	uint32_t n = ignore_npatterns(set), i = 0;
	struct str rest = want, one;

	while (i < n && ignore_pattern(set, i)->line > 0) {
		i++;
	}
	for (bool more = want.len > 0; more; i++) {
		more = str_cut(rest, ' ', &one, &rest);
		cr_assert(lt(u32, i, n), "%s: %.*s is missing", why, STR_FMT(one));
		cr_expect(ignore_pattern(set, i)->is_exception, "%s", why);
		cr_expect(eq(u32, ignore_pattern(set, i)->line, 0), "%s", why);
		cr_expect(str_eq(ignore_pattern(set, i)->text, str_skip(one, 1)), "%s: %.*s", why,
				STR_FMT(ignore_pattern(set, i)->text));
	}
	cr_expect(eq(u32, i, n), "%s: more were added", why);
}

ParameterizedTest(struct added_case *c, patterns, classic_table) {
	struct transfer_request request = {
		.engine = TNG_ENGINE_CLASSIC,
		.dockerfile = str_from(c->dockerfile),
	};
	struct ignore_set *set = NULL;

	cr_assert(eq(int, transfer_patterns(str_from(c->ignore), &request, &set, NULL), TNG_OK));
	expect_added(set, str_from(c->added), c->why);
	ignore_destroy(set);

	request.engine = TNG_ENGINE_BUILDKIT;
	cr_assert(eq(int, transfer_patterns(str_from(c->ignore), &request, &set, NULL), TNG_OK));
	expect_added(set, STR(""), c->why);
	ignore_destroy(set);
}

Test(patterns, what_classic_adds_is_sent_and_counted) {
	const char *items = ".dockerignore=7 Dockerfile=20 x=100";
	struct planned p = plan_text(items, "*", TNG_ENGINE_CLASSIC, "Dockerfile");

	EXPECT_STR(planned_paths(&p, SENT_FATES), ".dockerignore Dockerfile");
	cr_expect(eq(u64, p.plan.eligible.bytes, 27));
	cr_expect(eq(u64, p.plan.patterns[0].bytes, 100));
	cr_expect(eq(u64, p.plan.patterns[1].bytes, 7));
	cr_expect(eq(u64, p.plan.patterns[2].bytes, 20));
	planned_fini(&p);
}

Test(patterns, a_bad_list_is_refused_with_its_line_under_both_engines) {
	const enum tng_engine engines[] = { TNG_ENGINE_BUILDKIT, TNG_ENGINE_CLASSIC };

	for (size_t i = 0; i < 2; i++) {
		struct planned p = plan_text("a", "a\n\n  [", engines[i], "Dockerfile");
		cr_expect(eq(int, p.code, TNG_ESYNTAX));
		cr_expect(eq(u32, p.err.line, 3));
		cr_expect(eq(u32, p.err.column, 3));
		planned_fini(&p);
	}
}
