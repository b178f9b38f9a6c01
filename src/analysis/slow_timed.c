/*
 * Builds that the user timed: which build of this context each of them was, by its bytes, and the profile
 * that fits them.
 */
#include "analysis/slow.h"

#include "util/size.h"

/* More than a first build of today, and still of this context: it was larger then. */
#define LARGER_MOST 1.5

static bool is_printed_as(const struct build_time *timed, uint64_t bytes) {
	char printed[SIZE_TEXT_BYTES];
	uint64_t rounded = 0;

	return timed->bytes == bytes ||
			(!timed->is_exact &&
					size_parse(str_from(size_format_buildkit(bytes, printed)),
							&rounded, NULL) == TNG_OK &&
					rounded == timed->bytes);
}

static enum slow_timed_as find_kind(
		const struct build_time *timed, uint64_t first, uint64_t unchanged) {
	if (is_printed_as(timed, first)) {
		return SLOW_TIMED_FIRST;
	}
	if (is_printed_as(timed, unchanged)) {
		return SLOW_TIMED_UNCHANGED;
	}
	if (timed->bytes < unchanged || (double)timed->bytes > LARGER_MOST * (double)first) {
		return SLOW_TIMED_OTHER;
	}
	return timed->bytes < first ? SLOW_TIMED_CHANGED : SLOW_TIMED_LARGER;
}

/* So much of a first build's contents was sent as its share of the bytes. */
static struct time_counts of_changed(const struct time_counts *first,
		const struct time_counts *unchanged, uint64_t bytes) {
	struct time_counts n = *unchanged;
	double all = (double)(first->bytes - unchanged->bytes);
	double share = all > 0 ? (double)(bytes - unchanged->bytes) / all : 0;

	n.files += (uint64_t)((double)(first->files - unchanged->files) * share + 0.5);
	n.created = n.files;
	n.bytes = bytes;
	return n;
}

static struct time_counts counts_of(enum slow_timed_as as, const struct time_counts *first,
		const struct time_counts *unchanged, uint64_t bytes) {
	struct time_counts n = *first;

	switch (as) {
	case SLOW_TIMED_UNCHANGED:
		return *unchanged;
	case SLOW_TIMED_CHANGED:
		return of_changed(first, unchanged, bytes);
	case SLOW_TIMED_LARGER:
		n.bytes = bytes;
		return n;
	case SLOW_TIMED_FIRST:
	case SLOW_TIMED_OTHER:
		break;
	}
	return n;
}

enum tng_code slow_calibrate(struct slow *s, const struct time_counts *first,
		struct slow_story *out, struct tng_error *err) {
	const struct slow_options *how = &s->how;
	const struct time_counts *unchanged = &s->unchanged.counts;
	struct slow_timed *timed = arena_new(s->arena, struct slow_timed, how->ntimed);
	struct time_observation *seen = arena_new(s->arena, struct time_observation, how->ntimed);
	size_t nseen = 0;

	if (timed == NULL || seen == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < how->ntimed; i++) {
		const struct build_time *t = &how->timed[i];
		timed[i].build = t;
		timed[i].as = find_kind(t, first->bytes, unchanged->bytes);
		if (timed[i].as != SLOW_TIMED_OTHER) {
			seen[nseen++] = (struct time_observation){
				counts_of(timed[i].as, first, unchanged, t->bytes), t->seconds,
				t->error_seconds
			};
		}
	}
	time_calibrate(seen, nseen, &s->profile, &out->fit);
	out->timed = timed;
	out->ntimed = how->ntimed;
	out->nused = nseen;
	out->first_bytes = first->bytes;
	out->unchanged_bytes = unchanged->bytes;
	return TNG_OK;
}
