/*
 * One logical line to one instruction, as written.
 *
 *   COPY --from=x --link  a "b c" /d/
 *   │    └ flags          └ words: cut at blanks, or a JSON array; not expanded
 *   └ keyword
 *
 * How the words are cut depends on the keyword (parser/line_parsers.go); what is allowed is check.c's.
 */
#include "dockerfile/internal.h"

#include "util/utf8.h"

enum word_form {
	FORM_LIST,         /* cut at blanks */
	FORM_JSON_OR_LIST, /* a JSON array, else cut at blanks */
	FORM_JSON_OR_TEXT, /* a JSON array, else one word */
	FORM_TEXT,         /* one word */
	FORM_PAIRS,        /* NAME=value ..., or NAME value */
	FORM_NAMES,        /* NAME or NAME=value, quotes respected */
	FORM_HEALTH,       /* a word, then as FORM_JSON_OR_TEXT */
	FORM_TRIGGER,      /* another instruction */
	FORM_NONE,
};

static const struct keyword {
	const char *name;
	enum word_form form;
} keywords[] = {
	[INSTRUCTION_ADD] = { "ADD", FORM_JSON_OR_LIST },
	[INSTRUCTION_ARG] = { "ARG", FORM_NAMES },
	[INSTRUCTION_CMD] = { "CMD", FORM_JSON_OR_TEXT },
	[INSTRUCTION_COPY] = { "COPY", FORM_JSON_OR_LIST },
	[INSTRUCTION_ENTRYPOINT] = { "ENTRYPOINT", FORM_JSON_OR_TEXT },
	[INSTRUCTION_ENV] = { "ENV", FORM_PAIRS },
	[INSTRUCTION_EXPOSE] = { "EXPOSE", FORM_LIST },
	[INSTRUCTION_FROM] = { "FROM", FORM_LIST },
	[INSTRUCTION_HEALTHCHECK] = { "HEALTHCHECK", FORM_HEALTH },
	[INSTRUCTION_LABEL] = { "LABEL", FORM_PAIRS },
	[INSTRUCTION_MAINTAINER] = { "MAINTAINER", FORM_TEXT },
	[INSTRUCTION_ONBUILD] = { "ONBUILD", FORM_TRIGGER },
	[INSTRUCTION_RUN] = { "RUN", FORM_JSON_OR_TEXT },
	[INSTRUCTION_SHELL] = { "SHELL", FORM_JSON_OR_TEXT },
	[INSTRUCTION_STOPSIGNAL] = { "STOPSIGNAL", FORM_TEXT },
	[INSTRUCTION_USER] = { "USER", FORM_TEXT },
	[INSTRUCTION_VOLUME] = { "VOLUME", FORM_JSON_OR_LIST },
	[INSTRUCTION_WORKDIR] = { "WORKDIR", FORM_TEXT },
	[INSTRUCTION_UNKNOWN] = { "", FORM_NONE },
};

/** What one line's readers share. */
struct line_reader {
	struct arena *a;
	const struct logical_line *line;
	char escape;
	struct diagnostic_list *diagnostics;
	struct tng_error *err;
	struct {
		LIST_FIELDS(struct instruction_flag)
	} flags;
	struct word_list words;
	struct {
		LIST_FIELDS(struct instruction_pair)
	} pairs;
};

struct str instruction_keyword_name(enum instruction_keyword keyword) {
	return str_from(keywords[keyword].name);
}

const struct instruction_flag *instruction_flag_find(
		const struct instruction *in, struct str name) {
	for (size_t i = in->nflags; i > 0; i--) {
		if (str_eq(in->flags[i - 1].name, name)) {
			return &in->flags[i - 1];
		}
	}
	return NULL;
}

bool instruction_takes_heredocs(const struct instruction *in) {
	if (in->keyword == INSTRUCTION_ONBUILD && in->trigger != NULL) {
		in = in->trigger;
	}
	return (in->keyword == INSTRUCTION_ADD || in->keyword == INSTRUCTION_COPY ||
			       in->keyword == INSTRUCTION_RUN) &&
			!in->is_json;
}

static enum instruction_keyword keyword_find(struct str name) {
	for (size_t i = 0; i < INSTRUCTION_UNKNOWN; i++) {
		if (str_eq_nocase(name, str_from(keywords[i].name))) {
			return (enum instruction_keyword)i;
		}
	}
	return INSTRUCTION_UNKNOWN;
}

