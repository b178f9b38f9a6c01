/*
 * Habits of other tools: lines that mean something else than they seem to.
 *
 *   check_mistake()  why a line matches nothing, where that can be told
 *   check_habits()   the rest, of lines that match something as well
 */
#include "check/internal.h"

#include "util/gomatch.h"
#include "util/size.h"

/* Where a comment behind a pattern starts: a '#' with blanks in front of it; len: there is none. */
static size_t find_comment(struct str raw) {
	for (size_t i = 1; i < raw.len; i++) {
		if (raw.ptr[i] == '#' && (raw.ptr[i - 1] == ' ' || raw.ptr[i - 1] == '\t')) {
			return i;
		}
	}
	return raw.len;
}

static bool mistaken_comment(struct checker *c, const struct ignore_pattern *p) {
	struct str raw = str_trim(p->raw);
	size_t at = find_comment(raw);
	struct check_finding *f;

	if (str_starts(raw, STR("//"))) {
		f = check_at_pattern(c, RULE_INLINE_COMMENT, CHECK_OFF, p,
				STR("a comment begins with #; this is a pattern"));
		check_fix_line(c, f, check_text(c, "#%.*s", STR_FMT(str_skip(raw, 2))));
		f->fix = STR("write # for //");
		return true;
	}
	if (str_starts(raw, STR("#"))) {
		f = check_at_pattern(c, RULE_INLINE_COMMENT, CHECK_OFF, p,
				STR("an indented comment is a pattern"));
		check_fix_line(c, f, raw);
		f->fix = STR("take the blanks in front of it away");
		return true;
	}
	if (at == raw.len) {
		return false;
	}
	struct str pattern = str_trim(str_take(raw, at));
	f = check_at_pattern(c, RULE_INLINE_COMMENT, CHECK_OFF, p,
			STR("the comment is a part of the pattern, so it matches nothing"));
	check_fix_line(c, f,
			check_text(c, "%.*s\n%.*s", STR_FMT(str_skip(raw, at)), STR_FMT(pattern)));
	f->fix = STR("put the comment on a line of its own");
	return true;
}

static struct str replaced(struct checker *c, struct str text, char from, char to) {
	struct str copy = arena_copy(c->arena, text);
	char *bytes = arena_alloc(c->arena, text.len + 1);

	if (copy.ptr == NULL || bytes == NULL) {
		c->failed = true;
		return STR("");
	}
	for (size_t i = 0; i < text.len; i++) {
		bytes[i] = text.ptr[i];
		if (bytes[i] == from) {
			bytes[i] = to;
		}
	}
	return str_make(bytes, text.len);
}

/* A path of Windows: a backslash in front of a letter escapes nothing. */
static bool mistaken_backslash(struct checker *c, const struct ignore_pattern *p) {
	struct str raw = str_trim(p->raw);

	for (size_t i = 0; i + 1 < raw.len; i++) {
		char next = raw.ptr[i + 1];
		if (raw.ptr[i] == '\\' && ((next | 0x20) >= 'a' && (next | 0x20) <= 'z')) {
			struct check_finding *f = check_at_pattern(c, RULE_PATTERN_SYNTAX,
					CHECK_OFF, p,
					STR("a backslash is an escape here, not a separator"));
			check_fix_line(c, f, replaced(c, raw, '\\', '/'));
			return true;
		}
	}
	return false;
}

static struct str todo_of_error(struct checker *c, const struct check_finding *f, struct str line) {
	if (f->column == 0) {
		return STR("make the line shorter"); /* IGNORE_LINE_MAX_BYTES */
	}
	if (str_eq(line, STR("!"))) {
		return STR("delete the line, or say what it brings back");
	}
	if (str_has_any(line, "\\")) {
		return check_text(c, "write / between folders: %.*s",
				STR_FMT(replaced(c, str_take(line, 200), '\\', '/')));
	}
	return STR("close the bracket, or write \\[ where it is meant");
}

void check_explain_error(struct checker *c, struct check_finding *f) {
	for (size_t i = 0; f->line > 0 && i < c->in->nbuilds; i++) {
		const struct context *ctx = c->in->builds[i].context;
		if (str_eq(ctx->ignore_path, f->file)) {
			struct str line = str_trim(check_line(ctx->ignore_text, f->line));
			f->subject = str_take(line, 200);
			f->end_column = f->column > 0 ? f->column + (uint32_t)line.len : 0;
			f->fix = todo_of_error(c, f, line);
			return;
		}
	}
}

static bool mistaken_negation(struct checker *c, const struct ignore_pattern *p) {
	struct str raw = str_trim(p->raw);
	struct buf line = { 0 };
	bool found = false;

	for (size_t i = 0; i < raw.len; i++) {
		bool here = raw.ptr[i] == '!' && i > 0 && raw.ptr[i - 1] == '[';
		char byte = raw.ptr[i];
		if (here) {
			byte = '^';
		}
		buf_putc(&line, byte);
		found |= here;
	}
	if (found) {
		struct str text = arena_copy(c->arena, buf_str(&line));
		c->failed |= buf_failed(&line) || text.ptr == NULL;
		check_fix_line(c,
				check_at_pattern(c, RULE_PATTERN_SYNTAX, CHECK_OFF, p,
						STR("[!a] is the set of '!' and 'a'; [^a] is all "
						    "but 'a'")),
				text.ptr != NULL ? text : STR(""));
	}
	buf_fini(&line);
	return found;
}

