/*
 * A proposal in words. The file itself (or its diff) is for standard output and nothing else is, so that
 * `tonnage propose > .dockerignore` does what it says; the summary is for standard error.
 */
#include "report/propose.h"

#include "report/table.h"

#include <inttypes.h>

/* More are counted, not named, unless -v asks. */
#define KEEPS_SHOWN 8
#define BUILDS_SHOWN 4

const struct verify_engine *proposal_engine(const struct propose_view *v) {
	const struct verification *verification = &v->proposal->verification;

	for (size_t i = 0; i < verification->nengines; i++) {
		if (verification->engines[i].engine == v->an->builds[0].context.engine) {
			return &verification->engines[i];
		}
	}
	return NULL;
}

static void put_diff(const struct propose_view *v, struct sink *sink) {
	struct str path = v->proposal->path;
	struct str old_name = v->proposal->exists ? path : STR("/dev/null");

	propose_diff(v->an->builds[0].context.ignore_text, v->proposal->proposal.text, old_name,
			path, &sink->buf);
}

enum tng_code report_proposal(
		const struct propose_view *view, struct sink *sink, struct tng_error *err) {
	if (view->format == REPORT_JSON) {
		return report_proposal_json(view, sink, err);
	}
	if (view->diff) {
		put_diff(view, sink);
	} else {
		sink_put(sink, view->proposal->proposal.text);
	}
	return TNG_OK;
}

/* ---- the summary */

static void put_weight(struct sink *sink, const char *name, const struct weight *before,
		const struct weight *after) {
	char was[SIZE_TEXT_BYTES], is[SIZE_TEXT_BYTES];
	char nwas[SIZE_TEXT_BYTES + 4], nis[SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "  %-10s%8s in %s file%s -> %s in %s file%s\n", name,
			size_format_short(before->bytes, was),
			size_format_count(before->nfiles, nwas), plural(before->nfiles),
			size_format_short(after->bytes, is), size_format_count(after->nfiles, nis),
			plural(after->nfiles));
}

static void put_figures(const struct propose_view *v, struct sink *sink) {
	const struct build *build = &v->an->builds[0];
	const struct verify_engine *engine = proposal_engine(v);

	if (engine == NULL) {
		return;
	}
	put_weight(sink, "eligible", &build->plan.eligible, &engine->eligible_after);
	if (v->proposal->nbuilds > 0) {
		put_weight(sink, "requested", &engine->requested_before, &engine->requested_after);
	}
}

static void put_head(const struct propose_view *v, struct sink *sink) {
	const struct proposal *p = &v->proposal->proposal;
	size_t nhygiene = 0;

	for (size_t i = 0; i < p->nlines; i++) {
		nhygiene += p->lines[i].is_hygiene;
	}
	sink_put_safe(sink, v->proposal->path);
	if (p->nlines == 0) {
		sink_put(sink,
				STR(": nothing to propose; what stays in the context is needed, or "
				    "too "
				    "light for a line\n"));
		return;
	}
	sink_printf(sink, ": %zu line%s (%slevel %s", p->nlines, plural(p->nlines),
			v->options->mode == PROPOSE_ALLOW_LIST ? "allow-list, " : "",
			propose_level_name(v->options->level));
	if (!p->has_gain) {
		sink_put(sink,
				STR("): nothing to gain today; they keep out what comes "
				    "tomorrow\n"));
	} else if (nhygiene > 0) {
		sink_printf(sink, "), %zu of them for what comes tomorrow\n", nhygiene);
	} else {
		sink_put(sink, STR(")\n"));
	}
}

/* Named as an earlier one is: they differ in arguments. */
static bool has_namesake(const struct analysis_proposal *p, size_t which) {
	for (size_t i = 0; i < which; i++) {
		if (str_eq(p->builds[i].dockerfile, p->builds[which].dockerfile) &&
				str_eq(p->builds[i].target, p->builds[which].target)) {
			return true;
		}
	}
	return false;
}

static void put_build(const struct analysis_proposal *p, size_t which, struct sink *sink) {
	const struct proposed_build *b = &p->builds[which];

	sink_put_safe(sink, b->dockerfile.len > 0 ? b->dockerfile : b->file);
	if (b->target.len > 0) {
		sink_put(sink, STR(" ("));
		sink_put_safe(sink, b->target);
		sink_put(sink, STR(")"));
	}
	if (has_namesake(p, which)) {
		sink_put(sink, STR(" ["));
		sink_put_safe(sink, b->file);
		sink_printf(sink, ":%u]", b->line);
	}
}

