/* What changed between two snapshots, and which instructions run again for it. */
#include "report/json.h"
#include "report/table.h"
#include "util/size.h"

#include <inttypes.h>

static const char *const kind_names[] = {
	[MANIFEST_ADDED] = "added",
	[MANIFEST_REMOVED] = "removed",
	[MANIFEST_CHANGED] = "changed",
	[MANIFEST_METADATA] = "metadata",
};

static const struct manifest_entry *entry_of(const struct manifest_change *change) {
	return change->after != NULL ? change->after : change->before;
}

/* ---- text */

static void put_counts(const struct diff_view *v, struct sink *sink) {
	static const char *const words[] = {
		[MANIFEST_ADDED] = "added",
		[MANIFEST_REMOVED] = "removed",
		[MANIFEST_CHANGED] = "changed",
		[MANIFEST_METADATA] = "of another mode",
	};
	const char *between = " ";

	sink_printf(sink, "%zu difference%s in what the build asks for:", v->diff->n,
			v->diff->n == 1 ? "" : "s");
	for (unsigned kind = 0; kind <= MANIFEST_METADATA; kind++) {
		if (v->diff->nof_kind[kind] > 0) {
			sink_printf(sink, "%s%zu %s", between, v->diff->nof_kind[kind],
					words[kind]);
			between = ", ";
		}
	}
	sink_put(sink, STR("\n\n"));
}

static void put_size(const struct manifest_entry *entry, struct sink *sink) {
	char size[SIZE_TEXT_BYTES];

	if (entry->type == ENTRY_FILE) {
		sink_put(sink, str_from(size_format_short(entry->size_bytes, size)));
	} else if (entry->type == ENTRY_SYMLINK) {
		sink_put(sink, STR("link to "));
		sink_put_safe(sink, entry->target);
	} else {
		sink_put(sink, entry->type == ENTRY_DIR ? STR("directory") : STR("special file"));
	}
}

/* Sizes that read the same say nothing. */
static bool looks_equal(const struct manifest_entry *a, const struct manifest_entry *b) {
	char before[SIZE_TEXT_BYTES], after[SIZE_TEXT_BYTES];

	return a->type == ENTRY_FILE && b->type == ENTRY_FILE &&
			strcmp(size_format_short(a->size_bytes, before),
					size_format_short(b->size_bytes, after)) == 0;
}

static bool is_commit(const struct diff_view *v, const struct manifest_entry *entry) {
	return v->sides[0].kind == DIFF_SIDE_REVISION && v->sides[1].kind == DIFF_SIDE_REVISION &&
			str_eq(entry->path, STR(".git/HEAD"));
}

static void put_what(
		const struct diff_view *v, const struct manifest_change *c, struct sink *sink) {
	switch (c->kind) {
	case MANIFEST_ADDED:
	case MANIFEST_REMOVED:
		put_size(entry_of(c), sink);
		break;
	case MANIFEST_CHANGED:
		if (is_commit(v, c->after)) {
			sink_put(sink, STR("another commit"));
			break;
		}
		put_size(c->before, sink);
		if (looks_equal(c->before, c->after)) {
			sink_put(sink, STR(", other content"));
			break;
		}
		sink_put(sink, STR(" -> "));
		put_size(c->after, sink);
		break;
	case MANIFEST_METADATA:
		sink_printf(sink, "mode %04o -> %04o", c->before->mode, c->after->mode);
		break;
	}
}

static void put_change(
		const struct diff_view *v, const struct manifest_change *c, struct sink *sink) {
	sink_printf(sink, "  %-9s ", kind_names[c->kind]);
	sink_put_safe(sink, entry_of(c)->path);
	sink_put(sink, STR("  "));
	put_what(v, c, sink);
	sink_put(sink, STR("\n"));
}

static void put_then(const struct manifest_instruction *in, struct sink *sink) {
	if (in->nthen == 0 && in->nthen_stages == 0) {
		sink_put(sink, STR("; nothing follows it\n"));
		return;
	}
	sink_put(sink, STR("; then "));
	if (in->nthen > 0) {
		sink_printf(sink, "the %u instruction%s after it", in->nthen,
				in->nthen == 1 ? "" : "s");
	}
	for (size_t i = 0; i < in->nthen_stages; i++) {
		sink_put(sink,
				i > 0                           ? STR(", ")
						: in->nthen > 0 ? STR(", and stage ")
								: STR("stage "));
		sink_put_safe(sink, in->then[i]);
	}
	sink_put(sink, STR("\n"));
}

