#include "analysis/analysis.h"

#include "analysis/internal.h"

#include <fcntl.h>
#include <stdlib.h>

void analysis_destroy(struct analysis *an) {
	if (an == NULL) {
		return;
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (!an->builds[i].shares_patterns) {
			ignore_destroy(an->builds[i].patterns);
		}
		context_close(&an->builds[i].context);
	}
	if (an->revision == NULL) {
		tree_destroy(an->tree);
	}
	revision_close(an);
	arena_destroy(an->arena); /* the analysis itself is in it */
}

/* The contexts of all builds: one directory, a Dockerfile and an ignore file each. */
static enum tng_code open_contexts(struct analysis *an, const struct analysis_request *request,
		struct tng_error *err) {
	size_t n = request->ndockerfiles > 0 ? request->ndockerfiles : 1;
	enum tng_code code = TNG_OK;

	an->root = request->root != NULL ? request->root : ".";
	an->builds = arena_new(an->arena, struct build, n);
	if (an->builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		struct context_request context = {
			.root = request->root,
			.dockerfile = request->ndockerfiles > 0 ? request->dockerfiles[i] : NULL,
			.stdin_text = request->stdin_text,
			.ignore_file = request->ignore_file,
			.engine = request->engine,
		};
		an->builds[i].target = request->target;
		code = context_open(an->arena, &context, &an->builds[i].context, err);
		an->nbuilds += code == TNG_OK;
	}
	return code;
}

/* The contexts, and the tree that they share. */
static enum tng_code open_tree(struct analysis *an, const struct analysis_request *request,
		struct tng_error *err) {
	struct analysis_request moved = *request;

	if (request->revision == NULL) {
		enum tng_code code = open_contexts(an, request, err);
		return code == TNG_OK ? tree_walk(an->builds[0].context.root_fd, &request->walk,
							&an->tree, err)
				      : code;
	}
	enum tng_code code = revision_open(an, &moved, err);
	if (code == TNG_OK) {
		code = open_contexts(an, &moved, err);
	}
	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		revision_rename(an, &an->builds[i].context, request->root);
	}
	return code;
}

static enum tng_code run(struct analysis *an, const struct analysis_request *request,
		struct tng_error *err) {
	struct finding_list findings = { .arena = an->arena };
	enum tng_code code = open_tree(an, request, err);

	if (code != TNG_OK) {
		error_set_where(err, str_from(request->root != NULL ? request->root : "."));
		return code;
	}
	for (size_t i = 0; i < an->nbuilds && code == TNG_OK; i++) {
		code = build_run(an, &an->builds[i], request, &findings, err);
	}
	if (code == TNG_OK) {
		code = columns_run(an, request, &findings, err);
	}
	if (code == TNG_OK && request->want_others && request->ndockerfiles == 0 &&
			request->target.len == 0) {
		code = others_run(an, request, &findings, err);
	}
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
	enum tng_code code = run(an, request, err);
	if (code != TNG_OK) {
		analysis_destroy(an);
		return code;
	}
	*out = an;
	return TNG_OK;
}
