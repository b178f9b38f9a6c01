/* Repositories that cannot be read: a warning and "unknown", whatever is wrong. */
#include "sites.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct site s;

static void begin(void) {
	s = site_make();
	site_init(&s, ".");
	site_write(&s, "a", "one");
	site_add(&s, ".", "a");
}

static void end(void) {
	site_remove(&s);
}

TestSuite(vcs_damaged, .init = begin, .fini = end);

static void is_unknown(void) {
	site_look(&s, ".");
	cr_assert_str_eq(site_state(&s, "a"), "unknown");
	cr_assert(not(s.column.is_known));
	cr_assert(str_eq(s.column.warnings[0].path, STR(".")));
	cr_assert(gt(sz, site_warning(&s).len, 0));
}

Test(vcs_damaged, an_index_of_any_length_but_its_own) {
	char bytes[4096];
	int fd = openat(s.at.fd, ".git/index", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)close(fd);
	cr_assert(gt(int, (int)n, 80));
	for (int len = 0; len < 80; len += 7) {
		fd = openat(s.at.fd, ".git/index", O_WRONLY | O_TRUNC | O_CLOEXEC);
		cr_assert(eq(int, (int)write(fd, bytes, (size_t)len), len));
		(void)close(fd);
		is_unknown();
	}
}

Test(vcs_damaged, a_head_that_is_none) {
	site_write(&s, ".git/HEAD", "garbage\n");
	is_unknown();
}

Test(vcs_damaged, a_configuration_that_is_none) {
	site_write(&s, ".git/config", "[core\n");
	is_unknown();
}

Test(vcs_damaged, no_objects) {
	cr_assert(eq(int, renameat(s.at.fd, ".git/objects", s.at.fd, "gone"), 0));
	is_unknown();
}

Test(vcs_damaged, an_extension_that_nobody_knows) {
	site_write(&s, ".git/config",
			"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnews = true\n");
	is_unknown();
}

Test(vcs_damaged, a_bare_repository) {
	cr_assert(eq(int, renameat(s.at.fd, ".git", s.at.fd, "bare"), 0));
	site_write(&s, "bare/config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
	site_look(&s, "bare");
	cr_assert_str_eq(site_state(&s, "HEAD"), "unknown");
	cr_assert(gt(sz, site_warning(&s).len, 0));
}

Test(vcs_damaged, a_git_file_that_points_nowhere_or_at_itself) {
	static const char *const texts[] = { "gitdir: /nowhere/at/all\n", "gitdir: .git\n",
		"gitdir: \n", "nonsense", "" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		site_write(&s, "sub/.git", texts[i]);
		site_write(&s, "sub/b", "");
		site_look(&s, ".");
		cr_assert_str_eq(site_state(&s, "sub/b"), "unknown", "%s", texts[i]);
		cr_assert_str_eq(site_state(&s, "sub/.git"), "outside");
		cr_assert_str_eq(site_state(&s, "a"), "tracked");
		cr_assert(str_eq(s.column.warnings[0].path, STR("sub")));
		cr_assert(gt(sz, site_warning(&s).len, 0));
	}
}

Test(vcs_damaged, a_git_that_is_a_link_is_followed_or_ignored) {
	cr_assert(eq(int, renameat(s.at.fd, ".git", s.at.fd, "real"), 0));
	tmptree_symlink(&s.at, ".git", "real");
	site_look(&s, ".");
	cr_assert_str_eq(site_state(&s, "a"), "tracked");
	cr_assert_str_eq(site_state(&s, ".git"), "outside");
	cr_assert(eq(int, unlinkat(s.at.fd, ".git", 0), 0));
	tmptree_symlink(&s.at, ".git", ".git");
	site_look(&s, ".");
	cr_assert_str_eq(site_state(&s, "a"), "outside");
}

Test(vcs_damaged, a_git_directory_without_a_head_begins_nothing) {
	tmptree_dir(&s.at, "sub/.git");
	site_write(&s, "sub/b", "");
	site_look(&s, ".");
	cr_assert_str_eq(site_state(&s, "sub/b"), "untracked");
	cr_assert(eq(sz, s.column.nwarnings, 0));
	cr_assert(eq(sz, s.column.nrepositories, 1));
}
