#include "support/expect.h"
#include "unit/analysis/analysed.h"

#include <criterion/parameterized.h>

static struct str advice(const struct analysis *an) {
	struct str text = STR("");

	cr_assert(eq(int, analysis_advice(an->arena, an, &an->builds[0], &text, NULL), TNG_OK));
	return text;
}

struct advice_case {
	char items[96], ignore[32], advice[240];
	bool no_file;
};

ParameterizedTestParameters(advice, table) {
	static struct advice_case cases[] = {
		{ "a=5", "[",
				"Fix the ignore file first: as it is, every build of this context "
				"fails.",
				false },
		{ "a=5", "x", "At 5B the transfer is light: bytes are not what makes a build slow.",
				false },
		{ "a=9999999", "x",
				"At 10MB the transfer is light: bytes are not what makes a build "
				"slow.",
				false },
		{ "a=5", "",
				"There is no ignore file: nothing is kept out. At 5B the "
				"transfer is "
				"light: bytes are not what makes a build slow.",
				true },
		{ "a=5", "# nothing",
				"The ignore file holds no pattern: nothing is kept out. At "
				"5B the "
				"transfer is light: bytes are not what makes a build slow.",
				false },
		{ "x/", "", "The build context holds no bytes to send.", true },
		{ "data/a=10000000 data/b=9000000 z=1000000", "x",
				"\"data/\" is 95.0 % of what is eligible (19MB). Run `tonnage "
				"propose` to see what no build needs.",
				false },
		{ "data/a=19000000 z=1000000", "",
				"There is no ignore file: nothing is kept out. \"data/a\" "
				"is 95.0 % "
				"of what is eligible (19MB). Run `tonnage propose` to see what no "
				"build needs.",
				true },
		{ "a=5000000 b=5000000 c=5000000 d=5000000 e=5000000", "x",
				"No single place dominates. Run `tonnage propose` to see what no "
				"build needs.",
				false },
	};
	return cr_make_param_array(struct advice_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct advice_case *c, advice, table) {
	struct analysis *an =
			analyse_small(c->items, c->no_file ? NULL : c->ignore, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(advice(an), c->advice);
	analysis_destroy(an);
}

/* ---- the line it names does what it says, whatever the path is called */

struct name_case {
	char name[32];
	bool has_line;
};

ParameterizedTestParameters(advice, names) {
	static struct name_case cases[] = {
		{ "plain", true },
		{ "a b", true },
		{ "*", true },
		{ "**", true },
		{ "[x]", true },
		{ "a?b", true },
		{ "back\\slash", true },
		{ "end\\", true },
		{ "#hash", true },
		{ "!bang", true },
		{ "a|b", true },
		{ "a|b*", true },
		{ "!a|b", true },
		{ "#x{2}", true },
		{ "x{2}?", true },
		{ "^a[b", true },
		{ "a^b*", true },
		{ "(a+b)$*", true },
		{ "tr\xC3\xA4ne*", true },
		{ "d/*|x", true },
		{ "d/!x", true },
		{ ".../*", true },
		{ "nl\nx", false },
		{ "tab\tx", false },
		{ "end ", false },
		{ " start", false },
		{ "\xFFraw", false },
	};
	return cr_make_param_array(struct name_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static bool is_excluded(struct str line, struct str path) {
	struct ignore_set *set = NULL;
	struct verdict verdict = { .excluded = false };

	cr_assert(eq(int, ignore_parse(line, &set, NULL), TNG_OK), "%.*s", STR_FMT(line));
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	cr_assert(eq(int, ignore_decide_path(scratch, path, &verdict, NULL), TNG_OK));
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return verdict.excluded;
}

/* Give every row the same class, which no build needs. */
static void all_may_go(struct analysis *an) {
	static const struct class_name junk = { .name = { .ptr = "junk", .len = 4 },
		.group = CLASS_GROUP_EXCLUDE };
	uint32_t nrows = tree_nrows(an->tree), ndirs = tree_ndirs(an->tree);
	struct class_mark *marks = arena_new(an->arena, struct class_mark, nrows);
	uint32_t *roots = arena_new(an->arena, uint32_t, ndirs);

	cr_assert(marks != NULL && roots != NULL);
	for (uint32_t i = 0; i < nrows; i++) {
		marks[i] = (struct class_mark){ .rule = CLASS_NO_RULE, .advice = ADVICE_EXCLUDE };
	}
	for (uint32_t i = 0; i < ndirs; i++) {
		roots[i] = TREE_NO_ROW;
	}
	an->has_classes = true;
	an->classes = (struct class_column){
		.marks = marks, .classes = &junk, .nclasses = 1, .roots = roots
	};
}

ParameterizedTest(struct name_case *c, advice, names) {
	const struct tree_item item = {
		.path = str_from(c->name),
		.type = ENTRY_FILE,
		.size = 50000000,
	};
	struct tree *tree = NULL;
	cr_assert(eq(int, tree_from_items(&item, 1, &tree, NULL), TNG_OK));
	struct analysis *an = analyse_tree(tree, NULL, TNG_ENGINE_BUILDKIT);
	all_may_go(an);
	struct str text = advice(an), mark = STR("with the line \"");
	struct str line = STR("");

	for (size_t i = 0; i < text.len; i++) {
		if (str_starts(str_skip(text, i), mark)) {
			line = str_skip(text, i + mark.len);
			line = str_take(line, line.len - 2); /* the quote, and the period */
		}
	}
	cr_assert(eq(int, line.len > 0, c->has_line), "%.*s", STR_FMT(text));
	if (c->has_line) {
		cr_expect(is_excluded(line, item.path), "%s: %.*s", c->name, STR_FMT(line));
		cr_expect(not(is_excluded(line, STR("b"))), "%s: %.*s", c->name, STR_FMT(line));
		cr_expect(not(is_excluded(line, STR("a"))), "%s: %.*s", c->name, STR_FMT(line));
		cr_expect(not(is_excluded(line, STR("x"))), "%s: %.*s", c->name, STR_FMT(line));
	}
	analysis_destroy(an);
}

Test(advice, any_failed_allocation_is_out_of_memory) {
	struct analysis *an = analyse_small("data/a=19000000 b=1", NULL, TNG_ENGINE_BUILDKIT);
	enum tng_code code = TNG_ENOMEM;
	struct str text;
	size_t left = 0;

	for (; code == TNG_ENOMEM && left < 50; left++) {
		struct arena *a = arena_create();
		arena_fail_after(a, left);
		code = analysis_advice(a, an, &an->builds[0], &text, NULL);
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
	cr_expect(ge(sz, left, 3));
	analysis_destroy(an);
}
