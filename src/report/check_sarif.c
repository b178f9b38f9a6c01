/*
 * SARIF 2.1.0 (OASIS): one run, the rules that found something, a result a finding.
 *
 * Paths are URI references below %SRCROOT%, the top of the repository: all but RFC 3986's unreserved
 * characters and '/' is percent-encoded, byte by byte, so a name of any bytes comes back whole. Columns
 * count UTF-16 units.
 */
#include "report/check.h"

#include <stdio.h>

#define SARIF_SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
#define SARIF_ROOT "%SRCROOT%"

static bool is_plain(unsigned char c) {
	unsigned char lower = c | 0x20;

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' ||
			c == '_' || c == '~' || c == '/';
}

static json_t *uri_json(struct str path) {
	struct buf uri = { 0 };

	buf_append(&uri, str_starts(path, STR("/")) ? STR("file://") : STR(""));
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.ptr[i];
		if (is_plain(c)) {
			buf_putc(&uri, path.ptr[i]);
		} else {
			buf_printf(&uri, "%%%02X", c);
		}
	}
	json_t *text = buf_failed(&uri) ? NULL : json_stringn(buf_str(&uri).ptr, uri.len);
	buf_fini(&uri);
	return text;
}

/* A text of a message: braces hold an argument's number and are doubled, and "[words](2)" would be a link
 * (SARIF 3.11.5, 3.11.6). */
static json_t *message_json(struct arena *a, struct str text) {
	struct str safe = report_safe(a, text);
	struct buf out = { 0 };

	for (size_t i = 0; i < safe.len; i++) {
		char c = safe.ptr[i];
		if (c == '{' || c == '}') {
			buf_putc(&out, c);
		} else if (str_starts(str_skip(safe, i), STR("]("))) {
			buf_putc(&out, '\\');
		}
		buf_putc(&out, c);
	}
	bool failed = buf_failed(&out) || safe.ptr == NULL;
	json_t *json = failed ? NULL : json_text(a, buf_str(&out));
	buf_fini(&out);
	return json;
}

static json_t *artifact_json(struct str path) {
	json_t *uri = uri_json(path);

	if (str_starts(path, STR("/"))) {
		return json_pack("{s:o}", "uri", uri);
	}
	return json_pack("{s:o, s:s}", "uri", uri, "uriBaseId", SARIF_ROOT);
}

static json_t *region_json(const struct check_place *place) {
	json_t *region = json_pack("{s:I}", "startLine", (json_int_t)place->line);

	if (region != NULL && place->column > 0) {
		(void)json_object_set_new(
				region, "startColumn", json_integer((json_int_t)place->column));
	}
	if (region != NULL && place->end_column > 0) {
		(void)json_object_set_new(
				region, "endColumn", json_integer((json_int_t)place->end_column));
	}
	return region;
}

/* The fix as a change of whole lines, where it is one; else NULL without `*failed`. */
static json_t *fixes_json(const struct check_view *view, const struct check_finding *f,
		const struct check_place *place, bool *failed) {
	const struct check_edit *edit = &f->edit;
	struct buf text = { 0 };

	/* a move is two changes, of which a viewer may take one */
	if ((edit->kind != CHECK_EDIT_REPLACE && edit->kind != CHECK_EDIT_DELETE) ||
			edit->line == 0) {
		return NULL;
	}
	if (edit->kind == CHECK_EDIT_REPLACE) {
		buf_append(&text, edit->text);
		buf_putc(&text, '\n');
	}
	/* from the start of the line to that of the next */
	json_t *replacement = json_pack("{s:{s:I, s:i, s:I, s:i}, s:{s:o}}", "deletedRegion",
			"startLine", (json_int_t)edit->line, "startColumn", 1, "endLine",
			(json_int_t)edit->line + 1, "endColumn", 1, "insertedContent", "text",
			buf_failed(&text) ? NULL : json_text(view->arena, buf_str(&text)));
	json_t *fixes = json_pack("[{s:{s:o}, s:[{s:o, s:[o]}]}]", "description", "text",
			message_json(view->arena, f->fix.len > 0 ? f->fix : STR("change the line")),
			"artifactChanges", "artifactLocation", artifact_json(place->path),
			"replacements", replacement);
	buf_fini(&text);
	*failed |= fixes == NULL;
	return fixes;
}

static json_t *suppressions_json(const struct check_view *view, const struct check_finding *f) {
	if (f->reason.len == 0) {
		return json_pack("[{s:s}]", "kind", "inSource");
	}
	return json_pack("[{s:s, s:o}]", "kind", "inSource", "justification",
			json_message(view->arena, f->reason));
}

