/*
 * A plan again, in part: for the patterns as they are with some of them left out. All that is long to make is
 * made once; what is known of a directory bears the number of the run that found it.
 */
#include "transfer/planner.h"

#include <stdlib.h>

struct transfer_replanner {
	struct planner p;
	struct arena *arena; /* of the filter */
	uint32_t run;
	/* by directory number: the run in which ... */
	uint32_t *known;   /* ... its states were made */
	uint32_t *checked; /* ... its FATE_PARENT was looked at */
	uint32_t *way;     /* work memory: directories to be entered, the deepest first */
};

static bool has_memory(const struct transfer_replanner *r) {
	return r->arena != NULL && r->known != NULL && r->checked != NULL && r->way != NULL &&
			r->p.decider != NULL;
}

static enum tng_code init(struct transfer_replanner *r, const struct tree *tree,
		const struct ignore_set *set, enum tng_engine engine, struct tng_error *err) {
	uint32_t ndirs = tree_ndirs(tree);

	*r = (struct transfer_replanner){
		.p = { .tree = tree,
				.engine = engine,
				.decider = malloc(tree_nrows(tree) * sizeof(*r->p.decider)),
				.path_dir = UINT32_MAX,
				.is_quick = true },
		.arena = arena_create(),
		.known = calloc(ndirs, sizeof(*r->known)),
		.checked = calloc(ndirs, sizeof(*r->checked)),
		.way = malloc(ndirs * sizeof(*r->way)),
	};
	return has_memory(r)
			? filter_init(&r->p, &r->p.exclude, r->arena, set, PRUNE_EXCEPTIONS, err)
			: error_nomem(err);
}

enum tng_code transfer_replanner_create(const struct tree *tree, const struct ignore_set *set,
		enum tng_engine engine, struct transfer_replanner **out, struct tng_error *err) {
	struct transfer_replanner *r = malloc(sizeof(*r));

	if (r == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = init(r, tree, set, engine, err);
	if (code != TNG_OK) {
		transfer_replanner_destroy(r);
		return code;
	}
	*out = r;
	return TNG_OK;
}

void transfer_replanner_destroy(struct transfer_replanner *r) {
	if (r == NULL) {
		return;
	}
	filter_fini(&r->p.exclude);
	free(r->p.decider);
	free(r->p.blocked.ptr);
	buf_fini(&r->p.path);
	arena_destroy(r->arena);
	free(r->known);
	free(r->checked);
	free(r->way);
	free(r);
}

void transfer_leave_out(struct transfer_replanner *r, uint32_t pattern, bool is_out) {
	if (r->p.exclude.set != NULL) {
		ignore_leave_out(r->p.exclude.scratch, pattern, is_out);
		prune_leave_out(&r->p.exclude.prune, pattern, is_out);
	}
}

/* The states of a directory outside of the subtrees: those of the directories it is in come first. */
static enum tng_code enter_dir(struct transfer_replanner *r, uint32_t dir, struct tng_error *err) {
	enum tng_code code = TNG_OK;
	size_t n = 0;

	for (; r->known[dir] != r->run; dir = tree_dir(r->p.tree, dir)->parent) {
		r->way[n++] = dir;
	}
	for (; n > 0 && code == TNG_OK; n--) {
		uint32_t row = tree_dir(r->p.tree, r->way[n - 1])->row;
		struct verdict ignored;
		r->known[r->way[n - 1]] = r->run;
		code = planner_decide(
				&r->p, &r->p.exclude, tree_entry(r->p.tree, row), &ignored, err);
	}
	return code;
}

static enum tng_code replan_below(
		struct transfer_replanner *r, uint32_t top, struct tng_error *err) {
	uint32_t end = tree_end(r->p.tree, top);
	enum tng_code code = TNG_OK;

	if (r->p.exclude.set != NULL) {
		code = enter_dir(r, tree_entry(r->p.tree, top)->parent, err);
	}
	for (uint32_t row = top; row < end && code == TNG_OK;) {
		code = planner_row(&r->p, row, &row, err);
	}
	return code;
}

/* Directories above that were sent for what is below them, and may have lost it. */
static void check_parents(struct transfer_replanner *r, uint32_t top) {
	const struct tree *tree = r->p.tree;
	uint8_t *fate = r->p.fate;

	for (uint32_t up = tree_parent(tree, top); up != 0; up = tree_parent(tree, up)) {
		uint32_t dir = (uint32_t)tree_entry(tree, up)->size, end = tree_end(tree, up);
		if (r->checked[dir] == r->run) {
			return;
		}
		r->checked[dir] = r->run;
		if (fate[up] == FATE_PARENT) {
			const uint8_t *sent = memchr(fate + up, FATE_SENT, end - up);
			fate[up] = sent != NULL ? FATE_PARENT : FATE_EXCLUDED;
		}
	}
}

enum tng_code transfer_replan(struct transfer_replanner *r, const uint32_t *tops, size_t ntops,
		uint8_t *fate, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	r->run++;
	r->known[0] = r->run;
	r->p.fate = fate;
	r->p.blocked.len = 0;
	for (size_t i = 0; i < ntops && code == TNG_OK; i++) {
		code = replan_below(r, tops[i], err);
	}
	for (size_t i = 0; i < ntops && code == TNG_OK; i++) {
		check_parents(r, tops[i]);
	}
	return code;
}

/* An excluded directory that is entered with the exception, and not without. */
static bool hangs_on(const struct transfer_replanner *r, struct str start, size_t len,
		const uint8_t *fate, uint32_t *row) {
	const struct prune *prune = &r->p.exclude.prune;
	struct str dir = str_take(start, len);
	bool is_start = len == start.len || start.ptr[len] == '/' || prune->any_start;

	if (!is_start || str_ends(dir, STR("/")) || prune_enters(prune, dir)) {
		return false;
	}
	*row = tree_find(r->p.tree, dir);
	return *row != TREE_NO_ROW && entry_is_dir(tree_entry(r->p.tree, *row)) &&
			(fate[*row] == FATE_EXCLUDED || fate[*row] == FATE_PARENT);
}

enum tng_code transfer_entered_for(struct arena *a, const struct transfer_replanner *r,
		const uint8_t *fate, const struct ignore_pattern *exception, uint32_t **rows,
		size_t *n, bool *is_all, struct tng_error *err) {
	struct str start = prune_start_of(r->p.engine, exception);
	uint32_t row;

	*n = 0;
	*is_all = transfer_enters_all(r->p.engine, exception) && r->p.exclude.prune.nwild == 0;
	if (*is_all || r->p.exclude.prune.nwild > 0) {
		return TNG_OK;
	}
	*rows = arena_new(a, uint32_t, start.len);
	if (*rows == NULL) {
		return error_nomem(err);
	}
	for (size_t len = 1; len <= start.len; len++) {
		if (hangs_on(r, start, len, fate, &row)) {
			(*rows)[(*n)++] = row;
		}
	}
	return TNG_OK;
}
