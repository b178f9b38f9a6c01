#include "report/ledger.h"
#include "report/scan.h"
#include "report/table.h"

static const char *lens_phrase(enum lens lens) {
	switch (lens) {
	case LENS_DISK:
		return ", on disk";
	case LENS_ELIGIBLE:
		return ", eligible";
	case LENS_REQUESTED:
		break;
	}
	return ", requested";
}

static void put_title(struct sink *sink, const char *what, const char *under) {
	sink_put(sink, STR("\n"));
	put_styled(sink, STYLE_BOLD, str_from(what));
	put_styled(sink, STYLE_BOLD, str_from(under));
	sink_put(sink, STR("\n"));
}

static void put_row_path(struct sink *sink, const struct analysis *an, uint32_t row) {
	struct buf path = { 0 };

	tree_path(an->tree, row, &path);
	if (entry_is_dir(tree_entry(an->tree, row)) && row != 0) {
		buf_putc(&path, '/');
	}
	sink_put_safe(sink, buf_str(&path));
	buf_fini(&path);
}

/* `only_files`: no line of the table is a directory, so it has no column of counts. */
static void put_heavy_line(struct sink *sink, const struct analysis *an, const struct heavy *h,
		uint64_t total, bool only_files) {
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	bool is_dir = entry_is_dir(tree_entry(an->tree, h->row));

	sink_printf(sink, "  %8s  %7s  ", size_format_short(h->bytes, size),
			size_format_percent(h->bytes, total, share));
	if (is_dir) {
		sink_printf(sink, "%9s file%-1s  ", size_format_count(h->nfiles, count),
				plural(h->nfiles));
	} else if (!only_files) {
		sink_printf(sink, "%9s %-5s  ", "", "");
	}
	put_row_path(sink, an, h->row);
	if (h->is_rest) {
		sink_put(sink, h->row == 0 ? STR("everything else") : STR(" (the rest of it)"));
	}
	sink_put(sink, STR("\n"));
}

static enum tng_code put_heaviest(const struct scan_view *v, struct tng_error *err) {
	struct heavy *heavy;
	size_t n;
	bool files = v->options->by == REPORT_BY_FILE;
	enum tng_code code = files ? analysis_largest_files(v->arena, v->an, v->build, v->lens,
						     v->options->top, &heavy, &n, err)
				   : analysis_heaviest(v->arena, v->an, v->build, v->lens,
						     heaviest_lines(v->options), &heavy, &n, err);

	if (code != TNG_OK || n == 0) {
		return code;
	}
	put_title(v->sink, files ? "Largest files" : "Heaviest places", lens_phrase(v->lens));
	for (size_t i = 0; i < n; i++) {
		put_heavy_line(v->sink, v->an, &heavy[i], build_weight(v->build, v->lens)->bytes,
				files);
	}
	return TNG_OK;
}

static enum tng_code put_extensions(const struct scan_view *v, struct tng_error *err) {
	struct extension_weight *rows;
	size_t n, top = v->options->top;
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	enum tng_code code =
			analysis_extensions(v->arena, v->an, v->build, v->lens, &rows, &n, err);
	uint64_t total = build_weight(v->build, v->lens)->bytes;

	if (code != TNG_OK || n == 0) {
		return code;
	}
	put_title(v->sink, "By extension", lens_phrase(v->lens));
	for (size_t i = 0; i < n && i < top; i++) {
		sink_printf(v->sink, "  %8s  %7s  %9s file%-1s  ",
				size_format_short(rows[i].bytes, size),
				size_format_percent(rows[i].bytes, total, share),
				size_format_count(rows[i].nfiles, count), plural(rows[i].nfiles));
		sink_put_safe(v->sink,
				rows[i].extension.len > 0 ? rows[i].extension
							  : STR("no extension"));
		sink_put(v->sink, STR("\n"));
	}
	if (n > top) {
		sink_printf(v->sink, "  and %zu more\n", n - top);
	}
	return TNG_OK;
}

