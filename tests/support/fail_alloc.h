/*
 * support/fail_alloc.h - allocations that fail, for programs that are linked with fail_alloc_args.
 *
 * The linker sends malloc, calloc and realloc of the code under test here. What libraries allocate for
 * themselves is not touched, but for jansson, which is told to come here, too.
 */
#ifndef SUPPORT_FAIL_ALLOC_H
#define SUPPORT_FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/** Whether the linker can do it: a test without it has nothing to say. */
bool fail_alloc_works(void);

/** The next `n` allocations succeed, all after them fail. */
void fail_alloc_after(size_t n);

/** Allocations succeed again. Returns whether one has failed. */
bool fail_alloc_end(void);

#endif
