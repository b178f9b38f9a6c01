/*
 * match: verdicts for paths from argv or standard input. The matcher as a filter; the paths are never
 * touched. Input is read in large steps; output is flushed before a read would wait, so that another
 * program can talk to it.
 */
#include "cli/cli.h"

#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INPUT_STEP_BYTES ((size_t)256 << 10)

/* A path longer than this is not one. */
#define PATH_MAX_BYTES ((size_t)1 << 20)

struct matcher {
	const struct options *options;
	struct match_options report;
	struct context context;
	struct ignore_set *set;
	struct ignore_scratch *scratch;
	struct sink sink;
	struct buf clean; /* the path at hand, when it had to be cleaned */
};

/* Whether path_clean() would leave it alone: no empty, "." or ".." component, no slash at either end. */
static bool is_clean(struct str path) {
	size_t start = 0;

	for (;;) {
		const char *slash = memchr(path.ptr + start, '/', path.len - start);
		size_t end = slash != NULL ? (size_t)(slash - path.ptr) : path.len;
		size_t len = end - start;
		if (len == 0 ||
				(path.ptr[start] == '.' &&
						(len == 1 ||
								(len == 2 &&
										path.ptr[start +
												1] ==
												'.')))) {
			return false;
		}
		if (slash == NULL) {
			return true;
		}
		start = end + 1;
	}
}

static int fail_outside(struct str path) {
	return cli_fail("%.*s: outside the context; paths are relative to its root",
			STR_FMT(str_take(path, 200)));
}

/* As cli_fail_error(), and what it means for a build. */
static int fail_pattern(const struct tng_error *err) {
	struct tng_error explained = *err;

	(void)snprintf(explained.text, sizeof(explained.text), "%s%s", err->text,
			analysis_pattern_error_hint(err));
	return cli_fail_error(&explained);
}

/* The path as the matcher takes it; empty for the root itself. False: it is outside. */
static bool clean_path(struct matcher *m, struct str given, struct str *out) {
	if (given.len > 0 && is_clean(given)) {
		*out = given;
		return true;
	}
	buf_clear(&m->clean);
	char *room = buf_reserve(&m->clean, given.len + 1);
	if (room == NULL || (given.len > 0 && given.ptr[0] == '/')) {
		return false;
	}
	*out = str_make(room, path_clean_into(room, given));
	if (str_eq(*out, STR("."))) {
		*out = STR("");
	}
	return !str_eq(*out, STR("..")) && !str_starts(*out, STR("../"));
}

static int match_path(struct matcher *m, struct str given) {
	struct verdict verdict = { .excluded = false, .pattern = IGNORE_NO_PATTERN };
	struct tng_error err = { 0 };
	struct str path;
	enum tng_code code = TNG_OK;

	if (!clean_path(m, given, &path)) {
		return fail_outside(given);
	}
	if (path.len > 0 && m->set != NULL) {
		code = m->options->whole_path
				? ignore_decide_whole_path(m->scratch, path, &verdict, &err)
				: ignore_decide_path(m->scratch, path, &verdict, &err);
	}
	if (code != TNG_OK) {
		error_set_where(&err, m->context.ignore_path);
		sink_flush(&m->sink);
		return fail_pattern(&err);
	}
	report_verdict(m->set, &verdict, given, &m->report, &m->sink);
	return EXIT_OK;
}

/* All complete lines of the buffer; what is left moves to its front. */
static int match_lines(struct matcher *m, struct buf *input, bool at_end) {
	char end = m->report.nul ? '\0' : '\n';
	struct str rest = buf_str(input);
	int status = EXIT_OK;

	while (status == EXIT_OK && rest.len > 0) {
		size_t len = str_find(rest, end);
		if (len == rest.len && !at_end) {
			break;
		}
		struct str line = str_take(rest, len);
		rest = str_skip(rest, len + 1);
		if (line.len > 0) {
			status = match_path(m, line);
		}
	}
	if (rest.len > 0 && rest.ptr != input->ptr) {
		memmove(input->ptr, rest.ptr, rest.len);
	}
	input->len = rest.len;
	return status;
}

static int match_stdin(struct matcher *m) {
	struct buf input = { 0 };
	int status = EXIT_OK;

	while (status == EXIT_OK && m->sink.os_errno == 0) {
		char *room = buf_reserve(&input, INPUT_STEP_BYTES);
		if (room == NULL || input.len > PATH_MAX_BYTES) {
			status = cli_fail("standard input: a path of more than %zu bytes",
					PATH_MAX_BYTES);
			break;
		}
		ssize_t n = read(STDIN_FILENO, room, INPUT_STEP_BYTES);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			status = cli_fail("standard input: cannot read: %s", strerror(errno));
			break;
		}
		buf_advance(&input, (size_t)n);
		status = match_lines(m, &input, n == 0);
		if (n == 0) {
			break;
		}
		if ((size_t)n < INPUT_STEP_BYTES) {
			sink_flush(&m->sink);
		}
	}
	buf_fini(&input);
	return status;
}

static int match_all(struct matcher *m) {
	int status = EXIT_OK;

	if (m->options->nargs == 0) {
		return match_stdin(m);
	}
	for (int i = 0; status == EXIT_OK && i < m->options->nargs; i++) {
		status = match_path(m, str_from(m->options->args[i]));
	}
	return status;
}

/* The ignore file's patterns, compiled; NULL set: there is no ignore file. */
static enum tng_code load(struct matcher *m, struct arena *a, struct tng_error *err) {
	const struct options *o = m->options;
	struct context_request request = {
		.dockerfile = o->dockerfiles.n > 0 ? o->dockerfiles.items[0] : NULL,
		.ignore_file = o->ignore_file,
		.engine = (enum tng_engine)o->engine,
	};
	enum tng_code code = context_open(a, &request, &m->context, err);

	if (code != TNG_OK || m->context.ignore_origin == IGNORE_ORIGIN_NONE) {
		return code;
	}
	/* with what the engine adds on its own: classic never keeps out the Dockerfile */
	struct transfer_request engine = {
		.engine = request.engine,
		.dockerfile = m->context.dockerfile_is_inside ? m->context.dockerfile : STR(""),
	};
	code = transfer_patterns(m->context.ignore_text, &engine, &m->set, err);
	if (code != TNG_OK) {
		error_set_where(err, m->context.ignore_path);
		return code;
	}
	m->scratch = ignore_scratch_create(m->set);
	return m->scratch != NULL ? TNG_OK : error_nomem(err);
}

int cmd_match(const struct options *options) {
	struct matcher m = {
		.options = options,
		.report = { .format = (enum report_format)options->format, .nul = options->nul },
		.context = { .root_fd = -1 },
	};
	struct tng_error err = { 0 };
	struct arena *a = arena_create();
	int status = EXIT_BAD;

	if (options->format == REPORT_JSON) {
		status = cli_fail("match answers line by line: --format is text or jsonl");
	} else if (a == NULL || load(&m, a, &err) != TNG_OK) {
		status = err.line > 0 ? fail_pattern(&err) : cli_fail_error(&err);
	} else if (cli_open_output(options, &m.sink)) {
		status = cli_close_output(options, &m.sink, match_all(&m));
	}
	buf_fini(&m.clean);
	ignore_scratch_destroy(m.scratch);
	ignore_destroy(m.set);
	context_close(&m.context);
	arena_destroy(a);
	return status;
}
