/*
 * The flags: one table, one row a flag, for all commands. getopt_long() does the parsing; the table also
 * makes --help, reads the environment and says what .tonnage.yaml may set.
 */
#include "cli/cli.h"

#include "util/nearest.h"

#include <ctype.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum value_type {
	VALUE_SET,    /* no value: sets a bool */
	VALUE_TEXT,   /* a const char * */
	VALUE_LIST,   /* a struct option_list: each value is added */
	VALUE_NUMBER, /* an unsigned */
	VALUE_CHOICE, /* an int: the choice's place in the list */
};

struct flag {
	const char *name;
	char letter; /* '\0': none */
	enum value_type type;
	size_t offset;       /* of the field in struct options */
	unsigned commands;   /* that take it */
	const char *value;   /* as --help calls it */
	const char *choices; /* VALUE_CHOICE: "a|b|c" */
	const char *help;
};

#define FIELD(name) offsetof(struct options, name)

static const struct flag flags[] = {
	{ "file", 'f', VALUE_LIST, FIELD(dockerfiles), COMMAND_ALL, "DOCKERFILE", NULL,
			"the Dockerfile, relative to the working directory; -: standard input" },
	{ "target", '\0', VALUE_TEXT, FIELD(target), COMMAND_BUILD, "STAGE", NULL,
			"the stage to build (default: the last one)" },
	{ "build-arg", '\0', VALUE_LIST, FIELD(build_args), COMMAND_BUILD, "NAME=VALUE", NULL,
			"a value for an ARG; NAME alone takes it from the environment" },
	{ "build-context", '\0', VALUE_LIST, FIELD(build_contexts), COMMAND_BUILD, "NAME=DIR", NULL,
			"a named context, as of docker build" },
	{ "ignorefile", '\0', VALUE_TEXT, FIELD(ignore_file), COMMAND_ALL, "FILE", NULL,
			"this ignore file instead of the one that the engine would choose" },
	{ "engine", '\0', VALUE_CHOICE, FIELD(engine), COMMAND_ALL, NULL, "buildkit|classic|podman",
			"whose rules: BuildKit's, the classic builder's, or Podman's and "
			"Buildah's" },
	{ "lens", '\0', VALUE_CHOICE, FIELD(lens), COMMAND_SCAN | COMMAND_LS, NULL,
			"auto|disk|eligible|requested",
			"which figures: all on disk, what the ignore file lets through, or what "
			"the build asks for" },
	{ "by", '\0', VALUE_CHOICE, FIELD(by), COMMAND_SCAN, NULL,
			"dir|file|ext|pattern|instruction|class|git", "what the table shows" },
	{ "top", '\0', VALUE_NUMBER, FIELD(top), COMMAND_SCAN | COMMAND_EXPLAIN | COMMAND_DIFF, "N",
			NULL,
			"lines of the table, paths of a pattern, or differences (default 15)" },
	{ "context", 'C', VALUE_TEXT, FIELD(context), COMMAND_EXPLAIN | COMMAND_DIFF, "DIR", NULL,
			"the build context (default: the working directory)" },
	{ "pattern", '\0', VALUE_TEXT, FIELD(pattern), COMMAND_EXPLAIN, "PATTERN", NULL,
			"explain this line of an ignore file instead of paths" },
	{ "history", '\0', VALUE_NUMBER, FIELD(history), COMMAND_EXPLAIN, "N", NULL,
			"which instructions the last N commits of git would have rebuilt, and what "
			"would keep more of them cached (at most 10000)" },
	{ "profile", '\0', VALUE_CHOICE, FIELD(profile), COMMAND_EXPLAIN, NULL,
			"auto|local|desktop|remote",
			"where the builder is: on this system, in a virtual machine, behind a "
			"network; auto: remote with --bandwidth or --rtt, else local" },
	{ "bandwidth", '\0', VALUE_TEXT, FIELD(bandwidth), COMMAND_EXPLAIN, "RATE", NULL,
			"of the line to the builder, as 50Mbit or 6MB a second (default 50Mbit)" },
	{ "rtt", '\0', VALUE_TEXT, FIELD(rtt), COMMAND_EXPLAIN, "TIME", NULL,
			"a round trip to the builder, as 40ms (the default)" },
	{ "calibrate", '\0', VALUE_TEXT, FIELD(calibrate), COMMAND_EXPLAIN, "FILE", NULL,
			"fit the profile to the builds whose output (plain or rawjson) is in "
			"FILE; - for standard input" },
	{ "assume", '\0', VALUE_CHOICE, FIELD(assume), COMMAND_EXPLAIN, NULL,
			"cold|warm|mtime|chmod|checkout",
			"which build: a first one; one after another with nothing changed, with "
			"new times on all files, new modes, or a fresh checkout" },
	{ "for", '\0', VALUE_NUMBER, FIELD(for_line), COMMAND_LS, "LINE", NULL,
			"list what the instruction on this line of the Dockerfile asks for" },
	{ "class", '\0', VALUE_LIST, FIELD(classes), COMMAND_LS | COMMAND_RULES, "CLASS", NULL,
			"only what is of this class; may be given several times" },
	{ "excluded", '\0', VALUE_SET, FIELD(excluded), COMMAND_LS, NULL, NULL,
			"list what is not in the lens instead of what is" },
	{ "files", '\0', VALUE_SET, FIELD(files), COMMAND_LS, NULL, NULL, "no directories" },
	{ "long", 'l', VALUE_SET, FIELD(long_lines), COMMAND_LS, NULL, NULL,
			"mode, size and time before each path" },
	{ "totals", '\0', VALUE_SET, FIELD(totals), COMMAND_LS, NULL, NULL,
			"one line instead of the list: entries=N files=N bytes=N wire_first=N "
			"wire_unchanged=N" },
	{ "wire", '\0', VALUE_SET, FIELD(wire), COMMAND_SCAN, NULL, NULL,
			"what docker will print as sent, for a first and for an unchanged build" },
	{ "whole-path", '\0', VALUE_SET, FIELD(whole_path), COMMAND_MATCH, NULL, NULL,
			"evaluate each path at once, not its directories first" },
	{ "mode", '\0', VALUE_CHOICE, FIELD(mode), COMMAND_PROPOSE, NULL, "deny-list|allow-list",
			"lines for what should stay out (the default), or * and exceptions for "
			"what the builds ask for" },
	{ "level", '\0', VALUE_CHOICE, FIELD(level), COMMAND_PROPOSE, NULL,
			"safe|balanced|thorough",
			"how far to go: what a clone does not have; and tests, documentation and "
			"what is heavy, where nothing needs it (the default); all that no build "
			"needs" },
	{ "annotate", '\0', VALUE_CHOICE, FIELD(annotate), COMMAND_PROPOSE, NULL,
			"none|reasons|bytes",
			"comments: none, headings (the default), or what each line takes, too" },
	{ "keep", '\0', VALUE_LIST, FIELD(keep), COMMAND_PROPOSE, "PATTERN", NULL,
			"never exclude what this matches, and what is below it" },
	{ "rule", '\0', VALUE_LIST, FIELD(rules), COMMAND_CHECK, "ID", NULL,
			"this rule alone; may be given several times" },
	{ "skip-rule", '\0', VALUE_LIST, FIELD(skip_rules), COMMAND_CHECK, "ID", NULL,
			"not this rule; may be given several times" },
	{ "fail-on", '\0', VALUE_CHOICE, FIELD(fail_on), COMMAND_CHECK, NULL,
			"auto|never|note|warning|error",
			"the least severity that ends with status 1; auto: as .tonnage.yaml says, "
			"else error" },
	{ "fix", '\0', VALUE_SET, FIELD(fix), COMMAND_CHECK, NULL, NULL,
			"correct the ignore files as far as that is proven to be safe, and report "
			"the rest" },
	{ "init", '\0', VALUE_SET, FIELD(init), COMMAND_CHECK, NULL, NULL,
			"write a first .tonnage.yaml into the context, with budgets from today's "
			"figures" },
	{ "max-bytes", '\0', VALUE_TEXT, FIELD(max_bytes), COMMAND_CHECK, "SIZE", NULL,
			"a budget for the bytes of the context" },
	{ "max-files", '\0', VALUE_TEXT, FIELD(max_files), COMMAND_CHECK, "N", NULL,
			"a budget for the number of files" },
	{ "max-file-size", '\0', VALUE_TEXT, FIELD(max_file_size), COMMAND_CHECK, "SIZE", NULL,
			"a budget for the largest file" },
	{ "against", '\0', VALUE_TEXT, FIELD(against), COMMAND_CHECK, "REV", NULL,
			"compare with this git revision: what has grown, what is new" },
	{ "only-new", '\0', VALUE_SET, FIELD(only_new), COMMAND_CHECK, NULL, NULL,
			"with --against: findings that the revision has, too, are known" },
	{ "baseline", '\0', VALUE_TEXT, FIELD(baseline), COMMAND_CHECK, "FILE", NULL,
			"findings that FILE lists are known, and do not fail; - is standard "
			"input" },
	{ "write-baseline", '\0', VALUE_TEXT, FIELD(write_baseline), COMMAND_CHECK, "FILE", NULL,
			"write the findings of today to FILE, - for standard output, and print "
			"nothing else" },
	{ "diff", '\0', VALUE_SET, FIELD(diff), COMMAND_PROPOSE, NULL, NULL,
			"print a unified diff instead of the file" },
	{ "diff", '\0', VALUE_SET, FIELD(diff), COMMAND_CHECK, NULL, NULL,
			"print what --fix would do, as a unified diff, and write nothing" },
	{ "write", '\0', VALUE_SET, FIELD(write), COMMAND_PROPOSE, NULL, NULL,
			"write the ignore file, and print nothing but a --diff" },
	{ "check", '\0', VALUE_SET, FIELD(check), COMMAND_PROPOSE, NULL, NULL,
			"end with status 1 when the ignore file is not what would be proposed; "
			"print nothing but a --diff" },
	{ "digest", '\0', VALUE_SET, FIELD(digest), COMMAND_SNAPSHOT, NULL, NULL,
			"one line instead: a fingerprint of all that the build asks for, for a "
			"cache key" },
	{ "exit-code", '\0', VALUE_SET, FIELD(exit_code), COMMAND_DIFF, NULL, NULL,
			"end with status 1 when there is a difference" },
	{ "null", '0', VALUE_SET, FIELD(nul), COMMAND_LS | COMMAND_MATCH, NULL, NULL,
			"entries end with NUL instead of newline (match: in and out)" },
	{ "format", '\0', VALUE_CHOICE, FIELD(format), COMMAND_LS | COMMAND_MATCH, NULL,
			"text|json|jsonl",
			"text; one JSON document (but match); a JSON object a line" },
	{ "format", '\0', VALUE_CHOICE, FIELD(format),
			COMMAND_ANY & ~(COMMAND_LS | COMMAND_MATCH | COMMAND_CHECK | COMMAND_DIFF),
			NULL, "text|json", "text; or one JSON document" },
	{ "format", '\0', VALUE_CHOICE, FIELD(diff_format), COMMAND_DIFF, NULL,
			"text|json|markdown",
			"text; one JSON document; Markdown, for a comment or the summary of a "
			"step" },
	{ "format", '\0', VALUE_LIST, FIELD(formats), COMMAND_CHECK, "NAME[=FILE]", NULL,
			"text, json, sarif, github, markdown, gitlab, junit or tap; may be given "
			"several times, all but one with a file to write it to" },
	{ "output", 'o', VALUE_TEXT, FIELD(output), COMMAND_ANY, "FILE", NULL,
			"write the result to FILE" },
	{ "config", '\0', VALUE_TEXT, FIELD(config_file), COMMAND_ANY, "FILE", NULL,
			"this configuration instead of the .tonnage.yaml found; none: no file" },
	{ "no-git", '\0', VALUE_SET, FIELD(no_git),
			COMMAND_BUILD & ~(COMMAND_SNAPSHOT | COMMAND_DIFF), NULL, NULL,
			"do not ask git: states are unknown, and classes go by names and "
			"contents" },
	{ "jobs", 'j', VALUE_NUMBER, FIELD(jobs), COMMAND_BUILD, "N", NULL,
			"threads of the walk (default: by processors)" },
	{ "color", '\0', VALUE_CHOICE, FIELD(color), COMMAND_SCAN | COMMAND_EXPLAIN | COMMAND_CHECK,
			NULL, "auto|always|never",
			"colour; auto: on a terminal, unless NO_COLOR is set" },
	{ "progress", '\0', VALUE_CHOICE, FIELD(progress), COMMAND_BUILD, NULL, "auto|plain|none",
			"a live line during long walks" },
	{ "quiet", 'q', VALUE_SET, FIELD(quiet), COMMAND_ANY, NULL, NULL,
			"totals and errors only" },
	{ "verbose", 'v', VALUE_SET, FIELD(verbose), COMMAND_ANY, NULL, NULL, "notes, too" },
	{ "help", 'h', VALUE_SET, FIELD(help), COMMAND_ANY, NULL, NULL, "this text" },
	{ "version", '\0', VALUE_SET, FIELD(version), COMMAND_ANY, NULL, NULL, "the version" },
};

