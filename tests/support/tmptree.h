/*
 * support/tmptree.h - temporary trees for tests. Whatever cannot be made ends the test program.
 *
 *   struct tmptree t = tmptree_make();  tmptree_file(&t, "a/b.txt", 10);  ...  tmptree_remove(&t);
 */
#ifndef TESTS_SUPPORT_TMPTREE_H
#define TESTS_SUPPORT_TMPTREE_H

#include <stdint.h>
#include <sys/types.h>

struct tmptree {
	int fd;
	char path[96]; /* short enough for a socket in it */
};

/** An empty directory of its own, in $TMPDIR or /tmp. */
struct tmptree tmptree_make(void);

/** The same in memory where the system has a place for that: for trees of many thousand entries. */
struct tmptree tmptree_make_large(void);

/** With all that is in it, however deep and whatever its modes. */
void tmptree_remove(struct tmptree *t);

/** A directory; missing ones above it are made too. */
void tmptree_dir(const struct tmptree *t, const char *path);

/** A file with `size` bytes in a hole; directories above it are made. */
void tmptree_file(const struct tmptree *t, const char *path, uint64_t size);

void tmptree_symlink(const struct tmptree *t, const char *path, const char *target);

/** A further hard link to an existing path. */
void tmptree_link(const struct tmptree *t, const char *path, const char *existing);

/** `depth` directories, each named `name` and in the one before; `below` files in the last. */
void tmptree_chain(const struct tmptree *t, const char *name, unsigned depth, unsigned below);

#endif
