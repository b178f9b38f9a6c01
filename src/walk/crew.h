/*
 * walk/crew.h - the threads of one walk and what each of them has.
 *
 * Worker 0 is the caller's own thread. The others start when there is something for them to do, and
 * more than the processors are started only while the disk keeps the walk waiting.
 */
#ifndef WALK_CREW_H
#define WALK_CREW_H

#include "walk/queue.h"
#include "walk/reader.h"

#define CREW_MAX 512U
#define CREW_EXTRAS 32U

/* What a worker has counted; added up after the join. */
struct counts {
	uint64_t nentries;
	uint64_t ndirs;
	uint64_t nunreadable;
	uint64_t nfailed;
	uint64_t nvanished;
	uint64_t nmounts;
};

/* What tells a slow disk from a busy machine. */
struct crew_times {
	uint64_t cpu_ns;
	uint64_t nswitches; /* of the process, voluntary ones */
	uint64_t nwaits;    /* of workers for each other */
};

struct crew {
	struct queue queue;
	struct memory *memory;
	const struct reader_ops *ops;
	int root_fd;
	struct worker *workers
			[CREW_MAX]; /* guarded by queue.lock, with queue.nworkers, until the join */
	unsigned nmost;             /* threads on a slow disk; 0: do not grow */
	/* When somebody should look up from the work next, UINT64_MAX while somebody does. Who exchanges
	 * it is the one: acquire, and release when done, for what the looks share (below). */
	_Atomic uint64_t next_look_ns;
	uint64_t next_progress_ns;
	struct crew_times times; /* when growing was last considered */
	struct {
		VEC_FIELDS(struct extra)
	} extras; /* guarded by queue.lock */
	walk_progress_fn on_progress;
	void *user;
};

struct worker {
	struct crew *crew;
	struct queue_link link;
	struct supply supply;
	struct reader reader;
	struct listing listing;
	struct counts counts;
	struct extra extras[CREW_EXTRAS]; /* the next batch for crew->extras */
	unsigned nextras;
	unsigned work; /* since the clock was last looked at */
	/* For the progress line: written by the worker alone, relaxed, read by whoever reports. */
	_Atomic uint64_t shown_entries, shown_bytes;
	uint64_t nbytes;
	pthread_t thread;
	bool is_started;
};

/** Do what the queue holds until the walk is over. */
void worker_run(struct worker *w);

/** Start another thread if there is something for it to do. */
void crew_call(struct crew *crew);

/** Called often, with the amount of work done in system calls: looks at the clock now and then. */
void worker_look_up(struct worker *w, const struct dir *dir, unsigned work);

/** Hand over the worker's extras; false when out of memory (and the walk has failed). */
bool worker_flush_extras(struct worker *w);

struct crew_result {
	uint64_t nentries, ndirs; /* below the root */
	struct extra *extras;     /* the caller's, to free() */
	size_t nextras;
	struct tree_stats stats; /* elapsed_ns is 0 */
};

/**
 * Walk from `root` on with the caller's thread and others. The rest of the crew must be zero but for
 * memory, ops, root_fd, on_progress and user.
 *
 * njobs    0: as many as are of use
 * out      always set
 * Errors   TNG_ENOMEM, TNG_ELIMIT
 */
ATTR_NODISCARD
enum tng_code crew_walk(
		struct crew *crew, struct dir *root, unsigned njobs, struct crew_result *out);

#endif