#define NFLAGS (sizeof(flags) / sizeof(flags[0]))

/* getopt's value for flag i without a letter */
#define CODE_BASE 256

/* of a flag in --help, in front of what it means */
#define HELP_COLUMNS 34

static bool set_choice(const struct flag *flag, const char *text, void *field) {
	struct str rest = str_from(flag->choices), name;
	int place = 0;

	for (bool more = true; more; place++) {
		more = str_cut(rest, '|', &name, &rest);
		if (str_eq(name, str_from(text))) {
			*(int *)field = place;
			return true;
		}
	}
	return false;
}

static bool set_number(const char *text, void *field) {
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > 1000000) {
		return false;
	}
	*(unsigned *)field = (unsigned)n;
	return true;
}

static bool add_to_list(struct arena *a, struct option_list *list, const char *text) {
	const char **grown = arena_new(a, const char *, list->n + 1);

	if (grown == NULL) {
		(void)cli_fail("out of memory");
		return false;
	}
	if (list->n > 0) {
		memcpy(grown, list->items, list->n * sizeof(*grown));
	}
	grown[list->n] = text;
	*list = (struct option_list){ grown, list->n + 1 };
	return true;
}

/* `from`: how the user wrote it, for the message. */
static bool set_value(
		const struct flag *flag, const char *from, const char *text, struct options *out) {
	void *field = (char *)out + flag->offset;

	switch (flag->type) {
	case VALUE_SET:
		*(bool *)field = true;
		return true;
	case VALUE_TEXT:
		*(const char **)field = text;
		return true;
	case VALUE_LIST:
		return add_to_list(out->arena, field, text);
	case VALUE_NUMBER:
		if (set_number(text, field)) {
			return true;
		}
		(void)cli_fail("%s: \"%s\" is not a number from 0 to 1000000", from, text);
		return false;
	case VALUE_CHOICE:
		if (set_choice(flag, text, field)) {
			return true;
		}
		(void)cli_fail("%s: \"%s\" is none of %s", from, text, flag->choices);
		return false;
	}
	return false;
}

