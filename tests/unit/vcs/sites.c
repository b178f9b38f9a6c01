#include "sites.h"

#include "util/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct site site_make(void) {
	struct site s = { .at = tmptree_make(), .arena = arena_create() };

	cr_assert(eq(int, setenv("HOME", "/nonexistent", 1), 0));
	cr_assert(eq(int, unsetenv("XDG_CONFIG_HOME"), 0));
	cr_assert(gt(int, git_libgit2_init(), 0));
	return s;
}

void site_remove(struct site *s) {
	git_libgit2_shutdown();
	tree_destroy(s->tree);
	arena_destroy(s->arena);
	tmptree_remove(&s->at);
}

void site_write(const struct site *s, const char *path, const char *text) {
	tmptree_file(&s->at, path, 0);
	int fd = openat(s->at.fd, path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	cr_assert(eq(int, file_write_all(fd, str_from(text)), 0));
	(void)close(fd);
}

static void full_path(const struct site *s, const char *dir, char *out, size_t out_bytes) {
	(void)snprintf(out, out_bytes, "%s/%s", s->at.path, dir);
}

void site_init(const struct site *s, const char *dir) {
	git_repository *repository = NULL;
	char path[256];

	full_path(s, dir, path, sizeof(path));
	cr_assert(eq(int, git_repository_init(&repository, path, 0), 0));
	git_repository_free(repository);
}

void site_add(const struct site *s, const char *dir, const char *paths) {
	git_repository *repository = NULL;
	git_index *index = NULL;
	char path[256], text[512];

	full_path(s, dir, path, sizeof(path));
	(void)snprintf(text, sizeof(text), "%s", paths);
	cr_assert(eq(int, git_repository_open(&repository, path), 0));
	cr_assert(eq(int, git_repository_index(&index, repository), 0));
	char *rest = NULL;
	for (char *name = strtok_r(text, " ", &rest); name != NULL;
			name = strtok_r(NULL, " ", &rest)) {
		cr_assert(eq(int, git_index_add_bypath(index, name), 0), "%s", name);
	}
	cr_assert(eq(int, git_index_write(index), 0));
	git_index_free(index);
	git_repository_free(repository);
}

void site_change(const struct site *s, const char *path, struct site_entry to) {
	git_repository *repository = NULL;
	git_index *index = NULL;
	char hex[GIT_OID_HEXSZ + 1], object[128];

	cr_assert(eq(int, git_repository_open(&repository, s->at.path), 0));
	cr_assert(eq(int, git_repository_index(&index, repository), 0));
	const git_index_entry *old = git_index_get_bypath(index, path, 0);
	cr_assert(old != NULL, "%s", path);
	git_index_entry entry = *old;
	entry.file_size = to.size;
	entry.flags_extended = to.is_skipped ? GIT_INDEX_ENTRY_SKIP_WORKTREE : 0;
	git_oid_tostr(hex, sizeof(hex), &old->id);
	cr_assert(eq(int, git_index_add(index, &entry), 0));
	cr_assert(eq(int, git_index_write(index), 0));
	git_index_free(index);
	git_repository_free(repository);
	if (to.is_lost) {
		(void)snprintf(object, sizeof(object), ".git/objects/%.2s/%s", hex, hex + 2);
		cr_assert(eq(int, unlinkat(s->at.fd, object, 0), 0));
	}
}

void site_look(struct site *s, const char *dir) {
	char path[256];
	struct tng_error err = { 0 };

	full_path(s, dir, path, sizeof(path));
	tree_destroy(s->tree);
	s->tree = NULL;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(eq(int, tree_walk(fd, NULL, &s->tree, &err), TNG_OK), "%s", err.text);
	(void)close(fd);
	cr_assert(eq(int, vcs_column_open(s->arena, s->tree, path, &s->column, &err), TNG_OK), "%s",
			err.text);
}

const char *site_state(const struct site *s, const char *path) {
	uint32_t row = path[0] == '\0' ? 0 : tree_find(s->tree, str_from(path));

	return row == TREE_NO_ROW ? "none" : vcs_state_name((enum vcs_state)s->column.state[row]);
}

struct str site_warning(const struct site *s) {
	cr_assert(eq(sz, s->column.nwarnings, 1));
	return s->column.warnings[0].text;
}
