/* snapshot: what a build's instructions select, digested; diff: two of these. */
#include "cli/cli.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A context of a million entries makes some 150 MB. */
#define SNAPSHOT_MAX_BYTES ((size_t)1 << 30)

static int put_snapshot(const struct manifest *manifest, const struct options *options,
		struct tng_error *err) {
	char digest[DIGEST_TEXT_BYTES];
	struct buf text = { 0 };
	struct sink sink;
	int status = EXIT_OK;

	if (options->digest) {
		buf_printf(&text, "%s\n", digest_format(&manifest->digest, digest));
	} else if (manifest_write(manifest, &text, err) != TNG_OK) {
		status = cli_fail_error(err);
	}
	if (status == EXIT_OK && cli_open_output(options, &sink)) {
		sink_put(&sink, buf_str(&text));
		status = cli_close_output(options, &sink, buf_failed(&text) ? EXIT_BAD : EXIT_OK);
	} else {
		status = EXIT_BAD;
	}
	buf_fini(&text);
	return status;
}

static bool has_unread(const struct manifest *manifest) {
	for (size_t i = 0; i < manifest->nentries; i++) {
		if (manifest->entries[i].is_unread) {
			return true;
		}
	}
	return false;
}

int cmd_snapshot(const struct options *options) {
	struct tng_error err = { 0 };
	struct manifest manifest;
	struct analysis *an = cli_analyse(options);
	int status = EXIT_BAD;

	if (an == NULL) {
		return EXIT_BAD;
	}
	cli_complain(an, options);
	if (analysis_snapshot(an->arena, an, options->jobs, &manifest, &err) != TNG_OK) {
		(void)cli_fail_error(&err);
	} else {
		status = put_snapshot(&manifest, options, &err);
	}
	if (status == EXIT_OK && (an->is_partial || has_unread(&manifest))) {
		status = EXIT_PARTIAL;
	}
	analysis_destroy(an);
	return status;
}

/* ---- diff */

/* One of the two things compared. */
struct side {
	const char *name;
	struct analysis *an; /* of a directory; NULL: of a file */
	struct manifest manifest;
};

static bool read_directory(const struct options *options, struct side *side) {
	struct tng_error err = { 0 };

	side->an = cli_analyse_root(options, side->name, 0);
	if (side->an == NULL) {
		return false;
	}
	cli_complain(side->an, options);
	if (analysis_snapshot(options->arena, side->an, options->jobs, &side->manifest, &err) !=
			TNG_OK) {
		(void)cli_fail_error(&err);
		return false;
	}
	return true;
}

static bool read_snapshot(const struct options *options, struct side *side) {
	bool is_stdin = strcmp(side->name, "-") == 0;
	struct tng_error err = { 0 };
	struct str text;
	enum tng_code code = is_stdin ? file_read_fd(options->arena, STDIN_FILENO,
							SNAPSHOT_MAX_BYTES, &text, &err)
				      : file_read(options->arena, AT_FDCWD, side->name,
							SNAPSHOT_MAX_BYTES, &text, &err);

	if (code == TNG_OK) {
		code = manifest_read(options->arena, text, &side->manifest, &err);
	}
	if (code != TNG_OK) {
		error_set_where(&err, is_stdin ? STR("standard input") : str_from(side->name));
		(void)cli_fail_error(&err);
	}
	return code == TNG_OK;
}

static bool read_side(const struct options *options, struct side *side) {
	struct stat st;
	bool is_file = strcmp(side->name, "-") != 0;

	if (is_file && stat(side->name, &st) != 0) {
		(void)cli_fail("%s: %s; diff compares directories and files that tonnage snapshot "
			       "wrote",
				side->name, strerror(errno));
		return false;
	}
	return is_file && S_ISDIR(st.st_mode) ? read_directory(options, side)
					      : read_snapshot(options, side);
}

static int compare(const struct options *options, const struct side sides[2]) {
	struct tng_error err = { 0 };
	struct manifest_diff diff;
	struct sink sink;
	int status = EXIT_OK;

	if (manifest_compare(options->arena, &sides[0].manifest, &sides[1].manifest, &diff, &err) !=
			TNG_OK) {
		return cli_fail_error(&err);
	}
	struct diff_view view = {
		.diff = &diff,
		.after = &sides[1].manifest,
		.arena = options->arena,
		.format = (enum report_format)options->format,
		.top = options->verbose ? SIZE_MAX : options->top,
	};
	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_diff(&view, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	} else if (options->exit_code && (diff.n > 0 || diff.nbusted > 0)) {
		status = EXIT_FINDINGS;
	}
	return cli_close_output(options, &sink, status);
}

int cmd_diff(const struct options *options) {
	struct side sides[2] = { { .name = NULL } };
	int status = EXIT_BAD;

	if (options->format == REPORT_JSONL) {
		return cli_fail("diff has no lines: --format is text or json");
	}
	if (options->nargs != 2) {
		return cli_fail("diff compares two things: tonnage diff A B; see tonnage diff "
				"--help");
	}
	sides[0].name = options->args[0];
	sides[1].name = options->args[1];
	if (read_side(options, &sides[0]) && read_side(options, &sides[1])) {
		status = compare(options, sides);
	}
	if (status == EXIT_OK &&
			(has_unread(&sides[0].manifest) || has_unread(&sides[1].manifest))) {
		status = EXIT_PARTIAL;
	}
	analysis_destroy(sides[0].an);
	analysis_destroy(sides[1].an);
	return status;
}
