/*
 * Two judgments side by side. Rows that are gone are few as a rule, so they are listed first, once for all
 * builds of these judgments; then each source looks through the list.
 */
#include "util/buf.h"
#include "verify/internal.h"

#include <stdlib.h>

struct comparer {
	const struct comparison *what;
	const struct judgment *before, *after; /* of the builds at hand */
	struct loss_list *list;
	uint32_t *gone; /* rows, ascending */
	size_t ngone;
	uint32_t *slots; /* per pattern of `after`, twice (gone, empty): number of its loss + 1 */
	uint32_t npatterns;
	struct ignore_scratch *scratch; /* of `after`; made when it is needed */
	struct buf path;
};

static uint8_t bits_before(const struct comparer *c, uint32_t row) {
	return c->before != NULL ? c->before->rows[row] : ROW_SENT | ROW_THERE;
}

static bool is_emptied(const struct comparer *c, uint32_t row) {
	return (c->after->rows[row] & ROW_THERE) != 0;
}

static bool is_gone(const struct comparer *c, uint32_t row) {
	uint8_t before = bits_before(c, row), after = c->after->rows[row];

	if ((before & ROW_THERE) == 0 ||
			(c->what->input->may_go != NULL && c->what->input->may_go[row] != 0)) {
		return false;
	}
	bool emptied = (after & ROW_EMPTY) != 0 && (before & ROW_EMPTY) == 0;
	return (after & ROW_THERE) == 0 || emptied;
}

static enum tng_code list_gone(struct comparer *c, struct tng_error *err) {
	uint32_t nrows = tree_nrows(c->what->input->tree);

	for (uint32_t row = 1; row < nrows; row++) {
		c->ngone += is_gone(c, row);
	}
	c->gone = malloc((c->ngone + 1) * sizeof(*c->gone));
	c->npatterns = c->after->set != NULL ? ignore_npatterns(c->after->set) : 0;
	c->slots = calloc((size_t)c->npatterns * 2 + 1, sizeof(*c->slots));
	if (c->gone == NULL || c->slots == NULL) {
		return error_nomem(err);
	}
	c->ngone = 0;
	for (uint32_t row = 1; row < nrows; row++) {
		if (is_gone(c, row)) {
			c->gone[c->ngone++] = row;
		}
	}
	return TNG_OK;
}

static bool has_rows_left(const struct comparer *c, const struct need *need) {
	uint32_t end = need->asked.rows != NULL ? tree_nrows(c->what->input->tree)
						: need->asked.end;

	for (uint32_t row = need->asked.rows != NULL ? 1 : need->asked.first; row < end; row++) {
		if (asked_for(&need->asked, row) && (c->after->rows[row] & ROW_THERE) != 0) {
			return true;
		}
	}
	return false;
}

/* The pattern that the whole path's evaluation, which BuildKit opens files by, comes to. */
static uint32_t empty_culprit(struct comparer *c, uint32_t row) {
	struct verdict verdict = { .pattern = IGNORE_NO_PATTERN };

	if (c->scratch == NULL) {
		c->scratch = ignore_scratch_create(c->after->set);
	}
	buf_clear(&c->path);
	tree_path(c->what->input->tree, row, &c->path);
	bool decided = c->scratch != NULL && !buf_failed(&c->path) &&
			ignore_decide_whole_path(c->scratch, buf_str(&c->path), &verdict, NULL) ==
					TNG_OK;
	return decided ? verdict.pattern : c->after->decider[row];
}

static uint32_t culprit(struct comparer *c, uint32_t row) {
	return is_emptied(c, row) ? empty_culprit(c, row) : c->after->decider[row];
}

static struct verify_loss *add_loss(struct loss_list *list) {
	struct verify_loss *loss = list->n < VERIFY_LOSSES_MAX ? &list->ptr[list->n++] : NULL;

	list->nall++;
	return loss;
}

