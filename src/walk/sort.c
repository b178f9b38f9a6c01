/*
 * The names of a directory in byte order.
 *
 * Most directories are short: insertion sort on keys of eight bytes, which settle nearly every
 * comparison. Long ones go through a radix sort of such keys, behind the beginning that all names
 * share and over the bytes that differ at all; runs of equal keys are sorted by what follows.
 *
 *   file_000123.js   shared "file_000", key "123.js\0\0": four of its eight bytes differ
 */
#include "walk/listing.h"

#define FEW 40U
#define KEY_BYTES 8U

/* Eight bytes of the name from `skip` on, zeros behind its end: no name holds a NUL. */
static uint64_t key_of(const struct listing *l, const struct item *item, size_t skip) {
	const char *at = l->text + item->offset + skip;
	size_t len = item->name_len - skip; /* skip is never above it */
	uint64_t key;

	memcpy(&key, at, sizeof(key)); /* the text has slack for it */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	key = __builtin_bswap64(key);
#endif
	if (len >= KEY_BYTES) {
		return key;
	}
	return len == 0 ? 0 : key & (UINT64_MAX << (64 - len * 8));
}

/* Names whose keys are equal are equal so far, and end within the key together or not at all. */
static int compare_rest(
		const struct listing *l, const struct item *a, const struct item *b, size_t skip) {
	if (a->name_len <= skip + KEY_BYTES) {
		return (int)a->name_len - (int)b->name_len;
	}
	/* strcmp compares unsigned, and stops at the NUL behind the shorter name */
	return strcmp(l->text + a->offset + skip + KEY_BYTES,
			l->text + b->offset + skip + KEY_BYTES);
}

static void sort_few(const struct listing *l, struct item *items, size_t n, size_t skip) {
	for (size_t i = 1; i < n; i++) {
		struct item moving = items[i];
		size_t at = i;
		while (at > 0 &&
				(moving.key < items[at - 1].key ||
						(moving.key == items[at - 1].key &&
								compare_rest(l, &moving,
										&items[at - 1],
										skip) < 0))) {
			items[at] = items[at - 1];
			at--;
		}
		items[at] = moving;
	}
}

/* How many bytes from `skip` on all names share. */
static size_t shared_bytes(
		const struct listing *l, const struct item *items, size_t n, size_t skip) {
	const char *first = l->text + items[0].offset;
	size_t shared = items[0].name_len;

	for (size_t i = 1; i < n && shared > skip; i++) {
		const char *name = l->text + items[i].offset;
		size_t most = items[i].name_len < shared ? items[i].name_len : shared;
		size_t at = skip;
		while (at < most && name[at] == first[at]) {
			at++;
		}
		shared = at;
	}
	return shared > skip ? shared - skip : 0;
}

/* Stable passes from the last byte of the key to the first, over those that differ. */
static void sort_by_key(struct item *items, struct item *spare, size_t n) {
	uint64_t differ = 0;
	struct item *from = items, *to = spare;

	for (size_t i = 1; i < n; i++) {
		differ |= items[i].key ^ items[0].key;
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if ((differ >> shift & 0xFF) == 0) {
			continue;
		}
		uint32_t start[257] = { 0 };
		for (size_t i = 0; i < n; i++) {
			start[(from[i].key >> shift & 0xFF) + 1]++;
		}
		for (unsigned b = 1; b < 256; b++) {
			start[b] += start[b - 1];
		}
		for (size_t i = 0; i < n; i++) {
			to[start[from[i].key >> shift & 0xFF]++] = from[i];
		}
		struct item *swap = from;
		from = to;
		to = swap;
	}
	if (from != items) {
		memcpy(items, from, n * sizeof(*items));
	}
}

/* All names share their first `skip` bytes. Each level takes at least eight bytes more of at most
 * 255, which bounds the depth. */
static void sort_items(const struct listing *l, struct item *items, struct item *spare, size_t n,
		size_t skip) {
	if (n > FEW) {
		skip += shared_bytes(l, items, n, skip);
	}
	for (size_t i = 0; i < n; i++) {
		items[i].key = key_of(l, &items[i], skip);
	}
	if (n <= FEW) {
		sort_few(l, items, n, skip);
		return;
	}
	sort_by_key(items, spare, n);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && items[to].key == items[from].key;) {
			to++;
		}
		/* a zero at the end: the names end within the key, and are equal altogether */
		if (to - from > 1 && (items[from].key & 0xFF) != 0) {
			sort_items(l, items + from, spare, to - from, skip + KEY_BYTES);
		}
	}
}

static bool same_name(const struct listing *l, const struct item *a, const struct item *b) {
	return a->name_len == b->name_len &&
			memcmp(l->text + a->offset, l->text + b->offset, a->name_len) == 0;
}

void listing_sort(struct listing *l) {
	size_t nkept = 0;

	sort_items(l, l->items, l->items + l->item_cap, l->nitems, 0);
	for (size_t i = 0; i < l->nitems; i++) {
		/* a name's first bytes tell most neighbours apart */
		if (nkept > 0 && UNLIKELY(same_name(l, &l->items[nkept - 1], &l->items[i]))) {
			continue;
		}
		if (nkept != i) {
			l->items[nkept] = l->items[i];
		}
		nkept++;
	}
	l->nitems = nkept;
}
