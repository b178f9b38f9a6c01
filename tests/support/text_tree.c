#include "support/text_tree.h"

#include "util/str.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void write_file(const struct tmptree *t, struct str path, struct str text) {
	char name[512];

	(void)snprintf(name, sizeof(name), "%.*s", STR_FMT(path));
	if (str_ends(path, STR("/"))) {
		name[path.len - 1] = '\0';
		tmptree_dir(t, name);
		return;
	}
	tmptree_file(t, name, 0);
	int fd = openat(t->fd, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len) {
		perror(name);
		abort();
	}
	(void)close(fd);
}

void text_tree_write(const struct tmptree *t, const char *text) {
	struct str all = str_from(text), path = STR(""), start = all, line, rest;

	for (; all.len > 0; all = rest) {
		(void)str_cut(all, '\n', &line, &rest);
		bool is_head = str_starts(line, STR("== "));
		if (is_head && path.len > 0) {
			write_file(t, path, str_make(start.ptr, (size_t)(line.ptr - start.ptr)));
		}
		if (is_head) {
			path = str_skip(line, 3);
			start = rest;
		}
		if (rest.len == 0 && path.len > 0) {
			write_file(t, path, start);
		}
	}
}