/* ---- upper and lower case */

static bool mistaken_case(
		struct checker *c, const struct elsewhere *e, const struct ignore_pattern *p) {
	bool deep = str_starts(p->text, STR("**/"));
	struct str path = deep ? str_skip(p->text, 3) : p->text;

	if (e->other_case == TREE_NO_ROW) {
		return false;
	}
	struct str real = check_path(c, e->other_case);
	struct check_finding *f = check_at_pattern(c, RULE_PATTERN_CASE, CHECK_OFF, p,
			check_text(c, "matches nothing; on disk it is %.*s", STR_FMT(real)));
	struct str tail = str_skip(real, real.len - (path.len < real.len ? path.len : real.len));
	check_fix_line(c, f,
			check_text(c, "%s%s%.*s", p->is_exception ? "!" : "", deep ? "**/" : "",
					STR_FMT(tail)));
	f->path = real;
	return true;
}

/* ---- a name that git would find anywhere */

/* Less than both of these is a note. */
#define IDIOM_MIN_BYTES ((uint64_t)100000)
#define IDIOM_MIN_FILES ((uint64_t)100)

/* False: there is nothing to tell. */
static bool tell_idiom(
		struct checker *c, const struct elsewhere *e, const struct ignore_pattern *p) {
	char size[SIZE_TEXT_BYTES];

	if (e->nfiles == 0) {
		return false;
	}
	bool is_small = e->bytes < IDIOM_MIN_BYTES && e->nfiles < IDIOM_MIN_FILES;
	struct str first = check_path(c, e->first);
	struct check_finding *f = check_at_pattern(c, RULE_GITIGNORE_IDIOM,
			is_small || e->is_guess ? CHECK_NOTE : CHECK_OFF, p,
			check_text(c, "acts in the root only: %.*s%s%s sent, %s", STR_FMT(first),
					e->nplaces > 1 ? " and others" : "",
					e->nplaces > 1 ? " are" : " is",
					size_format_short(e->bytes, size)));
	f->path = first;
	f->bytes = e->bytes;
	f->nfiles = e->nfiles;
	struct str raw = str_take(str_trim(p->raw), 80);
	check_fix_line(c, f, check_text(c, "**/%.*s", STR_FMT(str_trim(p->raw))));
	if (e->nanyhow > e->nfiles) {
		f->fix = check_text(c,
				"exclude %s by path: **/%.*s would take %s of that name that %s of "
				"use",
				e->nplaces > 1 ? "them" : "it", STR_FMT(raw),
				e->nanyhow - e->nfiles > 1 ? "files" : "a file",
				e->nanyhow - e->nfiles > 1 ? "are" : "is");
	}
	if (e->is_guess || e->nanyhow > e->nfiles) {
		f->edit = (struct check_edit){
			.kind = CHECK_EDIT_NONE
		}; /* for a person to decide */
	}
	return true;
}

bool check_mistake(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	const struct elsewhere *e = &c->elsewhere[line->pattern];

	return mistaken_comment(c, p) || mistaken_backslash(c, p) || mistaken_negation(c, p) ||
			mistaken_case(c, e, p) || tell_idiom(c, e, p);
}

/* ---- characters that the builder's own regular expressions keep their meaning of */

static void tell_leak(struct checker *c, const struct ignore_pattern *p) {
	bool in_set = false;

	if (p->route != IGNORE_ROUTE_REGEXP || c->build->context->engine == TNG_ENGINE_PODMAN) {
		return;
	}
	for (size_t i = 0; i < p->text.len; i++) {
		char byte = p->text.ptr[i];
		if (byte == '\\') {
			i++;
			continue;
		}
		in_set = byte == '[' || (in_set && byte != ']');
		if (in_set || !str_has_any(str_make(&byte, 1), "+(){}|^")) {
			continue;
		}
		check_at_pattern(c, RULE_PATTERN_SYNTAX, CHECK_OFF, p,
				check_text(c,
						"'%c' acts as in a regular expression, for the "
						"pattern has a wildcard",
						byte))
				->fix =
				check_text(c, "write \\%c where the character is meant", byte);
		return;
	}
}

static void tell_dot_slash(struct checker *c, const struct ignore_pattern *p) {
	struct str raw = str_trim(p->raw);
	struct str body = str_starts(raw, STR("!")) ? str_trim(str_skip(raw, 1)) : raw;

	if (str_starts(body, STR("./")) && body.len > 2) {
		struct check_finding *f = check_at_pattern(
				c, RULE_PATTERN_SYNTAX, CHECK_NOTE, p, STR("\"./\" says nothing"));
		check_fix_line(c, f,
				check_text(c, "%s%.*s", p->is_exception ? "!" : "",
						STR_FMT(str_skip(body, 2))));
		f->edit.is_silent = true;
	}
}

void check_habits(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p) {
	tell_dot_slash(c, p);
	tell_leak(c, p);
	/* of those that match nothing, check_mistake() tells */
	if (line->status != LEDGER_DEAD) {
		(void)tell_idiom(c, &c->elsewhere[line->pattern], p);
	}
}
