#include "support/expect.h"
#include "util/buf.h"

#include <stdlib.h>

Test(buf, appends_of_every_kind_follow_each_other) {
	struct buf b;

	buf_init(&b);
	buf_append(&b, STR("a"));
	buf_append(&b, STR(""));
	buf_putc(&b, 'b');
	buf_put_u64(&b, 0);
	buf_put_u64(&b, UINT64_MAX);
	buf_printf(&b, "[%s %d]", "x", -1);
	EXPECT_STR(buf_str(&b), "ab018446744073709551615[x -1]");
	cr_expect(not(buf_failed(&b)));
	buf_fini(&b);
}

Test(buf, grows_far_beyond_its_first_block) {
	struct buf b = { 0 };

	for (unsigned i = 0; i < 100000; i++) {
		buf_putc(&b, (char)('a' + i % 26));
	}
	cr_assert(eq(sz, b.len, 100000));
	for (unsigned i = 0; i < 100000; i++) {
		cr_assert(eq(chr, b.ptr[i], (char)('a' + i % 26)));
	}
	buf_fini(&b);
	cr_expect(eq(ptr, b.ptr, NULL));
}

Test(buf, a_long_format_is_not_cut) {
	struct buf b = { 0 };
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buf_printf(&b, "<%s>", text);
	cr_expect(eq(sz, b.len, sizeof(text) + 1));
	cr_expect(eq(chr, b.ptr[b.len - 1], '>'));
	buf_fini(&b);
}

Test(buf, a_failure_sticks_and_keeps_what_was_there) {
	struct buf b = { 0 };

	buf_append(&b, STR("kept"));
	cr_expect(eq(ptr, buf_reserve(&b, SIZE_MAX), NULL));
	buf_append(&b, STR("lost"));
	buf_putc(&b, 'x');
	buf_printf(&b, "%d", 1);
	cr_expect(buf_failed(&b));
	EXPECT_STR(buf_str(&b), "kept");
	buf_clear(&b);
	cr_expect(buf_failed(&b), "clearing keeps the failure");
	cr_expect(eq(ptr, buf_detach(&b), NULL));
}

Test(buf, reserve_and_advance_write_in_place) {
	struct buf b = { 0 };
	char *at = buf_reserve(&b, 3);

	cr_assert(ne(ptr, at, NULL));
	memcpy(at, "abc", 3);
	buf_advance(&b, 2);
	EXPECT_STR(buf_str(&b), "ab");
	buf_fini(&b);
}

Test(buf, reserving_nothing_is_no_failure) {
	struct buf b = { 0 };

	cr_expect(ne(ptr, buf_reserve(&b, 0), NULL));
	cr_expect(not(buf_failed(&b)));
	buf_fini(&b);
}

Test(buf, detached_text_ends_in_a_nul) {
	struct buf b = { 0 };

	buf_append(&b, STR("text"));
	char *text = buf_detach(&b);
	cr_assert(eq(str, text, "text"));
	cr_expect(eq(sz, b.len, 0));
	free(text);
	text = buf_detach(&b);
	cr_assert(eq(str, text, ""));
	free(text);
}

Test(buf, an_empty_buffer_is_an_empty_view) {
	struct buf b = { 0 };

	EXPECT_STR(buf_str(&b), "");
	cr_expect(ne(ptr, (void *)buf_str(&b).ptr, NULL));
}
