/*
 * Manifests and build files that the tools of RUN read. A row of the table is a kind of file, what it
 * says in it (a regular expression; group 1 is a path, a list of quoted ones, or words), and what that
 * means. A row counts when some RUN calls its family of tools. Paths are relative to the file.
 */
#include "propose/references_internal.h"
#include "util/globs.h"
#include "util/gomatch.h"
#include "util/path.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#define MATCH_LIMIT 200000U

enum meaning {
	MEANS_PATH,   /* group 1 is a path */
	MEANS_QUOTED, /* every quoted string in group 1 is */
	MEANS_WORDS,  /* every word of group 1 is */
	MEANS_MEMBER, /* as MEANS_QUOTED, or a path alone: directories with a manifest of their own */
	MEANS_FIXED, /* `path` is, relative to the root where it starts with '/' */
	MEANS_GIT,   /* the version comes from .git */
	MEANS_SELF,  /* the file itself is read */
};

struct manifest_rule {
	const char *file; /* glob of the name */
	uint32_t tools;   /* one of them is called */
	enum meaning meaning;
	enum need_kind kind;
	enum need_guard guard;
	bool spreads;
	const char *regex;
	const char *why;
	const char *path;
};

#define ASK NEED_ASK
#define KEEP NEED_KEEP
#define MANIFEST NEED_GUARD_MANIFEST
#define MEMBER NEED_GUARD_WORKSPACE_MEMBER
#define EMBEDDED NEED_GUARD_EMBEDDED
#define VCS NEED_GUARD_VCS_VERSION
#define PY TOOL_PYTHON_BUILD

/* names by which bundlers know what may be seen by everybody */
#define PUBLIC_VALUES                                                                              \
	"^(?:EXPO_PUBLIC|GATSBY|NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|REACT_APP|VITE|VUE_APP)_\\w+\\s*="

/* a quoted path with a slash or a suffix in it, as far as it is literal: "tests/ ** / *.js" gives tests/ */
#define QUOTED_PATH "[\"'`](?:\\./)?([\\w@-]+(?:\\.[\\w-]+)*/[\\w@./-]*|[\\w@-]+\\.[\\w.-]+)"

