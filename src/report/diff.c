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

static void put_change(
		const struct diff_view *v, const struct manifest_change *c, struct sink *sink) {
	sink_printf(sink, "  %-9s ", kind_names[c->kind]);
	sink_put_safe(sink, entry_of(c)->path);
	sink_put(sink, STR("  "));
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
		sink_put_safe(sink, entry_of(&v->diff->changes[b->example])->path);
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
}

/* ---- JSON */

static json_t *change_json(const struct diff_view *v, const struct manifest_change *c) {
	return json_pack("{s:o, s:s}", "path", json_text(v->arena, entry_of(c)->path), "kind",
			kind_names[c->kind]);
}

static json_t *bust_json(const struct diff_view *v, const struct manifest_bust *b) {
	const struct manifest_instruction *in = b->instruction;
	json_t *stages = json_array();

	for (size_t i = 0; i < in->nthen_stages; i++) {
		stages = json_list_add(stages, json_text(v->arena, in->then[i]));
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:b, s:I, s:I, s:o}", "dockerfile",
			json_text(v->arena, in->dockerfile), "stage",
			json_text(v->arena, in->stage), "line", (json_int_t)in->line, "text",
			json_text(v->arena, in->text), "new", (int)b->is_new, "changes",
			(json_int_t)b->nchanges, "then_instructions", (json_int_t)in->nthen,
			"then_stages", stages);
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
			busted = json_list_add(busted, bust_json(v, &d->busted[i]));
		}
	}
	bool failed = json_object_set_new(doc, "before", side_json(v, &v->sides[0])) != 0;
	failed = json_object_set_new(doc, "after", side_json(v, &v->sides[1])) != 0 || failed;
	failed = json_object_set_new(doc, "changes", changes) != 0 || failed;
	failed = json_object_set_new(doc, "busted", busted) != 0 || failed;
	if (failed) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

enum tng_code report_diff(const struct diff_view *v, struct sink *sink, struct tng_error *err) {
	if (v->format == REPORT_JSON) {
		return json_write(document(v), false, sink, err);
	}
	put_text(v, sink);
	return TNG_OK;
}
