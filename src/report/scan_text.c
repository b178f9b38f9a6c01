#include "report/scan.h"

#include "report/table.h"

static const char *engine_name(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "BuildKit";
	case TNG_ENGINE_CLASSIC:
		return "classic builder";
	}
	return "";
}

static void put_weight(struct sink *sink, const char *label, const struct weight *w) {
	char size[SIZE_TEXT_BYTES], count[3][SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "  %-13s", label);
	put_styled(sink, STYLE_BOLD, str_from(size_format_short(w->bytes, size)));
	sink_printf(sink, "  in %s file%s, %s director%s", size_format_count(w->nfiles, count[0]),
			plural(w->nfiles), size_format_count(w->ndirs, count[1]),
			w->ndirs == 1 ? "y" : "ies");
	if (w->nsymlinks > 0) {
		sink_printf(sink, ", %s link%s", size_format_count(w->nsymlinks, count[2]),
				plural(w->nsymlinks));
	}
	if (w->nothers > 0) {
		sink_printf(sink, ", %s other%s", size_format_count(w->nothers, count[2]),
				plural(w->nothers));
	}
}

static void put_lenses(struct sink *sink, const struct analysis *an) {
	char size[SIZE_TEXT_BYTES];

	if (an->has_plan) {
		put_weight(sink, "eligible", &an->plan.eligible);
		sink_put(sink, STR(": what COPY . sends\n"));
	} else {
		sink_printf(sink, "  %-13s", "eligible");
		put_styled(sink, STYLE_RED, STR("unknown"));
		sink_put(sink, STR(": the ignore file has an error\n"));
	}
	put_weight(sink, "disk", &an->plan.disk);
	sink_printf(sink, ": all there is (%s allocated)\n",
			size_format_short(an->plan.disk.allocated, size));
}

static const char *origin_reason(const struct context *ctx) {
	switch (ctx->ignore_origin) {
	case IGNORE_ORIGIN_NONE:
		return "";
	case IGNORE_ORIGIN_ROOT:
		return " (in the context root)";
	case IGNORE_ORIGIN_DOCKERFILE:
		return " (named after the Dockerfile, it wins over .dockerignore)";
	case IGNORE_ORIGIN_OPTION:
		return " (from --ignorefile)";
	}
	return "";
}

static void put_ignore_file(struct sink *sink, const struct analysis *an) {
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES];
	uint64_t out = an->plan.disk.bytes - an->plan.eligible.bytes;
	uint32_t n = 0;

	for (uint32_t i = 0; an->patterns != NULL && i < ignore_npatterns(an->patterns); i++) {
		n += ignore_pattern(an->patterns, i)->line > 0;
	}
	sink_printf(sink, "  %-13s", "ignore file");
	if (an->context.ignore_origin == IGNORE_ORIGIN_NONE) {
		sink_put(sink, STR("none: nothing is kept out\n"));
		return;
	}
	sink_put_safe(sink, an->context.ignore_path);
	sink_put(sink, str_from(origin_reason(&an->context)));
	if (an->has_plan) {
		sink_printf(sink, ": %u pattern%s keep%s out %s (%s)", n, plural(n),
				n == 1 ? "s" : "", size_format_short(out, size),
				size_format_percent(out, an->plan.disk.bytes, share));
	}
	sink_put(sink, STR("\n"));
}

static void put_dockerfile(struct sink *sink, const struct analysis *an) {
	sink_printf(sink, "  %-13s", "Dockerfile");
	if (an->context.has_dockerfile) {
		sink_put_safe(sink, an->context.dockerfile);
		sink_put(sink, STR("\n"));
	} else {
		sink_put(sink,
				STR("none found (name one with -f): only disk and eligible are "
				    "known\n"));
	}
}

