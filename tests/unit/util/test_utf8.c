#include "support/expect.h"
#include "util/utf8.h"

#include <criterion/parameterized.h>

struct decode_case {
	char why[40], bytes[8];
	uint32_t rune;
	unsigned nbytes;
};

/* known answers of Go's utf8.DecodeRune: an invalid byte is U+FFFD of one byte */
ParameterizedTestParameters(utf8, decodes_as_go_does) {
	static struct decode_case cases[] = {
		{ "ASCII", "a", 'a', 1 },
		{ "DEL", "\x7f", 0x7f, 1 },
		{ "the first of two bytes", "\xc2\x80", 0x80, 2 },
		{ "the last of two bytes", "\xdf\xbf", 0x7ff, 2 },
		{ "the first of three bytes", "\xe0\xa0\x80", 0x800, 3 },
		{ "the last before the surrogates", "\xed\x9f\xbf", 0xd7ff, 3 },
		{ "the first after the surrogates", "\xee\x80\x80", 0xe000, 3 },
		{ "a real U+FFFD", "\xef\xbf\xbd", 0xfffd, 3 },
		{ "the last of three bytes", "\xef\xbf\xbf", 0xffff, 3 },
		{ "the first of four bytes", "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "the last of all", "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
		{ "above the last", "\xf4\x90\x80\x80", 0xfffd, 1 },
		{ "five bytes", "\xf8\x88\x80\x80\x80", 0xfffd, 1 },
		{ "0xff", "\xff", 0xfffd, 1 },
		{ "a stray continuation", "\x80", 0xfffd, 1 },
		{ "a stray continuation, the last", "\xbf", 0xfffd, 1 },
		{ "overlong slash, two bytes", "\xc0\xaf", 0xfffd, 1 },
		{ "overlong, 0xc1", "\xc1\xbf", 0xfffd, 1 },
		{ "overlong slash, three bytes", "\xe0\x80\xaf", 0xfffd, 1 },
		{ "overlong, the last of three", "\xe0\x9f\xbf", 0xfffd, 1 },
		{ "overlong, the last of four", "\xf0\x8f\xbf\xbf", 0xfffd, 1 },
		{ "the first surrogate", "\xed\xa0\x80", 0xfffd, 1 },
		{ "the last surrogate", "\xed\xbf\xbf", 0xfffd, 1 },
		{ "cut after one of two", "\xc3", 0xfffd, 1 },
		{ "cut after two of three", "\xe2\x82", 0xfffd, 1 },
		{ "cut after three of four", "\xf0\x9f\x90", 0xfffd, 1 },
		{ "ASCII instead of a continuation", "\xe2\x82x", 0xfffd, 1 },
		{ "only the first counts", "ab", 'a', 1 },
	};
	return cr_make_param_array(struct decode_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct decode_case *c, utf8, decodes_as_go_does) {
	uint32_t rune = 0;
	unsigned n = utf8_decode(str_from(c->bytes), &rune);

	cr_expect(eq(u32, rune, c->rune), "%s", c->why);
	cr_expect(eq(uint, n, c->nbytes), "%s", c->why);
}

Test(utf8, every_scalar_value_survives_a_round_trip) {
	for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
		char bytes[4];
		uint32_t again = 0;

		if (rune == 0xD800) {
			rune = 0xE000;
		}
		unsigned n = utf8_put(rune, bytes);
		if (utf8_decode(str_make(bytes, n), &again) != n || again != rune) {
			cr_fatal("U+%04X", rune);
		}
	}
}

Test(utf8, what_is_no_scalar_value_is_encoded_as_the_replacement) {
	static const uint32_t bad[] = { 0xD800, 0xDFFF, 0x110000, UINT32_MAX };
	char bytes[4];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert(eq(uint, utf8_put(bad[i], bytes), 3));
		EXPECT_STR(str_make(bytes, 3), "\xef\xbf\xbd");
	}
}

Test(utf8, valid_text_may_hold_a_real_replacement) {
	cr_expect(utf8_is_valid(STR("")));
	cr_expect(utf8_is_valid(STR("a\xc3\xa4\xef\xbf\xbd\0z")));
	cr_expect(not(utf8_is_valid(STR("a\xff"))));
	cr_expect(not(utf8_is_valid(STR("\xc3"))));
}

Test(utf8, white_space_is_what_go_calls_it) {
	static const uint32_t spaces[] = { 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680,
		0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009,
		0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 };
	size_t next = 0;

	for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
		bool want = next < sizeof(spaces) / sizeof(spaces[0]) && spaces[next] == rune;
		next += want;
		if (utf8_is_space(rune) != want) {
			cr_fatal("U+%04X", rune);
		}
	}
}

Test(utf8, trim_takes_unicode_white_space_but_no_invalid_bytes) {
	EXPECT_STR(utf8_trim(STR(" \t\xc2\xa0 a b \xe3\x80\x80\v")), "a b");
	EXPECT_STR(utf8_trim(STR("\xe2\x80\x83")), "");
	EXPECT_STR(utf8_trim(STR("")), "");
	EXPECT_STR(utf8_trim(STR("\x85 a \xa0")), "\x85 a \xa0", "bare bytes 85 and A0");
	EXPECT_STR(utf8_trim(STR("\x80\x80\x80\x80")), "\x80\x80\x80\x80");
	EXPECT_STR(utf8_trim(STR("a\xc2\x85")), "a");
	EXPECT_STR(utf8_trim(STR("\xef\xbb\xbf a ")), "\xef\xbb\xbf a", "a BOM is no white space");
}

Test(utf8, width_is_that_of_a_terminal) {
	cr_expect(eq(uint, utf8_width('a'), 1));
	cr_expect(eq(uint, utf8_width(0xE4), 1));
	cr_expect(eq(uint, utf8_width(0x301), 0), "combining acute");
	cr_expect(eq(uint, utf8_width(0x200B), 0), "zero width space");
	cr_expect(eq(uint, utf8_width(0x4E2D), 2), "CJK");
	cr_expect(eq(uint, utf8_width(0xAC00), 2), "Hangul");
	cr_expect(eq(uint, utf8_width(0x1F600), 2), "emoji");
	cr_expect(eq(uint, utf8_width(0x10FFFF), 1));
}
