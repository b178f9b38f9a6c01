#include "check/check.h"

#include <criterion/criterion.h>

Test(check_idle, what_is_not_set_has_nothing_to_go_by) {
	struct config config = { 0 };
	struct check_options o = { .config = &config };

	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		const char *why = check_why_idle(&o, (enum check_rule_id)i, false);
		bool is_budget = strncmp(check_rule((enum check_rule_id)i)->id, "budget-", 7) == 0;
		cr_expect((why != NULL) == (is_budget || i == RULE_REGRESSION), "%s",
				check_rule((enum check_rule_id)i)->id);
	}
	cr_expect_null(check_why_idle(&o, RULE_REGRESSION, true));
}

Test(check_idle, a_budget_may_be_set_at_any_place) {
	struct config config = { 0 };
	struct config_policy own = { .limits[CONFIG_LENS_DISK].npaths = 1 };
	struct check_options o = { .config = &config };

	o.limits.files.is_set = true;
	config.policy.limits[CONFIG_LENS_ELIGIBLE].file_size.is_set = true;
	config.policy.git_ratio.is_set = true;
	config.dockerfiles = &own;
	config.ndockerfiles = 1;
	cr_expect_null(check_why_idle(&o, RULE_BUDGET_FILES, false));
	cr_expect_null(check_why_idle(&o, RULE_BUDGET_FILE_SIZE, false));
	cr_expect_null(check_why_idle(&o, RULE_BUDGET_GIT_RATIO, false));
	cr_expect_null(check_why_idle(&o, RULE_BUDGET_PATH, false));
	cr_expect_str_eq(check_why_idle(&o, RULE_BUDGET_BYTES, false), "no budget is set");
	cr_expect_str_eq(check_why_idle(&o, RULE_BUDGET_CLASS, false), "no budget is set");
}

Test(check_idle, a_rule_that_is_off_runs_where_one_dockerfile_wants_it) {
	struct config_severity_rule off = { .rule = STR("pattern-dead"),
		.severity = CONFIG_SEVERITY_OFF };
	struct config_severity_rule on = { .rule = STR("pattern-dead"),
		.severity = CONFIG_SEVERITY_NOTE };
	struct config config = { .policy = { .severities = &off, .nseverities = 1 } };
	struct config_policy own = { .severities = &on, .nseverities = 1 };
	struct check_options o = { .config = &config };

	cr_expect_not_null(check_why_idle(&o, RULE_PATTERN_DEAD, false));
	cr_expect_null(check_why_idle(&o, RULE_PATTERN_ORDER, false));
	config.dockerfiles = &own;
	config.ndockerfiles = 1;
	cr_expect_null(check_why_idle(&o, RULE_PATTERN_DEAD, false));
}
