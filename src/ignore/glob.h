/*
 * ignore/glob.h - one path component against one glob, as the reference's regexp would match it:
 * '*' is [^/]*, '?' is one character ([^/]; an invalid byte is one character).
 */
#ifndef IGNORE_GLOB_H
#define IGNORE_GLOB_H

#include "util/arena.h"
#include "util/str.h"

enum glob_token_type {
	GLOB_LITERAL,  /* one byte */
	GLOB_STAR,     /* any bytes */
	GLOB_ANY_RUNE, /* one character */
	GLOB_CLASS,    /* one ASCII character of a set */
};

struct glob_token {
	enum glob_token_type type;
	unsigned char byte;    /* GLOB_LITERAL */
	const uint64_t *class; /* GLOB_CLASS: 128 bits */
};

/** How a glob is tested: the common shapes need no loop over tokens. */
enum glob_shape {
	GLOB_SHAPE_ALL,      /* "*" */
	GLOB_SHAPE_LITERALS, /* prefix "*" suffix, either may be empty */
	GLOB_SHAPE_ENDS,     /* one star, tokens before and behind it */
	GLOB_SHAPE_TOKENS,
};

struct glob {
	enum glob_shape shape;
	struct str prefix, suffix; /* literal bytes at the ends, of any shape */
	const struct glob_token *tokens;
	size_t ntokens;
	size_t nhead; /* GLOB_SHAPE_ENDS: tokens before the star */
};

/** Shape, prefix and suffix from the tokens, which must outlive the glob. False: out of memory. */
ATTR_NODISCARD
bool glob_init(struct glob *glob, struct arena *a, const struct glob_token *tokens, size_t ntokens);

bool glob_matches(const struct glob *glob, struct str name);

/** Whether a name that starts (ends) with this byte can match at all; names are not empty. */
bool glob_may_start_with(const struct glob *glob, unsigned char byte);
bool glob_may_end_with(const struct glob *glob, unsigned char byte);

/** Whether the last byte but one can be this. */
bool glob_may_end_with_before(const struct glob *glob, unsigned char byte);

#endif
