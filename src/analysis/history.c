/*
 * The last commits again, without a checkout and without a tree for each: the paths that they changed go,
 * with those of HEAD, into one tree, on which the ignore file and the sources are evaluated once.
 *
 *   commits ─▶ changed paths ─▶ union of the trees ─▶ what each instruction selects ─▶ busts ─▶ cascade
 *
 * That is right as long as a path is the same thing in all commits: whether an instruction selects it does
 * not hang on what lies beside it. Where a path becomes something else (a file a directory, a link one to
 * elsewhere) or a link comes or goes, the union ends, and another begins with the older commits: an epoch. The
 * commit in between belongs to both, its older side to the older one.
 */
#include "analysis/history_replay.h"

#include <stdlib.h>

/* Changes of one epoch, at most: what bounds its memory. */
#define EPOCH_MAX_CHANGES ((size_t)1 << 21)

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
		ends = replay_clashes(r, &r->changes.ptr[i]);
	}
	if (!ends) {
		return replay_note(r, true, true, true);
	}
	enum tng_code code = replay_note(r, false, true, false);
	if (code == TNG_OK) {
		code = replay_end_epoch(r);
	}
	if (code == TNG_OK) {
		code = replay_begin_epoch(r, h);
	}
	return code == TNG_OK ? replay_note(r, true, false, true) : code;
}

static enum tng_code replay_all(
		struct replay *r, struct vcs_history *h, const char *const *watched) {
	enum tng_code code = replay_begin_epoch(r, h);

	while (code == TNG_OK && r->commits.len < r->out->nasked) {
		struct vcs_commit commit;
		struct arena_mark mark = arena_mark(r->texts);
		r->changes.len = 0;
		code = vcs_history_next(
				h, r->texts, replay_take_change, r, watched, &commit, r->err);
		if (code == TNG_OK && !commit.is_there) {
			break;
		}
		code = code == TNG_OK ? take_commit(r, h, &commit) : code;
		arena_rewind(r->texts, mark);
	}
	r->out->end = vcs_history_ended(h);
	return code == TNG_OK ? replay_end_epoch(r) : code;
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
	return ok ? replay_find_moves(r) : error_nomem(r->err);
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
		code = replay_put_result(&r, top);
	}
	finish(&r);
	vcs_history_close(h);
	return code;
}
