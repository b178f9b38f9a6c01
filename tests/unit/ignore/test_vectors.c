/*
 * The vectors of ../shared, made by the real libraries, through each of our matchers. Without them
 * (TONNAGE_SHARED is empty) the tests are skipped; test_read.c, test_pattern.c and test_regexp.c have
 * answers of their own.
 */
#include "unit/ignore/matchers.h"

#include "ignore/internal.h"
#include "unit/ignore/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* What is checked, and where: for messages, and the figures at the end. */
struct context {
	const struct matcher *matcher;
	size_t index;
	const json_t *vector;
	size_t nchecked, nwrong;
};

static void check(struct context *c, bool is_right, const char *what) {
	c->nchecked++;
	if (!is_right) {
		char *text = json_dumps(c->vector, JSON_ENCODE_ANY);
		c->nwrong++;
		cr_expect(false, "%s matcher, vector %zu, %s: %s", c->matcher->name, c->index, what,
				text);
		free(text);
	}
}

/* ---- match-vectors.json ---- */

static void check_verdict(struct context *c, void *handle, enum question question, struct str path,
		const char *key) {
	bool expected = json_is_true(json_object_get(c->vector, key));
	struct verdict verdict = { !expected, 0 };
	enum tng_code code = c->matcher->decide(handle, question, path, &verdict, NULL);

	check(c, code == TNG_OK && verdict.excluded == expected, key);
	if (code == TNG_OK && verdict.pattern == IGNORE_NO_PATTERN) {
		check(c, !verdict.excluded, "no pattern, but excluded");
	} else if (code == TNG_OK) {
		const struct ignore_pattern *p = c->matcher->pattern(handle, verdict.pattern);
		check(c, p->is_exception != verdict.excluded, "the wrong sort of pattern decided");
	}
}

static void check_kinds(struct context *c, void *handle) {
	static const char *const names[] = {
		[IGNORE_ROUTE_EXACT] = "exact",
		[IGNORE_ROUTE_PREFIX] = "prefix",
		[IGNORE_ROUTE_SUFFIX] = "suffix",
		[IGNORE_ROUTE_REGEXP] = "regexp",
	};
	const json_t *kinds = json_object_get(c->vector, "kinds");

	if (kinds == NULL) {
		return;
	}
	check(c, c->matcher->npatterns(handle) == json_array_size(kinds), "number of patterns");
	for (size_t i = 0; i < json_array_size(kinds) && i < c->matcher->npatterns(handle); i++) {
		const char *route = names[c->matcher->pattern(handle, i)->route];
		const char *kind = json_string_value(json_array_get(kinds, i));
		/* Docker had no cause to compile this one */
		bool is_unknown = strcmp(kind, "unknown") == 0;
		check(c, is_unknown || strcmp(kind, route) == 0, "kinds");
	}
}

static void check_error(struct context *c, void *handle, enum tng_code code,
		const struct tng_error *err, struct str path) {
	const char *stage = json_string_value(json_object_get(c->vector, "stage"));
	const char *message = json_string_value(json_object_get(c->vector, "message"));

	if (strcmp(stage, "compile") == 0) {
		check(c, code == TNG_ESYNTAX && strcmp(err->text, message) == 0, "compile error");
		check(c, code != TNG_ESYNTAX || err->line > 0, "line of the compile error");
		return;
	}
	check(c, code == TNG_OK, "the list is good until it is used");
	if (code != TNG_OK) {
		return;
	}
	for (int question = WALK; question <= LEGACY; question++) {
		struct verdict verdict;
		struct tng_error late = { 0 };
		/* twice: the second use must say the same (moby/patternmatcher #9) */
		(void)c->matcher->decide(handle, (enum question)question, path, &verdict, NULL);
		code = c->matcher->decide(handle, (enum question)question, path, &verdict, &late);
		check(c, code == TNG_ESYNTAX && strcmp(late.text, message) == 0, "match error");
		check(c, late.line > 0, "line of the match error");
	}
}

static bool is_context_path(struct str path) {
	return !str_starts(path, STR("/")) && !str_starts(path, STR("../"));
}

static void run_match_vector(struct context *c) {
	struct arena *a = arena_create();
	size_t n;
	struct str *patterns = vectors_patterns(a, c->vector, &n);
	struct str path = vectors_bytes(a, c->vector, "path");
	struct tng_error err = { 0 };
	void *handle = NULL;
	enum tng_code code = c->matcher->create(patterns, n, &handle, &err);

	if (json_is_true(json_object_get(c->vector, "error"))) {
		check_error(c, handle, code, &err, path);
	} else {
		check(c, code == TNG_OK, "compiles");
		if (code == TNG_OK && (c->matcher->takes_any_path || is_context_path(path))) {
			check_verdict(c, handle, WHOLE_PATH, path, "excluded");
			check_verdict(c, handle, WALK, path, "walk_excluded");
			check_verdict(c, handle, LEGACY, path, "legacy_excluded");
			check_kinds(c, handle);
		}
	}
	if (code == TNG_OK) {
		c->matcher->destroy(handle);
	}
	arena_destroy(a);
}