static const struct manifest_rule rules[] = {
	{ "*.c*proj", TOOL_DOTNET, MEANS_FIXED, ASK, MANIFEST, false, "<Project",
			"dotnet reads the settings of analyzers", "/.editorconfig" },
	{ "*.cabal", TOOL_HASKELL, MEANS_WORDS, ASK, MANIFEST, false,
			"(?i)^(?:license-file|extra-source-files|extra-doc-files|data-files):"
			"\\s*([^\\n]+(?:\\n[ \\t]+[^\\n:]+)*)",
			"listed in the cabal file", NULL },
	{ "*.cmake", TOOL_CMAKE, MEANS_PATH, ASK, MANIFEST, false,
			"(?:configure_file|file\\s*\\(\\s*READ|include)\\s*\\(?\\s*\"?(?:\\$\\{"
			"CMAKE_[A-Z_"
			"]*SOURCE_DIR\\}/)?([^\\s)\"$]+)",
			"read by CMake", NULL },
	{ "*.csproj", TOOL_DOTNET, MEANS_MEMBER, KEEP, MEMBER, false,
			"<ProjectReference\\s+Include=(\"[^\"]+\")", "a project refers to it",
			NULL },
	{ "*.csproj", TOOL_DOTNET, MEANS_QUOTED, ASK, EMBEDDED, true,
			"<(?:EmbeddedResource|Content|None|Compile|AdditionalFiles)\\s+(?:Include|"
			"Update)="
			"(\"[^\"]+\")",
			"an item of a project", NULL },
	{ "*.csproj", TOOL_DOTNET, MEANS_GIT, KEEP, VCS, false,
			"MinVer|GitVersion|Nerdbank\\.GitVersioning", "the version comes from git",
			NULL },
	{ "*.ex", TOOL_MIX, MEANS_PATH, KEEP, EMBEDDED, false,
			"(?:File\\.read!\\(\\s*|@external_resource\\s+)\"([^\"]+)\"",
			"read when it is compiled", NULL },
	{ "*.gemspec", TOOL_RUBY, MEANS_GIT, KEEP, VCS, false, "git ls-files",
			"the gemspec asks git for its files", NULL },
	{ "*.gemspec", TOOL_RUBY, MEANS_PATH, KEEP, MANIFEST, false,
			"(?:File|IO)\\.(?:read|binread|readlines)\\s*\\(?\\s*['\"]([^'\"]+)['\"]",
			"read by the gemspec", NULL },
	{ "*.gemspec", TOOL_RUBY, MEANS_QUOTED, ASK, MANIFEST, false,
			"(?:extra_rdoc_files|files)\\s*\\+?=\\s*(\\[[^\\]]*\\])",
			"listed in the gemspec", NULL },
	{ "*.go", TOOL_GO, MEANS_WORDS, KEEP, EMBEDDED, true, "^//go:embed[ \\t]+([^\\n]+)",
			"go:embed", NULL },
	{ "*.gradle*", TOOL_GRADLE, MEANS_GIT, KEEP, VCS, false,
			"axion-release|nebula\\.release|org\\.ajoberstar\\.reckon|palantir\\.git-"
			"version|"
			"git-properties",
			"the version comes from git", NULL },
	{ "*.gradle*", TOOL_GRADLE, MEANS_PATH, KEEP, MANIFEST, false,
			"apply\\s*\\(?\\s*from\\s*[:=]\\s*['\"]([^'\"]+)['\"]", "applied by Gradle",
			NULL },
	{ "*.gradle*", TOOL_GRADLE, MEANS_QUOTED, ASK, MANIFEST, true,
			"srcDirs?\\s*(?:\\(|=|\\+=)?\\s*(\\[[^\\]]*\\]|['\"][^'\"]+['\"])",
			"a source directory of Gradle", NULL },
	{ "*.props", TOOL_DOTNET, MEANS_GIT, KEEP, VCS, false,
			"MinVer|GitVersion|Nerdbank\\.GitVersioning", "the version comes from git",
			NULL },
	{ "*.rs", TOOL_CARGO, MEANS_PATH, KEEP, EMBEDDED, false,
			"include_(?:str|bytes)!\\s*\\(\\s*(?:concat!\\([^\"]*\"[^\"]*\"\\)\\s*,\\s*"
			")?"
			"\"([^\"]+)\"",
			"include_str! or include_bytes!", NULL },
	{ ".env", TOOL_NODE, MEANS_SELF, ASK, MANIFEST, false, PUBLIC_VALUES,
			"the bundler puts its public values into the pages", NULL },
	{ ".env.production", TOOL_NODE, MEANS_SELF, KEEP, MANIFEST, false, PUBLIC_VALUES,
			"the bundler puts its public values into the pages", NULL },
	{ "CMakeLists.txt", TOOL_CMAKE, MEANS_MEMBER, ASK, MEMBER, false,
			"add_subdirectory\\s*\\(\\s*\"?([^\\s)\"$]+)", "add_subdirectory of CMake",
			NULL },
	{ "CMakeLists.txt", TOOL_CMAKE, MEANS_PATH, ASK, MANIFEST, false,
			"(?:configure_file|file\\s*\\(\\s*READ|include)\\s*\\(?\\s*\"?(?:\\$\\{"
			"CMAKE_[A-Z_"
			"]*SOURCE_DIR\\}/)?([^\\s)\"$]+)",
			"read by CMake", NULL },
	{ "Cargo.toml", TOOL_CARGO, MEANS_GIT, ASK, VCS, false,
			"^\\s*(?:vergen[\\w-]*|shadow-rs|built|git-version|bugreport)\\s*=",
			"the version may come from git", NULL },
	{ "Cargo.toml", TOOL_CARGO, MEANS_QUOTED, ASK, MANIFEST, false,
			"^\\s*include\\s*=\\s*(\\[[^\\]]*\\])", "packed by Cargo.toml", NULL },
	{ "Cargo.toml", TOOL_CARGO, MEANS_MEMBER, KEEP, MEMBER, false,
			"^\\s*members\\s*=\\s*(\\[[^\\]]*\\])", "a member of the Cargo workspace",
			NULL },
	{ "Cargo.toml", TOOL_CARGO, MEANS_MEMBER, KEEP, MEMBER, false,
			"\\bpath\\s*=\\s*(\"[^\"]+\")", "a path of Cargo.toml", NULL },
	{ "Cargo.toml", TOOL_CARGO, MEANS_PATH, KEEP, MANIFEST, false,
			"^\\s*(?:readme|license-file|build)\\s*=\\s*\"([^\"]+)\"",
			"named by Cargo.toml", NULL },
	{ "Directory.Build.props", TOOL_DOTNET, MEANS_QUOTED, ASK, MANIFEST, true,
			"Include=(\"[^\"]+\")", "an item of every project", NULL },
	{ "Gemfile", TOOL_RUBY, MEANS_MEMBER, KEEP, MEMBER, true,
			"\\bpath(?::|\\s*=>)?\\s*(['\"][^'\"]+['\"])", "a gem of the Gemfile",
			NULL },
	{ "Gemfile", TOOL_RUBY, MEANS_PATH, KEEP, MANIFEST, false,
			"(?:require_relative|eval_gemfile|File\\.(?:read|join|expand_path)\\()\\s*"
			"\\(?['\"]"
			"([^'\"]+)['\"]",
			"read by the Gemfile", NULL },
	{ "Gruntfile.*", TOOL_NODE, MEANS_FIXED, ASK, MANIFEST, false, "eslint",
			"a task calls eslint", "/.eslintrc*" },
	{ "Gruntfile.*", TOOL_NODE, MEANS_FIXED, ASK, MANIFEST, false, "eslint",
			"a task calls eslint", "/eslint.config.*" },
	{ "Gruntfile.*", TOOL_NODE, MEANS_PATH, ASK, MANIFEST, false, QUOTED_PATH,
			"a path of the Gruntfile", NULL },
	{ "MANIFEST.in", PY, MEANS_WORDS, ASK, EMBEDDED, true,
			"^\\s*(?:include|graft|recursive-include)\\s+([^\\n#]+)", "MANIFEST.in",
			NULL },
	{ "build.rs", TOOL_CARGO, MEANS_PATH, ASK, EMBEDDED, false, QUOTED_PATH,
			"a path of the build script", NULL },
	{ "build.rs", TOOL_CARGO, MEANS_GIT, ASK, VCS, false,
			"\"git\"|\\bgit2::|Repository::(?:open|discover)",
			"the build script asks git", NULL },
	{ "composer.json", TOOL_PHP, MEANS_QUOTED, ASK, MANIFEST, false,
			"\"autoload\"\\s*:\\s*(\\{(?:[^{}]|\\{[^{}]*\\})*\\})",
			"autoload of Composer", NULL },
	{ "composer.json", TOOL_PHP_DEV, MEANS_QUOTED, ASK, MANIFEST, false,
			"\"autoload-dev\"\\s*:\\s*(\\{(?:[^{}]|\\{[^{}]*\\})*\\})",
			"autoload-dev of Composer", NULL },
	{ "go.mod", TOOL_GO, MEANS_MEMBER, KEEP, MEMBER, false, "=>\\s*(\\.\\.?/[^\\s]+)",
			"a module that go.mod replaces", NULL },
	{ "go.work", TOOL_GO, MEANS_MEMBER, KEEP, MEMBER, false,
			"^\\s*(?:use\\s+)?(\\.\\.?/[^\\s)]+)", "a module of go.work", NULL },
	{ "gulpfile.*", TOOL_NODE, MEANS_PATH, ASK, MANIFEST, false, QUOTED_PATH,
			"a path of the gulpfile", NULL },
	{ "lerna.json", TOOL_NODE, MEANS_MEMBER, ASK, MEMBER, false,
			"\"packages\"\\s*:\\s*(\\[[^\\]]*\\])", "a package of lerna", NULL },
	{ "manifest.js", TOOL_RUBY, MEANS_PATH, ASK, MANIFEST, true,
			"^//"
			"=\\s*(?:link|link_directory|link_tree|require|require_tree)\\s+([^\\s]+)",
			"linked by the manifest of the asset pipeline", NULL },
	{ "meson.build", TOOL_MESON, MEANS_MEMBER, ASK, MEMBER, false, "subdir\\s*\\(\\s*('[^']+')",
			"subdir of meson", NULL },
	{ "meson.build", TOOL_MESON, MEANS_PATH, ASK, MANIFEST, false, QUOTED_PATH,
			"a path of meson", NULL },
	{ "mix.exs", TOOL_MIX, MEANS_PATH, KEEP, MANIFEST, false,
			"File\\.read!?\\(\\s*\"([^\"]+)\"", "read by mix.exs", NULL },
	{ "mix.exs", TOOL_MIX, MEANS_QUOTED, ASK, MANIFEST, false,
			"(?:extras|files):\\s*(\\[[^\\]]*\\])", "listed in mix.exs", NULL },
	{ "package.json", TOOL_NODE, MEANS_MEMBER, ASK, MEMBER, false,
			"\"workspaces\"\\s*:\\s*(\\[[^\\]]*\\]|\\{[^}]*\\})",
			"a workspace of package.json", NULL },
	{ "package.json", TOOL_NODE, MEANS_MEMBER, KEEP, MEMBER, false,
			"\"(?:file|link|portal):([^\"]+)\"", "a local dependency of package.json",
			NULL },
	{ "package.json", TOOL_NODE, MEANS_PATH, ASK, MANIFEST, false,
			"\"(?:main|module|types|browser)\"\\s*:\\s*\"([^\"]+)\"",
			"named by package.json", NULL },
	{ "pnpm-workspace.y*ml", TOOL_NODE, MEANS_MEMBER, ASK, MEMBER, false,
			"^\\s*-\\s*['\"]?([^'\"#\\n!]+?)['\"]?\\s*$",
			"a package of the pnpm workspace", NULL },
	{ "pnpm-workspace.y*ml", TOOL_NODE, MEANS_PATH, KEEP, MANIFEST, false,
			":\\s*['\"]?([\\w./@-]+\\.patch)\\b", "a patch of pnpm", NULL },
	{ "pom.xml", TOOL_MAVEN, MEANS_GIT, KEEP, VCS, false, "git-commit-id|jgitver",
			"the version comes from git", NULL },
	{ "pom.xml", TOOL_MAVEN, MEANS_MEMBER, KEEP, MEMBER, false, "<module>([^<$]+)</module>",
			"a module of pom.xml", NULL },
	{ "pom.xml", TOOL_MAVEN, MEANS_PATH, ASK, MANIFEST, true,
			"<directory>(?:\\$\\{(?:project\\.)?basedir\\}/)?([^<$]+)</directory>",
			"a directory of pom.xml", NULL },
	{ "pom.xml", TOOL_MAVEN, MEANS_PATH, ASK, MANIFEST, true,
			"\\$\\{(?:project\\.)?basedir\\}/([\\w./-]+)", "a path of pom.xml", NULL },
	{ "pyproject.toml", PY, MEANS_FIXED, ASK, MANIFEST, false, "hatchling|poetry[-.]core",
			"what git ignores is not packed", ".gitignore" },
	{ "pyproject.toml", PY, MEANS_GIT, KEEP, VCS, false,
			"setuptools[-_]scm|setuptools[-_]git[-_]versioning|hatch[-_]vcs|"
			"versioningit|"
			"versioneer|dunamai|poetry-dynamic-versioning|[\"']pbr\\b",
			"the version comes from git", NULL },
	{ "pyproject.toml", PY, MEANS_PATH, KEEP, MANIFEST, false,
			"(?:^|[{,])\\s*(?:readme|path)\\s*=\\s*[\"']([^\"'\\n]+)[\"']",
			"named by pyproject.toml", NULL },
	{ "pyproject.toml", PY, MEANS_PATH, KEEP, MANIFEST, false,
			"^\\s*(?:readme|license)\\s*=\\s*\\{[^}\\n]*\\bfile\\s*=\\s*[\"']([^\"'\\n]"
			"+)[\"']",
			"named by pyproject.toml", NULL },
	{ "pyproject.toml", PY, MEANS_QUOTED, ASK, MANIFEST, true,
			"^\\s*(?:packages|include|only-include|py-modules|artifacts|package-data)"
			"\\s*=\\s*"
			"(\\[[^\\]]*\\])",
			"packed by pyproject.toml", NULL },
	{ "pyproject.toml", PY, MEANS_QUOTED, KEEP, MANIFEST, false,
			"^\\s*(?:file|readme)\\s*=\\s*(\\[[^\\]]*\\])", "named by pyproject.toml",
			NULL },
	{ "pyproject.toml", PY, MEANS_QUOTED, ASK, MANIFEST, false,
			"^\\s*license-files\\s*=\\s*(\\[[^\\]]*\\])",
			"license-files of pyproject.toml", NULL },
	{ "pyproject.toml", PY, MEANS_PATH, KEEP, MANIFEST, true,
			"^\\s*[\"']([^\"'\\n]+)[\"']\\s*=\\s*[\"'][^\"'\\n]*[\"']\\s*$",
			"force-include of pyproject.toml", NULL },
	{ "settings.gradle*", TOOL_GRADLE, MEANS_MEMBER, ASK, MEMBER, false,
			"include\\b[\\s(]*((?:['\"][^'\"\\n]+['\"][\\s,]*)+)", "a module of Gradle",
			NULL },
	{ "setup.cfg", PY, MEANS_GIT, KEEP, VCS, false, "setuptools[-_]scm|versioneer|\\bpbr\\b",
			"the version comes from git", NULL },
	{ "setup.cfg", PY, MEANS_WORDS, ASK, MANIFEST, false,
			"^\\s*(?:long_description|license_files?|readme)\\s*=\\s*(?:file:)?\\s*([^"
			"\\n]+)",
			"named by setup.cfg", NULL },
	{ "setup.py", PY, MEANS_GIT, KEEP, VCS, false,
			"use_scm_version|setuptools[-_]scm|versioneer|\\bpbr\\s*=\\s*True",
			"the version comes from git", NULL },
	{ "setup.py", PY, MEANS_PATH, KEEP, MANIFEST, false,
			"(?:open|read|read_text|read_file|join|Path|joinpath)\\s*\\([^)\\n]*?['\"]("
			"[\\w./-]+)"
			"['\"]\\s*[,)]",
			"read by setup.py", NULL },
	{ "tsconfig*.json", TOOL_NODE, MEANS_MEMBER, ASK, MEMBER, false,
			"\"(?:path|extends)\"\\s*:\\s*(\"[^\"]+\")", "a reference of tsconfig",
			NULL },
	{ "vite.config.*", TOOL_NODE, MEANS_FIXED, ASK, MANIFEST, false, "eslint",
			"the bundler calls eslint", "/.eslintrc*" },
	{ "webpack*.*js", TOOL_NODE, MEANS_PATH, ASK, MANIFEST, false, QUOTED_PATH,
			"a path of the bundler", NULL },
};
#define NRULES (sizeof(rules) / sizeof(rules[0]))

