/*
 * Commands that fetch what a project depends on, and the files that say what that is: a RUN of such a
 * command, behind a COPY of these alone, stays cached while anything else changes.
 *
 *   COPY . .  RUN npm ci  ─▶  npm: package.json, package-lock.json, ... of the directory it works in
 */
#include "propose/references_commands.h"

#include "util/gomatch.h"
#include "util/path.h"

#include <stdlib.h>

/* Manifests: a name in the directory of the command; with "/" at its end all that is below; with "**" and a
 * slash before it at any depth; with "+" before it at any depth where the first file has the mark. */
struct install_rule {
	const char *command;
	const char *verbs; /* words of which the first plain one is one; "": there is none */
	const char *flag; /* one of the words; without it: only with `first`; NULL: it takes none */
	const char *first; /* what would fetch, and no more; NULL: the command does that */
	const char *mark;  /* of a workspace */
	const char *manifests;
};

#define NODE_MARK "\"workspaces\""
#define NPM "+package.json package-lock.json npm-shrinkwrap.json .npmrc"
#define YARN                                                                                       \
	"+package.json yarn.lock .yarnrc .yarnrc.yml .yarn/releases/ .yarn/plugins/ "              \
	".yarn/patches/ .npmrc"
#define PNPM "+package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc .pnpmfile.cjs patches/"
#define BUN "+package.json bun.lock bun.lockb bunfig.toml .npmrc"
#define POETRY "pyproject.toml poetry.lock poetry.toml"
#define PDM "pyproject.toml pdm.lock"
#define UV "+pyproject.toml uv.lock .python-version"
#define COMPOSER "composer.json composer.lock symfony.lock"
#define MAVEN "**/pom.xml .mvn/ mvnw"
#define GRADLE                                                                                     \
	"**/build.gradle **/build.gradle.kts settings.gradle settings.gradle.kts "                 \
	"gradle.properties gradle/ gradlew gradle.lockfile"
#define DOTNET                                                                                     \
	"**/*.csproj **/*.fsproj **/*.vbproj *.sln *.slnx global.json nuget.config NuGet.config "  \
	"NuGet.Config **/Directory.Build.props **/Directory.Build.targets "                        \
	"**/Directory.Packages.props **/packages.lock.json"
#define CABAL "**/*.cabal cabal.project cabal.project.freeze"

/* by command; the first row that fits counts */
static const struct install_rule rules[] = {
	{ "bun", "install i ci", NULL, NULL, NODE_MARK, BUN },
	{ "bundle", "install", NULL, NULL, NULL,
			"Gemfile Gemfile.lock *.gemspec .ruby-version .bundle/ vendor/cache/" },
	{ "cabal", "build v2-build install v2-install", "--only-dependencies",
			"cabal build --only-dependencies", NULL, CABAL },
	{ "cargo", "fetch", NULL, NULL, "[workspace]",
			"+Cargo.toml Cargo.lock .cargo/ rust-toolchain rust-toolchain.toml" },
	{ "composer", "install i", "--no-scripts", "composer install --no-scripts --no-autoloader",
			NULL, COMPOSER },
	{ "dotnet", "restore", NULL, NULL, NULL, DOTNET },
	{ "dotnet", "build publish", "--no-restore", "dotnet restore", NULL, DOTNET },
	{ "go", "mod", NULL, NULL, NULL, "go.mod go.sum go.work go.work.sum" },
	{ "go", "build install", NULL, "go mod download", NULL,
			"go.mod go.sum go.work go.work.sum" },
	{ "gradle", "dependencies", NULL, NULL, NULL, GRADLE },
	{ "gradle", "assemble bootJar build jar shadowJar installDist", "--offline",
			"gradle dependencies", NULL, GRADLE },
	{ "gradlew", "dependencies", NULL, NULL, NULL, GRADLE },
	{ "gradlew", "assemble bootJar build jar shadowJar installDist", "--offline",
			"./gradlew dependencies", NULL, GRADLE },
	{ "mix", "deps.get", NULL, NULL, NULL, "mix.exs mix.lock" },
	{ "mvn", "dependency:go-offline dependency:resolve dependency:resolve-plugins", NULL, NULL,
			NULL, MAVEN },
	{ "mvn", "compile package verify install", "-o", "mvn dependency:go-offline", NULL, MAVEN },
	{ "mvnw", "dependency:go-offline dependency:resolve dependency:resolve-plugins", NULL, NULL,
			NULL, MAVEN },
	{ "mvnw", "compile package verify install", "-o", "./mvnw dependency:go-offline", NULL,
			MAVEN },
	{ "npm", "ci i install clean-install", NULL, NULL, NODE_MARK, NPM },
	{ "pdm", "install sync", "--no-self", "pdm install --no-self", NULL, PDM },
	{ "pip", "install", NULL, NULL, NULL, "" },
	{ "pip3", "install", NULL, NULL, NULL, "" },
	{ "pipenv", "install sync", NULL, NULL, NULL, "Pipfile Pipfile.lock" },
	{ "pnpm", "install i fetch", NULL, NULL, NULL, PNPM },
	{ "poetry", "install sync", "--no-root", "poetry install --no-root", NULL, POETRY },
	{ "uv", "sync", "--no-install-project", "uv sync --no-install-project",
			"[tool.uv.workspace]", UV },
	{ "yarn", "install", NULL, NULL, NODE_MARK, YARN },
};

