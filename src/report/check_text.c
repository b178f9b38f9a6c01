/*
 * What `tonnage check` found, for people: by file, each with its line, a caret and the fix.
 *
 *   .dockerignore
 *     2:1    warning gitignore-idiom  acts in the root only: web/dist is sent, 2MB
 *          - dist
 *          + **\/dist
 *
 * All that is below a finding starts at its severity. What findings that follow each other share is printed
 * once: the line that they are about, what to do, and the finding itself where only the file is another.
 */
#include "report/check.h"
#include "report/table.h"

#include "util/utf8.h"

#include <stdio.h>

/* A longer line is cut: the caret would be off the screen. */
#define SOURCE_COLUMNS 100

/* "  233:75 warning ": of the position, and of the severity with the blank behind each. */
#define POSITION_COLUMNS 6
#define INDENT_COLUMNS (2 + POSITION_COLUMNS + 1)
#define SEVERITY_COLUMNS 8

/* In front of what a file holds. It is no blank space, which GitHub's runner takes off before it looks for
 * "::error::" at the start of a line; a heading has "./" for the same reason. */
#define GUTTER "       | "

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

/* ---- lines of text */

/* Columns of a text that is safe to print. */
static size_t columns_of(struct str text) {
	size_t n = 0;

	while (text.len > 0) {
		uint32_t rune;
		unsigned taken = utf8_decode(text, &rune);
		n += utf8_width(rune);
		text = str_skip(text, taken);
	}
	return n;
}

/* The same of any text, as sink_put_safe() prints it. */
static size_t safe_columns(struct sink *sink, struct str text) {
	struct sink safe;

	sink_init_memory(&safe);
	sink_put_safe(&safe, text);
	size_t n = columns_of(buf_str(&safe.buf));
	sink->buf.failed |= buf_failed(&safe.buf);
	buf_fini(&safe.buf);
	return n;
}

/* A text for people that starts at column `at`. A terminal gets it in lines of whole words, the further ones with
 * `indent` blanks in front; all else gets one line, for grep. */
static void put_wrapped(struct sink *sink, struct str text, size_t at, int indent) {
	size_t right = sink->columns > (unsigned)indent + 20 ? sink->columns : SIZE_MAX;
	struct sink safe;
	bool is_first = true;

	sink_init_memory(&safe);
	sink_put_safe(&safe, text);
	struct str rest = buf_str(&safe.buf), word;
	for (bool more = true; more; is_first = false) {
		more = str_cut(rest, ' ', &word, &rest);
		size_t columns = columns_of(word) + !is_first;
		bool is_too_long = at + columns > right && at > (size_t)indent && !is_first;
		if (is_too_long) {
			sink_printf(sink, "\n%*s", indent, "");
			at = (size_t)indent + columns - 1;
		} else {
			sink_put(sink, is_first ? STR("") : STR(" "));
			at += columns;
		}
		sink_put(sink, word);
	}
	sink->buf.failed |= buf_failed(&safe.buf);
	buf_fini(&safe.buf);
	sink_put(sink, STR("\n"));
}

static void put_lines(struct sink *sink, char mark, struct str lines) {
	for (bool more = true; more;) {
		struct str one;
		more = str_cut(lines, '\n', &one, &lines);
		sink_printf(sink, "%*c ", INDENT_COLUMNS - 1, mark);
		sink_put_safe(sink, one);
		sink_put(sink, STR("\n"));
	}
}

/* ---- the line that a finding is about */

/* How many bytes of a line are shown: a terminal that broke it would put the caret somewhere else. */
static size_t source_columns(const struct sink *sink) {
	size_t used = INDENT_COLUMNS + 2 * strlen("...");

	return sink->columns == 0 || sink->columns >= SOURCE_COLUMNS + used ? SOURCE_COLUMNS
			: sink->columns > used + 30                         ? sink->columns - used
									    : 30;
}

/* A part of a line as it is printed: tabs stay, so that the caret stands below its byte. */
static void put_part(struct sink *sink, struct str part) {
	for (bool more = part.len > 0; more;) {
		struct str piece;
		more = str_cut(part, '\t', &piece, &part);
		sink_put_safe(sink, piece);
		sink_put(sink, more ? STR("\t") : STR(""));
	}
}