#undef ASK
#undef KEEP
#undef MANIFEST
#undef MEMBER
#undef EMBEDDED
#undef VCS
#undef PY
#undef QUOTED_PATH

struct manifests {
	struct search *s;
	struct globs files;        /* of the rules */
	pcre2_code *codes[NRULES]; /* compiled when a file first asks */
	pcre2_match_data *data;
	pcre2_match_context *context;
};

struct reading {
	struct search *s;
	const struct manifest_rule *rule;
	struct str dir;
	struct origin at;
};

/* ---- one value ---- */

/* What is a candidate itself, or somebody else's, does not say what the build needs. */
static bool is_silent(const struct search *s, uint32_t row) {
	const struct class_column *classes = s->in->classes;

	if (classes == NULL ||
			str_starts(tree_name(s->tree, tree_entry(s->tree, row)), STR(".env"))) {
		return false;
	}
	uint16_t klass = classes->marks[row].klass;
	return klass == CLASS_VENDORED || klass == CLASS_TESTS || klass == CLASS_FIXTURES ||
			classes->classes[klass].group == CLASS_GROUP_EXCLUDE;
}

/* "a\\b" and ":a:b" are a/b; what is behind a variable of the place is relative to it. */
static struct str as_path(struct search *s, struct str value) {
	struct str copy = arena_copy(s->scratch, str_trim(value));
	char *text = arena_alloc(s->scratch, copy.len + 1);

