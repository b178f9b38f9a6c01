/*
 * util/error.h - filling a caller's struct tng_error.
 *
 * The first to know writes the text; callers pass the error on unedited. Every function accepts
 * err == NULL and keeps the first message that was set.
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include "tonnage/tonnage.h"
#include "util/attr.h"
#include "util/str.h"

/** Set code and text (one line, no final period); returns `code`. */
enum tng_code error_set(struct tng_error *err, enum tng_code code, const char *format, ...)
		ATTR_PRINTF(3, 4);

/** As error_set with a position, 1-based; column 0: the whole line. */
enum tng_code error_set_at(struct tng_error *err, enum tng_code code, uint32_t line,
		uint32_t column, const char *format, ...) ATTR_PRINTF(5, 6);

/** TNG_EIO for `path`: "<action>: <the system's words>". */
enum tng_code error_set_errno(
		struct tng_error *err, int os_errno, struct str path, const char *action);

/** The system's words for an errno, into `text` or static; safe on any thread. */
const char *error_system_words(int os_errno, char *text, size_t text_bytes);

/** TNG_ENOMEM, "out of memory". */
enum tng_code error_nomem(struct tng_error *err);

/** Hand on an error that was kept aside; returns its code. */
enum tng_code error_pass(struct tng_error *err, const struct tng_error *kept);

/** Name the file the error is about, unless it already names one; too long: cut at the front. */
void error_set_where(struct tng_error *err, struct str where);

#endif
