#include "support/plain_matcher.h"
#include "ignore/internal.h"
#include "util/vec.h"

#include <stdlib.h>

struct plain_matcher {
	enum ignore_dialect dialect;
	struct arena *arena;
	struct regexp_scratch *scratch;
	struct {
		VEC_FIELDS(struct pattern)
	} patterns;
};

static struct plain_matcher *create_empty(enum ignore_dialect dialect) {
	struct plain_matcher *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		return NULL;
	}
	m->dialect = dialect;
	m->arena = arena_create();
	m->scratch = regexp_scratch_create();
	if (m->arena == NULL || m->scratch == NULL) {
		plain_matcher_destroy(m);
		return NULL;
	}
	return m;
}

void plain_matcher_destroy(struct plain_matcher *m) {
	if (m == NULL) {
		return;
	}
	for (size_t i = 0; i < m->patterns.len; i++) {
		regexp_destroy(m->patterns.ptr[i].regexp);
	}
	free(m->patterns.ptr);
	regexp_scratch_destroy(m->scratch);
	arena_destroy(m->arena);
	free(m);
}

/* Compile one string and append it, unless it is empty. */
static enum tng_code add_pattern(struct plain_matcher *m, struct str string,
		struct ignore_pattern where, struct tng_error *err) {
	struct pattern compiled;
	bool is_empty = false;
	enum tng_code code = m->dialect == IGNORE_BUILDAH
			? pattern_compile_buildah(m->arena, string, &compiled, &is_empty, err)
			: pattern_compile(m->arena, string, &compiled, &is_empty, err);

	if (code != TNG_OK) {
		if (err != NULL && err->line == 0) {
			err->line = where.line;
			err->column = where.column;
		}
		return code;
	}
	if (is_empty) {
		return TNG_OK;
	}
	struct pattern *pattern = VEC_PUSH(&m->patterns);
	if (pattern == NULL) {
		regexp_destroy(compiled.regexp);
		return error_nomem(err);
	}
	*pattern = compiled;
	pattern->pub.raw = where.raw;
	pattern->pub.line = where.line;
	pattern->pub.column = where.column;
	return TNG_OK;
}

enum tng_code plain_matcher_create(const struct str *patterns, size_t n, struct plain_matcher **out,
		struct tng_error *err) {
	return plain_matcher_create_as(IGNORE_DOCKER, patterns, n, out, err);
}

enum tng_code plain_matcher_create_as(enum ignore_dialect dialect, const struct str *patterns,
		size_t n, struct plain_matcher **out, struct tng_error *err) {
	struct plain_matcher *m = create_empty(dialect);
	enum tng_code code = m != NULL ? TNG_OK : error_nomem(err);

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		struct str raw = arena_copy(m->arena, patterns[i]);
		code = raw.ptr == NULL ? error_nomem(err)
				       : add_pattern(m, raw,
							 (struct ignore_pattern){ .raw = raw,
									 .line = (uint32_t)i + 1,
									 .column = 1 },
							 err);
	}
	if (code != TNG_OK) {
		plain_matcher_destroy(m);
		return code;
	}
	*out = m;
	return TNG_OK;
}

enum tng_code plain_matcher_parse(
		struct str text, struct plain_matcher **out, struct tng_error *err) {
	return plain_matcher_parse_as(IGNORE_DOCKER, text, out, err);
}

enum tng_code plain_matcher_parse_as(enum ignore_dialect dialect, struct str text,
		struct plain_matcher **out, struct tng_error *err) {
	struct plain_matcher *m = create_empty(dialect);
	struct read_pattern *read = NULL;
	size_t n = 0;
	enum tng_code code = TNG_OK;

	if (m == NULL) {
		return error_nomem(err);
	}
	text = arena_copy(m->arena, text);
	code = text.ptr == NULL ? error_nomem(err)
			: dialect == IGNORE_BUILDAH
			? ignore_read_buildah(m->arena, text, &read, &n, err)
			: ignore_read(m->arena, text, &read, &n, err);
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = add_pattern(m, read[i].text,
				(struct ignore_pattern){ .raw = read[i].raw,
						.line = read[i].line,
						.column = read[i].column },
				err);
	}
	if (code != TNG_OK) {
		plain_matcher_destroy(m);
		return code;
	}
	*out = m;
	return TNG_OK;
}

size_t plain_npatterns(const struct plain_matcher *m) {
	return m->patterns.len;
}

const struct ignore_pattern *plain_pattern(const struct plain_matcher *m, size_t index) {
	return &m->patterns.ptr[index].pub;
}

static size_t count_components(struct str path) {
	size_t n = 1;

	for (size_t i = 0; i < path.len; i++) {
		n += path.ptr[i] == '/';
	}
	return n;
}

/* The first n components; the whole path when it has no more. */
static struct str first_components(struct str path, size_t n) {
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '/' && --n == 0) {
			return str_take(path, i);
		}
	}
	return path;
}

static bool can_change(const struct pattern *pattern, struct verdict verdict) {
	return pattern->pub.is_exception == verdict.excluded;
}

