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

/* The path, and a slash behind a directory's. */
static void put_name(const struct explanation *e, struct sink *sink) {
	sink_put(sink, sink->color ? STR("\033[1m") : STR(""));
	sink_put_safe(sink, e->path);
	sink_put(sink, sink->color ? STR("\033[0m") : STR(""));
	sink_put(sink, e->is_dir ? STR("/") : STR(""));
}

static void put_link(const struct explanation *e, struct sink *sink) {
	sink_put(sink, STR(" is not in the context: "));
	sink_put_safe(sink, e->link);
	sink_put(sink, STR(" is a symbolic link to "));
	sink_put_safe(sink, e->link_target);
	sink_put(sink, STR(", and a builder sends a link as a link.\n"));
}

static void put_absence(const struct explanation *e, struct sink *sink) {
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

static void put_next(const struct explanation *e, struct sink *sink) {
	sink_put(sink, STR("  "));
	sink_put_safe(sink, e->next);
	sink_put(sink, STR("\n"));
}

static void put_git(const struct explanation *e, struct sink *sink) {
	if (e->git.why.len > 0) {
		sink_put(sink, STR("  Not as git would: "));
		sink_put_safe(sink, e->git.why);
		sink_put(sink, STR(".\n"));
	}
}

static void put_path(const struct explain_view *v, const struct explanation *e, struct sink *sink) {
	put_name(e, sink);
	if (e->link.len > 0) {
		put_link(e, sink);
		put_next(e, sink);
		return;
	}
	sink_put(sink, STR(" "));
	put_fate(v, e, sink);
	sink_put(sink, STR("\n"));
	put_absence(e, sink);
	put_trace(v, e, sink);
	put_whole_path(v, e, sink);
	put_requests(v, e, sink);
	put_kind(v, e, sink);
	put_git(e, sink);
	put_next(e, sink);
}

/* ---- a path, for several Dockerfiles */

/* What one build makes of the path, as a text: equal texts are shown once. */
static void put_answer(const struct explain_view *v, size_t path, struct sink *sink) {
	if (v->paths == NULL) {
		sink_put(sink, STR("may or may not be sent: the ignore file has an error\n"));
		return;
	}
	const struct explanation *e = &v->paths[path];
	put_fate(v, e, sink);
	sink_put(sink, STR("\n"));
	put_trace(v, e, sink);
	put_whole_path(v, e, sink);
	if (e->fate != FATE_SENT || e->nrequests != 1) {
		put_requests(v, e, sink); /* else the answer names it */
	}
	put_git(e, sink);
	put_next(e, sink);
}

/* "  For a/Dockerfile and b/Dockerfile it is sent: ...", the lines below it two columns further in. */
static void put_group(const struct explain_view *v, const struct sink *answers, size_t n,
		size_t first, struct sink *sink) {
	struct str text = buf_str(&answers[first].buf), line;

	sink_put(sink, STR("  For "));
	explain_put_dockerfile(explain_view_of(v, first), sink);
	for (size_t i = first + 1; i < n; i++) {
		if (str_eq(buf_str(&answers[i].buf), text)) {
			sink_put(sink, STR(" and "));
			explain_put_dockerfile(explain_view_of(v, i), sink);
		}
	}
	sink_put(sink, STR(" it "));
	for (bool more = str_cut(text, '\n', &line, &text); more;) {
		sink_put(sink, line);
		sink_put(sink, STR("\n"));
		more = str_cut(text, '\n', &line, &text);
		sink_put(sink, more ? STR("  ") : STR(""));
	}
}

static void put_path_of_builds(const struct explain_view *v, size_t path, struct sink *sink) {
	const struct explanation *e = &v->paths[path];
	size_t n = v->nothers + 1;
	struct sink *answers = arena_new(v->arena, struct sink, n);

	put_name(e, sink);
	if (e->link.len > 0) {
		put_link(e, sink);
		put_next(e, sink);
		return;
	}
	sink_put(sink, STR("\n"));
	put_absence(e, sink);
	for (size_t i = 0; answers != NULL && i < n; i++) {
		sink_init_memory(&answers[i]);
		put_answer(explain_view_of(v, i), path, &answers[i]);
		sink->buf.failed |= buf_failed(&answers[i].buf);
	}
	for (size_t i = 0; answers != NULL && i < n; i++) {
		bool is_first = true;
		for (size_t k = 0; is_first && k < i; k++) {
			is_first = !str_eq(buf_str(&answers[k].buf), buf_str(&answers[i].buf));
		}
		if (is_first) {
			put_group(v, answers, n, i, sink);
		}
	}
	for (size_t i = 0; answers != NULL && i < n; i++) {
		buf_fini(&answers[i].buf);
	}
	sink->buf.failed |= answers == NULL;
	put_kind(v, e, sink);
}

void report_explain_text(const struct explain_view *view, struct sink *sink) {
	if (view->pattern != NULL) {
		explain_put_pattern(view, sink);
		return;
	}
	if (view->is_story) {
		explain_put_slow(view, sink);
		return;
	}
	for (size_t i = 0; i < view->npaths; i++) {
		sink_put(sink, i > 0 ? STR("\n") : STR(""));
		if (view->nothers == 0) {
			put_path(view, &view->paths[i], sink);
		} else {
			put_path_of_builds(view, i, sink);
		}
	}
}
