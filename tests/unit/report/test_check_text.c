#include "unit/report/checks.h"

#include "support/expect.h"

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
			"         copied into the image\n"
			"       = fix: exclude it, or copy less\n"
			"\n"
			"1 error\n"
			"what a rule means, and how to silence it: tonnage rules "
			"secret-in-image\n");
	checks_close(&c);
}
