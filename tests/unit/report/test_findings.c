#include "report/report.h"
#include "support/expect.h"

Test(findings, are_lines_with_a_place_and_a_severity) {
	const struct finding all[] = {
		{ .name = "bad-ignore-file",
				.severity = SEVERITY_ERROR,
				.file = STR(".dockerignore"),
				.line = 3,
				.column = 7,
				.text = STR("syntax error in pattern") },
		{ .name = "unreadable",
				.severity = SEVERITY_WARNING,
				.file = STR("d\x1B/x"),
				.line = 0,
				.column = 0,
				.text = STR("cannot be read") },
		{ .name = "dockerfile",
				.severity = SEVERITY_NOTE,
				.file = STR(""),
				.line = 0,
				.column = 0,
				.text = STR("crossed") },
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
