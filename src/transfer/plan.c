/*
 * One pass over the rows in the builders' order. A directory's match states are kept by its number, and a
 * parent's number is below its child's, so no stack is needed.
 *
 *   row -> asked for? -> excluded? -> FATE_SENT, and the unsent directories it is in: FATE_PARENT
 *             no            yes
 *             v             v
 *        FATE_UNASKED   FATE_EXCLUDED     a directory: is something below it wanted? no: its rows are
 *                                         FATE_PRUNED (FATE_UNASKED), and the walk goes on behind it
 *
 * The order of the two tests, and what each lets the walk skip, is fsutil's (filter.go); classic has no
 * first test (go-archive archive.go), nor has buildah (copier.go).
 */
#include "transfer/planner.h"

#include <errno.h>

#include <stdlib.h>

/* Only the part that changed since the last one is made anew. */
struct str planner_path(struct planner *p, const struct entry *entry) {
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
	return buf_str(&p->path);
}

enum tng_code planner_decide(struct planner *p, struct filter *f, const struct entry *entry,
		struct verdict *verdict, struct tng_error *err) {
	struct str name = tree_name(p->tree, entry);
	struct str path = ignore_needs_paths(f->set) ? planner_path(p, entry) : name;
	struct ignore_dir *below = entry_is_dir(entry) ? &f->states[(uint32_t)entry->size] : NULL;

	if (buf_failed(&p->path)) {
		return error_nomem(err);
	}
	return ignore_decide(
			f->scratch, f->states[entry->parent], path, name.len, verdict, below, err);
}

void planner_send_parents(struct planner *p, uint32_t row) {
	if (p->engine != TNG_ENGINE_BUILDKIT) {
		return;
	}
	for (uint32_t up = tree_parent(p->tree, row); !fate_is_sent(p->fate[up]);
			up = tree_parent(p->tree, up)) {
		p->fate[up] = FATE_PARENT;
	}
}

static enum fate kept_fate(const struct planner *p, const struct entry *entry) {
	/* archive/tar cannot hold a socket: classic and buildah (copier.go) log that and go on */
	bool skipped = p->engine != TNG_ENGINE_BUILDKIT && entry_type(entry) == ENTRY_SOCKET;
	return skipped ? FATE_SKIPPED : FATE_SENT;
}

/* Rows below a directory that the builder does not enter. Their verdicts matter to the user only: is
 * there something that an exception wanted back? Errors are none, for the builder never gets here. */
static void prune_below(struct planner *p, uint32_t row, uint32_t decider) {
	uint32_t end = tree_end(p->tree, row);
	bool may_win = !p->is_quick && ignore_has_exceptions(p->exclude.set);

	for (uint32_t r = row + 1; r < end; r++) {
		p->fate[r] = FATE_PRUNED;
		p->decider[r] = decider;
		struct verdict verdict = { .excluded = true };
		if (may_win) {
			may_win = planner_decide(p, &p->exclude, tree_entry(p->tree, r), &verdict,
						  NULL) == TNG_OK;
			p->nunreached += may_win && !verdict.excluded;
		}
	}
}

bool planner_has_below(const struct planner *p, uint32_t row, const struct entry *entry) {
	return entry_is_dir(entry) && tree_end(p->tree, row) > row + 1;
}

static void leave_unasked(struct planner *p, uint32_t from, uint32_t end) {
	memset(p->fate + from, FATE_UNASKED, end - from);
	for (uint32_t r = from; r < end; r++) {
		p->decider[r] = IGNORE_NO_PATTERN;
	}
}

enum tng_code planner_test_include(struct planner *p, uint32_t row, const struct entry *entry,
		bool *asked, uint32_t *next, struct tng_error *err) {
	struct verdict verdict = { .pattern = IGNORE_NO_PATTERN };
	enum tng_code code = planner_decide(p, &p->include, entry, &verdict, err);

	if (code != TNG_OK) {
		return code;
	}
	*asked = verdict.excluded; /* the matcher's word for "a pattern matched" */
	if (!*asked && planner_has_below(p, row, entry) &&
			!prune_enters(&p->include.prune, planner_path(p, entry))) {
		*next = tree_end(p->tree, row);
		leave_unasked(p, row, *next);
	}
	return TNG_OK;
}

/* The second test. Sets *kept, and *next behind a directory that the builder does not enter. */
static enum tng_code test_exclude(struct planner *p, uint32_t row, const struct entry *entry,
		bool *kept, uint32_t *next, struct tng_error *err) {
	struct verdict verdict = { .pattern = IGNORE_NO_PATTERN };
	enum tng_code code = planner_decide(p, &p->exclude, entry, &verdict, err);

	if (code != TNG_OK) {
		return code;
	}
	p->decider[row] = verdict.pattern;
	*kept = !verdict.excluded;
	if (verdict.excluded && planner_has_below(p, row, entry) &&
			!prune_enters(&p->exclude.prune, planner_path(p, entry))) {
		prune_below(p, row, verdict.pattern);
		*next = tree_end(p->tree, row);
	}
	return TNG_OK;
}

/* Classic refuses what it keeps and cannot read, in a walk that enters nothing excluded; the others fail
 * wherever their walk goes (ignore-semantics 4.4, 4.6, 6.10). */
static bool is_entered(
		struct planner *p, uint32_t row, const struct entry *entry, bool asked, bool kept) {
	if (p->engine == TNG_ENGINE_CLASSIC) {
		return fate_is_sent(p->fate[row]);
	}
	return (asked || prune_enters(&p->include.prune, planner_path(p, entry))) &&
			(kept || prune_enters(&p->exclude.prune, planner_path(p, entry)));
}

enum tng_code planner_block(struct planner *p, uint32_t row, struct tng_error *err) {
	uint32_t *slot = VEC_PUSH(&p->blocked);

