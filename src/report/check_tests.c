/*
 * Formats of test results: JUnit XML and TAP 14. A rule is a test, so that the same names come back in
 * every run; it fails when one of its findings does, and carries the others as output. One that has nothing to
 * go by, as a budget that is not set, is skipped.
 *
 * The XML is written by hand: it is forty lines, and all of its text goes through one function.
 */
#include "report/check.h"
#include "util/utf8.h"

#include <stdlib.h>

/* ---- what both need */

struct rule_findings {
	bool is_listed;
	const char *why_skipped; /* NULL: it has run, or there is something to tell all the same */
	size_t nshown, nfailing;
};

static bool is_named(const struct str *ids, size_t n, enum check_rule_id rule) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(ids[i], str_from(check_rule(rule)->id))) {
			return true;
		}
	}
	return false;
}

/* Returns how many rules are listed: --rule and --skip-rule let them run. */
static size_t count_by_rule(
		const struct check_view *view, struct rule_findings counts[CHECK_NRULES]) {
	const struct check_options *how = view->how;
	size_t nlisted = 0;

	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		enum check_rule_id rule = (enum check_rule_id)i;
		counts[i].is_listed = (how->nonly == 0 || is_named(how->only, how->nonly, rule)) &&
				!is_named(how->skip, how->nskip, rule);
		counts[i].why_skipped = check_why_idle(how, rule, view->has_revision);
		nlisted += counts[i].is_listed;
	}
	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (check_is_shown(view, f)) {
			counts[f->rule].nshown++;
			counts[f->rule].nfailing += f->fails && !f->is_known && !f->is_suppressed;
			counts[f->rule].why_skipped = NULL;
		}
	}
	return nlisted;
}

/* "file:line:column: severity: message; fix: text" */
static struct str line_of(const struct check_view *view, const struct check_finding *f) {
	struct check_place place = check_place_of(view, f);
	struct str sentence = check_sentence(view, f), line = { NULL, 0 };
	struct sink sink;

	if (place.path.ptr == NULL || sentence.ptr == NULL) {
		return line;
	}
	sink_init_memory(&sink);
	sink_put_safe(&sink, place.path);
	if (place.has_line) {
		sink_printf(&sink, ":%u", place.line);
	}
	if (place.column > 0) {
		sink_printf(&sink, ":%u", place.column);
	}
	sink_printf(&sink, ": %s: ", check_severity_name(f->severity));
	sink_put_safe(&sink, sentence);
	if (!buf_failed(&sink.buf)) {
		line = arena_copy(view->arena, buf_str(&sink.buf));
	}
	buf_fini(&sink.buf);
	return line;
}

/* ---- JUnit */

/* Controls are gone already (line_of()); two code points beyond them are no characters of XML. */
static void put_xml(struct sink *sink, struct str text) {
	while (text.len > 0) {
		uint32_t rune;
		unsigned n = utf8_decode(text, &rune);
		if (rune == '&' || rune == '<' || rune == '>' || rune == '"' || rune == '\'') {
			sink_printf(sink, "&#%u;", (unsigned)rune);
		} else if (rune == 0xFFFE || rune == 0xFFFF) {
			sink_printf(sink, "\\u%04x", (unsigned)rune);
		} else {
			sink_put(sink, str_take(text, n));
		}
		text = str_skip(text, n);
	}
}

/* The lines of a rule's findings that fail, or of those that do not. */
static bool put_xml_lines(const struct check_view *view, enum check_rule_id rule, bool fails,
		struct sink *sink) {
	bool ok = true;

	for (size_t i = 0; i < view->result->n && ok; i++) {
		const struct check_finding *f = &view->result->findings[i];
		bool is_failing = f->fails && !f->is_known && !f->is_suppressed;
		if (f->rule == rule && is_failing == fails && check_is_shown(view, f)) {
			struct str line = line_of(view, f);
			ok = line.ptr != NULL;
			put_xml(sink, line);
			sink_put(sink, STR("\n"));
		}
	}
	return ok;
}

