#include "support/expect.h"
#include "unit/context/site.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <criterion/parameterized.h>

Test(context, root_that_is_no_directory_is_refused) {
	struct site s = site_make();

	site_write(&s, "file", "");
	site_open(&s, (struct context_request){ .root = "file" });
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(str, s.err.where, "file"));
	cr_expect(eq(str, s.err.text, "not a directory; a build context is a directory"));

	site_open(&s, (struct context_request){ .root = "missing" });
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, s.err.os_errno, ENOENT));
	cr_expect(eq(str, s.err.where, "missing"));
	site_remove(&s);
}

struct remote_case {
	char root[32];
	enum tng_engine engine;
	char word[16]; /* that the advice has */
};

static struct remote_case remote_cases[] = {
	{ "-", TNG_ENGINE_BUILDKIT, "piped" },
	{ "git@host:a/b.git", TNG_ENGINE_BUILDKIT, "BuildKit" },
	{ "github.com/a/b", TNG_ENGINE_CLASSIC, "applies its" },
	{ "https://host/a.git#v1:sub", TNG_ENGINE_BUILDKIT, "BuildKit" },
	{ "https://host/a.git#v1:sub", TNG_ENGINE_CLASSIC, "applies its" },
	{ "https://host/a.tar.gz", TNG_ENGINE_CLASSIC, "without" },
	{ "http://host/a.tar.gz", TNG_ENGINE_PODMAN, "unpacks" },
};

ParameterizedTestParameters(context, root_that_is_not_here_says_what_becomes_of_the_ignore_file) {
	return cr_make_param_array(struct remote_case, remote_cases,
			sizeof(remote_cases) / sizeof(remote_cases[0]));
}

ParameterizedTest(struct remote_case *c, context,
		root_that_is_not_here_says_what_becomes_of_the_ignore_file) {
	struct site s = site_make();

	site_open(&s, (struct context_request){ .root = c->root, .engine = c->engine });
	cr_expect(eq(int, s.code, TNG_EINVAL));
	cr_expect(eq(str, s.err.where, c->root));
	cr_expect(ne(ptr, strstr(s.err.text, c->word), NULL), "%s: %s", c->root, s.err.text);
	site_remove(&s);
}

Test(context, root_of_a_remote_name_that_is_a_directory_is_one) {
	struct site s = site_make();

	site_write(&s, "github.com/a/.dockerignore", "x\n");
	site_open(&s, (struct context_request){ .root = "github.com/a" });
	cr_expect(eq(int, s.code, TNG_OK));
	EXPECT_STR(s.context.ignore_text, "x\n");
	site_remove(&s);
}

Test(context, root_is_the_working_directory_unless_named) {
	struct site s = site_make();

	site_open(&s, (struct context_request){ 0 });
	cr_assert(eq(int, s.code, TNG_OK));
	EXPECT_STR(s.context.root, ".");
	cr_expect(ge(int, s.context.root_fd, 0));
	context_close(&s.context);
	cr_expect(eq(int, s.context.root_fd, -1));
	context_close(&s.context); /* twice is no harm */
	site_remove(&s);
}

static int count_fds(void) {
	int n = 0;

	for (int fd = 0; fd < 256; fd++) {
		n += fcntl(fd, F_GETFD) >= 0;
	}
	return n;
}

Test(context, that_fails_leaves_no_descriptor_open) {
	struct site s = site_make();
	int before = count_fds();

	tmptree_dir(&s.tree, ".dockerignore");
	site_open(&s, (struct context_request){ .engine = TNG_ENGINE_CLASSIC });
	cr_expect(eq(int, s.code, TNG_EIO));
	site_open(&s, (struct context_request){ .dockerfile = "missing" });
	cr_expect(eq(int, s.code, TNG_EIO));
	cr_expect(eq(int, count_fds(), before));
	site_remove(&s);
}

/* With every allocation failing in turn: out of memory is said, and nothing else is made of it. */
static void walk_failures(struct site *s, struct context_request request) {
	size_t n = 0;

	site_open(s, request);
	cr_assert(eq(int, s->code, TNG_OK), "%s", s->err.text);
	struct context whole = s->context;
	whole.root_fd = -1;
	for (s->code = TNG_ENOMEM; s->code == TNG_ENOMEM && n < 100; n++) {
		struct arena *kept = s->arena;
		s->arena = arena_create();
		arena_fail_after(s->arena, n);
		site_open(s, request);
		cr_assert(eq(int, s->err.code, s->code));
		if (s->code == TNG_OK) {
			cr_expect(str_eq(s->context.ignore_text, whole.ignore_text));
			cr_expect(str_eq(s->context.dockerfile, whole.dockerfile));
			cr_expect(eq(sz, s->context.ninactive, whole.ninactive));
			context_close(&s->context);
		}
		arena_destroy(s->arena);
		s->arena = kept;
	}
	cr_expect(eq(int, s->code, TNG_OK), "%s: %s", s->err.where, s->err.text);
	cr_expect(gt(sz, n, 3));
}

Test(context, any_failed_allocation_is_out_of_memory) {
	struct site s = site_make();

	site_write(&s, "ctx/sub/D", "FROM x\n");
	site_write(&s, "ctx/sub/.dockerignore", "");
	site_write(&s, "ctx/.containerignore", "");
	site_write(&s, "ctx/etc/real", "linked\n");
	tmptree_symlink(&s.tree, "ctx/.dockerignore", "etc/hop");
	tmptree_symlink(&s.tree, "ctx/etc/hop", "/etc/real");
	walk_failures(&s, (struct context_request){ .root = "ctx" });
	walk_failures(&s, (struct context_request){ .root = "ctx", .dockerfile = "ctx/sub/D" });
	walk_failures(&s,
			(struct context_request){
					.root = "ctx",
					.dockerfile = "ctx/sub/D",
					.ignore_file = "ctx/etc/real",
			});
	/* nothing is allocated behind what the links ask for */
	site_write(&s, "bare/etc/real", "linked\n");
	tmptree_symlink(&s.tree, "bare/.dockerignore", "etc/hop");
	tmptree_symlink(&s.tree, "bare/etc/hop", "/etc/real");
	walk_failures(&s, (struct context_request){ .root = "bare" });
	site_write(&s, "ctx/sub/D.dockerignore", "own\n");
	walk_failures(&s, (struct context_request){ .root = "ctx", .dockerfile = "ctx/sub/D" });
	site_remove(&s);
}
