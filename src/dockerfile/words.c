/*
 * Words: quotes, escapes, $NAME and ${NAME...}, as frontend/dockerfile/shell/lex.go does it.
 *
 *   "a $x"'$y'\$z   ->   a 1$y$z
 *
 * A word is read a character at a time; bytes that are not UTF-8 come out as U+FFFD. Known difference:
 * in ${x//p/r} BuildKit takes a '$' that survives in r for a group of its regular expression; here it
 * stays a '$'.
 */
#include "dockerfile/internal.h"

#include "util/buf.h"
#include "util/utf8.h"

#define END UINT32_MAX /* no character is left */

struct shell {
	struct arena *a;
	struct str text;
	size_t at;
	uint32_t escape;
	unsigned flags;
	struct word_scope scope;
	struct word_result *out;
	struct buf word; /* the word being split off; one for all levels, as upstream */
	unsigned depth;
	struct tng_error *err;
};

struct splitter {
	struct {
		LIST_FIELDS(struct str)
	} words;
	bool in_word;
	bool nomem;
};

static enum tng_code expand_until(struct shell *sh, uint32_t stop, bool raw_escapes,
		struct buf *out, struct splitter *words);

/* ---- characters ---- */

static uint32_t peek(struct shell *sh) {
	uint32_t rune;

	if (sh->at == 0 && str_starts(sh->text, STR("\xEF\xBB\xBF"))) {
		sh->at = 3; /* Go's scanner drops a BOM in front */
	}
	if (sh->at >= sh->text.len) {
		return END;
	}
	(void)utf8_decode(str_skip(sh->text, sh->at), &rune);
	return rune;
}

static uint32_t next(struct shell *sh) {
	uint32_t rune = peek(sh);

	if (rune != END) {
		sh->at += utf8_decode(str_skip(sh->text, sh->at), &rune);
	}
	return rune;
}

static void put(struct buf *b, uint32_t rune) {
	char bytes[4];

	buf_append(b, str_make(bytes, utf8_put(rune, bytes)));
}

/* ---- splitting ---- */

static void split_flush(struct shell *sh, struct splitter *s) {
	if (sh->word.len == 0) {
		return;
	}
	struct str *word = LIST_PUSH(sh->a, &s->words);
	if (word != NULL) {
		*word = arena_copy(sh->a, buf_str(&sh->word));
	}
	s->nomem |= word == NULL || word->ptr == NULL;
	buf_clear(&sh->word);
	s->in_word = false;
}

static void split_raw(struct shell *sh, struct splitter *s, struct str text) {
	buf_append(&sh->word, text);
	s->in_word = true;
}

static void split_text(struct shell *sh, struct splitter *s, struct str text) {
	while (text.len > 0) {
		uint32_t rune;
		unsigned n = utf8_decode(text, &rune);
		if (!utf8_is_space(rune)) {
			put(&sh->word, rune);
			s->in_word = true;
		} else if (s->in_word) {
			split_flush(sh, s);
		}
		text = str_skip(text, n);
	}
}

static void split_char(struct shell *sh, struct splitter *s, uint32_t rune, bool is_raw) {
	char bytes[4];
	struct str text = str_make(bytes, utf8_put(rune, bytes));

	if (is_raw) {
		split_raw(sh, s, text);
	} else {
		split_text(sh, s, text);
	}
}

/* ---- names and variables ---- */

