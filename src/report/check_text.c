/*
 * What `tonnage check` found, for people: by file, each with its line, a caret and the fix.
 *
 *   .dockerignore
 *     2:1  note  pattern-dead  matches nothing
 *          fronted/dist
 *          ^~~~~~~~~~~~
 *          fix: delete the line
 */
#include "report/check.h"
#include "report/table.h"

#include <stdio.h>

/* A longer line is cut: the caret would be off the screen. */
#define SOURCE_COLUMNS 100

static enum style style_of(enum check_severity severity) {
	switch (severity) {
	case CHECK_ERROR:
		return STYLE_RED;
	case CHECK_WARNING:
		return STYLE_YELLOW;
	case CHECK_NOTE:
	case CHECK_OFF:
		break;
	}
	return STYLE_PLAIN;
}

static struct str line_of(struct str text, uint32_t number) {
	struct str line = STR("");

	for (uint32_t i = 0; i < number && (text.len > 0 || i == 0); i++) {
		(void)str_cut(text, '\n', &line, &text);
	}
	return str_ends(line, STR("\r")) ? str_take(line, line.len - 1) : line;
}

/* In front of what a file holds. It is no blank space, which GitHub's runner takes off before it looks for
 * "::error::" at the start of a line; a heading has "./" for the same reason. */
#define GUTTER "     | "

/* Spaces up to a column; tabs stay, so that the caret stands below its byte. */
static void put_margin(struct sink *sink, struct str line, size_t columns) {
	for (size_t i = 0; i < columns && i < line.len; i++) {
		sink_put(sink, line.ptr[i] == '\t' ? STR("\t") : STR(" "));
	}
}

static void put_source(struct sink *sink, struct str line, const struct check_finding *f) {
	size_t start = f->column > 0 ? f->column - 1 : 0;
	size_t end = f->end_column > f->column ? f->end_column - 1 : start + 1;
	size_t ascii = 0;

	while (ascii < line.len && (unsigned char)line.ptr[ascii] < 0x80 &&
			((unsigned char)line.ptr[ascii] >= 0x20 || line.ptr[ascii] == '\t')) {
		ascii++;
	}
	sink_put(sink, STR(GUTTER));
	for (struct str rest = str_take(line, SOURCE_COLUMNS); rest.len > 0;) {
		size_t n = str_find(rest, '\t');
		sink_put_safe(sink, str_take(rest, n));
		sink_put(sink, n < rest.len ? STR("\t") : STR(""));
		rest = str_skip(rest, n + 1);
	}
	sink_put(sink, STR("\n"));
	/* behind other characters nobody knows how wide they are */
	if (f->column == 0 || start >= ascii || start >= SOURCE_COLUMNS) {
		return;
	}
	sink_put(sink, STR(GUTTER));
	put_margin(sink, line, start);
	sink_put(sink, STR("^"));
	for (size_t i = start + 1; i < end && i < line.len && i < SOURCE_COLUMNS; i++) {
		sink_put(sink, STR("~"));
	}
	sink_put(sink, STR("\n"));
}

static void put_lines(struct sink *sink, const char *mark, struct str lines) {
	for (bool more = true; more;) {
		struct str one;
		more = str_cut(lines, '\n', &one, &lines);
		sink_printf(sink, "      %s", mark);
		sink_put_safe(sink, one);
		sink_put(sink, STR("\n"));
	}
}

/* The fix as a patch, where it is one; else in words. */
static void put_fix(struct sink *sink, struct str line, const struct check_finding *f) {
	switch (f->edit.kind) {
	case CHECK_EDIT_REPLACE:
		put_lines(sink, "-", line);
		put_lines(sink, "+", f->edit.text);
		return;
	case CHECK_EDIT_DELETE:
	case CHECK_EDIT_MOVE:
	case CHECK_EDIT_NONE:
		break;
	}
	if (f->fix.len > 0) {
		sink_put(sink, STR("       fix: "));
		sink_put_safe(sink, f->fix);
		sink_put(sink, STR("\n"));
	}
}

static void put_finding(
		const struct check_view *view, const struct check_finding *f, struct sink *sink) {
	struct str text = STR("");
	char at[32] = "";
	bool has_line = f->line > 0 && check_text_of(view, f->file, &text);
	struct str line = has_line ? line_of(text, f->line) : STR("");

	if (f->line > 0) {
		(void)snprintf(at, sizeof(at), f->column > 0 ? "%u:%u" : "%u", f->line, f->column);
	}
	sink_printf(sink, "  %-6s ", at);
	put_styled(sink, style_of(f->severity), str_from(check_severity_name(f->severity)));
	sink_printf(sink, "%*s",
			f->severity == CHECK_WARNING                 ? 1
					: f->severity == CHECK_ERROR ? 3
								     : 4,
			"");
	put_styled(sink, STYLE_BOLD, str_from(check_rule(f->rule)->id));
	sink_put(sink, STR("  "));
	sink_put_safe(sink, f->message);
	/* a note has one line, unless it says what to write */
	bool is_short = f->severity == CHECK_NOTE && f->edit.kind != CHECK_EDIT_REPLACE;
	if (is_short && has_line && f->subject.len > 0 && f->path.len == 0) {
		sink_put(sink, STR(": "));
		sink_put_safe(sink, str_trim(str_take(line, SOURCE_COLUMNS)));
	}
	sink_put(sink,
			f->is_suppressed              ? STR(" (suppressed)\n")
					: f->is_new   ? STR(" (new)\n")
					: f->is_known ? STR(" (known)\n")
						      : STR("\n"));
	if (is_short) {
		return;
	}
	if (has_line && f->edit.kind != CHECK_EDIT_REPLACE) {
		put_source(sink, line, f);
	}
	put_fix(sink, line, f);
}

static void put_heading(struct sink *sink, struct str file, bool is_first) {
	sink_put(sink, is_first ? STR("") : STR("\n"));
	if (file.len == 0) {
		put_styled(sink, STYLE_BOLD, STR("the context"));
	} else {
		sink_put(sink, str_starts(file, STR("::")) ? STR("./") : STR(""));
		sink_put_safe(sink, file);
	}
	sink_put(sink, STR("\n"));
}

static void put_summary(const struct check_view *view, struct sink *sink) {
	const struct check_result *r = view->result;

	check_put_counts(r, sink);
	if (r->nsuppressed > 0) {
		sink_printf(sink, "; %zu suppressed", r->nsuppressed);
	}
	if (r->nknown > 0) {
		sink_printf(sink, "; %zu known", r->nknown);
	}
	sink_put(sink, STR("\n"));
}

static void put_text(const struct check_view *view, struct sink *sink) {
	const struct check_finding *last = NULL;

	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (!check_is_shown(view, f) || (view->quiet && !f->fails)) {
			continue;
		}
		if (last == NULL || !str_eq(last->file, f->file)) {
			put_heading(sink, f->file, last == NULL);
		}
		put_finding(view, f, sink);
		last = f;
	}
	sink_put(sink, last != NULL ? STR("\n") : STR(""));
	put_summary(view, sink);
}

enum tng_code report_check_text(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	(void)err;
	put_text(view, sink);
	return TNG_OK;
}