/* --help and --version are requests: scripts keep TONNAGE_VERSION for a purpose of their own. */
static bool is_setting(const struct flag *flag) {
	return flag->offset != FIELD(help) && flag->offset != FIELD(version);
}

/* TONNAGE_JOBS=2 is --jobs 2; a flag without a value takes 1 and 0. */
static bool read_environment(
		const struct command *command, struct options *out, bool given[NFLAGS]) {
	for (size_t i = 0; i < NFLAGS; i++) {
		char name[48];
		size_t n = (size_t)snprintf(name, sizeof(name), "TONNAGE_%s", flags[i].name);
		for (size_t k = 0; k < n; k++) {
			name[k] = (char)(name[k] == '-' ? '_' : toupper((unsigned char)name[k]));
		}
		const char *text = getenv(name);
		if (text == NULL || text[0] == '\0' || (flags[i].commands & command->bit) == 0 ||
				!is_setting(&flags[i])) {
			continue;
		}
		given[i] = true;
		if (flags[i].type == VALUE_SET) {
			if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0) {
				*(bool *)((char *)out + flags[i].offset) = text[0] == '1';
				continue;
			}
			(void)cli_fail("%s: \"%s\" is neither 0 nor 1", name, text);
			return false;
		}
		if (!set_value(&flags[i], name, text, out)) {
			return false;
		}
	}
	return true;
}

