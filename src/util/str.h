/*
 * util/str.h - views of bytes.
 *
 * A struct str is a pointer and a length, passed by value; it owns nothing, is not NUL-terminated
 * and need not be UTF-8. Parsers cut views from views and copy only what must outlive the text.
 */
#ifndef UTIL_STR_H
#define UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *ptr;
	size_t len;
};

/** A view of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/** The two arguments that "%.*s" takes. */
#define STR_FMT(s) (int)(s).len, (s).ptr

/** View of a C string; NULL gives the empty view. */
static inline struct str str_from(const char *text) {
	return (struct str){ text != NULL ? text : "", text != NULL ? strlen(text) : 0 };
}

static inline struct str str_make(const char *ptr, size_t len) {
	return (struct str){ ptr, len };
}

static inline bool str_eq(struct str a, struct str b) {
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Order by unsigned bytes, a prefix before what it begins; <0, 0, >0 as memcmp. */
int str_cmp(struct str a, struct str b);

static inline bool str_starts(struct str s, struct str prefix) {
	return s.len >= prefix.len &&
			(prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends(struct str s, struct str suffix) {
	return s.len >= suffix.len &&
			(suffix.len == 0 ||
					memcmp(s.ptr + s.len - suffix.len, suffix.ptr,
							suffix.len) == 0);
}

/** Equal when ASCII letters of both are lower-cased. */
bool str_eq_nocase(struct str a, struct str b);

/** Whether a part stands somewhere in it; an empty one does. */
bool str_contains(struct str s, struct str part);

/** What follows the first `n` bytes; empty when there are fewer. */
static inline struct str str_skip(struct str s, size_t n) {
	size_t skipped = n < s.len ? n : s.len;

	/* a zeroed view has no bytes to point behind: NULL + 0 is undefined */
	return (struct str){ skipped > 0 ? s.ptr + skipped : s.ptr, s.len - skipped };
}

/** The first `n` bytes, or all when there are fewer. */
static inline struct str str_take(struct str s, size_t n) {
	return (struct str){ s.ptr, n < s.len ? n : s.len };
}

/** Index of the first / last `byte`; s.len when there is none. */
size_t str_find(struct str s, char byte);
size_t str_find_last(struct str s, char byte);

/** Whether one of the bytes is in it; a NUL is none. */
bool str_has_any(struct str s, const char *bytes);

/**
 * Cut at the first `sep`: *head gets what is before it and *rest what follows (the empty view when
 * there is no `sep`). Returns whether there was one. head and rest may alias the input's storage.
 */
bool str_cut(struct str s, char sep, struct str *head, struct str *rest);

/** Without ASCII blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);

/** 64-bit hash of the bytes; the same in every run. */
uint64_t str_hash(struct str s);

#endif
