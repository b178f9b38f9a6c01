/*
 * fuzz/fuzz.h - what a fuzz target offers and what it may use.
 *
 * A target is one function of bytes that stops the program when a property does not hold. libFuzzer
 * calls it with inputs of its own; without libFuzzer replay.c calls it with those of testdata/fuzz/.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** As assert(), but never compiled out. */
#define FUZZ_CHECK(property)                                                                       \
	do {                                                                                       \
		if (!(property)) {                                                                 \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,    \
					#property);                                                \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
