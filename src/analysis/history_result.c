/* What is told of a replay: for each step what rebuilt it, and what would have kept it. */
#include "analysis/history_replay.h"

#include <stdlib.h>

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
enum tng_code replay_find_moves(struct replay *r) {
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

enum tng_code replay_put_result(struct replay *r, size_t top) {
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
