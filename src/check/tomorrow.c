/*
 * Lines for tomorrow: what matches nothing today and is still right. A line is such when it names what a
 * rule of the classes leaves out, of any project or of an ecosystem that is in this one.
 */
#include "check/internal.h"

/* Without what says how deep, and the slash of a directory. */
static struct str core_of(struct str pattern) {
	while (str_starts(pattern, STR("**/"))) {
		pattern = str_skip(pattern, 3);
	}
	while (pattern.len > 1 &&
			(str_ends(pattern, STR("/")) || str_ends(pattern, STR("/**")) ||
					str_ends(pattern, STR("/*")))) {
		pattern = str_take(pattern, pattern.len - 1);
	}
	return str_starts(pattern, STR("/")) ? str_skip(pattern, 1) : pattern;
}

static bool names_it(struct str core, struct str pattern) {
	return pattern.len > 0 && str_eq(core, core_of(pattern));
}

/* Some row is what a rule of the ecosystem says. */
static bool is_at_home(const struct checker *c, struct str ecosystem) {
	const struct class_column *classes = c->in->classes;
	uint32_t nrows = tree_nrows(c->in->tree);

	if (ecosystem.len == 0 || str_eq(ecosystem, STR("any"))) {
		return true;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		uint16_t rule = classes->marks[row].rule;
		if (rule != CLASS_NO_RULE && str_eq(classes->rules[rule].ecosystem, ecosystem)) {
			return true;
		}
	}
	return false;
}

bool check_is_hygiene(const struct checker *c, const struct ignore_pattern *p) {
	const struct class_column *classes = c->in->classes;
	struct str core = core_of(p->text);

	for (size_t i = 0; i < classes->nrules && !p->is_exception; i++) {
		const struct class_rule *rule = &classes->rules[i];
		if (rule->advice != ADVICE_KEEP &&
				(names_it(core, rule->pattern) ||
						names_it(core, rule->docker_pattern)) &&
				is_at_home(c, rule->ecosystem)) {
			return true;
		}
	}
	return false;
}
