/*
 * oracle/question.h - what the parties are asked, and what they answer.
 *
 *   generate.c --question--> go_oracle.c, fast_party.c, plain_party.c --answer--> compare.c
 *
 * Patterns and paths are bytes. Everything lives in the arena of the caller's batch.
 */
#ifndef ORACLE_QUESTION_H
#define ORACLE_QUESTION_H

#include "ignore/ignore.h"
#include "util/arena.h"
#include "util/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The three evaluations of the reference (spec 4.1 to 4.3); in IGNORE_BUILDAH all are one. */
enum evaluation {
	EVALUATION_WALK,   /* MatchesUsingParentResults from the top: decides what is sent */
	EVALUATION_WHOLE,  /* MatchesOrParentMatches */
	EVALUATION_LEGACY, /* Matches */
};

#define NEVALUATIONS 3

struct question {
	struct str *patterns;
	size_t npatterns;
	struct str *paths;
	size_t npaths;
	enum ignore_dialect dialect;
	unsigned flavour; /* what generate.c made it for; statistics only */
};

#define CELL_NO_DECIDER UINT32_MAX

/** The answer for one path in one evaluation. */
struct cell {
	char verdict; /* '1' excluded, '0' included, 'E' error in evaluation, 'P' panic, '?' broken */
	const char *text; /* of 'E', 'P' and '?'; else "" */
	uint32_t decider; /* the pattern that decided; CELL_NO_DECIDER: none, or not told (Go) */
};

struct answer {
	const char *refused; /* the list was refused as a whole, with these words; NULL: it was not */
	struct cell *cells[NEVALUATIONS]; /* per path; not set when refused */
};

const char *evaluation_name(enum evaluation e);

/** An answer with room for the question's cells, all '?'; false when out of memory. */
bool answer_init(struct arena *a, const struct question *q, struct answer *out);

#endif
