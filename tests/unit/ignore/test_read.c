#include "ignore/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct read_case {
	char why[64], file[64];
	char patterns[64]; /* each with a '|' behind it */
};

ParameterizedTestParameters(ignore_read, table) {
	static struct read_case cases[] = {
		{ "an empty file has no pattern", "", "" },
		{ "empty and blank lines are skipped", "\n \t\n\na\n", "a|" },
		{ "the last line needs no end", "a\nb", "a|b|" },
		{ "a # in column one makes a comment", "#a\nb\n", "b|" },
		{ "an indented # does not", " #a\n", "#a|" },
		{ "there are no trailing comments", "a # b\n", "a # b|" },
		{ "CRLF ends a line", "a\r\nb\r", "a|b|" },
		{ "a CR inside a line is data", "a\rb\n", "a\rb|" },
		{ "only one CR goes with the LF, the trim takes the other", "a\r\r\n", "a|" },
		{ "blanks around go, Unicode's too", " \t\xC2\xA0 a b \xE3\x80\x80\n", "a b|" },
		{ "U+200B is no blank", "\xE2\x80\x8B\n", "\xE2\x80\x8B|" },
		{ "an invalid byte is no blank", "\x85\n", "\x85|" },
		{ "a BOM in front of the first line goes", "\xEF\xBB\xBF#a\nb\n", "b|" },
		{ "a BOM elsewhere stays",
				"a\n\xEF\xBB\xBF"
				"b\n",
				"a|\xEF\xBB\xBF"
				"b|" },
		{ "only one BOM goes",
				"\xEF\xBB\xBF\xEF\xBB\xBF"
				"a",
				"\xEF\xBB\xBF"
				"a|" },
		{ "paths are cleaned", "./a/../b//\n", "b|" },
		{ "cleaning knows no patterns", "**/../x\n[a/../b]\n", "x|b]|" },
		{ "one leading slash goes", "/a\n//b\n", "a|b|" },
		{ "a lone slash stays", "/\n", "/|" },
		{ "a slash goes, a blank behind it stays", "/ a\n", " a|" },
		{ "nothing is above a rooted path", "/../a\n", "a|" },
		{ "something is above a relative one", "../a\n", "../a|" },
		{ "nothing left is a dot", ".\nx/..\n", ".|.|" },
		{ "blanks after ! go", "!  a\n", "!a|" },
		{ "an exception is cleaned without its !", "!a/../../b\n!/c/\n", "!../b|!c|" },
		{ "a lone ! is passed on", "!\n! \n!/\n", "!|!|!/|" },
		{ "only the first ! counts", "!!a\n", "!!a|" },
	};
	return cr_make_param_array(struct read_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct read_case *c, ignore_read, table) {
	struct arena *a = arena_create();
	struct read_pattern *patterns = NULL;
	size_t n = 0;
	char joined[256] = "";

	cr_assert(eq(int, ignore_read(a, str_from(c->file), &patterns, &n, NULL), TNG_OK));
	for (size_t i = 0; i < n; i++) {
		strncat(joined, patterns[i].text.ptr, patterns[i].text.len);
		strcat(joined, "|");
	}
	cr_expect_str_eq(joined, c->patterns, "%s", c->why);
	arena_destroy(a);
}

Test(ignore_read, a_pattern_knows_its_line_and_column) {
	struct arena *a = arena_create();
	struct str text = STR("\xEF\xBB\xBF a \r\n#\n\n\t!  b\r\n\xC2\xA0\x63");
	struct read_pattern *p = NULL;
	size_t n = 0;

	cr_assert(eq(int, ignore_read(a, text, &p, &n, NULL), TNG_OK));
	cr_assert(eq(sz, n, 3));
	cr_expect(eq(u32, p[0].line, 1));
	cr_expect(eq(u32, p[0].column, 2), "bytes behind the BOM");
	cr_expect(str_eq(p[0].raw, STR(" a ")));
	cr_expect(eq(u32, p[1].line, 4));
	cr_expect(eq(u32, p[1].column, 2), "the !");
	cr_expect(str_eq(p[1].raw, STR("\t!  b")));
	cr_expect(eq(u32, p[2].line, 5));
	cr_expect(eq(u32, p[2].column, 3), "bytes, not characters");
	cr_expect(p[2].raw.ptr >= text.ptr && p[2].raw.ptr < text.ptr + text.len);
	arena_destroy(a);
}

Test(ignore_read, nul_bytes_are_kept) {
	struct arena *a = arena_create();
	struct read_pattern *p = NULL;
	size_t n = 0;

	cr_assert(eq(int, ignore_read(a, STR("a\0b\nc"), &p, &n, NULL), TNG_OK));
	cr_assert(eq(sz, n, 2));
	cr_expect(str_eq(p[0].text, STR("a\0b")));
	arena_destroy(a);
}

/* Two lines, the second of `nbytes` 'a' and then `end`. */
static enum tng_code read_long(size_t nbytes, const char *end, struct tng_error *err) {
	struct arena *a = arena_create();
	char *text = arena_alloc(a, nbytes + 8);
	struct read_pattern *p = NULL;
	size_t n = 0;

	memcpy(text, "x\n", 2);
	memset(text + 2, 'a', nbytes);
	memcpy(text + 2 + nbytes, end, strlen(end));
	enum tng_code code = ignore_read(a, str_make(text, 2 + nbytes + strlen(end)), &p, &n, err);
	cr_expect(code != TNG_OK || (n == 2 && p[1].text.len == nbytes));
	arena_destroy(a);
	return code;
}

Test(ignore_read, the_longest_line_has_65535_bytes) {
	struct tng_error err = { 0 };

	cr_expect(eq(int, read_long(65535, "\n", NULL), TNG_OK));
	cr_expect(eq(int, read_long(65535, "", NULL), TNG_OK));
	cr_expect(eq(int, read_long(65534, "\r\n", NULL), TNG_OK));
	cr_expect(eq(int, read_long(65536, "\n", NULL), TNG_ELIMIT));
	cr_expect(eq(int, read_long(65535, "\r\n", NULL), TNG_ELIMIT));
	cr_expect(eq(int, read_long(65536, "", &err), TNG_ELIMIT));
	cr_expect_str_eq(err.text, "bufio.Scanner: token too long");
	cr_expect(eq(u32, err.line, 2));
}

Test(ignore_read, every_failed_allocation_is_reported) {
	enum tng_code code = TNG_ENOMEM;

	for (size_t n = 0; code != TNG_OK; n++) {
		struct arena *a = arena_create();
		struct read_pattern *p = NULL;
		size_t count = 0;
		arena_fail_after(a, n);
		code = ignore_read(a, STR("a\n!b\n/c/\n"), &p, &count, NULL);
		cr_assert(code == TNG_OK || (code == TNG_ENOMEM && p == NULL));
		arena_destroy(a);
	}
}
