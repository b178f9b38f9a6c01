/*
 * Paths out of the blue, one after the other: the directories of the last path are remembered, so that
 * a list in order costs one step a path. And the reference's two other evaluations.
 */
#include "ignore/scratch.h"

/* Past this many sets or lists a stream of unrelated paths starts afresh: bounded memory. */
#define TABLES_MAX 65536

/* The same step for whole-path evaluation: the list is every hit on the way, in no one's order. */
static enum tng_code collect(struct ignore_scratch *s, struct ignore_dir dir, struct str path,
		size_t name_len, struct ignore_dir *below, struct tng_error *err) {
	struct str name = str_skip(path, path.len - name_len);
	bool newline = scratch_step(s, active_get(s->active, dir.active), name);
	uint32_t matched = scratch_matched_for(s, dir.matched, name);

	if (s->nhits > 0) {
		scratch_collect_hits(s, matched);
		matched = scratch_intern_merged(s);
	}
	return scratch_below_dir(s, dir, newline, matched, below, err);
}

enum tng_code ignore_collect(struct ignore_scratch *s, struct ignore_dir dir, struct str path,
		size_t name_len, const uint32_t **patterns, uint32_t *n, struct ignore_dir *below,
		struct tng_error *err) {
	struct str name = str_skip(path, path.len - name_len);
	bool newline = scratch_step(s, active_get(s->active, dir.active), name);
	uint32_t matched = scratch_matched_for(s, dir.matched, name);
	struct cursor cursor = cursor_start(s, matched);
	struct candidate c;
	enum tng_code code = TNG_OK;

	s->nmerged = 0;
	while (cursor_next(&cursor, &c)) {
		bool matches = c.is_matched || c.is_hit;
		if (!matches &&
				scratch_test_pattern(s, c.pattern, path, &matches, NULL) ==
						TNG_ENOMEM) {
			return error_nomem(err);
		}
		if (matches) {
			s->merged[s->nmerged++] = c.pattern;
		}
	}
	if (below != NULL) {
		matched = s->nmerged > 0 ? scratch_intern_merged(s) : matched;
		code = scratch_below_dir(s, dir, newline, matched, below, err);
	}
	*patterns = s->merged;
	*n = s->nmerged;
	return code;
}

static size_t component_end(struct str path, size_t start) {
	const char *slash = memchr(path.ptr + start, '/', path.len - start);

	return slash != NULL ? (size_t)(slash - path.ptr) : path.len;
}

static size_t common_prefix(const char *a, const char *b, size_t limit) {
	size_t n = 0;

	while (limit - n >= 8) {
		uint64_t x, y;
		memcpy(&x, a + n, 8);
		memcpy(&y, b + n, 8);
		if (x != y) {
			break;
		}
		n += 8;
	}
	while (n < limit && a[n] == b[n]) {
		n++;
	}
	return n;
}

/* How many of the remembered levels are directories of this path, too. */
static size_t shared_levels(const struct ignore_scratch *s, struct str path) {
	size_t limit = s->last_path.len < path.len ? s->last_path.len : path.len;
	size_t same = common_prefix(s->last_path.ptr, path.ptr, limit), n = 0;

	while (n < s->levels.len && s->levels.ptr[n].path_len <= same &&
			s->levels.ptr[n].path_len < path.len &&
			path.ptr[s->levels.ptr[n].path_len] == '/') {
		n++;
	}
	return n;
}

static bool remember_path(struct ignore_scratch *s, struct str dirs, size_t known_len) {
	s->last_path.len = known_len;
	while (s->last_path.len < dirs.len) {
		size_t n = dirs.len - s->last_path.len;
		s->last_path.ptr =
				vec_grow(s->last_path.ptr, &s->last_path.cap, s->last_path.len, 1);
		if (s->last_path.len == s->last_path.cap) {
			return false;
		}
		size_t room = s->last_path.cap - s->last_path.len;
		n = n < room ? n : room;
		memcpy(s->last_path.ptr + s->last_path.len, dirs.ptr + s->last_path.len, n);
		s->last_path.len += n;
	}
	return true;
}

/* Start afresh when the tables have grown too large, or the levels are of the other kind. */
static bool levels_start(struct ignore_scratch *s, bool whole) {
	if (s->levels_are_whole != whole) {
		s->levels.len = 0;
		s->last_path.len = 0;
		s->levels_are_whole = whole;
	}
	uint32_t nsets = active_count(s->active); /* 0: starting afresh ran out of memory */
	if (nsets > 0 && nsets <= TABLES_MAX && matched_count(s->matched) <= TABLES_MAX) {
		return true;
	}
	s->levels.len = 0;
	s->last_path.len = 0;
	matched_reset(s->matched);
	return active_reset(s->active);
}

