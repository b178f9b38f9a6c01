#include "ignore/internal.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

/* NULL when it compiles. */
static const char *compile(struct str text, struct regexp **re) {
	const char *bad = "unset";
	enum tng_code code = regexp_compile(text, re, &bad, NULL);

	cr_assert(eq(int, code, TNG_OK), "%.*s", STR_FMT(text));
	cr_assert(eq(int, bad == NULL, *re != NULL));
	return bad;
}

static bool match(struct str text, struct str subject) {
	struct regexp *re = NULL;
	struct regexp_scratch *scratch = regexp_scratch_create();
	const char *bad = compile(text, &re);
	bool matches = false;

	cr_assert(bad == NULL, "%.*s: %s", STR_FMT(text), bad);
	cr_assert(eq(int, regexp_match(re, scratch, subject, &matches, NULL), TNG_OK));
	regexp_scratch_destroy(scratch);
	regexp_destroy(re);
	return matches;
}

struct refused_case {
	char text[40];
	bool is_bad;
};

ParameterizedTestParameters(ignore_regexp, refused) {
	static struct refused_case cases[] = {
		/* classes */
		{ "^[a$", true },
		{ "^[]$", true },
		{ "^[^]$", true },
		{ "^[]a]$", false },
		{ "^[^]a]$", false },
		{ "^[z-a]$", true },
		{ "^[a-]$", false },
		{ "^[-a]$", false },
		{ "^[a-c-e]$", false },
		{ "^[a-\\d]$", true },
		{ "^[\\d-z]$", false },
		{ "^[[:alpha:]]$", false },
		{ "^[[:^alpha:]]$", false },
		{ "^[[:^^alpha:]]$", true },
		{ "^[[:foo:]]$", true },
		{ "^[[:foo]]$", false },
		{ "^[[:foo]x[:]]$", true },
		{ "^[\\b]$", true },
		{ "^[\\Q]$", true },
		{ "^]$", false },
		/* repetition */
		{ "^{2}$", false },
		{ "^a{2}$", false },
		{ "^a{1000}$", false },
		{ "^a{1001}$", true },
		{ "^a{1001,}$", true },
		{ "^a{2,1}$", true },
		{ "^a{0,1001}$", true },
		{ "^a{99999999999999999999}$", true },
		{ "^a{99999999999999999999,x}$", false },
		{ "^a{01001}$", false },
		{ "^a{,2}$", false },
		{ "^a{$", false },
		{ "^a{2}{3}$", true },
		{ "^[^/]*{2}$", true },
		{ "^(.*/)?{2}$", true },
		{ "^a|{2}$", true },
		{ "^\\b{2}$", false },
		{ "^a{2}\\Q\\E{3}$", false },
		{ "^a{40}\\Q\\E{25}$", false },
		{ "^a{40}\\Q\\E{26}$", true },
		{ "^a{40,}\\Q\\E{26,}$", true },
		{ "^a{40}\\Q\\E{0}\\Q\\E{1000}$", false },
		{ "^a{10}\\Q\\E{10}\\Q\\E{11}$", true },
		{ "^a|\\Q\\E{2}$", true },
		/* escapes */
		{ "^\\", true },
		{ "^\\q$", true },
		{ "^\\C$", true },
		{ "^\\E$", true },
		{ "^\\Z$", true },
		{ "^\\G$", true },
		{ "^\\8$", true },
		{ "^\\1$", true },
		{ "^\\7a$", true },
		{ "^\\12$", false },
		{ "^\\0$", false },
		{ "^\\_\\-\\/\\ $", false },
		{ "^\\\xC3\xA9$", true },
		{ "^\\x4$", true },
		{ "^\\x41$", false },
		{ "^\\xg1$", true },
		{ "^\\x{}$", true },
		{ "^\\x{41$", true },
		{ "^\\x{0000000041}$", false },
		{ "^\\x{10FFFF}$", false },
		{ "^\\x{110000}$", true },
		{ "^\\x{D800}$", false },
		{ "^\\Q[({$", false },
		/* properties: Go's names, in Go's spelling */
		{ "^\\pL\\PL\\p{Lu}\\p{^Lu}$", false },
		{ "^\\p{Greek}\\p{Old_North_Arabian}$", false },
		{ "^\\p{C}\\p{Any}\\p{Cs}\\p{Zs}$", false },
		{ "^\\p{greek}$", true },
		{ "^\\p{Grek}$", true },
		{ "^\\p{Letter}$", true },
		{ "^\\p{Cn}$", true },
		{ "^\\p{LC}$", true },
		{ "^\\p{L&}$", true },
		{ "^\\p{}$", true },
		{ "^\\p{^}$", true },
		{ "^\\p{L$", true },
		{ "^\\p$", true },
		{ "^\\pX$", true },
		/* groups */
		{ "^(a)$", false },
		{ "^()$", false },
		{ "^(a$", true },
		{ "^a)$", true },
		{ "^)$", true },
		{ "^(|a)$", false },
		{ "^(a|)$", false },
		{ "^(+a)$", true },
		{ "^(|+)$", true },
		{ "^({2})$", true },
		{ "^a++$", true },
		{ "^a+{2}$", true },
		{ "^[^/]*+$", true },
		{ "^(.*/)?+$", true },
		{ "^([^/]*)+$", false },
		{ "^()+$", false },
		{ "^(^)*a$", false },
		{ "^(\\Qa)$", true },
		{ "^\\(a\\)$", false },
		{ "^[(]$", false },
		{ "^a(/.*)?$", false },
		{ "^(a+)+$", false },
		{ "^(a+){2}$", false },
		{ "^(a{40}){25}$", false },
		{ "^(a{40}){26}$", true },
		{ "^((a{10}){10}){10}$", false },
		{ "^((a{10}){10}){11}$", true },
		{ "^((a{1000}){0}){1000}$", false },
		{ "^(a{40}|b{2}){26}$", true },
		{ "^(a{2}|b{40}){26}$", true },
		{ "^(a|b{40}){1,26}$", true },
		{ "^(a{40,}){26}$", true },
		{ "^(a{40}){26,}$", true },
		{ "^(a{1000})*$", false },
		{ "^(a{500}b{500}){2}$", false },
		/* what no pattern becomes */
		{ "^(?i)a$", true },
		{ "^\xFF$", true },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct refused_case *c, ignore_regexp, refused) {
	struct regexp *re = NULL;
	const char *bad = compile(str_from(c->text), &re);

	cr_expect(eq(int, bad != NULL, c->is_bad), "%s", c->text);
	regexp_destroy(re);
}

struct match_case {
	char text[40], subject[24];
	bool matches;
};

ParameterizedTestParameters(ignore_regexp, matching) {
	static struct match_case cases[] = {
		/* anchors: the text's ends, nothing else */
		{ "^a$", "a\n", false },
		{ "^a$", "b\na", false },
		{ "^^a$", "a", true },
		{ "^a^$", "a", false },
		{ "a\\z", "ba", true },
		{ "\\Aa", "ab", true },
		{ "b|^a$", "xbx", true },
		{ "^a||c$", "z", true },
		/* groups */
		{ "^a+b$", "aab", true },
		{ "^a+b$", "b", false },
		{ "^(a|bc)+$", "abcbca", true },
		{ "^(a|bc)+$", "ab", false },
		{ "^(a+)+$", "aaaa", true },
		{ "^(a+){2}$", "a", false },
		{ "^(a+){2}$", "aa", true },
		{ "^(a{2}){2}$", "aaa", false },
		{ "^(a{2}){2}$", "aaaa", true },
		{ "^(a{2,3}){2}$", "aaaaa", true },
		{ "^(a|)b$", "b", true },
		{ "^()a$", "a", true },
		{ "^(|()){1000}b$", "a", false },
		{ "^(|()){1000}b$", "b", true },
		{ "^(a|){100}b$", "aaa", false },
		{ "^(a){0}b$", "b", true },
		{ "^(^)*a$", "a", true },
		{ "^(b|^)a$", "a", true },
		{ "^x(^a|b)$", "xb", true },
		{ "^x(^a|b)$", "xa", false },
		{ "^foo|bar(/.*)?$", "foox", true },
		{ "^foo|bar(/.*)?$", "xbar/y", true },
		{ "^a(/.*)?$", "a/b\nc", false },
		{ "^((a)(b))$", "ab", true },
		{ "^(\\b)+a$", "a", true },
		{ "^(a*)*b$", "aab", true },
		{ "^((a+)b?)+c$", "aabac", true },
		/* the dot has no newline, classes have */
		{ "^.*$", "a\nb", false },
		{ "^.$", "\r", true },
		{ "^[^a]$", "\n", true },
		{ "^\\s$", "\n", true },
		{ "^\\D$", "\n", true },
		/* ASCII only */
		{ "^\\d$", "\xD9\xA1", false },
		{ "^\\w$", "\xC3\xA9", false },
		{ "^\\W$", "\xC3\xA9", true },
		{ "^\\s$", "\v", false },
		{ "^[[:space:]]$", "\v", true },
		{ "^\\s$", "\xC2\xA0", false },
		{ "^[[:alpha:]]$", "\xC3\xA9", false },
		{ "^[[:^alpha:]]$", "\xC3\xA9", true },
		{ "^[[:word:]]$", "_", true },
		{ "^[[:punct:]]$", "~", true },
		{ "^[[:ascii:]]$", "\x7F", true },
		{ "^[[:cntrl:]]$", "\x7F", true },
		{ "^[[:graph:]]$", " ", false },
		{ "^[[:print:]]$", " ", true },
		{ "^[[:xdigit:]]$", "g", false },
		{ "^a\\b.$", "a-", true },
		{ "^a\\b.$", "ab", false },
		{ "^\xC3\xA9\\b.$",
				"\xC3\xA9"
				"a",
				true },
		{ "^a\\B.$", "ab", true },
		/* classes */
		{ "^[]a]$", "]", true },
		{ "^[^]a]$", "]", false },
		{ "^[a-c-e]$", "-", true },
		{ "^[a-c-e]$", "d", false },
		{ "^[\\d-z]$", "-", true },
		{ "^[[:foo]]$", ":]", true },
		{ "^[^\\D]$", "7", true },
		{ "^[^\\d\\D]$", "7", false },
		{ "^[\\x00-\\x{10FFFF}]$", "\xF4\x8F\xBF\xBF", true },
		{ "^[\\]\\-]$", "-", true },
		{ "^[\\n]$", "\n", true },
		{ "^[a^]$", "^", true },
		/* repetition */
		{ "^a{2}$", "aa", true },
		{ "^a{2}$", "aaa", false },
		{ "^a{2,}$", "aaa", true },
		{ "^a{2,3}$", "aaaa", false },
		{ "^a{0}$", "", true },
		{ "^a{0}$", "a", false },
		{ "^ab{2}$", "abb", true },
		{ "^a{,2}$", "a{,2}", true },
		{ "^a{02}$", "a{02}", true },
		{ "^{2}a$", "a", true },
		{ "^a\\b{0}b$", "ab", true },
		{ "^a\\b{1,}b$", "ab", false },
		{ "^a{2}\\Q\\E{2}$", "aaaa", true },
		{ "^a{2}\\Q\\E{2}$", "aaa", false },
		{ "^a{2}\\Q\\E{0,}$", "aaa", false },
		{ "^a{2,3}\\Q\\E{0,1}$", "a", false },
		{ "^a{2,3}\\Q\\E{2,3}$", "aaaaaaaaa", true },
		{ "^a{4,5}\\Q\\E{1,2}$", "aaaaaa", false },
		{ "^a{4,5}\\Q\\E{4,5}$", "aaaaaaaaaaaaaaaaaaaaa", true },
		{ "^(.*/)?\\Q\\E{3}b$", "a/b", true },
		{ "^(.*/)?b$", "b", true },
		{ "^(.*/)?b$", "ab", false },
		/* escapes */
		{ "^\\x41\\x{42}\\103\\Qa.\\E$", "ABCa.", true },
		{ "^\\0$", "x", false },
		{ "^\\a\\f\\n\\r\\t\\v$", "\a\f\n\r\t\v", true },
		{ "^\\777$", "\xC7\xBF", true },
		{ "^\\1234$", "S4", true },
		{ "^\\Q\\\\E$", "\\", true },
		{ "^\\Qa$", "a$", true },
		{ "^\\.\\_\\/\\{$", "._/{", true },
		{ "^\\x{D800}$", "\xED\xA0\x80", false },
		{ "^[^\\x{D800}]$", "a", true },
		{ "^[\\x{D800}-\\x{E000}]$", "\xEE\x80\x80", true },
		/* properties */
		{ "^\\pL$", "\xC3\xA9", true },
		{ "^\\PL$", "1", true },
		{ "^\\p{^Greek}$", "\xCE\xA9", false },
		{ "^\\P{^Greek}$", "\xCE\xA9", true },
		{ "^[\\p{Lu}\\p{Nd}]$", "7", true },
		{ "^[^\\p{Lu}]$", "A", false },
		{ "^[^\\P{Lu}]$", "A", true },
		{ "^\\p{C}$", "\n", true },
		{ "^\\p{C}$", "\xCD\xB8", false }, /* U+0378 is unassigned: no Cn in Go's C */
		{ "^\\P{C}$", "\xCD\xB8", true },
		{ "^[\\P{C}]$", "\n", false },
		{ "^[^\\P{C}]$", "\n", true },
		{ "^\\P{Any}$", "a", false },
		{ "^\\p{Han}$", "\xE3\x80\x81",
				false }, /* U+3001: Han is among its extensions only */
		/* invalid bytes are U+FFFD, each by itself */
		{ "^\xEF\xBF\xBD$", "\xFF", true },
		{ "^.{2}$", "\xE2\x82", true },
		{ "^.{3}$", "\xED\xA0\x80", true },
		{ "^[^/]$", "\xC3\xA9", true },
		{ "^a.b$",
				"a\xFF"
				"b",
				true },
	};
	return cr_make_param_array(struct match_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct match_case *c, ignore_regexp, matching) {
	cr_expect(eq(int, match(str_from(c->text), str_from(c->subject)), c->matches), "%s on %s",
			c->text, c->subject);
}

Test(ignore_regexp, nul_is_a_character_like_others) {
	cr_expect(match(STR("^a\0b$"), STR("a\0b")));
	cr_expect(match(STR("^a\\x00b$"), STR("a\0b")));
	cr_expect(match(STR("^a.b$"), STR("a\0b")));
	cr_expect(not(match(STR("^a.b$"), STR("a\0c"))));
}

/* "^", n times `unit`, `end`. */
static struct str repeat(struct buf *b, const char *unit, size_t n, const char *end) {
	buf_clear(b);
	buf_putc(b, '^');
	for (size_t i = 0; i < n; i++) {
		buf_append(b, str_from(unit));
	}
	buf_append(b, str_from(end));
	return buf_str(b);
}

static bool is_refused(unsigned depth, const char *inner, const char *close) {
	struct buf text = { 0 };
	struct regexp *re = NULL;

	buf_putc(&text, '^');
	for (unsigned i = 0; i < depth; i++) {
		buf_putc(&text, '(');
	}
	buf_append(&text, str_from(inner));
	for (unsigned i = 0; i < depth; i++) {
		buf_append(&text, str_from(close));
	}
	buf_append(&text, STR("(/.*)?$"));
	bool refused = compile(buf_str(&text), &re) != NULL;
	regexp_destroy(re);
	buf_fini(&text);
	return refused;
}

Test(ignore_regexp, groups_nest_as_deep_as_go_lets_them) {
	cr_expect(not(is_refused(998, "a", ")")));
	cr_expect(is_refused(999, "a", ")"));
	cr_expect(not(is_refused(998, "ab", ")")));
	cr_expect(is_refused(999, "ab", ")"));
	cr_expect(not(is_refused(499, "a", ")+")));
	cr_expect(is_refused(500, "a", ")+"));
	cr_expect(is_refused(100000, "a", ""));
}

Test(ignore_regexp, groups_in_groups_cannot_hang_the_matcher) {
	struct buf subject = { 0 };
	struct str path = repeat(&subject, "a", 250, "x");

	cr_expect(not(match(STR("^(((a+)+)+)+$"), str_skip(path, 1))));
	cr_expect(not(match(STR("^((a|aa)+b?)+$"), str_skip(path, 1))));
	cr_expect(match(STR("^((a|aa)+b?)+x$"), str_skip(path, 1)));
	buf_fini(&subject);
}

Test(ignore_regexp, many_stars_cannot_hang_the_matcher) {
	struct buf text = { 0 }, subject = { 0 };
	struct str path = repeat(&subject, "a", 250, "bx");
	struct str stars = repeat(&text, "[^/]*a", 30, "[^/]*b$");

	cr_expect(not(match(stars, str_skip(path, 1))));
	cr_expect(match(stars, str_make(path.ptr + 1, path.len - 2)));
	cr_expect(not(match(repeat(&text, "(.*/)?a", 30, "(.*/)?b$"), str_skip(path, 1))));
	cr_expect(not(match(repeat(&text, "[^/]{0,20}", 4, "b$"), str_skip(path, 1))));
	buf_fini(&text);
	buf_fini(&subject);
}

Test(ignore_regexp, thousands_of_repetitions_in_a_row_are_no_deep_nest) {
	struct buf text = { 0 };
	struct regexp *re = NULL;

	cr_expect(match(repeat(&text, "a{0,}\\Q\\E{0,1}|", 1, "a{0,}$"), STR("aaaa")));
	struct str nest = repeat(&text, "{0,1}\\Q\\E{1,}\\Q\\E", 400, "a$");
	cr_expect(match(nest, STR("a")));
	/* Go stops at 1000 levels, the concatenation is one of them */
	(void)repeat(&text, "", 0, "a");
	for (size_t i = 0; i < 998; i++) {
		buf_append(&text, STR("{1}\\Q\\E"));
	}
	cr_expect(compile(buf_str(&text), &re) == NULL);
	regexp_destroy(re);
	buf_append(&text, STR("{1}"));
	cr_expect(compile(buf_str(&text), &re) != NULL);
	buf_fini(&text);
}

Test(ignore_regexp, an_expression_of_more_instructions_than_go_takes_is_refused) {
	struct buf text = { 0 };
	struct regexp *re = NULL;

	/* 3,355,443 instructions; the ends are one each */
	cr_expect(compile(repeat(&text, "a{1000}", 3355, "a{441}$"), &re) == NULL);
	regexp_destroy(re);
	cr_expect(compile(repeat(&text, "a{1000}", 3355, "a{442}$"), &re) != NULL);
	buf_fini(&text);
}

Test(ignore_regexp, what_pcre2_cannot_hold_is_a_limit_not_an_error_of_syntax) {
	struct buf text = { 0 };
	struct tng_error err = { 0 };
	struct regexp *re = NULL;
	const char *bad = NULL;
	struct str classes = repeat(&text, "[ac]", 10000, "$");

	cr_expect(eq(int, regexp_compile(classes, &re, &bad, &err), TNG_ELIMIT));
	cr_expect(bad == NULL && re == NULL);
	cr_expect(err.text[0] != '\0');
	buf_fini(&text);
}