static void put_pattern_line(
		struct sink *sink, const struct ignore_pattern *p, const struct pattern_weight *w) {
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "  %8s  %9s entr%-3s  ", size_format_short(w->bytes, size),
			size_format_count(w->nentries, count), w->nentries == 1 ? "y" : "ies");
	if (p->line > 0) {
		sink_printf(sink, "%4u  ", p->line);
	} else {
		sink_printf(sink, "%4s  ", "-");
	}
	if (p->is_exception) {
		sink_put(sink, STR("!"));
	}
	sink_put_safe(sink, p->text);
	if (p->line == 0) {
		put_styled(sink, STYLE_DIM, STR("  added by the builder"));
	} else if (w->nentries == 0) {
		put_styled(sink, STYLE_DIM, STR("  decides nothing here"));
	} else if (p->is_exception) {
		put_styled(sink, STYLE_DIM, STR("  brings back"));
	}
	sink_put(sink, STR("\n"));
}

/* Numbers of patterns, those that do most first; in file order where they do the same. */
static uint32_t *order_patterns(struct arena *a, const struct build *b) {
	uint32_t n = ignore_npatterns(b->patterns);
	uint32_t *order = arena_new(a, uint32_t, n);

	for (uint32_t i = 0; order != NULL && i < n; i++) {
		const struct pattern_weight *w = &b->plan.patterns[i];
		uint32_t k = i;
		for (; k > 0; k--) {
			const struct pattern_weight *x = &b->plan.patterns[order[k - 1]];
			if (x->bytes > w->bytes ||
					(x->bytes == w->bytes && x->nentries >= w->nentries)) {
				break;
			}
			order[k] = order[k - 1];
		}
		order[k] = i;
	}
	return order;
}

static enum tng_code put_patterns(const struct scan_view *v, size_t top, struct tng_error *err) {
	const struct ignore_set *set = v->build->has_plan ? v->build->patterns : NULL;
	uint32_t n = set != NULL ? ignore_npatterns(set) : 0, nidle = 0;

	if (n == 0) {
		return TNG_OK;
	}
	uint32_t *order = order_patterns(v->arena, v->build);
	if (order == NULL) {
		return error_nomem(err);
	}
	put_title(v->sink, "What each pattern keeps out", "");
	sink_printf(v->sink, "  %8s  %13s   %4s  %s\n", "bytes", "entries", "line", "pattern");
	for (uint32_t i = 0; i < n; i++) {
		const struct pattern_weight *w = &v->build->plan.patterns[order[i]];
		if (i < top) {
			put_pattern_line(v->sink, ignore_pattern(set, order[i]), w);
		}
		nidle += w->nentries == 0 && i >= top;
	}
	if (n > top) {
		sink_printf(v->sink, "  and %zu more", n - top);
		if (nidle > 0) {
			sink_printf(v->sink, ", %u of which decide%s nothing here", nidle,
					nidle == 1 ? "s" : "");
		}
		sink_printf(v->sink, " (--by pattern --top %u shows all)\n", n);
	}
	return TNG_OK;
}

static enum tng_code put_ledger(const struct scan_view *v, struct tng_error *err) {
	struct analysis_ledger ledger;
	enum tng_code code = analysis_ledger(v->arena, v->an, v->build, &ledger, err);

	return code == TNG_OK ? report_ledger_text(v->arena, &ledger, v->options->top, v->sink, err)
			      : code;
}

/* "line 12  COPY  1.2MB  9 files  src/" */
static bool has_link(const struct tree *tree, struct str path) {
	for (size_t i = 0; i <= path.len; i++) {
		uint32_t row = i == path.len || path.ptr[i] == '/'
				? tree_find(tree, str_take(path, i))
				: TREE_NO_ROW;
		if (row != TREE_NO_ROW && entry_type(tree_entry(tree, row)) == ENTRY_SYMLINK) {
			return true;
		}
	}
	return false;
}

