#include "report/report.h"
#include "support/expect.h"

Test(findings, are_lines_with_a_place_and_a_severity) {
	const struct finding all[] = {
		{ "bad-ignore-file", SEVERITY_ERROR, STR(".dockerignore"), 3, 7,
				STR("syntax error in pattern") },
		{ "unreadable", SEVERITY_WARNING, STR("d\x1B/x"), 0, 0, STR("cannot be read") },
		{ "dockerfile", SEVERITY_NOTE, STR(""), 0, 0, STR("crossed") },
	};
	struct analysis an = { .findings = all, .nfindings = 3 };
	struct sink sink;

	sink_init_memory(&sink);
	report_findings(&an, SEVERITY_NOTE, &sink);
	EXPECT_STR(buf_str(&sink.buf),
			"tonnage: .dockerignore:3:7: error: syntax error in pattern\n"
			"tonnage: d\\x1b/x: warning: cannot be read\n"
			"tonnage: note: crossed\n");
	buf_clear(&sink.buf);
	report_findings(&an, SEVERITY_ERROR, &sink);
	EXPECT_STR(buf_str(&sink.buf),
			"tonnage: .dockerignore:3:7: error: syntax error in pattern\n");
	buf_fini(&sink.buf);
}