/* The state of the directory that holds the path's last component, which starts at *start. */
static enum tng_code descend(struct ignore_scratch *s, struct str path, bool whole,
		struct ignore_dir *dir, size_t *start, struct tng_error *err) {
	if (!levels_start(s, whole)) {
		return error_nomem(err);
	}
	s->levels.len = shared_levels(s, path);
	const struct level *last = s->levels.len > 0 ? &s->levels.ptr[s->levels.len - 1] : NULL;
	*dir = last != NULL ? last->dir : ignore_root(s);
	*start = last != NULL ? last->path_len + 1 : 0;
	size_t known_len = last != NULL ? last->path_len : 0;
	for (size_t end; (end = component_end(path, *start)) < path.len; *start = end + 1) {
		struct str upto = str_take(path, end);
		struct ignore_dir below;
		struct verdict ignored;
		enum tng_code code = whole
				? collect(s, *dir, upto, end - *start, &below, err)
				: ignore_decide(s, *dir, upto, end - *start, &ignored, &below, err);
		struct level *level = code == TNG_OK ? VEC_PUSH(&s->levels) : NULL;
		if (level == NULL) {
			s->levels.len = 0;
			s->last_path.len = 0;
			return code != TNG_OK ? code : error_nomem(err);
		}
		*level = (struct level){ .path_len = end, .dir = below };
		*dir = below;
	}
	return remember_path(s, str_take(path, *start > 0 ? *start - 1 : 0), known_len)
			? TNG_OK
			: error_nomem(err);
}

enum tng_code ignore_decide_path(struct ignore_scratch *s, struct str path, struct verdict *out,
		struct tng_error *err) {
	struct ignore_dir dir = { 0 };
	size_t start = 0;
	/* IGNORE_BUILDAH asks the ancestors nothing: errors of theirs are not the path's */
	bool whole = s->set->dialect == IGNORE_BUILDAH;
	enum tng_code code = descend(s, path, whole, &dir, &start, err);

	if (code != TNG_OK) {
		return code;
	}
	return ignore_decide(s, dir, path, path.len - start, out, NULL, err);
}

/* Whether a pattern that needs testing matches the path or an ancestor; the path goes first, then the
 * ancestors from the top, as in the reference (an error shows at the first evaluation). */
static enum tng_code test_with_ancestors(struct ignore_scratch *s, uint32_t pattern,
		struct str path, bool *out, struct tng_error *err) {
	enum tng_code code = scratch_test_pattern(s, pattern, path, out, err);

	for (size_t end, start = 0;
			code == TNG_OK && !*out && (end = component_end(path, start)) < path.len;
			start = end + 1) {
		code = scratch_test_pattern(s, pattern, str_take(path, end), out, err);
	}
	return code;
}

enum tng_code ignore_decide_whole_path(struct ignore_scratch *s, struct str path,
		struct verdict *out, struct tng_error *err) {
	if (s->set->dialect == IGNORE_BUILDAH) {
		return ignore_decide_path(s, path, out, err);
	}
	struct ignore_dir dir = { 0 };
	size_t start = 0;
	enum tng_code code = descend(s, path, true, &dir, &start, err);

	if (code != TNG_OK) {
		return code;
	}
	(void)scratch_step(s, active_get(s->active, dir.active), str_skip(path, start));
	struct cursor cursor = cursor_start(s, dir.matched);
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };
	struct candidate c;
	while (cursor_next(&cursor, &c)) {
		bool is_exception = s->set->patterns[c.pattern].pub.is_exception;
		bool matches = c.is_matched || c.is_hit;
		if (is_exception != verdict.excluded) {
			continue;
		}
		if (!matches) {
			code = test_with_ancestors(s, c.pattern, path, &matches, err);
			if (code != TNG_OK) {
				return code;
			}
		}
		if (matches) {
			verdict = (struct verdict){ !is_exception, c.pattern };
		}
	}
	*out = verdict;
	return TNG_OK;
}

/* The ancestor with as many components as the pattern; empty when the path's directory is not that
 * deep (patternmatcher.go, Matches). */
static struct str legacy_ancestor(struct str pattern, struct str path) {
	size_t want = 1, end = 0;

	for (size_t i = 0; i < pattern.len; i++) {
		want += pattern.ptr[i] == '/';
	}
	for (size_t start = 0; want > 0; want--, start = end + 1) {
		end = start <= path.len ? component_end(path, start) : path.len;
		if (end == path.len) {
			return STR("");
		}
	}
	return str_take(path, end);
}

enum tng_code ignore_decide_legacy(struct ignore_scratch *s, struct str path, struct verdict *out,
		struct tng_error *err) {
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };

	if (s->set->dialect == IGNORE_BUILDAH) {
		return ignore_decide_path(s, path, out, err);
	}
	for (uint32_t i = 0; i < s->set->npatterns; i++) {
		const struct ignore_pattern *p = &s->set->patterns[i].pub;
		bool matches = false;
		if (p->is_exception != verdict.excluded) {
			continue;
		}
		enum tng_code code = scratch_test_pattern(s, i, path, &matches, err);
		struct str ancestor = legacy_ancestor(p->text, path);
		if (code == TNG_OK && !matches && ancestor.len > 0) {
			code = scratch_test_pattern(s, i, ancestor, &matches, err);
		}
		if (code != TNG_OK) {
			return code;
		}
		if (matches) {
			verdict = (struct verdict){ !p->is_exception, i };
		}
	}
	*out = verdict;
	return TNG_OK;
}

enum tng_code ignore_pattern_matches(struct ignore_scratch *s, uint32_t index, struct str path,
		bool *out, struct tng_error *err) {
	return scratch_test_pattern(s, index, path, out, err);
}
