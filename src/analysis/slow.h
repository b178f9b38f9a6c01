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
	struct wire_options wire;          /* `changed` is as it is assumed */
	struct slow_time told, unchanged;  /* a build after another, with nothing changed */
	struct analysis_proposal proposal; /* as far as s->left is there */
	struct slow_time proposed;
	const uint8_t *left; /* per row: its fate under all that is proposed; NULL: nothing is */
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

/** Some entries that are sent, with what they take by themselves: an estimate, to find the heaviest. */
struct slow_place {
	uint32_t row;
	uint64_t nentries, nfiles, bytes;
	uint32_t biggest; /* file of these */
	uint64_t biggest_bytes;
	double seconds;
};

/** Whether the content of a row that is sent goes over in the build that is told of. */
bool slow_has_content(const struct slow *s, uint32_t row);

/** Count a row that is sent. */
void slow_place_add(const struct slow *s, struct slow_place *place, uint32_t row);

/** Add one place to another. */
void slow_place_sum(struct slow_place *sum, const struct slow_place *place);

/** The seconds of its counts, contents included. */
double slow_weight(const struct slow *s, const struct slow_place *place);

/** What a change of the ignore file takes out of the walk: the topmost places. */
struct slow_gone {
	size_t nplaces;
	struct slow_place heaviest, all; /* of what is sent */
	uint64_t nwalked;                /* entries that are not looked at any more */
};
struct slow_gone slow_find_gone(const struct slow *s, const struct transfer_plan *then);

/** Fill the cause's id and `what` by what is there: many small files, a huge one, or just much. */
void slow_tell_place(struct slow *s, const struct slow_gone *gone, struct slow_cause *c);

/** Causes that are changes of the ignore file. */
ATTR_NODISCARD
enum tng_code slow_try_ignore_file(struct slow *s, struct tng_error *err);

/** Causes that are not: instructions, contents, times and modes, and what is needed. */
ATTR_NODISCARD
enum tng_code slow_try_the_rest(struct slow *s, struct tng_error *err);

/**
 * Fit the profile to the builds that were timed, and tell in `out` which of them are of this context.
 *
 * first    the counts of a first build; those of an unchanged one are in s->unchanged
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code slow_calibrate(struct slow *s, const struct time_counts *first,
		struct slow_story *out, struct tng_error *err);

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
