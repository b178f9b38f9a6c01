/*
 * What programs do with their arguments. Most are known by a row of a table: whether these are paths, and
 * which family of tools the program belongs to. A few have arguments of their own kind.
 */
#include "propose/references_commands.h"

#include "util/path.h"

/* ---- commands of their own kind ---- */

static void run_shell(struct commands *c, const struct str *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (is_option(words[i])) {
			if (str_find(words[i], 'c') < words[i].len && words[i].ptr[1] != '-' &&
					i + 1 < n) {
				struct scene scene = *c->scene;
				commands_text(c->s, &scene, words[i + 1], &c->at);
				return;
			}
			continue;
		}
		command_script(c, words[i], true);
		command_operands(c, words + i + 1, n - i - 1, true);
		return;
	}
}

static void run_source(struct commands *c, const struct str *words, size_t n) {
	if (n > 0) {
		command_script(c, words[0], true);
	}
}

static void run_interpreter(struct commands *c, const struct str *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(words[i], STR("-m")) && i + 1 < n) {
			search_tool(c->s, TOOL_PYTHON);
			commands_words(c->s, c->scene, words + i + 1, n - i - 1, &c->at);
			return;
		}
		if (!is_option(words[i])) {
			if (str_eq(path_base(words[i]), STR("setup.py"))) {
				search_tool(c->s, TOOL_PYTHON_BUILD);
			}
			command_operands(c, words + i, n - i, true);
			return;
		}
	}
}

static void run_cd(struct commands *c, const struct str *words, size_t n) {
	if (n > 0) {
		command_cd(c, words[n - 1]);
	}
}

static void run_mkdir(struct commands *c, const struct str *words, size_t n) {
	struct mark_how how = { NEED_FREE, NEED_GUARD_IN_THE_WAY, false,
		"mkdir fails where it is there already", STR("") };

	if (!c->at.is_step || words_have_prefix(words, n, "-p") ||
			words_have(words, n, "--parents")) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t row = is_option(words[i]) ? TREE_NO_ROW : command_row(c, words[i]);
		if (row != TREE_NO_ROW) {
			mark_row(c->s, row, &c->at, &how);
		}
	}
}

static void run_rm(struct commands *c, const struct str *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (is_option(words[i]) && str_find(words[i], 'f') < words[i].len) {
			return;
		}
	}
	command_operands(c, words, n, false);
}

/* Where it looks; what follows says what it looks for. */
static void run_find(struct commands *c, const struct str *words, size_t n) {
	size_t nplaces = 0;

	while (nplaces < n && !is_option(words[nplaces]) && !str_eq(words[nplaces], STR("(")) &&
			!str_eq(words[nplaces], STR("!"))) {
		nplaces++;
	}
	command_operands(c, words, nplaces, true);
}

/* Whether a git command tells of a file that is missing. */
static bool tells_dirt(const struct str *words, size_t n) {
	return str_eq(words[0], STR("status")) || str_starts(words[0], STR("diff")) ||
			words_have_prefix(words, n, "--dirty") ||
			words_have_prefix(words, n, "--broken");
}

static void run_git(struct commands *c, const struct str *words, size_t n) {
	static const char *const asks[] = { "describe", "rev-parse", "log", "submodule", "rev-list",
		"diff", "show", "status", "ls-files", "tag", "branch", "show-ref", "symbolic-ref",
		"name-rev", "archive", "diff-index", "shortlog" };
	size_t i = 0;

	while (i < n && is_option(words[i])) {
		bool has_value = str_eq(words[i], STR("-C")) || str_eq(words[i], STR("-c"));
		i += has_value ? 2 : 1;
	}
	if (i >= n || command_dir(c).ptr == NULL) {
		return;
	}
	if (str_eq(words[i], STR("init"))) {
		c->s->vcs_is_here &= !c->at.is_step; /* what a script does may not come that far */
		return;
	}
	for (size_t j = 0; j < sizeof(asks) / sizeof(asks[0]); j++) {
		if (str_eq(words[i], str_from(asks[j]))) {
			c->s->vcs_is_exact |= c->s->vcs_is_here && tells_dirt(words + i, n - i);
			vcs_raise(c->s, c->at.is_step ? NEED_KEEP : NEED_ASK, &c->at,
					search_printf(c->s, "git %s is called", asks[j]));
		}
	}
}

