/*
 * A manifest from rows: the union of what the instructions select, each file read once, whatever selects it.
 */
#include "digest/internal.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct maker {
	struct arena *arena;
	const struct digest_source *source;
	const struct manifest_selection *selections;
	size_t nselections;
	const uint8_t *otherwise;
	uint32_t *rows; /* of the entries */
	size_t nrows;
	struct manifest_entry *entries;
};

static size_t count_by(const struct maker *m, uint32_t row) {
	size_t n = 0;

	for (size_t i = 0; i < m->nselections; i++) {
		n += m->selections[i].rows[row] != 0;
	}
	return n;
}

static bool is_selected(const struct maker *m, uint32_t row) {
	return m->nselections > 0 ? count_by(m, row) > 0 : m->otherwise[row] != 0;
}

static enum tng_code select_rows(struct maker *m, struct tng_error *err) {
	uint32_t nrows = tree_nrows(m->source->tree);
	size_t n = 0;

	for (uint32_t row = 1; row < nrows; row++) {
		n += is_selected(m, row);
	}
	m->rows = arena_new(m->arena, uint32_t, n);
	m->entries = arena_new(m->arena, struct manifest_entry, n);
	if (m->rows == NULL || m->entries == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (is_selected(m, row)) {
			m->rows[m->nrows++] = row;
		}
	}
	return TNG_OK;
}

static bool put_by(struct maker *m, uint32_t row, struct manifest_entry *out) {
	size_t n = count_by(m, row);
	uint32_t *by = arena_new(m->arena, uint32_t, n);

	if (by == NULL) {
		return false;
	}
	for (size_t i = 0, k = 0; i < m->nselections; i++) {
		if (m->selections[i].rows[row] != 0) {
			by[k++] = (uint32_t)i;
		}
	}
	out->by = by;
	out->nby = n;
	return true;
}

static enum tng_code put_entry(
		struct maker *m, uint32_t row, struct manifest_entry *out, struct tng_error *err) {
	const struct tree *tree = m->source->tree;
	const struct entry *entry = tree_entry(tree, row);
	struct buf path = { 0 };

	tree_path(tree, row, &path);
	*out = (struct manifest_entry){
		.path = arena_copy(m->arena, buf_str(&path)),
		.type = entry_type(entry),
		.mode = entry->mode & 07777U,
		.size_bytes = entry_is_file(entry) ? entry_size(entry) : 0,
		.target = tree_link_target(tree, row),
		.device = entry_device_number(entry),
		.is_pointer = m->source->revision != NULL &&
				vcs_revision_is_pointer(m->source->revision, row),
	};
	bool failed = buf_failed(&path) || out->path.ptr == NULL || !put_by(m, row, out);
	buf_fini(&path);
	return failed ? error_nomem(err) : TNG_OK;
}

/* The contents of the entries that are files. */
static enum tng_code put_contents(
		struct maker *m, uint32_t *rows, struct content *contents, struct tng_error *err) {
	size_t n = 0, k = 0;

	for (size_t i = 0; i < m->nrows; i++) {
		if (m->entries[i].type == ENTRY_FILE) {
			rows[n++] = m->rows[i];
		}
	}
	enum tng_code code = digest_contents(m->source, rows, n, 0, contents, err);
	for (size_t i = 0; i < m->nrows && code == TNG_OK; i++) {
		struct manifest_entry *entry = &m->entries[i];
		if (entry->type == ENTRY_FILE) {
			entry->digest = contents[k].digest;
			entry->is_unread = contents[k].os_errno != 0;
			entry->size_bytes = entry->is_unread || entry->is_pointer
					? entry->size_bytes
					: contents[k].bytes;
			k++;
		}
	}
	return code;
}

static enum tng_code read_contents(struct maker *m, struct tng_error *err) {
	uint32_t *rows = calloc(m->nrows + 1, sizeof(*rows));
	struct content *contents = calloc(m->nrows + 1, sizeof(*contents));
	enum tng_code code = rows == NULL || contents == NULL
			? error_nomem(err)
			: put_contents(m, rows, contents, err);

	free(rows);
	free(contents);
	return code;
}

/* ---- the digest of entries: of their fields, each with its length where that is not fixed */

static void hash_text(XXH3_state_t *state, struct str text) {
	uint64_t len = text.len;

	(void)XXH3_128bits_update(state, &len, sizeof(len));
	(void)XXH3_128bits_update(state, text.ptr, text.len);
}

static void hash_entry(XXH3_state_t *state, const struct manifest_entry *e) {
	/* no builder's cache looks at the mode of a directory: see compare.c */
	uint64_t mode = e->type == ENTRY_DIR ? 0 : e->mode;
	uint64_t fields[] = { (uint64_t)e->type, mode, e->size_bytes, e->digest.high, e->digest.low,
		e->is_unread, e->device };

	hash_text(state, e->path);
	hash_text(state, e->target);
	(void)XXH3_128bits_update(state, fields, sizeof(fields));
}

bool manifest_is_by(const struct manifest_entry *e, uint32_t instruction) {
	for (size_t i = 0; i < e->nby; i++) {
		if (e->by[i] == instruction) {
			return true;
		}
	}
	return false;
}

bool manifest_has_unread(const struct manifest *m) {
	for (size_t i = 0; i < m->nentries; i++) {
		if (m->entries[i].is_unread) {
			return true;
		}
	}
	return false;
}

enum tng_code manifest_digest(const struct manifest *m, struct digest *out, struct tng_error *err) {
	XXH3_state_t *state = XXH3_createState();

	if (state == NULL) {
		return error_nomem(err);
	}
	(void)XXH3_128bits_reset(state);
	for (size_t i = 0; i < m->nentries; i++) {
		hash_entry(state, &m->entries[i]);
	}
	XXH128_hash_t hash = XXH3_128bits_digest(state);
	*out = (struct digest){ .high = hash.high64, .low = hash.low64 };
	(void)XXH3_freeState(state);
	return TNG_OK;
}

enum tng_code manifest_make(struct arena *a, const struct digest_source *source,
		const struct manifest_selection *selections, size_t n, const uint8_t *otherwise,
		struct manifest *out, struct tng_error *err) {
	struct maker m = {
		.arena = a,
		.source = source,
		.selections = selections,
		.nselections = n,
		.otherwise = otherwise,
	};
	struct manifest_instruction *instructions = arena_new(a, struct manifest_instruction, n);
	enum tng_code code = instructions == NULL ? error_nomem(err) : select_rows(&m, err);

	for (size_t i = 0; i < m.nrows && code == TNG_OK; i++) {
		code = put_entry(&m, m.rows[i], &m.entries[i], err);
	}
	if (code == TNG_OK) {
		code = read_contents(&m, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	for (size_t i = 0; i < n; i++) {
		instructions[i] = selections[i].instruction;
	}
	*out = (struct manifest){
		.instructions = instructions,
		.ninstructions = n,
		.entries = m.entries,
		.nentries = m.nrows,
	};
	return TNG_OK;
}
