/* A scratch that leaves a pattern out decides as one of a list without it; put back, as before. */
#include "ignore/ignore.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct out_case {
	char why[64], patterns[48], path[32];
	uint32_t out;
	char with, without; /* 'E' excluded, 'K' kept, '!' an error */
	enum ignore_dialect dialect;
};

ParameterizedTestParameters(ignore_leave_out, table) {
	static struct out_case cases[] = {
		{ "the only one", "a", "a", 0, 'E', 'K', IGNORE_DOCKER },
		{ "one of a directory above", "a\nc", "a/b/c", 0, 'E', 'K', IGNORE_DOCKER },
		{ "another one decides as before", "a\nb", "a/x", 1, 'E', 'E', IGNORE_DOCKER },
		{ "an exception", "a\n!a/b", "a/b/c", 1, 'K', 'E', IGNORE_DOCKER },
		{ "what an exception takes back", "a\n!a\n**/c", "a/c", 2, 'E', 'K',
				IGNORE_DOCKER },
		{ "one with a glob", "x\n**/*.c", "a/b.c", 1, 'E', 'K', IGNORE_DOCKER },
		{ "a trailing double star", "a/**", "a/b/c", 0, 'E', 'K', IGNORE_DOCKER },
		{ "one that only a regexp can test", "[a-c]*/x?", "b/xy", 0, 'E', 'K',
				IGNORE_DOCKER },
		{ "a bad one", "b\n[z-a]", "a", 1, '!', 'K', IGNORE_DOCKER },
		{ "of two bad ones the first", "[z-a]\n[y-a]", "a", 0, '!', '!', IGNORE_DOCKER },
		{ "an exception of buildah's", "a\n!a/b", "a/b/c", 1, 'K', 'E', IGNORE_BUILDAH },
		{ "buildah's, by a regexp", "a(b|c)d", "acd", 0, 'E', 'K', IGNORE_BUILDAH },
		{ "a bad one of buildah's", "a\n(", "b", 1, '!', 'K', IGNORE_BUILDAH },
	};
	return cr_make_param_array(struct out_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static char decide(struct ignore_scratch *s, const char *path) {
	struct verdict verdict = { false, 0 };
	struct tng_error err = { 0 };
	enum tng_code code = ignore_decide_path(s, str_from(path), &verdict, &err);

	if (code == TNG_ESYNTAX) {
		return '!';
	}
	cr_assert(eq(int, code, TNG_OK));
	return verdict.excluded ? 'E' : 'K';
}

ParameterizedTest(struct out_case *c, ignore_leave_out, table) {
	struct ignore_set *set;

	cr_assert(eq(int, ignore_parse_as(c->dialect, str_from(c->patterns), &set, NULL), TNG_OK));
	struct ignore_scratch *s = ignore_scratch_create(set);
	cr_assert(ne(ptr, s, NULL));
	cr_expect(eq(chr, decide(s, c->path), c->with), "%s", c->why);
	ignore_leave_out(s, c->out, true);
	cr_expect(eq(chr, decide(s, c->path), c->without), "%s: without", c->why);
	ignore_leave_out(s, c->out, false);
	cr_expect(eq(chr, decide(s, c->path), c->with), "%s: put back", c->why);
	ignore_scratch_destroy(s);
	ignore_destroy(set);
}
