/* propose: an ignore file, proven; to standard output, as a diff, or written. */
#include "cli/cli.h"

#include "util/file.h"

#include <fcntl.h>
#include <stdlib.h>

bool cli_read_keep(const struct options *o, struct propose_options *out) {
	const struct config *config = o->config;
	size_t n = o->keep.n + config->policy.nkeep;

	for (size_t i = 0; i < config->ndockerfiles; i++) {
		n += config->dockerfiles[i].nkeep;
	}
	struct str *keep = arena_new(o->arena, struct str, n);
	if (keep == NULL) {
		(void)cli_fail("out of memory");
		return false;
	}
	out->keep = keep;
	for (size_t i = 0; i < o->keep.n; i++) {
		keep[out->nkeep++] = str_from(o->keep.items[i]);
	}
	for (size_t i = 0; i < config->policy.nkeep; i++) {
		keep[out->nkeep++] = config->policy.keep[i];
	}
	for (size_t i = 0; i < config->ndockerfiles; i++) {
		for (size_t k = 0; k < config->dockerfiles[i].nkeep; k++) {
			keep[out->nkeep++] = config->dockerfiles[i].keep[k];
		}
	}
	return true;
}

static int put_result(const struct propose_view *view, const struct options *options) {
	struct tng_error err = { 0 };
	struct sink sink;
	int status = EXIT_OK;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_proposal(view, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	return cli_close_output(options, &sink, status);
}

static void put_summary(const struct propose_view *view) {
	struct sink sink;

	sink_init(&sink, 2, false);
	report_proposal_summary(view, &sink);
	(void)sink_fini(&sink);
}

/* --ignorefile, and the file beside a Dockerfile that lies outside, are relative to where we are. */
static int write_file(const struct propose_view *view) {
	const struct analysis_proposal *p = view->proposal;
	const struct context *ctx = &view->an->builds[0].context;
	bool is_here = p->is_given ||
			(ctx->ignore_origin == IGNORE_ORIGIN_DOCKERFILE &&
					!ctx->dockerfile_is_inside);
	struct tng_error err = { 0 };
	struct str path = arena_copy(view->arena, p->path);
	enum tng_code code = path.ptr == NULL ? error_nomem(&err)
					      : file_replace(is_here ? AT_FDCWD : ctx->root_fd,
								path.ptr, p->proposal.text, &err);

	return code == TNG_OK ? EXIT_OK : cli_fail_error(&err);
}

static int show(const struct propose_view *view, const struct options *options) {
	const struct proposal *proposal = &view->proposal->proposal;
	bool prints = options->diff || options->format == REPORT_JSON ||
			(!options->write && !options->check);
	int status = prints ? put_result(view, options) : EXIT_OK;

	if (!options->quiet) {
		put_summary(view);
	}
	if (status == EXIT_OK && options->write && proposal->is_changed) {
		status = write_file(view);
	}
	if (status == EXIT_OK && options->check && proposal->is_changed) {
		(void)cli_fail("%.*s is not what would be proposed; tonnage propose --diff shows "
			       "the "
			       "difference",
				STR_FMT(view->proposal->path));
		status = EXIT_FINDINGS;
	}
	return status;
}

static int propose(const struct analysis *an, const struct options *options) {
	struct propose_options how = {
		.mode = (enum propose_mode)options->mode,
		.level = (enum propose_level)options->level,
		.annotate = (enum propose_annotate)options->annotate,
		.want_splits = true,
	};
	struct propose_view view = {
		.an = an,
		.arena = options->arena,
		.options = &how,
		.format = (enum report_format)options->format,
		.diff = options->diff,
		.verbose = options->verbose,
		.is_shown = !options->write && !options->check && options->output == NULL &&
				options->format == REPORT_TEXT,
	};
	struct analysis_proposal proposal;
	struct tng_error err = { 0 };

	if (!cli_read_keep(options, &how)) {
		return EXIT_BAD;
	}
	if (analysis_propose(options->arena, an, &how, &proposal, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	view.proposal = &proposal;
	int status = show(&view, options);
	return status == EXIT_OK && an->is_partial ? EXIT_PARTIAL : status;
}

int cmd_propose(const struct options *options) {
	int status = EXIT_BAD; /* of a bad ignore file, which cli_complain() named */

	if (options->write && options->check) {
		return cli_fail("--write changes the file that --check looks at: give one of them");
	}
	struct analysis *an = cli_analyse_columns(options, COLUMN_GIT | COLUMN_CLASSES);
	if (an == NULL) {
		return EXIT_BAD;
	}
	cli_complain(an, options);
	if (an->builds[0].has_plan) {
		status = propose(an, options);
	}
	analysis_destroy(an);
	return status;
}
