/*
 * classify/engine.h - one pass over the rows: what each directory hands down, and what evidence says.
 */
#ifndef CLASSIFY_ENGINE_H
#define CLASSIFY_ENGINE_H

#include "classify/prober.h"
#include "classify/rules.h"
#include "util/vec.h"

/** A rule that matched, and the row that it matched; CLASS_NO_RULE: none. */
struct claim {
	uint32_t row;
	uint16_t rule;
};

#define CLAIM_NONE ((struct claim){ TREE_NO_ROW, CLASS_NO_RULE })

/** What a directory hands down to what is in it. */
struct dir_state {
	struct claim tree;   /* claims all below */
	struct claim strong; /* tests, docs, ...: the outermost */
	struct claim weak;   /* of the other directories above, the one of highest rank */
	uint64_t inside;     /* classes of the directory and of those above, a bit each */
	uint32_t under;      /* their names, as TERM_UNDER has them */
	uint32_t markers;    /* names in it, as struct exact_row has them */
	uint32_t depth;
	uint32_t nweak; /* files in it that only a probe could tell about */
};

struct engine {
	const struct tree *tree;
	const struct vcs_column *vcs; /* NULL: nothing is known */
	const struct ruleset *set;
	struct prober *prober;
	struct dir_state *dirs; /* by number */
	struct class_mark *marks;
	uint32_t *roots;
	struct {
		VEC_FIELDS(struct class_secret)
	} secrets;
	bool nomem;
};

/** One row while it is looked at. */
struct subject {
	uint32_t row;
	const struct entry *entry;
	struct str name;
	bool is_dir;
	bool is_unseen; /* a secret by its name, whose content could not be read */
	uint32_t line;  /* of the last probe that matched */
	unsigned probe; /* which one; class_nprobes: none */
};

/** Whether an ending, its dot included, is one of these; none of them is only a dot. */
bool is_ending_of(struct str ending, const char *const *endings, size_t n);

/** Marks, roots and secrets of every row. */
void engine_run(struct engine *e);

/** What of a rule's evidence speaks. */
enum verdict_of_evidence {
	EVIDENCE_FAILS,
	EVIDENCE_HOLDS,
	EVIDENCE_IN_TESTS, /* holds, but for being below tests or fixtures */
};
enum verdict_of_evidence evidence_of(
		struct engine *e, struct subject *s, const struct rule_row *rule);

/** After classification: what makes the advice more careful, and git's evidence. */
void guard_mark(struct engine *e, const struct subject *s, struct class_mark *mark);

#endif