	if (copy.ptr == NULL || text == NULL) {
		s->failed = true;
		return STR("");
	}
	bool is_module = str_starts(copy, STR(":"));
	for (size_t i = 0; i < copy.len; i++) {
		char c = copy.ptr[i];
		text[i] = (char)(c == '\\' || (is_module && c == ':') ? '/' : c);
	}
	struct str path = str_make(text, copy.len);
	while (is_module && str_starts(path, STR("/"))) {
		path = str_skip(path, 1);
	}
	return path;
}

struct member {
	struct reading *r;
	const struct mark_how *how;
	size_t nfound;
};

/* What is installed or made there is no member. */
static void mark_member(struct search *s, uint32_t row, void *user) {
	struct member *m = user;

	if (!is_silent(s, row)) {
		struct mark_how dir = *m->how;
		dir.spreads = false;
		m->nfound++;
		mark_row(s, row, &m->r->at, m->how);
		mark_row(s, tree_parent(s->tree, row), &m->r->at, &dir);
	}
}

/* Whether there is one. */
static bool mark_manifests_in(struct reading *r, struct str path) {
	size_t nfound = 0;
	static const char *const names[] = { "package.json", "Cargo.toml", "pom.xml", "go.mod",
		"build.gradle*", "CMakeLists.txt", "meson.build", "tsconfig.json", "src/main" };
	struct mark_how how = { r->rule->kind, r->rule->guard, true, r->rule->why, STR("") };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str below = path_join(r->s->a, path, str_from(names[i]));
		struct member m = { r, &how, 0 };
		r->s->failed |= below.ptr == NULL;
		struct str clean = below.ptr != NULL ? search_join(r->s, r->dir, below) : STR("");
		if (clean.len > 0) {
			rows_each(r->s, clean, mark_member, &m);
		}
		nfound += m.nfound;
	}
	return nfound > 0;
}

