#include "support/fail_alloc.h"

#include <jansson.h>
#include <stdlib.h>

/* of one test at a time: each runs in a process of its own */
static struct {
	bool is_on, has_failed;
	size_t left;
} state;

static bool fails(void) {
	if (!state.is_on) {
		return false;
	}
	if (state.left > 0) {
		state.left--;
		return false;
	}
	state.has_failed = true;
	return true;
}

void fail_alloc_after(size_t n) {
	state.is_on = true;
	state.has_failed = false;
	state.left = n;
}

bool fail_alloc_end(void) {
	state.is_on = false;
	return state.has_failed;
}

#ifdef HAVE_WRAP

/* names that ld's --wrap gives: NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

void *__wrap_malloc(size_t size) {
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size) {
	return fails() ? NULL : __real_realloc(ptr, size);
}

bool fail_alloc_works(void) {
	json_set_alloc_funcs(__wrap_malloc, free);
	return true;
}
/* NOLINTEND(bugprone-reserved-identifier) */

#else

bool fail_alloc_works(void) {
	return false;
}

#endif
