/*
 * A tree in a line of text (support/small_tree.h), classified. What cannot be made ends the test.
 */
#ifndef UNIT_CLASSIFY_CLASSIFIED_H
#define UNIT_CLASSIFY_CLASSIFIED_H

#include "classify/classify.h"
#include "support/expect.h"
#include "support/tmptree.h"

struct classified {
	struct arena *a;
	struct tree *tree;
	struct vcs_column vcs;
	struct class_column column;
};

/** Without contents and without git. */
struct classified classified_make(const char *items);

/** The same with git: each path of `states` as "path=tracked path=ignored ...", all else untracked. */
struct classified classified_with_git(const char *items, const char *states);

/** With user rules. */
struct classified classified_with_rules(
		const char *items, const struct class_user_rule *rules, size_t n);

/** A tree on disk, contents included; without git. */
struct classified classified_on_disk(const struct tmptree *at);

/** The same of a tree that was walked before: what is on disk may have changed since. */
struct classified classified_of_walk(const struct tmptree *at, struct tree *tree);

void classified_fini(struct classified *c);

/** The mark of a path; a path that is not there fails the test. */
const struct class_mark *mark_of(const struct classified *c, const char *path);

/** Class, rule and advice as text, "deps deps.node-modules exclude"; good until the next call but three. */
const char *verdict_of(const struct classified *c, const char *path);

/** The class of a path by name. */
const char *class_of(const struct classified *c, const char *path);

#endif
