#include "helpers.h"
#include "support/tmptree.h"
#include "walk/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#endif

Test(walk, names_come_in_byte_order_and_subtrees_behind_their_directory) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "b/z", 0);
	tmptree_file(&t, "b/y/x", 0);
	tmptree_file(&t, "b.txt", 0);
	tmptree_file(&t, "a", 0);
	tmptree_file(&t, "B", 0);
	tmptree_file(&t, "b-", 0);
	tmptree_file(&t, "\xff", 0);
	tmptree_file(&t, "\x01", 0);
	struct tree *tree = walk_with(&t, 0, false);

	char *paths = dump_paths(tree);
	cr_assert(eq(str, paths, "\x01\nB\na\nb\nb/y\nb/y/x\nb/z\nb-\nb.txt\n\xff\n"));
	cr_assert(eq(u32, tree_nrows(tree), 11));
	cr_assert(eq(u32, tree_ndirs(tree), 3));
	free(paths);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(walk, an_empty_root_is_one_row_with_an_empty_name) {
	struct tmptree t = tmptree_make();
	struct tree *tree = walk_with(&t, 0, false);
	const struct entry *root = tree_entry(tree, 0);

	cr_assert(eq(u32, tree_nrows(tree), 1));
	cr_assert(eq(u32, tree_ndirs(tree), 1));
	cr_assert(eq(sz, tree_name(tree, root).len, 0));
	cr_assert(eq(chr, *tree_name(tree, root).ptr, '\0'));
	cr_assert(eq(u32, root->parent, 0));
	cr_assert(eq(u32, tree_end(tree, 0), 1));
	cr_assert(eq(u32, tree_parent(tree, 0), TREE_NO_ROW));
	cr_assert(eq(u32, tree_find(tree, STR("")), 0));
	cr_assert(eq(u32, tree_find(tree, STR("x")), TREE_NO_ROW));
	tree_destroy(tree);
	tmptree_remove(&t);
}

