#include "walk/queue.h"

#include <sys/resource.h>
#include <unistd.h>

#define SLOTS_A_TASK 2 /* the directory, and its parent on the way or a copy for readdir */
#define SLOTS_UNLIMITED 10240

/* What the rest of the process may need of a limit. A wrong guess costs time, nothing else. */
static long slots_of(rlim_t limit) {
	long n = limit == RLIM_INFINITY || limit > SLOTS_UNLIMITED ? SLOTS_UNLIMITED : (long)limit;
	long spare = n / 4 < 32 ? n / 4 : 32;

	return n - spare > SLOTS_A_TASK ? n - spare : SLOTS_A_TASK;
}

void queue_init(struct queue *q) {
	struct rlimit limit;

	*q = (struct queue){ 0 };
	mutex_init(&q->lock);
	cond_init(&q->changed);
	q->nslots = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? slots_of(limit.rlim_cur) : 64;
	q->nslots_all = q->nslots;
}

void queue_fini(struct queue *q) {
	cond_fini(&q->changed);
	mutex_fini(&q->lock);
}

/* The soft limit goes up to the hard one when it is first felt, and stays there. Returns whether that
 * has just made room. */
static bool raise_limit(struct queue *q) REQUIRES(q->lock) {
	struct rlimit limit;

	if (q->is_raised) {
		return false;
	}
	q->is_raised = true;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return false;
	}
	long before = slots_of(limit.rlim_cur);
	rlim_t most = limit.rlim_max;
	if (most == RLIM_INFINITY || most > SLOTS_UNLIMITED + 32) {
		most = SLOTS_UNLIMITED + 32;
	}
	if (limit.rlim_cur == RLIM_INFINITY || most <= limit.rlim_cur) {
		return false;
	}
	limit.rlim_cur = most;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return false;
	}
	q->nslots += slots_of(most) - before;
	q->nslots_all += slots_of(most) - before;
	return true;
}

static void take_found(struct queue *q, struct queue_link *link) REQUIRES(q->lock) {
	if (link->last != NULL) {
		link->last->next = q->dirs;
		q->dirs = link->first;
		q->ndirs += link->nfound;
	}
	link->first = NULL;
	link->last = NULL;
	link->nfound = 0;
}

static bool may_read(const struct queue *q) REQUIRES(q->lock) {
	return q->dirs != NULL && q->nslots >= SLOTS_A_TASK && (!q->is_alone || q->nbusy == 0);
}

/* Some slots are left for the other workers; with few of them at all, half. */
static bool may_keep(const struct queue *q) REQUIRES(q->lock) {
	long reserve = (long)q->nworkers * SLOTS_A_TASK;

	if (reserve > q->nslots_all / 2) {
		reserve = q->nslots_all / 2;
	}
	return q->nslots >= (reserve > SLOTS_A_TASK ? reserve : SLOTS_A_TASK) && !q->is_alone;
}

static bool pop(struct queue *q, struct queue_link *link, struct task *out) REQUIRES(q->lock) {
	if (q->nranges > 0) {
		*out = q->ranges[--q->nranges];
		return true;
	}
	if (!may_read(q)) {
		return false;
	}
	struct dir *dir = q->dirs;
	q->dirs = dir->next;
	q->ndirs--;
	q->nslots -= SLOTS_A_TASK;
	link->nslots = SLOTS_A_TASK;
	dir->is_kept = may_keep(q) || (raise_limit(q) && may_keep(q));
	*out = (struct task){ .dir = dir, .is_last_resort = q->is_alone };
	return true;
}

/*
 * Nobody works, directories wait, and there are no slots: all descriptors are kept for children that
 * wait. Nobody can be using one now, so close them; the children will be opened from the root.
 */
static void close_kept(struct queue *q) REQUIRES(q->lock) {
	long nclosed = 0;

	for (struct dir *waiting = q->dirs; waiting != NULL; waiting = waiting->next) {
		for (struct dir *d = waiting->parent; d != NULL; d = d->parent) {
			if (d->fd >= 0) {
				(void)close(d->fd);
				d->fd = -1;
				nclosed++;
			}
		}
	}
	q->is_alone = nclosed == 0;
	q->nslots += nclosed;
	if (q->nslots < SLOTS_A_TASK) {
		q->nslots_all += SLOTS_A_TASK - q->nslots;
		q->nslots = SLOTS_A_TASK;
	}
}

