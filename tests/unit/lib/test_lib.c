/*
 * The public library as a stranger uses it: tonnage/tonnage.h and libtonnage.so, nothing else.
 */
#include "tonnage/tonnage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- analyses */

static void put_file(const char *name, const char *text) {
	FILE *f = fopen(name, "w");

	cr_assert(ne(ptr, f, NULL), "%s", name);
	cr_assert(ge(int, fputs(text, f), 0));
	cr_assert(eq(int, fclose(f), 0));
}

/* A temporary directory that becomes the working directory, with a small context in it. */
static void enter(char dir[32]) {
	(void)snprintf(dir, 32, "/tmp/tonnage-lib-XXXXXX");
	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	cr_assert(eq(int, chdir(dir), 0));
	cr_assert(eq(int, mkdir("ctx", 0755), 0));
	put_file("ctx/Dockerfile", "FROM scratch\n");
	put_file("ctx/.dockerignore", "*.log\n");
	put_file("ctx/a.log", "12345");
	put_file("ctx/b", "1");
}

static void leave(const char *dir) {
	const char *const names[] = { "ctx/Dockerfile", "ctx/.dockerignore", "ctx/a.log", "ctx/b",
		"rules" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)unlink(names[i]);
	}
	cr_expect(eq(int, rmdir("ctx"), 0));
	cr_expect(eq(int, chdir("/"), 0));
	cr_expect(eq(int, rmdir(dir), 0));
}

static char *analyse(const struct tng_options *options) {
	struct tng_analysis *analysis = NULL;
	struct tng_error err = { 0 };
	char *text = NULL;

	cr_assert(eq(int, tng_analysis_run(options, &analysis, &err), TNG_OK), "%s", err.text);
	cr_assert(eq(int, tng_analysis_json(analysis, &text, &err), TNG_OK), "%s", err.text);
	tng_analysis_destroy(analysis);
	return text;
}

Test(lib, an_analysis_says_what_each_file_is_and_what_git_has_of_it) {
	struct tng_options options = { .root = "ctx" };
	char dir[32];

	enter(dir);
	char *text = analyse(&options);
	cr_expect(ne(ptr, strstr(text, "\"class\": \"log\""), NULL), "%s", text);
	cr_expect(ne(ptr, strstr(text, "\"known\": false"), NULL), "%s", text);
	free(text);
	options.no_git = true;
	text = analyse(&options);
	cr_expect(ne(ptr, strstr(text, "\"class\": \"log\""), NULL), "%s", text);
	cr_expect(ne(ptr, strstr(text, "\"git\": null"), NULL), "%s", text);
	free(text);
	leave(dir);
}

Test(lib, an_analysis_becomes_a_json_document) {
	struct tng_options options = { .root = "ctx" };
	char dir[32];

	enter(dir);
	char *text = analyse(&options);
	cr_expect(ne(ptr, strstr(text, "\"schema\": \"tonnage/1\""), NULL));
	cr_expect(ne(ptr, strstr(text, "\"bytes\": 25"), NULL), "%s", text); /* disk */
	cr_expect(ne(ptr, strstr(text, "\"bytes\": 20"), NULL), "%s", text); /* eligible */
	free(text);
	leave(dir);
}

Test(lib, no_options_are_the_defaults) {
	char dir[32];

	enter(dir);
	cr_assert(eq(int, chdir("ctx"), 0));
	char *defaults = analyse(NULL);
	struct tng_options options = { .root = "." };
	char *named = analyse(&options);
	cr_expect(eq(str, defaults, named));
	free(defaults);
	free(named);
	cr_assert(eq(int, chdir(".."), 0));
	leave(dir);
}

Test(lib, options_reach_the_analysis) {
	struct tng_options options = {
		.root = "ctx",
		.ignore_file = "rules",
		.engine = TNG_ENGINE_CLASSIC,
		.njobs = 2,
	};
	char dir[32];

	enter(dir);
	put_file("rules", "b\n");
	char *text = analyse(&options);
	cr_expect(ne(ptr, strstr(text, "\"engine\": \"classic\""), NULL), "%s", text);
	cr_expect(ne(ptr, strstr(text, "\"origin\": \"option\""), NULL), "%s", text);
	cr_expect(ne(ptr, strstr(text, "\"pattern\": \"b\""), NULL), "%s", text);
	free(text);
	leave(dir);
}

Test(lib, a_root_that_is_missing_is_an_error_and_no_analysis) {
	struct tng_options options = { .root = "/nowhere/at/all" };
	struct tng_analysis *analysis = NULL;
	struct tng_error err = { 0 };

	cr_expect(eq(int, tng_analysis_run(&options, &analysis, &err), TNG_EIO));
	cr_expect(eq(ptr, (void *)analysis, NULL));
	cr_expect(eq(int, err.code, TNG_EIO));
	cr_expect(eq(int, err.os_errno, ENOENT));
	cr_expect(eq(str, err.where, "/nowhere/at/all"));
	cr_expect(gt(sz, strlen(err.text), 0));
	/* nobody has to listen */
	cr_expect(eq(int, tng_analysis_run(&options, &analysis, NULL), TNG_EIO));
}

Test(lib, nothing_may_be_destroyed) {
	tng_analysis_destroy(NULL);
	tng_matcher_destroy(NULL);
}