/* A builder copies nothing where a wildcard finds nothing, or stops; without a wildcard it stops. */
static const char *why_nothing(const struct scan_view *v, const struct source *source) {
	if (source->is_wildcard) {
		return "  matches nothing";
	}
	if (source->kind == SOURCE_TMPFS || has_link(v->an->tree, source->path)) {
		return "  nothing there";
	}
	if (tree_find(v->an->tree, source->path) == TREE_NO_ROW) {
		return "  not on disk: the build stops here";
	}
	return source->kind == SOURCE_BIND && v->build->context.engine == TNG_ENGINE_PODMAN
			? "  excluded, and a mount sees it all the same"
			: "  excluded: the build stops here";
}

static void put_source_line(const struct scan_view *v, const struct source_weight *w) {
	const struct source *source = w->source;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	bool is_main = source->context == DOCKERFILE_MAIN_CONTEXT;

	if (source->kind == SOURCE_REMOTE || !is_main) {
		sink_printf(v->sink, "  %8s  %9s       ", "-", "-");
	} else {
		sink_printf(v->sink, "  %8s  %9s file%-1s ",
				size_format_short(w->asked.bytes, size),
				size_format_count(w->asked.nfiles, count), plural(w->asked.nfiles));
	}
	sink_printf(v->sink, "%5u  %-11s ", source->line, report_source_kind(source->kind));
	sink_put_safe(v->sink, source->is_unknowable ? source->written : source->path);
	if (!is_main) {
		sink_put(v->sink, STR("  from context "));
		sink_put_safe(v->sink, v->build->sources->contexts[source->context].name);
	} else if (source->is_unknowable) {
		put_styled(v->sink, STYLE_YELLOW,
				w->is_whole ? STR("  everything, unless the argument is given")
					    : STR("  depends on an argument"));
	} else if (w->is_whole) {
		put_styled(v->sink, STYLE_DIM, STR("  everything that is eligible"));
	} else if (w->asked.nentries == 0 && source->kind != SOURCE_REMOTE) {
		put_styled(v->sink, STYLE_DIM, str_from(why_nothing(v, source)));
	}
	sink_put(v->sink, STR("\n"));
}

/* Whether a source is among the `top` heaviest; of equal ones the first are. */
static bool is_shown(const struct source_weight *weights, size_t n, size_t index, size_t top) {
	size_t before = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t other = weights[i].asked.bytes, mine = weights[index].asked.bytes;
		before += other > mine || (other == mine && i < index);
	}
	return before < top;
}

/* What each instruction of a reached stage asks for, in the order in which they run: all, or the heaviest. */
static void put_sources(const struct scan_view *v, size_t top) {
	size_t n = v->build->has_requested ? v->build->sources->nsources : 0;

	if (n == 0) {
		return;
	}
	put_title(v->sink, "What the Dockerfile asks for", "");
	sink_printf(v->sink, "  %8s  %9s       %5s  %s\n", "bytes", "files", "line", "source");
	for (size_t i = 0; i < n; i++) {
		if (is_shown(v->build->source_weights, n, i, top)) {
			put_source_line(v, &v->build->source_weights[i]);
		}
	}
	if (n > top) {
		sink_printf(v->sink, "  and %zu lighter (--by instruction --top %zu shows all)\n",
				n - top, n);
	}
}

static void put_named(const struct scan_view *v) {
	char asked[SIZE_TEXT_BYTES], all[SIZE_TEXT_BYTES];

	for (size_t i = 0; i < v->build->nnamed; i++) {
		const struct named_transfer *t = &v->build->named[i];
		sink_put(v->sink, i == 0 ? STR("\n") : STR(""));
		sink_put(v->sink, STR("Named context "));
		sink_put_safe(v->sink, t->name);
		sink_printf(v->sink, ", line %u: ", t->line);
		if (t->same_as != i) {
			sink_printf(v->sink, "the same as line %u, sent once for both",
					v->build->named[t->same_as].line);
		} else if (t->is_local) {
			sink_printf(v->sink, "asks for %s of %s in ",
					size_format_short(t->requested.bytes, asked),
					size_format_short(t->disk.bytes, all));
			sink_put_safe(v->sink, t->directory);
		} else {
			sink_put(v->sink, STR("not a local directory, nothing is sent from here"));
		}
		sink_put(v->sink, STR("\n"));
	}
}

