#include "report/scan.h"

#include "report/ledger.h"

static const char *origin_name(enum ignore_origin origin) {
	switch (origin) {
	case IGNORE_ORIGIN_NONE:
		return "none";
	case IGNORE_ORIGIN_ROOT:
		return "root";
	case IGNORE_ORIGIN_DOCKERFILE:
		return "dockerfile";
	case IGNORE_ORIGIN_OPTION:
		return "option";
	}
	return "";
}

/* A failed json_pack() leaves NULL, which json_object_set_new() reports. */
static bool add(json_t *doc, const char *key, json_t *value) {
	return json_object_set_new(doc, key, value) == 0;
}

static json_t *weight_json(const struct weight *w) {
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries", (json_int_t)w->nentries,
			"files", (json_int_t)w->nfiles, "directories", (json_int_t)w->ndirs,
			"symlinks", (json_int_t)w->nsymlinks, "others", (json_int_t)w->nothers,
			"bytes", (json_int_t)w->bytes, "allocated", (json_int_t)w->allocated);
}

/* A lens of what is sent: with what of it arrives empty. */
static json_t *sent_json(const struct weight *w, const struct empty_weight *empty) {
	json_t *json = weight_json(w);

	if (json != NULL &&
			(!add(json, "empty_files", json_integer((json_int_t)empty->nfiles)) ||
					!add(json, "empty_bytes",
							json_integer((json_int_t)empty->bytes)))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *lenses_json(const struct build *b) {
	return json_pack("{s:o, s:o, s:o}", "disk", weight_json(&b->plan.disk), "eligible",
			b->has_plan ? sent_json(&b->plan.eligible, &b->eligible_empty)
				    : json_null(),
			"requested",
			b->has_requested ? sent_json(&b->requested.eligible, &b->requested_empty)
					 : json_null());
}

static json_t *inactive_json(struct arena *a, const struct context *ctx) {
	json_t *list = json_array();

	for (size_t i = 0; i < ctx->ninactive; i++) {
		list = json_list_add(list,
				json_pack("{s:o, s:o}", "path", json_text(a, ctx->inactive[i].path),
						"reason", json_text(a, ctx->inactive[i].reason)));
	}
	return list;
}

static json_t *ignore_file_json(struct arena *a, const struct build *b) {
	const struct context *ctx = &b->context;
	bool none = ctx->ignore_origin == IGNORE_ORIGIN_NONE;

	return json_pack("{s:o, s:s, s:o}", "path",
			none ? json_null() : json_text(a, ctx->ignore_path), "origin",
			origin_name(ctx->ignore_origin), "inactive", inactive_json(a, ctx));
}

static json_t *heavy_json(struct arena *a, const struct analysis *an, const struct heavy *h) {
	const struct entry *entry = tree_entry(an->tree, h->row);

	return json_pack("{s:o, s:s, s:b, s:I, s:I}", "path", json_path(a, an->tree, h->row),
			"type", entry_type_name(entry_type(entry)), "rest", (int)h->is_rest,
			"files", (json_int_t)h->nfiles, "bytes", (json_int_t)h->bytes);
}

static enum tng_code add_heavy(
		json_t *doc, const char *key, const struct scan_view *v, struct tng_error *err) {
	struct heavy *heavy;
	size_t n, top = v->options->top;
	bool files = strcmp(key, "largest_files") == 0;
	enum tng_code code = files ? analysis_largest_files(v->arena, v->an, v->build, v->lens, top,
						     &heavy, &n, err)
				   : analysis_heaviest(v->arena, v->an, v->build, v->lens,
						     heaviest_lines(v->options), &heavy, &n, err);
	json_t *list = json_array();

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		list = json_list_add(list, heavy_json(v->arena, v->an, &heavy[i]));
	}
	if (!add(doc, key, list) && code == TNG_OK) {
		code = error_nomem(err);
	}
	return code;
}

static enum tng_code add_extensions(json_t *doc, const struct scan_view *v, struct tng_error *err) {
	struct extension_weight *rows;
	size_t n;
	enum tng_code code =
			analysis_extensions(v->arena, v->an, v->build, v->lens, &rows, &n, err);
	json_t *list = json_array();

	for (size_t i = 0; code == TNG_OK && i < n && i < v->options->top; i++) {
		list = json_list_add(list,
				json_pack("{s:o, s:I, s:I}", "extension",
						json_text(v->arena, rows[i].extension), "files",
						(json_int_t)rows[i].nfiles, "bytes",
						(json_int_t)rows[i].bytes));
	}
	if (!add(doc, "extensions", list) && code == TNG_OK) {
		code = error_nomem(err);
	}
	return code;
}

static json_t *pattern_json(
		struct arena *a, const struct ignore_pattern *p, const struct pattern_weight *w) {
	return json_pack("{s:i, s:o, s:b, s:I, s:I, s:I}", "line", (int)p->line, "pattern",
			json_pattern(a, p->text, p->is_exception), "exception",
			(int)p->is_exception, "entries", (json_int_t)w->nentries, "files",
			(json_int_t)w->nfiles, "bytes", (json_int_t)w->bytes);
}

static json_t *patterns_json(struct arena *a, const struct build *b) {
	json_t *list = json_array();
	uint32_t n = b->has_plan && b->patterns != NULL ? ignore_npatterns(b->patterns) : 0;

	for (uint32_t i = 0; i < n; i++) {
		list = json_list_add(list,
				pattern_json(a, ignore_pattern(b->patterns, i),
						&b->plan.patterns[i]));
	}
	return list;
}

static json_t *source_json(struct arena *a, const struct build *b, const struct source_weight *w) {
	const struct source *s = w->source;
	bool is_main = s->context == DOCKERFILE_MAIN_CONTEXT;
	bool is_weighed = is_main && s->kind != SOURCE_REMOTE;

	return json_pack("{s:i, s:s, s:i, s:o, s:o, s:o, s:b, s:b, s:o}", "line", (int)s->line,
			"kind", report_source_kind(s->kind), "stage", (int)s->stage, "source",
			json_text(a, s->written), "path", json_text(a, s->path), "context",
			is_main ? json_null() : json_text(a, b->sources->contexts[s->context].name),
			"whole", (int)w->is_whole, "unknowable", (int)s->is_unknowable, "asked",
			is_weighed ? weight_json(&w->asked) : json_null());
}

static json_t *sources_json(struct arena *a, const struct build *b) {
	json_t *list = json_array();
	size_t n = b->has_requested ? b->sources->nsources : 0;

	for (size_t i = 0; i < n; i++) {
		list = json_list_add(list, source_json(a, b, &b->source_weights[i]));
	}
	return list;
}

static json_t *named_json(struct arena *a, const struct build *b) {
	json_t *list = json_array();

	for (size_t i = 0; i < b->nnamed; i++) {
		const struct named_transfer *t = &b->named[i];
		list = json_list_add(list,
				json_pack("{s:o, s:o, s:i, s:o, s:o}", "name",
						json_text(a, t->name), "directory",
						t->is_local ? json_text(a, t->directory)
							    : json_null(),
						"line", (int)t->line, "disk",
						t->is_local ? weight_json(&t->disk) : json_null(),
						"requested",
						t->is_local ? weight_json(&t->requested)
							    : json_null()));
	}
	return list;
}

static json_t *findings_json(struct arena *a, const struct analysis *an) {
	static const char *const names[] = { "note", "warning", "error" };
	json_t *list = json_array();

	for (size_t i = 0; i < an->nfindings; i++) {
		const struct finding *d = &an->findings[i];
		list = json_list_add(list,
				json_pack("{s:s, s:s, s:o, s:i, s:i, s:o}", "name", d->name,
						"severity", names[d->severity], "file",
						d->file.len > 0 ? json_text(a, d->file)
								: json_null(),
						"line", (int)d->line, "column", (int)d->column,
						"message", json_message(a, d->text)));
	}
	return list;
}

/* What one Dockerfile makes of the tree. */
static json_t *build_json(struct arena *a, const struct build *b) {
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "dockerfile",
			b->context.has_dockerfile ? json_text(a, b->context.dockerfile)
						  : json_null(),
			"ignore_file", ignore_file_json(a, b), "lenses", lenses_json(b), "bounded",
			(int)b->is_bounded, "sources", sources_json(a, b), "named_contexts",
			named_json(a, b), "patterns", patterns_json(a, b));
}

