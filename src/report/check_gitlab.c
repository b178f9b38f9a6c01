/*
 * GitLab's Code Quality report: an array, one object a finding, each with a place and a fingerprint that
 * is its own. What is known or suppressed is not in it: GitLab has no word for that.
 */
#include "report/check.h"

#include <stdio.h>

static const char *severity_name(enum check_severity severity) {
	switch (severity) {
	case CHECK_ERROR:
		return "critical";
	case CHECK_WARNING:
		return "major";
	case CHECK_NOTE:
	case CHECK_OFF:
		break;
	}
	return "info";
}

/* Reports of several contexts are merged: the context is part of the fingerprint. */
static json_t *fingerprint_json(const struct check_view *view, const struct check_finding *f) {
	struct str prefix = check_prefix(view);

	if (prefix.len == 0) {
		return json_string(f->fingerprint);
	}
	return json_sprintf("%s%016llx", f->fingerprint, (unsigned long long)str_hash(prefix));
}

static json_t *issue_json(const struct check_view *view, const struct check_finding *f) {
	struct check_place place = check_place_of(view, f);
	struct str sentence = report_safe(view->arena, check_sentence(view, f));

	if (place.path.ptr == NULL || sentence.ptr == NULL) {
		return NULL;
	}
	return json_pack("{s:o, s:s, s:o, s:s, s:{s:o, s:{s:I}}}", "description",
			json_text(view->arena, sentence), "check_name", check_rule(f->rule)->id,
			"fingerprint", fingerprint_json(view, f), "severity",
			severity_name(f->severity), "location", "path",
			json_text(view->arena, place.path), "lines", "begin",
			(json_int_t)place.line);
}

enum tng_code report_check_gitlab(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	json_t *list = json_array();

	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (!f->is_known && !f->is_suppressed) {
			list = json_list_add(list, issue_json(view, f));
		}
	}
	return json_write(list, false, sink, err);
}
