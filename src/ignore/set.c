#include "ignore/match.h"

void ignore_destroy(struct ignore_set *set) {
	if (set == NULL) {
		return;
	}
	for (uint32_t i = 0; i < set->npatterns; i++) {
		regexp_destroy(set->patterns[i].regexp);
	}
	arena_destroy(set->arena); /* the set itself is in it */
}

uint32_t ignore_npatterns(const struct ignore_set *set) {
	return set->npatterns;
}

const struct ignore_pattern *ignore_pattern(const struct ignore_set *set, uint32_t index) {
	return &set->patterns[index].pub;
}

bool ignore_has_exceptions(const struct ignore_set *set) {
	return set->has_exceptions;
}

bool ignore_needs_paths(const struct ignore_set *set) {
	return set->nfa->nslow > 0;
}

static struct ignore_set *set_create(enum ignore_dialect dialect, struct tng_error *err) {
	struct arena *a = arena_create();
	struct ignore_set *set = a != NULL ? arena_new(a, struct ignore_set, 1) : NULL;

	if (set == NULL) {
		arena_destroy(a);
		(void)error_nomem(err);
		return NULL;
	}
	set->arena = a;
	set->dialect = dialect;
	set->bad = IGNORE_NO_PATTERN;
	return set;
}

/* Compile one line behind the others; an empty one is skipped. */
static enum tng_code add_pattern(
		struct ignore_set *set, const struct read_pattern *read, struct tng_error *err) {
	struct pattern *p = &set->patterns[set->npatterns];
	bool is_empty = false;
	enum tng_code code = set->dialect == IGNORE_BUILDAH
			? pattern_compile_buildah(set->arena, read->text, p, &is_empty, err)
			: pattern_compile(set->arena, read->text, p, &is_empty, err);

	if (code != TNG_OK) {
		if (err != NULL && err->line == 0) {
			err->line = read->line;
			err->column = read->column;
		}
		return code;
	}
	if (is_empty) {
		return TNG_OK;
	}
	if (p->pub.bad_regexp != NULL && set->bad == IGNORE_NO_PATTERN) {
		set->bad = set->npatterns;
	}
	set->npatterns++;
	set->has_exceptions |= p->pub.is_exception;
	p->pub.raw = arena_copy(set->arena, read->raw);
	p->pub.listed = arena_copy(set->arena, read->text);
	p->pub.line = read->line;
	p->pub.column = read->column;
	return p->pub.raw.ptr != NULL && p->pub.listed.ptr != NULL ? TNG_OK : error_nomem(err);
}

static enum tng_code compile(struct ignore_set *set, const struct read_pattern *reads, size_t n,
		struct tng_error *err) {
	set->patterns = arena_new(set->arena, struct pattern, n);
	if (set->patterns == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		enum tng_code code = add_pattern(set, &reads[i], err);
		if (code != TNG_OK) {
			return code;
		}
	}
	set->nfa = nfa_build(set->arena, set->patterns, set->npatterns);
	if (set->nfa == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < set->nfa->nslow; i++) {
		struct pattern *p = &set->patterns[set->nfa->slow[i]];
		if (p->regexp != NULL) {
			regexp_prepare(p->regexp);
		}
	}
	return TNG_OK;
}

/* A set of what was read; `reads` are in the set's arena. */
static enum tng_code finish(struct ignore_set *set, enum tng_code code,
		const struct read_pattern *reads, size_t n, struct ignore_set **out,
		struct tng_error *err) {
	if (code == TNG_OK) {
		code = compile(set, reads, n, err);
	}
	if (code != TNG_OK) {
		ignore_destroy(set);
		return code;
	}
	*out = set;
	return TNG_OK;
}

/* What was read and what is added behind it, in one list. */
static enum tng_code append(struct arena *a, struct read_pattern **reads, size_t *n,
		const struct str *more, size_t nmore, struct tng_error *err) {
	struct read_pattern *all = arena_new(a, struct read_pattern, *n + nmore);

	if (all == NULL) {
		return error_nomem(err);
	}
	if (*n > 0) {
		memcpy(all, *reads, *n * sizeof(*all));
	}
	for (size_t i = 0; i < nmore; i++) {
		all[*n + i] = (struct read_pattern){ .raw = more[i], .text = more[i] };
	}
	*reads = all;
	*n += nmore;
	return TNG_OK;
}

enum tng_code ignore_parse_with(struct str text, const struct str *more, size_t nmore,
		struct ignore_set **out, struct tng_error *err) {
	struct ignore_set *set = set_create(IGNORE_DOCKER, err);
	struct read_pattern *reads = NULL;
	size_t n = 0;

	if (set == NULL) {
		return TNG_ENOMEM;
	}
	enum tng_code code = ignore_read(set->arena, text, &reads, &n, err);
	if (code == TNG_OK && nmore > 0) {
		code = append(set->arena, &reads, &n, more, nmore, err);
	}
	return finish(set, code, reads, n, out, err);
}

enum tng_code ignore_parse(struct str text, struct ignore_set **out, struct tng_error *err) {
	return ignore_parse_with(text, NULL, 0, out, err);
}

enum tng_code ignore_parse_as(enum ignore_dialect dialect, struct str text, struct ignore_set **out,
		struct tng_error *err) {
	struct ignore_set *set;
	struct read_pattern *reads = NULL;
	size_t n = 0;

	if (dialect == IGNORE_DOCKER) {
		return ignore_parse(text, out, err);
	}
	set = set_create(dialect, err);
	if (set == NULL) {
		return TNG_ENOMEM;
	}
	enum tng_code code = ignore_read_buildah(set->arena, text, &reads, &n, err);
	return finish(set, code, reads, n, out, err);
}

enum ignore_dialect ignore_dialect_of(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_PODMAN:
		return IGNORE_BUILDAH;
	case TNG_ENGINE_BUILDKIT:
	case TNG_ENGINE_CLASSIC:
		break;
	}
	return IGNORE_DOCKER;
}

enum tng_code ignore_from_patterns(const struct str *patterns, size_t n, struct ignore_set **out,
		struct tng_error *err) {
	return ignore_from_patterns_as(IGNORE_DOCKER, patterns, n, out, err);
}

enum tng_code ignore_from_patterns_as(enum ignore_dialect dialect, const struct str *patterns,
		size_t n, struct ignore_set **out, struct tng_error *err) {
	struct ignore_set *set = set_create(dialect, err);

	if (set == NULL) {
		return TNG_ENOMEM;
	}
	struct read_pattern *reads = arena_new(set->arena, struct read_pattern, n);
	enum tng_code code = reads != NULL ? TNG_OK : error_nomem(err);
	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		reads[i] = (struct read_pattern){
			.raw = patterns[i],
			.text = patterns[i],
			.line = (uint32_t)i + 1,
			.column = 1,
		};
	}
	return finish(set, code, reads, n, out, err);
}
