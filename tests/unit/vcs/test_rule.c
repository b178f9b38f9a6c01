#include "vcs/vcs.h"

#include "support/expect.h"
#include "util/path.h"

#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct line_case {
	char line[32], path[32];
	bool is_dir, matches;
};

/* Answers of git 2.39 check-ignore; the last test asks the git of this machine again. */
static const struct line_case cases[] = {
	{ "a", "a", false, true },
	{ "a", "x/a", false, true },
	{ "/a", "a", false, true },
	{ "/a", "x/a", false, false },
	{ "a/", "a", false, false },
	{ "a/", "a", true, true },
	{ "a/", "x/a", true, true },
	{ "a/b", "a/b", false, true },
	{ "a/b", "x/a/b", false, false },
	{ "*.log", "x/y.log", false, true },
	{ "x/*.log", "x/y.log", false, true },
	{ "x/*.log", "x/z/y.log", false, false },
	{ "**/b", "a/b", false, true },
	{ "**/b", "b", false, true },
	{ "**/b", "a/x/b", false, true },
	{ "**/b", "a/xb", false, false },
	{ "/**/b", "a/b", false, true },
	{ "**/b/", "x/b", true, true },
	{ "**/b/", "a/b", false, false },
	{ "**/*.o", "a/x.o", false, true },
	{ "**/**", "a/b", false, true },
	{ "**/**/b", "a/b", false, true },
	{ "**/a/b", "x/a/b", false, true },
	{ "**/a/b", "x/b", false, false },
	{ "**b", "a/b", false, true },
	{ "**/[a/]b", "x/ab", false, true },
	{ "a/**", "a", true, false },
	{ "a/**", "a/b", false, true },
	{ "a/**/b", "a/b", false, true },
	{ "a/**/b", "a/x/y/b", false, true },
	{ "a/**/b", "a/xb", false, false },
	{ "a**b", "axxb", false, true },
	{ "x/a**b", "x/a/b", false, false },
	{ "a?c", "abc", false, true },
	{ "x/a?c", "x/a/c", false, false },
	{ "[!a]", "b", false, true },
	{ "[!a]", "a", false, false },
	{ "[^a]", "b", false, true },
	{ "[a-c]x", "bx", false, true },
	{ "[a-c]x", "dx", false, false },
	{ "[]a]", "]", false, true },
	{ "[]-a]", "^", false, true },
	{ "[a", "[a", false, false },
	{ "[[:digit:]]", "7", false, true },
	{ "[[:digit:]]", "d", false, false },
	{ "\\*", "*", false, true },
	{ "\\*", "a", false, false },
	{ "\\#a", "#a", false, true },
	{ "\\!a", "!a", false, true },
	{ "a\\", "a", false, false },
	{ "a   ", "a", false, true },
	{ "a\\ ", "a ", false, true },
	{ " a", "a", false, false },
	{ " a", " a", false, true },
	{ "./a", "a", false, false },
	{ "a # b", "a", false, false },
	{ "#a", "#a", false, false },
	{ "x[^a]y", "x/y", false, false },
};

#define NCASES (sizeof(cases) / sizeof(cases[0]))

ParameterizedTestParameters(vcs_rule, table) {
	return cr_make_param_array(struct line_case, (struct line_case *)cases, NCASES);
}

static bool takes(const struct vcs_rule *rule, struct str path, bool is_dir) {
	struct vcs_query query = { .path = path, .name = path_base(path), .is_dir = is_dir };

	return vcs_rule_takes(rule, &query);
}

ParameterizedTest(struct line_case *c, vcs_rule, table) {
	struct vcs_rule rule;
	bool matches = vcs_rule_read(str_from(c->line), &rule) &&
			takes(&rule, str_from(c->path), c->is_dir);

	cr_expect(eq(int, matches, c->matches), "\"%s\" on \"%s\"", c->line, c->path);
}

Test(vcs_rule, an_exclamation_mark_makes_an_exception) {
	struct vcs_rule rule;

	cr_assert(vcs_rule_read(STR("!a/"), &rule));
	cr_expect(rule.negated && rule.is_directory && !rule.is_path);
	EXPECT_STR(rule.pattern, "a");
}

Test(vcs_rule, blank_lines_and_comments_are_no_rules) {
	struct vcs_rule rule;

	cr_expect(not(vcs_rule_read(STR(""), &rule)));
	cr_expect(not(vcs_rule_read(STR("  "), &rule)));
	cr_expect(not(vcs_rule_read(STR("# a"), &rule)));
	cr_expect(not(vcs_rule_read(STR("/"), &rule)));
}

Test(vcs_rule, many_stars_come_to_an_end) {
	struct vcs_rule rule;

	cr_assert(vcs_rule_read(STR("*a*a*a*a*a*a*a*a*a*a*a*a*b"), &rule));
	cr_expect(not(takes(
			&rule, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false)));
}

/* ---- the git of this machine, in a repository of its own */

static int run_git(const char *dir, const char *const *args) {
	const char *argv[8] = { "git" };
	pid_t pid = fork();

	for (size_t i = 0; i < 6 && args[i] != NULL; i++) {
		argv[i + 1] = args[i];
	}
	if (pid == 0) {
		int nowhere = open("/dev/null", O_RDWR);
		(void)dup2(nowhere, STDOUT_FILENO);
		(void)dup2(nowhere, STDERR_FILENO);
		(void)!chdir(dir);
		(void)setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
		(void)setenv("HOME", dir, 1);
		(void)execvp("git", (char *const *)argv);
		_exit(127);
	}
	int status = 0;
	cr_assert(eq(int, waitpid(pid, &status, 0), pid));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

static void put_file(const char *dir, const char *name, const char *text) {
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	cr_assert(ne(ptr, f, NULL));
	(void)fprintf(f, "%s\n", text);
	(void)fclose(f);
}

static void remove_all(const char *dir) {
	pid_t pid = fork();
	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

Test(vcs_rule, the_table_is_what_git_says) {
	char dir[] = "/tmp/tonnage-git-XXXXXX", path[96];
	const char *init[] = { "init", "-q", NULL };

	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	if (run_git(dir, init) != 0) {
		remove_all(dir);
		cr_skip_test("no git");
	}
	for (size_t i = 0; i < NCASES; i++) {
		put_file(dir, ".gitignore", cases[i].line);
		/* git looks whether it is a directory, and a slash at the end would not do */
		char there[160];
		(void)snprintf(path, sizeof(path), "./%s", cases[i].path);
		(void)snprintf(there, sizeof(there), "%s/x", dir);
		(void)mkdir(there, 0755);
		(void)snprintf(there, sizeof(there), "%s/%s", dir, cases[i].path);
		cr_assert(cases[i].is_dir ? mkdir(there, 0755) == 0 : true);
		const char *ask[] = { "check-ignore", "-q", "--no-index", path, NULL };
		cr_expect(eq(int, run_git(dir, ask), cases[i].matches ? 0 : 1), "\"%s\" on \"%s\"",
				cases[i].line, cases[i].path);
		cr_assert(cases[i].is_dir ? rmdir(there) == 0 : true);
	}
	remove_all(dir);
}
