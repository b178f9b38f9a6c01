/*
 * A text under one engine: parsed as the engine reads it, planned as the engine walks, and turned into
 * what the comparison needs to know of each row.
 */
#include "verify/internal.h"

#include <stdlib.h>

struct weigher {
	const struct tree *tree;
	const struct hard_link *links; /* the next one to meet */
	uint32_t nlinks;
	uint8_t *groups; /* per group of hard links: some name counts already */
	uint8_t *dirs;   /* per directory: it counts already */
	struct weight *weight;
};

/* Whether a row is the first name of its file among those that count; in row order. */
static bool is_first_name(struct weigher *w, uint32_t row) {
	while (w->nlinks > 0 && w->links->row < row) {
		w->links++;
		w->nlinks--;
	}
	if (w->nlinks == 0 || w->links->row != row) {
		return true;
	}
	uint8_t *group = &w->groups[w->links->group];
	bool first = *group == 0;
	*group = 1;
	return first;
}

static void count(struct weigher *w, uint32_t row) {
	const struct entry *entry = tree_entry(w->tree, row);
	bool is_link = entry_type(entry) == ENTRY_SYMLINK;
	struct weight *sum = w->weight;

	sum->nentries++;
	sum->nfiles += entry_is_file(entry);
	sum->ndirs += entry_is_dir(entry);
	sum->nsymlinks += is_link;
	sum->nothers += !entry_is_file(entry) && !entry_is_dir(entry) && !is_link;
	if (entry_is_dir(entry)) {
		w->dirs[(uint32_t)entry->size] = 1;
	}
	if (entry_is_file(entry) && is_first_name(w, row)) {
		sum->bytes += entry->size;
		sum->allocated += tree_allocated(w->tree, row);
	}
}

/* The directories that BuildKit sends for the sake of a row. */
static void count_parents(struct weigher *w, uint32_t row) {
	for (uint32_t up = tree_parent(w->tree, row);; up = tree_parent(w->tree, up)) {
		const struct entry *entry = tree_entry(w->tree, up);
		if (up == 0 || w->dirs[(uint32_t)entry->size] != 0) {
			return;
		}
		count(w, up);
	}
}

static void weigh_asked(struct weigher *w, const uint8_t *asked, enum tng_engine engine,
		const struct transfer_plan *plan) {
	uint32_t nrows = tree_nrows(w->tree);

	for (uint32_t row = 1; row < nrows; row++) {
		if (asked[row] == 0 || plan->fate[row] != FATE_SENT) {
			continue;
		}
		if (engine == TNG_ENGINE_BUILDKIT) {
			count_parents(w, row);
		}
		count(w, row);
	}
}

/* The weight of those rows of a plan that some source asks for. */
static enum tng_code weigh_requested(const struct judge *j, enum tng_engine engine,
		const struct transfer_plan *plan, struct weight *out, struct tng_error *err) {
	struct weigher w = { .tree = j->input->tree, .weight = out };

	*out = plan->eligible;
	if (j->asked_by_any == NULL) {
		return TNG_OK;
	}
	*out = (struct weight){ 0 };
	w.links = tree_hard_links(w.tree, &w.nlinks);
	w.groups = calloc((size_t)w.nlinks + 1, 1);
	w.dirs = calloc(tree_ndirs(w.tree), 1);
	bool ready = w.groups != NULL && w.dirs != NULL;
	if (ready) {
		weigh_asked(&w, j->asked_by_any, engine, plan);
	}
	free(w.groups);
	free(w.dirs);
	return ready ? TNG_OK : error_nomem(err);
}

static void mark_there(const struct tree *tree, uint8_t *rows, uint32_t row) {
	for (uint32_t up = row; (rows[up] & ROW_THERE) == 0; up = tree_parent(tree, up)) {
		rows[up] |= ROW_THERE;
	}
}

static void mark_rows(
		const struct tree *tree, const struct transfer_plan *plan, struct judgment *out) {
	uint32_t nrows = tree_nrows(tree);

	out->rows[0] = ROW_SENT | ROW_THERE;
	for (uint32_t row = 1; row < nrows; row++) {
		if (fate_is_sent(plan->fate[row])) {
			mark_there(tree, out->rows, row);
			out->rows[row] |= ROW_SENT;
		}
		out->nlooked += plan->fate[row] != FATE_PRUNED;
	}
}