/* Set what is there; NULL of an optional part is not an error. */
static bool add_optional(
		const struct check_view *view, const struct check_finding *f, json_t *result) {
	struct check_place place = check_place_of(view, f);
	bool failed = false;
	json_t *fixes = fixes_json(view, f, &place, &failed);

	if (fixes != NULL) {
		failed |= json_object_set_new(result, "fixes", fixes) != 0;
	}
	if (f->is_suppressed) {
		failed |= json_object_set_new(result, "suppressions", suppressions_json(view, f)) !=
				0;
	}
	if (view->has_earlier) {
		failed |= json_object_set_new(result, "baselineState",
					  json_string(f->is_known ? "unchanged" : "new")) != 0;
	}
	return !failed;
}

static json_t *result_json(
		const struct check_view *view, const struct check_finding *f, int rule_index) {
	struct check_place place = check_place_of(view, f);
	struct str sentence = check_sentence(view, f);
	if (place.path.ptr == NULL || sentence.ptr == NULL) {
		return NULL;
	}
	json_t *location = json_pack("{s:{s:o, s:o}}", "physicalLocation", "artifactLocation",
			artifact_json(place.path), "region", region_json(&place));
	json_t *result = json_pack("{s:s, s:i, s:s, s:{s:o}, s:[o], s:{s:s}}", "ruleId",
			check_rule(f->rule)->id, "ruleIndex", rule_index, "level",
			check_severity_name(f->severity), "message", "text",
			message_json(view->arena, sentence), "locations", location,
			"partialFingerprints", "tonnage/v1", f->fingerprint);

	if (result != NULL && !add_optional(view, f, result)) {
		json_decref(result);
		return NULL;
	}
	return result;
}

static json_t *rule_json(const struct check_rule *rule) {
	return json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:o, s:o}, s:{s:s}}", "id", rule->id,
			"shortDescription", "text", rule->summary, "fullDescription", "text",
			rule->help, "help", "text",
			json_sprintf("%s\n\nExample:\n\n%s\n\nFix: %s\n", rule->help, rule->example,
					rule->fix),
			"markdown",
			json_sprintf("%s\n\n```\n%s\n```\n\n**Fix:** %s\n", rule->help,
					rule->example, rule->fix),
			"defaultConfiguration", "level", check_severity_name(rule->severity));
}

/* Rules that have a finding, in the table's order; their places go to `index`. */
static json_t *rules_json(const struct check_result *r, int index[CHECK_NRULES]) {
	bool is_used[CHECK_NRULES] = { false };
	json_t *list = json_array();
	int n = 0;

	for (size_t i = 0; i < r->n; i++) {
		is_used[r->findings[i].rule] = true;
	}
	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		if (is_used[i]) {
			index[i] = n++;
			list = json_list_add(list, rule_json(check_rule((enum check_rule_id)i)));
		}
	}
	return list;
}

static json_t *results_json(const struct check_view *view, const int index[CHECK_NRULES]) {
	json_t *list = json_array();

	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		list = json_list_add(list, result_json(view, f, index[f->rule]));
	}
	return list;
}

/* Code scanning keeps the results of each context apart by this. */
static json_t *automation_json(const struct check_view *view) {
	struct str prefix = check_prefix(view);
	json_t *text = json_text(view->arena, prefix);
	json_t *id = text == NULL ? NULL
				  : json_sprintf(prefix.len > 0 ? "tonnage/%s/" : "tonnage/%s",
						    json_string_value(text));

	json_decref(text);
	return json_pack("{s:o}", "id", id);
}

enum tng_code report_check_sarif(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	int index[CHECK_NRULES] = { 0 };
	json_t *rules = rules_json(view->result, index);
	json_t *run = json_pack(
			"{s:{s:{s:s, s:s, s:o}}, s:[{s:b}], s:o, s:{s:{s:{s:s}}}, s:s, s:o}",
			"tool", "driver", "name", "tonnage", "version", TNG_VERSION, "rules", rules,
			"invocations", "executionSuccessful", (int)!view->an->is_partial,
			"automationDetails", automation_json(view), "originalUriBaseIds",
			SARIF_ROOT, "description", "text", "the top of the repository",
			"columnKind", "utf16CodeUnits", "results", results_json(view, index));

	return json_write(json_pack("{s:s, s:s, s:[o]}", "$schema", SARIF_SCHEMA, "version",
					  "2.1.0", "runs", run),
			false, sink, err);
}
