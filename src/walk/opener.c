/*
 * Directories of a tree opened again, for a second look at some rows. Rows come in tree order, so a stack of
 * open directories is never far from the next one.
 *
 *   row -> its directory: pop what it is not below, open downwards -> descriptor -> name
 *
 * Nothing follows a link: each step down is one openat() with O_NOFOLLOW, so paths have no limit.
 */
#include "walk/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A deeper directory takes the place of the one above it; that one is opened anew if it is needed. */
#define OPEN_DIRS_MAX 48U

struct tree_opener {
	const struct tree *tree;
	int root_fd;
	struct {
		uint32_t number;
		int fd;
	} stack[OPEN_DIRS_MAX];
	unsigned n;
	uint32_t *chain; /* room for the numbers on the way to any directory */
	uint32_t failed; /* the last one that could not be opened, or UINT32_MAX */
};

static bool is_in(const struct tree *tree, uint32_t number, uint32_t above) {
	uint32_t row = tree_dir(tree, number)->row;
	const struct tree_dir *dir = tree_dir(tree, above);

	return row >= dir->row && row < dir->end;
}

static void pop(struct tree_opener *o) {
	(void)close(o->stack[--o->n].fd);
}

static void push(struct tree_opener *o, uint32_t number, int fd) {
	if (o->n == OPEN_DIRS_MAX) {
		pop(o);
	}
	o->stack[o->n].number = number;
	o->stack[o->n++].fd = fd;
}

static int top_fd(const struct tree_opener *o) {
	return o->n > 0 ? o->stack[o->n - 1].fd : o->root_fd;
}

struct tree_opener *tree_opener_create(const struct tree *tree, int root_fd) {
	struct tree_opener *o = calloc(1, sizeof(*o));
	uint32_t *chain = malloc(tree_ndirs(tree) * sizeof(*chain));

	if (o == NULL || chain == NULL) {
		free(o);
		free(chain);
		return NULL;
	}
	*o = (struct tree_opener){
		.tree = tree, .root_fd = root_fd, .chain = chain, .failed = UINT32_MAX
	};
	return o;
}

int tree_opener_dir(struct tree_opener *o, uint32_t number) {
	uint32_t n = 0;

	if (number == o->failed) {
		return -1;
	}
	while (o->n > 0 && !is_in(o->tree, number, o->stack[o->n - 1].number)) {
		pop(o);
	}
	uint32_t top = o->n > 0 ? o->stack[o->n - 1].number : 0;
	for (uint32_t d = number; d != top; d = tree_dir(o->tree, d)->parent) {
		o->chain[n++] = d;
	}
	while (n > 0) {
		uint32_t d = o->chain[--n];
		struct str name =
				tree_name(o->tree, tree_entry(o->tree, tree_dir(o->tree, d)->row));
		int fd = openat(top_fd(o), name.ptr,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			o->failed = number;
			return -1;
		}
		push(o, d, fd);
	}
	return top_fd(o);
}

/* O_NONBLOCK: opening what became a FIFO must not wait for a writer. */
void tree_set_files(struct tree *tree, tree_open_fn open, void *user) {
	tree->open = open;
	tree->open_user = user;
}

int tree_opener_file(struct tree_opener *o, uint32_t row) {
	const struct entry *entry = tree_entry(o->tree, row);

	if (o->tree->open != NULL) {
		return o->tree->open(o->tree->open_user, row);
	}
	int dir_fd = tree_opener_dir(o, entry->parent);
	struct stat st;

	if (dir_fd < 0) {
		return -1;
	}
	int fd = openat(dir_fd, tree_name(o->tree, entry).ptr,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		return -1;
	}
	int os_errno = fstat(fd, &st) != 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	if (os_errno != 0) {
		(void)close(fd);
		errno = os_errno;
		return -1;
	}
	return fd;
}

void tree_opener_destroy(struct tree_opener *o) {
	if (o == NULL) {
		return;
	}
	while (o->n > 0) {
		pop(o);
	}
	free(o->chain);
	free(o);
}
