/* unit/check/checked.h - the rules over a tree in a line of text. */
#ifndef UNIT_CHECK_CHECKED_H
#define UNIT_CHECK_CHECKED_H

#include "check/check.h"

/** All that a run needs; zero it, then checked_open() and checked_close(). */
struct checked {
	struct arena *arena;
	struct tree *tree;
	struct ignore_set *set;
	struct transfer_plan plan;
	struct class_column classes;
	struct ledger ledger;
	struct context context;
	struct config config;
	struct check_options options;
	struct check_build build;
	struct check_input input;
};

/** items: as small_tree() takes them; the ignore file is ".dockerignore" with this text. */
void checked_open(struct checked *c, const char *items, const char *ignore);
void checked_close(struct checked *c);

/** The first finding of a rule, or NULL. */
const struct check_finding *checked_find(
		const struct check_result *result, enum check_rule_id rule);

#endif
