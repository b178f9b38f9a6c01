#include "util/buf.h"
#include "verify/ledger.h"

#include <stdlib.h>

struct walker {
	const struct tree *tree;
	struct ignore_scratch *scratch;
	struct ignore_dir *states; /* per directory number */
	bool needs_paths;
	struct buf path;
};

static enum tng_code visit(struct walker *w, uint32_t row, const uint32_t **patterns, uint32_t *n,
		struct tng_error *err) {
	const struct entry *entry = tree_entry(w->tree, row);
	struct str name = tree_name(w->tree, entry), path = name;
	struct ignore_dir *below = entry_is_dir(entry) ? &w->states[(uint32_t)entry->size] : NULL;

	if (w->needs_paths) {
		buf_clear(&w->path);
		tree_path(w->tree, row, &w->path);
		path = buf_str(&w->path);
		if (buf_failed(&w->path)) {
			return error_nomem(err);
		}
	}
	return ignore_collect(w->scratch, w->states[entry->parent], path, name.len, patterns, n,
			below, err);
}

/* The next row, from `row` on, that is one of the tops, below one, or on the way to one. */
static uint32_t next_wanted(
		const struct tree *tree, uint32_t row, const struct hits_tops *tops, size_t *at) {
	while (*at < tops->n) {
		uint32_t top = tops->rows[*at];
		uint32_t end = tree_end(tree, row);
		if (row >= top && row < tree_end(tree, top)) {
			return row;
		}
		if (row >= top) {
			(*at)++;
		} else if (top < end) {
			return row;
		} else {
			row = end;
		}
	}
	return tree_nrows(tree);
}

static enum tng_code walk_rows(struct walker *w, const struct hits_tops *tops, hits_fn *fn,
		void *user, struct tng_error *err) {
	uint32_t nrows = tree_nrows(w->tree);
	enum tng_code code = TNG_OK;
	size_t at = 0;

	w->states[0] = ignore_root(w->scratch);
	for (uint32_t row = 1; row < nrows && code == TNG_OK; row++) {
		const uint32_t *patterns = NULL;
		uint32_t n = 0;
		row = tops != NULL ? next_wanted(w->tree, row, tops, &at) : row;
		if (row == nrows) {
			break;
		}
		code = visit(w, row, &patterns, &n, err);
		if (code == TNG_OK && n > 0) {
			fn(user, row, patterns, n);
		}
	}
	return code;
}

static int compare_rows(const void *a, const void *b) {
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

size_t hits_tidy(const struct tree *tree, uint32_t *rows, size_t n) {
	uint32_t end = 0;
	size_t kept = 0;

	if (n > 0) {
		qsort(rows, n, sizeof(*rows), compare_rows);
	}
	for (size_t i = 0; i < n; i++) {
		if (rows[i] >= end) {
			rows[kept++] = rows[i];
			end = tree_end(tree, rows[i]);
		}
	}
	return kept;
}

enum tng_code hits_walk(const struct tree *tree, const struct ignore_set *set,
		const struct hits_tops *tops, hits_fn *fn, void *user, struct tng_error *err) {
	struct walker w = {
		.tree = tree,
		.scratch = ignore_scratch_create(set),
		.states = malloc(tree_ndirs(tree) * sizeof(*w.states)),
		.needs_paths = ignore_needs_paths(set),
	};
	bool ready = w.scratch != NULL && w.states != NULL;
	enum tng_code code = ready ? walk_rows(&w, tops, fn, user, err) : error_nomem(err);

	ignore_scratch_destroy(w.scratch);
	free(w.states);
	buf_fini(&w.path);
	return code;
}

struct finder {
	const struct tree *tree;
	const struct ignore_set *set;
	const struct transfer_plan *plan;
	struct hits *hits;
	bool failed;
};

/* The exception that decided a row that is sent. */
static uint32_t brought_back_by(const struct finder *f, uint32_t row, uint32_t otherwise) {
	uint32_t decider = f->plan->decider[row];
	bool is_back = decider != IGNORE_NO_PATTERN && fate_is_sent(f->plan->fate[row]) &&
			ignore_pattern(f->set, decider)->is_exception;

	return is_back ? decider : otherwise;
}

static void take_top(struct finder *f, struct hits *h, uint32_t row) {
	uint32_t *top = VEC_PUSH(&h->tops);

	h->end = tree_end(f->tree, row);
	if (top != NULL) {
		*top = row;
	}
	f->failed |= top == NULL;
}

static void take_row(void *user, uint32_t row, const uint32_t *patterns, uint32_t n) {
	struct finder *f = user;

	for (uint32_t i = 0; i < n; i++) {
		struct hits *h = &f->hits[patterns[i]];
		h->first = h->nrows == 0 ? row : h->first;
		h->back = brought_back_by(f, row, h->nrows == 0 ? IGNORE_NO_PATTERN : h->back);
		h->nrows++;
		h->nsent += fate_is_sent(f->plan->fate[row]);
		h->npruned += f->plan->fate[row] == FATE_PRUNED;
		if (row >= h->end) {
			take_top(f, h, row);
		}
	}
}

enum tng_code hits_find(const struct tree *tree, const struct ignore_set *set,
		const struct transfer_plan *plan, struct hits *hits, struct tng_error *err) {
	struct finder f = { .tree = tree, .set = set, .plan = plan, .hits = hits };
	enum tng_code code = hits_walk(tree, set, NULL, take_row, &f, err);

	return code == TNG_OK && f.failed ? error_nomem(err) : code;
}

void hits_fini(struct hits *hits, uint32_t n) {
	for (uint32_t i = 0; hits != NULL && i < n; i++) {
		free(hits[i].tops.ptr);
	}
}
