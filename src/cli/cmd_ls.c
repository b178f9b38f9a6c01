#include "cli/cli.h"

/* The list is unknown; cli_complain() said why, unless there is just no Dockerfile. */
static int fail_unknown(const struct build *build, enum lens lens) {
	if (lens == LENS_REQUESTED && !build->context.has_dockerfile &&
			build->context.dockerfile_problem.len == 0) {
		return cli_fail("no Dockerfile found; name one with -f to list what it asks for");
	}
	return EXIT_BAD;
}

static bool is_known(const struct build *build, const struct ls_options *ls) {
	bool nothing = ls->lens == LENS_REQUESTED &&
			!ls->excluded; /* the one list without a plan */

	return build_has_lens(build, ls->lens) && (build->has_plan || nothing);
}

int cmd_ls(const struct options *options) {
	struct tng_error err = { 0 };
	struct sink sink;
	bool has_kinds = options->format != REPORT_TEXT && !options->totals;
	struct analysis *an = cli_analyse_columns(options,
			has_kinds || options->classes.n > 0 ? COLUMN_GIT | COLUMN_CLASSES : 0);

	if (an == NULL) {
		return EXIT_BAD;
	}
	struct ls_options ls = {
		.format = (enum report_format)options->format,
		.lens = cli_lens(options, LENS_ELIGIBLE),
		.line = options->for_line,
		.excluded = options->excluded,
		.files_only = options->files,
		.long_lines = options->long_lines,
		.totals = options->totals,
		.nul = options->nul,
		.nclasses = options->classes.n,
	};
	bool all = ls.lens == LENS_DISK || ls.excluded;
	int status = (all ? an->disk_is_partial : an->is_partial) ? EXIT_PARTIAL : EXIT_OK;
	cli_complain(an, options);
	if (!is_known(&an->builds[0], &ls)) {
		status = fail_unknown(&an->builds[0], ls.lens);
	} else if ((ls.nclasses > 0 && !cli_find_classes(options, &an->classes, &ls.classes)) ||
			!cli_open_output(options, &sink)) {
		status = EXIT_BAD;
	} else {
		if (report_ls(an, &ls, &sink, &err) != TNG_OK) {
			status = cli_fail_error(&err);
		}
		status = cli_close_output(options, &sink, status);
	}
	analysis_destroy(an);
	return status;
}
