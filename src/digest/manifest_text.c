/*
 * A manifest as JSON of schema "tonnage/1", and back. Paths may hold any bytes and JSON strings may not: what
 * is not UTF-8 is written in hexadecimal under another key ("path_hex"), so that nothing is lost. Nothing that
 * sums up several entries is written, for it would be a conflict whenever git merges two snapshots.
 */
#include "digest/internal.h"
#include "util/utf8.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tonnage/1"
#define HEX_DIGITS "0123456789abcdef"

/* ---- writing */

static json_t *hex(struct str text) {
	char *digits = malloc(2 * text.len + 1);
	json_t *out = NULL;

	if (digits != NULL) {
		for (size_t i = 0; i < text.len; i++) {
			unsigned char byte = (unsigned char)text.ptr[i];
			digits[2 * i] = HEX_DIGITS[byte >> 4];
			digits[2 * i + 1] = HEX_DIGITS[byte & 15U];
		}
		out = json_stringn(digits, 2 * text.len);
		free(digits);
	}
	return out;
}

/* False: out of memory. */
static bool set_text(json_t *object, const char *key, const char *hex_key, struct str text) {
	bool is_plain = utf8_is_valid(text);
	json_t *value = is_plain ? json_stringn_nocheck(text.ptr != NULL ? text.ptr : "", text.len)
				 : hex(text);

	return json_object_set_new(object, is_plain ? key : hex_key, value) == 0;
}

static bool set_digest(json_t *object, const struct digest *digest) {
	char text[DIGEST_TEXT_BYTES];

	return json_object_set_new(object, "digest", json_string(digest_format(digest, text))) == 0;
}

static json_t *numbers(const uint32_t *list, size_t n) {
	json_t *out = json_array();

	for (size_t i = 0; i < n && out != NULL; i++) {
		if (json_array_append_new(out, json_integer(list[i])) != 0) {
			json_decref(out);
			out = NULL;
		}
	}
	return out;
}

static bool fill_entry(json_t *object, const struct manifest_entry *e) {
	char mode[8];

	(void)snprintf(mode, sizeof(mode), "%04o", e->mode);
	bool good = set_text(object, "path", "path_hex", e->path) &&
			json_object_set_new(object, "type",
					json_string(entry_type_name(e->type))) == 0 &&
			json_object_set_new(object, "mode", json_string(mode)) == 0;
	if (good && e->type == ENTRY_FILE) {
		good = json_object_set_new(object, "size",
				       json_integer((json_int_t)e->size_bytes)) == 0 &&
				(e->is_unread ? json_object_set_new(
								object, "digest", json_null()) == 0
					      : set_digest(object, &e->digest));
	}
	if (good && e->type == ENTRY_SYMLINK) {
		good = set_text(object, "target", "target_hex", e->target);
	}
	if (good && (e->type == ENTRY_CHAR_DEVICE || e->type == ENTRY_BLOCK_DEVICE)) {
		good = json_object_set_new(object, "device", json_integer((json_int_t)e->device)) ==
				0;
	}
	return good && json_object_set_new(object, "by", numbers(e->by, e->nby)) == 0;
}

static bool fill_instruction(json_t *object, const struct manifest_instruction *in) {
	json_t *stages = json_array();
	bool good = stages != NULL;

	for (size_t i = 0; i < in->nthen_stages && good; i++) {
		good = json_array_append_new(stages,
				       json_stringn_nocheck(in->then[i].ptr, in->then[i].len)) == 0;
	}
	good = good && set_text(object, "dockerfile", "dockerfile_hex", in->dockerfile) &&
			set_text(object, "stage", "stage_hex", in->stage) &&
			json_object_set_new(object, "line", json_integer(in->line)) == 0 &&
			set_text(object, "text", "text_hex", in->text) &&
			json_object_set_new(object, "then_instructions", json_integer(in->nthen)) ==
					0;
	if (!good) {
		json_decref(stages);
		return false;
	}
	return json_object_set_new(object, "then_stages", stages) == 0;
}

/* One line; `object` is released. */
static void put_line(struct buf *out, json_t *object, bool good, bool is_last) {
	char *text = good ? json_dumps(object, JSON_COMPACT) : NULL;

	out->failed |= text == NULL;
	buf_append(out, STR("  "));
	buf_append(out, str_from(text));
	buf_append(out, is_last ? STR("\n") : STR(",\n"));
	free(text);
	json_decref(object);
}

enum tng_code manifest_write(const struct manifest *m, struct buf *out, struct tng_error *err) {
	buf_append(out,
			STR("{\"schema\": \"" SCHEMA "\", \"command\": \"snapshot\",\n"
			    " \"instructions\": [\n"));
	for (size_t i = 0; i < m->ninstructions; i++) {
		json_t *object = json_object();
		bool good = object != NULL && fill_instruction(object, &m->instructions[i]);
		put_line(out, object, good, i + 1 == m->ninstructions);
	}
	buf_append(out, STR(" ],\n \"entries\": [\n"));
	for (size_t i = 0; i < m->nentries; i++) {
		json_t *object = json_object();
		bool good = object != NULL && fill_entry(object, &m->entries[i]);
		put_line(out, object, good, i + 1 == m->nentries);
	}
	buf_append(out, STR(" ]\n}\n"));
	return buf_failed(out) ? error_nomem(err) : TNG_OK;
}

