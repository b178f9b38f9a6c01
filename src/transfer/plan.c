/*
 * One pass over the rows in the builders' order. A directory's match state is kept by its number, and a
 * parent's number is below its child's, so no stack is needed.
 *
 *   row ─▶ verdict ─▶ kept                          FATE_SENT (and its excluded parents: FATE_PARENT)
 *                 └▶ excluded, entered or a file    FATE_EXCLUDED
 *                 └▶ excluded directory, not entered: its rows are FATE_PRUNED
 */
#include "transfer/internal.h"
#include "util/buf.h"
#include "util/path.h"

#include <stdlib.h>

struct planner {
	const struct tree *tree;
	const struct ignore_set *set;
	struct ignore_scratch *scratch;
	struct prune prune;
	enum tng_engine engine;
	struct ignore_dir *states; /* per directory number */
	uint32_t *decider;
	uint8_t *fate;
	uint64_t nunreached;

	struct buf path;     /* of the entry at hand, when patterns or pruning need it */
	uint32_t path_dir;   /* the directory whose path is in front of it */
	size_t path_dir_len; /* its length, slash included */
};

/* The path of a row; only the part that changed since the last one is made anew. */
static struct str row_path(struct planner *p, uint32_t row, const struct entry *entry) {
	if (p->path_dir != entry->parent) {
		buf_clear(&p->path);
		tree_path(p->tree, tree_dir(p->tree, entry->parent)->row, &p->path);
		if (p->path.len > 0) {
			buf_putc(&p->path, '/');
		}
		p->path_dir = entry->parent;
		p->path_dir_len = p->path.len;
	}
	p->path.len = p->path_dir_len;
	buf_append(&p->path, tree_name(p->tree, entry));
	(void)row;
	return buf_str(&p->path);
}

static enum tng_code decide(struct planner *p, uint32_t row, const struct entry *entry,
		struct verdict *verdict, struct tng_error *err) {
	struct str name = tree_name(p->tree, entry);
	struct str path = ignore_needs_paths(p->set) ? row_path(p, row, entry) : name;
	struct ignore_dir *below = entry_is_dir(entry) ? &p->states[(uint32_t)entry->size] : NULL;

	if (buf_failed(&p->path)) {
		return error_nomem(err);
	}
	return ignore_decide(
			p->scratch, p->states[entry->parent], path, name.len, verdict, below, err);
}

/* An entry is sent: so are, before it, the excluded directories it is in (fsutil filter.go). */
static void send_parents(struct planner *p, uint32_t row) {
	if (p->engine != TNG_ENGINE_BUILDKIT) {
		return;
	}
	for (uint32_t up = tree_parent(p->tree, row); p->fate[up] == FATE_EXCLUDED;
			up = tree_parent(p->tree, up)) {
		p->fate[up] = FATE_PARENT;
	}
}

static enum fate kept_fate(const struct planner *p, const struct entry *entry) {
	/* archive/tar cannot hold a socket: classic logs that and goes on */
	bool skipped = p->engine == TNG_ENGINE_CLASSIC && entry_type(entry) == ENTRY_SOCKET;
	return skipped ? FATE_SKIPPED : FATE_SENT;
}

/* Rows below a directory that the builder does not enter. Their verdicts matter to the user only: is
 * there something that an exception wanted back? Errors are none, for the builder never gets here. */
static void prune_below(struct planner *p, uint32_t row, uint32_t decider) {
	uint32_t end = tree_end(p->tree, row);
	bool may_win = p->prune.has_exceptions;

	for (uint32_t r = row + 1; r < end; r++) {
		p->fate[r] = FATE_PRUNED;
		p->decider[r] = decider;
		struct verdict verdict = { .excluded = true };
		if (may_win) {
			may_win = decide(p, r, tree_entry(p->tree, r), &verdict, NULL) == TNG_OK;
			p->nunreached += may_win && !verdict.excluded;
		}
	}
}

/* Decides one row; *next is the row to go on with. */
static enum tng_code plan_row(
		struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err) {
	const struct entry *entry = tree_entry(p->tree, row);
	struct verdict verdict;
	enum tng_code code = decide(p, row, entry, &verdict, err);

	*next = row + 1;
	if (code != TNG_OK) {
		return code;
	}
	p->decider[row] = verdict.pattern;
	if (!verdict.excluded) {
		p->fate[row] = (uint8_t)kept_fate(p, entry);
		if (p->fate[row] == FATE_SENT) {
			send_parents(p, row);
		}
		return TNG_OK;
	}
	p->fate[row] = FATE_EXCLUDED;
	if (entry_is_dir(entry) && tree_end(p->tree, row) > row + 1) {
		bool enters = p->prune.has_exceptions &&
				prune_enters(&p->prune, row_path(p, row, entry));
		if (!enters) {
			prune_below(p, row, verdict.pattern);
			*next = tree_end(p->tree, row);
		}
	}
	return buf_failed(&p->path) ? error_nomem(err) : TNG_OK;
}

static enum tng_code plan_rows(struct planner *p, struct tng_error *err) {
	uint32_t nrows = tree_nrows(p->tree);
	enum tng_code code = TNG_OK;

	p->states[0] = ignore_root(p->scratch);
	for (uint32_t row = 1; row < nrows && code == TNG_OK;) {
		code = plan_row(p, row, &row, err);
	}
	return code;
}

/* No patterns: all is kept. */
static void keep_all(struct planner *p) {
	uint32_t nrows = tree_nrows(p->tree);

	memset(p->decider, 0xFF, nrows * sizeof(*p->decider));
	for (uint32_t row = 1; row < nrows; row++) {
		p->fate[row] = (uint8_t)kept_fate(p, tree_entry(p->tree, row));
	}
}

static enum tng_code plan_with(struct planner *p, struct arena *a, struct tng_error *err) {
	enum tng_code code = prune_init(&p->prune, a, p->set, p->engine, err);

	if (code != TNG_OK) {
		return code;
	}
	p->scratch = ignore_scratch_create(p->set);
	p->states = malloc(tree_ndirs(p->tree) * sizeof(*p->states));
	code = p->scratch != NULL && p->states != NULL ? plan_rows(p, err) : error_nomem(err);
	ignore_scratch_destroy(p->scratch);
	free(p->states);
	buf_fini(&p->path);
	return code;
}

enum tng_code transfer_plan(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		const struct transfer_request *request, struct transfer_plan *out,
		struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	enum tng_code code = TNG_OK;
	struct planner p = {
		.tree = tree,
		.set = set,
		.engine = request->engine,
		.decider = arena_new(a, uint32_t, nrows),
		.fate = arena_new(a, uint8_t, nrows),
		.path_dir = UINT32_MAX,
	};

	if (p.decider == NULL || p.fate == NULL) {
		return error_nomem(err);
	}
	p.decider[0] = IGNORE_NO_PATTERN;
	p.fate[0] = FATE_SENT;
	if (set == NULL || ignore_npatterns(set) == 0) {
		keep_all(&p);
	} else {
		code = plan_with(&p, a, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	struct transfer_plan plan = {
		.decider = p.decider,
		.fate = p.fate,
		.nunreached = p.nunreached,
	};
	code = weigh(a, tree, set, &plan, err);
	if (code == TNG_OK) {
		*out = plan;
	}
	return code;
}
