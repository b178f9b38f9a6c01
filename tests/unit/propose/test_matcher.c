#include "propose/internal.h"
#include "util/path.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const char *const patterns[] = { "a", "**/a", "a/b*", "**/*.js", "a**/xy*", "**x", "x**",
	"a/**", "a/**/b", "*", "**", "a+*", "a|b*", "(a)*", "[a/]b*", "?b", "*b[cd]", "a/*/c",
	"**/b**c", "a\\*b", "*\\dz", "A*", "{a}*", "^b*", "x.y", "x.*" };
static const char *const paths[] = { "a", "b", "ab", "aa", "a/b", "a/bc", "axyz", "a/xyz", "aq/xy",
	"x", "ax", "q/ax", "xq", "x/q", "a/b/c", "a/q/b", "m.js", "q/m.js", "qbc", "qbd", "b/q/c",
	"a*b", "5z", "dz", "(a)", "{a}", "^b", "xzy", "x.y", "A", "Ab", "q/bzc", "q/b/c" };
#define N(list) (sizeof(list) / sizeof((list)[0]))

/* What the names do not tell apart is asked; the rest would not have matched. */
Test(propose_matcher, passes_over_nothing_that_matches) {
	struct arena *a = arena_create();
	struct str list[N(patterns)];
	struct matcher m = { 0 };
	size_t nmatches = 0, nasked = 0;

	for (size_t i = 0; i < N(patterns); i++) {
		list[i] = str_from(patterns[i]);
	}
	cr_assert(eq(int, matcher_init(a, &m, list, N(patterns), NULL), TNG_OK));
	for (size_t k = 0; k < N(paths); k++) {
		struct str path = str_from(paths[k]);
		struct globs_turn turn = globs_ask(&m.ends, path_base(path));
		uint32_t next = globs_next(&m.ends, &turn);
		for (uint32_t i = 0; i < N(patterns); i++) {
			bool matches;
			cr_assert(eq(int, matcher_matches(&m, i, path, &matches, NULL), TNG_OK));
			nmatches += matches;
			if (next == i) {
				nasked++;
				next = globs_next(&m.ends, &turn);
			} else {
				cr_assert(matches == false, "%s was not asked about %s",
						patterns[i], paths[k]);
			}
		}
	}
	cr_assert(nmatches > 50 && nasked < N(patterns) * N(paths) * 3 / 4, "%zu of %zu", nmatches,
			nasked);
	matcher_fini(&m);
	arena_destroy(a);
}
