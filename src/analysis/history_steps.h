/* analysis/history_steps.h - the instructions of the builds, and what runs again after which. */
#ifndef ANALYSIS_HISTORY_STEPS_H
#define ANALYSIS_HISTORY_STEPS_H

#include "analysis/internal.h"

#define NO_STEP UINT32_MAX

/** An instruction of a reached stage. */
struct step {
	size_t build;
	const struct instruction *in;
	uint32_t stage;
	uint32_t previous; /* the step before it in its stage; of a FROM the last one of its base */
	const uint32_t *from; /* last steps of the stages that it copies or mounts from */
	size_t nfrom;
	bool is_shown;
	bool reads; /* the context */
};

/** What an instruction of a line selects; ONBUILD: the FROM that triggers it. */
struct step_source {
	uint32_t step;
	size_t build;
	uint32_t line;
};

struct steps {
	struct {
		VEC_FIELDS(struct step)
	} all;
	struct {
		VEC_FIELDS(struct step_source)
	} sources;
};

ATTR_NODISCARD
enum tng_code steps_find(struct arena *a, const struct analysis *an, struct steps *out,
		struct tng_error *err);

void steps_fini(struct steps *steps);

/** own, rebuilt: one a step. */
void steps_cascade(const struct steps *steps, const bool *own, bool *rebuilt);

#endif
