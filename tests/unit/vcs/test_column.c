#include "sites.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE(s, path, state) cr_assert_str_eq(site_state((s), (path)), (state), "%s", (path))

static struct site s;

static void begin(void) {
	s = site_make();
}

static void end(void) {
	site_remove(&s);
}

TestSuite(vcs_column, .init = begin, .fini = end);

Test(vcs_column, rows_are_what_git_says) {
	site_init(&s, ".");
	site_write(&s, "a/x", "one");
	site_write(&s, "a-b", "one");
	site_write(&s, "a.c", "one");
	site_write(&s, "bin/tool", "one");
	site_write(&s, ".gitignore", "*.o\n/out/\n!keep.o\n");
	site_add(&s, ".", "a/x a-b a.c bin/tool .gitignore");
	site_write(&s, "a-b", "longer than one");
	site_write(&s, "a/y.o", "");
	site_write(&s, "a/keep.o", "");
	site_write(&s, "out/keep.o", "");
	cr_assert(eq(int, fchmodat(s.at.fd, "bin/tool", 0755, 0), 0));
	cr_assert(eq(int, unlinkat(s.at.fd, "a.c", 0), 0));
	site_look(&s, ".");

	cr_assert(s.column.is_known);
	STATE(&s, "", "tracked");
	STATE(&s, "a", "tracked");
	STATE(&s, "a/x", "tracked");
	STATE(&s, "a-b", "modified");
	STATE(&s, "bin/tool", "modified");
	STATE(&s, "a/y.o", "ignored");
	STATE(&s, "a/keep.o", "untracked");
	STATE(&s, "out", "ignored");
	STATE(&s, "out/keep.o", "ignored");
	STATE(&s, ".git", "outside");
	STATE(&s, ".git/HEAD", "outside");
	cr_assert(eq(u64, s.column.ntracked, 5));
	cr_assert(eq(u64, s.column.nmissing, 1));
	cr_assert(eq(sz, s.column.nwarnings, 0));
}

Test(vcs_column, a_root_below_the_top_has_the_rules_above_it) {
	site_init(&s, ".");
	site_write(&s, ".gitignore", "*.log\n");
	site_write(&s, "app/.gitignore", "sub/tmp\n");
	site_write(&s, "app/sub/x", "");
	site_write(&s, "app/sub/tmp", "");
	site_write(&s, "app/sub/y.log", "");
	site_add(&s, ".", "app/sub/x");
	site_look(&s, "app/sub");

	STATE(&s, "x", "tracked");
	STATE(&s, "tmp", "ignored");
	STATE(&s, "y.log", "ignored");
	cr_assert(eq(u64, s.column.ntracked, 1));
	cr_assert(str_eq(s.column.repositories[0].prefix, STR("app/sub")));
}

Test(vcs_column, no_repository_is_no_warning) {
	site_write(&s, "a", "");
	site_look(&s, ".");

	STATE(&s, "a", "outside");
	cr_assert(not(s.column.is_known));
	cr_assert(eq(sz, s.column.nwarnings, 0));
	cr_assert(eq(sz, s.column.nrepositories, 0));
}

Test(vcs_column, a_repository_inside_says_what_its_own_rows_are) {
	site_init(&s, ".");
	site_init(&s, "lib");
	site_write(&s, "a", "");
	site_write(&s, "lib/b", "");
	site_write(&s, "lib/c", "");
	site_add(&s, ".", "a");
	site_add(&s, "lib", "b");
	site_look(&s, ".");

	STATE(&s, "lib", "tracked");
	STATE(&s, "lib/b", "tracked");
	STATE(&s, "lib/c", "untracked");
	STATE(&s, "lib/.git", "outside");
	cr_assert(eq(sz, s.column.nrepositories, 2));
	cr_assert(eq(int, s.column.repositories[1].kind, VCS_NESTED));
	cr_assert(eq(u64, s.column.repositories[1].nindex, 1));
}

Test(vcs_column, an_ignored_directory_claims_a_repository_in_it) {
	site_init(&s, ".");
	site_write(&s, ".gitignore", "/vendor\n");
	site_init(&s, "vendor/lib");
	site_write(&s, "vendor/lib/b", "");
	site_add(&s, "vendor/lib", "b");
	site_look(&s, ".");

	STATE(&s, "vendor/lib/b", "ignored");
	STATE(&s, "vendor/lib/.git", "outside");
	cr_assert(eq(sz, s.column.nrepositories, 2));
}

Test(vcs_column, the_users_own_rules_count) {
	char path[128];

	site_write(&s, "home/.config/git/ignore", "*.swp\n");
	(void)snprintf(path, sizeof(path), "%s/home", s.at.path);
	(void)setenv("HOME", path, 1);
	site_init(&s, "work");
	site_write(&s, "work/a.swp", "");
	site_write(&s, "work/b", "");
	site_look(&s, "work");

	STATE(&s, "a.swp", "ignored");
	STATE(&s, "b", "untracked");
}

Test(vcs_column, unknown_is_said_of_every_row) {
	site_init(&s, ".");
	site_write(&s, "a", "");
	site_look(&s, ".");
	cr_assert(eq(int, vcs_column_unknown(s.arena, s.tree, &s.column, NULL), TNG_OK));

	STATE(&s, "a", "unknown");
	cr_assert(not(s.column.is_known));
}

Test(vcs_column, every_failed_allocation_is_told) {
	char path[128];
	struct vcs_column column;
	enum tng_code code = TNG_ENOMEM;

	site_init(&s, ".");
	site_init(&s, "lib");
	site_write(&s, ".gitignore", "x\n");
	site_write(&s, "a/b", "");
	site_add(&s, ".", ".gitignore");
	site_look(&s, ".");
	(void)snprintf(path, sizeof(path), "%s", s.at.path);
	size_t n = 0;
	for (; code != TNG_OK && n < 1000; n++) {
		struct arena *a = arena_create();
		arena_fail_after(a, n);
		code = vcs_column_open(a, s.tree, path, &column, NULL);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM, "%zu: %d", n, (int)code);
		arena_destroy(a);
	}
	cr_assert(gt(sz, n, 5));
	cr_assert(eq(int, code, TNG_OK));
}
