#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const struct command commands[] = {
	{ "scan", "[DIR]", "the weight of a build context: lenses, heaviest places, patterns",
			"Says how much a Docker build of DIR (default: .) could send, what weighs "
			"most in it, "
			"what each\npattern of the ignore file keeps out, and what to do next.\n",
			COMMAND_SCAN, 1, cmd_scan },
	{ "ls", "[DIR]", "exactly which entries would be sent, or would not",
			"Lists the entries of DIR (default: .), one a line, in the order in which "
			"the builder "
			"sends them.\nDirectories end with a slash; the root is not listed. A bad "
			"pattern "
			"ends with status 2, as it would\nend a build.\n",
			COMMAND_LS, 1, cmd_ls },
	{ "match", "[PATH...]", "verdicts for paths, without touching them",
			"Decides each PATH, or each line of standard input, by the ignore file of "
			"the "
			"working directory or\n--ignorefile. One line each: excluded or included, "
			"a tab, the "
			"number of the line that decided (0:\nnone), a tab, the path. Nothing is "
			"looked up "
			"on disk.\n",
			COMMAND_MATCH, -1, cmd_match },
	{ "explain", "[PATH...]", "why a path is in or out; without one, why the transfer is slow",
			"Says for each PATH, relative to the root of the context, which line of "
			"the ignore file decides, what\neach pattern did on the way, which "
			"instruction asks for it, and what to change. A PATH that is not on\ndisk "
			"is explained by the patterns. With --pattern: what that pattern hits "
			"here, and what it would\nchange as the last line of the ignore file.\n\n"
			"Without a PATH: how long the context takes to get to the builder, what "
			"takes the time, and what would\nchange it, in order of seconds. Each "
			"change is tried before it is told. --profile says where the builder\nis, "
			"--assume which build it is. Seconds are ranges: computers differ;\n"
			"--calibrate makes them narrower, with what builds of yours printed.\n\n"
			"With --history N: the last N commits again, with today's Dockerfile and "
			"ignore file: how many bust\neach COPY and what has to run again for "
			"that, through which paths, and which files to copy first.\nNothing is "
			"checked out.\n",
			COMMAND_EXPLAIN, -1, cmd_explain },
	{ "propose", "[DIR]", "an ignore file, proven against every build of the context",
			"Prints the ignore file of DIR (default: .) with a block of lines that "
			"keep out what no build needs.\nLines of your own stay as they are. The "
			"builds that share the file are looked for: Dockerfiles,\ncompose and "
			"bake files, workflows. What they name, and what their steps refer to, is "
			"never excluded,\nand the text is verified for every engine before it is "
			"shown. The file goes to standard output, what\nit saves, what is kept "
			"and what is to be decided to standard error.\n",
			COMMAND_PROPOSE, 1, cmd_propose },
	{ "check", "[DIR]", "what is wrong between a context, its ignore file and its Dockerfiles",
			"Runs the rules over DIR (default: .) and prints what they find: lines of "
			"the ignore file that do\nnot do what they seem to, sources that it takes "
			"away, secrets and other things that are sent, budgets\nthat are passed. "
			"Looked at are all builds of DIR that its files tell of: Dockerfiles, "
			"compose and\nbake files, workflows, Makefiles; with -f or --target that "
			"one alone.\nEnds with status 1 when a finding is at or above --fail-on. "
			"tonnage rules "
			"ID says\nmore about a rule.\n",
			COMMAND_CHECK, 1, cmd_check },
	{ "snapshot", "[DIR]", "a manifest of what the build asks for, to compare later",
			"Writes what each instruction of the build of DIR (default: .) selects, as "
			"the "
			"builder's cache sees it:\ntype, mode, size, content and link target, "
			"never "
			"times or owners. A JSON document, an entry a line,\nfor tonnage diff. "
			"With "
			"--digest one line that changes when a build may give something else.\n",
			COMMAND_SNAPSHOT, 1, cmd_snapshot },
	{ "diff", "A [B]",
			"what changed between two revisions, folders or snapshots, and which COPY "
			"it busts",
			"Compares what the build of A asks for with that of B (default: the "
			"context as it is). Each is a\ndirectory, a git revision, or a file that "
			"tonnage snapshot wrote; -: standard input. A..B and A...B\nare ranges, "
			"as in git. What is excluded or never asked for is no difference, nor are "
			"times and\nowners: the builder's cache does not look at them. -f is "
			"relative to each context. Nothing is\nchecked out; between a revision and "
			"something else a mode counts as far as git keeps it, and .git\ndoes not "
			"count.\n",
			COMMAND_DIFF, 2, cmd_diff },
	{ "rules", "[ID]", "each rule of paths and of check: what it means, how to silence it",
			"Lists the class rules of tonnage and of .tonnage.yaml: id, pattern, "
			"advice "
			"and confidence. With the ID\nof a rule or a class: what it means, what it "
			"goes by, the risk of leaving such a path out, and how\nto change or "
			"silence "
			"the rule.\n",
			COMMAND_RULES, 1, cmd_rules },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL },
};