/* Blanks as wide as that, and the same tabs. */
static void put_blanks(struct sink *sink, struct str part) {
	for (bool more = part.len > 0; more;) {
		struct str piece;
		more = str_cut(part, '\t', &piece, &part);
		sink_printf(sink, "%*s%s", (int)safe_columns(sink, piece), "", more ? "\t" : "");
	}
}

/* Of what a caret marks; a tab counts one, for nobody knows how wide it is. */
static size_t marked_columns(struct sink *sink, struct str part) {
	size_t n = 0;

	for (bool more = part.len > 0; more;) {
		struct str piece;
		more = str_cut(part, '\t', &piece, &part);
		n += safe_columns(sink, piece) + more;
	}
	return n;
}

/* As many bytes as `n`, or a few less: no character is cut. */
static size_t whole_characters(struct str s, size_t n) {
	while (n > 0 && n < s.len && ((unsigned char)s.ptr[n] & 0xC0) == 0x80) {
		n--;
	}
	return n < s.len ? n : s.len;
}

static void put_source(struct sink *sink, struct str line, const struct check_finding *f) {
	size_t start = f->column > 0 ? f->column - 1 : 0;
	size_t end = f->end_column > f->column ? f->end_column - 1 : start + 1;
	size_t most = source_columns(sink);
	size_t last = line.len > most ? line.len - most : 0; /* from there on all is shown */
	size_t near = start < most * 4 / 5 ? 0 : start - most * 2 / 5;
	size_t from = whole_characters(line, near < last ? near : last);
	size_t to = from + whole_characters(str_skip(line, from), most);
	struct str shown = str_take(str_skip(line, from), to - from);

	sink_printf(sink, "%s%s", GUTTER, from > 0 ? "..." : "");
	put_part(sink, shown);
	sink_put(sink, to < line.len ? STR("...\n") : STR("\n"));
	if (f->column == 0 || start >= line.len) {
		return;
	}
	sink_printf(sink, "%s%s", GUTTER, from > 0 ? "   " : "");
	put_blanks(sink, str_take(shown, start - from));
	sink_put(sink, STR("^"));
	size_t columns = marked_columns(sink, str_take(str_skip(shown, start - from), end - start));
	for (size_t i = 1; i < columns; i++) {
		sink_put(sink, STR("~"));
	}
	sink_put(sink, STR("\n"));
}

/* ---- one finding */

/* Findings of one file that stand below its name. */
struct group {
	const struct check_view *view;
	size_t first, end; /* of the result's findings; .first is shown */
	size_t nshown;
	size_t rule_columns; /* of the longest id */
};

static bool is_printed(const struct check_view *view, const struct check_finding *f) {
	return check_is_shown(view, f) && (!view->quiet || f->fails);
}

/* The next one of the group, from `i` on; NULL: there is none. */
static const struct check_finding *next_printed(const struct group *g, size_t i) {
	for (; i < g->end; i++) {
		if (is_printed(g->view, &g->view->result->findings[i])) {
			return &g->view->result->findings[i];
		}
	}
	return NULL;
}

/* A note has one line, unless it says what to write. */
static bool is_short(const struct check_finding *f) {
	return f->severity == CHECK_NOTE && f->edit.kind != CHECK_EDIT_REPLACE;
}

static bool has_source(const struct check_finding *f) {
	return f != NULL && !is_short(f) && f->edit.kind != CHECK_EDIT_REPLACE;
}

static bool is_same_place(const struct check_finding *a, const struct check_finding *b) {
	return a->line == b->line && a->column == b->column && a->end_column == b->end_column;
}

