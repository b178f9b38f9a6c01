/*
 * JSON arrays of strings, the exec form of RUN, CMD, COPY, ...
 *
 * Text that is no JSON is not an error but plain words (`RUN [ -f x ] && y`), so what is told apart
 * is: an array of strings, a correct array of anything else, and the rest. As Go's encoding/json:
 * bytes that are not UTF-8 and lone surrogates become U+FFFD.
 */
#include "dockerfile/internal.h"

#include "util/utf8.h"

/** Go's decoder gives up at ten thousand; no shell word is a hundred levels deep. */
#define JSON_MAX_DEPTH 128U

struct reader {
	struct arena *a;
	struct str text;
	size_t at;
	bool nomem;
};

static void skip_space(struct reader *r) {
	while (r->at < r->text.len) {
		char c = r->text.ptr[r->at];
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			break;
		}
		r->at++;
	}
}

static bool take(struct reader *r, char c) {
	if (r->at < r->text.len && r->text.ptr[r->at] == c) {
		r->at++;
		return true;
	}
	return false;
}

static int hex_value(char c) {
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex4(struct reader *r, uint32_t *out) {
	uint32_t value = 0;

	if (r->text.len - r->at < 4) {
		return false;
	}
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(r->text.ptr[r->at++]);
		if (digit < 0) {
			return false;
		}
		value = value << 4 | (uint32_t)digit;
	}
	*out = value;
	return true;
}

/** What follows "\u"; a high surrogate takes the low one behind it. */
static bool read_unicode(struct reader *r, uint32_t *rune) {
	uint32_t low;

	if (!read_hex4(r, rune)) {
		return false;
	}
	if (*rune >= 0xD800 && *rune < 0xDC00 && str_starts(str_skip(r->text, r->at), STR("\\u"))) {
		size_t before = r->at;
		r->at += 2;
		if (!read_hex4(r, &low)) {
			return false;
		}
		if (low >= 0xDC00 && low < 0xE000) {
			*rune = 0x10000 + ((*rune - 0xD800) << 10) + (low - 0xDC00);
		} else {
			r->at = before;
		}
	}
	return true; /* utf8_put makes U+FFFD of a lone surrogate */
}

static bool read_escape(struct reader *r, uint32_t *rune) {
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (r->at == r->text.len) {
		return false;
	}
	char c = r->text.ptr[r->at++];
	if (c == 'u') {
		return read_unicode(r, rune);
	}
	const char *found = c != '\0' ? strchr(from, c) : NULL;
	*rune = found != NULL ? (uint32_t)to[found - from] : 0;
	return found != NULL;
}

/** A string from its opening quote on, decoded into `out`, which has room for three times its bytes. */
static bool decode_string(struct reader *r, char *out, size_t *len) {
	size_t n = 0;

	for (r->at++; r->at < r->text.len;) {
		char c = r->text.ptr[r->at];
		uint32_t rune;
		if (c == '"') {
			r->at++;
			*len = n;
			return true;
		}
		if ((unsigned char)c < 0x20) {
			return false;
		}
		if (c == '\\') {
			r->at++;
			if (!read_escape(r, &rune)) {
				return false;
			}
		} else {
			r->at += utf8_decode(str_skip(r->text, r->at), &rune);
		}
		n += utf8_put(rune, out + n);
	}
	return false;
}

/** Bytes up to the quote that ends the string at r->at, escapes skipped. */
static size_t string_extent(const struct reader *r) {
	size_t i = r->at + 1;

	while (i < r->text.len && r->text.ptr[i] != '"') {
		i += r->text.ptr[i] == '\\' ? 2 : 1;
	}
	return i - r->at;
}

static bool read_string(struct reader *r, struct str *out) {
	size_t len = 0;
	char *text = arena_alloc_array(r->a, string_extent(r) + 1, 3);

	if (text == NULL) {
		r->nomem = true;
		return false;
	}
	if (!decode_string(r, text, &len)) {
		return false;
	}
	*out = str_make(text, len);
	return true;
}

