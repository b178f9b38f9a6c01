#include "support/expect.h"
#include "util/nearest.h"

#include <criterion/parameterized.h>

struct distance_case {
	char a[16], b[16];
	unsigned distance;
};

ParameterizedTestParameters(nearest, distances) {
	static struct distance_case cases[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "engine", "engine", 0 },
		{ "Engine", "eNGINE", 0 },
		{ "engin", "engine", 1 },
		{ "enigne", "engine", 1 },
		{ "ngine", "engine", 1 },
		{ "xngine", "engine", 1 },
		{ "kitten", "sitting", 3 },
		{ "ca", "abc", 3 },
	};
	return cr_make_param_array(struct distance_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct distance_case *c, nearest, distances) {
	struct str a = str_from(c->a), b = str_from(c->b);

	cr_expect(eq(u32, nearest_distance(a, b), c->distance), "%s %s", c->a, c->b);
	cr_expect(eq(u32, nearest_distance(b, a), c->distance), "%s %s", c->b, c->a);
}

static struct str choose(const char *wanted) {
	static const char *const words[] = { "top", "target", "totals", "engine", "build-arg" };
	struct nearest n = nearest_to(str_from(wanted));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		nearest_offer(&n, str_from(words[i]));
	}
	return n.word;
}

Test(nearest, is_the_word_with_the_fewest_changes) {
	EXPECT_STR(choose("taregt"), "target");
	EXPECT_STR(choose("total"), "totals");
	EXPECT_STR(choose("buildarg"), "build-arg");
	EXPECT_STR(choose("tap"), "top");
}

Test(nearest, is_none_where_all_are_far) {
	EXPECT_STR(choose("colour"), "");
	EXPECT_STR(choose(""), "");
	EXPECT_STR(choose("supercalifragilisticexpialidociousandthensomemoreofthesamesortofword!"),
			"");
}