static void run_pip(struct commands *c, const struct str *words, size_t n) {
	bool is_value = false;

	search_tool(c->s, TOOL_PYTHON);
	for (size_t i = 0; i < n; i++) {
		struct str word = str_take(words[i], str_find(words[i], '['));
		if (str_starts(word, STR("-r")) || str_starts(word, STR("-c"))) {
			(void)command_mark(c, str_skip(word, 2), false);
			is_value = word.len == 2;
		} else if (is_option(word)) {
			command_operands(c, &word, 1, false);
			is_value = str_eq(word, STR("--requirement")) ||
					str_eq(word, STR("--constraint"));
		} else if (is_value || looks_like_path(word)) {
			is_value = false;
			uint32_t row = command_row(c, word);
			bool is_project = row != TREE_NO_ROW &&
					entry_is_dir(tree_entry(c->s->tree, row));
			search_tool(c->s, is_project ? TOOL_PYTHON_BUILD : 0);
			(void)command_mark(c, word, false);
		}
		search_tool(c->s, str_eq(word, STR(".")) ? TOOL_PYTHON_BUILD : 0);
	}
}

static void run_uv(struct commands *c, const struct str *words, size_t n) {
	search_tool(c->s, TOOL_PYTHON);
	if (n > 0 && str_eq(words[0], STR("pip"))) {
		run_pip(c, words + 1, n - 1);
	} else if ((words_have(words, n, "sync") && !words_have(words, n, "--no-install-project") &&
				   !words_have(words, n, "--no-install-workspace")) ||
			words_have(words, n, "build")) {
		search_tool(c->s, TOOL_PYTHON_BUILD);
	}
}

static void run_poetry(struct commands *c, const struct str *words, size_t n) {
	search_tool(c->s, TOOL_PYTHON);
	if ((words_have(words, n, "install") && !words_have(words, n, "--no-root") &&
			    !words_have(words, n, "--no-self")) ||
			words_have(words, n, "build")) {
		search_tool(c->s, TOOL_PYTHON_BUILD);
	}
}

static void run_composer(struct commands *c, const struct str *words, size_t n) {
	static const char *const verbs[] = { "install", "i", "update", "u", "require",
		"dump-autoload", "dumpautoload" };
	bool is_dev = false;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		is_dev |= words_have(words, n, verbs[i]);
	}
	is_dev = is_dev && !words_have(words, n, "--no-dev");
	search_tool(c->s, TOOL_PHP | (is_dev ? (uint32_t)TOOL_PHP_DEV : 0));
}

static void run_maven(struct commands *c, const struct str *words, size_t n) {
	static const char *const phases[] = { "test", "package", "verify", "install", "deploy" };
	bool is_skipped = words_have_prefix(words, n, "-DskipTests") ||
			words_have_prefix(words, n, "-Dmaven.test.skip");

	command_operands(c, words, n, false);
	for (size_t i = 0; !is_skipped && i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (words_have(words, n, phases[i])) {
			command_tests(c);
		}
	}
}

static bool is_task(struct str word, const char *task) {
	return str_eq(word, str_from(task)) ||
			(str_ends(word, str_from(task)) && word.len > strlen(task) &&
					word.ptr[word.len - strlen(task) - 1] == ':');
}