/* ---- flags ---- */

/** Where a flag's bytes end: the next blank that is neither quoted nor escaped. */
static size_t flag_extent(struct str s, char escape) {
	char quote = '\0';
	size_t i = 0;

	for (; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == escape && i + 1 < s.len && c != quote) {
			i++;
		} else if (quote != '\0') {
			if (c == quote) {
				quote = '\0';
			}
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (is_byte_space(c)) {
			break;
		}
	}
	return i;
}

/** The reader takes bytes for characters, so a byte above 0x7F comes out as two. */
static size_t put_latin1(char *out, char c) {
	return utf8_put((unsigned char)c, out);
}

/** Without quotes and escapes, into `out` of twice the size; returns the length. */
static size_t flag_unquote(struct str s, char escape, char *out, bool *had_quotes) {
	char quote = '\0';
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (quote == '\0' && (c == '"' || c == '\'')) {
			quote = c;
			*had_quotes = true;
			continue;
		}
		if (quote != '\0' && c == quote) {
			quote = '\0';
			continue;
		}
		if (c == escape) {
			if (i + 1 == s.len) {
				break;
			}
			c = s.ptr[++i];
		}
		n += put_latin1(out + n, c);
	}
	return n;
}

static enum tng_code add_flag(struct line_reader *r, struct str written, struct str word) {
	struct instruction_flag *flag = LIST_PUSH(r->a, &r->flags);

	if (flag == NULL) {
		return error_nomem(r->err);
	}
	*flag = (struct instruction_flag){ 0 };
	flag->has_value = str_cut(word, '=', &flag->name, &flag->value);
	flag->name = str_skip(flag->name, 2);
	lex_position(r->line, written.ptr, &flag->line, &flag->column);
	flag->end_column = lex_end_column(r->line, written);
	return TNG_OK;
}

/** Take the flags off the front of *rest. */
static enum tng_code read_flags(struct line_reader *r, struct str *rest) {
	for (;;) {
		while (rest->len > 0 && is_byte_space(rest->ptr[0])) {
			*rest = str_skip(*rest, 1);
		}
		if (!str_starts(*rest, STR("--"))) {
			return TNG_OK;
		}
		struct str written = str_take(*rest, flag_extent(*rest, r->escape));
		bool had_quotes = false;
		char *out = arena_alloc_array(r->a, written.len, 2);
		if (out == NULL) {
			return error_nomem(r->err);
		}
		struct str word = str_make(out, flag_unquote(written, r->escape, out, &had_quotes));
		*rest = str_skip(*rest, written.len);
		if (str_eq(word, STR("--"))) {
			return TNG_OK; /* ends the flags */
		}
		if (word.len > 0 || had_quotes) {
			enum tng_code code = add_flag(r, written, word);
			if (code != TNG_OK) {
				return code;
			}
		}
	}
}

/* ---- words ---- */

/* written: the part of the line that the text is of. */
static enum tng_code add_word(struct line_reader *r, struct str text, struct str written) {
	struct instruction_word *word = LIST_PUSH(r->a, &r->words);

	if (word == NULL) {
		return error_nomem(r->err);
	}
	*word = (struct instruction_word){ .text = text };
	lex_position(r->line, written.ptr, &word->line, &word->column);
	word->end_column = lex_end_column(r->line, written);
	return TNG_OK;
}

static enum tng_code read_list(struct line_reader *r, struct str args) {
	size_t start = 0;

	while (start < args.len) {
		size_t end = start;
		while (end < args.len && !is_word_space(args.ptr[end])) {
			end++;
		}
		struct str word = str_take(str_skip(args, start), end - start);
		enum tng_code code = add_word(r, word, word);
		if (code != TNG_OK) {
			return code;
		}
		while (end < args.len && is_word_space(args.ptr[end])) {
			end++;
		}
		start = end;
	}
	return TNG_OK;
}

static enum tng_code read_json(struct line_reader *r, struct str args, bool *is_json) {
	struct json_strings strings = { 0 };
	uint32_t line, column;

