#include "transfer/internal.h"

static struct str without_end(struct str s, struct str end) {
	return str_ends(s, end) ? str_take(s, s.len - end.len) : s;
}

/* fsutil filter.go: a trailing wildcard of a pattern does not make it a wildcard pattern. */
static struct str buildkit_start(struct str text) {
	return without_end(without_end(text, STR("/**")), STR("/*"));
}

static bool has_wildcard(struct str text) {
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\0' && strchr("*[]?^\\", text.ptr[i]) != NULL) {
			return true;
		}
	}
	return false;
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
