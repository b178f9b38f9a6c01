/*
 * util/buf.h - growing output with a sticky failure.
 *
 * Append freely, then check buf_failed() once. A failed buffer keeps what it had and ignores
 * further appends.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include "util/attr.h"
#include "util/str.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	bool failed;
};

/** An empty buffer; `struct buf b = { 0 }` is the same. */
static inline void buf_init(struct buf *b) {
	*b = (struct buf){ 0 };
}

void buf_fini(struct buf *b);

/** Forget the contents, keep the memory and the failure. */
static inline void buf_clear(struct buf *b) {
	b->len = 0;
}

static inline bool buf_failed(const struct buf *b) {
	return b->failed;
}

static inline struct str buf_str(const struct buf *b) {
	return (struct str){ b->ptr != NULL ? b->ptr : "", b->len };
}

/** Room for `n` more bytes: a pointer to write at, NULL on failure. buf_advance() takes them in. */
char *buf_reserve(struct buf *b, size_t n);

static inline void buf_advance(struct buf *b, size_t n) {
	b->len += n;
}

void buf_append(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_put_u64(struct buf *b, uint64_t value);
void buf_printf(struct buf *b, const char *format, ...) ATTR_PRINTF(2, 3);

/** The text with a NUL behind it, owned by the caller (free()); NULL if the buffer failed. */
char *buf_detach(struct buf *b);

#endif