static const char *lens_phrase(enum lens lens) {
	return lens == LENS_DISK ? ", on disk" : ", eligible";
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

static void put_heavy_line(struct sink *sink, const struct analysis *an, const struct heavy *h,
		uint64_t total) {
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	bool is_dir = entry_is_dir(tree_entry(an->tree, h->row));

	sink_printf(sink, "  %8s  %7s  ", size_format_short(h->bytes, size),
			size_format_percent(h->bytes, total, share));
	if (is_dir) {
		sink_printf(sink, "%9s file%-1s  ", size_format_count(h->nfiles, count),
				plural(h->nfiles));
	} else {
		sink_printf(sink, "%9s %-5s  ", "", "");
	}
	put_row_path(sink, an, h->row);
	if (h->is_rest) {
		sink_put(sink,
				h->row == 0 ? STR("the rest, in small places")
					    : STR(" (the rest of it)"));
	}
	sink_put(sink, STR("\n"));
}

static enum tng_code put_heaviest(struct sink *sink, const struct analysis *an,
		const struct scan_options *o, struct arena *a, struct tng_error *err) {
	struct heavy *heavy;
	size_t n;
	bool files = o->by == REPORT_BY_FILE;
	enum tng_code code = files ? analysis_largest_files(a, an, o->lens, o->top, &heavy, &n, err)
				   : analysis_heaviest(a, an, o->lens, o->top, &heavy, &n, err);

	if (code != TNG_OK || n == 0) {
		return code;
	}
	put_title(sink, files ? "Largest files" : "Heaviest places", lens_phrase(o->lens));
	for (size_t i = 0; i < n; i++) {
		put_heavy_line(sink, an, &heavy[i], analysis_weight(an, o->lens)->bytes);
	}
	return TNG_OK;
}

static enum tng_code put_extensions(struct sink *sink, const struct analysis *an,
		const struct scan_options *o, struct arena *a, struct tng_error *err) {
	struct extension_weight *rows;
	size_t n;
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	enum tng_code code = analysis_extensions(a, an, o->lens, &rows, &n, err);

	if (code != TNG_OK || n == 0) {
		return code;
	}
	put_title(sink, "By extension", lens_phrase(o->lens));
	for (size_t i = 0; i < n && i < o->top; i++) {
		sink_printf(sink, "  %8s  %7s  %9s file%-1s  ",
				size_format_short(rows[i].bytes, size),
				size_format_percent(rows[i].bytes,
						analysis_weight(an, o->lens)->bytes, share),
				size_format_count(rows[i].nfiles, count), plural(rows[i].nfiles));
		sink_put_safe(sink,
				rows[i].extension.len > 0 ? rows[i].extension
							  : STR("no extension"));
		sink_put(sink, STR("\n"));
	}
	if (n > o->top) {
		sink_printf(sink, "  and %zu more\n", n - o->top);
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
static uint32_t *order_patterns(struct arena *a, const struct analysis *an) {
	uint32_t n = ignore_npatterns(an->patterns);
	uint32_t *order = arena_new(a, uint32_t, n);

	for (uint32_t i = 0; order != NULL && i < n; i++) {
		const struct pattern_weight *w = &an->plan.patterns[i];
		uint32_t k = i;
		for (; k > 0; k--) {
			const struct pattern_weight *x = &an->plan.patterns[order[k - 1]];
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

static enum tng_code put_patterns(struct sink *sink, const struct analysis *an, size_t top,
		struct arena *a, struct tng_error *err) {
	uint32_t n = an->patterns != NULL ? ignore_npatterns(an->patterns) : 0, nidle = 0;

	if (!an->has_plan || n == 0) {
		return TNG_OK;
	}
	uint32_t *order = order_patterns(a, an);
	if (order == NULL) {
		return error_nomem(err);
	}
	put_title(sink, "What each pattern keeps out", "");
	sink_printf(sink, "  %8s  %13s   %4s  %s\n", "bytes", "entries", "line", "pattern");
	for (uint32_t i = 0; i < n; i++) {
		const struct pattern_weight *w = &an->plan.patterns[order[i]];
		if (i < top) {
			put_pattern_line(sink, ignore_pattern(an->patterns, order[i]), w);
		}
		nidle += w->nentries == 0 && i >= top;
	}
	if (n > top) {
		sink_printf(sink,
				"  and %zu more, %u of them deciding nothing here "
				"(--by pattern --top %u shows all)\n",
				n - top, nidle, n);
	}
	return TNG_OK;
}

static void put_findings(struct sink *sink, const struct analysis *an) {
	static const char *const names[] = { "note", "warning", "error" };
	static const enum style styles[] = { STYLE_DIM, STYLE_YELLOW, STYLE_RED };
	bool first = true;

	for (size_t i = 0; i < an->nfindings; i++) {
		const struct finding *d = &an->findings[i];
		if (d->severity == SEVERITY_NOTE) {
			continue;
		}
		sink_put(sink, first ? STR("\n") : STR(""));
		first = false;
		put_styled(sink, styles[d->severity], str_from(names[d->severity]));
		sink_put(sink, STR(": "));
		if (d->file.len > 0) {
			sink_put_safe(sink, d->file);
			if (d->line > 0) {
				sink_printf(sink, ":%u:%u", d->line, d->column);
			}
			sink_put(sink, STR(": "));
		}
		sink_put_safe(sink, d->text);
		sink_put(sink, STR("\n"));
	}
}

static enum tng_code put_tables(struct sink *sink, const struct analysis *an,
		const struct scan_options *o, struct arena *a, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	switch (o->by) {
	case REPORT_BY_DIR:
		code = put_heaviest(sink, an, o, a, err);
		return code == TNG_OK ? put_patterns(sink, an, 8, a, err) : code;
	case REPORT_BY_FILE:
		return put_heaviest(sink, an, o, a, err);
	case REPORT_BY_EXT:
		return put_extensions(sink, an, o, a, err);
	case REPORT_BY_PATTERN:
		return put_patterns(sink, an, o->top, a, err);
	}
	return code;
}

static enum tng_code put_next_step(struct sink *sink, const struct analysis *an, struct arena *a,
		struct tng_error *err) {
	struct str advice;
	enum tng_code code = analysis_advice(a, an, &advice, err);

	if (code == TNG_OK) {
		sink_put(sink, STR("\n"));
		sink_put_safe(sink, advice);
		sink_put(sink, STR("\n"));
	}
	return code;
}

enum tng_code report_scan_text(const struct analysis *an, const struct scan_options *options,
		struct arena *a, struct sink *sink, struct tng_error *err) {
	put_styled(sink, STYLE_BOLD, STR("Build context "));
	sink_put_safe(sink, an->context.root);
	sink_printf(sink, ", by the rules of %s\n\n", engine_name(an->context.engine));
	put_lenses(sink, an);
	put_ignore_file(sink, an);
	put_dockerfile(sink, an);
	if (options->quiet) {
		return TNG_OK;
	}
	put_findings(sink, an);
	enum tng_code code = put_tables(sink, an, options, a, err);
	return code == TNG_OK ? put_next_step(sink, an, a, err) : code;
}
