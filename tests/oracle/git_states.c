/*
 * git_states.c - the git column of directories, for diff_git.py: records that end with a NUL.
 *
 *   git-states DIR...
 *   git-states --time DIR    CPU seconds of the walk, of the column, and how many rows are tracked
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
#include <time.h>
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

static double cpu_seconds(void) {
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool open_column(struct arena *a, const char *dir, struct tree **tree,
		struct vcs_column *column, double *walk_seconds) {
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	double begun = cpu_seconds();
	bool is_well = a != NULL && fd >= 0 && tree_walk(fd, NULL, tree, NULL) == TNG_OK;

	*walk_seconds = cpu_seconds() - begun;
	is_well = is_well && vcs_column_open(a, *tree, dir, column, NULL) == TNG_OK;
	if (fd >= 0) {
		close(fd);
	}
	return is_well;
}

int main(int argc, char **argv) {
	bool is_timed = argc > 1 && str_eq(str_from(argv[1]), STR("--time"));

	for (int i = 1 + is_timed; i < argc; i++) {
		struct arena *a = arena_create();
		struct vcs_column column;
		struct tree *tree = NULL;
		double begun = cpu_seconds(), walk_seconds;

		if (!open_column(a, argv[i], &tree, &column, &walk_seconds)) {
			fprintf(stderr, "git-states: %s cannot be read\n", argv[i]);
			return EXIT_FAILURE;
		}
		if (is_timed) {
			printf("%.6f %.6f %llu\n", walk_seconds,
					cpu_seconds() - begun - walk_seconds,
					(unsigned long long)column.ntracked);
		} else {
			printf("D %s%c", argv[i], 0);
			put_column(tree, &column);
		}
		tree_destroy(tree);
		arena_destroy(a);
	}
	return EXIT_SUCCESS;
}
