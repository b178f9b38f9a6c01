#include "ignore/steps.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

/*
 * Steps as letters: n name, g glob, L any components, l components without a newline, T all below,
 * t all below without a newline, D what matched and all below. "slow" and "never" are themselves.
 */
struct steps_case {
	char pattern[24], steps[8];
};

ParameterizedTestParameters(steps, table) {
	static struct steps_case cases[] = {
		{ "a", "n" },
		{ "a/b/c", "nnn" },
		{ "*", "g" },
		{ "?", "g" },
		{ "a/*.c", "ng" },
		{ "*/b", "gn" },
		{ "\xC3\xA9*", "g" },
		{ "x[a-c]", "g" },
		{ "[!a]", "g" },
		/* double stars */
		{ "**", "T" },
		{ "**/a", "Ln" },
		{ "**/a/b", "Lnn" },
		{ "**.log", "Lg" },
		{ "**a/b", "Lgn" },
		{ "a/**", "nT" },
		{ "a/b/**", "nnT" },
		{ "src**", "gD" },
		{ "a/b**", "ngD" },
		{ "**/a?", "lg" },
		{ "**/a*", "lg" },
		{ "a/**/b", "nln" },
		{ "**/a/**", "lnt" },
		{ "*/**", "gt" },
		{ "a?/**/b", "gln" },
		{ "***", "lg" },
		{ "**/**", "lt" },
		/* escapes that are literals, and those that are not */
		{ "\\*", "n" },
		{ "\\#a", "n" },
		{ "a\\?*", "g" },
		{ "\\d", "slow" },
		{ "a\\b", "slow" },
		/* what only a regexp can say */
		{ "a**b", "slow" },
		{ "a**/b", "slow" },
		{ "[^a]", "slow" },
		{ "x[+-0]", "slow" },
		{ "[[:digit:]]", "slow" },
		{ "x[\xC3\xA9]", "slow" },
		{ "a|b*", "slow" },
		{ "a{2}*", "slow" },
		{ "^a*", "slow" },
		{ "/a*", "slow" },
		{ "\xFF*", "slow" },
		{ "\xEF\xBF\xBD*", "slow" },
		{ "[z-a]", "slow" },
		/* the same bytes on the exact route are themselves */
		{ "a|b", "n" },
		{ "a{2}", "n" },
		{ "^a", "n" },
		{ "\xFF", "n" },
		/* no relative, clean path is this */
		{ ".", "never" },
		{ "..", "never" },
		{ "../a", "never" },
		{ "/", "never" },
		{ "/a", "never" },
	};
	return cr_make_param_array(struct steps_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static void spell(const struct step *steps, size_t n, char *out) {
	static const char letters[] = "ngLlTtD";

	for (size_t i = 0; i < n; i++) {
		*out++ = letters[steps[i].type];
	}
	*out = '\0';
}

ParameterizedTest(struct steps_case *c, steps, table) {
	struct arena *a = arena_create();
	struct pattern p = { 0 };
	struct step *steps = NULL;
	bool is_empty = false;
	char got[32] = "";
	size_t n = 0;

	cr_assert(eq(int, pattern_compile(a, str_from(c->pattern), &p, &is_empty, NULL), TNG_OK));
	cr_assert(not(is_empty));
	switch (pattern_steps(a, &p, &steps, &n)) {
	case STEPS_OK:
		spell(steps, n, got);
		break;
	case STEPS_SLOW:
		(void)strcpy(got, "slow");
		break;
	case STEPS_NEVER:
		(void)strcpy(got, "never");
		break;
	case STEPS_NOMEM:
		(void)strcpy(got, "nomem");
		break;
	}
	cr_expect(eq(str, got, c->steps), "%s", c->pattern);
	regexp_destroy(p.regexp);
	arena_destroy(a);
}

Test(steps, any_failed_allocation_is_out_of_memory) {
	struct arena *a = arena_create();
	struct pattern p = { 0 };
	bool is_empty;
	enum steps_result result = STEPS_NOMEM;
	size_t left = 0;

	cr_assert(eq(int, pattern_compile(a, STR("a/[xy]*/b"), &p, &is_empty, NULL), TNG_OK));
	for (; result == STEPS_NOMEM && left < 50; left++) {
		struct arena *scratch = arena_create();
		struct step *steps;
		size_t n;
		arena_fail_after(scratch, left);
		result = pattern_steps(scratch, &p, &steps, &n);
		arena_destroy(scratch);
	}
	cr_expect(eq(int, result, STEPS_OK));
	cr_expect(gt(sz, left, 4));
	regexp_destroy(p.regexp);
	arena_destroy(a);
}
