#include "report/ledger.h"

static const char *status_name(enum ledger_status status) {
	switch (status) {
	case LEDGER_LIVE:
		return "live";
	case LEDGER_DEAD:
		return "dead";
	case LEDGER_DUPLICATE:
		return "duplicate";
	case LEDGER_COVERED:
		return "covered";
	case LEDGER_UNDONE:
		return "undone";
	case LEDGER_UNREACHED:
		return "unreached";
	case LEDGER_REDUNDANT:
		break;
	}
	return "redundant";
}

static json_t *sum_json(const struct ledger_sum *sum) {
	return json_pack("{s:I, s:I, s:I}", "entries", (json_int_t)sum->nentries, "files",
			(json_int_t)sum->nfiles, "bytes", (json_int_t)sum->bytes);
}

static json_t *line_json(
		struct arena *a, const struct ledger_name *name, const struct ledger_line *line) {
	bool is_refused = line->refused.code != TNG_OK;

	return json_pack("{s:i, s:o, s:b, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "line",
			(int)line->line, "pattern", json_text(a, name->text), "exception",
			(int)name->is_exception, "status", status_name(line->status), "other",
			line->other > 0 ? json_integer((json_int_t)line->other) : json_null(),
			"matches", (json_int_t)line->nmatches, "decides", sum_json(&line->decides),
			"comes_back", is_refused ? json_null() : sum_json(&line->comes_back),
			"goes_out", is_refused ? json_null() : sum_json(&line->goes_out), "walk",
			is_refused ? json_null() : json_integer((json_int_t)line->walk),
			"refused_without",
			is_refused ? json_text(a, str_from(line->refused.text)) : json_null());
}

json_t *report_ledger_json(struct arena *a, const struct analysis_ledger *ledger) {
	json_t *list = json_array();

	for (size_t i = 0; i < ledger->ledger.nlines; i++) {
		list = json_list_add(
				list, line_json(a, &ledger->names[i], &ledger->ledger.lines[i]));
	}
	return json_pack("{s:I, s:o}", "walked", (json_int_t)ledger->ledger.nlooked, "lines", list);
}
