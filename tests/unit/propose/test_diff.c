#include "propose/propose.h"
#include "support/expect.h"
#include "support/tmptree.h"
#include "util/file.h"

#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct diff_case {
	char why[60], before[100], after[100], diff[240];
};

#define HEAD "--- old\n+++ new\n"

ParameterizedTestParameters(propose_diff, table) {
	static struct diff_case cases[] = {
		{ "nothing", "a\nb\n", "a\nb\n", "" },
		{ "a new file", "", "a\nb\n", HEAD "@@ -0,0 +1,2 @@\n+a\n+b\n" },
		{ "all of it goes", "a\n", "", HEAD "@@ -1 +0,0 @@\n-a\n" },
		{ "lines behind", "a\n", "a\nb\n", HEAD "@@ -1 +1,2 @@\n a\n+b\n" },
		{ "no newline before", "a", "a\nb\n",
				HEAD "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n" },
		{ "no newline after", "a\nb\n", "a\nc",
				HEAD
				"@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n" },
		{ "neither has one, and both keep it", "x\nb", "y\nb",
				HEAD
				"@@ -1,2 +1,2 @@\n-x\n+y\n b\n\\ No newline at end of file\n" },
		{ "three lines around", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
				"1\n2\n3\n4\nx\n6\n7\n8\n9\n",
				HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
		{ "far apart: two hunks", "1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
				HEAD "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,3 +6,4 @@\n 6\n "
				     "7\n 8\n+y\n" },
		{ "line ends of two bytes are text", "a\r\nb\r\n", "a\r\nc\r\n",
				HEAD "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n" },
	};
	return cr_make_param_array(struct diff_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct diff_case *c, propose_diff, table) {
	struct buf out = { 0 };

	propose_diff(str_from(c->before), str_from(c->after), STR("old"), STR("new"), &out);
	EXPECT_STR(buf_str(&out), c->diff);
	buf_fini(&out);
}

static void put_file(const struct tmptree *t, const char *name, struct str text) {
	int fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert(fd >= 0);
	cr_assert(eq(int, file_write_all(fd, text), 0));
	(void)close(fd);
}

/* A text of a few different lines, from the bits of a number. */
static void random_text(unsigned bits, unsigned n, struct buf *out) {
	for (unsigned i = 0; i < n; i++, bits >>= 2) {
		buf_printf(out, "%u\n", bits & 3);
	}
	if ((bits & 1) != 0 && out->len > 0) {
		out->len--; /* without its last newline */
	}
}

/* patch(1) is the judge: the old text and the diff give the new text. */
Test(propose_diff, patch_makes_the_new_text_of_the_old_one) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char command[300];

	if (system("patch --version >/dev/null 2>&1") != 0) {
		tmptree_remove(&t);
		arena_destroy(a);
		cr_skip_test("patch is not installed");
	}
	for (unsigned i = 1; i < 60; i++) {
		struct buf before = { 0 }, after = { 0 }, diff = { 0 };
		struct str got;
		struct tng_error err = { 0 };
		random_text(i * 2654435761U, i % 15, &before);
		random_text(i * 2246822519U, (i * 7) % 15, &after);
		propose_diff(buf_str(&before), buf_str(&after), STR("f"), STR("f"), &diff);
		put_file(&t, "f", buf_str(&before));
		put_file(&t, "d", buf_str(&diff));
		(void)snprintf(command, sizeof(command),
				"cd %s && patch -s --no-backup-if-mismatch f d", t.path);
		if (diff.len > 0 && after.len > 0) {
			cr_assert(eq(int, system(command), 0), "round %u", i);
			cr_assert(eq(int, file_read(a, t.fd, "f", 4096, &got, &err), TNG_OK));
			cr_assert(str_eq(got, buf_str(&after)), "round %u", i);
		}
		buf_fini(&before);
		buf_fini(&after);
		buf_fini(&diff);
	}
	tmptree_remove(&t);
	arena_destroy(a);
}
