/*
 * The pattern is cut into pieces at its stars, and the pieces are found one after the other. Go does
 * not validate the whole pattern: it stops at the first piece that cannot match, so "x*[" is no error
 * against "." and "?*[" is one.
 */
#include "util/gomatch.h"

#include "util/utf8.h"

/* A piece is what stands between stars; a '*' inside brackets does not end it. */
static struct str cut_piece(struct str *pattern, bool *is_starred) {
	struct str piece = *pattern;
	bool in_brackets = false;
	size_t i;

	*is_starred = false;
	while (piece.len > 0 && piece.ptr[0] == '*') {
		piece = str_skip(piece, 1);
		*is_starred = true;
	}
	for (i = 0; i < piece.len && (piece.ptr[i] != '*' || in_brackets); i++) {
		if (piece.ptr[i] == '\\') {
			i += i + 1 < piece.len;
		} else if (piece.ptr[i] == '[') {
			in_brackets = true;
		} else if (piece.ptr[i] == ']') {
			in_brackets = false;
		}
	}
	*pattern = str_skip(piece, i);
	return str_take(piece, i);
}

/* One character of a class, perhaps escaped; something must follow it, if only the ']'. */
static bool class_char(struct str *s, uint32_t *rune) {
	if (s->len == 0 || s->ptr[0] == '-' || s->ptr[0] == ']') {
		return false;
	}
	if (s->ptr[0] == '\\') {
		*s = str_skip(*s, 1);
		if (s->len == 0) {
			return false;
		}
	}
	unsigned n = utf8_decode(*s, rune);
	*s = str_skip(*s, n);
	return (n > 1 || *rune != UTF8_INVALID) && s->len > 0;
}

/* The items behind a '[', to and with the ']'; whether `rune` is a member. */
static enum gomatch match_class(struct str *s, uint32_t rune) {
	bool is_negated = s->len > 0 && s->ptr[0] == '^';
	bool is_member = false;

	*s = str_skip(*s, is_negated);
	for (size_t nitems = 0; nitems == 0 || s->len == 0 || s->ptr[0] != ']'; nitems++) {
		uint32_t first, last;
		if (!class_char(s, &first)) {
			return GOMATCH_BAD;
		}
		last = first;
		if (s->ptr[0] == '-') {
			*s = str_skip(*s, 1);
			if (!class_char(s, &last)) {
				return GOMATCH_BAD;
			}
		}
		is_member = is_member || (first <= rune && rune <= last);
	}
	*s = str_skip(*s, 1);
	return is_member != is_negated ? GOMATCH_YES : GOMATCH_NO;
}

/* One token of the piece at the start of *left, unless it differs already: then the token is only read. */
static enum gomatch match_token(struct str *piece, struct str *left, bool differs) {
	char c = piece->ptr[0];
	uint32_t rune = 0;
	unsigned n = differs ? 0 : utf8_decode(*left, &rune);

	*piece = str_skip(*piece, 1);
	if (c == '[') {
		*left = str_skip(*left, n);
		return match_class(piece, rune);
	}
	if (c == '?') {
		bool fits = !differs && left->ptr[0] != '/';
		*left = str_skip(*left, n);
		return fits ? GOMATCH_YES : GOMATCH_NO;
	}
	if (c == '\\') {
		if (piece->len == 0) {
			return GOMATCH_BAD;
		}
		c = piece->ptr[0];
		*piece = str_skip(*piece, 1);
	}
	bool fits = !differs && c == left->ptr[0];
	*left = str_skip(*left, 1);
	return fits ? GOMATCH_YES : GOMATCH_NO;
}

/* Match a piece at the start of `name`; *rest gets what is left of it. The piece is read to its end even
 * when it differs early: it must be valid all through. */
static enum gomatch match_piece(struct str piece, struct str name, struct str *rest) {
	struct str left = name;
	bool differs = false;

	while (piece.len > 0) {
		differs = differs || left.len == 0;
		enum gomatch result = match_token(&piece, &left, differs);
		if (result == GOMATCH_BAD) {
			return GOMATCH_BAD;
		}
		differs = differs || result == GOMATCH_NO;
	}
	*rest = left;
	return differs ? GOMATCH_NO : GOMATCH_YES;
}

/* Whether a piece is taken byte by byte. */
static bool is_plain(struct str piece) {
	for (size_t i = 0; i < piece.len; i++) {
		if (piece.ptr[i] == '?' || piece.ptr[i] == '[' || piece.ptr[i] == '\\') {
			return false;
		}
	}
	return true;
}

/* The same as find_piece() for a plain piece, which can not be bad. */
static enum gomatch find_plain(struct str piece, bool is_starred, bool is_last, struct str *name) {
	const char *at = name->ptr;
	size_t skipped = 0;

	if (piece.len > name->len) {
		return GOMATCH_NO;
	}
	if (is_last) {
		skipped = name->len - piece.len;
		at += skipped;
	} else if (is_starred) {
		at = memmem(name->ptr, name->len, piece.ptr, piece.len);
		skipped = at != NULL ? (size_t)(at - name->ptr) : 0;
	}
	if (at == NULL || (skipped > 0 && !is_starred) || memcmp(at, piece.ptr, piece.len) != 0 ||
			memchr(name->ptr, '/', skipped) != NULL) {
		return GOMATCH_NO;
	}
	*name = str_skip(*name, skipped + piece.len);
	return GOMATCH_YES;
}

/* Find a piece in *name, which then becomes what follows it. */
static enum gomatch find_piece(struct str piece, bool is_starred, bool is_last, struct str *name) {
	struct str rest;

	if (is_plain(piece)) {
		return find_plain(piece, is_starred, is_last, name);
	}
	enum gomatch result = match_piece(piece, *name, &rest);

	if (result == GOMATCH_YES && (rest.len == 0 || !is_last)) {
		*name = rest;
		return GOMATCH_YES;
	}
	if (result == GOMATCH_BAD) {
		return GOMATCH_BAD;
	}
	for (size_t i = 0; is_starred && i < name->len && name->ptr[i] != '/'; i++) {
		result = match_piece(piece, str_skip(*name, i + 1), &rest);
		if (result == GOMATCH_BAD) {
			return GOMATCH_BAD;
		}
		if (result == GOMATCH_YES && (rest.len == 0 || !is_last)) {
			*name = rest;
			return GOMATCH_YES;
		}
	}
	return GOMATCH_NO;
}

enum gomatch gomatch(struct str pattern, struct str name) {
	while (pattern.len > 0) {
		bool is_starred;
		struct str piece = cut_piece(&pattern, &is_starred);
		if (is_starred && piece.len == 0) {
			return str_find(name, '/') == name.len ? GOMATCH_YES : GOMATCH_NO;
		}
		enum gomatch result = find_piece(piece, is_starred, pattern.len == 0, &name);
		if (result != GOMATCH_YES) {
			return result;
		}
	}
	return name.len == 0 ? GOMATCH_YES : GOMATCH_NO;
}

bool gomatch_has_wildcard(struct str text) {
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\') {
			i++;
		} else if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '[') {
			return true;
		}
	}
	return false;
}