static void make_all_types(const struct tmptree *t) {
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	tmptree_file(t, "file", 1000);
	tmptree_dir(t, "dir");
	tmptree_symlink(t, "link", "no/such target");
	cr_assert(mkfifoat(t->fd, "fifo", 0600) == 0);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/sock", t->path);
	cr_assert(bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
	close(fd);
}

Test(walk, every_type_is_told_by_both_readers) {
	struct tmptree t = tmptree_make();
	make_all_types(&t);
	bool has_devices = mknodat(t.fd, "char", S_IFCHR | 0600, makedev(1, 3)) == 0 &&
			mknodat(t.fd, "block", S_IFBLK | 0600, makedev(7, 0)) == 0;

	for (int portable = 0; portable < 2; portable++) {
		struct tree *tree = walk_with(&t, 2, portable != 0);
		const struct {
			const char *path;
			enum entry_type type;
		} expected[] = { { "file", ENTRY_FILE }, { "dir", ENTRY_DIR },
			{ "link", ENTRY_SYMLINK }, { "fifo", ENTRY_FIFO }, { "sock", ENTRY_SOCKET },
			{ "char", ENTRY_CHAR_DEVICE }, { "block", ENTRY_BLOCK_DEVICE } };
		for (size_t i = 0; i < (has_devices ? 7 : 5); i++) {
			uint32_t row = must_find(tree, expected[i].path);
			cr_assert(eq(int, (int)entry_type(tree_entry(tree, row)),
						  (int)expected[i].type),
					"%s", expected[i].path);
		}
		struct str target = tree_link_target(tree, must_find(tree, "link"));
		cr_assert(str_eq(target, STR("no/such target")));
		cr_assert(eq(chr, target.ptr[target.len], '\0'));
		cr_assert(eq(u64, entry_size(tree_entry(tree, must_find(tree, "link"))), 14));
		cr_assert(eq(u64, entry_size(tree_entry(tree, must_find(tree, "file"))), 1000));
		cr_assert(eq(u64, entry_size(tree_entry(tree, must_find(tree, "dir"))), 0));
		cr_assert(eq(sz, tree_link_target(tree, must_find(tree, "file")).len, 0));
		tree_destroy(tree);
	}
	tmptree_remove(&t);
}

Test(walk, what_stat_says_is_kept) {
	struct tmptree t = tmptree_make();
	struct timespec times[2] = { { 0, 0 }, { -86400, 123456789 } };
	struct stat st;
	tmptree_file(&t, "d/f", 0);
	int fd = openat(t.fd, "d/f", O_WRONLY);
	char bytes[5000] = { 1 };
	cr_assert(write(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes));
	close(fd);
	cr_assert(fchmodat(t.fd, "d/f", 04751, 0) == 0);
	cr_assert(utimensat(t.fd, "d/f", times, 0) == 0);
	cr_assert(fstatat(t.fd, "d/f", &st, 0) == 0);
	struct tree *tree = walk_with(&t, 1, false);
	uint32_t row = must_find(tree, "d/f");
	const struct entry *e = tree_entry(tree, row);

	cr_assert(eq(int, e->mode, 0104751));
	cr_assert(eq(i64, e->mtime_ns, INT64_C(-86400) * 1000000000 + 123456789));
	cr_assert(eq(u64, e->size, 5000));
	cr_assert(eq(u64, e->inode, st.st_ino));
	cr_assert(eq(u64, tree_allocated(tree, row), (uint64_t)st.st_blocks * 512));
	cr_assert(eq(u64, tree_device(tree, row), st.st_dev));
	cr_assert(eq(u32, tree_nlink(tree, row), 1));
	cr_assert(eq(u32, tree_nlink(tree, must_find(tree, "d")), 2));
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(walk, links_are_not_followed_and_loops_do_no_harm) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "real/inside", 0);
	tmptree_symlink(&t, "alias", "real");
	tmptree_symlink(&t, "real/up", "..");
	tmptree_symlink(&t, "self", "self");
	struct tree *tree = walk_with(&t, 0, false);

	char *paths = dump_paths(tree);
	cr_assert(eq(str, paths, "alias\nreal\nreal/inside\nreal/up\nself\n"));
	free(paths);
	tree_destroy(tree);
	tmptree_remove(&t);
}

static void make_tree_of_all(const struct tmptree *t) {
	char path[128];

	for (int i = 0; i < 40; i++) {
		for (int j = 0; j < 12; j++) {
			snprintf(path, sizeof(path), "d%02d/some_rather_long_prefix_%d/file-%d.txt",
					i * 7 % 40, j * 5 % 12, i ^ j);
			tmptree_file(t, path, (uint64_t)(i * j));
		}
		snprintf(path, sizeof(path), "d%02d/link", i);
		tmptree_symlink(t, path, i % 2 ? "../d00" : "nowhere");
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(path, sizeof(path), "flat/%d", i * 7919 % 3000);
		tmptree_file(t, path, 0);
	}
	for (int i = 0; i < 30; i++) {
		char existing[64];
		snprintf(existing, sizeof(existing), "flat/%d", i * 100);
		snprintf(path, sizeof(path), "d%02d/hard", i);
		tmptree_link(t, path, existing);
	}
	make_all_types(t);
}

