#include "dockerfile/dockerfile.h"
#include "support/dockerfile_dump.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>

#define VECTORS 51

/** What a vector's follow_paths say, in dump_follow's words. */
static void expected_follow(struct buf *out, const json_t *follow) {
	if (json_is_string(follow)) {
		buf_append(out, str_from(json_string_value(follow)));
		return;
	}
	buf_putc(out, '[');
	for (size_t i = 0; i < json_array_size(follow); i++) {
		buf_printf(out, "%s", i > 0 ? ", \"" : "\"");
		const char *path = json_string_value(json_array_get(follow, i));
		for (; *path != '\0'; path++) {
			buf_printf(out, "%s%c", *path == '\\' ? "\\" : "", *path);
		}
		buf_putc(out, '"');
	}
	buf_putc(out, ']');
}

static size_t read_args(const json_t *args, struct build_arg *out, size_t max) {
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)args, key, value) {
		cr_assert_lt(n, max);
		out[n++] = (struct build_arg){ str_from(key), str_from(json_string_value(value)) };
	}
	return n;
}

static void check_vector(const json_t *vector) {
	struct buf actual = { 0 }, expected = { 0 };
	struct build_arg args[8];
	struct tng_error err = { 0 };
	const struct dockerfile *df;
	const struct build_sources *sources;
	struct arena *a = arena_create();
	const char *name = json_string_value(json_object_get(vector, "name"));
	struct build_request request = {
		.target = str_from(json_string_value(json_object_get(vector, "target"))),
		.args = args,
		.nargs = read_args(json_object_get(vector, "build_args"), args, 8),
	};

	struct str text = str_from(json_string_value(json_object_get(vector, "dockerfile")));
	cr_assert(eq(int, dockerfile_parse(a, text, &df, &err), TNG_OK), "%s: %s", name, err.text);
	cr_assert(eq(int, dockerfile_resolve(a, df, &request, &sources, &err), TNG_OK), "%s: %s",
			name, err.text);
	dump_follow(&actual, &sources->contexts[DOCKERFILE_MAIN_CONTEXT]);
	expected_follow(&expected, json_object_get(vector, "follow_paths"));
	buf_putc(&actual, '\0');
	buf_putc(&expected, '\0');
	cr_expect(eq(str, actual.ptr, expected.ptr), "%s", name);
	buf_fini(&actual);
	buf_fini(&expected);
	arena_destroy(a);
}

Test(dockerfile_follow, every_shared_vector_gives_the_converters_follow_paths) {
	const char *shared = getenv("TONNAGE_SHARED");
	char path[4096];

	if (shared == NULL || shared[0] == '\0') {
		cr_skip_test("TONNAGE_SHARED is not set");
	}
	(void)snprintf(path, sizeof(path), "%s/spec/follow-paths-vectors.json", shared);
	json_t *vectors = json_load_file(path, 0, NULL);
	cr_assert_not_null(vectors, "%s", path);
	cr_assert(eq(sz, json_array_size(vectors), VECTORS));
	for (size_t i = 0; i < json_array_size(vectors); i++) {
		check_vector(json_array_get(vectors, i));
	}
	json_decref(vectors);
}
