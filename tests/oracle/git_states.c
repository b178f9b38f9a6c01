/*
 * git_states.c - the git column of directories, for diff_git.py: records that end with a NUL.
 *
 *   git-states DIR...
 *
 *   D DIR, then for each row "S STATE PATH", for each repository "R KIND PATH|PREFIX|NINDEX|PROBLEM", for
 *   each warning "W PATH|TEXT", and once "N NTRACKED NMISSING IS_KNOWN"
 */
#include "util/buf.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put_path(const struct tree *tree, uint32_t row) {
	struct buf path = { 0 };

	tree_path(tree, row, &path);
	printf("%.*s", STR_FMT(buf_str(&path)));
	buf_fini(&path);
}

static void put_column(const struct tree *tree, const struct vcs_column *column) {
	static const char *const kinds[] = { "main", "submodule", "nested", "worktree" };

	for (uint32_t row = 0; row < tree_nrows(tree); row++) {
		printf("S %s ", vcs_state_name((enum vcs_state)column->state[row]));
		put_path(tree, row);
		putchar('\0');
	}
	for (size_t i = 0; i < column->nrepositories; i++) {
		const struct vcs_repository *r = &column->repositories[i];
		printf("R %s ", kinds[r->kind]);
		put_path(tree, r->row);
		printf("|%.*s|%llu|%.*s%c", STR_FMT(r->prefix), (unsigned long long)r->nindex,
				STR_FMT(r->problem), 0);
	}
	for (size_t i = 0; i < column->nwarnings; i++) {
		printf("W %.*s|%.*s%c", STR_FMT(column->warnings[i].path),
				STR_FMT(column->warnings[i].text), 0);
	}
	printf("N %llu %llu %d%c", (unsigned long long)column->ntracked,
			(unsigned long long)column->nmissing, column->is_known, 0);
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		struct arena *a = arena_create();
		struct vcs_column column;
		struct tree *tree = NULL;
		int fd = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (a == NULL || fd < 0 || tree_walk(fd, NULL, &tree, NULL) != TNG_OK ||
				vcs_column_open(a, tree, argv[i], &column, NULL) != TNG_OK) {
			fprintf(stderr, "git-states: %s cannot be read\n", argv[i]);
			return EXIT_FAILURE;
		}
		printf("D %s%c", argv[i], 0);
		put_column(tree, &column);
		tree_destroy(tree);
		arena_destroy(a);
		close(fd);
	}
	return EXIT_SUCCESS;
}
