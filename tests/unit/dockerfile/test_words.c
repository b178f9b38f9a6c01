#include "dockerfile/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct variable find(const void *ctx, struct str name) {
	static const struct {
		const char *name, *value;
	} known[] = {
		{ "A", "a" },
		{ "EMPTY", "" },
		{ "TWO", "x y" },
		{ "PATH1", "src/lib/util.tar.gz" },
		{ "STARS", "a*b?c" },
		{ "LINES", "one\ntwo" },
		{ "UML", "\xC3\xBC\xC3\xB1" },
		{ "12", "digits" },
	};

	(void)ctx;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_eq(name, str_from(known[i].name))) {
			return (struct variable){ .value = str_from(known[i].value),
				.is_set = true };
		}
	}
	if (str_eq(name, STR("HIDDEN"))) {
		return (struct variable){
			.is_unknowable = true, .unknown_name = name, .unknown_line = 7
		};
	}
	return (struct variable){ 0 };
}

static const struct word_scope scope = { find, NULL };

/** Expects `word` to expand to `expected`; NULL: to be refused. */
static void check(const char *word, char escape, unsigned flags, const char *expected) {
	struct arena *a = arena_create();
	struct word_result out;
	struct tng_error err = { 0 };

	enum tng_code code = word_expand(a, str_from(word), escape, flags, scope, &out, &err);
	if (expected == NULL) {
		cr_expect(eq(int, code, TNG_ESYNTAX), "%s", word);
		cr_expect(ne(chr, err.text[0], '\0'), "%s", word);
	} else {
		cr_assert(eq(int, code, TNG_OK), "%s: %s", word, err.text);
		cr_expect(str_eq(out.text, str_from(expected)), "%s gave %.*s", word,
				STR_FMT(out.text));
	}
	arena_destroy(a);
}

struct word_case {
	const char *word, *expected;
};

static void check_all(const struct word_case *cases, size_t n) {
	for (size_t i = 0; i < n; i++) {
		check(cases[i].word, '\\', 0, cases[i].expected);
	}
}

Test(dockerfile_words, quotes_and_escapes_are_removed) {
	static const struct word_case cases[] = {
		{ "plain", "plain" },
		{ "'a b'\"c d\"e", "a bc de" },
		{ "a\\*b", "a*b" },
		{ "a\\\\b", "a\\b" },
		{ "'a\\b'", "a\\b" },
		{ "\"a\\b\"", "a\\b" },
		{ "\"a\\\"b\\\\c\\$A\"", "a\"b\\c$A" },
		{ "'$A'", "$A" },
		{ "\\$A", "$A" },
		{ "end\\", "end" },
		{ "\"end\\", NULL },
		{ "\"open", NULL },
		{ "'open", NULL },
		{ "a<b", "a<b" },
	};
	check_all(cases, sizeof(cases) / sizeof(cases[0]));
}

Test(dockerfile_words, variables_are_replaced) {
	static const struct word_case cases[] = {
		{ "$A", "a" },
		{ "x${A}y", "xay" },
		{ "$A$A", "aa" },
		{ "$A-$A.$A", "a-a.a" },
		{ "$AB", "" },
		{ "$NOPE/x", "/x" },
		{ "$12x", "digitsx" },
		{ "$", "$" },
		{ "$ ", "$ " },
		{ "$.", "$." },
		{ "\"$TWO\"", "x y" },
		{ "$TWO", "x y" },
		{ "$\xC3\xBC", "" },
		{ "${}", NULL },
		{ "${:}", NULL },
		{ "${{A}}", NULL },
		{ "${", NULL },
		{ "${A", NULL },
		{ "${A=b}", NULL },
	};
	check_all(cases, sizeof(cases) / sizeof(cases[0]));
}

Test(dockerfile_words, modifiers_look_at_whether_a_variable_is_set) {
	static const struct word_case cases[] = {
		{ "${NOPE-d}", "d" },
		{ "${EMPTY-d}", "" },
		{ "${EMPTY:-d}", "d" },
		{ "${A:-d}", "a" },
		{ "${NOPE:-$A/${TWO}}", "a/x y" },
		{ "${NOPE:-${NOPE:-'q u'}}", "q u" },
		{ "${NOPE+d}", "" },
		{ "${EMPTY+d}", "d" },
		{ "${EMPTY:+d}", "" },
		{ "${A:+d}", "d" },
		{ "${A?x}", "a" },
		{ "${NOPE?x}", NULL },
		{ "${EMPTY?x}", "" },
		{ "${EMPTY:?x}", NULL },
		{ "${A:=x}", NULL },
		{ "${A:#x}", NULL },
		{ "${NOPE:-open", NULL },
	};
	check_all(cases, sizeof(cases) / sizeof(cases[0]));
}

Test(dockerfile_words, modifiers_cut_and_replace_by_patterns) {
	static const struct word_case cases[] = {
		{ "${PATH1#*/}", "lib/util.tar.gz" },
		{ "${PATH1##*/}", "util.tar.gz" },
		{ "${PATH1%.*}", "src/lib/util.tar" },
		{ "${PATH1%%.*}", "src/lib/util" },
		{ "${PATH1#src/}", "lib/util.tar.gz" },
		{ "${PATH1#lib}", "src/lib/util.tar.gz" },
		{ "${PATH1#?\?\?/}", "lib/util.tar.gz" },
		{ "${PATH1%z}", "src/lib/util.tar.g" },
		{ "${PATH1/\\//_}", "src_lib/util.tar.gz" },
		{ "${PATH1//\\//_}", "src_lib_util.tar.gz" },
		{ "${PATH1//?i/-}", "src/-b/u-l.tar.gz" },
		{ "${PATH1/*\\//}", "util.tar.gz" },
		{ "${PATH1//.tar/}", "src/lib/util.gz" },
		{ "${STARS/\\*/+}", "a+b?c" },
		{ "${STARS//\\?/+}", "a*b+c" },
		{ "${STARS/./+}", "a*b?c" },
		{ "${LINES#*t}", "one\ntwo" },
		{ "${UML/?/u}", "u\xC3\xB1" },
		{ "${UML%?}", "\xC3\xBC" },
		{ "${A//x/y}", "a" },
		{ "${A/*/b}", "b" },
		{ "${A//*/b}", "b" },
		{ "${A///b}", "bab" },
		{ "${EMPTY//*/b}", "b" },
		{ "${A#\\x}", NULL },
		{ "${A/x}", NULL },
		{ "${A/x/y", NULL },
	};
	check_all(cases, sizeof(cases) / sizeof(cases[0]));
}

