/*
 * What git would make of the ignore file if it were a .gitignore, and why Docker differs where it does.
 * Git goes down directory by directory, too, but the last line that matches an entry decides it, and
 * nothing below an excluded directory is looked at.
 */
#include "analysis/internal.h"
#include "util/path.h"
#include "util/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* A line of the ignore file as git would read it; the first may have a byte order mark in front. */
static bool read_as_git(const struct ignore_pattern *p, struct vcs_rule *out) {
	bool has_mark = str_starts(p->raw, STR("\xEF\xBB\xBF"));

	return p->line > 0 && vcs_rule_read(str_skip(p->raw, has_mark ? 3 : 0), out);
}

/* The last line that matches one path of the walk. */
static uint32_t last_match(const struct build *build, struct str path, bool is_dir) {
	struct vcs_query query = { .path = path, .name = path_base(path), .is_dir = is_dir };

	for (uint32_t i = ignore_npatterns(build->patterns); i-- > 0;) {
		const struct ignore_pattern *p = ignore_pattern(build->patterns, i);
		struct vcs_rule rule;
		if (read_as_git(p, &rule) && vcs_rule_takes(&rule, &query)) {
			return i;
		}
	}
	return IGNORE_NO_PATTERN;
}

/* Returns whether it is a directory above the path that git excludes. */
static bool decide(const struct build *build, struct explanation *e) {
	struct str path = e->path;

	for (size_t i = 1; i <= path.len; i++) {
		bool is_end = i == path.len;
		if (!is_end && path.ptr[i] != '/') {
			continue;
		}
		uint32_t p = last_match(build, str_take(path, i), !is_end || e->is_dir);
		e->git.pattern = p;
		e->git.excluded = p != IGNORE_NO_PATTERN &&
				!ignore_pattern(build->patterns, p)->is_exception;
		if (e->git.excluded) {
			return !is_end;
		}
	}
	return false;
}

static void say(struct arena *a, struct explanation *e, const char *format, ...) ATTR_PRINTF(3, 4);
static void say(struct arena *a, struct explanation *e, const char *format, ...) {
	char text[700];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	e->git.why = arena_copy(a,
			str_make(text,
					n < 0 ? 0
							: (size_t)n < sizeof(text)
							? (size_t)n
							: sizeof(text) - 1));
}

/* A name that git looks for everywhere, and Docker in the root only. */
static bool is_root_name(const struct ignore_pattern *p) {
	struct vcs_rule rule;

	return read_as_git(p, &rule) && !rule.is_path && !str_starts(p->text, STR("**"));
}

static bool has_text(struct str s, struct str what) {
	for (size_t i = 0; i + what.len <= s.len; i++) {
		if (str_starts(str_skip(s, i), what)) {
			return true;
		}
	}
	return false;
}

static void say_git_excludes(
		struct arena *a, const struct build *build, struct explanation *e, bool above) {
	const struct ignore_pattern *p = ignore_pattern(build->patterns, e->git.pattern);
	struct str text = str_take(p->text, 200);
	uint32_t by = e->verdict.pattern;

	if (above && by != IGNORE_NO_PATTERN) {
		say(a, e,
				"git does not look below a directory that line %u excludes, so "
				"that "
				"line %u could not bring it back; Docker can",
				p->line, ignore_pattern(build->patterns, by)->line);
	} else if (by != IGNORE_NO_PATTERN) {
		say(a, e,
				"in a .gitignore line %u would bring back only the entry it "
				"matches; "
				"here it brings back what is below, too",
				ignore_pattern(build->patterns, by)->line);
	} else if (has_text(p->text, STR("[!"))) {
		say(a, e,
				"in a .gitignore the \"[!\" of line %u stands for anything but "
				"what "
				"follows; in Docker the \"!\" is one of the characters, and "
				"\"[^\" is what git means",
				p->line);
	} else if (is_root_name(p)) {
		e->git.is_depth = true;
		say(a, e,
				"in a .gitignore line %u would exclude %.*s at any depth; here it "
				"matches in the root only, and it needs **/%.*s",
				p->line, STR_FMT(text), STR_FMT(text));
	} else {
		say(a, e,
				"in a .gitignore line %u (%.*s) would match it; Docker reads that "
				"pattern in another way",
				p->line, STR_FMT(text));
	}
}

static void say_git_keeps(struct arena *a, const struct build *build, struct explanation *e) {
	const struct ignore_pattern *p = ignore_pattern(build->patterns, e->verdict.pattern);
	const struct ignore_pattern *back = e->git.pattern != IGNORE_NO_PATTERN
			? ignore_pattern(build->patterns, e->git.pattern)
			: NULL;
	struct str trimmed = utf8_trim(p->raw);

	if (back != NULL && is_root_name(back)) {
		struct str text = str_take(back->text, 200);
		e->git.is_depth = true;
		say(a, e,
				"in a .gitignore line %u would bring back %.*s at any depth; here "
				"it "
				"matches in the root only, and it needs !**/%.*s",
				back->line, STR_FMT(text), STR_FMT(text));
	} else if (str_ends(trimmed, STR("/"))) {
		say(a, e,
				"in a .gitignore the slash at the end of line %u would limit it to "
				"directories; Docker drops the slash",
				p->line);
	} else if (p->raw.len > 0 && p->raw.ptr[0] == ' ') {
		say(a, e,
				"in a .gitignore the blank in front of line %u is a part of the "
				"pattern; Docker drops it",
				p->line);
	} else {
		say(a, e,
				"in a .gitignore line %u (%.*s) would not match it; Docker reads "
				"that pattern in another way",
				p->line, STR_FMT(str_take(p->text, 200)));
	}
}

enum tng_code explain_git(struct arena *a, const struct build *build, struct explanation *e,
		struct tng_error *err) {
	if (build->patterns == NULL) {
		return TNG_OK;
	}
	bool above = decide(build, e);

	uint32_t by = e->verdict.pattern;
	bool is_added = by != IGNORE_NO_PATTERN && ignore_pattern(build->patterns, by)->line == 0;

	if (e->git.excluded == e->verdict.excluded || is_added) {
		return TNG_OK; /* what the engine adds is no matter of syntax */
	}
	if (e->git.excluded) {
		say_git_excludes(a, build, e, above);
	} else {
		say_git_keeps(a, build, e);
	}
	return e->git.why.ptr != NULL ? TNG_OK : error_nomem(err);
}
