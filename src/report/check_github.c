/*
 * GitHub: workflow commands on standard output, which the runner turns into annotations.
 *
 *   ::error file=PATH,line=N,col=N,endColumn=N,title=TEXT::MESSAGE
 *
 * The runner takes '%', CR and LF of a message from %25, %0D and %0A, and ':' and ',' of a property from
 * %3A and %2C, too. It shows ten annotations of a kind for a step; the rest is counted in one more.
 */
#include "report/check.h"
#include "report/table.h"

#define ANNOTATIONS_MAX 10U

/* Controls and bidirectional characters are escaped as for people, for the log shows commands as well. */
static bool put_escaped(const struct check_view *view, struct str text, bool is_property,
		struct sink *sink) {
	struct str safe = report_safe(view->arena, text);

	for (size_t i = 0; i < safe.len; i++) {
		char c = safe.ptr[i];
		bool is_special = c == '%' || (is_property && (c == ':' || c == ','));
		if (is_special) {
			sink_printf(sink, "%%%02X", (unsigned)(unsigned char)c);
		} else {
			sink_put(sink, str_make(&c, 1));
		}
	}
	return safe.ptr != NULL;
}

static const char *command_of(enum check_severity severity) {
	switch (severity) {
	case CHECK_ERROR:
		return "error";
	case CHECK_WARNING:
		return "warning";
	case CHECK_NOTE:
	case CHECK_OFF:
		break;
	}
	return "notice";
}

static bool put_annotation(
		const struct check_view *view, const struct check_finding *f, struct sink *sink) {
	struct check_place place = check_place_of(view, f);
	struct str sentence = check_sentence(view, f);
	bool ok = place.path.ptr != NULL && sentence.ptr != NULL;

	sink_printf(sink, "::%s file=", command_of(f->severity));
	ok = ok && put_escaped(view, place.path, true, sink);
	sink_printf(sink, ",line=%u", place.line);
	if (place.column > 0) {
		sink_printf(sink, ",col=%u", place.column);
	}
	if (place.end_column > 0) {
		sink_printf(sink, ",endColumn=%u", place.end_column);
	}
	sink_printf(sink, ",title=tonnage %s::", check_rule(f->rule)->id);
	ok = ok && put_escaped(view, sentence, false, sink);
	sink_put(sink, STR("\n"));
	return ok;
}

/* At most so many of a severity: the notice that counts the rest needs a place among them. */
static bool put_severity(const struct check_view *view, enum check_severity severity, size_t max,
		struct sink *sink) {
	bool ok = true;

	for (size_t i = 0; i < view->result->n && max > 0; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (f->severity == severity && !f->is_known && !f->is_suppressed) {
			ok = ok && put_annotation(view, f, sink);
			max--;
		}
	}
	return ok;
}

static size_t rest_of(size_t n, size_t max) {
	return n > max ? n - max : 0;
}

enum tng_code report_check_github(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	const size_t *n = view->result->nby_severity;
	size_t errors = rest_of(n[CHECK_ERROR], ANNOTATIONS_MAX);
	size_t warnings = rest_of(n[CHECK_WARNING], ANNOTATIONS_MAX);
	bool is_cut = errors > 0 || warnings > 0 || n[CHECK_NOTE] > ANNOTATIONS_MAX;
	size_t notes_max = is_cut ? ANNOTATIONS_MAX - 1 : ANNOTATIONS_MAX;
	bool ok = put_severity(view, CHECK_ERROR, ANNOTATIONS_MAX, sink) &&
			put_severity(view, CHECK_WARNING, ANNOTATIONS_MAX, sink) &&
			put_severity(view, CHECK_NOTE, notes_max, sink);

	if (is_cut) {
		size_t notes = rest_of(n[CHECK_NOTE], notes_max);
		sink_printf(sink,
				"::notice title=tonnage::%zu more: %zu error%s, %zu warning%s, "
				"%zu note%s; tonnage check shows them all\n",
				errors + warnings + notes, errors, plural(errors), warnings,
				plural(warnings), notes, plural(notes));
	}
	return ok ? TNG_OK : error_nomem(err);
}