static void put_bust(const struct diff_view *v, const struct manifest_bust *b, struct sink *sink) {
	const struct manifest_instruction *in = b->instruction;

	sink_put(sink, STR("  "));
	sink_put_safe(sink, in->dockerfile);
	sink_printf(sink, ":%u  stage ", in->line);
	sink_put_safe(sink, in->stage);
	sink_put(sink, STR("  "));
	sink_put_safe(sink, in->text);
	sink_put(sink, STR("\n    "));
	if (b->is_new) {
		sink_put(sink, STR("it is new, or was written otherwise"));
	} else {
		sink_put(sink, STR("for "));
		sink_put_safe(sink, entry_of(&v->diff->changes[b->changes[0]])->path);
		if (b->nchanges > 1) {
			sink_printf(sink, " and %zu more", b->nchanges - 1);
		}
	}
	put_then(in, sink);
}

static void put_nothing_runs(const struct diff_view *v, struct sink *sink) {
	if (v->diff->n == 0) {
		sink_put(sink,
				STR("No difference in what the build asks for: every instruction "
				    "that reads the context stays cached.\n"));
	} else if (v->after->ninstructions > 0) {
		sink_put(sink,
				STR("\nNothing runs again for that: every instruction that reads "
				    "the context stays cached.\n"));
	} else {
		sink_put(sink,
				STR("\nNo instruction that reads the context is known, so which "
				    "ones run again is not, either.\n"));
	}
}

static void put_line(const struct prevention_line *line, struct sink *sink) {
	sink_put(sink, STR("  "));
	sink_put_safe(sink, line->pattern);
	if (line->nchanges > 0) {
		sink_printf(sink, "  %zu difference%s", line->nchanges, plural(line->nchanges));
	}
	sink_put(sink, STR("\n"));
}

/* What an instruction would still run again for. */
static void put_left(const struct diff_view *v, struct sink *sink) {
	const char *between = "For the rest these run again: ";

	for (size_t i = 0; i < v->diff->nbusted; i++) {
		const struct manifest_bust *b = &v->diff->busted[i];
		if (v->prevention->left[i] == 0 && !b->is_new) {
			continue;
		}
		sink_put(sink, str_from(between));
		sink_put_safe(sink, b->instruction->dockerfile);
		sink_printf(sink, ":%u", b->instruction->line);
		if (!b->is_new) {
			sink_printf(sink, " (%zu of %zu)", v->prevention->left[i], b->nchanges);
		}
		between = ", ";
	}
	sink_put(sink, STR("\n"));
}

static void put_prevention_head(const struct diff_view *v, struct sink *sink) {
	const struct prevention *p = v->prevention;

	sink_put(sink, p->n == 1 ? STR("With this line in ") : STR("With these lines in "));
	sink_put_safe(sink, p->path);
	if (p->is_all) {
		sink_put(sink, STR(" nothing would have run again"));
	} else {
		sink_printf(sink, " %zu difference%s would not have counted", p->nchanges,
				plural(p->nchanges));
	}
	sink_put(sink, STR("; no build needs what "));
	sink_put(sink, p->n == 1 ? STR("it keeps out\n") : STR("they keep out\n"));
}

static void put_after_lines(const struct diff_view *v, struct sink *sink) {
	if (!v->prevention->is_all) {
		put_left(v, sink);
	}
	sink_put(sink,
			STR("tonnage propose --level thorough has lines like these: --diff shows "
			    "them.\n"));
}

static void put_prevention(const struct diff_view *v, struct sink *sink) {
	const struct prevention *p = v->prevention;

	if (p->n == 0) {
		return;
	}
	sink_put(sink, STR("\n"));
	put_prevention_head(v, sink);
	for (size_t i = 0; i < p->n; i++) {
		put_line(&p->lines[i], sink);
	}
	put_after_lines(v, sink);
}

