#include "support/tmptree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int ok, const char *what, const char *path) {
	if (!ok) {
		fprintf(stderr, "tmptree: %s %s: ", what, path);
		perror(NULL);
		abort();
	}
}

static struct tmptree make_in(const char *base) {
	struct tmptree t;

	snprintf(t.path, sizeof(t.path), "%s/tonnage-test-XXXXXX", base);
	must(mkdtemp(t.path) != NULL, "mkdtemp", t.path);
	t.fd = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(t.fd >= 0, "open", t.path);
	return t;
}

struct tmptree tmptree_make(void) {
	const char *base = getenv("TMPDIR");

	return make_in(base != NULL && base[0] != '\0' ? base : "/tmp");
}

struct tmptree tmptree_make_large(void) {
	return access("/dev/shm", W_OK) == 0 ? make_in("/dev/shm") : tmptree_make();
}

/* Takes the descriptor. */
static void remove_below(int fd) {
	DIR *stream = fdopendir(fd);
	must(stream != NULL, "fdopendir", "");
	const struct dirent *entry;

	while ((entry = readdir(stream)) != NULL) {
		struct stat st;
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
				fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			continue;
		}
		if (S_ISDIR(st.st_mode)) {
			(void)fchmodat(fd, name, 0700, 0);
			remove_below(openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		}
		must(unlinkat(fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == 0, "remove",
				name);
	}
	closedir(stream);
}

void tmptree_remove(struct tmptree *t) {
	(void)fchmod(t->fd, 0700);
	remove_below(t->fd);
	must(rmdir(t->path) == 0, "rmdir", t->path);
	t->fd = -1;
}

/* Directories above the last component, and the last one too if asked to. */
static void make_dirs(const struct tmptree *t, const char *path, int whole) {
	char part[4096];
	size_t len = strlen(path);

	must(len < sizeof(part), "path of", path);
	for (size_t i = 0; i <= len; i++) {
		if ((path[i] == '/' || (whole && i == len)) && i > 0) {
			memcpy(part, path, i);
			part[i] = '\0';
			(void)mkdirat(t->fd, part, 0755); /* there already: fine */
		}
	}
}

void tmptree_dir(const struct tmptree *t, const char *path) {
	make_dirs(t, path, 1);
}

void tmptree_file(const struct tmptree *t, const char *path, uint64_t size) {
	make_dirs(t, path, 0);
	int fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd >= 0, "create", path);
	must(ftruncate(fd, (off_t)size) == 0, "truncate", path);
	close(fd);
}

void tmptree_symlink(const struct tmptree *t, const char *path, const char *target) {
	make_dirs(t, path, 0);
	must(symlinkat(target, t->fd, path) == 0, "symlink", path);
}

void tmptree_link(const struct tmptree *t, const char *path, const char *existing) {
	make_dirs(t, path, 0);
	must(linkat(t->fd, existing, t->fd, path, 0) == 0, "link", path);
}

void tmptree_chain(const struct tmptree *t, const char *name, unsigned depth, unsigned below) {
	int fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);

	for (unsigned i = 0; i < depth; i++) {
		must(mkdirat(fd, name, 0755) == 0, "mkdir", name);
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		must(next >= 0, "open", name);
		close(fd);
		fd = next;
	}
	for (unsigned i = 0; i < below; i++) {
		char file[16];
		snprintf(file, sizeof(file), "f%u", i);
		int made = openat(fd, file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		must(made >= 0, "create", file);
		close(made);
	}
	close(fd);
}
