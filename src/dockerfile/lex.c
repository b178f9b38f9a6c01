/*
 * Bytes to logical lines.
 *
 *   # escape=`          directive: only in the unbroken run of comments at the top
 *   RUN a `             a line that ends in one escape character goes on
 *     # gone            comments vanish, also in between
 *                       blank lines too, with a warning
 *       b               -> "RUN a       b", and each piece knows where it stood
 *
 * As BuildKit's reader (frontend/dockerfile/parser/parser.go): an escape character with another one
 * before it does not continue a line, however many there are.
 */
#include "dockerfile/internal.h"

#include "util/utf8.h"

/** A physical line: what stands in it, and its end. */
struct physical {
	struct str raw;  /* with its line end */
	struct str text; /* without any CR and LF at the end */
};

void lex_init(struct lexer *lx, struct arena *a, struct str text,
		const struct dockerfile_place *place, struct diagnostic_list *diagnostics) {
	*lx = (struct lexer){
		.a = a,
		.rest = text,
		.line = place->is_one_line ? place->line : place->line - 1,
		.place = *place,
		.escape = '\\',
		.diagnostics = diagnostics,
	};
	if (str_starts(text, STR("\xEF\xBB\xBF"))) {
		lx->rest = str_skip(text, 3);
	}
}

static uint32_t next_line(const struct lexer *lx) {
	return lx->place.is_one_line ? lx->line : lx->line + 1;
}

/* Of the byte `at` in a line that starts at `start`. */
static uint32_t column_of(const struct lexer *lx, const char *at, const char *start) {
	bool is_known = !lx->place.is_one_line && !lx->place.has_no_columns;

	return is_known ? (uint32_t)(at - start) + lx->place.indent + 1 : 0;
}

/* One past the last byte of a line. */
static uint32_t end_of(const struct lexer *lx, struct str text) {
	return column_of(lx, text.ptr + text.len, text.ptr);
}

struct str trim_left(struct str s) {
	uint32_t rune;

	while (s.len > 0) {
		unsigned n = utf8_decode(s, &rune);
		if (!utf8_is_space(rune)) {
			break;
		}
		s = str_skip(s, n);
	}
	return s;
}

static struct str trim_line_end(struct str s) {
	while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r')) {
		s.len--;
	}
	return s;
}

static enum tng_code next_physical(
		struct lexer *lx, struct physical *out, bool *more, struct tng_error *err) {
	*more = lx->rest.len > 0;
	if (!*more) {
		return TNG_OK;
	}
	size_t n = str_find(lx->rest, '\n');
	if (n > DOCKERFILE_LINE_MAX_BYTES) {
		return error_set_at(err, TNG_ELIMIT, next_line(lx), 0,
				"line is longer than %zu bytes; break it with continuations",
				DOCKERFILE_LINE_MAX_BYTES);
	}
	out->raw = str_take(lx->rest, n + 1);
	out->text = trim_line_end(out->raw);
	lx->rest = str_skip(lx->rest, n + 1);
	lx->line = next_line(lx);
	return TNG_OK;
}

static bool is_comment(struct str line) {
	line = trim_left(line);
	return line.len > 0 && line.ptr[0] == '#';
}

