/* check: the rules, and an exit status for those who gate on them. */
#include "cli/check_write.h"
#include "cli/cli.h"

#include "util/size.h"

#include <stdlib.h>
#include <time.h>

#define SECONDS_A_DAY 86400

static bool read_size(const char *flag, const char *text, struct config_limit *out) {
	struct tng_error bad = { 0 };

	if (text == NULL) {
		return true;
	}
	if (size_parse(str_from(text), &out->value, &bad) != TNG_OK) {
		(void)cli_fail("%s: %s", flag, bad.text);
		return false;
	}
	out->is_set = true;
	return true;
}

static bool read_count(const char *flag, const char *text, struct config_limit *out) {
	char *end = NULL;

	if (text == NULL) {
		return true;
	}
	out->value = strtoull(text, &end, 10);
	out->is_set = text[0] >= '0' && text[0] <= '9' && *end == '\0';
	if (!out->is_set) {
		(void)cli_fail("%s: \"%s\" is not a number", flag, text);
	}
	return out->is_set;
}

/* The list as views; NULL: out of memory, with a message. */
static struct str *read_list(const struct options *o, const struct option_list *list) {
	struct str *out = arena_new(o->arena, struct str, list->n);

	for (size_t i = 0; out != NULL && i < list->n; i++) {
		out[i] = str_from(list->items[i]);
	}
	if (out == NULL) {
		(void)cli_fail("out of memory");
	}
	return out;
}

static bool read_check_options(const struct options *o, struct check_options *out) {
	*out = (struct check_options){
		.config = o->config,
		.only = read_list(o, &o->rules),
		.nonly = o->rules.n,
		.skip = read_list(o, &o->skip_rules),
		.nskip = o->skip_rules.n,
		.fail_on = (enum config_fail_on)o->fail_on,
		.today = time(NULL) / SECONDS_A_DAY,
	};
	return out->only != NULL && out->skip != NULL &&
			read_size("--max-bytes", o->max_bytes, &out->limits.bytes) &&
			read_count("--max-files", o->max_files, &out->limits.files) &&
			read_size("--max-file-size", o->max_file_size, &out->limits.file_size);
}

static int report(const struct check_view *view, const struct options *options) {
	int status = view->result->nfailing > 0 ? EXIT_FINDINGS
			: view->an->is_partial  ? EXIT_PARTIAL
						: EXIT_OK;

	return cli_report_check(view, options, status);
}

static int check(const struct analysis *an, const struct options *options,
		const struct check_options *how) {
	struct check_result result;
	struct check_view view = {
		.an = an,
		.result = &result,
		.how = how,
		.arena = options->arena,
		.quiet = options->quiet,
		.verbose = options->verbose,
		.has_revision = options->against != NULL,
		.has_earlier = options->baseline != NULL || options->against != NULL,
	};

	if (!cli_find(options, an, how, &result)) {
		return EXIT_BAD;
	}
	if (options->write_baseline != NULL) {
		return cli_write_baseline(options, &result);
	}
	return report(&view, options);
}

/* One look at the tree, and what is asked for; *again: what --fix has left is to be reported, with *rest. */
static int look(const struct options *options, const struct check_options *how, bool *again,
		struct options *rest) {
	struct analysis *an =
			cli_analyse_columns(options, COLUMN_GIT | COLUMN_CLASSES | COLUMN_OTHERS);
	int status;

	*again = false;
	if (an == NULL) {
		return EXIT_BAD;
	}
	if (options->init) {
		status = cli_check_init(an, options);
	} else if (options->fix || options->diff) {
		status = cli_check_fix(an, options, how);
		*again = status == EXIT_OK && !options->diff;
		*rest = *options;
		rest->fix = false;
		rest->stdin_text = arena_copy(options->arena, cli_stdin_text(an));
	} else {
		cli_complain_beside_check(an, options);
		status = check(an, options, how);
	}
	analysis_destroy(an);
	return status;
}

static bool reads_stdin_twice(const struct options *options) {
	bool is_stdin = false;

	for (size_t i = 0; i < options->dockerfiles.n; i++) {
		is_stdin |= strcmp(options->dockerfiles.items[i], "-") == 0;
	}
	return is_stdin && options->baseline != NULL && strcmp(options->baseline, "-") == 0;
}

int cmd_check(const struct options *options) {
	struct check_options how;

	if (reads_stdin_twice(options)) {
		return cli_fail("one of -f and --baseline can be standard input, not both");
	}
	if (options->only_new && options->against == NULL) {
		return cli_fail("--only-new needs --against REV");
	}
	if (options->init && (options->diff || options->fix)) {
		return cli_fail("--init does not go with --fix and --diff");
	}
	if (!cli_read_formats(options) || !read_check_options(options, &how)) {
		return EXIT_BAD;
	}
	struct options rest;
	bool again;
	int status = look(options, &how, &again, &rest);
	if (again) {
		status = look(&rest, &how, &again, &rest);
	}
	return status;
}
