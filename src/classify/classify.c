#include "classify/classify.h"

#include "classify/engine.h"

#include <stdlib.h>

static void fill_rules(const struct ruleset *set, struct class_column *out) {
	*out = (struct class_column){
		.rules = set->words,
		.nrules = set->n,
		.classes = set->classes,
		.nclasses = set->nclasses,
	};
}

enum tng_code classify_rules(struct arena *a, const struct class_user_rule *user_rules,
		size_t nuser_rules, struct class_column *out, struct tng_error *err) {
	struct ruleset set;
	enum tng_code code = ruleset_make(a, user_rules, nuser_rules, &set, err);

	if (code == TNG_OK) {
		fill_rules(&set, out);
	}
	return code;
}

/* The list of secrets moves into the arena. */
static enum tng_code finish(struct arena *a, const struct engine *e, struct class_column *out,
		struct tng_error *err) {
	struct class_secret *secrets = arena_new(a, struct class_secret, e->secrets.len);

	if (secrets == NULL || e->nomem || prober_failed(e->prober)) {
		return error_nomem(err);
	}
	if (e->secrets.len > 0) {
		memcpy(secrets, e->secrets.ptr, e->secrets.len * sizeof(*secrets));
	}
	fill_rules(e->set, out);
	out->marks = e->marks;
	out->roots = e->roots;
	out->secrets = secrets;
	out->nsecrets = e->secrets.len;
	out->nprobed = prober_nfiles(e->prober);
	out->probed_bytes = prober_bytes(e->prober);
	return TNG_OK;
}

enum tng_code classify_column(struct arena *a, const struct classify_input *input,
		struct class_column *out, struct tng_error *err) {
	struct ruleset set;
	struct engine e = { .tree = input->tree, .vcs = input->vcs, .set = &set };
	enum tng_code code = ruleset_make(a, input->user_rules, input->nuser_rules, &set, err);

	if (code != TNG_OK) {
		return code;
	}
	e.marks = arena_new(a, struct class_mark, tree_nrows(input->tree));
	e.roots = arena_new(a, uint32_t, tree_ndirs(input->tree));
	e.dirs = calloc(tree_ndirs(input->tree), sizeof(*e.dirs));
	e.prober = prober_create(input->tree, input->root_fd);
	if (e.marks == NULL || e.roots == NULL || e.dirs == NULL || e.prober == NULL) {
		code = error_nomem(err);
	} else {
		engine_run(&e);
		code = finish(a, &e, out, err);
	}
	prober_destroy(e.prober);
	free(e.dirs);
	free(e.secrets.ptr);
	return code;
}