static void make_getopt(const struct command *command, struct option *longs, char *shorts) {
	size_t nlongs = 0, nshorts = 0;

	shorts[nshorts++] = ':';
	for (size_t i = 0; i < NFLAGS; i++) {
		if ((flags[i].commands & command->bit) == 0) {
			continue;
		}
		bool takes = flags[i].type != VALUE_SET;
		longs[nlongs++] = (struct option){
			.name = flags[i].name,
			.has_arg = takes ? required_argument : no_argument,
			.val = CODE_BASE + (int)i,
		};
		if (flags[i].letter != '\0') {
			shorts[nshorts++] = flags[i].letter;
			if (takes) {
				shorts[nshorts++] = ':';
			}
		}
	}
	longs[nlongs] = (struct option){ 0 };
	shorts[nshorts] = '\0';
}

static const struct flag *find_flag(int code) {
	if (code >= CODE_BASE) {
		return &flags[code - CODE_BASE];
	}
	for (size_t i = 0; i < NFLAGS; i++) {
		if (flags[i].letter != '\0' && flags[i].letter == code) {
			return &flags[i];
		}
	}
	return NULL;
}

static bool bad_flag(const struct command *command, int code, char **argv) {
	const char *written = argv[optind - 1];

	if (code == ':') {
		(void)cli_fail("%s takes a value; see tonnage %s --help", written, command->name);
	} else if (optopt >= CODE_BASE) {
		(void)cli_fail("--%s takes no value; see tonnage %s --help",
				flags[optopt - CODE_BASE].name, command->name);
	} else if (optopt != 0) {
		(void)cli_fail("unknown flag -%c; see tonnage %s --help", optopt, command->name);
	} else {
		(void)cli_fail("unknown flag %s; see tonnage %s --help", written, command->name);
	}
	return false;
}

