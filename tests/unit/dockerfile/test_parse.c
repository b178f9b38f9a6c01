#include "dockerfile/internal.h"
#include "support/dockerfile_dump.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static const struct dockerfile *parse(struct arena *a, struct str text) {
	const struct dockerfile *df = NULL;
	struct tng_error err = { 0 };

	cr_assert(eq(int, dockerfile_parse(a, text, &df, &err), TNG_OK), "%u:%u: %s", err.line,
			err.column, err.text);
	return df;
}

static enum tng_code parse_error(struct str text, struct tng_error *err) {
	struct arena *a = arena_create();
	const struct dockerfile *df;

	*err = (struct tng_error){ 0 };
	enum tng_code code = dockerfile_parse(a, text, &df, err);
	arena_destroy(a);
	return code;
}

Test(dockerfile_parse, an_error_names_line_and_column_and_what_to_do) {
	static const struct {
		const char *text;
		uint32_t line, column;
		const char *says; /* a part of the message */
	} cases[] = {
		{ "FROM a\nRUN --mont=x y\n", 2, 5, "unknown flag: --mont" },
		{ "FROM a\nCOPY \\\n  --chown=1 \\\n  --chown=2 a /\n", 4, 3, "keep one" },
		{ "FROM a\n  ENV A=1 \\\n  B\n", 3, 3, "quote blanks" },
		{ "FROM a AS \\\n  -x\n", 2, 3, "starts with a letter" },
		{ "FROM a\nEXPOS 80\n", 2, 1, "did you mean EXPOSE?" },
		{ "FROM a\nfoo\n", 2, 1, "unknown instruction: foo" },
		{ "FROM a\nWORKDIR\n", 2, 1, "exactly one argument" },
		{ "FROM a\nLABEL\n", 2, 1, "at least one argument" },
		{ "FROM a\nENV =x\n", 2, 1, "names can not be blank" },
		{ "FROM a\nARG =x\n", 2, 1, "names can not be blank" },
		{ "FROM a\nRUN --network=lan x\n", 2, 5, "use default, none or host" },
		{ "FROM a\nRUN --security=lax x\n", 2, 5, "use sandbox or insecure" },
		{ "FROM a\nHEALTHCHECK CMD\n", 2, 1, "needs a command" },
		{ "FROM a\nHEALTHCHECK NONE x\n", 2, 1, "takes no arguments" },
		{ "FROM a\nVOLUME [\"\"]\n", 2, 1, "empty string" },
		{ "FROM a\nRUN --mount=\\\"a x\n", 2, 5, "check its quotes" },
		{ "FROM a\nENV A\n", 2, 5, "must have two arguments" },
		{ "FROM a b\n", 1, 1, "one or three arguments" },
	};
	struct tng_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, parse_error(str_from(cases[i].text), &err), TNG_ESYNTAX), "%s",
				cases[i].text);
		cr_expect(eq(u32, err.line, cases[i].line), "%s", cases[i].text);
		cr_expect(eq(u32, err.column, cases[i].column), "%s", cases[i].text);
		cr_expect_not_null(
				strstr(err.text, cases[i].says), "%s: %s", cases[i].text, err.text);
	}
}

Test(dockerfile_parse, of_two_errors_the_one_in_the_reading_comes_first) {
	struct tng_error err;

	/* BuildKit reads all lines before it checks the first instruction */
	cr_assert(eq(int, parse_error(STR("FROM a\nCOPPY a b\nRUN <<EOF\n"), &err), TNG_ESYNTAX));
	cr_expect(eq(u32, err.line, 3));
}

Test(dockerfile_parse, flags_that_buildkit_does_not_look_at_are_accepted) {
	struct arena *a = arena_create();

	(void)parse(a, STR("FROM a\nARG --x B=1\nSTOPSIGNAL --y 9\nHEALTHCHECK --z NONE\n"));
	arena_destroy(a);
}

