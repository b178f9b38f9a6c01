#include "transfer/internal.h"

static struct str without_end(struct str s, struct str end) {
	return str_ends(s, end) ? str_take(s, s.len - end.len) : s;
}

/* fsutil filter.go: a trailing wildcard of a pattern does not make it a wildcard pattern. */
static struct str buildkit_start(struct str text) {
	return without_end(without_end(text, STR("/**")), STR("/*"));
}

static bool has_wildcard(struct str text) {
	return str_has_any(text, "*[]?^\\");
}

bool transfer_enters_all(enum tng_engine engine, const struct ignore_pattern *exception) {
	return engine == TNG_ENGINE_BUILDKIT && has_wildcard(buildkit_start(exception->text));
}

enum tng_code prune_init(struct prune *prune, struct arena *a, const struct ignore_set *set,
		enum tng_engine engine, enum prune_side side, struct tng_error *err) {
	uint32_t n = ignore_npatterns(set);
	struct str *starts = arena_new(a, struct str, n);

	if (starts == NULL) {
		return error_nomem(err);
	}
	*prune = (struct prune){ .starts = starts };
	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(set, i);
		struct str start = p->text;
		if (p->is_exception != (side == PRUNE_EXCEPTIONS)) {
			continue;
		}
		switch (engine) {
		case TNG_ENGINE_BUILDKIT:
			start = buildkit_start(start);
			prune->enters_all |= has_wildcard(start);
			break;
		case TNG_ENGINE_PODMAN:
			prune->any_start = side == PRUNE_EXCEPTIONS;
			break;
		case TNG_ENGINE_CLASSIC:
			break;
		}
		starts[prune->nstarts++] = start;
	}
	return TNG_OK;
}

bool prune_enters(const struct prune *prune, struct str dir) {
	if (prune->enters_all) {
		return true;
	}
	for (size_t i = 0; i < prune->nstarts; i++) {
		struct str start = prune->starts[i];
		/* "start/" begins with "dir/"; buildah (copier.go) has no slash behind dir */
		if (str_starts(start, dir) &&
				(prune->any_start || start.len == dir.len ||
						start.ptr[dir.len] == '/')) {
			return true;
		}
	}
	return false;
}

/* The same rules with one exception gone. */
static enum tng_code prune_without(struct prune *out, const struct prune *all, struct arena *a,
		const struct ignore_set *set, uint32_t exception, struct tng_error *err) {
	struct str *starts = arena_new(a, struct str, all->nstarts);
	size_t at = 0;

	if (starts == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < exception; i++) {
		at += ignore_pattern(set, i)->is_exception;
	}
	*out = *all;
	out->starts = starts;
	out->nstarts = 0;
	out->enters_all = false;
	for (size_t i = 0; i < all->nstarts; i++) {
		if (i != at) {
			starts[out->nstarts++] = all->starts[i];
			out->enters_all |= all->enters_all && has_wildcard(all->starts[i]);
		}
	}
	return TNG_OK;
}

enum tng_code transfer_entered_for(struct arena *a, const struct tree *tree,
		const struct ignore_set *set, enum tng_engine engine, const uint8_t *fate,
		uint32_t exception, uint32_t **rows, size_t *n, bool *is_all,
		struct tng_error *err) {
	struct prune all = { 0 }, without = { 0 };
	enum tng_code code = prune_init(&all, a, set, engine, PRUNE_EXCEPTIONS, err);

	*n = 0;
	*is_all = false;
	if (code == TNG_OK) {
		code = prune_without(&without, &all, a, set, exception, err);
	}
	if (code != TNG_OK || all.enters_all) {
		*is_all = code == TNG_OK && !without.enters_all;
		return code;
	}
	struct str start = ignore_pattern(set, exception)->text;
	start = engine == TNG_ENGINE_BUILDKIT ? buildkit_start(start) : start;
	*rows = arena_new(a, uint32_t, start.len);
	if (*rows == NULL) {
		return error_nomem(err);
	}
	for (size_t len = 1; len <= start.len; len++) {
		struct str dir = str_take(start, len);
		bool is_start = len == start.len || start.ptr[len] == '/' || all.any_start;
		if (!is_start || str_ends(dir, STR("/")) || prune_enters(&without, dir)) {
			continue;
		}
		uint32_t row = tree_find(tree, dir);
		if (row != TREE_NO_ROW && entry_is_dir(tree_entry(tree, row)) &&
				(fate[row] == FATE_EXCLUDED || fate[row] == FATE_PARENT)) {
			(*rows)[(*n)++] = row;
		}
	}
	return TNG_OK;
}
