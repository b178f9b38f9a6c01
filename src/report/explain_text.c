/* An explanation for people: the answer in a line, then what led to it, then what to do. */
#include "report/explain.h"
#include "report/scan.h"
#include "report/table.h"

static void put_pattern(struct sink *sink, const struct ignore_pattern *p) {
	sink_put(sink, p->is_exception ? STR("!") : STR(""));
	sink_put_safe(sink, p->text);
}

/* "line 3 of .dockerignore: node_modules" */
static void put_line(const struct explain_view *v, uint32_t pattern, struct sink *sink) {
	const struct ignore_pattern *p = ignore_pattern(v->build->patterns, pattern);

	if (p->line == 0) {
		sink_put(sink, STR("the exception that the builder adds on its own: "));
	} else {
		sink_printf(sink, "line %u of ", p->line);
		sink_put_safe(sink, v->build->context.ignore_path);
		sink_put(sink, STR(": "));
	}
	put_pattern(sink, p);
}

/* ---- the answer */

static void put_kept_by(
		const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	if (e->verdict.pattern == IGNORE_NO_PATTERN) {
		sink_put(sink,
				v->build->patterns == NULL ? STR("there is no ignore file")
							   : STR("no pattern matches it"));
	} else {
		sink_put(sink, STR("brought back by "));
		put_line(v, e->verdict.pattern, sink);
	}
}

static void put_source(
		const struct explain_view *v, const struct path_request *r, struct sink *sink) {
	sink_printf(sink, "line %u of ", r->source->line);
	sink_put_safe(sink, v->build->context.dockerfile);
	sink_printf(sink, " (%s", report_source_kind(r->source->kind));
	if (r->source->written.len > 0) {
		sink_put(sink, STR(" "));
		sink_put_safe(sink, r->source->written);
	}
	sink_put(sink, STR(")"));
}

static void put_sent(const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	sink_put(sink, e->comes_empty ? STR("is sent, but arrives empty: ") : STR("is sent: "));
	put_kept_by(v, e, sink);
	if (e->nrequests > 0) {
		sink_put(sink, STR(", and "));
		put_source(v, &e->requests[0], sink);
		sink_put(sink, STR(" asks for it"));
	} else if (v->build->has_requested) {
		sink_put(sink,
				STR("; no instruction asks for it, but this builder sends "
				    "everything that is kept"));
	}
}

static void put_fate(const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	switch (e->fate) {
	case FATE_SENT:
		put_sent(v, e, sink);
		break;
	case FATE_PARENT:
		sink_put(sink, STR("is sent only as the parent of what is sent"));
		if (e->verdict.excluded) {
			sink_put(sink, STR("; it is excluded by "));
			put_line(v, e->verdict.pattern, sink);
		}
		break;
	case FATE_EXCLUDED:
		sink_put(sink, STR("is excluded by "));
		put_line(v, e->verdict.pattern, sink);
		break;
	case FATE_PRUNED:
		sink_put(sink, STR("is pruned: it is below "));
		sink_put_safe(sink, e->not_entered);
		sink_put(sink, STR(", which the builder does not enter, as it is excluded by "));
		put_line(v, e->verdict.pattern, sink);
		break;
	case FATE_SKIPPED:
		sink_put(sink, STR("is kept, but it is a socket, which this builder skips"));
		break;
	case FATE_UNASKED:
		sink_put(sink, STR("is kept but not asked for: "));
		put_kept_by(v, e, sink);
		sink_put(sink, STR(", and no instruction asks for it"));
		break;
	}
}

static void put_headline(
		const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	if (sink->color) {
		sink_put(sink, STR("\033[1m"));
	}
	sink_put_safe(sink, e->path);
	if (sink->color) {
		sink_put(sink, STR("\033[0m"));
	}
	sink_put(sink, e->is_dir ? STR("/ ") : STR(" "));
	put_fate(v, e, sink);
	sink_put(sink, STR("\n"));
	if (!e->on_disk) {
		sink_printf(sink,
				"  It is not on disk: this is what the patterns say of a %s of "
				"that "
				"name.\n",
				e->is_dir ? "directory" : "file");
	}
}