Test(dockerfile_parse, instructions_know_their_lines_and_columns) {
	struct arena *a = arena_create();
	const struct dockerfile *df = parse(a,
			STR("# c\n\n  FROM a\nRUN b \\\n # c\n  d  \n"
			    "COPY <<X /\nt\nX\nUSER u"));
	static const uint32_t expected[][4] = {
		{ 3, 3, 3, 9 },
		{ 4, 1, 6, 6 },
		{ 7, 1, 9, 2 },
		{ 10, 1, 10, 7 },
	};

	cr_assert(eq(sz, df->ninstructions, 4));
	for (size_t i = 0; i < 4; i++) {
		const struct instruction *in = &df->instructions[i];
		cr_expect(eq(u32, in->line, expected[i][0]));
		cr_expect(eq(u32, in->column, expected[i][1]));
		cr_expect(eq(u32, in->end_line, expected[i][2]));
		cr_expect(eq(u32, in->end_column, expected[i][3]));
	}
	arena_destroy(a);
}

/* ---- limits ---- */

static struct str repeat(struct arena *a, const char *head, const char *unit, size_t n) {
	size_t head_len = strlen(head), unit_len = strlen(unit);
	char *text = arena_alloc(a, head_len + n * unit_len);

	memcpy(text, head, head_len);
	for (size_t i = 0; i < n; i++) {
		memcpy(text + head_len + i * unit_len, unit, unit_len);
	}
	return str_make(text, head_len + n * unit_len);
}

Test(dockerfile_parse, a_line_may_have_65535_bytes_and_not_one_more) {
	struct arena *a = arena_create();
	struct tng_error err;

	struct str fits = repeat(a, "FROM a\n#", "x", DOCKERFILE_LINE_MAX_BYTES - 1);
	(void)parse(a, fits);
	struct str longer = repeat(a, "FROM a\n#", "x", DOCKERFILE_LINE_MAX_BYTES);
	cr_expect(eq(int, parse_error(longer, &err), TNG_ELIMIT));
	cr_expect(eq(u32, err.line, 2));
	arena_destroy(a);
}

Test(dockerfile_parse, a_file_may_have_16_mebibytes_and_not_one_more) {
	struct arena *a = arena_create();
	struct tng_error err;

	struct str text = repeat(a, "FROM a\n", "#\n", DOCKERFILE_MAX_BYTES / 2);
	(void)parse(a, str_take(text, DOCKERFILE_MAX_BYTES));
	cr_expect(eq(int, parse_error(str_take(text, DOCKERFILE_MAX_BYTES + 1), &err), TNG_ELIMIT));
	arena_destroy(a);
}

Test(dockerfile_parse, instructions_and_stages_are_limited_on_both_sides_of_the_edge) {
	struct arena *a = arena_create();
	struct tng_error err;

	(void)parse(a, repeat(a, "", "FROM a\n", DOCKERFILE_MAX_STAGES));
	struct str stages = repeat(a, "", "FROM a\n", DOCKERFILE_MAX_STAGES + 1);
	cr_expect(eq(int, parse_error(stages, &err), TNG_ELIMIT));
	cr_expect(eq(u32, err.line, DOCKERFILE_MAX_STAGES + 1));
	(void)parse(a, repeat(a, "FROM a\n", "CMD\n", DOCKERFILE_MAX_INSTRUCTIONS - 1));
	struct str many = repeat(a, "FROM a\n", "CMD\n", DOCKERFILE_MAX_INSTRUCTIONS);
	cr_expect(eq(int, parse_error(many, &err), TNG_ELIMIT));
	arena_destroy(a);
}

/* ---- memory ---- */

#define DENSE                                                                                      \
	"# syntax=x\n# escape=\\\nARG G=1\nARG H\n"                                                \
	"FROM --platform=$BUILDPLATFORM scratch AS Base\nONBUILD COPY ob --from /x\n"              \
	"MAINTAINER m\nENV A=a B=\"b $A\" \\\n\n C=c\nENV L legacy\n"                              \
	"COPY --exclude=x --chown=1 a ${B:-x} ${A/a/b} ${A#?} <<E /\ntext $A\nE\n"                 \
	"FROM docs AS d\nRUN --mount=type=bind,source=$A,target=/m <<-E\n\tx\n\tE\n"               \
	"FROM base\nARG G H P=$G\nADD https://example.com/x [\"a\", 'b'] /\n"                      \
	"ADD [\"j\", \"k\"]\nCOPY --from=d $H/q /\nCOPY --from=docs r /\nVOLUME /v\nCMD [\"x\"]\n"