static void take_path(struct reading *r, struct str value) {
	struct mark_how how = { r->rule->kind, r->rule->guard, r->rule->spreads, r->rule->why,
		STR("") };
	struct str path = as_path(r->s, value);

	if (path.len == 0 || str_eq(path, STR(".")) || str_find(path, '$') < path.len ||
			str_starts(path, STR("!"))) {
		return;
	}
	if (r->rule->meaning == MEANS_MEMBER && gomatch_has_wildcard(path)) {
		(void)mark_manifests_in(r, path); /* "packages/ *" and "**" mean those with one */
		return;
	}
	bool is_found = mark_path(r->s, r->dir, path, &r->at, &how);
	if (!is_found) { /* some tools start at the root */
		is_found = mark_path(r->s, STR("."), path, &r->at, &how);
	}
	if (is_found && r->rule->meaning == MEANS_MEMBER) {
		(void)mark_manifests_in(r, path);
	}
}

static void take_quoted(struct reading *r, struct str text) {
	while (text.len > 0) {
		size_t start = 0;
		while (start < text.len && text.ptr[start] != '"' && text.ptr[start] != '\'') {
			start++;
		}
		if (start == text.len) {
			return;
		}
		struct str rest = str_skip(text, start + 1);
		size_t n = str_find(rest, text.ptr[start]);
		take_path(r, str_take(rest, n));
		text = str_skip(rest, n + 1);
	}
}

