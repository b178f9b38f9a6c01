#include "ignore/match.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

/* How large the automaton of a list is: what patterns share is there once. */
struct size_case {
	char why[48], text[64];
	unsigned nstates, nnames, nglobs, nslow;
};

ParameterizedTestParameters(nfa, table) {
	static struct size_case cases[] = {
		{ "no patterns", "", 1, 0, 0, 0 },
		{ "one name", "a", 2, 1, 0, 0 },
		{ "equal beginnings are shared", "a/b/c\na/b/d\na/b", 5, 4, 0, 0 },
		{ "equal names at different places are one", "a/b\nb/a", 5, 2, 0, 0 },
		{ "equal patterns are one state", "a\n!a\na", 2, 1, 0, 0 },
		{ "double stars are shared", "**/x\n**/y", 4, 2, 0, 0 },
		{ "of both kinds", "**/x\n**/y?", 5, 1, 1, 0 },
		{ "and of equal length", "**/**/x?\n**/x?", 3, 0, 1, 0 },
		{ "equal globs are one", "a/*.c\nb/*.c\n*.c", 6, 2, 1, 0 },
		{ "classes count for what they hold", "x[ab]\nx[ba]\nx[a]", 3, 0, 2, 0 },
		{ "contents", "a/**\nb/**", 5, 2, 0, 0 },
		{ "a prefix", "src**", 3, 0, 1, 0 },
		{ "slow ones stay outside", "a|b*\n[^a]\nc", 2, 1, 0, 2 },
		{ "dead ones are nowhere", ".\n../a", 1, 0, 0, 0 },
	};
	return cr_make_param_array(struct size_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct size_case *c, nfa, table) {
	struct ignore_set *set = NULL;
	unsigned nnames = 0;

	cr_assert(eq(int, ignore_parse(str_from(c->text), &set, NULL), TNG_OK));
	const struct nfa *nfa = set->nfa;
	for (uint32_t slot = 0; slot <= nfa->name_mask; slot++) {
		nnames += nfa->names[slot].edges.n > 0;
	}
	cr_expect(eq(u32, nfa->nstates, c->nstates), "%s", c->why);
	cr_expect(eq(u32, nnames, c->nnames), "%s", c->why);
	cr_expect(eq(u32, nfa->nglobs, c->nglobs), "%s", c->why);
	cr_expect(eq(u32, nfa->nslow, c->nslow), "%s", c->why);
	ignore_destroy(set);
}

Test(nfa, paths_are_needed_for_slow_patterns_only) {
	struct ignore_set *set = NULL;

	cr_assert(eq(int, ignore_parse(STR("a/**/b?\n**/c\n!d/*"), &set, NULL), TNG_OK));
	cr_expect(not(ignore_needs_paths(set)));
	ignore_destroy(set);
	cr_assert(eq(int, ignore_parse(STR("a/**/b?\n**/c\n!d/[^x]"), &set, NULL), TNG_OK));
	cr_expect(ignore_needs_paths(set));
	ignore_destroy(set);
}

Test(nfa, any_failed_allocation_is_none) {
	struct ignore_set *set = NULL;
	const struct nfa *nfa = NULL;
	size_t left = 0;

	cr_assert(eq(int, ignore_parse(STR("a/b\n**/*.c\n!x[ab]/d\nsrc**"), &set, NULL), TNG_OK));
	for (; nfa == NULL && left < 200; left++) {
		struct arena *a = arena_create();
		arena_fail_after(a, left);
		nfa = nfa_build(a, set->patterns, set->npatterns);
		arena_destroy(a);
	}
	cr_expect(ne(ptr, (void *)nfa, NULL));
	cr_expect(gt(sz, left, 10));
	ignore_destroy(set);
}
