#include "report/explain.h"
#include "report/kinds.h"
#include "report/scan.h"

static const char *fate_name(enum fate fate) {
	switch (fate) {
	case FATE_SENT:
		return "sent";
	case FATE_PARENT:
		return "parent";
	case FATE_EXCLUDED:
		return "excluded";
	case FATE_PRUNED:
		return "pruned";
	case FATE_SKIPPED:
		return "skipped";
	case FATE_UNASKED:
		break;
	}
	return "unasked";
}

static const char *effect_name(enum trace_effect effect) {
	switch (effect) {
	case TRACE_DECIDED:
		return "decided";
	case TRACE_CHANGED:
		return "changed";
	case TRACE_CONFIRMED:
		return "confirmed";
	case TRACE_SKIPPED:
		return "skipped";
	case TRACE_UNREACHED:
		break;
	}
	return "unreached";
}

static const char *route_name(enum ignore_route route) {
	switch (route) {
	case IGNORE_ROUTE_EXACT:
		return "exact";
	case IGNORE_ROUTE_PREFIX:
		return "prefix";
	case IGNORE_ROUTE_SUFFIX:
		return "suffix";
	case IGNORE_ROUTE_REGEXP:
		break;
	}
	return "regexp";
}

static int line_of(const struct explain_view *v, uint32_t pattern) {
	return pattern == IGNORE_NO_PATTERN
			? 0
			: (int)ignore_pattern(v->build->patterns, pattern)->line;
}

/* '!' in front of an exception, as elsewhere; null: none. */
static json_t *pattern_text(const struct explain_view *v, uint32_t pattern) {
	if (pattern == IGNORE_NO_PATTERN) {
		return json_null();
	}
	const struct ignore_pattern *p = ignore_pattern(v->build->patterns, pattern);
	return json_pattern(v->arena, p->text, p->is_exception);
}

static json_t *trace_json(const struct explain_view *v, const struct explanation *e) {
	json_t *list = json_array();

	for (size_t i = 0; i < e->ntrace; i++) {
		const struct trace_step *s = &e->trace[i];
		const struct ignore_pattern *p = ignore_pattern(v->build->patterns, s->pattern);
		list = json_list_add(list,
				json_pack("{s:i, s:o, s:b, s:o, s:s}", "line", (int)p->line,
						"pattern",
						json_pattern(v->arena, p->text, p->is_exception),
						"exception", (int)p->is_exception, "matched",
						json_text(v->arena, s->matched), "effect",
						effect_name(s->effect)));
	}
	return list;
}

static json_t *requests_json(const struct explain_view *v, const struct explanation *e) {
	json_t *list = json_array();

	for (size_t i = 0; i < e->nrequests; i++) {
		const struct path_request *r = &e->requests[i];
		const struct source *s = r->source;
		struct str name = v->build->dockerfile->stages[s->stage].name;
		list = json_list_add(list,
				json_pack("{s:i, s:s, s:o, s:i, s:o, s:b}", "line", (int)s->line,
						"kind", report_source_kind(s->kind), "source",
						json_text(v->arena, s->written), "stage",
						(int)s->stage, "stage_name",
						name.len > 0 ? json_text(v->arena, name)
							     : json_null(),
						"only_below", (int)r->only_below));
	}
	return list;
}

static json_t *git_json(const struct explain_view *v, const struct explanation *e) {
	return json_pack("{s:b, s:i, s:o}", "excluded", (int)e->git.excluded, "line",
			line_of(v, e->git.pattern), "why",
			e->git.why.len > 0 ? json_text(v->arena, e->git.why) : json_null());
}

static json_t *whole_json(const struct explain_view *v, const struct explanation *e) {
	return json_pack("{s:b, s:i}", "excluded", (int)e->whole_path.excluded, "line",
			line_of(v, e->whole_path.pattern));
}

static bool add_text(
		const struct explain_view *v, json_t *object, const char *key, struct str text) {
	return json_object_set_new(object, key,
			       text.len > 0 ? json_text(v->arena, text) : json_null()) == 0;
}

/* What probes saw in it; the values are known to nobody. */
static json_t *secrets_json(const struct explain_view *v, uint32_t row) {
	const struct class_column *c = &v->an->classes;
	json_t *list = json_array();

	for (size_t i = 0; v->an->has_classes && row != TREE_NO_ROW && i < c->nsecrets; i++) {
		if (c->secrets[i].row == row) {
			list = json_list_add(list,
					json_pack("{s:o, s:I}", "kind",
							json_text(v->arena, c->secrets[i].kind),
							"line", (json_int_t)c->secrets[i].line));
		}
	}
	return list;
}

/* What it is: as in a list, and why; null where it is not on disk. */
static bool add_kind(const struct explain_view *v, const struct explanation *e, json_t *object) {
	const struct class_column *c = &v->an->classes;
	uint32_t row = e->on_disk ? tree_find(v->an->tree, e->path) : TREE_NO_ROW;
	const struct class_mark *mark =
			v->an->has_classes && row != TREE_NO_ROW ? &c->marks[row] : NULL;
	bool has_rule = mark != NULL && mark->rule != CLASS_NO_RULE;

	return kinds_add_row(v->arena, v->an, row, object) &&
			json_object_set_new(object, "secrets", secrets_json(v, row)) == 0 &&
			add_text(v, object, "rule_pattern",
					has_rule ? c->rules[mark->rule].pattern : STR("")) &&
			add_text(v, object, "evidence",
					has_rule ? c->rules[mark->rule].evidence : STR("")) &&
			add_text(v, object, "guard",
					mark != NULL ? str_from(class_guard_text(
								       (enum class_guard)
										       mark->guard))
						     : STR(""));
}

