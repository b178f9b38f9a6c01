/*
 * The union of the trees of some commits, and what of the changes in them busts. See history.c.
 */
#include "analysis/history_replay.h"

#include <stdlib.h>

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
bool replay_clashes(const struct replay *r, const struct change *c) {
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

enum tng_code replay_take_change(
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

enum tng_code replay_begin_epoch(struct replay *r, struct vcs_history *h) {
	r->epoch++;
	r->notes.len = r->turns.len = 0;
	struct arena *scratch = arena_create();
	enum tng_code code = scratch == NULL ? error_nomem(r->err)
					     : vcs_history_tree(h, scratch, take_entry, r, r->err);

	arena_destroy(scratch);
	return code == TNG_OK && !enter_git(r) ? error_nomem(r->err) : code;
}

/* One side of the commit's changes, or both, to be looked at in this epoch. */
enum tng_code replay_note(struct replay *r, bool was, bool is, bool is_last) {
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
		uint32_t *slot = ok ? VEC_PUSH(&r->notes) : NULL;
		if (slot == NULL) {
			return error_nomem(r->err);
		}
		*slot = c->path;
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

	if (code == TNG_OK) {
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
			ok = look_at_path(r, e, r->notes.ptr[t->first + k], t->commit);
		}
		code = !ok ? error_nomem(r->err) : t->is_last ? close_commit(r, t->commit) : TNG_OK;
	}
	return code;
}

enum tng_code replay_end_epoch(struct replay *r) {
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
