/*
 * The walk at eight threads while another thread makes and removes entries. For a build with
 * -Db_sanitize=thread; Criterion crashes there, so this is a plain program.
 */
#include "support/tmptree.h"
#include "walk/walk.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NWALKS 12
#define NDIRS 24
#define NFILES 60

struct meddler {
	const struct tmptree *tree;
	atomic_bool stop; /* nothing is handed over by it, so relaxed */
};

static void meddle_once(const struct tmptree *t, unsigned i) {
	char name[64], other[64];

	snprintf(name, sizeof(name), "d%u/coming%u", i % NDIRS, i % 7);
	snprintf(other, sizeof(other), "d%u/f%u", i % NDIRS, i % NFILES);
	switch (i % 5) {
	case 0:
		(void)mkdirat(t->fd, name, 0755);
		break;
	case 1:
		(void)unlinkat(t->fd, name, AT_REMOVEDIR);
		(void)unlinkat(t->fd, name, 0);
		break;
	case 2:
		(void)symlinkat("f1", t->fd, name);
		break;
	case 3:
		(void)unlinkat(t->fd, other, 0);
		break;
	default: {
		int fd = openat(t->fd, other, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		if (fd >= 0) {
			close(fd);
		}
	}
	}
}

static void *meddle(void *arg) {
	struct meddler *m = arg;
	unsigned i = 0;

	while (!atomic_load_explicit(&m->stop, memory_order_relaxed)) {
		meddle_once(m->tree, i++ * 2654435761U >> 8);
	}
	return NULL;
}

static int fail(const char *what, uint32_t row) {
	printf("not ok - %s (row %u)\n", what, row);
	return 1;
}

/* What holds of every table, whatever moved meanwhile. */
static int check(const struct tree *tree) {
	uint32_t ndirs = 0;

	for (uint32_t row = 0; row < tree_nrows(tree); row++) {
		const struct entry *e = tree_entry(tree, row);
		uint32_t parent = tree_parent(tree, row);
		if (row > 0 && (parent >= row || tree_end(tree, parent) <= row)) {
			return fail("a row lies outside its directory", row);
		}
		if (entry_is_dir(e) && tree_dir_of(tree, e)->row != row) {
			return fail("a directory has another's row", row);
		}
		if ((e->mode == 0) != (e->os_errno != 0) && entry_type(e) != ENTRY_SYMLINK) {
			return fail("mode and errno contradict each other", row);
		}
		ndirs += entry_is_dir(e);
	}
	return ndirs == tree_ndirs(tree) ? 0 : fail("directories are miscounted", ndirs);
}

static int walk_once(const struct tmptree *t, bool portable) {
	struct walk_options options = { .njobs = 8, .portable = portable };
	struct tree *tree = NULL;

	if (tree_walk(t->fd, &options, &tree, NULL) != TNG_OK) {
		return fail("the walk failed", 0);
	}
	int failed = check(tree);
	tree_destroy(tree);
	return failed;
}

int main(void) {
	struct tmptree t = tmptree_make();
	struct meddler m = { .tree = &t };
	pthread_t thread;
	char name[64];
	int failed = 0;

	for (unsigned i = 0; i < NDIRS * NFILES; i++) {
		snprintf(name, sizeof(name), "d%u/f%u", i % NDIRS, i / NDIRS);
		tmptree_file(&t, name, i);
	}
	for (unsigned i = 0; i < 3000; i++) { /* enough to be split between threads */
		snprintf(name, sizeof(name), "d0/many%u", i);
		tmptree_file(&t, name, 0);
	}
	if (pthread_create(&thread, NULL, meddle, &m) != 0) {
		return 99;
	}
	for (int i = 0; i < NWALKS && failed == 0; i++) {
		failed = walk_once(&t, i % 3 == 2);
	}
	atomic_store_explicit(&m.stop, true, memory_order_relaxed);
	(void)pthread_join(thread, NULL);
	tmptree_remove(&t);
	if (failed == 0) {
		printf("1..1\nok 1 - walks beside changes are whole\n");
	}
	return failed;
}
