#include "helpers.h"

#include "support/tmptree.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct tree *walk_with(const struct tmptree *t, unsigned njobs, bool portable) {
	struct walk_options options = { .njobs = njobs, .portable = portable };
	struct tng_error err = { 0 };
	struct tree *tree = NULL;
	enum tng_code code = tree_walk(t->fd, &options, &tree, &err);

	if (code != TNG_OK) {
		fprintf(stderr, "walk: %s\n", err.text);
		abort();
	}
	return tree;
}

static void put_row(const struct tree *tree, uint32_t row, struct buf *out) {
	const struct entry *e = tree_entry(tree, row);

	tree_path(tree, row, out);
	buf_printf(out, "|%o|%llu|%lld|%llu|%llu|%u|%llu|%u|%u|%u|", (unsigned)e->mode,
			(unsigned long long)entry_size(e), (long long)e->mtime_ns,
			(unsigned long long)e->inode, (unsigned long long)tree_allocated(tree, row),
			tree_nlink(tree, row), (unsigned long long)tree_device(tree, row),
			(unsigned)e->os_errno, tree_parent(tree, row), tree_end(tree, row));
	buf_append(out, tree_link_target(tree, row));
	if (entry_is_dir(e)) {
		const struct tree_dir *d = tree_dir_of(tree, e);
		buf_printf(out, "|%u %u %u %u", d->row, d->nentries, (unsigned)d->os_errno,
				(unsigned)d->is_mount);
	}
	buf_putc(out, '\n');
}

char *dump_tree(const struct tree *tree) {
	struct buf out = { 0 };
	uint32_t nlinks;
	const struct hard_link *links = tree_hard_links(tree, &nlinks);

	for (uint32_t row = 0; row < tree_nrows(tree); row++) {
		put_row(tree, row, &out);
	}
	for (uint32_t i = 0; i < nlinks; i++) {
		buf_printf(&out, "link %u %u\n", links[i].row, links[i].group);
	}
	struct tree_stats s = tree_stats(tree);
	buf_printf(&out, "%llu %llu %llu %llu\n", (unsigned long long)s.nunreadable_dirs,
			(unsigned long long)s.nfailed_entries, (unsigned long long)s.nvanished,
			(unsigned long long)s.nmounts);
	char *text = buf_detach(&out);
	cr_assert_not_null(text);
	return text;
}

char *dump_paths(const struct tree *tree) {
	struct buf out = { 0 };

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		tree_path(tree, row, &out);
		buf_putc(&out, '\n');
	}
	buf_append(&out, STR(""));
	char *text = buf_detach(&out);
	cr_assert_not_null(text);
	return text;
}

uint32_t must_find(const struct tree *tree, const char *path) {
	uint32_t row = tree_find(tree, str_from(path));

	cr_assert_neq(row, TREE_NO_ROW, "%s", path);
	return row;
}

int in_child(int (*body)(const struct tmptree *t), const struct tmptree *t) {
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(body(t));
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
