#include "analysis/analysis.h"
#include "util/slots.h"
#include "util/vec.h"

#include <stdlib.h>

/* Longer "extensions" are sentences with a dot in them. */
#define EXTENSION_MAX_BYTES 16

struct table {
	struct {
		VEC_FIELDS(struct extension_weight)
	} rows;
	struct slots slots;
};

/* With its dot, lower-cased into `out`; a dot in front (".env") does not make one. */
static struct str extension_of(struct str name, char out[EXTENSION_MAX_BYTES]) {
	size_t dot = str_find_last(name, '.');

	if (dot == name.len || dot == 0 || dot + 1 == name.len ||
			name.len - dot > EXTENSION_MAX_BYTES) {
		return STR("");
	}
	for (size_t i = dot; i < name.len; i++) {
		char c = name.ptr[i];
		out[i - dot] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	return str_make(out, name.len - dot);
}

static uint64_t hash_row(const void *table, uint32_t row) {
	const struct table *t = table;

	return str_hash(t->rows.ptr[row].extension);
}

static struct extension_weight *find(struct table *t, struct arena *a, struct str extension) {
	if (!slots_grow(&t->slots, (uint32_t)t->rows.len, hash_row, t)) {
		return NULL;
	}
	uint32_t slot = (uint32_t)str_hash(extension) & t->slots.mask;
	for (; t->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & t->slots.mask) {
		struct extension_weight *row = &t->rows.ptr[t->slots.ptr[slot]];
		if (str_eq(row->extension, extension)) {
			return row;
		}
	}
	struct str kept = arena_copy(a, extension);
	struct extension_weight *row = kept.ptr != NULL ? VEC_PUSH(&t->rows) : NULL;
	if (row != NULL) {
		row->extension = kept;
		t->slots.ptr[slot] = (uint32_t)(t->rows.len - 1);
	}
	return row;
}

static int heavier_first(const void *a, const void *b) {
	const struct extension_weight *x = a, *y = b;

	if (x->bytes != y->bytes) {
		return x->bytes > y->bytes ? -1 : 1;
	}
	return str_cmp(x->extension, y->extension);
}

static bool fill(struct table *t, struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens) {
	uint32_t nrows = tree_nrows(an->tree);
	char lower[EXTENSION_MAX_BYTES];

	for (uint32_t row = 1; row < nrows; row++) {
		const struct entry *entry = tree_entry(an->tree, row);
		if (!entry_is_file(entry) || !build_in_lens(build, lens, row)) {
			continue;
		}
		struct extension_weight *w =
				find(t, a, extension_of(tree_name(an->tree, entry), lower));
		if (w == NULL) {
			return false;
		}
		w->nfiles++;
		w->bytes += transfer_bytes(
				build_plan(build, lens), an->tree, row, lens != LENS_DISK);
	}
	return true;
}

enum tng_code analysis_extensions(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, struct extension_weight **out, size_t *n,
		struct tng_error *err) {
	struct table t = { 0 };
	struct extension_weight *rows = NULL;

	if (fill(&t, a, an, build, lens)) {
		rows = arena_new(a, struct extension_weight, t.rows.len);
	}
	if (rows != NULL && t.rows.len > 0) {
		qsort(t.rows.ptr, t.rows.len, sizeof(*rows), heavier_first);
		memcpy(rows, t.rows.ptr, t.rows.len * sizeof(*rows));
		*n = t.rows.len;
	} else {
		*n = 0;
	}
	free(t.rows.ptr);
	slots_fini(&t.slots);
	*out = rows;
	return rows != NULL ? TNG_OK : error_nomem(err);
}
