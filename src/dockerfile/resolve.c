/*
 * One build of a Dockerfile: global arguments, stages, execution, contexts.
 */
#include "dockerfile/internal.h"

#include <stdlib.h>

struct platform {
	struct str text; /* os/arch or os/arch/variant */
	struct str os, arch, variant;
};

/* ---- global arguments ---- */

static enum tng_code read_platform(struct resolver *r, struct str text, struct platform *out) {
	struct str rest, more = STR("");

	if (text.len == 0) {
		text = STR("linux/amd64");
	}
	bool ok = str_cut(text, '/', &out->os, &rest);
	(void)str_cut(rest, '/', &out->arch, &more);
	out->variant = more;
	if (!ok || out->os.len == 0 || out->arch.len == 0 || str_find(more, '/') < more.len) {
		return error_set(r->err, TNG_EINVAL,
				"platform must be os/arch or os/arch/variant, as linux/arm64");
	}
	/* as containerd/platforms writes them: 32-bit arm has a variant, arm64's v8 goes unsaid */
	if (str_eq(out->arch, STR("arm")) && out->variant.len == 0) {
		out->variant = STR("v7");
	} else if (str_eq(out->arch, STR("arm64")) && str_eq(out->variant, STR("v8"))) {
		out->variant = STR("");
	}
	size_t len = out->os.len + out->arch.len + out->variant.len + 2;
	char *joined = arena_alloc(r->a, len);
	if (joined == NULL) {
		return error_nomem(r->err);
	}
	size_t n = 0;
	const struct str parts[] = { out->os, STR("/"), out->arch,
		out->variant.len > 0 ? STR("/") : STR(""), out->variant };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].len > 0) {
			memcpy(joined + n, parts[i].ptr, parts[i].len);
		}
		n += parts[i].len;
	}
	out->text = str_make(joined, n);
	return TNG_OK;
}

const struct build_arg *build_arg_find(const struct build_request *request, struct str name) {
	for (size_t i = request->nargs; i > 0; i--) {
		if (str_eq(request->args[i - 1].name, name)) {
			return &request->args[i - 1];
		}
	}
	return NULL;
}

static enum tng_code set_global(struct resolver *r, struct str name, struct variable value) {
	return env_set(r->a, &r->globals, name, value) ? TNG_OK : error_nomem(r->err);
}

/** The arguments every build has; --build-arg overrides them. */
static enum tng_code set_platform_args(struct resolver *r) {
	struct platform build, target;
	struct str stage_name = r->request->target.len > 0 ? r->request->target
							   : r->df->stages[r->df->nstages - 1].name;

	enum tng_code code = read_platform(r, STR(""), &build);
	if (code == TNG_OK) {
		code = read_platform(r, r->request->platform, &target);
	}
	if (code != TNG_OK) {
		return code;
	}
	const struct build_arg args[] = {
		{ STR("BUILDPLATFORM"), build.text },
		{ STR("BUILDOS"), build.os },
		{ STR("BUILDOSVERSION"), STR("") },
		{ STR("BUILDARCH"), build.arch },
		{ STR("BUILDVARIANT"), build.variant },
		{ STR("TARGETPLATFORM"), target.text },
		{ STR("TARGETOS"), target.os },
		{ STR("TARGETOSVERSION"), STR("") },
		{ STR("TARGETARCH"), target.arch },
		{ STR("TARGETVARIANT"), target.variant },
		{ STR("TARGETSTAGE"), stage_name.len > 0 ? stage_name : STR("default") },
	};
	for (size_t i = 0; code == TNG_OK && i < sizeof(args) / sizeof(args[0]); i++) {
		const struct build_arg *given = build_arg_find(r->request, args[i].name);
		code = set_global(r, args[i].name,
				(struct variable){
						.value = (given != NULL ? given : &args[i])->value,
						.is_set = true });
	}
	return code;
}

