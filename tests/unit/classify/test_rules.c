/* The table itself, and what .tonnage.yaml does to it. */
#include "classified.h"

#include <criterion/parameterized.h>

Test(classify_rules, every_rule_has_words_of_its_own) {
	struct arena *a = arena_create();
	struct class_column c;

	cr_assert(classify_rules(a, NULL, 0, &c, NULL) == TNG_OK);
	cr_expect(eq(sz, c.nclasses, CLASS_USER));
	cr_expect_str_eq(c.classes[CLASS_ARCHIVE].name.ptr, "archive");
	for (size_t i = 0; i < c.nrules; i++) {
		const struct class_rule *r = &c.rules[i];
		cr_expect(r->pattern.len > 0 && r->risk.len > 0 && r->confidence > 0, "%s",
				r->id.ptr);
		cr_expect(str_starts(r->id, c.classes[r->klass].name), "%s", r->id.ptr);
		for (size_t k = 0; k < i; k++) {
			cr_assert_not(str_eq(c.rules[k].id, r->id), "%s twice", r->id.ptr);
		}
	}
	arena_destroy(a);
}

Test(classify_rules, a_user_rule_wins_with_a_class_of_its_own) {
	struct class_user_rule rules[] = {
		{ .id = STR("mine.blobs"), .klass = STR("blobs"), .pattern = STR("assets/raw/") },
	};
	struct classified c = classified_with_rules("assets/raw/a.go raw/a.go", rules, 1);

	cr_expect_str_eq(verdict_of(&c, "assets/raw/a.go"), "blobs mine.blobs ask");
	cr_expect_str_eq(class_of(&c, "raw/a.go"), "source");
	cr_expect(eq(int, mark_of(&c, "assets/raw")->klass, CLASS_USER));
	classified_fini(&c);
}

Test(classify_rules, a_rule_is_changed_by_its_id) {
	struct class_user_rule rules[] = {
		{ .id = STR("deps.node-modules"), .has_advice = true, .advice = ADVICE_KEEP },
	};
	struct classified c = classified_with_rules("node_modules/x.js", rules, 1);

	cr_expect_str_eq(verdict_of(&c, "node_modules"), "deps deps.node-modules keep");
	classified_fini(&c);
}

Test(classify_rules, a_silenced_rule_never_matches) {
	struct class_user_rule rules[] = { { .id = STR("deps.node-modules"),
			.is_silenced = true } };
	struct classified c = classified_with_rules("node_modules/x.js", rules, 1);

	cr_expect_str_eq(verdict_of(&c, "node_modules"), "source - keep");
	classified_fini(&c);
}

struct bad_rule {
	char why[48], id[24], klass[16], pattern[16];
};

ParameterizedTestParameters(classify_rules, bad) {
	static struct bad_rule cases[] = {
		{ "no id", "", "blobs", "x" },
		{ "no class", "mine.x", "", "x" },
		{ "no pattern", "mine.x", "blobs", "" },
		{ "a bad pattern", "mine.x", "blobs", "[a" },
		{ "an empty component", "mine.x", "blobs", "a//b" },
		{ "a wildcard above", "mine.x", "blobs", "*/b" },
		{ "another pattern for one of ours", "deps.node-modules", "", "x" },
	};
	return cr_make_param_array(struct bad_rule, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct bad_rule *t, classify_rules, bad) {
	struct class_user_rule rule = { .id = str_from(t->id),
		.klass = str_from(t->klass),
		.pattern = str_from(t->pattern),
		.line = 3,
		.column = 5 };
	struct arena *a = arena_create();
	struct class_column c;
	struct tng_error err = { 0 };

	cr_expect(classify_rules(a, &rule, 1, &c, &err) == TNG_EINVAL, "%s", t->why);
	cr_expect(err.line == 3 && err.column == 5 && err.text[0] != '\0', "%s: %s", t->why,
			err.text);
	arena_destroy(a);
}

Test(classify_rules, evidence_is_in_words) {
	struct arena *a = arena_create();
	struct class_column column;
	size_t nfound = 0;

	cr_assert(eq(int, classify_rules(a, NULL, 0, &column, NULL), TNG_OK));
	for (size_t i = 0; i < column.nrules; i++) {
		if (str_eq(column.rules[i].id, STR("build-output.target"))) {
			EXPECT_STR(column.rules[i].evidence,
					"Cargo.toml beside it, or a CACHEDIR.TAG in it");
			nfound++;
		}
	}
	cr_expect(eq(sz, nfound, 1));
	arena_destroy(a);
}
