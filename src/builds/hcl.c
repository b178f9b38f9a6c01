#include "builds/bake.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_STRING, /* quoted or heredoc; text is what stands between */
	TOKEN_MARK,   /* one byte */
};

struct token {
	enum token_kind kind;
	struct str text;
	uint32_t line;
	char mark;
	bool is_heredoc, is_flush; /* "<<EOT", "<<-EOT" */
};

struct hcl {
	struct bake *b;
	struct str text;
	size_t pos;
	uint32_t line;
	struct token token; /* the one being looked at */
};

/* ---- tokens ---- */

static char peek(const struct hcl *h, size_t ahead) {
	size_t at = h->pos + ahead;

	if (at >= h->text.len) {
		return '\0';
	}
	return h->text.ptr[at];
}

static void step(struct hcl *h) {
	h->line += peek(h, 0) == '\n';
	h->pos++;
}

static bool at_end(const struct hcl *h) {
	return h->pos >= h->text.len;
}

static void skip_line(struct hcl *h) {
	while (!at_end(h) && peek(h, 0) != '\n') {
		h->pos++;
	}
}

static void skip_blanks(struct hcl *h) {
	while (!at_end(h)) {
		char c = peek(h, 0);
		if (c == '#' || (c == '/' && peek(h, 1) == '/')) {
			skip_line(h);
		} else if (c == '/' && peek(h, 1) == '*') {
			while (!at_end(h) && !(peek(h, 0) == '*' && peek(h, 1) == '/')) {
				step(h);
			}
			h->pos += 2;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			step(h);
		} else {
			return;
		}
	}
}

static struct str slice(const struct hcl *h, size_t start, size_t end) {
	end = end < h->text.len ? end : h->text.len;
	return str_make(h->text.ptr + start, end - (start < end ? start : end));
}

static struct str take_string(struct hcl *h) {
	size_t start = ++h->pos;
	unsigned braces = 0; /* "${f("x")}": quotes inside of it end nothing */

	while (!at_end(h)) {
		char c = peek(h, 0);
		if (c == '"' && braces == 0) {
			break;
		}
		if (c == '\\') {
			h->pos++;
		} else if (c == '$' && peek(h, 1) == '{') {
			braces++;
		} else if (c == '}' && braces > 0) {
			braces--;
		}
		step(h);
	}
	struct str text = slice(h, start, h->pos);
	h->pos++;
	return text;
}

/* "<<EOT" or "<<-EOT": the lines up to one that is EOT. */
static struct str take_heredoc(struct hcl *h) {
	struct str name = str_skip(h->text, h->pos + 2), line, rest;

	(void)str_cut(name, '\n', &name, &rest);
	name = str_trim(str_starts(name, STR("-")) ? str_skip(name, 1) : name);
	skip_line(h);
	step(h);
	size_t start = h->pos;
	while (!at_end(h)) {
		size_t before = h->pos;
		line = str_skip(h->text, h->pos);
		line = str_take(line, str_find(line, '\n'));
		h->pos += line.len;
		step(h);
		if (str_eq(str_trim(line), name)) {
			return slice(h, start, before);
		}
	}
	return slice(h, start, h->pos);
}

