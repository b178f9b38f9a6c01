/* The line that names one path and nothing else, for those who write ignore files. */
#include "ignore/ignore.h"

#include "util/buf.h"
#include "util/utf8.h"

static bool is_mark(struct str path) {
	return path.len > 0 && (path.ptr[0] == '#' || path.ptr[0] == '!');
}

/* Blanks at its ends are trimmed from a line, and a newline ends it. */
static bool has_line(struct str path) {
	for (size_t i = 0; i < path.len; i++) {
		if ((unsigned char)path.ptr[i] < ' ') {
			return false;
		}
	}
	return path.len > 0 && utf8_is_valid(path) && str_eq(utf8_trim(path), path);
}

/* With an escape or a bracket in it a pattern becomes a regexp, in which a few more characters have a meaning
 * that the reference lets through (ignore-semantics 3.4). Buildah's are always regexps, and let through more
 * (3.9). */
bool ignore_put_literal(enum ignore_dialect dialect, struct str path, struct buf *out) {
	bool is_buildah = dialect == IGNORE_BUILDAH;
	bool is_regexp = is_buildah || is_mark(path) || str_has_any(path, "*?[]\\");
	const char *specials = is_buildah ? "*?[\\{|^+()" : "*?[\\{|^";

	if (!has_line(path)) {
		return false;
	}
	for (size_t i = 0; i < path.len; i++) {
		struct str c = str_take(str_skip(path, i), 1);
		bool special = is_regexp && str_has_any(c, specials);
		if (special || (i == 0 && is_mark(path))) {
			buf_putc(out, '\\');
		}
		buf_append(out, c);
	}
	return true;
}
