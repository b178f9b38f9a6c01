/* report/kinds.h - what a row is, for the reports that speak of single rows. */
#ifndef REPORT_KINDS_H
#define REPORT_KINDS_H

#include "report/json.h"

/**
 * Put "class", "rule", "confidence", "advice" and "git" of a row into an object; null where they are not
 * known, and of TREE_NO_ROW. False when out of memory.
 */
ATTR_NODISCARD bool kinds_add_row(
		struct arena *a, const struct analysis *an, uint32_t row, json_t *object);

/** One rule as an object: as `tonnage rules` lists it. */
json_t *kinds_rule_json(
		struct arena *a, const struct class_column *c, const struct class_rule *rule);

/** One class as an object. */
json_t *kinds_class_json(struct arena *a, const struct class_name *c);

#endif
