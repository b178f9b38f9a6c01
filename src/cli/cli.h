/*
 * cli/cli.h - argv in, exit status out.
 *
 *   argv, environment, .tonnage.yaml --options_parse--> struct options --cmd_<name>--> exit status
 *
 * Results go to standard output (or -o FILE), everything else to standard error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "analysis/analysis.h"
#include "config/config.h"
#include "report/report.h"

#include <stdbool.h>

enum exit_status {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1, /* at or above --fail-on */
	EXIT_BAD = 2,      /* usage, configuration or input */
	EXIT_PARTIAL = 3,  /* something could not be read */
};

enum when {
	WHEN_AUTO,
	WHEN_ALWAYS,
	WHEN_NEVER,
};

enum lens_choice {
	LENS_CHOICE_DEFAULT,
	LENS_CHOICE_DISK,
	LENS_CHOICE_ELIGIBLE,
	LENS_CHOICE_REQUESTED,
};

enum profile_choice {
	PROFILE_CHOICE_AUTO, /* remote where the line is given, else local */
	PROFILE_CHOICE_LOCAL,
	PROFILE_CHOICE_DESKTOP,
	PROFILE_CHOICE_REMOTE,
};

/** The values of a flag that may be given several times, in order. */
struct option_list {
	const char **items;
	size_t n;
};

/** Every flag of every command, with its default where it was not given. */
struct options {
	struct arena *arena; /* owns the lists */
	struct option_list dockerfiles;
	struct option_list build_args;     /* NAME=VALUE, or NAME: from the environment */
	struct option_list build_contexts; /* NAME=VALUE */
	struct option_list classes;        /* names */
	const char *target;
	const char *context; /* -C: the root, where the arguments are no directory */
	const char *pattern;
	const char *ignore_file;
	const char *output;
	struct option_list keep;              /* patterns */
	struct option_list rules, skip_rules; /* ids */
	const char *max_bytes, *max_files, *max_file_size;
	int fail_on;             /* enum config_fail_on */
	int mode;                /* enum propose_mode */
	int level;               /* enum propose_level */
	int annotate;            /* enum propose_annotate */
	const char *config_file; /* --config; NULL: look for one */
	const struct config *
			config; /* never NULL once parsed, unless --help or --version asks for no more */
	struct option_list formats; /* of check: NAME or NAME=FILE */
	const char *baseline, *write_baseline;
	const char *against; /* a git revision */
	bool only_new;
	int profile; /* enum profile_choice */
	int assume;  /* enum slow_assume */
	const char *bandwidth, *rtt;
	const char *calibrate; /* a file, or "-" */
	struct str stdin_text; /* of -f -, once it is read; .ptr NULL: not yet */
	int engine;            /* enum tng_engine */
	int format;            /* enum report_format */
	int diff_format;       /* enum diff_format: of diff */
	int lens;              /* enum lens_choice */
	int by;                /* enum report_by */
	int color;             /* enum when */
	int progress;          /* enum when; "plain" is WHEN_ALWAYS */
	unsigned top;
	unsigned for_line;
	unsigned history; /* commits; 0: none */
	unsigned jobs;
	bool nul, files, excluded, long_lines, totals, whole_path, wire;
	bool fix, init;
	bool diff, write, check, no_git;
	bool digest, exit_code;
	bool quiet, verbose, help, version;

	char **args; /* what is not a flag */
	int nargs;
};

struct command {
	const char *name;
	const char *usage;   /* what follows "tonnage NAME" */
	const char *summary; /* one line */
	const char *about;   /* paragraphs of --help */
	unsigned bit;        /* of the flags that it takes */
	int max_args;        /* -1: any number */
	int (*run)(const struct options *options);
};

#define COMMAND_SCAN 1U
#define COMMAND_LS 2U
#define COMMAND_MATCH 4U
#define COMMAND_EXPLAIN 8U
#define COMMAND_PROPOSE 16U
#define COMMAND_CHECK 32U
#define COMMAND_RULES 64U
#define COMMAND_SNAPSHOT 128U
#define COMMAND_DIFF 256U
#define COMMAND_BUILD                                                                              \
	(COMMAND_SCAN | COMMAND_LS | COMMAND_EXPLAIN | COMMAND_PROPOSE | COMMAND_CHECK |           \
			COMMAND_SNAPSHOT | COMMAND_DIFF) /* those that need the whole build */
#define COMMAND_ALL (COMMAND_BUILD | COMMAND_MATCH)
#define COMMAND_ANY (COMMAND_ALL | COMMAND_RULES)

