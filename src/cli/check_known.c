/* Findings, and which of them are new or known: by a git revision, by a baseline. */
#include "cli/cli.h"
#include "util/file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A larger baseline is a mistake: it would list a hundred thousand findings. */
#define BASELINE_MAX_BYTES ((size_t)16 << 20)

static enum tng_code read_baseline(
		const struct options *options, struct check_result *result, struct tng_error *err) {
	struct str text;
	bool is_stdin = strcmp(options->baseline, "-") == 0;
	enum tng_code code = is_stdin
			? file_read_fd(options->arena, STDIN_FILENO, BASELINE_MAX_BYTES, &text, err)
			: file_read(options->arena, AT_FDCWD, options->baseline, BASELINE_MAX_BYTES,
					  &text, err);

	if (code == TNG_OK) {
		code = check_baseline_apply(options->arena, text, result, err);
	}
	error_set_where(code != TNG_OK ? err : NULL, str_from(options->baseline));
	return code;
}

/* The revision is looked at as the directory was: same flags, same stages. */
static bool check_against(const struct options *options, const struct analysis *an,
		const struct check_options *how, struct check_result *result) {
	struct tng_error err = { 0 };
	struct options same = *options;
	same.stdin_text = cli_stdin_text(an);
	struct analysis *earlier = cli_analyse_revision(
			&same, COLUMN_GIT | COLUMN_CLASSES | COLUMN_OTHERS, options->against, an);

	if (earlier == NULL) {
		return false;
	}
	enum tng_code code = analysis_check_against(options->arena, an, earlier,
			str_from(options->against), options->only_new, how, result, &err);
	if (code != TNG_OK) {
		(void)cli_fail_error(&err);
	}
	analysis_destroy(earlier);
	return code == TNG_OK;
}

bool cli_find(const struct options *options, const struct analysis *an,
		const struct check_options *how, struct check_result *result) {
	struct tng_error err = { 0 };
	enum tng_code code = TNG_OK;

	if (options->against != NULL) {
		if (!check_against(options, an, how, result)) {
			return false;
		}
	} else {
		code = analysis_check(options->arena, an, how, result, &err);
	}
	/* a new baseline has all of them, and the one that the configuration names may not be there yet */
	if (code == TNG_OK && options->baseline != NULL && options->write_baseline == NULL) {
		code = read_baseline(options, result, &err);
	}
	return code == TNG_OK || cli_fail_error(&err) == EXIT_OK;
}

int cli_write_baseline(const struct options *options, const struct check_result *result) {
	struct options to = *options;
	struct tng_error err = { 0 };
	struct sink sink;
	struct str text;

	to.output = options->write_baseline;
	if (check_baseline_write(options->arena, result, &text, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	if (!cli_open_output(&to, &sink)) {
		return EXIT_BAD;
	}
	sink_put(&sink, text);
	return cli_close_output(&to, &sink, EXIT_OK);
}
