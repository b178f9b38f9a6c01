/* Spec 1.1 to 1.3, row by row: which ignore file an engine takes. */
#include "support/expect.h"
#include "unit/context/site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUILDKIT .engine = TNG_ENGINE_BUILDKIT
#define CLASSIC .engine = TNG_ENGINE_CLASSIC
#define OPEN(...) site_open(&s, (struct context_request){ __VA_ARGS__ })
#define OPEN_AS_USER(...) site_open_as_user(&s, (struct context_request){ __VA_ARGS__ })

Test(ignorefile, without_one_nothing_is_ignored) {
	struct site s = site_make();

	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_NONE, "", "");
	OPEN(CLASSIC);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_NONE, "", "");
	site_remove(&s);
}

Test(ignorefile, is_the_roots_for_both_engines) {
	struct site s = site_make();

	site_write(&s, "ctx/.dockerignore", "*.log\n");
	site_write(&s, ".dockerignore", "not this one\n");
	OPEN(BUILDKIT, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "*.log\n");
	OPEN(CLASSIC, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "*.log\n");
	site_remove(&s);
}

Test(ignorefile, of_the_default_dockerfile_beats_the_roots_under_buildkit_only) {
	struct site s = site_make();

	site_write(&s, "ctx/Dockerfile", "FROM x\n");
	site_write(&s, "ctx/Dockerfile.dockerignore", "own\n");
	site_write(&s, "ctx/.dockerignore", "root\n");
	OPEN(BUILDKIT, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "own\n");
	EXPECT_STR(site_inactive(&s, ".dockerignore"),
			"the file named after the Dockerfile wins, and files are not merged");
	OPEN(CLASSIC, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");
	EXPECT_STR(site_inactive(&s, "Dockerfile.dockerignore"),
			"the classic builder reads only .dockerignore");
	site_remove(&s);
}

Test(ignorefile, of_a_lower_case_dockerfile_is_lower_case) {
	struct site s = site_make();

	site_write(&s, "dockerfile", "FROM x\n");
	site_write(&s, "dockerfile.dockerignore", "lower\n");
	site_write(&s, "Dockerfile.dockerignore", "upper\n");
	OPEN(BUILDKIT);
	EXPECT_STR(s.context.dockerfile, "dockerfile");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "dockerfile.dockerignore", "lower\n");
	/* with both, the usual name wins */
	site_write(&s, "Dockerfile", "FROM y\n");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "upper\n");
	site_remove(&s);
}

Test(ignorefile, of_a_dockerfile_in_a_sub_directory_is_beside_it) {
	struct site s = site_make();

	site_write(&s, "ctx/sub/my.Dockerfile", "FROM x\n");
	site_write(&s, "ctx/sub/my.Dockerfile.dockerignore", "beside\n");
	site_write(&s, "ctx/my.Dockerfile.dockerignore", "in the root\n");
	site_write(&s, "ctx/sub/.dockerignore", "in sub\n");
	OPEN(BUILDKIT, .root = "ctx", .dockerfile = "ctx/sub/my.Dockerfile");
	EXPECT_STR(s.context.dockerfile, "sub/my.Dockerfile");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "sub/my.Dockerfile.dockerignore", "beside\n");
	EXPECT_STR(site_inactive(&s, "my.Dockerfile.dockerignore"),
			"BuildKit looks for it beside the Dockerfile");
	EXPECT_STR(site_inactive(&s, "sub/.dockerignore"),
			"it is beside the Dockerfile; .dockerignore is read from the context root");
	site_remove(&s);
}

Test(ignorefile, in_the_root_is_not_looked_for_under_another_dockerfiles_name) {
	struct site s = site_make();

	site_write(&s, "ctx/sub/my.Dockerfile", "FROM x\n");
	site_write(&s, "ctx/my.Dockerfile.dockerignore", "in the root\n");
	OPEN(BUILDKIT, .root = "ctx", .dockerfile = "ctx/sub/my.Dockerfile");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_NONE, "", "");
	site_remove(&s);
}

Test(ignorefile, of_a_dockerfile_outside_the_context_is_outside_too) {
	struct site s = site_make();

	site_write(&s, "ctx/.dockerignore", "root\n");
	site_write(&s, "Dockerfile", "FROM x\n");
	site_write(&s, "Dockerfile.dockerignore", "outside\n");
	OPEN(BUILDKIT, .root = "ctx", .dockerfile = "Dockerfile");
	cr_expect(not(s.context.dockerfile_is_inside));
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "outside\n");
	OPEN(CLASSIC, .root = "ctx", .dockerfile = "Dockerfile");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");
	/* seen from inside */
	cr_assert(eq(int, chdir("ctx"), 0));
	OPEN(BUILDKIT, .dockerfile = "../Dockerfile");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "../Dockerfile.dockerignore", "outside\n");
	site_remove(&s);
}