static void put_text(const struct diff_view *v, struct sink *sink) {
	const struct manifest_diff *d = v->diff;
	size_t n = d->n < v->top ? d->n : v->top;

	if (d->n > 0) {
		put_counts(v, sink);
	}
	for (size_t i = 0; i < n; i++) {
		put_change(v, &d->changes[i], sink);
	}
	if (n < d->n) {
		sink_printf(sink, "  and %zu more (-v shows all)\n", d->n - n);
	}
	if (d->nbusted == 0) {
		put_nothing_runs(v, sink);
		return;
	}
	sink_printf(sink, "%sRun again, the first of each stage\n", d->n > 0 ? "\n" : "");
	for (size_t i = 0; i < d->nbusted; i++) {
		if (d->busted[i].is_first) {
			put_bust(v, &d->busted[i], sink);
		}
	}
	put_prevention(v, sink);
}

/* ---- Markdown: the words of the text, escaped */

/* A piece of the text, without its line ends and the blanks around it. False: out of memory. */
static bool put_piece(const struct diff_view *v, struct sink *piece, struct sink *sink) {
	struct str rest = buf_str(&piece->buf), line;
	bool ok = !buf_failed(&piece->buf), is_first = true;

	while (rest.len > 0 && ok) {
		(void)str_cut(rest, '\n', &line, &rest);
		sink_put(sink, is_first ? STR("") : STR(" "));
		ok = report_put_markdown(v->arena, str_trim(line), sink);
		is_first = false;
	}
	buf_fini(&piece->buf);
	return ok;
}

static bool put_changes_markdown(const struct diff_view *v, struct sink *sink) {
	const struct manifest_diff *d = v->diff;
	size_t n = d->n < v->top ? d->n : v->top;
	bool ok = true;

	if (n > 0) {
		sink_put(sink, STR("| kind | path | what |\n|---|---|---|\n"));
	}
	for (size_t i = 0; i < n && ok; i++) {
		struct sink what;
		sink_printf(sink, "| %s | ", kind_names[d->changes[i].kind]);
		ok = report_put_markdown(v->arena, entry_of(&d->changes[i])->path, sink);
		sink_put(sink, STR(" | "));
		sink_init_memory(&what);
		put_what(v, &d->changes[i], &what);
		ok = put_piece(v, &what, sink) && ok;
		sink_put(sink, STR(" |\n"));
	}
	if (n < d->n) {
		sink_printf(sink, "\nAnd %zu more.\n", d->n - n);
	}
	return ok;
}

static bool put_busts_markdown(const struct diff_view *v, struct sink *sink) {
	bool ok = true;

	sink_put(sink, STR("\nRun again, the first of each stage:\n\n"));
	for (size_t i = 0; i < v->diff->nbusted && ok; i++) {
		struct sink bust;
		if (!v->diff->busted[i].is_first) {
			continue;
		}
		sink_init_memory(&bust);
		put_bust(v, &v->diff->busted[i], &bust);
		sink_put(sink, STR("- "));
		ok = put_piece(v, &bust, sink);
		sink_put(sink, STR("\n"));
	}
	return ok;
}

static bool put_prevention_markdown(const struct diff_view *v, struct sink *sink) {
	const struct prevention *p = v->prevention;
	struct sink piece;

	if (p->n == 0) {
		return true;
	}
	sink_init_memory(&piece);
	put_prevention_head(v, &piece);
	sink_put(sink, STR("\n"));
	bool ok = put_piece(v, &piece, sink);
	sink_put(sink, STR(":\n\n"));
	for (size_t i = 0; i < p->n && ok; i++) {
		sink_init_memory(&piece);
		put_line(&p->lines[i], &piece);
		sink_put(sink, STR("- "));
		ok = put_piece(v, &piece, sink);
		sink_put(sink, STR("\n"));
	}
	sink_init_memory(&piece);
	put_after_lines(v, &piece);
	sink_put(sink, STR("\n"));
	return put_piece(v, &piece, sink) && ok;
}

