/* analysis/internal.h - collecting what the user should know. */
#ifndef ANALYSIS_INTERNAL_H
#define ANALYSIS_INTERNAL_H

#include "analysis/analysis.h"
#include "util/vec.h"

/** A growing list; texts are in the arena. */
struct finding_list {
	struct arena *arena;
	struct {
		VEC_FIELDS(struct finding)
	} list;
	bool failed; /* out of memory: seen at findings_finish() */
};

/** Append one; the text is formatted into the arena. */
void findings_add(struct finding_list *f, enum severity severity, struct str file, uint32_t line,
		uint32_t column, const char *format, ...) ATTR_PRINTF(6, 7);

/** The ignore file is bad: which line, and what a build would say. */
ATTR_NODISCARD
enum tng_code findings_add_pattern_error(const struct analysis *an, struct finding_list *f,
		const struct tng_error *bad, struct tng_error *err);

/** All else: notes on the context's files, what could not be read, what was crossed. */
ATTR_NODISCARD
enum tng_code findings_collect(struct analysis *an, struct finding_list *f, struct tng_error *err);

/** The list, errors first, moved into the arena. */
ATTR_NODISCARD
enum tng_code findings_finish(struct finding_list *f, const struct finding **out, size_t *n,
		struct tng_error *err);

void findings_fini(struct finding_list *f);

#endif
