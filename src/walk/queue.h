/*
 * walk/queue.h - what is left to do, and the descriptors to do it with. Here is the one lock.
 *
 *   directories to read: a stack, so that a walk of few threads keeps few descriptors open
 *   ranges to look at:   parts of a large directory, given away while a thread has nothing to do
 *
 * A worker that reads a directory holds two descriptor slots meanwhile, taken with the task and given
 * back with the next one, so a walk under a low limit waits instead of failing. Directories keep
 * their descriptor for their children while slots are plenty; else the children are opened from the
 * root, component by component.
 */
#ifndef WALK_QUEUE_H
#define WALK_QUEUE_H

#include "util/thread.h"
#include "walk/internal.h"

#define QUEUE_RANGES 64

/* A directory to read (to == 0), or children [from, to) of one to look at. */
struct task {
	struct dir *dir;
	uint32_t from, to;
	bool is_last_resort; /* no descriptor can be won by waiting: an error is final */
};

struct queue {
	struct mutex lock;
	struct cond changed;
	struct dir *dirs; /* guarded by lock, as all below; the top of the stack */
	struct task ranges[QUEUE_RANGES];
	unsigned nranges;
	size_t ndirs;
	unsigned nbusy;
	unsigned nworkers;
	uint64_t nwaits; /* how often a worker slept */
	long nslots;     /* descriptors that may be opened */
	long nslots_all; /* with those in use */
	bool is_raised;  /* the limit has been raised as far as it goes */
	bool is_alone;   /* one directory at a time: no descriptors to spare at all */
	bool is_over;
	enum tng_code code; /* of the first failure */
	/* Threads that sleep, and threads that may be started yet. Written under the lock; read without
	 * it as a hint, so relaxed. */
	atomic_uint nidle, nmissing;
};

/* A worker's side of it. */
struct queue_link {
	struct queue *queue;
	struct dir *first, *last; /* directories found, not yet handed over */
	unsigned nfound;
	long nslots;
	bool is_busy;
};

void queue_init(struct queue *q);
void queue_fini(struct queue *q);

/** Hand over what was found. */
void queue_push(struct queue_link *link);

/** Hand over what was found, then wait for something to do. False: the walk is over. */
bool queue_next(struct queue_link *link, struct task *out);

/** Give a range away; false when there are too many already. */
bool queue_give(struct queue *q, struct dir *dir, uint32_t from, uint32_t to);

/** A directory could not be opened for want of descriptors: it goes back, and the limit is less. */
void queue_put_back(struct queue_link *link, struct dir *dir);

/** The walk fails; the first code counts. */
void queue_fail(struct queue *q, enum tng_code code);

static inline unsigned queue_nmissing(struct queue *q) {
	return atomic_load_explicit(&q->nmissing, memory_order_relaxed);
}

/** Whether what is handed over now would find a thread that does it. */
static inline bool queue_has_idle(struct queue *q) {
	return atomic_load_explicit(&q->nidle, memory_order_relaxed) > 0 || queue_nmissing(q) > 0;
}

/** Add to what the worker found. */
static inline void queue_found(struct queue_link *link, struct dir *dir) {
	dir->next = NULL;
	if (link->last != NULL) {
		link->last->next = dir;
	} else {
		link->first = dir;
	}
	link->last = dir;
	link->nfound++;
}

/** One user of the directory's descriptor less; the last one closes it. */
void queue_release(struct queue_link *link, struct dir *dir);

/** After a failure: close what waiting directories hold open. */
void queue_drain(struct queue_link *link);

#endif
