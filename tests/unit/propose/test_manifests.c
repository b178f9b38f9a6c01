#include "support/expect.h"
#include "unit/propose/needing.h"
#include "util/buf.h"

#define DOCKERFILE(run) "== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN " run "\n"

Test(references_manifests, pyproject_counts_when_the_project_is_built) {
	const char *built = DOCKERFILE(
			"pip install .") "== pyproject.toml\n[project]\nreadme = \"README.md\"\n"
					 "license = { file = \"LICENSE\" }\n"
					 "== README.md\n\n== LICENSE\n\n== other.md\n\n";
	struct needing n = needing_make(built);

	EXPECT_NEED(n, "README.md", "keep manifest pyproject.toml:2");
	EXPECT_NEED(n, "LICENSE", "keep manifest pyproject.toml:3");
	EXPECT_NEED(n, "other.md", "free unreferenced");
	needing_fini(&n);
	EXPECT_NEED_IN(DOCKERFILE("poetry install --no-root") "== pyproject.toml\nreadme = "
							      "\"README.md\"\n"
							      "== README.md\n\n",
			"README.md", "free unreferenced");
}

Test(references_manifests, a_version_from_git_needs_the_repository) {
	EXPECT_NEED_IN(DOCKERFILE("pip install .") "== pyproject.toml\n[build-system]\nrequires = "
						   "[\"hatchling\", \"hatch-vcs\"]\n"
						   "== .git/HEAD\n\n",
			".git", "keep vcs-version pyproject.toml:2");
	EXPECT_NEED_IN(DOCKERFILE("cargo build") "== build.rs\nfn main() { Command::new(\"git\"); "
						 "}\n"
						 "== Cargo.toml\n\n== .git/HEAD\n\n",
			".git", "ask vcs-version build.rs:1");
	EXPECT_NEED_IN(DOCKERFILE("pip install -r r.txt") "== pyproject.toml\nrequires = "
							  "[\"hatch-vcs\"]\n"
							  "== .git/HEAD\n\n== r.txt\n\n",
			".git", "free unreferenced");
}

Test(references_manifests, setup_py_reads_its_long_description) {
	EXPECT_NEED_IN(DOCKERFILE("python setup.py install") "== setup.py\nlong = "
							     "open(\"README.md\").read()\n"
							     "== README.md\n\n",
			"README.md", "keep manifest setup.py:1");
	EXPECT_NEED_IN(DOCKERFILE("pip install .") "== MANIFEST.in\ngraft docs\n== docs/a/b.md\n\n",
			"docs/a/b.md", "ask embedded MANIFEST.in:1");
}

Test(references_manifests, members_of_a_workspace_must_exist) {
	struct needing n = needing_make(DOCKERFILE(
			"cargo build --release") "== Cargo.toml\n[workspace]\nmembers = [\n  "
						 "\"bench\",\n]\n"
						 "# members = [\"examples\"]\n== "
						 "bench/Cargo.toml\n\n== bench/data/x\n\n"
						 "== examples/Cargo.toml\n\n");

	EXPECT_NEED(n, "bench", "keep workspace-member Cargo.toml:2");
	EXPECT_NEED(n, "bench/Cargo.toml", "keep workspace-member Cargo.toml:2");
	EXPECT_NEED(n, "bench/data/x", "free unreferenced");
	EXPECT_NEED(n, "examples", "free unreferenced");
	needing_fini(&n);
	EXPECT_NEED_IN(DOCKERFILE("npm ci") "== package.json\n{ \"workspaces\": [\"examples/*\"] "
					    "}\n"
					    "== examples/a/package.json\n{}\n",
			"examples", "ask workspace-member package.json:1");
	EXPECT_NEED_IN(DOCKERFILE("mvn -DskipTests package") "== "
							     "pom.xml\n<module>bench</module>\n== "
							     "bench/pom.xml\n\n",
			"bench", "keep workspace-member pom.xml:1");
	EXPECT_NEED_IN(DOCKERFILE("./gradlew bootJar") "== settings.gradle\ninclude "
						       "':examples:one', ':x'\n"
						       "== gradlew\n\n== "
						       "examples/one/build.gradle\n\n",
			"examples/one", "ask workspace-member settings.gradle:1");
}

Test(references_manifests, what_is_embedded_is_part_of_the_program) {
	EXPECT_NEED_IN(DOCKERFILE("go build ./...") "== cmd/main.go\npackage main\n//go:embed "
						    "docs/*.md\nvar x string\n"
						    "== cmd/docs/a.md\n\n",
			"cmd/docs/a.md", "keep embedded cmd/main.go:2");
	EXPECT_NEED_IN(DOCKERFILE("cargo build") "== src/a.rs\nconst A: &str = "
						 "include_str!(\"../README.md\");\n"
						 "// include_str!(\"../docs/a.md\")\n== "
						 "README.md\n\n== docs/a.md\n\n",
			"README.md", "keep embedded src/a.rs:1");
	EXPECT_NEED_IN(DOCKERFILE("dotnet publish") "== a/a.csproj\n<EmbeddedResource "
						    "Include=\"..\\docs\\**\" />\n"
						    "== docs/x/y.md\n\n",
			"docs/x/y.md", "ask embedded a/a.csproj:1");
}

