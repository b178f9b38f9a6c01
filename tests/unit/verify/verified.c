#include "unit/verify/verified.h"

#include "support/expect.h"
#include "support/small_tree.h"
#include "util/buf.h"

#include <stdio.h>

static const char *const engine_names[] = { "buildkit", "classic", "podman" };

static const struct build_sources *resolve(struct arena *a, struct str text) {
	const struct dockerfile *df;
	const struct build_sources *sources;
	struct tng_error err = { 0 };

	cr_assert(eq(int, dockerfile_parse(a, text, &df, &err), TNG_OK), "%s", err.text);
	cr_assert(eq(int, dockerfile_resolve(a, df, NULL, &sources, &err), TNG_OK), "%s", err.text);
	return sources;
}

static void add_build(struct verified *v, struct str text) {
	struct verify_build *b = &v->builds[v->input.nbuilds];
	char name[32];

	snprintf(name, sizeof(name), v->input.nbuilds > 0 ? "%zu.Dockerfile" : "Dockerfile",
			v->input.nbuilds);
	b->dockerfile = arena_copy(v->arena, str_from(name));
	b->sources = resolve(v->arena, arena_copy(v->arena, text));
	v->input.nbuilds++;
}

static void add_builds(struct verified *v, const char *dockerfiles) {
	struct str rest = str_from(dockerfiles);

	if (dockerfiles == NULL) {
		v->input.nbuilds = 1;
		return;
	}
	for (size_t end; rest.len > 0; rest = str_skip(rest, end + 4)) {
		for (end = 0; end < rest.len && !str_starts(str_skip(rest, end), STR("---\n"));
				end++) {
		}
		add_build(v, str_take(rest, end));
	}
}

static const uint8_t *mark(struct verified *v, const char *paths) {
	uint8_t *rows = arena_new(v->arena, uint8_t, tree_nrows(v->tree));
	struct str rest = str_from(paths), path;

	for (bool more = rest.len > 0; more;) {
		more = str_cut(rest, ' ', &path, &rest);
		uint32_t row = tree_find(v->tree, path);
		cr_assert(ne(u32, row, TREE_NO_ROW));
		memset(rows + row, 1, tree_end(v->tree, row) - row);
	}
	return rows;
}

struct verified verify_items(const char *items, const char *dockerfiles, const char *before,
		const char *after, const char *may_go) {
	struct verified v = { .arena = arena_create(), .tree = small_tree(items) };

	cr_assert(ne(ptr, v.tree, NULL), "no tree: %s", items);
	v.builds = arena_new(v.arena, struct verify_build, VERIFIED_BUILDS_MAX);
	add_builds(&v, dockerfiles);
	v.input.tree = v.tree;
	v.input.before = str_from(before);
	v.input.has_before = before != NULL;
	v.input.may_go = may_go != NULL ? mark(&v, may_go) : NULL;
	v.input.builds = v.builds;
	cr_assert(eq(int, verifier_create(&v.input, &v.verifier, &v.err), TNG_OK), "%s",
			v.err.text);
	verify_again(&v, after);
	return v;
}

void verify_again(struct verified *v, const char *after) {
	cr_assert(eq(int, verify_text(v->verifier, v->arena, str_from(after), &v->v, &v->err),
				  TNG_OK),
			"%s", v->err.text);
}

void verified_fini(struct verified *v) {
	verifier_destroy(v->verifier);
	tree_destroy(v->tree);
	arena_destroy(v->arena);
}

static void put_loss(const struct verified *v, const struct verify_loss *l, struct buf *b) {
	buf_append(b, b->len > 0 ? STR("; ") : STR(""));
	buf_printf(b, "%s %u ", engine_names[l->engine], l->build);
	if (l->source == VERIFY_NO_SOURCE) {
		buf_append(b, STR("unknown"));
	} else {
		buf_append(b, v->builds[l->build].sources->sources[l->source].path);
	}
	buf_printf(b, " line %u: %llu from ", l->line, (unsigned long long)l->nrows);
	tree_path(v->tree, l->row, b);
	buf_append(b, l->is_empty ? STR(", empty") : STR(""));
	buf_append(b, l->is_whole_source ? STR(", nothing left") : STR(""));
}

static struct str put_losses(const struct verified *v, const struct verify_loss *list, size_t n) {
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		put_loss(v, &list[i], &b);
	}
	struct str text = arena_copy(v->arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

struct str verified_losses(const struct verified *v) {
	return put_losses(v, v->v.losses, v->v.nlosses);
}

struct str verified_already(const struct verified *v) {
	return put_losses(v, v->v.already, v->v.nalready);
}
