#include "report/kinds.h"
#include "report/scan.h"

static bool add(json_t *doc, const char *key, json_t *value) {
	return json_object_set_new(doc, key, value) == 0;
}

static json_t *weight_json(const struct build *b, const struct lens_weights *w, enum lens lens) {
	return !build_has_lens(b, lens)
			? json_null()
			: json_pack("{s:I, s:I}", "files", (json_int_t)w->of[lens].nfiles, "bytes",
					  (json_int_t)w->of[lens].bytes);
}

/* Its keys are those of "lenses". */
static bool add_weights(json_t *object, const struct build *b, const struct lens_weights *w) {
	return object != NULL && add(object, "disk", weight_json(b, w, LENS_DISK)) &&
			add(object, "eligible", weight_json(b, w, LENS_ELIGIBLE)) &&
			add(object, "requested", weight_json(b, w, LENS_REQUESTED));
}

static enum tng_code classes_json(const struct scan_view *v, json_t **out, struct tng_error *err) {
	struct class_weight *list;
	size_t n;
	enum tng_code code = analysis_classes(v->arena, v->an, v->build, v->lens, &list, &n, err);
	json_t *array = json_array();

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		json_t *item = kinds_class_json(v->arena, &v->an->classes.classes[list[i].klass]);
		if (!add_weights(item, v->build, &list[i].weights)) {
			json_decref(item);
			item = NULL;
		}
		array = json_list_add(array, item);
	}
	*out = array;
	return code;
}

static json_t *secret_json(const struct scan_view *v, const struct secret_place *s) {
	const struct class_mark *mark = &v->an->classes.marks[s->row];

	return json_pack("{s:o, s:o, s:i, s:s, s:o, s:b, s:b}", "path",
			json_path(v->arena, v->an->tree, s->row), "kind",
			s->kind.len > 0 ? json_text(v->arena, s->kind) : json_null(), "line",
			(int)s->line, "severity", class_severity_name(s->severity), "rule",
			mark->rule != CLASS_NO_RULE
					? json_text(v->arena, v->an->classes.rules[mark->rule].id)
					: json_null(),
			"eligible", (int)s->in_lens[LENS_ELIGIBLE], "requested",
			(int)s->in_lens[LENS_REQUESTED]);
}

static enum tng_code secrets_json(const struct scan_view *v, json_t **out, struct tng_error *err) {
	struct secret_place *list;
	size_t n;
	enum tng_code code = analysis_secrets(v->arena, v->an, v->build, &list, &n, err);
	json_t *array = json_array();

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		array = json_list_add(array, secret_json(v, &list[i]));
	}
	*out = array;
	return code;
}

static json_t *repositories_json(const struct scan_view *v) {
	static const char *const kinds[] = { "main", "submodule", "nested", "worktree" };
	json_t *array = json_array();

	for (size_t i = 0; i < v->an->git.nrepositories; i++) {
		const struct vcs_repository *r = &v->an->git.repositories[i];
		array = json_list_add(array,
				json_pack("{s:s, s:o, s:o, s:I, s:o}", "kind", kinds[r->kind],
						"path",
						r->row == 0 ? json_string(".")
							    : json_path(v->arena, v->an->tree,
									      r->row),
						"prefix", json_text(v->arena, r->prefix), "tracked",
						(json_int_t)r->nindex, "problem",
						r->problem.len > 0 ? json_text(v->arena, r->problem)
								   : json_null()));
	}
	return array;
}

static json_t *warnings_json(const struct scan_view *v) {
	json_t *array = json_array();

	for (size_t i = 0; i < v->an->git.nwarnings; i++) {
		const struct vcs_warning *w = &v->an->git.warnings[i];
		array = json_list_add(array,
				json_pack("{s:o, s:o}", "path", json_text(v->arena, w->path),
						"message", json_message(v->arena, w->text)));
	}
	return array;
}

/* Each state that a file is in, with its weights. */
static json_t *states_json(const struct scan_view *v) {
	struct git_weights git;
	json_t *array = json_array();

	analysis_git(v->an, v->build, &git);
	for (int state = 0; state < VCS_NSTATES; state++) {
		if (git.state[state].of[LENS_DISK].nfiles == 0) {
			continue;
		}
		json_t *item = json_pack("{s:s}", "state", vcs_state_name((enum vcs_state)state));
		if (!add_weights(item, v->build, &git.state[state])) {
			json_decref(item);
			item = NULL;
		}
		array = json_list_add(array, item);
	}
	return array;
}

static json_t *git_json(const struct scan_view *v) {
	return json_pack("{s:b, s:o, s:I, s:I, s:o, s:o}", "known", (int)v->an->git.is_known,
			"states", states_json(v), "tracked", (json_int_t)v->an->git.ntracked,
			"missing", (json_int_t)v->an->git.nmissing, "repositories",
			repositories_json(v), "warnings", warnings_json(v));
}

enum tng_code report_scan_kinds_json(
		const struct scan_view *v, json_t *doc, struct tng_error *err) {
	const struct class_column *c = &v->an->classes;
	bool has = v->an->has_classes;
	json_t *classes = json_null(), *secrets = json_null();
	enum tng_code code = has ? classes_json(v, &classes, err) : TNG_OK;

	if (code == TNG_OK && has) {
		code = secrets_json(v, &secrets, err);
	}
	bool ok = add(doc, "classes", classes);
	ok = add(doc, "secrets", secrets) && ok;
	ok = ok && add(doc, "git", v->an->has_git ? git_json(v) : json_null());
	ok = ok &&
			add(doc, "probes",
					has ? json_pack("{s:I, s:I}", "files",
							      (json_int_t)c->nprobed, "bytes",
							      (json_int_t)c->probed_bytes)
					    : json_null());
	return code == TNG_OK && !ok ? error_nomem(err) : code;
}
