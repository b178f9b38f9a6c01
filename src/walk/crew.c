#include "walk/crew.h"

#include "util/buf.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

#define INITIAL_MAX 8U
#define GROWN_A_CPU 4U
#define GROWN_MAX 16U
#define STACK_BYTES ((size_t)512 << 10)

#define WORK_BETWEEN_CLOCKS 64U
#define LOOK_NS UINT64_C(15000000)
#define PROGRESS_NS UINT64_C(100000000)
#define DISK_WAITS 16U                /* so many are looked at together */
#define DISK_WORK_NS UINT64_C(400000) /* processor time between two of a slow disk, at most */

static struct worker *worker_create(struct crew *crew, bool is_late) {
	struct supply supply;

	supply_init(&supply, crew->memory, is_late);
	struct worker *w = supply_work(&supply, sizeof(*w));
	if (w == NULL) {
		return NULL;
	}
	w->crew = crew;
	w->link.queue = &crew->queue;
	w->supply = supply;
	w->reader = (struct reader){ .ops = crew->ops, .keeps_atime = true };
	if (crew->ops->needs_buffer) {
		w->reader.buffer = supply_work(&w->supply, READER_BUFFER_BYTES);
		if (w->reader.buffer == NULL) {
			return NULL;
		}
	}
	return listing_init(&w->listing, &w->supply) == TNG_OK ? w : NULL;
}

static void *thread_main(void *arg) {
	worker_run(arg);
	return NULL;
}

static bool start_thread(struct worker *w) {
	pthread_attr_t attr;
	size_t stack = STACK_BYTES;

#if defined(PTHREAD_STACK_MIN)
	if (stack < (size_t)PTHREAD_STACK_MIN) {
		stack = (size_t)PTHREAD_STACK_MIN;
	}
#endif
	if (pthread_attr_init(&attr) != 0) {
		return false;
	}
	(void)pthread_attr_setstacksize(&attr, stack);
	bool started = pthread_create(&w->thread, &attr, thread_main, w) == 0;
	(void)pthread_attr_destroy(&attr);
	return started;
}

/* One more worker, if there are fewer than wanted and, unless forced, something for it to do. */
static bool hire(struct crew *crew, bool is_forced) {
	struct queue *q = &crew->queue;
	struct worker *w = NULL;

	mutex_lock(&q->lock);
	bool is_useful = q->ndirs > 1 || q->nranges > 0;
	if (queue_nmissing(q) > 0 && (is_forced || is_useful) && !q->is_over && q->code == TNG_OK) {
		w = worker_create(crew, q->nworkers > 1 && !is_forced);
		/* out of memory or threads: those there are will do */
		unsigned missing = w != NULL ? queue_nmissing(q) - 1 : 0;
		atomic_store_explicit(&q->nmissing, missing, memory_order_relaxed);
		if (w != NULL) {
			crew->workers[q->nworkers++] = w;
		}
	}
	mutex_unlock(&q->lock);
	if (w == NULL) {
		return false;
	}
	/* the join comes after ours, so it sees this */
	w->is_started = start_thread(w);
	return w->is_started;
}

void crew_call(struct crew *crew) {
	if (queue_nmissing(&crew->queue) > 0) {
		(void)hire(crew, false);
	}
}

static struct crew_times times_now(const struct queue *q) {
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0) {
		return (struct crew_times){ 0 };
	}
	return (struct crew_times){
		.cpu_ns = ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) *
						UINT64_C(1000000000) +
				((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) *
						1000,
		.nswitches = (uint64_t)u.ru_nvcsw,
		.nwaits = q->nwaits,
	};
}

/*
 * A thread gives up the processor of its own when it waits for another, which the queue counts, or for
 * the disk. With a cold cache that is every 100 to 200 us of work, and more threads would ask the disk
 * for more at once. With a warm one it is rare even on a busy machine, where wall time says nothing.
 */
