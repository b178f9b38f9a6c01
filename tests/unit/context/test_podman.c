/* Which files buildah and podman choose (ignore-semantics 1.4, and 105 to 114 of its section 9). */
#include "context/context.h"

#include "support/expect.h"
#include "support/tmptree.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test is a process of its own, and works in its tree; the context is "ctx" in it. */
struct place {
	struct tmptree tree;
	struct arena *arena;
	struct context ctx;
	struct tng_error err;
};

static struct place place_make(void) {
	struct place p = { .tree = tmptree_make(), .arena = arena_create() };

	cr_assert(eq(int, chdir(p.tree.path), 0));
	tmptree_dir(&p.tree, "ctx");
	return p;
}

static enum tng_code place_open(struct place *p, const char *file, const char *ignore_file) {
	struct context_request request = {
		.root = "ctx",
		.dockerfile = file,
		.ignore_file = ignore_file,
		.engine = TNG_ENGINE_PODMAN,
	};

	return context_open(p->arena, &request, &p->ctx, &p->err);
}

static void place_remove(struct place *p) {
	context_close(&p->ctx);
	cr_assert(eq(int, chdir("/"), 0));
	arena_destroy(p->arena);
	tmptree_remove(&p->tree);
}

static void must_open(struct place *p, const char *file, const char *ignore_file) {
	cr_assert(eq(int, place_open(p, file, ignore_file), TNG_OK), "%s", p->err.text);
}

#define EXPECT_INACTIVE(p, i, name, why)                                                           \
	do {                                                                                       \
		cr_assert(gt(sz, (p).ctx.ninactive, (i)));                                         \
		EXPECT_STR((p).ctx.inactive[i].path, name);                                        \
		EXPECT_STR((p).ctx.inactive[i].reason, why);                                       \
	} while (0)

Test(context_podman, a_containerfile_goes_before_a_dockerfile) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/Dockerfile", 1);
	tmptree_file(&p.tree, "ctx/Containerfile", 2);
	must_open(&p, NULL, NULL);
	EXPECT_STR(p.ctx.dockerfile, "Containerfile");
	cr_expect(eq(sz, p.ctx.dockerfile_text.len, 2));
	place_remove(&p);
}

Test(context_podman, a_dockerfile_does_and_one_in_lower_case_does_not) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/dockerfile", 1);
	must_open(&p, NULL, NULL);
	cr_expect(not(p.ctx.has_dockerfile));
	context_close(&p.ctx);
	tmptree_symlink(&p.tree, "ctx/Containerfile", "missing");
	tmptree_file(&p.tree, "ctx/Dockerfile", 1);
	must_open(&p, NULL, NULL);
	EXPECT_STR(p.ctx.dockerfile, "Dockerfile");
	place_remove(&p);
}

Test(context_podman, the_file_is_looked_for_here_and_then_in_the_context) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/df/C", 1);
	must_open(&p, "df/C", NULL);
	EXPECT_STR(p.ctx.dockerfile, "df/C");
	cr_expect(p.ctx.dockerfile_is_inside);
	cr_expect(eq(sz, p.ctx.dockerfile_text.len, 1));
	context_close(&p.ctx);
	tmptree_file(&p.tree, "df/C", 2);
	must_open(&p, "df/C", NULL);
	cr_expect(not(p.ctx.dockerfile_is_inside));
	cr_expect(eq(sz, p.ctx.dockerfile_text.len, 2));
	cr_expect(eq(int, place_open(&p, "df/D", NULL), TNG_EIO));
	place_remove(&p);
}

Test(context_podman, a_directory_stands_for_the_dockerfile_in_it) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/df/Dockerfile", 3);
	must_open(&p, "ctx/df", NULL);
	EXPECT_STR(p.ctx.dockerfile, "df/Dockerfile");
	place_remove(&p);
}

Test(context_podman, a_file_named_after_the_dockerfile_wins_an_empty_one_too) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/Dockerfile", 1);
	tmptree_file(&p.tree, "ctx/Dockerfile.dockerignore", 0);
	tmptree_file(&p.tree, "ctx/.dockerignore", 1);
	must_open(&p, NULL, NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_DOCKERFILE));
	EXPECT_STR(p.ctx.ignore_path, "Dockerfile.dockerignore");
	cr_assert(eq(sz, p.ctx.ninactive, 1));
	EXPECT_INACTIVE(p, 0, ".dockerignore",
			"the file named after the Containerfile wins, and files are not merged");
	place_remove(&p);
}

Test(context_podman, of_those_named_after_it_the_dockerignore_wins) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/Containerfile", 1);
	tmptree_file(&p.tree, "ctx/Containerfile.dockerignore", 1);
	tmptree_file(&p.tree, "ctx/Containerfile.containerignore", 1);
	must_open(&p, NULL, NULL);
	EXPECT_STR(p.ctx.ignore_path, "Containerfile.dockerignore");
	cr_assert(eq(sz, p.ctx.ninactive, 1));
	EXPECT_INACTIVE(p, 0, "Containerfile.containerignore",
			"the .dockerignore of the same name wins");
	place_remove(&p);
}