Test(walk, the_table_is_the_same_at_any_number_of_threads_and_by_both_readers) {
	struct tmptree t = tmptree_make();
	make_tree_of_all(&t);
	struct tree *tree = walk_with(&t, 1, false);
	char *expected = dump_tree(tree);
	static const unsigned njobs[] = { 0, 1, 2, 3, 8, 32 };

	cr_assert(eq(u32, tree_nrows(tree), 1 + 40 + 40 * 12 * 2 + 40 + 1 + 3000 + 30 + 5));
	cr_assert(eq(u32, tree_stats(tree).nthreads, 1));
	tree_destroy(tree);
	for (size_t i = 0; i < sizeof(njobs) / sizeof(njobs[0]); i++) {
		for (int portable = 0; portable < 2; portable++) {
			tree = walk_with(&t, njobs[i], portable != 0);
			char *dump = dump_tree(tree);
			cr_assert(strcmp(dump, expected) == 0, "-j%u portable %d", njobs[i],
					portable);
			if (njobs[i] > 0) {
				cr_assert(eq(u32, tree_stats(tree).nthreads, njobs[i]));
			}
			free(dump);
			tree_destroy(tree);
		}
	}
	free(expected);
	tmptree_remove(&t);
}

Test(walk, a_directory_of_many_thousand_names_is_whole) {
	struct tmptree t = tmptree_make_large();
	char path[64];
	for (int i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), i % 10 == 0 ? "big/dir%d" : "big/f%d", i);
		if (i % 10 == 0) {
			tmptree_dir(&t, path);
		} else {
			tmptree_file(&t, path, (uint64_t)i);
		}
	}
	for (unsigned njobs = 1; njobs <= 8; njobs *= 2) {
		struct tree *tree = walk_with(&t, njobs, false);
		cr_assert(eq(u32, tree_nrows(tree), 20002));
		cr_assert(eq(u32, tree_ndirs(tree), 2002));
		for (int i = 0; i < 20000; i++) {
			snprintf(path, sizeof(path), i % 10 == 0 ? "big/dir%d" : "big/f%d", i);
			const struct entry *e = tree_entry(tree, must_find(tree, path));
			cr_assert(eq(u64, entry_size(e), i % 10 == 0 ? 0 : (uint64_t)i));
		}
		tree_destroy(tree);
	}
	tmptree_remove(&t);
}

Test(walk, depth_goes_beyond_the_longest_path) {
	struct tmptree t = tmptree_make();
	char name[201];
	memset(name, 'n', 200);
	name[200] = '\0';
	tmptree_chain(&t, name, 60, 2); /* 12,000 bytes of path */

	for (int portable = 0; portable < 2; portable++) {
		struct tree *tree = walk_with(&t, 2, portable != 0);
		cr_assert(eq(u32, tree_nrows(tree), 63));
		cr_assert(eq(u32, tree_depth(tree, 62), 61));
		cr_assert(eq(u64, tree_stats(tree).nunreadable_dirs, 0));
		tree_destroy(tree);
	}
	tmptree_remove(&t);
}

/* Tests may run as root, to whom everything is readable. */
static int walk_without_rights(const struct tmptree *t) {
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
		return 2;
	}
	struct tree *tree = walk_with(t, 2, false);
	struct tree_stats stats = tree_stats(tree);
	const struct entry *shut = tree_entry(tree, tree_find(tree, STR("shut")));
	uint32_t blind_row = tree_find(tree, STR("blind/f"));
	const struct entry *blind = tree_entry(tree, blind_row);

	bool ok = stats.nunreadable_dirs == 1 && stats.nfailed_entries == 1 &&
			stats.nvanished == 0 && tree_dir_of(tree, shut)->os_errno == EACCES &&
			tree_dir_of(tree, shut)->nentries == 0 && shut->os_errno == 0 &&
			entry_type(blind) == ENTRY_UNKNOWN && blind->os_errno == EACCES &&
			blind->mode == 0 && tree_find(tree, STR("shut/f")) == TREE_NO_ROW &&
			tree_find(tree, STR("open/unreadable")) != TREE_NO_ROW;
	tree_destroy(tree);
	return ok ? 0 : 1;
}

