/*
 * analysis/history_replay.h - the state of a replay of commits, which history.c drives: the paths that were seen
 * and the epoch at hand are of history_epoch.c, what is told in the end is of history_result.c.
 */
#ifndef ANALYSIS_HISTORY_REPLAY_H
#define ANALYSIS_HISTORY_REPLAY_H

#include "analysis/history_steps.h"
#include "util/slots.h"

#define NO_PATH UINT32_MAX

/* A path that was seen; one number in all epochs. */
struct seen_path {
	struct str path;
	uint32_t epoch; /* that it is in, from 1 */
	enum entry_type type;
	struct str target;
	uint32_t row; /* in the epoch's tree; set once that is there */
	bool is_needless;
	uint64_t installs; /* bit i: installs[i] reads it */
};

struct change {
	uint32_t path;
	bool was, is; /* there */
	enum entry_type type_was, type_is;
	struct str target_was, target_is;
};

/* What is known of a commit once its paths are looked at. */
struct verdict_of {
	bool *own, *needed; /* per step: busted; through a path that is not needless */
	uint64_t installs;  /* whose manifests it touches */
};

struct count {
	uint32_t n, last; /* commits; the number of the last one that counted, from 1 */
};

struct try_move {
	uint32_t step, before; /* the RUN, and what the copy would stand before */
	uint32_t install;
	uint32_t nkept;
};

/* Changes of one side of a commit, in the epoch at hand. */
struct turn {
	uint32_t commit;
	size_t first, n; /* of the epoch's notes */
	bool is_last;    /* with this the commit is known */
};

struct replay {
	struct arena *a;
	const struct analysis *an;
	struct needless *needless;
	const struct install *installs;
	size_t ninstalls;
	struct steps steps;
	bool links_matter;
	uint32_t git_path;   /* ".git", where it is a directory of the context */
	struct arena *texts; /* of one commit */
	struct {
		VEC_FIELDS(struct seen_path)
	} paths;
	struct slots slots;
	uint32_t epoch;
	struct {
		VEC_FIELDS(struct change)
	} changes; /* of the commit at hand */
	struct {
		VEC_FIELDS(uint32_t)
	} notes;
	struct {
		VEC_FIELDS(struct turn)
	} turns;
	struct {
		VEC_FIELDS(struct history_commit)
	} commits;
	struct {
		VEC_FIELDS(struct try_move)
	} moves;
	struct verdict_of now;
	bool *rebuilt;
	struct count **counts; /* per step: per path */
	size_t *ncounts;
	struct history_step *shown; /* per step */
	uint32_t *ntouched;         /* per install */
	struct history *out;
	struct tng_error *err;
};

/** A change of the commit at hand comes in; user: the replay. */
enum tng_code replay_take_change(
		void *user, const struct vcs_change *change, struct tng_error *err);

/** Whether an older side is something else than the union of the epoch has. */
bool replay_clashes(const struct replay *r, const struct change *c);

/** The tree that the history is at is the first of a new union. */
enum tng_code replay_begin_epoch(struct replay *r, struct vcs_history *h);

/** One side of the commit's changes, or both, are to be looked at in this epoch. */
enum tng_code replay_note(struct replay *r, bool was, bool is, bool is_last);

/** All that was noted is looked at. */
enum tng_code replay_end_epoch(struct replay *r);

/** Every place at which an install's manifests could be copied first. */
enum tng_code replay_find_moves(struct replay *r);

/** Into r->out; of each step `top` paths. */
enum tng_code replay_put_result(struct replay *r, size_t top);

#endif
