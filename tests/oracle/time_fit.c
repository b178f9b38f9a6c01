/*
 * The model of time, for time_builds.py: fits it to some builds, and predicts others.
 *
 *   time-fit BYTES_PER_SECOND ROUND_TRIP < lines
 *
 *   fit SECONDS COUNTS...      a build that was timed
 *   predict COUNTS...          answered by "MIDDLE LO HI", as the profile says and as fitted: six figures
 *
 * The counts are those of `explain --format json`, in its order. All `fit` lines come first.
 */
#include "transfer/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUILDS_MAX 256
#define LINE_BYTES 512

static bool read_counts(const char *text, struct time_counts *n) {
	return sscanf(text,
			       "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			       " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
			       &n->walked, &n->walked_for_nothing, &n->pattern_tests, &n->announced,
			       &n->announced_bytes, &n->created, &n->files, &n->bytes,
			       &n->round_trips) == 9;
}

static struct time_range total(const struct time_counts *n, const struct time_profile *profile) {
	struct time_prediction p;

	time_predict(n, profile, &p);
	return p.total;
}

static void answer(const struct time_counts *n, const struct time_profile *before,
		const struct time_profile *fitted) {
	struct time_range was = total(n, before), is = total(n, fitted);

	printf("%.6f %.6f %.6f %.6f %.6f %.6f\n", time_middle(was), was.lo, was.hi, time_middle(is),
			is.lo, is.hi);
}

int main(int argc, char **argv) {
	static struct time_observation seen[BUILDS_MAX];
	char line[LINE_BYTES];
	size_t nseen = 0;
	bool is_fitted = false;

	if (argc != 3) {
		return 2;
	}
	struct time_profile before = time_profile(TNG_ENGINE_BUILDKIT, TIME_REMOTE,
			strtod(argv[1], NULL), strtod(argv[2], NULL));
	struct time_profile fitted = before;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct time_observation o = { .error_seconds = 0.001 };
		char *rest = line;
		if (strncmp(line, "fit ", 4) == 0 && nseen < BUILDS_MAX) {
			o.seconds = strtod(line + 4, &rest);
			if (!read_counts(rest, &o.counts)) {
				return 2;
			}
			seen[nseen++] = o;
		} else if (strncmp(line, "predict ", 8) == 0 && read_counts(line + 8, &o.counts)) {
			if (!is_fitted) {
				struct time_fit fit;
				time_calibrate(seen, nseen, &fitted, &fit);
				is_fitted = true;
			}
			answer(&o.counts, &before, &fitted);
		} else {
			return 2;
		}
	}
	return 0;
}