static bool is_disk_slow(struct crew *crew) REQUIRES(crew->queue.lock) {
	struct crew_times now = times_now(&crew->queue), *then = &crew->times;
	uint64_t waits = now.nswitches - then->nswitches;
	uint64_t own = now.nwaits - then->nwaits;
	uint64_t disk = waits > own ? waits - own : 0;

	if (disk < DISK_WAITS) {
		return false;
	}
	bool is_slow = now.cpu_ns - then->cpu_ns < disk * DISK_WORK_NS;
	*then = now;
	return is_slow;
}

static void grow_if_slow(struct crew *crew) {
	struct queue *q = &crew->queue;

	mutex_lock(&crew->queue.lock);
	bool is_slow = is_disk_slow(crew);
	if (is_slow) {
		unsigned missing = crew->nmost > q->nworkers ? crew->nmost - q->nworkers : 0;
		atomic_store_explicit(&q->nmissing, missing, memory_order_relaxed);
	}
	mutex_unlock(&crew->queue.lock);
	if (is_slow) {
		crew->nmost = 0;
		while (queue_nmissing(q) > 0 && hire(crew, false)) {
		}
	}
}

static void put_path(struct buf *out, const struct dir *dir) {
	size_t len = 0;

	for (const struct dir *d = dir; d->parent != NULL; d = d->parent) {
		len += d->entry->name_len + (size_t)(len > 0);
	}
	char *end = len > 0 ? buf_reserve(out, len) : NULL;
	if (end == NULL) {
		return;
	}
	buf_advance(out, len);
	end += len;
	for (const struct dir *d = dir; d->parent != NULL; d = d->parent) {
		end -= d->entry->name_len;
		memcpy(end, dir_name(d), d->entry->name_len);
		if (d->parent->parent != NULL) {
			*--end = '/';
		}
	}
}

static void report(struct crew *crew, const struct dir *dir) {
	struct walk_progress progress = { 0 };
	struct buf path = { 0 };

	mutex_lock(&crew->queue.lock);
	for (unsigned i = 0; i < crew->queue.nworkers; i++) {
		struct worker *w = crew->workers[i];
		progress.nentries += atomic_load_explicit(&w->shown_entries, memory_order_relaxed);
		progress.bytes += atomic_load_explicit(&w->shown_bytes, memory_order_relaxed);
	}
	mutex_unlock(&crew->queue.lock);
	put_path(&path, dir);
	progress.dir = buf_str(&path);
	crew->on_progress(crew->user, &progress);
	buf_fini(&path);
}

void worker_look_up(struct worker *w, const struct dir *dir, unsigned work) {
	struct crew *crew = w->crew;

	w->work += work;
	if (w->work < WORK_BETWEEN_CLOCKS) {
		return;
	}
	w->work = 0;
	atomic_store_explicit(&w->shown_entries, w->counts.nentries, memory_order_relaxed);
	atomic_store_explicit(&w->shown_bytes, w->nbytes, memory_order_relaxed);
	uint64_t now = thread_clock_ns();
	uint64_t due = atomic_load_explicit(&crew->next_look_ns, memory_order_relaxed);
	if (now < due ||
			!atomic_compare_exchange_strong_explicit(&crew->next_look_ns, &due,
					UINT64_MAX, memory_order_acquire, memory_order_relaxed)) {
		return;
	}
	if (crew->nmost > 0) {
		grow_if_slow(crew);
	}
	if (crew->on_progress != NULL && now >= crew->next_progress_ns) {
		report(crew, dir);
		crew->next_progress_ns = thread_clock_ns() + PROGRESS_NS;
	}
	atomic_store_explicit(
			&crew->next_look_ns, thread_clock_ns() + LOOK_NS, memory_order_release);
}

