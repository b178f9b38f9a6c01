/*
 * vcs/cached.h - which trees the index holds: its "TREE" extension, found by the name of the tree object.
 *
 * git notes for a directory which tree object its entries make, until one of them changes. A tree of another
 * revision that has the same name need not be read: its files are these entries.
 */
#ifndef VCS_CACHED_H
#define VCS_CACHED_H

#include "vcs/index.h"

/** The entries of a directory, and how many bytes of their paths lead to it. */
struct index_dir {
	size_t first, end;
	size_t skip; /* with the slash */
};

struct cached_trees {
	const struct index_table *index;
	struct cached_tree *slots; /* by object name, open addressing; NULL: none */
	size_t mask;
};

/** Out of an index; of an extension that cannot be read nothing is known. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code cached_read(struct arena *a, const struct index_table *index, size_t oid_bytes,
		struct cached_trees *out, struct tng_error *err);

/** The entries that make a tree; false: the index has none that are known to. */
bool cached_find(const struct cached_trees *cached, const unsigned char *oid, size_t oid_bytes,
		struct index_dir *out);

#endif