static bool put_testcase(const struct check_view *view, enum check_rule_id rule,
		const struct rule_findings *counts, struct sink *sink) {
	bool ok = true;

	sink_printf(sink, "    <testcase classname=\"tonnage\" name=\"%s\" time=\"0\"",
			check_rule(rule)->id);
	if (counts->why_skipped != NULL) {
		sink_printf(sink, "><skipped message=\"%s\"/></testcase>\n", counts->why_skipped);
		return true;
	}
	if (counts->nshown == 0) {
		sink_put(sink, STR("/>\n"));
		return true;
	}
	sink_put(sink, STR(">\n"));
	if (counts->nfailing > 0) {
		sink_put(sink, STR("      <failure message=\""));
		put_xml(sink, str_from(check_rule(rule)->summary));
		sink_printf(sink, "\" type=\"%s\">", check_rule(rule)->id);
		ok = put_xml_lines(view, rule, true, sink);
		sink_put(sink, STR("</failure>\n"));
	}
	if (counts->nshown > counts->nfailing) {
		sink_put(sink, STR("      <system-out>"));
		ok = ok && put_xml_lines(view, rule, false, sink);
		sink_put(sink, STR("</system-out>\n"));
	}
	sink_put(sink, STR("    </testcase>\n"));
	return ok;
}

enum tng_code report_check_junit(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	struct rule_findings counts[CHECK_NRULES] = { 0 };
	size_t nlisted = count_by_rule(view, counts), nfailing = 0, nskipped = 0;
	bool ok = true;

	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		nfailing += counts[i].nfailing > 0;
		nskipped += counts[i].is_listed && counts[i].why_skipped != NULL;
	}
	sink_printf(sink,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuites name=\"tonnage\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
			"time=\"0\">\n"
			"  <testsuite name=\"tonnage check\" tests=\"%zu\" failures=\"%zu\" "
			"errors=\"0\" skipped=\"%zu\" time=\"0\">\n",
			nlisted, nfailing, nlisted, nfailing, nskipped);
	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		if (counts[i].is_listed) {
			ok = ok && put_testcase(view, (enum check_rule_id)i, &counts[i], sink);
		}
	}
	sink_put(sink, STR("  </testsuite>\n</testsuites>\n"));
	return ok ? TNG_OK : error_nomem(err);
}

/* ---- TAP */

/* A JSON string is a YAML string. */
static bool put_yaml_item(const struct check_view *view, struct str line, struct sink *sink) {
	json_t *value = line.ptr != NULL ? json_text(view->arena, line) : NULL;
	char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	sink_put(sink, STR("    - "));
	sink_put(sink, str_from(text));
	sink_put(sink, STR("\n"));
	json_decref(value);
	free(text);
	return text != NULL;
}

static bool put_test(const struct check_view *view, enum check_rule_id rule, size_t number,
		const struct rule_findings *counts, struct sink *sink) {
	bool ok = true;

	sink_printf(sink, "%s %zu - %s", counts->nfailing > 0 ? "not ok" : "ok", number,
			check_rule(rule)->id);
	if (counts->why_skipped != NULL) {
		sink_printf(sink, " # SKIP %s", counts->why_skipped);
	}
	sink_put(sink, STR("\n"));
	if (counts->nshown == 0) {
		return true;
	}
	sink_put(sink, STR("  ---\n  findings:\n"));
	for (size_t i = 0; i < view->result->n && ok; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (f->rule == rule && check_is_shown(view, f)) {
			ok = put_yaml_item(view, line_of(view, f), sink);
		}
	}
	sink_put(sink, STR("  ...\n"));
	return ok;
}

enum tng_code report_check_tap(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	struct rule_findings counts[CHECK_NRULES] = { 0 };
	size_t number = 0;
	bool ok = true;

	sink_printf(sink, "TAP version 14\n1..%zu\n", count_by_rule(view, counts));
	for (unsigned i = 0; i < CHECK_NRULES; i++) {
		if (counts[i].is_listed) {
			ok = ok &&
					put_test(view, (enum check_rule_id)i, ++number, &counts[i],
							sink);
		}
	}
	return ok ? TNG_OK : error_nomem(err);
}
