/*
 * util/thread.h - a mutex and a condition that clang's -Wthread-safety understands, and how many
 * threads to use. Sharing is for what is immutable; the one lock of the program is the walk's.
 */
#ifndef UTIL_THREAD_H
#define UTIL_THREAD_H

#include "util/attr.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct CAPABILITY("mutex") mutex {
	pthread_mutex_t raw;
};

struct cond {
	pthread_cond_t raw;
};

void mutex_init(struct mutex *m);
void mutex_fini(struct mutex *m);
void mutex_lock(struct mutex *m) ACQUIRES(*m);
void mutex_unlock(struct mutex *m) RELEASES(*m);

void cond_init(struct cond *c);
void cond_fini(struct cond *c);
void cond_wait(struct cond *c, struct mutex *m) REQUIRES(*m);

/** Waits at most `timeout_ns`; returns false on timeout. Waking early is allowed. */
bool cond_wait_ns(struct cond *c, struct mutex *m, uint64_t timeout_ns) REQUIRES(*m);

void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

/** Processors this process may run on; at least 1. */
unsigned thread_ncpus(void);

/** Nanoseconds of a clock that never goes back. */
uint64_t thread_clock_ns(void);

#endif
