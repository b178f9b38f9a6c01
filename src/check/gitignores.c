/*
 * What the .gitignore files of the tree say of paths that are not there: such a path is made, and not committed.
 * They are read when the first line or source asks.
 */
#include "check/internal.h"

#include "util/file.h"

/* More files, or larger ones, are not read. */
#define FILES_MAX 200U
#define FILE_MAX_BYTES ((size_t)1 << 20)

/* ---- reading them */

static void add_file(struct checker *c, struct str dir, struct str text) {
	if (text.len > 0) {
		c->gitignores[c->ngitignores++] = (struct gitignore){ dir, text };
	}
}

static void read_row(struct checker *c, uint32_t row) {
	struct str path = check_path(c, row), text = STR("");
	enum tng_code code =
			file_read(c->arena, c->in->root_fd, path.ptr, FILE_MAX_BYTES, &text, NULL);

	check_code(c, code);
	if (code == TNG_OK) {
		add_file(c, path_dir(path), text);
	}
}

/* Those below the root; of dependencies none is the project's. */
static void read_nested(struct checker *c) {
	const struct tree *tree = c->in->tree;
	uint32_t nrows = tree_nrows(tree);

	for (uint32_t row = 1; row < nrows && c->ngitignores < FILES_MAX;) {
		const struct entry *entry = tree_entry(tree, row);
		struct str name = tree_name(tree, entry);
		bool is_foreign = entry_is_dir(entry) &&
				(str_eq(name, STR("node_modules")) || str_eq(name, STR(".git")));
		if (entry_is_file(entry) && entry->parent != 0 && str_eq(name, STR(".gitignore"))) {
			read_row(c, row);
		}
		row = is_foreign ? tree_end(tree, row) : row + 1;
	}
}

static bool read_all(struct checker *c) {
	if (c->gitignores == NULL) {
		c->gitignores = arena_new(c->arena, struct gitignore, FILES_MAX + 1);
		c->failed |= c->gitignores == NULL;
		if (c->gitignores != NULL) {
			add_file(c, STR("."), c->in->gitignore);
			read_nested(c);
		}
	}
	return c->gitignores != NULL;
}

/* ---- asking them */

/* Whether the last rule of a file that takes this very path takes it; `path` is from the file's directory. */
static bool takes(struct str text, struct str path) {
	struct vcs_query query = { .path = path, .name = path_base(path), .is_dir = true };
	struct str line;
	bool ignored = false;

	while (text.len > 0) {
		struct vcs_rule rule;
		(void)str_cut(text, '\n', &line, &text);
		if (vcs_rule_read(line, &rule) && vcs_rule_takes(&rule, &query)) {
			ignored = !rule.negated;
		}
	}
	return ignored;
}

/* The path, or a directory that it is in. */
static bool takes_path(struct str text, struct str path) {
	for (size_t end = 1; end <= path.len; end++) {
		if ((end == path.len || path.ptr[end] == '/') && takes(text, str_take(path, end))) {
			return true;
		}
	}
	return false;
}

bool check_is_git_ignored(struct checker *c, struct str path) {
	bool found = false;

	for (size_t i = 0; read_all(c) && i < c->ngitignores && !found; i++) {
		const struct gitignore *g = &c->gitignores[i];
		bool is_top = str_eq(g->dir, STR("."));
		if (is_top || (path_is_below(path, g->dir) && path.len > g->dir.len)) {
			found = takes_path(g->text, is_top ? path : str_skip(path, g->dir.len + 1));
		}
	}
	return found;
}

bool check_is_git_name(struct checker *c, struct str name) {
	for (size_t i = 0; read_all(c) && i < c->ngitignores; i++) {
		struct str rest = c->gitignores[i].text, line;
		while (rest.len > 0) {
			struct vcs_rule rule;
			(void)str_cut(rest, '\n', &line, &rest);
			if (vcs_rule_read(line, &rule) && !rule.negated &&
					str_eq(path_base(rule.pattern), name)) {
				return true;
			}
		}
	}
	return false;
}
