/* What each line of an ignore file is worth: of the build's own, or of another text. */
#include "analysis/internal.h"

static enum tng_code name_patterns(struct arena *a, const struct ignore_set *set,
		struct analysis_ledger *out, struct tng_error *err) {
	uint32_t n = ignore_npatterns(set);
	struct ledger_name *names = arena_new(a, struct ledger_name, n);

	if (names == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(set, i);
		names[i] = (struct ledger_name){ arena_copy(a, p->text), p->is_exception };
		if (names[i].text.ptr == NULL) {
			return error_nomem(err);
		}
	}
	out->names = names;
	return TNG_OK;
}

enum tng_code build_ledger(struct arena *a, const struct analysis *an, const struct build *build,
		struct ledger *out, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	struct ledger_input input = {
		.tree = an->tree,
		.engine = request.engine,
		.dockerfile = request.dockerfile,
		.text = build->context.ignore_text,
		.set = build->patterns,
		.plan = &build->plan,
	};

	return verify_ledger(a, &input, out, err);
}

enum tng_code analysis_ledger(struct arena *a, const struct analysis *an, const struct build *build,
		struct analysis_ledger *out, struct tng_error *err) {
	*out = (struct analysis_ledger){ 0 };
	if (!build->has_plan || build->patterns == NULL) {
		return TNG_OK;
	}
	enum tng_code code = build_ledger(a, an, build, &out->ledger, err);
	return code == TNG_OK ? name_patterns(a, build->patterns, out, err) : code;
}

enum tng_code analysis_ledger_of(struct arena *a, const struct analysis *an,
		const struct build *build, struct str text, struct analysis_ledger *out,
		struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	struct transfer_plan plan;
	struct ignore_set *set = NULL;
	struct ledger_input input = {
		.tree = an->tree,
		.engine = request.engine,
		.dockerfile = request.dockerfile,
		.text = text,
		.plan = &plan,
	};

	*out = (struct analysis_ledger){ 0 };
	enum tng_code code = transfer_patterns(text, &request, &set, err);
	if (code == TNG_OK) {
		code = transfer_plan(a, an->tree, set, &request, &plan, err);
	}
	if (code == TNG_OK) {
		input.set = set;
		code = verify_ledger(a, &input, &out->ledger, err);
	}
	if (code == TNG_OK) {
		code = name_patterns(a, set, out, err);
	}
	ignore_destroy(set);
	return code;
}
