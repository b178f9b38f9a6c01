/* explain --calibrate: what builds printed, and which of them are of this context. */
#include "cli/cli.h"

#include "util/file.h"
#include "util/size.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *name_of(const struct options *options) {
	return strcmp(options->calibrate, "-") == 0 ? "standard input" : options->calibrate;
}

bool cli_read_timed(const struct options *options, struct slow_options *how) {
	struct tng_error err = { 0 };
	struct str text = { 0 };
	const char *name = options->calibrate;

	if (name == NULL) {
		return true;
	}
	if (options->engine != TNG_ENGINE_BUILDKIT) {
		(void)cli_fail("--calibrate: only BuildKit prints how long a transfer took");
		return false;
	}
	enum tng_code code = strcmp(name, "-") == 0
			? file_read_fd(options->arena, STDIN_FILENO, PROGRESS_MAX_BYTES, &text,
					  &err)
			: file_read(options->arena, AT_FDCWD, name, PROGRESS_MAX_BYTES, &text,
					  &err);
	if (code == TNG_OK) {
		code = progress_read(options->arena, text, &how->timed, &how->ntimed, &err);
	}
	if (code != TNG_OK) {
		error_set_where(&err, str_from(name_of(options)));
		(void)cli_fail_error(&err);
	}
	return code == TNG_OK;
}

/* The nearest that it is to any of the builds. */
static enum slow_timed_as nearest(const struct explain_view *views, size_t n, size_t timed) {
	enum slow_timed_as as = SLOW_TIMED_OTHER;

	for (size_t i = 0; i < n; i++) {
		const struct slow_story *s = views[i].slow;
		if (s != NULL && timed < s->ntimed && s->timed[timed].as < as) {
			as = s->timed[timed].as;
		}
	}
	return as;
}

static const char *remark(enum slow_timed_as as) {
	switch (as) {
	case SLOW_TIMED_CHANGED:
		return "taken for a build after another with some files changed";
	case SLOW_TIMED_LARGER:
		return "taken for a first build, of a context that was larger";
	case SLOW_TIMED_OTHER:
		return "of another context, or long ago: left out";
	case SLOW_TIMED_FIRST:
	case SLOW_TIMED_UNCHANGED:
		break;
	}
	return NULL;
}

int cli_complain_timed(const struct explain_view *views, size_t n, const struct options *options) {
	const struct slow_story *story = views[0].slow;
	char is[SIZE_TEXT_BYTES], first[SIZE_TEXT_BYTES], unchanged[SIZE_TEXT_BYTES];
	size_t nused = 0;

	if (options->calibrate == NULL || story == NULL || !story->happens) {
		return EXIT_OK;
	}
	for (size_t i = 0; i < story->ntimed; i++) {
		const struct build_time *t = story->timed[i].build;
		enum slow_timed_as as = nearest(views, n, i);
		nused += as != SLOW_TIMED_OTHER;
		if (remark(as) != NULL && !options->quiet) {
			(void)fprintf(stderr,
					"tonnage: %s:%u:%u: %s; this context is %s at a first "
					"build and "
					"%s unchanged: %s\n",
					name_of(options), t->line, t->column,
					size_format_buildkit(t->bytes, is),
					size_format_buildkit(story->first_bytes, first),
					size_format_buildkit(story->unchanged_bytes, unchanged),
					remark(as));
		}
	}
	return nused > 0 ? EXIT_OK
			 : cli_fail("%s: no build in it is of this context; give what a build of "
				    "it printed",
					   name_of(options));
}
