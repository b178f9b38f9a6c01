#include "walk/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_BYTES ((size_t)2 << 20)
#define REGION_BYTES ((size_t)16 << 20) /* address space; pages come as they are touched */
#define MAPS_MAX (1U << (32 - MEMORY_MAP_SHIFT))

/* What a thread takes at once. A request above a quarter of it is served on its own, so that at
 * most that much is wasted at the end of a piece. */
#define PIECE_ENTRIES 2048U
#define PIECE_BYTES ((size_t)32 << 10)
#define LATE_DIVISOR 4

#ifndef TNG_ARENA_MALLOC
#define TNG_ARENA_MALLOC 0
#endif

void memory_init(struct memory *m) {
	*m = (struct memory){ 0 };
	mutex_init(&m->lock);
}

static void unmap(const struct mapping *gone) {
	if (gone->is_heap) {
		free(gone->base);
	} else {
		(void)munmap(gone->base, gone->size_bytes);
	}
}

void memory_fini(struct memory *m) {
	for (size_t i = 0; i < m->mappings.len; i++) {
		unmap(&m->mappings.ptr[i]);
	}
	free(m->mappings.ptr);
	free(m->maps.ptr);
	mutex_fini(&m->lock);
}

void memory_fail_after(struct memory *m, size_t n) {
	m->may_fail = true;
	m->allocs_left = n;
}

void memory_drop_work(struct memory *m) {
	size_t nkept = 0;

	for (size_t i = 0; i < m->mappings.len; i++) {
		if (m->mappings.ptr[i].is_work) {
			unmap(&m->mappings.ptr[i]);
		} else {
			m->mappings.ptr[nkept++] = m->mappings.ptr[i];
		}
	}
	m->mappings.len = nkept;
	m->work = (struct region){ 0 };
}

static bool may_allocate(struct memory *m) REQUIRES(m->lock) {
	if (m->may_fail) {
		if (m->allocs_left == 0) {
			return false;
		}
		m->allocs_left--;
	}
	return true;
}

/* Zeroed address space. Large ones begin at a huge page: on a virtual machine the first touch of a
 * 4 KiB page costs as much as several system calls, inside a huge page next to nothing. */
static void *map(struct memory *m, size_t size_bytes, bool is_work) REQUIRES(m->lock) {
	bool is_large = size_bytes >= HUGE_BYTES;
	size_t total;

	if (__builtin_add_overflow(size_bytes, is_large ? HUGE_BYTES : 0, &total)) {
		return NULL;
	}
	struct mapping *made = VEC_PUSH(&m->mappings);
	if (made == NULL) {
		return NULL;
	}
	void *base = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED) {
		m->mappings.len--;
		return NULL;
	}
	*made = (struct mapping){ .base = base, .size_bytes = total, .is_work = is_work };
	if (!is_large) {
		return base;
	}
	char *at = (char *)base + (-(uintptr_t)base & (HUGE_BYTES - 1));
#if defined(MADV_HUGEPAGE)
	(void)madvise(at, size_bytes, MADV_HUGEPAGE);
#endif
	return at;
}

void *memory_table(struct memory *m, size_t n, size_t size_bytes) {
	size_t total;
	void *table = NULL;

	if (__builtin_mul_overflow(n, size_bytes, &total)) {
		return NULL;
	}
	mutex_lock(&m->lock);
	if (may_allocate(m)) {
		table = map(m, total > 0 ? total : 1, false);
	}
	mutex_unlock(&m->lock);
	return table;
}

void *memory_resize(struct memory *m, void *ptr, size_t need, size_t size_bytes) {
	size_t total;

	mutex_lock(&m->lock);
	bool may = may_allocate(m);
	mutex_unlock(&m->lock);
	if (!may || __builtin_mul_overflow(need, size_bytes, &total)) {
		return NULL;
	}
	return realloc(ptr, total);
}

/* The mappings for `n` more entries; a directory of more than one mapping's has several in a row. */
static enum tng_code map_entries(struct memory *m, uint32_t n) REQUIRES(m->lock) {
	size_t nmaps = ((size_t)n + MEMORY_MAP_ENTRIES - 1) >> MEMORY_MAP_SHIFT;
	size_t first = m->maps.len;

	if (first + nmaps >= MAPS_MAX) {
		return TNG_ELIMIT;
	}
	for (size_t i = 0; i < nmaps; i++) {
		if (VEC_PUSH(&m->maps) == NULL) {
			return TNG_ENOMEM;
		}
	}
	struct entry *base = map(m, (nmaps << MEMORY_MAP_SHIFT) * sizeof(*base), false);
	if (base == NULL) {
		return TNG_ENOMEM;
	}
	for (size_t i = 0; i < nmaps; i++) {
		m->maps.ptr[first + i].entries = base + (i << MEMORY_MAP_SHIFT);
	}
	m->next_entry = (uint64_t)first << MEMORY_MAP_SHIFT;
	m->end_entry = (uint64_t)(first + nmaps) << MEMORY_MAP_SHIFT;
	return TNG_OK;
}

