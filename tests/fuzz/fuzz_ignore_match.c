/*
 * An ignore file, an empty line, then paths: the product decides as the plain matcher does, in all three
 * ways, down to the pattern that decided and the position of an error.
 */
#include "fuzz/fuzz.h"
#include "support/plain_matcher.h"
#include "util/path.h"

#include <string.h>

typedef enum tng_code (*decide_fast)(struct ignore_scratch *scratch, struct str path,
		struct verdict *out, struct tng_error *err);
typedef enum tng_code (*decide_plain)(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err);

static void check_path(
		struct ignore_scratch *scratch, struct plain_matcher *plain, struct str path) {
	static const decide_fast fast_ways[] = { ignore_decide_path, ignore_decide_whole_path,
		ignore_decide_legacy };
	static const decide_plain plain_ways[] = { plain_decide_path, plain_decide_whole_path,
		plain_decide_legacy };

	for (size_t i = 0; i < sizeof(fast_ways) / sizeof(fast_ways[0]); i++) {
		struct verdict a = { 0 }, b = { 0 };
		struct tng_error a_err = { 0 }, b_err = { 0 };
		enum tng_code a_code = fast_ways[i](scratch, path, &a, &a_err);
		enum tng_code b_code = plain_ways[i](plain, path, &b, &b_err);
		/* the engine may give up on what only one of the two has to ask it */
		if (a_code == TNG_ELIMIT || b_code == TNG_ELIMIT) {
			continue;
		}
		FUZZ_CHECK(a_code == b_code);
		FUZZ_CHECK(a_code == TNG_OK ||
				(a_err.line == b_err.line && a_err.column == b_err.column));
		FUZZ_CHECK(a_code != TNG_OK ||
				(a.excluded == b.excluded && a.pattern == b.pattern));
	}
}

/* A path as a walk can meet it: clean, relative, below the root, without NUL. */
static bool is_context_path(struct str path) {
	char clean[256];

	return path.len > 0 && path.len < sizeof(clean) && path.ptr[0] != '/' &&
			!str_eq(path, STR(".")) && str_find(path, '\0') == path.len &&
			!str_eq(path, STR("..")) && !str_starts(path, STR("../")) &&
			path_clean_into(clean, path) == path.len;
}

static void check_paths(struct ignore_set *set, struct plain_matcher *plain, struct str paths) {
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	struct str path;

	FUZZ_CHECK(scratch != NULL);
	for (bool more = true; more;) {
		more = str_cut(paths, '\n', &path, &paths);
		if (is_context_path(path)) {
			check_path(scratch, plain, path);
		}
	}
	ignore_scratch_destroy(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct str text = str_make((const char *)data, size), paths = STR("");
	const char *gap = size > 0 ? memmem(data, size, "\n\n", 2) : NULL;
	struct ignore_set *set = NULL;
	struct plain_matcher *plain = NULL;
	struct tng_error a_err = { 0 }, b_err = { 0 };

	if (gap != NULL) {
		paths = str_skip(text, (size_t)(gap - text.ptr) + 2);
		text = str_take(text, (size_t)(gap - text.ptr) + 1);
	}
	enum tng_code a_code = ignore_parse(text, &set, &a_err);
	enum tng_code b_code = plain_matcher_parse(text, &plain, &b_err);
	FUZZ_CHECK(a_code == b_code);
	FUZZ_CHECK(a_err.line == b_err.line && a_err.column == b_err.column);
	if (a_code == TNG_OK) {
		check_paths(set, plain, paths);
	}
	ignore_destroy(set);
	plain_matcher_destroy(plain);
	return 0;
}
