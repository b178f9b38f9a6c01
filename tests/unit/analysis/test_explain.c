#include "support/expect.h"
#include "unit/analysis/analysed.h"

#include <criterion/parameterized.h>

static struct explanation explain_path(struct analysis *an, const char *path) {
	struct explanation e;

	cr_assert(eq(int,
			analysis_explain(an->arena, an, &an->builds[0], str_from(path), false, &e,
					NULL),
			TNG_OK));
	return e;
}

/* ---- the replayed walk says what the matcher's says */

struct walk_case {
	char ignore[40], path[24];
	enum fate fate;
	uint32_t pattern;
	bool whole_excluded;
	char effects[12]; /* "1d" pattern 1 decided; changed, confirmed (=), skipped, unreached */
};

ParameterizedTestParameters(explain, walks) {
	static struct walk_case cases[] = {
		{ "x", "a/b", FATE_SENT, IGNORE_NO_PATTERN, false, "" },
		{ "a", "a", FATE_EXCLUDED, 0, true, "0d" },
		{ "a", "a/b", FATE_PRUNED, 0, true, "0d" },
		{ "a\n!a/b", "a/b", FATE_SENT, 1, false, "0c1d" },
		{ "a\n!a/b", "a/c", FATE_EXCLUDED, 0, true, "0d" },
		{ "a\n!a/b\na", "a/b", FATE_SENT, 1, true, "0c1d2s" },
		{ "a/b\n!a", "a/b", FATE_EXCLUDED, 0, false, "0d1s" },
		{ "**/b\n!a", "a/b", FATE_EXCLUDED, 0, false, "0d1s" },
		{ "a\na/b", "a/b", FATE_PRUNED, 0, true, "0d1u" },
		{ "a/b\n!z/a\na", "a/b", FATE_PRUNED, 2, true, "0u2d" },
		{ "a/b\na\n!a/b\n!a/x", "a/b", FATE_SENT, 2, false, "0c1=2d" },
		{ "!a\na", "a", FATE_EXCLUDED, 1, true, "0s1d" },
	};
	return cr_make_param_array(struct walk_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static void put_effects(const struct explanation *e, char out[32]) {
	static const char letters[] = "dc=su";

	for (size_t i = 0; i < e->ntrace && i < 15; i++) {
		*out++ = (char)('0' + e->trace[i].pattern);
		*out++ = letters[e->trace[i].effect];
	}
	*out = '\0';
}

ParameterizedTest(struct walk_case *c, explain, walks) {
	struct analysis *an = analyse_small("a/b=5 a/c=1", c->ignore, TNG_ENGINE_BUILDKIT);
	struct explanation e = explain_path(an, c->path);
	struct ignore_scratch *scratch = ignore_scratch_create(an->builds[0].patterns);
	struct verdict verdict;
	char effects[32];

	cr_expect(eq(int, e.fate, c->fate), "%s", c->ignore);
	cr_expect(eq(u32, e.verdict.pattern, c->pattern), "%s", c->ignore);
	cr_expect(eq(int, e.whole_path.excluded, c->whole_excluded), "%s", c->ignore);
	put_effects(&e, effects);
	EXPECT_STR(str_from(effects), c->effects);
	if (e.fate != FATE_PRUNED) {
		cr_assert(eq(int, ignore_decide_path(scratch, e.path, &verdict, NULL), TNG_OK));
		cr_expect(eq(int, e.verdict.excluded, verdict.excluded));
		cr_expect(eq(u32, e.verdict.pattern, verdict.pattern));
	}
	ignore_scratch_destroy(scratch);
	analysis_destroy(an);
}

Test(explain, a_file_that_the_two_evaluations_disagree_on_comes_empty) {
	struct analysis *an = analyse_small("a/b=5", "a\n!a/b\na", TNG_ENGINE_BUILDKIT);

	cr_expect(explain_path(an, "a/b").comes_empty);
	analysis_destroy(an);
	an = analyse_small("a/b=5", "a\n!a/b\na", TNG_ENGINE_CLASSIC);
	cr_expect(not(explain_path(an, "a/b").comes_empty));
	analysis_destroy(an);
}

Test(explain, buildah_goes_by_the_last_match) {
	struct analysis *an = analyse_small("a/b=5", "a/b\n!a", TNG_ENGINE_PODMAN);
	struct explanation e = explain_path(an, "a/b");

	cr_expect(eq(int, e.fate, FATE_SENT));
	cr_expect(eq(u32, e.verdict.pattern, 1));
	EXPECT_STR(e.trace[0].matched, "a/b");
	EXPECT_STR(e.trace[1].matched, "a");
	analysis_destroy(an);
}

Test(explain, a_path_that_is_not_on_disk_goes_by_the_patterns) {
	struct analysis *an = analyse_small("a/b=5", "**/x", TNG_ENGINE_BUILDKIT);
	struct explanation e = explain_path(an, "gone/x/y");

	cr_expect(not(e.on_disk));
	cr_expect(eq(int, e.fate, FATE_PRUNED));
	EXPECT_STR(e.not_entered, "gone/x");
	analysis_destroy(an);
}

/* ---- git, and what to do */

struct git_case {
	char ignore[32], path[16];
	bool git_excluded;
	char why[40], next[48]; /* parts of them */
};

ParameterizedTestParameters(explain, git) {
	static struct git_case cases[] = {
		{ "b", "a/b", true, "at any depth", "change line 1 of .dockerignore to \"**/b\"" },
		{ "b/", "a/b", false, "", "add the line \"a/b\" at the end" },
		{ "a/b/", "a/b", false, "the slash at the end", "add the line \"!a/b\"" },
		{ "**/b\n!b", "a/b", false, "bring back b at any depth", "to \"!**/b\"" },
		{ "a\n!a/b", "a/b", true, "line 2 could not bring it back", "\"a/b\"" },
		{ "a/[!x]", "a/b", true, "\"[^\"", "\"a/b\"" },
		{ "a/b", "a/b", true, "", "\"!a/b\" at the end" },
		{ "a/b # it", "a/b", false, "", "comment behind the pattern" },
		{ " a/b", "a/b", false, "the blank in front", "\"!a/b\"" },
	};
	return cr_make_param_array(struct git_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static bool has_part(struct str s, const char *part) {
	for (size_t i = 0; i <= s.len; i++) {
		if (str_starts(str_skip(s, i), str_from(part))) {
			return true;
		}
	}
	return false;
}

ParameterizedTest(struct git_case *c, explain, git) {
	struct analysis *an = analyse_small("a/b=5 a/c=1", c->ignore, TNG_ENGINE_BUILDKIT);
	struct explanation e = explain_path(an, c->path);

	cr_expect(eq(int, e.git.excluded, c->git_excluded), "%s", c->ignore);
	cr_expect(eq(int, e.git.why.len > 0, c->why[0] != '\0'), "%s: %.*s", c->ignore,
			STR_FMT(e.git.why));
	cr_expect(has_part(e.git.why, c->why), "%s: %.*s", c->ignore, STR_FMT(e.git.why));
	cr_expect(has_part(e.next, c->next), "%s: %.*s", c->ignore, STR_FMT(e.next));
	analysis_destroy(an);
}

/* ---- a pattern */

static struct pattern_explanation explain_pattern(struct analysis *an, const char *line) {
	struct pattern_explanation p;

	cr_assert(eq(int,
			analysis_explain_pattern(
					an->arena, an, &an->builds[0], str_from(line), 2, &p, NULL),
			TNG_OK));
	return p;
}

Test(explain, a_pattern_is_weighed_alone_and_behind_the_others) {
	struct analysis *an = analyse_small("a/x=5 b/x=7 x=100", "b", TNG_ENGINE_BUILDKIT);
	struct pattern_explanation p = explain_pattern(an, "**/x");

	cr_expect(eq(u64, p.disk.nentries, 3));
	cr_expect(eq(u64, p.disk.bytes, 112));
	cr_expect(eq(u64, p.eligible.bytes, 105));
	cr_expect(eq(u64, p.newly_out.bytes, 105));
	cr_expect(eq(u64, p.newly_in.nentries, 0));
	cr_expect(eq(sz, p.nrows, 2));
	cr_expect(eq(sz, p.nrows_all, 3));
	analysis_destroy(an);
}

Test(explain, a_name_is_weighed_at_any_depth_too) {
	struct analysis *an = analyse_small("a/x=5 b/x=7 x=100", "b", TNG_ENGINE_BUILDKIT);
	struct pattern_explanation p = explain_pattern(an, "x");

	cr_expect(eq(u64, p.disk.bytes, 100));
	EXPECT_STR(p.deep_text, "**/x");
	cr_expect(eq(u64, p.deep.bytes, 112));
	EXPECT_STR(explain_pattern(an, "a").deep_text, "");
	analysis_destroy(an);
}

Test(explain, an_exception_is_weighed_by_what_it_brings_back) {
	struct analysis *an = analyse_small("a/x=5 b/x=7 b/y=1", "b", TNG_ENGINE_BUILDKIT);
	struct pattern_explanation p = explain_pattern(an, "!b/x");

	cr_expect(p.is_exception);
	cr_expect(eq(u64, p.newly_in.nentries, 2)); /* b itself, as a parent */
	cr_expect(eq(u64, p.newly_in.bytes, 7));
	cr_expect(eq(u64, p.newly_out.nentries, 0));
	analysis_destroy(an);
}

Test(explain, a_name_with_an_exclamation_mark_is_no_exception) {
	struct analysis *an = analyse_small("!a=5 a=1", "!a\n*", TNG_ENGINE_BUILDKIT);
	struct pattern_explanation p = explain_pattern(an, "!!a");

	EXPECT_STR(p.text, "!a");
	cr_expect(eq(u64, p.disk.bytes, 5));
	analysis_destroy(an);
}

Test(explain, a_line_without_a_pattern_is_an_error) {
	struct analysis *an = analyse_small("a=1", "b", TNG_ENGINE_BUILDKIT);
	static const char *const lines[] = { "", "# a", "a\nb" };
	struct pattern_explanation p;

	for (size_t i = 0; i < 3; i++) {
		cr_expect(eq(int,
				analysis_explain_pattern(an->arena, an, &an->builds[0],
						str_from(lines[i]), 1, &p, NULL),
				TNG_EINVAL));
	}
	cr_expect(eq(int,
			analysis_explain_pattern(
					an->arena, an, &an->builds[0], STR("["), 1, &p, NULL),
			TNG_ESYNTAX));
	analysis_destroy(an);
}

Test(explain, any_failed_allocation_is_out_of_memory) {
	struct analysis *an = analyse_small("a/b=5", "b", TNG_ENGINE_BUILDKIT);
	struct pattern_explanation p;
	struct explanation e;
	enum tng_code code = TNG_ENOMEM;

	for (size_t left = 0; code == TNG_ENOMEM && left < 50; left++) {
		struct arena *a = arena_create();
		arena_fail_after(a, left);
		code = analysis_explain(a, an, &an->builds[0], STR("a/b"), false, &e, NULL);
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	code = TNG_ENOMEM;
	for (size_t left = 0; code == TNG_ENOMEM && left < 50; left++) {
		struct arena *a = arena_create();
		arena_fail_after(a, left);
		code = analysis_explain_pattern(a, an, &an->builds[0], STR("b"), 3, &p, NULL);
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	analysis_destroy(an);
}
