/* analysis/slow.h - a story in the making: one build, and tries of what would change it. */
#ifndef ANALYSIS_SLOW_H
#define ANALYSIS_SLOW_H

#include "analysis/internal.h"

struct slow {
	struct arena *arena;
	const struct analysis *an;
	const struct build *build;
	struct slow_options how;
	struct time_profile profile;
	enum lens lens;                   /* of what the engine sends */
	const struct transfer_plan *plan; /* in this lens */
	const struct str *includes;       /* what is asked for, links followed; none: everything */
	size_t nincludes;
	struct wire_options wire; /* `changed` is as it is assumed */
	struct slow_time told;
	struct {
		VEC_FIELDS(struct slow_cause)
	} causes;
	bool failed; /* out of memory */
};

/** The build with something changed. */
struct slow_try {
	struct arena *arena; /* owns the plan; slow_try_fini() ends it */
	struct ignore_set *set;
	struct transfer_plan plan;
	struct slow_time told;
};

/**
 * Plan the build with another ignore file, and with other paths asked for.
 *
 * includes  as follow_links() gives them; the build's own: s->includes
 * Errors    those of transfer_patterns() and transfer_plan()
 */
ATTR_NODISCARD
enum tng_code slow_try(const struct slow *s, struct str ignore_text, const struct str *includes,
		size_t nincludes, struct slow_try *out, struct tng_error *err);

void slow_try_fini(struct slow_try *t);

/** What goes away from one range to the other; never below 0. */
struct time_range slow_saved(struct time_range before, struct time_range after);

/** A text in the arena; empty, and s->failed, when out of memory. */
struct str slow_text(struct slow *s, const char *format, ...) ATTR_PRINTF(2, 3);

/** A row's path. */
struct str slow_path(struct slow *s, uint32_t row);

/** Append a cause, unless it is too small to tell of: below a hundredth of all. */
void slow_add(struct slow *s, const struct slow_cause *cause);

/** Whether a range is worth a line: a hundredth of the whole, in the middle. */
bool slow_matters(const struct slow *s, struct time_range seconds);

/** "2.05MB", in the arena. */
struct str slow_size(struct slow *s, uint64_t bytes);

/** "41,233", in the arena. */
struct str slow_count(struct slow *s, uint64_t n);

#endif
