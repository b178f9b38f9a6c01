/* report/explain.h - the formats of an explanation. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/report.h"

void report_explain_text(const struct explain_view *view, struct sink *sink);

/** Of a view with a pattern. */
void explain_put_pattern(const struct explain_view *view, struct sink *sink);

/** The view of the build of that number: the first is the view itself. */
const struct explain_view *explain_view_of(const struct explain_view *view, size_t build);

/** The name of the view's Dockerfile, or that there is none. */
void explain_put_dockerfile(const struct explain_view *view, struct sink *sink);

ATTR_NODISCARD
enum tng_code report_explain_json(
		const struct explain_view *view, struct sink *sink, struct tng_error *err);

#endif
