/*
 * What each context is asked for (convert.go filterPaths): everything as soon as its root is among the
 * paths, else the sorted list of paths; and nothing at all when no part of the result reads from it.
 */
#include "dockerfile/internal.h"

#include <stdlib.h>

static void mark_read(struct resolver *r, uint32_t index) {
	const struct stage_state *state = &r->stages[index];

	if (state->is_read) {
		return;
	}
	r->stages[index].is_read = true;
	if (r->uses[index].base_stage != DOCKERFILE_NO_STAGE) {
		mark_read(r, r->uses[index].base_stage);
	}
	for (size_t i = 0; i < state->edges.len; i++) {
		if (state->edges.ptr[i].is_read) {
			mark_read(r, state->edges.ptr[i].stage);
		}
	}
}

static bool main_is_read(const struct resolver *r) {
	for (size_t i = 0; i < r->df->nstages; i++) {
		if (r->stages[i].is_read && r->stages[i].reads_main) {
			return true;
		}
	}
	return false;
}

static int path_order(const void *x, const void *y) {
	const struct str *a = x, *b = y;

	return str_cmp(*a, *b);
}

static size_t sort_unique(struct str *paths, size_t n) {
	size_t kept = 0;

	if (n > 0) {
		qsort(paths, n, sizeof(*paths), path_order);
	}
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !str_eq(paths[kept - 1], paths[i])) {
			paths[kept++] = paths[i];
		}
	}
	return kept;
}

enum tng_code contexts_finish(struct resolver *r, struct build_sources *out) {
	struct context_use *uses = arena_new(r->a, struct context_use, r->contexts.len);

	if (uses == NULL) {
		return error_nomem(r->err);
	}
	mark_read(r, r->target);
	for (size_t i = 0; i < r->contexts.len; i++) {
		struct context_state *c = &r->contexts.ptr[i];
		bool is_main = i == DOCKERFILE_MAIN_CONTEXT;
		uses[i].name = c->name;
		uses[i].line = c->line;
		uses[i].is_used = is_main ? main_is_read(r)
					  : c->is_read && r->stages[c->stage].is_read;
		uses[i].is_whole = uses[i].is_used && (c->is_all || c->paths.len == 0);
		if (uses[i].is_used && !uses[i].is_whole) {
			uses[i].nfollow_paths = sort_unique(c->paths.ptr, c->paths.len);
			uses[i].follow_paths = c->paths.ptr;
		}
	}
	out->contexts = uses;
	out->ncontexts = r->contexts.len;
	return TNG_OK;
}
