#include "report/report.h"
#include "support/expect.h"

#include <jansson.h>

static struct ignore_set *parse(const char *text) {
	struct ignore_set *set = NULL;

	cr_assert(eq(int, ignore_parse(str_from(text), &set, NULL), TNG_OK));
	return set;
}

Test(verdict, is_a_word_a_line_and_the_path) {
	struct ignore_set *set = parse("# c\n\n*.log\n!x.log\n");
	struct match_options options = { .format = REPORT_TEXT };
	struct verdict excluded = { true, 0 }, back = { false, 1 },
		       none = { false, IGNORE_NO_PATTERN };
	struct sink sink;

	sink_init_memory(&sink);
	report_verdict(set, &excluded, STR("a.log"), &options, &sink);
	report_verdict(set, &back, STR("x.log"), &options, &sink);
	report_verdict(NULL, &none, STR("raw\xFF\t"), &options, &sink);
	options.nul = true;
	report_verdict(set, &none, STR("n\nl"), &options, &sink);
	cr_expect(str_eq(buf_str(&sink.buf),
			STR("excluded\t3\ta.log\nincluded\t4\tx.log\nincluded\t0\traw\xFF\t\n"
			    "included\t0\tn\nl\0")));
	buf_fini(&sink.buf);
	ignore_destroy(set);
}

Test(verdict, on_a_terminal_is_shown_safely) {
	struct verdict none = { false, IGNORE_NO_PATTERN };
	struct match_options options = { .format = REPORT_TEXT };
	struct sink sink;

	sink_init_memory(&sink);
	sink.is_terminal = true;
	report_verdict(NULL, &none, STR("a\x1B[31m"), &options, &sink);
	EXPECT_STR(buf_str(&sink.buf), "included\t0\ta\\x1b[31m\n");
	buf_fini(&sink.buf);
}

Test(verdict, in_json_is_one_line_with_the_pattern) {
	struct ignore_set *set = parse("\n!x.log\n");
	struct verdict back = { false, 0 }, none = { false, IGNORE_NO_PATTERN };
	struct match_options options = { .format = REPORT_JSONL };
	struct sink sink;

	sink_init_memory(&sink);
	report_verdict(set, &back, STR("x.log"), &options, &sink);
	report_verdict(set, &none, STR("\xFF\n"), &options, &sink);
	EXPECT_STR(buf_str(&sink.buf),
			"{\"path\":\"x.log\",\"excluded\":false,\"line\":2,\"pattern\":\"!x.log\"}"
			"\n"
			"{\"path\":\"\xEF\xBF\xBD\\n\",\"excluded\":false,\"line\":0,"
			"\"pattern\":null}\n");
	buf_fini(&sink.buf);
	ignore_destroy(set);
}
