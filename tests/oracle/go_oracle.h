/*
 * oracle/go_oracle.h - match-oracle, the reference's own libraries in a child process.
 *
 *   requests -> unlinked temporary file -> stdin of the child -> its stdout -> answers
 *
 * The child reads a whole batch and ends; nothing outlives a call, also when we are killed.
 */
#ifndef ORACLE_GO_ORACLE_H
#define ORACLE_GO_ORACLE_H

#include "oracle/question.h"

/** What the reference's reader says of one ignore file. */
struct file_answer {
	const char *error;     /* reading failed; NULL: it did not */
	const char *new_error; /* the matcher then refuses the list; NULL: it does not */
	struct str *patterns;
	size_t npatterns;
};

/** Ask all three evaluations of `n` questions. False (with a message on stderr): no answer. */
bool go_oracle_match(const char *program, struct arena *a, const struct question *questions,
		size_t n, struct answer *answers);

/** Ask how `n` files are read. */
bool go_oracle_read(const char *program, struct arena *a, const struct str *texts, size_t n,
		struct file_answer *answers);

/** The request line for one evaluation of a question, as match-oracle takes it. */
struct buf;
void go_oracle_put_request(struct buf *b, const struct question *q, enum evaluation e);

#endif
