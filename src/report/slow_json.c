/* Why the transfer is slow, in JSON. */
#include "report/explain.h"
#include "report/json.h"
#include "report/scan.h"

/* To so many parts of one: the last bits of a product are nobody's business. */
static double rounded(double x, double parts) {
	return (double)(uint64_t)(x * parts + 0.5) / parts;
}

static json_t *range_json(struct time_range r) {
	return json_pack("[f, f]", rounded(r.lo, 1e6), rounded(r.hi, 1e6));
}

static json_t *counts_json(const struct time_counts *c) {
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "walked",
			(json_int_t)c->walked, "walked_for_nothing",
			(json_int_t)c->walked_for_nothing, "pattern_tests",
			(json_int_t)c->pattern_tests, "announced", (json_int_t)c->announced,
			"announced_bytes", (json_int_t)c->announced_bytes, "created",
			(json_int_t)c->created, "files", (json_int_t)c->files, "bytes",
			(json_int_t)c->bytes, "round_trips", (json_int_t)c->round_trips);
}

static json_t *time_json(const struct slow_time *t) {
	const struct time_prediction *p = &t->time;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "counts",
			counts_json(&t->counts), "seconds", range_json(p->total), "walking",
			range_json(p->walking), "walking_for_nothing", range_json(p->for_nothing),
			"stat_packets", range_json(p->stat_packets), "per_file",
			range_json(p->per_file), "bytes", range_json(p->bytes), "round_trips",
			range_json(p->round_trips), "start", range_json(p->start));
}

static json_t *text_or_null(const struct explain_view *v, struct str text) {
	return text.len > 0 ? json_text(v->arena, text) : json_null();
}

static json_t *message_or_null(const struct explain_view *v, struct str text) {
	return text.len > 0 ? json_message(v->arena, text) : json_null();
}

/* The place; of what is about a line alone, the file that it is in. */
static json_t *path_json(const struct explain_view *v, const struct slow_cause *c) {
	return c->row != 0 ? json_path(v->arena, v->an->tree, c->row) : text_or_null(v, c->file);
}

static json_t *cause_json(const struct explain_view *v, const struct slow_cause *c) {
	double whole = time_middle(slow_told(v->slow)->time.total);
	double share = whole > 0 ? time_middle(c->seconds) / whole : 0;

	return json_pack("{s:s, s:s, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:f, s:o, s:o, s:b, "
			 "s:o, "
			 "s:o}",
			"id", c->id, "lens", report_lens_name(c->lens), "path", path_json(v, c),
			"places", (json_int_t)c->nplaces, "file", text_or_null(v, c->file), "line",
			c->line > 0 ? json_integer(c->line) : json_null(), "entries",
			(json_int_t)c->nentries, "files", (json_int_t)c->nfiles, "bytes",
			(json_int_t)c->bytes, "seconds", range_json(c->seconds), "share",
			rounded(share, 1e4), "text", json_message(v->arena, c->what), "change",
			message_or_null(v, c->change), "in_ignore_file", (int)c->is_ignore_file,
			"why", message_or_null(v, c->why), "left",
			c->change.len > 0 ? range_json(c->left) : json_null());
}

static json_t *causes_json(const struct explain_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->slow->ncauses; i++) {
		list = json_list_add(list, cause_json(v, &v->slow->causes[i]));
	}
	return list;
}

static json_t *timed_json(const struct slow_timed *t) {
	static const char *const names[] = { "first", "unchanged", "changed", "larger", "other" };

	return json_pack("{s:I, s:I, s:I, s:f, s:s}", "line", (json_int_t)t->build->line, "column",
			(json_int_t)t->build->column, "bytes", (json_int_t)t->build->bytes,
			"seconds", rounded(t->build->seconds, 1e6), "as", names[t->as]);
}

static json_t *fit_json(const struct slow_story *s) {
	json_t *list = s->ntimed > 0 ? json_array() : NULL;

	if (s->ntimed == 0) {
		return json_null();
	}
	for (size_t i = 0; i < s->ntimed; i++) {
		list = json_list_add(list, timed_json(&s->timed[i]));
	}
	return json_pack("{s:o, s:f, s:f}", "builds", list, "off_before",
			rounded(s->fit.before - 1, 1e3), "off_after",
			rounded(s->fit.after - 1, 1e3));
}

json_t *explain_slow_json(const struct explain_view *v) {
	const struct slow_story *s = v->slow;

	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o}", "profile",
			explain_place_name(s->how.place), "assume",
			explain_assume_name(s->how.assume), "transfers", (int)s->happens,
			"calibration", fit_json(s), "counts", counts_json(&slow_told(s)->counts),
			"time", "cold", time_json(&s->cold), "warm", time_json(&s->warm), "causes",
			causes_json(v), "proposed",
			s->has_proposed ? range_json(s->proposed.time.total) : json_null(),
			"verdict", message_or_null(v, s->verdict));
}
