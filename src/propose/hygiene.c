/*
 * What will be there tomorrow: lines that a project of a kind wants whatever lies around today. They are
 * few, and their names mean one thing everywhere.
 */
#include "propose/internal.h"

struct hygiene {
	const char *marker; /* a file that tells the kind, anywhere; "": every project; a '/' in front: in
			       the root only */
	const char *pattern;
	const char *instead; /* when something that stays is in the way of it; NULL: nothing */
	enum propose_group group;
};

static const struct hygiene table[] = {
	{ "", "**/.env", ".env", GROUP_SECRETS },
	{ "", "**/.env.local", ".env.local", GROUP_SECRETS },
	{ "", "**/*.pem", NULL, GROUP_SECRETS },
	{ "", "**/.DS_Store", NULL, GROUP_TOOLS },
	{ "", "**/.idea", NULL, GROUP_TOOLS },
	{ "", "**/.vscode", NULL, GROUP_TOOLS },
	{ "", "**/*.log", NULL, GROUP_REPORTS },
	{ "/Cargo.toml", "target", NULL, GROUP_BUILD },
	{ "/build.gradle", ".gradle", NULL, GROUP_CACHES },
	{ "/build.gradle.kts", ".gradle", NULL, GROUP_CACHES },
	{ "/mix.exs", "_build", NULL, GROUP_BUILD },
	{ "/mix.exs", "deps", NULL, GROUP_DEPENDENCIES },
	{ "/pom.xml", "target", NULL, GROUP_BUILD },
	{ "main.tf", "**/.terraform", NULL, GROUP_SECRETS },
	{ "main.tf", "**/*.tfstate", NULL, GROUP_SECRETS },
	{ "package.json", "**/node_modules", NULL, GROUP_DEPENDENCIES },
	{ "package.json", "**/npm-debug.log*", NULL, GROUP_REPORTS },
	{ "Gemfile", "**/.bundle", NULL, GROUP_DEPENDENCIES },
	{ "Pipfile", "**/__pycache__", NULL, GROUP_CACHES },
	{ "Pipfile", "**/.venv", NULL, GROUP_DEPENDENCIES },
	{ "pyproject.toml", "**/__pycache__", NULL, GROUP_CACHES },
	{ "pyproject.toml", "**/.pytest_cache", NULL, GROUP_CACHES },
	{ "pyproject.toml", "**/.mypy_cache", NULL, GROUP_CACHES },
	{ "pyproject.toml", "**/.ruff_cache", NULL, GROUP_CACHES },
	{ "pyproject.toml", "**/.venv", NULL, GROUP_DEPENDENCIES },
	{ "requirements.txt", "**/__pycache__", NULL, GROUP_CACHES },
	{ "requirements.txt", "**/.pytest_cache", NULL, GROUP_CACHES },
	{ "requirements.txt", "**/.venv", NULL, GROUP_DEPENDENCIES },
	{ "setup.py", "**/__pycache__", NULL, GROUP_CACHES },
	{ "setup.py", "**/*.egg-info", NULL, GROUP_BUILD },
	{ "setup.py", "**/.venv", NULL, GROUP_DEPENDENCIES },
};

#define NLINES (sizeof(table) / sizeof(table[0]))

/* Markers inside dependencies and the like tell nothing about the project. */
static bool counts(const struct facts *f, uint32_t row) {
	const struct class_column *classes = f->input->classes;
	uint32_t root = classes->roots[tree_entry(f->tree, row)->parent];

	return (f->rows[row] & ROW_GONE) == 0 &&
			(root == TREE_NO_ROW || classes->marks[root].advice == ADVICE_KEEP);
}

static void find_markers(const struct facts *f, bool found[NLINES]) {
	for (size_t i = 0; i < NLINES; i++) {
		found[i] = table[i].marker[0] == '\0';
	}
	for (uint32_t row = 1; row < tree_nrows(f->tree); row++) {
		const struct entry *entry = tree_entry(f->tree, row);
		struct str name = tree_name(f->tree, entry);
		if (!entry_is_file(entry)) {
			continue;
		}
		for (size_t i = 0; i < NLINES; i++) {
			bool in_root = table[i].marker[0] == '/';
			if (!found[i] && str_eq(str_from(table[i].marker + in_root), name) &&
					(!in_root || entry->parent == 0) && counts(f, row)) {
				found[i] = true;
			}
		}
	}
}

/* Hand-written lines that keep it out, here and deep down, need no second one. */
static enum tng_code is_out_already(const struct facts *f, struct ignore_scratch *scratch,
		struct str pattern, bool *out, struct tng_error *err) {
	bool deep = str_starts(pattern, STR("**/"));
	struct str name = deep ? str_skip(pattern, 3) : pattern;
	struct buf sample = { 0 };
	enum tng_code code = TNG_OK;

	if (f->is_listed && (!deep || !f->has_folders)) {
		*out = true; /* "*" keeps it out */
		return TNG_OK;
	}
	*out = f->hand != NULL;
	for (int depth = 0; depth <= (deep ? 2 : 0) && code == TNG_OK && *out; depth++) {
		struct verdict verdict;
		buf_clear(&sample);
		buf_append(&sample, depth > 0 ? STR("a/") : STR(""));
		buf_append(&sample, depth > 1 ? STR("b/") : STR(""));
		for (size_t i = 0; i < name.len; i++) {
			buf_append(&sample,
					name.ptr[i] == '*' ? STR("x")
							   : str_take(str_skip(name, i), 1));
		}
		code = buf_failed(&sample)
				? error_nomem(err)
				: ignore_decide_path(scratch, buf_str(&sample), &verdict, err);
		*out = code == TNG_OK && verdict.excluded;
	}
	buf_fini(&sample);
	return code;
}

static enum tng_code add(const struct facts *f, struct ignore_scratch *scratch, const char *pattern,
		const char *instead_of, enum propose_group group, struct candidates *out,
		struct tng_error *err) {
	bool already;
	enum tng_code code = is_out_already(f, scratch, str_from(pattern), &already, err);

	if (code != TNG_OK || already) {
		return code;
	}
	size_t n = out->len;
	struct candidate *c = candidates_add(out, str_from(pattern), CANDIDATE_HYGIENE, group);
	if (c == NULL) {
		return error_nomem(err);
	}
	if (out->len > n) {
		c->instead_of = str_from(instead_of);
	} else if (instead_of[0] == '\0') {
		c->kind = CANDIDATE_HYGIENE; /* of other origin: wanted whatever it takes today */
		c->group = group;
	}
	return TNG_OK;
}

enum tng_code hygiene_add(struct arena *a, const struct facts *facts, struct candidates *out,
		struct tng_error *err) {
	bool found[NLINES];
	struct ignore_scratch *scratch = NULL;
	enum tng_code code = TNG_OK;

	(void)a;
	if (facts->hand != NULL) {
		scratch = ignore_scratch_create(facts->hand);
		if (scratch == NULL) {
			return error_nomem(err);
		}
	}
	find_markers(facts, found);
	for (size_t i = 0; i < NLINES && code == TNG_OK; i++) {
		if (!found[i]) {
			continue;
		}
		code = add(facts, scratch, table[i].pattern, "", table[i].group, out, err);
		if (code == TNG_OK && table[i].instead != NULL) {
			code = add(facts, scratch, table[i].instead, table[i].pattern,
					table[i].group, out, err);
		}
	}
	ignore_scratch_destroy(scratch);
	return code;
}
