/*
 * vcs/rules.h - the text of a .gitignore to rules, and a path to the last rule that takes it.
 */
#ifndef VCS_RULES_H
#define VCS_RULES_H

#include "util/arena.h"
#include "util/error.h"
#include "util/globs.h"
#include "util/str.h"
#include "vcs/vcs.h"

#include <stdbool.h>
#include <stdint.h>

/** git's own limit for a file of rules. */
#define RULES_MAX_BYTES (100U << 20)

/** In the order of the file. */
struct rule_list {
	const struct vcs_rule *rules;
	size_t n;
	struct globs ends; /* of the last components, where `is_indexed` */
	bool is_indexed;   /* there are many */
};

/** The rules of a text, which must outlive them. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code rules_parse(
		struct arena *a, struct str text, struct rule_list *out, struct tng_error *err);

/** The last rule that takes a path; NULL: none. */
const struct vcs_rule *rules_last(const struct rule_list *list, const struct vcs_query *query);

#endif
