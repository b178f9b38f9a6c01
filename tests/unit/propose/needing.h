/*
 * unit/propose/needing.h - a small repository in a text, and what its builds need of it.
 *
 *   "== Dockerfile\nFROM a\nCOPY . /app\n"      a file and its text; a name that ends with '/' is a directory
 *   "== docs/a.md\ntext\n"
 *
 * Every file named Dockerfile or Dockerfile.* in the root is a build of the root. Classes go by a few
 * names: docs and *.md, tests, examples, bench, data, dist, .git, LICENSE; all else is source.
 */
#ifndef UNIT_PROPOSE_NEEDING_H
#define UNIT_PROPOSE_NEEDING_H

#include "propose/references.h"
#include "support/tmptree.h"

struct needing {
	struct tmptree dir;
	struct arena *arena;
	struct tree *tree;
	struct vcs_column *vcs;
	struct class_column *classes;
	const struct references *refs;
};

struct needing needing_make(const char *text);

/** The same, with all that is not in dist/ tracked by git. */
struct needing needing_make_tracked(const char *text);

void needing_fini(struct needing *n);

/** "keep copied Dockerfile:2", "free unreferenced": kind, guard, file and line. In the arena. */
struct str needing_of(const struct needing *n, const char *path);

/** The same of references_vcs_needed(). */
struct str needing_vcs(const struct needing *n);

#define EXPECT_NEED(n, path, want) EXPECT_STR(needing_of(&(n), (path)), (want), path)

/** One repository, one question. */
#define EXPECT_NEED_IN(text, path, want)                                                           \
	do {                                                                                       \
		struct needing n_ = needing_make(text);                                            \
		EXPECT_NEED(n_, path, want);                                                       \
		needing_fini(&n_);                                                                 \
	} while (0)

#endif
