/*
 * Today's ignore file, cut at the managed block:
 *
 *   before   hand-written
 *   inside   "# >>> tonnage ..." up to and with "# <<< tonnage ..."
 *   after    hand-written
 */
#include "propose/internal.h"

static bool is_mark(struct str line, struct str mark) {
	struct str rest = str_skip(line, mark.len);

	return str_starts(line, mark) &&
			(rest.len == 0 || rest.ptr[0] == ' ' || rest.ptr[0] == '\n' ||
					rest.ptr[0] == '\r' || rest.ptr[0] == ':');
}

/* The next line with its line end; empty at the end of the text. */
static struct str next_line(struct str rest) {
	size_t end = str_find(rest, '\n');

	return str_take(rest, end < rest.len ? end + 1 : rest.len);
}

static enum tng_code bad_mark(uint32_t line, const char *text, struct tng_error *err) {
	return error_set_at(err, TNG_ESYNTAX, line, 1, "%s", text);
}

enum tng_code propose_block_find(
		struct str text, struct propose_block *out, struct tng_error *err) {
	size_t nmark = str_starts(text, STR("\xEF\xBB\xBF")) ? 3
							     : 0; /* some editors put it there */
	struct str rest = str_skip(text, nmark);
	size_t begin = 0, end = 0;
	uint32_t line = 0, first = 0, last = 0;

	while (rest.len > 0) {
		struct str one = next_line(rest);
		size_t at = text.len - rest.len;
		rest = str_skip(rest, one.len);
		line++;
		if (is_mark(one, BLOCK_BEGIN)) {
			if (first != 0) {
				return bad_mark(line,
						last != 0 ? "a second managed block begins here: "
							    "remove one"
							  : "a managed block begins inside another",
						err);
			}
			first = line;
			begin = at;
		} else if (is_mark(one, BLOCK_END)) {
			if (first == 0 || last != 0) {
				return bad_mark(line,
						"a managed block ends here that did not begin",
						err);
			}
			last = line;
			end = at + one.len;
		}
	}
	if (first != 0 && last == 0) {
		return bad_mark(first,
				"a managed block begins here and has no end: add \"# <<< "
				"tonnage\" behind its last line",
				err);
	}
	*out = (struct propose_block){
		.before = first != 0 ? str_take(text, begin) : text,
		.inside = first != 0 ? str_take(str_skip(text, begin), end - begin) : STR(""),
		.after = first != 0 ? str_skip(text, end) : STR(""),
		.line = first,
		.has_crlf = str_ends(next_line(text), STR("\r\n")),
	};
	return TNG_OK;
}

static void put_with_line_ends(struct str lines, bool has_crlf, struct buf *out) {
	while (lines.len > 0) {
		struct str one = next_line(lines);
		lines = str_skip(lines, one.len);
		if (has_crlf && str_ends(one, STR("\n"))) {
			buf_append(out, str_take(one, one.len - 1));
			buf_append(out, STR("\r\n"));
		} else {
			buf_append(out, one);
		}
	}
}

static bool ends_blank(struct str text) {
	return str_ends(text, STR("\n\n")) || str_ends(text, STR("\n\r\n")) ||
			str_eq(text, STR("\n")) || str_eq(text, STR("\r\n"));
}

void block_join(const struct propose_block *block, struct str lines, struct buf *out) {
	struct str nl = block->has_crlf ? STR("\r\n") : STR("\n");
	struct str before = block->before;

	buf_append(out, before);
	if (lines.len > 0) {
		/* a block of ours that was there keeps its place to the byte */
		if (block->line == 0 && before.len > 0) {
			if (!str_ends(before, STR("\n"))) {
				buf_append(out, nl);
			}
			if (!ends_blank(before)) {
				buf_append(out, nl);
			}
		}
		put_with_line_ends(lines, block->has_crlf, out);
	}
	buf_append(out, block->after);
}
