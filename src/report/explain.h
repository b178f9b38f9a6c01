/* report/explain.h - the formats of an explanation. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/report.h"

#include <jansson.h>

void report_explain_text(const struct explain_view *view, struct sink *sink);

/** Of a view with a pattern. */
void explain_put_pattern(const struct explain_view *view, struct sink *sink);

/** Of a view of the story: why the transfer is slow. */
void explain_put_slow(const struct explain_view *view, struct sink *sink);

/** The same; NULL when out of memory. The keys are those of the document. */
json_t *explain_slow_json(const struct explain_view *view);

/** "local", "desktop", "remote": as --profile takes it. */
const char *explain_place_name(enum time_place place);

/** "cold", "warm", ...: as --assume takes it. */
const char *explain_assume_name(enum slow_assume assume);

/** The view of the build of that number: the first is the view itself. */
const struct explain_view *explain_view_of(const struct explain_view *view, size_t build);

/** The name of the view's Dockerfile, or that there is none. */
void explain_put_dockerfile(const struct explain_view *view, struct sink *sink);

ATTR_NODISCARD
enum tng_code report_explain_json(
		const struct explain_view *view, struct sink *sink, struct tng_error *err);

#endif
