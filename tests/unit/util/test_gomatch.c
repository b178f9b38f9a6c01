#include "util/gomatch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct gomatch_case {
	char pattern[24], name[24];
	enum gomatch result;
};

/* answers of Go 1.19's filepath.Match */
ParameterizedTestParameters(util_gomatch, table) {
	static struct gomatch_case cases[] = {
		{ "abc", "abc", GOMATCH_YES },
		{ "*", "abc", GOMATCH_YES },
		{ "*", "a/b", GOMATCH_NO },
		{ "*c", "abc", GOMATCH_YES },
		{ "a*", "ab/c", GOMATCH_NO },
		{ "a*/b", "abc/b", GOMATCH_YES },
		{ "a*/b", "a/c/b", GOMATCH_NO },
		{ "a*b*c*d*e*/f", "axbxcxdxe/f", GOMATCH_YES },
		{ "a*b?c*x", "abxbbxdbxebxczzx", GOMATCH_YES },
		{ "a*b?c*x", "abxbbxdbxebxczzy", GOMATCH_NO },
		{ "ab[c]", "abc", GOMATCH_YES },
		{ "ab[b-d]", "abc", GOMATCH_YES },
		{ "ab[^c]", "abc", GOMATCH_NO },
		{ "ab[^e-g]", "abc", GOMATCH_YES },
		{ "a\\*b", "a*b", GOMATCH_YES },
		{ "a\\*b", "ab", GOMATCH_NO },
		{ "a?b",
				"a\xe2\x98\xba"
				"b",
				GOMATCH_YES },
		{ "a???b",
				"a\xe2\x98\xba"
				"b",
				GOMATCH_NO },
		{ "[a-\xce\xb6]*", "\xce\xb1", GOMATCH_YES },
		{ "a?b", "a/b", GOMATCH_NO },
		{ "*bc*d", "a/bc-d", GOMATCH_NO },
		{ "*bc*d", "aabc/d", GOMATCH_NO },
		{ "*ab*", "xaab", GOMATCH_YES },
		{ "a*b", "a/b", GOMATCH_NO },
		{ "ab*", "a", GOMATCH_NO },
		{ "ab", "xab", GOMATCH_NO },
		{ "*x", "xxx", GOMATCH_YES },
		{ "[\\]a]", "]", GOMATCH_YES },
		{ "[x\\-]", "-", GOMATCH_YES },
		{ "[]a]", "]", GOMATCH_BAD },
		{ "[-]", "-", GOMATCH_BAD },
		{ "[x-]", "x", GOMATCH_BAD },
		{ "\\", "a", GOMATCH_BAD },
		{ "[", "a", GOMATCH_BAD },
		{ "[^bc", "a", GOMATCH_BAD },
		{ "a[", "a", GOMATCH_BAD },
		{ "a[", "ab", GOMATCH_BAD },
		{ "x*[", "y", GOMATCH_NO },
		{ "*[", ".", GOMATCH_BAD },
		{ "", "", GOMATCH_YES },
		{ "", "a", GOMATCH_NO },
	};
	return cr_make_param_array(struct gomatch_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct gomatch_case *c, util_gomatch, table) {
	cr_expect(eq(int, (int)gomatch(str_from(c->pattern), str_from(c->name)), (int)c->result),
			"%s against %s", c->pattern, c->name);
}

Test(util_gomatch, an_escaped_wildcard_is_none) {
	cr_expect(gomatch_has_wildcard(STR("a*")));
	cr_expect(gomatch_has_wildcard(STR("[")));
	cr_expect(not(gomatch_has_wildcard(STR("a\\*\\?b"))));
	cr_expect(not(gomatch_has_wildcard(STR("a\\"))));
}