static bool push_extras(struct crew *crew, struct worker *w) REQUIRES(crew->queue.lock) {
	for (unsigned i = 0; i < w->nextras; i++) {
		if (crew->extras.len == crew->extras.cap) {
			size_t cap = crew->extras.cap > 0 ? crew->extras.cap * 2 : 256;
			void *grown = memory_resize(crew->memory, crew->extras.ptr, cap,
					sizeof(*crew->extras.ptr));
			if (grown == NULL || cap >= UINT32_MAX) {
				crew->extras.ptr = grown != NULL ? grown : crew->extras.ptr;
				return false;
			}
			crew->extras.ptr = grown;
			crew->extras.cap = cap;
		}
		crew->extras.ptr[crew->extras.len++] = w->extras[i];
		w->extras[i].entry->parent = (uint32_t)crew->extras.len;
	}
	return true;
}

bool worker_flush_extras(struct worker *w) {
	struct crew *crew = w->crew;

	mutex_lock(&crew->queue.lock);
	bool ok = push_extras(crew, w);
	mutex_unlock(&crew->queue.lock);
	w->nextras = 0;
	if (!ok) {
		queue_fail(&crew->queue, TNG_ENOMEM);
	}
	return ok;
}

static void sum_up(const struct crew *crew, struct crew_result *out) {
	struct tree_stats *stats = &out->stats;

	*out = (struct crew_result){ .extras = crew->extras.ptr, .nextras = crew->extras.len };
	for (unsigned i = 0; i < crew->queue.nworkers; i++) {
		const struct counts *c = &crew->workers[i]->counts;
		out->nentries += c->nentries;
		out->ndirs += c->ndirs;
		stats->nunreadable_dirs += c->nunreadable;
		stats->nfailed_entries += c->nfailed;
		stats->nvanished += c->nvanished;
		stats->nmounts += c->nmounts;
		stats->nthreads += i == 0 || crew->workers[i]->is_started;
	}
}

static void choose_threads(struct crew *crew, unsigned njobs) {
	unsigned ncpus = thread_ncpus();
	unsigned first = njobs > 0 ? njobs : ncpus < INITIAL_MAX ? ncpus : INITIAL_MAX;

	if (first > CREW_MAX) {
		first = CREW_MAX;
	}
	atomic_store_explicit(&crew->queue.nmissing, first - 1, memory_order_relaxed);
	if (njobs == 0) {
		crew->nmost = ncpus < GROWN_MAX / GROWN_A_CPU ? ncpus * GROWN_A_CPU : GROWN_MAX;
		crew->times = times_now(&crew->queue);
	}
}

/* A worker is in the list before any that it started, so the list has ended when its end is reached. */
static void join_all(struct crew *crew) {
	for (unsigned i = 1;; i++) {
		mutex_lock(&crew->queue.lock);
		struct worker *w = i < crew->queue.nworkers ? crew->workers[i] : NULL;
		mutex_unlock(&crew->queue.lock);
		if (w == NULL) {
			return;
		}
		if (w->is_started) {
			(void)pthread_join(w->thread, NULL);
		}
	}
}

static enum tng_code run(struct crew *crew, struct dir *root, unsigned njobs) {
	struct queue *q = &crew->queue;
	struct worker *w = worker_create(crew, false);

	if (w == NULL) {
		return TNG_ENOMEM;
	}
	crew->workers[0] = w;
	q->nworkers = 1;
	queue_found(&w->link, root);
	queue_push(&w->link); /* before there are others, who would think the walk over */
	while (njobs > 1 && queue_nmissing(q) > 0 && hire(crew, true)) {
	}
	worker_run(w);
	join_all(crew);
	if (q->code != TNG_OK) {
		queue_drain(&w->link);
	}
	return q->code;
}

enum tng_code crew_walk(
		struct crew *crew, struct dir *root, unsigned njobs, struct crew_result *out) {
	uint64_t now = thread_clock_ns();

	queue_init(&crew->queue);
	atomic_store_explicit(&crew->next_look_ns, now + LOOK_NS, memory_order_relaxed);
	crew->next_progress_ns = now + PROGRESS_NS;
	choose_threads(crew, njobs);
	enum tng_code code = run(crew, root, njobs);
	sum_up(crew, out);
	for (unsigned i = 0; i < crew->queue.nworkers; i++) {
		listing_fini(&crew->workers[i]->listing);
	}
	queue_fini(&crew->queue);
	return code;
}
