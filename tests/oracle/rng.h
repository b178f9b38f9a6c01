/* oracle/rng.h - reproducible random numbers (splitmix64): same seed, same questions everywhere. */
#ifndef ORACLE_RNG_H
#define ORACLE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r) {
	uint64_t z = (r->state += 0x9E3779B97F4A7C15U);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
	return z ^ (z >> 31);
}

/** The stream of question `index` of run `seed`: any one can be made again without the others. */
static inline struct rng rng_of(uint64_t seed, uint64_t index) {
	struct rng r = { seed * 0xD6E8FEB86659FD93U + index };

	r.state = rng_next(&r);
	return r;
}

/** 0 to n - 1; n > 0. */
static inline size_t rng_below(struct rng *r, size_t n) {
	return (size_t)(rng_next(r) % n);
}

static inline bool rng_percent(struct rng *r, unsigned percent) {
	return rng_below(r, 100) < percent;
}

#endif
