/*
 * ignore/regexp_translate.h - RE2 text to PCRE2 text; private to the regexp files of the room.
 */
#ifndef IGNORE_REGEXP_TRANSLATE_H
#define IGNORE_REGEXP_TRANSLATE_H

#include "util/buf.h"
#include "util/str.h"

/**
 * Translate the RE2 language that pattern.c can write (Go's regexp/syntax with Perl flags; groups
 * have no flags of their own) to a PCRE2 pattern with the same meaning, printable ASCII only, to be
 * compiled with PCRE2_UTF.
 *
 * Returns  NULL, or a static message where Go's regexp.Compile refuses the text. Out of memory shows
 *          as buf_failed(out).
 */
ATTR_NODISCARD const char *regexp_translate(struct str re2_text, struct buf *out);

#endif