static void run_gradle(struct commands *c, const struct str *words, size_t n) {
	bool is_run = false;

	for (size_t i = 0; i < n; i++) {
		bool is_excluded = i > 0 &&
				(str_eq(words[i - 1], STR("-x")) ||
						str_eq(words[i - 1],
								STR("--exclude-"
								    "task")));
		if (is_excluded && (is_task(words[i], "test") || is_task(words[i], "check"))) {
			return;
		}
		is_run |= !is_excluded &&
				(is_task(words[i], "test") || is_task(words[i], "check") ||
						is_task(words[i], "build"));
	}
	if (is_run) {
		command_tests(c);
	}
}

/* Tools whose arguments are packages, targets or tasks: a path among them says so by its look. */
static void run_tasks(struct commands *c, const struct str *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (is_option(words[i]) || looks_like_path(words[i])) {
			command_operands(c, &words[i], 1, false);
		}
		if (str_eq(words[i], STR("test")) || str_eq(words[i], STR("tests")) ||
				str_eq(words[i], STR("check")) || str_eq(words[i], STR("spec"))) {
			command_tests(c);
		}
	}
}

/* Linters and formatters read the settings that lie in the root. */
static void run_lint(struct commands *c, const struct str *words, size_t n) {
	need_raise(&c->s->lint_need, NEED_ASK, NEED_GUARD_REFERENCED, &c->at,
			search_printf(c->s, "a linter may be run (%.*s)",
					STR_FMT(str_take(c->name, 40))));
	command_operands(c, words, n, true);
}

/* The asset pipeline has package.json build its scripts and style sheets first. */
static void run_rake(struct commands *c, const struct str *words, size_t n) {
	static const char *const scripts[] = { "build", "build:css" };

	run_tasks(c, words, n);
	for (size_t i = 0; words_have(words, n, "assets:precompile") && i < 2; i++) {
		const struct str run[] = { STR("run"), str_from(scripts[i]) };
		command_node(c, run, 2);
	}
}

static void run_dotnet(struct commands *c, const struct str *words, size_t n) {
	run_tasks(c, words, n);
	command_dotnet(c, words, n);
}

static void run_make(struct commands *c, const struct str *words, size_t n) {
	run_tasks(c, words, n);
	command_make(c, words, n);
}

static void run_tests(struct commands *c, const struct str *words, size_t n) {
	command_tests(c);
	command_operands(c, words, n, true);
}

/* ---- the table ---- */

