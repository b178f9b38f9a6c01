/* unit/report/checks.h - findings without an analysis that was run, printed in each format. */
#ifndef UNIT_REPORT_CHECKS_H
#define UNIT_REPORT_CHECKS_H

#include "report/report.h"

/** A view of findings; zero it, then checks_open() and checks_close(). */
struct checks {
	struct arena *arena;
	struct build build;
	struct analysis an;
	struct config config;
	struct check_options how;
	struct check_result result;
	struct check_view view;
};

/** One build in "." whose ignore file is ".dockerignore" and whose Dockerfile is "Dockerfile", with these texts; the
 * findings are counted. */
void checks_open(struct checks *c, const char *ignore, const char *dockerfile,
		const struct check_finding *findings, size_t n);
void checks_close(struct checks *c);

/** What a format prints, in the arena; the report must not fail. */
struct str checks_print(struct checks *c, enum check_format format);

#endif
