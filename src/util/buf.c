#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_MIN_BYTES 256

void buf_fini(struct buf *b) {
	free(b->ptr);
	*b = (struct buf){ 0 };
}

char *buf_reserve(struct buf *b, size_t n) {
	if (b->failed) {
		return NULL;
	}
	if (b->ptr != NULL && b->cap - b->len >= n) {
		return b->ptr + b->len;
	}
	size_t need;
	if (__builtin_add_overflow(b->len, n, &need)) {
		b->failed = true;
		return NULL;
	}
	size_t cap = b->cap > 0 ? b->cap : BUF_MIN_BYTES;
	while (cap < need) {
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	}
	char *grown = realloc(b->ptr, cap);
	if (grown == NULL) {
		b->failed = true;
		return NULL;
	}
	b->ptr = grown;
	b->cap = cap;
	return grown + b->len;
}

void buf_append(struct buf *b, struct str s) {
	char *at = s.len > 0 ? buf_reserve(b, s.len) : NULL;

	if (at != NULL) {
		memcpy(at, s.ptr, s.len);
		b->len += s.len;
	}
}

void buf_putc(struct buf *b, char c) {
	char *at = buf_reserve(b, 1);

	if (at != NULL) {
		*at = c;
		b->len++;
	}
}

void buf_put_u64(struct buf *b, uint64_t value) {
	char digits[20];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	buf_append(b, str_make(digits + sizeof(digits) - n, n));
}

void buf_printf(struct buf *b, const char *format, ...) {
	va_list args;

	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		b->failed = true;
		return;
	}
	char *at = buf_reserve(b, (size_t)n + 1);
	if (at == NULL) {
		return;
	}
	va_start(args, format);
	(void)vsnprintf(at, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

char *buf_detach(struct buf *b) {
	buf_putc(b, '\0');
	if (b->failed) {
		buf_fini(b);
		return NULL;
	}
	char *text = b->ptr;
	*b = (struct buf){ 0 };
	return text;
}
