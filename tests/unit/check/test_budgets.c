#include "unit/check/checked.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* The first finding of the rule into message and path; returns how many there are. */
static size_t find_large_files(const char *items, char message[200], char path[20]) {
	struct checked c = { 0 };
	struct check_result result;
	size_t n = 0;

	checked_open(&c, items, "");
	c.options.limits.file_size = (struct config_limit){ .is_set = true, .value = 100 };
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	for (size_t i = result.n; i-- > 0;) {
		const struct check_finding *f = &result.findings[i];
		if (f->rule == RULE_BUDGET_FILE_SIZE) {
			n++;
			(void)snprintf(message, 200, "%.*s", STR_FMT(f->message));
			(void)snprintf(path, 20, "%.*s", STR_FMT(f->path));
		}
	}
	checked_close(&c);
	return n;
}

Test(check_budgets, three_files_over_the_budget_are_told_each) {
	char message[200], path[20];

	cr_assert(find_large_files("a=101 b=100 c/d=300 e=2000", message, path) == 3);
	cr_expect_str_eq(message, "eligible: a has 101B, 1B over the budget of 100B a file");
	cr_expect_str_eq(path, "a");
}

Test(check_budgets, more_files_over_the_budget_are_one_finding) {
	char message[200], path[20];

	cr_assert(find_large_files("a=101 b=100 c/d=300 c/e=2000 c/f=300", message, path) == 1);
	cr_expect_str_eq(message,
			"eligible: 4 files of up to 2kB are over the budget of 100B a "
			"file; heaviest: c/e 2kB");
	cr_expect_str_eq(path, "c/e");
}
