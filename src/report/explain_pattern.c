/* One pattern for people: what it matches alone, and what it would change. */
#include "report/explain.h"
#include "report/scan.h"
#include "report/table.h"

const struct explain_view *explain_view_of(const struct explain_view *v, size_t i) {
	return i == 0 ? v : &v->others[i - 1];
}

void explain_put_dockerfile(const struct explain_view *v, struct sink *sink) {
	if (v->build->context.has_dockerfile) {
		sink_put_safe(sink, v->build->context.dockerfile);
	} else {
		sink_put(sink, STR("no Dockerfile"));
	}
}

static void put_hits(const char *what, const struct pattern_hits *h, struct sink *sink) {
	char size[SIZE_TEXT_BYTES], entries[SIZE_TEXT_BYTES + 4], files[SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "  %-16s%s in %s entr%s, %s file%s\n", what,
			size_format_short(h->bytes, size), size_format_count(h->nentries, entries),
			h->nentries == 1 ? "y" : "ies", size_format_count(h->nfiles, files),
			plural(h->nfiles));
}

static void put_rows(const struct explain_view *v, struct sink *sink) {
	const struct pattern_explanation *p = v->pattern;
	const struct tree *tree = v->an->tree;

	for (size_t i = 0; i < p->nrows; i++) {
		struct buf path = { 0 };
		tree_path(tree, p->rows[i], &path);
		sink_put(sink, STR("    "));
		sink_put_safe(sink, buf_str(&path));
		sink_put(sink, entry_is_dir(tree_entry(tree, p->rows[i])) ? STR("/\n") : STR("\n"));
		sink->buf.failed |= buf_failed(&path);
		buf_fini(&path);
	}
	if (p->nrows < p->nrows_all) {
		sink_printf(sink, "    and %zu more\n", p->nrows_all - p->nrows);
	}
}

static void put_appended(const struct explain_view *v, struct sink *sink) {
	const struct pattern_explanation *p = v->pattern;
	bool is_new = v->build->context.ignore_origin == IGNORE_ORIGIN_NONE;

	if (is_new) {
		sink_put(sink, STR("As the only line of an ignore file:\n"));
	} else {
		sink_put(sink, STR("As the last line of "));
		sink_put_safe(sink, v->build->context.ignore_path);
		sink_put(sink, STR(":\n"));
	}
	if (p->newly_out.nentries == 0 && p->newly_in.nentries == 0) {
		sink_put(sink, STR("  it changes nothing\n"));
	}
	if (p->newly_out.nentries > 0) {
		put_hits("keeps out", &p->newly_out, sink);
	}
	if (p->newly_in.nentries > 0) {
		put_hits("brings back", &p->newly_in, sink);
	}
}

static void put_story(const struct explain_view *v, struct sink *sink) {
	const struct pattern_explanation *p = v->pattern;

	sink_put(sink, p->is_exception ? STR("!") : STR(""));
	sink_put_safe(sink, p->text);
	sink_put(sink, p->is_exception ? STR(" brings back ") : STR(" matches "));
	sink_put_safe(sink, p->meaning);
	sink_put(sink, STR(".\n"));
	for (size_t i = 0; i < p->nnotes; i++) {
		sink_put(sink, STR("  Note: "));
		sink_put_safe(sink, p->notes[i]);
		sink_put(sink, STR(".\n"));
	}
	sink_put(sink, STR("\nAlone:\n"));
	put_hits("hits on disk", &p->disk, sink);
	if (v->nothers == 0) {
		put_hits("eligible now", &p->eligible, sink);
	}
	put_rows(v, sink);
	if (p->deep_text.len > 0) {
		sink_put(sink, STR("\nIn a .gitignore it would match at any depth; here that is "));
		sink_put_safe(sink, p->deep_text);
		sink_put(sink, STR(":\n"));
		put_hits("hits on disk", &p->deep, sink);
	}
	sink_put(sink, STR("\n"));
	if (v->nothers == 0) {
		put_appended(v, sink);
	}
}

/* What differs from build to build. */
static void put_pattern_of_build(const struct explain_view *v, struct sink *sink) {
	sink_put(sink, STR("For "));
	explain_put_dockerfile(v, sink);
	sink_put(sink, STR(":\n"));
	if (v->pattern == NULL) {
		sink_put(sink, STR("  unknown: the ignore file has an error\n"));
		return;
	}
	put_hits("eligible now", &v->pattern->eligible, sink);
	put_appended(v, sink);
}

void explain_put_pattern(const struct explain_view *v, struct sink *sink) {
	put_story(v, sink);
	for (size_t i = 0; v->nothers > 0 && i <= v->nothers; i++) {
		sink_put(sink, i > 0 ? STR("\n") : STR(""));
		put_pattern_of_build(explain_view_of(v, i), sink);
	}
}
