#include "util/str.h"

static unsigned char ascii_lower(char c) {
	unsigned char u = (unsigned char)c;
	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

static bool is_ascii_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int str_cmp(struct str a, struct str b) {
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order != 0) {
		return order;
	}
	return (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(struct str a, struct str b) {
	if (a.len != b.len) {
		return false;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i])) {
			return false;
		}
	}
	return true;
}

bool str_contains(struct str s, struct str part) {
	return part.len == 0 || (s.len > 0 && memmem(s.ptr, s.len, part.ptr, part.len) != NULL);
}

size_t str_find(struct str s, char byte) {
	const char *at = s.len > 0 ? memchr(s.ptr, byte, s.len) : NULL;
	return at != NULL ? (size_t)(at - s.ptr) : s.len;
}

size_t str_find_last(struct str s, char byte) {
	for (size_t i = s.len; i > 0; i--) {
		if (s.ptr[i - 1] == byte) {
			return i - 1;
		}
	}
	return s.len;
}

bool str_has_any(struct str s, const char *bytes) {
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\0' && strchr(bytes, s.ptr[i]) != NULL) {
			return true;
		}
	}
	return false;
}

bool str_cut(struct str s, char sep, struct str *head, struct str *rest) {
	size_t at = str_find(s, sep);

	*head = str_take(s, at);
	*rest = str_skip(s, at + 1);
	return at < s.len;
}

struct str str_trim(struct str s) {
	while (s.len > 0 && is_ascii_blank(s.ptr[0])) {
		s = str_skip(s, 1);
	}
	while (s.len > 0 && is_ascii_blank(s.ptr[s.len - 1])) {
		s.len--;
	}
	return s;
}

uint64_t str_hash(struct str s) {
	/* multiply-and-fold over eight bytes at a time; the length goes in so that a name and the
	 * same name with NULs behind it differ */
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = (uint64_t)s.len * k;
	const char *p = s.ptr;
	size_t n = s.len;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	if (n > 0) {
		uint64_t word = 0;
		memcpy(&word, p, n);
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ (h >> 32);
}
