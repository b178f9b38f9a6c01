/*
 * The view of heavy places: a partition of the lens into a few lines.
 *
 *   pool: places that are not lines yet ── take the heaviest ──▶ most of it in one child? open it:
 *     ▲                                                              its children and its rest
 *     └──────────────────────────────────────────────────────────────┘    else: it is a line
 */
#include "analysis/analysis.h"
#include "util/vec.h"

#include <stdlib.h>

/* A directory is opened when one child has this share of its bytes. */
#define DOMINANT_PERCENT 60

/* A child below this share of the lens is part of its parent's rest. */
#define SMALL_PERMILLE 5

struct pool {
	VEC_FIELDS(struct heavy)
};

struct opener {
	const struct analysis *an;
	const struct build *build;
	enum lens lens;
	uint64_t total;
	struct pool pool;
	bool failed;
};

static struct heavy weigh_row(const struct opener *o, uint32_t row) {
	const struct entry *entry = tree_entry(o->an->tree, row);
	bool eligible = o->lens != LENS_DISK;
	struct heavy h = { .row = row };

	if (entry_is_dir(entry)) {
		const struct dir_weight *w =
				&build_plan(o->build, o->lens)->dirs[(uint32_t)entry->size];
		h.bytes = eligible ? w->eligible_bytes : w->disk_bytes;
		h.nfiles = eligible ? w->eligible_files : w->disk_files;
	} else {
		h.bytes = transfer_bytes(build_plan(o->build, o->lens), o->an->tree, row, eligible);
		h.nfiles = entry_is_file(entry) && build_in_lens(o->build, o->lens, row);
	}
	return h;
}

static void pool_add(struct opener *o, struct heavy h) {
	struct heavy *added = h.bytes > 0 ? VEC_PUSH(&o->pool) : NULL;

	if (added != NULL) {
		*added = h;
	} else if (h.bytes > 0) {
		o->failed = true;
	}
}

static struct heavy pool_take(struct opener *o) {
	size_t best = 0;

	for (size_t i = 1; i < o->pool.len; i++) {
		/* equal weights: the first in the builders' order, whatever the pool's */
		const struct heavy *x = &o->pool.ptr[i], *y = &o->pool.ptr[best];
		if (x->bytes > y->bytes || (x->bytes == y->bytes && x->row < y->row)) {
			best = i;
		}
	}
	struct heavy taken = o->pool.ptr[best];
	o->pool.ptr[best] = o->pool.ptr[--o->pool.len];
	return taken;
}

static bool is_tool_state(const struct analysis *an, uint32_t row) {
	return str_starts(tree_name(an->tree, tree_entry(an->tree, row)), STR("."));
}

static bool is_small(const struct opener *o, uint64_t bytes) {
	return bytes == 0 || bytes < o->total / 1000 * SMALL_PERMILLE;
}

static bool should_open(const struct opener *o, const struct heavy *h) {
	const struct tree *tree = o->an->tree;
	uint64_t most = 0;

	if (h->is_rest || !entry_is_dir(tree_entry(tree, h->row))) {
		return false;
	}
	if (h->row == 0) {
		return true;
	}
	if (is_tool_state(o->an, h->row)) {
		return false;
	}
	uint32_t end = tree_end(tree, h->row);
	for (uint32_t row = h->row + 1; row < end; row = tree_end(tree, row)) {
		uint64_t bytes = weigh_row(o, row).bytes;
		most = bytes > most ? bytes : most;
	}
	/* a child that would not be a line would leave nothing but a rest */
	return !is_small(o, most) && (double)most * 100 >= (double)h->bytes * DOMINANT_PERCENT;
}

/* The children that matter go to the pool, the others are the rest of the directory. */
static void open_dir(struct opener *o, const struct heavy *dir) {
	const struct tree *tree = o->an->tree;
	struct heavy rest = { .row = dir->row, .is_rest = true };
	uint32_t end = tree_end(tree, dir->row);

	for (uint32_t row = dir->row + 1; row < end; row = tree_end(tree, row)) {
		struct heavy child = weigh_row(o, row);
		if (!is_small(o, child.bytes)) {
			pool_add(o, child);
		} else {
			rest.bytes += child.bytes;
			rest.nfiles += child.nfiles;
		}
	}
	pool_add(o, rest);
}

static int heavier_first(const void *a, const void *b) {
	const struct heavy *x = a, *y = b;

	/* what is left of the whole closes the list, whatever its weight */
	if ((x->row == 0) != (y->row == 0)) {
		return x->row == 0 ? 1 : -1;
	}
	if (x->bytes != y->bytes) {
		return x->bytes > y->bytes ? -1 : 1;
	}
	return x->row != y->row ? (x->row > y->row) - (x->row < y->row)
				: (int)x->is_rest - (int)y->is_rest;
}

/* The pool into at most `top` lines; what is over joins the root's rest. */
static size_t take_lines(struct opener *o, size_t top, struct heavy *lines) {
	struct heavy rest = { .row = 0, .is_rest = true };
	size_t n = 0;

	while (o->pool.len > 0 && !o->failed) {
		struct heavy h = pool_take(o);
		bool is_over = n + 1 >= top;
		if (!is_over && should_open(o, &h)) {
			open_dir(o, &h);
		} else if (is_over || (h.is_rest && h.row == 0)) {
			rest.bytes += h.bytes;
			rest.nfiles += h.nfiles;
		} else {
			lines[n++] = h;
		}
	}
	if (rest.bytes > 0 && n < top) {
		lines[n++] = rest;
	}
	return n;
}

enum tng_code analysis_heaviest(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, size_t top, struct heavy **out,
		size_t *n, struct tng_error *err) {
	struct opener o = {
		.an = an,
		.build = build,
		.lens = lens,
		.total = build_weight(build, lens)->bytes,
	};
	struct heavy *lines = arena_new(a, struct heavy, top);

	pool_add(&o, weigh_row(&o, 0));
	size_t nlines = lines != NULL ? take_lines(&o, top, lines) : 0;
	free(o.pool.ptr);
	if (lines == NULL || o.failed) {
		return error_nomem(err);
	}
	qsort(lines, nlines, sizeof(*lines), heavier_first);
	*out = lines;
	*n = nlines;
	return TNG_OK;
}

enum tng_code analysis_largest_files(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, size_t top, struct heavy **out,
		size_t *n, struct tng_error *err) {
	struct opener o = { .an = an, .build = build, .lens = lens };
	struct heavy *lines = arena_new(a, struct heavy, top + 1);
	uint32_t nrows = tree_nrows(an->tree);
	size_t nlines = 0;

	if (lines == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (!entry_is_file(tree_entry(an->tree, row))) {
			continue;
		}
		struct heavy h = weigh_row(&o, row);
		if (h.bytes == 0 || top == 0 ||
				(nlines == top && h.bytes <= lines[top - 1].bytes)) {
			continue;
		}
		/* insertion into a list of a few; the one that falls off is the lightest */
		size_t at = nlines < top ? nlines++ : top - 1;
		for (; at > 0 && lines[at - 1].bytes < h.bytes; at--) {
			lines[at] = lines[at - 1];
		}
		lines[at] = h;
	}
	*out = lines;
	*n = nlines;
	return TNG_OK;
}
