#include "report/ledger.h"
#include "report/propose.h"

static const char *engine_name(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "buildkit";
	case TNG_ENGINE_CLASSIC:
		return "classic";
	case TNG_ENGINE_PODMAN:
		break;
	}
	return "podman";
}

/* null for an empty text */
static json_t *text_or_null(struct arena *a, struct str text) {
	return text.len > 0 ? json_text(a, text) : json_null();
}

static json_t *weight_json(const struct weight *w) {
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries", (json_int_t)w->nentries,
			"files", (json_int_t)w->nfiles, "directories", (json_int_t)w->ndirs,
			"symlinks", (json_int_t)w->nsymlinks, "others", (json_int_t)w->nothers,
			"bytes", (json_int_t)w->bytes, "allocated", (json_int_t)w->allocated);
}

static json_t *engines_json(const struct propose_view *v) {
	const struct verification *verification = &v->proposal->verification;
	json_t *list = json_array();

	for (size_t i = 0; i < verification->nengines; i++) {
		const struct verify_engine *e = &verification->engines[i];
		list = json_list_add(list,
				json_pack("{s:s, s:o, s:o, s:o, s:o}", "engine",
						engine_name(e->engine), "eligible_before",
						weight_json(&e->eligible_before), "eligible_after",
						weight_json(&e->eligible_after), "requested_before",
						weight_json(&e->requested_before),
						"requested_after",
						weight_json(&e->requested_after)));
	}
	return list;
}

static json_t *builds_json(const struct propose_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->proposal->nbuilds; i++) {
		const struct proposed_build *b = &v->proposal->builds[i];
		list = json_list_add(list,
				json_pack("{s:o, s:o, s:o, s:I, s:b}", "dockerfile",
						text_or_null(v->arena, b->dockerfile), "target",
						text_or_null(v->arena, b->target), "found_in",
						text_or_null(v->arena, b->file), "line",
						(json_int_t)b->line, "known",
						(int)(b->sources != NULL)));
	}
	return list;
}

static json_t *lines_json(const struct propose_view *v) {
	const struct proposal *p = &v->proposal->proposal;
	json_t *list = json_array();

	for (size_t i = 0; i < p->nlines; i++) {
		const struct proposed_line *l = &p->lines[i];
		list = json_list_add(list,
				json_pack("{s:o, s:s, s:o, s:b, s:I, s:I, s:I}", "pattern",
						json_text(v->arena, l->pattern), "group",
						propose_group_name(l->group), "reason",
						json_text(v->arena, l->reason), "hygiene",
						(int)l->is_hygiene, "files", (json_int_t)l->nfiles,
						"bytes", (json_int_t)l->bytes, "tracked",
						(json_int_t)l->ntracked));
	}
	return list;
}

static json_t *keep_json(const struct propose_view *v, const struct proposed_keep *k) {
	return json_pack("{s:o, s:I, s:I, s:b, s:o, s:o, s:I}", "path",
			json_path(v->arena, v->an->tree, k->row), "files", (json_int_t)k->nfiles,
			"bytes", (json_int_t)k->bytes, "secret", (int)k->is_secret, "why",
			json_text(v->arena, k->why), "file", text_or_null(v->arena, k->file),
			"line", (json_int_t)k->line);
}

static json_t *keeps_json(const struct propose_view *v, bool questions) {
	const struct proposal *p = &v->proposal->proposal;
	json_t *list = json_array();

	for (size_t i = 0; i < p->nkeeps; i++) {
		if (p->keeps[i].is_question == questions) {
			list = json_list_add(list, keep_json(v, &p->keeps[i]));
		}
	}
	return list;
}

static json_t *drops_json(const struct propose_view *v) {
	const struct proposal *p = &v->proposal->proposal;
	json_t *list = json_array();

	for (size_t i = 0; i < p->ndrops; i++) {
		list = json_list_add(list,
				json_pack("{s:o, s:o}", "pattern",
						json_text(v->arena, p->drops[i].pattern), "why",
						json_text(v->arena, p->drops[i].why)));
	}
	return list;
}

static json_t *already_json(const struct propose_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->proposal->nalready; i++) {
		const struct proposed_already *a = &v->proposal->already[i];
		list = json_list_add(list,
				json_pack("{s:o, s:I, s:I, s:o, s:o, s:I, s:b}", "path",
						json_path(v->arena, v->an->tree, a->row), "entries",
						(json_int_t)a->nrows, "bytes", (json_int_t)a->bytes,
						"pattern", text_or_null(v->arena, a->pattern),
						"dockerfile", text_or_null(v->arena, a->dockerfile),
						"line", (json_int_t)a->line, "whole",
						(int)a->is_whole));
	}
	return list;
}

static json_t *splits_json(const struct propose_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->proposal->nsplits; i++) {
		const struct proposed_split *s = &v->proposal->splits[i];
		list = json_list_add(list,
				json_pack("{s:o, s:I, s:I}", "dockerfile",
						json_text(v->arena, s->dockerfile), "shared_bytes",
						(json_int_t)s->shared_bytes, "own_bytes",
						(json_int_t)s->own_bytes));
	}
	return list;
}

enum tng_code report_proposal_json(
		const struct propose_view *v, struct sink *sink, struct tng_error *err) {
	const struct analysis_proposal *p = v->proposal;
	struct analysis_ledger ledger;
	enum tng_code code = analysis_ledger_of(
			v->arena, v->an, &v->an->builds[0], p->proposal.text, &ledger, err);
	if (code != TNG_OK) {
		return code;
	}
	json_t *document = json_document("propose");
	json_t *more = json_pack(
			"{s:o, s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, "
			"s:o, s:o, s:o, s:o, s:o}",
			"root", json_text(v->arena, v->an->builds[0].context.root), "engine",
			engine_name(v->an->builds[0].context.engine), "mode",
			propose_mode_name(v->options->mode), "level",
			propose_level_name(v->options->level), "note",
			text_or_null(v->arena, p->proposal.note), "path",
			json_text(v->arena, p->path), "exists", (int)p->exists, "changed",
			(int)p->proposal.is_changed, "gain", (int)p->proposal.has_gain, "text",
			json_text(v->arena, p->proposal.text), "lines", lines_json(v), "kept",
			keeps_json(v, false), "questions", keeps_json(v, true), "dropped",
			drops_json(v), "builds", builds_json(v), "engines", engines_json(v),
			"already_lost", already_json(v), "splits", splits_json(v), "ledger",
			report_ledger_json(v->arena, &ledger));

	if (document == NULL || more == NULL || json_object_update(document, more) != 0) {
		json_decref(document);
		json_decref(more);
		return error_nomem(err);
	}
	json_decref(more);
	return json_write(document, false, sink, err);
}
