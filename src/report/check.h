/* report/check.h - between the files that print what `tonnage check` found. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "report/report.h"

/** The text of a finding's file, where the analysis has read it; false: it has not. */
bool check_text_of(const struct check_view *view, struct str file, struct str *out);

/** Whether a finding is shown: one that is silenced or known only to who asks for more. */
bool check_is_shown(const struct check_view *view, const struct check_finding *finding);

ATTR_NODISCARD
enum tng_code report_check_json(
		const struct check_view *view, struct sink *sink, struct tng_error *err);

#endif
