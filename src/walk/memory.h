/*
 * walk/memory.h - where the rows, the names and the working memory of a walk live.
 *
 *   mappings of 2 MiB pages ──▶ pieces, taken under the lock ──▶ struct supply, one a thread
 *
 * Threads share the huge pages but not the pieces they carve, so a late thread costs some ten
 * kilobytes and not some megabytes. Entries have a handle of 32 bits: the number of a mapping and
 * an index in it. Entries and names last as long as the tree, working memory as long as the walk.
 */
#ifndef WALK_MEMORY_H
#define WALK_MEMORY_H

#include "util/error.h"
#include "util/thread.h"
#include "util/vec.h"
#include "walk/walk.h"

#define MEMORY_MAP_SHIFT 20 /* entries in a mapping: 2^20, which is 40 MiB */
#define MEMORY_MAP_ENTRIES (UINT32_C(1) << MEMORY_MAP_SHIFT)

struct entry_map {
	struct entry *entries;
};

struct mapping {
	void *base;
	size_t size_bytes;
	bool is_heap; /* malloc'd */
	bool is_work; /* ends with the walk */
};

/* One kind of bytes: what is left of its newest mapping. */
struct region {
	char *at;
	size_t left;
};

struct memory {
	struct mutex lock;
	struct {
		VEC_FIELDS(struct mapping)
	} mappings; /* guarded by lock, as all below while there are threads */
	struct {
		VEC_FIELDS(struct entry_map)
	} maps;                         /* by handle >> MEMORY_MAP_SHIFT */
	uint64_t next_entry, end_entry; /* free handles */
	struct region names, work;
	size_t allocs_left; /* memory_fail_after */
	bool may_fail;
};

void memory_init(struct memory *m);
void memory_fini(struct memory *m);

/** For tests: the (n+1)th allocation from now fails, and all after it. */
void memory_fail_after(struct memory *m, size_t n);

/** Give back the working memory. */
void memory_drop_work(struct memory *m);

/** Zeroed pages of their own, huge ones where that helps; NULL when out of memory. */
ATTR_NODISCARD void *memory_table(struct memory *m, size_t n, size_t size_bytes);

/** The array with room for `need` elements, as realloc(); NULL when out of memory. */
ATTR_NODISCARD void *memory_resize(struct memory *m, void *ptr, size_t need, size_t size_bytes);

static inline struct entry *memory_entry(const struct memory *m, uint32_t handle) {
	return &m->maps.ptr[handle >> MEMORY_MAP_SHIFT].entries[handle & (MEMORY_MAP_ENTRIES - 1)];
}

/** One thread's pieces. */
struct supply {
	struct memory *memory;
	struct entry *entries;
	uint32_t first, nentries; /* handle of *entries, and how many are left */
	struct region names, work;
	bool is_late; /* of a thread that came late: takes smaller pieces */
};

void supply_init(struct supply *s, struct memory *m, bool is_late);

/**
 * `n` zeroed entries side by side.
 *
 * first    the handle of the first one, the others follow
 * n        0 gives NULL
 * Errors   TNG_ENOMEM, TNG_ELIMIT
 */
ATTR_NODISCARD
enum tng_code supply_entries(struct supply *s, uint32_t n, struct entry **out, uint32_t *first);

/** Bytes for names, not aligned; NULL when out of memory. */
ATTR_NODISCARD char *supply_names(struct supply *s, size_t size_bytes);

/** Zeroed memory until memory_drop_work(), aligned for pointers; NULL when out of memory. */
ATTR_NODISCARD void *supply_work(struct supply *s, size_t size_bytes);

#endif
