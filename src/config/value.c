/* Single values of a node, and what is wrong with them. */
#include "config/internal.h"

#include "util/nearest.h"
#include "util/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum tng_code bad_value(const struct reader *r, const struct node *n, const char *format, ...) {
	char text[160];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n->key.len == 0) {
		return error_set_at(r->err, TNG_EINVAL, n->line, n->column, "%s", text);
	}
	return error_set_at(r->err, TNG_EINVAL, n->line, n->column, "%.*s: %s",
			STR_FMT(str_take(n->key, 40)), text);
}

enum tng_code bad_key(const struct reader *r, const struct node *n, const char *const *known) {
	struct nearest near = nearest_to(n->key);

	for (size_t i = 0; known[i] != NULL; i++) {
		nearest_offer(&near, str_from(known[i]));
	}
	if (near.word.len > 0) {
		return error_set_at(r->err, TNG_EINVAL, n->key_line, n->key_column,
				"unknown key \"%.*s\"; did you mean \"%.*s\"?",
				STR_FMT(str_take(n->key, 60)), STR_FMT(near.word));
	}
	return error_set_at(r->err, TNG_EINVAL, n->key_line, n->key_column,
			"unknown key \"%.*s\"; tonnage.yaml(5) lists them",
			STR_FMT(str_take(n->key, 60)));
}

static const char *kind_words(const struct node *n) {
	switch (n->kind) {
	case NODE_SCALAR:
		return "a single value";
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		break;
	}
	return "a mapping";
}

static bool is_null(const struct node *n) {
	return n->kind == NODE_SCALAR && n->is_plain &&
			(n->text.len == 0 || str_eq(n->text, STR("~")) ||
					str_eq_nocase(n->text, STR("null")));
}

enum tng_code want_kind(const struct reader *r, const struct node *n, enum node_kind kind,
		const char *what) {
	if (is_null(n)) {
		return bad_value(r, n, "has no value; %s belongs here", what);
	}
	if (n->kind != kind) {
		return bad_value(r, n, "is %s; %s belongs here", kind_words(n), what);
	}
	return TNG_OK;
}

enum tng_code read_text(const struct reader *r, const struct node *n, struct str *out) {
	enum tng_code code = want_kind(r, n, NODE_SCALAR, "a text");

	if (code == TNG_OK && n->text.len == 0) {
		code = bad_value(r, n, "is empty; leave it out instead");
	}
	*out = n->text;
	return code;
}

enum tng_code read_bool(const struct reader *r, const struct node *n, bool *out) {
	enum tng_code code = want_kind(r, n, NODE_SCALAR, "true or false");

	*out = code == TNG_OK && str_eq_nocase(n->text, STR("true"));
	if (code == TNG_OK && (!n->is_plain || (!*out && !str_eq_nocase(n->text, STR("false"))))) {
		code = bad_value(r, n, "\"%.*s\" is neither true nor false",
				STR_FMT(str_take(n->text, 40)));
	}
	return code;
}

enum tng_code read_number(
		const struct reader *r, const struct node *n, uint64_t max, uint64_t *out) {
	enum tng_code code = want_kind(r, n, NODE_SCALAR, "a number");
	uint64_t value = 0;
	bool is_good = code == TNG_OK && n->is_plain;

	for (size_t i = 0; is_good && i < n->text.len; i++) {
		char c = n->text.ptr[i];
		is_good = c >= '0' && c <= '9' && value <= max;
		value = 10 * value + (uint64_t)(c - '0');
	}
	if (code == TNG_OK && (!is_good || value > max)) {
		code = bad_value(r, n, "\"%.*s\" is not a number from 0 to %llu",
				STR_FMT(str_take(n->text, 40)), (unsigned long long)max);
	}
	*out = value;
	return code;
}

enum tng_code read_choice(
		const struct reader *r, const struct node *n, const char *choices, size_t *out) {
	struct str rest = str_from(choices), name;
	struct nearest near = nearest_to(n->text);
	size_t place = 0;

	if (n->kind != NODE_SCALAR) {
		return bad_value(r, n, "is %s; one of %s belongs here", kind_words(n), choices);
	}
	for (bool more = true; more; place++) {
		more = str_cut(rest, '|', &name, &rest);
		if (str_eq(name, n->text)) {
			*out = place;
			return TNG_OK;
		}
		nearest_offer(&near, name);
	}
	return bad_value(r, n, "\"%.*s\" is none of %s", STR_FMT(str_take(n->text, 40)), choices);
}

static enum tng_code read_each(const struct reader *r, const struct node *n, struct str *texts) {
	size_t i = 0;

	for (const struct node *c = n->first; c != NULL; c = c->next) {
		enum tng_code code = read_text(r, c, &texts[i++]);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

enum tng_code read_texts(const struct reader *r, const struct node *n, const struct str **out,
		size_t *nout) {
	bool is_one = n->kind == NODE_SCALAR && !is_null(n);
	size_t ntexts = is_one ? 1 : n->nchildren;
	struct str *texts = arena_new(r->arena, struct str, ntexts);
	enum tng_code code = is_one ? TNG_OK : want_kind(r, n, NODE_LIST, "a list of texts");

	if (texts == NULL) {
		return error_nomem(r->err);
	}
	if (code == TNG_OK) {
		code = is_one ? read_text(r, n, &texts[0]) : read_each(r, n, texts);
	}
	*out = texts;
	*nout = code == TNG_OK ? ntexts : 0;
	return code;
}
