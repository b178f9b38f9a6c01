/*
 * duplicate_list.c - the groups of files that hold the same, for duplicates.py.
 *
 *   duplicate-list ROOT    for each group its paths, each ended by a NUL, and one NUL more; then "NREAD"
 */
#include "digest/digest.h"
#include "util/buf.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void put_path(const struct tree *tree, uint32_t row) {
	struct buf path = { 0 };

	tree_path(tree, row, &path);
	printf("%.*s", STR_FMT(buf_str(&path)));
	putchar('\0');
	buf_fini(&path);
}

static int list(struct arena *a, const struct tree *tree, int root_fd) {
	const struct digest_source source = { .tree = tree, .root_fd = root_fd, .njobs = 2 };
	const struct duplicate_request all = { .min_bytes = 1 };
	struct duplicates found;

	if (digest_duplicates(a, &source, &all, &found, NULL) != TNG_OK) {
		return 1;
	}
	for (size_t i = 0; i < found.n; i++) {
		for (size_t k = 0; k < found.groups[i].n; k++) {
			put_path(tree, found.groups[i].rows[k]);
		}
		putchar('\0');
	}
	printf("%llu", (unsigned long long)found.nread);
	return 0;
}

int main(int argc, char **argv) {
	int root_fd = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct arena *a = arena_create();
	struct tree *tree = NULL;
	int status = 2;

	if (root_fd >= 0 && a != NULL && tree_walk(root_fd, NULL, &tree, NULL) == TNG_OK) {
		status = list(a, tree, root_fd);
	}
	tree_destroy(tree);
	arena_destroy(a);
	if (root_fd >= 0) {
		(void)close(root_fd);
	}
	return status;
}
