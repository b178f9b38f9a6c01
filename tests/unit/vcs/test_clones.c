/* Clones that are not all there, or not ours; and files that are not what their objects say. */
#include "sites.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define STATE(s, path, state) cr_assert_str_eq(site_state((s), (path)), (state), "%s", (path))
#define WITH_PROMISOR                                                                              \
	"[core]\n\trepositoryformatversion = 0\n\tbare = false\n"                                  \
	"[remote \"origin\"]\n\tpromisor = true\n\tpartialclonefilter = blob:none\n"

static struct site s;

static void begin(void) {
	s = site_make();
	site_init(&s, ".");
	site_write(&s, "a", "one");
	site_write(&s, "b", "two"); /* an object of its own: that of "a" gets lost */
	site_add(&s, ".", "a b");
	site_write(&s, "b", "longer than one");
	site_write(&s, "c", "");
}

static void end(void) {
	site_remove(&s);
}

TestSuite(vcs_clones, .init = begin, .fini = end);

Test(vcs_clones, a_shallow_one_is_warned_about_and_its_states_are_known) {
	site_write(&s, ".git/shallow", "0123456789012345678901234567890123456789\n");
	site_look(&s, ".");

	cr_assert(s.column.is_known);
	STATE(&s, "a", "tracked");
	STATE(&s, "b", "modified");
	STATE(&s, "c", "untracked");
	cr_assert(str_eq(s.column.warnings[0].path, STR(".")));
	cr_assert(str_starts(site_warning(&s), STR("it is a shallow clone: ")));
}

Test(vcs_clones, one_that_was_deepened_is_whole) {
	site_write(&s, ".git/shallow", "");
	site_look(&s, ".");

	cr_assert(eq(sz, s.column.nwarnings, 0));
}

Test(vcs_clones, a_partial_one_does_not_know_a_file_whose_object_was_not_fetched) {
	site_write(&s, ".git/config", WITH_PROMISOR);
	site_change(&s, "a", (struct site_entry){ .size = 0, .is_lost = true });
	site_look(&s, ".");

	cr_assert(s.column.is_known);
	STATE(&s, "a", "unknown");
	STATE(&s, "b", "modified");
	STATE(&s, "c", "untracked");
	cr_assert(str_starts(site_warning(&s), STR("it is a partial clone: ")));
}

Test(vcs_clones, a_lost_object_of_a_whole_one_is_no_secret) {
	site_change(&s, "a", (struct site_entry){ .size = 0, .is_lost = true });
	site_look(&s, ".");

	STATE(&s, "a", "modified");
	cr_assert(eq(sz, s.column.nwarnings, 0));
}

Test(vcs_clones, one_of_another_user_is_unknown) {
	if (geteuid() != 0) {
		cr_skip_test("only root can give a directory away");
	}
	cr_assert(eq(int, fchownat(s.at.fd, ".git", 12345, 12345, 0), 0));
	cr_assert(eq(int, fchown(s.at.fd, 12345, 12345), 0));
	site_look(&s, ".");

	cr_assert(not(s.column.is_known));
	STATE(&s, "a", "unknown");
	STATE(&s, "c", "unknown");
	cr_assert(str_ends(site_warning(&s), STR("git would want safe.directory")));
}

static void write_pointer(const char *size) {
	char text[160];

	(void)snprintf(text, sizeof(text),
			"version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize %s\n",
			7, size);
	site_write(&s, "big", text);
	site_add(&s, ".", "big");
	site_change(&s, "big", (struct site_entry){ .size = 0 });
}

Test(vcs_clones, a_file_of_lfs_has_the_size_that_its_pointer_says) {
	write_pointer("5");
	site_write(&s, "big", "12345");
	site_look(&s, ".");
	STATE(&s, "big", "tracked");

	site_write(&s, "big", "123456");
	site_look(&s, ".");
	STATE(&s, "big", "modified");
}

Test(vcs_clones, a_pointer_of_lfs_that_was_not_replaced_is_tracked) {
	write_pointer("5");
	site_look(&s, ".");

	STATE(&s, "big", "tracked");
}

Test(vcs_clones, a_pointer_with_no_size_says_nothing) {
	write_pointer("5x");
	site_write(&s, "big", "12345");
	site_look(&s, ".");

	STATE(&s, "big", "modified");
}

Test(vcs_clones, rules_that_a_sparse_checkout_left_out_count) {
	site_write(&s, "lib/.gitignore", "*.o\n");
	site_write(&s, "lib/a.c", "");
	site_add(&s, ".", "lib/.gitignore lib/a.c");
	site_change(&s, "lib/.gitignore", (struct site_entry){ .size = 4, .is_skipped = true });
	cr_assert(eq(int, unlinkat(s.at.fd, "lib/.gitignore", 0), 0));
	site_write(&s, "lib/a.o", "");
	site_look(&s, ".");

	STATE(&s, "lib/a.o", "ignored");
	STATE(&s, "lib/a.c", "tracked");
}

Test(vcs_clones, rules_that_somebody_deleted_do_not_count) {
	site_write(&s, "lib/.gitignore", "*.o\n");
	site_add(&s, ".", "lib/.gitignore");
	cr_assert(eq(int, unlinkat(s.at.fd, "lib/.gitignore", 0), 0));
	site_write(&s, "lib/a.o", "");
	site_look(&s, ".");

	STATE(&s, "lib/a.o", "untracked");
}