static void take_words(struct reading *r, struct str text) {
	for (size_t start = 0, i = 0; i <= text.len; i++) {
		bool is_end = i == text.len || strchr(" \t\n\r,\"'", text.ptr[i]) != NULL;
		if (is_end && i > start) {
			take_path(r, str_make(text.ptr + start, i - start));
		}
		start = is_end ? i + 1 : start;
	}
}

static bool has_quotes(struct str text) {
	return str_find(text, '"') < text.len || str_find(text, '\'') < text.len;
}

static void take_match(struct reading *r, struct str group) {
	switch (r->rule->meaning) {
	case MEANS_PATH:
		take_path(r, group);
		break;
	case MEANS_QUOTED:
		take_quoted(r, group);
		break;
	case MEANS_WORDS:
		take_words(r, group);
		break;
	case MEANS_MEMBER:
		if (has_quotes(group)) {
			take_quoted(r, group);
		} else {
			take_path(r, group);
		}
		break;
	case MEANS_FIXED:
		take_path(r, str_from(r->rule->path));
		break;
	case MEANS_SELF:
		take_path(r, path_base(r->at.file));
		break;
	case MEANS_GIT:
		/* what makes a version for a package adds a date or "dirty" to it */
		r->s->vcs_is_exact |= r->rule->kind == NEED_KEEP;
		need_raise(&r->s->vcs_need, r->rule->kind, r->rule->guard, &r->at,
				str_from(r->rule->why));
		break;
	}
}

/* ---- one file ---- */

