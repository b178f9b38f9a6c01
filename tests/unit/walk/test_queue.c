#include "helpers.h"
#include "support/tmptree.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Walk under a limit of `limit` descriptors in a child, hard limit too; 0: the table is the same. */
static int walk_limited(const struct tmptree *t, rlim_t limit, unsigned njobs, bool portable) {
	struct rlimit both = { limit, limit };
	struct tree *tree = walk_with(t, 1, false);
	char *expected = dump_tree(tree);

	if (setrlimit(RLIMIT_NOFILE, &both) != 0) {
		return 2;
	}
	tree_destroy(tree);
	tree = walk_with(t, njobs, portable);
	char *dump = dump_tree(tree);
	int result = strcmp(dump, expected) == 0 && tree_stats(tree).nunreadable_dirs == 0 ? 0 : 1;
	free(dump);
	free(expected);
	tree_destroy(tree);
	return result;
}

static int limit_64_jobs_1(const struct tmptree *t) {
	return walk_limited(t, 64, 1, false);
}

static int limit_64_jobs_8(const struct tmptree *t) {
	return walk_limited(t, 64, 8, false);
}

static int limit_64_jobs_100(const struct tmptree *t) {
	return walk_limited(t, 64, 100, false);
}

static int limit_64_portable(const struct tmptree *t) {
	return walk_limited(t, 64, 8, true);
}

/* Nearly all are taken already, which the walk cannot know beforehand. */
static int limit_64_mostly_taken(const struct tmptree *t) {
	int fd = dup(t->fd);

	while (fd >= 0 && fd < 58) {
		fd = dup(t->fd);
	}
	return walk_limited(t, 64, 8, true);
}

static void assert_all_limits(const struct tmptree *t) {
	cr_assert(eq(int, in_child(limit_64_jobs_1, t), 0));
	cr_assert(eq(int, in_child(limit_64_jobs_8, t), 0));
	cr_assert(eq(int, in_child(limit_64_jobs_100, t), 0));
	cr_assert(eq(int, in_child(limit_64_portable, t), 0));
	cr_assert(eq(int, in_child(limit_64_mostly_taken, t), 0));
}

Test(walk_queue, few_descriptors_do_for_a_deep_comb) {
	struct tmptree t = tmptree_make_large();
	int fd = fcntl(t.fd, F_DUPFD_CLOEXEC, 0);
	for (int i = 0; i < 300; i++) {
		cr_assert(mkdirat(fd, "a_directory_with_a_name_of_some_length", 0755) == 0);
		cr_assert(mkdirat(fd, "z", 0755) == 0);
		int next = openat(
				fd, "a_directory_with_a_name_of_some_length", O_RDONLY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);

	assert_all_limits(&t);
	tmptree_remove(&t);
}

Test(walk_queue, few_descriptors_do_for_a_wide_tree) {
	struct tmptree t = tmptree_make_large();
	char path[32];
	for (int i = 0; i < 200; i++) {
		for (int j = 0; j < 50; j++) {
			snprintf(path, sizeof(path), "%d/%d", i, j);
			tmptree_dir(&t, path);
		}
	}

	assert_all_limits(&t);
	tmptree_remove(&t);
}

static int raises_soft_limit(const struct tmptree *t) {
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < 600) {
		return 0;
	}
	limit.rlim_cur = 20;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return 2;
	}
	struct tree *tree = walk_with(t, 1, false);
	bool ok = tree_nrows(tree) == 601 && tree_stats(tree).nunreadable_dirs == 0;
	tree_destroy(tree);
	return ok && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 20 ? 0 : 1;
}

Test(walk_queue, the_soft_limit_is_raised_when_it_is_felt) {
	struct tmptree t = tmptree_make_large();
	int fd = fcntl(t.fd, F_DUPFD_CLOEXEC, 0);
	for (int i = 0; i < 300; i++) {
		cr_assert(mkdirat(fd, "d", 0755) == 0);
		cr_assert(mkdirat(fd, "e", 0755) == 0);
		int next = openat(fd, "d", O_RDONLY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);

	cr_assert(eq(int, in_child(raises_soft_limit, &t), 0));
	tmptree_remove(&t);
}
