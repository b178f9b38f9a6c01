/*
 * util/utf8.h - UTF-8 as Go decodes it, and Unicode white space.
 *
 * An invalid byte (overlong forms, surrogates, values above U+10FFFF, stray or missing
 * continuation bytes) is one U+FFFD of one byte.
 */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include "util/str.h"

#define UTF8_INVALID 0xFFFDU

/**
 * Decode the first character of a non-empty view.
 *
 * rune     the character, UTF8_INVALID for an invalid byte
 * Returns  its bytes, 1 to 4; an invalid byte gives 1 (a real U+FFFD gives 3)
 */
unsigned utf8_decode(struct str s, uint32_t *rune);

/** Encode a scalar value; out takes up to 4 bytes. Returns their number; anything invalid: U+FFFD. */
unsigned utf8_put(uint32_t rune, char out[4]);

bool utf8_is_valid(struct str s);

/** White space as Go's unicode.IsSpace: U+0009-000D, 0020, 0085, 00A0, 1680, 2000-200A, ... */
bool utf8_is_space(uint32_t rune);

/** Without white space (utf8_is_space) at both ends; an invalid byte is not white space. */
struct str utf8_trim(struct str s);

/** Columns the character takes in a terminal: 0 (combining), 1, or 2 (wide). Not for controls. */
unsigned utf8_width(uint32_t rune);

#endif
