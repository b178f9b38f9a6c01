#include "cli/cli.h"

#include "util/nearest.h"
#include "util/size.h"
#include "util/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int cli_fail(const char *format, ...) {
	char text[600];
	struct sink sink;
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	sink_init(&sink, STDERR_FILENO, false);
	sink_put(&sink, STR("tonnage: "));
	sink_put_safe(&sink, str_make(text, len));
	sink_put(&sink, STR("\n"));
	(void)sink_fini(&sink); /* there is nowhere left to complain */
	return EXIT_BAD;
}

int cli_fail_error(const struct tng_error *err) {
	if (err->where[0] == '\0') {
		return cli_fail("%s", err->text);
	}
	if (err->line == 0) {
		return cli_fail("%s: %s", err->where, err->text);
	}
	if (err->column == 0) {
		return cli_fail("%s:%u: %s", err->where, err->line, err->text);
	}
	return cli_fail("%s:%u:%u: %s", err->where, err->line, err->column, err->text);
}

enum lens cli_lens(const struct options *options, enum lens otherwise) {
	switch ((enum lens_choice)options->lens) {
	case LENS_CHOICE_DISK:
		return LENS_DISK;
	case LENS_CHOICE_ELIGIBLE:
		return LENS_ELIGIBLE;
	case LENS_CHOICE_REQUESTED:
		return LENS_REQUESTED;
	case LENS_CHOICE_DEFAULT:
		break;
	}
	return otherwise;
}

/* A live line on standard error: only for walks that take a while. */
#define PROGRESS_AFTER_NS UINT64_C(500000000)

struct progress {
	uint64_t started_ns;
	bool plain, shown;
};

static void show_progress(void *user, const struct walk_progress *now) {
	struct progress *p = user;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	struct sink sink;

	if (thread_clock_ns() - p->started_ns < PROGRESS_AFTER_NS) {
		return;
	}
	p->shown = true;
	sink_init(&sink, STDERR_FILENO, false);
	sink_printf(&sink, "%s%s entries, %s  ", p->plain ? "" : "\r\033[K",
			size_format_count(now->nentries, count),
			size_format_short(now->bytes, size));
	/* the end of a path says more than its start; no line may wrap */
	struct str dir = now->dir;
	bool cut = dir.len > 48;
	sink_put(&sink, cut ? STR("...") : STR(""));
	sink_put_safe(&sink, cut ? str_skip(dir, dir.len - 45) : dir);
	sink_put(&sink, p->plain ? STR("\n") : STR(""));
	(void)sink_fini(&sink);
}

static void clear_progress(const struct progress *p) {
	if (p->shown && !p->plain) {
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	}
}

static bool wants_progress(const struct options *options) {
	switch ((enum when)options->progress) {
	case WHEN_AUTO:
		return !options->quiet && isatty(STDERR_FILENO) == 1;
	case WHEN_ALWAYS:
		return true;
	case WHEN_NEVER:
		break;
	}
	return false;
}

/* --build-arg NAME=VALUE; NAME alone: the environment's, and none at all when it has none. */
static bool read_args(const struct options *o, struct analysis_request *request) {
	struct build_arg *args = arena_new(o->arena, struct build_arg, o->build_args.n);

	for (size_t i = 0; args != NULL && i < o->build_args.n; i++) {
		struct build_arg *arg = &args[request->nargs];
		if (str_cut(str_from(o->build_args.items[i]), '=', &arg->name, &arg->value)) {
			request->nargs++;
			continue;
		}
		const char *value = getenv(o->build_args.items[i]);
		arg->value = str_from(value);
		request->nargs += value != NULL;
	}
	request->args = args;
	return args != NULL;
}

static bool read_contexts(const struct options *o, struct analysis_request *request) {
	struct named_context *contexts =
			arena_new(o->arena, struct named_context, o->build_contexts.n);

	for (size_t i = 0; contexts != NULL && i < o->build_contexts.n; i++) {
		struct str text = str_from(o->build_contexts.items[i]);
		if (!str_cut(text, '=', &contexts[i].name, &contexts[i].value) ||
				contexts[i].name.len == 0 || contexts[i].value.len == 0) {
			(void)cli_fail("--build-context: \"%s\" is not NAME=DIR",
					o->build_contexts.items[i]);
			return false;
		}
	}
	request->contexts = contexts;
	request->ncontexts = o->build_contexts.n;
	return contexts != NULL;
}

struct analysis *cli_analyse(const struct options *options) {
	return cli_analyse_columns(options, 0);
}