Test(ignorefile, is_named_after_the_link_that_the_dockerfile_is) {
	struct site s = site_make();

	site_write(&s, "real/D", "FROM x\n");
	site_write(&s, "real/D.dockerignore", "of the target\n");
	site_write(&s, "Dockerfile.dockerignore", "of the link\n");
	tmptree_symlink(&s.tree, "Dockerfile", "real/D");
	OPEN(BUILDKIT);
	EXPECT_STR(s.context.dockerfile_text, "FROM x\n");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "of the link\n");
	site_remove(&s);
}

Test(ignorefile, that_is_empty_and_beside_the_dockerfile_counts_as_found) {
	struct site s = site_make();

	site_write(&s, "Dockerfile", "FROM x\n");
	site_write(&s, "Dockerfile.dockerignore", "");
	site_write(&s, ".dockerignore", "root\n");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "");
	site_remove(&s);
}

Test(ignorefile, beside_the_dockerfile_that_is_no_file_falls_back_to_the_roots) {
	struct site s = site_make();

	site_write(&s, "Dockerfile", "FROM x\n");
	site_write(&s, ".dockerignore", "root\n");
	tmptree_dir(&s.tree, "Dockerfile.dockerignore");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");
	EXPECT_STR(site_inactive(&s, "Dockerfile.dockerignore"),
			"it is no file that can be read, and BuildKit goes on to .dockerignore");

	cr_assert(eq(int, unlinkat(s.tree.fd, "Dockerfile.dockerignore", AT_REMOVEDIR), 0));
	tmptree_symlink(&s.tree, "Dockerfile.dockerignore", "nowhere");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");

	cr_assert(eq(int, unlinkat(s.tree.fd, "Dockerfile.dockerignore", 0), 0));
	tmptree_symlink(&s.tree, "Dockerfile.dockerignore", "Dockerfile.dockerignore");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");
	site_remove(&s);
}

Test(ignorefile, that_cannot_be_read_is_empty_for_buildkit_and_an_error_for_classic) {
	struct site s = site_make();

	site_write(&s, ".dockerignore", "root\n");
	cr_assert(eq(int, fchmodat(s.tree.fd, ".dockerignore", 0, 0), 0));
	OPEN_AS_USER(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "");
	EXPECT_STR(s.context.ignore_note, "it cannot be read, and BuildKit takes it as empty");
	OPEN_AS_USER(CLASSIC);
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, EACCES));
	cr_expect(eq(str, s.err.where, ".dockerignore"));

	/* an unreadable companion is found, and empty */
	site_write(&s, "Dockerfile", "FROM x\n");
	site_write(&s, "Dockerfile.dockerignore", "own\n");
	cr_assert(eq(int, fchmodat(s.tree.fd, "Dockerfile.dockerignore", 0, 0), 0));
	OPEN_AS_USER(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_DOCKERFILE, "Dockerfile.dockerignore", "");
	cr_expect(gt(sz, s.context.ignore_note.len, 0));
	site_remove(&s);
}

Test(ignorefile, that_is_a_directory_is_skipped_by_buildkit_and_an_error_for_classic) {
	struct site s = site_make();

	tmptree_dir(&s.tree, ".dockerignore");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "");
	EXPECT_STR(s.context.ignore_note,
			"it is a directory, and BuildKit skips it without a word");
	OPEN(CLASSIC);
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, EISDIR));
	site_remove(&s);
}

Test(ignorefile, may_be_a_link_inside_the_context) {
	struct site s = site_make();

	site_write(&s, "etc/real", "linked\n");
	tmptree_symlink(&s.tree, "hop", "etc");
	tmptree_symlink(&s.tree, ".dockerignore", "hop/./real");
	OPEN(BUILDKIT);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "linked\n");
	OPEN(CLASSIC);
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "linked\n");
	site_remove(&s);
}

Test(ignorefile, that_links_to_an_absolute_path_starts_at_the_context_for_buildkit) {
	struct site s = site_make();
	char target[160];

	site_write(&s, "outside", "outside\n");
	(void)snprintf(target, sizeof(target), "%s/outside", s.tree.path);
	tmptree_dir(&s.tree, "ctx");
	tmptree_symlink(&s.tree, "ctx/.dockerignore", target);
	OPEN(CLASSIC, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "outside\n");
	OPEN(BUILDKIT, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_NONE, "", "");
	cr_assert(eq(sz, s.context.ninactive, 1));
	EXPECT_STR(s.context.inactive[0].path, ".dockerignore");
	/* the same path, below the context */
	char inside[200];
	(void)snprintf(inside, sizeof(inside), "ctx%s", target);
	site_write(&s, inside, "inside\n");
	OPEN(BUILDKIT, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "inside\n");
	site_remove(&s);
}

