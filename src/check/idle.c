/* Which rules have nothing to go by in a run: a report of tests skips them instead of calling them passed. */
#include "check/internal.h"

static bool limits_have(const struct config_limits *l, enum check_rule_id rule) {
	return (rule == RULE_BUDGET_BYTES && l->bytes.is_set) ||
			(rule == RULE_BUDGET_FILES && l->files.is_set) ||
			(rule == RULE_BUDGET_FILE_SIZE && l->file_size.is_set) ||
			(rule == RULE_BUDGET_CLASS && l->nclasses > 0) ||
			(rule == RULE_BUDGET_PATH && l->npaths > 0);
}

static bool policy_has_budget(const struct config_policy *policy, enum check_rule_id rule) {
	bool has = rule == RULE_BUDGET_GIT_RATIO && policy->git_ratio.is_set;

	for (int lens = 0; lens < CONFIG_NLENSES; lens++) {
		has |= limits_have(&policy->limits[lens], rule);
	}
	return has;
}

static bool has_budget(const struct check_options *o, enum check_rule_id rule) {
	bool has = limits_have(&o->limits, rule) || policy_has_budget(&o->config->policy, rule);

	for (size_t i = 0; i < o->config->ndockerfiles; i++) {
		has |= policy_has_budget(&o->config->dockerfiles[i], rule);
	}
	return has;
}

static bool is_off(const struct check_options *o, enum check_rule_id rule) {
	enum check_severity severity;

	if (!check_policy_severity(&o->config->policy, rule, &severity) || severity != CHECK_OFF) {
		return false;
	}
	for (size_t i = 0; i < o->config->ndockerfiles; i++) {
		if (check_policy_severity(&o->config->dockerfiles[i], rule, &severity) &&
				severity != CHECK_OFF) {
			return false;
		}
	}
	return true;
}

const char *check_why_idle(
		const struct check_options *options, enum check_rule_id rule, bool has_revision) {
	if (is_off(options, rule)) {
		return "the configuration turns it off";
	}
	if (rule == RULE_REGRESSION && !has_revision) {
		return "no revision to compare with: --against";
	}
	if (rule <= RULE_BUDGET_GIT_RATIO && !has_budget(options, rule)) {
		return "no budget is set";
	}
	return NULL;
}
