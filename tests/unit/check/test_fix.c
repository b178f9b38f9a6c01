#include "unit/check/checked.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

struct fix_case {
	char why[80], items[80], before[80], after[80];
};

/* The findings of a text and what becomes of it. */
ParameterizedTestParameters(check_fix, table) {
	static struct fix_case cases[] = {
		{ "a dead line goes", "a b", "lists\na\n", "a\n" },
		{ "line ends stay", "a b", "lists\r\na\r\n", "a\r\n" },
		{ "the last line without its end", "a b", "a\nlists", "a" },
		{ "an exception goes behind its pattern", "k.x a.x s", "!k.x\n*.x\n",
				"*.x\n!k.x\n" },
		{ "a comment gets a line", "lists a", "lists # old\n", "# old\nlists\n" },
		{ "the managed block is left alone", "a b", "# >>> tonnage\nlists\n# <<< tonnage\n",
				"# >>> tonnage\nlists\n# <<< tonnage\n" },
		{ "of two copies one stays", "lists/a b", "lists\nb\nlists/\n", "lists\nb\n" },
		{ "what is suppressed stays", "a b", "# tonnage: ignore=pattern-dead\nlists\n",
				"# tonnage: ignore=pattern-dead\nlists\n" },
		{ "an unused suppression goes, what is below it another time", "a b",
				"a\n# tonnage: ignore=pattern-duplicate\nlists\nb\n",
				"a\nlists\nb\n" },
		{ "of two rules one is used", "a b",
				"a\n# tonnage: ignore=pattern-dead,pattern-case\nlists\n",
				"a\n# tonnage: ignore=pattern-dead,pattern-case\nlists\n" },
	};
	return cr_make_param_array(struct fix_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct fix_case *p, check_fix, table) {
	struct checked c = { 0 };
	struct check_result result;
	struct check_fixed fixed;

	checked_open(&c, p->items, p->before);
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	struct check_fix_input input = { .tree = c.tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.file = c.context.ignore_path,
		.text = c.context.ignore_text,
		.result = &result };
	cr_assert(check_fix(c.arena, &input, &fixed, NULL) == TNG_OK);
	cr_expect(str_eq(fixed.text, str_from(p->after)), "%s: %.*s", p->why, STR_FMT(fixed.text));
	checked_close(&c);
}

/* An edit that says less than it does is not made, whoever proposed it. */
Test(check_fix, an_edit_that_changes_more_than_it_says_is_refused) {
	struct checked c = { 0 };
	struct check_fixed fixed;

	checked_open(&c, "a b", "a\n");
	struct check_finding wrong = { .rule = RULE_PATTERN_DEAD,
		.file = STR(".dockerignore"),
		.line = 1,
		.edit = { .kind = CHECK_EDIT_DELETE, .line = 1, .is_silent = true } };
	struct check_result result = { .findings = &wrong, .n = 1 };
	struct check_fix_input input = { .tree = c.tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.file = STR(".dockerignore"),
		.text = STR("a\n"),
		.result = &result };
	cr_assert(check_fix(c.arena, &input, &fixed, NULL) == TNG_OK);
	cr_expect(fixed.nfixed == 0 && fixed.nleft == 1);
	cr_expect(str_eq(fixed.text, STR("a\n")));
	checked_close(&c);
}

static size_t nfixed_of_line(const char *ignore, uint32_t line) {
	struct checked c = { 0 };
	struct check_fixed fixed;

	checked_open(&c, "a b", ignore);
	struct check_finding dead = { .rule = RULE_PATTERN_DEAD,
		.file = STR(".dockerignore"),
		.line = line,
		.edit = { .kind = CHECK_EDIT_DELETE, .line = line, .is_silent = true } };
	struct check_result result = { .findings = &dead, .n = 1 };
	struct check_fix_input input = { .tree = c.tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.file = STR(".dockerignore"),
		.text = str_from(ignore),
		.result = &result };
	cr_assert(check_fix(c.arena, &input, &fixed, NULL) == TNG_OK);
	checked_close(&c);
	return fixed.nfixed;
}

/* It would be the next line's, and silence what nobody meant. */
Test(check_fix, a_line_below_a_suppression_stays) {
	cr_expect_eq(nfixed_of_line("# an old one\nlists\nother\n", 2), 1);
	cr_expect_eq(nfixed_of_line("# tonnage: ignore=pattern-case\nlists\nother\n", 2), 0);
	cr_expect_eq(nfixed_of_line("# tonnage: ignore=pattern-case\n# why\nlists\n", 3), 0);
	cr_expect_eq(nfixed_of_line("# tonnage: ignore=pattern-case\n\nlists\n", 3), 1);
	cr_expect_eq(nfixed_of_line("# tonnage: ignore=a\n# tonnage: ignore=b\nlists\n", 2), 1);
}
