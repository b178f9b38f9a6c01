/* What wins when several rules match, and what the guards do afterwards. */
#include "classified.h"

#include <criterion/parameterized.h>

struct precedence_case {
	char why[64], items[160], path[64], want[64];
};

ParameterizedTestParameters(classify_precedence, table) {
	static struct precedence_case cases[] = {
		{ "a tree claims all below it", "node_modules/x/README.md",
				"node_modules/x/README.md", "deps deps.node-modules exclude" },
		{ "the outermost tree", "node_modules/x/dist/a.js node_modules/x/package.json",
				"node_modules/x/dist", "deps deps.node-modules exclude" },
		{ "junk of the file manager in a build", "package.json dist/.DS_Store",
				"dist/.DS_Store", "os-junk os-junk.ds-store exclude" },
		{ "a secret in a build", "package.json dist/id_rsa", "dist/id_rsa",
				"secret secret.id-rsa exclude" },
		{ "a name in somebody else's package is no secret", "node_modules/x/id_rsa",
				"node_modules/x/id_rsa", "deps deps.node-modules exclude" },
		{ "a template is no secret", ".env.example", ".env.example",
				"config config.env-example keep" },
		{ "a name before a wildcard", ".env.production", ".env.production",
				"secret secret.env-production ask" },
		{ "files that keep their nature", "docs/.gitignore docs/x.md", "docs/.gitignore",
				"vcs-meta vcs-meta.gitignore exclude" },
		{ "the outermost zone", "docs/examples/a.py docs/x.md", "docs/examples/a.py",
				"docs docs.docs ask" },
		{ "fixtures inside tests", "tests/fixtures/a.json", "tests/fixtures/a.json",
				"fixtures fixtures.fixtures ask" },
		{ "a zone before a file", "examples/web/package.json", "examples/web/package.json",
				"examples examples.examples ask" },
		{ "a file before a weak zone", "k8s/package.json k8s/a.yaml", "k8s/package.json",
				"manifest manifest.package-json keep" },
		{ "a weak zone before an asset", "k8s/logo.png k8s/a.yaml", "k8s/logo.png",
				"deploy deploy.k8s ask" },
		{ "no rule", "src/main.zig", "src/main.zig", "source - keep" },
	};
	return cr_make_param_array(struct precedence_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct precedence_case *t, classify_precedence, table) {
	struct classified c = classified_make(t->items);

	cr_expect_str_eq(verdict_of(&c, t->path), t->want, "%s: %s", t->why,
			verdict_of(&c, t->path));
	classified_fini(&c);
}

Test(classify_precedence, a_key_in_test_data_is_reported_low) {
	struct classified c = classified_make("tests/fixtures/id_rsa id_rsa");

	cr_expect_str_eq(class_of(&c, "tests/fixtures/id_rsa"), "fixtures");
	cr_expect(eq(int, mark_of(&c, "tests/fixtures/id_rsa")->severity, CLASS_SEVERITY_LOW));
	cr_expect(eq(int, mark_of(&c, "id_rsa")->severity, CLASS_SEVERITY_CRITICAL));
	classified_fini(&c);
}

Test(classify_precedence, roots_say_where_a_class_flows_from) {
	struct classified c = classified_make("a/node_modules/x/y/z.js a/b/c.js");
	uint32_t row = tree_find(c.tree, STR("a/node_modules/x/y"));
	uint32_t from = c.column.roots[tree_entry(c.tree, row)->size];

	cr_expect(eq(u32, from, tree_find(c.tree, STR("a/node_modules"))));
	row = tree_find(c.tree, STR("a/b"));
	cr_expect(eq(u32, c.column.roots[tree_entry(c.tree, row)->size], TREE_NO_ROW));
	classified_fini(&c);
}

Test(classify_guards, what_git_tracks_is_asked_about) {
	struct classified c = classified_with_git("package.json dist/a.js .gitignore",
			"dist=tracked dist/a.js=tracked package.json=tracked");

	cr_expect_str_eq(verdict_of(&c, "dist"), "build-output build-output.dist-node ask");
	cr_expect(eq(int, mark_of(&c, "dist/a.js")->guard, CLASS_GUARD_TRACKED));
	classified_fini(&c);
}

Test(classify_guards, what_git_ignores_is_surer) {
	struct classified known = classified_with_git("package.json dist/a.js", "dist=ignored");
	struct classified unknown = classified_make("package.json dist/a.js");

	cr_expect(gt(int, mark_of(&known, "dist")->confidence,
			mark_of(&unknown, "dist")->confidence));
	cr_expect(lt(int, mark_of(&known, "dist")->confidence, 100));
	classified_fini(&known);
	classified_fini(&unknown);
}

Test(classify_guards, a_directory_with_only_a_placeholder_is_kept) {
	struct classified c = classified_make("tmp/.gitignore var/log/.gitignore var/log/app.log");

	cr_expect(eq(int, mark_of(&c, "tmp")->advice, ADVICE_KEEP));
	cr_expect(eq(int, mark_of(&c, "tmp/.gitignore")->guard, CLASS_GUARD_PLACEHOLDER));
	cr_expect(ne(int, mark_of(&c, "var/log/.gitignore")->advice, ADVICE_KEEP));
	classified_fini(&c);
}

Test(classify_guards, a_guess_never_excludes) {
	struct classified c = classified_make("a.secret");

	cr_expect_str_eq(verdict_of(&c, "a.secret"), "secret secret.secret ask");
	classified_fini(&c);
}