static void put_builds(const struct propose_view *v, struct sink *sink) {
	const struct analysis_proposal *p = v->proposal;
	size_t shown = v->verbose || p->nbuilds <= BUILDS_SHOWN ? p->nbuilds : BUILDS_SHOWN;

	if (p->nbuilds == 0) {
		sink_put(sink, STR("  no Dockerfile found: any file may be needed\n"));
		return;
	}
	sink_printf(sink, "  verified for every engine and %zu build%s: ", p->nbuilds,
			plural(p->nbuilds));
	for (size_t i = 0; i < shown; i++) {
		sink_put(sink, i > 0 ? STR(", ") : STR(""));
		put_build(p, i, sink);
	}
	if (shown < p->nbuilds) {
		sink_printf(sink, " and %zu more", p->nbuilds - shown);
	}
	sink_put(sink, STR("\n"));
}

/* A clone has these, so somebody may miss them. */
static void put_tracked(const struct propose_view *v, struct sink *sink) {
	const struct proposal *p = &v->proposal->proposal;
	char count[SIZE_TEXT_BYTES + 4];
	uint64_t nfiles = 0;
	size_t nlines = 0;

	for (size_t i = 0; i < p->nlines; i++) {
		nfiles += p->lines[i].ntracked;
		nlines += p->lines[i].ntracked > 0;
	}
	if (nfiles > 0) {
		sink_printf(sink, "  %s file%s that git tracks %s kept out by %zu line%s\n",
				size_format_count(nfiles, count), plural(nfiles),
				nfiles == 1 ? "is" : "are", nlines, plural(nlines));
	}
}

static void put_keep(
		const struct propose_view *v, const struct proposed_keep *keep, struct sink *sink) {
	char size[SIZE_TEXT_BYTES];
	struct buf path = { 0 };

	tree_path(v->an->tree, keep->row, &path);
	sink_printf(sink, "  %8s  ", size_format_short(keep->bytes, size));
	sink_put_safe(sink, buf_str(&path));
	sink_put(sink, keep->is_secret ? STR(" (a secret)") : STR(""));
	if (keep->why.len > 0) {
		sink_put(sink, STR(": "));
		sink_put_safe(sink, keep->why);
	}
	if (keep->file.len > 0) {
		sink_put(sink, STR(" ["));
		sink_put_safe(sink, keep->file);
		if (keep->line > 0) {
			sink_printf(sink, ":%u", keep->line);
		}
		sink_put(sink, STR("]"));
	}
	sink_put(sink, STR("\n"));
	buf_fini(&path);
}

static void put_keeps(const struct propose_view *v, bool questions, struct sink *sink) {
	const struct proposal *p = &v->proposal->proposal;
	size_t n = 0;

	for (size_t i = 0; i < p->nkeeps; i++) {
		if (p->keeps[i].is_question != questions) {
			continue;
		}
		if (n == 0) {
			sink_put(sink,
					questions ? STR("to decide; it stays until you add a "
							"line:\n")
						  : STR("kept, though heavy:\n"));
		}
		if (n < KEEPS_SHOWN || v->verbose) {
			put_keep(v, &p->keeps[i], sink);
		}
		n++;
	}
	if (n > KEEPS_SHOWN && !v->verbose) {
		sink_printf(sink, "  and %zu more; -v shows all\n", n - KEEPS_SHOWN);
	}
}

static void put_drops(const struct propose_view *v, struct sink *sink) {
	const struct proposal *p = &v->proposal->proposal;

	for (size_t i = 0; i < p->ndrops; i++) {
		sink_put(sink, i == 0 ? STR("not proposed:\n") : STR(""));
		sink_put(sink, STR("  "));
		sink_put_safe(sink, p->drops[i].pattern);
		sink_put(sink, STR(": "));
		sink_put_safe(sink, p->drops[i].why);
		sink_put(sink, STR("\n"));
	}
}

/* An exception of ours with an escape in it; those of hand-written lines are a trap that scan tells. */
static void put_defeating(const struct propose_view *v, struct sink *sink) {
	const struct verify_engine *engine = proposal_engine(v);

	if (v->options->mode == PROPOSE_ALLOW_LIST && engine != NULL && engine->ndefeating > 0) {
		sink_printf(sink,
				"note: line %u makes the builder enter every excluded directory: "
				"its "
				"exception is no plain path\n",
				engine->defeating[0]);
	}
}

static void put_note(const struct propose_view *v, struct sink *sink) {
	if (v->proposal->proposal.note.len > 0) {
		sink_put(sink, STR("note: "));
		sink_put(sink, v->proposal->proposal.note);
		sink_put(sink, STR("\n"));
	}
}

