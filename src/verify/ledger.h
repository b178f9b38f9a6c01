/*
 * verify/ledger.h - how a ledger is made.
 *
 *   hits.c     every pattern, every row: what matches what
 *   without.c  a text without some lines: the fates that change
 *   ledger.c   each line in its turn
 *   label.c     what may be said of it
 */
#ifndef VERIFY_LEDGER_H
#define VERIFY_LEDGER_H

#include "util/vec.h"
#include "verify/verify.h"

/** What one pattern matches, or is in something that it matches; order and '!' not considered. */
struct hits {
	uint64_t nrows;
	uint64_t nsent, npruned; /* of these */
	uint32_t first;          /* row */
	uint32_t back; /* pattern of an exception that sends one of them, or IGNORE_NO_PATTERN */
	uint32_t end;  /* of the last top's subtree */
	struct {
		VEC_FIELDS(uint32_t)
	} tops; /* rows that it matches themselves, ascending, none below another */
};

/** Called for each row in order with the patterns that match it, ascending. */
typedef void hits_fn(void *user, uint32_t row, const uint32_t *patterns, uint32_t n);

/** Rows, ascending, none below another. */
struct hits_tops {
	const uint32_t *rows;
	size_t n;
};

/** Rows made so: sorted, and those below another dropped. Returns how many are left. */
size_t hits_tidy(const struct tree *tree, uint32_t *rows, size_t n);

/** tops: what is not one of them, nor below one, may be passed over; NULL: nothing is. */
ATTR_NODISCARD
enum tng_code hits_walk(const struct tree *tree, const struct ignore_set *set,
		const struct hits_tops *tops, hits_fn *fn, void *user, struct tng_error *err);

/** Fills one struct hits a pattern; ended with hits_fini(). */
ATTR_NODISCARD
enum tng_code hits_find(const struct tree *tree, const struct ignore_set *set,
		const struct transfer_plan *plan, struct hits *hits, struct tng_error *err);

void hits_fini(struct hits *hits, uint32_t n);

/** The text with some lines made comments, and what is sent then. */
struct version {
	const struct ignore_set *set; /* classic: of the very text; else the input's */
	struct ignore_set *owned;     /* the same, to be ended; NULL: the input's */
	uint8_t *fate;                /* per row */
};

/** The work memory of going from one version to another. */
struct without {
	const struct ledger_input *input;
	const struct hits *hits; /* per pattern of the input's set */
	struct arena *scratch;
	struct transfer_replanner
			*replanner; /* of the version that is made; classic: NULL, and ... */
	char *text;                 /* ... its text */
};

ATTR_NODISCARD
enum tng_code without_init(struct without *w, const struct ledger_input *input,
		const struct hits *hits, struct tng_error *err);
void without_fini(struct without *w);

/** Make a comment of a pattern's line, or put it back. */
void without_line(struct without *w, uint32_t pattern);
void without_undo(struct without *w, uint32_t pattern);

/**
 * The version of the text as it is now: that of `from`, without one more line.
 *
 * pattern  of that line, in the input's set
 * out      its set is to be ended by ignore_destroy(out->owned); out->fate is the caller's memory
 * bad      gets why the engine refuses the text, and *out is then of no use (no set)
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code without_plan(struct without *w, const struct version *from, uint32_t pattern,
		struct version *out, struct tng_error *bad, struct tng_error *err);

/** Whether anything can change without a pattern; false is certain. */
bool ledger_may_matter(const struct ledger_input *input, const struct hits *hits, uint32_t pattern);

/* ---- what may be said of a line */

struct labeller {
	const struct ledger_input *input;
	const struct hits *hits;
	struct without *without;
	struct version base; /* the text as it is; its set is the input's */
	struct ledger_line *lines;
	uint32_t nlines;
};

/** Fills status and other of each line; their sums are there. */
ATTR_NODISCARD
enum tng_code label_lines(struct labeller *l, struct tng_error *err);

#endif