static unsigned nidle(struct queue *q) {
	return atomic_load_explicit(&q->nidle, memory_order_relaxed);
}

static void sleep_idle(struct queue *q) REQUIRES(q->lock) {
	q->nwaits++;
	atomic_fetch_add_explicit(&q->nidle, 1, memory_order_relaxed);
	cond_wait(&q->changed, &q->lock);
	atomic_fetch_sub_explicit(&q->nidle, 1, memory_order_relaxed);
}

void queue_push(struct queue_link *link) {
	struct queue *q = link->queue;

	if (link->last == NULL) {
		return;
	}
	mutex_lock(&q->lock);
	take_found(q, link);
	mutex_unlock(&q->lock);
	if (nidle(q) > 0) {
		cond_signal(&q->changed);
	}
}

bool queue_next(struct queue_link *link, struct task *out) {
	struct queue *q = link->queue;
	bool found = false, wake = false;

	mutex_lock(&q->lock);
	q->nslots += link->nslots;
	link->nslots = 0;
	take_found(q, link);
	if (link->is_busy) {
		q->nbusy--;
	}
	while (!q->is_over && q->code == TNG_OK) {
		found = pop(q, link, out);
		if (found) {
			q->nbusy++;
			break;
		}
		if (q->nbusy > 0) {
			sleep_idle(q);
		} else if (q->dirs == NULL) {
			q->is_over = true;
		} else {
			close_kept(q);
		}
	}
	link->is_busy = found;
	/* who takes one wakes the next, if there is something for it */
	wake = nidle(q) > 0 && (q->nranges > 0 || may_read(q));
	bool wake_all = !found;
	mutex_unlock(&q->lock);
	if (wake_all) {
		cond_broadcast(&q->changed);
	} else if (wake) {
		cond_signal(&q->changed);
	}
	return found;
}

bool queue_give(struct queue *q, struct dir *dir, uint32_t from, uint32_t to) {
	bool given = false;

	mutex_lock(&q->lock);
	if (q->nranges < QUEUE_RANGES) {
		/* the giver holds one, so it cannot be zero meanwhile */
		atomic_fetch_add_explicit(&dir->users, 1, memory_order_relaxed);
		q->ranges[q->nranges++] = (struct task){ .dir = dir, .from = from, .to = to };
		given = true;
	}
	mutex_unlock(&q->lock);
	if (given) {
		cond_signal(&q->changed);
	}
	return given;
}

void queue_put_back(struct queue_link *link, struct dir *dir) {
	struct queue *q = link->queue;

	mutex_lock(&q->lock);
	q->nslots += link->nslots;
	link->nslots = 0;
	if (!raise_limit(q) && q->nslots > 0) {
		/* what is not open now cannot be opened: our slots and the free ones do not exist */
		q->nslots_all -= q->nslots;
		q->nslots = 0;
	}
	dir->next = q->dirs;
	q->dirs = dir;
	q->ndirs++;
	mutex_unlock(&q->lock);
}

void queue_fail(struct queue *q, enum tng_code code) {
	mutex_lock(&q->lock);
	if (q->code == TNG_OK) {
		q->code = code;
	}
	mutex_unlock(&q->lock);
	cond_broadcast(&q->changed);
}

void queue_release(struct queue_link *link, struct dir *dir) {
	if (atomic_fetch_sub_explicit(&dir->users, 1, memory_order_acq_rel) == 1 && dir->fd >= 0) {
		(void)close(dir->fd);
		dir->fd = -1;
		link->nslots++;
	}
}

void queue_drain(struct queue_link *link) {
	struct queue *q = link->queue;

	mutex_lock(&q->lock);
	take_found(q, link);
	for (struct dir *d = q->dirs; d != NULL; d = d->next) {
		if (d->holds_parent) {
			queue_release(link, d->parent);
		}
	}
	for (unsigned i = 0; i < q->nranges; i++) {
		queue_release(link, q->ranges[i].dir);
	}
	q->dirs = NULL;
	q->nranges = 0;
	mutex_unlock(&q->lock);
}
