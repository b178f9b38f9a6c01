/*
 * The last commits again, without a checkout and without a tree for each: the paths that they changed go,
 * with those of HEAD, into one tree, on which the ignore file and the sources are evaluated once.
 *
 *   commits ─▶ changed paths ─▶ union of the trees ─▶ what each instruction selects ─▶ busts ─▶ cascade
 *
 * That is right as long as a path is the same thing in all commits: whether an instruction selects it does
 * not hang on what lies beside it. Where a path becomes something else (a file a directory, a link one to
 * elsewhere) or a link comes or goes, the union ends, and another begins with the older commits: an epoch. The commit in between
 * belongs to both, its older side to the older one.
 */
#include "analysis/history_steps.h"

#include "util/slots.h"

#include <limits.h>
#include <stdlib.h>

/* Changes of one epoch, at most: what bounds its memory. */
#define EPOCH_MAX_CHANGES ((size_t)1 << 21)
#define NO_PATH UINT32_MAX

/* A path that was seen; one number in all epochs. */
struct seen_path {
	struct str path;
	uint32_t epoch; /* that it is in, from 1 */
	enum entry_type type;
	struct str target;
	uint32_t row; /* in the epoch's tree; set once that is there */
	bool is_needless;
	uint64_t installs; /* bit i: installs[i] reads it */
};

/* A change: `is_dir` counts only where the directory itself is sent. */
struct change {
	uint32_t path;
	bool was, is; /* there */
	bool is_dir;
	enum entry_type type_was, type_is;
	struct str target_was, target_is;
};

struct noted {
	uint32_t path;
};

/* What is known of a commit once its paths are looked at. */
struct verdict_of {
	bool *own, *needed; /* per step: busted; through a path that is not needless */
	uint64_t installs;  /* whose manifests it touches */
};

struct count {
	uint32_t n, last; /* commits; the number of the last one that counted, from 1 */
};

struct try_move {
	uint32_t step, before; /* the RUN, and what the copy would stand before */
	uint32_t install;
	uint32_t nkept;
};

/* Changes of one side of a commit, in the epoch at hand. */
struct turn {
	uint32_t commit;
	size_t first, n; /* of the epoch's notes */
	bool is_last;    /* with this the commit is known */
};

struct replay {
	struct arena *a;
	const struct analysis *an;
	struct needless *needless; /* NULL: not known */
	const struct install *installs;
	size_t ninstalls;
	struct steps steps;
	bool links_matter;
	uint32_t git_path;   /* ".git", where it is a directory of the context */
	struct arena *texts; /* of one commit */
	struct {
		VEC_FIELDS(struct seen_path)
	} paths;
	struct slots slots;
	uint32_t epoch;
	struct {
		VEC_FIELDS(struct change)
	} changes; /* of the commit at hand */
	struct {
		VEC_FIELDS(struct noted)
	} notes;
	struct {
		VEC_FIELDS(struct turn)
	} turns;
	struct {
		VEC_FIELDS(struct history_commit)
	} commits;
	struct {
		VEC_FIELDS(struct try_move)
	} moves;
	struct verdict_of now;
	bool *rebuilt;
	struct count **counts; /* per step: per path */
	size_t *ncounts;
	struct history_step *shown; /* per step */
	uint32_t *ntouched;         /* per install */
	struct history *out;
	struct tng_error *err;
};

/* ---- paths */

static uint64_t hash_path(const void *table, uint32_t row) {
	return str_hash(((const struct seen_path *)table)[row].path);
}

static uint32_t intern(struct replay *r, struct str path) {
	if (!slots_grow(&r->slots, (uint32_t)r->paths.len, hash_path, r->paths.ptr)) {
		return NO_PATH;
	}
	uint32_t slot = (uint32_t)str_hash(path) & r->slots.mask;
	while (r->slots.ptr[slot] != SLOTS_FREE) {
		if (str_eq(r->paths.ptr[r->slots.ptr[slot]].path, path)) {
			return r->slots.ptr[slot];
		}
		slot = (slot + 1) & r->slots.mask;
	}
	struct str copy = arena_copy(r->a, path);
	struct seen_path *new = copy.ptr != NULL ? VEC_PUSH(&r->paths) : NULL;
	if (new == NULL) {
		return NO_PATH;
	}
	new->path = copy;
	for (size_t i = 0; i < r->ninstalls && i < 64; i++) {
		new->installs |= install_reads(&r->installs[i], copy) ? UINT64_C(1) << i : 0;
	}
	r->slots.ptr[slot] = (uint32_t)r->paths.len - 1;
	return r->slots.ptr[slot];
}

