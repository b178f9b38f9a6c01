#include "unit/check/checked.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* 2026-03-01; the day before is the last one of February */
#define MARCH_FIRST 20513

static bool is_silenced(const char *ignore, int64_t today) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a b", ignore);
	c.options.today = today;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	const struct check_finding *f = checked_find(&result, RULE_PATTERN_DEAD);
	cr_assert(f != NULL);
	bool silenced = f->is_suppressed;
	cr_expect((checked_find(&result, RULE_SUPPRESSION_EXPIRED) != NULL) == !silenced);
	checked_close(&c);
	return silenced;
}

Test(check_run, a_suppression_holds_on_its_last_day) {
	static const char text[] = "# tonnage: ignore=pattern-dead until=2026-02-28\nlists\n";

	cr_expect(is_silenced(text, MARCH_FIRST - 1));
	cr_expect(!is_silenced(text, MARCH_FIRST));
	cr_expect(is_silenced("# tonnage: ignore=pattern-dead until=2028-02-29\nlists\n",
			MARCH_FIRST + 730));
	cr_expect(!is_silenced("# tonnage: ignore=pattern-dead until=2028-02-29\nlists\n",
			MARCH_FIRST + 731));
}

Test(check_run, a_suppression_at_the_head_with_a_blank_behind_it_holds_for_all) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a b .dockerignore", "# tonnage: ignore=pattern-dead\n\nlists\nnotes\n");
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(result.nsuppressed == 2);
	cr_expect(result.nby_severity[CHECK_NOTE] == 0);
	checked_close(&c);
}

/* The message of a finding of the rule; empty: there is none. */
static void says(const char *ignore, enum check_rule_id rule, bool *silenced, char out[200]) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a b .dockerignore", ignore);
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	const struct check_finding *f = checked_find(&result, rule);
	(void)snprintf(out, 200, "%.*s", f != NULL ? (int)f->message.len : 0,
			f != NULL ? f->message.ptr : "");
	*silenced = checked_find(&result, RULE_PATTERN_DEAD)->is_suppressed;
	checked_close(&c);
}

Test(check_run, a_suppression_that_cannot_be_meant_so_silences_nothing_and_is_told) {
	static const struct {
		const char *comment, *says; /* a part of the message */
	} cases[] = {
		{ "# tonnage: ignore=pattern-dead until=2027-02-29", "a date that there is" },
		{ "# tonnage: ignore=pattern-dead until=2026-04-31", "a date that there is" },
		{ "# tonnage: ignore=pattern-dead until=2026-13-01", "a date that there is" },
		{ "# tonnage: ignore=pattern-dead until=", "a date that there is" },
		{ "# tonnage: ignore=pattern-dead, pattern-order", "behind a comma" },
		{ "# tonnage: ignore=pattern-dead reason=in CI", "stands in quotes" },
		{ "# tonnage: ignore=pattern-dead reason=\"in CI", "stands in quotes" },
		{ "# tonnage: ignore=pattern-dead ignore=pattern-order", "stands twice" },
		{ "# tonnage: skip=pattern-dead", "it takes ignore=" },
		{ "# tonnage ignore=pattern-dead", "this silences nothing" },
		{ "#Tonnage: ignore=pattern-dead", "this silences nothing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200], said[200];
		bool silenced;
		(void)snprintf(text, sizeof(text), "a\n%s\nlists\n", cases[i].comment);
		says(text, RULE_SUPPRESSION_BAD, &silenced, said);
		cr_expect(strstr(said, cases[i].says) != NULL, "%s: %s", cases[i].comment, said);
		cr_expect(!silenced, "%s", cases[i].comment);
	}
}

Test(check_run, a_comment_that_speaks_of_tonnage_is_no_suppression) {
	char said[200];
	bool silenced;

	says("a\n# tonnage ignores it\nlists\n", RULE_SUPPRESSION_BAD, &silenced, said);
	cr_expect_str_empty(said);
}

Test(check_run, a_suppression_behind_all_patterns_is_for_none) {
	char said[200];
	bool silenced;

	says("lists\n# tonnage: ignore=pattern-dead\n", RULE_SUPPRESSION_UNUSED, &silenced, said);
	cr_expect(strstr(said, "is not used") != NULL, "%s", said);
	cr_expect(!silenced);
}

Test(check_run, a_suppression_behind_a_byte_order_mark_holds) {
	char said[200];
	bool silenced;

	says("\xEF\xBB\xBF# tonnage: ignore=pattern-dead\nlists\n", RULE_SUPPRESSION_BAD, &silenced,
			said);
	cr_expect_str_empty(said);
	cr_expect(silenced);
}

static void fingerprint_of(const char *ignore, char out[33], uint32_t *line) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a b", ignore);
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	const struct check_finding *f = checked_find(&result, RULE_PATTERN_DEAD);
	cr_assert(f != NULL);
	memcpy(out, f->fingerprint, 33);
	*line = f->line;
	checked_close(&c);
}

Test(check_run, a_fingerprint_survives_a_line_that_moves) {
	char before[33], moved[33], other[33];
	uint32_t line;

	fingerprint_of("lists\n", before, &line);
	fingerprint_of("# one\n\na\nlists\n", moved, &line);
	cr_expect(line == 4);
	cr_expect_str_eq(before, moved);
	fingerprint_of("notes\n", other, &line);
	cr_expect_str_neq(before, other);
}