static bool is_name_byte(char c) {
	return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
			((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void next(struct hcl *h) {
	skip_blanks(h);
	h->token = (struct token){ .line = h->line };
	if (at_end(h)) {
		return;
	}
	char c = peek(h, 0);
	size_t start = h->pos;
	if (c == '"') {
		h->token.kind = TOKEN_STRING;
		h->token.text = take_string(h);
	} else if (c == '<' && peek(h, 1) == '<') {
		h->token.kind = TOKEN_STRING;
		h->token.is_heredoc = true;
		h->token.is_flush = peek(h, 2) == '-';
		h->token.text = take_heredoc(h);
	} else if (is_name_byte(c)) {
		while (is_name_byte(peek(h, 0))) {
			h->pos++;
		}
		h->token.kind = TOKEN_NAME;
		h->token.text = slice(h, start, h->pos);
	} else {
		h->token.kind = TOKEN_MARK;
		h->token.mark = c;
		h->pos++;
	}
}

static bool is_mark(const struct hcl *h, char mark) {
	return h->token.kind == TOKEN_MARK && h->token.mark == mark;
}

/* ---- values ---- */

static bool find_variable(const struct bake *b, struct str name, struct str *value) {
	for (size_t i = b->variables.len; i > 0; i--) {
		if (str_eq(b->variables.ptr[i - 1].name, name)) {
			*value = b->variables.ptr[i - 1].value;
			return true;
		}
	}
	return false;
}

/* A string with ${NAME} put in; what is computed stays, and is a variable for found_add(). */
static struct str expand(struct hcl *h, struct str text) {
	struct buf b = { 0 };
	struct str value;

	if (str_find(text, '$') == text.len) {
		return text;
	}
	while (text.len > 0) {
		size_t n = str_find(text, '$');
		struct str rest = str_skip(text, n);
		size_t close = str_find(rest, '}');
		buf_append(&b, str_take(text, n));
		if (rest.len == 0) {
			break;
		}
		/* "$${" is "${" itself, and a dollar alone is one */
		bool opens = str_starts(rest, STR("${")) && close < rest.len;
		size_t used = opens ? close + 1 : str_starts(rest, STR("$${")) ? 3 : 1;
		struct str name =
				close > 2 ? str_trim(str_skip(str_take(rest, close), 2)) : STR("");
		bool is_known = opens && find_variable(h->b, name, &value);
		buf_append(&b, is_known ? value : str_take(rest, used));
		text = str_skip(rest, used);
	}
	struct str copy = arena_copy(h->b->f->a, buf_str(&b));
	h->b->f->failed |= buf_failed(&b) || copy.ptr == NULL;
	buf_fini(&b);
	return copy.ptr != NULL ? copy : STR("");
}

static void skip_value(struct hcl *h);

/* Whether an expression goes on at the token: a == b ? c : d, f(x), list[0] */
static bool is_computed(const struct hcl *h, const struct token *first) {
	return h->token.kind == TOKEN_MARK && h->token.line == first->line &&
			strchr("=!<>?+*/%&|([", h->token.mark) != NULL;
}

/* The value at the token, if it is a string or a variable alone; the token moves on, past what is computed. */
static bool take_value(struct hcl *h, struct str *value) {
	struct token first = h->token;

	next(h);
	if (is_computed(h, &first)) {
		skip_value(h);
		return false;
	}
	if (first.kind == TOKEN_STRING) {
		*value = expand(h, first.text);
		return true;
	}
	return first.kind == TOKEN_NAME && find_variable(h->b, first.text, value);
}

/* Over brackets and all in them; the token is the opening one. */
static void skip_brackets(struct hcl *h) {
	unsigned depth = 0;

	do {
		depth += is_mark(h, '{') || is_mark(h, '[') || is_mark(h, '(');
		depth -= (is_mark(h, '}') || is_mark(h, ']') || is_mark(h, ')')) && depth > 0;
		next(h);
	} while (depth > 0 && h->token.kind != TOKEN_END);
}

/* Over the rest of an expression: up to the end of its line or the next of a list, brackets whole. */
static void skip_value(struct hcl *h) {
	uint32_t line = h->token.line;

	while (h->token.kind != TOKEN_END && h->token.line == line && !is_mark(h, ',') &&
			!is_mark(h, '}') && !is_mark(h, ']')) {
		if (is_mark(h, '{') || is_mark(h, '[') || is_mark(h, '(')) {
			skip_brackets(h);
		} else {
			next(h);
		}
	}
}

/* { A = "x", B = "y" } or [ "x", "y" ] */
static void take_map(struct hcl *h, struct bake_map *map) {
	bool is_list = is_mark(h, '[');
	char close = is_list ? ']' : '}';

	if (!is_list && !is_mark(h, '{')) {
		skip_value(h);
		return;
	}
	next(h);
	while (h->token.kind != TOKEN_END && !is_mark(h, close)) {
		struct token key = h->token;
		struct str value;
		if (is_mark(h, '{') || is_mark(h, '[') || is_mark(h, '(')) {
			skip_brackets(h);
			continue;
		}
		if (is_list) {
			if (take_value(h, &value)) {
				bake_map_add(h->b, map, STR(""), value);
			}
			continue;
		}
		next(h);
		if ((is_mark(h, '=') || is_mark(h, ':')) && key.kind != TOKEN_MARK) {
			next(h);
			if (take_value(h, &value)) {
				bake_map_add(h->b, map, key.text, value);
			}
		}
	}
	next(h);
}

/* ---- Dockerfiles ---- */

static size_t count_lines(struct str text) {
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += text.ptr[i] == '\n';
	}
	return n;
}

static void read_inline(struct hcl *h, const struct token *token, struct inline_text *out) {
	struct str text = expand(h, token->text);

	if (!token->is_heredoc) {
		inline_of_quoted(h->b->f, text, token->line, out);
		return;
	}
	inline_of_heredoc(h->b->f, text, token->is_flush, token->line + 1, out);
	out->place.has_no_columns |= !str_eq(text, token->text);
	out->place.is_one_line |= count_lines(text) != count_lines(token->text);
}

/* The value at the token; what is computed is one, too: the build has a Dockerfile, and nobody knows it. */
static void take_inline(struct hcl *h, struct bake_target *target) {
	struct token first = h->token;
	struct str *field = &target->fields[BAKE_INLINE];

	if (first.kind == TOKEN_STRING) {
		read_inline(h, &first, &target->dockerfile_inline);
	}
	if (take_value(h, field) && first.kind == TOKEN_STRING) {
		return;
	}
	if (first.kind == TOKEN_NAME && field->ptr != NULL && count_lines(*field) > 0) {
		inline_of_string(h->b->f, *field, first.line, &target->dockerfile_inline);
		return;
	}
	*field = STR("computed");
	inline_is_computed(*field, first.line, &target->dockerfile_inline);
}

/* ---- blocks ---- */

static void take_attribute(struct hcl *h, struct bake_target *target, struct str name) {
	struct str *field = bake_field(target, name), value;
	struct bake_map *map = bake_map(target, name);

	if (field == &target->fields[BAKE_INLINE]) {
		take_inline(h, target);
	} else if (field != NULL && take_value(h, &value)) {
		*field = value;
	} else if (map != NULL) {
		take_map(h, map);
	} else if (field == NULL) {
		skip_value(h);
	}
}

static void take_target(struct hcl *h, struct str name, uint32_t line) {
	struct bake_target target = { .name = name, .line = line };

	next(h); /* over '{' */
	while (h->token.kind != TOKEN_END && !is_mark(h, '}')) {
		struct token key = h->token;
		next(h);
		if (key.kind == TOKEN_NAME && is_mark(h, '=')) {
			next(h);
			take_attribute(h, &target, key.text);
		} else if (is_mark(h, '{')) {
			skip_brackets(h);
		}
	}
	next(h);
	struct bake_target *slot = bake_target_new(h->b, name, line);
	if (slot != NULL) {
		*slot = target;
	}
}

static void take_variable(struct hcl *h, struct str name) {
	struct str value;

	next(h);
	while (h->token.kind != TOKEN_END && !is_mark(h, '}')) {
		struct token key = h->token;
		next(h);
		if (!is_mark(h, '=')) {
			continue;
		}
		next(h);
		if (str_eq(key.text, STR("default")) && take_value(h, &value)) {
			struct build_arg *v = VEC_PUSH(&h->b->variables);
			h->b->f->failed |= v == NULL;
			if (v != NULL) {
				*v = (struct build_arg){ name, value };
			}
		} else if (h->token.kind != TOKEN_END && !is_mark(h, '}')) {
			skip_value(h);
		}
	}
	next(h);
}

/* Blocks of the top level: variables in the first pass, targets in the second. */
static void read_blocks(struct bake *b, bool is_targets) {
	struct hcl h = { .b = b, .text = b->file->text, .line = 1 };

	for (next(&h); h.token.kind != TOKEN_END && !b->f->failed;) {
		struct token word = h.token;
		next(&h);
		if (is_mark(&h, '=')) {
			next(&h);
			skip_value(&h);
			continue;
		}
		struct token label = h.token;
		if (label.kind == TOKEN_STRING || label.kind == TOKEN_NAME) {
			next(&h);
		}
		if (!is_mark(&h, '{')) {
			continue;
		}
		if (is_targets && str_eq(word.text, STR("target"))) {
			take_target(&h, label.text, word.line);
		} else if (!is_targets && str_eq(word.text, STR("variable"))) {
			take_variable(&h, label.text);
		} else {
			skip_brackets(&h);
		}
	}
}

void hcl_read(struct bake *b) {
	read_blocks(b, false);
	read_blocks(b, true);
}
