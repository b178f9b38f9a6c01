/*
 * Files that hold the same: what differs is told apart by what costs least.
 *
 *   files ─ sizes that occur once ─▶ heads of 4 KiB ─ heads that occur once ─▶ whole files ─▶ groups
 */
#include "digest/candidates.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 4096U

/* Files up to this are hashed whole at once: a second open() costs more than the rest of them. */
#define SMALL_BYTES UINT64_C(16384)

static int by_content(const void *left, const void *right) {
	const struct candidate *a = left, *b = right;

	if (a->size != b->size) {
		return a->size > b->size ? -1 : 1;
	}
	int by_digest = digest_cmp(&a->digest, &b->digest);
	if (by_digest != 0) {
		return by_digest;
	}
	return (a->row > b->row) - (a->row < b->row);
}

static int by_row(const void *left, const void *right) {
	const struct candidate *a = left, *b = right;

	return (a->row > b->row) - (a->row < b->row);
}

static bool is_same(const struct candidate *a, const struct candidate *b) {
	return a->size == b->size && digest_cmp(&a->digest, &b->digest) == 0;
}

static void sort(struct finder *f, int (*compare)(const void *, const void *)) {
	if (f->n > 1) {
		qsort(f->list, f->n, sizeof(*f->list), compare);
	}
}

size_t candidates_alike_end(const struct finder *f, size_t i) {
	size_t end = i + 1;

	while (end < f->n && is_same(&f->list[i], &f->list[end])) {
		end++;
	}
	return end;
}

void candidates_drop_unique(struct finder *f) {
	size_t kept = 0;

	sort(f, by_content);
	for (size_t i = 0; i < f->n;) {
		size_t end = candidates_alike_end(f, i);
		if (end - i > 1) {
			memmove(&f->list[kept], &f->list[i], (end - i) * sizeof(*f->list));
			kept += end - i;
		}
		i = end;
	}
	f->n = kept;
}

/* What hashing gave one candidate. One that could not be read as it was walked leaves with size 0. */
static void take(struct finder *f, struct candidate *c, const struct content *content,
		uint64_t head_bytes) {
	uint64_t expected = head_bytes > 0 && c->size > head_bytes ? head_bytes : c->size;
	bool is_read = content->os_errno == 0 && content->bytes == expected;

	c->digest = content->digest;
	c->is_whole = c->size <= expected;
	c->is_sampled = f->source->samples && head_bytes == 0;
	c->size = is_read ? c->size : 0;
	f->nread += content->os_errno == 0;
	f->read_bytes += content->read_bytes;
}

static enum tng_code hash_list(struct finder *f, struct candidate *list, size_t n,
		uint64_t head_bytes, uint32_t *rows, struct content *contents,
		struct tng_error *err) {
	for (size_t i = 0; i < n; i++) {
		rows[i] = list[i].row;
	}
	enum tng_code code = digest_contents(f->source, rows, n, head_bytes, contents, err);
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		take(f, &list[i], &contents[i], head_bytes);
	}
	return code;
}

/* Hash [from, to) of the list, which is in row order. */
static enum tng_code hash(struct finder *f, size_t from, size_t to, uint64_t head_bytes,
		struct tng_error *err) {
	size_t n = to - from;
	uint32_t *rows = calloc(n + 1, sizeof(*rows));
	struct content *contents = calloc(n + 1, sizeof(*contents));
	enum tng_code code = rows == NULL || contents == NULL
			? error_nomem(err)
			: hash_list(f, f->list + from, n, head_bytes, rows, contents, err);

	free(rows);
	free(contents);
	return code;
}

static void drop_unread(struct finder *f) {
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].size > 0) {
			f->list[kept++] = f->list[i];
		}
	}
	f->n = kept;
}

/* The list in row order, those in front for which `is_last` holds not. */
static size_t part(struct finder *f, bool (*is_last)(const struct candidate *)) {
	struct candidate swap;
	size_t first = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!is_last(&f->list[i])) {
			swap = f->list[first];
			f->list[first++] = f->list[i];
			f->list[i] = swap;
		}
	}
	qsort(f->list, first, sizeof(*f->list), by_row);
	qsort(f->list + first, f->n - first, sizeof(*f->list), by_row);
	return first;
}

static bool is_small(const struct candidate *c) {
	return c->size <= SMALL_BYTES;
}

static bool is_whole(const struct candidate *c) {
	return c->is_whole;
}

enum tng_code candidates_confirm(struct finder *f, struct tng_error *err) {
	enum tng_code code = hash(f, 0, part(f, is_whole), 0, err);

	drop_unread(f);
	candidates_drop_unique(f);
	return code;
}

