/*
 * digest/candidates.h - files on their way to groups of those that hold the same.
 *
 *   duplicates.c   which files take part, what their heads say, and the groups in the end
 *   heaviest.c     the rest of those whose heads are alike, while it may matter
 *   clones.c       files that share their blocks
 */
#ifndef DIGEST_CANDIDATES_H
#define DIGEST_CANDIDATES_H

#include "digest/digest.h"

struct candidate {
	uint64_t size;
	struct digest digest;
	uint64_t block; /* clones.c */
	uint32_t row;
	bool is_whole;   /* the digest is of all of it */
	bool is_sampled; /* the digest is of parts of it */
};

struct finder {
	const struct digest_source *source;
	struct tree_opener *opener;
	struct candidate *list;
	size_t n;
	uint64_t nread, read_bytes;
};

/** Where those end that are like the one at `i`, in a list in the order of contents. */
size_t candidates_alike_end(const struct finder *f, size_t i);

/** The list in the order of contents, without what is like nothing else. */
void candidates_drop_unique(struct finder *f);

/** Of those whose heads are alike only those stay whose rest is, too; in the order of contents. */
ATTR_NODISCARD
enum tng_code candidates_confirm(struct finder *f, struct tng_error *err);

/** As candidates_confirm(); see struct duplicate_request. */
ATTR_NODISCARD
enum tng_code candidates_confirm_heaviest(
		struct finder *f, const struct duplicate_request *request, struct tng_error *err);

/** One of each set of clones stays, of files that hold the same; a group of one goes. */
void candidates_drop_clones(struct finder *f);

#endif
