/*
 * classify/rules.h - the rules of one run: the table's, changed by the user's, and how a name finds them.
 */
#ifndef CLASSIFY_RULES_H
#define CLASSIFY_RULES_H

#include "classify/classify.h"
#include "classify/table.h"

/** No name finds more rules than this; tests/unit/classify holds it against the table. */
#define CLASS_CANDIDATES_MAX 96U

/** What the engine needs of a rule; its words are in struct class_rule. */
struct rule {
	struct rule_row row;
	bool is_silenced;
};

struct ruleset {
	struct class_rule *words; /* as `tonnage rules` shows them */
	struct rule *rules;
	size_t n;
	size_t nbuiltin; /* the user's follow */
	struct class_name *classes;
	size_t nclasses;
};

/** Errors: TNG_EINVAL with line and column of a user rule that makes no sense, TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code ruleset_make(struct arena *a, const struct class_user_rule *user, size_t nuser,
		struct ruleset *out, struct tng_error *err);

/** What a name says before anything else is looked at. */
struct name_facts {
	uint16_t rules[CLASS_CANDIDATES_MAX]; /* whose last component it matches, silenced ones left out */
	unsigned n;
	uint32_t under, marker; /* see struct exact_row */
};

/** Rules for directories, or for everything else. Those without a name are not among them. */
void ruleset_find(
		const struct ruleset *set, struct str name, bool is_dir, struct name_facts *facts);

/** Whether a name is what evidence asks for; not for NAME_PATH. */
bool class_name_matches(const struct rule_name *wanted, struct str name);

#endif
