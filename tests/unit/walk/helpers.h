/* walk tests: walk or fail the test; a tree as text. */
#ifndef TESTS_WALK_HELPERS_H
#define TESTS_WALK_HELPERS_H

#include "walk/walk.h"

struct tmptree;

/** Walk with a number of threads; never NULL. */
struct tree *walk_with(const struct tmptree *t, unsigned njobs, bool portable);

/** One line a row with everything the doors say about it; to free(). */
char *dump_tree(const struct tree *tree);

/** Paths of all rows but the root's, a line each; to free(). */
char *dump_paths(const struct tree *tree);

/** The row of a path, which must be there. */
uint32_t must_find(const struct tree *tree, const char *path);

/** Run `body` in a child process; its result, or -1 after a signal. */
int in_child(int (*body)(const struct tmptree *t), const struct tmptree *t);

#endif
