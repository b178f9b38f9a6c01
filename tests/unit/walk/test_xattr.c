/* A second look at rows: extended attributes, device numbers, files that may not be read. */
#include "support/expect.h"
#include "support/tmptree.h"
#include "unit/walk/helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* Skips the test where the file system takes none. */
static void set_xattr(const struct tmptree *t, const char *path, const char *name, size_t bytes) {
	char full[512], value[256] = { 0 };

	(void)snprintf(full, sizeof(full), "%s/%s", t->path, path);
	if (setxattr(full, name, value, bytes, 0) != 0) {
		cr_skip_test("no extended attributes here");
	}
}

static struct tree_xattr *read_all(
		struct arena *a, const struct tmptree *t, const struct tree *tree, size_t *n) {
	uint8_t *wanted = calloc(tree_nrows(tree), 1);
	struct tree_xattr *list = NULL;

	memset(wanted, 1, tree_nrows(tree));
	cr_assert(eq(int, tree_read_xattrs(a, t->fd, tree, wanted, &list, n, NULL), TNG_OK));
	free(wanted);
	return list;
}

Test(xattr, are_read_in_row_order_with_the_lengths_of_their_values) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	size_t n = 0;

	tmptree_file(&t, "d/f", 1);
	tmptree_file(&t, "d/e/g", 1);
	tmptree_file(&t, "z", 1);
	set_xattr(&t, "d", "user.dir", 0);
	set_xattr(&t, "d/e/g", "user.g", 7);
	set_xattr(&t, "z", "user.z", 130);
	struct tree *tree = walk_with(&t, 1, false);
	const struct tree_xattr *x = read_all(a, &t, tree, &n);
	size_t nours = 0;
	for (size_t i = 0; i < n; i++) {
		static const struct {
			const char *path, *name;
			uint32_t bytes;
		} want[] = { { "d", "user.dir", 0 }, { "d/e/g", "user.g", 7 },
			{ "z", "user.z", 130 } };
		if (!str_starts(x[i].name, STR("user."))) {
			continue; /* security.selinux and its like */
		}
		cr_assert(lt(sz, nours, 3));
		EXPECT_STR(x[i].name, want[nours].name);
		cr_expect(eq(u32, x[i].row, must_find(tree, want[nours].path)));
		cr_expect(eq(u32, x[i].value_bytes, want[nours].bytes));
		nours++;
	}
	cr_expect(eq(sz, nours, 3));
	tree_destroy(tree);
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(xattr, are_found_below_more_directories_than_stay_open) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char path[512] = "";
	size_t n = 0, nours = 0;

	for (int i = 0; i < 120; i++) {
		strcat(path, "d/");
	}
	strcat(path, "f");
	tmptree_file(&t, path, 1);
	set_xattr(&t, path, "user.deep", 3);
	path[60] = 'f'; /* d/d/.../f half way up, behind the deep one in row order */
	path[61] = '\0';
	tmptree_file(&t, path, 1);
	set_xattr(&t, path, "user.half", 4);
	struct tree *tree = walk_with(&t, 1, false);
	const struct tree_xattr *x = read_all(a, &t, tree, &n);
	for (size_t i = 0; i < n; i++) {
		if (str_starts(x[i].name, STR("user."))) {
			EXPECT_STR(x[i].name, nours == 0 ? "user.deep" : "user.half");
			nours++;
		}
	}
	cr_expect(eq(sz, nours, 2));
	tree_destroy(tree);
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(xattr, only_wanted_rows_are_looked_at) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	struct tree_xattr *list = NULL;
	uint8_t wanted[2] = { 0 };
	size_t n = 1;

	tmptree_file(&t, "a", 1);
	set_xattr(&t, "a", "user.a", 1);
	struct tree *tree = walk_with(&t, 1, false);
	cr_assert(eq(int, tree_read_xattrs(a, t.fd, tree, wanted, &list, &n, NULL), TNG_OK));
	cr_expect(eq(sz, n, 0));
	tree_destroy(tree);
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(xattr, a_device_says_which_one_it_is_and_weighs_nothing) {
	struct tmptree t = tmptree_make();

	if (mknodat(t.fd, "blk", S_IFBLK | 0600, makedev(7, 300)) != 0) {
		tmptree_remove(&t);
		cr_skip_test("no devices can be made here");
	}
	for (int portable = 0; portable < 2; portable++) {
		struct tree *tree = walk_with(&t, 1, portable != 0);
		const struct entry *e = tree_entry(tree, must_find(tree, "blk"));
		cr_expect(eq(u64, entry_device_number(e), makedev(7, 300)));
		cr_expect(eq(u64, entry_size(e), 0));
		tree_destroy(tree);
	}
	tmptree_remove(&t);
}
#endif

/* In a child, as nobody; 0: as it should be. */
static int only_the_secret_is_unreadable(const struct tmptree *t) {
	struct arena *a = arena_create();
	struct tree *tree = walk_with(t, 1, false);
	uint8_t *wanted = calloc(tree_nrows(tree), 1);
	uint32_t *rows = NULL;
	size_t n = 0;

	memset(wanted, 1, tree_nrows(tree));
	bool ok = tree_find_unreadable(a, t->fd, tree, wanted, &rows, &n, NULL) == TNG_OK &&
			n == 1 && rows[0] == must_find(tree, "d/secret");
	tree_destroy(tree);
	arena_destroy(a);
	free(wanted);
	return ok ? 0 : 1;
}

static int as_nobody(const struct tmptree *t) {
	if (geteuid() == 0 && setuid(65534) != 0) {
		return 1;
	}
	return only_the_secret_is_unreadable(t);
}

Test(xattr, files_that_may_not_be_read_are_found) {
	struct tmptree t = tmptree_make();

	tmptree_file(&t, "d/open", 1);
	tmptree_file(&t, "d/secret", 1);
	cr_assert(eq(int, fchmodat(t.fd, "d/secret", 0, 0), 0));
	cr_assert(eq(int, fchmod(t.fd, 0755), 0));
	cr_expect(eq(int, in_child(as_nobody, &t), 0));
	tmptree_remove(&t);
}