Test(lib, has_a_version) {
	unsigned major, minor, patch;

	cr_expect(eq(int, sscanf(tng_version(), "%u.%u.%u", &major, &minor, &patch), 3));
}

/* ---- matchers */

static struct tng_matcher *create(const char *text) {
	struct tng_matcher *matcher = NULL;
	struct tng_error err = { 0 };

	cr_assert(eq(int, tng_matcher_create(text, strlen(text), &matcher, &err), TNG_OK), "%s",
			err.text);
	return matcher;
}

struct verdict_case {
	char path[24];
	bool excluded;
	unsigned line;
};

ParameterizedTestParameters(lib, verdicts) {
	static struct verdict_case cases[] = {
		{ "a.log", true, 2 },
		{ "keep.log", false, 5 },
		{ "d", true, 6 },
		{ "d/a/b", true, 6 },
		{ "x", false, 0 },
		{ "x/a.log", false, 0 },
		{ "", false, 0 },
	};
	return cr_make_param_array(struct verdict_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct verdict_case *c, lib, verdicts) {
	struct tng_matcher *matcher = create("# comment\n*.log\n\n  \n !keep.log\nd");
	struct tng_verdict verdict = { 0 };

	cr_assert(eq(int, tng_matcher_decide(matcher, c->path, strlen(c->path), &verdict, NULL),
			TNG_OK));
	cr_expect(eq(int, verdict.excluded, c->excluded), "%s", c->path);
	cr_expect(eq(u32, verdict.line, c->line), "%s", c->path);
	tng_matcher_destroy(matcher);
}

Test(lib, the_root_itself_is_never_excluded) {
	/* "*" as a regexp would match no bytes, too */
	const char *const lists[] = { "*", "**", "**/*", "?*", "x{2}*", "[a-z]*|" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct tng_matcher *matcher = create(lists[i]);
		struct tng_verdict verdict = { .excluded = true };
		cr_assert(eq(int, tng_matcher_decide(matcher, "", 0, &verdict, NULL), TNG_OK));
		cr_expect(not(verdict.excluded), "%s", lists[i]);
		tng_matcher_destroy(matcher);
	}
}

Test(lib, an_empty_text_excludes_nothing) {
	struct tng_matcher *matcher = NULL;
	struct tng_verdict verdict = { .excluded = true, .line = 9 };

	cr_assert(eq(int, tng_matcher_create(NULL, 0, &matcher, NULL), TNG_OK));
	cr_assert(eq(int, tng_matcher_decide(matcher, "a", 1, &verdict, NULL), TNG_OK));
	cr_expect(not(verdict.excluded));
	cr_expect(eq(u32, verdict.line, 0));
	tng_matcher_destroy(matcher);
}

Test(lib, the_text_need_not_outlive_the_matcher) {
	char *text = strdup("*.log\n");
	struct tng_matcher *matcher = create(text);
	struct tng_verdict verdict = { 0 };

	memset(text, 'x', strlen(text));
	free(text);
	cr_assert(eq(int, tng_matcher_decide(matcher, "a.log", 5, &verdict, NULL), TNG_OK));
	cr_expect(verdict.excluded);
	tng_matcher_destroy(matcher);
}

Test(lib, a_bad_text_is_refused_with_its_place) {
	struct tng_matcher *matcher = NULL;
	struct tng_error err = { 0 };
	const char *text = "ok\n\n   a[\n";

	cr_expect(eq(int, tng_matcher_create(text, strlen(text), &matcher, &err), TNG_ESYNTAX));
	cr_expect(eq(ptr, (void *)matcher, NULL));
	cr_expect(eq(u32, err.line, 3));
	cr_expect(eq(u32, err.column, 4));
	cr_expect(eq(str, err.text, "syntax error in pattern"));
	cr_expect(eq(int, tng_matcher_create("!", 1, &matcher, NULL), TNG_ESYNTAX));
}

Test(lib, a_pattern_that_is_bad_only_when_needed_fails_then) {
	struct tng_matcher *matcher = create("a\n  [z-a]\n");
	struct tng_verdict verdict = { 0 };
	struct tng_error err = { 0 };

	cr_expect(eq(int, tng_matcher_decide(matcher, "a", 1, &verdict, &err), TNG_OK));
	cr_expect(verdict.excluded);
	cr_expect(eq(int, tng_matcher_decide(matcher, "b", 1, &verdict, &err), TNG_ESYNTAX));
	cr_expect(eq(u32, err.line, 2));
	cr_expect(eq(u32, err.column, 3));
	/* and it is no worse for it */
	cr_expect(eq(int, tng_matcher_decide(matcher, "a/b", 3, &verdict, NULL), TNG_OK));
	cr_expect(verdict.excluded);
	tng_matcher_destroy(matcher);
}

Test(lib, a_line_of_64_kib_is_too_long) {
	size_t n = 65536;
	char *text = malloc(n + 1);
	struct tng_matcher *matcher = NULL;
	struct tng_error err = { 0 };

	memset(text, 'a', n);
	text[n] = '\n';
	cr_expect(eq(int, tng_matcher_create(text, n + 1, &matcher, &err), TNG_ELIMIT));
	cr_expect(eq(u32, err.line, 1));
	text[n - 1] = '\n';
	cr_expect(eq(int, tng_matcher_create(text, n, &matcher, &err), TNG_OK));
	tng_matcher_destroy(matcher);
	free(text);
}
