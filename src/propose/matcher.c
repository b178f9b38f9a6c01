/* Patterns that are each matched alone: of a name, those whose last component may take it. */
#include "propose/internal.h"
#include "util/path.h"

/* Whether the builders' regular expression may take names that the last component says nothing of: characters
 * that keep their meaning, stars that go on over a '/', a set that holds one. */
static bool is_open(struct str text, struct str last) {
	struct str before = str_take(text, text.len - last.len);

	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] == '*' && text.ptr[i - 1] == '*' &&
				((i > 1 && text.ptr[i - 2] != '/') || i >= before.len)) {
			return true;
		}
	}
	return str_has_any(text, "+(){}|^\\") || str_has_any(before, "[");
}

static bool index_ends(struct arena *a, struct matcher *m) {
	uint32_t n = ignore_npatterns(m->set);
	struct str *ends = arena_new(a, struct str, n);

	for (uint32_t i = 0; ends != NULL && i < n; i++) {
		struct str text = ignore_pattern(m->set, i)->text, last = path_base(text);
		ends[i] = is_open(text, last) ? STR("*") : last;
	}
	return ends != NULL && globs_make(a, ends, n, &m->ends);
}

enum tng_code matcher_init(struct arena *a, struct matcher *m, const struct str *patterns, size_t n,
		struct tng_error *err) {
	*m = (struct matcher){ 0 };
	enum tng_code code = ignore_from_patterns(patterns, n, &m->set, err);
	if (code != TNG_OK) {
		return code;
	}
	m->scratch = ignore_scratch_create(m->set);
	return m->scratch != NULL && index_ends(a, m) ? TNG_OK : error_nomem(err);
}

void matcher_fini(struct matcher *m) {
	ignore_scratch_destroy(m->scratch);
	ignore_destroy(m->set);
	*m = (struct matcher){ 0 };
}

enum tng_code matcher_matches(const struct matcher *m, uint32_t i, struct str path, bool *out,
		struct tng_error *err) {
	*out = false;
	return ignore_pattern_matches(m->scratch, i, path, out, err);
}
