#include "check/check.h"

#include <criterion/criterion.h>

Test(check_rules, every_id_finds_its_rule_and_no_other) {
	for (int i = 0; i < CHECK_NRULES; i++) {
		const char *id = check_rule((enum check_rule_id)i)->id;
		cr_expect(check_rule_find(str_from(id)) == (enum check_rule_id)i, "%s", id);
	}
	cr_expect(check_rule_find(STR("pattern-")) == CHECK_NRULES);
}

Test(check_rules, every_rule_explains_itself) {
	for (int i = 0; i < CHECK_NRULES; i++) {
		const struct check_rule *rule = check_rule((enum check_rule_id)i);
		cr_expect(rule->severity != CHECK_OFF, "%s", rule->id);
		cr_expect(strlen(rule->help) > 40 && rule->example[0] != '\0' &&
						rule->fix[0] != '\0',
				"%s", rule->id);
		cr_expect(!str_ends(str_from(rule->summary), STR(".")), "%s", rule->id);
	}
}
