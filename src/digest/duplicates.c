/*
 * Files that hold the same: what differs is told apart by what costs least.
 *
 *   files ─ sizes that occur once ─▶ heads of 4 KiB ─ heads that occur once ─▶ whole files ─▶ groups
 */
#include "digest/digest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

#define HEAD_BYTES 4096U

/* Files up to this are hashed whole at once: a second open() costs more than the rest of them. */
#define SMALL_BYTES UINT64_C(16384)

struct candidate {
	uint64_t size;
	struct digest digest;
	uint64_t block; /* see shared_block() */
	uint32_t row;
	bool is_whole; /* the digest is of all of it */
};

struct finder {
	const struct digest_source *source;
	struct candidate *list;
	size_t n;
	uint64_t nread, read_bytes;
};

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

/* Forget what is like nothing else. */
static void drop_unique(struct finder *f) {
	size_t kept = 0;

	sort(f, by_content);
	for (size_t i = 0; i < f->n;) {
		size_t end = i + 1;
		while (end < f->n && is_same(&f->list[i], &f->list[end])) {
			end++;
		}
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
	c->size = is_read ? c->size : 0;
	f->nread += content->os_errno == 0;
	f->read_bytes += content->bytes;
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

/* Those whose heads are alike: is the rest? */
static enum tng_code confirm(struct finder *f, struct tng_error *err) {
	enum tng_code code = hash(f, 0, part(f, is_whole), 0, err);

	drop_unread(f);
	drop_unique(f);
	return code;
}

/* ---- only the heaviest */

/* Candidates that are alike so far, [first, first + n) of a list. */
struct span {
	size_t first, n;
	uint64_t spare; /* bytes of all but one, if they are the same to the end */
};

static int by_spare(const void *left, const void *right) {
	const struct span *a = left, *b = right;

	if (a->spare != b->spare) {
		return a->spare > b->spare ? -1 : 1;
	}
	return (a->first > b->first) - (a->first < b->first);
}

/* Where those end that are like the one at `i`, in a list in the order of contents. */
static size_t alike_end(const struct finder *f, size_t i) {
	size_t end = i + 1;

	while (end < f->n && is_same(&f->list[i], &f->list[end])) {
		end++;
	}
	return end;
}

/* The heaviest first; `out` has room for half as many as there are candidates. */
static size_t list_spans(const struct finder *f, struct span *out) {
	size_t nspans = 0;

	for (size_t i = 0, end = 0; i < f->n; i = end) {
		end = alike_end(f, i);
		out[nspans++] = (struct span){ i, end - i, f->list[i].size * (end - i - 1) };
	}
	if (nspans > 1) {
		qsort(out, nspans, sizeof(*out), by_spare);
	}
	return nspans;
}

/* Whether `most` groups of more than this weight are found. */
static bool is_enough(const struct finder *found, uint64_t spare, size_t most) {
	size_t n = 0;

	for (size_t i = 0, end = 0; i < found->n; i = end) {
		end = alike_end(found, i);
		n += found->list[i].size * (end - i - 1) > spare;
	}
	return n >= most;
}

/* What some spans come to is put behind what was found. */
static enum tng_code confirm_spans(struct finder *f, const struct span *spans, size_t nspans,
		struct finder *found, struct tng_error *err) {
	struct finder some = { .source = f->source, .list = found->list + found->n };

	for (size_t i = 0; i < nspans; i++) {
		memcpy(some.list + some.n, f->list + spans[i].first,
				spans[i].n * sizeof(*some.list));
		some.n += spans[i].n;
	}
	enum tng_code code = confirm(&some, err);
	found->n += some.n;
	f->nread += some.nread;
	f->read_bytes += some.read_bytes;
	return code;
}

static enum tng_code confirm_in_turn(struct finder *f, size_t most, struct span *spans,
		struct finder *found, struct tng_error *err) {
	size_t nspans = list_spans(f, spans), step = most;
	enum tng_code code = TNG_OK;

	/* more at a time the longer it takes: each step starts its threads */
	for (size_t i = 0; i < nspans && code == TNG_OK; i += step, step *= 2) {
		step = nspans - i < step ? nspans - i : step;
		if (is_enough(found, spans[i].spare, most)) {
			break;
		}
		code = confirm_spans(f, &spans[i], step, found, err);
	}
	return code;
}

/* As confirm(), but what cannot be among the heaviest is not read, and not kept. */
static enum tng_code confirm_heaviest(struct finder *f, size_t most, struct tng_error *err) {
	struct finder found = { .list = calloc(f->n, sizeof(*found.list)) };
	struct span *spans = calloc(f->n / 2 + 1, sizeof(*spans));
	bool ready = found.list != NULL && spans != NULL;
	enum tng_code code =
			ready ? confirm_in_turn(f, most, spans, &found, err) : error_nomem(err);

	if (code == TNG_OK && found.n > 0) {
		memcpy(f->list, found.list, found.n * sizeof(*found.list));
	}
	f->n = found.n;
	drop_unique(f);
	free(found.list);
	free(spans);
	return code;
}

static enum tng_code compare(struct finder *f, size_t most, struct tng_error *err) {
	drop_unique(f);
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
	drop_unique(f);
	if (f->n == 0) {
		return TNG_OK;
	}
	return most > 0 ? confirm_heaviest(f, most, err) : confirm(f, err);
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

/* ---- clones */

/* Where a file begins on the disk, when other files share that block; 0: its own, or nobody knows. */
static uint64_t shared_block(struct tree_opener *opener, uint32_t row) {
	uint64_t block = 0;
#ifdef __linux__
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} ask;
	int fd = tree_opener_file(opener, row);

	if (fd < 0) {
		return 0;
	}
	memset(&ask, 0, sizeof(ask));
	ask.map.fm_length = FIEMAP_MAX_OFFSET;
	ask.map.fm_extent_count = 1;
	if (ioctl(fd, FS_IOC_FIEMAP, &ask.map) == 0 && ask.map.fm_mapped_extents == 1 &&
			(ask.map.fm_extents[0].fe_flags & FIEMAP_EXTENT_SHARED) != 0) {
		block = ask.map.fm_extents[0].fe_physical;
	}
	(void)close(fd);
#else
	(void)opener;
	(void)row;
#endif
	return block;
}

/* Leave one of each set of clones among n equal files; how many are left. */
static size_t drop_clones(struct tree_opener *opener, struct candidate *list, size_t n) {
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_clone = false;
		list[i].block = shared_block(opener, list[i].row);
		for (size_t k = 0; k < kept && list[i].block != 0; k++) {
			is_clone = is_clone || list[k].block == list[i].block;
		}
		if (!is_clone) {
			list[kept++] = list[i];
		}
	}
	return kept;
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
static enum tng_code put_groups(struct arena *a, struct finder *f, struct tree_opener *opener,
		struct duplicates *out, struct tng_error *err) {
	struct duplicate_group *groups = arena_new(a, struct duplicate_group, f->n / 2);
	uint32_t *rows = arena_new(a, uint32_t, f->n);
	size_t nrows = 0, ngroups = 0;

	if (groups == NULL || rows == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0, end = 0; i < f->n; i = end) {
		for (end = i + 1; end < f->n && is_same(&f->list[i], &f->list[end]); end++) {
		}
		size_t n = drop_clones(opener, &f->list[i], end - i);
		if (n < 2) {
			continue;
		}
		groups[ngroups++] = (struct duplicate_group){
			.rows = &rows[nrows],
			.n = n,
			.size_bytes = f->list[i].size,
			.digest = f->list[i].digest,
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
		const uint8_t *wanted, uint64_t min_bytes, size_t most, struct duplicates *out,
		struct tng_error *err) {
	struct digest_source quick = *source;
	struct finder f = { .source = &quick };
	struct tree_opener *opener = tree_opener_create(source->tree, source->root_fd);
	enum tng_code code = opener == NULL ? error_nomem(err) : TNG_OK;

	*out = (struct duplicates){ .n = 0 };
	quick.zeros_alike = true;
	if (code == TNG_OK) {
		code = collect(&f, wanted, min_bytes, err);
	}
	if (code == TNG_OK) {
		code = compare(&f, most, err);
	}
	if (code == TNG_OK) {
		code = put_groups(a, &f, opener, out, err);
	}
	out->nread = f.nread;
	out->read_bytes = f.read_bytes;
	tree_opener_destroy(opener);
	free(f.list);
	return code;
}
