#include "unit/ignore/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>

json_t *vectors_load(const char *name) {
	const char *shared = getenv("TONNAGE_SHARED");
	char path[4096];
	json_error_t error;

	if (shared == NULL || shared[0] == '\0') {
		cr_skip("TONNAGE_SHARED is empty");
	}
	(void)snprintf(path, sizeof(path), "%s/spec/%s", shared, name);
	json_t *vectors = json_load_file(path, JSON_ALLOW_NUL, &error);
	cr_assert(eq(int, json_is_array(vectors), 1), "%s: %s", path, error.text);
	return vectors;
}

struct str vectors_text(struct arena *a, const json_t *value) {
	return arena_copy(a, str_make(json_string_value(value), json_string_length(value)));
}

struct str vectors_hex(struct arena *a, const json_t *value) {
	const char *hex = json_string_value(value);
	size_t n = json_string_length(value) / 2;
	char *out = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		out[i] = (char)strtoul(pair, NULL, 16);
	}
	return str_make(out, n);
}

/* The text under `key`, or the bytes under `key`_hex; .ptr NULL when neither is there. */
struct str vectors_bytes(struct arena *a, const json_t *vector, const char *key) {
	char hex_key[32];
	const json_t *text = json_object_get(vector, key);

	(void)snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	const json_t *hex = json_object_get(vector, hex_key);
	if (text != NULL) {
		return vectors_text(a, text);
	}
	return hex != NULL ? vectors_hex(a, hex) : (struct str){ NULL, 0 };
}

struct str *vectors_patterns(struct arena *a, const json_t *vector, size_t *n) {
	const json_t *text = json_object_get(vector, "patterns");
	const json_t *list = text != NULL ? text : json_object_get(vector, "patterns_hex");
	struct str *patterns = arena_new(a, struct str, json_array_size(list));

	*n = json_array_size(list);
	for (size_t i = 0; i < *n; i++) {
		const json_t *item = json_array_get(list, i);
		patterns[i] = text != NULL ? vectors_text(a, item) : vectors_hex(a, item);
	}
	return patterns;
}

struct str vectors_file(struct arena *a, const json_t *vector) {
	const json_t *repeat = json_object_get(vector, "file_repeat");

	if (repeat == NULL) {
		return vectors_hex(a, json_object_get(vector, "file_hex"));
	}
	struct str prefix = vectors_hex(a, json_object_get(repeat, "prefix_hex"));
	struct str suffix = vectors_hex(a, json_object_get(repeat, "suffix_hex"));
	struct str byte = vectors_hex(a, json_object_get(repeat, "byte"));
	size_t count = (size_t)json_integer_value(json_object_get(repeat, "count"));
	char *out = arena_alloc(a, prefix.len + count + suffix.len);
	memcpy(out, prefix.ptr, prefix.len);
	memset(out + prefix.len, byte.ptr[0], count);
	memcpy(out + prefix.len + count, suffix.ptr, suffix.len);
	return str_make(out, prefix.len + count + suffix.len);
}

/* An item is {"s": text}, {"hex": bytes} or, when long, {"len": n}. */
bool vectors_is_item(struct arena *a, const json_t *item, struct str text) {
	const json_t *len = json_object_get(item, "len");
	const json_t *hex = json_object_get(item, "hex");

	if (len != NULL) {
		return text.len == (size_t)json_integer_value(len);
	}
	return str_eq(text,
			hex != NULL ? vectors_hex(a, hex)
				    : vectors_text(a, json_object_get(item, "s")));
}