/** Letters beyond ASCII that a name may hold: the blocks in use, not all of Unicode's tables. */
static bool is_letter(uint32_t rune) {
	static const struct {
		uint32_t first, last;
	} ranges[] = { { 'A', 'Z' }, { 'a', 'z' }, { 0xAA, 0xAA }, { 0xB5, 0xB5 }, { 0xBA, 0xBA },
		{ 0xC0, 0xD6 }, { 0xD8, 0xF6 }, { 0xF8, 0x2C1 }, { 0x370, 0x373 }, { 0x386, 0x386 },
		{ 0x388, 0x3FF }, { 0x400, 0x481 }, { 0x48A, 0x52F }, { 0x531, 0x556 },
		{ 0x561, 0x587 }, { 0x5D0, 0x5EA }, { 0x620, 0x64A }, { 0x904, 0x939 },
		{ 0x1E00, 0x1FFC }, { 0x3041, 0x3096 }, { 0x30A1, 0x30FA }, { 0x3400, 0x4DBF },
		{ 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 } };

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (rune >= ranges[i].first && rune <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

static bool is_digit(uint32_t rune) {
	return rune >= '0' && rune <= '9';
}

static bool is_special_parameter(uint32_t rune) {
	return rune == '@' || rune == '*' || rune == '#' || rune == '?' || rune == '-' ||
			rune == '$' || rune == '!';
}

/** A name, a run of digits, or one special character; empty: there is none here. */
static struct str read_name(struct shell *sh) {
	uint32_t rune = peek(sh);
	size_t start = sh->at;

	if (is_special_parameter(rune)) {
		(void)next(sh);
		return str_take(str_skip(sh->text, start), sh->at - start);
	}
	bool digits_only = is_digit(rune);
	while (rune != END &&
			(digits_only ? is_digit(rune)
				     : is_letter(rune) || is_digit(rune) || rune == '_')) {
		(void)next(sh);
		rune = peek(sh);
	}
	return str_take(str_skip(sh->text, start), sh->at - start);
}

static struct variable look_up(struct shell *sh, struct str name) {
	struct variable v = { 0 };

	if (sh->scope.find != NULL) {
		v = sh->scope.find(sh->scope.ctx, name);
	}
	if (v.is_unknowable && !sh->out->is_unknowable) {
		sh->out->is_unknowable = true;
		sh->out->unknown_name = v.unknown_name;
		sh->out->unknown_line = v.unknown_line;
	}
	return v;
}

/* ---- ${...} ---- */

/** What `${NAME` is followed by. */
struct modifier {
	struct str name;
	uint32_t op;        /* - + ? # % / */
	bool null_is_unset; /* a ':' before it */
};

static enum tng_code bad_modifier(struct shell *sh, const struct modifier *m) {
	char bytes[5] = { 0 };

	if (m->op == END) {
		return error_set(sh->err, TNG_ESYNTAX, "missing '}' after ${%.*s",
				(int)(m->name.len > 60 ? 60 : m->name.len), m->name.ptr);
	}
	(void)utf8_put(m->op, bytes);
	return error_set(sh->err, TNG_ESYNTAX, "unsupported modifier (%s%s) in substitution",
			m->null_is_unset ? ":" : "", bytes);
}

/** The text up to `stop`, expanded, into an arena string. */
static enum tng_code read_operand(
		struct shell *sh, uint32_t stop, bool raw_escapes, struct str *operand) {
	struct buf text = { 0 };
	struct splitter ignored = { 0 };

	enum tng_code code = expand_until(sh, stop, raw_escapes, &text, &ignored);
	if (code == TNG_OK) {
		*operand = arena_copy(sh->a, buf_str(&text));
		if (operand->ptr == NULL || buf_failed(&text)) {
			code = error_nomem(sh->err);
		}
	}
	buf_fini(&text);
	return code;
}

static enum tng_code not_allowed(struct shell *sh, const struct modifier *m, struct str message,
		const struct variable *v) {
	if (v->is_unknowable) {
		return TNG_OK; /* fails unless somebody sets it; the result says it is unknowable */
	}
	if (message.len == 0) {
		message = v->is_set ? STR("is not allowed to be empty")
				    : STR("is not allowed to be unset");
	}
	return error_set(sh->err, TNG_ESYNTAX, "%.*s: %.*s",
			(int)(m->name.len > 60 ? 60 : m->name.len), m->name.ptr,
			(int)(message.len > 100 ? 100 : message.len), message.ptr);
}

static enum tng_code apply_trim(struct shell *sh, const struct modifier *m, struct str pattern,
		struct str value, struct buf *out) {
	bool is_long = pattern.len > 0 && (uint32_t)(unsigned char)pattern.ptr[0] == m->op;
	enum pattern_use use = m->op == '#' ? PATTERN_PREFIX : PATTERN_SUFFIX;
	struct str result;

	if (is_long) {
		pattern = str_skip(pattern, 1);
		use = m->op == '#' ? PATTERN_LONG_PREFIX : PATTERN_LONG_SUFFIX;
	}
	enum tng_code code = pattern_apply(sh->a, use, pattern, STR(""), value, &result, sh->err);
	if (code == TNG_OK) {
		buf_append(out, result);
	}
	return code;
}

static void put_unset(struct buf *out, const struct modifier *m, struct str word) {
	buf_append(out, STR("${"));
	buf_append(out, m->name);
	if (m->null_is_unset) {
		buf_putc(out, ':');
	}
	put(out, m->op);
	buf_append(out, word);
	buf_putc(out, '}');
}

static enum tng_code expand_word_modifier(
		struct shell *sh, const struct modifier *m, struct buf *out) {
	bool is_trim = m->op == '#' || m->op == '%';
	struct str word;

	if (is_trim && m->null_is_unset) {
		return bad_modifier(sh, m);
	}
	enum tng_code code = read_operand(sh, '}', is_trim, &word);
	if (code != TNG_OK) {
		return code;
	}
	struct variable v = look_up(sh, m->name);
	if ((sh->flags & WORD_SKIP_UNSET) != 0 && !v.is_set) {
		put_unset(out, m, word);
		return TNG_OK;
	}
	bool counts = v.is_set && !(m->null_is_unset && v.value.len == 0);
	switch (m->op) {
	case '-':
		buf_append(out, counts ? v.value : word);
		return TNG_OK;
	case '+':
		buf_append(out, counts ? word : STR(""));
		return TNG_OK;
	case '?':
		buf_append(out, v.value);
		return counts ? TNG_OK : not_allowed(sh, m, word, &v);
	case '#':
	case '%':
		return apply_trim(sh, m, word, v.value, out);
	default:
		return bad_modifier(sh, m);
	}
}

static enum tng_code expand_replace(struct shell *sh, const struct modifier *m, struct buf *out) {
	bool all = peek(sh) == '/';
	struct str pattern, replacement, result;

	if (all) {
		(void)next(sh);
	}
	enum tng_code code = read_operand(sh, '/', true, &pattern);
	if (code == TNG_OK) {
		code = read_operand(sh, '}', true, &replacement);
	}
	if (code != TNG_OK) {
		return code;
	}
	struct variable v = look_up(sh, m->name);
	if ((sh->flags & WORD_SKIP_UNSET) != 0 && !v.is_set) {
		buf_append(out, STR("${"));
		buf_append(out, m->name);
		buf_putc(out, '/');
		buf_append(out, pattern);
		buf_putc(out, '/');
		buf_append(out, replacement);
		buf_putc(out, '}');
		return TNG_OK;
	}
	code = pattern_apply(sh->a, all ? PATTERN_ALL : PATTERN_FIRST, pattern, replacement,
			v.value, &result, sh->err);
	if (code == TNG_OK) {
		buf_append(out, result);
	}
	return code;
}

static enum tng_code expand_braces(struct shell *sh, struct buf *out) {
	uint32_t rune = peek(sh);
	struct modifier m = { 0 };

	if (rune == END) {
		return error_set(sh->err, TNG_ESYNTAX, "missing '}' after ${");
	}
	if (rune == '{' || rune == '}' || rune == ':') {
		return error_set(sh->err, TNG_ESYNTAX, "bad substitution: a name follows ${");
	}
	m.name = read_name(sh);
	m.op = next(sh);
	if (m.op == '}') {
		struct variable v = look_up(sh, m.name);
		if (!v.is_set && (sh->flags & WORD_SKIP_UNSET) != 0) {
			buf_append(out, STR("${"));
			buf_append(out, m.name);
			buf_putc(out, '}');
		} else {
			buf_append(out, v.value);
		}
		return TNG_OK;
	}
	if (m.op == '/') {
		return expand_replace(sh, &m, out);
	}
	m.null_is_unset = m.op == ':';
	if (m.null_is_unset) {
		m.op = next(sh);
	} else if (m.op != '+' && m.op != '-' && m.op != '?' && m.op != '#' && m.op != '%') {
		return bad_modifier(sh, &m);
	}
	return expand_word_modifier(sh, &m, out);
}

/** From a '$' on. */
static enum tng_code expand_dollar(struct shell *sh, struct buf *out) {
	(void)next(sh);
	if (peek(sh) == '{') {
		(void)next(sh);
		return expand_braces(sh, out);
	}
	struct str name = read_name(sh);
	if (name.len == 0) {
		buf_putc(out, '$');
		return TNG_OK;
	}
	struct variable v = look_up(sh, name);
	if (!v.is_set && (sh->flags & WORD_SKIP_UNSET) != 0) {
		buf_putc(out, '$');
		buf_append(out, name);
	} else {
		buf_append(out, v.value);
	}
	return TNG_OK;
}

/* ---- quotes ---- */

static enum tng_code expand_single_quotes(struct shell *sh, struct buf *out) {
	bool keep = (sh->flags & WORD_RAW_QUOTES) != 0;
	uint32_t rune = next(sh);

	if (keep) {
		put(out, rune);
	}
	for (rune = next(sh); rune != '\''; rune = next(sh)) {
		if (rune == END) {
			return error_set(sh->err, TNG_ESYNTAX,
					"unexpected end of word: a single quote has no partner");
		}
		put(out, rune);
	}
	if (keep) {
		put(out, rune);
	}
	return TNG_OK;
}

/** An escape character inside double quotes protects only '"', '$' and itself. */
static void expand_quoted_char(struct shell *sh, struct buf *out) {
	uint32_t rune = next(sh);

	if (rune == sh->escape) {
		if ((sh->flags & WORD_RAW_ESCAPES) != 0) {
			put(out, rune);
		}
		uint32_t after = peek(sh);
		if (after == END) {
			return;
		}
		if (after == '"' || after == '$' || after == sh->escape) {
			rune = next(sh);
		}
	}
	put(out, rune);
}

static enum tng_code expand_double_quotes(struct shell *sh, struct buf *out) {
	bool keep = (sh->flags & WORD_RAW_QUOTES) != 0;
	uint32_t rune = next(sh);

	if (keep) {
		put(out, rune);
	}
	for (rune = peek(sh); rune != '"'; rune = peek(sh)) {
		if (rune == END) {
			return error_set(sh->err, TNG_ESYNTAX,
					"unexpected end of word: a double quote has no partner");
		}
		if (rune == '$') {
			enum tng_code code = expand_dollar(sh, out);
			if (code != TNG_OK) {
				return code;
			}
		} else {
			expand_quoted_char(sh, out);
		}
	}
	(void)next(sh);
	if (keep) {
		put(out, rune);
	}
	return TNG_OK;
}

/** "<<", and the blanks behind it, stay in one word with what follows. */
static void expand_less_than(struct shell *sh, struct buf *out) {
	put(out, next(sh));
	if (peek(sh) != '<') {
		return;
	}
	put(out, next(sh));
	for (uint32_t rune = peek(sh); rune == ' ' || rune == '\t' || rune == '\r';
			rune = peek(sh)) {
		put(out, next(sh));
	}
}

/* ---- the word ---- */

static enum tng_code expand_special(struct shell *sh, uint32_t rune, struct buf *out) {
	switch (rune) {
	case '$':
		return expand_dollar(sh, out);
	case '\'':
		return expand_single_quotes(sh, out);
	case '"':
		return expand_double_quotes(sh, out);
	default:
		expand_less_than(sh, out);
		return TNG_OK;
	}
}

static void expand_plain(struct shell *sh, struct buf *out, struct splitter *words) {
	uint32_t rune = next(sh);
	bool is_escaped = rune == sh->escape;

	if (is_escaped) {
		if ((sh->flags & WORD_RAW_ESCAPES) != 0) {
			split_char(sh, words, rune, true);
			put(out, rune);
		}
		rune = next(sh);
		if (rune == END) {
			return;
		}
	}
	split_char(sh, words, rune, is_escaped);
	put(out, rune);
}

static enum tng_code expand_one(
		struct shell *sh, uint32_t rune, struct buf *out, struct splitter *words) {
	bool is_quote = (rune == '\'' || rune == '"') && (sh->flags & WORD_NO_QUOTES) == 0;

	if (rune != '$' && rune != '<' && !is_quote) {
		expand_plain(sh, out, words);
		return TNG_OK;
	}
	size_t before = out->len;
	enum tng_code code = expand_special(sh, rune, out);
	if (code != TNG_OK) {
		return code;
	}
	struct str text = str_skip(buf_str(out), before);
	if (out->len > DOCKERFILE_WORD_MAX_BYTES + sh->text.len) {
		return error_set(sh->err, TNG_ELIMIT, "a word expands to more than %zu bytes",
				DOCKERFILE_WORD_MAX_BYTES);
	}
	if (rune == '$') {
		split_text(sh, words, text);
	} else {
		split_raw(sh, words, text);
	}
	return TNG_OK;
}

static enum tng_code expand_all(
		struct shell *sh, uint32_t stop, struct buf *out, struct splitter *words) {
	buf_clear(&sh->word);
	for (uint32_t rune = peek(sh); rune != END; rune = peek(sh)) {
		if (rune == stop) {
			(void)next(sh);
			split_flush(sh, words);
			return TNG_OK;
		}
		enum tng_code code = expand_one(sh, rune, out, words);
		if (code != TNG_OK) {
			return code;
		}
	}
	if (stop != END) {
		return error_set(sh->err, TNG_ESYNTAX, "missing '%c' in ${...}", (char)stop);
	}
	split_flush(sh, words);
	return TNG_OK;
}

static enum tng_code expand_until(struct shell *sh, uint32_t stop, bool raw_escapes,
		struct buf *out, struct splitter *words) {
	unsigned flags = sh->flags;

	if (sh->depth == DOCKERFILE_WORD_MAX_DEPTH) {
		return error_set(sh->err, TNG_ELIMIT, "substitutions are nested more than %u deep",
				DOCKERFILE_WORD_MAX_DEPTH);
	}
	sh->depth++;
	sh->flags = raw_escapes ? flags | WORD_RAW_ESCAPES : flags & ~(unsigned)WORD_RAW_ESCAPES;
	enum tng_code code = expand_all(sh, stop, out, words);
	sh->flags = flags;
	sh->depth--;
	return code;
}

enum tng_code word_expand(struct arena *a, struct str word, char escape, unsigned flags,
		struct word_scope scope, struct word_result *out, struct tng_error *err) {
	struct word_result result = { 0 };
	struct splitter words = { 0 };
	struct buf text = { 0 };
	struct shell sh = { .a = a,
		.text = word,
		.escape = (unsigned char)escape,
		.flags = flags,
		.scope = scope,
		.out = &result,
		.err = err };

	enum tng_code code = expand_until(&sh, END, (flags & WORD_RAW_ESCAPES) != 0, &text, &words);
	if (code == TNG_OK) {
		result.text = arena_copy(a, buf_str(&text));
		result.words = words.words.ptr;
		result.nwords = words.words.len;
		if (result.text.ptr == NULL || words.nomem || buf_failed(&text) ||
				buf_failed(&sh.word)) {
			code = error_nomem(err);
		} else {
			*out = result;
		}
	}
	buf_fini(&text);
	buf_fini(&sh.word);
	return code;
}
