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

void check_files(struct checker *c) {
	static const enum tng_engine others[] = { TNG_ENGINE_BUILDKIT, TNG_ENGINE_CLASSIC,
		TNG_ENGINE_PODMAN };
	const struct context *ctx = c->build->context;

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
