/*
 * ignore/steps.h - a pattern as a list of steps, one a path component, where it can be said so.
 */
#ifndef IGNORE_STEPS_H
#define IGNORE_STEPS_H

#include "ignore/glob.h"
#include "ignore/internal.h"

enum step_type {
	STEP_NAME,     /* a component with this very name */
	STEP_GLOB,     /* a component that the tokens match */
	STEP_LOOP_ANY, /* any number of components */
	STEP_LOOP_DOT, /* any number of components without a newline */
	STEP_TAIL_ANY, /* one component or more, to the end */
	STEP_TAIL_DOT, /* one component or more without a newline, to the end */
	STEP_DEEP_END, /* what matched so far covers everything below, too ("src**") */
};

struct step {
	enum step_type type;
	struct str name;                 /* STEP_NAME */
	const struct glob_token *tokens; /* STEP_GLOB */
	size_t ntokens;
};

enum steps_result {
	STEPS_OK,
	STEPS_NEVER, /* the pattern matches no relative, clean path */
	STEPS_SLOW,  /* components cannot express it */
	STEPS_NOMEM,
};

/** Cut a compiled pattern into steps, in the arena. */
enum steps_result pattern_steps(
		struct arena *a, const struct pattern *p, struct step **out, size_t *n);

#endif
