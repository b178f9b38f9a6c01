/*
 * Dockerfiles inside compose and bake files: what the builder gets, and where its lines stand.
 *
 *   dockerfile_inline: |          "|": the lines are the file's, behind an indent
 *     COPY $${SRC:-a} /x          compose puts variables in; "$$" is a dollar
 *   dockerfile-inline = <<-EOT    bake does, where there are braces; "$${" is "${"
 *   dockerfile_inline: "FROM x\n" quoted or folded: all of it stands where it begins
 */
#include "builds/internal.h"

#include "util/utf8.h"

struct maker {
	struct finder *f;
	struct buf text;
	bool is_changed, is_unknown;
	bool has_new_lines; /* of what was put in: the lines are the file's no longer */
};

static void put_value(struct maker *m, struct str value) {
	buf_append(&m->text, value);
	m->is_changed = true;
	m->has_new_lines |= str_find(value, '\n') < value.len;
}

/* The text, or as much of it as is known: then it stays as it is written. */
static void finish(struct maker *m, struct str written, struct inline_text *out) {
	struct str made = m->is_unknown || !m->is_changed ? written
							  : arena_copy(m->f->a, buf_str(&m->text));

	m->f->failed |= buf_failed(&m->text) || made.ptr == NULL;
	buf_fini(&m->text);
	out->text = made.ptr != NULL ? made : STR("");
	out->is_unknown = m->is_unknown;
	out->place.has_no_columns |= m->is_changed;
	out->place.is_one_line |= m->has_new_lines;
}

/* ---- compose ---- */

static void put_in_compose(struct maker *m, struct str text) {
	while (text.len > 0) {
		size_t n = str_find(text, '$');
		buf_append(&m->text, str_take(text, n));
		if (n == text.len) {
			return;
		}
		text = str_skip(text, n + 1);
		if (str_starts(text, STR("$"))) {
			put_value(m, STR("$"));
			text = str_skip(text, 1);
			continue;
		}
		struct str fallback;
		n = variable_len(text, &fallback);
		struct str value = variable_value(m->f, str_take(text, n), fallback);
		text = str_skip(text, n);
		m->is_unknown |= value.ptr == NULL || str_find(value, '$') < value.len;
		put_value(m, value);
	}
}

static size_t count_spaces(struct str line) {
	size_t n = 0;

	while (n < line.len && line.ptr[n] == ' ') {
		n++;
	}
	return n;
}

/* How far a "|" text is indented: by its first line that is not empty, in the file and in the text. */
static uint32_t indent_of(struct str file, uint32_t line, struct str text) {
	struct str in_file = STR(""), in_text = STR("");

	for (uint32_t i = 1; i < line; i++) {
		(void)str_cut(file, '\n', &in_file, &file);
	}
	for (bool more = true; more && str_trim(in_text).len == 0;) {
		(void)str_cut(file, '\n', &in_file, &file);
		more = str_cut(text, '\n', &in_text, &text);
	}
	size_t all = count_spaces(in_file), own = count_spaces(in_text);
	return all > own ? (uint32_t)(all - own) : 0;
}

void inline_of_compose(struct finder *f, const struct source_file *file,
		const struct yaml_node *node, struct inline_text *out) {
	struct str text = yaml_text(node);
	struct maker m = { .f = f };

	*out = (struct inline_text){ .text = text };
	if (text.len == 0) {
		return;
	}
	out->place.line = node->line;
	out->place.is_one_line = !node->is_literal;
	if (node->is_literal) {
		out->place.indent = indent_of(file->text, node->line, text);
	}
	put_in_compose(&m, text);
	finish(&m, text, out);
}

/* ---- bake ---- */