static const struct flag *find_long(const struct command *command, struct str name) {
	for (size_t i = 0; i < NFLAGS; i++) {
		if ((flags[i].commands & command->bit) != 0 &&
				str_eq(str_from(flags[i].name), name)) {
			return &flags[i];
		}
	}
	return NULL;
}

/* Of letters behind one dash: whether the next argument is the value of the last one. */
static bool letters_take_next(const char *letters) {
	for (; *letters != '\0'; letters++) {
		const struct flag *flag = find_flag((unsigned char)*letters);
		if (flag == NULL) {
			return false;
		}
		if (flag->type != VALUE_SET) {
			return letters[1] == '\0';
		}
	}
	return false;
}

/* The flag that was meant: one that starts so, else one that is spelled nearly so. */
static struct str find_near(const struct command *command, struct str name) {
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < NFLAGS; i++) {
		struct str whole = str_from(flags[i].name);
		if ((flags[i].commands & command->bit) == 0) {
			continue;
		}
		if (str_starts(whole, name)) {
			return whole;
		}
		nearest_offer(&near, whole);
	}
	return near.word;
}

static bool refuse_long(const struct command *command, struct str name) {
	struct str near = find_near(command, name);

	(void)cli_fail("unknown flag --%.*s%s%.*s%s; see tonnage %s --help",
			STR_FMT(str_take(name, 60)), near.len > 0 ? " (did you mean --" : "",
			STR_FMT(near), near.len > 0 ? "?)" : "", command->name);
	return false;
}

