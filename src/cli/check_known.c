/* What check takes as known: the findings of a baseline. */
#include "cli/cli.h"
#include "util/file.h"

#include <fcntl.h>

/* A larger baseline is a mistake: it would list a hundred thousand findings. */
#define BASELINE_MAX_BYTES ((size_t)16 << 20)

static enum tng_code read_baseline(
		const struct options *options, struct check_result *result, struct tng_error *err) {
	struct str text;
	enum tng_code code = file_read(options->arena, AT_FDCWD, options->baseline,
			BASELINE_MAX_BYTES, &text, err);

	if (code == TNG_OK) {
		code = check_baseline_apply(options->arena, text, result, err);
	}
	error_set_where(code != TNG_OK ? err : NULL, str_from(options->baseline));
	return code;
}

bool cli_mark_known(const struct options *options, struct check_result *result) {
	struct tng_error err = { 0 };

	if (options->baseline != NULL && read_baseline(options, result, &err) != TNG_OK) {
		(void)cli_fail_error(&err);
		return false;
	}
	return true;
}

int cli_write_baseline(const struct options *options, const struct check_result *result) {
	struct tng_error err = { 0 };
	struct str text;
	enum tng_code code = check_baseline_write(options->arena, result, &text, &err);

	if (code == TNG_OK) {
		code = file_replace(AT_FDCWD, options->write_baseline, text, &err);
	}
	return code == TNG_OK ? EXIT_OK : cli_fail_error(&err);
}
