#include "util/thread.h"

#include <assert.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

void mutex_init(struct mutex *m) {
	int failed = pthread_mutex_init(&m->raw, NULL);
	assert(failed == 0);
	(void)failed;
}

void mutex_fini(struct mutex *m) {
	(void)pthread_mutex_destroy(&m->raw);
}

void mutex_lock(struct mutex *m) NO_THREAD_SAFETY_ANALYSIS {
	int failed = pthread_mutex_lock(&m->raw);
	assert(failed == 0);
	(void)failed;
}

void mutex_unlock(struct mutex *m) NO_THREAD_SAFETY_ANALYSIS {
	int failed = pthread_mutex_unlock(&m->raw);
	assert(failed == 0);
	(void)failed;
}

void cond_init(struct cond *c) {
#if defined(__APPLE__)
	(void)pthread_cond_init(&c->raw, NULL);
#else
	pthread_condattr_t attr;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&c->raw, &attr);
	(void)pthread_condattr_destroy(&attr);
#endif
}

void cond_fini(struct cond *c) {
	(void)pthread_cond_destroy(&c->raw);
}

void cond_wait(struct cond *c, struct mutex *m) {
	(void)pthread_cond_wait(&c->raw, &m->raw);
}

bool cond_wait_ns(struct cond *c, struct mutex *m, uint64_t timeout_ns) {
	const uint64_t second_ns = UINT64_C(1000000000);
#if defined(__APPLE__)
	struct timespec rest = { .tv_sec = (time_t)(timeout_ns / second_ns),
		.tv_nsec = (long)(timeout_ns % second_ns) };
	return pthread_cond_timedwait_relative_np(&c->raw, &m->raw, &rest) != ETIMEDOUT;
#else
	uint64_t until = thread_clock_ns() + timeout_ns;
	struct timespec at = { .tv_sec = (time_t)(until / second_ns),
		.tv_nsec = (long)(until % second_ns) };
	return pthread_cond_timedwait(&c->raw, &m->raw, &at) != ETIMEDOUT;
#endif
}

void cond_signal(struct cond *c) {
	(void)pthread_cond_signal(&c->raw);
}

void cond_broadcast(struct cond *c) {
	(void)pthread_cond_broadcast(&c->raw);
}

unsigned thread_ncpus(void) {
#if defined(__linux__)
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) == 0) {
		int n = CPU_COUNT(&set);
		return n > 0 ? (unsigned)n : 1;
	}
#endif
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

uint64_t thread_clock_ns(void) {
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}