/* ---- what led to it */

static void put_effect(const struct explanation *e, const struct trace_step *step,
		bool is_exception, struct sink *sink) {
	switch (step->effect) {
	case TRACE_DECIDED:
		sink_put(sink,
				is_exception ? STR("decided: it is kept")
					     : STR("decided: it is excluded"));
		break;
	case TRACE_CHANGED:
		sink_put(sink,
				is_exception ? STR("brought it back, until a later line")
					     : STR("excluded it, until a later line"));
		break;
	case TRACE_CONFIRMED:
		sink_put(sink, STR("changed nothing: the verdict was that already"));
		break;
	case TRACE_SKIPPED:
		sink_put(sink,
				is_exception ? STR("skipped: it was not excluded there")
					     : STR("skipped: it was excluded there already"));
		if (step->matched.len < e->path.len) {
			sink_put(sink, STR(", and what is skipped does not count below"));
		}
		break;
	case TRACE_UNREACHED:
		sink_put(sink, STR("never tried: the builder does not get there"));
		break;
	}
}

static void put_trace(
		const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	if (e->ntrace == 0) {
		return;
	}
	sink_put(sink, STR("  Patterns that match it or a directory it is in:\n"));
	for (size_t i = 0; i < e->ntrace; i++) {
		const struct trace_step *step = &e->trace[i];
		const struct ignore_pattern *p = ignore_pattern(v->build->patterns, step->pattern);
		if (p->line > 0) {
			sink_printf(sink, "  %6u  ", p->line);
		} else {
			sink_printf(sink, "  %6s  ", "-");
		}
		put_pattern(sink, p);
		sink_put(sink, STR("  matches "));
		sink_put_safe(sink, step->matched);
		sink_put(sink, STR("; "));
		put_effect(e, step, p->is_exception, sink);
		sink_put(sink, STR("\n"));
	}
}

static void put_whole_path(
		const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	if (e->not_entered.len > 0 || e->whole_path.excluded == e->verdict.excluded) {
		return;
	}
	if (e->whole_path.excluded) {
		sink_put(sink,
				STR("  The walk keeps it, and the path taken as a whole is "
				    "excluded by "));
		put_line(v, e->whole_path.pattern, sink);
	} else {
		sink_put(sink,
				STR("  The walk excludes it, and the path taken as a whole is "
				    "kept"));
		if (e->whole_path.pattern != IGNORE_NO_PATTERN) {
			sink_put(sink, STR(" by "));
			put_line(v, e->whole_path.pattern, sink);
		}
	}
	sink_put(sink,
			e->comes_empty ? STR("; BuildKit goes by the whole path when it opens the "
					     "file, so "
					     "it creates it empty, and again in every build")
				       : STR("; the walk is what counts"));
	sink_put(sink, STR(".\n"));
}

static void put_stage(const struct explain_view *v, uint32_t stage, struct sink *sink) {
	struct str name = v->build->dockerfile->stages[stage].name;

	if (name.len > 0) {
		sink_put(sink, STR(", stage "));
		sink_put_safe(sink, name);
	} else {
		sink_printf(sink, ", stage %u", stage);
	}
}

static void put_requests(
		const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	for (size_t i = 0; i < e->nrequests; i++) {
		const struct path_request *r = &e->requests[i];
		sink_put(sink, i == 0 ? STR("  Asked for by ") : STR("           and "));
		put_source(v, r, sink);
		put_stage(v, r->source->stage, sink);
		sink_put(sink, r->only_below ? STR(": something in it") : STR(""));
		sink_put(sink, STR("\n"));
	}
	if (e->maybe_asked) {
		sink_put(sink,
				STR("  An instruction that hangs on an argument without a value "
				    "may ask "
				    "for it, too.\n"));
	}
}

