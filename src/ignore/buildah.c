/*
 * The dialect of buildah and podman: openshift/imagebuilder's reader (ParseIgnoreReader) and the patterns
 * of containers/storage (pkg/fileutils), spec 2.4 and 3.9.
 *
 *   " !./doc/?.txt/ "  slashes off the line's ends, trim, clean, cut '!', clean again
 *                      regexp  ^\./doc/[^/]\.txt(/.*)?$
 *
 * Only '.' and '$' are escaped. There is one route, and it covers what is below the match.
 */
#include "ignore/internal.h"
#include "util/buf.h"
#include "util/gomatch.h"
#include "util/path.h"
#include "util/utf8.h"
#include "util/vec.h"

#include <stdlib.h>

/* ---- the reader ---- */

static struct str without_slashes(struct str line) {
	while (line.len > 0 && line.ptr[0] == '/') {
		line = str_skip(line, 1);
	}
	while (line.len > 0 && line.ptr[line.len - 1] == '/') {
		line.len--;
	}
	return line;
}

/* The line's pattern; false when it holds none. The slashes go before the blanks. */
static bool read_line(struct str line, uint32_t number, struct read_pattern *out) {
	struct str text = without_slashes(line);
	struct str trimmed = utf8_trim(text);

	if (text.len == 0 || line.ptr[0] == '#') {
		return false;
	}
	/* a CR is a blank to the matcher, but the user's line ends before it */
	struct str raw = line.ptr[line.len - 1] == '\r' ? str_take(line, line.len - 1) : line;
	size_t before = trimmed.len > 0 ? (size_t)(trimmed.ptr - line.ptr) : 0;
	*out = (struct read_pattern){
		.raw = raw,
		.text = text,
		.line = number,
		.column = (uint32_t)before + 1,
	};
	return true;
}

static size_t count_lines(struct str text) {
	size_t n = 1;

	for (struct str line; str_cut(text, '\n', &line, &text);) {
		n++;
	}
	return n;
}

enum tng_code ignore_read_buildah(struct arena *a, struct str text, struct read_pattern **out,
		size_t *n, struct tng_error *err) {
	struct read_pattern *patterns = arena_new(a, struct read_pattern, count_lines(text));
	uint32_t number = 1;
	size_t npatterns = 0;

	if (patterns == NULL) {
		return error_nomem(err);
	}
	for (bool more = true; more; number++) {
		struct str line;
		more = str_cut(text, '\n', &line, &text);
		npatterns += read_line(line, number, &patterns[npatterns]);
	}
	*out = patterns;
	*n = npatterns;
	return TNG_OK;
}

/* ---- the matcher ---- */

static uint32_t next_rune(struct str *rest) {
	uint32_t rune;
	unsigned n = utf8_decode(*rest, &rune);

	*rest = str_skip(*rest, n);
	return rune;
}

static void put_rune(struct buf *regexp, uint32_t rune) {
	char bytes[4];
	unsigned n = utf8_put(rune, bytes);

	buf_append(regexp, str_make(bytes, n));
}

static void translate_star(struct str *rest, struct buf *regexp) {
	if (!str_starts(*rest, STR("*"))) {
		buf_append(regexp, STR("[^/]*"));
		return;
	}
	*rest = str_skip(*rest, str_starts(*rest, STR("*/")) ? 2 : 1);
	buf_append(regexp, rest->len > 0 ? STR("(.*/)?") : STR(".*"));
}

/* False: a backslash with nothing behind it, which compile() refuses. */
static bool translate(struct str pattern, struct buf *regexp) {
	struct str rest = pattern;

	buf_putc(regexp, '^');
	if (str_starts(rest, STR("\xEF\xBB\xBF"))) {
		rest = str_skip(rest, 3); /* text/scanner drops a BOM in front */
	}
	while (rest.len > 0) {
		uint32_t rune = next_rune(&rest);
		switch (rune) {
		case '*':
			translate_star(&rest, regexp);
			continue;
		case '?':
			buf_append(regexp, STR("[^/]"));
			continue;
		case '.':
		case '$':
			buf_putc(regexp, '\\');
			break;
		case '\\':
			if (rest.len == 0) {
				return false;
			}
			buf_putc(regexp, '\\');
			rune = next_rune(&rest);
			break;
		default:
			break;
		}
		put_rune(regexp, rune);
	}
	buf_append(regexp, STR("(/.*)?$"));
	return true;
}

static enum tng_code compile_regexp(struct arena *a, struct pattern *p, struct tng_error *err) {
	struct buf regexp = { 0 };
	bool is_whole = translate(p->pub.text, &regexp);
	enum tng_code code = TNG_OK;

	p->pub.route = IGNORE_ROUTE_REGEXP;
	p->regexp_text = arena_copy(a, buf_str(&regexp));
	if (buf_failed(&regexp) || p->regexp_text.ptr == NULL) {
		code = error_nomem(err);
	} else if (!is_whole) {
		p->pub.bad_regexp = "trailing backslash";
	} else {
		struct tng_error why = { 0 };
		code = regexp_compile(p->regexp_text, &p->regexp, &p->pub.bad_regexp, &why);
		/* one that PCRE2 cannot hold matters only where it is needed: steps.c may do */
		code = code == TNG_OK || code == TNG_ELIMIT ? TNG_OK : error_pass(err, &why);
	}
	buf_fini(&regexp);
	return code;
}

/* What follows the '!': cleaned once more, on its own, and without its leading slash. */
static struct str clean_exception(struct arena *a, struct str text) {
	struct str clean = path_clean(a, str_skip(text, 1));

	return clean.ptr != NULL && str_starts(clean, STR("/")) ? str_skip(clean, 1) : clean;
}

enum tng_code pattern_compile_buildah(struct arena *a, struct str string, struct pattern *out,
		bool *is_empty, struct tng_error *err) {
	struct pattern p = { .dialect = IGNORE_BUILDAH };
	struct str text = utf8_trim(string);

	*is_empty = text.len == 0;
	if (*is_empty) {
		return TNG_OK;
	}
	text = path_clean(a, text); /* with its '!': "!x/.." is "." and no exception */
	if (text.ptr == NULL) {
		return error_nomem(err);
	}
	if (str_eq(text, STR("!"))) {
		return error_set(err, TNG_ESYNTAX, "illegal exclusion pattern: \"!\"");
	}
	p.pub.is_exception = text.ptr[0] == '!';
	p.pub.text = p.pub.is_exception ? clean_exception(a, text) : text;
	if (p.pub.text.ptr == NULL) {
		return error_nomem(err);
	}
	if (gomatch(p.pub.text, STR(".")) == GOMATCH_BAD) {
		return error_set(err, TNG_ESYNTAX, "syntax error in pattern");
	}
	enum tng_code code = compile_regexp(a, &p, err);
	if (code == TNG_OK) {
		*out = p;
	}
	return code;
}