struct installing {
	struct commands *c;
	const struct install_rule *rule;
	struct str dir; /* of --prefix and the like, before each name */
	struct {
		VEC_FIELDS(struct install_pattern)
	} patterns;
};

static bool has_word(const char *list, struct str word) {
	struct str rest = str_from(list), head;

	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &head, &rest);
		if (head.len > 0 && str_eq(head, word)) {
			return true;
		}
	}
	return false;
}

/* ---- what it reads */

static void add_pattern(struct installing *x, struct str dir, struct str name, bool is_deep) {
	struct install_pattern *p = VEC_PUSH(&x->patterns);

	if (p == NULL) {
		x->c->s->failed = true;
		return;
	}
	*p = (struct install_pattern){ dir, name, is_deep };
}

/* Where a name of the command's directory lies in the context; .ptr NULL: nowhere. */
static struct str place_of(struct installing *x, struct str name) {
	struct str path = path_join(x->c->s->a, x->dir, name), expanded;

	if (path.ptr == NULL || !scene_expand(x->c->s, x->c->scene, path, &expanded)) {
		return (struct str){ NULL, 0 };
	}
	return scene_resolve(x->c->s, x->c->scene, expanded);
}

/* Whether the first manifest says that others belong to it. */
static bool is_workspace(struct installing *x) {
	struct search *s = x->c->s;
	struct arena_mark mark = arena_mark(s->scratch);
	struct str list = str_from(x->rule->manifests), name, text, wanted;
	bool is = false;

	(void)str_cut(list, ' ', &name, &list);
	struct str path = place_of(x, str_skip(name, str_starts(name, STR("+"))));
	wanted = str_from(x->rule->mark);
	uint32_t row = path.ptr != NULL ? tree_find(s->tree, path) : TREE_NO_ROW;
	if (x->rule->mark != NULL && search_read(s, row, false, &text)) {
		for (size_t i = 0; i + wanted.len <= text.len && !is; i++) {
			is = memcmp(text.ptr + i, wanted.ptr, wanted.len) == 0;
		}
	}
	arena_rewind(s->scratch, mark);
	if (!is && str_starts(x->c->name, STR("pnpm"))) {
		path = place_of(x, STR("pnpm-workspace.yaml"));
		is = path.ptr != NULL && tree_find(s->tree, path) != TREE_NO_ROW;
	}
	return is;
}

/* A file of the command's directory; "*" in its last component is one of gomatch(). */
static void add_file(struct installing *x, struct str name) {
	bool is_tree = str_ends(name, STR("/"));
	struct str path = place_of(x, str_take(name, name.len - is_tree));

	if (path.ptr == NULL) {
		return;
	}
	if (is_tree) {
		add_pattern(x, path, STR("*"), true);
	} else {
		add_pattern(x, path_dir(path), path_base(path), false);
	}
}

static void add_deep(struct installing *x, struct str name) {
	struct str dir = place_of(x, STR("."));

	if (dir.ptr != NULL) {
		add_pattern(x, dir, name, true);
	} else {
		add_file(x, name);
	}
}

static void add_manifests(struct installing *x) {
	struct str rest = str_from(x->rule->manifests), name;
	bool all = is_workspace(x);

	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &name, &rest);
		if (str_starts(name, STR("**/"))) {
			add_deep(x, str_skip(name, 3));
		} else if (str_starts(name, STR("+")) && all) {
			add_deep(x, str_skip(name, 1));
		} else if (name.len > 0) {
			add_file(x, str_skip(name, str_starts(name, STR("+"))));
		}
	}
}

/* ---- whether it is one */

/* pip: the project itself, or another one that lies in the context. */
static bool names_project(struct str word) {
	return str_eq(word, STR("-e")) || str_eq(word, STR("--editable")) ||
			str_starts(word, STR(".")) || str_starts(word, STR("/"));
}

/* pip: the files of -r and -c, and nothing that is a project. */
static bool add_requirements(struct installing *x, const struct str *words, size_t n) {
	static const char *const options[] = { "-r", "-c", "--requirement", "--constraint" };

	for (size_t i = 0; i < n; i++) {
		struct str word = words[i], value;
		bool has_value = str_starts(word, STR("--")) && str_cut(word, '=', &word, &value);
		bool is_file = false;
		for (size_t k = 0; k < 4; k++) {
			is_file |= str_eq(word, str_from(options[k]));
		}
		if (is_file && !has_value && i + 1 < n) {
			value = words[++i];
			has_value = true;
		}
		if (is_file && has_value) {
			add_file(x, value);
		} else if (names_project(word)) {
			return false;
		}
	}
	return x->patterns.len > 0;
}

