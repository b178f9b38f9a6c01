/* Ignore files that act elsewhere than one thinks. That one is inactive, the analysis has found. */
#include "check/internal.h"

static const char *engine_name(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "BuildKit";
	case TNG_ENGINE_CLASSIC:
		return "the classic builder";
	case TNG_ENGINE_PODMAN:
		break;
	}
	return "Podman";
}

/* What another engine would read here; empty: nothing. */
static struct str choice_of(const struct checker *c, enum tng_engine engine) {
	const struct context *ctx = c->build->context;
	const struct tree *tree = c->in->tree;
	bool has_docker = tree_find(tree, STR(".dockerignore")) != TREE_NO_ROW;

	if (engine != TNG_ENGINE_CLASSIC && ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE) {
		return ctx->ignore_path;
	}
	if (engine == TNG_ENGINE_PODMAN &&
			tree_find(tree, STR(".containerignore")) != TREE_NO_ROW) {
		return STR(".containerignore");
	}
	return has_docker ? STR(".dockerignore") : STR("");
}

/* Whether a directory has a Dockerfile: its ignore file may be for another context. */
static bool has_dockerfile(const struct tree *tree, uint32_t dir) {
	for (uint32_t row = dir + 1; row < tree_end(tree, dir); row = tree_end(tree, row)) {
		const struct entry *entry = tree_entry(tree, row);
		if (entry_is_file(entry) && dockerfile_is_name(tree_name(tree, entry))) {
			return true;
		}
	}
	return false;
}

/* Whether it is the context of a build, or a repository of its own: the ignore file in it is for that. */
static bool is_for_itself(struct checker *c, uint32_t dir) {
	const struct tree *tree = c->in->tree;
	struct str path = check_path(c, dir);

	for (size_t i = 0; i < c->in->ncontexts; i++) {
		if (str_eq(c->in->contexts[i], path)) {
			return true;
		}
	}
	return tree_child(tree, (uint32_t)tree_entry(tree, dir)->size, STR(".git")) != TREE_NO_ROW;
}

static bool is_told(const struct context *ctx, struct str path) {
	for (size_t i = 0; i < ctx->ninactive; i++) {
		if (str_eq(ctx->inactive[i].path, path)) {
			return true;
		}
	}
	return false;
}

/* The context has no ignore file, and one folder further down there is one that nobody reads. */
static void tell_misplaced(struct checker *c) {
	const struct tree *tree = c->in->tree;
	uint32_t nrows = tree_nrows(tree);

	if (c->build->context->ignore_origin != IGNORE_ORIGIN_NONE) {
		return;
	}
	for (uint32_t dir = 1; dir < nrows; dir = tree_end(tree, dir)) {
		for (uint32_t row = dir + 1; row < tree_end(tree, dir); row = tree_end(tree, row)) {
			struct str name = tree_name(tree, tree_entry(tree, row));
			if (!str_eq(name, STR(".dockerignore")) || has_dockerfile(tree, dir) ||
					is_for_itself(c, dir)) {
				continue;
			}
			struct str path = check_path(c, row);
			if (is_told(c->build->context, path)) {
				continue;
			}
			struct check_finding *f = check_add(c, RULE_IGNORE_FILE_INACTIVE, CHECK_OFF,
					"not the active ignore file: it is read from the context "
					"root, which has none");
			f->file = path;
			f->fix = STR("move it to the context root");
		}
	}
}

void check_files(struct checker *c) {
	static const enum tng_engine others[] = { TNG_ENGINE_BUILDKIT, TNG_ENGINE_CLASSIC,
		TNG_ENGINE_PODMAN };
	const struct context *ctx = c->build->context;

	tell_misplaced(c);
	if (ctx->ignore_origin == IGNORE_ORIGIN_OPTION) {
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct str other = choice_of(c, others[i]);
		if (others[i] == ctx->engine || str_eq(other, ctx->ignore_path)) {
			continue;
		}
		struct check_finding *f = check_add(c, RULE_IGNORE_FILE_DIFFERS, CHECK_OFF,
				"%s would read %.*s%s", engine_name(others[i]),
				STR_FMT(other.len > 0 ? other : STR("no ignore file")),
				ctx->ignore_path.len > 0 ? ", not this file" : "");
		f->file = ctx->ignore_path;
		f->subject = str_from(engine_name(others[i]));
	}
}
