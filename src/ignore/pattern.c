/*
 * One pattern string to a struct pattern, as patternmatcher.New and Pattern.compile do.
 *
 *   "  !./doc/?.txt "  trim, clean, cut '!'   text    doc/?.txt
 *                      syntax check           (filepath.Match's, see syntax.c)
 *                      translate              regexp  ^doc/[^/]\.txt$
 *
 * Most patterns never need the regexp: the route says how a path is compared.
 */
#include "ignore/internal.h"
#include "util/buf.h"
#include "util/gomatch.h"
#include "util/path.h"
#include "util/utf8.h"

struct translation {
	struct str rest; /* of the pattern */
	struct buf regexp;
	enum ignore_route route;
};

static uint32_t next_rune(struct translation *t) {
	uint32_t rune;
	unsigned n = utf8_decode(t->rest, &rune);

	t->rest = str_skip(t->rest, n);
	return rune;
}

static bool skip_byte(struct translation *t, char byte) {
	bool is_next = t->rest.len > 0 && t->rest.ptr[0] == byte;

	t->rest = str_skip(t->rest, is_next);
	return is_next;
}

/* An invalid byte of the pattern becomes a whole U+FFFD here. */
static void put_rune(struct translation *t, uint32_t rune) {
	char bytes[4];
	unsigned n = utf8_put(rune, bytes);

	buf_append(&t->regexp, str_make(bytes, n));
}

/* The second star was just read: "**" takes a '/' with it, and what it is depends on what is left. */
static void translate_double_star(struct translation *t, bool is_first) {
	(void)skip_byte(t, '/');
	if (t->rest.len > 0) {
		buf_append(&t->regexp, STR("(.*/)?"));
		t->route = IGNORE_ROUTE_REGEXP;
	} else if (t->route == IGNORE_ROUTE_EXACT) {
		t->route = IGNORE_ROUTE_PREFIX;
	} else {
		buf_append(&t->regexp, STR(".*"));
		t->route = IGNORE_ROUTE_REGEXP;
	}
	if (is_first) {
		t->route = IGNORE_ROUTE_SUFFIX;
	}
}

static void translate_rune(struct translation *t, uint32_t rune, bool is_first) {
	switch (rune) {
	case '*':
		if (skip_byte(t, '*')) {
			translate_double_star(t, is_first);
			return;
		}
		buf_append(&t->regexp, STR("[^/]*"));
		t->route = IGNORE_ROUTE_REGEXP;
		return;
	case '?':
		buf_append(&t->regexp, STR("[^/]"));
		t->route = IGNORE_ROUTE_REGEXP;
		return;
	/* patternmatcher.go means to escape { } and | too; its bitmap has no room for bytes from 64
	 * up, so they reach the regexp as they are */
	case '.':
	case '+':
	case '(':
	case ')':
	case '$':
		buf_putc(&t->regexp, '\\');
		break;
	case '\\':
		buf_putc(&t->regexp, '\\');
		if (t->rest.len == 0) {
			return;
		}
		rune = next_rune(t);
		t->route = IGNORE_ROUTE_REGEXP;
		break;
	case '[':
	case ']':
		t->route = IGNORE_ROUTE_REGEXP;
		break;
	default:
		break;
	}
	put_rune(t, rune);
}

/* Fills t->regexp and t->route. */
static void translate(struct translation *t, struct str pattern) {
	t->rest = pattern;
	t->route = IGNORE_ROUTE_EXACT;
	buf_putc(&t->regexp, '^');
	/* text/scanner drops a BOM in front; the routes that compare bytes keep it */
	if (str_starts(pattern, STR("\xEF\xBB\xBF"))) {
		t->rest = str_skip(pattern, 3);
	}
	for (bool is_first = true; t->rest.len > 0; is_first = false) {
		translate_rune(t, next_rune(t), is_first);
	}
	buf_putc(&t->regexp, '$');
}

/* Route, and for the regexp route the text and the compiled regexp. */
static enum tng_code compile_route(struct arena *a, struct pattern *p, struct tng_error *err) {
	struct translation t = { 0 };
	enum tng_code code = TNG_OK;

	translate(&t, p->pub.text);
	p->pub.route = t.route;
	if (buf_failed(&t.regexp)) {
		code = error_nomem(err);
	} else if (t.route == IGNORE_ROUTE_REGEXP) {
		p->regexp_text = arena_copy(a, buf_str(&t.regexp));
		code = p->regexp_text.ptr == NULL ? error_nomem(err)
						  : regexp_compile(p->regexp_text, &p->regexp,
								    &p->pub.bad_regexp, err);
	}
	buf_fini(&t.regexp);
	return code;
}

enum tng_code pattern_compile(struct arena *a, struct str string, struct pattern *out,
		bool *is_empty, struct tng_error *err) {
	struct pattern p = { 0 };
	struct str text = utf8_trim(string);

	*is_empty = text.len == 0;
	if (*is_empty) {
		return TNG_OK;
	}
	/* cleaned with its '!', so "!/" is "!" and "!a/../../b" is no exception; read.c has cleaned
	 * what comes from a file so that this changes nothing there */
	text = path_clean(a, text);
	if (text.ptr == NULL) {
		return error_nomem(err);
	}
	p.pub.is_exception = text.ptr[0] == '!';
	p.pub.text = str_skip(text, p.pub.is_exception);
	if (p.pub.text.len == 0) {
		return error_set(err, TNG_ESYNTAX, "illegal exclusion pattern: \"!\"");
	}
	/* filepath.Match(pattern, "."): only its error counts */
	if (gomatch(p.pub.text, STR(".")) == GOMATCH_BAD) {
		return error_set(err, TNG_ESYNTAX, "syntax error in pattern");
	}
	enum tng_code code = compile_route(a, &p, err);
	if (code == TNG_OK) {
		*out = p;
	}
	return code;
}

enum tng_code pattern_matches(const struct pattern *p, struct regexp_scratch *scratch,
		struct str path, bool *out, struct tng_error *err) {
	struct str text = p->pub.text;

	switch (p->pub.route) {
	case IGNORE_ROUTE_EXACT:
		*out = str_eq(path, text);
		return TNG_OK;
	case IGNORE_ROUTE_PREFIX:
		*out = str_starts(path, str_take(text, text.len - 2));
		return TNG_OK;
	case IGNORE_ROUTE_SUFFIX:
		/* two bytes off, even when they are not the stars but half a BOM: so does Docker */
		text = str_skip(text, 2);
		*out = str_ends(path, text) ||
				(text.ptr[0] == '/' && str_eq(path, str_skip(text, 1)));
		return TNG_OK;
	case IGNORE_ROUTE_REGEXP:
		if (p->pub.bad_regexp != NULL) {
			return error_set(err, TNG_ESYNTAX, "syntax error in pattern");
		}
		if (p->regexp == NULL) {
			return error_set(err, TNG_ELIMIT, "pattern engine: pattern is too large");
		}
		return regexp_match(p->regexp, scratch, path, out, err);
	}
	return TNG_OK;
}