/* Into the epoch's union. False: out of memory. */
static bool enter(struct replay *r, uint32_t path, enum entry_type type, struct str target) {
	struct seen_path *p = &r->paths.ptr[path];

	if (p->epoch == r->epoch) {
		return true;
	}
	p->epoch = r->epoch;
	p->type = type;
	p->target = target.len > 0 ? arena_copy(r->a, target) : STR("");
	return p->target.ptr != NULL;
}

/* A source that leads through a link asks for other paths where the link is not there. */
static bool makes_or_takes_link(const struct change *c) {
	return c->was != c->is && (c->was ? c->type_was : c->type_is) == ENTRY_SYMLINK;
}

/* Whether an older side is something else than the union has. */
static bool clashes(const struct replay *r, const struct change *c) {
	const struct seen_path *p = &r->paths.ptr[c->path];

	if (r->links_matter && makes_or_takes_link(c)) {
		return true;
	}
	return c->was && p->epoch == r->epoch &&
			(p->type != c->type_was ||
					(r->links_matter && p->type == ENTRY_SYMLINK &&
							!str_eq(p->target, c->target_was)));
}

/* ---- commits come in */

static enum tng_code take_change(
		void *user, const struct vcs_change *change, struct tng_error *err) {
	struct replay *r = user;
	uint32_t path = intern(r, change->path);
	struct change *c = path != NO_PATH ? VEC_PUSH(&r->changes) : NULL;

	if (c == NULL) {
		return error_nomem(err);
	}
	*c = (struct change){
		.path = path,
		.was = change->before.is_there,
		.is = change->after.is_there,
		.type_was = change->before.type,
		.type_is = change->after.type,
		.target_was = change->before.target,
		.target_is = change->after.target,
	};
	return TNG_OK;
}

static enum tng_code take_entry(
		void *user, const struct vcs_change *change, struct tng_error *err) {
	struct replay *r = user;
	uint32_t path = intern(r, change->path);

	return path != NO_PATH && enter(r, path, change->after.type, change->after.target)
			? TNG_OK
			: error_nomem(err);
}

/* The database of a checkout, which every commit changes; of a linked worktree it is a file that stays. */
static bool enter_git(struct replay *r) {
	if (tree_find(r->an->tree, STR(".git/HEAD")) == TREE_NO_ROW) {
		r->git_path = NO_PATH;
		return true;
	}
	r->git_path = intern(r, STR(".git"));
	uint32_t head = intern(r, STR(".git/HEAD"));
	return r->git_path != NO_PATH && head != NO_PATH &&
			enter(r, r->git_path, ENTRY_DIR, STR("")) &&
			enter(r, head, ENTRY_FILE, STR(""));
}

static enum tng_code begin_epoch(struct replay *r, struct vcs_history *h) {
	r->epoch++;
	r->notes.len = r->turns.len = 0;
	struct arena *scratch = arena_create();
	enum tng_code code = scratch == NULL ? error_nomem(r->err)
					     : vcs_history_tree(h, scratch, take_entry, r, r->err);

	arena_destroy(scratch);
	return code == TNG_OK && !enter_git(r) ? error_nomem(r->err) : code;
}

/* One side of the commit's changes, or both, to be looked at in this epoch. */
static enum tng_code note(struct replay *r, bool was, bool is, bool is_last) {
	struct turn *turn = VEC_PUSH(&r->turns);

	if (turn == NULL) {
		return error_nomem(r->err);
	}
	*turn = (struct turn){ (uint32_t)r->commits.len - 1, r->notes.len, 0, is_last };
	for (size_t i = 0; i < r->changes.len; i++) {
		const struct change *c = &r->changes.ptr[i];
		if (!((was && c->was) || (is && c->is))) {
			continue;
		}
		bool ok = enter(r, c->path, was && c->was ? c->type_was : c->type_is,
				was && c->was ? c->target_was : c->target_is);
		struct noted *slot = ok ? VEC_PUSH(&r->notes) : NULL;
		if (slot == NULL) {
			return error_nomem(r->err);
		}
		slot->path = c->path;
		turn->n++;
	}
	return TNG_OK;
}

