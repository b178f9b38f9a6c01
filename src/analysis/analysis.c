#include "analysis/analysis.h"

#include "analysis/internal.h"

#include <stdlib.h>

void analysis_destroy(struct analysis *an) {
	if (an == NULL) {
		return;
	}
	ignore_destroy(an->patterns);
	tree_destroy(an->tree);
	context_close(&an->context);
	arena_destroy(an->arena); /* the analysis itself is in it */
}

static struct transfer_request transfer_request(const struct context *ctx) {
	return (struct transfer_request){
		.engine = ctx->engine,
		.dockerfile = ctx->dockerfile_is_inside ? ctx->dockerfile : STR(""),
	};
}

/* The plan with the ignore file; a bad one is a finding, and the plan is made without it. */
static enum tng_code plan(
		struct analysis *an, struct finding_list *findings, struct tng_error *err) {
	struct transfer_request request = transfer_request(&an->context);
	struct tng_error bad = { 0 };
	enum tng_code code = TNG_OK;

	if (an->context.ignore_origin != IGNORE_ORIGIN_NONE) {
		code = transfer_patterns(an->context.ignore_text, &request, &an->patterns, &bad);
	}
	if (code == TNG_OK) {
		code = transfer_plan(an->arena, an->tree, an->patterns, &request, &an->plan, &bad);
	}
	an->has_plan = code == TNG_OK;
	if (code != TNG_ESYNTAX && code != TNG_ELIMIT) {
		return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
	}
	code = findings_add_pattern_error(an, findings, &bad, err);
	return code == TNG_OK ? transfer_plan(an->arena, an->tree, NULL, &request, &an->plan, err)
			      : code;
}

static enum tng_code run(struct analysis *an, const struct analysis_request *request,
		struct tng_error *err) {
	struct finding_list findings = { .arena = an->arena };
	enum tng_code code = context_open(an->arena, &request->context, &an->context, err);

	if (code == TNG_OK) {
		code = tree_walk(an->context.root_fd, &request->walk, &an->tree, err);
	}
	if (code != TNG_OK) {
		error_set_where(err, an->context.root);
		return code;
	}
	code = plan(an, &findings, err);
	if (code == TNG_OK) {
		code = findings_collect(an, &findings, err);
	}
	if (code == TNG_OK) {
		code = findings_finish(&findings, &an->findings, &an->nfindings, err);
	}
	findings_fini(&findings);
	return code;
}

enum tng_code analysis_run(const struct analysis_request *request, struct analysis **out,
		struct tng_error *err) {
	struct arena *a = arena_create();
	struct analysis *an = a != NULL ? arena_new(a, struct analysis, 1) : NULL;

	if (an == NULL) {
		arena_destroy(a);
		return error_nomem(err);
	}
	an->arena = a;
	an->context.root_fd = -1;
	enum tng_code code = run(an, request, err);
	if (code != TNG_OK) {
		analysis_destroy(an);
		return code;
	}
	*out = an;
	return TNG_OK;
}

const struct weight *analysis_weight(const struct analysis *an, enum lens lens) {
	return lens == LENS_DISK ? &an->plan.disk : &an->plan.eligible;
}

enum lens analysis_default_lens(const struct analysis *an) {
	return an->has_plan ? LENS_ELIGIBLE : LENS_DISK;
}
