/* Answers of `git check-ignore` 2.39; tests/oracle/diff_git.py asks it many more. */
#include "vcs/glob.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct glob_case {
	char why[48], pattern[24], path[24];
	bool takes;
};

ParameterizedTestParameters(vcs_glob, table) {
	static struct glob_case cases[] = {
		{ "text is itself", "a/b", "a/b", true },
		{ "a prefix is not enough", "a/b", "a/bc", false },
		{ "nothing takes nothing", "", "", true },
		{ "a star takes no slash", "a*c", "a/c", false },
		{ "a star takes nothing too", "a*c", "ac", true },
		{ "stars share the bytes", "*a*b", "xaaabxb", true },
		{ "a star is held by its component", "a*/b", "ax/y/b", false },
		{ "a question mark takes one byte", "?", "ab", false },
		{ "a question mark takes no slash", "a?b", "a/b", false },
		{ "two stars take no component", "a/**/b", "a/b", true },
		{ "two stars take many components", "a/**/b", "a/x/y/b", true },
		{ "two stars begin", "**/b", "x/y/b", true },
		{ "two stars take whole components", "**/b", "xb", false },
		{ "two stars end", "a/**", "a/x/y", true },
		{ "two stars at the end want something", "a/**", "a", false },
		{ "two stars in a word are one", "a**c", "a/c", false },
		{ "a later pair is tried again", "**/a/**/b/c", "a/b/x/a/b/b/c", true },
		{ "a set", "[a-c]x", "bx", true },
		{ "a set takes no slash", "a[/b]c", "a/c", false },
		{ "a negated set takes no slash", "a[!b]c", "a/c", false },
		{ "both signs negate", "[^a]", "b", true },
		{ "a bracket first is itself", "[]a]", "]", true },
		{ "a dash at the end is itself", "[a-]", "-", true },
		{ "a class", "[[:digit:]]", "7", true },
		{ "a class that is none", "[[:digits:]]", "7", false },
		{ "a range backwards takes its start", "[z-a]", "z", true },
		{ "an escaped byte in a set", "[\\]]", "]", true },
		{ "an open set takes nothing", "[a", "[a", false },
		{ "an escaped star", "a\\*", "a*", true },
		{ "an escaped star is no star", "a\\*", "ab", false },
		{ "a backslash at the end takes nothing", "a\\", "a\\", false },
	};
	return cr_make_param_array(struct glob_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct glob_case *c, vcs_glob, table) {
	bool takes = glob_takes(str_from(c->pattern), str_from(c->path), false);

	cr_assert(takes == c->takes, "%s: %s on %s", c->why, c->pattern, c->path);
}

Test(vcs_glob, case_is_folded_when_asked) {
	cr_assert(glob_takes(STR("A[b-d]*"), STR("aCx"), true));
	cr_assert(not(glob_takes(STR("A*"), STR("ax"), false)));
}

Test(vcs_glob, many_stars_end_soon, .timeout = 10) {
	char pattern[200], path[4000];

	memset(path, 'a', sizeof(path));
	for (size_t i = 0; i < sizeof(pattern); i += 2) {
		pattern[i] = '*';
		pattern[i + 1] = 'a';
	}
	pattern[sizeof(pattern) - 1] = 'b';
	cr_assert(not(glob_takes(
			str_make(pattern, sizeof(pattern)), str_make(path, sizeof(path)), false)));
}
