/* report/scan.h - the formats of a scan. */
#ifndef REPORT_SCAN_H
#define REPORT_SCAN_H

#include "report/report.h"

ATTR_NODISCARD
enum tng_code report_scan_text(const struct analysis *an, const struct scan_options *options,
		struct arena *a, struct sink *sink, struct tng_error *err);

ATTR_NODISCARD
enum tng_code report_scan_json(const struct analysis *an, const struct scan_options *options,
		struct arena *a, struct sink *sink, struct tng_error *err);

#endif
