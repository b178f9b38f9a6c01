#include "support/expect.h"
#include "support/tmptree.h"
#include "util/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tmptree t;
static struct arena *arena;

static void make(void) {
	t = tmptree_make();
	arena = arena_create();
}

static void clean(void) {
	tmptree_remove(&t);
	arena_destroy(arena);
}

TestSuite(file_replace, .init = make, .fini = clean);

static struct str read_back(const char *path) {
	struct str text = STR("");
	struct tng_error err = { 0 };

	cr_assert(eq(int, file_read(arena, t.fd, path, 4096, &text, &err), TNG_OK));
	return text;
}

static unsigned mode_of(const char *path) {
	struct stat st;

	cr_assert(eq(int, fstatat(t.fd, path, &st, AT_SYMLINK_NOFOLLOW), 0));
	return st.st_mode & 07777;
}

/* Entries of a directory but "." and "..". */
static int count(const char *path) {
	DIR *dir = fdopendir(openat(t.fd, path, O_RDONLY | O_DIRECTORY));
	int n = -2;

	cr_assert(ne(ptr, dir, NULL));
	while (readdir(dir) != NULL) {
		n++;
	}
	(void)closedir(dir);
	return n;
}

Test(file_replace, a_file_gets_the_text_and_keeps_its_mode) {
	struct tng_error err = { 0 };

	tmptree_file(&t, "d/f", 10);
	cr_assert(eq(int, fchmodat(t.fd, "d/f", 0640, 0), 0));
	cr_assert(eq(int, file_replace(t.fd, "d/f", STR("new\n"), &err), TNG_OK));
	EXPECT_STR(read_back("d/f"), "new\n");
	cr_expect(eq(u32, mode_of("d/f"), 0640));
	cr_expect(eq(int, count("d"), 1), "nothing is left beside it");
}

Test(file_replace, a_file_that_is_not_there_is_made) {
	struct tng_error err = { 0 };

	cr_assert(eq(int, file_replace(t.fd, "f", STR("x"), &err), TNG_OK));
	EXPECT_STR(read_back("f"), "x");
}

Test(file_replace, a_symbolic_link_is_refused_and_stays) {
	struct tng_error err = { 0 };

	tmptree_file(&t, "target", 1);
	tmptree_symlink(&t, "link", "target");
	cr_expect(eq(int, file_replace(t.fd, "link", STR("x"), &err), TNG_EINVAL));
	EXPECT_STR(str_from(err.where), "link");
	cr_expect(eq(sz, read_back("target").len, 1));
	cr_expect(eq(int, count("."), 2));
}

Test(file_replace, a_read_only_file_is_refused_and_stays) {
	struct tng_error err = { 0 };

	tmptree_file(&t, "f", 3);
	cr_assert(eq(int, fchmodat(t.fd, "f", 0444, 0), 0));
	cr_expect(eq(int, file_replace(t.fd, "f", STR("x"), &err), TNG_EINVAL));
	cr_expect(eq(sz, read_back("f").len, 3));
}

Test(file_replace, a_directory_is_refused) {
	struct tng_error err = { 0 };

	tmptree_dir(&t, "d");
	cr_expect(eq(int, file_replace(t.fd, "d", STR("x"), &err), TNG_EINVAL));
}

Test(file_replace, a_missing_directory_is_an_error) {
	struct tng_error err = { 0 };

	cr_expect(eq(int, file_replace(t.fd, "no/f", STR("x"), &err), TNG_EIO));
	EXPECT_STR(str_from(err.where), "no/f");
}
