/*
 * Rows and index entries side by side. Both are ordered by bytes, but for one thing: the index orders
 * whole paths, so "a-b" comes before "a/x", while the row of "a" comes before that of "a-b".
 *
 *   rows      a   a-b   a.c          a asks first and takes [2, 4) out of its turn;
 *   entries   a-b   a.c   a/x  a/y   when 2 is reached, it is stepped over
 *             0     1     2    3
 */
#include "vcs/internal.h"

#include <string.h>

/* An entry, seen from the directory at hand, against the name of something below which more follows. */
static int compare_below(const struct visit *v, size_t i, size_t path_len, struct str name) {
	const char *path = v->repository->index.entries[i].path + path_len;
	int order = strncmp(path, name.ptr, name.len);

	return order != 0 ? order : (int)(unsigned char)path[name.len] - '/';
}

/* The first entry of [from, last) that is not before "name/" (above: 0), or is behind all of it (1). */
static size_t gallop(const struct visit *v, size_t from, size_t last, size_t path_len,
		struct str name, int above) {
	size_t step = 1, low = from, high;

	while (low + step < last && compare_below(v, low + step, path_len, name) < above) {
		low += step;
		step *= 2;
	}
	high = low + step < last ? low + step : last;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_below(v, middle, path_len, name) < above) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Over what was taken out of its turn. */
static bool step_over(struct visit *v, struct frame *f) {
	if (v->taken.len <= f->ntaken || v->taken.ptr[v->taken.len - 1].first != f->next) {
		return false;
	}
	f->next = v->taken.ptr[--v->taken.len].end;
	return true;
}

/* All entries of one path: a conflict has up to three. */
static void take_entry(const struct visit *v, struct frame *f, const struct index_entry **entry) {
	const struct index_entry *entries = v->repository->index.entries;
	const struct index_entry *first = &entries[f->next++];

	while (f->next < f->last && entries[f->next].path_len == first->path_len &&
			memcmp(entries[f->next].path, first->path, first->path_len) == 0) {
		f->next++;
	}
	*entry = first;
}

/* "name/..." is not next, but may come after names that are longer than this one. */
static enum tng_code take_ahead(
		struct visit *v, struct frame *f, struct str name, struct index_range *below) {
	size_t first = gallop(v, f->next, f->last, f->path_len, name, 0);
	size_t end = gallop(v, first, f->last, f->path_len, name, 1);

	if (first == end) {
		return TNG_OK;
	}
	struct index_range *taken = VEC_PUSH(&v->taken);
	if (taken == NULL) {
		return error_nomem(v->b->err);
	}
	*below = *taken = (struct index_range){ first, end };
	return TNG_OK;
}

enum tng_code claim_row(struct visit *v, struct str name, bool is_dir, enum claim_kind *kind,
		const struct index_entry **entry, struct index_range *below) {
	struct frame *f = &v->frames.ptr[v->frames.len - 1];

	*kind = CLAIM_NONE;
	while (f->next < f->last) {
		const char *path = v->repository->index.entries[f->next].path + f->path_len;
		if (step_over(v, f)) {
			continue;
		}
		int order = strncmp(path, name.ptr, name.len);
		if (order < 0) { /* no row had it */
			v->b->nmissing++;
			f->next++;
			continue;
		}
		unsigned char after = order == 0 ? (unsigned char)path[name.len] : 0;
		if (order > 0 || after > '/') {
			return TNG_OK;
		}
		if (after == '\0') {
			*kind = CLAIM_ENTRY;
			take_entry(v, f, entry);
			return TNG_OK;
		}
		*below = (struct index_range){ 0, 0 };
		if (after == '/') {
			*below = (struct index_range){ f->next,
				gallop(v, f->next, f->last, f->path_len, name, 1) };
			f->next = below->end;
			v->b->nmissing += is_dir ? 0 : below->end - below->first;
		}
		enum tng_code code =
				after == '/' || !is_dir ? TNG_OK : take_ahead(v, f, name, below);
		*kind = below->end > below->first ? CLAIM_BELOW : CLAIM_NONE;
		return code;
	}
	return TNG_OK;
}

void claim_rest(struct visit *v) {
	const struct frame *f = &v->frames.ptr[v->frames.len - 1];
	size_t left = f->last - f->next;

	while (v->taken.len > f->ntaken) {
		const struct index_range *taken = &v->taken.ptr[--v->taken.len];
		left -= taken->end - taken->first;
	}
	v->b->nmissing += left;
}
