/*
 * util/gomatch.h - globs as Go's filepath.Match on Unix takes them: '*' and '?' within a component,
 * [classes] with ranges and '^', '\' takes the next byte as it is.
 *
 * The builders use it for three things: the syntax check of ignore patterns, the sources of COPY, and
 * the links that such a source meets.
 */
#ifndef UTIL_GOMATCH_H
#define UTIL_GOMATCH_H

#include "util/str.h"

enum gomatch {
	GOMATCH_NO,
	GOMATCH_YES,
	GOMATCH_BAD, /* ErrBadPattern; a bad part behind one that cannot match is never seen */
};

enum gomatch gomatch(struct str pattern, struct str name);

/** Whether a component has '*', '?' or '[' that no backslash takes (fsutil, containsWildcards). */
bool gomatch_has_wildcard(struct str text);

#endif