static json_t *path_json(const struct explain_view *v, const struct explanation *e) {
	json_t *object = json_pack(
			"{s:o, s:b, s:s, s:s, s:b, s:i, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}",
			"path", json_text(v->arena, e->path), "on_disk", (int)e->on_disk, "verdict",
			e->verdict.excluded ? "excluded" : "included", "fate", fate_name(e->fate),
			"empty", (int)e->comes_empty, "line", line_of(v, e->verdict.pattern),
			"pattern", pattern_text(v, e->verdict.pattern), "not_entered",
			e->not_entered.len > 0 ? json_text(v->arena, e->not_entered) : json_null(),
			"trace", trace_json(v, e), "requested_by", requests_json(v, e),
			"maybe_requested", (int)e->maybe_asked, "whole_path", whole_json(v, e),
			"gitignore", git_json(v, e), "next", json_message(v->arena, e->next));

	if (!add_kind(v, e, object) || !add_text(v, object, "link", e->link) ||
			!add_text(v, object, "behind_link", e->behind)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *paths_json(const struct explain_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->npaths; i++) {
		list = json_list_add(list, path_json(v, &v->paths[i]));
	}
	return list;
}

static json_t *hits_json(const struct pattern_hits *h) {
	return json_pack("{s:I, s:I, s:I}", "entries", (json_int_t)h->nentries, "files",
			(json_int_t)h->nfiles, "bytes", (json_int_t)h->bytes);
}

static json_t *notes_json(const struct explain_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->pattern->nnotes; i++) {
		list = json_list_add(list, json_text(v->arena, v->pattern->notes[i]));
	}
	return list;
}

static json_t *rows_json(const struct explain_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->pattern->nrows; i++) {
		list = json_list_add(list, json_path(v->arena, v->an->tree, v->pattern->rows[i]));
	}
	return list;
}

static json_t *deep_json(const struct explain_view *v) {
	const struct pattern_explanation *p = v->pattern;

	return p->deep_text.len == 0
			? json_null()
			: json_pack("{s:o, s:o}", "pattern", json_text(v->arena, p->deep_text),
					  "hits", hits_json(&p->deep));
}

static json_t *appended_json(const struct pattern_explanation *p) {
	return json_pack("{s:o, s:o}", "newly_excluded", hits_json(&p->newly_out), "brought_back",
			hits_json(&p->newly_in));
}

static json_t *pattern_json(const struct explain_view *v) {
	const struct pattern_explanation *p = v->pattern;

	return json_pack("{s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pattern",
			json_pattern(v->arena, p->text, p->is_exception), "exception",
			(int)p->is_exception, "route", route_name(p->route), "meaning",
			json_text(v->arena, p->meaning), "notes", notes_json(v), "disk",
			hits_json(&p->disk), "eligible", hits_json(&p->eligible), "paths",
			rows_json(v), "any_depth", deep_json(v), "appended", appended_json(p));
}

static json_t *answer_json(const struct explain_view *v) {
	if (v->pattern != NULL) {
		return pattern_json(v);
	}
	return v->paths != NULL ? paths_json(v) : json_null();
}

/* The story's keys stand beside those of the build; a build whose ignore file is bad has none. */
static json_t *story_build_json(const struct explain_view *v, json_t *build) {
	json_t *story = v->slow != NULL ? explain_slow_json(v) : json_object();

	if (story == NULL || build == NULL || json_object_update(build, story) != 0) {
		json_decref(build);
		build = NULL;
	}
	json_decref(story);
	return build;
}

static json_t *build_json(const struct explain_view *v, const char *key) {
	const struct context *ctx = &v->build->context;
	bool has_ignore_file = ctx->ignore_origin != IGNORE_ORIGIN_NONE;

	json_t *build = json_pack("{s:o, s:o}", "dockerfile",
			ctx->has_dockerfile ? json_text(v->arena, ctx->dockerfile) : json_null(),
			"ignore_file",
			has_ignore_file ? json_text(v->arena, ctx->ignore_path) : json_null());

	if (v->is_story) {
		return story_build_json(v, build);
	}
	if (build == NULL || json_object_set_new(build, key, answer_json(v)) != 0) {
		json_decref(build);
		return NULL;
	}
	return build;
}

/* Of several Dockerfiles: each answer, the first one's too. */
static bool add_builds(const struct explain_view *v, const char *key, json_t *doc) {
	json_t *list = v->nothers > 0 ? json_array() : NULL;

	if (v->nothers == 0) {
		return true;
	}
	list = json_list_add(list, build_json(v, key));
	for (size_t i = 0; i < v->nothers; i++) {
		list = json_list_add(list, build_json(&v->others[i], key));
	}
	return json_object_set_new(doc, "builds", list) == 0;
}

enum tng_code report_explain_json(
		const struct explain_view *v, struct sink *sink, struct tng_error *err) {
	json_t *doc = json_document("explain");
	const char *key = v->pattern != NULL ? "pattern" : "paths";

	if (v->is_story) {
		doc = story_build_json(v, doc);
	}
	/* takes the answer, also when it fails or when there is no document */
	if ((!v->is_story && json_object_set_new(doc, key, answer_json(v)) != 0) ||
			!add_builds(v, key, doc)) {
		json_decref(doc);
		return error_nomem(err);
	}
	return json_write(doc, false, sink, err);
}
