#include "report/report.h"
#include "support/expect.h"

#include <criterion/parameterized.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECES 20000

/* ---- writing */

static void put_pieces(struct sink *sink) {
	for (unsigned i = 0; i < PIECES; i++) {
		sink_printf(sink, "%05u: a line that goes through a pipe, bit by bit\n", i);
	}
}

Test(sink, all_arrives_through_a_pipe_that_takes_little_at_a_time) {
	int fds[2];
	struct sink memory;

	sink_init_memory(&memory);
	put_pieces(&memory);
	cr_assert(eq(int, pipe(fds), 0));
	pid_t child = fork();
	if (child == 0) {
		struct sink sink;
		(void)close(fds[0]);
		sink_init(&sink, fds[1], false);
		put_pieces(&sink);
		_exit(sink_fini(&sink));
	}
	(void)close(fds[1]);
	struct buf got = { 0 };
	for (ssize_t n = 1; n > 0; buf_advance(&got, (size_t)n)) {
		char *room = buf_reserve(&got, 1000);
		n = read(fds[0], room, 1000);
		cr_assert(ge(int, (int)n, 0));
	}
	int status = -1;
	cr_assert(eq(int, waitpid(child, &status, 0), child));
	cr_expect(eq(int, status, 0));
	cr_expect(eq(sz, got.len, PIECES * (size_t)51));
	cr_expect(str_eq(buf_str(&got), buf_str(&memory.buf)));
	buf_fini(&got);
	buf_fini(&memory.buf);
	(void)close(fds[0]);
}

Test(sink, a_full_disk_is_remembered_and_nothing_is_written_after_it) {
	struct sink sink;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (fd < 0) {
		cr_skip_test("no /dev/full");
	}
	sink_init(&sink, fd, false);
	put_pieces(&sink);
	cr_expect(eq(int, sink.os_errno, ENOSPC));
	cr_expect(lt(sz, sink.buf.len, 128 << 10)); /* what cannot be written is not hoarded */
	/* room again: yet the text has a hole, so it stays an error */
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	cr_assert(ge(int, dup2(null, fd), 0));
	sink_put(&sink, STR("more"));
	cr_expect(eq(int, sink_fini(&sink), ENOSPC));
	(void)close(fd);
	(void)close(null);
}

Test(sink, little_is_written_only_at_the_end) {
	struct sink sink;
	int fds[2];
	char got[8] = "";

	cr_assert(eq(int, pipe2(fds, O_NONBLOCK), 0));
	sink_init(&sink, fds[1], false);
	cr_expect(not(sink.is_terminal));
	sink_put(&sink, STR("ab"));
	cr_expect(eq(int, (int)read(fds[0], got, sizeof(got)), -1));
	sink_flush(&sink);
	cr_expect(eq(int, (int)read(fds[0], got, sizeof(got)), 2));
	sink_put(&sink, STR("c"));
	cr_expect(eq(int, sink_fini(&sink), 0));
	cr_expect(eq(int, (int)read(fds[0], got, sizeof(got)), 1));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* ---- escapes */

struct safe_case {
	char why[40], text[24], shown[40];
};

ParameterizedTestParameters(sink, safe) {
	static struct safe_case cases[] = {
		{ "plain text", "a b/c.txt", "a b/c.txt" },
		{ "letters beyond ASCII", "tr\xC3\xA4ne\xE6\xBC\xA2\xF0\x9F\x90\x8B",
				"tr\xC3\xA4ne\xE6\xBC\xA2\xF0\x9F\x90\x8B" },
		{ "newline, tab, return", "a\nb\tc\r", "a\\nb\\tc\\r" },
		{ "an escape sequence", "\x1B[31mred", "\\x1b[31mred" },
		{ "delete", "\x7F", "\\x7f" },
		{ "a C1 control", "\xC2\x9B", "\\u009b" },
		{ "an invalid byte", "\xFFx", "\\xffx" },
		{ "a cut character", "\xE6\xBC", "\\xe6\\xbc" },
		{ "a surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80" },
		{ "a real replacement character", "\xEF\xBF\xBD", "\xEF\xBF\xBD" },
		{ "right-to-left override",
				"a\xE2\x80\xAE"
				"b",
				"a\\u202eb" },
		{ "isolate", "\xE2\x81\xA6", "\\u2066" },
		{ "Arabic letter mark", "\xD8\x9C", "\\u061c" },
		{ "zero width space", "\xE2\x80\x8B", "\\u200b" },
		{ "line separator", "\xE2\x80\xA8", "\\u2028" },
		{ "byte order mark", "\xEF\xBB\xBF", "\\ufeff" },
		{ "no-break space stays", "\xC2\xA0", "\xC2\xA0" },
		{ "a backslash stays", "a\\b", "a\\b" },
		{ "a runner's command", "a##[group]b ##vso[x]", "a\\x23#[group]b \\x23#vso[x]" },
		{ "a heading stays", "## a #[b]", "## a #[b]" },
	};
	return cr_make_param_array(struct safe_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct safe_case *c, sink, safe) {
	struct sink sink;

	sink_init_memory(&sink);
	sink_put_safe(&sink, str_from(c->text));
	cr_expect(str_eq(buf_str(&sink.buf), str_from(c->shown)), "%s: %.*s", c->why,
			STR_FMT(buf_str(&sink.buf)));
	buf_clear(&sink.buf);
	/* a list is raw, but on a terminal */
	sink_put_path(&sink, str_from(c->text));
	EXPECT_STR(buf_str(&sink.buf), c->text);
	buf_clear(&sink.buf);
	sink.is_terminal = true;
	sink_put_path(&sink, str_from(c->text));
	EXPECT_STR(buf_str(&sink.buf), c->shown);
	buf_fini(&sink.buf);
}

Test(sink, text_that_is_no_utf8_is_mended_and_other_text_is_the_same_view) {
	struct arena *a = arena_create();
	struct str fine = STR("tr\xC3\xA4ne"), mended;

	cr_expect(eq(ptr, (void *)report_utf8(a, fine).ptr, (void *)fine.ptr));
	mended = report_utf8(a, STR("a\xFF\xC3\xA4\xE6\xBC"));
	EXPECT_STR(mended, "a\xEF\xBF\xBD\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBD");
	arena_fail_after(a, 0);
	cr_expect(eq(ptr, (void *)report_utf8(a, STR("\xFF")).ptr, NULL));
	arena_destroy(a);
}
