#include "report/json.h"

json_t *json_text(struct arena *a, struct str text) {
	/* a text that is not there at all (a mount without a source) is an empty one, not a failure */
	struct str valid = report_utf8(a, text.ptr != NULL ? text : STR(""));

	return valid.ptr != NULL ? json_stringn_nocheck(valid.ptr, valid.len) : NULL;
}

json_t *json_message(struct arena *a, struct str text) {
	struct str safe = report_safe(a, text.ptr != NULL ? text : STR(""));

	return safe.ptr != NULL ? json_text(a, safe) : NULL;
}

json_t *json_pattern(struct arena *a, struct str text, bool is_exception) {
	struct buf b = { 0 };

	buf_append(&b, is_exception ? STR("!") : STR(""));
	buf_append(&b, text);
	json_t *pattern = buf_failed(&b) ? NULL : json_text(a, buf_str(&b));
	buf_fini(&b);
	return pattern;
}

json_t *json_path(struct arena *a, const struct tree *tree, uint32_t row) {
	struct buf path = { 0 };

	tree_path(tree, row, &path);
	json_t *text = buf_failed(&path) ? NULL : json_text(a, buf_str(&path));
	buf_fini(&path);
	return text;
}

json_t *json_document(const char *command) {
	return json_pack("{s:s, s:s}", "schema", JSON_SCHEMA, "command", command);
}

json_t *json_list_add(json_t *list, json_t *value) {
	if (json_array_append_new(list, value) != 0) { /* takes NULL, and says so */
		json_decref(list);
		return NULL;
	}
	return list;
}

static int write_chunk(const char *text, size_t len, void *user) {
	struct sink *sink = user;

	sink_put(sink, str_make(text, len));
	return 0;
}

enum tng_code json_write(json_t *document, bool compact, struct sink *sink, struct tng_error *err) {
	size_t flags = compact ? JSON_COMPACT : JSON_INDENT(2);

	flags |= JSON_REAL_PRECISION(15); /* 0.1, and not the last bits of what stands for it */
	int failed = document == NULL ? -1 : json_dump_callback(document, write_chunk, sink, flags);

	json_decref(document);
	if (failed != 0) {
		return error_nomem(err);
	}
	sink_put(sink, STR("\n"));
	return TNG_OK;
}
