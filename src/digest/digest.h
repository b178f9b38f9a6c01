/*
 * digest/digest.h - content: what files hold, in 128 bits.
 *
 *   rows --digest_contents--> a digest each
 *   rows --digest_duplicates--> groups of files that hold the same, the heaviest first
 *
 * The hash is XXH3-128: not for use against an adversary, certain enough for everything else.
 */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "util/arena.h"
#include "util/error.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

/** XXH3-128, seed 0. */
struct digest {
	uint64_t high, low;
};

int digest_cmp(const struct digest *a, const struct digest *b);

/** 32 hexadecimal digits, the high half first, as xxh128sum prints them. */
#define DIGEST_TEXT_BYTES 33
const char *digest_format(const struct digest *digest, char out[DIGEST_TEXT_BYTES]);

/** What reading one file gave. */
struct content {
	struct digest digest;
	uint64_t bytes; /* that were hashed */
	int os_errno;   /* 0: all well; else why it could not be read, and the rest is 0 */
};

struct digest_source {
	const struct tree *tree;
	int root_fd;    /* what it was walked from */
	unsigned njobs; /* threads; 0: as many as processors */
};

/**
 * Hash files.
 *
 * rows        of regular files; quick when ascending
 * head_bytes  hash no more of each than this; 0: whole files
 * out         n of them
 * Errors      TNG_ENOMEM. What cannot be read says so in its os_errno.
 * Threads     starts and joins its own
 */
ATTR_NODISCARD
enum tng_code digest_contents(const struct digest_source *source, const uint32_t *rows, size_t n,
		uint64_t head_bytes, struct content *out, struct tng_error *err);

/** Files that hold the same bytes. */
struct duplicate_group {
	const uint32_t *rows; /* ascending, at least two */
	size_t n;
	uint64_t size_bytes; /* of each */
	struct digest digest;
};

struct duplicates {
	const struct duplicate_group
			*groups; /* by the bytes of all copies but one, heaviest first */
	size_t n;
	uint64_t nread, read_bytes; /* files that were opened, and how much of them was read */
};

/**
 * Find files that hold the same.
 *
 * Read is only what has the size of another: its first 4096 bytes, and the whole where these are equal, too
 * (files of up to 16 KiB at once). Names of one file (hard links) are one file, and so are clones, which
 * share their blocks, where the system tells (Linux).
 *
 * a          owns the groups
 * wanted     per row: not 0 takes part; NULL: all
 * min_bytes  smaller files take no part; at least 1
 * Errors     TNG_ENOMEM. What cannot be read, or changes meanwhile, is a duplicate of nothing.
 */
ATTR_NODISCARD
enum tng_code digest_duplicates(struct arena *a, const struct digest_source *source,
		const uint8_t *wanted, uint64_t min_bytes, struct duplicates *out,
		struct tng_error *err);

#endif
