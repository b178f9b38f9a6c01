/*
 * oracle/party.h - those who answer beside the Go library: the product and its plain judge.
 */
#ifndef ORACLE_PARTY_H
#define ORACLE_PARTY_H

#include "oracle/go_oracle.h"

/** Answer a question; false when out of memory (no answer then). */
typedef bool party_match_fn(struct arena *a, const struct question *q, struct answer *out);

/** Read a file, as the reference does; false when out of memory. */
typedef bool party_read_fn(struct arena *a, struct str text, struct file_answer *out);

struct party {
	const char *name;
	party_match_fn *match;
	party_read_fn *read;
};

/** Ends with an entry whose name is NULL. */
extern const struct party parties[];

party_match_fn fast_party_match;
party_read_fn fast_party_read;
party_match_fn plain_party_match;
party_read_fn plain_party_read;

/** One party's answer to a file, or to a list, seen against the Go library's. */
struct difference {
	const struct party *party;
	enum evaluation evaluation; /* of a path */
	size_t path;                /* SIZE_MAX: the list as a whole */
};

/** Whether the party's answer differs from Go's, and where first. */
bool answer_differs(const struct question *q, const struct answer *go, const struct answer *other,
		struct difference *where);

bool file_answer_differs(const struct file_answer *go, const struct file_answer *other);

/** Printable: as a C string literal without its quotes. */
void put_escaped(struct buf *b, struct str s);

/**
 * A smaller question that still makes `party` and Go differ: one path, fewer patterns, fewer bytes.
 *
 * Returns  false when the difference could not be seen again
 */
bool shrink(const char *program, struct arena *a, const struct party *party,
		const struct question *q, size_t path, struct question *out);

#endif
