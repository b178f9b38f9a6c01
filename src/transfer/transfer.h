/*
 * transfer/transfer.h - what an engine sends of a tree, entry by entry.
 *
 *   tree, ignore_set, engine --transfer_plan--> plan: verdict and fate of every row
 *
 * The builders prune: below an excluded directory they look only where an exception could bring
 * something back, and each has its own idea of where that is (ignore-semantics 4.4, 4.5). So the
 * fate of a row is not its verdict alone.
 */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H

#include "ignore/ignore.h"
#include "util/arena.h"
#include "util/error.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

enum fate {
	FATE_SENT,     /* kept, and sent */
	FATE_PARENT,   /* an excluded directory, sent because something below it is (BuildKit) */
	FATE_EXCLUDED, /* excluded by a pattern, seen by the builder's walk */
	FATE_PRUNED,   /* below an excluded directory that the builder does not enter */
	FATE_SKIPPED,  /* kept, and yet not sent: a socket in a classic build */
};

/** Entries of a lens, the root not counted. */
struct weight {
	uint64_t nentries, nfiles, ndirs, nsymlinks, nothers;
	uint64_t bytes;     /* apparent, of regular files; names of one file count once */
	uint64_t allocated; /* on disk, of the same files */
};

/** What one pattern does: the rows it decided, and their bytes (hard links once per pattern). */
struct pattern_weight {
	uint64_t nentries, nfiles;
	uint64_t bytes;
};

struct transfer_plan {
	const uint32_t *decider; /* per row: pattern that decided, or IGNORE_NO_PATTERN */
	const uint8_t *fate;     /* per row: enum fate */
	struct weight disk;      /* all there is */
	struct weight eligible;  /* FATE_SENT and FATE_PARENT */
	const struct pattern_weight
			*patterns; /* per pattern; of exceptions: what they bring back */
	uint64_t npruned_wins; /* rows that a pattern would keep, lost because the walk is pruned */
};

struct transfer_request {
	enum tng_engine engine;
	struct str dockerfile; /* relative to the root, empty when outside or absent (classic keeps it) */
};

static inline bool fate_is_sent(uint8_t fate) {
	return fate == FATE_SENT || fate == FATE_PARENT;
}

/**
 * Decide every row.
 *
 * a        owns the columns
 * set      NULL: no ignore file
 * Errors   those of ignore_decide(): the build would fail there; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_plan(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		const struct transfer_request *request, struct transfer_plan *out,
		struct tng_error *err);

#endif
