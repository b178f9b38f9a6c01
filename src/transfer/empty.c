/*
 * Files that BuildKit announces and cannot open: the daemon makes them with 0 bytes, without a word.
 *
 * When it opens a file the client asks the whole path (ignore-semantics 4.4). Kept by the walk and yet
 * refused then: the last pattern that matches is an exclusion that matches a directory above, where the
 * walk skipped it since that directory was excluded anyway. So only files in such directories, sent for
 * their sake (FATE_PARENT), need to be asked about.
 */
#include "transfer/transfer.h"

#include "util/buf.h"
#include "util/vec.h"

#include <stdlib.h>

struct finder {
	const struct tree *tree;
	const struct transfer_plan *plan;
	struct ignore_scratch *scratch;
	uint8_t *below_excluded; /* per directory number */
	uint8_t *wanted; /* per row: sent, regular, and to be read or not; NULL: nothing is read */
	struct buf path;
	struct {
		VEC_FIELDS(struct transfer_empty)
	} list;
};

static bool is_named_before(
		const struct tree *tree, const struct transfer_plan *plan, uint32_t row) {
	return tree_nlink(tree, row) > 1 && transfer_bytes(plan, tree, row, true) == 0;
}

static bool add(struct finder *f, uint32_t row, bool is_unreadable) {
	struct transfer_empty *e = VEC_PUSH(&f->list);

	if (e != NULL) {
		*e = (struct transfer_empty){ row, is_unreadable };
	}
	return e != NULL;
}

static enum tng_code test_row(struct finder *f, uint32_t row, struct tng_error *err) {
	struct verdict verdict;

	buf_clear(&f->path);
	tree_path(f->tree, row, &f->path);
	if (buf_failed(&f->path)) {
		return error_nomem(err);
	}
	enum tng_code code =
			ignore_decide_whole_path(f->scratch, buf_str(&f->path), &verdict, NULL);
	if (code == TNG_ENOMEM) {
		return error_nomem(err);
	}
	if (code != TNG_OK || !verdict.excluded) {
		return TNG_OK; /* a pattern that only this evaluation meets and fails on: left alone */
	}
	if (f->wanted != NULL) {
		f->wanted[row] = 0;
	}
	return add(f, row, false) ? TNG_OK : error_nomem(err);
}

/* Whether anybody wants to know of a file. */
static bool is_candidate(
		const struct finder *f, uint32_t row, const struct entry *entry, bool below) {
	return (below || f->wanted != NULL) && entry_is_file(entry) && entry->size > 0 &&
			!is_named_before(f->tree, f->plan, row);
}

static enum tng_code test_rows(struct finder *f, struct tng_error *err) {
	uint32_t nrows = tree_nrows(f->tree);
	const uint8_t *fate = f->plan->fate;
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < nrows && code == TNG_OK; row++) {
		if (!fate_is_sent(fate[row])) {
			continue; /* of a directory: nothing in it is */
		}
		const struct entry *entry = tree_entry(f->tree, row);
		bool below = f->below_excluded[entry->parent] != 0;
		if (entry_is_dir(entry)) {
			f->below_excluded[(uint32_t)entry->size] =
					below || fate[row] == FATE_PARENT;
		}
		below = below && f->scratch != NULL;
		if (!is_candidate(f, row, entry, below)) {
			continue;
		}
		if (f->wanted != NULL) {
			f->wanted[row] = 1;
		}
		if (below) {
			code = test_row(f, row, err);
		}
	}
	return code;
}

static int by_row(const void *a, const void *b) {
	const struct transfer_empty *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static enum tng_code add_unreadable(
		struct finder *f, struct arena *a, int root_fd, struct tng_error *err) {
	uint32_t *rows;
	size_t n;
	enum tng_code code = tree_find_unreadable(a, root_fd, f->tree, f->wanted, &rows, &n, err);

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		code = add(f, rows[i], true) ? TNG_OK : error_nomem(err);
	}
	if (code == TNG_OK && n > 0) {
		qsort(f->list.ptr, f->list.len, sizeof(*f->list.ptr), by_row);
	}
	return code;
}

static enum tng_code hand_out(struct finder *f, struct arena *a, struct transfer_empty **out,
		size_t *n, struct tng_error *err) {
	struct transfer_empty *list = arena_new(a, struct transfer_empty, f->list.len);

	if (list == NULL) {
		return error_nomem(err);
	}
	if (f->list.len > 0) {
		memcpy(list, f->list.ptr, f->list.len * sizeof(*list));
	}
	*out = list;
	*n = f->list.len;
	return TNG_OK;
}

enum tng_code transfer_find_empty(struct arena *a, int root_fd, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set,
		struct transfer_empty **out, size_t *n, struct tng_error *err) {
	struct finder f = { .tree = tree, .plan = plan };
	bool asks = set != NULL && ignore_has_exceptions(set);

	f.scratch = asks ? ignore_scratch_create(set) : NULL;
	f.below_excluded = calloc(tree_ndirs(tree), 1);
	f.wanted = root_fd >= 0 ? calloc(tree_nrows(tree), 1) : NULL;
	bool ready = f.below_excluded != NULL && (root_fd < 0 || f.wanted != NULL) &&
			(!asks || f.scratch != NULL);
	enum tng_code code = ready ? test_rows(&f, err) : error_nomem(err);
	if (code == TNG_OK && root_fd >= 0) {
		code = add_unreadable(&f, a, root_fd, err);
	}
	if (code == TNG_OK) {
		code = hand_out(&f, a, out, n, err);
	}
	ignore_scratch_destroy(f.scratch);
	buf_fini(&f.path);
	free(f.below_excluded);
	free(f.wanted);
	free(f.list.ptr);
	return code;
}
