#include "ignore/ignore.h"
#include "support/expect.h"
#include "util/buf.h"

#include <criterion/parameterized.h>

struct literal_case {
	enum ignore_dialect dialect;
	char path[24], line[32], other[24]; /* `other`: what an unescaped line would take, too */
};

ParameterizedTestParameters(ignore_literal, table) {
	static struct literal_case cases[] = {
		{ IGNORE_DOCKER, "web/dist", "web/dist", "dist" },
		{ IGNORE_DOCKER, "a{b|c}", "a{b|c}", "ab" },
		{ IGNORE_DOCKER, "#a", "\\#a", "a" },
		{ IGNORE_DOCKER, "!a", "\\!a", "a" },
		{ IGNORE_DOCKER, "a*b", "a\\*b", "axb" },
		{ IGNORE_DOCKER, "a?b", "a\\?b", "axb" },
		{ IGNORE_DOCKER, "[ab]", "\\[ab]", "a" },
		{ IGNORE_DOCKER, "a\\b", "a\\\\b", "ab" },
		{ IGNORE_DOCKER, "*{|^", "\\*\\{\\|\\^", "x{|^" },
		{ IGNORE_DOCKER, "a b", "a b", "ab" },
		{ IGNORE_DOCKER, "a]|b", "a]\\|b", "a]" },
		{ IGNORE_DOCKER, "f(1)+", "f(1)+", "f1" },
		{ IGNORE_BUILDAH, "f(1)+", "f\\(1\\)\\+", "f1" },
		{ IGNORE_BUILDAH, "a{1}|^b", "a\\{1}\\|\\^b", "a" },
		{ IGNORE_BUILDAH, "a.b$", "a.b$", "axb" },
		{ IGNORE_BUILDAH, "#a", "\\#a", "a" },
		{ IGNORE_BUILDAH, "!a", "\\!a", "a" },
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

	cr_assert(ignore_put_literal(c->dialect, str_from(c->path), &line));
	EXPECT_STR(buf_str(&line), c->line);
	cr_assert(eq(int, ignore_parse_as(c->dialect, buf_str(&line), &set, NULL), TNG_OK));
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
		cr_expect(not(ignore_put_literal(IGNORE_DOCKER, str_from(paths[i]), &line)), "%zu",
				i);
	}
	cr_expect(eq(sz, line.len, 0));
}
