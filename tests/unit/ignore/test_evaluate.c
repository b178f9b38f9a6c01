/* Lists of patterns, decided in all three ways by each of our matchers. */
#include "unit/ignore/matchers.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct evaluate_case {
	char why[64], patterns[48], path[32];
	char walk, whole, legacy; /* 'E' excluded, 'K' kept, '!' an error */
};

ParameterizedTestParameters(ignore_evaluate, table) {
	static struct evaluate_case cases[] = {
		{ "no pattern, nothing excluded", "", "a", 'K', 'K', 'K' },
		{ "a literal covers what is below", "build", "build/x/y", 'E', 'E', 'E' },
		{ "and is anchored at the root", "build", "src/build", 'K', 'K', 'K' },
		{ "order matters", "!a\na", "a", 'E', 'E', 'E' },
		{ "an exception after an exclusion", "*.log\n!keep.log", "keep.log", 'K', 'K',
				'K' },
		{ "last match wins", "a\n!a\na", "a", 'E', 'E', 'E' },
		{ "and below too", "a\n!a\na", "a/b", 'E', 'E', 'E' },
		{ "an exception below an exclusion", "a\n!a/b", "a/b/c", 'K', 'K', 'K' },
		{ "its siblings stay out", "a\n!a/b", "a/x", 'E', 'E', 'E' },
		{ "the walk skipped the third at a", "a\n!a/b\na", "a/b", 'K', 'E', 'E' },
		{ "the walk skipped the exception at a", "a/b\n!a", "a/b", 'E', 'K', 'K' },
		{ "the same, as people write it", "**/*.md\n!docs", "docs/x.md", 'E', 'K', 'K' },
		{ "the same with a star", "*\n!a/b\n*", "a/b", 'K', 'E', 'E' },
		{ "contents only", "src/**", "src", 'K', 'K', 'K' },
		{ "children's children follow", "src/*", "src/d/e", 'E', 'E', 'E' },
		{ "legacy tests one ancestor", "**/nm", "nm/p/i.js", 'E', 'E', 'K' },
		{ "which must be deep enough", "**/nm", "nm/i.js", 'E', 'E', 'K' },
		{ "and then finds it", "**/nm", "x/nm/i.js", 'E', 'E', 'E' },
		{ "or does not, when it is deeper", "**/nm", "x/y/nm/i.js", 'E', 'E', 'K' },
		{ "legacy counts the pattern's slashes", "a/../b\nb", "b/x/y", 'E', 'E', 'E' },
		{ "a bad regexp is found when needed", "[z-a]", "b", '!', '!', '!' },
		{ "not when the path is out already", "*\n[z-a]", "a", 'E', 'E', 'E' },
		{ "not when an exception has nothing to do", "a\n![z-a]", "b", 'K', 'K', 'K' },
		{ "but when it has", "a\n![z-a]", "a", '!', '!', '!' },
		{ "in the walk, above the path too", "a\n![z-a]", "a/b", '!', '!', '!' },
		{ "a star takes a newline", "*", "a\nb", 'E', 'E', 'E' },
		{ "the root's dot files too", "*", ".x/y", 'E', 'E', 'E' },
	};
	return cr_make_param_array(struct evaluate_case, cases, sizeof(cases) / sizeof(cases[0]));
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

ParameterizedTest(struct evaluate_case *c, ignore_evaluate, table) {
	for (size_t i = 0; i < nmatchers; i++) {
		const struct matcher *m = &matchers[i];
		void *handle = NULL;
		cr_assert(eq(int, m->parse(str_from(c->patterns), &handle, NULL), TNG_OK));
		cr_expect(eq(chr, ask(m, handle, WALK, c->path), c->walk), "%s: walk, %s", m->name,
				c->why);
		cr_expect(eq(chr, ask(m, handle, WHOLE_PATH, c->path), c->whole), "%s: whole, %s",
				m->name, c->why);
		cr_expect(eq(chr, ask(m, handle, LEGACY, c->path), c->legacy), "%s: legacy, %s",
				m->name, c->why);
		m->destroy(handle);
	}
}

struct decider_case {
	char patterns[32], path[16];
	uint32_t walk, whole; /* index of the pattern that decides */
};

ParameterizedTestParameters(ignore_evaluate, the_pattern_that_decides_is_named) {
	static struct decider_case cases[] = {
		{ "a", "b", IGNORE_NO_PATTERN, IGNORE_NO_PATTERN },
		{ "!a", "a", IGNORE_NO_PATTERN, IGNORE_NO_PATTERN },
		{ "a", "a/b", 0, 0 },
		/* an exclusion that can change nothing is not even tried */
		{ "a\n*", "a", 0, 0 },
		{ "*\n!a\na", "a", 2, 2 },
		{ "a\n!a/b", "a/b/c", 1, 1 },
		/* but one that matched the parent is still there */
		{ "a/b\na\n!a/c", "a/b", 1, 0 },
		{ "a\n\n#\n!a", "a", 1, 1 },
	};
	return cr_make_param_array(struct decider_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct decider_case *c, ignore_evaluate, the_pattern_that_decides_is_named) {
	for (size_t i = 0; i < nmatchers; i++) {
		const struct matcher *m = &matchers[i];
		struct verdict v = { false, 0 };
		void *handle = NULL;
		cr_assert(eq(int, m->parse(str_from(c->patterns), &handle, NULL), TNG_OK));
		cr_assert(eq(int, m->decide(handle, WALK, str_from(c->path), &v, NULL), TNG_OK));
		cr_expect(eq(u32, v.pattern, c->walk), "%s: walk, %s", m->name, c->patterns);
		cr_assert(eq(int, m->decide(handle, WHOLE_PATH, str_from(c->path), &v, NULL),
				TNG_OK));
		cr_expect(eq(u32, v.pattern, c->whole), "%s: whole, %s", m->name, c->patterns);
		m->destroy(handle);
	}
}

Test(ignore_evaluate, an_error_names_the_line_and_column_of_its_pattern) {
	for (size_t i = 0; i < nmatchers; i++) {
		const struct matcher *m = &matchers[i];
		struct tng_error err = { 0 }, late = { 0 };
		struct verdict v;
		void *handle = NULL;

		cr_expect(eq(int, m->parse(STR("a\n\n  [\n"), &handle, &err), TNG_ESYNTAX));
		cr_expect(eq(u32, err.line, 3));
		cr_expect(eq(u32, err.column, 3));
		cr_expect_str_eq(err.text, "syntax error in pattern");

		cr_assert(eq(int, m->parse(STR("a\n\t[z-a]"), &handle, NULL), TNG_OK));
		cr_expect(eq(int, m->decide(handle, WALK, STR("b"), &v, &late), TNG_ESYNTAX));
		cr_expect(eq(u32, late.line, 2));
		cr_expect(eq(u32, late.column, 2));
		m->destroy(handle);
	}
}