/* `n` entries, and as many as `wanted` if they come as cheaply; *got says how many. */
static enum tng_code take_entries(struct memory *m, uint32_t n, uint32_t wanted, struct entry **out,
		uint32_t *first, uint32_t *got) {
	enum tng_code code = TNG_OK;

	mutex_lock(&m->lock);
	if (!may_allocate(m)) {
		code = TNG_ENOMEM;
	} else if (m->end_entry - m->next_entry < n) {
		code = map_entries(m, n);
	}
	if (code == TNG_OK) {
		uint64_t left = m->end_entry - m->next_entry;
		*got = wanted < left ? wanted : (uint32_t)left;
		*first = (uint32_t)m->next_entry;
		*out = memory_entry(m, *first);
		m->next_entry += *got;
	}
	mutex_unlock(&m->lock);
	return code;
}

/* Under sanitizers every request is its own malloc, so that an overrun is seen. */
static char *heap_bytes(struct memory *m, size_t size_bytes, bool is_work) REQUIRES(m->lock) {
	struct mapping *made = VEC_PUSH(&m->mappings);
	void *base = made != NULL ? calloc(1, size_bytes) : NULL;

	if (base == NULL) {
		m->mappings.len -= made != NULL;
		return NULL;
	}
	*made = (struct mapping){
		.base = base, .size_bytes = size_bytes, .is_heap = true, .is_work = is_work
	};
	return base;
}

static char *take_bytes(struct memory *m, size_t size_bytes, bool is_work) {
	struct region *r = is_work ? &m->work : &m->names;
	char *taken = NULL;

	mutex_lock(&m->lock);
	if (!may_allocate(m)) {
		goto out;
	}
	if (TNG_ARENA_MALLOC) {
		taken = heap_bytes(m, size_bytes, is_work);
		goto out;
	}
	if (size_bytes > REGION_BYTES / 4) {
		taken = map(m, size_bytes, is_work);
		goto out;
	}
	if (r->left < size_bytes) {
		char *at = map(m, REGION_BYTES, is_work);
		if (at == NULL) {
			goto out;
		}
		*r = (struct region){ at, REGION_BYTES };
	}
	taken = r->at;
	r->at += size_bytes;
	r->left -= size_bytes;
out:
	mutex_unlock(&m->lock);
	return taken;
}

void supply_init(struct supply *s, struct memory *m, bool is_late) {
	*s = (struct supply){ .memory = m, .is_late = is_late };
}

enum tng_code supply_entries(struct supply *s, uint32_t n, struct entry **out, uint32_t *first) {
	uint32_t piece = s->is_late ? PIECE_ENTRIES / LATE_DIVISOR : PIECE_ENTRIES;

	if (n == 0) {
		*out = NULL;
		*first = 0;
		return TNG_OK;
	}
	if (n > s->nentries) {
		if (n > piece / 4) {
			uint32_t got;
			return take_entries(s->memory, n, n, out, first, &got);
		}
		enum tng_code code = take_entries(
				s->memory, n, piece, &s->entries, &s->first, &s->nentries);
		if (code != TNG_OK) {
			s->nentries = 0;
			return code;
		}
	}
	*out = s->entries;
	*first = s->first;
	s->entries += n;
	s->first += n;
	s->nentries -= n;
	return TNG_OK;
}

static char *supply_bytes(struct supply *s, struct region *r, size_t size_bytes) {
	size_t piece = s->is_late ? PIECE_BYTES / LATE_DIVISOR : PIECE_BYTES;
	bool is_work = r == &s->work;

	if (r->left < size_bytes) {
		if (TNG_ARENA_MALLOC || size_bytes > piece / 4) {
			return take_bytes(s->memory, size_bytes, is_work);
		}
		char *at = take_bytes(s->memory, piece, is_work);
		if (at == NULL) {
			return NULL;
		}
		*r = (struct region){ at, piece };
	}
	char *taken = r->at;
	r->at += size_bytes;
	r->left -= size_bytes;
	return taken;
}

char *supply_names(struct supply *s, size_t size_bytes) {
	return supply_bytes(s, &s->names, size_bytes);
}

void *supply_work(struct supply *s, size_t size_bytes) {
	if (size_bytes > SIZE_MAX - 15) {
		return NULL;
	}
	return supply_bytes(s, &s->work, (size_bytes + 15) & ~(size_t)15);
}
