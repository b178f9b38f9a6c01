#include "language.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

Test(policy, has_budgets_under_each_lens) {
	struct reading r = reading_of(
			"budgets:\n  bytes: 20MB\n  files: 2000\n  file-size: 5MiB\n"
			"  git-ratio: 1.25\n  classes: {tests: 0, data: 1kB}\n"
			"  paths: {'**/*.ipynb': 1MB}\n  eligible: {bytes: 30, files: 1}\n"
			"  disk: {file-size: 1GB, classes: {model: 2}}\n");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	const struct config_limits *l = &r.config.policy.limits[CONFIG_LENS_DEFAULT];
	cr_expect(l->bytes.is_set && l->files.is_set && l->file_size.is_set);
	cr_expect(eq(u64, l->bytes.value, 20000000));
	cr_expect(eq(u64, l->files.value, 2000));
	cr_expect(eq(u64, l->file_size.value, 5 << 20));
	cr_expect(eq(u32, l->file_size.line, 4));
	cr_expect(eq(u32, l->file_size.column, 14));
	cr_expect(eq(u64, r.config.policy.git_ratio.value, 1250));
	cr_assert(eq(sz, l->nclasses, 2));
	EXPECT_STR(l->classes[0].name, "tests");
	cr_expect(eq(u64, l->classes[0].bytes, 0));
	cr_expect(eq(u64, l->classes[1].bytes, 1000));
	cr_assert(eq(sz, l->npaths, 1));
	EXPECT_STR(l->paths[0].name, "**/*.ipynb");
	cr_expect(eq(u64, l->paths[0].bytes, 1000000));
	const struct config_limits *eligible = &r.config.policy.limits[CONFIG_LENS_ELIGIBLE];
	cr_expect(eq(u64, eligible->bytes.value, 30));
	cr_expect(not(eligible->file_size.is_set));
	cr_expect(eq(u64, r.config.policy.limits[CONFIG_LENS_DISK].file_size.value, 1000000000));
	cr_expect(not(r.config.policy.limits[CONFIG_LENS_REQUESTED].bytes.is_set));
	reading_end(&r);
}

Test(policy, has_severities_keep_and_a_threshold) {
	struct reading r =
			reading_of("rules: {alpha: off, beta: error}\nkeep: [LICENSE, '**/*.md']\n"
				   "fail-on: never\n");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	const struct config_policy *p = &r.config.policy;
	cr_assert(eq(sz, p->nseverities, 2));
	EXPECT_STR(p->severities[0].rule, "alpha");
	cr_expect(eq(int, p->severities[0].severity, CONFIG_SEVERITY_OFF));
	cr_expect(eq(int, p->severities[1].severity, CONFIG_SEVERITY_ERROR));
	cr_assert(eq(sz, p->nkeep, 2));
	EXPECT_STR(p->keep[1], "**/*.md");
	cr_expect(eq(int, p->fail_on, CONFIG_FAIL_ON_NEVER));
	reading_end(&r);
}

Test(policy, of_one_dockerfile_stands_beside_that_of_all) {
	struct reading r = reading_of(
			"fail-on: error\ndockerfiles:\n  docker/web.Dockerfile:\n    "
			"budgets: {bytes: 1}\n    keep: x\n    fail-on: note\n  D: {}\n");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	cr_expect(eq(int, r.config.policy.fail_on, CONFIG_FAIL_ON_ERROR));
	cr_assert(eq(sz, r.config.ndockerfiles, 2));
	const struct config_policy *p = &r.config.dockerfiles[0];
	EXPECT_STR(p->dockerfile, "docker/web.Dockerfile");
	cr_expect(p->limits[CONFIG_LENS_DEFAULT].bytes.is_set);
	cr_expect(eq(sz, p->nkeep, 1));
	cr_expect(eq(int, p->fail_on, CONFIG_FAIL_ON_NOTE));
	cr_expect(eq(u32, p->line, 3));
	cr_expect(eq(int, r.config.dockerfiles[1].fail_on, CONFIG_FAIL_ON_UNSET));
	reading_end(&r);
}

struct refused_case {
	char text[80], said[140];
};

ParameterizedTestParameters(policy, refused) {
	static struct refused_case cases[] = {
		{ "budgets: 20MB\n",
				"1:10: budgets: is a single value; a mapping of budgets belongs "
				"here" },
		{ "budgets: {byte: 1}\n", "1:11: unknown key \"byte\"; did you mean \"bytes\"?" },
		{ "budgets: {bytes: 20XB}\n",
				"1:18: bytes: \"20XB\" has an unknown unit; use B, kB, MB, GB, TB, "
				"KiB, MiB, GiB or TiB" },
		{ "budgets: {bytes: -1}\n",
				"1:18: bytes: \"-1\" is not a size; write a number and a unit, as "
				"20MB or 20MiB" },
		{ "budgets: {files: 2k}\n",
				"1:18: files: \"2k\" is not a number from 0 to 4294967295" },
		{ "budgets: {disk: {git-ratio: 2}}\n",
				"1:18: unknown key \"git-ratio\"; tonnage.yaml(5) lists them" },
		{ "budgets: {paths: {a: [1]}}\n",
				"1:22: a: is a list; a size, as 20MB, belongs here" },
		{ "budgets: {git-ratio: 0}\n",
				"1:22: git-ratio: must be a number above 0 with at most three "
				"decimals, as 1.5" },
		{ "budgets: {git-ratio: 1.2345}\n",
				"1:22: git-ratio: must be a number above 0 with at most three "
				"decimals, as 1.5" },
		{ "rules: {omega: off}\n",
				"1:9: \"omega\" is no rule of tonnage check; tonnage rules lists "
				"them" },
		{ "rules: {alhpa: off}\n",
				"1:9: \"alhpa\" is no rule of tonnage check; did you mean "
				"\"alpha\"? tonnage rules lists them" },
		{ "rules: {alpha: warn}\n",
				"1:16: alpha: \"warn\" is none of off|note|warning|error" },
		{ "fail-on: bad\n", "1:10: fail-on: \"bad\" is none of error|warning|note|never" },
		{ "dockerfiles: {D: {engine: red}}\n",
				"1:19: unknown key \"engine\"; tonnage.yaml(5) lists them" },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct refused_case *c, policy, refused) {
	cr_expect(eq(str, (char *)(uintptr_t)refusal_of(c->text), c->said));
}