/* ---- an epoch is evaluated */

struct evaluation {
	struct arena *a;
	struct tree *tree;
	struct analysis shadow; /* the analysis, of this tree */
	uint8_t **rows;         /* per source of a step */
};

static enum tng_code make_tree(struct replay *r, struct evaluation *e) {
	struct tree_item *items = calloc(r->paths.len + 1, sizeof(*items));
	size_t n = 0;

	if (items == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i < r->paths.len; i++) {
		const struct seen_path *p = &r->paths.ptr[i];
		if (p->epoch == r->epoch) {
			items[n++] = (struct tree_item){
				.path = p->path,
				.type = p->type,
				.mode = p->type == ENTRY_DIR ? 0755 : 0644,
				.target = p->target,
			};
		}
	}
	enum tng_code code = tree_from_items(items, n, &e->tree, r->err);
	free(items);
	return code;
}

static enum tng_code plan_sources(struct replay *r, struct evaluation *e) {
	struct build *builds = arena_new(e->a, struct build, r->an->nbuilds);
	enum tng_code code = TNG_OK;

	e->rows = arena_alloc_array(e->a, r->steps.sources.len, sizeof(uint8_t *));
	if (builds == NULL || e->rows == NULL) {
		return error_nomem(r->err);
	}
	e->shadow = *r->an;
	e->shadow.arena = e->a;
	e->shadow.tree = e->tree;
	e->shadow.builds = builds;
	memcpy(builds, r->an->builds, r->an->nbuilds * sizeof(*builds));
	for (size_t i = 0; i < r->an->nbuilds && code == TNG_OK; i++) {
		if (builds[i].has_requested && builds[i].has_plan) {
			code = build_replan(&e->shadow, &builds[i], r->err);
		}
	}
	for (size_t i = 0; i < r->steps.sources.len && code == TNG_OK; i++) {
		const struct step_source *s = &r->steps.sources.ptr[i];
		e->rows[i] = arena_new(e->a, uint8_t, tree_nrows(e->tree));
		code = e->rows[i] == NULL ? error_nomem(r->err)
					  : snapshot_rows(&e->shadow, &builds[s->build], s->line,
							    e->rows[i], r->err);
	}
	return code;
}

static enum tng_code find_needless(struct replay *r, struct evaluation *e) {
	uint8_t *rows = arena_new(e->a, uint8_t, tree_nrows(e->tree));
	enum tng_code code = rows == NULL ? error_nomem(r->err) : TNG_OK;

	if (code == TNG_OK && r->needless != NULL) {
		code = needless_rows(e->a, r->needless, e->tree, rows, r->err);
	}
	for (size_t i = 0; i < r->paths.len && code == TNG_OK; i++) {
		struct seen_path *p = &r->paths.ptr[i];
		p->row = p->epoch == r->epoch ? tree_find(e->tree, p->path) : TREE_NO_ROW;
		p->is_needless |= p->row != TREE_NO_ROW && rows[p->row] != 0;
	}
	return code;
}

static bool add_count(struct replay *r, uint32_t step, uint32_t path, uint32_t commit) {
	if (path >= r->ncounts[step]) {
		size_t n = r->paths.len;
		struct count *ptr = realloc(r->counts[step], n * sizeof(*ptr));
		if (ptr == NULL) {
			return false;
		}
		memset(ptr + r->ncounts[step], 0, (n - r->ncounts[step]) * sizeof(*ptr));
		r->counts[step] = ptr;
		r->ncounts[step] = n;
	}
	struct count *c = &r->counts[step][path];
	c->n += c->last != commit + 1;
	c->last = commit + 1;
	return true;
}

/* A directory that is only a way to something counts with that. */
static bool is_selected(const struct evaluation *e, size_t source, uint32_t row) {
	return e->rows[source][row] == ROW_SELECTED;
}

