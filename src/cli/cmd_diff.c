/*
 * diff: two of what a build asks for - of a folder, of a git revision, or written by snapshot before.
 *
 *   arguments ─▶ sides, each of a kind ─▶ a manifest each ─▶ manifest_compare ─▶ report
 */
#include "cli/cli.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A context of a million entries makes some 150 MB. */
#define SNAPSHOT_MAX_BYTES ((size_t)1 << 30)

/* One of the two things compared. */
struct side {
	const char *name;
	enum diff_side_kind kind;
	const char *root;    /* of a revision: the context */
	struct analysis *an; /* NULL: of a snapshot */
	struct manifest manifest;
};

static const char *home(const struct options *options) {
	return options->context != NULL ? options->context : ".";
}

/* ---- what an argument is */

static bool is_directory(const char *name) {
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What git takes for no revision anyway, or would take for another thing than was meant. */
static bool is_written_as_path(const char *name) {
	struct str text = str_from(name);

	return str_eq(text, STR(".")) || str_eq(text, STR("..")) || str_starts(text, STR("/")) ||
			str_starts(text, STR("./")) || str_starts(text, STR("../"));
}

/* The context of a revision: -C, else the folder that it is compared with, else the working directory. */
static const char *find_root(const struct options *options, const char *name, const char *other) {
	if (options->context == NULL && other != NULL && is_directory(other) &&
			vcs_is_revision(options->arena, other, name)) {
		return other;
	}
	return home(options);
}

static bool fail_ambiguous(const struct side *side) {
	(void)cli_fail("%s is a %s and a git revision; write ./%s for the %s, %s^0 for the "
		       "revision",
			side->name, is_directory(side->name) ? "directory" : "file", side->name,
			is_directory(side->name) ? "directory" : "file", side->name);
	return false;
}

static bool classify(const struct options *options, struct side *side, const char *other) {
	struct stat st;

	if (strcmp(side->name, "-") == 0) {
		side->kind = DIFF_SIDE_SNAPSHOT;
		return true;
	}
	bool is_there = stat(side->name, &st) == 0;
	int os_errno = errno;
	side->root = find_root(options, side->name, other);
	bool is_revision = !is_written_as_path(side->name) &&
			vcs_is_revision(options->arena, side->root, side->name);
	if (is_there && is_revision) {
		return fail_ambiguous(side);
	}
	if (!is_there && !is_revision) {
		(void)cli_fail("%s: %s; diff compares directories, git revisions and files that "
			       "tonnage snapshot wrote",
				side->name,
				os_errno == ENOENT ? "neither a file nor a git revision"
						   : strerror(os_errno));
		return false;
	}
	side->kind = is_revision              ? DIFF_SIDE_REVISION
			: S_ISDIR(st.st_mode) ? DIFF_SIDE_DIRECTORY
					      : DIFF_SIDE_SNAPSHOT;
	return true;
}

/* A..B and A...B, as git has them: a part that is left out is HEAD. False: it is no range. */
static bool cut_range(const struct options *options, struct str text, struct side sides[2],
		bool *from_base) {
	size_t at = 0;

	while (at + 1 < text.len && (text.ptr[at] != '.' || text.ptr[at + 1] != '.')) {
		at++;
	}
	if (at + 1 >= text.len || is_written_as_path(text.ptr)) {
		return false;
	}
	struct str left = str_take(text, at), right = str_skip(text, at + 2);
	*from_base = str_starts(right, STR("."));
	right = str_skip(right, *from_base ? 1 : 0);
	sides[0].name = arena_copy(options->arena, left.len > 0 ? left : STR("HEAD")).ptr;
	sides[1].name = arena_copy(options->arena, right.len > 0 ? right : STR("HEAD")).ptr;
	return sides[0].name != NULL && sides[1].name != NULL;
}

/* One argument: a range, or what is compared with the folder as it is. */
static bool read_argument(const struct options *options, struct side sides[2]) {
	const char *name = options->args[0];
	struct tng_error err = { 0 };
	struct str base;
	bool from_base = false;

	if (access(name, F_OK) == 0 || !cut_range(options, str_from(name), sides, &from_base)) {
		sides[0].name = name;
		sides[1] = (struct side){ .name = home(options), .kind = DIFF_SIDE_DIRECTORY };
		return classify(options, &sides[0], sides[1].name);
	}
	sides[0].kind = sides[1].kind = DIFF_SIDE_REVISION;
	sides[0].root = sides[1].root = home(options);
	if (from_base) {
		if (vcs_merge_base(options->arena, home(options), sides[0].name, sides[1].name,
				    &base, &err) != TNG_OK) {
			return cli_fail_error(&err) == EXIT_OK;
		}
		sides[0].name = base.ptr;
	}
	return true;
}

static bool read_arguments(const struct options *options, struct side sides[2]) {
	if (options->nargs == 1) {
		return read_argument(options, sides);
	}
	if (options->nargs != 2) {
		(void)cli_fail("diff compares two things: tonnage diff A B, or tonnage diff A "
			       "for A and the context as it is; see tonnage diff --help");
		return false;
	}
	sides[0].name = options->args[0];
	sides[1].name = options->args[1];
	return classify(options, &sides[0], sides[1].name) &&
			classify(options, &sides[1], sides[0].name);
}

/* ---- the manifest of a side */

static bool analyse_side(const struct options *options, struct side *side, bool by_object) {
	bool is_revision = side->kind == DIFF_SIDE_REVISION;
	struct tng_error err = { 0 };

	side->an = cli_analyse_root(options, is_revision ? side->root : side->name, 0,
			is_revision ? side->name : NULL);
	if (side->an == NULL) {
		return false;
	}
	if (side->an->lacks_dockerfile) {
		(void)cli_fail("%s does not have every Dockerfile of -f", side->name);
		return false;
	}
	cli_complain(side->an, options);
	if (analysis_snapshot(options->arena, side->an, options->jobs, by_object, &side->manifest,
			    &err) != TNG_OK) {
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

/* A revision has no repository in it, and what is beside one does. */
static bool leave_out_git(const struct options *options, struct side sides[2]) {
	struct tng_error err = { 0 };

	for (size_t i = 0; i < 2; i++) {
		if (manifest_leave_out(options->arena, &sides[i].manifest, STR(".git"), &err) !=
				TNG_OK) {
			return cli_fail_error(&err) == EXIT_OK;
		}
	}
	return true;
}

static bool is_mixed(const struct side sides[2]) {
	return (sides[0].kind == DIFF_SIDE_REVISION) != (sides[1].kind == DIFF_SIDE_REVISION);
}

static bool read_sides(const struct options *options, struct side sides[2]) {
	bool by_object = sides[0].kind == DIFF_SIDE_REVISION && !is_mixed(sides);

	for (size_t i = 0; i < 2; i++) {
		bool read = sides[i].kind == DIFF_SIDE_SNAPSHOT
				? read_snapshot(options, &sides[i])
				: analyse_side(options, &sides[i], by_object);
		if (!read) {
			return false;
		}
	}
	return !is_mixed(sides) || leave_out_git(options, sides);
}

/* What proposals are made from: the second side, if its files are at hand, else the first. */
static struct analysis *analyse_again(const struct options *options, const struct side sides[2]) {
	const struct side *side = &sides[sides[1].an != NULL ? 1 : 0];
	bool is_revision = side->kind == DIFF_SIDE_REVISION;

	return cli_analyse_root(options, is_revision ? side->root : side->name,
			COLUMN_GIT | COLUMN_CLASSES, is_revision ? side->name : NULL);
}

static bool prevent(const struct options *options, const struct analysis *an,
		const struct manifest_diff *diff, struct prevention *out) {
	struct propose_options how = { .nkeep = 0 };
	struct tng_error err = { 0 };

	if (an == NULL || !cli_read_keep(options, &how)) {
		return false;
	}
	return analysis_prevent(options->arena, an, diff, how.keep, how.nkeep, out, &err) ==
			TNG_OK ||
			cli_fail_error(&err) == EXIT_OK;
}

static int show(const struct options *options, const struct side sides[2],
		const struct manifest_diff *diff, const struct prevention *prevention) {
	struct tng_error err = { 0 };
	struct sink sink;
	int status = EXIT_OK;
	struct diff_view view = {
		.diff = diff,
		.prevention = prevention,
		.sides = { { str_from(sides[0].name), sides[0].kind },
				{ str_from(sides[1].name), sides[1].kind } },
		.after = &sides[1].manifest,
		.arena = options->arena,
		.format = (enum diff_format)options->diff_format,
		.top = options->verbose ? SIZE_MAX : options->top,
	};

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_diff(&view, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	} else if (options->exit_code && (diff->n > 0 || diff->nbusted > 0)) {
		status = EXIT_FINDINGS;
	}
	return cli_close_output(options, &sink, status);
}

static int compare(const struct options *options, const struct side sides[2]) {
	struct prevention prevention = { .n = 0 };
	struct tng_error err = { 0 };
	struct manifest_diff diff;
	struct analysis *an = NULL;
	bool ok = true;

	if (manifest_compare(options->arena, &sides[0].manifest, &sides[1].manifest,
			    is_mixed(sides), &diff, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	if (diff.n > 0 && diff.nbusted > 0 && (sides[0].an != NULL || sides[1].an != NULL)) {
		an = analyse_again(options, sides);
		ok = prevent(options, an, &diff, &prevention);
	}
	int status = ok ? show(options, sides, &diff, &prevention) : EXIT_BAD;
	analysis_destroy(an);
	return status;
}

int cmd_diff(const struct options *options) {
	struct side sides[2] = { { .name = NULL } };
	int status = EXIT_BAD;

	if (read_arguments(options, sides) && read_sides(options, sides)) {
		status = compare(options, sides);
	}
	if (status == EXIT_OK &&
			(manifest_has_unread(&sides[0].manifest) ||
					manifest_has_unread(&sides[1].manifest))) {
		status = EXIT_PARTIAL;
	}
	analysis_destroy(sides[0].an);
	analysis_destroy(sides[1].an);
	return status;
}
