/*
 * verify/internal.h - how the room is put together.
 *
 *   asked.c     a source -> the rows it reads
 *   judge.c     a text, an engine -> what is sent, row by row
 *   compare.c   two judgments, all sources -> losses
 *   lacks.c     a plan of the text of now, all sources -> what they lack
 *   verify.c    the verifier: all of it, in order
 */
#ifndef VERIFY_INTERNAL_H
#define VERIFY_INTERNAL_H

#include "verify/verify.h"

/** The rows that a source reads, on the unfiltered tree. */
struct asked {
	const uint8_t *rows; /* per row, 1: it reads it; NULL: those from `first` to before `end` */
	uint32_t first, end;
};

/** One source of one build, or a build about which nothing is known. */
struct need {
	uint32_t build, source;
	bool is_whole; /* everything, or it may be everything */
	struct asked asked;
};

static inline bool asked_for(const struct asked *asked, uint32_t row) {
	return asked->rows != NULL ? asked->rows[row] != 0
				   : row >= asked->first && row < asked->end;
}

/** All sources of all builds that read the context; in the arena. */
ATTR_NODISCARD
enum tng_code needs_find(struct arena *a, const struct verify_input *input, struct need **out,
		size_t *n, struct tng_error *err);

/** Per row, 1: some source asks for it. *out is NULL where it is everything. */
ATTR_NODISCARD
enum tng_code needs_merge(struct arena *a, const struct tree *tree, const struct need *needs,
		size_t n, const uint8_t **out, struct tng_error *err);

/* ---- what a text does, row by row */

#define ROW_SENT 1U  /* it is sent */
#define ROW_THERE 2U /* it is sent, or something below it */
#define ROW_EMPTY 4U /* a file with content that arrives without */

/** One list of patterns under one engine. */
struct judgment {
	const struct ignore_set *set; /* NULL: no file */
	struct ignore_set *own_set;   /* the same, where judged_fini() ends it */
	uint8_t *rows;                /* ROW_* bits */
	const uint32_t *decider;      /* per row */
	struct weight eligible, requested;
	uint64_t nlooked, nempty;
};

/** One text under one engine. Classic's patterns hang on the Dockerfile, so there may be several lists. */
struct judged {
	struct tng_error bad; /* .code not TNG_OK: refused, and no lists */
	struct judgment *lists;
	size_t nlists;
	const struct judgment **of_build; /* one a build, at least one */
};

struct judge {
	struct arena *arena; /* of the row columns, and of all else */
	const struct verify_input *input;
	const uint8_t *asked_by_any; /* of needs_merge() */
};

/**
 * Judge a text.
 *
 * text     NULL: no file
 * out      ended with judged_fini() once this was called
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code judge_text(const struct judge *judge, enum tng_engine engine, const struct str *text,
		struct judged *out, struct tng_error *err);

void judged_fini(struct judged *judged);

/**
 * What a finished plan does to each row; decider, eligible and requested are left to the caller.
 *
 * out      its set is there
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code judge_plan(const struct judge *judge, enum tng_engine engine,
		const struct transfer_plan *plan, struct judgment *out, struct tng_error *err);

/* ---- losses */

struct loss_list {
	struct arena *arena;
	struct verify_loss *ptr; /* VERIFY_LOSSES_MAX are kept */
	size_t n, nall;
	uint8_t *lost; /* per row, gets 1 << engine; or NULL */
};

/** What is to be compared, under one engine. */
struct comparison {
	const struct verify_input *input;
	const struct need *needs; /* by build */
	size_t nneeds;
	enum tng_engine engine;
	/* one a build. before NULL: everything on disk, and sources that ask for everything do not count */
	const struct judgment *const *before, *const *after;
};

/** Append what the sources of all builds have before and not after. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code compare_builds(
		const struct comparison *what, struct loss_list *list, struct tng_error *err);

#endif