static bool look_at_path(
		struct replay *r, const struct evaluation *e, uint32_t path, uint32_t commit) {
	const struct seen_path *p = &r->paths.ptr[path];
	bool ok = true;

	for (size_t i = 0; i < r->steps.sources.len && ok && p->row != TREE_NO_ROW; i++) {
		uint32_t step = r->steps.sources.ptr[i].step;
		if (!is_selected(e, i, p->row)) {
			continue;
		}
		r->now.own[step] = true;
		r->now.needed[step] |= !p->is_needless;
		r->now.installs |= p->installs;
		ok = add_count(r, step, path, commit);
	}
	return ok;
}

static void try_moves(struct replay *r) {
	for (size_t i = 0; i < r->moves.len; i++) {
		struct try_move *m = &r->moves.ptr[i];
		uint32_t previous = r->steps.all.ptr[m->before].previous;
		bool before = previous != NO_STEP && r->rebuilt[previous];
		bool touched = m->install < 64 && (r->now.installs >> m->install & 1) != 0;
		m->nkept += r->rebuilt[m->step] && !before && !touched;
	}
	for (size_t i = 0; i < r->ninstalls && i < 64; i++) {
		r->ntouched[i] += (uint32_t)(r->now.installs >> i & 1);
	}
}

/* All of a commit is known. */
static enum tng_code close_commit(struct replay *r, uint32_t commit) {
	uint32_t *own = arena_new(r->a, uint32_t, r->steps.all.len);
	struct history_commit *c = &r->commits.ptr[commit];
	uint32_t shown = 0;

	if (own == NULL) {
		return error_nomem(r->err);
	}
	steps_cascade(&r->steps, r->now.own, r->rebuilt);
	for (size_t i = 0; i < r->steps.all.len; i++) {
		r->shown[i].nrebuilt += r->rebuilt[i];
		r->shown[i].nown += r->now.own[i];
		r->shown[i].nneedless += r->now.own[i] && !r->now.needed[i];
		if (r->now.own[i]) {
			own[c->nown++] = shown;
		}
		shown += r->steps.all.ptr[i].is_shown;
	}
	c->own = own;
	try_moves(r);
	r->now.installs = 0;
	memset(r->now.own, 0, r->steps.all.len * sizeof(bool));
	memset(r->now.needed, 0, r->steps.all.len * sizeof(bool));
	return TNG_OK;
}

static enum tng_code look_at_turns(struct replay *r, const struct evaluation *e) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < r->turns.len && code == TNG_OK; i++) {
		const struct turn *t = &r->turns.ptr[i];
		bool ok = r->git_path == NO_PATH || look_at_path(r, e, r->git_path, t->commit);
		for (size_t k = 0; k < t->n && ok; k++) {
			ok = look_at_path(r, e, r->notes.ptr[t->first + k].path, t->commit);
		}
		code = !ok ? error_nomem(r->err) : t->is_last ? close_commit(r, t->commit) : TNG_OK;
	}
	return code;
}

static enum tng_code end_epoch(struct replay *r) {
	struct evaluation e = { .a = arena_create() };
	enum tng_code code = e.a == NULL ? error_nomem(r->err) : make_tree(r, &e);

	if (code == TNG_OK) {
		code = plan_sources(r, &e);
	}
	if (code == TNG_OK) {
		code = find_needless(r, &e);
	}
	if (code == TNG_OK) {
		code = look_at_turns(r, &e);
	}
	tree_destroy(e.tree);
	arena_destroy(e.a);
	return code;
}

/* ---- the commits, one after the other */

static enum tng_code take_commit(
		struct replay *r, struct vcs_history *h, const struct vcs_commit *commit) {
	struct history_commit *slot = VEC_PUSH(&r->commits);
	bool ends = r->notes.len + r->changes.len > EPOCH_MAX_CHANGES;

	if (slot == NULL) {
		return error_nomem(r->err);
	}
	memcpy(slot->id, commit->id, sizeof(slot->id));
	uint64_t dockerfiles = (UINT64_C(1) << r->an->nbuilds) - 1;
	r->out->ndockerfile += (commit->watched & dockerfiles) != 0;
	r->out->nignore += (commit->watched & ~dockerfiles) != 0;
	for (size_t i = 0; i < r->changes.len && !ends; i++) {
		ends = clashes(r, &r->changes.ptr[i]);
	}
	if (!ends) {
		return note(r, true, true, true);
	}
	enum tng_code code = note(r, false, true, false);
	if (code == TNG_OK) {
		code = end_epoch(r);
	}
	if (code == TNG_OK) {
		code = begin_epoch(r, h);
	}
	return code == TNG_OK ? note(r, true, false, true) : code;
}

