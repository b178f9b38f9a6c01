/*
 * The tokens of RE2 text that take some reading: escapes, classes, properties, counts. Each function
 * starts at the token's first byte and leaves what follows it in r->rest.
 */
#include "ignore/regexp_syntax.h"

#include "util/utf8.h"

#include <string.h>

bool regexp_refuse(struct regexp_reader *r, const char *message) {
	r->bad = message;
	return false;
}

bool regexp_at(const struct regexp_reader *r, char byte) {
	return r->rest.len > 0 && r->rest.ptr[0] == byte;
}

bool regexp_next_rune(struct regexp_reader *r, uint32_t *rune) {
	if (r->rest.len == 0) {
		return regexp_refuse(r, "unexpected end");
	}
	unsigned n = utf8_decode(r->rest, rune);
	r->rest = str_skip(r->rest, n);
	return *rune != UTF8_INVALID || n > 1 ? true : regexp_refuse(r, "invalid UTF-8");
}

/* ---- escapes ---- */

static int hex_value(uint32_t c) {
	if (c >= '0' && c <= '9') {
		return (int)(c - '0');
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}

static bool bad_range(struct regexp_reader *r) {
	return regexp_refuse(r, "invalid character class range");
}

static bool invalid_escape(struct regexp_reader *r) {
	return regexp_refuse(r, "invalid escape sequence");
}

/* Behind "\x{": any number of digits, at least one, to the '}'. */
static bool parse_hex_braces(struct regexp_reader *r, uint32_t *rune) {
	uint32_t value = 0, c;
	bool has_digits = false;

	for (;;) {
		if (!regexp_next_rune(r, &c)) {
			return invalid_escape(r);
		}
		if (c == '}') {
			break;
		}
		int digit = c < 0x80 ? hex_value(c) : -1;
		if (digit < 0) {
			return invalid_escape(r);
		}
		value = value * 16 + (uint32_t)digit;
		if (value > REGEXP_RUNE_MAX) {
			return invalid_escape(r);
		}
		has_digits = true;
	}
	*rune = value;
	return has_digits ? true : invalid_escape(r);
}

static bool parse_hex(struct regexp_reader *r, uint32_t *rune) {
	uint32_t high, low;

	if (!regexp_next_rune(r, &high)) {
		return invalid_escape(r);
	}
	if (high == '{') {
		return parse_hex_braces(r, rune);
	}
	if (!regexp_next_rune(r, &low) || hex_value(high) < 0 || hex_value(low) < 0) {
		return invalid_escape(r);
	}
	*rune = (uint32_t)(hex_value(high) * 16 + hex_value(low));
	return true;
}

/* `first` is read; three digits at most. One digit alone would be a back reference, but for 0. */
static bool parse_octal(struct regexp_reader *r, uint32_t first, uint32_t *rune) {
	uint32_t value = first - '0';
	unsigned n;

	for (n = 1; n < 3 && r->rest.len > 0 && r->rest.ptr[0] >= '0' && r->rest.ptr[0] <= '7';
			n++) {
		value = value * 8 + (uint32_t)(r->rest.ptr[0] - '0');
		r->rest = str_skip(r->rest, 1);
	}
	*rune = value;
	return n > 1 || first == '0' ? true : invalid_escape(r);
}

/* An escape that stands for one character; r->rest is at its backslash. */
bool regexp_parse_escape(struct regexp_reader *r, uint32_t *rune) {
	uint32_t c;

	r->rest = str_skip(r->rest, 1);
	if (r->rest.len == 0) {
		return regexp_refuse(r, "trailing backslash at end of expression");
	}
	if (!regexp_next_rune(r, &c)) {
		return false;
	}
	if (c >= '0' && c <= '7') {
		return parse_octal(r, c, rune);
	}
	*rune = c;
	switch (c) {
	case 'x':
		return parse_hex(r, rune);
	case 'a':
		*rune = '\a';
		return true;
	case 'f':
		*rune = '\f';
		return true;
	case 'n':
		*rune = '\n';
		return true;
	case 'r':
		*rune = '\r';
		return true;
	case 't':
		*rune = '\t';
		return true;
	case 'v':
		*rune = '\v';
		return true;
	default:
		break;
	}
	bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	return c >= 0x80 || is_letter || c == '8' || c == '9' ? invalid_escape(r) : true;
}

/* \pL, \PL, \p{Name}, \p{^Name}; r->rest is at the backslash. Added to c. */
bool regexp_parse_property(struct regexp_reader *r, struct char_class *c) {
	bool is_negated = r->rest.ptr[1] == 'P';
	struct str name = str_skip(r->rest, 2);
	uint32_t rune;

	r->rest = name;
	if (!regexp_next_rune(r, &rune)) {
		return bad_range(r);
	}
	name.len -= r->rest.len;
	if (rune == '{' && !str_cut(r->rest, '}', &name, &r->rest)) {
		return bad_range(r);
	}
	if (name.len > 0 && name.ptr[0] == '^') {
		name = str_skip(name, 1);
		is_negated = !is_negated;
	}
	return char_class_add_property(c, name, is_negated) ? true : bad_range(r);
}

/* ---- classes ---- */

enum group_result { GROUP_NONE, GROUP_ADDED, GROUP_BAD };

static enum group_result bad_group(struct regexp_reader *r) {
	(void)bad_range(r);
	return GROUP_BAD;
}

/* A member of a class that is a set of its own: [:name:], \p{Name}, \d. */
static enum group_result parse_class_group(struct regexp_reader *r, struct char_class *c) {
	struct str s = r->rest;

	if (s.len > 2 && s.ptr[0] == '[' && s.ptr[1] == ':') {
		/* up to the next ":]", be it beyond the class; without one the '[' is literal */
		struct str name = str_skip(s, 2);
		const char *end = memmem(name.ptr, name.len, ":]", 2);
		if (end != NULL) {
			size_t len = (size_t)(end - name.ptr);
			r->rest = str_skip(name, len + 2);
			return char_class_add_posix(c, str_take(name, len)) ? GROUP_ADDED
									    : bad_group(r);
		}
	}
	if (s.len < 2 || s.ptr[0] != '\\') {
		return GROUP_NONE;
	}
	if (s.ptr[1] == 'p' || s.ptr[1] == 'P') {
		return regexp_parse_property(r, c) ? GROUP_ADDED : GROUP_BAD;
	}
	if (char_class_add_perl(c, s.ptr[1])) {
		r->rest = str_skip(s, 2);
		return GROUP_ADDED;
	}
	return GROUP_NONE;
}

static bool parse_class_char(struct regexp_reader *r, uint32_t *rune) {
	if (r->rest.len == 0) {
		return regexp_refuse(r, "missing closing ]");
	}
	return regexp_at(r, '\\') ? regexp_parse_escape(r, rune) : regexp_next_rune(r, rune);
}

static bool parse_class_range(struct regexp_reader *r, struct char_class *c) {
	uint32_t first, last;

	if (!parse_class_char(r, &first)) {
		return false;
	}
	last = first;
	/* "[a-]" is 'a' and '-' */
	if (r->rest.len >= 2 && r->rest.ptr[0] == '-' && r->rest.ptr[1] != ']') {
		r->rest = str_skip(r->rest, 1);
		if (!parse_class_char(r, &last)) {
			return false;
		}
	}
	if (last < first) {
		return bad_range(r);
	}
	char_class_add_range(c, first, last);
	return true;
}

bool regexp_parse_class(struct regexp_reader *r, struct char_class *c) {
	char_class_clear(c);
	r->rest = str_skip(r->rest, 1);
	if (regexp_at(r, '^')) {
		c->is_negated = true;
		r->rest = str_skip(r->rest, 1);
	}
	for (bool is_first = true; is_first || !regexp_at(r, ']'); is_first = false) {
		switch (parse_class_group(r, c)) {
		case GROUP_BAD:
			return false;
		case GROUP_ADDED:
			break;
		case GROUP_NONE:
			if (!parse_class_range(r, c)) {
				return false;
			}
			break;
		}
	}
	r->rest = str_skip(r->rest, 1);
	return true;
}

/* ---- counts ---- */

/* A number without leading zeros; anything above REGEXP_REPEAT_MAX reads as REGEXP_REPEAT_MAX + 1. */
static bool parse_count(struct str *s, uint32_t *count) {
	size_t i;

	*count = 0;
	for (i = 0; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++) {
		*count = *count * 10 + (uint32_t)(s->ptr[i] - '0');
		*count = *count > REGEXP_REPEAT_MAX ? REGEXP_REPEAT_MAX + 1 : *count;
	}
	if (i == 0 || (i > 1 && s->ptr[0] == '0')) {
		return false;
	}
	*s = str_skip(*s, i);
	return true;
}

/* "{n}", "{n,}", "{n,m}": skipped and true; anything else is a literal '{'. */
bool regexp_parse_braces(struct regexp_reader *r, uint32_t *min, uint32_t *max) {
	struct str s = str_skip(r->rest, 1);

	if (!parse_count(&s, min)) {
		return false;
	}
	*max = *min;
	if (s.len > 0 && s.ptr[0] == ',') {
		s = str_skip(s, 1);
		*max = REGEXP_REPEAT_UNLIMITED;
		if (s.len > 0 && s.ptr[0] != '}' && !parse_count(&s, max)) {
			return false;
		}
	}
	if (s.len == 0 || s.ptr[0] != '}') {
		return false;
	}
	r->rest = str_skip(s, 1);
	return true;
}
