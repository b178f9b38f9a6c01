#include "ignore/ignore.h"
#include "support/expect.h"
#include "util/buf.h"

#include <criterion/parameterized.h>

struct literal_case {
	char path[24], line[32], other[24]; /* `other`: what an unescaped line would take, too */
};

ParameterizedTestParameters(ignore_literal, table) {
	static struct literal_case cases[] = {
		{ "web/dist", "web/dist", "dist" },
		{ "a{b|c}", "a{b|c}", "ab" },
		{ "#a", "\\#a", "a" },
		{ "!a", "\\!a", "a" },
		{ "a*b", "a\\*b", "axb" },
		{ "a?b", "a\\?b", "axb" },
		{ "[ab]", "\\[ab]", "a" },
		{ "a\\b", "a\\\\b", "ab" },
		{ "*{|^", "\\*\\{\\|\\^", "x{|^" },
		{ "a b", "a b", "ab" },
	};
	return cr_make_param_array(struct literal_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static bool excludes(struct ignore_scratch *scratch, const char *path) {
	struct verdict verdict;

	cr_assert(eq(int, ignore_decide_path(scratch, str_from(path), &verdict, NULL), TNG_OK));
	return verdict.excluded;
}

ParameterizedTest(struct literal_case *c, ignore_literal, table) {
	struct buf line = { 0 };
	struct ignore_set *set;

	cr_assert(ignore_put_literal(str_from(c->path), &line));
	EXPECT_STR(buf_str(&line), c->line);
	cr_assert(eq(int, ignore_parse(buf_str(&line), &set, NULL), TNG_OK));
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	cr_expect(excludes(scratch, c->path), "%s", c->path);
	cr_expect(not(excludes(scratch, c->other)), "%s takes %s", c->line, c->other);
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	buf_fini(&line);
}

Test(ignore_literal, some_paths_have_no_line) {
	const char *const paths[] = { "", " a", "a ", "a\nb", "a\tb", "\x1b", "\xff" };
	struct buf line = { 0 };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cr_expect(not(ignore_put_literal(str_from(paths[i]), &line)), "%zu", i);
	}
	cr_expect(eq(sz, line.len, 0));
}
