/*
 * support/small_tree.h - trees in a line of text, for tests that need one without a disk.
 *
 *   "a/ a/b.c=10 a/link->b.c s~ one@7=5 two@7=5"
 *
 * Items are apart by one blank: "name/" is a directory, "name=N" a file of N bytes, "name->target" a
 * symbolic link, "name~" a socket, "name|" a FIFO, and a plain name a file of 1 byte. "@I" behind the
 * name gives it an inode: items with the same one are names of one file. Directories that are missing
 * are made.
 */
#ifndef SUPPORT_SMALL_TREE_H
#define SUPPORT_SMALL_TREE_H

#include "walk/walk.h"

/** NULL when the text makes no tree; ended with tree_destroy(). */
struct tree *small_tree(const char *items);

#endif