Test(references_manifests, a_family_of_tools_that_no_run_calls_says_nothing) {
	EXPECT_NEED_IN(DOCKERFILE("npm ci") "== Cargo.toml\nreadme = \"README.md\"\n== "
					    "README.md\n\n",
			"README.md", "free unreferenced");
}

Test(manifests, a_solution_that_is_built_names_its_projects) {
	const char *tree = "== all.sln\nProject(\"{1}\") = \"W\", \"src\\W\\W.csproj\", \"{2}\"\n"
			   "Project(\"{1}\") = \"T\", \"tests\\T\\T.csproj\", \"{3}\"\n"
			   "== src/W/W.csproj\n<Project/>\n== tests/T/T.csproj\n<Project/>\n";
	static const struct {
		const char *run, *want;
	} cases[] = {
		{ "dotnet restore", "keep workspace-member all.sln:2" },
		{ "dotnet publish -c Release all.sln", "keep workspace-member all.sln:2" },
		{ "dotnet publish src/W -o out", "free unreferenced" },
		{ "cd src/W && dotnet restore", "free unreferenced" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = { 0 };
		buf_printf(&text, "== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN %s\n%s",
				cases[i].run, tree);
		buf_putc(&text, '\0');
		EXPECT_NEED_IN(text.ptr, "tests", cases[i].want);
		buf_fini(&text);
	}
}

Test(manifests, a_glob_of_members_means_those_with_a_manifest) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN pnpm install\n"
			"== package.json\n{}\n== pnpm-workspace.yaml\npackages:\n  - '**'\n"
			"== examples/a/package.json\n{}\n== docs/a.md\n\n== "
			"dist/package.json\n{}\n");

	EXPECT_NEED(n, "examples", "ask workspace-member pnpm-workspace.yaml:2");
	EXPECT_NEED(n, "docs", "free unreferenced");
	EXPECT_NEED(n, "dist", "free unreferenced");
	needing_fini(&n);
}

Test(manifests, the_asset_pipeline_links_folders) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN bin/rails "
		       "assets:precompile\n"
		       "== app/assets/config/manifest.js\n//= link_tree ../docs\n// link_tree "
		       "../tests\n"
		       "== app/assets/docs/a.md\n\n",
			"app/assets/docs", "ask manifest app/assets/config/manifest.js:1");
}

Test(manifests, only_an_installation_with_development_dependencies_loads_their_files) {
	const char *json =
			"== composer.json\n{\"autoload-dev\": {\"psr-4\": {\"T\": \"tests/\"}}}\n"
			"== tests/a.php\n\n";
	static const struct {
		const char *run, *want;
	} cases[] = {
		{ "composer install --no-dev && composer clear-cache", "free unreferenced" },
		{ "composer install", "ask manifest composer.json:1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = { 0 };
		buf_printf(&text, "== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN %s\n%s",
				cases[i].run, json);
		buf_putc(&text, '\0');
		EXPECT_NEED_IN(text.ptr, "tests", cases[i].want);
		buf_fini(&text);
	}
}

Test(manifests, build_scripts_name_paths_in_quotes) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
			"RUN cargo build && npx grunt prod\n"
			"== build.rs\nfn main() { x(\"docs/icon.ico\"); y(\"examples\"); }\n"
			"== Gruntfile.js\neslint: { tests: [\"tests/**/*.{js,mjs}\"] }\n"
			"== docs/icon.ico\n\n== examples/a\n\n== tests/a.js\n\n== bench/a.js\n\n"
			"== .eslintrc.json\n\n");

	EXPECT_NEED(n, "docs", "ask embedded build.rs:1");
	EXPECT_NEED(n, "examples", "free unreferenced");
	EXPECT_NEED(n, "tests", "ask manifest Gruntfile.js:1");
	EXPECT_NEED(n, "bench", "free unreferenced");
	EXPECT_NEED(n, ".eslintrc.json", "ask manifest Gruntfile.js:1");
	needing_fini(&n);
}

Test(manifests, a_linter_that_is_run_asks_for_its_settings) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN npm run lint\n"
		       "== package.json\n{\"scripts\": {\"lint\": \"eslint src\"}}\n== "
		       ".eslintrc.json\n\n",
			".eslintrc.json", "ask referenced package.json:1");
}