Test(ignore_vectors, paths_are_decided_as_the_reference_decides_them) {
	json_t *vectors = vectors_load("match-vectors.json");

	for (size_t m = 0; m < nmatchers; m++) {
		struct context c = { .matcher = &matchers[m] };
		for (c.index = 0; c.index < json_array_size(vectors); c.index++) {
			c.vector = json_array_get(vectors, c.index);
			run_match_vector(&c);
		}
		cr_expect(c.index > 1000, "only %zu vectors", c.index);
		cr_expect(c.nchecked > 3000, "only %zu checks", c.nchecked);
		cr_expect(eq(sz, c.nwrong, 0));
	}
	json_decref(vectors);
}

/* ---- parse-vectors.json ---- */

static void check_reader(struct context *c, struct arena *a, struct str text) {
	const json_t *expected = json_object_get(c->vector, "patterns");
	const json_t *error = json_object_get(c->vector, "read_error");
	struct read_pattern *patterns = NULL;
	struct tng_error err = { 0 };
	size_t n = 0;
	enum tng_code code = ignore_read(a, text, &patterns, &n, &err);

	if (error != NULL) {
		check(c, code == TNG_ELIMIT && strcmp(err.text, json_string_value(error)) == 0,
				"read_error");
		check(c, err.line > 0, "line of the read_error");
		return;
	}
	check(c, code == TNG_OK && n == json_array_size(expected), "number of patterns read");
	for (size_t i = 0; i < n && i < json_array_size(expected); i++) {
		check(c, vectors_is_item(a, json_array_get(expected, i), patterns[i].text),
				"patterns");
		char first = patterns[i].raw.ptr[patterns[i].column - 1];
		check(c, (first == '!') == (patterns[i].text.ptr[0] == '!'), "column");
	}
}

static void check_cleaned(struct context *c, struct arena *a, void *handle) {
	const json_t *expected = json_object_get(c->vector, "cleaned");
	size_t n = c->matcher->npatterns(handle);

	check(c, n == json_array_size(expected), "number of patterns compiled");
	for (size_t i = 0; i < n && i < json_array_size(expected); i++) {
		const struct ignore_pattern *p = c->matcher->pattern(handle, i);
		char *text = arena_alloc(a, p->text.len + 1);
		text[0] = '!';
		memcpy(text + 1, p->text.ptr, p->text.len);
		struct str whole = str_make(text + !p->is_exception, p->text.len + p->is_exception);
		check(c, vectors_is_item(a, json_array_get(expected, i), whole), "cleaned");
	}
}

static void run_parse_vector(struct context *c) {
	struct arena *a = arena_create();
	struct str text = vectors_file(a, c->vector);
	const json_t *read_error = json_object_get(c->vector, "read_error");
	const json_t *compile_error = json_object_get(c->vector, "compile_error");
	const json_t *error = read_error != NULL ? read_error : compile_error;
	struct tng_error err = { 0 };
	void *handle = NULL;
	enum tng_code code = c->matcher->parse(text, &handle, &err);

	check_reader(c, a, text);
	if (error != NULL) {
		check(c, code == (read_error != NULL ? TNG_ELIMIT : TNG_ESYNTAX), "code");
		check(c, strcmp(err.text, json_string_value(error)) == 0, "error");
		check(c, err.line > 0, "line of the error");
	} else {
		check(c, code == TNG_OK, "compiles");
	}
	if (code == TNG_OK) {
		check_cleaned(c, a, handle);
		c->matcher->destroy(handle);
	}
	arena_destroy(a);
}

Test(ignore_vectors, files_are_read_as_the_reference_reads_them) {
	json_t *vectors = vectors_load("parse-vectors.json");

	for (size_t m = 0; m < nmatchers; m++) {
		struct context c = { .matcher = &matchers[m] };
		for (c.index = 0; c.index < json_array_size(vectors); c.index++) {
			c.vector = json_array_get(vectors, c.index);
			run_parse_vector(&c);
		}
		cr_expect(c.index > 100, "only %zu vectors", c.index);
		cr_expect(eq(sz, c.nwrong, 0));
	}
	json_decref(vectors);
}
