#include "transfer/transfer.h"

/* Classic asks with the legacy evaluation, and an invalid list adds nothing (docker/cli:
 * cli/command/image/build/dockerignore.go). */
static bool legacy_excludes(const struct ignore_set *set, struct str path) {
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	struct verdict verdict = { .excluded = false };
	bool excluded = scratch != NULL &&
			ignore_decide_legacy(scratch, path, &verdict, NULL) == TNG_OK &&
			verdict.excluded;

	ignore_scratch_destroy(scratch);
	return excluded;
}

static enum tng_code add_exception(struct arena *a, struct str path, struct str *more, size_t *n,
		struct tng_error *err) {
	char *text = arena_alloc(a, path.len + 2);

	if (text == NULL) {
		return error_nomem(err);
	}
	text[0] = '!';
	memcpy(text + 1, path.ptr, path.len);
	more[(*n)++] = str_make(text, path.len + 1);
	return TNG_OK;
}

static enum tng_code classic_patterns(struct arena *a, struct str ignore_text,
		const struct transfer_request *request, struct ignore_set **set,
		struct tng_error *err) {
	const struct str kept[] = { STR(".dockerignore"), request->dockerfile };
	struct str more[2];
	size_t nmore = 0;

	for (size_t i = 0; i < 2; i++) {
		if (kept[i].len == 0 || !legacy_excludes(*set, kept[i])) {
			continue;
		}
		struct ignore_set *grown;
		enum tng_code code = add_exception(a, kept[i], more, &nmore, err);
		if (code == TNG_OK) {
			code = ignore_parse_with(ignore_text, more, nmore, &grown, err);
		}
		if (code != TNG_OK) {
			return code;
		}
		ignore_destroy(*set);
		*set = grown;
	}
	return TNG_OK;
}

enum tng_code transfer_patterns(struct str ignore_text, const struct transfer_request *request,
		struct ignore_set **out, struct tng_error *err) {
	struct ignore_set *set;
	enum tng_code code =
			ignore_parse_as(ignore_dialect_of(request->engine), ignore_text, &set, err);

	if (code != TNG_OK) {
		return code;
	}
	if (request->engine == TNG_ENGINE_CLASSIC) {
		struct arena *a = arena_create();
		code = a != NULL ? classic_patterns(a, ignore_text, request, &set, err)
				 : error_nomem(err);
		arena_destroy(a);
	}
	if (code != TNG_OK) {
		ignore_destroy(set);
		return code;
	}
	*out = set;
	return TNG_OK;
}
