/* The verifier: what never changes is found once, then each text costs a plan for each engine. */
#include "verify/verify.h"

#include "verify/internal.h"

#include <stdlib.h>

static const enum tng_engine all_engines[VERIFY_ENGINES_MAX] = {
	TNG_ENGINE_BUILDKIT,
	TNG_ENGINE_CLASSIC,
	TNG_ENGINE_PODMAN,
};

struct verifier {
	struct arena *arena, *scratch; /* scratch: of one verify_text() */
	struct verify_input input;
	enum tng_engine engines[VERIFY_ENGINES_MAX];
	struct need *needs;
	size_t nneeds;
	const uint8_t *asked_by_any;
	struct judged before[VERIFY_ENGINES_MAX];
	bool before_is_bad;
	struct loss_list already;
};

/* ---- what does not change */

static enum tng_code judge_before(struct verifier *v, size_t e, const struct verify_input *input,
		struct tng_error *err) {
	struct judge judge = { v->arena, &v->input, v->asked_by_any };
	const struct str *text = input->has_before ? &input->before : NULL;
	enum tng_code code = judge_text(&judge, v->engines[e], text, &v->before[e], err);

	if (code == TNG_OK && v->before[e].bad.code != TNG_OK) {
		v->before_is_bad = true;
		judged_fini(&v->before[e]);
		code = judge_text(&judge, v->engines[e], NULL, &v->before[e], err);
	}
	return code;
}

static enum tng_code find_already(struct verifier *v, size_t e, struct tng_error *err) {
	struct verify_input input = v->input;
	struct comparison what = {
		.input = &input,
		.needs = v->needs,
		.nneeds = v->nneeds,
		.engine = v->engines[e],
		.after = v->before[e].of_build,
	};

	input.may_go = NULL;
	return compare_builds(&what, &v->already, err);
}

static enum tng_code prepare(
		struct verifier *v, const struct verify_input *input, struct tng_error *err) {
	enum tng_code code = needs_find(v->arena, &v->input, &v->needs, &v->nneeds, err);

	if (code == TNG_OK) {
		code = needs_merge(v->arena, v->input.tree, v->needs, v->nneeds, &v->asked_by_any,
				err);
	}
	for (size_t e = 0; e < v->input.nengines && code == TNG_OK; e++) {
		code = judge_before(v, e, input, err);
		if (code == TNG_OK) {
			code = find_already(v, e, err);
		}
	}
	return code;
}

void verifier_destroy(struct verifier *v) {
	if (v == NULL) {
		return;
	}
	for (size_t e = 0; e < VERIFY_ENGINES_MAX; e++) {
		judged_fini(&v->before[e]);
	}
	arena_destroy(v->arena);
	arena_destroy(v->scratch);
	free(v);
}

enum tng_code verifier_create(
		const struct verify_input *input, struct verifier **out, struct tng_error *err) {
	struct verifier *v = calloc(1, sizeof(*v));
	const enum tng_engine *engines = input->nengines > 0 ? input->engines : all_engines;

	if (v == NULL) {
		return error_nomem(err);
	}
	v->input = *input;
	v->input.nengines = input->nengines > 0 ? input->nengines : VERIFY_ENGINES_MAX;
	memcpy(v->engines, engines, v->input.nengines * sizeof(*engines));
	v->input.engines = v->engines;
	v->input.before = STR(""); /* the caller's may go */
	v->arena = arena_create();
	v->scratch = arena_create();
	v->already.arena = v->arena;
	enum tng_code code = v->arena != NULL && v->scratch != NULL ? prepare(v, input, err)
								    : error_nomem(err);
	if (code != TNG_OK) {
		verifier_destroy(v);
		return code;
	}
	*out = v;
	return TNG_OK;
}

/* ---- one text */

static void count_changes(const struct verifier *v, const struct judgment *before,
		const struct judgment *after, struct verify_engine *out) {
	uint32_t nrows = tree_nrows(v->input.tree);

	for (uint32_t row = 1; row < nrows; row++) {
		unsigned was = before->rows[row] & ROW_SENT, is = after->rows[row] & ROW_SENT;
		out->nnewly_out += was > is;
		out->nnewly_in += was < is;
	}
}