static json_t *other_builds_json(struct arena *a, const struct analysis *an) {
	json_t *list = json_array();

	for (size_t i = 1; i < an->nbuilds; i++) {
		list = json_list_add(list, build_json(a, &an->builds[i]));
	}
	return list;
}

/* The build the user asked about has its fields in the document itself. */
static bool add_head(json_t *doc, const struct scan_view *v) {
	const struct context *ctx = &v->build->context;
	json_t *build = build_json(v->arena, v->build);
	bool ok = build != NULL && add(doc, "root", json_text(v->arena, ctx->root)) &&
			add(doc, "engine", json_string(report_engine_name(ctx->engine))) &&
			json_object_update(doc, build) == 0;

	json_decref(build);
	return ok && add(doc, "other_builds", other_builds_json(v->arena, v->an)) &&
			add(doc, "lens", json_string(report_lens_name(v->lens))) &&
			add(doc, "findings", findings_json(v->arena, v->an)) &&
			add(doc, "partial",
					json_boolean(v->lens == LENS_DISK ? v->an->disk_is_partial
									  : v->an->is_partial));
}

static enum tng_code add_wire(json_t *doc, const struct scan_view *v, struct tng_error *err) {
	json_t *wire;
	enum tng_code code = report_scan_wire_json(v, &wire, err);

