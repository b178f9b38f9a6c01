/* What sources lack under a text of which there is a plan already: nothing is decided anew. */
#include "verify/internal.h"

/* The judgment of the text; what only a second text is compared with is not made. */
static enum tng_code compare(const struct verify_lacks_input *in, const struct judge *judge,
		struct comparison *what, struct loss_list *list, struct tng_error *err) {
	struct judgment judgment = { .set = in->set, .decider = in->plan->decider };
	const struct judgment **of_build =
			arena_new(judge->arena, const struct judgment *, in->nbuilds);
	enum tng_code code = of_build != NULL
			? judge_plan(judge, in->engine, in->plan, &judgment, err)
			: error_nomem(err);

	for (size_t i = 0; i < in->nbuilds && code == TNG_OK; i++) {
		of_build[i] = &judgment;
	}
	what->after = of_build;
	return code == TNG_OK ? compare_builds(what, list, err) : code;
}

enum tng_code verify_lacks(struct arena *a, const struct verify_lacks_input *in,
		const struct verify_loss **out, size_t *n, struct tng_error *err) {
	struct verify_input input = {
		.tree = in->tree,
		.builds = in->builds,
		.nbuilds = in->nbuilds,
	};
	struct judge judge = { .arena = arena_create(), .input = &input };
	struct comparison what = { .input = &input, .engine = in->engine };
	struct loss_list list = { .arena = a };
	struct need *needs = NULL;
	enum tng_code code = judge.arena != NULL
			? needs_find(judge.arena, &input, &needs, &what.nneeds, err)
			: error_nomem(err);

	what.needs = needs;
	if (code == TNG_OK) {
		code = compare(in, &judge, &what, &list, err);
	}
	arena_destroy(judge.arena);
	if (code == TNG_OK) {
		*out = list.ptr;
		*n = list.n;
	}
	return code;
}
