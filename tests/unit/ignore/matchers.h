/*
 * unit/ignore/matchers.h - all that can decide paths, behind one set of functions, so that they answer
 * the same tests.
 */
#ifndef TESTS_UNIT_IGNORE_MATCHERS_H
#define TESTS_UNIT_IGNORE_MATCHERS_H

#include "ignore/ignore.h"

enum question { WALK, WHOLE_PATH, LEGACY };

/* A matcher behind one set of functions. */
struct matcher {
	const char *name;
	bool takes_any_path; /* "/a" and "../a" too, which no context holds */
	enum tng_code (*create)(
			const struct str *patterns, size_t n, void **out, struct tng_error *err);
	enum tng_code (*parse)(struct str text, void **out, struct tng_error *err);
	void (*destroy)(void *handle);
	size_t (*npatterns)(const void *handle);
	const struct ignore_pattern *(*pattern)(const void *handle, size_t index);
	enum tng_code (*decide)(void *handle, enum question question, struct str path,
			struct verdict *out, struct tng_error *err);
};

/* the same two for IGNORE_BUILDAH, where every question has one answer */
extern const struct matcher buildah_matchers[2];

/* the plain one, then the product's */
extern const struct matcher matchers[];
extern const size_t nmatchers;

#endif