Test(dockerfile_words, flags_keep_what_they_name) {
	check("'a'\"b\"", '\\', WORD_RAW_QUOTES, "'a'\"b\"");
	check("a\\b", '\\', WORD_RAW_ESCAPES, "a\\b");
	check("$NOPE ${NOPE} ${NOPE:-x} ${NOPE/a/b}", '\\', WORD_SKIP_UNSET,
			"$NOPE ${NOPE} ${NOPE:-x} ${NOPE/a/b}");
	check("it's \"$A\"", '\\', WORD_NO_QUOTES, "it's \"a\"");
	check("a\\b`$A", '`', 0, "a\\b$A");
}

Test(dockerfile_words, bytes_that_are_not_utf8_become_replacement_characters) {
	check("caf\xE9", '\\', 0, "caf\xEF\xBF\xBD");
	check("\xEF\xBB\xBF"
	      "a",
			'\\', 0, "a");
}

Test(dockerfile_words, words_are_split_after_expansion_but_not_inside_quotes) {
	struct arena *a = arena_create();
	struct word_result out;

	cr_assert(eq(int,
			word_expand(a, STR(" a $TWO \"c d\" e\\ f << G"), '\\', 0, scope, &out,
					NULL),
			TNG_OK));
	static const char *const expected[] = { "a", "x", "y", "c d", "e f", "<< G" };
	cr_assert(eq(sz, out.nwords, 6));
	for (size_t i = 0; i < 6; i++) {
		cr_expect(str_eq(out.words[i], str_from(expected[i])), "%s", expected[i]);
	}
	arena_destroy(a);
}

Test(dockerfile_words, a_variable_that_cannot_be_known_is_named_with_its_line) {
	struct arena *a = arena_create();
	struct word_result out;

	cr_assert(eq(int, word_expand(a, STR("${HIDDEN:-x}/y"), '\\', 0, scope, &out, NULL),
			TNG_OK));
	cr_expect(str_eq(out.text, STR("x/y")));
	cr_expect(out.is_unknowable);
	cr_expect(str_eq(out.unknown_name, STR("HIDDEN")));
	cr_expect(eq(u32, out.unknown_line, 7));
	/* it fails unless somebody sets it, which somebody may */
	cr_assert(eq(int, word_expand(a, STR("${HIDDEN:?x}"), '\\', 0, scope, &out, NULL), TNG_OK));
	cr_expect(out.is_unknowable);
	cr_assert(eq(int, word_expand(a, STR("$A"), '\\', 0, scope, &out, NULL), TNG_OK));
	cr_expect_not(out.is_unknowable);
	arena_destroy(a);
}

/** ${N:-${N:-...x}} with `levels` braces. */
static struct str nested(struct arena *a, size_t levels) {
	char *text = arena_alloc(a, levels * 6 + 1);
	size_t n = 0;

	for (size_t i = 0; i < levels; i++, n += 5) {
		memcpy(text + n, "${N:-", 5);
	}
	text[n++] = 'x';
	memset(text + n, '}', levels);
	return str_make(text, n + levels);
}

Test(dockerfile_words, nesting_is_limited_on_both_sides_of_the_edge) {
	struct arena *a = arena_create();
	struct word_result out;
	struct tng_error err = { 0 };

	/* the word itself is the first level */
	struct str fits = nested(a, DOCKERFILE_WORD_MAX_DEPTH - 1);
	cr_assert(eq(int, word_expand(a, fits, '\\', 0, scope, &out, &err), TNG_OK), "%s",
			err.text);
	cr_expect(str_eq(out.text, STR("x")));
	struct str deep = nested(a, DOCKERFILE_WORD_MAX_DEPTH);
	cr_expect(eq(int, word_expand(a, deep, '\\', 0, scope, &out, &err), TNG_ELIMIT));
	arena_destroy(a);
}

static struct variable find_long(const void *ctx, struct str name) {
	(void)name;
	return (struct variable){ .value = *(const struct str *)ctx, .is_set = true };
}

Test(dockerfile_words, growth_is_limited_on_both_sides_of_the_edge) {
	struct arena *a = arena_create();
	struct word_result out;
	/* "$X" is two bytes, so that much more may come of it */
	struct str value = { arena_alloc(a, DOCKERFILE_WORD_MAX_BYTES + 3),
		DOCKERFILE_WORD_MAX_BYTES + 2 };
	const struct word_scope longer = { find_long, &value };

	cr_expect(eq(int, word_expand(a, STR("$X"), '\\', 0, longer, &out, NULL), TNG_OK));
	cr_expect(eq(sz, out.text.len, DOCKERFILE_WORD_MAX_BYTES + 2));
	value.len++;
	cr_expect(eq(int, word_expand(a, STR("$X"), '\\', 0, longer, &out, NULL), TNG_ELIMIT));
	arena_destroy(a);
}
