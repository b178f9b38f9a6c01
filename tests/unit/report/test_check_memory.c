#include "unit/report/checks.h"

#include "support/expect.h"
#include "support/fail_alloc.h"

#include <criterion/parameterized.h>

/* One with a correction, one that is silenced, one with an odd name. */
static void open_three(struct checks *c) {
	checks_open(c, "dist\nlists\n", "FROM a\nCOPY . /\n", NULL, 0);
	struct check_finding *list = arena_new(c->arena, struct check_finding, 3);
	cr_assert(list != NULL);
	list[0] = (struct check_finding){ .rule = RULE_GITIGNORE_IDIOM,
		.severity = CHECK_WARNING,
		.file = STR(".dockerignore"),
		.line = 1,
		.column = 1,
		.end_column = 5,
		.message = STR("acts in the root only: web/dist is sent, 2MB"),
		.fix = STR("write **/dist"),
		.edit = { .kind = CHECK_EDIT_REPLACE, .line = 1, .text = STR("**/dist") },
		.subject = STR("dist"),
		.fingerprint = "0123456789abcdef0123456789abcdef" };
	list[1] = (struct check_finding){ .rule = RULE_PATTERN_DEAD,
		.severity = CHECK_NOTE,
		.file = STR(".dockerignore"),
		.line = 2,
		.column = 1,
		.end_column = 6,
		.message = STR("matches nothing"),
		.subject = STR("lists"),
		.is_suppressed = true,
		.reason = STR("made by the \xff build"),
		.fingerprint = "1123456789abcdef0123456789abcdef" };
	list[2] = (struct check_finding){ .rule = RULE_SECRET_IN_IMAGE,
		.severity = CHECK_ERROR,
		.file = STR("Dockerfile"),
		.line = 2,
		.column = 6,
		.end_column = 7,
		.path = STR("a\nb/id_rsa"),
		.message = STR("a\nb/id_rsa is copied into the image by COPY ."),
		.fix = STR("exclude it"),
		.bytes = 3000,
		.fails = true,
		.is_new = true,
		.fingerprint = "2123456789abcdef0123456789abcdef" };
	c->result.findings = list;
	c->result.n = 3;
	check_count(&c->result);
	c->view.verbose = c->view.has_revision = c->view.has_earlier = true;
}

/* What a format prints when memory ends after `n` allocations; empty: it says that it has failed. */
static char *print(struct checks *c, enum check_format format, size_t n, bool *has_failed) {
	struct tng_error err = { 0 };
	struct sink sink;

	sink_init_memory(&sink);
	fail_alloc_after(n);
	enum tng_code code = report_check(&c->view, format, &sink, &err);
	*has_failed = fail_alloc_end();
	cr_assert(code == TNG_OK || (code == TNG_ENOMEM && err.code == TNG_ENOMEM));
	if (code == TNG_OK && !buf_failed(&sink.buf)) {
		return buf_detach(&sink.buf);
	}
	cr_assert(has_failed[0]);
	buf_fini(&sink.buf);
	return NULL;
}

ParameterizedTestParameters(check_memory, formats) {
	static int formats[CHECK_NFORMATS];

	for (int i = 0; i < CHECK_NFORMATS; i++) {
		formats[i] = i;
	}
	return cr_make_param_array(int, formats, CHECK_NFORMATS);
}

/* All is printed, or it is said that memory has ended: no document lacks a part. */
ParameterizedTest(const int *number, check_memory, formats) {
	enum check_format format = (enum check_format) * number;
	struct checks c = { 0 };
	bool has_failed = true;
	size_t n = 0;

	open_three(&c);
	if (!fail_alloc_works()) {
		cr_skip_test("no --wrap");
	}
	char *whole = print(&c, format, SIZE_MAX, &has_failed);
	cr_assert(whole != NULL && !has_failed);
	for (has_failed = true; has_failed && n < 100000; n++) {
		char *text = print(&c, format, n, &has_failed);
		cr_assert(text == NULL || strcmp(text, whole) == 0, "%s: allocation %zu fails",
				check_format_name(format), n);
		free(text);
	}
	cr_expect(n > 3 && !has_failed, "%s: %zu", check_format_name(format), n);
	free(whole);
	checks_close(&c);
}

/* The same of the arena, which has memory of its own for long. */
ParameterizedTestParameters(check_memory, arenas) {
	static int formats[CHECK_NFORMATS];

	for (int i = 0; i < CHECK_NFORMATS; i++) {
		formats[i] = i;
	}
	return cr_make_param_array(int, formats, CHECK_NFORMATS);
}

ParameterizedTest(const int *number, check_memory, arenas) {
	enum check_format format = (enum check_format) * number;
	struct checks c = { 0 };
	bool has_failed;

	open_three(&c);
	char *whole = print(&c, format, SIZE_MAX, &has_failed), *text = NULL;
	cr_assert(whole != NULL);
	for (size_t n = 0; text == NULL && n < 100000; n++) {
		struct tng_error err = { 0 };
		struct sink sink;
		sink_init_memory(&sink);
		arena_fail_after(c.arena, n);
		enum tng_code code = report_check(&c.view, format, &sink, &err);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM);
		text = code == TNG_OK ? buf_detach(&sink.buf) : NULL;
		buf_fini(&sink.buf);
	}
	cr_expect(text != NULL && strcmp(text, whole) == 0, "%s", check_format_name(format));
	free(text);
	free(whole);
	checks_close(&c);
}
