/* Which instructions take a row. */
#include "check/internal.h"

#include "util/gomatch.h"

struct str check_same_depth(struct str path, struct str pattern) {
	size_t nslashes = 0, end = 0;

	for (size_t i = 0; i < pattern.len; i++) {
		nslashes += pattern.ptr[i] == '/';
	}
	for (; end < path.len; end++) {
		if (path.ptr[end] == '/' && nslashes-- == 0) {
			break;
		}
	}
	return str_take(path, end);
}

bool check_is_left_out(struct checker *c, const struct source *s, struct str path) {
	struct ignore_set *set = NULL;
	struct verdict whole = { 0 }, below = { 0 };
	bool is_inside = path.len > s->path.len + 1 && path_is_below(path, s->path);
	struct str rest = is_inside && !str_eq(s->path, STR(".")) ? str_skip(path, s->path.len + 1)
								  : path;

	if (s->nexcludes == 0 ||
			ignore_from_patterns(s->excludes, s->nexcludes, &set, NULL) != TNG_OK) {
		return false;
	}
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	if (scratch == NULL || ignore_decide_path(scratch, path, &whole, NULL) != TNG_OK ||
			ignore_decide_path(scratch, rest, &below, NULL) != TNG_OK) {
		c->failed |= scratch == NULL;
	}
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return whole.excluded || below.excluded;
}

bool check_source_takes(struct checker *c, const struct source *s, uint32_t row, struct str path) {
	uint32_t top;

	if (s->context != DOCKERFILE_MAIN_CONTEXT || s->is_unknowable ||
			(s->kind != SOURCE_COPY && s->kind != SOURCE_ADD)) {
		return false;
	}
	if (s->is_wildcard) {
		if (gomatch(s->path, check_same_depth(path, s->path)) != GOMATCH_YES) {
			return false;
		}
	} else if (!str_eq(s->path, STR("."))) {
		top = tree_find(c->in->tree, s->path);
		if (top == TREE_NO_ROW || row < top || row >= tree_end(c->in->tree, top)) {
			return false;
		}
	}
	return !check_is_left_out(c, s, path);
}

static bool names(const struct tree *tree, const struct build_sources *sources, uint32_t row) {

	for (size_t i = 0; sources != NULL && i < sources->nsources; i++) {
		const struct source *s = &sources->sources[i];
		if (s->context != DOCKERFILE_MAIN_CONTEXT || s->is_wildcard ||
				str_eq(s->path, STR("."))) {
			continue;
		}
		uint32_t named = tree_find(tree, s->path);
		if (named != TREE_NO_ROW && named >= row && named < tree_end(tree, row)) {
			return true;
		}
	}
	return false;
}

bool check_is_named(const struct checker *c, uint32_t row) {
	bool found = false;

	for (size_t i = 0; i < c->in->nbuilds && !found; i++) {
		const struct check_build *b = &c->in->builds[i];
		found = b->ignore_file_of == c->build->ignore_file_of &&
				names(c->in->tree, b->sources, row);
	}
	return found;
}
