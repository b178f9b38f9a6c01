#include "dockerfile/internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct json_case {
	const char *text;
	enum json_verdict verdict;
	const char *strings; /* joined with '|' */
};

static void check(const struct json_case *c) {
	struct arena *a = arena_create();
	struct json_strings out = { 0 };
	struct str rest = str_from(c->strings), expected;

	cr_expect(eq(int, json_read_strings(a, str_from(c->text), &out), c->verdict), "%s",
			c->text);
	for (size_t i = 0; c->verdict == JSON_STRINGS && i < out.len; i++) {
		(void)str_cut(rest, '|', &expected, &rest);
		cr_expect(str_eq(out.ptr[i].text, expected), "%s: %.*s", c->text,
				STR_FMT(out.ptr[i].text));
		struct str written = out.ptr[i].written;
		cr_expect(written.len >= 2 && written.ptr[0] == '"' &&
						written.ptr[written.len - 1] == '"',
				"%s", c->text);
	}
	cr_expect(eq(sz, rest.len, 0), "%s: too few", c->text);
	arena_destroy(a);
}

Test(dockerfile_json, arrays_of_strings_other_arrays_and_plain_words_are_told_apart) {
	static const struct json_case cases[] = {
		{ "[]", JSON_STRINGS, "" },
		{ " [ \"a\" , \"b c\" ] ", JSON_STRINGS, "a|b c" },
		{ "[\"\"]", JSON_STRINGS, "" },
		{ "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", JSON_STRINGS, "\"\\/\b\f\n\r\t" },
		{ "[\"\\u0041\\u00e9\\uD83D\\uDE00\"]", JSON_STRINGS, "A\xC3\xA9\xF0\x9F\x98\x80" },
		{ "[\"\\ud83d\"]", JSON_STRINGS, "\xEF\xBF\xBD" },
		{ "[\"\\ud83d\\u0041\"]", JSON_STRINGS,
				"\xEF\xBF\xBD"
				"A" },
		{ "[\"\xE9\"]", JSON_STRINGS, "\xEF\xBF\xBD" },
		{ "[1]", JSON_OTHER_ARRAY, "" },
		{ "[\"a\", null, true, false]", JSON_OTHER_ARRAY, "" },
		{ "[-1.5e+3, 0]", JSON_OTHER_ARRAY, "" },
		{ "[[\"a\"], {\"k\": [1, {}]}]", JSON_OTHER_ARRAY, "" },
		{ "", JSON_NOT, "" },
		{ "a", JSON_NOT, "" },
		{ "\"a\"", JSON_NOT, "" },
		{ "{}", JSON_NOT, "" },
		{ "[ -f x ]", JSON_NOT, "" },
		{ "['a']", JSON_NOT, "" },
		{ "[\"a\"", JSON_NOT, "" },
		{ "[\"a\",]", JSON_NOT, "" },
		{ "[,]", JSON_NOT, "" },
		{ "[\"a\"] x", JSON_NOT, "" },
		{ "[\"a\"][]", JSON_NOT, "" },
		{ "[\"a", JSON_NOT, "" },
		{ "[\"\\x\"]", JSON_NOT, "" },
		{ "[\"\\", JSON_NOT, "" },
		{ "[\"\\u12\"]", JSON_NOT, "" },
		{ "[\"a\tb\"]", JSON_NOT, "" },
		{ "[01]", JSON_NOT, "" },
		{ "[1.]", JSON_NOT, "" },
		{ "[-]", JSON_NOT, "" },
		{ "[nul]", JSON_NOT, "" },
		{ "[{\"a\" 1}]", JSON_NOT, "" },
		{ "[{1:2}]", JSON_NOT, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check(&cases[i]);
	}
}

Test(dockerfile_json, arrays_nested_beyond_reason_are_plain_words) {
	struct arena *a = arena_create();
	struct json_strings out = { 0 };
	char text[4096];

	memset(text, '[', 2048);
	memset(text + 2048, ']', 2048);
	cr_expect(eq(int, json_read_strings(a, str_make(text, sizeof(text)), &out), JSON_NOT));
	cr_expect(eq(int, json_read_strings(a, str_make(text + 2048 - 64, 128), &out),
			JSON_OTHER_ARRAY));
	arena_destroy(a);
}
