#include "unit/report/checks.h"

#include "support/expect.h"

#include <criterion/parameterized.h>
#include <stdio.h>

static const struct check_finding dead = {
	.rule = RULE_PATTERN_DEAD,
	.severity = CHECK_NOTE,
	.file = STR(".dockerignore"),
	.line = 1,
	.column = 1,
	.end_column = 6,
	.message = STR("matches nothing"),
	.subject = STR("lists"),
	.edit = { .kind = CHECK_EDIT_DELETE, .line = 1 },
};

static const struct check_finding idiom = {
	.rule = RULE_GITIGNORE_IDIOM,
	.severity = CHECK_WARNING,
	.file = STR(".dockerignore"),
	.line = 2,
	.column = 1,
	.end_column = 5,
	.message = STR("acts in the root only"),
	.subject = STR("dist"),
	.edit = { .kind = CHECK_EDIT_REPLACE, .line = 2, .text = STR("**/dist") },
};

static struct check_finding copied(const char *message, const char *fix) {
	return (struct check_finding){
		.rule = RULE_SECRET_IN_IMAGE,
		.severity = CHECK_ERROR,
		.file = STR("Dockerfile"),
		.line = 2,
		.column = 6,
		.end_column = 7,
		.message = str_from(message),
		.fix = str_from(fix),
		.fails = true,
	};
}

static struct check_finding inactive(const char *file) {
	return (struct check_finding){
		.rule = RULE_IGNORE_FILE_INACTIVE,
		.severity = CHECK_NOTE,
		.file = str_from(file),
		.message = STR("is not read"),
	};
}

