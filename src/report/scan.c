#include "report/scan.h"

enum tng_code report_scan(const struct analysis *an, const struct scan_options *options,
		struct sink *sink, struct tng_error *err) {
	struct arena *a = arena_create();
	enum tng_code code;

	if (a == NULL) {
		return error_nomem(err);
	}
	code = options->format == REPORT_TEXT ? report_scan_text(an, options, a, sink, err)
					      : report_scan_json(an, options, a, sink, err);
	arena_destroy(a);
	return code;
}