Test(ignorefile, that_links_above_the_context_stops_at_it_for_buildkit) {
	struct site s = site_make();

	site_write(&s, "rules", "outside\n");
	site_write(&s, "ctx/rules", "inside\n");
	tmptree_symlink(&s.tree, "ctx/.dockerignore", "../../../rules");
	OPEN(BUILDKIT, .root = "ctx");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "inside\n");
	site_remove(&s);
}

Test(ignorefile, that_links_in_a_circle_is_no_endless_walk) {
	struct site s = site_make();

	tmptree_symlink(&s.tree, ".dockerignore", "b");
	tmptree_symlink(&s.tree, "b", ".dockerignore");
	OPEN(BUILDKIT);
	cr_expect(eq(int, s.code, TNG_OK));
	EXPECT_STR(s.context.ignore_text, "");
	OPEN(CLASSIC);
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, ELOOP));
	site_remove(&s);
}

Test(ignorefile, that_is_a_fifo_is_not_waited_for) {
	struct site s = site_make();

	cr_assert(eq(int, mkfifoat(s.tree.fd, ".dockerignore", 0644), 0));
	OPEN(BUILDKIT);
	cr_expect(eq(int, s.code, TNG_OK));
	EXPECT_STR(s.context.ignore_text, "");
	OPEN(CLASSIC);
	cr_expect(eq(int, s.code, TNG_EIO));
	site_remove(&s);
}

Test(ignorefile, by_option_wins_whatever_the_engine) {
	struct site s = site_make();

	site_write(&s, "ctx/Dockerfile", "FROM x\n");
	site_write(&s, "ctx/Dockerfile.dockerignore", "own\n");
	site_write(&s, "ctx/.dockerignore", "root\n");
	site_write(&s, "ci.ignore", "ci\n");
	OPEN(BUILDKIT, .root = "ctx", .ignore_file = "ci.ignore");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_OPTION, "ci.ignore", "ci\n");
	EXPECT_STR(site_inactive(&s, ".dockerignore"), "--ignorefile names another one");
	EXPECT_STR(site_inactive(&s, "Dockerfile.dockerignore"), "--ignorefile names another one");
	OPEN(CLASSIC, .root = "ctx", .ignore_file = "ci.ignore");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_OPTION, "ci.ignore", "ci\n");
	site_remove(&s);
}

Test(ignorefile, by_option_is_never_called_inactive_itself) {
	struct site s = site_make();

	site_write(&s, "ctx/sub/Dockerfile", "FROM x\n");
	site_write(&s, "ctx/sub/.dockerignore", "sub\n");
	site_write(&s, "ctx/.dockerignore", "root\n");
	OPEN(BUILDKIT, .root = "ctx", .ignore_file = "ctx/.dockerignore");
	cr_expect(eq(sz, s.context.ninactive, 0));
	OPEN(BUILDKIT, .root = "ctx", .dockerfile = "ctx/sub/Dockerfile",
			.ignore_file = "./ctx/sub/.dockerignore");
	EXPECT_STR(site_inactive(&s, "sub/.dockerignore"), "");
	EXPECT_STR(site_inactive(&s, ".dockerignore"), "--ignorefile names another one");
	site_remove(&s);
}

Test(ignorefile, by_option_that_is_missing_is_an_error_with_its_name) {
	struct site s = site_make();

	site_write(&s, ".dockerignore", "root\n");
	OPEN(BUILDKIT, .ignore_file = "no/such");
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, ENOENT));
	cr_expect(eq(str, s.err.where, "no/such"));
	site_remove(&s);
}

Test(ignorefile, has_a_limit_tested_on_both_sides) {
	struct site s = site_make();

	tmptree_file(&s.tree, "limit", CONTEXT_FILE_MAX_BYTES);
	tmptree_file(&s.tree, "over", CONTEXT_FILE_MAX_BYTES + 1);
	OPEN(BUILDKIT, .ignore_file = "limit");
	cr_expect(eq(int, s.code, TNG_OK));
	cr_expect(eq(sz, s.context.ignore_text.len, CONTEXT_FILE_MAX_BYTES));
	OPEN(BUILDKIT, .ignore_file = "over");
	cr_expect(eq(int, s.code, TNG_ELIMIT));
	cr_expect(eq(str, s.err.where, "over"));
	site_remove(&s);
}