Test(context_podman, in_the_root_the_containerignore_wins) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/.containerignore", 1);
	tmptree_file(&p.tree, "ctx/.dockerignore", 2);
	must_open(&p, NULL, NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_ROOT));
	EXPECT_STR(p.ctx.ignore_path, ".containerignore");
	cr_assert(eq(sz, p.ctx.ninactive, 1));
	EXPECT_INACTIVE(p, 0, ".dockerignore", ".containerignore wins, and files are not merged");
	place_remove(&p);
}

Test(context_podman, the_dockerignore_is_the_last_choice) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/.dockerignore", 2);
	tmptree_symlink(&p.tree, "ctx/Dockerfile.dockerignore", "missing");
	tmptree_file(&p.tree, "ctx/Dockerfile", 2);
	must_open(&p, NULL, NULL);
	EXPECT_STR(p.ctx.ignore_path, ".dockerignore");
	cr_expect(eq(sz, p.ctx.ninactive, 0));
	place_remove(&p);
}

Test(context_podman, companions_are_looked_for_below_the_context) {
	struct place p = place_make();
	tmptree_file(&p.tree, "df/C", 1);
	tmptree_file(&p.tree, "df/C.dockerignore", 5);
	must_open(&p, "df/C", NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_NONE));
	cr_assert(eq(sz, p.ctx.ninactive, 1));
	EXPECT_INACTIVE(p, 0, "df/C.dockerignore",
			"Podman and Buildah look for it below the context, under the name given "
			"to -f");
	context_close(&p.ctx);
	tmptree_file(&p.tree, "ctx/df/C.dockerignore", 7);
	must_open(&p, "./df//C", NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_DOCKERFILE));
	EXPECT_STR(p.ctx.ignore_path, "df/C.dockerignore");
	cr_expect(eq(sz, p.ctx.ignore_text.len, 7));
	place_remove(&p);
}

Test(context_podman, the_context_in_front_of_the_name_hides_a_companion) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/C", 1);
	tmptree_file(&p.tree, "ctx/C.dockerignore", 5);
	must_open(&p, "ctx/C", NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_NONE));
	cr_assert(eq(sz, p.ctx.ninactive, 1));
	EXPECT_STR(p.ctx.inactive[0].path, "C.dockerignore");
	place_remove(&p);
}

Test(context_podman, a_name_from_the_root_is_taken_as_it_is) {
	struct place p = place_make();
	char path[200];
	tmptree_file(&p.tree, "C", 1);
	tmptree_file(&p.tree, "C.containerignore", 5);
	(void)snprintf(path, sizeof(path), "%s/C", p.tree.path);
	must_open(&p, path, NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_DOCKERFILE));
	cr_expect(eq(sz, p.ctx.ignore_text.len, 5));
	cr_expect(eq(sz, p.ctx.ninactive, 0));
	place_remove(&p);
}

Test(context_podman, a_name_above_the_context_has_its_companion_there) {
	struct place p = place_make();
	tmptree_file(&p.tree, "Dockerfile", 1);
	tmptree_file(&p.tree, "Dockerfile.dockerignore", 5);
	must_open(&p, "../Dockerfile", NULL);
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_DOCKERFILE));
	EXPECT_STR(p.ctx.ignore_path, "../Dockerfile.dockerignore");
	place_remove(&p);
}

Test(context_podman, links_of_the_root_files_stay_in_the_context) {
	struct place p = place_make();
	tmptree_file(&p.tree, "ctx/etc/x", 9);
	tmptree_symlink(&p.tree, "ctx/.dockerignore", "/etc/x");
	tmptree_symlink(&p.tree, "ctx/.containerignore", "/etc/missing");
	must_open(&p, NULL, NULL);
	EXPECT_STR(p.ctx.ignore_path, ".dockerignore");
	cr_expect(eq(sz, p.ctx.ignore_text.len, 9));
	place_remove(&p);
}

Test(context_podman, what_is_there_and_is_no_file_ends_the_build) {
	struct place p = place_make();
	tmptree_dir(&p.tree, "ctx/.dockerignore");
	cr_expect(eq(int, place_open(&p, NULL, NULL), TNG_EIO));
	tmptree_file(&p.tree, "ctx/.containerignore", 0);
	must_open(&p, NULL, NULL);
	context_close(&p.ctx);
	tmptree_file(&p.tree, "ctx/Dockerfile", 0);
	tmptree_dir(&p.tree, "ctx/Dockerfile.dockerignore");
	cr_expect(eq(int, place_open(&p, NULL, NULL), TNG_EIO));
	place_remove(&p);
}

Test(context_podman, the_option_goes_before_all) {
	struct place p = place_make();
	tmptree_file(&p.tree, "own", 4);
	tmptree_file(&p.tree, "ctx/Dockerfile", 1);
	tmptree_file(&p.tree, "ctx/Dockerfile.dockerignore", 1);
	tmptree_file(&p.tree, "ctx/.containerignore", 1);
	must_open(&p, NULL, "own");
	cr_expect(eq(int, p.ctx.ignore_origin, IGNORE_ORIGIN_OPTION));
	cr_expect(eq(sz, p.ctx.ignore_text.len, 4));
	cr_expect(eq(sz, p.ctx.ninactive, 2));
	EXPECT_INACTIVE(p, 0, ".containerignore", "--ignorefile names another one");
	EXPECT_INACTIVE(p, 1, "Dockerfile.dockerignore", "--ignorefile names another one");
	place_remove(&p);
}
