/*
 * Markdown as GitHub shows it in the summary of a step: the weight, the counts, a table of findings.
 * Every ASCII character that could mean something there is written as a character reference.
 */
#include "report/check.h"
#include "report/table.h"
#include "util/size.h"

/* A summary may have 1 MiB, and nobody reads more rows. */
#define ROWS_MAX 100U
#define CELL_MAX_BYTES 1000U

bool report_put_markdown(struct arena *a, struct str text, struct sink *sink) {
	struct str safe = report_safe(a, str_take(text, CELL_MAX_BYTES));

	for (size_t i = 0; i < safe.len; i++) {
		char c = safe.ptr[i];
		if (strchr("&<>|`*_[]()\\#~!@:$", c) != NULL) {
			sink_printf(sink, "&#%u;", (unsigned)(unsigned char)c);
		} else {
			sink_put(sink, str_make(&c, 1));
		}
	}
	return safe.ptr != NULL;
}

static bool put_row(
		const struct check_view *view, const struct check_finding *f, struct sink *sink) {
	struct check_place place = check_place_of(view, f);
	struct str sentence = check_sentence(view, f);
	bool ok = place.path.ptr != NULL && sentence.ptr != NULL;

	sink_printf(sink, "| %s | %s | ", check_severity_name(f->severity),
			check_rule(f->rule)->id);
	ok = ok && report_put_markdown(view->arena, place.path, sink);
	if (place.has_line) {
		sink_printf(sink, " line %u", place.line);
	}
	sink_put(sink, STR(" | "));
	ok = ok && report_put_markdown(view->arena, sentence, sink);
	sink_put(sink, STR(" |\n"));
	return ok;
}

static bool put_table(const struct check_view *view, struct sink *sink) {
	size_t n = 0;
	bool ok = true;

	for (unsigned severity = CHECK_ERROR; severity >= CHECK_NOTE; severity--) {
		for (size_t i = 0; i < view->result->n && ok; i++) {
			const struct check_finding *f = &view->result->findings[i];
			if (f->severity != severity || f->is_known || f->is_suppressed) {
				continue;
			}
			if (n == 0) {
				sink_put(sink,
						STR("| severity | rule | where | what |\n"
						    "|---|---|---|---|\n"));
			}
			if (n++ < ROWS_MAX) {
				ok = put_row(view, f, sink);
			}
		}
	}
	if (n > ROWS_MAX) {
		sink_printf(sink, "\n%zu more are not shown.\n", n - ROWS_MAX);
	}
	return ok;
}

enum tng_code report_check_markdown(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	const struct build *build = &view->an->builds[0];
	const struct weight *sent = build_weight(build, build_sent_lens(build));
	char size[SIZE_TEXT_BYTES];

	(void)size_format(sent->bytes, size);
	sink_put(sink, STR("### Build context "));
	bool ok = report_put_markdown(view->arena, build->context.root, sink);
	sink_printf(sink, "\n\n%s in %llu file%s; ", size, (unsigned long long)sent->nfiles,
			plural(sent->nfiles));
	check_put_counts(view->result, sink);
	if (view->result->nsuppressed > 0) {
		sink_printf(sink, "; %zu suppressed", view->result->nsuppressed);
	}
	if (view->result->nknown > 0) {
		sink_printf(sink, "; %zu known", view->result->nknown);
	}
	sink_put(sink, STR(".\n\n"));
	ok = ok && put_table(view, sink);
	sink_put(sink, STR("\n"));
	return ok ? TNG_OK : error_nomem(err);
}