Test(walk, what_cannot_be_read_is_a_row_with_its_errno) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "shut/f", 1);
	tmptree_file(&t, "blind/f", 1);
	tmptree_file(&t, "open/unreadable", 1);
	cr_assert(fchmodat(t.fd, "shut", 0, 0) == 0);
	cr_assert(fchmodat(t.fd, "blind", 0444, 0) == 0);
	cr_assert(fchmodat(t.fd, "open/unreadable", 0, 0) == 0);
	cr_assert(fchmod(t.fd, 0755) == 0);

	cr_assert(eq(int, in_child(walk_without_rights, &t), 0));
	tmptree_remove(&t);
}

static int walk_shut_root(const struct tmptree *t) {
	struct tng_error err = { 0 };
	struct tree *tree = NULL;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
		return 2;
	}
	enum tng_code code = tree_walk(t->fd, NULL, &tree, &err);
	return code == TNG_EIO && err.os_errno == EACCES && tree == NULL ? 0 : 1;
}

Test(walk, a_root_that_cannot_be_read_is_an_error) {
	struct tmptree t = tmptree_make();
	cr_assert(fchmod(t.fd, 0) == 0);

	cr_assert(eq(int, in_child(walk_shut_root, &t), 0));
	tmptree_remove(&t);
}

Test(walk, a_root_that_is_no_directory_is_an_error) {
	struct tmptree t = tmptree_make();
	struct tng_error err = { 0 };
	struct tree *tree = NULL;
	tmptree_file(&t, "f", 1);
	int fd = openat(t.fd, "f", O_RDONLY);

	cr_assert(eq(int, tree_walk(fd, NULL, &tree, &err), TNG_EIO));
	cr_assert(eq(int, err.os_errno, ENOTDIR));
	cr_assert(eq(int, tree_walk(-1, NULL, &tree, NULL), TNG_EIO));
	close(fd);
	tmptree_remove(&t);
}

Test(walk, the_callers_descriptor_stays_open_and_where_it_was) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "a/b", 0);
	int before = dup(t.fd);
	close(before);

	for (int i = 0; i < 3; i++) {
		struct tree *tree = walk_with(&t, 2, false);
		cr_assert(eq(u32, tree_nrows(tree), 3));
		tree_destroy(tree);
	}
	int after = dup(t.fd);
	cr_assert(eq(int, after, before), "descriptors leak");
	close(after);
	tmptree_remove(&t);
}

static void note_progress(void *user, const struct walk_progress *p) {
	struct walk_progress *last = user;

	cr_assert(ge(u64, p->nentries, last->nentries));
	cr_assert(p->dir.ptr != NULL);
	last->nentries = p->nentries;
}

Test(walk, progress_never_counts_more_than_there_is) {
	struct tmptree t = tmptree_make_large();
	struct walk_progress last = { 0 };
	struct walk_options options = { .on_progress = note_progress, .user = &last };
	struct tree *tree = NULL;
	make_tree_of_all(&t);

	cr_assert(eq(int, tree_walk(t.fd, &options, &tree, NULL), TNG_OK));
	cr_assert(lt(u64, last.nentries, tree_nrows(tree)));
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(walk, every_failed_allocation_is_reported_and_leaves_nothing_behind) {
	struct tmptree t = tmptree_make_large();
	make_tree_of_all(&t);

	for (unsigned njobs = 1; njobs <= 4; njobs += 3) {
		struct walk_options options = { .njobs = njobs };
		struct tree *tree = NULL;
		enum tng_code code = TNG_ENOMEM;
		int before = dup(t.fd);
		close(before);
		/* some allocations can be done without: a thread less is no failure */
		for (size_t n = 0; code != TNG_OK; n++) {
			cr_assert(lt(sz, n, 100000));
			code = tree_walk_failing(t.fd, &options, n, &tree, NULL);
			cr_assert(code == TNG_OK || (code == TNG_ENOMEM && tree == NULL));
			int after = dup(t.fd);
			cr_assert(eq(int, after, before), "descriptors leak");
			close(after);
		}
		cr_assert(gt(u32, tree_nrows(tree), 4000));
		tree_destroy(tree);
	}
	tmptree_remove(&t);
}