static pcre2_code *code_of(struct manifests *m, size_t i) {
	int error = 0;
	PCRE2_SIZE offset = 0;

	if (m->codes[i] == NULL) {
		m->codes[i] = pcre2_compile((PCRE2_SPTR)rules[i].regex, PCRE2_ZERO_TERMINATED,
				PCRE2_MULTILINE, &error, &offset, NULL);
		m->s->failed |= m->codes[i] == NULL;
	}
	return m->codes[i];
}

/* Whether the line of a match is a comment; "//go:embed" and "//= link" are none. */
static bool is_comment(struct str text, size_t at) {
	size_t start = at;

	while (start > 0 && text.ptr[start - 1] != '\n') {
		start--;
	}
	struct str line = str_trim(str_make(text.ptr + start, at - start));
	return str_starts(line, STR("#")) ||
			(str_starts(line, STR("//")) && !str_starts(line, STR("//go:")) &&
					!str_starts(line, STR("//=")));
}

static void apply(struct manifests *m, size_t i, struct reading *r, struct str text) {
	pcre2_code *code = code_of(m, i);
	size_t at = 0, counted = 0;
	uint32_t line = 1;

	while (code != NULL && at <= text.len) {
		int n = pcre2_match(
				code, (PCRE2_SPTR)text.ptr, text.len, at, 0, m->data, m->context);
		if (n <= 0) {
			return;
		}
		PCRE2_SIZE *ends = pcre2_get_ovector_pointer(m->data);
		size_t group = n > 1 ? 2 : 0;
		for (; counted < ends[group]; counted++) {
			line += text.ptr[counted] == '\n';
		}
		r->at.line = line;
		if (!is_comment(text, ends[group])) {
			take_match(r,
					str_make(text.ptr + ends[group],
							ends[group + 1] - ends[group]));
		}
		at = ends[1] > ends[0] ? ends[1] : ends[1] + 1;
		if (rules[i].meaning >= MEANS_FIXED) {
			return;
		}
	}
}

static bool is_wanted(const struct search *s, size_t i, struct str name) {
	bool is_git = rules[i].meaning == MEANS_GIT;
	uint32_t tools = is_git ? s->vcs_tools : s->tools;

	return (is_git || !s->in->only_vcs) && (rules[i].tools & tools) != 0 &&
			gomatch(str_from(rules[i].file), name) == GOMATCH_YES;
}

static void read_row(struct manifests *m, uint32_t row) {
	struct search *s = m->s;
	struct str name = tree_name(s->tree, tree_entry(s->tree, row)), text = STR("");
	struct arena_mark mark = arena_mark(s->scratch);
	struct reading r = { .s = s };

	struct globs_turn turn = globs_ask(&m->files, name);
	for (uint32_t i = globs_next(&m->files, &turn); i < NRULES;
			i = globs_next(&m->files, &turn)) {
		if (!is_wanted(s, i, name)) {
			continue;
		}
		if (r.at.file.len == 0) {
			if (is_silent(s, row) || !search_read(s, row, false, &text)) {
				break;
			}
			r.at.file = search_path(s, row);
			r.dir = path_dir(r.at.file);
		}
		r.rule = &rules[i];
		apply(m, i, &r, text);
	}
	arena_rewind(s->scratch, mark);
}

static bool index_rules(struct manifests *m) {
	struct str files[NRULES];

	for (size_t i = 0; i < NRULES; i++) {
		files[i] = str_from(rules[i].file);
	}
	return globs_make(m->s->scratch, files, NRULES, &m->files);
}

void references_manifests(struct search *s) {
	struct manifests m = { .s = s,
		.data = pcre2_match_data_create(2, NULL),
		.context = pcre2_match_context_create(NULL) };

	if (m.data == NULL || m.context == NULL || !index_rules(&m)) {
		s->failed = true;
	} else {
		(void)pcre2_set_match_limit(m.context, MATCH_LIMIT);
		for (uint32_t row = 1; row < tree_nrows(s->tree) && !s->failed; row++) {
			if (entry_is_file(tree_entry(s->tree, row))) {
				read_row(&m, row);
			}
		}
	}
	for (size_t i = 0; i < NRULES; i++) {
		pcre2_code_free(m.codes[i]);
	}
	pcre2_match_data_free(m.data);
	pcre2_match_context_free(m.context);
}