static struct analysis *analyse(const struct options *options, const char *root,
		const struct option_list *dockerfiles, unsigned columns, const char *revision,
		const struct analysis *beside) {
	struct progress progress = {
		.started_ns = thread_clock_ns(),
		.plain = options->progress == WHEN_ALWAYS,
	};
	struct analysis_request request = {
		.root = root,
		.dockerfiles = dockerfiles->items,
		.ndockerfiles = dockerfiles->n,
		.stdin_text = options->stdin_text,
		.ignore_file = options->ignore_file,
		.engine = (enum tng_engine)options->engine,
		.target = str_from(options->target),
		.config = options->config,
		.revision = revision,
		.beside = beside,
		.want_git = (columns & COLUMN_GIT) != 0 && !options->no_git,
		.want_classes = (columns & COLUMN_CLASSES) != 0,
		.want_others = (columns & COLUMN_OTHERS) != 0,
		.walk = {
			.njobs = options->jobs,
			.on_progress = wants_progress(options) ? show_progress : NULL,
			.user = &progress,
		},
	};
	struct tng_error err = { 0 };
	struct analysis *an = NULL;

	if (!read_args(options, &request) || !read_contexts(options, &request)) {
		return NULL;
	}
	enum tng_code code = analysis_run(&request, &an, &err);
	clear_progress(&progress);
	if (code != TNG_OK) {
		(void)cli_fail_error(&err);
		return NULL;
	}
	return an;
}

struct analysis *cli_analyse_columns(const struct options *options, unsigned columns) {
	return cli_analyse_revision(options, columns, NULL, NULL);
}

struct analysis *cli_analyse_revision(const struct options *options, unsigned columns,
		const char *revision, const struct analysis *beside) {
	const char *root = options->context != NULL ? options->context
			: options->nargs > 0        ? options->args[0]
						    : ".";

	return analyse(options, root, &options->dockerfiles, columns, revision, beside);
}

struct analysis *cli_analyse_root(const struct options *options, const char *root, unsigned columns,
		const char *revision) {
	struct option_list below = { arena_new(options->arena, const char *,
						     options->dockerfiles.n),
		options->dockerfiles.n };
	bool failed = below.items == NULL;

	for (size_t i = 0; i < below.n && !failed; i++) {
		struct buf path = { 0 };
		const char *item = options->dockerfiles.items[i];
		buf_printf(&path, "%s%s%s", item[0] == '/' ? "" : root, item[0] == '/' ? "" : "/",
				item);
		struct str copy = arena_copy(options->arena, buf_str(&path));
		failed = buf_failed(&path) || copy.ptr == NULL;
		below.items[i] = copy.ptr;
		buf_fini(&path);
	}
	if (failed) {
		(void)cli_fail("out of memory");
		return NULL;
	}
	return analyse(options, root, &below, columns, revision, NULL);
}

struct str cli_stdin_text(const struct analysis *an) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct context *ctx = &an->builds[i].context;
		if (str_eq(ctx->dockerfile, STR("-"))) {
			return ctx->dockerfile_text;
		}
	}
	return (struct str){ NULL, 0 };
}

static bool find_class(const struct class_column *column, const char *wanted, uint16_t *out) {
	struct nearest near = nearest_to(str_from(wanted));

	for (size_t i = 0; i < column->nclasses; i++) {
		if (str_eq(column->classes[i].name, near.wanted)) {
			*out = (uint16_t)i;
			return true;
		}
		nearest_offer(&near, column->classes[i].name);
	}
	if (near.word.len > 0) {
		(void)cli_fail("--class: \"%s\" is no class; did you mean \"%.*s\"?", wanted,
				STR_FMT(near.word));
	} else {
		(void)cli_fail("--class: \"%s\" is no class; tonnage rules lists them", wanted);
	}
	return false;
}

bool cli_find_classes(const struct options *options, const struct class_column *column,
		const uint16_t **out) {
	uint16_t *list = arena_new(options->arena, uint16_t, options->classes.n);

	for (size_t i = 0; list != NULL && i < options->classes.n; i++) {
		if (!find_class(column, options->classes.items[i], &list[i])) {
			return false;
		}
	}
	*out = list;
	return list != NULL || cli_fail("out of memory") == EXIT_OK;
}

static enum severity least_severity(const struct options *options) {
	if (options->quiet) {
		return SEVERITY_ERROR;
	}
	return options->verbose ? SEVERITY_NOTE : SEVERITY_WARNING;
}

void cli_complain(const struct analysis *an, const struct options *options) {
	struct sink sink;

	sink_init(&sink, STDERR_FILENO, false);
	report_findings(an, least_severity(options), &sink);
	(void)sink_fini(&sink);
}

void cli_complain_beside_check(const struct analysis *an, const struct options *options) {
	struct sink sink;

	sink_init(&sink, STDERR_FILENO, false);
	report_findings_beside_check(an, least_severity(options), &sink);
	(void)sink_fini(&sink);
}