static enum tng_code replay_all(
		struct replay *r, struct vcs_history *h, const char *const *watched) {
	enum tng_code code = begin_epoch(r, h);

	while (code == TNG_OK && r->commits.len < r->out->nasked) {
		struct vcs_commit commit;
		struct arena_mark mark = arena_mark(r->texts);
		r->changes.len = 0;
		code = vcs_history_next(h, r->texts, take_change, r, watched, &commit, r->err);
		if (code == TNG_OK && !commit.is_there) {
			break;
		}
		code = code == TNG_OK ? take_commit(r, h, &commit) : code;
		arena_rewind(r->texts, mark);
	}
	r->out->end = vcs_history_ended(h);
	return code == TNG_OK ? end_epoch(r) : code;
}

/* ---- what would have kept more */

static uint32_t step_on(const struct replay *r, struct str file, uint32_t line) {
	for (uint32_t i = 0; i < r->steps.all.len; i++) {
		const struct step *s = &r->steps.all.ptr[i];
		if (s->in->line == line &&
				str_eq(r->an->builds[s->build].context.dockerfile, file)) {
			return i;
		}
	}
	return NO_STEP;
}

/* Every place of the stage that something is copied at, up to the RUN. */
static enum tng_code find_moves(struct replay *r) {
	for (uint32_t i = 0; i < r->ninstalls && i < 64; i++) {
		uint32_t run = step_on(r, r->installs[i].file, r->installs[i].line);
		for (uint32_t k = 0; k < run && run != NO_STEP; k++) {
			const struct step *s = &r->steps.all.ptr[k], *at = &r->steps.all.ptr[run];
			if (s->build != at->build || s->stage != at->stage || !s->reads ||
					s->in->keyword == INSTRUCTION_FROM) {
				continue;
			}
			struct try_move *m = VEC_PUSH(&r->moves);
			if (m == NULL) {
				return error_nomem(r->err);
			}
			*m = (struct try_move){ .step = run, .before = k, .install = i };
		}
	}
	return TNG_OK;
}

static bool put_manifests(struct replay *r, uint32_t install, struct history_move *out) {
	struct {
		VEC_FIELDS(struct str)
	} list = { 0 };
	struct buf path = { 0 };
	bool ok = true;

	for (uint32_t row = 1; row < tree_nrows(r->an->tree) && ok; row++) {
		uint8_t state = r->an->git.state[row];
		if (entry_is_dir(tree_entry(r->an->tree, row)) ||
				(state != VCS_TRACKED && state != VCS_MODIFIED)) {
			continue;
		}
		buf_clear(&path);
		tree_path(r->an->tree, row, &path);
		if (install_reads(&r->installs[install], buf_str(&path))) {
			struct str *slot = VEC_PUSH(&list);
			ok = slot != NULL;
			if (ok) {
				*slot = arena_copy(r->a, buf_str(&path));
				ok = slot->ptr != NULL;
			}
		}
	}
	struct str *kept = arena_new(r->a, struct str, list.len);
	ok = ok && kept != NULL && !buf_failed(&path);
	if (ok && list.len > 0) {
		memcpy(kept, list.ptr, list.len * sizeof(*kept));
	}
	out->manifests = kept;
	out->nmanifests = list.len;
	free(list.ptr);
	buf_fini(&path);
	return ok;
}

static size_t shown_number(const struct replay *r, uint32_t step) {
	size_t n = 0;

	for (uint32_t i = 0; i < step; i++) {
		n += r->steps.all.ptr[i].is_shown;
	}
	return n;
}

static int by_kept(const void *a, const void *b) {
	const struct history_move *x = a, *y = b;

	if (x->nkept != y->nkept) {
		return x->nkept > y->nkept ? -1 : 1;
	}
	return (x->step > y->step) - (x->step < y->step);
}

/* Of each RUN the best: most commits, then the latest place. */
static enum tng_code put_moves(struct replay *r) {
	struct history_move *moves = arena_new(r->a, struct history_move, r->steps.all.len);

