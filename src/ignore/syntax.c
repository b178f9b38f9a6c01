/*
 * The syntax check of a pattern: exactly the errors of Go's filepath.Match(pattern, ".").
 *
 * That function does not validate the whole pattern. It goes through the pieces between stars,
 * matching them against the name, and stops at the first piece that cannot match: "x*[" passes,
 * "?*[" does not. So the check has to match "." as well.
 */
#include "ignore/internal.h"
#include "util/utf8.h"

enum piece_result { PIECE_BAD, PIECE_DIFFERS, PIECE_MATCHES };

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
static enum piece_result match_class(struct str *s, uint32_t rune) {
	bool is_negated = s->len > 0 && s->ptr[0] == '^';
	bool is_member = false;

	*s = str_skip(*s, is_negated);
	for (size_t nitems = 0; nitems == 0 || s->len == 0 || s->ptr[0] != ']'; nitems++) {
		uint32_t first, last;
		if (!class_char(s, &first)) {
			return PIECE_BAD;
		}
		last = first;
		if (s->ptr[0] == '-') {
			*s = str_skip(*s, 1);
			if (!class_char(s, &last)) {
				return PIECE_BAD;
			}
		}
		is_member = is_member || (first <= rune && rune <= last);
	}
	*s = str_skip(*s, 1);
	return is_member != is_negated ? PIECE_MATCHES : PIECE_DIFFERS;
}

/*
 * Match a piece at the start of *name, which is "." or empty; *name gets what is left. The piece
 * is read to its end even when it differs early: it must be valid all through.
 */
static enum piece_result match_piece(struct str piece, struct str *name) {
	struct str left = *name;
	bool differs = false;

	while (piece.len > 0) {
		char c = piece.ptr[0];
		piece = str_skip(piece, 1);
		differs = differs || left.len == 0;
		if (c == '[') {
			enum piece_result result = match_class(&piece, differs ? 0 : '.');
			if (result == PIECE_BAD) {
				return PIECE_BAD;
			}
			differs = differs || result == PIECE_DIFFERS;
		} else if (c != '?') {
			if (c == '\\') {
				if (piece.len == 0) {
					return PIECE_BAD;
				}
				c = piece.ptr[0];
				piece = str_skip(piece, 1);
			}
			differs = differs || c != left.ptr[0];
		}
		left = str_skip(left, 1);
	}
	if (differs) {
		return PIECE_DIFFERS;
	}
	*name = left;
	return PIECE_MATCHES;
}

bool pattern_has_syntax_error(struct str pattern) {
	struct str name = STR(".");

	while (pattern.len > 0) {
		bool is_starred;
		struct str piece = cut_piece(&pattern, &is_starred);
		if (is_starred && piece.len == 0) {
			return false;
		}
		/* a star in front changes nothing: a piece takes at least one byte, the name has one */
		enum piece_result result = match_piece(piece, &name);
		if (result != PIECE_MATCHES) {
			return result == PIECE_BAD;
		}
	}
	return false;
}
