#include "propose/internal.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

struct cut_case {
	char why[60], text[120], before[60], inside[60], after[60];
	uint32_t line;
};

ParameterizedTestParameters(propose_block, cut) {
	static struct cut_case cases[] = {
		{ "no block", "a\nb\n", "a\nb\n", "", "", 0 },
		{ "an empty file", "", "", "", "", 0 },
		{ "a block alone", "# >>> tonnage\nx\n# <<< tonnage\n", "",
				"# >>> tonnage\nx\n# <<< tonnage\n", "", 1 },
		{ "words behind the marks", "a\n# >>> tonnage: x\nb\n# <<< tonnage y\nc", "a\n",
				"# >>> tonnage: x\nb\n# <<< tonnage y\n", "c", 2 },
		{ "no newline at the end", "# >>> tonnage\n# <<< tonnage", "",
				"# >>> tonnage\n# <<< tonnage", "", 1 },
		{ "line ends of two bytes", "a\r\n# >>> tonnage\r\n# <<< tonnage\r\nb\r\n", "a\r\n",
				"# >>> tonnage\r\n# <<< tonnage\r\n", "b\r\n", 2 },
		{ "another word is no mark", "# >>> tonnages\n", "# >>> tonnages\n", "", "", 0 },
		{ "a mark stands at the start of a line", " # >>> tonnage\n", " # >>> tonnage\n",
				"", "", 0 },
	};
	return cr_make_param_array(struct cut_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct cut_case *c, propose_block, cut) {
	struct propose_block b;
	struct tng_error err = { 0 };

	cr_assert(eq(int, propose_block_find(str_from(c->text), &b, &err), TNG_OK), "%s", c->why);
	EXPECT_STR(b.before, c->before);
	EXPECT_STR(b.inside, c->inside);
	EXPECT_STR(b.after, c->after);
	cr_expect(eq(u32, b.line, c->line), "%s", c->why);
}

struct bad_case {
	char text[100];
	uint32_t line;
};

ParameterizedTestParameters(propose_block, a_mark_without_its_other_is_refused) {
	static struct bad_case cases[] = {
		{ "a\n# >>> tonnage\nb\n", 2 },
		{ "a\nb\n# <<< tonnage\n", 3 },
		{ "# >>> tonnage\n# >>> tonnage\n# <<< tonnage\n", 2 },
		{ "# >>> tonnage\n# <<< tonnage\n# >>> tonnage\n# <<< tonnage\n", 3 },
		{ "# >>> tonnage\n# <<< tonnage\n# <<< tonnage\n", 3 },
	};
	return cr_make_param_array(struct bad_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct bad_case *c, propose_block, a_mark_without_its_other_is_refused) {
	struct propose_block b;
	struct tng_error err = { 0 };

	cr_expect(eq(int, propose_block_find(str_from(c->text), &b, &err), TNG_ESYNTAX));
	cr_expect(eq(u32, err.line, c->line));
}

struct join_case {
	char why[60], text[100], lines[60], joined[140];
};

#define BLOCK "# >>> tonnage\nx\n# <<< tonnage\n"
#define BLOCK_CRLF "# >>> tonnage\r\nx\r\n# <<< tonnage\r\n"

ParameterizedTestParameters(propose_block, join) {
	static struct join_case cases[] = {
		{ "a new file", "", BLOCK, BLOCK },
		{ "a blank line before", "a\n", BLOCK, "a\n\n" BLOCK },
		{ "it is there already", "a\n\n", BLOCK, "a\n\n" BLOCK },
		{ "a final newline is added", "a", BLOCK, "a\n\n" BLOCK },
		{ "in its place", "a\n# >>> tonnage\nold\n# <<< tonnage\n!b", BLOCK,
				"a\n" BLOCK "!b" },
		{ "taken out", "a\n\n" BLOCK "b\n", "", "a\n\nb\n" },
		{ "line ends of two bytes", "a\r\n", BLOCK, "a\r\n\r\n" BLOCK_CRLF },
	};
	return cr_make_param_array(struct join_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct join_case *c, propose_block, join) {
	struct propose_block b;
	struct buf out = { 0 }, again = { 0 };
	struct tng_error err = { 0 };

	cr_assert(eq(int, propose_block_find(str_from(c->text), &b, &err), TNG_OK));
	block_join(&b, str_from(c->lines), &out);
	EXPECT_STR(buf_str(&out), c->joined);
	/* and once more: nothing changes */
	cr_assert(eq(int, propose_block_find(buf_str(&out), &b, &err), TNG_OK));
	block_join(&b, str_from(c->lines), &again);
	EXPECT_STR(buf_str(&again), c->joined, "a second time");
	buf_fini(&out);
	buf_fini(&again);
}
