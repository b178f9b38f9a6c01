/* What BuildKit's list of patterns may weigh as a header, to the byte. */
#include "analysis/internal.h"
#include "support/expect.h"
#include "unit/analysis/analysed.h"
#include "util/buf.h"

/* The finding of a list of n lines; "": there is none. */
static struct str trap_of(const char *line, size_t n, enum severity *severity) {
	struct buf text = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_append(&text, str_from(line));
		buf_putc(&text, '\n');
	}
	buf_putc(&text, '\0');
	struct analysis *an = analyse_small("a=1", text.ptr, TNG_ENGINE_BUILDKIT);
	struct finding_list list = { .arena = an->arena };
	traps_collect(an, &an->builds[0], &list);
	cr_assert(list.list.len <= 1);
	const char *name = list.list.len > 0 ? list.list.ptr[0].name : "";
	*severity = list.list.len > 0 ? list.list.ptr[0].severity : SEVERITY_NOTE;
	findings_fini(&list);
	analysis_destroy(an);
	buf_fini(&text);
	return str_from(name);
}

/* 49 bytes each: 21391 of them leave 737 bytes for the other headers, 21392 leave 688, 21394 leave 590. */
Test(traps, the_list_of_patterns_is_too_large_where_its_header_is) {
	enum severity severity;

	EXPECT_STR(trap_of("a", 21391, &severity), "");
	EXPECT_STR(trap_of("a", 21392, &severity), "list-too-large");
	cr_expect(eq(int, severity, SEVERITY_WARNING));
	EXPECT_STR(trap_of("a", 21394, &severity), "list-too-large");
	cr_expect(eq(int, severity, SEVERITY_ERROR));
}

/* "%C3%A9": 54 bytes each, where the plain 50 would fit */
Test(traps, a_list_with_a_letter_beyond_ascii_is_weighed_escaped) {
	enum severity severity;

	EXPECT_STR(trap_of("\xC3\xA9", 19420, &severity), "list-too-large");
	EXPECT_STR(trap_of("ea", 19420, &severity), "");
}

/* the spec's own example, run with the real one: 7500 patterns of 92 bytes */
Test(traps, seven_thousand_long_patterns_are_too_many) {
	char line[93];
	enum severity severity;

	memset(line, 'x', 92);
	line[92] = '\0';
	EXPECT_STR(trap_of(line, 7500, &severity), "list-too-large");
	cr_expect(eq(int, severity, SEVERITY_ERROR));
}

/* the reader takes the slash off after it has trimmed, so this tab is sent, and trimmed by the matcher */
Test(traps, a_tab_counts_where_it_is_sent_whatever_the_matcher_makes_of_it) {
	enum severity severity;

	EXPECT_STR(trap_of("/\ta", 1, &severity), "control-character");
	EXPECT_STR(trap_of("\ta\t", 1, &severity), "");
	EXPECT_STR(trap_of("a\x7F", 1, &severity), "control-character");
	EXPECT_STR(trap_of("!a\x1B", 1, &severity), "control-character");
}
