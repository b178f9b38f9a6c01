#include "unit/report/outputs.h"

#include "support/expect.h"

static char *detach(struct sink *sink, enum tng_code code) {
	cr_assert(eq(int, code, TNG_OK));
	char *text = buf_detach(&sink->buf);
	cr_assert(ne(ptr, text, NULL));
	return text;
}

char *scan_output(const struct analysis *an, struct scan_options options) {
	struct sink sink;

	options.top = options.top > 0 ? options.top : REPORT_TOP_DEFAULT;
	sink_init_memory(&sink);
	enum tng_code code = report_scan(an, &options, &sink, NULL);
	return detach(&sink, code);
}

char *ls_output(const struct analysis *an, struct ls_options options) {
	struct sink sink;

	sink_init_memory(&sink);
	enum tng_code code = report_ls(an, &options, &sink, NULL);
	return detach(&sink, code);
}