static void put_findings(const struct scan_view *v, enum severity least) {
	struct sink *sink = v->sink;
	static const char *const names[] = { "note", "warning", "error" };
	static const enum style styles[] = { STYLE_DIM, STYLE_YELLOW, STYLE_RED };
	bool first = true;

	for (size_t i = 0; i < v->an->nfindings; i++) {
		const struct finding *d = &v->an->findings[i];
		if (d->severity < least) {
			continue;
		}
		sink_put(sink, first ? STR("\n") : STR(""));
		first = false;
		put_styled(sink, styles[d->severity], str_from(names[d->severity]));
		sink_put(sink, STR(": "));
		if (d->file.len > 0) {
			sink_put_safe(sink, d->file);
			put_position(sink, d);
			sink_put(sink, STR(": "));
		}
		sink_put_safe(sink, d->text);
		sink_put(sink, STR("\n"));
	}
}

/* Rows of the second table below the first one; --by shows a table whole. */
#define SHORT_TABLE 8
#define SHORT_CLASSES 6

static enum tng_code put_tables(const struct scan_view *v, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	switch (v->options->by) {
	case REPORT_BY_DIR:
		put_sources(v, SHORT_TABLE);
		put_named(v);
		code = put_heaviest(v, err);
		if (code == TNG_OK) {
			code = report_scan_classes(v, SHORT_CLASSES, true, err);
		}
		return code == TNG_OK ? put_patterns(v, SHORT_TABLE, err) : code;
	case REPORT_BY_FILE:
		return put_heaviest(v, err);
	case REPORT_BY_EXT:
		return put_extensions(v, err);
	case REPORT_BY_PATTERN:
		return put_ledger(v, err);
	case REPORT_BY_INSTRUCTION:
		put_sources(v, v->options->top);
		put_named(v);
		return TNG_OK;
	case REPORT_BY_CLASS:
		return report_scan_classes(v, v->options->top, false, err);
	case REPORT_BY_GIT:
		return report_scan_git(v, v->options->top, err);
	}
	return code;
}

/* What makes BuildKit send a file again (ignore-semantics 6.9). */
static void put_resends(struct sink *sink) {
	sink_put(sink,
			STR("  changed files    are sent again whole when their mode, size or time "
			    "is "
			    "another one: a chmod\n"
			    "                   or a touch resends all that it reaches; a change "
			    "that "
			    "keeps size and time\n"
			    "                   is not seen, and the old content is built\n"));
}

enum tng_code report_scan_text(const struct scan_view *v, struct tng_error *err) {
	struct str advice;

	report_scan_summary(v);
	enum tng_code code = v->options->wire ? report_scan_wire(v, err) : TNG_OK;
	if (code != TNG_OK) {
		return code;
	}
	if (v->options->wire && v->options->verbose && v->build->has_plan &&
			v->build->context.engine == TNG_ENGINE_BUILDKIT) {
		put_resends(v->sink);
	}
	if (v->options->quiet) {
		put_findings(v, SEVERITY_ERROR);
		return TNG_OK;
	}
	put_findings(v, v->options->verbose ? SEVERITY_NOTE : SEVERITY_WARNING);
	code = report_scan_headlines(v, err);
	if (code == TNG_OK) {
		code = put_tables(v, err);
	}
	if (code == TNG_OK && v->options->verbose) {
		report_scan_probes(v);
	}
	if (code == TNG_OK) {
		code = analysis_advice(v->arena, v->an, v->build, &advice, err);
	}
	if (code == TNG_OK) {
		sink_put(v->sink, STR("\n"));
		sink_put_safe(v->sink, advice);
		sink_put(v->sink, STR("\n"));
	}
	return code;
}
