/*
 * digest/wide.h - XXH3-128 with AVX2, where the processor has it.
 *
 * The archive of Debian's xxHash, which a static program links, has the code of one instruction set only; the
 * shared one chooses when it runs. So the function that all bytes go through is compiled a second time here.
 */
#ifndef DIGEST_WIDE_H
#define DIGEST_WIDE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether wide_update() may be called on this processor. */
static inline bool wide_is_there(void) {
#ifdef TNG_WIDE_HASH
	return __builtin_cpu_supports("avx2") != 0;
#else
	return false;
#endif
}

/** XXH3_128bits_update(); state: an XXH3_state_t of the header that this was compiled with. */
void wide_update(void *state, const void *bytes, size_t n);

#endif
