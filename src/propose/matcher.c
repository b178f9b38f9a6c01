/* Patterns that are each matched alone; most rows are told apart by the last component's bytes. */
#include "propose/internal.h"
#include "util/gomatch.h"
#include "util/path.h"

enum tng_code matcher_init(struct arena *a, struct matcher *m, const struct str *patterns, size_t n,
		struct tng_error *err) {
	*m = (struct matcher){
		.last = arena_new(a, struct str, n),
		.is_literal = arena_new(a, bool, n),
		.n = n,
	};
	if (m->last == NULL || m->is_literal == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = ignore_from_patterns(patterns, n, &m->set, err);
	if (code != TNG_OK) {
		return code;
	}
	m->scratch = ignore_scratch_create(m->set);
	if (m->scratch == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(m->set, (uint32_t)i);
		m->last[i] = path_base(p->text);
		m->is_literal[i] = !gomatch_has_wildcard(m->last[i]) &&
				str_find(m->last[i], '\\') == m->last[i].len &&
				str_find(p->text, '|') == p->text.len;
	}
	return TNG_OK;
}

void matcher_fini(struct matcher *m) {
	ignore_scratch_destroy(m->scratch);
	ignore_destroy(m->set);
	*m = (struct matcher){ 0 };
}

enum tng_code matcher_matches(const struct matcher *m, size_t i, struct str path, struct str name,
		bool *out, struct tng_error *err) {
	*out = false;
	if (m->is_literal[i] && !str_eq(m->last[i], name)) {
		return TNG_OK;
	}
	return ignore_pattern_matches(m->scratch, (uint32_t)i, path, out, err);
}
