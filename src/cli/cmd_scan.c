#include "cli/cli.h"

int cmd_scan(const struct options *options) {
	struct tng_error err = { 0 };
	struct sink sink;

	/* -q is the figures alone */
	bool wants_kinds = options->format != REPORT_TEXT || !options->quiet;
	struct analysis *an =
			cli_analyse_columns(options, wants_kinds ? COLUMN_GIT | COLUMN_CLASSES : 0);
	if (an == NULL) {
		return EXIT_BAD;
	}
	struct scan_options scan = {
		.format = (enum report_format)options->format,
		.lens = cli_lens(options, build_default_lens(&an->builds[0])),
		.by = (enum report_by)options->by,
		.top = options->top > 0 ? options->top : 1,
		.wire = options->wire,
		.quiet = options->quiet,
		.verbose = options->verbose,
	};
	bool is_partial = scan.lens == LENS_DISK ? an->disk_is_partial : an->is_partial;
	int status = is_partial ? EXIT_PARTIAL : EXIT_OK;
	if (!cli_open_output(options, &sink)) {
		status = EXIT_BAD;
	} else {
		if (report_scan(an, &scan, &sink, &err) != TNG_OK) {
			status = cli_fail_error(&err);
		}
		status = cli_close_output(options, &sink, status);
	}
	analysis_destroy(an);
	return status;
}