/* ---- reading */

struct reader {
	struct arena *arena;
	const char *list; /* what is being read, for errors: "entries" */
	size_t index;
	struct tng_error *err;
};

static enum tng_code bad(const struct reader *r, const char *key, const char *what) {
	return error_set(r->err, TNG_EINVAL,
			"not a snapshot of tonnage: %s[%zu]: \"%s\" is not %s; make it anew with "
			"tonnage snapshot",
			r->list, r->index, key, what);
}

static int digit(char c) {
	const char *at = c != '\0' ? strchr(HEX_DIGITS, c) : NULL;

	return at != NULL ? (int)(at - HEX_DIGITS) : -1;
}

static enum tng_code unhex(
		const struct reader *r, const char *key, struct str digits, struct str *out) {
	char *bytes = arena_alloc(r->arena, digits.len / 2 + 1);

	if (bytes == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i + 1 < digits.len; i += 2) {
		int high = digit(digits.ptr[i]), low = digit(digits.ptr[i + 1]);
		if (high < 0 || low < 0) {
			return bad(r, key, "hexadecimal");
		}
		bytes[i / 2] = (char)(high * 16 + low);
	}
	*out = str_make(bytes, digits.len / 2);
	return digits.len % 2 == 0 ? TNG_OK : bad(r, key, "hexadecimal");
}

static enum tng_code get_text(const struct reader *r, const json_t *object, const char *key,
		const char *hex_key, struct str *out) {
	const json_t *plain = json_object_get(object, key);
	const json_t *coded = json_object_get(object, hex_key);

	if (json_is_string(plain)) {
		*out = arena_copy(r->arena,
				str_make(json_string_value(plain), json_string_length(plain)));
		return out->ptr != NULL ? TNG_OK : error_nomem(r->err);
	}
	if (json_is_string(coded)) {
		return unhex(r, hex_key,
				str_make(json_string_value(coded), json_string_length(coded)), out);
	}
	return bad(r, key, "a text");
}

static enum tng_code get_number(const struct reader *r, const json_t *object, const char *key,
		uint64_t max, uint64_t *out) {
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || (uint64_t)number > max) {
		return bad(r, key, "a number in range");
	}
	*out = (uint64_t)number;
	return TNG_OK;
}

static enum tng_code get_digest(const struct reader *r, const json_t *object, struct digest *out) {
	const char *text = json_string_value(json_object_get(object, "digest"));
	uint64_t half[2] = { 0, 0 };

	if (text == NULL || strlen(text) != DIGEST_TEXT_BYTES - 1) {
		return bad(r, "digest", "32 hexadecimal digits");
	}
	for (size_t i = 0; i < DIGEST_TEXT_BYTES - 1; i++) {
		int value = digit(text[i]);
		if (value < 0) {
			return bad(r, "digest", "32 hexadecimal digits");
		}
		half[i / 16] = half[i / 16] << 4 | (unsigned)value;
	}
	*out = (struct digest){ .high = half[0], .low = half[1] };
	return TNG_OK;
}

static enum tng_code get_type(const struct reader *r, const json_t *object, enum entry_type *out) {
	const char *text = json_string_value(json_object_get(object, "type"));

	for (unsigned i = 0; text != NULL && i <= ENTRY_UNKNOWN; i++) {
		if (strcmp(text, entry_type_name((enum entry_type)i)) == 0) {
			*out = (enum entry_type)i;
			return TNG_OK;
		}
	}
	return bad(r, "type", "a type of entry");
}

static enum tng_code get_mode(const struct reader *r, const json_t *object, uint16_t *out) {
	const char *text = json_string_value(json_object_get(object, "mode"));
	char *end = NULL;
	unsigned long mode = text != NULL ? strtoul(text, &end, 8) : 0;

	if (text == NULL || text[0] < '0' || text[0] > '7' || *end != '\0' || mode > 07777) {
		return bad(r, "mode", "an octal mode");
	}
	*out = (uint16_t)mode;
	return TNG_OK;
}

static enum tng_code get_by(const struct reader *r, const json_t *object, size_t ninstructions,
		struct manifest_entry *e) {
	const json_t *list = json_object_get(object, "by");
	size_t n = json_array_size(list);
	uint32_t *by = arena_new(r->arena, uint32_t, n);

	if (by == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(list, i);
		json_int_t number = json_integer_value(value);
		if (!json_is_integer(value) || number < 0 || (uint64_t)number >= ninstructions ||
				(i > 0 && number <= (json_int_t)by[i - 1])) {
			return bad(r, "by", "a rising list of instructions");
		}
		by[i] = (uint32_t)number;
	}
	e->by = by;
	e->nby = n;
	return json_is_array(list) ? TNG_OK : bad(r, "by", "a list");
}

