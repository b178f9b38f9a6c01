/*
 * What the files of a repository say of its builds (compose, bake, workflows, Makefiles, Dockerfiles by their
 * name), for who looks at more than the build that was asked for.
 */
#include "analysis/internal.h"
#include "util/file.h"

enum tng_code found_builds(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err) {
	if (an->found != NULL) {
		*out = *an->found;
		return TNG_OK;
	}
	enum tng_code code = builds_find(a, an->tree, an->builds[0].context.root_fd, out, err);
	return code == TNG_OK ? above_add(a, an, out, err) : code;
}

enum tng_code found_workflows(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err) {
	return an->found != NULL ? found_builds(a, an, out, err)
				 : builds_find_workflows(a, an->tree, an->builds[0].context.root_fd,
						   out, err);
}

static enum tng_code read_text(struct arena *a, const struct context *ctx,
		const struct found_build *found, struct str *out, struct tng_error *err) {
	struct str path = arena_copy(a, found->dockerfile);

	*out = found->inline_text;
	if (path.ptr == NULL) {
		return error_nomem(err);
	}
	return path.len == 0 ? TNG_OK
			     : file_read(a, ctx->root_fd, path.ptr, DOCKERFILE_MAX_BYTES, out, err);
}

enum tng_code found_read(struct arena *a, const struct context *ctx,
		const struct found_build *found, const struct dockerfile **parsed,
		const struct build_sources **sources, struct tng_error *err) {
	struct str *names = arena_new(a, struct str, found->ncontexts), text;
	struct tng_error bad = { 0 };

	if (names == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < found->ncontexts; i++) {
		names[i] = found->contexts[i].name;
	}
	struct build_request request = {
		.target = found->target,
		.args = found->args,
		.nargs = found->nargs,
		.contexts = names,
		.ncontexts = found->ncontexts,
		.engine = ctx->engine,
	};
	enum tng_code code = read_text(a, ctx, found, &text, &bad);
	if (code == TNG_OK) {
		code = dockerfile_parse(a, text, parsed, &bad);
	}
	if (code == TNG_OK) {
		code = dockerfile_resolve(a, *parsed, &request, sources, &bad);
	}
	return code == TNG_ENOMEM ? error_nomem(err) : TNG_OK;
}

static bool is_material(uint16_t klass) {
	static const enum path_class classes[] = { CLASS_VENDORED, CLASS_TESTS, CLASS_FIXTURES,
		CLASS_BENCH, CLASS_EXAMPLES, CLASS_DOCS, CLASS_DEPS };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (klass == classes[i]) {
			return true;
		}
	}
	return false;
}

bool found_lies_in_material(const struct analysis *an, uint32_t row) {
	uint32_t up = an->has_classes ? row : TREE_NO_ROW;

	while (up != TREE_NO_ROW && !is_material(an->classes.marks[up].klass)) {
		up = tree_parent(an->tree, up);
	}
	return up != TREE_NO_ROW;
}

bool found_is_material(const struct analysis *an, const struct found_build *found) {
	return found->context_is_guess && found_lies_in_material(an, found->dockerfile_row);
}
