/* check --fix, --diff and --init: what changes a file, or shows the change. */
#include "cli/check_write.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_ignore_file(const struct analysis *an, const struct options *options,
		const struct analysis_fixed *file) {
	struct tng_error err = { 0 };
	struct str path = arena_copy(options->arena, file->context->ignore_path);
	enum tng_code code = path.ptr == NULL ? error_nomem(&err)
					      : file_replace(analysis_ignore_fd(an, file->context),
								path.ptr, file->fixed.text, &err);

	return code == TNG_OK ? EXIT_OK : cli_fail_error(&err);
}

static int put_diff(const struct options *options, const struct analysis_fixed *files, size_t n) {
	struct sink sink;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	for (size_t i = 0; i < n; i++) {
		report_fix_diff(&files[i], &sink);
	}
	return cli_close_output(options, &sink, EXIT_OK);
}

static void tell(const struct analysis_fixed *file) {
	const struct check_fixed *fixed = &file->fixed;
	struct sink sink;

	sink_init(&sink, STDERR_FILENO, false);
	sink_printf(&sink, "tonnage: %zu finding%s fixed in ", fixed->nfixed,
			fixed->nfixed == 1 ? "" : "s");
	sink_put_safe(&sink, file->context->ignore_path);
	if (fixed->nleft > 0) {
		sink_printf(&sink, "; %zu left, for what they change could not be proven",
				fixed->nleft);
	}
	sink_put(&sink, STR("\n"));
	(void)sink_fini(&sink);
}

/* Each file by itself: one that cannot be written stops no other. */
static int write_files(const struct analysis *an, const struct options *options,
		const struct analysis_fixed *files, size_t n) {
	int status = EXIT_OK;
	bool is_quiet = options->quiet;

	for (size_t i = 0; i < n; i++) {
		int written = files[i].fixed.nfixed > 0 ? write_ignore_file(an, options, &files[i])
							: EXIT_OK;
		bool is_news = n == 1 || files[i].fixed.nfixed + files[i].fixed.nleft > 0;
		if (written != EXIT_OK) {
			status = written;
		} else if (is_news && !options->quiet) {
			tell(&files[i]);
		}
		is_quiet |= is_news;
	}
	if (n > 1 && !is_quiet) {
		(void)fprintf(stderr, "tonnage: 0 findings fixed in %zu ignore files\n", n);
	}
	return status;
}

int cli_check_fix(const struct analysis *an, const struct options *options,
		const struct check_options *how) {
	struct check_result result;
	const struct analysis_fixed *files;
	size_t n;
	struct tng_error err = { 0 };

	if (analysis_check(options->arena, an, how, &result, &err) != TNG_OK ||
			analysis_fix(options->arena, an, &result, &files, &n, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	/* --diff with --fix, too: what it would do */
	return options->diff ? put_diff(options, files, n) : write_files(an, options, files, n);
}

int cli_check_init(const struct analysis *an, const struct options *options) {
	const struct context *ctx = &an->builds[0].context;
	struct sink sink;

	if (options->config->path.len > 0) {
		return cli_fail("%.*s is there already, and is left as it is",
				STR_FMT(options->config->path));
	}
	sink_init_memory(&sink);
	report_first_config(an, &sink);
	int fd = openat(ctx->root_fd, CONFIG_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int os_errno = fd < 0 ? errno : file_write_all(fd, buf_str(&sink.buf));
	if (fd >= 0 && close(fd) != 0 && os_errno == 0) {
		os_errno = errno;
	}
	buf_fini(&sink.buf);
	if (os_errno != 0) {
		return cli_fail("%s: cannot write: %s", CONFIG_NAME, strerror(os_errno));
	}
	if (!options->quiet) {
		(void)fprintf(stderr,
				"tonnage: wrote " CONFIG_NAME
				"; commit it, and run tonnage check in CI\n");
	}
	return EXIT_OK;
}
