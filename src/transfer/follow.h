/*
 * transfer/follow.h - which paths BuildKit's client really looks for: links on the way to the sources
 * are followed first (fsutil followlinks.go; ignore-semantics 6.5).
 */
#ifndef TRANSFER_FOLLOW_H
#define TRANSFER_FOLLOW_H

#include "util/arena.h"
#include "util/error.h"
#include "walk/walk.h"

/** As many links as this on the way to all sources together; a real tree has tens. */
#define FOLLOW_STEPS_MAX ((size_t)1 << 20)

/**
 * Resolve follow paths on the unfiltered tree.
 *
 * paths    relative; "." or an empty list means no filter
 * out, n   include patterns for the matcher, sorted bytewise, none below the one before it; *n == 0: no
 *          filter, everything is asked for. In the arena.
 * Errors   TNG_ELIMIT past FOLLOW_STEPS_MAX, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code follow_links(struct arena *a, const struct tree *tree, const struct str *paths,
		size_t npaths, struct str **out, size_t *n, struct tng_error *err);

#endif
