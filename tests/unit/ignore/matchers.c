#include "unit/ignore/matchers.h"

#include "support/plain_matcher.h"
#include "util/error.h"

#include <stdlib.h>

static enum tng_code plain_create(
		const struct str *patterns, size_t n, void **out, struct tng_error *err) {
	struct plain_matcher *m = NULL;
	enum tng_code code = plain_matcher_create(patterns, n, &m, err);

	*out = m;
	return code;
}

static enum tng_code plain_parse(struct str text, void **out, struct tng_error *err) {
	struct plain_matcher *m = NULL;
	enum tng_code code = plain_matcher_parse(text, &m, err);

	*out = m;
	return code;
}

static void plain_destroy(void *handle) {
	plain_matcher_destroy(handle);
}

static size_t plain_count(const void *handle) {
	return plain_npatterns(handle);
}

static const struct ignore_pattern *plain_at(const void *handle, size_t index) {
	return plain_pattern(handle, index);
}

static enum tng_code plain_decide(void *handle, enum question question, struct str path,
		struct verdict *out, struct tng_error *err) {
	switch (question) {
	case WALK:
		return plain_decide_path(handle, path, out, err);
	case WHOLE_PATH:
		return plain_decide_whole_path(handle, path, out, err);
	case LEGACY:
		return plain_decide_legacy(handle, path, out, err);
	}
	return TNG_EINVAL;
}

struct fast {
	struct ignore_set *set;
	struct ignore_scratch *scratch;
};

static enum tng_code fast_wrap(struct ignore_set *set, void **out, struct tng_error *err) {
	struct fast *fast = calloc(1, sizeof(*fast));

	if (fast == NULL) {
		ignore_destroy(set);
		return error_nomem(err);
	}
	fast->set = set;
	fast->scratch = ignore_scratch_create(set);
	*out = fast;
	return fast->scratch != NULL ? TNG_OK : error_nomem(err);
}

static enum tng_code fast_create(
		const struct str *patterns, size_t n, void **out, struct tng_error *err) {
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_from_patterns(patterns, n, &set, err);

	return code == TNG_OK ? fast_wrap(set, out, err) : code;
}

static enum tng_code fast_parse(struct str text, void **out, struct tng_error *err) {
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_parse(text, &set, err);

	return code == TNG_OK ? fast_wrap(set, out, err) : code;
}

static void fast_destroy(void *handle) {
	struct fast *fast = handle;

	if (fast != NULL) {
		ignore_scratch_destroy(fast->scratch);
		ignore_destroy(fast->set);
		free(fast);
	}
}

static size_t fast_count(const void *handle) {
	return ignore_npatterns(((const struct fast *)handle)->set);
}

static const struct ignore_pattern *fast_at(const void *handle, size_t index) {
	return ignore_pattern(((const struct fast *)handle)->set, (uint32_t)index);
}

static enum tng_code fast_decide(void *handle, enum question question, struct str path,
		struct verdict *out, struct tng_error *err) {
	struct ignore_scratch *scratch = ((const struct fast *)handle)->scratch;

	switch (question) {
	case WALK:
		return ignore_decide_path(scratch, path, out, err);
	case WHOLE_PATH:
		return ignore_decide_whole_path(scratch, path, out, err);
	case LEGACY:
		return ignore_decide_legacy(scratch, path, out, err);
	}
	return TNG_EINVAL;
}

static enum tng_code plain_create_buildah(
		const struct str *patterns, size_t n, void **out, struct tng_error *err) {
	struct plain_matcher *m = NULL;
	enum tng_code code = plain_matcher_create_as(IGNORE_BUILDAH, patterns, n, &m, err);

	*out = m;
	return code;
}

static enum tng_code plain_parse_buildah(struct str text, void **out, struct tng_error *err) {
	struct plain_matcher *m = NULL;
	enum tng_code code = plain_matcher_parse_as(IGNORE_BUILDAH, text, &m, err);

	*out = m;
	return code;
}

static enum tng_code fast_create_buildah(
		const struct str *patterns, size_t n, void **out, struct tng_error *err) {
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_from_patterns_as(IGNORE_BUILDAH, patterns, n, &set, err);

	return code == TNG_OK ? fast_wrap(set, out, err) : code;
}

static enum tng_code fast_parse_buildah(struct str text, void **out, struct tng_error *err) {
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_parse_as(IGNORE_BUILDAH, text, &set, err);

	return code == TNG_OK ? fast_wrap(set, out, err) : code;
}

const struct matcher buildah_matchers[2] = {
	{ "plain buildah", true, plain_create_buildah, plain_parse_buildah, plain_destroy,
			plain_count, plain_at, plain_decide },
	{ "fast buildah", false, fast_create_buildah, fast_parse_buildah, fast_destroy, fast_count,
			fast_at, fast_decide },
};

const struct matcher matchers[] = {
	{ "plain", true, plain_create, plain_parse, plain_destroy, plain_count, plain_at,
			plain_decide },
	{ "fast", false, fast_create, fast_parse, fast_destroy, fast_count, fast_at, fast_decide },
};

const size_t nmatchers = sizeof(matchers) / sizeof(matchers[0]);