/* The fix as a patch, where it is one; else in words, below the last of those that have it. */
static void put_fix(struct sink *sink, struct str line, const struct check_finding *f,
		const struct check_finding *next) {
	switch (f->edit.kind) {
	case CHECK_EDIT_REPLACE:
		put_lines(sink, '-', line);
		put_lines(sink, '+', f->edit.text);
		return;
	case CHECK_EDIT_DELETE:
	case CHECK_EDIT_MOVE:
	case CHECK_EDIT_NONE:
		break;
	}
	bool is_below = has_source(next) && str_eq(next->fix, f->fix);
	if (f->fix.len > 0 && !is_below) {
		sink_printf(sink, "%*c fix: ", INDENT_COLUMNS - 1, '=');
		put_wrapped(sink, f->fix, INDENT_COLUMNS + 5, INDENT_COLUMNS + 5);
	}
}

/* All that is said in the first line, behind the rule's id. */
static void put_message(
		const struct check_finding *f, struct str line, size_t at, struct sink *sink) {
	struct buf text = { 0 };

	buf_append(&text, f->message);
	if (is_short(f) && line.len > 0 && f->subject.len > 0 && f->path.len == 0) {
		buf_append(&text, STR(": "));
		buf_append(&text, str_trim(str_take(line, SOURCE_COLUMNS)));
	}
	buf_append(&text,
			f->is_suppressed              ? STR(" (suppressed)")
					: f->is_new   ? STR(" (new)")
					: f->is_known ? STR(" (known)")
						      : STR(""));
	sink->buf.failed |= buf_failed(&text);
	put_wrapped(sink, buf_str(&text), at, INDENT_COLUMNS + 2);
	buf_fini(&text);
}

static void put_finding(const struct group *g, const struct check_finding *before,
		const struct check_finding *f, const struct check_finding *next,
		struct sink *sink) {
	const char *severity = check_severity_name(f->severity), *rule = check_rule(f->rule)->id;
	char at[32] = "";
	struct str line = check_source_line(g->view, f);

	if (f->line > 0) {
		(void)snprintf(at, sizeof(at), f->column > 0 ? "%u:%u" : "%u", f->line, f->column);
	}
	sink_printf(sink, "  %-*s ", POSITION_COLUMNS, at);
	put_styled(sink, style_of(f->severity), str_from(severity));
	sink_printf(sink, "%*s", SEVERITY_COLUMNS - (int)strlen(severity), "");
	put_styled(sink, STYLE_BOLD, str_from(rule));
	sink_printf(sink, "%*s", (int)(g->rule_columns - strlen(rule)) + 2, "");
	put_message(f, line, INDENT_COLUMNS + SEVERITY_COLUMNS + g->rule_columns + 2, sink);
	if (is_short(f)) {
		return;
	}
	bool is_above = before != NULL && has_source(before) && is_same_place(before, f);
	if (line.len > 0 && has_source(f) && !is_above) {
		put_source(sink, line, f);
	}
	put_fix(sink, line, f, next);
}

/* ---- all of them */

static struct group find_group(const struct check_view *view, size_t first) {
	const struct check_result *r = view->result;
	struct group g = { .view = view, .first = first, .end = first };

	while (g.first < r->n && !is_printed(view, &r->findings[g.first])) {
		g.first++;
	}
	for (g.end = g.first;
			g.end < r->n && str_eq(r->findings[g.end].file, r->findings[g.first].file);
			g.end++) {
		const struct check_finding *f = &r->findings[g.end];
		size_t columns = is_printed(view, f) ? strlen(check_rule(f->rule)->id) : 0;
		g.nshown += columns > 0;
		g.rule_columns = columns > g.rule_columns ? columns : g.rule_columns;
	}
	return g;
}

/* Two files of which the same one thing is said. */
static bool is_same_story(const struct group *a, const struct group *b) {
	if (a->nshown != 1 || b->nshown != 1) {
		return false;
	}
	const struct check_finding *x = &a->view->result->findings[a->first];
	const struct check_finding *y = &b->view->result->findings[b->first];
	return x->rule == y->rule && x->severity == y->severity && x->line == 0 && y->line == 0 &&
			x->file.len > 0 && x->is_new == y->is_new && x->is_known == y->is_known &&
			x->is_suppressed == y->is_suppressed && str_eq(x->message, y->message) &&
			str_eq(x->fix, y->fix);
}