/** The commands, sorted by importance; ends with a NULL name. */
extern const struct command commands[];

int cmd_scan(const struct options *options);
int cmd_ls(const struct options *options);
int cmd_match(const struct options *options);
int cmd_explain(const struct options *options);
int cmd_propose(const struct options *options);
int cmd_check(const struct options *options);

/**
 * Print what `tonnage check` found in every format that is asked for, each where it goes.
 *
 * Returns  `status`, or EXIT_BAD after a message
 */
int cli_report_check(const struct check_view *view, const struct options *options, int status);

/** Run the rules, with --against and --baseline; false after a message. */
bool cli_find(const struct options *options, const struct analysis *an,
		const struct check_options *how, struct check_result *result);

/** What --keep and the `keep:` lists of the configuration say, those of single Dockerfiles included; false after a
 * message. */
bool cli_read_keep(const struct options *options, struct propose_options *out);

/** The file of --write-baseline. Returns EXIT_OK, or EXIT_BAD after a message. */
int cli_write_baseline(const struct options *options, const struct check_result *result);

/** Whether the formats of --format make sense; false after a message. */
bool cli_read_formats(const struct options *options);
int cmd_rules(const struct options *options);
int cmd_snapshot(const struct options *options);
int cmd_diff(const struct options *options);

/**
 * Parse the flags of a command: argv wins over TONNAGE_<FLAG>, which wins over the configuration.
 *
 * Returns  false after a message on standard error
 */
bool options_parse(const struct command *command, int argc, char **argv, struct options *out);

void options_fini(struct options *options);

/**
 * The configuration of a run: that of --config, or the one found from the context upwards.
 *
 * options  arguments, --config and -C as the command line and the environment give them
 * Returns  NULL after a message on standard error
 */
const struct config *cli_read_config(const struct command *command, const struct options *options,
		const struct config_language *language);

/** The flags of a command as --help prints them. */
void options_help(const struct command *command, struct sink *sink);

/** A message on standard error, "tonnage: " in front. Returns EXIT_BAD. */
int cli_fail(const char *format, ...) ATTR_PRINTF(1, 2);

/** The same for a filled error: "where:line:column: text". */
int cli_fail_error(const struct tng_error *err);

/** Standard output, or the file of -o, which is written whole when it is closed. False after a message. */
bool cli_open_output(const struct options *options, struct sink *sink);

/** Flush and close; a write error turns `status` into EXIT_BAD, with a message. With EXIT_BAD a file stays as
 * it was. */
int cli_close_output(const struct options *options, struct sink *sink, int status);

/** Run the analysis that the flags and the directory ask for. NULL after a message. */
struct analysis *cli_analyse(const struct options *options);

/** Columns that a command may want beside the tree and the plans. */
#define COLUMN_GIT 1U
#define COLUMN_CLASSES 2U
#define COLUMN_OTHERS 4U /* no column: the other builds of the context */

/** cli_analyse() with columns; --no-git leaves git's out. */
struct analysis *cli_analyse_columns(const struct options *options, unsigned columns);

/**
 * The same of another directory than the flags name; an -f that is not absolute is relative to it.
 *
 * revision  of git, instead of what is on disk; NULL: what is on disk
 */
struct analysis *cli_analyse_root(const struct options *options, const char *root, unsigned columns,
		const char *revision);

/**
 * The same of a git revision instead of what is on disk.
 *
 * beside  one of what is on disk: what git says of it is not read again; NULL: none
 */
struct analysis *cli_analyse_revision(const struct options *options, unsigned columns,
		const char *revision, const struct analysis *beside);

/** What -f - gave this analysis, for the next one; .ptr NULL: it has no such Dockerfile. */
struct str cli_stdin_text(const struct analysis *an);

/** The classes of --class by number, in *out; false after a message. */
bool cli_find_classes(const struct options *options, const struct class_column *column,
		const uint16_t **out);

/** What the analysis found, on standard error: as much as -q and -v want. */
void cli_complain(const struct analysis *an, const struct options *options);

/** The same without what a rule of `tonnage check` tells. */
void cli_complain_beside_check(const struct analysis *an, const struct options *options);

/** The lens of the flags, `otherwise` where they name none. */
enum lens cli_lens(const struct options *options, enum lens otherwise);

/** Read the builds of --calibrate; false after a message. */
bool cli_read_timed(const struct options *options, struct slow_options *how);

/** Say which of them are not what a build of today sends. Returns EXIT_OK, or EXIT_BAD when none is used. */
int cli_complain_timed(const struct explain_view *views, size_t n, const struct options *options);

#endif
