/* Each kind of evidence: the same path with it and without it. */
#include "classified.h"

#include <criterion/parameterized.h>

struct evidence_case {
	char why[64], items[160], path[64], want[24];
};

ParameterizedTestParameters(classify_evidence, table) {
	static struct evidence_case cases[] = {
		{ "a sibling", "Cargo.toml target/debug/x", "target", "build-output" },
		{ "no sibling", "target/debug/x", "target", "source" },
		{ "a sibling by wildcard", "app.csproj obj/x.json", "obj", "build-output" },
		{ "a child", "env/pyvenv.cfg env/lib/x.py", "env", "virtualenv" },
		{ "a child further down", "env/bin/activate", "env", "virtualenv" },
		{ "no child", "env/settings.py", "env", "source" },
		{ "a child, whatever the name", "tools/py/pyvenv.cfg tools/py/lib/x.py", "tools/py",
				"virtualenv" },
		{ "a child by wildcard", "setup.py dist/x-1.0.tar.gz", "dist", "build-output" },
		{ "source inside a bundle", "package.json dist/a/b/c/d/main.cs", "dist", "source" },
		{ "no source inside a bundle", "package.json dist/a/b/c/d/main.js", "dist",
				"build-output" },
		{ "declarations are no source", "package.json dist/a/main.d.ts", "dist",
				"build-output" },
		{ "below, three levels", "charts/web/x/Chart.yaml", "charts", "deploy" },
		{ "below, four levels", "charts/web/x/y/Chart.yaml", "charts", "source" },
		{ "in the root", "artisan bootstrap/cache/x.php", "bootstrap/cache", "cache" },
		{ "not in the root", "app/artisan bootstrap/cache/x.php", "bootstrap/cache",
				"source" },
		{ "a directory tagged as a cache", "x/CACHEDIR.TAG=43 x/y", "x", "cache" },
		{ "a tag that is too short", "x/CACHEDIR.TAG=42 x/y", "x", "source" },
		{ "inside a class", "tests/golden/x.json", "tests/golden", "fixtures" },
		{ "not inside a class", "golden/x.json", "golden", "source" },
		{ "under a name", "public/intro.mp4", "public/intro.mp4", "source" },
		{ "not under a name", "intro.mp4", "intro.mp4", "media" },
		{ "a size", "big.csv=1048576", "big.csv", "data" },
		{ "too small a size", "big.csv=1048575", "big.csv", "source" },
		{ "a part of the name", ".env.prod.example", ".env.prod.example", "config" },
	};
	return cr_make_param_array(struct evidence_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct evidence_case *t, classify_evidence, table) {
	struct classified c = classified_make(t->items);

	cr_expect_str_eq(class_of(&c, t->path), t->want, "%s: %s", t->why, verdict_of(&c, t->path));
	classified_fini(&c);
}

Test(classify_evidence, git_tells_a_build_directory_from_a_package) {
	const char *items = "CMakeLists.txt build/x.txt";
	struct classified ignored = classified_with_git(items, "build=ignored build/x.txt=ignored");
	struct classified tracked = classified_with_git(items, "build=tracked build/x.txt=tracked");

	cr_expect_str_eq(class_of(&ignored, "build"), "build-output");
	cr_expect_str_eq(class_of(&tracked, "build"), "source");
	classified_fini(&ignored);
	classified_fini(&tracked);
}
