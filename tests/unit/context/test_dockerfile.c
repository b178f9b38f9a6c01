#include "support/expect.h"
#include "unit/context/site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define OPEN(...) site_open(&s, (struct context_request){ __VA_ARGS__ })

Test(dockerfile, default_is_the_roots_in_either_spelling) {
	struct site s = site_make();

	OPEN(.root = ".");
	cr_assert(eq(int, s.code, TNG_OK));
	cr_expect(not(s.context.has_dockerfile));

	site_write(&s, "dockerfile", "FROM lower\n");
	OPEN(.root = ".");
	cr_expect(s.context.has_dockerfile);
	cr_expect(s.context.dockerfile_is_inside);
	EXPECT_STR(s.context.dockerfile, "dockerfile");
	EXPECT_STR(s.context.dockerfile_text, "FROM lower\n");

	site_write(&s, "Dockerfile", "FROM upper\n");
	OPEN(.root = ".");
	EXPECT_STR(s.context.dockerfile, "Dockerfile");
	EXPECT_STR(s.context.dockerfile_text, "FROM upper\n");
	site_remove(&s);
}

Test(dockerfile, that_is_there_and_no_file_hides_the_lower_case_one) {
	struct site s = site_make();

	tmptree_dir(&s.tree, "Dockerfile");
	site_write(&s, "dockerfile", "FROM lower\n");
	OPEN(.root = ".");
	cr_expect(eq(int, s.code, TNG_OK));
	cr_expect(not(s.context.has_dockerfile));
	cr_expect(gt(sz, s.context.dockerfile_problem.len, 0));
	site_remove(&s);
}

Test(dockerfile, by_name_is_relative_to_the_working_directory) {
	struct site s = site_make();
	char absolute[160];

	site_write(&s, "ctx/sub/D", "FROM x\n");
	OPEN(.root = "ctx", .dockerfile = "ctx/sub/D");
	cr_assert(eq(int, s.code, TNG_OK));
	cr_expect(s.context.dockerfile_is_inside);
	EXPECT_STR(s.context.dockerfile, "sub/D");

	OPEN(.root = "ctx", .dockerfile = "ctx/../ctx/sub/../sub/D");
	EXPECT_STR(s.context.dockerfile, "sub/D");

	(void)snprintf(absolute, sizeof(absolute), "%s/ctx/sub/D", s.tree.path);
	OPEN(.root = "ctx", .dockerfile = absolute);
	EXPECT_STR(s.context.dockerfile, "sub/D");

	OPEN(.root = "ctx/sub", .dockerfile = "ctx/sub/D");
	EXPECT_STR(s.context.dockerfile, "D");
	site_remove(&s);
}

Test(dockerfile, outside_keeps_the_name_it_was_given) {
	struct site s = site_make();

	site_write(&s, "ctxt/D", "FROM x\n"); /* begins like "ctx", and is another directory */
	tmptree_dir(&s.tree, "ctx");
	OPEN(.root = "ctx", .dockerfile = "ctxt/D");
	cr_assert(eq(int, s.code, TNG_OK));
	cr_expect(s.context.has_dockerfile);
	cr_expect(not(s.context.dockerfile_is_inside));
	EXPECT_STR(s.context.dockerfile, "ctxt/D");
	site_remove(&s);
}

Test(dockerfile, through_a_linked_directory_is_where_the_link_leads) {
	struct site s = site_make();

	site_write(&s, "ctx/sub/D", "FROM x\n");
	tmptree_symlink(&s.tree, "way", "ctx");
	OPEN(.root = "ctx", .dockerfile = "way/sub/D");
	cr_expect(s.context.dockerfile_is_inside);
	EXPECT_STR(s.context.dockerfile, "sub/D");
	OPEN(.root = "way", .dockerfile = "ctx/sub/D");
	cr_expect(s.context.dockerfile_is_inside);
	site_remove(&s);
}

