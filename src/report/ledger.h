/* report/ledger.h - what each line of an ignore file is worth, as a table and in JSON. */
#ifndef REPORT_LEDGER_H
#define REPORT_LEDGER_H

#include "report/json.h"

/**
 * The table, lines that decide most first.
 *
 * top      lines to show
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code report_ledger_text(struct arena *a, const struct analysis_ledger *ledger, size_t top,
		struct sink *sink, struct tng_error *err);

/** An object; NULL: out of memory, which what takes it reports. */
json_t *report_ledger_json(struct arena *a, const struct analysis_ledger *ledger);

#endif