static enum tng_code get_file(
		const struct reader *r, const json_t *object, struct manifest_entry *e) {
	enum tng_code code = get_number(r, object, "size", INT64_MAX, &e->size_bytes);

	e->is_unread = json_is_null(json_object_get(object, "digest"));
	return code == TNG_OK && !e->is_unread ? get_digest(r, object, &e->digest) : code;
}

static enum tng_code read_entry(const struct reader *r, const json_t *object, size_t ninstructions,
		struct manifest_entry *e) {
	enum tng_code code = get_text(r, object, "path", "path_hex", &e->path);

	code = code == TNG_OK ? get_type(r, object, &e->type) : code;
	code = code == TNG_OK ? get_mode(r, object, &e->mode) : code;
	if (code == TNG_OK && e->type == ENTRY_FILE) {
		code = get_file(r, object, e);
	}
	if (code == TNG_OK && e->type == ENTRY_SYMLINK) {
		code = get_text(r, object, "target", "target_hex", &e->target);
	}
	if (code == TNG_OK && (e->type == ENTRY_CHAR_DEVICE || e->type == ENTRY_BLOCK_DEVICE)) {
		code = get_number(r, object, "device", INT64_MAX, &e->device);
	}
	return code == TNG_OK ? get_by(r, object, ninstructions, e) : code;
}

static enum tng_code read_then(
		const struct reader *r, const json_t *object, struct manifest_instruction *in) {
	const json_t *list = json_object_get(object, "then_stages");
	size_t n = json_array_size(list);
	struct str *stages = arena_new(r->arena, struct str, n);

	if (stages == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(list, i);
		if (!json_is_string(value)) {
			return bad(r, "then_stages", "a list of names");
		}
		stages[i] = arena_copy(r->arena,
				str_make(json_string_value(value), json_string_length(value)));
		if (stages[i].ptr == NULL) {
			return error_nomem(r->err);
		}
	}
	in->then = stages;
	in->nthen_stages = n;
	return TNG_OK;
}

static enum tng_code read_instruction(
		const struct reader *r, const json_t *object, struct manifest_instruction *in) {
	uint64_t line = 0, nthen = 0;
	enum tng_code code = get_text(r, object, "dockerfile", "dockerfile_hex", &in->dockerfile);

	code = code == TNG_OK ? get_text(r, object, "stage", "stage_hex", &in->stage) : code;
	code = code == TNG_OK ? get_text(r, object, "text", "text_hex", &in->text) : code;
	code = code == TNG_OK ? get_number(r, object, "line", UINT32_MAX, &line) : code;
	code = code == TNG_OK ? get_number(r, object, "then_instructions", UINT32_MAX, &nthen)
			      : code;
	in->line = (uint32_t)line;
	in->nthen = (uint32_t)nthen;
	return code == TNG_OK ? read_then(r, object, in) : code;
}

static enum tng_code read_lists(
		struct reader *r, const json_t *list, const json_t *entries, struct manifest *out) {
	size_t ninstructions = json_array_size(list), nentries = json_array_size(entries);
	struct manifest_instruction *instructions =
			arena_new(r->arena, struct manifest_instruction, ninstructions);
	struct manifest_entry *rows = arena_new(r->arena, struct manifest_entry, nentries);
	enum tng_code code = instructions == NULL || rows == NULL ? error_nomem(r->err) : TNG_OK;

	r->list = "instructions";
	for (r->index = 0; r->index < ninstructions && code == TNG_OK; r->index++) {
		code = read_instruction(r, json_array_get(list, r->index), &instructions[r->index]);
	}
	r->list = "entries";
	for (size_t i = 0; i < nentries && code == TNG_OK; i++) {
		r->index = i;
		code = read_entry(r, json_array_get(entries, i), ninstructions, &rows[i]);
		if (code == TNG_OK && i > 0 &&
				manifest_path_cmp(rows[i - 1].path, rows[i].path) >= 0) {
			code = bad(r, "path", "behind the one before it");
		}
	}
	*out = (struct manifest){
		.instructions = instructions,
		.ninstructions = ninstructions,
		.entries = rows,
		.nentries = nentries,
	};
	return code;
}

enum tng_code manifest_read(
		struct arena *a, struct str text, struct manifest *out, struct tng_error *err) {
	struct reader r = { .arena = a, .err = err };
	json_error_t at;
	json_t *document = json_loadb(text.ptr, text.len, 0, &at);
	const json_t *schema = json_object_get(document, "schema");
	const json_t *list = json_object_get(document, "instructions");
	const json_t *entries = json_object_get(document, "entries");
	enum tng_code code;

	if (document == NULL) {
		code = error_set(err, TNG_ESYNTAX, "not JSON: %s", at.text);
		if (err != NULL) {
			err->line = at.line > 0 ? (uint32_t)at.line : 1;
			err->column = at.column > 0 ? (uint32_t)at.column : 1;
		}
	} else if (!json_is_string(schema) || strcmp(json_string_value(schema), SCHEMA) != 0 ||
			!json_is_array(list) || !json_is_array(entries)) {
		code = error_set(err, TNG_EINVAL,
				"no snapshot of tonnage (schema " SCHEMA
				"); make one with tonnage snapshot");
	} else {
		code = read_lists(&r, list, entries, out);
	}
	json_decref(document);
	return code;
}