static enum tng_code compare(
		struct finder *f, const struct duplicate_request *request, struct tng_error *err) {
	candidates_drop_unique(f);
	if (f->n == 0) {
		return TNG_OK;
	}
	size_t nlarge = part(f, is_small);
	enum tng_code code = hash(f, 0, nlarge, HEAD_BYTES, err);
	if (code == TNG_OK) {
		code = hash(f, nlarge, f->n, 0, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	drop_unread(f);
	candidates_drop_unique(f);
	if (f->n == 0) {
		return TNG_OK;
	}
	if (request->most > 0) {
		return candidates_confirm_heaviest(f, request, err);
	}
	code = candidates_confirm(f, err);
	candidates_drop_clones(f);
	return code;
}

/* ---- what takes part */

/* Of the names of one file only the first one stays in. */
static enum tng_code drop_later_names(
		const struct tree *tree, uint8_t *is_in, struct tng_error *err) {
	uint32_t n = 0;
	const struct hard_link *links = tree_hard_links(tree, &n);
	uint8_t *seen = calloc(
			(size_t)n + 1, 1); /* by group: there are no more of them than names */

	if (seen == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (is_in[links[i].row]) {
			is_in[links[i].row] = !seen[links[i].group];
			seen[links[i].group] = 1;
		}
	}
	free(seen);
	return TNG_OK;
}

static enum tng_code put_list(
		struct finder *f, const uint8_t *is_in, size_t n, struct tng_error *err) {
	const struct tree *tree = f->source->tree;
	uint32_t nrows = tree_nrows(tree);

	f->list = calloc(n + 1, sizeof(*f->list));
	if (f->list == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 0; row < nrows; row++) {
		if (is_in[row]) {
			f->list[f->n].row = row;
			f->list[f->n++].size = tree_entry(tree, row)->size;
		}
	}
	return TNG_OK;
}

static enum tng_code collect(struct finder *f, const uint8_t *wanted, uint64_t min_bytes,
		struct tng_error *err) {
	const struct tree *tree = f->source->tree;
	uint32_t nrows = tree_nrows(tree);
	uint8_t *is_in = calloc(nrows, 1);
	size_t n = 0;

	if (is_in == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 0; row < nrows; row++) {
		const struct entry *entry = tree_entry(tree, row);
		is_in[row] = (wanted == NULL || wanted[row] != 0) && entry_is_file(entry) &&
				entry->os_errno == 0 && entry->size > 0 && entry->size >= min_bytes;
		n += is_in[row];
	}
	enum tng_code code = drop_later_names(tree, is_in, err);
	if (code == TNG_OK) {
		code = put_list(f, is_in, n, err);
	}
	free(is_in);
	return code;
}

/* ---- groups */

static uint64_t spare_bytes(const struct duplicate_group *g) {
	return g->size_bytes * (g->n - 1);
}

static int by_weight(const void *left, const void *right) {
	const struct duplicate_group *a = left, *b = right;

	if (spare_bytes(a) != spare_bytes(b)) {
		return spare_bytes(a) > spare_bytes(b) ? -1 : 1;
	}
	return (a->rows[0] > b->rows[0]) - (a->rows[0] < b->rows[0]);
}

/* The list, sorted by content, as groups; rows of one group are ascending. */
static enum tng_code put_groups(
		struct arena *a, struct finder *f, struct duplicates *out, struct tng_error *err) {
	struct duplicate_group *groups = arena_new(a, struct duplicate_group, f->n / 2);
	uint32_t *rows = arena_new(a, uint32_t, f->n);
	size_t nrows = 0, ngroups = 0;

	if (groups == NULL || rows == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0, end = 0; i < f->n; i = end) {
		end = candidates_alike_end(f, i);
		size_t n = end - i;
		groups[ngroups++] = (struct duplicate_group){
			.rows = &rows[nrows],
			.n = n,
			.size_bytes = f->list[i].size,
			.digest = f->list[i].digest,
			.is_sampled = f->list[i].is_sampled,
		};
		for (size_t k = 0; k < n; k++) {
			rows[nrows++] = f->list[i + k].row;
		}
	}
	if (ngroups > 1) {
		qsort(groups, ngroups, sizeof(*groups), by_weight);
	}
	out->groups = groups;
	out->n = ngroups;
	return TNG_OK;
}

enum tng_code digest_duplicates(struct arena *a, const struct digest_source *source,
		const struct duplicate_request *request, struct duplicates *out,
		struct tng_error *err) {
	struct digest_source quick = *source;
	struct finder f = {
		.source = &quick,
		.opener = tree_opener_create(source->tree, source->root_fd),
	};
	enum tng_code code = f.opener == NULL ? error_nomem(err) : TNG_OK;

	*out = (struct duplicates){ .n = 0 };
	quick.zeros_alike = true;
	if (code == TNG_OK) {
		code = collect(&f, request->wanted, request->min_bytes, err);
	}
	if (code == TNG_OK) {
		code = compare(&f, request, err);
	}
	if (code == TNG_OK) {
		code = put_groups(a, &f, out, err);
	}
	out->nread = f.nread;
	out->read_bytes = f.read_bytes;
	tree_opener_destroy(f.opener);
	free(f.list);
	return code;
}
