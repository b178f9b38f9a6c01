/* report/propose.h - a proposal as JSON, and what both of its forms look up. */
#ifndef REPORT_PROPOSE_H
#define REPORT_PROPOSE_H

#include "report/report.h"

/** What verification says of the engine that the user asked about; NULL: it was not looked at. */
const struct verify_engine *proposal_engine(const struct propose_view *v);

ATTR_NODISCARD
enum tng_code report_proposal_json(
		const struct propose_view *v, struct sink *sink, struct tng_error *err);

#endif