static enum tng_code parse_and_resolve(struct arena *a, struct tng_error *err) {
	static const struct str contexts[] = { { "docs", 4 } };
	const struct build_request request = { .contexts = contexts, .ncontexts = 1 };
	const struct dockerfile *df;
	const struct build_sources *sources;

	enum tng_code code = dockerfile_parse(a, STR(DENSE), &df, err);
	return code == TNG_OK ? dockerfile_resolve(a, df, &request, &sources, err) : code;
}

Test(dockerfile_parse, every_failing_allocation_is_reported) {
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	for (; code != TNG_OK; n++) {
		struct arena *a = arena_create();
		struct tng_error err = { 0 };
		arena_fail_after(a, n);
		code = parse_and_resolve(a, &err);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM, "after %zu: %s", n, err.text);
		cr_assert(eq(int, err.code, code), "after %zu", n);
		arena_destroy(a);
		cr_assert_lt(n, 100000);
	}
	cr_expect_gt(n, 100, "only %zu allocations were walked", n);
}

Test(dockerfile_parse, inside_another_file_lines_and_columns_are_those_of_that_file) {
	const struct str text =
			STR("# escape=`\nFROM a AS One\nCOPY x `\n  y /z\nRUN <<E\nhi\nE\n");
	const struct dockerfile_place place = { .line = 11, .indent = 4 };
	struct arena *a = arena_create();
	const struct dockerfile *df;

	cr_assert(eq(int, dockerfile_parse_at(a, text, &place, &df, NULL), TNG_OK));
	const struct instruction *copy = &df->instructions[1], *run = &df->instructions[2];
	cr_expect(eq(u32, df->directives[0].line, 11));
	cr_expect(eq(u32, df->directives[0].column, 14));
	cr_expect(eq(u32, df->diagnostics[0].line, 12));
	cr_expect(eq(u32, df->diagnostics[0].column, 15));
	cr_expect(eq(u32, copy->line, 13));
	cr_expect(eq(u32, copy->column, 5));
	cr_expect(eq(u32, copy->end_line, 14));
	cr_expect(eq(u32, copy->end_column, 11));
	cr_expect(eq(u32, copy->words[1].line, 14));
	cr_expect(eq(u32, copy->words[1].column, 7));
	cr_expect(eq(u32, run->heredocs[0].line, 16));
	cr_expect(eq(u32, run->heredocs[0].end_line, 17));
	arena_destroy(a);
}

Test(dockerfile_parse, a_text_that_is_not_as_the_file_has_it_stands_at_one_line) {
	const struct str good = STR("FROM a\nCOPY x \\\n y /z\nRUN <<E\nhi\nE\n");
	const struct str bad = STR("FROM a\nCOPYY a b\n");
	const struct dockerfile_place place = { .line = 5, .is_one_line = true };
	struct arena *a = arena_create();
	const struct dockerfile *df;
	struct tng_error err = { 0 };

	cr_expect(eq(int, dockerfile_parse_at(a, bad, &place, &df, &err), TNG_ESYNTAX));
	cr_expect(eq(u32, err.line, 5));
	cr_expect(eq(u32, err.column, 0));
	cr_assert(eq(int, dockerfile_parse_at(a, good, &place, &df, NULL), TNG_OK));
	cr_expect(eq(u32, df->instructions[1].words[1].line, 5));
	cr_expect(eq(u32, df->instructions[1].words[1].column, 0));
	cr_expect(eq(u32, df->instructions[2].heredocs[0].end_line, 5));
	arena_destroy(a);
}
