/* Instructions in the order they run, each with what makes it run again. */
#include "analysis/history_steps.h"

#include <stdlib.h>

static bool is_number(struct str text, uint32_t *out) {
	uint32_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9' || n > DOCKERFILE_MAX_STAGES) {
			return false;
		}
		n = n * 10 + (uint32_t)(text.ptr[i] - '0');
	}
	*out = n;
	return text.len > 0;
}

static uint32_t stage_of(const struct dockerfile *df, struct str name, uint32_t before) {
	uint32_t number;

	for (uint32_t i = before; i > 0; i--) {
		if (df->stages[i - 1].name.len > 0 && str_eq_nocase(df->stages[i - 1].name, name)) {
			return i - 1;
		}
	}
	return is_number(name, &number) && number < before ? number : DOCKERFILE_NO_STAGE;
}

struct finder {
	struct arena *a;
	struct steps *steps;
	const struct build *build;
	size_t number;  /* of the build */
	uint32_t *last; /* per stage: its last step */
	uint32_t stage; /* at hand */
};

static size_t add_from(const struct finder *f, struct str name, uint32_t *list, size_t n) {
	uint32_t stage = name.len > 0 ? stage_of(f->build->dockerfile, name, f->stage)
				      : DOCKERFILE_NO_STAGE;

	if (stage != DOCKERFILE_NO_STAGE && f->last[stage] != NO_STEP) {
		list[n++] = f->last[stage];
	}
	return n;
}

static bool put_from(const struct finder *f, struct step *step) {
	uint32_t *list = arena_new(f->a, uint32_t, step->in->nmounts + 1);
	const struct instruction_flag *flag = instruction_flag_find(step->in, STR("from"));

	if (list == NULL) {
		return false;
	}
	if (flag != NULL && step->in->keyword == INSTRUCTION_COPY) {
		step->nfrom = add_from(f, flag->value, list, step->nfrom);
	}
	for (size_t i = 0; i < step->in->nmounts; i++) {
		step->nfrom = add_from(f, step->in->mounts[i].from, list, step->nfrom);
	}
	step->from = list;
	return true;
}

static bool add_step(const struct finder *f, const struct instruction *in, uint32_t previous) {
	struct step *step = VEC_PUSH(&f->steps->all);

	if (step == NULL) {
		return false;
	}
	*step = (struct step){
		.build = f->number,
		.in = in,
		.stage = f->stage,
		.previous = previous,
		.is_shown = in->keyword == INSTRUCTION_COPY || in->keyword == INSTRUCTION_ADD ||
				in->keyword == INSTRUCTION_RUN,
	};
	return put_from(f, step);
}

static bool add_stage(struct finder *f) {
	const struct dockerfile *df = f->build->dockerfile;
	const struct stage *stage = &df->stages[f->stage];
	uint32_t base = f->build->sources->stages[f->stage].base_stage;
	uint32_t previous = base < f->stage ? f->last[base] : NO_STEP;

	for (uint32_t i = 0; i < stage->ninstructions; i++) {
		if (!add_step(f, &df->instructions[stage->instruction + i], previous)) {
			return false;
		}
		previous = (uint32_t)f->steps->all.len - 1;
	}
	f->last[f->stage] = previous;
	return true;
}

/* The step of a source: the instruction on its line, or for a trigger the FROM of the stage that runs it. */
static uint32_t step_of(const struct steps *steps, size_t first, const struct source *source) {
	uint32_t from = NO_STEP;

	for (size_t i = first; i < steps->all.len; i++) {
		const struct step *step = &steps->all.ptr[i];
		if (step->stage != source->stage) {
			continue;
		}
		if (step->in->line == source->line) {
			return (uint32_t)i;
		}
		from = from == NO_STEP ? (uint32_t)i : from;
	}
	return from;
}

static bool add_sources(const struct finder *f, size_t first) {
	const struct build_sources *sources = f->build->sources;
	struct steps *steps = f->steps;

	for (size_t i = 0; i < sources->nsources; i++) {
		const struct source *source = &sources->sources[i];
		uint32_t at = step_of(steps, first, source);
		bool is_known = at == NO_STEP || source->context != DOCKERFILE_MAIN_CONTEXT ||
				source->kind == SOURCE_REMOTE || source->kind == SOURCE_TMPFS;
		for (size_t k = 0; k < steps->sources.len && !is_known; k++) {
			is_known = steps->sources.ptr[k].step == at &&
					steps->sources.ptr[k].line == source->line;
		}
		if (is_known) {
			continue;
		}
		struct step_source *slot = VEC_PUSH(&steps->sources);
		if (slot == NULL) {
			return false;
		}
		*slot = (struct step_source){ at, f->number, source->line };
		steps->all.ptr[at].reads = steps->all.ptr[at].is_shown = true;
	}
	return true;
}

static bool add_build(struct finder *f) {
	size_t first = f->steps->all.len, nstages = f->build->sources->nstages;

	f->last = arena_new(f->a, uint32_t, nstages);
	if (f->last == NULL) {
		return false;
	}
	memset(f->last, 0xFF, nstages * sizeof(*f->last));
	for (f->stage = 0; f->stage < nstages; f->stage++) {
		if (f->build->sources->stages[f->stage].is_reached && !add_stage(f)) {
			return false;
		}
	}
	return add_sources(f, first);
}

enum tng_code steps_find(struct arena *a, const struct analysis *an, struct steps *out,
		struct tng_error *err) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		struct finder f = { .a = a, .steps = out, .build = &an->builds[i], .number = i };
		if (f.build->has_requested && f.build->has_plan && !add_build(&f)) {
			return error_nomem(err);
		}
	}
	return TNG_OK;
}

void steps_fini(struct steps *steps) {
	free(steps->all.ptr);
	free(steps->sources.ptr);
	*steps = (struct steps){ 0 };
}

void steps_cascade(const struct steps *steps, const bool *own, bool *rebuilt) {
	for (size_t i = 0; i < steps->all.len; i++) {
		const struct step *step = &steps->all.ptr[i];
		rebuilt[i] = own[i] || (step->previous != NO_STEP && rebuilt[step->previous]);
		for (size_t k = 0; k < step->nfrom; k++) {
			rebuilt[i] = rebuilt[i] || rebuilt[step->from[k]];
		}
	}
}