Test(check_run, the_policy_of_a_dockerfile_wins) {
	struct config_severity_rule off = { .rule = STR("pattern-dead"),
		.severity = CONFIG_SEVERITY_OFF };
	struct config_severity_rule grave = { .rule = STR("pattern-dead"),
		.severity = CONFIG_SEVERITY_ERROR };
	struct config_policy own = { .severities = &grave, .nseverities = 1 };
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a b .dockerignore", "lists\n");
	c.config.policy.severities = &off;
	c.config.policy.nseverities = 1;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(result.n == 0);
	c.build.policy = &own;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(result.nfailing == 1 && result.nby_severity[CHECK_ERROR] == 1);
	checked_close(&c);
}

/* ---- several builds */

static size_t count_of(const struct check_result *result, enum check_rule_id rule) {
	size_t n = 0;

	for (size_t i = 0; i < result->n; i++) {
		n += result->findings[i].rule == rule;
	}
	return n;
}

/* Two builds of one context: the second has the first one's ignore file, and the Dockerfile "two". */
static void two_builds(struct checked *c, struct check_build builds[2], struct context *second) {
	*second = c->context;
	second->dockerfile = STR("two");
	builds[0] = builds[1] = c->build;
	builds[1].context = second;
	c->input.builds = builds;
	c->input.nbuilds = 2;
}

Test(check_run, an_ignore_file_of_two_builds_is_told_of_once) {
	struct check_build builds[2];
	struct check_result result;
	struct checked c = { 0 };
	struct context second;

	checked_open(&c, "a b", "lists\n");
	two_builds(&c, builds, &second);
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(count_of(&result, RULE_PATTERN_DEAD) == 1);

	second.ignore_path = STR("two.dockerignore");
	builds[1].ignore_file_of = 1;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(count_of(&result, RULE_PATTERN_DEAD) == 2);
	checked_close(&c);
}

Test(check_run, a_budget_is_told_for_each_build_that_asks_for_something_else) {
	struct transfer_plan other;
	struct check_build builds[2];
	struct check_result result;
	struct checked c = { 0 };
	struct context second;

	checked_open(&c, "a=5 b", "lists\n");
	two_builds(&c, builds, &second);
	builds[0].requested = builds[1].requested = &c.plan;
	c.options.limits.bytes = (struct config_limit){ .is_set = true, .value = 1 };
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(count_of(&result, RULE_BUDGET_BYTES) == 1);

	other = c.plan;
	other.fate = (const uint8_t *)arena_copy(
			c.arena, str_make((const char *)c.plan.fate, tree_nrows(c.tree)))
				     .ptr;
	builds[1].requested = &other;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	cr_expect(count_of(&result, RULE_BUDGET_BYTES) == 2);
	checked_close(&c);
}

Test(check_run, a_build_whose_context_is_a_guess_counts_less) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, "a=5 b", "lists\n");
	c.options.limits.bytes = (struct config_limit){ .is_set = true, .value = 1 };
	for (int guess = 0; guess < 2; guess++) {
		c.build.is_guess = guess == 1;
		cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
		const struct check_finding *f = checked_find(&result, RULE_BUDGET_BYTES);
		cr_assert(f != NULL);
		cr_expect(f->severity == (guess == 1 ? CHECK_WARNING : CHECK_ERROR));
	}
	checked_close(&c);
}

Test(check_run, memory_may_end_anywhere) {
	struct checked c = { 0 };
	enum tng_code code = TNG_ENOMEM;

	checked_open(&c, "node_modules/a w/node_modules/b id_rsa src/a",
			"# tonnage: ignore=pattern-dead\nlists\nnode_modules # x\n!src/a\n");
	for (size_t n = 0; code != TNG_OK; n++) {
		struct arena *a = arena_create();
		struct check_result result;
		cr_assert(a != NULL && n < 10000);
		arena_fail_after(a, n);
		code = check_run(a, &c.input, &result, NULL);
		cr_expect(code == TNG_OK || code == TNG_ENOMEM);
		arena_destroy(a);
	}
	checked_close(&c);
}

static void budget_of(const char *items, uint64_t file_size, char out[33]) {
	struct checked c = { 0 };
	struct check_result result;

	checked_open(&c, items, "");
	c.options.limits.bytes = (struct config_limit){ .is_set = file_size == 0, .value = 1 };
	c.options.limits.file_size =
			(struct config_limit){ .is_set = file_size > 0, .value = file_size };
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	const struct check_finding *f = checked_find(
			&result, file_size > 0 ? RULE_BUDGET_FILE_SIZE : RULE_BUDGET_BYTES);
	cr_assert(f != NULL);
	memcpy(out, f->fingerprint, 33);
	cr_expect(f->path.len > 0);
	checked_close(&c);
}

Test(check_run, a_budget_is_the_same_finding_whatever_is_heaviest) {
	char one[33], other[33];

	budget_of("a=5000 b=10", 0, one);
	budget_of("a=10 b=5000", 0, other);
	cr_expect_str_eq(one, other);
	budget_of("a=50 b=40 c=30 d=20", 9, one);
	budget_of("a=20 b=30 c=40 d=50", 9, other);
	cr_expect_str_eq(one, other);
	budget_of("a=50 b=1", 9, one); /* of one file it is that one */
	budget_of("a=1 b=50", 9, other);
	cr_expect_str_neq(one, other);
}
