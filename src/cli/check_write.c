/* check --fix, --diff and --init: what changes a file, or shows the change. */
#include "cli/check_write.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --ignorefile, and the file beside a Dockerfile that lies outside, are relative to where we are. */
static int write_ignore_file(
		const struct analysis *an, const struct options *options, struct str text) {
	const struct context *ctx = &an->builds[0].context;
	bool is_here = ctx->ignore_origin == IGNORE_ORIGIN_OPTION ||
			(ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE &&
					!ctx->dockerfile_is_inside);
	struct tng_error err = { 0 };
	struct str path = arena_copy(options->arena, ctx->ignore_path);
	enum tng_code code = path.ptr == NULL
			? error_nomem(&err)
			: file_replace(is_here ? AT_FDCWD : ctx->root_fd, path.ptr, text, &err);

	return code == TNG_OK ? EXIT_OK : cli_fail_error(&err);
}

static int put_diff(const struct analysis *an, const struct options *options,
		const struct check_fixed *fixed) {
	struct sink sink;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	report_fix_diff(an, fixed, &sink);
	return cli_close_output(options, &sink, EXIT_OK);
}

static void tell(const struct analysis *an, const struct check_fixed *fixed) {
	struct sink sink;

	sink_init(&sink, STDERR_FILENO, false);
	sink_printf(&sink, "tonnage: %zu finding%s fixed in ", fixed->nfixed,
			fixed->nfixed == 1 ? "" : "s");
	sink_put_safe(&sink, an->builds[0].context.ignore_path);
	if (fixed->nleft > 0) {
		sink_printf(&sink, "; %zu left, for what they change could not be proven",
				fixed->nleft);
	}
	sink_put(&sink, STR("\n"));
	(void)sink_fini(&sink);
}

int cli_check_fix(const struct analysis *an, const struct options *options,
		const struct check_options *how) {
	struct check_result result;
	struct check_fixed fixed;
	struct tng_error err = { 0 };
	int status = EXIT_OK;

	if (an->builds[0].context.ignore_origin == IGNORE_ORIGIN_NONE) {
		return EXIT_OK;
	}
	if (analysis_check(options->arena, an, how, &result, &err) != TNG_OK ||
			analysis_fix(options->arena, an, &result, &fixed, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	if (options->diff) {
		return put_diff(an, options, &fixed); /* with --fix, too: what it would do */
	}
	if (fixed.nfixed > 0) {
		status = write_ignore_file(an, options, fixed.text);
	}
	if (!options->quiet && status == EXIT_OK) {
		tell(an, &fixed);
	}
	return status;
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