/* getopt_long() takes the start of a flag for the flag; a later flag of the same start would break what was
 * written so. False: there is one, and the user was told. */
static bool are_flags_whole(const struct command *command, int argc, char **argv) {
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct str arg = str_from(argv[i]), name, value;
		if (!str_starts(arg, STR("--"))) {
			i += argv[i][0] == '-' && letters_take_next(argv[i] + 1);
			continue;
		}
		bool has_value = str_cut(str_skip(arg, 2), '=', &name, &value);
		const struct flag *flag = find_long(command, name);
		if (flag == NULL) {
			return refuse_long(command, name);
		}
		i += flag->type != VALUE_SET && !has_value;
	}
	return true;
}

static bool read_argv(const struct command *command, int argc, char **argv, struct options *out,
		bool given[NFLAGS]) {
	struct option longs[NFLAGS + 1];
	char shorts[2 * NFLAGS + 2];
	bool seen[NFLAGS] = { false };

	if (!are_flags_whole(command, argc, argv)) {
		return false;
	}
	make_getopt(command, longs, shorts);
	opterr = 0;
	optind = 0; /* getopt_long() starts afresh, whatever was parsed before */
	for (int code; (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
		const struct flag *flag = code != '?' && code != ':' ? find_flag(code) : NULL;
		if (flag == NULL) {
			return bad_flag(command, code, argv);
		}
		char from[48];
		(void)snprintf(from, sizeof(from), "--%s", flag->name);
		/* a list on the command line takes the place of the environment's */
		if (flag->type == VALUE_LIST && !seen[flag - flags]) {
			((struct option_list *)((char *)out + flag->offset))->n = 0;
		}
		seen[flag - flags] = given[flag - flags] = true;
		if (!set_value(flag, from, optarg, out)) {
			return false;
		}
	}
	out->args = argv + optind;
	out->nargs = argc - optind;
	if (command->max_args >= 0 && out->nargs > command->max_args) {
		(void)cli_fail("too many arguments: \"%s\"; see tonnage %s --help",
				out->args[command->max_args], command->name);
		return false;
	}
	return true;
}

/* Paths in a file are relative to it; of the others a value stays as it is. */
static enum config_path path_kind(const struct flag *flag) {
	switch (flag->offset) {
	case FIELD(dockerfiles):
	case FIELD(ignore_file):
	case FIELD(output):
	case FIELD(baseline):
	case FIELD(calibrate):
	case FIELD(write_baseline):
	case FIELD(context):
		return CONFIG_PATH;
	case FIELD(build_contexts):
		return CONFIG_NAMED_PATH;
	}
	return CONFIG_NO_PATH;
}

/* What a file may set: every flag but those that are requests, and the one that names the file. */
static void make_config_flags(struct config_flag out[NFLAGS]) {
	static const enum config_type types[] = { CONFIG_SWITCH, CONFIG_TEXT, CONFIG_LIST,
		CONFIG_NUMBER, CONFIG_CHOICE };

	for (size_t i = 0; i < NFLAGS; i++) {
		out[i] = (struct config_flag){
			.name = flags[i].name,
			.type = types[flags[i].type],
			.path = path_kind(&flags[i]),
			.choices = flags[i].choices,
			.commands = flags[i].commands,
			.is_fixed = !is_setting(&flags[i]) ||
					flags[i].offset == FIELD(config_file) ||
					flags[i].offset == FIELD(keep) || /* keys of their own */
					flags[i].offset == FIELD(fail_on),
		};
	}
}

/* The config was checked: its values are good. */
static bool apply_setting(const struct config_setting *setting, struct options *out) {
	const struct flag *flag = &flags[setting->flag];

	if (flag->type == VALUE_SET) {
		*(bool *)((char *)out + flag->offset) = setting->values[0][0] == '1';
		return true;
	}
	for (size_t i = 0; i < setting->nvalues; i++) {
		if (!set_value(flag, flag->name, setting->values[i], out)) {
			return false;
		}
	}
	return true;
}

/* What neither the command line nor the environment gives; a command's section wins over the rest. */
static bool read_config(const struct command *command, struct options *out, bool given[NFLAGS]) {
	struct config_flag config_flags[NFLAGS];
	struct config_command names[16];
	struct config_language language = { .flags = config_flags, .nflags = NFLAGS };

	struct str rules[CHECK_NRULES];

	make_config_flags(config_flags);
	for (int i = 0; i < CHECK_NRULES; i++) {
		rules[i] = str_from(check_rule((enum check_rule_id)i)->id);
	}
	language.rules = rules;
	language.nrules = CHECK_NRULES;
	for (size_t i = 0; commands[i].name != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		names[i] = (struct config_command){ commands[i].name, commands[i].bit };
		language.ncommands++;
	}
	language.commands = names;
	out->config = cli_read_config(command, out, &language);
	for (int in_section = 1; out->config != NULL && in_section >= 0; in_section--) {
		for (size_t i = 0; i < out->config->nsettings; i++) {
			const struct config_setting *s = &out->config->settings[i];
			if (s->in_section != (in_section == 1) || given[s->flag] ||
					(s->commands & command->bit) == 0) {
				continue;
			}
			given[s->flag] = true;
			if (!apply_setting(s, out)) {
				return false;
			}
		}
	}
	return out->config != NULL;
}

bool options_parse(const struct command *command, int argc, char **argv, struct options *out) {
	bool given[NFLAGS] = { false };

	*out = (struct options){ .top = REPORT_TOP_DEFAULT,
		.level = PROPOSE_BALANCED,
		.annotate = PROPOSE_ANNOTATE_REASONS,
		.arena = arena_create() };
	if (out->arena == NULL) {
		(void)cli_fail("out of memory");
		return false;
	}
	if (!read_environment(command, out, given) || !read_argv(command, argc, argv, out, given)) {
		return false;
	}
	return out->help || out->version || read_config(command, out, given);
}

void options_fini(struct options *options) {
	arena_destroy(options->arena);
	options->arena = NULL;
}

void options_help(const struct command *command, struct sink *sink) {
	for (size_t i = 0; i < NFLAGS; i++) {
		const struct flag *flag = &flags[i];
		const char *value = flag->choices != NULL ? flag->choices : flag->value;
		char left[64];
		if ((flag->commands & command->bit) == 0) {
			continue;
		}
		char letter[5] = "    ";
		if (flag->letter != '\0') {
			(void)snprintf(letter, sizeof(letter), "-%c, ", flag->letter);
		}
		(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, flag->name,
				value != NULL ? " " : "", value != NULL ? value : "");
		/* a long flag has a line of its own */
		bool fits = strlen(left) <= HELP_COLUMNS;
		if (!fits) {
			sink_printf(sink, "  %s\n", left);
		}
		sink_printf(sink, "  %-*s %s\n", HELP_COLUMNS, fits ? left : "", flag->help);
	}
}
