#include "helpers.h"
#include "support/tmptree.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The tree of all odd names that the shared generator makes; skipped where that is not at hand. */
Test(walk_reader, both_readers_agree_on_odd_names_and_types) {
	const char *shared = getenv("TONNAGE_SHARED");
	struct tmptree t = tmptree_make();
	char command[1024];
	if (shared == NULL || shared[0] == '\0') {
		tmptree_remove(&t);
		cr_skip("no shared directory");
	}
	snprintf(command, sizeof(command),
			"cc -O1 -pthread -o '%s/mktree' '%s/bench/mktree/mktree.c' 2>/dev/null && "
			"'%s/mktree' -q --preset odd '%s/odd' && rm '%s/mktree'",
			t.path, shared, t.path, t.path, t.path);
	if (system(command) != 0) {
		tmptree_remove(&t);
		cr_skip("no generator");
	}

	struct tree *native = walk_with(&t, 2, false), *portable = walk_with(&t, 1, true);
	char *a = dump_tree(native), *b = dump_tree(portable);
	cr_assert(strcmp(a, b) == 0);
	cr_assert(gt(u32, tree_nrows(native), 200));
	free(a);
	free(b);
	tree_destroy(native);
	tree_destroy(portable);
	tmptree_remove(&t);
}

/* Pseudo file systems: links of size 0, directories of another device, no end mark in d_off. */
Test(walk_reader, both_readers_agree_on_a_pseudo_file_system) {
	struct tree *trees[2] = { NULL, NULL };
	int fd = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		cr_skip("no /proc");
	}
	for (int portable = 0; portable < 2; portable++) {
		struct walk_options options = { .njobs = 1, .portable = portable != 0 };
		cr_assert(tree_walk(fd, &options, &trees[portable], NULL) == TNG_OK);
	}
	cr_assert(gt(u32, tree_nrows(trees[0]), 3));
	cr_assert(eq(u32, tree_nrows(trees[0]), tree_nrows(trees[1])));
	for (uint32_t row = 1; row < tree_nrows(trees[0]); row++) {
		struct str target = tree_link_target(trees[0], row);
		cr_assert(gt(sz, target.len, 0));
		cr_assert(str_eq(target, tree_link_target(trees[1], row)));
	}
	tree_destroy(trees[0]);
	tree_destroy(trees[1]);
	close(fd);
}

Test(walk_reader, a_mount_point_is_crossed_and_counted) {
	int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat dev, shm;
	if (fd < 0 || fstat(fd, &dev) != 0 || fstatat(fd, "shm", &shm, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISDIR(shm.st_mode) || shm.st_dev == dev.st_dev) {
		cr_skip("/dev/shm is no mount point here");
	}
	struct tree *tree = NULL;
	cr_assert(tree_walk(fd, NULL, &tree, NULL) == TNG_OK);
	uint32_t row = must_find(tree, "shm");
	const struct tree_dir *dir = tree_dir_of(tree, tree_entry(tree, row));

	cr_assert(dir->is_mount);
	cr_assert(eq(u64, dir->device, shm.st_dev));
	cr_assert(eq(u64, tree_device(tree, row), shm.st_dev));
	cr_assert(eq(u64, tree_device(tree, 0), dev.st_dev));
	cr_assert(not(tree_dir(tree, 0)->is_mount));
	cr_assert(ge(u64, tree_stats(tree).nmounts, 1));
	tree_destroy(tree);
	close(fd);
}
