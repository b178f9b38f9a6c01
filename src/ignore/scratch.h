/*
 * ignore/scratch.h - the working memory of one thread, and the steps that decisions are made of.
 *
 *   scratch.c   creation; one name through the automaton: hits and targets
 *   match.c     the reference's loop over what matched: ignore_decide()
 *   paths.c     paths out of the blue, the other two evaluations
 */
#ifndef IGNORE_SCRATCH_H
#define IGNORE_SCRATCH_H

#include "ignore/match.h"
#include "util/vec.h"

/* A directory on the way to the path decided last, for ignore_decide_path(). */
struct level {
	size_t path_len; /* of the directory, without a slash */
	struct ignore_dir dir;
};

struct ignore_scratch {
	const struct ignore_set *set;
	struct active_table *active;
	struct matched_table *matched;
	struct regexp_scratch *regexp;

	uint8_t *is_out; /* per pattern: ignore_leave_out() */
	uint32_t nout;   /* patterns that are */
	uint32_t *slow;  /* of the automaton's, those that are not */
	uint32_t nslow;
	uint32_t bad; /* the first pattern with a bad regexp that is not; IGNORE_NO_PATTERN: none */

	uint32_t *hits; /* of the entry at hand, ascending when complete */
	uint32_t nhits;
	uint32_t *targets; /* states its name leads to */
	uint32_t ntargets;
	uint32_t *merged; /* the list being made */
	uint32_t nmerged;
	bool excluded_stays; /* only the automaton can bring back what is excluded */

	struct {
		VEC_FIELDS(char)
	} last_path; /* directories of the path decided last */
	struct {
		VEC_FIELDS(struct level)
	} levels;
	bool levels_are_whole; /* they carry whole-path matches, not the walk's */
};

/**
 * One name through the automaton: fills hits and targets.
 *
 * Returns  whether the name has a newline that matters to the set
 */
bool scratch_step(struct ignore_scratch *s, const struct active *from, struct str name);

/** Whether an exception may match a name of an excluded directory; see scratch.c. */
bool scratch_may_come_back(
		const struct ignore_scratch *s, const struct active *from, struct str name);

/* Three ascending lists side by side: matched above, hits, and patterns to be tested one by one. */
struct cursor {
	const uint32_t *matched, *hits, *slow;
	uint32_t nmatched, nhits, nslow;
};

struct candidate {
	uint32_t pattern;
	bool is_matched, is_hit; /* neither: to be tested */
};

/** At the start of a list of matches, the hits of the last step and the patterns to be tested. */
struct cursor cursor_start(const struct ignore_scratch *s, uint32_t matched);

/** The next pattern that matched, was hit or must be tested, ascending; false at the end. */
bool cursor_next(struct cursor *c, struct candidate *out);

/** One pattern against a whole path; errors get its line. */
ATTR_NODISCARD
enum tng_code scratch_test_pattern(struct ignore_scratch *s, uint32_t pattern, struct str path,
		bool *out, struct tng_error *err);

/** All hits in a row, those from above included, into s->merged. */
void scratch_collect_hits(struct ignore_scratch *s, uint32_t matched);

/** The number of the list in s->merged; its last pattern is the one that decides. */
uint32_t scratch_intern_merged(struct ignore_scratch *s);

/** What a directory's matches are worth for one of its names (IGNORE_BUILDAH: a newline ends them). */
uint32_t scratch_matched_for(const struct ignore_scratch *s, uint32_t matched, struct str name);

/** The state for the children of the entry that was stepped to. */
ATTR_NODISCARD
enum tng_code scratch_below_dir(struct ignore_scratch *s, struct ignore_dir dir, bool newline,
		uint32_t matched, struct ignore_dir *below, struct tng_error *err);

#endif