	*is_json = false;
	enum json_verdict verdict = json_read_strings(r->a, args, &strings);
	if (verdict == JSON_NOMEM) {
		return error_nomem(r->err);
	}
	if (args.len == 0) {
		return TNG_OK;
	}
	lex_position(r->line, args.ptr, &line, &column);
	if (verdict == JSON_OTHER_ARRAY) {
		return error_set_at(r->err, TNG_ESYNTAX, line, column,
				"when using JSON array syntax, arrays must be comprised of "
				"strings only: quote every element");
	}
	if (verdict == JSON_NOT) {
		/* `[ -f x ]` is a shell test; `["a", 'b']` is a slip */
		bool is_slip = str_starts(args, STR("[\"")) || str_starts(args, STR("['"));
		return !is_slip ||
						diagnostic_add(r->a, r->diagnostics,
								DIAGNOSTIC_NOT_JSON, line, column,
								"starts like a JSON array and is "
								"none, so it "
								"is read as plain words: check "
								"quotes and "
								"commas")
				? TNG_OK
				: error_nomem(r->err);
	}
	*is_json = true;
	for (size_t i = 0; i < strings.len; i++) {
		enum tng_code code = add_word(r, strings.ptr[i].text, strings.ptr[i].written);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

static enum tng_code read_json_or(
		struct line_reader *r, struct str args, enum word_form form, bool *is_json) {
	enum tng_code code = read_json(r, args, is_json);

	if (code != TNG_OK || *is_json || args.len == 0) {
		return code;
	}
	return form == FORM_JSON_OR_LIST ? read_list(r, args) : add_word(r, args, args);
}

/**
 * The next word of `rest`, quotes and escapes kept; an escape character at the very end is dropped.
 * Empty: there is none left.
 */
static struct str next_quoted_word(struct str *rest, char escape) {
	struct str s = trim_left(*rest);
	char quote = '\0';
	size_t i = 0, len = 0;
	uint32_t rune;

	while (i < s.len) {
		char c = s.ptr[i];
		unsigned n = utf8_decode(str_skip(s, i), &rune);
		if (quote == '\0' && utf8_is_space(rune)) {
			break;
		}
		i += n;
		if (c == escape && quote != '\'') {
			if (i == s.len) {
				break; /* dropped */
			}
			i += utf8_decode(str_skip(s, i), &rune);
		} else if (quote != '\0') {
			if (c == quote) {
				quote = '\0';
			}
		} else if (c == '"' || c == '\'') {
			quote = c;
		}
		len = i;
	}
	*rest = str_skip(s, i);
	return str_take(s, len);
}

static enum tng_code add_pair(
		struct line_reader *r, struct str key, struct str value, bool is_legacy) {
	struct instruction_pair *pair = LIST_PUSH(r->a, &r->pairs);

	if (pair == NULL) {
		return error_nomem(r->err);
	}
	*pair = (struct instruction_pair){
		.key = key, .value = value, .has_value = true, .is_legacy = is_legacy
	};
	lex_position(r->line, key.ptr, &pair->line, &pair->column);
	return TNG_OK;
}

static enum tng_code read_legacy_pair(struct line_reader *r, struct str args, struct str name) {
	size_t end = 0;
	uint32_t line, column;

	lex_position(r->line, args.ptr, &line, &column);
	while (end < args.len && !is_word_space(args.ptr[end])) {
		end++;
	}
	size_t value = end;
	while (value < args.len && is_word_space(args.ptr[value])) {
		value++;
	}
	if (end == args.len) {
		return error_set_at(r->err, TNG_ESYNTAX, line, column,
				"%.*s must have two arguments: write NAME=value", STR_FMT(name));
	}
	if (!diagnostic_add(r->a, r->diagnostics, DIAGNOSTIC_LEGACY_PAIR, line, column,
			    "the form without '=' is deprecated: write NAME=value")) {
		return error_nomem(r->err);
	}
	return add_pair(r, str_take(args, end), str_skip(args, value), true);
}

static enum tng_code read_pairs(struct line_reader *r, struct str args, struct str name) {
	struct str rest = args, key, value;
	struct str word = next_quoted_word(&rest, r->escape);

	if (word.len == 0) {
		return TNG_OK;
	}
	if (str_find(word, '=') == word.len) {
		return read_legacy_pair(r, args, name);
	}
	for (; word.len > 0; word = next_quoted_word(&rest, r->escape)) {
		if (!str_cut(word, '=', &key, &value)) {
			uint32_t line, column;
			lex_position(r->line, word.ptr, &line, &column);
			return error_set_at(r->err, TNG_ESYNTAX, line, column,
					"syntax error - can't find = in \"%.*s\": it must be of "
					"the form NAME=value; quote blanks",
					(int)(word.len > 60 ? 60 : word.len), word.ptr);
		}
		enum tng_code code = add_pair(r, key, value, false);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

static enum tng_code read_names(struct line_reader *r, struct str args) {
	struct str rest = args;

	for (struct str word = next_quoted_word(&rest, r->escape); word.len > 0;
			word = next_quoted_word(&rest, r->escape)) {
		enum tng_code code = add_word(r, word, word);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

static enum tng_code read_health(struct line_reader *r, struct str args, bool *is_json) {
	size_t end = 0;

	while (end < args.len && !is_byte_space(args.ptr[end])) {
		end++;
	}
	if (end == 0) {
		return TNG_OK;
	}
	enum tng_code code = add_word(r, str_take(args, end), str_take(args, end));
	if (code != TNG_OK) {
		return code;
	}
	while (end < args.len && is_byte_space(args.ptr[end])) {
		end++;
	}
	return read_json_or(r, str_skip(args, end), FORM_JSON_OR_TEXT, is_json);
}

/* ---- the line ---- */

static enum tng_code read_text(
		struct line_reader *r, struct str text, bool is_trigger, struct instruction *out);

static enum tng_code read_trigger(struct line_reader *r, struct str args, struct instruction *out) {
	/* a chained ONBUILD is refused by check.c; reading on would recurse as deep as the line is
	 * long */
	struct line_reader inner = { .a = r->a,
		.line = r->line,
		.escape = r->escape,
		.diagnostics = r->diagnostics,
		.err = r->err };
	struct instruction *trigger = arena_new(r->a, struct instruction, 1);

	if (trigger == NULL) {
		return error_nomem(r->err);
	}
	out->trigger = trigger;
	return read_text(&inner, args, true, trigger);
}

static enum tng_code read_words(
		struct line_reader *r, struct str args, bool is_trigger, struct instruction *out) {
	enum word_form form = keywords[out->keyword].form;

	switch (form) {
	case FORM_LIST:
		return read_list(r, args);
	case FORM_JSON_OR_LIST:
	case FORM_JSON_OR_TEXT:
		return read_json_or(r, args, form, &out->is_json);
	case FORM_TEXT:
		return args.len > 0 ? add_word(r, args, args) : TNG_OK;
	case FORM_PAIRS:
		return read_pairs(r, args, instruction_keyword_name(out->keyword));
	case FORM_NAMES:
		return read_names(r, args);
	case FORM_HEALTH:
		return read_health(r, args, &out->is_json);
	case FORM_TRIGGER:
		return args.len > 0 && !is_trigger ? read_trigger(r, args, out) : TNG_OK;
	case FORM_NONE:
		break;
	}
	return TNG_OK;
}

static enum tng_code read_text(
		struct line_reader *r, struct str text, bool is_trigger, struct instruction *out) {
	struct str rest = utf8_trim(text);
	size_t end = 0;

	while (end < rest.len && !is_word_space(rest.ptr[end])) {
		end++;
	}
	out->name = str_take(rest, end);
	out->keyword = keyword_find(out->name);
	out->text = text;
	if (rest.len > 0) {
		lex_position(r->line, rest.ptr, &out->line, &out->column);
	}
	while (end < rest.len && is_word_space(rest.ptr[end])) {
		end++;
	}
	rest = str_skip(rest, end);
	enum tng_code code = read_flags(r, &rest);
	if (code == TNG_OK) {
		code = read_words(r, utf8_trim(rest), is_trigger, out);
	}
	out->flags = r->flags.ptr;
	out->nflags = r->flags.len;
	out->words = r->words.ptr;
	out->nwords = r->words.len;
	out->pairs = r->pairs.ptr;
	out->npairs = r->pairs.len;
	return code;
}

enum tng_code instruction_read(struct arena *a, const struct logical_line *line, char escape,
		struct diagnostic_list *diagnostics, struct instruction *out,
		struct tng_error *err) {
	struct line_reader r = {
		.a = a, .line = line, .escape = escape, .diagnostics = diagnostics, .err = err
	};

	*out = (struct instruction){ .stage = DOCKERFILE_NO_STAGE };
	enum tng_code code = read_text(&r, line->text, false, out);
	if (out->line != line->line) {
		/* the keyword stands below an escape character alone on its line */
		out->line = line->line;
		out->column = line->segments[0].column;
	}
	out->end_line = line->end_line;
	out->end_column = line->end_column;
	return code;
}
