/*
 * analysis/history.h - the last commits again: what each would have rebuilt with today's Dockerfile and
 * ignore file, and what would have kept more of it cached.
 */
#ifndef ANALYSIS_HISTORY_H
#define ANALYSIS_HISTORY_H

#include "dockerfile/dockerfile.h"
#include "util/arena.h"
#include "util/error.h"
#include "vcs/vcs.h"

#include <stdbool.h>
#include <stdint.h>

struct analysis;
struct build;

/** --history takes no more. */
#define HISTORY_MAX_COMMITS 10000U

/** A path, and how many commits busted an instruction through it. */
struct history_path {
	struct str path;
	uint32_t ncommits;
	bool is_needless; /* no build needs it, or the proposal excludes it */
};

/** An instruction that reads the context or may take long: COPY, ADD, RUN; FROM with triggers. */
struct history_step {
	const struct build *build;
	const struct instruction *instruction;
	uint32_t stage;
	bool reads;         /* the context */
	uint32_t nown;      /* commits that change something of what it reads */
	uint32_t nrebuilt;  /* commits after which it runs: by itself, or for one before it */
	uint32_t nneedless; /* of nown: only through needless paths */
	const struct history_path *paths; /* most commits first, at most as many as asked for */
	size_t npaths, npaths_all;
};

/** Files that a RUN needs, copied before the rest, would keep it cached. */
struct history_move {
	size_t step, before; /* the RUN; what to put the copy before */
	struct str command;  /* "npm ci" */
	struct str first; /* a command that only fetches, to be put there; empty: the RUN itself */
	const struct str *manifests; /* that are there today, in order of paths */
	size_t nmanifests;
	uint32_t ntouched; /* commits that change one of them */
	uint32_t nkept;    /* commits after which it would stay cached, and does not today */
};

struct history_commit {
	char id[41];
	const uint32_t *own; /* steps that it busts by themselves, ascending */
	size_t nown;
};

struct history {
	uint32_t nasked;
	enum vcs_history_end end;             /* why there are fewer commits */
	const struct history_commit *commits; /* newest first */
	size_t ncommits;
	uint32_t ndockerfile,
			nignore; /* commits that change a Dockerfile, an ignore file of the builds */
	const struct history_step *steps; /* by build, then in order */
	size_t nsteps;
	const struct history_move *moves; /* most commits first */
	size_t nmoves;
};

/**
 * Replay the last commits of the repository that the context is in. Only its object store is read.
 *
 * a         owns it; the analysis must outlive it
 * an        of what is on disk, with git's column and the classes
 * ncommits  at most HISTORY_MAX_COMMITS
 * top       paths of each step
 * Errors    those of vcs_history_open() and analysis_propose(); TNG_EINVAL: no build is known
 */
ATTR_NODISCARD
enum tng_code analysis_history(struct arena *a, const struct analysis *an, uint32_t ncommits,
		size_t top, struct history *out, struct tng_error *err);

#endif