Test(dockerfile, that_is_a_link_is_its_target_for_classic_and_itself_for_buildkit) {
	struct site s = site_make();

	site_write(&s, "ctx/real/D", "FROM x\n");
	site_write(&s, "outside", "FROM y\n");
	tmptree_symlink(&s.tree, "ctx/Dockerfile", "real/D");
	tmptree_symlink(&s.tree, "ctx/out", "../outside");
	OPEN(.root = "ctx", .dockerfile = "ctx/Dockerfile", .engine = TNG_ENGINE_BUILDKIT);
	EXPECT_STR(s.context.dockerfile, "Dockerfile");
	OPEN(.root = "ctx", .dockerfile = "ctx/Dockerfile", .engine = TNG_ENGINE_CLASSIC);
	EXPECT_STR(s.context.dockerfile, "real/D");
	OPEN(.root = "ctx", .engine = TNG_ENGINE_CLASSIC);
	EXPECT_STR(s.context.dockerfile, "real/D");
	OPEN(.root = "ctx", .dockerfile = "ctx/out", .engine = TNG_ENGINE_CLASSIC);
	cr_expect(not(s.context.dockerfile_is_inside));
	EXPECT_STR(s.context.dockerfile_text, "FROM y\n");
	site_remove(&s);
}

/* the client's root is the directory that the file is in: "../../x" and "/x" stop there */
Test(dockerfile, that_is_a_link_is_followed_inside_its_directory_by_buildkit) {
	struct site s = site_make();

	site_write(&s, "shared/D", "FROM outside\n");
	tmptree_dir(&s.tree, "ctx");
	tmptree_symlink(&s.tree, "ctx/Dockerfile", "../shared/D");
	OPEN(.root = "ctx");
	cr_expect(gt(sz, s.context.dockerfile_problem.len, 0));
	OPEN(.root = ".", .dockerfile = "ctx/Dockerfile");
	cr_expect(gt(sz, s.context.dockerfile_problem.len, 0));
	OPEN(.root = "ctx", .engine = TNG_ENGINE_PODMAN);
	cr_expect(eq(sz, s.context.dockerfile_problem.len, 0));
	EXPECT_STR(s.context.dockerfile_text, "FROM outside\n");

	site_write(&s, "ctx/shared/D", "FROM inside\n");
	OPEN(.root = "ctx");
	cr_expect(eq(sz, s.context.dockerfile_problem.len, 0));
	EXPECT_STR(s.context.dockerfile_text, "FROM inside\n");
	EXPECT_STR(s.context.dockerfile, "Dockerfile");
	site_remove(&s);
}

Test(dockerfile, that_is_missing_is_an_error_with_its_name) {
	struct site s = site_make();

	OPEN(.dockerfile = "no.Dockerfile");
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, ENOENT));
	cr_expect(eq(str, s.err.where, "no.Dockerfile"));
	site_remove(&s);
}

Test(dockerfile, that_is_missing_here_and_in_the_context_comes_with_a_hint) {
	struct site s = site_make();

	site_write(&s, "ctx/docker/D", "FROM x\n");
	OPEN(.root = "ctx", .dockerfile = "docker/D");
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(str, s.err.where, "docker/D"));
	cr_expect(eq(str, s.err.text,
			"no such file from here; -f is relative to the working directory: "
			"write -f ctx/docker/D"));
	site_remove(&s);
}

Test(dockerfile, that_is_a_directory_is_an_error) {
	struct site s = site_make();

	tmptree_dir(&s.tree, "D");
	OPEN(.dockerfile = "D");
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, EISDIR));
	site_remove(&s);
}

Test(dockerfile, may_come_from_standard_input_and_has_no_file_beside_it) {
	struct site s = site_make();

	site_write(&s, "in", "FROM stdin\n");
	site_write(&s, "-.dockerignore", "trap\n");
	site_write(&s, ".dockerignore", "root\n");
	int fd = open("in", O_RDONLY | O_CLOEXEC);
	cr_assert(ge(int, dup2(fd, STDIN_FILENO), 0));
	OPEN(.dockerfile = "-");
	EXPECT_IGNORE(s, IGNORE_ORIGIN_ROOT, ".dockerignore", "root\n");
	cr_expect(s.context.has_dockerfile);
	cr_expect(not(s.context.dockerfile_is_inside));
	EXPECT_STR(s.context.dockerfile_text, "FROM stdin\n");
	cr_expect(eq(int, close(fd), 0));
	site_remove(&s);
}