static enum tng_code test(struct plain_matcher *m, size_t index, struct str path, bool *match,
		struct tng_error *err) {
	enum tng_code code = pattern_matches(&m->patterns.ptr[index], m->scratch, path, match, err);

	if (code != TNG_OK && err != NULL && err->line == 0) {
		err->line = m->patterns.ptr[index].pub.line;
		err->column = m->patterns.ptr[index].pub.column;
	}
	return code;
}

/* The path, then "a", "a/b", ... above it, until one matches. */
static enum tng_code test_with_ancestors(struct plain_matcher *m, size_t index, struct str path,
		bool *match, struct tng_error *err) {
	size_t ncomponents = count_components(path);
	enum tng_code code = test(m, index, path, match, err);

	for (size_t n = 1; n < ncomponents && code == TNG_OK && !*match; n++) {
		code = test(m, index, first_components(path, n), match, err);
	}
	return code;
}

enum tng_code plain_decide_entry(struct plain_matcher *m, struct str path, const bool *parent,
		bool *results, struct verdict *out, struct tng_error *err) {
	struct verdict verdict = { false, IGNORE_NO_PATTERN };

	for (size_t i = 0; i < m->patterns.len; i++) {
		bool match = parent != NULL && parent[i];
		results[i] = false;
		if (!match) {
			if (!can_change(&m->patterns.ptr[i], verdict)) {
				continue;
			}
			enum tng_code code = parent != NULL
					? test(m, i, path, &match, err)
					: test_with_ancestors(m, i, path, &match, err);
			if (code != TNG_OK) {
				return code;
			}
		}
		results[i] = match;
		if (match) {
			verdict.excluded = !m->patterns.ptr[i].pub.is_exception;
			verdict.pattern = (uint32_t)i;
		}
	}
	*out = verdict;
	return TNG_OK;
}

/* IGNORE_BUILDAH, MatchesResult: all patterns, in order, against the path alone. */
static enum tng_code decide_last(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err) {
	struct verdict verdict = { false, IGNORE_NO_PATTERN };

	for (size_t i = 0; i < m->patterns.len; i++) {
		bool match = false;
		enum tng_code code = test(m, i, path, &match, err);
		if (code != TNG_OK) {
			return code;
		}
		if (match) {
			verdict.excluded = !m->patterns.ptr[i].pub.is_exception;
			verdict.pattern = (uint32_t)i;
		}
	}
	*out = verdict;
	return TNG_OK;
}

enum tng_code plain_decide_path(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err) {
	if (m->dialect == IGNORE_BUILDAH) {
		return decide_last(m, path, out, err);
	}
	size_t ncomponents = count_components(path);
	bool *results = calloc(2 * m->patterns.len + 2, sizeof(bool));
	bool *parent = NULL;
	bool *own = results;
	struct verdict verdict = { false, IGNORE_NO_PATTERN };
	enum tng_code code = TNG_OK;

	if (results == NULL) {
		return error_nomem(err);
	}
	for (size_t n = 1; n <= ncomponents && code == TNG_OK; n++) {
		code = plain_decide_entry(m, first_components(path, n), parent, own, &verdict, err);
		parent = own;
		own = own == results ? results + m->patterns.len + 1 : results;
	}
	free(results);
	if (code == TNG_OK) {
		*out = verdict;
	}
	return code;
}

typedef enum tng_code (*test_fn)(struct plain_matcher *m, size_t index, struct str path,
		bool *match, struct tng_error *err);

/* In order, and only the patterns that can change what is so far. */
static enum tng_code decide(struct plain_matcher *m, struct str path, test_fn test_one,
		struct verdict *out, struct tng_error *err) {
	struct verdict verdict = { false, IGNORE_NO_PATTERN };

	for (size_t i = 0; i < m->patterns.len; i++) {
		bool match = false;
		if (!can_change(&m->patterns.ptr[i], verdict)) {
			continue;
		}
		enum tng_code code = test_one(m, i, path, &match, err);
		if (code != TNG_OK) {
			return code;
		}
		if (match) {
			verdict.excluded = !m->patterns.ptr[i].pub.is_exception;
			verdict.pattern = (uint32_t)i;
		}
	}
	*out = verdict;
	return TNG_OK;
}

enum tng_code plain_decide_whole_path(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err) {
	return m->dialect == IGNORE_BUILDAH ? decide_last(m, path, out, err)
					    : decide(m, path, test_with_ancestors, out, err);
}

/* The path, then the one ancestor that has as many components as the pattern, if there is one. */
static enum tng_code test_legacy(struct plain_matcher *m, size_t index, struct str path,
		bool *match, struct tng_error *err) {
	size_t ncomponents = count_components(m->patterns.ptr[index].pub.text);
	enum tng_code code = test(m, index, path, match, err);

	if (code == TNG_OK && !*match && ncomponents < count_components(path)) {
		code = test(m, index, first_components(path, ncomponents), match, err);
	}
	return code;
}

enum tng_code plain_decide_legacy(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err) {
	return m->dialect == IGNORE_BUILDAH ? decide_last(m, path, out, err)
					    : decide(m, path, test_legacy, out, err);
}
