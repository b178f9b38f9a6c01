/*
 * --format of check: several at once, one of them to standard output (or -o FILE), the others to files.
 * With `github` the summary of the step is written, too, where the runner names a file for it.
 */
#include "cli/cli.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One value: NAME or NAME=FILE; path: NULL for standard output, or -o. */
static bool read_format(const char *text, enum check_format *format, const char **path) {
	struct str name, rest;
	bool has_path = str_cut(str_from(text), '=', &name, &rest);

	*path = has_path && !str_eq(rest, STR("-")) ? rest.ptr : NULL;
	for (unsigned i = 0; i < CHECK_NFORMATS; i++) {
		*format = (enum check_format)i;
		if (str_eq(name, str_from(check_format_name(*format)))) {
			return !has_path || rest.len > 0;
		}
	}
	return false;
}

bool cli_read_formats(const struct options *options) {
	size_t nbare = 0;

	for (size_t i = 0; i < options->formats.n; i++) {
		enum check_format format;
		const char *path, *text = options->formats.items[i];
		if (!read_format(text, &format, &path)) {
			(void)cli_fail("--format: \"%s\" is none of text, json, sarif, github, "
				       "markdown, gitlab, junit and tap, alone or with =FILE",
					text);
			return false;
		}
		nbare += path == NULL;
	}
	if (nbare > 1) {
		(void)cli_fail("only one format goes to standard output; give the others a file: "
			       "--format sarif=out.sarif");
	}
	return nbare <= 1;
}

static int put_format(const struct check_view *view, const struct options *options,
		enum check_format format, int status) {
	struct tng_error err = { 0 };
	struct sink sink;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_check(view, format, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	return cli_close_output(options, &sink, status);
}

/* Other steps' commands may have written to the summary: it is added to. */
static int put_step_summary(const struct check_view *view, int status) {
	/* nobody in this program changes the environment: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct tng_error err = { 0 };
	struct sink sink;

	if (path == NULL || path[0] == '\0') {
		return status;
	}
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0) {
		return cli_fail("%s: cannot write the step summary: %s", path, strerror(errno));
	}
	sink_init(&sink, fd, false);
	if (report_check(view, CHECK_FORMAT_MARKDOWN, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	int os_errno = sink_fini(&sink);
	if (close(fd) != 0 && os_errno == 0) {
		os_errno = errno;
	}
	return os_errno == 0 ? status : cli_fail("%s: cannot write: %s", path, strerror(os_errno));
}

int cli_report_check(const struct check_view *view, const struct options *options, int status) {
	if (options->formats.n == 0) {
		return put_format(view, options, CHECK_FORMAT_TEXT, status);
	}
	for (size_t i = 0; i < options->formats.n && status != EXIT_BAD; i++) {
		struct options one = *options;
		enum check_format format = CHECK_FORMAT_TEXT;
		const char *path = NULL;
		(void)read_format(options->formats.items[i], &format, &path);
		if (path != NULL) {
			one.output = path;
		}
		status = put_format(view, &one, format, status);
		if (format == CHECK_FORMAT_GITHUB && status != EXIT_BAD) {
			status = put_step_summary(view, status);
		}
	}
	return status;
}
