/* explain: why paths are in or out, what a pattern would do, why the transfer is slow, what commits bust. */
#include "cli/cli.h"

#include "util/error.h"
#include "util/path.h"
#include "util/size.h"

#include <stdio.h>

static int fail_analysis(
		const struct build *build, const struct options *options, struct tng_error *err) {
	/* a bad regexp is only found when a path makes the engine evaluate it */
	if (err->line > 0 && options->pattern == NULL) {
		struct tng_error explained = *err;
		error_set_where(&explained, build->context.ignore_path);
		(void)snprintf(explained.text, sizeof(explained.text), "%s%s", err->text,
				analysis_pattern_error_hint(err));
		return cli_fail_error(&explained);
	}
	if (err->code == TNG_ESYNTAX || err->code == TNG_ELIMIT || err->code == TNG_EINVAL) {
		return cli_fail("--pattern: %s", err->text);
	}
	return cli_fail_error(err);
}

static int put_report(const struct explain_view *view, const struct options *options) {
	struct tng_error err = { 0 };
	struct sink sink;
	int status = view->an->is_partial ? EXIT_PARTIAL : EXIT_OK;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_explain(view, (enum report_format)options->format, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	return cli_close_output(options, &sink, status);
}

/* Below the root, clean; else a message. */
static bool read_path(struct arena *a, const char *given, struct str *path) {
	*path = path_clean(a, str_from(given));
	if (path->ptr == NULL) {
		(void)cli_fail("out of memory");
		return false;
	}
	if (given[0] == '/' || str_eq(*path, STR("..")) || str_starts(*path, STR("../"))) {
		(void)cli_fail("%s: outside the context; paths are relative to its root", given);
		return false;
	}
	if (str_eq(*path, STR("."))) {
		(void)cli_fail("%s: the root of the context, which no pattern can exclude; name "
			       "something "
			       "in it, or nothing, to be told why the transfer is slow",
				given);
		return false;
	}
	return true;
}

/* EXIT_OK, or EXIT_BAD after a message. */
static int explain_paths(struct explain_view *view, const struct options *options) {
	size_t n = (size_t)options->nargs;
	struct explanation *paths = arena_new(view->arena, struct explanation, n);
	struct tng_error err = { 0 };

	if (paths == NULL) {
		return cli_fail("out of memory");
	}
	for (size_t i = 0; i < n; i++) {
		const char *given = options->args[i];
		struct str path;
		if (!read_path(view->arena, given, &path)) {
			return EXIT_BAD;
		}
		if (analysis_explain(view->arena, view->an, view->build, path,
				    str_ends(str_from(given), STR("/")), &paths[i],
				    &err) != TNG_OK) {
			return fail_analysis(view->build, options, &err);
		}
	}
	view->paths = paths;
	view->npaths = n;
	return EXIT_OK;
}

static int explain_pattern(struct explain_view *view, const struct options *options) {
	struct pattern_explanation *pattern = arena_new(view->arena, struct pattern_explanation, 1);
	struct tng_error err = { 0 };

	if (pattern == NULL) {
		return cli_fail("out of memory");
	}
	if (analysis_explain_pattern(view->arena, view->an, view->build, str_from(options->pattern),
			    options->top, pattern, &err) != TNG_OK) {
		return fail_analysis(view->build, options, &err);
	}
	view->pattern = pattern;
	return EXIT_OK;
}

static bool is_story(const struct options *options) {
	return options->pattern == NULL && options->nargs == 0;
}

static bool read_place(const struct options *options, struct slow_options *out) {
	struct tng_error err = { 0 };
	uint64_t rate = 0, trip = 0;

	if (options->bandwidth != NULL &&
			rate_parse(str_from(options->bandwidth), &rate, &err) != TNG_OK) {
		(void)cli_fail("--bandwidth: %s", err.text);
		return false;
	}
	if (options->rtt != NULL && duration_parse(str_from(options->rtt), &trip, &err) != TNG_OK) {
		(void)cli_fail("--rtt: %s", err.text);
		return false;
	}
	bool has_line = options->bandwidth != NULL || options->rtt != NULL;
	*out = (struct slow_options){
		.bytes_per_second = (double)rate,
		.round_trip = options->rtt != NULL ? (double)trip / 1e6 : -1,
		.assume = (enum slow_assume)options->assume,
	};
	switch ((enum profile_choice)options->profile) {
	case PROFILE_CHOICE_AUTO:
		out->place = has_line ? TIME_REMOTE : TIME_LOCAL;
		return true;
	case PROFILE_CHOICE_LOCAL:
		out->place = TIME_LOCAL;
		return true;
	case PROFILE_CHOICE_DESKTOP:
		out->place = TIME_DESKTOP;
		return true;
	case PROFILE_CHOICE_REMOTE:
		break;
	}
	out->place = TIME_REMOTE;
	return true;
}

static int explain_slow(struct explain_view *view, const struct options *options,
		const struct slow_options *how) {
	struct slow_story *slow = arena_new(view->arena, struct slow_story, 1);
	struct tng_error err = { 0 };

	if (slow == NULL) {
		return cli_fail("out of memory");
	}
	if (analysis_slow(view->arena, view->an, view->build, how, slow, &err) != TNG_OK) {
		return fail_analysis(view->build, options, &err);
	}
	view->slow = slow;
	return EXIT_OK;
}

static int fill_view(struct explain_view *view, const struct analysis *an, size_t index,
		struct arena *arena, const struct options *options,
		const struct slow_options *how) {
	*view = (struct explain_view){
		.an = an,
		.build = &an->builds[index],
		.arena = arena,
		.is_story = is_story(options),
	};
	if (!view->build->has_plan) {
		return EXIT_OK; /* a bad ignore file, which cli_complain() named */
	}
	if (view->is_story) {
		return explain_slow(view, options, how);
	}
	return options->pattern != NULL ? explain_pattern(view, options)
					: explain_paths(view, options);
}

static int explain_builds(const struct analysis *an, struct arena *arena,
		const struct options *options, const struct slow_options *how) {
	struct explain_view *views = arena_new(arena, struct explain_view, an->nbuilds);

	if (views == NULL) {
		return cli_fail("out of memory");
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (fill_view(&views[i], an, i, arena, options, how) != EXIT_OK) {
			return EXIT_BAD;
		}
	}
	views[0].others = &views[1];
	views[0].nothers = an->nbuilds - 1;
	if (cli_complain_timed(views, an->nbuilds, options) != EXIT_OK) {
		return EXIT_BAD;
	}
	return views[0].build->has_plan ? put_report(&views[0], options) : EXIT_BAD;
}

static int explain(const struct analysis *an, const struct options *options,
		const struct slow_options *how) {
	struct arena *arena = arena_create();

	if (arena == NULL) {
		return cli_fail("out of memory");
	}
	cli_complain(an, options);
	int status = explain_builds(an, arena, options, how);
	arena_destroy(arena);
	return status;
}

static int explain_history(const struct analysis *an, const struct options *options) {
	struct history *history = arena_new(options->arena, struct history, 1);
	struct tng_error err = { 0 };
	struct sink sink;
	int status = an->is_partial ? EXIT_PARTIAL : EXIT_OK;

	cli_complain(an, options);
	if (history == NULL) {
		return cli_fail("out of memory");
	}
	if (!an->builds[0].has_plan) {
		return EXIT_BAD; /* a bad ignore file, which cli_complain() named */
	}
	if (analysis_history(options->arena, an, options->history, options->top, history, &err) !=
			TNG_OK) {
		return cli_fail_error(&err);
	}
	struct history_view view = {
		.an = an,
		.history = history,
		.arena = options->arena,
		.format = (enum report_format)options->format,
	};
	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_history(&view, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	return cli_close_output(options, &sink, status);
}

/* Whether the flags go together; false after a message. */
static bool accepts_history(const struct options *options) {
	if (options->history == 0) {
		return true;
	}
	if (options->pattern != NULL || options->nargs > 0) {
		(void)cli_fail("explain --history takes neither PATH nor --pattern");
	} else if (options->history > HISTORY_MAX_COMMITS) {
		(void)cli_fail("--history: at most %u commits", HISTORY_MAX_COMMITS);
	} else if (options->no_git) {
		(void)cli_fail("--history asks git: it does not go with --no-git");
	} else {
		return true;
	}
	return false;
}

int cmd_explain(const struct options *options) {
	struct options of_root = *options;
	struct slow_options how;

	if (!read_place(options, &how)) {
		return EXIT_BAD;
	}
	if (options->pattern != NULL && options->nargs > 0) {
		return cli_fail("explain takes either PATH or --pattern, not both");
	}
	if (!accepts_history(options) ||
			(options->history == 0 && is_story(options) &&
					!cli_read_timed(options, &how))) {
		return EXIT_BAD;
	}
	of_root.nargs = 0; /* the arguments are paths; -C is the root */
	struct analysis *an = cli_analyse_columns(
			&of_root, options->pattern == NULL ? COLUMN_GIT | COLUMN_CLASSES : 0);
	if (an == NULL) {
		return EXIT_BAD;
	}
	int status = options->history > 0 ? explain_history(an, options)
					  : explain(an, options, &how);
	analysis_destroy(an);
	return status;
}
