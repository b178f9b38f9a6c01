#include "report/check.h"
#include "report/json.h"

static json_t *text_or_null(struct arena *a, struct str text) {
	return text.len > 0 ? json_text(a, text) : json_null();
}

static json_t *message_or_null(struct arena *a, struct str text) {
	return text.len > 0 ? json_message(a, text) : json_null();
}

static json_t *number_or_null(uint64_t n) {
	return n > 0 ? json_integer((json_int_t)n) : json_null();
}

static json_t *finding_json(struct arena *a, const struct check_finding *f) {
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:b, s:b, "
			 "s:o, s:b}",
			"rule", check_rule(f->rule)->id, "severity",
			check_severity_name(f->severity), "file", text_or_null(a, f->file), "line",
			number_or_null(f->line), "column", number_or_null(f->column), "end_column",
			number_or_null(f->end_column), "path", text_or_null(a, f->path), "message",
			json_message(a, f->message), "fix", message_or_null(a, f->fix), "bytes",
			(json_int_t)f->bytes, "files", (json_int_t)f->nfiles, "fingerprint",
			f->fingerprint, "known", (int)f->is_known, "suppressed",
			(int)f->is_suppressed, "reason", message_or_null(a, f->reason), "fails",
			(int)f->fails);
}

static json_t *findings_json(const struct check_view *view) {
	json_t *list = json_array();

	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		json_t *object = finding_json(view->arena, f);
		if (view->has_revision && object != NULL) {
			(void)json_object_set_new(object, "new", json_boolean(f->is_new));
		}
		list = json_list_add(list, object);
	}
	return list;
}

static json_t *summary_json(const struct check_result *r) {
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "errors",
			(json_int_t)r->nby_severity[CHECK_ERROR], "warnings",
			(json_int_t)r->nby_severity[CHECK_WARNING], "notes",
			(json_int_t)r->nby_severity[CHECK_NOTE], "suppressed",
			(json_int_t)r->nsuppressed, "known", (json_int_t)r->nknown, "failing",
			(json_int_t)r->nfailing);
}

enum tng_code report_check_json(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	json_t *doc = json_document("check");
	json_t *root = json_text(view->arena, view->an->builds[0].context.root);

	if (doc == NULL || json_object_set_new(doc, "root", root) != 0 ||
			json_object_set_new(doc, "findings", findings_json(view)) != 0 ||
			json_object_set_new(doc, "summary", summary_json(view->result)) != 0) {
		json_decref(doc);
		return error_nomem(err);
	}
	return json_write(doc, false, sink, err);
}
