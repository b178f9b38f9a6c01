/*
 * Ignore-file text to pattern strings, as the Docker reader does it: a line is cut, a comment is
 * recognised before anything is trimmed, blanks go, then '!' is set aside while the rest is cleaned.
 */
#include "ignore/internal.h"
#include "util/path.h"
#include "util/utf8.h"
#include "util/vec.h"

#include <stdlib.h>

struct read_patterns {
	VEC_FIELDS(struct read_pattern)
};

/* The next line without its LF and the one CR before it; false at the end of the text. */
static bool next_line(struct str *rest, struct str *line, bool *is_too_long) {
	if (rest->len == 0) {
		return false;
	}
	(void)str_cut(*rest, '\n', line, rest);
	/* bufio.Scanner gives up when its buffer is full and no LF is in it, whether the text ends
	 * there or not; the CR counts, and so does the BOM */
	*is_too_long = line->len >= IGNORE_LINE_MAX_BYTES;
	if (line->len > 0 && line->ptr[line->len - 1] == '\r') {
		line->len--;
	}
	return true;
}

/*
 * What ReadAll makes of a trimmed line: cleaned, one leading slash gone, '!' back in front.
 * NULL .ptr: out of memory.
 */
static struct str normalise(struct arena *a, struct str trimmed) {
	bool is_exception = trimmed.ptr[0] == '!';
	struct str body = is_exception ? utf8_trim(str_skip(trimmed, 1)) : trimmed;
	char *out = arena_alloc(a, body.len + 2);
	size_t n = 0;

	if (out == NULL) {
		return (struct str){ NULL, 0 };
	}
	/* the body is cleaned alone, one byte in, so that "!a/../../b" does not lose its '!' */
	if (body.len > 0) {
		n = path_clean_into(out + 1, body);
	}
	if (n > 1 && out[1] == '/') {
		memmove(out + 1, out + 2, n - 1);
		n--;
	}
	out[0] = '!';
	return is_exception ? (struct str){ out, n + 1 } : (struct str){ out + 1, n };
}

/* Append the line's pattern, if it holds one. */
static bool read_line(
		struct arena *a, struct read_patterns *patterns, struct str line, uint32_t number) {
	struct str trimmed = utf8_trim(line);

	/* the comment test is on the untrimmed line: " #a" is a pattern */
	if (trimmed.len == 0 || line.ptr[0] == '#') {
		return true;
	}
	struct str text = normalise(a, trimmed);
	struct read_pattern *pattern = text.ptr != NULL ? VEC_PUSH(patterns) : NULL;
	if (pattern == NULL) {
		return false;
	}
	*pattern = (struct read_pattern){
		.raw = line,
		.text = text,
		.line = number,
		.column = (uint32_t)(trimmed.ptr - line.ptr) + 1,
	};
	return true;
}

static enum tng_code read_lines(struct arena *a, struct str text, struct read_patterns *patterns,
		struct tng_error *err) {
	bool is_too_long = false;
	struct str line;

	for (uint32_t number = 1; next_line(&text, &line, &is_too_long); number++) {
		if (is_too_long) {
			return error_set_at(err, TNG_ELIMIT, number, 0,
					"bufio.Scanner: token too long");
		}
		if (number == 1 && str_starts(line, STR("\xEF\xBB\xBF"))) {
			line = str_skip(line, 3);
		}
		if (!read_line(a, patterns, line, number)) {
			return error_nomem(err);
		}
	}
	return TNG_OK;
}

enum tng_code ignore_read(struct arena *a, struct str text, struct read_pattern **out, size_t *n,
		struct tng_error *err) {
	struct read_patterns patterns = { 0 };
	enum tng_code code = read_lines(a, text, &patterns, err);

	if (code == TNG_OK) {
		struct read_pattern *kept = arena_new(a, struct read_pattern, patterns.len);
		if (kept == NULL) {
			code = error_nomem(err);
		} else {
			if (patterns.len > 0) {
				memcpy(kept, patterns.ptr, patterns.len * sizeof(*kept));
			}
			*out = kept;
			*n = patterns.len;
		}
	}
	free(patterns.ptr);
	return code;
}
