#include "support/expect.h"
#include "util/str.h"

Test(str, cutting_walks_a_text_line_by_line) {
	struct str rest = STR("one\n\ntwo"), line;

	cr_assert(str_cut(rest, '\n', &line, &rest));
	EXPECT_STR(line, "one");
	cr_assert(str_cut(rest, '\n', &line, &rest));
	EXPECT_STR(line, "");
	cr_assert(not(str_cut(rest, '\n', &line, &rest)));
	EXPECT_STR(line, "two");
	EXPECT_STR(rest, "");
}

Test(str, a_separator_at_the_end_leaves_an_empty_rest) {
	struct str head, rest;

	cr_assert(str_cut(STR("a/"), '/', &head, &rest));
	EXPECT_STR(head, "a");
	EXPECT_STR(rest, "");
}

Test(str, a_zeroed_view_is_an_empty_view) {
	struct str none = { 0 }, head, rest;

	cr_expect(not(str_cut(none, '/', &head, &rest)));
	cr_expect(eq(sz, rest.len, 0));
	cr_expect(str_eq(none, STR("")));
	cr_expect(str_starts(none, STR("")) && str_ends(none, none));
	cr_expect(not(str_starts(none, STR("a"))));
	cr_expect(eq(int, str_cmp(none, STR("")), 0));
	cr_expect(eq(sz, str_find(none, 'a'), 0));
	cr_expect(eq(sz, str_trim(none).len, 0));
	cr_expect(eq(u64, str_hash(none), str_hash(STR(""))));
}

Test(str, order_is_by_unsigned_bytes_and_a_prefix_comes_first) {
	cr_expect(lt(int, str_cmp(STR("a"), STR("b")), 0));
	cr_expect(lt(int, str_cmp(STR("a"), STR("ab")), 0));
	cr_expect(gt(int, str_cmp(STR("\xff"), STR("\x01")), 0));
	cr_expect(gt(int, str_cmp(STR("\x80"), STR("z")), 0));
	cr_expect(eq(int, str_cmp(STR("a\0b"), STR("a\0b")), 0));
	cr_expect(lt(int, str_cmp(STR("a\0b"), STR("a\0c")), 0));
}

Test(str, equality_needs_the_same_length) {
	cr_expect(str_eq(STR("ab"), STR("ab")));
	cr_expect(not(str_eq(STR("ab"), STR("abc"))));
	cr_expect(not(str_eq(STR("a\0x"), STR("a\0y"))));
}

Test(str, case_is_folded_for_ascii_letters_only) {
	cr_expect(str_eq_nocase(STR("MiB"), STR("mIb")));
	cr_expect(not(str_eq_nocase(STR("@"), STR("`")))); /* 0x40 and 0x60 */
	cr_expect(not(str_eq_nocase(STR("["), STR("{"))));
	cr_expect(not(str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4"))));
	cr_expect(not(str_eq_nocase(STR("a"), STR("aa"))));
}

Test(str, prefixes_and_suffixes_are_bytes) {
	cr_expect(str_starts(STR("node_modules"), STR("node")));
	cr_expect(not(str_starts(STR("node"), STR("node_modules"))));
	cr_expect(str_ends(STR("a.log"), STR(".log")));
	cr_expect(not(str_ends(STR("log"), STR(".log"))));
}

Test(str, skip_and_take_stop_at_the_end) {
	EXPECT_STR(str_skip(STR("abc"), 1), "bc");
	EXPECT_STR(str_skip(STR("abc"), 3), "");
	EXPECT_STR(str_skip(STR("abc"), 99), "");
	EXPECT_STR(str_take(STR("abc"), 2), "ab");
	EXPECT_STR(str_take(STR("abc"), 99), "abc");
}

Test(str, find_says_the_length_when_there_is_none) {
	cr_expect(eq(sz, str_find(STR("a/b/c"), '/'), 1));
	cr_expect(eq(sz, str_find_last(STR("a/b/c"), '/'), 3));
	cr_expect(eq(sz, str_find(STR("abc"), '/'), 3));
	cr_expect(eq(sz, str_find_last(STR("abc"), '/'), 3));
	cr_expect(eq(sz, str_find_last(STR("/"), '/'), 0));
}

Test(str, trim_takes_blanks_tabs_and_line_ends_only) {
	EXPECT_STR(str_trim(STR(" \t\r\n a b \n")), "a b");
	EXPECT_STR(str_trim(STR(" \t ")), "");
	EXPECT_STR(str_trim(STR("\va\f")), "\va\f");
}

Test(str, hashes_tell_lengths_and_bytes_apart) {
	/* the tail is padded with NULs: the length must count */
	cr_expect(ne(u64, str_hash(STR("a")), str_hash(STR("a\0"))));
	cr_expect(ne(u64, str_hash(STR("12345678")), str_hash(STR("12345678\0"))));
	cr_expect(ne(u64, str_hash(STR("abcdefgh1")), str_hash(STR("abcdefgh2"))));
	cr_expect(ne(u64, str_hash(STR("abcdefghijklmnop")), str_hash(STR("ijklmnopabcdefgh"))));
	cr_expect(eq(u64, str_hash(STR("abcdefghi")), str_hash(str_skip(STR("xabcdefghi"), 1))));
}

Test(str, from_null_is_empty) {
	EXPECT_STR(str_from(NULL), "");
	EXPECT_STR(str_from("abc"), "abc");
}

Test(str, a_nul_is_none_of_the_bytes_looked_for) {
	cr_expect(str_has_any(STR("a*b"), "?*"));
	cr_expect(not(str_has_any(STR("ab"), "?*")));
	cr_expect(not(str_has_any(STR("a\0b"), "?*")));
	cr_expect(not(str_has_any(STR(""), "?*")));
}

Test(str, contains_a_part) {
	cr_assert(str_contains(STR("a**b"), STR("**")));
	cr_assert(str_contains(STR("ab"), STR("ab")));
	cr_assert(str_contains(STR(""), STR("")));
	cr_assert(str_contains(STR("ab"), STR("abc")) == false);
	cr_assert(str_contains(STR("a*b*"), STR("**")) == false);
	cr_assert(str_contains((struct str){ NULL, 0 }, STR("a")) == false);
}
