/*
 * What the sources read. Most name a place without a wildcard or a link on the way: a range of rows. Of the
 * others each row tells.
 */
#include "verify/internal.h"

static struct asked everything(const struct tree *tree) {
	return (struct asked){ .first = 0, .end = tree_nrows(tree) };
}

static enum tng_code ask(struct arena *a, struct arena *scratch, const struct tree *tree,
		struct str path, struct need *need, struct tng_error *err) {
	uint8_t *rows = NULL;
	struct tng_error bad = { 0 };
	struct str *includes;
	size_t nincludes;
	enum tng_code code = follow_links(scratch, tree, &path, 1, &includes, &nincludes, &bad);

	if (code == TNG_OK && nincludes == 0) {
		need->is_whole = true;
		need->asked = everything(tree);
		return TNG_OK;
	}
	if (code == TNG_OK) {
		rows = arena_new(a, uint8_t, tree_nrows(tree));
		code = rows != NULL ? transfer_asked(scratch, tree, includes, nincludes, rows, &bad)
				    : error_nomem(&bad);
	}
	if (code == TNG_ESYNTAX) { /* a build stops at it; who knows what is meant */
		need->is_whole = true;
		need->asked = everything(tree);
		return TNG_OK;
	}
	need->asked.rows = rows;
	return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
}

/* What an earlier one of n needs has found for this path; NULL: nothing. */
static const struct need *find_same(const struct verify_input *input, const struct need *needs,
		size_t n, struct str path) {
	for (size_t i = 0; i < n; i++) {
		const struct need *need = &needs[i];
		if (need->source != VERIFY_NO_SOURCE && need->asked.rows != NULL &&
				str_eq(input->builds[need->build]
								.sources->sources[need->source]
								.path,
						path)) {
			return need;
		}
	}
	return NULL;
}

/* The need that follows n others. */
static enum tng_code find_asked(struct arena *a, struct arena *scratch,
		const struct verify_input *input, const struct source *source, struct need *needs,
		size_t n, struct tng_error *err) {
	const struct tree *tree = input->tree;
	struct need *need = &needs[n];

	if (source->is_unknowable || str_eq(source->path, STR("."))) {
		need->is_whole = true;
		need->asked = everything(tree);
		return TNG_OK;
	}
	uint32_t row = follow_plain(tree, source->path);
	if (row != TREE_NO_ROW) {
		need->asked = (struct asked){ .first = row, .end = tree_end(tree, row) };
		return TNG_OK;
	}
	const struct need *same = find_same(input, needs, n, source->path);
	if (same != NULL) {
		need->asked = same->asked;
		return TNG_OK;
	}
	struct arena_mark mark = arena_mark(scratch);
	enum tng_code code = ask(a, scratch, tree, source->path, need, err);
	arena_rewind(scratch, mark);
	return code;
}

/* BuildKit asks for a tmpfs mount's source and does not use it. */
static bool reads_context(const struct source *source) {
	return source->context == DOCKERFILE_MAIN_CONTEXT && source->kind != SOURCE_REMOTE &&
			source->kind != SOURCE_TMPFS;
}

static size_t count_needs(const struct verify_input *input) {
	size_t n = 0;

	for (size_t b = 0; b < input->nbuilds; b++) {
		const struct build_sources *sources = input->builds[b].sources;
		n += sources != NULL ? sources->nsources : 1;
	}
	return n;
}

static enum tng_code find_needs(struct arena *a, struct arena *scratch,
		const struct verify_input *input, uint32_t build, struct need *needs, size_t *n,
		struct tng_error *err) {
	const struct build_sources *sources = input->builds[build].sources;
	enum tng_code code = TNG_OK;

	if (sources == NULL) {
		needs[(*n)++] = (struct need){
			.build = build,
			.source = VERIFY_NO_SOURCE,
			.is_whole = true,
			.asked = everything(input->tree),
		};
		return TNG_OK;
	}
	for (uint32_t i = 0; i < sources->nsources && code == TNG_OK; i++) {
		if (reads_context(&sources->sources[i])) {
			needs[*n] = (struct need){ .build = build, .source = i };
			code = find_asked(a, scratch, input, &sources->sources[i], needs, *n, err);
			(*n)++;
		}
	}
	return code;
}

enum tng_code needs_find(struct arena *a, const struct verify_input *input, struct need **out,
		size_t *n, struct tng_error *err) {
	struct arena *scratch = arena_create();
	struct need *needs = arena_new(a, struct need, count_needs(input));
	enum tng_code code = scratch != NULL && needs != NULL ? TNG_OK : error_nomem(err);

	*n = 0;
	for (uint32_t b = 0; b < input->nbuilds && code == TNG_OK; b++) {
		code = find_needs(a, scratch, input, b, needs, n, err);
	}
	arena_destroy(scratch);
	*out = needs;
	return code;
}

enum tng_code needs_merge(struct arena *a, const struct tree *tree, const struct need *needs,
		size_t n, const uint8_t **out, struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	uint8_t *rows = arena_new(a, uint8_t, nrows);

	if (rows == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		const struct asked *asked = &needs[i].asked;
		if (needs[i].is_whole) {
			*out = NULL;
			return TNG_OK;
		}
		if (asked->rows == NULL) {
			memset(rows + asked->first, 1, asked->end - asked->first);
			continue;
		}
		for (uint32_t row = 1; row < nrows; row++) {
			rows[row] |= asked->rows[row];
		}
	}
	*out = rows;
	return TNG_OK;
}