/* sorted by name; what is not here has paths as arguments */
static const struct command_rule rules[] = {
	{ ".", OPERANDS_OWN, 0, run_source },
	{ ":", OPERANDS_NONE, 0, NULL },
	{ "[", OPERANDS_NONE, 0, NULL },
	{ "[[", OPERANDS_NONE, 0, NULL },
	{ "addgroup", OPERANDS_NONE, 0, NULL },
	{ "adduser", OPERANDS_NONE, 0, NULL },
	{ "apk", OPERANDS_NONE, 0, NULL },
	{ "apt", OPERANDS_NONE, 0, NULL },
	{ "apt-get", OPERANDS_NONE, 0, NULL },
	{ "ash", OPERANDS_OWN, 0, run_shell },
	{ "bash", OPERANDS_OWN, 0, run_shell },
	{ "biome", OPERANDS_OWN, 0, run_lint },
	{ "black", OPERANDS_OWN, 0, run_lint },
	{ "build", OPERANDS_NONE, TOOL_PYTHON | TOOL_PYTHON_BUILD, NULL },
	{ "bun", OPERANDS_OWN, TOOL_NODE, command_node },
	{ "bundle", OPERANDS_OWN, TOOL_RUBY, run_tasks },
	{ "cabal", OPERANDS_OWN, TOOL_HASKELL, run_tasks },
	{ "cargo", OPERANDS_OWN, TOOL_CARGO, run_tasks },
	{ "case", OPERANDS_NONE, 0, NULL },
	{ "cd", OPERANDS_OWN, 0, run_cd },
	{ "chgrp", OPERANDS_NAME, 0, NULL },
	{ "chmod", OPERANDS_NAME, 0, NULL },
	{ "chown", OPERANDS_NAME, 0, NULL },
	{ "clang-format", OPERANDS_OWN, 0, run_lint },
	{ "clang-tidy", OPERANDS_OWN, 0, run_lint },
	{ "cmake", OPERANDS_NAME, TOOL_CMAKE, NULL },
	{ "composer", OPERANDS_OWN, TOOL_PHP, run_composer },
	{ "corepack", OPERANDS_NONE, TOOL_NODE, NULL },
	{ "ctest", OPERANDS_OWN, TOOL_CMAKE, run_tests },
	{ "curl", OPERANDS_NONE, 0, NULL },
	{ "dash", OPERANDS_OWN, 0, run_shell },
	{ "dnf", OPERANDS_NONE, 0, NULL },
	{ "dotnet", OPERANDS_OWN, TOOL_DOTNET, run_dotnet },
	{ "echo", OPERANDS_NONE, 0, NULL },
	{ "eslint", OPERANDS_OWN, 0, run_lint },
	{ "exit", OPERANDS_NONE, 0, NULL },
	{ "export", OPERANDS_NONE, 0, NULL },
	{ "find", OPERANDS_OWN, 0, run_find },
	{ "flake8", OPERANDS_OWN, 0, run_lint },
	{ "flit", OPERANDS_NONE, TOOL_PYTHON | TOOL_PYTHON_BUILD, NULL },
	{ "gem", OPERANDS_OWN, TOOL_RUBY, run_tasks },
	{ "getent", OPERANDS_NONE, 0, NULL },
	{ "git", OPERANDS_OWN, 0, run_git },
	{ "gmake", OPERANDS_OWN, TOOL_MAKE, run_make },
	{ "go", OPERANDS_OWN, TOOL_GO, run_tasks },
	{ "golangci-lint", OPERANDS_OWN, 0, run_lint },
	{ "gradle", OPERANDS_OWN, TOOL_GRADLE, run_gradle },
	{ "gradlew", OPERANDS_OWN, TOOL_GRADLE, run_gradle },
	{ "groupadd", OPERANDS_NONE, 0, NULL },
	{ "groupmod", OPERANDS_NONE, 0, NULL },
	{ "grunt", OPERANDS_OWN, TOOL_NODE, run_tasks },
	{ "gulp", OPERANDS_OWN, TOOL_NODE, run_tasks },
	{ "hatch", OPERANDS_NONE, TOOL_PYTHON | TOOL_PYTHON_BUILD, NULL },
	{ "id", OPERANDS_NONE, 0, NULL },
	{ "jest", OPERANDS_OWN, 0, run_tests },
	{ "jshint", OPERANDS_OWN, 0, run_lint },
	{ "make", OPERANDS_OWN, TOOL_MAKE, run_make },
	{ "meson", OPERANDS_OWN, TOOL_MESON, run_tasks },
	{ "mix", OPERANDS_OWN, TOOL_MIX, run_tasks },
	{ "mkdir", OPERANDS_OWN, 0, run_mkdir },
	{ "mvn", OPERANDS_OWN, TOOL_MAVEN, run_maven },
	{ "mvnw", OPERANDS_OWN, TOOL_MAVEN, run_maven },
	{ "mypy", OPERANDS_OWN, 0, run_lint },
	{ "nimble", OPERANDS_OWN, TOOL_NIMBLE, run_tasks },
	{ "ninja", OPERANDS_OWN, TOOL_MESON, run_tasks },
	{ "node", OPERANDS_OWN, 0, run_interpreter },
	{ "nosetests", OPERANDS_OWN, 0, run_tests },
	{ "nox", OPERANDS_OWN, 0, run_tests },
	{ "npm", OPERANDS_OWN, TOOL_NODE, command_node },
	{ "npx", OPERANDS_NONE, TOOL_NODE, NULL },
	{ "pdm", OPERANDS_OWN, TOOL_PYTHON, run_poetry },
	{ "perl", OPERANDS_OWN, 0, run_interpreter },
	{ "php", OPERANDS_OWN, 0, run_interpreter },
	{ "phpunit", OPERANDS_OWN, 0, run_tests },
	{ "pip", OPERANDS_OWN, TOOL_PYTHON, run_pip },
	{ "pip3", OPERANDS_OWN, TOOL_PYTHON, run_pip },
	{ "pipenv", OPERANDS_NONE, TOOL_PYTHON, NULL },
	{ "pnpm", OPERANDS_OWN, TOOL_NODE, command_node },
	{ "poetry", OPERANDS_OWN, TOOL_PYTHON, run_poetry },
	{ "prettier", OPERANDS_OWN, 0, run_lint },
	{ "printf", OPERANDS_NONE, 0, NULL },
	{ "py.test", OPERANDS_OWN, 0, run_tests },
	{ "pylint", OPERANDS_OWN, 0, run_lint },
	{ "pytest", OPERANDS_OWN, 0, run_tests },
	{ "python", OPERANDS_OWN, 0, run_interpreter },
	{ "python3", OPERANDS_OWN, 0, run_interpreter },
	{ "rails", OPERANDS_OWN, TOOL_RUBY, run_rake },
	{ "rake", OPERANDS_OWN, TOOL_RUBY, run_rake },
	{ "rm", OPERANDS_OWN, 0, run_rm },
	{ "rmdir", OPERANDS_NONE, 0, NULL },
	{ "rspec", OPERANDS_OWN, 0, run_tests },
	{ "rubocop", OPERANDS_OWN, 0, run_lint },
	{ "ruby", OPERANDS_OWN, 0, run_interpreter },
	{ "ruff", OPERANDS_OWN, 0, run_lint },
	{ "set", OPERANDS_NONE, 0, NULL },
	{ "setup.py", OPERANDS_NONE, TOOL_PYTHON_BUILD, NULL },
	{ "sh", OPERANDS_OWN, 0, run_shell },
	{ "sleep", OPERANDS_NONE, 0, NULL },
	{ "source", OPERANDS_OWN, 0, run_source },
	{ "stack", OPERANDS_OWN, TOOL_HASKELL, run_tasks },
	{ "stylelint", OPERANDS_OWN, 0, run_lint },
	{ "test", OPERANDS_NONE, 0, NULL },
	{ "touch", OPERANDS_NONE, 0, NULL },
	{ "tox", OPERANDS_OWN, 0, run_tests },
	{ "tslint", OPERANDS_OWN, 0, run_lint },
	{ "umask", OPERANDS_NONE, 0, NULL },
	{ "unset", OPERANDS_NONE, 0, NULL },
	{ "useradd", OPERANDS_NONE, 0, NULL },
	{ "usermod", OPERANDS_NONE, 0, NULL },
	{ "uv", OPERANDS_OWN, TOOL_PYTHON, run_uv },
	{ "vitest", OPERANDS_OWN, 0, run_tests },
	{ "wget", OPERANDS_NONE, 0, NULL },
	{ "yarn", OPERANDS_OWN, TOOL_NODE, command_node },
	{ "yum", OPERANDS_NONE, 0, NULL },
	{ "zsh", OPERANDS_OWN, 0, run_shell },
};

const struct command_rule *command_rule_find(struct str name) {
	size_t low = 0, high = sizeof(rules) / sizeof(rules[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(str_from(rules[middle].name), name);
		if (order == 0) {
			return &rules[middle];
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

void command_rule_run(struct commands *c, const struct command_rule *rule, const struct str *words,
		size_t n) {
	search_tool(c->s, rule->tools);
	switch (rule->operands) {
	case OPERANDS_NONE:
		break;
	case OPERANDS_TREE:
	case OPERANDS_NAME:
		command_operands(c, words, n, rule->operands == OPERANDS_TREE);
		break;
	case OPERANDS_OWN:
		rule->run(c, words, n);
		break;
	}
}