/* "Class deps, by rule deps.node-modules (node_modules), 100 % sure; advice: exclude." */
static void put_class(
		const struct explain_view *v, const struct class_mark *mark, struct sink *sink) {
	const struct class_column *c = &v->an->classes;
	const struct class_name *name = &c->classes[mark->klass];
	const struct class_rule *rule = mark->rule != CLASS_NO_RULE ? &c->rules[mark->rule] : NULL;
	const char *guard = class_guard_text((enum class_guard)mark->guard);

	sink_put(sink, STR("  Class "));
	sink_put_safe(sink, name->name);
	if (rule == NULL) {
		sink_put(sink, STR(", as no rule says otherwise.\n"));
		return;
	}
	sink_put(sink, STR(", by rule "));
	sink_put_safe(sink, rule->id);
	sink_put(sink, STR(" ("));
	sink_put_safe(sink, rule->pattern);
	if (rule->evidence.len > 0) {
		sink_put(sink, STR("; "));
		sink_put_safe(sink, rule->evidence);
	}
	sink_printf(sink, "), %u %% sure; advice: %s", mark->confidence,
			class_advice_name((enum class_advice)mark->advice));
	if (guard[0] != '\0') {
		sink_printf(sink, ", as %s", guard);
	}
	sink_put(sink, STR(".\n"));
}

static void put_secrets(const struct explain_view *v, uint32_t row, struct sink *sink) {
	const struct class_column *c = &v->an->classes;

	for (size_t i = 0; i < c->nsecrets; i++) {
		if (c->secrets[i].row == row) {
			sink_put(sink, STR("  Holds a secret: "));
			sink_put_safe(sink, c->secrets[i].kind);
			if (c->secrets[i].line > 0) {
				sink_printf(sink, ", line %u", c->secrets[i].line);
			}
			sink_put(sink, STR(".\n"));
		}
	}
}

/* What it is, and what git says of it. */
static void put_kind(const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	uint32_t row = e->on_disk ? tree_find(v->an->tree, e->path) : TREE_NO_ROW;

	if (row == TREE_NO_ROW) {
		return;
	}
	if (v->an->has_classes) {
		put_class(v, &v->an->classes.marks[row], sink);
		put_secrets(v, row, sink);
	}
	if (v->an->has_git && v->an->git.state[row] != VCS_OUTSIDE) {
		sink_printf(sink, "  In git: %s.\n",
				vcs_state_name((enum vcs_state)v->an->git.state[row]));
	}
}

static void put_path(const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	put_headline(v, e, sink);
	put_trace(v, e, sink);
	put_whole_path(v, e, sink);
	put_requests(v, e, sink);
	put_kind(v, e, sink);
	if (e->git.why.len > 0) {
		sink_put(sink, STR("  Not as git would: "));
		sink_put_safe(sink, e->git.why);
		sink_put(sink, STR(".\n"));
	}
	sink_put(sink, STR("  "));
	sink_put_safe(sink, e->next);
	sink_put(sink, STR("\n"));
}

/* ---- a pattern */

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

static void put_pattern_story(const struct explain_view *v, struct sink *sink) {
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
	put_hits("eligible now", &p->eligible, sink);
	put_rows(v, sink);
	if (p->deep_text.len > 0) {
		sink_put(sink, STR("\nIn a .gitignore it would match at any depth; here that is "));
		sink_put_safe(sink, p->deep_text);
		sink_put(sink, STR(":\n"));
		put_hits("hits on disk", &p->deep, sink);
	}
	sink_put(sink, STR("\n"));
	put_appended(v, sink);
}

void report_explain_text(const struct explain_view *view, struct sink *sink) {
	if (view->pattern != NULL) {
		put_pattern_story(view, sink);
		return;
	}
	for (size_t i = 0; i < view->npaths; i++) {
		sink_put(sink, i > 0 ? STR("\n") : STR(""));
		put_path(view, &view->paths[i], sink);
	}
}