static void put_heading(struct sink *sink, struct str file) {
	struct str name = file.len == 0          ? STR("the context")
			: str_eq(file, STR("-")) ? STR("standard input")
						 : file;
	struct sink safe;

	sink_init_memory(&safe);
	sink_put(&safe, str_starts(file, STR("::")) ? STR("./") : STR(""));
	sink_put_safe(&safe, name);
	put_styled(sink, STYLE_BOLD, buf_str(&safe.buf));
	sink->buf.failed |= buf_failed(&safe.buf);
	buf_fini(&safe.buf);
	sink_put(sink, STR("\n"));
}

/* Notes that say the same of one line each; more than this many are cut, for nobody reads fifty. */
#define ALIKE_MAX 6
#define ALIKE_SHOWN 3

static bool is_alike(const struct check_finding *a, const struct check_finding *b) {
	return a->rule == b->rule && is_short(a) && is_short(b) && a->is_new == b->is_new &&
			a->line > 0 && b->line > 0 && str_eq(a->message, b->message);
}

static const struct check_finding *next_of(const struct group *g, const struct check_finding *f) {
	return next_printed(g, (size_t)(f - g->view->result->findings) + 1);
}

/* How many from `f` on say the same, itself one; *last: the last one. */
static size_t count_alike(const struct group *g, const struct check_finding *f,
		const struct check_finding **last) {
	const struct check_finding *next = f;
	size_t n = 0;

	while (next != NULL && is_alike(f, next)) {
		*last = next;
		n++;
		next = next_of(g, next);
	}
	return n;
}

/* One finding; or the first ones of many that are alike, and a word of the others. Returns the last one. */
static const struct check_finding *put_next_ones(const struct group *g,
		const struct check_finding *before, const struct check_finding *f,
		struct sink *sink) {
	const struct check_finding *last = f;
	size_t n = g->view->verbose ? 0 : count_alike(g, f, &last);

	if (n <= ALIKE_MAX) {
		put_finding(g, before, f, next_of(g, f), sink);
		return f;
	}
	for (int i = 0; i < ALIKE_SHOWN; i++) {
		put_finding(g, before, f, NULL, sink);
		before = f;
		f = next_of(g, f);
	}
	sink_printf(sink, "%*s... and %zu more of these, lines %u to %u; -v shows them\n",
			INDENT_COLUMNS, "", n - ALIKE_SHOWN, f->line, last->line);
	return last;
}

static void put_group(const struct group *g, struct sink *sink) {
	const struct check_finding *before = NULL;

	for (const struct check_finding *f = next_printed(g, g->first); f != NULL;
			f = next_of(g, before)) {
		before = put_next_ones(g, before, f, sink);
	}
	sink_put(sink, STR("\n"));
}

/* What can be done next: correct what can be, else learn what it is about. */
static void put_next(const struct check_view *view, struct sink *sink) {
	const struct check_finding *gravest = NULL;
	size_t nedits = 0;

	for (size_t i = 0; i < view->result->n; i++) {
		const struct check_finding *f = &view->result->findings[i];
		if (f->is_known || f->is_suppressed) {
			continue;
		}
		nedits += f->edit.kind != CHECK_EDIT_NONE && f->edit.line > 0;
		gravest = gravest == NULL || f->severity > gravest->severity ? f : gravest;
	}
	if (view->quiet || gravest == NULL) {
		return;
	}
	if (nedits > 0) {
		sink_printf(sink,
				"%zu can be corrected: the same command with --diff shows how, "
				"with "
				"--fix does it\n",
				nedits);
	}
	sink_printf(sink, "what a rule means, and how to silence it: tonnage rules %s\n",
			check_rule(gravest->rule)->id);
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
	struct group g = find_group(view, 0);

	while (g.nshown > 0) {
		struct group next = find_group(view, g.end);
		put_heading(sink, view->result->findings[g.first].file);
		if (!is_same_story(&g, &next)) {
			put_group(&g, sink);
		}
		g = next;
	}
	put_summary(view, sink);
	put_next(view, sink);
}

enum tng_code report_check_text(
		const struct check_view *view, struct sink *sink, struct tng_error *err) {
	(void)err;
	put_text(view, sink);
	return TNG_OK;
}
