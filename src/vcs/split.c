/*
 * gitformat-index(5), "Split index". A bitmap is in EWAH form, numbers big-endian:
 *
 *   bits 4 | n 4 | n words of 8 | 4 (the place of the last marker)
 *   a marker, then its literal words, a marker, ...
 *   marker   bit 0: what the run is of; 1 to 32: words in the run; 33 to 63: literal words behind it
 */
#include "vcs/split.h"

#define MARKER_RUN_MASK UINT64_C(0xFFFFFFFF)
#define WORD_BITS 64U

static uint32_t number32(const unsigned char *p) {
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t number64(const unsigned char *p) {
	return (uint64_t)number32(p) << 32 | number32(p + 4);
}

/* One bit a byte; bits at `n` and beyond must be clear. */
struct bits {
	bool *set;
	size_t n, at;
};

static bool put_run(struct bits *b, bool value, uint64_t nbits) {
	uint64_t left = b->n - b->at;

	if (value && nbits >= left + WORD_BITS) {
		return false;
	}
	for (uint64_t i = 0; value && i < nbits && i < left; i++) {
		b->set[b->at + i] = true;
	}
	b->at += (size_t)(nbits < left ? nbits : left);
	return true;
}

static bool put_word(struct bits *b, uint64_t word) {
	for (unsigned i = 0; i < WORD_BITS; i++, word >>= 1) {
		bool is_set = (word & 1) != 0;
		if (b->at < b->n) {
			b->set[b->at++] = is_set;
		} else if (is_set) {
			return false;
		}
	}
	return true;
}

/* A bitmap in front of *bytes, which then begins behind it. False: it is none. */
static bool read_bits(struct str *bytes, struct bits *b) {
	const unsigned char *p = (const unsigned char *)bytes->ptr;

	if (bytes->len < 12) {
		return false;
	}
	size_t nwords = number32(p + 4);
	if (nwords > (bytes->len - 12) / 8) {
		return false;
	}
	p += 8;
	for (size_t i = 0; i < nwords;) {
		uint64_t marker = number64(p + 8 * i++);
		uint64_t nliterals = marker >> 33;
		bool fits = put_run(
				b, (marker & 1) != 0, (marker >> 1 & MARKER_RUN_MASK) * WORD_BITS);
		if (!fits || nliterals > nwords - i) {
			return false;
		}
		for (uint64_t end = i + nliterals; i < end; i++) {
			if (!put_word(b, number64(p + 8 * i))) {
				return false;
			}
		}
	}
	*bytes = str_skip(*bytes, 12 + 8 * nwords);
	return true;
}

static int compare(const struct index_entry *a, const struct index_entry *b) {
	int order = str_cmp(str_make(a->path, a->path_len), str_make(b->path, b->path_len));

	return order != 0 ? order
			  : (int)(a->flags & INDEX_STAGE_MASK) - (int)(b->flags & INDEX_STAGE_MASK);
}

/* The base without what is gone, with what is replaced. False: a replacement is missing, or left over. */
static bool change_base(const struct index_table *base, const struct index_table *own,
		size_t nunnamed, const struct bits *gone, const struct bits *replaced,
		struct index_entry *out, size_t *nout) {
	size_t next = 0;

	*nout = 0;
	for (size_t i = 0; i < base->n; i++) {
		struct index_entry e = base->entries[i];
		if (replaced->set[i]) {
			if (next == nunnamed) {
				return false;
			}
			e = own->entries[next++];
			e.path = base->entries[i].path;
			e.path_len = base->entries[i].path_len;
		}
		if (!gone->set[i]) {
			out[(*nout)++] = e;
		}
	}
	return next == nunnamed;
}

static void merge(const struct index_entry *base, size_t nbase, const struct index_entry *own,
		size_t nown, struct index_entry *out, struct index_table *table) {
	size_t i = 0, k = 0, n = 0;

	while (i < nbase || k < nown) {
		int order = i == nbase ? 1 : k == nown ? -1 : compare(&base[i], &own[k]);
		out[n] = order < 0 ? base[i] : own[k];
		table->skips_worktree |= (out[n].flags & INDEX_SKIP_WORKTREE) != 0;
		n++;
		i += order <= 0;
		k += order >= 0;
	}
	table->entries = out;
	table->n = n;
}

enum tng_code split_merge(struct arena *a, const struct index_table *base,
		const struct index_table *own, struct str bitmaps, struct index_table *out,
		struct str *problem, struct tng_error *err) {
	struct bits gone = { .set = arena_new(a, bool, base->n), .n = base->n };
	struct bits replaced = { .set = arena_new(a, bool, base->n), .n = base->n };
	struct index_entry *changed = arena_new(a, struct index_entry, base->n);
	struct index_entry *merged = arena_new(a, struct index_entry, base->n + own->n);
	size_t nunnamed = 0, nchanged;

	*problem = STR("");
	if (gone.set == NULL || replaced.set == NULL || changed == NULL || merged == NULL) {
		return error_nomem(err);
	}
	while (nunnamed < own->n && own->entries[nunnamed].path_len == 0) {
		nunnamed++;
	}
	bool has_bitmaps = bitmaps.len > 0; /* without: nothing is gone or replaced */
	if ((has_bitmaps && (!read_bits(&bitmaps, &gone) || !read_bits(&bitmaps, &replaced))) ||
			!change_base(base, own, nunnamed, &gone, &replaced, changed, &nchanged)) {
		*problem = STR("its index and its shared index do not fit");
		return TNG_OK;
	}
	*out = (struct index_table){ 0 };
	merge(changed, nchanged, own->entries + nunnamed, own->n - nunnamed, merged, out);
	return TNG_OK;
}