Test(check_text, all_of_a_finding_starts_at_one_column) {
	struct check_finding list[] = { copied("a is copied", "exclude it: a"), dead, idiom };
	struct checks c = { 0 };

	checks_open(&c, "lists\ndist\n", "FROM a\nCOPY . /\n", list, 3);
	EXPECT_STR(checks_print(&c, CHECK_FORMAT_TEXT),
			"Dockerfile\n"
			"  2:6    error   secret-in-image  a is copied\n"
			"       | COPY . /\n"
			"       |      ^\n"
			"       = fix: exclude it: a\n"
			"\n"
			".dockerignore\n"
			"  1:1    note    pattern-dead     matches nothing: lists\n"
			"  2:1    warning gitignore-idiom  acts in the root only\n"
			"       - dist\n"
			"       + **/dist\n"
			"\n"
			"1 error, 1 warning, 1 note\n"
			"2 can be corrected: the same command with --diff shows how, with --fix "
			"does it\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	checks_close(&c);
}

Test(check_text, what_neighbours_share_is_printed_once) {
	struct check_finding list[] = { copied("a is copied", "exclude both"),
		copied("b is copied", "exclude both"), copied("c is copied", "exclude c") };
	struct checks c = { 0 };

	checks_open(&c, "", "FROM a\nCOPY . /\n", list, 3);
	EXPECT_STR(checks_print(&c, CHECK_FORMAT_TEXT),
			"Dockerfile\n"
			"  2:6    error   secret-in-image  a is copied\n"
			"       | COPY . /\n"
			"       |      ^\n"
			"  2:6    error   secret-in-image  b is copied\n"
			"       = fix: exclude both\n"
			"  2:6    error   secret-in-image  c is copied\n"
			"       = fix: exclude c\n"
			"\n"
			"3 errors\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	checks_close(&c);
}

Test(check_text, files_with_the_same_story_stand_together) {
	struct check_finding list[] = { inactive("a/.dockerignore"), inactive("b/.dockerignore"),
		inactive("c/.dockerignore") };
	struct checks c = { 0 };

	list[2].message = STR("is empty");
	checks_open(&c, "", "", list, 3);
	EXPECT_STR(checks_print(&c, CHECK_FORMAT_TEXT),
			"a/.dockerignore\n"
			"b/.dockerignore\n"
			"         note    ignore-file-inactive  is not read\n"
			"\n"
			"c/.dockerignore\n"
			"         note    ignore-file-inactive  is empty\n"
			"\n"
			"3 notes\n"
			"what a rule means, and how to silence it: tonnage rules "
			"ignore-file-inactive\n");
	checks_close(&c);
}

Test(check_text, quiet_is_what_fails_and_the_sum) {
	struct check_finding list[] = { copied("a is copied", ""), dead };
	struct checks c = { 0 };

	checks_open(&c, "lists\n", "FROM a\nCOPY . /\n", list, 2);
	c.view.quiet = true;
	EXPECT_STR(checks_print(&c, CHECK_FORMAT_TEXT),
			"Dockerfile\n"
			"  2:6    error   secret-in-image  a is copied\n"
			"       | COPY . /\n"
			"       |      ^\n"
			"\n"
			"1 error, 1 note\n");
	checks_close(&c);
}

Test(check_text, what_is_known_or_silenced_has_no_next_step) {
	struct check_finding list[] = { dead, idiom };
	struct checks c = { 0 };

	list[0].is_known = true;
	list[1].is_suppressed = true;
	checks_open(&c, "lists\ndist\n", "", list, 2);
	EXPECT_STR(checks_print(&c, CHECK_FORMAT_TEXT), "no findings; 1 suppressed; 1 known\n");
	checks_close(&c);
}

/* `n` notes like `dead`, on lines 1 to n, and one that says something else. */
static struct str print_notes(struct checks *c, uint32_t n, bool verbose) {
	checks_open(c, "a\nb\nc\nd\ne\nf\ng\n!h\n", "", NULL, 0);
	struct check_finding *list = arena_new(c->arena, struct check_finding, n + 1);

	cr_assert(list != NULL);
	for (uint32_t i = 0; i <= n; i++) {
		list[i] = dead;
		list[i].line = i + 1;
	}
	list[n].message = STR("an exception for what is not there");
	c->result.findings = list;
	c->result.n = n + 1;
	check_count(&c->result);
	c->view.verbose = verbose;
	return checks_print(c, CHECK_FORMAT_TEXT);
}

static size_t count_lines(struct str text) {
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += text.ptr[i] == '\n';
	}
	return n;
}

Test(check_text, of_many_notes_that_are_alike_three_are_shown) {
	struct checks c = { 0 }, few = { 0 }, all = { 0 };

	EXPECT_STR(print_notes(&c, 7, false),
			".dockerignore\n"
			"  1:1    note    pattern-dead  matches nothing: a\n"
			"  2:1    note    pattern-dead  matches nothing: b\n"
			"  3:1    note    pattern-dead  matches nothing: c\n"
			"         ... and 4 more of these, lines 4 to 7; -v shows them\n"
			"  8:1    note    pattern-dead  an exception for what is not there: !h\n"
			"\n"
			"8 notes\n"
			"8 can be corrected: the same command with --diff shows how, with --fix "
			"does "
			"it\n"
			"what a rule means, and how to silence it: tonnage rules pattern-dead\n");
	cr_expect(count_lines(print_notes(&few, 6, false)) == 12);
	cr_expect(count_lines(print_notes(&all, 7, true)) == 13);
	checks_close(&c);
	checks_close(&few);
	checks_close(&all);
}

static struct str print_in(struct checks *c, unsigned columns) {
	struct sink sink;

	sink_init_memory(&sink);
	sink.columns = columns;
	cr_assert(report_check(&c->view, CHECK_FORMAT_TEXT, &sink, NULL) == TNG_OK);
	struct str text = arena_copy(c->arena, buf_str(&sink.buf));
	buf_fini(&sink.buf);
	return text;
}

Test(check_text, a_terminal_gets_whole_words) {
	struct check_finding list[] = { copied("ein/l\xc3\xa4ngerer/Pfad is copied into the image",
			"exclude it, or copy less") };
	struct checks c = { 0 };

	checks_open(&c, "", "FROM a\n\n", list, 1);
	EXPECT_STR(print_in(&c, 56),
			"Dockerfile\n"
			"  2:6    error   secret-in-image  ein/l\xc3\xa4ngerer/Pfad is\n"
			"           copied into the image\n"
			"       = fix: exclude it, or copy less\n"
			"\n"
			"1 error\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	checks_close(&c);
}

struct caret_case {
	char why[48], line[200];
	uint32_t column, end;
	char want[320];
};

ParameterizedTestParameters(check_text, carets) {
	static struct caret_case cases[] = {
		{ "a word", "COPY abc /x", 6, 9, "COPY abc /x\n       |      ^~~\n" },
		{ "one place", "COPY abc /x", 6, 0, "COPY abc /x\n       |      ^\n" },
		{ "no place", "COPY abc /x", 0, 0, "COPY abc /x\n" },
		{ "behind a tab", "COPY\t\tabc /x", 7, 10,
				"COPY\t\tabc /x\n       |     \t\t^~~\n" },
		{ "a tab in it", "a\tb c", 1, 4, "a\tb c\n       | ^~~\n" },
		{ "behind two bytes", "COPY \xc3\xa9 abc /x", 9, 12,
				"COPY \xc3\xa9 abc /x\n       |        ^~~\n" },
		{ "two bytes in it", "COPY \xc3\xa9t\xc3\xa9 /x", 6, 11,
				"COPY \xc3\xa9t\xc3\xa9 /x\n       |      ^~~\n" },
		{ "behind a wide character", "COPY \xe4\xb8\xad abc /x", 10, 13,
				"COPY \xe4\xb8\xad abc /x\n       |         ^~~\n" },
		{ "behind a combining character", "COPY e\xcc\x81 abc", 10, 13,
				"COPY e\xcc\x81 abc\n       |        ^~~\n" },
		{ "behind what is escaped", "COPY \x1b abc", 8, 11,
				"COPY \\x1b abc\n       |           ^~~\n" },
		{ "behind the end", "COPY", 9, 12, "COPY\n" },
		{ "beyond the end", "COPY abc", 6, 60, "COPY abc\n       |      ^~~\n" },
		{ "far to the right",
				"COPY 1234567890 1234567890 1234567890 1234567890 1234567890 "
				"1234567890 "
				"1234567890 abc 1234567890 1234567890 1234567890 1234567890 "
				"1234567890 "
				"1234567890 1234567890",
				83, 86,
				"...567890 1234567890 1234567890 1234567890 abc 1234567890 "
				"1234567890 "
				"1234567890 1234567890 1234567890 1...\n"
				"       |                                            ^~~\n" },
	};
	return cr_make_param_array(struct caret_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct caret_case *c, check_text, carets) {
	struct check_finding f = copied("m", "");
	struct checks checks = { 0 };
	char dockerfile[220], want[400];

	f.column = c->column;
	f.end_column = c->end;
	(void)snprintf(dockerfile, sizeof(dockerfile), "FROM a\n%s\n", c->line);
	(void)snprintf(want, sizeof(want), "       | %s\n1 error", c->want);
	checks_open(&checks, "", dockerfile, &f, 1);
	struct str got = checks_print(&checks, CHECK_FORMAT_TEXT);
	cr_expect(memmem(got.ptr, got.len, want, strlen(want)) != NULL,
			"%s: \"%s\" is not in:\n%.*s", c->why, want, STR_FMT(got));
	checks_close(&checks);
}

Test(check_text, a_narrow_terminal_breaks_no_line_that_has_a_caret) {
	struct check_finding f = copied("m", "");
	struct checks c = { 0 };

	f.column = 52;
	f.end_column = 55;
	checks_open(&c, "",
			"FROM a\nCOPY 1234567890 1234567890 1234567890 1234567890 1 abc 1234567890 "
			"x\n",
			&f, 1);
	EXPECT_STR(print_in(&c, 60),
			"Dockerfile\n"
			"  2:52   error   secret-in-image  m\n"
			"       | ...7890 1234567890 1234567890 1 abc 1234567890 x\n"
			"       |                                 ^~~\n"
			"\n"
			"1 error\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	EXPECT_STR(str_take(print_in(&c, 0), 111),
			"Dockerfile\n"
			"  2:52   error   secret-in-image  m\n"
			"       | COPY 1234567890 1234567890 1234567890 1234567890 1 abc ");
	checks_close(&c);
}

Test(check_text, what_follows_a_colour_is_plain_again) {
	struct check_finding f = copied("m", "");
	struct checks c = { 0 };
	struct sink sink;

	f.file = STR("a\x1b[0m");
	f.line = 0;
	checks_open(&c, "", "", &f, 1);
	sink_init_memory(&sink);
	sink.color = true;
	cr_assert(report_check(&c.view, CHECK_FORMAT_TEXT, &sink, NULL) == TNG_OK);
	EXPECT_STR(buf_str(&sink.buf),
			"\033[1ma\\x1b[0m\033[0m\n"
			"         \033[31merror\033[0m   \033[1msecret-in-image\033[0m  m\n"
			"\n"
			"1 error\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	buf_fini(&sink.buf);
	checks_close(&c);
}
