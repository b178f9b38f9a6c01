#include "ignore/ignore.h"

#include <stdlib.h>

struct tng_matcher {
	struct ignore_set *set;
	struct ignore_scratch *scratch;
};

enum tng_code tng_matcher_create(const char *text, size_t text_bytes, struct tng_matcher **out,
		struct tng_error *err) {
	struct tng_matcher *matcher = calloc(1, sizeof(*matcher));

	if (matcher == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = ignore_parse(str_make(text, text_bytes), &matcher->set, err);
	if (code == TNG_OK) {
		matcher->scratch = ignore_scratch_create(matcher->set);
		code = matcher->scratch != NULL ? TNG_OK : error_nomem(err);
	}
	if (code != TNG_OK) {
		tng_matcher_destroy(matcher);
		return code;
	}
	*out = matcher;
	return TNG_OK;
}

void tng_matcher_destroy(struct tng_matcher *matcher) {
	if (matcher != NULL) {
		ignore_scratch_destroy(matcher->scratch);
		ignore_destroy(matcher->set);
		free(matcher);
	}
}

enum tng_code tng_matcher_decide(struct tng_matcher *matcher, const char *path, size_t path_bytes,
		struct tng_verdict *out, struct tng_error *err) {
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };
	enum tng_code code = TNG_OK;

	if (path_bytes > 0) { /* the root itself is never excluded */
		code = ignore_decide_path(
				matcher->scratch, str_make(path, path_bytes), &verdict, err);
	}

	if (code == TNG_OK) {
		out->excluded = verdict.excluded;
		out->line = verdict.pattern != IGNORE_NO_PATTERN
				? ignore_pattern(matcher->set, verdict.pattern)->line
				: 0;
	}
	return code;
}
