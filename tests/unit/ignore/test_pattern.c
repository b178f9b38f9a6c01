#include "ignore/internal.h"
#include "util/gomatch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

/* Compile one that must compile. */
static struct pattern compile(struct arena *a, const char *text) {
	struct pattern p = { 0 };
	bool is_empty = true;
	enum tng_code code = pattern_compile(a, str_from(text), &p, &is_empty, NULL);

	cr_assert(eq(int, code, TNG_OK), "%s", text);
	cr_assert(not(is_empty));
	return p;
}

struct compile_case {
	char string[32], text[32];
	bool is_exception;
	enum ignore_route route;
	char regexp[64]; /* regexp route only */
};

ParameterizedTestParameters(ignore_pattern, translation) {
	static struct compile_case cases[] = {
		{ "a", "a", false, IGNORE_ROUTE_EXACT, "" },
		{ " ./a//b/ ", "a/b", false, IGNORE_ROUTE_EXACT, "" },
		{ "/a", "/a", false, IGNORE_ROUTE_EXACT, "" },
		{ "!a", "a", true, IGNORE_ROUTE_EXACT, "" },
		{ "! a", " a", true, IGNORE_ROUTE_EXACT, "" },
		{ "!!a", "!a", true, IGNORE_ROUTE_EXACT, "" },
		{ "!a/../../b", "../b", false, IGNORE_ROUTE_EXACT, "" },
		{ "a{2}|^b+(c)$.", "a{2}|^b+(c)$.", false, IGNORE_ROUTE_EXACT, "" },
		{ "a**", "a**", false, IGNORE_ROUTE_PREFIX, "" },
		{ "a/**", "a/**", false, IGNORE_ROUTE_PREFIX, "" },
		{ "**", "**", false, IGNORE_ROUTE_SUFFIX, "" },
		{ "**/a", "**/a", false, IGNORE_ROUTE_SUFFIX, "" },
		{ "**a.b", "**a.b", false, IGNORE_ROUTE_SUFFIX, "" },
		{ "*", "*", false, IGNORE_ROUTE_REGEXP, "^[^/]*$" },
		{ "a?.c", "a?.c", false, IGNORE_ROUTE_REGEXP, "^a[^/]\\.c$" },
		{ "***", "***", false, IGNORE_ROUTE_REGEXP, "^(.*/)?[^/]*$" },
		{ "a**b", "a**b", false, IGNORE_ROUTE_REGEXP, "^a(.*/)?b$" },
		{ "a**/b", "a**/b", false, IGNORE_ROUTE_REGEXP, "^a(.*/)?b$" },
		{ "**/a*", "**/a*", false, IGNORE_ROUTE_REGEXP, "^(.*/)?a[^/]*$" },
		{ "**/a**", "**/a**", false, IGNORE_ROUTE_REGEXP, "^(.*/)?a.*$" },
		{ "*/**", "*/**", false, IGNORE_ROUTE_REGEXP, "^[^/]*/.*$" },
		{ "*.{a|b}^$", "*.{a|b}^$", false, IGNORE_ROUTE_REGEXP, "^[^/]*\\.{a|b}^\\$$" },
		{ "f(1)+*", "f(1)+*", false, IGNORE_ROUTE_REGEXP, "^f\\(1\\)\\+[^/]*$" },
		{ "\\*\\d\\\\", "\\*\\d\\\\", false, IGNORE_ROUTE_REGEXP, "^\\*\\d\\\\$" },
		{ "[*]", "[*]", false, IGNORE_ROUTE_REGEXP, "^[[^/]*]$" },
		{ "]", "]", false, IGNORE_ROUTE_REGEXP, "^]$" },
		{ "x*\\", "x*\\", false, IGNORE_ROUTE_REGEXP, "^x[^/]*\\$" },
		{ "\xFF*", "\xFF*", false, IGNORE_ROUTE_REGEXP, "^\xEF\xBF\xBD[^/]*$" },
		{ "\xEF\xBB\xBF*", "\xEF\xBB\xBF*", false, IGNORE_ROUTE_REGEXP, "^[^/]*$" },
		{ "\xEF\xBB\xBF**", "\xEF\xBB\xBF**", false, IGNORE_ROUTE_SUFFIX, "" },
	};
	return cr_make_param_array(struct compile_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct compile_case *c, ignore_pattern, translation) {
	struct arena *a = arena_create();
	struct pattern p = compile(a, c->string);

	cr_expect(str_eq(p.pub.text, str_from(c->text)), "%s: %.*s", c->string,
			STR_FMT(p.pub.text));
	cr_expect(eq(int, p.pub.is_exception, c->is_exception), "%s", c->string);
	cr_expect(eq(int, p.pub.route, c->route), "%s", c->string);
	cr_expect(str_eq(p.regexp_text, str_from(c->regexp)), "%s: %.*s", c->string,
			STR_FMT(p.regexp_text));
	regexp_destroy(p.regexp);
	arena_destroy(a);
}

Test(ignore_pattern, a_blank_string_is_no_pattern) {
	struct arena *a = arena_create();
	struct pattern p = { .pub.line = 7 };
	bool is_empty = false;

	cr_assert(eq(int, pattern_compile(a, STR(" \t\xC2\xA0"), &p, &is_empty, NULL), TNG_OK));
	cr_expect(is_empty);
	cr_expect(eq(u32, p.pub.line, 7), "untouched");
	arena_destroy(a);
}

struct refused_case {
	char string[16], message[40];
};

ParameterizedTestParameters(ignore_pattern, refused) {
	static struct refused_case cases[] = {
		{ "!", "illegal exclusion pattern: \"!\"" },
		{ " ! ", "illegal exclusion pattern: \"!\"" },
		{ "!/", "illegal exclusion pattern: \"!\"" },
		{ "!//", "illegal exclusion pattern: \"!\"" },
		{ "!/.", "illegal exclusion pattern: \"!\"" },
		{ "[", "syntax error in pattern" },
		{ "![", "syntax error in pattern" },
		{ "dir\\", "syntax error in pattern" },
		{ "dir\\/", "syntax error in pattern" },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct refused_case *c, ignore_pattern, refused) {
	struct arena *a = arena_create();
	struct tng_error err = { 0 };
	struct pattern p;
	bool is_empty;
	enum tng_code code = pattern_compile(a, str_from(c->string), &p, &is_empty, &err);

	cr_expect(eq(int, code, TNG_ESYNTAX), "%s", c->string);
	cr_expect_str_eq(err.text, c->message);
	arena_destroy(a);
}

struct syntax_case {
	char pattern[16];
	bool is_bad;
};

ParameterizedTestParameters(ignore_syntax, table) {
	static struct syntax_case cases[] = {
		{ "a", false },
		{ "", false },
		{ "*", false },
		{ "a]", false },
		{ "[ab]", false },
		{ "[^ab]", false },
		{ "[z-a]", false },
		{ "[\\]]", false },
		{ "[a\\-z]", false },
		{ "\\[", false },
		{ "[[:foo:]]", false },
		{ "[", true },
		{ "a[", true },
		{ "[a", true },
		{ "[]", true },
		{ "[]a]", true },
		{ "[^]", true },
		{ "[^]a]", true },
		{ "[a-]", true },
		{ "[-a]", true },
		{ "[a-b-c]", true },
		{ "[a\\", true },
		{ "\\", true },
		{ "a\\", true },
		{ "[\xFF]", true },
		{ "[a-\xC3]", true },
		{ "[\xEF\xBF\xBD]", false },
		{ "[\xC3\xA9]", false },
		/* a later piece only counts when all before it match "." */
		{ "x*[", false },
		{ "x*[]a]", false },
		{ "x*\\", false },
		{ "*x*[", false },
		{ "..*[", false },
		{ ".*[", true },
		{ "?*[", true },
		{ "*[", true },
		{ "*.*[", true },
		{ "*?*[", true },
		{ "\\.*[", true },
		{ "[.]*[", true },
		{ "[^a]*[", true },
		{ "[^.]*[", false },
		{ "[+-/]*\\", true },
		{ ".*a*[", false },
		/* brackets hide a star, and a bracket that is escaped is none */
		{ "[*]*[", false },
		{ ".[*", true },
		{ "\\[*[", false },
		{ "x[a]*[", false },
	};
	return cr_make_param_array(struct syntax_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct syntax_case *c, ignore_syntax, table) {
	cr_expect(eq(int, gomatch(str_from(c->pattern), STR(".")) == GOMATCH_BAD, c->is_bad), "%s",
			c->pattern);
}

struct match_case {
	char why[56], pattern[32], path[24];
	bool matches;
};

ParameterizedTestParameters(ignore_pattern, matching) {
	static struct match_case cases[] = {
		{ "case counts", "Build", "build", false },
		{ "a literal is the whole path", "build", "build/x", false },
		{ "a slash in front never matches", "/build", "build", false },
		{ "a star does not cross a slash", "*.log", "d/a.log", false },
		{ "a star may be empty", "*.log", ".log", true },
		{ "a star takes a newline", "*", "a\nb", true },
		{ "? is one character, not one byte", "?", "\xC3\xA9", true },
		{ "? is one invalid byte", "?", "\xC3", true },
		{ "? is no slash", "a?b", "a/b", false },
		{ "dir/** is what is below", "src/**", "src/a/b", true },
		{ "not the directory", "src/**", "src", false },
		{ "src** is a prefix", "src**", "srcx/y", true },
		{ "**/a wants a whole name", "**/a", "xa", false },
		{ "**/a is a at the root too", "**/a", "a", true },
		{ "**a is a suffix", "**a", "xa", true },
		{ "**.log too", "**.log", "d/a.log", true },
		{ "not so with a second wildcard", "**.lo?", "d/a.log", false },
		{ "but the bare name", "**.lo?", "d/.log", true },
		{ "nor with an escape", "**\\.log", "a.log", false },
		{ "a**b spans directories", "a**b", "a/x/b", true },
		{ "only whole ones", "a**b", "axb", false },
		{ "or none", "a**/b", "ab", true },
		{ "*** is ** and *", "***", "a/b", true },
		{ "*/** wants a slash", "*/**", "a", false },
		{ "**/*/x wants a directory", "**/*/x", "x", false },
		{ "** in a regexp stops at a newline", "**/foo?", "a\nb/foox", false },
		{ "as a suffix it does not", "**/foo", "a\nb/foo", true },
		{ "nor as a prefix", "a/**", "a/b\nc", true },
		{ "! does not negate a class", "[!a]", "b", false },
		{ "it is a member", "[!a]", "!", true },
		{ "^ does, and takes a slash", "x[^a]y", "x/y", true },
		{ "hidden from the check, ] is literal", "x*[]a]", "x]", true },
		{ "a hidden backslash escapes the end", "x*\\", "x$", true },
		{ "a star in brackets is expanded", "[*]", "*", false },
		{ "so this is [ ^ / and ]", "[*]", "[]", true },
		{ "classes have names", "[[:digit:]]", "7", true },
		{ "a slash in a class", "[a/b]c", "/c", true },
		{ "an escaped star", "\\*", "*", true },
		{ "\\d is a digit", "\\d", "7", true },
		{ "\\d is no d", "\\d", "d", false },
		{ "\\b is a boundary", "a\\b", "ab", false },
		{ "plus is literal", "a+b*", "a+b", true },
		{ "parentheses are", "f(1)*", "f(1)", true },
		{ "dollar is", "a$*", "a$", true },
		{ "a pipe is in the exact route", "foo|bar", "foo|bar", true },
		{ "elsewhere it parts", "foo|bar*", "foozle/x", true },
		{ "no anchor holds its second branch", "foo|bar*", "x/bart", true },
		{ "but the end", "foo|bar*", "bar/x", false },
		{ "an empty branch matches all", "*|", "a/b", true },
		{ "braces do not list", "*.{js,ts}", "a.js", false },
		{ "they are literal when no count", "*.{js,ts}", "a.{js,ts}", true },
		{ "else they count", "a{2}*", "aab", true },
		{ "a caret is literal in the exact route", "^a", "^a", true },
		{ "an anchor elsewhere", "^a*", "ab", true },
		{ "which can spoil all", "a^b*", "a^b", false },
		{ "bytes are compared in the exact route", "\xFF", "\xFE", false },
		{ "characters in a regexp", "\xFF*", "\xFE", true },
		{ "U+FFFD is any invalid byte there", "\xEF\xBF\xBD*", "\xFE", true },
		{ "a BOM is dropped from a regexp",
				"\xEF\xBB\xBF"
				"a*",
				"ab", true },
		{ "and kept elsewhere",
				"\xEF\xBB\xBF"
				"a",
				"a", false },
		{ "half a BOM is taken for stars", "\xEF\xBB\xBF**a", "x\xBF**a", true },
		{ "\\Q takes it all", "a\\Q*", "a[^/]*$", true },
		{ "\\Q...\\E", "\\Qa*\\E*", "a[^/]*b", true },
	};
	return cr_make_param_array(struct match_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct match_case *c, ignore_pattern, matching) {
	struct arena *a = arena_create();
	struct regexp_scratch *scratch = regexp_scratch_create();
	struct pattern p = compile(a, c->pattern);
	bool matches = !c->matches;
	enum tng_code code = pattern_matches(&p, scratch, str_from(c->path), &matches, NULL);

	cr_assert(eq(int, code, TNG_OK), "%s", c->why);
	cr_expect(eq(int, matches, c->matches), "%s", c->why);
	regexp_destroy(p.regexp);
	regexp_scratch_destroy(scratch);
	arena_destroy(a);
}

Test(ignore_pattern, a_bad_regexp_is_an_error_when_it_is_used) {
	struct arena *a = arena_create();
	struct regexp_scratch *scratch = regexp_scratch_create();
	struct pattern p = compile(a, "\\\xC3\xA9");
	struct tng_error err = { 0 };
	bool matches;

	cr_assert(p.pub.bad_regexp != NULL);
	cr_expect(p.regexp == NULL);
	cr_expect(eq(int, pattern_matches(&p, scratch, STR("a"), &matches, &err), TNG_ESYNTAX));
	cr_expect_str_eq(err.text, "syntax error in pattern");
	regexp_scratch_destroy(scratch);
	arena_destroy(a);
}

Test(ignore_pattern, every_failed_allocation_is_reported) {
	enum tng_code code = TNG_ENOMEM;

	for (size_t n = 0; code != TNG_OK; n++) {
		struct arena *a = arena_create();
		struct pattern p = { 0 };
		bool is_empty;
		arena_fail_after(a, n);
		code = pattern_compile(a, STR("!a/**/b*"), &p, &is_empty, NULL);
		cr_assert(code == TNG_OK || (code == TNG_ENOMEM && p.regexp == NULL));
		regexp_destroy(p.regexp);
		arena_destroy(a);
	}
}