/* The loss that a row belongs to, made when it is the first one; NULL: past what is kept. */
static struct verify_loss *loss_of(
		struct comparer *c, const struct need *need, uint32_t row, uint32_t pattern) {
	bool empty = is_emptied(c, row);
	uint32_t *slot = &c->slots[pattern == IGNORE_NO_PATTERN ? c->npatterns * 2
								: pattern * 2 + empty];

	if (*slot != 0) {
		return *slot <= c->list->n ? &c->list->ptr[*slot - 1] : NULL;
	}
	struct verify_loss *loss = add_loss(c->list);
	*slot = loss != NULL ? (uint32_t)c->list->n : UINT32_MAX;
	if (loss != NULL) {
		*loss = (struct verify_loss){
			.engine = c->what->engine,
			.build = need->build,
			.source = need->source,
			.pattern = pattern,
			.line = pattern != IGNORE_NO_PATTERN
					? ignore_pattern(c->after->set, pattern)->line
					: 0,
			.row = row,
			.is_empty = empty,
		};
	}
	return loss;
}

/* Where the rows that are gone begin that this source may read. */
static size_t first_gone(const struct comparer *c, const struct need *need) {
	size_t low = 0, high = need->asked.rows == NULL ? c->ngone : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->gone[middle] < need->asked.first) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* The losses of one source; a second list of slots would be the same, so they are wiped. */
static void compare_source(struct comparer *c, const struct need *need) {
	size_t first = c->list->n;
	bool any = false;

	memset(c->slots, 0, ((size_t)c->npatterns * 2 + 1) * sizeof(*c->slots));
	for (size_t i = first_gone(c, need); i < c->ngone; i++) {
		uint32_t row = c->gone[i];
		if (need->asked.rows == NULL && row >= need->asked.end) {
			break;
		}
		if (!asked_for(&need->asked, row)) {
			continue;
		}
		const struct entry *entry = tree_entry(c->what->input->tree, row);
		struct verify_loss *loss = loss_of(c, need, row, culprit(c, row));
		any = true;
		if (c->list->lost != NULL) {
			c->list->lost[row] |= (uint8_t)(1U << c->what->engine);
		}
		if (loss != NULL) {
			loss->nrows++;
			loss->bytes += entry_is_file(entry) ? entry->size : 0;
		}
	}
	bool is_whole_source = any && !need->is_whole && !has_rows_left(c, need);
	for (size_t i = first; i < c->list->n; i++) {
		c->list->ptr[i].is_whole_source = is_whole_source;
	}
}

static void close_sides(struct comparer *c) {
	ignore_scratch_destroy(c->scratch);
	buf_fini(&c->path);
	free(c->gone);
	free(c->slots);
}

/* The judgments of a build; those of the one before it are kept where they are the same. */
static enum tng_code open_sides(struct comparer *c, uint32_t build, struct tng_error *err) {
	const struct judgment *after = c->what->after[build];
	const struct judgment *before = c->what->before != NULL ? c->what->before[build] : NULL;

	if (c->gone != NULL && c->before == before && c->after == after) {
		return TNG_OK;
	}
	close_sides(c);
	*c = (struct comparer){
		.what = c->what,
		.before = before,
		.after = after,
		.list = c->list,
	};
	enum tng_code code = list_gone(c, err);
	if (code == TNG_OK && c->list->ptr == NULL && c->ngone > 0) {
		c->list->ptr = arena_new(c->list->arena, struct verify_loss, VERIFY_LOSSES_MAX);
		code = c->list->ptr != NULL ? TNG_OK : error_nomem(err);
	}
	return code;
}

enum tng_code compare_builds(
		const struct comparison *what, struct loss_list *list, struct tng_error *err) {
	struct comparer c = { .what = what, .list = list };
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < what->nneeds && code == TNG_OK; i++) {
		const struct need *need = &what->needs[i];
		if (what->before == NULL && need->is_whole) {
			continue;
		}
		code = open_sides(&c, need->build, err);
		if (code == TNG_OK && c.ngone > 0) {
			compare_source(&c, need);
		}
	}
	close_sides(&c);
	return code;
}
