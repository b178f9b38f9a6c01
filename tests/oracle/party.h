/*
 * oracle/party.h - those who answer beside the Go library: the product and its plain judge.
 */
#ifndef ORACLE_PARTY_H
#define ORACLE_PARTY_H

#include "ignore/ignore.h"
#include "oracle/go_oracle.h"
#include "util/buf.h"

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

/** A verdict, or the error that took its place; a decider must be of the kind that it decided. */
struct cell cell_of(struct arena *a, enum tng_code code, const struct verdict *v, bool is_exception,
		const struct tng_error *err);

/** The product's reader alone; false when out of memory. */
bool read_patterns(struct arena *a, struct str text, struct file_answer *out);

/** Add what a matcher says of the same file. */
bool take_parse(struct arena *a, enum tng_code code, const struct tng_error *err,
		struct file_answer *out);

/** Where a party's answer differs from Go's, or its decider from the first party's. */
struct difference {
	const struct party *party;
	enum evaluation evaluation; /* of a path */
	size_t path;                /* SIZE_MAX: the list as a whole */
	const char *what;
};

enum judgement {
	JUDGEMENT_SAME,
	JUDGEMENT_DIFFERS, /* *where tells */
	JUDGEMENT_FAILED,  /* out of memory */
};

/** Ask all parties, and compare. */
enum judgement judge(struct arena *a, const struct question *q, const struct answer *go,
		struct difference *where);

bool file_answer_differs(const struct file_answer *go, const struct file_answer *other);

/** Printable: as a C string literal without its quotes. */
void put_escaped(struct buf *b, struct str s);

/**
 * A smaller question whose answers still differ: one path if that is enough, fewer patterns, fewer bytes.
 *
 * Returns  false when the difference could not be seen again
 */
bool shrink(const char *program, struct arena *a, const struct question *q, size_t path,
		struct question *out);

#endif