	if (moves == NULL) {
		return error_nomem(r->err);
	}
	for (uint32_t step = 0; step < r->steps.all.len; step++) {
		const struct try_move *best = NULL;
		for (size_t i = 0; i < r->moves.len; i++) {
			const struct try_move *m = &r->moves.ptr[i];
			if (m->step == step && (best == NULL || m->nkept >= best->nkept)) {
				best = m;
			}
		}
		if (best == NULL || best->nkept == 0) {
			continue;
		}
		const struct install *install = &r->installs[best->install];
		struct history_move *out = &moves[r->out->nmoves];
		*out = (struct history_move){
			.step = shown_number(r, best->step),
			.before = shown_number(r, best->before),
			.command = install->text,
			.first = install->first,
			.ntouched = r->ntouched[best->install],
			.nkept = best->nkept,
		};
		if (!put_manifests(r, best->install, out)) {
			return error_nomem(r->err);
		}
		r->out->nmoves += out->nmanifests > 0;
	}
	if (r->out->nmoves > 0) {
		qsort(moves, r->out->nmoves, sizeof(*moves), by_kept);
	}
	r->out->moves = moves;
	return TNG_OK;
}

/* ---- the result */

static int by_commits(const void *a, const void *b) {
	const struct history_path *x = a, *y = b;

	if (x->ncommits != y->ncommits) {
		return x->ncommits > y->ncommits ? -1 : 1;
	}
	return str_cmp(x->path, y->path);
}

static bool put_paths(struct replay *r, uint32_t step, size_t top, struct history_step *out) {
	size_t n = 0;

	for (size_t i = 0; i < r->ncounts[step]; i++) {
		n += r->counts[step][i].n > 0;
	}
	struct history_path *list = calloc(n + 1, sizeof(*list));
	struct history_path *kept = arena_new(r->a, struct history_path, n < top ? n : top);
	if (list == NULL || kept == NULL) {
		free(list);
		return false;
	}
	n = 0;
	for (size_t i = 0; i < r->ncounts[step]; i++) {
		const struct seen_path *p = &r->paths.ptr[i];
		if (r->counts[step][i].n > 0) {
			list[n++] = (struct history_path){ p->path, r->counts[step][i].n,
				p->is_needless };
		}
	}
	qsort(list, n, sizeof(*list), by_commits);
	out->npaths_all = n;
	out->npaths = n < top ? n : top;
	if (out->npaths > 0) {
		memcpy(kept, list, out->npaths * sizeof(*kept));
	}
	out->paths = kept;
	free(list);
	return true;
}

static enum tng_code put_result(struct replay *r, size_t top) {
	struct history_step *steps = arena_new(r->a, struct history_step, r->steps.all.len);
	struct history_commit *commits = arena_new(r->a, struct history_commit, r->commits.len);

	if (steps == NULL || commits == NULL) {
		return error_nomem(r->err);
	}
	for (uint32_t i = 0; i < r->steps.all.len; i++) {
		const struct step *s = &r->steps.all.ptr[i];
		struct history_step *out = &steps[r->out->nsteps];
		if (!s->is_shown) {
			continue;
		}
		*out = r->shown[i];
		out->build = &r->an->builds[s->build];
		out->instruction = s->in;
		out->stage = s->stage;
		out->reads = s->reads;
		if (!put_paths(r, i, top, out)) {
			return error_nomem(r->err);
		}
		r->out->nsteps++;
	}
	if (r->commits.len > 0) {
		memcpy(commits, r->commits.ptr, r->commits.len * sizeof(*commits));
	}
	r->out->steps = steps;
	r->out->commits = commits;
	r->out->ncommits = r->commits.len;
	return put_moves(r);
}

/* ---- the door */

/* A file of the context from the top of the repository; "" where it is not in there, which no commit changes. */
static const char *watched_path(struct replay *r, struct str prefix, struct str path, bool inside) {
	struct str all = inside ? path_join(r->a, prefix, path) : STR("");
	struct str clean = all.len > 0 ? path_clean(r->a, all) : all;
	struct str copy = clean.ptr != NULL ? arena_copy(r->a, clean) : clean;

	return copy.ptr != NULL && copy.len > 0 && copy.ptr[0] != '/' ? copy.ptr : ".";
}