static bool put_markdown(const struct diff_view *v, struct sink *sink) {
	struct sink piece;

	sink_put(sink, STR("### Build context, "));
	bool ok = report_put_markdown(v->arena, v->sides[0].name, sink);
	sink_put(sink, STR(" to "));
	ok = report_put_markdown(v->arena, v->sides[1].name, sink) && ok;
	sink_put(sink, STR("\n\n"));
	if (v->diff->n > 0) {
		put_counts(v, sink);
	}
	ok = ok && put_changes_markdown(v, sink);
	if (v->diff->nbusted > 0) {
		return ok && put_busts_markdown(v, sink) && put_prevention_markdown(v, sink);
	}
	sink_init_memory(&piece);
	put_nothing_runs(v, &piece);
	sink_put(sink, v->diff->n > 0 ? STR("\n") : STR(""));
	ok = put_piece(v, &piece, sink) && ok;
	sink_put(sink, STR("\n"));
	return ok;
}

/* ---- JSON */

static json_t *change_json(const struct diff_view *v, const struct manifest_change *c) {
	return json_pack("{s:o, s:s}", "path", json_text(v->arena, entry_of(c)->path), "kind",
			kind_names[c->kind]);
}

static json_t *prevention_json(const struct diff_view *v) {
	const struct prevention *p = v->prevention;
	json_t *lines = json_array();

	if (p->n == 0) {
		json_decref(lines);
		return json_null();
	}
	for (size_t i = 0; i < p->n; i++) {
		lines = json_list_add(lines,
				json_pack("{s:o, s:I}", "pattern",
						json_text(v->arena, p->lines[i].pattern), "changes",
						(json_int_t)p->lines[i].nchanges));
	}
	return json_pack("{s:o, s:o, s:I, s:b}", "ignore_file", json_text(v->arena, p->path),
			"lines", lines, "changes", (json_int_t)p->nchanges, "all", (int)p->is_all);
}

static json_t *bust_json(const struct diff_view *v, size_t index) {
	const struct manifest_bust *b = &v->diff->busted[index];
	size_t left = v->prevention->n > 0 ? v->prevention->left[index] : b->nchanges;
	const struct manifest_instruction *in = b->instruction;
	json_t *stages = json_array();

	for (size_t i = 0; i < in->nthen_stages; i++) {
		stages = json_list_add(stages, json_text(v->arena, in->then[i]));
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:b, s:I, s:I, s:I, s:o}", "dockerfile",
			json_text(v->arena, in->dockerfile), "stage",
			json_text(v->arena, in->stage), "line", (json_int_t)in->line, "text",
			json_text(v->arena, in->text), "new", (int)b->is_new, "changes",
			(json_int_t)b->nchanges, "left", (json_int_t)left, "then_instructions",
			(json_int_t)in->nthen, "then_stages", stages);
}

static json_t *side_json(const struct diff_view *v, const struct diff_side *side) {
	static const char *const names[] = {
		[DIFF_SIDE_DIRECTORY] = "directory",
		[DIFF_SIDE_SNAPSHOT] = "snapshot",
		[DIFF_SIDE_REVISION] = "revision",
	};

	return json_pack("{s:o, s:s}", "name", json_text(v->arena, side->name), "kind",
			names[side->kind]);
}

static json_t *document(const struct diff_view *v) {
	const struct manifest_diff *d = v->diff;
	json_t *doc = json_document("diff"), *changes = json_array(), *busted = json_array();

	for (size_t i = 0; i < d->n; i++) {
		changes = json_list_add(changes, change_json(v, &d->changes[i]));
	}
	for (size_t i = 0; i < d->nbusted; i++) {
		if (d->busted[i].is_first) {
			busted = json_list_add(busted, bust_json(v, i));
		}
	}
	bool failed = json_object_set_new(doc, "before", side_json(v, &v->sides[0])) != 0;
	failed = json_object_set_new(doc, "after", side_json(v, &v->sides[1])) != 0 || failed;
	failed = json_object_set_new(doc, "changes", changes) != 0 || failed;
	failed = json_object_set_new(doc, "busted", busted) != 0 || failed;
	failed = json_object_set_new(doc, "prevention", prevention_json(v)) != 0 || failed;
	if (failed) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

enum tng_code report_diff(const struct diff_view *v, struct sink *sink, struct tng_error *err) {
	if (v->format == DIFF_JSON) {
		return json_write(document(v), false, sink, err);
	}
	if (v->format == DIFF_MARKDOWN) {
		return put_markdown(v, sink) ? TNG_OK : error_nomem(err);
	}
	put_text(v, sink);
	return TNG_OK;
}
