#include "report/explain.h"

enum tng_code report_explain(const struct explain_view *view, enum report_format format,
		struct sink *sink, struct tng_error *err) {
	if (format == REPORT_TEXT) {
		report_explain_text(view, sink);
		return TNG_OK;
	}
	return report_explain_json(view, sink, err);
}