static enum tng_code set_meta_arg(struct resolver *r, const struct instruction_pair *pair) {
	const struct build_arg *given = build_arg_find(r->request, pair->key);
	struct variable value;

	if (given != NULL) {
		value = (struct variable){ .value = given->value, .is_set = true };
	} else if (pair->has_value) {
		struct word_result word;
		enum tng_code code = word_expand(r->a, pair->value, r->df->escape, 0,
				env_scope(&r->globals), &word, r->err);
		if (code != TNG_OK) {
			return error_at(r->err, code, pair->line, pair->column);
		}
		value = (struct variable){ .value = word.text,
			.is_set = true,
			.is_unknowable = word.is_unknowable,
			.unknown_name = word.unknown_name,
			.unknown_line = word.unknown_line };
	} else {
		if (env_find(&r->globals, pair->key).is_set) {
			return TNG_OK;
		}
		value = (struct variable){
			.is_unknowable = true, .unknown_name = pair->key, .unknown_line = pair->line
		};
	}
	return set_global(r, pair->key, value);
}

static enum tng_code set_meta_args(struct resolver *r) {
	for (size_t i = 0; i < r->df->ninstructions; i++) {
		const struct instruction *in = &r->df->instructions[i];
		if (in->stage != DOCKERFILE_NO_STAGE) {
			break;
		}
		for (size_t j = 0; j < in->npairs; j++) {
			enum tng_code code = set_meta_arg(r, &in->pairs[j]);
			if (code != TNG_OK) {
				return code;
			}
		}
	}
	return TNG_OK;
}

/* ---- the build ---- */

static enum tng_code start(struct resolver *r) {
	r->stages = arena_new(r->a, struct stage_state, r->df->nstages);
	r->uses = arena_new(r->a, struct stage_use, r->df->nstages);
	if (r->stages == NULL || r->uses == NULL ||
			context_open_use(r, STR(""), 0, DOCKERFILE_NO_STAGE) == NULL) {
		return error_nomem(r->err);
	}
	enum tng_code code = set_platform_args(r);
	return code == TNG_OK ? set_meta_args(r) : code;
}

static enum tng_code dispatch_all(struct resolver *r) {
	for (uint32_t i = 0; i < r->df->nstages; i++) {
		if (!r->uses[i].is_reached) {
			continue;
		}
		enum tng_code code = r->uses[i].is_replaced ? TNG_OK : stage_dispatch(r, i);
		if (code != TNG_OK) {
			return code;
		}
		r->stages[i].is_dispatched = true;
	}
	/* the whole of the target is the result */
	uint32_t context = r->uses[r->stages[r->target].root].context;
	if (context != DOCKERFILE_NO_CONTEXT) {
		r->contexts.ptr[context].is_all = true;
	}
	return TNG_OK;
}

enum tng_code dockerfile_resolve(struct arena *a, const struct dockerfile *df,
		const struct build_request *request, const struct build_sources **out,
		struct tng_error *err) {
	static const struct build_request no_request = { .engine = TNG_ENGINE_BUILDKIT };
	struct resolver r = {
		.a = a, .df = df, .request = request != NULL ? request : &no_request, .err = err
	};

	enum tng_code code = start(&r);
	if (code == TNG_OK) {
		code = stages_resolve(&r);
	}
	if (code == TNG_OK) {
		code = dispatch_all(&r);
	}
	if (code != TNG_OK) {
		return code;
	}
	struct build_sources *result = arena_new(a, struct build_sources, 1);
	if (result == NULL) {
		return error_nomem(err);
	}
	*result = (struct build_sources){ .target = r.target,
		.stages = r.uses,
		.nstages = df->nstages,
		.sources = r.sources.ptr,
		.nsources = r.sources.len,
		.copies = r.copies.ptr,
		.ncopies = r.copies.len,
		.diagnostics = r.diagnostics.ptr,
		.ndiagnostics = r.diagnostics.len };
	code = contexts_finish(&r, result);
	if (code == TNG_OK) {
		*out = result;
	}
	return code;
}