	return code == TNG_OK && !add(doc, "wire", wire) ? error_nomem(err) : code;
}

/* Only when asked for: each line costs a part of a plan. */
static enum tng_code add_ledger(json_t *doc, const struct scan_view *v, struct tng_error *err) {
	struct analysis_ledger ledger = { 0 };
	bool is_wanted = v->options->by == REPORT_BY_PATTERN && v->build->has_plan;
	enum tng_code code = is_wanted ? analysis_ledger(v->arena, v->an, v->build, &ledger, err)
				       : TNG_OK;

	if (code != TNG_OK) {
		return code;
	}
	json_t *json = is_wanted ? report_ledger_json(v->arena, &ledger) : json_null();
	return add(doc, "ledger", json) ? TNG_OK : error_nomem(err);
}

enum tng_code report_scan_json(const struct scan_view *v, struct tng_error *err) {
	json_t *doc = json_document("scan");
	struct str advice = STR("");
	enum tng_code code = doc != NULL && add_head(doc, v) ? TNG_OK : error_nomem(err);

	if (code == TNG_OK) {
		code = add_wire(doc, v, err);
	}
	if (code == TNG_OK) {
		code = add_ledger(doc, v, err);
	}
	if (code == TNG_OK) {
		code = add_heavy(doc, "heaviest", v, err);
	}
	if (code == TNG_OK) {
		code = add_heavy(doc, "largest_files", v, err);
	}
	if (code == TNG_OK) {
		code = add_extensions(doc, v, err);
	}
	if (code == TNG_OK) {
		code = report_scan_kinds_json(v, doc, err);
	}
	if (code == TNG_OK) {
		code = analysis_advice(v->arena, v->an, v->build, &advice, err);
	}
	if (code == TNG_OK && !add(doc, "advice", json_message(v->arena, advice))) {
		code = error_nomem(err);
	}
	if (code != TNG_OK) {
		json_decref(doc);
		return code;
	}
	return json_write(doc, false, v->sink, err);
}
