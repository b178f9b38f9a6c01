/* What probes do on a disk: what they open, how far they read, and what they never wait for. */
#include "classified.h"

#include "classify/prober.h"
#include "util/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#define KEY                                                                                        \
	"-----BEGIN RSA "                                                                          \
	"PRIVATE KEY-----\n"
#define TAG "Signature: 8a477f597d28d172789f06886806bc55"
#define STUCK_SECONDS 20U

static struct tmptree at;

static void begin(void) {
	at = tmptree_make();
	(void)alarm(STUCK_SECONDS); /* a probe that waits is the failure */
}

static void end(void) {
	tmptree_remove(&at);
}

TestSuite(classify_probing, .init = begin, .fini = end);

/* A file of `offset` newlines and a text. */
static void write_at(const char *path, const char *text, size_t offset) {
	char *lines = malloc(offset + 1);

	tmptree_file(&at, path, 0);
	int fd = openat(at.fd, path, O_WRONLY | O_CLOEXEC);
	cr_assert(lines != NULL);
	memset(lines, '\n', offset);
	int bad = file_write_all(fd, str_make(lines, offset));
	bad = bad != 0 ? bad : file_write_all(fd, str_from(text));
	cr_assert(bad == 0, "%s", path);
	(void)close(fd);
	free(lines);
}

static const struct class_secret *secret_of(const struct classified *c, const char *path) {
	uint32_t row = tree_find(c->tree, str_from(path));

	for (size_t i = 0; i < c->column.nsecrets; i++) {
		if (c->column.secrets[i].row == row) {
			return &c->column.secrets[i];
		}
	}
	return NULL;
}

Test(classify_probing, a_key_is_found_in_a_file_of_any_name) {
	write_at("conf/app.yaml", "a: 1\nb: |\n  " KEY, 0);
	struct classified c = classified_on_disk(&at);
	const struct class_secret *secret = secret_of(&c, "conf/app.yaml");

	cr_expect_str_eq(class_of(&c, "conf/app.yaml"), "secret");
	cr_assert(secret != NULL);
	cr_expect(eq(u32, secret->line, 3));
	EXPECT_STR(secret->kind, "private key");
	classified_fini(&c);
}

Test(classify_probing, what_is_no_file_is_never_opened) {
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(eq(int, mkfifoat(at.fd, "id_rsa", 0600), 0));
	cr_assert(eq(int, mkfifoat(at.fd, "CACHEDIR.TAG", 0600), 0));
	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/.env", at.path);
	cr_assert(eq(int, bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0));
	(void)close(fd);
	if (geteuid() == 0) { /* where a device may be made at all */
		(void)mknodat(at.fd, "server.key", S_IFCHR | 0600, makedev(5, 0));
	}
	struct classified c = classified_on_disk(&at);

	cr_expect(eq(u64, c.column.nprobed, 0));
	cr_expect(eq(sz, c.column.nsecrets, 0));
	classified_fini(&c);
}

Test(classify_probing, what_became_a_fifo_or_a_link_since_the_walk_is_not_read) {
	struct tree *tree = NULL;

	write_at("conf.yaml", "a: 1\n" KEY, 0);
	write_at("more.yaml", "a: 1\n" KEY, 0);
	write_at("elsewhere", KEY, 0);
	cr_assert(eq(int, tree_walk(at.fd, NULL, &tree, NULL), TNG_OK));
	cr_assert(eq(int, unlinkat(at.fd, "conf.yaml", 0), 0));
	cr_assert(eq(int, unlinkat(at.fd, "more.yaml", 0), 0));
	cr_assert(eq(int, mkfifoat(at.fd, "conf.yaml", 0600), 0));
	tmptree_symlink(&at, "more.yaml", "elsewhere");
	struct classified c = classified_of_walk(&at, tree);

	cr_expect_str_eq(class_of(&c, "conf.yaml"), "source");
	cr_expect_str_eq(class_of(&c, "more.yaml"), "source");
	classified_fini(&c);
}

Test(classify_probing, a_candidate_is_read_up_to_its_head) {
	write_at("id_rsa", KEY, PROBER_HEAD_BYTES - strlen(KEY));
	write_at("id_dsa", KEY, PROBER_HEAD_BYTES - strlen(KEY) + 2);
	struct classified c = classified_on_disk(&at);

	cr_expect(secret_of(&c, "id_rsa") != NULL);
	cr_expect(secret_of(&c, "id_dsa") == NULL);
	cr_expect(eq(u64, c.column.nprobed, 2));
	cr_expect(le(u64, c.column.probed_bytes, 2 * (uint64_t)PROBER_HEAD_BYTES));
	classified_fini(&c);
}

Test(classify_probing, a_cache_has_the_signature_in_its_tag) {
	write_at("a/CACHEDIR.TAG", TAG "\n# made by a test\n", 0);
	write_at("a/x", "", 0);
	write_at("b/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc56\n", 0);
	write_at("b/x", "", 0);
	write_at("c/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc5", 0);
	write_at("c/x", "", 0);
	struct classified c = classified_on_disk(&at);

	cr_expect_str_eq(class_of(&c, "a/x"), "cache");
	cr_expect_str_eq(class_of(&c, "b/x"), "source");
	cr_expect_str_eq(class_of(&c, "c/x"), "source");
	classified_fini(&c);
}

Test(classify_probing, a_linked_worktree_is_one_whatever_its_name) {
	write_at("fix/.git", "gitdir: /home/me/app/.git/worktrees/fix\n", 0);
	write_at("fix/src/a.c", "", 0);
	write_at("lib/.git", "gitdir: ../.git/modules/third/lib\n", 0);
	write_at("lib/a.c", "", 0);
	write_at("lib/tests/a.c", "", 0);
	write_at("odd/.git", "gitdir: ../elsewhere\n", 0);
	write_at("odd/a.c", "", 0);
	struct classified c = classified_on_disk(&at);

	cr_expect_str_eq(verdict_of(&c, "fix/src/a.c"), "vcs vcs.linked-worktree exclude");
	cr_expect_str_eq(verdict_of(&c, "lib/a.c"), "vendored vendored.submodule keep");
	cr_expect_str_eq(class_of(&c, "lib/tests/a.c"), "tests");
	cr_expect_str_eq(verdict_of(&c, "odd/a.c"), "source - keep");
	classified_fini(&c);
}

Test(classify_probing, every_failed_allocation_is_told) {
	struct tree *tree = NULL;
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	write_at("conf.yaml", "a: 1\n" KEY, 0);
	write_at("web/node_modules/x/a.js", "", 0);
	cr_assert(eq(int, tree_walk(at.fd, NULL, &tree, NULL), TNG_OK));
	struct classify_input input = { .tree = tree, .root_fd = at.fd };
	for (; code != TNG_OK && n < 1000; n++) {
		struct arena *a = arena_create();
		struct class_column column;
		struct tng_error err = { 0 };
		arena_fail_after(a, n);
		code = classify_column(a, &input, &column, &err);
		cr_assert(code == TNG_OK || (code == TNG_ENOMEM && err.code == TNG_ENOMEM), "%zu",
				n);
		arena_destroy(a);
	}
	cr_expect(gt(sz, n, 3));
	cr_expect(eq(int, code, TNG_OK));
	tree_destroy(tree);
}