static const char **watch(struct replay *r, struct str prefix) {
	size_t n = r->an->nbuilds;
	const char **list = arena_alloc_array(r->a, 2 * n + 1, sizeof(const char *));

	for (size_t i = 0; i < n && list != NULL; i++) {
		const struct context *ctx = &r->an->builds[i].context;
		bool is_beside = ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE &&
				ctx->dockerfile_is_inside;
		list[i] = watched_path(r, prefix, ctx->dockerfile,
				ctx->has_dockerfile && ctx->dockerfile_is_inside);
		list[n + i] = watched_path(r, prefix, ctx->ignore_path,
				is_beside || ctx->ignore_origin == IGNORE_ORIGIN_ROOT);
	}
	return list;
}

static bool has_part_source(const struct analysis *an) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *build = &an->builds[i];
		for (size_t k = 0; build->has_requested && k < build->sources->nsources; k++) {
			if (!str_eq(build->sources->sources[k].path, STR("."))) {
				return true;
			}
		}
	}
	return false;
}

static enum tng_code prepare(struct replay *r) {
	enum tng_code code = steps_find(r->a, r->an, &r->steps, r->err);

	if (code == TNG_OK && r->steps.all.len == 0) {
		return error_set(r->err, TNG_EINVAL,
				"--history needs a Dockerfile that can be read: no instruction is "
				"known that a commit could bust");
	}
	if (code == TNG_OK) {
		code = needless_open(r->a, r->an, &r->needless, r->err);
	}
	if (code != TNG_OK) {
		return code;
	}
	const struct references *refs = needless_proposal(r->needless)->references;
	if (refs != NULL) {
		r->installs = references_installs(refs, &r->ninstalls);
	}
	size_t n = r->steps.all.len;
	r->now.own = arena_new(r->a, bool, n);
	r->now.needed = arena_new(r->a, bool, n);
	r->rebuilt = arena_new(r->a, bool, n);
	r->counts = arena_alloc_array(r->a, n, sizeof(struct count *));
	r->ncounts = arena_new(r->a, size_t, n);
	r->shown = arena_new(r->a, struct history_step, n);
	r->ntouched = arena_new(r->a, uint32_t, r->ninstalls);
	r->texts = arena_create();
	r->links_matter = has_part_source(r->an);
	bool ok = r->now.own != NULL && r->now.needed != NULL && r->rebuilt != NULL &&
			r->counts != NULL && r->ncounts != NULL && r->shown != NULL &&
			r->ntouched != NULL && r->texts != NULL;
	return ok ? find_moves(r) : error_nomem(r->err);
}

static void finish(struct replay *r) {
	for (size_t i = 0; r->counts != NULL && i < r->steps.all.len; i++) {
		free(r->counts[i]);
	}
	needless_close(r->needless);
	steps_fini(&r->steps);
	slots_fini(&r->slots);
	free(r->paths.ptr);
	free(r->changes.ptr);
	free(r->notes.ptr);
	free(r->turns.ptr);
	free(r->commits.ptr);
	free(r->moves.ptr);
	arena_destroy(r->texts);
}

enum tng_code analysis_history(struct arena *a, const struct analysis *an, uint32_t ncommits,
		size_t top, struct history *out, struct tng_error *err) {
	struct replay r = { .a = a, .an = an, .out = out, .err = err, .git_path = NO_PATH };
	struct vcs_history *h = NULL;
	struct str root = arena_copy(a, an->builds[0].context.root);

	*out = (struct history){ .nasked = ncommits };
	enum tng_code code = root.ptr == NULL ? error_nomem(err)
			: an->nbuilds > 32    ? error_set(err, TNG_ELIMIT, "too many Dockerfiles")
					      : vcs_history_open(a, root.ptr, &h, err);
	if (code == TNG_OK) {
		code = prepare(&r);
	}
	const char **watched = code == TNG_OK ? watch(&r, vcs_history_prefix(h)) : NULL;
	if (code == TNG_OK && watched == NULL) {
		code = error_nomem(err);
	}
	if (code == TNG_OK) {
		code = replay_all(&r, h, watched);
	}
	if (code == TNG_OK) {
		code = put_result(&r, top);
	}
	finish(&r);
	vcs_history_close(h);
	return code;
}