	if (slot == NULL) {
		return error_nomem(err);
	}
	*slot = row;
	return TNG_OK;
}

/* A directory that cannot be read, and whether that matters to the builder. */
static enum tng_code note_blocked(struct planner *p, uint32_t row, const struct entry *entry,
		bool asked, bool kept, struct tng_error *err) {
	uint8_t os_errno = entry_is_dir(entry) ? tree_dir_of(p->tree, entry)->os_errno : 0;

	if (os_errno == 0 || os_errno == ENOENT || !is_entered(p, row, entry, asked, kept)) {
		return TNG_OK;
	}
	return planner_block(p, row, err);
}

enum tng_code planner_row(struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err) {
	const struct entry *entry = tree_entry(p->tree, row);
	bool asked = true, kept = true;
	enum tng_code code = TNG_OK;

	*next = row + 1;
	if (p->include.set != NULL) {
		code = planner_test_include(p, row, entry, &asked, next, err);
		if (code != TNG_OK || *next != row + 1) {
			return code;
		}
	}
	p->decider[row] = IGNORE_NO_PATTERN;
	if (p->exclude.set != NULL) {
		code = test_exclude(p, row, entry, &kept, next, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	p->fate[row] = !kept ? FATE_EXCLUDED : asked ? (uint8_t)kept_fate(p, entry) : FATE_UNASKED;
	if (p->fate[row] == FATE_SENT) {
		planner_send_parents(p, row);
	}
	code = note_blocked(p, row, entry, asked, kept, err);
	return code == TNG_OK && buf_failed(&p->path) ? error_nomem(err) : code;
}

enum tng_code filter_init(struct planner *p, struct filter *f, struct arena *a,
		const struct ignore_set *set, enum prune_side side, struct tng_error *err) {
	if (set == NULL || ignore_npatterns(set) == 0) {
		return TNG_OK;
	}
	f->set = set;
	f->scratch = ignore_scratch_create(set);
	f->states = malloc(tree_ndirs(p->tree) * sizeof(*f->states));
	if (f->scratch == NULL || f->states == NULL) {
		return error_nomem(err);
	}
	f->states[0] = ignore_root(f->scratch);
	/* what is asked for is found in BuildKit's way, whoever asks: the others have no such test, and
	 * expand a wildcard where they have everything */
	enum tng_engine engine = side == PRUNE_INCLUDES ? TNG_ENGINE_BUILDKIT : p->engine;
	return prune_init(&f->prune, a, set, engine, side, err);
}

void filter_fini(struct filter *f) {
	ignore_scratch_destroy(f->scratch);
	free(f->states);
}

static enum tng_code plan_rows(struct planner *p, struct tng_error *err) {
	uint32_t nrows = tree_nrows(p->tree);
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < nrows && code == TNG_OK;) {
		code = p->whole != NULL ? planner_take(p, row, &row, err)
					: planner_row(p, row, &row, err);
		p->nwalked++;
	}
	return code;
}

static enum tng_code run(struct planner *p, struct arena *a, const struct ignore_set *set,
		const struct transfer_request *request, struct tng_error *err) {
	struct ignore_set *includes = NULL;
	enum tng_code code = p->whole == NULL
			? filter_init(p, &p->exclude, a, set, PRUNE_EXCEPTIONS, err)
			: TNG_OK;

	if (code == TNG_OK && request->nincludes > 0) {
		code = ignore_from_patterns(request->includes, request->nincludes, &includes, err);
	}
	if (code == TNG_OK) {
		code = filter_init(p, &p->include, a, includes, PRUNE_INCLUDES, err);
	}
	if (code == TNG_OK) {
		code = plan_rows(p, err);
	}
	filter_fini(&p->exclude);
	filter_fini(&p->include);
	ignore_destroy(includes);
	buf_fini(&p->path);
	return code;
}

static enum tng_code keep_blocked(const struct planner *p, struct arena *a,
		struct transfer_plan *plan, struct tng_error *err) {
	uint32_t *rows = arena_new(a, uint32_t, p->blocked.len);

	if (rows == NULL) {
		return error_nomem(err);
	}
	if (p->blocked.len > 0) {
		memcpy(rows, p->blocked.ptr, p->blocked.len * sizeof(*rows));
	}
	plan->blocked = rows;
	plan->nblocked = p->blocked.len;
	return TNG_OK;
}

enum tng_code transfer_plan(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		const struct transfer_request *request, struct transfer_plan *out,
		struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	struct planner p = {
		.tree = tree,
		.engine = request->engine,
		.decider = arena_new(a, uint32_t, nrows),
		.fate = arena_new(a, uint8_t, nrows),
		.path_dir = UINT32_MAX,
		.is_quick = request->is_quick,
		.whole = request->nincludes > 0 ? request->whole : NULL,
	};

	if (p.decider == NULL || p.fate == NULL) {
		return error_nomem(err);
	}
	p.decider[0] = IGNORE_NO_PATTERN;
	p.fate[0] = FATE_SENT;
	struct transfer_plan plan = {
		.decider = p.decider,
		.fate = p.fate,
		.nincludes = (uint32_t)request->nincludes,
	};
	enum tng_code code = run(&p, a, set, request, err);
	if (code == TNG_OK) {
		plan.nunreached = p.nunreached;
		plan.nwalked = p.nwalked;
		code = keep_blocked(&p, a, &plan, err);
	}
	free(p.blocked.ptr);
	if (code == TNG_OK) {
		code = p.whole != NULL ? weigh_asked(a, tree, p.whole, &plan, err)
				       : weigh(a, tree, set, &plan, err);
	}
	if (code == TNG_OK) {
		*out = plan;
	}
	return code;
}
