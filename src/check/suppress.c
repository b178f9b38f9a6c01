/*
 * Comments of the ignore file that silence findings:
 *
 *   # tonnage: ignore=RULE[,RULE] reason="..." until=2027-01-31
 *
 * holds for the next line that is a pattern. In the first lines of the file, with a blank line behind these
 * comments, it holds for the whole check: findings of any file.
 */
#include "check/internal.h"

#include <stdlib.h>

#define MARK STR("tonnage:")

/* The line of a comment with no pattern behind it. */
#define NO_LINE UINT32_MAX

struct suppression {
	struct str file;
	uint32_t line;   /* of the comment */
	uint32_t target; /* the line it is for; 0: all; NO_LINE */
	enum check_rule_id rule;
	struct str reason;
	bool is_alone; /* the comment names no other rule */
	bool is_used;
};

struct suppressions {
	VEC_FIELDS(struct suppression)
};

/* ---- dates */

static bool read_digits(struct str text, size_t n, int64_t *out) {
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (i >= text.len || text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
		*out = *out * 10 + (text.ptr[i] - '0');
	}
	return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, with years that begin in March. */
static int64_t days_to(int64_t year, int64_t month, int64_t day) {
	int64_t y = month > 2 ? year : year - 1;
	int64_t months = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * months + 2) / 5 + day - 1 - 719468;
}

static bool read_date(struct str text, int64_t *days) {
	int64_t year, month, day;
	bool ok = text.len == 10 && text.ptr[4] == '-' && text.ptr[7] == '-' &&
			read_digits(text, 4, &year) && read_digits(str_skip(text, 5), 2, &month) &&
			read_digits(str_skip(text, 8), 2, &day) && month >= 1 && month <= 12;

	if (!ok) {
		return false;
	}
	int64_t next = month < 12 ? days_to(year, month + 1, 1) : days_to(year + 1, 1, 1);
	*days = days_to(year, month, day);
	return day >= 1 && *days < next;
}

/* ---- reading a comment */

struct comment {
	struct str rules, reason, until; /* .ptr NULL: not said */
};

/* The next key=value; a value may stand in quotes. False: the end, or nonsense, in *bad. */
static bool next_pair(struct str *rest, struct str *key, struct str *value, bool *bad) {
	*rest = str_trim(*rest);
	if (rest->len == 0) {
		return false;
	}
	size_t at = str_find(*rest, '=');
	*key = str_take(*rest, at);
	struct str tail = str_skip(*rest, at + 1);
	*bad = at == rest->len || str_has_any(*key, " \t\"");
	if (str_starts(tail, STR("\""))) {
		size_t end = str_find(str_skip(tail, 1), '"');
		*bad |= end + 1 >= tail.len;
		*value = str_take(str_skip(tail, 1), end);
		*rest = str_skip(tail, end + 2);
	} else {
		size_t end = 0;
		while (end < tail.len && tail.ptr[end] != ' ' && tail.ptr[end] != '\t') {
			end++;
		}
		*value = str_take(tail, end);
		*rest = str_skip(tail, end);
	}
	return !*bad;
}

/* The value of a key; NULL: there is no such key. */
static struct str *value_of(struct comment *c, struct str key) {
	return str_eq(key, STR("ignore"))            ? &c->rules
			: str_eq(key, STR("reason")) ? &c->reason
			: str_eq(key, STR("until"))  ? &c->until
						     : NULL;
}

/* NULL, or what is wrong with it. */
static const char *read_comment(struct str text, struct comment *out) {
	struct str key, value;
	bool bad = false;

	*out = (struct comment){ 0 };
	while (next_pair(&text, &key, &value, &bad)) {
		struct str *slot = value_of(out, key);
		if (slot == NULL) {
			return "it takes ignore=, reason= and until=";
		}
		if (slot->ptr != NULL) {
			return "a key stands twice; several rules are ignore=A,B";
		}
		*slot = value;
	}
	if (out->rules.len == 0) {
		return "it does not say ignore=RULE";
	}
	if (str_ends(out->rules, STR(","))) {
		return "behind a comma of ignore= stands the next rule, without a blank";
	}
	return bad ? "it takes pairs as reason=\"...\"; a text with blanks stands in quotes" : NULL;
}

static struct check_finding *at_comment(struct checker *c, enum check_rule_id rule, uint32_t line,
		struct str subject, struct str message) {
	struct check_finding *f = check_add(c, rule, CHECK_OFF, "%.*s", STR_FMT(message));

	f->file = c->build->context->ignore_path;
	f->line = line;
	f->column = 1;
	f->subject = subject;
	return f;
}

static void no_rule(struct checker *c, struct str id, uint32_t line) {
	struct str near = check_rule_nearest(id);
	struct check_finding *f = at_comment(c, RULE_SUPPRESSION_BAD, line, id,
			check_text(c, "\"%.*s\" is no rule", STR_FMT(str_take(id, 60))));

	f->fix = near.len > 0 ? check_text(c, "write %.*s", STR_FMT(near))
			      : STR("tonnage rules lists them");
}

