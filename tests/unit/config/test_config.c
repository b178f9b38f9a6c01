#include "language.h"
#include "support/expect.h"
#include "support/tmptree.h"

#include <criterion/parameterized.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct config_setting *find(const struct config *c, size_t flag, bool in_section) {
	for (size_t i = 0; i < c->nsettings; i++) {
		if (c->settings[i].flag == flag && c->settings[i].in_section == in_section) {
			return &c->settings[i];
		}
	}
	cr_assert(false, "flag %zu is not set", flag);
	return NULL;
}

static void expect_value(const struct config_setting *s, size_t i, const char *want) {
	cr_assert(lt(sz, i, s->nvalues));
	EXPECT_STR(str_from(s->values[i]), want);
}

Test(config, sets_flags_as_text) {
	struct reading r = reading_of("top: 3\nengine: green\nquiet: true\n"
				      "target: 5\nfile: a\nlist: {quiet: false, output: '-'}\n");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	cr_expect(eq(sz, r.config.nsettings, 7));
	expect_value(find(&r.config, FLAG_TOP, false), 0, "3");
	expect_value(find(&r.config, FLAG_ENGINE, false), 0, "green");
	expect_value(find(&r.config, FLAG_QUIET, false), 0, "1");
	expect_value(find(&r.config, FLAG_TARGET, false), 0, "5");
	expect_value(find(&r.config, FLAG_QUIET, true), 0, "0");
	expect_value(find(&r.config, FLAG_OUTPUT, true), 0, "-");
	cr_expect(eq(u32, find(&r.config, FLAG_TOP, false)->commands,
			COMMAND_WEIGH | COMMAND_LIST));
	cr_expect(eq(u32, find(&r.config, FLAG_QUIET, true)->commands, COMMAND_LIST));
	cr_expect(eq(u32, find(&r.config, FLAG_ENGINE, false)->line, 2));
	cr_expect(eq(u32, find(&r.config, FLAG_ENGINE, false)->column, 9));
	reading_end(&r);
}

Test(config, has_paths_relative_to_its_directory) {
	struct reading r = reading_of_file(
			"file: [a, /b, '-', ../c]\nweigh:\n  build-context: [one=d, "
			"two=/e, 'three=docker-image://x', 'four=git@h:p', five]\n",
			"up/here/.tonnage.yaml");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	const struct config_setting *files = find(&r.config, FLAG_FILE, false);
	expect_value(files, 0, "up/here/a");
	expect_value(files, 1, "/b");
	expect_value(files, 2, "-");
	expect_value(files, 3, "up/here/../c");
	const struct config_setting *contexts = find(&r.config, FLAG_CONTEXT, true);
	expect_value(contexts, 0, "one=up/here/d");
	expect_value(contexts, 1, "two=/e");
	expect_value(contexts, 2, "three=docker-image://x");
	expect_value(contexts, 3, "four=git@h:p");
	expect_value(contexts, 4, "five");
	reading_end(&r);
}

Test(config, in_the_working_directory_leaves_paths_as_they_are) {
	struct reading r = reading_of("file: [a/b, ./c]\n");
	const struct config_setting *files = find(&r.config, FLAG_FILE, false);

	expect_value(files, 0, "a/b");
	expect_value(files, 1, "./c");
	reading_end(&r);
}

Test(config, adds_and_changes_class_rules) {
	struct reading r = reading_of(
			"classes:\n"
			"- rule: acme.bundles\n  class: bundles\n  pattern: out/bundles/\n"
			"  ecosystem: acme\n  advice: ask\n  docker-pattern: '**/bundles'\n"
			"- {rule: deps.x, silence: true}\n");

	cr_assert(eq(int, r.code, TNG_OK), "%s", r.err.text);
	cr_assert(eq(sz, r.config.nclass_rules, 2));
	const struct config_class_rule *rule = &r.config.class_rules[0];
	EXPECT_STR(rule->rule, "acme.bundles");
	EXPECT_STR(rule->klass, "bundles");
	EXPECT_STR(rule->pattern, "out/bundles/");
	EXPECT_STR(rule->ecosystem, "acme");
	EXPECT_STR(rule->docker_pattern, "**/bundles");
	cr_expect(eq(int, rule->advice, CONFIG_ADVICE_ASK));
	cr_expect(not(rule->is_silenced));
	cr_expect(eq(u32, rule->line, 2));
	cr_expect(eq(u32, rule->column, 9));
	EXPECT_STR(r.config.class_rules[1].rule, "deps.x");
	EXPECT_STR(r.config.class_rules[1].klass, "");
	cr_expect(eq(int, r.config.class_rules[1].advice, CONFIG_ADVICE_NONE));
	cr_expect(r.config.class_rules[1].is_silenced);
	reading_end(&r);
}

