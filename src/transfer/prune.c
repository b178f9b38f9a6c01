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

struct str prune_start_of(enum tng_engine engine, const struct ignore_pattern *exception) {
	return engine == TNG_ENGINE_BUILDKIT ? buildkit_start(exception->text) : exception->text;
}

static struct prune_start make_start(
		const struct ignore_set *set, uint32_t pattern, enum tng_engine engine) {
	struct str text = prune_start_of(engine, ignore_pattern(set, pattern));

	return (struct prune_start){
		.text = text,
		.pattern = pattern,
		.is_wild = engine == TNG_ENGINE_BUILDKIT && has_wildcard(text),
	};
}

enum tng_code prune_init(struct prune *prune, struct arena *a, const struct ignore_set *set,
		enum tng_engine engine, enum prune_side side, struct tng_error *err) {
	uint32_t n = ignore_npatterns(set);
	struct prune_start *starts = arena_new(a, struct prune_start, n);

	if (starts == NULL) {
		return error_nomem(err);
	}
	*prune = (struct prune){
		.starts = starts,
		.any_start = engine == TNG_ENGINE_PODMAN && side == PRUNE_EXCEPTIONS,
	};
	for (uint32_t i = 0; i < n; i++) {
		if (ignore_pattern(set, i)->is_exception == (side == PRUNE_EXCEPTIONS)) {
			starts[prune->nstarts] = make_start(set, i, engine);
			prune->nwild += starts[prune->nstarts++].is_wild;
		}
	}
	return TNG_OK;
}

void prune_leave_out(struct prune *prune, uint32_t pattern, bool is_out) {
	prune->nwild = 0;
	for (size_t i = 0; i < prune->nstarts; i++) {
		struct prune_start *start = &prune->starts[i];
		start->is_out = start->pattern == pattern ? is_out : start->is_out;
		prune->nwild += start->is_wild && !start->is_out;
	}
}

/* "start/" begins with "dir/"; buildah (copier.go) has no slash behind dir */
static bool leads_to(const struct prune *prune, struct str dir, struct str start) {
	return str_starts(start, dir) &&
			(prune->any_start || start.len == dir.len || start.ptr[dir.len] == '/');
}

bool prune_enters(const struct prune *prune, struct str dir) {
	if (prune->nwild > 0) {
		return true;
	}
	for (size_t i = 0; i < prune->nstarts; i++) {
		const struct prune_start *start = &prune->starts[i];
		if (!start->is_out && leads_to(prune, dir, start->text)) {
			return true;
		}
	}
	return false;
}
