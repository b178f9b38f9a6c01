/* Ignore files by buildah's rules: known answers, asked of both matchers in every way. */
#include "unit/ignore/matchers.h"

#include "support/expect.h"

#include <criterion/parameterized.h>

struct buildah_case {
	char why[64], file[32], path[24];
	char verdict; /* 'E' excluded, 'K' kept, '!' an error in evaluation, 'R' the file is refused */
};

ParameterizedTestParameters(ignore_buildah, table) {
	static struct buildah_case cases[] = {
		{ "a literal covers what is below", "build", "build/x/y", 'E' },
		{ "and is anchored at the root", "build", "src/build", 'K' },
		{ "slashes go before blanks", " /build", "build", 'K' },
		{ "a slash at either end says nothing", "/build/", "build", 'E' },
		{ "cleaning", "./a/../b//", "b/x", 'E' },
		{ "the slash goes before the dots", "/../b", "b", 'K' },
		{ "a lone slash is no pattern", "/", "a", 'K' },
		{ "a comment", "#a", "#a", 'K' },
		{ "an indented one is a pattern", " #a", "#a", 'E' },
		{ "a BOM is dropped by the regexp",
				"\xEF\xBB\xBF"
				"a",
				"a", 'E' },
		{ "but is there for the reader", "\xEF\xBB\xBF# c\n", "# c", 'E' },
		{ "on any line",
				"x\n\xEF\xBB\xBF"
				"a",
				"a", 'E' },
		{ "CRLF", "a\r\n", "a", 'E' },
		{ "a slash before the CR goes in the cleaning", "a/\r\n", "a", 'E' },
		{ "a blank behind the ! is part of the name", "*\n! a", "a", 'E' },
		{ "of which there may be such a file", "*\n! a", " a", 'K' },
		{ "slashes around an exception", "*\n!/a/", "a/x", 'K' },
		{ "only the first ! counts", "*\n!!a", "!a", 'K' },
		{ "a lone ! refuses the file", "!", "a", 'R' },
		{ "a slash makes it no better", "a\n!/", "b", 'R' },
		{ "!. says nothing", "a\n!.", "a", 'E' },
		{ "!x/.. is not even an exception", "a\n!x/..", "a", 'E' },
		{ "contents only", "src/**", "src", 'K' },
		{ "all of them", "src/**", "src/a/b", 'E' },
		{ "no shortcut for what ends so", "**a", "xa", 'K' },
		{ "nor here", "**.log", "d/a.log", 'K' },
		{ "the whole name is needed", "**.log", "d/.log", 'E' },
		{ "a star takes a newline", "*", "a\nb", 'E' },
		{ "what is below a match does not", "a", "a/b\nc", 'K' },
		{ "nor below that", "a", "a/b\nc/d", 'K' },
		{ "unless it matches by itself", "a*/b*", "a/b\nc/d", 'E' },
		{ "a newline in the match is no matter", "a*", "a\nb/c", 'E' },
		{ "two stars take none", "**/foo", "a\nb/foo", 'K' },
		{ "not at the end", "a/**", "a/b\nc", 'K' },
		{ "nor alone", "**", "a/b\nc", 'K' },
		{ "plus is one or more", "a+b", "aab", 'E' },
		{ "and not itself", "a+b", "a+b", 'K' },
		{ "a group", "f(1)", "f1", 'E' },
		{ "is not its brackets", "f(1)", "f(1)", 'K' },
		{ "escaped it is", "f\\(1\\)", "f(1)", 'E' },
		{ "a bar parts the whole pattern", "foo|bar", "foo", 'E' },
		{ "the first branch has no end", "foo|bar", "foozle/x", 'E' },
		{ "the second no start", "foo|bar", "x/bar/y", 'E' },
		{ "a caret is an anchor", "^a", "^a", 'K' },
		{ "which matches at the start", "^a", "a/b", 'E' },
		{ "a count", "a{2}", "aa/b", 'E' },
		{ "a dollar is itself", "a$", "a$", 'E' },
		{ "a question mark is one character", "f?(a)", "fxa", 'E' },
		{ "a group of its own may repeat", "(ab)+", "abab/x", 'E' },
		{ "an open group", "(a", "a", '!' },
		{ "a closed one", "a)", "a", '!' },
		{ "a bad class is met by every path", "a\n[z-a]", "a", '!' },
		{ "and wherever it stands", "b\n![z-a]", "a", '!' },
		{ "a trailing backslash", "x*\\", "y", '!' },
		{ "where filepath.Match sees it", "a\\", "a", 'R' },
		{ "the last match decides", "a\n!a/b\na", "a/b", 'E' },
		{ "an exception for the directory", "a/b\n!a", "a/b", 'K' },
		{ "as people write it", "**/*.md\n!docs", "docs/x.md", 'K' },
		{ "an exception below", "a\n!a/b", "a/b/c", 'K' },
		{ "its siblings stay out", "a\n!a/b", "a/x", 'E' },
	};
	return cr_make_param_array(struct buildah_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static char ask(const struct matcher *m, void *handle, enum question question, const char *path) {
	struct verdict verdict = { false, 0 };
	struct tng_error err = { 0 };
	enum tng_code code = m->decide(handle, question, str_from(path), &verdict, &err);

	if (code == TNG_ESYNTAX) {
		cr_expect(err.line > 0);
		return '!';
	}
	cr_assert(eq(int, code, TNG_OK));
	return verdict.excluded ? 'E' : 'K';
}

ParameterizedTest(struct buildah_case *c, ignore_buildah, table) {
	for (size_t i = 0; i < 2; i++) {
		const struct matcher *m = &buildah_matchers[i];
		void *handle = NULL;
		struct tng_error err = { 0 };
		enum tng_code code = m->parse(str_from(c->file), &handle, &err);
		if (code != TNG_OK) {
			cr_expect(eq(chr, 'R', c->verdict), "%s: %s", m->name, c->why);
			cr_expect(err.line > 0);
			continue;
		}
		for (enum question q = WALK; q <= LEGACY; q++) {
			cr_expect(eq(chr, ask(m, handle, q, c->path), c->verdict), "%s, %d: %s",
					m->name, (int)q, c->why);
		}
		m->destroy(handle);
	}
}

Test(ignore_buildah, a_pattern_knows_its_place_behind_slashes_and_blanks) {
	void *handle = NULL;
	const struct matcher *m = &buildah_matchers[1];

	cr_assert(eq(int, m->parse(STR("\n# c\n// !a/b//\r\n\nc"), &handle, NULL), TNG_OK));
	cr_assert(eq(sz, m->npatterns(handle), 2));
	const struct ignore_pattern *p = m->pattern(handle, 0);
	EXPECT_STR(p->raw, "// !a/b//");
	EXPECT_STR(p->text, "a/b");
	cr_expect(eq(u32, p->line, 3));
	cr_expect(eq(u32, p->column, 4));
	cr_expect(eq(int, p->route, IGNORE_ROUTE_REGEXP));
	cr_expect(eq(u32, m->pattern(handle, 1)->line, 5));
	m->destroy(handle);
}

Test(ignore_buildah, a_line_may_be_of_any_length) {
	static char text[IGNORE_LINE_MAX_BYTES + 8];
	void *handle = NULL;
	const struct matcher *m = &buildah_matchers[1];

	memset(text, 'a', sizeof(text) - 1);
	memcpy(text + sizeof(text) - 4, "\nb*", 3);
	cr_assert(eq(int, m->parse(str_from(text), &handle, NULL), TNG_OK));
	cr_expect(eq(sz, m->npatterns(handle), 2));
	cr_expect(eq(chr, ask(m, handle, WALK, "b"), 'E'));
	cr_expect(eq(chr, ask(m, handle, WALK, "a"), 'K'));
	m->destroy(handle);
}

Test(ignore_buildah, a_pattern_that_only_a_regexp_can_test_must_fit_the_pattern_engine) {
	static char text[IGNORE_LINE_MAX_BYTES + 8];
	void *handle = NULL;
	const struct matcher *m = &buildah_matchers[1];
	struct verdict verdict;
	struct tng_error err = { 0 };

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 2] = '+';
	cr_assert(eq(int, m->parse(str_from(text), &handle, NULL), TNG_OK));
	cr_expect(eq(int, m->decide(handle, WALK, STR("a"), &verdict, &err), TNG_ELIMIT));
	cr_expect(eq(u32, err.line, 1));
	m->destroy(handle);
}
