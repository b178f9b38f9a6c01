/* unit/report/outputs.h - reports into memory. */
#ifndef UNIT_REPORT_OUTPUTS_H
#define UNIT_REPORT_OUTPUTS_H

#include "report/report.h"

/** NUL-terminated, ended by free(); the report must not fail. */
char *scan_output(const struct analysis *an, struct scan_options options);
char *ls_output(const struct analysis *an, struct ls_options options);

#endif
