#include "report/scan.h"

#include "report/json.h"

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

static json_t *weight_json(const struct weight *w) {
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries", (json_int_t)w->nentries,
			"files", (json_int_t)w->nfiles, "directories", (json_int_t)w->ndirs,
			"symlinks", (json_int_t)w->nsymlinks, "others", (json_int_t)w->nothers,
			"bytes", (json_int_t)w->bytes, "allocated", (json_int_t)w->allocated);
}

static json_t *lenses_json(const struct analysis *an) {
	return json_pack("{s:o, s:o}", "disk", weight_json(&an->plan.disk), "eligible",
			an->has_plan ? weight_json(&an->plan.eligible) : json_null());
}

static json_t *inactive_json(struct arena *a, const struct context *ctx) {
	json_t *list = json_array();

	for (size_t i = 0; i < ctx->ninactive; i++) {
		json_array_append_new(list,
				json_pack("{s:o, s:o}", "path", json_text(a, ctx->inactive[i].path),
						"reason", json_text(a, ctx->inactive[i].reason)));
	}
	return list;
}

static json_t *ignore_file_json(struct arena *a, const struct analysis *an) {
	const struct context *ctx = &an->context;
	bool none = ctx->ignore_origin == IGNORE_ORIGIN_NONE;

	return json_pack("{s:o, s:s, s:o}", "path",
			none ? json_null() : json_text(a, ctx->ignore_path), "origin",
			origin_name(ctx->ignore_origin), "inactive", inactive_json(a, ctx));
}

static json_t *heavy_json(struct arena *a, const struct analysis *an, const struct heavy *h) {
	const struct entry *entry = tree_entry(an->tree, h->row);

	return json_pack("{s:o, s:s, s:b, s:I, s:I}", "path", json_path(a, an->tree, h->row),
			"type", json_entry_type(entry), "rest", (int)h->is_rest, "files",
			(json_int_t)h->nfiles, "bytes", (json_int_t)h->bytes);
}

static enum tng_code add_heavy(json_t *doc, const char *key, bool files, const struct analysis *an,
		const struct scan_options *o, struct arena *a, struct tng_error *err) {
	struct heavy *heavy;
	size_t n;
	enum tng_code code = files ? analysis_largest_files(a, an, o->lens, o->top, &heavy, &n, err)
				   : analysis_heaviest(a, an, o->lens, o->top, &heavy, &n, err);
	json_t *list = json_array();

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		json_array_append_new(list, heavy_json(a, an, &heavy[i]));
	}
	json_object_set_new(doc, key, list);
	return code;
}

static enum tng_code add_extensions(json_t *doc, const struct analysis *an,
		const struct scan_options *o, struct arena *a, struct tng_error *err) {
	struct extension_weight *rows;
	size_t n;
	enum tng_code code = analysis_extensions(a, an, o->lens, &rows, &n, err);
	json_t *list = json_array();

	for (size_t i = 0; code == TNG_OK && i < n && i < o->top; i++) {
		json_array_append_new(list,
				json_pack("{s:o, s:I, s:I}", "extension",
						json_text(a, rows[i].extension), "files",
						(json_int_t)rows[i].nfiles, "bytes",
						(json_int_t)rows[i].bytes));
	}
	json_object_set_new(doc, "extensions", list);
	return code;
}

static json_t *pattern_json(
		struct arena *a, const struct ignore_pattern *p, const struct pattern_weight *w) {
	return json_pack("{s:i, s:o, s:b, s:I, s:I, s:I}", "line", (int)p->line, "pattern",
			json_text(a, p->text), "exception", (int)p->is_exception, "entries",
			(json_int_t)w->nentries, "files", (json_int_t)w->nfiles, "bytes",
			(json_int_t)w->bytes);
}

static json_t *patterns_json(struct arena *a, const struct analysis *an) {
	json_t *list = json_array();
	uint32_t n = an->has_plan && an->patterns != NULL ? ignore_npatterns(an->patterns) : 0;

	for (uint32_t i = 0; i < n; i++) {
		json_array_append_new(list,
				pattern_json(a, ignore_pattern(an->patterns, i),
						&an->plan.patterns[i]));
	}
	return list;
}

static json_t *findings_json(struct arena *a, const struct analysis *an) {
	static const char *const names[] = { "note", "warning", "error" };
	json_t *list = json_array();

	for (size_t i = 0; i < an->nfindings; i++) {
		const struct finding *d = &an->findings[i];
		json_array_append_new(list,
				json_pack("{s:s, s:o, s:i, s:i, s:o}", "severity",
						names[d->severity], "file",
						d->file.len > 0 ? json_text(a, d->file)
								: json_null(),
						"line", (int)d->line, "column", (int)d->column,
						"message", json_text(a, d->text)));
	}
	return list;
}

static const char *engine_json(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "buildkit";
	case TNG_ENGINE_CLASSIC:
		return "classic";
	}
	return "";
}

/* A failed json_pack() leaves NULL, which json_object_set_new() reports. */
static bool add(json_t *doc, const char *key, json_t *value) {
	return json_object_set_new(doc, key, value) == 0;
}

static bool add_head(json_t *doc, const struct analysis *an, struct arena *a,
		const struct scan_options *o) {
	const struct context *ctx = &an->context;

	return add(doc, "root", json_text(a, ctx->root)) &&
			add(doc, "engine", json_string(engine_json(ctx->engine))) &&
			add(doc, "dockerfile",
					ctx->has_dockerfile ? json_text(a, ctx->dockerfile)
							    : json_null()) &&
			add(doc, "ignore_file", ignore_file_json(a, an)) &&
			add(doc, "lenses", lenses_json(an)) &&
			add(doc, "lens", json_string(o->lens == LENS_DISK ? "disk" : "eligible")) &&
			add(doc, "patterns", patterns_json(a, an)) &&
			add(doc, "findings", findings_json(a, an)) &&
			add(doc, "partial", json_boolean(an->is_partial));
}

enum tng_code report_scan_json(const struct analysis *an, const struct scan_options *options,
		struct arena *a, struct sink *sink, struct tng_error *err) {
	json_t *doc = json_document("scan");
	struct str advice = STR("");
	enum tng_code code =
			doc != NULL && add_head(doc, an, a, options) ? TNG_OK : error_nomem(err);

	if (code == TNG_OK) {
		code = add_heavy(doc, "heaviest", false, an, options, a, err);
	}
	if (code == TNG_OK) {
		code = add_heavy(doc, "largest_files", true, an, options, a, err);
	}
	if (code == TNG_OK) {
		code = add_extensions(doc, an, options, a, err);
	}
	if (code == TNG_OK) {
		code = analysis_advice(a, an, &advice, err);
	}
	if (code == TNG_OK && !add(doc, "advice", json_text(a, advice))) {
		code = error_nomem(err);
	}
	if (code != TNG_OK) {
		json_decref(doc);
		return code;
	}
	return json_write(doc, false, sink, err);
}
