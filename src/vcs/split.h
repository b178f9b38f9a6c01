/*
 * vcs/split.h - an index in two files: what the small one changes in the large one.
 */
#ifndef VCS_SPLIT_H
#define VCS_SPLIT_H

#include "vcs/index.h"

/**
 * Put the two together.
 *
 * base     the shared index
 * own      the entries of the small one: first those without a path, which replace one of the base each, in
 *          its order; then those that are new, ordered
 * bitmaps  which entries of the base are gone, and which are replaced
 * out      refers to the paths and objects of both; set where there is no problem
 * problem  why it cannot be done; empty: all well
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code split_merge(struct arena *a, const struct index_table *base,
		const struct index_table *own, struct str bitmaps, struct index_table *out,
		struct str *problem, struct tng_error *err);

#endif
