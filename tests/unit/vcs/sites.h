/* vcs tests: repositories made with libgit2, and their columns. */
#ifndef TESTS_VCS_SITES_H
#define TESTS_VCS_SITES_H

#include "support/tmptree.h"
#include "vcs/vcs.h"

struct site {
	struct tmptree at;
	struct arena *arena;
	struct tree *tree;
	struct vcs_column column;
};

/** An empty directory, with a HOME of its own beside everything else's. */
struct site site_make(void);

void site_remove(struct site *s);

/** A file with some text; directories above it are made. */
void site_write(const struct site *s, const char *path, const char *text);

/** An empty repository in a directory ("." for the top). */
void site_init(const struct site *s, const char *dir);

/** Add paths, apart by blanks, to the index of the repository in `dir`. */
void site_add(const struct site *s, const char *dir, const char *paths);

/** What an index entry is changed to. */
struct site_entry {
	uint32_t size;   /* 0: git has to look at the file again */
	bool is_skipped; /* by a sparse checkout */
	bool is_lost;    /* its object is not here, as in a partial clone */
};

/** Change the entry of a path of the repository at the top. */
void site_change(const struct site *s, const char *path, struct site_entry to);

/** Walk `dir`, and make the column; what was before is thrown away. */
void site_look(struct site *s, const char *dir);

/** The state of a row; "none" when there is no such row. */
const char *site_state(const struct site *s, const char *path);

/** The only warning's text; fails the test when there is another number of them. */
struct str site_warning(const struct site *s);

#endif