/* Options whose value is the word behind them, and is a directory. */
static bool is_dir_option(struct str word) {
	return has_word("--prefix --cwd --dir -C --directory --project", word);
}

/* The first word that is no option and no value of one; sets x->dir. n: there is none. */
static size_t first_plain(struct installing *x, const struct str *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		struct str option, value;
		bool has_value = str_cut(words[i], '=', &option, &value);
		if (is_dir_option(option) && (has_value || i + 1 < n)) {
			x->dir = has_value ? value : words[++i];
		} else if (!is_option(words[i])) {
			return i;
		}
	}
	return n;
}

static const struct install_rule *rule_of(
		struct str command, const struct str *words, size_t n, size_t plain) {
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (str_eq(command, str_from(rules[i].command)) &&
				(plain < n ? has_word(rules[i].verbs, words[plain])
					   : str_eq(command, STR("yarn")) || str_eq(command, STR("bundle")))) {
			return &rules[i];
		}
	}
	return NULL;
}

/* A package behind the verb is added, which changes the manifest: no installation of what that says. */
static bool names_package(struct installing *x, const struct str *words, size_t n) {
	bool is_node = has_word("npm yarn pnpm bun", str_from(x->rule->command));

	if (words_have(words, n, "-g") || words_have(words, n, "--global")) {
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		struct str option, value;
		bool has_value = str_cut(words[i], '=', &option, &value);
		if (is_dir_option(option)) {
			x->dir = has_value ? value : i + 1 < n ? words[i + 1] : x->dir;
			i += !has_value;
		} else if (is_node && !is_option(words[i]) &&
				(i == 0 || !is_option(words[i - 1]))) {
			return true;
		}
	}
	return false;
}

static bool is_fetch(const struct installing *x, const struct str *words, size_t n) {
	static const char *const verbs = "download vendor verify";

	return !str_eq(str_from(x->rule->command), STR("go")) || x->rule->first != NULL ||
			(n > 0 && has_word(verbs, words[0]));
}

/* The words as they would be typed, the command with its directory. */
static struct str words_text(struct search *s, const struct str *words, size_t n) {
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_append(&b, i > 0 ? STR(" ") : STR(""));
		buf_append(&b, words[i]);
	}
	struct str text = arena_copy(s->a, buf_str(&b));
	s->failed |= buf_failed(&b) || text.ptr == NULL;
	buf_fini(&b);
	return text;
}

static void keep(struct installing *x, const struct str *words, size_t n) {
	struct search *s = x->c->s;
	struct install_pattern *patterns = arena_new(s->a, struct install_pattern, x->patterns.len);
	struct install *slot = x->patterns.len > 0 ? VEC_PUSH(&s->installs) : NULL;
	bool does_more = x->rule->first != NULL &&
			(x->rule->flag == NULL || !words_have(words, n, x->rule->flag));

	if (x->patterns.len == 0 || slot == NULL || patterns == NULL) {
		s->failed |= x->patterns.len > 0;
		return;
	}
	memcpy(patterns, x->patterns.ptr, x->patterns.len * sizeof(*patterns));
	*slot = (struct install){
		.file = x->c->at.file,
		.line = x->c->at.line,
		.text = words_text(s, words, n),
		.first = does_more ? str_from(x->rule->first) : STR(""),
		.patterns = patterns,
		.npatterns = x->patterns.len,
	};
}

void command_install(struct commands *c, const struct str *words, size_t n) {
	struct installing x = { .c = c, .dir = STR("") };
	struct str name = path_base(words[0]);
	size_t skip = str_eq(name, STR("uv")) && n > 2 && str_eq(words[1], STR("pip"));

	if (!c->at.is_step) {
		return; /* a script would have to be copied before, too */
	}
	name = path_base(words[skip]);
	const struct str *args = words + skip + 1;
	size_t nargs = n - skip - 1, plain = first_plain(&x, args, nargs);
	x.rule = rule_of(name, args, nargs, plain);
	size_t verb = plain < nargs ? plain + 1 : nargs;
	if (x.rule == NULL || !is_fetch(&x, args + verb, nargs - verb)) {
		return;
	}
	bool is_pip = str_starts(name, STR("pip")) && x.rule->manifests[0] == '\0';
	bool counts = is_pip ? add_requirements(&x, args + verb, nargs - verb)
			     : !names_package(&x, args + verb, nargs - verb);
	if (counts && !is_pip) {
		add_manifests(&x);
	}
	if (counts) {
		keep(&x, words, n);
	}
	free(x.patterns.ptr);
}

bool install_reads(const struct install *install, struct str path) {
	for (size_t i = 0; i < install->npatterns; i++) {
		const struct install_pattern *p = &install->patterns[i];
		struct str dir = path_dir(path);
		bool is_in = p->is_deep ? path_is_below(dir, p->dir) : str_eq(dir, p->dir);
		if (is_in && gomatch(p->name, path_base(path)) == GOMATCH_YES) {
			return true;
		}
	}
	return false;
}
