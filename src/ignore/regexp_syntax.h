/*
 * ignore/regexp_syntax.h - the tokens of RE2 text; private to the regexp files of the room.
 *
 * Every parse function returns false where Go's regexp refuses the text, with the reason in r->bad.
 */
#ifndef IGNORE_REGEXP_SYNTAX_H
#define IGNORE_REGEXP_SYNTAX_H

#include "ignore/regexp_class.h"
#include "util/str.h"

#define REGEXP_REPEAT_MAX 1000 /* {n,m}, and all {n} around one atom multiplied */
#define REGEXP_REPEAT_UNLIMITED (REGEXP_REPEAT_MAX + 2) /* the m of {n,} */

struct regexp_reader {
	struct str rest;
	const char *bad; /* static; NULL: all well so far */
};

/** Sets r->bad and returns false. */
bool regexp_refuse(struct regexp_reader *r, const char *message);

/** Whether `byte` is next. */
bool regexp_at(const struct regexp_reader *r, char byte);

/** The next character; false at the end and at invalid UTF-8. */
bool regexp_next_rune(struct regexp_reader *r, uint32_t *rune);

/** An escape that stands for one character, at its backslash; surrogates are possible. */
bool regexp_parse_escape(struct regexp_reader *r, uint32_t *rune);

/** \pL, \PL, \p{Name}, \p{^Name}, at the backslash: added to the class. */
bool regexp_parse_property(struct regexp_reader *r, struct char_class *c);

/** A whole class, at its '['; what was in *c before is gone. */
bool regexp_parse_class(struct regexp_reader *r, struct char_class *c);

/**
 * "{n}", "{n,}" or "{n,m}", at the '{'. Anything above REGEXP_REPEAT_MAX reads as one more than that.
 *
 * Returns  false when it is none of these, and so a literal '{'; nothing is read then, r->bad not set
 */
bool regexp_parse_braces(struct regexp_reader *r, uint32_t *min, uint32_t *max);

#endif