/* "${" and "%{" begin what is computed, "$${" and "%%{" are these bytes themselves. */
static void put_in_bake(struct maker *m, struct str text) {
	while (text.len > 0) {
		bool is_mark = text.ptr[0] == '$' || text.ptr[0] == '%';
		if (is_mark && text.len > 2 && text.ptr[1] == text.ptr[0] && text.ptr[2] == '{') {
			put_value(m, str_take(str_skip(text, 1), 2));
			text = str_skip(text, 3);
			continue;
		}
		m->is_unknown |= is_mark && text.len > 1 && text.ptr[1] == '{';
		buf_append(&m->text, str_take(text, 1));
		text = str_skip(text, 1);
	}
}

static size_t least_indent(struct str text) {
	size_t least = SIZE_MAX;
	struct str line;

	for (bool more = true; more;) {
		more = str_cut(text, '\n', &line, &text);
		if (str_trim(line).len > 0) {
			size_t n = count_spaces(line);
			least = n < least ? n : least;
		}
	}
	return least == SIZE_MAX ? 0 : least;
}

static struct str without_indent(struct finder *f, struct str text, size_t indent) {
	struct buf b = { 0 };
	struct str line;

	for (bool more = text.len > 0; more;) {
		more = str_cut(text, '\n', &line, &text);
		size_t n = count_spaces(line);
		buf_append(&b, str_skip(line, n < indent ? n : indent));
		buf_append(&b, more ? STR("\n") : STR(""));
	}
	struct str copy = arena_copy(f->a, buf_str(&b));
	f->failed |= buf_failed(&b) || copy.ptr == NULL;
	buf_fini(&b);
	return copy.ptr != NULL ? copy : STR("");
}

void inline_of_heredoc(struct finder *f, struct str text, bool is_flush, uint32_t line,
		struct inline_text *out) {
	struct maker m = { .f = f };

	*out = (struct inline_text){ .place = { .line = line } };
	if (is_flush) {
		size_t indent = least_indent(text);
		out->place.indent = (uint32_t)indent;
		text = without_indent(f, text, indent);
	}
	put_in_bake(&m, text);
	finish(&m, text, out);
}

static unsigned hex_of(char c) {
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') : ((unsigned)(c | 0x20) - 'a' + 10) & 15;
}

/* One escape behind its backslash; the text that is left. */
static struct str put_escape(struct buf *b, struct str text) {
	char c = text.ptr[0];
	size_t ndigits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
	char bytes[4];
	uint32_t rune = 0;

	for (size_t i = 1; i <= ndigits && i < text.len; i++) {
		rune = rune << 4 | hex_of(text.ptr[i]);
	}
	if (ndigits > 0) {
		buf_append(b, str_make(bytes, utf8_put(rune, bytes)));
	} else if (c == 'n') {
		buf_putc(b, '\n');
	} else if (c == 't') {
		buf_putc(b, '\t');
	} else if (c == 'r') {
		buf_putc(b, '\r');
	} else {
		buf_putc(b, c);
	}
	return str_skip(text, ndigits + 1);
}

void inline_of_string(struct finder *f, struct str text, uint32_t line, struct inline_text *out) {
	struct maker m = { .f = f };

	*out = (struct inline_text){ .place = { .line = line, .is_one_line = true } };
	put_in_bake(&m, text);
	finish(&m, text, out);
}

void inline_of_quoted(struct finder *f, struct str text, uint32_t line, struct inline_text *out) {
	struct buf plain = { 0 };

	for (struct str rest = text; rest.len > 0;) {
		size_t n = str_find(rest, '\\');
		buf_append(&plain, str_take(rest, n));
		rest = str_skip(rest, n + 1);
		rest = rest.len > 0 ? put_escape(&plain, rest) : rest;
	}
	struct str copy = arena_copy(f->a, buf_str(&plain));
	f->failed |= buf_failed(&plain) || copy.ptr == NULL;
	buf_fini(&plain);
	inline_of_string(f, copy.ptr != NULL ? copy : STR(""), line, out);
}

void inline_is_computed(struct str written, uint32_t line, struct inline_text *out) {
	*out = (struct inline_text){
		.text = written,
		.is_unknown = true,
		.place = { .line = line, .is_one_line = true },
	};
}