static enum tng_code list_empty(struct arena *a, const struct judgment *after,
		struct verify_engine *out, struct tng_error *err) {
	size_t n = after->nempty < VERIFY_EMPTY_MAX ? (size_t)after->nempty : VERIFY_EMPTY_MAX;
	uint32_t *rows = arena_new(a, uint32_t, n);

	if (rows == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; out->nempty < n; row++) {
		if ((after->rows[row] & ROW_EMPTY) != 0) {
			rows[out->nempty++] = row;
		}
	}
	out->empty = rows;
	return TNG_OK;
}

static enum tng_code list_defeating(struct arena *a, const struct judgment *after,
		struct verify_engine *out, struct tng_error *err) {
	uint32_t n = after->set != NULL ? ignore_npatterns(after->set) : 0;
	uint32_t *lines = arena_new(a, uint32_t, n);

	if (lines == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(after->set, i);
		if (p->is_exception && transfer_enters_all(out->engine, p)) {
			lines[out->ndefeating++] = p->line;
		}
	}
	out->defeating = lines;
	return TNG_OK;
}

static enum tng_code fill_engine(struct verifier *v, struct arena *a, const struct judgment *before,
		const struct judgment *after, struct verify_engine *out, struct tng_error *err) {
	out->eligible_before = before->eligible;
	out->eligible_after = after->eligible;
	out->requested_before = before->requested;
	out->requested_after = after->requested;
	out->nlooked_before = before->nlooked;
	out->nlooked_after = after->nlooked;
	out->nempty_before = before->nempty;
	out->nempty_after = after->nempty;
	count_changes(v, before, after, out);
	enum tng_code code = list_empty(a, after, out, err);
	return code == TNG_OK ? list_defeating(a, after, out, err) : code;
}

static enum tng_code verify_engine(struct verifier *v, struct arena *a, size_t e, struct str text,
		struct loss_list *losses, struct verification *out, struct tng_error *err) {
	struct judge judge = { v->scratch, &v->input, v->asked_by_any };
	const struct judged *before = &v->before[e];
	struct verify_engine *engine = &out->engines[e];
	struct judged after = { 0 };
	enum tng_code code = judge_text(&judge, v->engines[e], &text, &after, err);

	*engine = (struct verify_engine){ .engine = v->engines[e], .bad = after.bad };
	if (code == TNG_OK && after.bad.code == TNG_OK) {
		struct comparison what = {
			.input = &v->input,
			.needs = v->needs,
			.nneeds = v->nneeds,
			.engine = v->engines[e],
			.before = before->of_build,
			.after = after.of_build,
		};
		code = fill_engine(v, a, before->of_build[0], after.of_build[0], engine, err);
		if (code == TNG_OK) {
			code = compare_builds(&what, losses, err);
		}
	}
	out->is_safe &= after.bad.code == TNG_OK;
	judged_fini(&after);
	return code;
}

enum tng_code verify_text(struct verifier *v, struct arena *a, struct str text,
		struct verification *out, struct tng_error *err) {
	struct arena_mark mark = arena_mark(v->scratch);
	struct loss_list losses = {
		.arena = a,
		.lost = arena_new(a, uint8_t, tree_nrows(v->input.tree)),
	};
	enum tng_code code = losses.lost != NULL ? TNG_OK : error_nomem(err);
	struct verification result = {
		.is_safe = true,
		.nengines = v->input.nengines,
		.already = v->already.ptr,
		.nalready = v->already.n,
		.nalready_all = v->already.nall,
		.before_is_bad = v->before_is_bad,
	};

	for (size_t e = 0; e < v->input.nengines && code == TNG_OK; e++) {
		code = verify_engine(v, a, e, text, &losses, &result, err);
		arena_rewind(v->scratch, mark);
	}
	result.losses = losses.ptr;
	result.nlosses = losses.n;
	result.nlosses_all = losses.nall;
	result.lost = losses.nall > 0 ? losses.lost : NULL;
	result.is_safe &= losses.nall == 0;
	if (code == TNG_OK) {
		*out = result;
	}
	return code;
}
