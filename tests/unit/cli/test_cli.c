#include "cli/cli.h"
#include "support/expect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What fn() writes to a descriptor, NUL behind it. */
static void capture(int fd, void (*fn)(void), char *out, size_t size) {
	int fds[2], kept = dup(fd);

	cr_assert(eq(int, pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0));
	cr_assert(ge(int, dup2(fds[1], fd), 0));
	fn();
	cr_assert(ge(int, dup2(kept, fd), 0));
	ssize_t n = read(fds[0], out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	(void)close(kept);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void fail_with_controls(void) {
	cr_expect(eq(int, cli_fail("%s: \x1B[31m", "a\nb"), EXIT_BAD));
}

static void fail_with_place(void) {
	const struct tng_error err = {
		.code = TNG_ESYNTAX,
		.line = 3,
		.column = 7,
		.where = "f",
		.text = "bad",
	};
	const struct tng_error plain = { .code = TNG_EIO, .where = "f", .text = "bad" };
	const struct tng_error bare = { .code = TNG_ENOMEM, .text = "out of memory" };

	cr_expect(eq(int, cli_fail_error(&err), EXIT_BAD));
	cr_expect(eq(int, cli_fail_error(&plain), EXIT_BAD));
	cr_expect(eq(int, cli_fail_error(&bare), EXIT_BAD));
}

Test(cli, messages_reach_standard_error_escaped) {
	char said[256];

	capture(STDERR_FILENO, fail_with_controls, said, sizeof(said));
	cr_expect(eq(str, said, "tonnage: a\\nb: \\x1b[31m\n"));
}

Test(cli, errors_say_where) {
	char said[256];

	capture(STDERR_FILENO, fail_with_place, said, sizeof(said));
	cr_expect(eq(str, said, "tonnage: f:3:7: bad\ntonnage: f: bad\ntonnage: out of memory\n"));
}

static void write_to_full(void) {
	struct options options = { .output = "/dev/full" };
	struct sink sink;

	cr_assert(cli_open_output(&options, &sink));
	sink_put(&sink, STR("x"));
	cr_expect(eq(int, cli_close_output(&options, &sink, EXIT_OK), EXIT_BAD));
}

Test(cli, a_full_disk_becomes_the_exit_status_and_is_said_once) {
	char said[256];

	if (access("/dev/full", W_OK) != 0) {
		cr_skip_test("no /dev/full");
	}
	capture(STDERR_FILENO, write_to_full, said, sizeof(said));
	cr_expect(eq(str, said, "tonnage: /dev/full: cannot write: No space left on device\n"));
}

static void write_nowhere(void) {
	struct options options = { .output = "/nowhere/at/all" };
	struct sink sink;

	cr_assert(cli_open_output(&options, &sink));
	cr_expect(eq(int, cli_close_output(&options, &sink, EXIT_OK), EXIT_BAD));
}

Test(cli, output_that_cannot_be_written_is_said) {
	char said[256];

	capture(STDERR_FILENO, write_nowhere, said, sizeof(said));
	cr_expect(eq(str, said,
			"tonnage: /nowhere/at/all: cannot write: No such file or directory\n"));
}

Test(cli, colour_is_for_terminals_unless_asked_for) {
	struct options options = { .output = "/dev/null" };
	struct sink sink;

	cr_assert(cli_open_output(&options, &sink));
	cr_expect(not(sink.color));
	cr_expect(eq(int, cli_close_output(&options, &sink, EXIT_PARTIAL), EXIT_PARTIAL));
	options.color = WHEN_ALWAYS;
	cr_assert(cli_open_output(&options, &sink));
	cr_expect(sink.color);
	cr_expect(eq(int, cli_close_output(&options, &sink, EXIT_OK), EXIT_OK));
}
