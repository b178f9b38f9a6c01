#include "propose/internal.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

struct translate_case {
	char why[60], dir[20], line[40], pattern[40];
	bool only_dirs;
};

ParameterizedTestParameters(propose_gitignore, translate) {
	static struct translate_case cases[] = {
		{ "a name is at any depth", "", "dist", "**/dist", false },
		{ "a slash in front anchors", "", "/dist", "dist", false },
		{ "a slash inside anchors", "", "a/b", "a/b", false },
		{ "a slash behind is for directories", "", "dist/", "**/dist", true },
		{ "both", "", "/dist/", "dist", true },
		{ "below its directory", "web", "dist", "web/**/dist", false },
		{ "anchored there", "web/app", "/dist", "web/app/dist", false },
		{ "an exception", "", "!keep.me", "!**/keep.me", false },
		{ "an exception below", "web", "!/keep", "!web/keep", false },
		{ "stars", "", "*.py[co]", "**/*.py[co]", false },
		{ "a negated class", "", "[!a]x", "**/[^a]x", false },
		{ "leading stars", "", "**/x", "**/x", false },
		{ "all that is inside", "", "a/**", "a/**", false },
		{ "stars between", "", "a/**/b", "a/**/b", false },
		{ "an escaped mark", "", "\\#x", "**/\\#x", false },
		{ "blanks behind are nothing", "", "x  ", "**/x", false },
		{ "a line end of two bytes", "", "x\r", "**/x", false },
	};
	return cr_make_param_array(struct translate_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct translate_case *c, propose_gitignore, translate) {
	struct arena *a = arena_create();
	struct git_rule rule;

	cr_assert(gitignore_translate(a, str_from(c->dir), str_from(c->line), &rule), "%s", c->why);
	EXPECT_STR(rule.pattern, c->pattern);
	cr_expect(eq(int, rule.only_dirs, c->only_dirs), "%s", c->why);
	arena_destroy(a);
}

struct silent_case {
	char why[60], dir[20], line[40];
};

ParameterizedTestParameters(propose_gitignore, what_cannot_be_said_is_not) {
	static struct silent_case cases[] = {
		{ "a comment", "", "# x" },
		{ "a blank line", "", "   " },
		{ "nothing but a slash", "", "/" },
		{ "a blank at the end that counts", "", "x\\ " },
		{ "stars that git takes for one", "", "a**b" },
		{ "a class of POSIX", "", "[[:digit:]]" },
		{ "syntax of a regexp", "", "*{2}" },
		{ "a directory whose name is a pattern", "a[b]", "x" },
	};
	return cr_make_param_array(struct silent_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct silent_case *c, propose_gitignore, what_cannot_be_said_is_not) {
	struct arena *a = arena_create();
	struct git_rule rule;

	cr_expect(not(gitignore_translate(a, str_from(c->dir), str_from(c->line), &rule)), "%s",
			c->why);
	arena_destroy(a);
}

struct lower_case {
	char why[60], above[20], pattern[40], want[40];
};

ParameterizedTestParameters(propose_gitignore, lower) {
	static struct lower_case cases[] = {
		{ "of the root itself", "", "dist", "dist" },
		{ "at any depth", "apps/api", "**/dist", "**/dist" },
		{ "the way is taken off", "apps/api", "apps/api/dist", "dist" },
		{ "with wildcards in it", "apps/api", "apps/*/dist", "dist" },
		{ "an exception", "apps/api", "!apps/api/keep", "!keep" },
		{ "stars on the way", "apps/api", "apps/**/dist", "**/dist" },
		{ "another directory", "apps/api", "apps/web/dist", "" },
		{ "of the top alone", "apps/api", "dist", "" },
		{ "the root itself", "apps/api", "apps/api", "" },
		{ "a directory above it", "apps/api", "apps", "" },
	};
	return cr_make_param_array(struct lower_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct lower_case *c, propose_gitignore, lower) {
	struct arena *a = arena_create();
	struct git_rule rule = { .pattern = str_from(c->pattern) };
	bool says = gitignore_lower(a, str_from(c->above), &rule);

	cr_expect(eq(int, says, c->want[0] != '\0'), "%s", c->why);
	if (says) {
		EXPECT_STR(rule.pattern, c->want);
	}
	arena_destroy(a);
}