static void add_rules(struct checker *c, struct suppressions *list, const struct comment *comment,
		uint32_t line, uint32_t target) {
	struct str rest = comment->rules, id;

	for (bool more = true; more;) {
		more = str_cut(rest, ',', &id, &rest);
		enum check_rule_id rule = check_rule_find(str_trim(id));
		if (rule == CHECK_NRULES) {
			no_rule(c, str_trim(id), line);
			continue;
		}
		struct suppression *s = VEC_PUSH(list);
		if (s == NULL) {
			c->failed = true;
			return;
		}
		*s = (struct suppression){
			.file = c->build->context->ignore_path,
			.line = line,
			.target = target,
			.rule = rule,
			.reason = comment->reason,
			.is_alone = str_find(comment->rules, ',') == comment->rules.len,
		};
	}
}

static void take_comment(struct checker *c, struct suppressions *list, struct str text,
		uint32_t line, uint32_t target) {
	struct comment comment;
	const char *wrong = read_comment(text, &comment);
	int64_t until = INT64_MAX;

	if (wrong == NULL && comment.until.ptr != NULL && !read_date(comment.until, &until)) {
		wrong = "until= takes a date that there is, as 2027-01-31";
	}
	if (wrong != NULL) {
		at_comment(c, RULE_SUPPRESSION_BAD, line, text,
				check_text(c, "the suppression cannot be read: %s", wrong));
	} else if (until < c->in->options->today) {
		at_comment(c, RULE_SUPPRESSION_EXPIRED, line, comment.rules,
				check_text(c, "the suppression of %.*s ended on %.*s",
						STR_FMT(str_take(comment.rules, 80)),
						STR_FMT(comment.until)));
	} else {
		add_rules(c, list, &comment, line, target);
	}
}

/* ---- the lines */

static bool is_comment(struct str line) {
	return str_starts(line, STR("#"));
}

/* The next line that is no comment, from `line` on, in *number; a blank one at the head is that, too. */
static struct str next_pattern(struct str rest, uint32_t line, bool skip_blank, uint32_t *number) {
	struct str one = STR("");

	while (rest.len > 0) {
		(void)str_cut(rest, '\n', &one, &rest);
		line++;
		if (!is_comment(one) && (!skip_blank || str_trim(one).len > 0)) {
			*number = line;
			return str_trim(one);
		}
	}
	*number = 0;
	return STR("");
}

/* "# tonnage ignore=" and "# Tonnage: ignore=" silence nothing, and look as if they did. */
static bool is_nearly_one(struct str text) {
	struct str mark = str_take(MARK, MARK.len - 1);

	if (!str_eq_nocase(str_take(text, mark.len), mark)) {
		return false;
	}
	text = str_skip(text, mark.len);
	text = str_trim(str_skip(text, str_starts(text, STR(":"))));
	return str_eq_nocase(str_take(text, 7), STR("ignore="));
}

static void tell_nearly(struct checker *c, struct str text, uint32_t line) {
	at_comment(c, RULE_SUPPRESSION_BAD, line, text,
			STR("this silences nothing: a suppression begins with \"tonnage:\""))
			->fix = STR("write # tonnage: ignore=RULE");
}

static void read_file(struct checker *c, struct suppressions *list) {
	struct str rest = c->build->context->ignore_text, line;
	bool at_head = true;

	rest = str_skip(rest, str_starts(rest, STR("\xEF\xBB\xBF")) ? 3 : 0);
	for (uint32_t number = 1; rest.len > 0; number++) {
		(void)str_cut(rest, '\n', &line, &rest);
		struct str text = str_trim(str_skip(line, 1));
		uint32_t target = 0;
		at_head &= is_comment(line);
		if (is_comment(line) && !str_starts(text, MARK) && is_nearly_one(text)) {
			tell_nearly(c, text, number);
		}
		if (!is_comment(line) || !str_starts(text, MARK)) {
			continue;
		}
		bool is_for_all = at_head && next_pattern(rest, number, false, &target).len == 0;
		(void)next_pattern(rest, number, true, &target);
		target = is_for_all ? 0 : target > 0 ? target : NO_LINE;
		take_comment(c, list, str_skip(text, MARK.len), number, target);
	}
}

static bool covers(const struct suppression *s, const struct check_finding *f) {
	return s->rule == f->rule &&
			(s->target == 0 || (f->line == s->target && str_eq(f->file, s->file)));
}

static void apply(struct checker *c, struct suppression *s, size_t nfindings) {
	for (size_t i = 0; i < nfindings; i++) {
		struct check_finding *f = &c->list.ptr[i];
		if (covers(s, f)) {
			f->is_suppressed = true;
			f->reason = s->reason;
			s->is_used = true;
		}
	}
	if (!s->is_used && check_wants(c, s->rule)) {
		struct check_finding *f = at_comment(c, RULE_SUPPRESSION_UNUSED, s->line,
				str_from(check_rule(s->rule)->id),
				check_text(c, "%s finds nothing here: the suppression is not used",
						check_rule(s->rule)->id));
		f->fix = s->is_alone ? STR("delete the comment")
				     : STR("take the rule out of the comment");
		if (s->is_alone) {
			f->edit = (struct check_edit){
				.kind = CHECK_EDIT_DELETE, .line = s->line, .is_silent = true
			};
		}
	}
}

void check_suppress(struct checker *c) {
	struct suppressions list = { 0 };
	size_t nfindings = c->list.len;

	if (c->build->context->ignore_origin != IGNORE_ORIGIN_NONE) {
		read_file(c, &list);
	}
	for (size_t i = 0; i < list.len; i++) {
		apply(c, &list.ptr[i], nfindings);
	}
	free(list.ptr);
}
