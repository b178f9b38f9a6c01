/* Patterns that are each matched alone; most rows are told apart by the last component's bytes. */
#include "propose/internal.h"
#include "util/gomatch.h"
#include "util/path.h"
#include "util/utf8.h"

enum tng_code matcher_init(struct arena *a, struct matcher *m, const struct str *patterns, size_t n,
		struct tng_error *err) {
	*m = (struct matcher){
		.last = arena_new(a, struct str, n),
		.is_literal = arena_new(a, bool, n),
		.n = n,
	};
	if (m->last == NULL || m->is_literal == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = ignore_from_patterns(patterns, n, &m->set, err);
	if (code != TNG_OK) {
		return code;
	}
	m->scratch = ignore_scratch_create(m->set);
	if (m->scratch == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(m->set, (uint32_t)i);
		m->last[i] = path_base(p->text);
		m->is_literal[i] = !gomatch_has_wildcard(m->last[i]) &&
				str_find(m->last[i], '\\') == m->last[i].len &&
				str_find(p->text, '|') == p->text.len;
	}
	return TNG_OK;
}

void matcher_fini(struct matcher *m) {
	ignore_scratch_destroy(m->scratch);
	ignore_destroy(m->set);
	*m = (struct matcher){ 0 };
}

enum tng_code matcher_matches(const struct matcher *m, size_t i, struct str path, struct str name,
		bool *out, struct tng_error *err) {
	*out = false;
	if (m->is_literal[i] && !str_eq(m->last[i], name)) {
		return TNG_OK;
	}
	return ignore_pattern_matches(m->scratch, (uint32_t)i, path, out, err);
}

/* ---- the line that names a path */

static bool is_mark(struct str path) {
	return path.len > 0 && (path.ptr[0] == '#' || path.ptr[0] == '!');
}

static bool has_any(struct str path, const char *bytes) {
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] != '\0' && strchr(bytes, path.ptr[i]) != NULL) {
			return true;
		}
	}
	return false;
}

/* Blanks at its ends are trimmed from a line, and a newline ends it: such a path has no line. */
static bool can_be_named(struct str path) {
	for (size_t i = 0; i < path.len; i++) {
		if ((unsigned char)path.ptr[i] < ' ') {
			return false;
		}
	}
	return path.len > 0 && utf8_is_valid(path) && str_eq(utf8_trim(path), path);
}

/* With an escape in it a pattern becomes a regexp, in which a few more characters have a meaning that the
 * reference lets through (ignore-semantics 3.4). */
bool literal_pattern(struct str path, struct buf *out) {
	bool is_regexp = is_mark(path) || has_any(path, "*?[\\");

	if (!can_be_named(path)) {
		return false;
	}
	for (size_t i = 0; i < path.len; i++) {
		struct str c = str_take(str_skip(path, i), 1);
		bool special = is_regexp && has_any(c, "*?[\\{|^");
		if (special || (i == 0 && is_mark(path))) {
			buf_putc(out, '\\');
		}
		buf_append(out, c);
	}
	return true;
}
