/* The file of -o: whole or not at all. */
#include "cli/cli.h"
#include "support/expect.h"
#include "support/tmptree.h"
#include "util/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes "new" to -o, ended with a status. */
static int put(const char *path, int status) {
	struct options options = { .output = path };
	struct sink sink;

	cr_assert(cli_open_output(&options, &sink));
	sink_put(&sink, STR("new"));
	return cli_close_output(&options, &sink, status);
}

static struct str text_of(struct arena *a, int dir_fd, const char *path) {
	struct str text = STR("");

	cr_assert(eq(int, file_read(a, dir_fd, path, 100, &text, NULL), TNG_OK), "%s", path);
	return text;
}

static size_t nentries(const struct tmptree *t) {
	size_t n = 0;
	DIR *dir = opendir(t->path);

	cr_assert(ne(ptr, dir, NULL));
	while (readdir(dir) != NULL) {
		n++;
	}
	(void)closedir(dir);
	return n - 2; /* . and .. */
}

static void put_old(const struct tmptree *t, const char *name, mode_t mode) {
	int fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	cr_assert(eq(int, file_write_all(fd, STR("old result")), 0));
	cr_assert(eq(int, fchmod(fd, mode), 0));
	(void)close(fd);
}

Test(output, takes_the_place_of_a_file_and_keeps_its_mode) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char path[200];
	struct stat before, after;

	(void)snprintf(path, sizeof(path), "%s/out", t.path);
	put_old(&t, "out", 0640);
	cr_assert(eq(int, stat(path, &before), 0));
	cr_expect(eq(int, put(path, EXIT_PARTIAL), EXIT_PARTIAL));
	cr_assert(eq(int, stat(path, &after), 0));
	EXPECT_STR(text_of(a, t.fd, "out"), "new");
	cr_expect(eq(u32, after.st_mode & 07777, 0640));
	cr_expect(ne(u64, before.st_ino, after.st_ino), "it was written in place");
	cr_expect(eq(sz, nentries(&t), 1));
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(output, that_failed_leaves_the_old_one) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/out", t.path);
	put_old(&t, "out", 0644);
	cr_expect(eq(int, put(path, EXIT_BAD), EXIT_BAD));
	EXPECT_STR(text_of(a, t.fd, "out"), "old result");
	cr_expect(eq(sz, nentries(&t), 1));
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(output, through_a_link_goes_where_it_leads) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	struct stat st;
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/link", t.path);
	put_old(&t, "out", 0644);
	tmptree_symlink(&t, "link", "out");
	cr_expect(eq(int, put(path, EXIT_OK), EXIT_OK));
	EXPECT_STR(text_of(a, t.fd, "out"), "new");
	cr_assert(eq(int, fstatat(t.fd, "link", &st, AT_SYMLINK_NOFOLLOW), 0));
	cr_expect(eq(u32, st.st_mode & S_IFMT, S_IFLNK));
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(output, of_a_pipe_goes_into_the_pipe) {
	struct tmptree t = tmptree_make();
	char path[200], got[8] = { 0 };

	(void)snprintf(path, sizeof(path), "%s/pipe", t.path);
	cr_assert(eq(int, mkfifo(path, 0600), 0));
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_expect(eq(int, put(path, EXIT_OK), EXIT_OK));
	cr_expect(eq(long, (long)read(fd, got, sizeof(got) - 1), 3));
	cr_expect(eq(str, got, "new"));
	(void)close(fd);
	tmptree_remove(&t);
}
