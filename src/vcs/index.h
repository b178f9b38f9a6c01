/*
 * vcs/index.h - git's index file: its entries in their order, without a copy of their paths.
 *
 * libgit2 reads it too, but hashes it on the way and allocates each entry: 1 ms for a thousand of them,
 * where the walk takes as long. git itself does not check the hash either.
 */
#ifndef VCS_INDEX_H
#define VCS_INDEX_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

#define INDEX_MAX_BYTES (UINT32_C(2) << 30)

/* Bits of struct index_entry's flags. */
#define INDEX_STAGE_MASK 0x03U /* not 0: one side of a conflict */
#define INDEX_ASSUME_VALID 0x04U
#define INDEX_SKIP_WORKTREE 0x08U
#define INDEX_INTENT_TO_ADD 0x10U
#define INDEX_NO_STAT 0x20U /* written without a look at the file: no size, no time */

struct index_entry {
	const char *path;         /* NUL-terminated, from the repository's top */
	const unsigned char *oid; /* of the blob, or the submodule's commit */
	uint32_t path_len;
	uint32_t size; /* of the file when it was added or checked out, the low 32 bits */
	uint16_t mode; /* 0100644, 0100755, 0120000, 0160000; 040000: a directory of a sparse index */
	uint8_t flags;
};

struct index_table {
	const struct index_entry *entries; /* ordered by path, unsigned bytes, then by stage */
	size_t n;
	struct str trees; /* its "TREE" extension: see vcs/cached.h; empty: none, or of a sparse or split index */
	bool skips_worktree; /* some entries need not be on disk */
};

/** The index of a repository, as it was read. */
struct vcs_index {
	struct index_table table;
	struct str path;
};

/**
 * Read an index, and the shared one beside it where it is split in two.
 *
 * path       of the file; one that is not there is an empty index
 * oid_bytes  20, or 32 where the repository's hash is SHA-256
 * problem    why it cannot be read; empty: all well
 * Errors     TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code index_read(struct arena *a, const char *path, size_t oid_bytes,
		struct index_table *out, struct str *problem, struct tng_error *err);

/** The same of bytes, which must outlive the table. One in two files is a problem: the other is not known. */
ATTR_NODISCARD
enum tng_code index_parse(struct arena *a, struct str bytes, size_t oid_bytes,
		struct index_table *out, struct str *problem, struct tng_error *err);

/** The entry of a path (of a conflict the first); NULL: none. */
const struct index_entry *index_find(const struct index_table *table, struct str path);

/** The entries below a directory: [*first, *end). `dir` ends with a slash, or is empty for all. */
void index_below(const struct index_table *table, struct str dir, size_t *first, size_t *end);

#endif
