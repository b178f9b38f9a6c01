/*
 * The buildah columns of the vectors of ../shared, through both matchers. test_buildah.c has answers of its
 * own for where they are missing.
 */
#include "unit/ignore/matchers.h"
#include "unit/ignore/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

struct tally {
	size_t nverdicts, nerrors, nwrong;
	size_t nunrecorded; /* errors of the real library that the vectors hold as "false" */
};

/*
 * Three vectors say "false" where IsMatch returns an error (match-oracle's api "storage" shows it): they were
 * made for a pattern that Docker never evaluates, and buildah evaluates all.
 */
static bool is_unrecorded_error(
		const struct matcher *m, const json_t *vector, void *handle, struct str path) {
	const json_t *kinds = json_object_get(vector, "kinds");
	struct verdict verdict;
	bool unknown = false;

	for (size_t i = 0; i < json_array_size(kinds); i++) {
		unknown |= strcmp(json_string_value(json_array_get(kinds, i)), "unknown") == 0;
	}
	return unknown && json_is_false(json_object_get(vector, "buildah_excluded")) &&
			m->decide(handle, WALK, path, &verdict, NULL) == TNG_ESYNTAX;
}

static void wrong(struct tally *t, const struct matcher *m, size_t index, const json_t *vector,
		const char *what) {
	char *text = json_dumps(vector, JSON_ENCODE_ANY);

	t->nwrong++;
	cr_expect(false, "%s matcher, vector %zu, %s: %s", m->name, index, what, text);
	free(text);
}

static const char *check_error(const struct matcher *m, const json_t *vector, enum tng_code created,
		void *handle, struct str path) {
	const char *stage = json_string_value(json_object_get(vector, "stage"));
	struct tng_error err = { 0 };
	struct verdict verdict;

	if (stage != NULL && strcmp(stage, "compile") == 0) {
		return created == TNG_ESYNTAX ? NULL : "the list is not refused";
	}
	if (created != TNG_OK) {
		return "the list is refused";
	}
	if (m->decide(handle, WALK, path, &verdict, &err) != TNG_ESYNTAX) {
		return "no error in evaluation";
	}
	return err.line > 0 ? NULL : "an error without a line";
}

static const char *check_verdicts(
		const struct matcher *m, void *handle, struct str path, bool expected) {
	for (enum question q = WALK; q <= LEGACY; q++) {
		struct verdict verdict = { !expected, 0 };
		if (m->decide(handle, q, path, &verdict, NULL) != TNG_OK) {
			return "an error";
		}
		if (verdict.excluded != expected) {
			return "verdict";
		}
		if (verdict.pattern == IGNORE_NO_PATTERN ? verdict.excluded
							 : m->pattern(handle, verdict.pattern)
										->is_exception ==
								verdict.excluded) {
			return "the wrong pattern decided";
		}
	}
	return NULL;
}

static void run_vector(
		struct tally *t, const struct matcher *m, size_t index, const json_t *vector) {
	const json_t *excluded = json_object_get(vector, "buildah_excluded");
	bool error = json_is_true(json_object_get(vector, "buildah_error"));
	struct arena *a = arena_create();
	size_t n = 0;
	struct str *patterns = vectors_patterns(a, vector, &n);
	struct str path = vectors_bytes(a, vector, "path");
	void *handle = NULL;
	enum tng_code created = m->create(patterns, n, &handle, NULL);
	const char *what = NULL;

	if (error) {
		t->nerrors++;
		what = check_error(m, vector, created, handle, path);
	} else if (excluded != NULL && created == TNG_OK &&
			is_unrecorded_error(m, vector, handle, path)) {
		t->nunrecorded++;
	} else if (excluded != NULL) {
		t->nverdicts++;
		what = created != TNG_OK ? "the list is refused"
					 : check_verdicts(m, handle, path, json_is_true(excluded));
	}
	if (what != NULL) {
		wrong(t, m, index, vector, what);
	}
	m->destroy(handle);
	arena_destroy(a);
}

Test(ignore_vectors_buildah, verdicts_and_errors_are_those_of_containers_storage) {
	json_t *vectors = vectors_load("match-vectors.json");

	for (size_t i = 0; i < 2; i++) {
		struct tally t = { 0 };
		for (size_t k = 0; k < json_array_size(vectors); k++) {
			run_vector(&t, &buildah_matchers[i], k, json_array_get(vectors, k));
		}
		cr_expect(eq(sz, t.nwrong, 0));
		cr_expect(ge(sz, t.nverdicts, 925));
		cr_expect(eq(sz, t.nunrecorded, 3));
		cr_expect(ge(sz, t.nerrors, 66));
	}
	json_decref(vectors);
}

static const char *check_list(
		struct arena *a, const struct matcher *m, void *handle, const json_t *expected) {
	size_t n = m->npatterns(handle);

	if (n != json_array_size(expected)) {
		return "number of patterns";
	}
	for (size_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = m->pattern(handle, i);
		char *text = arena_alloc(a, p->text.len + 1);
		text[0] = '!';
		memcpy(text + 1, p->text.ptr, p->text.len);
		struct str whole = str_make(text + !p->is_exception, p->text.len + p->is_exception);
		if (!vectors_is_item(a, json_array_get(expected, i), whole)) {
			return "a pattern";
		}
		char first = p->raw.ptr[p->column - 1];
		if (p->line == 0 || (first == '!') < p->is_exception) {
			return "line and column";
		}
	}
	return NULL;
}

static bool is_refused(const json_t *vector) {
	const char *error = json_string_value(json_object_get(vector, "compile_error"));

	return error != NULL && strcmp(error, "syntax error in pattern") == 0;
}

Test(ignore_vectors_buildah, files_are_read_as_imagebuilder_reads_them) {
	json_t *vectors = vectors_load("parse-vectors.json");

	for (size_t i = 0; i < 2; i++) {
		const struct matcher *m = &buildah_matchers[i];
		struct tally t = { 0 };
		for (size_t k = 0; k < json_array_size(vectors); k++) {
			const json_t *vector = json_array_get(vectors, k);
			const json_t *expected = json_object_get(vector, "buildah");
			struct arena *a = arena_create();
			struct tng_error err = { 0 };
			void *handle = NULL;
			enum tng_code code = m->parse(vectors_file(a, vector), &handle, &err);
			const char *what = NULL;
			/* the lists are the reader's: some do not pass the syntax check */
			if (json_is_object(expected) || is_refused(vector)) {
				t.nerrors++;
				what = code == TNG_ESYNTAX && err.line > 0 ? NULL : "no error";
			} else {
				t.nverdicts++;
				what = code == TNG_OK ? check_list(a, m, handle, expected)
						      : "an error";
			}
			if (what != NULL) {
				wrong(&t, m, k, vector, what);
			}
			m->destroy(handle);
			arena_destroy(a);
		}
		cr_expect(eq(sz, t.nwrong, 0));
		cr_expect(ge(sz, t.nverdicts, 93));
		cr_expect(ge(sz, t.nerrors, 9));
	}
	json_decref(vectors);
}
