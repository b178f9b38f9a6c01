/* Which RUN lines fetch dependencies, and by which files. */
#include "support/expect.h"
#include "unit/propose/needing.h"

#include <criterion/parameterized.h>
#include <stdio.h>

struct install_case {
	char why[64], run[96], path[40];
	bool is_found, reads;
	char first[40];
};

ParameterizedTestParameters(references_installs, table) {
	static struct install_case cases[] = {
		{ "npm ci reads the lock file", "npm ci", "package-lock.json", true, true, "" },
		{ "and no source", "npm ci --omit=dev", "src/a.js", true, false, "" },
		{ "a package that is named is added", "npm install left-pad", "package.json", false,
				false, "" },
		{ "a global one is not the project's", "npm i -g pnpm", "package.json", false,
				false, "" },
		{ "yarn alone installs", "yarn", "yarn.lock", true, true, "" },
		{ "cd leads to another manifest", "cd web && npm ci", "web/package.json", true,
				true, "" },
		{ "and away from the first", "cd web && npm ci", "package.json", true, false, "" },
		{ "--prefix does, too", "npm --prefix web ci", "web/package.json", true, true, "" },
		{ "pip reads what -r names", "pip install -r requirements.txt", "requirements.txt",
				true, true, "" },
		{ "pip by the interpreter", "python3 -m pip install -r requirements.txt",
				"requirements.txt", true, true, "" },
		{ "the project itself needs its sources", "pip install -r requirements.txt .",
				"requirements.txt", false, false, "" },
		{ "poetry builds the project, too", "poetry install", "poetry.lock", true, true,
				"poetry install --no-root" },
		{ "unless it is told not to", "poetry install --no-root", "poetry.lock", true, true,
				"" },
		{ "go build fetches", "go build ./...", "go.sum", true, true, "go mod download" },
		{ "go mod download is that alone", "go mod download", "go.sum", true, true, "" },
		{ "go mod tidy is no installation", "go mod tidy", "go.sum", false, false, "" },
		{ "projects of dotnet lie anywhere", "dotnet restore", "src/App/App.csproj", true,
				true, "" },
		{ "echo installs nothing", "echo npm ci", "package.json", false, false, "" },
	};

	return cr_make_param_array(struct install_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct install_case *c, references_installs, table) {
	char text[512];
	size_t n = 0;

	(void)snprintf(text, sizeof(text),
			"== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN %s\n"
			"== package.json\n{}\n== web/package.json\n{}\n== src/a.js\n1\n"
			"== requirements.txt\na\n== src/App/App.csproj\na\n",
			c->run);
	struct needing needing = needing_make(text);
	const struct install *installs = references_installs(needing.refs, &n);
	cr_assert(eq(sz, n, c->is_found), "%s", c->why);
	if (n > 0) {
		cr_expect(eq(u32, installs[0].line, 4), "%s", c->why);
		cr_expect(eq(int, install_reads(&installs[0], str_from(c->path)), c->reads), "%s",
				c->why);
		cr_expect(str_eq(installs[0].first, str_from(c->first)), "%s: %.*s", c->why,
				STR_FMT(installs[0].first));
	}
	needing_fini(&needing);
}

Test(references_installs, the_manifests_of_a_workspace_lie_anywhere) {
	struct needing needing =
			needing_make("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
				     "== package.json\n{ \"workspaces\": [\"p/*\"] }\n== "
				     "p/a/package.json\n{}\n");
	size_t n = 0;
	const struct install *installs = references_installs(needing.refs, &n);

	cr_assert(eq(sz, n, 1));
	cr_expect(install_reads(&installs[0], STR("p/a/package.json")));
	cr_expect(not(install_reads(&installs[0], STR("p/a/package-lock.json"))));
	needing_fini(&needing);
}