static const struct command *find_command(const char *name) {
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, name) == 0) {
			return c;
		}
	}
	return NULL;
}

static int finish(struct sink *sink) {
	int os_errno = sink_fini(sink);
	return os_errno == 0 ? EXIT_OK : cli_fail("standard output: %s", strerror(os_errno));
}

static int print_version(void) {
	struct sink sink;

	sink_init(&sink, STDOUT_FILENO, false);
	sink_printf(&sink, "tonnage %s\n", tng_version());
	return finish(&sink);
}

static int print_command_help(const struct command *command) {
	struct sink sink;

	sink_init(&sink, STDOUT_FILENO, false);
	sink_printf(&sink, "Usage: tonnage %s [FLAGS] %s\n\n", command->name, command->usage);
	sink_put(&sink, str_from(command->about));
	sink_put(&sink, STR("\n"));
	options_help(command, &sink);
	sink_put(&sink,
			STR("\nEach flag can also be set in the environment, as TONNAGE_<FLAG>: "
			    "TONNAGE_QUIET=1, and in\n.tonnage.yaml: quiet: true.\n"));
	return finish(&sink);
}

static int print_help(void) {
	struct sink sink;

	sink_init(&sink, STDOUT_FILENO, false);
	sink_put(&sink,
			STR("tonnage weighs a Docker build context: what a build would send, and "
			    "why.\n\n"
			    "Usage: tonnage [COMMAND] [FLAGS] [DIR]\n\n"));
	for (const struct command *c = commands; c->name != NULL; c++) {
		sink_printf(&sink, "  %-9s%-12s%s\n", c->name, c->usage, c->summary);
	}
	sink_put(&sink,
			STR("\nWithout a command: scan. tonnage COMMAND --help says more.\n\n"
			    "Exit status: 0 all well; 1 findings; 2 a usage or input error; 3 a "
			    "partial "
			    "result,\nbecause something could not be read.\n"));
	return finish(&sink);
}

static bool is_directory(const char *path) {
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run_parsed(const struct command *command, const struct options *options) {
	if (options->help) {
		return print_command_help(command);
	}
	if (options->version) {
		return print_version();
	}
	return command->run(options);
}

static int run(const struct command *command, int argc, char **argv) {
	struct options options;
	bool parsed = options_parse(command, argc, argv, &options);
	int status = parsed ? run_parsed(command, &options) : EXIT_BAD;

	options_fini(&options);
	return status;
}

int main(int argc, char **argv) {
	const char *first = argc > 1 ? argv[1] : NULL;
	const struct command *command = first != NULL ? find_command(first) : NULL;

	/* a reader that goes away (| head) is a write error, not a signal */
	(void)signal(SIGPIPE, SIG_IGN);
	if (command != NULL) {
		return run(command, argc - 1, argv + 1);
	}
	if (first != NULL &&
			(strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 ||
					strcmp(first, "help") == 0)) {
		command = argc > 2 ? find_command(argv[2]) : NULL;
		if (argc > 2 && command == NULL) {
			return cli_fail("\"%s\" is no command; see tonnage --help", argv[2]);
		}
		return command != NULL ? print_command_help(command) : print_help();
	}
	/* a URL is a context, though none that can be weighed: scan says why */
	bool is_remote = first != NULL &&
			(strstr(first, "://") != NULL || strncmp(first, "git@", 4) == 0);
	if (first != NULL && first[0] != '-' && !is_remote && !is_directory(first) &&
			access(first, F_OK) != 0) {
		return cli_fail("\"%s\" is neither a command nor a directory; see tonnage --help",
				first);
	}
	return run(&commands[0], argc, argv);
}
