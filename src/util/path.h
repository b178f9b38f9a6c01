/*
 * util/path.h - paths as bytes; only '/' separates. Nothing here touches a file system.
 */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include "util/arena.h"
#include "util/str.h"

/**
 * Lexical cleaning, as Go's filepath.Clean on Unix: empty and "." components go, ".." takes the real
 * component before it (dropped at the start of a rooted path, kept at the start of a relative one),
 * no trailing slash but for "/" itself; the result of an empty relative path is ".".
 *
 * out      at least path.len + 1 bytes; may be path.ptr itself. Not NUL-terminated.
 * Returns  the bytes written
 */
size_t path_clean_into(char *out, struct str path);

/** A cleaned copy; .ptr is NULL when out of memory. */
ATTR_NODISCARD struct str path_clean(struct arena *a, struct str path);

/** What follows the last '/'; the whole path when there is none. */
struct str path_base(struct str path);

/** What precedes the last '/': "/" for a root entry of an absolute path, "." when there is no '/'. */
struct str path_dir(struct str path);

/** dir + "/" + name; either part alone when the other is empty, name alone when dir is ".". */
ATTR_NODISCARD struct str path_join(struct arena *a, struct str dir, struct str name);

/**
 * The way from a directory to a path, cleaned: "../x" from "a" to "x". By their texts alone; where these do not
 * tell (one is absolute, or the directory begins with ".."), the path, cleaned. .ptr is NULL when out of memory.
 */
ATTR_NODISCARD struct str path_from(struct arena *a, struct str dir, struct str path);

/**
 * Order of a tree: component by component, bytes unsigned, a directory before what is below it
 * ('/' sorts below every other byte). <0, 0, >0.
 */
int path_cmp(struct str a, struct str b);

/** Whether `path` is `dir` or lies below it; every path lies below "." and "". */
bool path_is_below(struct str path, struct str dir);

#endif
