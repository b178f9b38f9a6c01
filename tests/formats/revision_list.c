/*
 * revision_list.c - the rows of a revision, for against.py: records that end with a NUL.
 *
 *   revision-list ROOT REVISION        "TYPE MODE SIZE PATH" or, of a link, "... PATH -> TARGET"
 *   revision-list --time ROOT REVISION the seconds it takes
 */
#include "util/buf.h"
#include "util/thread.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <stdio.h>
#include <string.h>

static void put_row(const struct tree *tree, uint32_t row) {
	static const char types[] = "fdl?????";
	const struct entry *e = tree_entry(tree, row);
	struct buf path = { 0 };

	tree_path(tree, row, &path);
	printf("%c %o %llu %.*s", types[entry_type(e)], e->mode & 07777U,
			(unsigned long long)entry_size(e), STR_FMT(buf_str(&path)));
	if (entry_type(e) == ENTRY_SYMLINK) {
		printf(" -> %.*s", STR_FMT(tree_link_target(tree, row)));
	}
	putchar('\0');
	buf_fini(&path);
}

int main(int argc, char **argv) {
	int first = argc > 3 && strcmp(argv[1], "--time") == 0 ? 2 : 1;
	struct vcs_revision *revision = NULL;
	struct tng_error err = { 0 };
	struct arena *a = arena_create();
	uint64_t start = thread_clock_ns();

	if (argc < first + 2 || a == NULL) {
		return 2;
	}
	if (vcs_revision_open(a, argv[first], argv[first + 1], NULL, &revision, &err) != TNG_OK) {
		fprintf(stderr, "%s: %s\n", err.where, err.text);
		arena_destroy(a);
		return 1;
	}
	const struct tree *tree = vcs_revision_tree(revision);
	if (first == 2) {
		printf("%.3f\n", (double)(thread_clock_ns() - start) / 1e9);
	} else {
		for (uint32_t row = 1; row < tree_nrows(tree); row++) {
			put_row(tree, row);
		}
	}
	vcs_revision_close(revision);
	arena_destroy(a);
	return 0;
}