struct refused_case {
	char text[90], said[140];
};

ParameterizedTestParameters(config, refused) {
	static struct refused_case cases[] = {
		{ "- a\n", "1:1: is a list; keys, as engine: classic, belongs here" },
		{ "engin: red\n", "1:1: unknown key \"engin\"; did you mean \"engine\"?" },
		{ "budget: {}\n", "1:1: unknown key \"budget\"; did you mean \"budgets\"?" },
		{ "wiegh: {}\n", "1:1: unknown key \"wiegh\"; did you mean \"weigh\"?" },
		{ "colour: always\n", "1:1: unknown key \"colour\"; tonnage.yaml(5) lists them" },
		{ "help: true\n", "1:1: unknown key \"help\"; tonnage.yaml(5) lists them" },
		{ "weigh:\n  output: x\n",
				"2:3: unknown key \"output\"; tonnage.yaml(5) lists them" },
		{ "weigh:\n  fail-on: note\n",
				"2:3: \"fail-on\" stands at the top of the file, not under "
				"\"weigh\"" },
		{ "weigh: 3\n",
				"1:8: weigh: is a single value; a mapping of the command's flags "
				"belongs here" },
		{ "engine: blue\n", "1:9: engine: \"blue\" is none of red|green" },
		{ "engine: [red]\n", "1:9: engine: is a list; one of red|green belongs here" },
		{ "top: -1\n", "1:6: top: \"-1\" is not a number from 0 to 1000000" },
		{ "top: 1000001\n", "1:6: top: \"1000001\" is not a number from 0 to 1000000" },
		{ "top: 99999999999999999999999\n",
				"1:6: top: \"99999999999999999999999\" is not a number from 0 to "
				"1000000" },
		{ "top: '3'\n", "1:6: top: \"3\" is not a number from 0 to 1000000" },
		{ "top:\n", "1:5: top: has no value; a number belongs here" },
		{ "quiet: yes\n", "1:8: quiet: \"yes\" is neither true nor false" },
		{ "quiet: 'true'\n", "1:8: quiet: \"true\" is neither true nor false" },
		{ "target: ''\n", "1:9: target: is empty; leave it out instead" },
		{ "target: ~\n", "1:9: target: has no value; a text belongs here" },
		{ "target: {a: b}\n", "1:9: target: is a mapping; a text belongs here" },
		{ "file: {a: b}\n", "1:7: file: is a mapping; a list of texts belongs here" },
		{ "file: [a, [b]]\n", "1:11: is a list; a text belongs here" },
		{ "classes: {a: b}\n",
				"1:10: classes: is a mapping; a list of class rules belongs here" },
		{ "classes: [a]\n",
				"1:11: is a single value; a rule, as {rule: ID, class: NAME, "
				"pattern: NAME}, belongs here" },
		{ "classes: [{class: a}]\n",
				"1:11: this rule has no id; add rule: ID, a new one or one that "
				"tonnage rules lists" },
		{ "classes: [{rule: a, advise: keep}]\n",
				"1:21: unknown key \"advise\"; did you mean \"advice\"?" },
		{ "classes: [{rule: a, advice: drop}]\n",
				"1:29: advice: \"drop\" is none of keep|ask|exclude" },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct refused_case *c, config, refused) {
	cr_expect(eq(str, (char *)(uintptr_t)refusal_of(c->text), c->said));
}

Test(config, of_a_file_names_it_in_errors) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	struct tng_error err = { 0 };
	struct config config;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/c.yaml", t.path);
	cr_expect(eq(int, config_read(a, path, &language, &config, &err), TNG_EIO));
	cr_expect(eq(str, err.where, path));
	FILE *f = fopen(path, "w");
	cr_assert(ne(ptr, f, NULL));
	(void)fputs("top: 3\nfile: D\n", f);
	(void)fclose(f);
	cr_expect(eq(int, config_read(a, path, &language, &config, NULL), TNG_OK));
	EXPECT_STR(config.path, path);
	cr_expect(eq(sz, config.nsettings, 2));
	/* a hole larger than the limit */
	cr_assert(eq(int, truncate(path, (off_t)CONFIG_MAX_BYTES + 1), 0));
	err = (struct tng_error){ 0 };
	cr_expect(eq(int, config_read(a, path, &language, &config, &err), TNG_ELIMIT));
	arena_destroy(a);
	tmptree_remove(&t);
}
