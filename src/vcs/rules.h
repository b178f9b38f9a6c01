/*
 * vcs/rules.h - the text of a .gitignore to rules, and a path to the last rule that takes it.
 */
#ifndef VCS_RULES_H
#define VCS_RULES_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

/** git's own limit for a file of rules. */
#define RULES_MAX_BYTES (100U << 20)

struct rule {
	struct str pattern; /* without the '!', a leading '/', the trailing '/' */
	uint32_t line;      /* 1-based */
	uint32_t literal;   /* bytes of the pattern up to the first special one */
	bool negated;       /* '!' */
	bool is_directory;  /* a trailing '/': takes directories only */
	bool is_path;       /* has another '/': about the path from its base, not about the name */
	bool is_suffix;     /* '*' and nothing special behind it */
};

/** In the order of the file. */
struct rule_list {
	const struct rule *rules;
	size_t n;
};

/** The rules of a text, which must outlive them. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code rules_parse(
		struct arena *a, struct str text, struct rule_list *out, struct tng_error *err);

/** What a rule is asked about. */
struct rule_query {
	struct str path; /* from the directory that the rules are for, no slash at either end */
	struct str name; /* its last component */
	bool is_dir;
	bool folds_case; /* core.ignoreCase */
};

/** The last rule that takes a path; NULL: none. */
const struct rule *rules_last(const struct rule_list *list, const struct rule_query *query);

#endif
