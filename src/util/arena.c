/*
 * An arena is a list of blocks, newest first; each is twice the size of the one before, up to
 * BLOCK_MAX_BYTES. A request that does not fit gets a block of its own size at least.
 *
 *   arena ──▶ block n [used......|free....] ──▶ block n-1 [used.........] ──▶ ...
 */
#include "util/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN_BYTES ((size_t)8 << 10)
#define BLOCK_MAX_BYTES ((size_t)1 << 20)
#define ALIGN alignof(max_align_t)

#ifndef TNG_ARENA_MALLOC
#define TNG_ARENA_MALLOC 0
#endif

struct block {
	struct block *older;
	size_t size_bytes;
	size_t used;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *newest;
	struct block *spare; /* the last block that a rewind gave up, zeroed: the next one to push */
	size_t next_bytes;
	size_t allocs_left; /* arena_fail_after */
	bool may_fail;
};

struct arena *arena_create(void) {
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL) {
		a->next_bytes = BLOCK_MIN_BYTES;
	}
	return a;
}

void arena_destroy(struct arena *a) {
	if (a == NULL) {
		return;
	}
	while (a->newest != NULL) {
		struct block *gone = a->newest;
		a->newest = gone->older;
		free(gone);
	}
	free(a->spare);
	free(a);
}

/* Without the spare block a mark at the edge of one would cost a fresh block at every turn of a loop. */
static void pop_block(struct arena *a) {
	struct block *gone = a->newest;

	a->newest = gone->older;
	if (TNG_ARENA_MALLOC || (a->spare != NULL && a->spare->size_bytes >= gone->size_bytes)) {
		free(gone);
		return;
	}
	memset(gone->data, 0, gone->used);
	gone->used = 0;
	free(a->spare);
	a->spare = gone;
}

static struct block *fresh_block(struct arena *a, size_t need) {
	size_t size = need;

	if (!TNG_ARENA_MALLOC) {
		size = need > a->next_bytes ? need : a->next_bytes;
		if (a->next_bytes < BLOCK_MAX_BYTES) {
			a->next_bytes *= 2;
		}
	}
	if (size > SIZE_MAX - sizeof(struct block)) {
		return NULL;
	}
	/* calloc: fresh pages come zeroed from the kernel and are not touched twice */
	struct block *b = calloc(1, sizeof(*b) + size);
	if (b != NULL) {
		b->size_bytes = size;
	}
	return b;
}

static struct block *push_block(struct arena *a, size_t need) {
	struct block *b = a->spare;

	if (b != NULL && b->size_bytes >= need) {
		a->spare = NULL;
	} else {
		b = fresh_block(a, need);
	}
	if (b != NULL) {
		b->older = a->newest;
		a->newest = b;
	}
	return b;
}

void *arena_alloc(struct arena *a, size_t size_bytes) {
	if (a->may_fail) {
		if (a->allocs_left == 0) {
			return NULL;
		}
		a->allocs_left--;
	}
	if (size_bytes == 0) {
		size_bytes = 1;
	}
	if (size_bytes > SIZE_MAX - ALIGN) {
		return NULL;
	}
	size_t need = TNG_ARENA_MALLOC ? size_bytes : (size_bytes + ALIGN - 1) & ~(ALIGN - 1);
	struct block *b = a->newest;
	if (TNG_ARENA_MALLOC || b == NULL || b->size_bytes - b->used < need) {
		b = push_block(a, need);
		if (b == NULL) {
			return NULL;
		}
	}
	void *at = b->data + b->used;
	b->used += need;
	return at;
}

void *arena_alloc_array(struct arena *a, size_t n, size_t size_bytes) {
	size_t total;

	if (__builtin_mul_overflow(n, size_bytes, &total)) {
		return NULL;
	}
	return arena_alloc(a, total);
}

struct str arena_copy(struct arena *a, struct str s) {
	char *copy = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

	if (copy == NULL) {
		return (struct str){ NULL, 0 };
	}
	if (s.len > 0) {
		memcpy(copy, s.ptr, s.len);
	}
	return (struct str){ copy, s.len };
}

struct arena_mark arena_mark(const struct arena *a) {
	return (struct arena_mark){ a->newest, a->newest != NULL ? a->newest->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark) {
	while (a->newest != mark.block) {
		assert(a->newest != NULL);
		pop_block(a);
	}
	if (a->newest != NULL && a->newest->used > mark.used) {
		/* the next owner of these bytes expects zeros */
		memset(a->newest->data + mark.used, 0, a->newest->used - mark.used);
		a->newest->used = mark.used;
	}
}

void arena_fail_after(struct arena *a, size_t n) {
	a->may_fail = true;
	a->allocs_left = n;
}