static size_t count_digits(struct reader *r) {
	size_t start = r->at;

	while (r->at < r->text.len && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9') {
		r->at++;
	}
	return r->at - start;
}

static bool skip_number(struct reader *r) {
	(void)take(r, '-');
	if (!take(r, '0') && count_digits(r) == 0) {
		return false;
	}
	if (take(r, '.') && count_digits(r) == 0) {
		return false;
	}
	if (take(r, 'e') || take(r, 'E')) {
		(void)(take(r, '+') || take(r, '-'));
		return count_digits(r) > 0;
	}
	return true;
}

static bool skip_value(struct reader *r, unsigned depth);

static bool skip_object(struct reader *r, unsigned depth) {
	struct str key;

	skip_space(r);
	if (take(r, '}')) {
		return true;
	}
	do {
		skip_space(r);
		if (r->at == r->text.len || r->text.ptr[r->at] != '"' || !read_string(r, &key)) {
			return false;
		}
		skip_space(r);
		if (!take(r, ':') || !skip_value(r, depth)) {
			return false;
		}
		skip_space(r);
	} while (take(r, ','));
	return take(r, '}');
}

static bool skip_array(struct reader *r, unsigned depth) {
	skip_space(r);
	if (take(r, ']')) {
		return true;
	}
	do {
		if (!skip_value(r, depth)) {
			return false;
		}
		skip_space(r);
	} while (take(r, ','));
	return take(r, ']');
}

static bool skip_literal(struct reader *r, struct str word) {
	if (!str_starts(str_skip(r->text, r->at), word)) {
		return false;
	}
	r->at += word.len;
	return true;
}

static bool skip_value(struct reader *r, unsigned depth) {
	struct str ignored;

	skip_space(r);
	if (depth == JSON_MAX_DEPTH || r->at == r->text.len) {
		return false;
	}
	switch (r->text.ptr[r->at]) {
	case '"':
		return read_string(r, &ignored);
	case '{':
		r->at++;
		return skip_object(r, depth + 1);
	case '[':
		r->at++;
		return skip_array(r, depth + 1);
	case 't':
		return skip_literal(r, STR("true"));
	case 'f':
		return skip_literal(r, STR("false"));
	case 'n':
		return skip_literal(r, STR("null"));
	default:
		return skip_number(r);
	}
}

static bool read_element(struct reader *r, struct json_strings *out, bool *all_strings) {
	skip_space(r);
	if (r->at == r->text.len || r->text.ptr[r->at] != '"') {
		*all_strings = false;
		return skip_value(r, 1);
	}
	struct json_string *s = LIST_PUSH(r->a, out);
	if (s == NULL) {
		r->nomem = true;
		return false;
	}
	size_t start = r->at;
	bool ok = read_string(r, &s->text);
	s->written = str_take(str_skip(r->text, start), r->at - start);
	return ok;
}

static bool read_elements(struct reader *r, struct json_strings *out, bool *all_strings) {
	skip_space(r);
	if (take(r, ']')) {
		return true;
	}
	do {
		if (!read_element(r, out, all_strings)) {
			return false;
		}
		skip_space(r);
	} while (take(r, ','));
	return take(r, ']');
}

enum json_verdict json_read_strings(struct arena *a, struct str text, struct json_strings *out) {
	struct str trimmed = trim_left(text);
	struct reader r = { .a = a, .text = text, .at = (size_t)(trimmed.ptr - text.ptr) };
	bool all_strings = true;

	if (!take(&r, '[')) {
		return JSON_NOT;
	}
	bool is_array = read_elements(&r, out, &all_strings);
	skip_space(&r);
	if (r.nomem) {
		return JSON_NOMEM;
	}
	if (!is_array || r.at < text.len) {
		return JSON_NOT;
	}
	return all_strings ? JSON_STRINGS : JSON_OTHER_ARRAY;
}
