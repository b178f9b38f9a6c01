#include "support/expect.h"
#include "util/error.h"

#include <errno.h>
#include <stdio.h>

Test(error, the_first_message_is_kept) {
	struct tng_error err = { 0 };

	cr_expect(eq(int, error_set(&err, TNG_ESYNTAX, "pattern %d", 7), TNG_ESYNTAX));
	cr_expect(eq(int, error_set(&err, TNG_EIO, "later"), TNG_EIO),
			"the code is that of the call");
	cr_expect(eq(int, err.code, TNG_ESYNTAX));
	cr_expect(eq(str, err.text, "pattern 7"));
}

Test(error, a_position_belongs_to_the_first_message) {
	struct tng_error err = { 0 };

	cr_expect(eq(int, error_set_at(&err, TNG_ESYNTAX, 3, 14, "bad"), TNG_ESYNTAX));
	(void)error_set_at(&err, TNG_ESYNTAX, 9, 9, "later");
	cr_expect(eq(u32, err.line, 3));
	cr_expect(eq(u32, err.column, 14));
}

Test(error, an_errno_comes_with_the_systems_words_and_the_path) {
	struct tng_error err = { 0 };

	cr_expect(eq(int, error_set_errno(&err, ENOENT, STR("a/b"), "cannot open"), TNG_EIO));
	cr_expect(eq(int, err.os_errno, ENOENT));
	cr_expect(eq(str, err.where, "a/b"));
	cr_expect(eq(str, err.text, "cannot open: No such file or directory"));
	(void)error_set_errno(&err, EACCES, STR("c"), "cannot read");
	cr_expect(eq(int, err.os_errno, ENOENT));
}

Test(error, nobody_need_ask_for_it) {
	cr_expect(eq(int, error_set(NULL, TNG_EINVAL, "x"), TNG_EINVAL));
	cr_expect(eq(int, error_set_at(NULL, TNG_ESYNTAX, 1, 1, "x"), TNG_ESYNTAX));
	cr_expect(eq(int, error_set_errno(NULL, EIO, STR("p"), "x"), TNG_EIO));
	cr_expect(eq(int, error_nomem(NULL), TNG_ENOMEM));
	error_set_where(NULL, STR("p"));
}

Test(error, a_long_text_is_cut_at_its_end) {
	struct tng_error err = { 0 };
	char text[400];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)error_set(&err, TNG_EINVAL, "%s", text);
	cr_expect(eq(sz, strlen(err.text), sizeof(err.text) - 1));
}

Test(error, a_long_path_is_cut_at_its_front) {
	char path[300];

	memset(path, 'd', sizeof(path));
	memcpy(path + sizeof(path) - 5, "/file", 5);
	for (size_t n = 126; n <= 129; n++) {
		struct tng_error err = { 0 };

		error_set_where(&err, str_make(path + sizeof(path) - n, n));
		cr_expect(eq(sz, strlen(err.where), 127 - (n == 126)));
		cr_expect(str_ends(str_from(err.where), STR("d/file")));
		cr_expect(eq(int, str_starts(str_from(err.where), STR("...d")), n > 127), "%zu", n);
	}
}

Test(error, the_first_path_is_kept) {
	struct tng_error err = { 0 };

	error_set_where(&err, STR("first"));
	error_set_where(&err, STR("second"));
	cr_expect(eq(str, err.where, "first"));
}
