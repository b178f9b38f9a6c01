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

/** All stages of one build; its context is open. */
ATTR_NODISCARD
enum tng_code build_run(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err);

/** The plan that asks for these paths only; links on the way are followed. */
ATTR_NODISCARD
enum tng_code plan_paths(struct arena *a, const struct analysis *an, const struct build *build,
		const struct str *paths, size_t npaths, struct transfer_plan *out,
		struct tng_error *err);

/** Fills build->source_weights. */
ATTR_NODISCARD
enum tng_code build_weigh_sources(struct analysis *an, struct build *build, struct tng_error *err);

/** Fills build->named. */
ATTR_NODISCARD
enum tng_code build_weigh_named(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err);

/** Files that arrive empty under a plan, of a BuildKit build; else none. */
ATTR_NODISCARD
enum tng_code build_find_empty(struct arena *a, const struct analysis *an,
		const struct build *build, const struct transfer_plan *plan,
		struct transfer_empty **out, size_t *n, struct tng_error *err);

/** All else: notes on the context's files, what could not be read, what was crossed. */
ATTR_NODISCARD
enum tng_code findings_collect(struct analysis *an, struct finding_list *f, struct tng_error *err);

/** The list, errors first, moved into the arena. */
ATTR_NODISCARD
enum tng_code findings_finish(struct finding_list *f, const struct finding **out, size_t *n,
		struct tng_error *err);

void findings_fini(struct finding_list *f);

#endif