/* A source that lacks a cache is what ignore files are for; one of which nothing is left stops a build. */
static void put_already(const struct propose_view *v, struct sink *sink) {
	struct buf path = { 0 };
	bool is_first = true;

	for (size_t i = 0; i < v->proposal->nalready; i++) {
		const struct proposed_already *a = &v->proposal->already[i];
		if (!a->is_whole && !v->verbose) {
			continue;
		}
		buf_clear(&path);
		tree_path(v->an->tree, a->row, &path);
		sink_put(sink,
				is_first ? STR("kept out by lines of yours, though a build asks "
					       "for "
					       "it:\n")
					 : STR(""));
		is_first = false;
		sink_put(sink, STR("  "));
		sink_put_safe(sink, buf_str(&path));
		if (a->nrows > 1) {
			sink_printf(sink, " and %" PRIu64 " more", a->nrows - 1);
		}
		sink_put(sink, STR(": by "));
		sink_put_safe(sink, a->pattern);
		sink_put(sink, STR(" ["));
		sink_put_safe(sink, a->dockerfile);
		sink_printf(sink, ":%u]\n", a->line);
	}
	buf_fini(&path);
}

/* A file of the context as a word of a command that is typed here; a name that a shell takes for more than
 * itself is quoted. */
static void put_word(const struct propose_view *v, struct str path, const char *ending,
		struct sink *sink) {
	static const char plain[] =
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@%:,=";
	struct str root = v->an->builds[0].context.root;
	struct buf word = { 0 };
	bool is_plain = true;

	if (!str_eq(root, STR("."))) {
		buf_append(&word, root);
		buf_append(&word, path.len == 0 || str_ends(root, STR("/")) ? STR("") : STR("/"));
	}
	buf_append(&word, path);
	buf_append(&word, str_from(ending));
	for (size_t i = 0; i < word.len; i++) {
		is_plain = is_plain && strchr(plain, word.ptr[i]) != NULL;
	}
	sink_put(sink, is_plain ? STR("") : STR("'"));
	struct str rest = buf_str(&word), part;
	for (bool more = word.len > 0; more;) {
		more = str_cut(rest, '\'', &part, &rest);
		sink_put_safe(sink, part);
		sink_put(sink, more ? STR("'\\''") : STR(""));
	}
	sink_put(sink, is_plain ? STR("") : STR("'"));
	buf_fini(&word);
}

/* The next step is a command: what is hand-written comes along. */
static void put_splits(const struct propose_view *v, struct sink *sink) {
	for (size_t i = 0; i < v->proposal->nsplits; i++) {
		const struct proposed_split *s = &v->proposal->splits[i];
		char own[SIZE_TEXT_BYTES], shared[SIZE_TEXT_BYTES];
		sink_put(sink,
				i == 0 ? STR("a file of its own would save more than a fifth:\n")
				       : STR(""));
		sink_put(sink, STR("  "));
		sink_put_safe(sink, s->dockerfile);
		sink_printf(sink, ": %s instead of %s; ", size_format_short(s->own_bytes, own),
				size_format_short(s->shared_bytes, shared));
		sink_put(sink, v->proposal->exists ? STR("cp ") : STR("touch "));
		if (v->proposal->exists) {
			put_word(v, STR(".dockerignore"), "", sink);
			sink_put(sink, STR(" "));
		}
		put_word(v, s->dockerfile, ".dockerignore", sink);
		sink_put(sink, STR(" && tonnage propose --write -f "));
		put_word(v, s->dockerfile, "", sink);
		if (!str_eq(v->an->builds[0].context.root, STR("."))) {
			sink_put(sink, STR(" "));
			put_word(v, STR(""), "", sink);
		}
		sink_put(sink, STR("\n"));
	}
}

static void put_next(const struct propose_view *v, struct sink *sink) {
	const struct analysis_proposal *p = v->proposal;

	if (!v->is_shown || !p->proposal.is_changed || p->proposal.nlines == 0) {
		return;
	}
	sink_put(sink, STR("next: "));
	if (p->exists && !v->diff) {
		sink_put(sink, STR("--diff shows what changes, "));
	}
	sink_put(sink, STR("--write writes "));
	sink_put_safe(sink, p->path);
	sink_put(sink, STR("\n"));
}

void report_proposal_summary(const struct propose_view *view, struct sink *sink) {
	put_head(view, sink);
	put_figures(view, sink);
	put_builds(view, sink);
	put_tracked(view, sink);
	put_note(view, sink);
	put_defeating(view, sink);
	put_keeps(view, true, sink);
	put_keeps(view, false, sink);
	put_already(view, sink);
	put_splits(view, sink);
	if (view->verbose) {
		put_drops(view, sink);
	}
	put_next(view, sink);
}
