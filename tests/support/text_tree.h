/*
 * support/text_tree.h - a directory of small files from one text.
 *
 *   "== a/b.txt\nfirst line\n"      a file and its text, up to the next "== "
 *   "== empty/\n"                   a directory
 */
#ifndef TESTS_SUPPORT_TEXT_TREE_H
#define TESTS_SUPPORT_TEXT_TREE_H

#include "support/tmptree.h"

/** Make all of them below an existing tree. */
void text_tree_write(const struct tmptree *t, const char *text);

#endif
