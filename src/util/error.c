#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum tng_code set_va(struct tng_error *err, enum tng_code code, const char *format,
		va_list args) ATTR_PRINTF(3, 0);

static enum tng_code set_va(
		struct tng_error *err, enum tng_code code, const char *format, va_list args) {
	if (err != NULL && err->code == TNG_OK) {
		err->code = code;
		(void)vsnprintf(err->text, sizeof(err->text), format, args);
	}
	return code;
}

enum tng_code error_set(struct tng_error *err, enum tng_code code, const char *format, ...) {
	va_list args;

	va_start(args, format);
	(void)set_va(err, code, format, args);
	va_end(args);
	return code;
}

enum tng_code error_set_at(struct tng_error *err, enum tng_code code, uint32_t line,
		uint32_t column, const char *format, ...) {
	va_list args;

	if (err != NULL && err->code == TNG_OK) {
		err->line = line;
		err->column = column;
	}
	va_start(args, format);
	(void)set_va(err, code, format, args);
	va_end(args);
	return code;
}

/* strerror() may share its text between threads; strerror_r() is of two kinds. */
const char *error_system_words(int os_errno, char *text, size_t text_bytes) {
#if defined(__GLIBC__)
	return strerror_r(os_errno, text, text_bytes);
#else
	if (strerror_r(os_errno, text, text_bytes) != 0) {
		(void)snprintf(text, text_bytes, "error %d", os_errno);
	}
	return text;
#endif
}

enum tng_code error_set_errno(
		struct tng_error *err, int os_errno, struct str path, const char *action) {
	char words[sizeof(err->text)];

	if (err != NULL && err->code == TNG_OK) {
		err->os_errno = os_errno;
		error_set_where(err, path);
		return error_set(err, TNG_EIO, "%s: %s", action,
				error_system_words(os_errno, words, sizeof(words)));
	}
	return TNG_EIO;
}

enum tng_code error_nomem(struct tng_error *err) {
	return error_set(err, TNG_ENOMEM, "out of memory");
}

enum tng_code error_pass(struct tng_error *err, const struct tng_error *kept) {
	if (err != NULL && err->code == TNG_OK) {
		*err = *kept;
	}
	return kept->code;
}

void error_set_where(struct tng_error *err, struct str where) {
	if (err == NULL || err->where[0] != '\0') {
		return;
	}
	if (where.len >= sizeof(err->where)) {
		size_t keep = sizeof(err->where) - 4;
		memcpy(err->where, "...", 3);
		memcpy(err->where + 3, where.ptr + where.len - keep, keep);
		err->where[sizeof(err->where) - 1] = '\0';
		return;
	}
	memcpy(err->where, where.ptr, where.len);
	err->where[where.len] = '\0';
}