static enum tng_code mark_empty(const struct judge *j, const struct transfer_plan *plan,
		struct judgment *out, struct tng_error *err) {
	struct transfer_empty *empty;
	size_t n;
	uint8_t *rows = out->rows;
	enum tng_code code = transfer_find_empty(
			j->arena, -1, j->input->tree, plan, out->set, &empty, &n, err);

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		rows[empty[i].row] |= ROW_EMPTY;
		out->nempty++;
	}
	return code;
}

enum tng_code judge_plan(const struct judge *j, enum tng_engine engine,
		const struct transfer_plan *plan, struct judgment *out, struct tng_error *err) {
	out->rows = arena_new(j->arena, uint8_t, tree_nrows(j->input->tree));
	if (out->rows == NULL) {
		return error_nomem(err);
	}
	mark_rows(j->input->tree, plan, out);
	return engine == TNG_ENGINE_BUILDKIT ? mark_empty(j, plan, out, err) : TNG_OK;
}

/* The set is the judgment's from here on. */
static enum tng_code judge_set(const struct judge *j, const struct transfer_request *request,
		struct ignore_set *set, struct judgment *out, struct tng_error *err) {
	struct transfer_plan plan;

	*out = (struct judgment){ .set = set, .own_set = set };
	enum tng_code code = transfer_plan(j->arena, j->input->tree, set, request, &plan, err);
	if (code == TNG_OK) {
		out->decider = plan.decider;
		out->eligible = plan.eligible;
		code = judge_plan(j, request->engine, &plan, out, err);
	}
	if (code == TNG_OK) {
		code = weigh_requested(j, request->engine, &plan, &out->requested, err);
	}
	return code;
}

/* Whether two sets of one text got the same patterns from the engine; those are at the end. */
static bool is_same_set(const struct ignore_set *a, const struct ignore_set *b) {
	uint32_t n = a != NULL ? ignore_npatterns(a) : 0;

	if (n != (b != NULL ? ignore_npatterns(b) : 0)) {
		return false;
	}
	for (; n > 0 && ignore_pattern(a, n - 1)->line == 0; n--) {
		if (!str_eq(ignore_pattern(a, n - 1)->text, ignore_pattern(b, n - 1)->text)) {
			return false;
		}
	}
	return true;
}

static enum tng_code judge_build(const struct judge *j, const struct transfer_request *request,
		const struct str *text, struct judged *out, const struct judgment **of_build,
		struct tng_error *err) {
	struct ignore_set *set = NULL;
	enum tng_code code = text != NULL ? transfer_patterns(*text, request, &set, err) : TNG_OK;

	if (code != TNG_OK) {
		return code;
	}
	for (size_t i = 0; i < out->nlists; i++) {
		if (is_same_set(out->lists[i].set, set)) {
			ignore_destroy(set);
			*of_build = &out->lists[i];
			return TNG_OK;
		}
	}
	*of_build = &out->lists[out->nlists];
	return judge_set(j, request, set, &out->lists[out->nlists++], err);
}

enum tng_code judge_text(const struct judge *j, enum tng_engine engine, const struct str *text,
		struct judged *out, struct tng_error *err) {
	size_t n = j->input->nbuilds > 0 ? j->input->nbuilds : 1;
	struct tng_error bad = { 0 };
	enum tng_code code = TNG_OK;

	*out = (struct judged){
		.lists = arena_new(j->arena, struct judgment, n),
		.of_build = arena_new(j->arena, const struct judgment *, n),
	};
	if (out->lists == NULL || out->of_build == NULL) {
		return error_nomem(err);
	}
	for (size_t b = 0; b < n && code == TNG_OK; b++) {
		struct transfer_request request = { .engine = engine, .is_quick = true };
		if (b > 0 && engine != TNG_ENGINE_CLASSIC) {
			out->of_build[b] = out->of_build[0]; /* only classic minds the Dockerfile */
			continue;
		}
		if (j->input->nbuilds > 0) {
			request.dockerfile = j->input->builds[b].dockerfile;
		}
		code = judge_build(j, &request, text, out, &out->of_build[b], &bad);
	}
	if (code == TNG_ESYNTAX || code == TNG_ELIMIT) {
		out->bad = bad;
		return TNG_OK;
	}
	return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
}

void judged_fini(struct judged *judged) {
	for (size_t i = 0; i < judged->nlists; i++) {
		ignore_destroy(judged->lists[i].own_set);
	}
	judged->nlists = 0;
}
