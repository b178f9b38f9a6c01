#include "cli/cli.h"
#include "support/expect.h"

#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* main.c has the real ones */
const struct command commands[] = {
	{ .name = "scan", .usage = "[DIR]", .bit = COMMAND_SCAN, .max_args = 1 },
	{ .name = "ls", .usage = "[DIR]", .bit = COMMAND_LS, .max_args = 1 },
	{ .name = "match", .usage = "[PATH...]", .bit = COMMAND_MATCH, .max_args = -1 },
	{ .name = NULL },
};
#define scan commands[0]
#define ls commands[1]
#define match commands[2]

#define MAX_ARGS 32

/* A command line cut at its blanks; messages on standard error go to `said`. */
struct parsed {
	struct options options;
	bool ok;
	char words[256], said[512];
	char *argv[MAX_ARGS + 1];
};

static void parse(const struct command *command, const char *line, struct parsed *p) {
	int argc = 0, fds[2], kept = dup(STDERR_FILENO);

	*p = (struct parsed){ 0 };
	(void)snprintf(p->words, sizeof(p->words), "%s %s", command->name, line);
	for (char *word = p->words, *next; word != NULL && *word != '\0'; word = next) {
		next = strchr(word, ' ');
		if (next != NULL) {
			*next++ = '\0';
		}
		p->argv[argc++] = word;
	}
	cr_assert(eq(int, pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0));
	cr_assert(ge(int, dup2(fds[1], STDERR_FILENO), 0));
	p->ok = options_parse(command, argc, p->argv, &p->options);
	cr_assert(ge(int, dup2(kept, STDERR_FILENO), 0));
	ssize_t n = read(fds[0], p->said, sizeof(p->said) - 1);
	cr_expect(eq(int, p->ok, n <= 0), "%s: %s", line, p->said);
	(void)close(kept);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

Test(options, are_not_abbreviated_and_values_may_look_so) {
	struct parsed p;

	parse(&ls, "--ex", &p);
	cr_expect(not(p.ok));
	cr_expect(eq(str, p.said,
			"tonnage: unknown flag --ex (did you mean --excluded?); see tonnage ls "
			"--help\n"));
	parse(&ls, "--egnine=classic", &p);
	cr_expect(eq(str, p.said,
			"tonnage: unknown flag --egnine (did you mean --engine?); see tonnage ls "
			"--help\n"));
	parse(&ls, "-0lo --ex --output --fi -- --tot", &p);
	cr_assert(p.ok);
	cr_expect(eq(str, (char *)p.options.output, "--fi"));
	cr_expect(eq(int, p.options.nargs, 1));
}

Test(options, have_defaults) {
	struct parsed p;

	parse(&scan, "", &p);
	cr_assert(p.ok);
	cr_expect(eq(sz, p.options.dockerfiles.n, 0));
	cr_expect(eq(ptr, (void *)p.options.ignore_file, NULL));
	cr_expect(eq(ptr, (void *)p.options.output, NULL));
	cr_expect(eq(int, p.options.engine, TNG_ENGINE_BUILDKIT));
	cr_expect(eq(int, p.options.format, REPORT_TEXT));
	cr_expect(eq(int, p.options.lens, LENS_CHOICE_DEFAULT));
	cr_expect(eq(int, p.options.by, REPORT_BY_DIR));
	cr_expect(eq(int, p.options.color, WHEN_AUTO));
	cr_expect(eq(int, p.options.progress, WHEN_AUTO));
	cr_expect(eq(u32, p.options.top, 15));
	cr_expect(eq(u32, p.options.jobs, 0));
	cr_expect(not(p.options.quiet));
	cr_expect(eq(int, p.options.nargs, 0));
}

Test(options, take_every_flag_of_scan) {
	struct parsed p;

	parse(&scan,
			"-f D --ignorefile I --engine classic --lens disk --by ext --top 3 "
			"--format "
			"json -o out -j 8 --color never --progress plain -q -v dir",
			&p);
	cr_assert(p.ok, "%s", p.said);
	cr_expect(eq(str, (char *)(uintptr_t)p.options.dockerfiles.items[0], "D"));
	cr_expect(eq(str, (char *)(uintptr_t)p.options.ignore_file, "I"));
	cr_expect(eq(str, (char *)(uintptr_t)p.options.output, "out"));
	cr_expect(eq(int, p.options.engine, TNG_ENGINE_CLASSIC));
	cr_expect(eq(int, p.options.lens, LENS_CHOICE_DISK));
	cr_expect(eq(int, p.options.by, REPORT_BY_EXT));
	cr_expect(eq(u32, p.options.top, 3));
	cr_expect(eq(int, p.options.format, REPORT_JSON));
	cr_expect(eq(u32, p.options.jobs, 8));
	cr_expect(eq(int, p.options.color, WHEN_NEVER));
	cr_expect(eq(int, p.options.progress, WHEN_ALWAYS));
	cr_expect(p.options.quiet);
	cr_expect(p.options.verbose);
	cr_assert(eq(int, p.options.nargs, 1));
	cr_expect(eq(str, p.options.args[0], "dir"));
}

Test(options, take_every_flag_of_ls_and_match) {
	struct parsed p;

	parse(&ls, "--excluded --files -l --totals -0 --lens eligible", &p);
	cr_assert(p.ok, "%s", p.said);
	cr_expect(p.options.excluded);
	cr_expect(p.options.files);
	cr_expect(p.options.long_lines);
	cr_expect(p.options.totals);
	cr_expect(p.options.nul);
	cr_expect(eq(int, p.options.lens, LENS_CHOICE_ELIGIBLE));

	parse(&match, "--whole-path --format=jsonl a b c -- -d", &p);
	cr_assert(p.ok, "%s", p.said);
	cr_expect(p.options.whole_path);
	cr_expect(eq(int, p.options.format, REPORT_JSONL));
	cr_assert(eq(int, p.options.nargs, 4));
	cr_expect(eq(str, p.options.args[3], "-d"));
}

Test(options, may_be_parsed_more_than_once) {
	struct parsed p;

	parse(&scan, "--top 3 dir", &p);
	cr_assert(p.ok);
	parse(&scan, "--top 4 other", &p);
	cr_assert(p.ok);
	cr_expect(eq(u32, p.options.top, 4));
	cr_assert(eq(int, p.options.nargs, 1));
	cr_expect(eq(str, p.options.args[0], "other"));
}

struct bad_case {
	char line[40], said[100];
};

ParameterizedTestParameters(options, refused) {
	static struct bad_case cases[] = {
		{ "--nope", "tonnage: unknown flag --nope; see tonnage scan --help\n" },
		{ "-x", "tonnage: unknown flag -x; see tonnage scan --help\n" },
		{ "-qx", "tonnage: unknown flag -x; see tonnage scan --help\n" },
		{ "--excluded", "tonnage: unknown flag --excluded; see tonnage scan --help\n" },
		{ "-0", "tonnage: unknown flag -0; see tonnage scan --help\n" },
		{ "--top", "tonnage: --top takes a value; see tonnage scan --help\n" },
		{ "-f", "tonnage: -f takes a value; see tonnage scan --help\n" },
		{ "--quiet=1", "tonnage: --quiet takes no value; see tonnage scan --help\n" },
		{ "--top ten", "tonnage: --top: \"ten\" is not a number from 0 to 1000000\n" },
		{ "--top -1", "tonnage: --top: \"-1\" is not a number from 0 to 1000000\n" },
		{ "--top 1e3", "tonnage: --top: \"1e3\" is not a number from 0 to 1000000\n" },
		{ "--top=", "tonnage: --top: \"\" is not a number from 0 to 1000000\n" },
		{ "--top 1000001",
				"tonnage: --top: \"1000001\" is not a number from 0 to 1000000\n" },
		{ "-j 99999999999999999999",
				"tonnage: --jobs: \"99999999999999999999\" is not a number from 0 "
				"to 1000000\n" },
		{ "--engine kaniko",
				"tonnage: --engine: \"kaniko\" is none of "
				"buildkit|classic|podman\n" },
		{ "--lens=", "tonnage: --lens: \"\" is none of auto|disk|eligible|requested\n" },
		{ "--by dir|file",
				"tonnage: --by: \"dir|file\" is none of "
				"dir|file|ext|pattern|instruction|class|git\n" },
		{ "--format JSON", "tonnage: --format: \"JSON\" is none of text|json\n" },
		{ "a b", "tonnage: too many arguments: \"b\"; see tonnage scan --help\n" },
	};
	return cr_make_param_array(struct bad_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct bad_case *c, options, refused) {
	struct parsed p;

	parse(&scan, c->line, &p);
	cr_expect(not(p.ok), "%s", c->line);
	cr_expect(eq(str, p.said, c->said));
}

Test(options, of_the_environment_give_way_to_the_command_line) {
	struct parsed p;

	cr_assert(eq(int, setenv("TONNAGE_TOP", "7", 1), 0));
	cr_assert(eq(int, setenv("TONNAGE_ENGINE", "classic", 1), 0));
	cr_assert(eq(int, setenv("TONNAGE_FILE", "env.Dockerfile", 1), 0));
	cr_assert(eq(int, setenv("TONNAGE_QUIET", "1", 1), 0));
	cr_assert(eq(int, setenv("TONNAGE_VERBOSE", "0", 1), 0));
	cr_assert(eq(int, setenv("TONNAGE_LENS", "", 1), 0)); /* as if it were not set */
	parse(&scan, "--top 3", &p);
	cr_assert(p.ok, "%s", p.said);
	cr_expect(eq(u32, p.options.top, 3));
	cr_expect(eq(int, p.options.engine, TNG_ENGINE_CLASSIC));
	cr_expect(eq(str, (char *)(uintptr_t)p.options.dockerfiles.items[0], "env.Dockerfile"));
	cr_expect(p.options.quiet);
	cr_expect(not(p.options.verbose));
	cr_expect(eq(int, p.options.lens, LENS_CHOICE_DEFAULT));
}

Test(options, of_the_environment_that_another_command_takes_are_none_of_this_one) {
	struct parsed p;

	cr_assert(eq(int, setenv("TONNAGE_WHOLE_PATH", "nonsense", 1), 0));
	parse(&scan, "", &p);
	cr_expect(p.ok, "%s", p.said);
	parse(&match, "", &p);
	cr_expect(not(p.ok));
	cr_expect(eq(str, p.said,
			"tonnage: TONNAGE_WHOLE_PATH: \"nonsense\" is neither 0 nor 1\n"));
}

Test(options, of_the_environment_are_checked_as_flags_are) {
	struct parsed p;

	cr_assert(eq(int, setenv("TONNAGE_JOBS", "many", 1), 0));
	parse(&scan, "", &p);
	cr_expect(not(p.ok));
	cr_expect(eq(str, p.said,
			"tonnage: TONNAGE_JOBS: \"many\" is not a number from 0 to 1000000\n"));
}

Test(options, help_names_the_flags_of_the_command_and_no_others) {
	struct sink sink;

	sink_init_memory(&sink);
	options_help(&match, &sink);
	buf_putc(&sink.buf, '\0');
	cr_expect(ne(ptr, strstr(sink.buf.ptr, "-0, --null "), NULL));
	cr_expect(ne(ptr, strstr(sink.buf.ptr, "--whole-path"), NULL));
	cr_expect(eq(ptr, strstr(sink.buf.ptr, "--by"), NULL));
	/* every line is there to its end, and short enough */
	for (const char *line = sink.buf.ptr; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		cr_expect(le(sz, len, 120), "%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	buf_fini(&sink.buf);
}
