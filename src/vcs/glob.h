/*
 * vcs/glob.h - the patterns of gitignore(5), against one path.
 */
#ifndef VCS_GLOB_H
#define VCS_GLOB_H

#include "util/str.h"

#include <stdbool.h>

/**
 * Whether a pattern takes all of a path.
 *
 *   *       any bytes but '/'          ?      one byte but '/'
 *   [...]   one byte but '/': ranges, [:class:], negated by ! or ^
 *   **      alone between slashes: any number of components; elsewhere as *
 *   \c      the byte c
 *
 * A pattern that makes no sense ("[a", "a\") takes nothing.
 *
 * folds_case  letters of ASCII are equal to their other case
 */
bool glob_takes(struct str pattern, struct str path, bool folds_case);

/** Bytes at the start of a pattern that stand for themselves. */
size_t glob_literal_len(struct str pattern);

#endif
