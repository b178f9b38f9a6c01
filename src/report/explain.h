/* report/explain.h - the formats of an explanation. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/report.h"

void report_explain_text(const struct explain_view *view, struct sink *sink);

ATTR_NODISCARD
enum tng_code report_explain_json(
		const struct explain_view *view, struct sink *sink, struct tng_error *err);

#endif
