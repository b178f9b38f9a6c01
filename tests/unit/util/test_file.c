#include "support/expect.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static int dir_fd;
static struct arena *arena;

static void make_dir(void) {
	(void)snprintf(dir, sizeof(dir), "/tmp/tonnage-file-XXXXXX");
	cr_assert(ne(ptr, mkdtemp(dir), NULL));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	arena = arena_create();
}

static void remove_dir(void) {
	static const char *const names[] = { "file", "link", "fifo", "gone" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)unlinkat(dir_fd, names[i], 0);
	}
	(void)close(dir_fd);
	(void)rmdir(dir);
	arena_destroy(arena);
}

static void write_file(struct str text) {
	int fd = openat(dir_fd, "file", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert(eq(int, file_write_all(fd, text), 0));
	(void)close(fd);
}

TestSuite(file, .init = make_dir, .fini = remove_dir);

Test(file, a_file_is_read_whole_with_a_nul_behind_it) {
	struct str text;

	write_file(STR("a\0b\n"));
	cr_assert(eq(int, file_read(arena, dir_fd, "file", 100, &text, NULL), TNG_OK));
	cr_assert(eq(sz, text.len, 4));
	cr_expect(eq(int, memcmp(text.ptr, "a\0b\n", 5), 0));
}

Test(file, an_empty_file_is_an_empty_view) {
	struct str text = STR("x");

	write_file(STR(""));
	cr_assert(eq(int, file_read(arena, dir_fd, "file", 0, &text, NULL), TNG_OK));
	EXPECT_STR(text, "");
	cr_expect(eq(chr, text.ptr[0], '\0'));
}

Test(file, the_limit_itself_is_allowed_and_one_byte_more_is_not) {
	struct str text = STR("untouched");
	struct tng_error err = { 0 };

	write_file(STR("12345"));
	cr_expect(eq(int, file_read(arena, dir_fd, "file", 5, &text, NULL), TNG_OK));
	EXPECT_STR(text, "12345");
	cr_expect(eq(int, file_read(arena, dir_fd, "file", 4, &text, &err), TNG_ELIMIT));
	EXPECT_STR(text, "12345", "untouched on failure");
	cr_expect(eq(str, err.where, "file"));
	cr_expect(eq(str, err.text, "larger than 4 bytes"));
}

Test(file, a_file_of_unknown_size_is_read_to_its_end) {
	struct str text;

	/* the kernel says 0 bytes for it */
	if (access("/proc/self/maps", R_OK) != 0) {
		cr_skip_test("no /proc");
	}
	cr_assert(eq(int, file_read(arena, AT_FDCWD, "/proc/self/maps", 1U << 20, &text, NULL),
			TNG_OK));
	cr_expect(gt(sz, text.len, 100));
	cr_expect(eq(chr, text.ptr[text.len - 1], '\n'));
	cr_expect(eq(int, file_read(arena, AT_FDCWD, "/proc/self/maps", 100, &text, NULL),
			TNG_ELIMIT));
}

Test(file, a_large_file_comes_unchanged) {
	enum { N = 300000 };
	char *bytes = malloc(N);
	struct str text;

	for (size_t i = 0; i < N; i++) {
		bytes[i] = (char)(i * 31 >> 3);
	}
	write_file(str_make(bytes, N));
	cr_assert(eq(int, file_read(arena, dir_fd, "file", 1U << 20, &text, NULL), TNG_OK));
	cr_expect(str_eq(text, str_make(bytes, N)));
	free(bytes);
}

static void expect_failure(const char *name, int os_errno) {
	struct tng_error err = { 0 };
	struct str text = STR("untouched");

	cr_expect(eq(int, file_read(arena, dir_fd, name, 100, &text, &err), TNG_EIO), "%s", name);
	cr_expect(eq(int, err.os_errno, os_errno), "%s: %s", name, err.text);
	cr_expect(eq(str, err.where, (char *)name));
	EXPECT_STR(text, "untouched");
}

Test(file, what_is_no_regular_file_is_refused_without_waiting) {
	cr_assert(eq(int, mkfifoat(dir_fd, "fifo", 0644), 0));
	expect_failure("fifo", EINVAL);
	expect_failure(".", EISDIR);
	expect_failure("gone", ENOENT);
	expect_failure("gone/file", ENOENT);
}

Test(file, every_allocation_may_fail) {
	struct str text = STR("untouched");
	struct tng_error err = { 0 };

	write_file(STR("12345"));
	arena_fail_after(arena, 0);
	cr_expect(eq(int, file_read(arena, dir_fd, "file", 100, &text, &err), TNG_ENOMEM));
	cr_expect(eq(str, err.where, "file"));
	EXPECT_STR(text, "untouched");
}

Test(file, write_all_says_why_it_could_not) {
	int fd = open("/dev/full", O_WRONLY);

	if (fd < 0) {
		cr_skip_test("no /dev/full");
	}
	cr_expect(eq(int, file_write_all(fd, STR("x")), ENOSPC));
	cr_expect(eq(int, file_write_all(fd, STR("")), 0));
	(void)close(fd);
	cr_expect(eq(int, file_write_all(-1, STR("x")), EBADF));
}

Test(file, write_all_writes_past_a_short_write) {
	enum { N = 200000 }; /* more than a pipe takes at once */
	int ends[2];
	char *bytes = calloc(N, 1);

	cr_assert(eq(int, pipe(ends), 0));
	pid_t child = fork();
	if (child == 0) {
		_exit(file_write_all(ends[1], str_make(bytes, N)));
	}
	(void)close(ends[1]);
	size_t total = 0;
	for (ssize_t n = 1; n > 0; total += (size_t)n) {
		n = read(ends[0], bytes, 1000);
		cr_assert(ge(i64, n, 0));
	}
	cr_expect(eq(sz, total, N));
	free(bytes);
}
