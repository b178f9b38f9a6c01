/*
 * Where the weight is: the places that most of some rows are in.
 *
 *   start with what is in the root; open the heaviest place while one thing in it has most of its weight
 */
#include "check/internal.h"

#include <stdlib.h>

/* A child with this part of a directory's weight is named instead of it: 7 of 10. */
#define MOST_PART 7U
#define MOST_WHOLE 10U

/* What is less than this part of all is to blame for nothing: 1 of 20. */
#define LEAST_PART 20U

/* The heaviest of what is directly in a directory. */
uint32_t check_heaviest_child(const struct tree *tree, const uint64_t *sums, uint32_t dir) {
	uint32_t end = tree_end(tree, dir), best = dir + 1;

	for (uint32_t row = dir + 1; row < end; row = tree_end(tree, row)) {
		best = sums[row] > sums[best] ? row : best;
	}
	return best;
}

/*
 * Whether it says more to name the heaviest child. A place that is unwanted as a whole (node_modules, .git)
 * is not looked into, and of one that may be (tests, data) the name will do when there is nothing else in it.
 */
static bool is_opened(
		const struct check_input *in, const uint64_t *sums, uint32_t row, uint32_t child) {
	if (sums[child] * MOST_WHOLE < sums[row] * MOST_PART) {
		return false;
	}
	switch ((enum class_advice)in->classes->marks[row].advice) {
	case ADVICE_KEEP:
		return true;
	case ADVICE_ASK:
		return sums[child] < sums[row];
	case ADVICE_EXCLUDE:
		break;
	}
	return false;
}

static uint32_t open_place(const struct check_input *in, const uint64_t *sums, uint32_t row) {
	const struct tree *tree = in->tree;

	while (entry_is_dir(tree_entry(tree, row)) && tree_end(tree, row) > row + 1) {
		uint32_t child = check_heaviest_child(tree, sums, row);
		if (!is_opened(in, sums, row, child)) {
			break;
		}
		row = child;
	}
	return row;
}

static void insert(struct check_places *out, uint32_t row, const uint64_t *sums) {
	size_t at = out->n;

	for (; at > 0 && sums[out->rows[at - 1]] < sums[row]; at--) {
		if (at < CHECK_NPLACES) {
			out->rows[at] = out->rows[at - 1];
		}
	}
	if (at < CHECK_NPLACES) {
		out->rows[at] = row;
		out->n += out->n < CHECK_NPLACES;
	}
}

void check_find_tops(struct checker *c, uint64_t *weights, struct check_places *out) {
	const struct tree *tree = c->in->tree;
	uint32_t nrows = tree_nrows(tree);

	*out = (struct check_places){ 0 };
	for (uint32_t row = nrows; row-- > 1;) {
		weights[tree_parent(tree, row)] += weights[row];
	}
	for (uint32_t row = 1; row < nrows; row = tree_end(tree, row)) {
		if (weights[row] > weights[0] / LEAST_PART) {
			insert(out, row, weights);
		}
	}
}

void check_find_places(struct checker *c, uint64_t *weights, struct check_places *out) {
	check_find_tops(c, weights, out);
	for (size_t i = 0; i < out->n; i++) {
		out->rows[i] = open_place(c->in, weights, out->rows[i]);
		out->weights[i] = weights[out->rows[i]];
	}
}