/** [\t\n\f\r ], the blanks of a directive's pattern. */
static bool is_pattern_space(char c) {
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static struct str skip_pattern_space(struct str s) {
	while (s.len > 0 && is_pattern_space(s.ptr[0])) {
		s = str_skip(s, 1);
	}
	return s;
}

static bool is_ascii_alpha(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** "name = value" of a comment's text; false: it is a plain comment. */
static bool split_directive(struct str comment, struct str *name, struct str *value) {
	size_t n = 0;

	while (n < comment.len &&
			(is_ascii_alpha(comment.ptr[n]) ||
					(n > 0 && comment.ptr[n] >= '0' &&
							comment.ptr[n] <= '9'))) {
		n++;
	}
	struct str rest = skip_pattern_space(str_skip(comment, n));
	if (n == 0 || rest.len == 0 || rest.ptr[0] != '=') {
		return false;
	}
	*name = str_take(comment, n);
	rest = str_skip(rest, 1);
	struct str v = skip_pattern_space(rest);
	if (v.len == 0 && rest.len > 0) {
		v = str_skip(rest,
				rest.len - 1); /* the value needs one character: the last blank */
	} else {
		while (v.len > 0 && is_pattern_space(v.ptr[v.len - 1])) {
			v.len--;
		}
	}
	*value = v;
	return v.len > 0;
}

static bool directive_find(struct str name, enum directive_kind *kind) {
	static const struct {
		const char *name;
		enum directive_kind kind;
	} known[] = {
		{ "check", DIRECTIVE_CHECK },
		{ "escape", DIRECTIVE_ESCAPE },
		{ "syntax", DIRECTIVE_SYNTAX },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_eq_nocase(name, str_from(known[i].name))) {
			*kind = known[i].kind;
			return true;
		}
	}
	return false;
}

static enum tng_code add_directive(struct lexer *lx, enum directive_kind kind, struct str value,
		uint32_t column, struct tng_error *err) {
	static const char *const names[] = { "syntax", "escape", "check" };

	if ((lx->directives_seen & 1U << kind) != 0) {
		return error_set_at(err, TNG_ESYNTAX, lx->line, column,
				"only one %s parser directive can be used; remove this one",
				names[kind]);
	}
	lx->directives_seen |= 1U << kind;
	if (kind == DIRECTIVE_ESCAPE) {
		if (!str_eq(value, STR("\\")) && !str_eq(value, STR("`"))) {
			return error_set_at(err, TNG_ESYNTAX, lx->line, column,
					"invalid escape token '%.*s'; use ` or \\",
					(int)(value.len > 40 ? 40 : value.len), value.ptr);
		}
		lx->escape = value.ptr[0];
	}
	struct directive *d = LIST_PUSH(lx->a, &lx->directives);
	if (d == NULL) {
		return error_nomem(err);
	}
	*d = (struct directive){ kind, value, lx->line, column };
	return TNG_OK;
}

/** See whether a line, trimmed in front, is a parser directive; the first that is none ends them. */
static enum tng_code read_directive(struct lexer *lx, const struct physical *line, struct str text,
		struct tng_error *err) {
	struct str name = STR(""), value = STR("");
	enum directive_kind kind = DIRECTIVE_SYNTAX;
	bool is_one = text.len > 0 && text.ptr[0] == '#' &&
			split_directive(trim_left(str_skip(text, 1)), &name, &value) &&
			directive_find(name, &kind);

	if (is_one && !lx->directives_done) {
		uint32_t column = column_of(lx, value.ptr, line->text.ptr);
		return add_directive(lx, kind, value, column, err);
	}
	if (is_one && kind != DIRECTIVE_CHECK &&
			!diagnostic_add(lx->a, lx->diagnostics, DIAGNOSTIC_LATE_DIRECTIVE, lx->line,
					column_of(lx, name.ptr, line->text.ptr),
					"this is a plain comment: directives stand at the very "
					"top, before other comments and blank lines")) {
		return error_nomem(err);
	}
	lx->directives_done = true;
	return TNG_OK;
}

/** Cut a continuation off the end; false: the line ends the instruction. */
static bool trim_continuation(struct str *text, char escape) {
	size_t n = text->len;

	while (n > 0 && (text->ptr[n - 1] == ' ' || text->ptr[n - 1] == '\t')) {
		n--;
	}
	if (n == 0 || text->ptr[n - 1] != escape || (n > 1 && text->ptr[n - 2] == escape)) {
		return false;
	}
	text->len = n - 1;
	return true;
}

struct piece_list {
	LIST_FIELDS(struct str)
};

struct joiner {
	struct piece_list pieces;
	struct {
		LIST_FIELDS(struct segment)
	} segments;
	size_t total;
};

static enum tng_code join_add(struct lexer *lx, struct joiner *j, const struct physical *line,
		struct str text, struct tng_error *err) {
	struct str *piece = LIST_PUSH(lx->a, &j->pieces);
	struct segment *segment = LIST_PUSH(lx->a, &j->segments);

	if (piece == NULL || segment == NULL) {
		return error_nomem(err);
	}
	*piece = text;
	*segment = (struct segment){ j->total, lx->line, column_of(lx, text.ptr, line->raw.ptr) };
	j->total += text.len;
	return TNG_OK;
}

static enum tng_code join_finish(struct lexer *lx, const struct joiner *j, struct logical_line *out,
		struct tng_error *err) {
	out->segments = j->segments.ptr;
	out->nsegments = j->segments.len;
	if (j->pieces.len == 1) {
		out->text = j->pieces.ptr[0];
		return TNG_OK;
	}
	char *text = arena_alloc(lx->a, j->total);
	if (text == NULL) {
		return error_nomem(err);
	}
	size_t n = 0;
	for (size_t i = 0; i < j->pieces.len; i++) {
		if (j->pieces.ptr[i].len > 0) {
			memcpy(text + n, j->pieces.ptr[i].ptr, j->pieces.ptr[i].len);
		}
		n += j->pieces.ptr[i].len;
	}
	out->text = str_make(text, n);
	return TNG_OK;
}

/** Read on from a line that continues, until one that does not. */
static enum tng_code join_lines(struct lexer *lx, struct joiner *j, struct logical_line *out,
		struct tng_error *err) {
	struct physical line = { 0 };
	uint32_t empty_line = 0;
	bool more = true;

	for (bool goes_on = true; goes_on;) {
		enum tng_code code = next_physical(lx, &line, &more, err);
		if (code != TNG_OK) {
			return code;
		}
		if (!more) {
			break;
		}
		out->end_line = lx->line;
		out->end_column = end_of(lx, line.text);
		if (is_comment(line.text)) {
			continue;
		}
		if (trim_left(line.text).len == 0) {
			empty_line = empty_line > 0 ? empty_line : lx->line;
			continue;
		}
		struct str text = line.text;
		goes_on = trim_continuation(&text, lx->escape);
		code = join_add(lx, j, &line, text, err);
		if (code != TNG_OK) {
			return code;
		}
	}
	if (empty_line > 0 &&
			!diagnostic_add(lx->a, lx->diagnostics, DIAGNOSTIC_EMPTY_CONTINUATION,
					empty_line, lx->place.is_one_line ? 0 : 1,
					"empty line inside an instruction: remove it, or make it "
					"a comment")) {
		return error_nomem(err);
	}
	return TNG_OK;
}

enum tng_code lex_next(
		struct lexer *lx, struct logical_line *out, bool *more, struct tng_error *err) {
	struct physical line = { 0 };
	struct joiner j = { 0 };

	for (;;) {
		enum tng_code code = next_physical(lx, &line, more, err);
		if (code != TNG_OK || !*more) {
			return code;
		}
		struct str text = trim_left(line.text);
		code = read_directive(lx, &line, text, err);
		if (code != TNG_OK) {
			return code;
		}
		if (text.len > 0 && text.ptr[0] == '#') {
			continue;
		}
		bool goes_on = trim_continuation(&text, lx->escape);
		if (!goes_on && text.len == 0) {
			continue;
		}
		*out = (struct logical_line){
			.line = lx->line, .end_line = lx->line, .end_column = end_of(lx, line.text)
		};
		code = join_add(lx, &j, &line, text, err);
		if (code == TNG_OK && goes_on) {
			code = join_lines(lx, &j, out, err);
		}
		return code == TNG_OK ? join_finish(lx, &j, out, err) : code;
	}
}

enum tng_code lex_heredoc(struct lexer *lx, struct heredoc *doc, uint32_t line,
		uint32_t *end_column, struct tng_error *err) {
	const char *start = lx->rest.ptr;
	struct physical next = { 0 };
	bool more;

	doc->line = next_line(lx);
	for (;;) {
		enum tng_code code = next_physical(lx, &next, &more, err);
		if (code != TNG_OK) {
			return code;
		}
		if (!more) {
			return error_set_at(err, TNG_ESYNTAX, line, 0,
					"unterminated heredoc: no line holds %.*s alone",
					(int)(doc->name.len > 60 ? 60 : doc->name.len),
					doc->name.ptr);
		}
		struct str text = next.text;
		while (doc->strips_tabs && text.len > 0 && text.ptr[0] == '\t') {
			text = str_skip(text, 1);
		}
		if (str_eq(text, doc->name)) {
			doc->content = str_make(start, (size_t)(next.raw.ptr - start));
			doc->end_line = lx->line;
			*end_column = end_of(lx, next.text);
			return TNG_OK;
		}
	}
}

/* The last piece that starts at or before the byte; empty pieces lose to what follows. */
static size_t find_segment(const struct logical_line *line, size_t offset) {
	size_t low = 0, high = line->nsegments;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (line->segments[middle].offset <= offset) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

void lex_position(const struct logical_line *line, const char *at, uint32_t *out_line,
		uint32_t *out_column) {
	size_t offset = (size_t)(at - line->text.ptr);
	const struct segment *s = &line->segments[find_segment(line, offset)];

	*out_line = s->line;
	*out_column = s->column;
	if (*out_column > 0) {
		*out_column += (uint32_t)(offset - s->offset);
	}
}

uint32_t lex_end_column(const struct logical_line *line, struct str text) {
	size_t offset = (size_t)(text.ptr - line->text.ptr), end = offset + text.len;
	size_t i = find_segment(line, offset);
	const struct segment *s = &line->segments[i];

	if (i + 1 < line->nsegments && line->segments[i + 1].offset < end) {
		end = line->segments[i + 1].offset; /* the rest stands in further lines */
	}
	return s->column > 0 ? s->column + (uint32_t)(end - s->offset) : 0;
}
