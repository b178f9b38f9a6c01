/*
 * walk/internal.h - what the files of this room share: the directories of a walk under way, and the
 * finished table.
 *
 *   struct dir (linked by parent) ──tree_number──▶ struct tree: order, dirs, hard links
 */
#ifndef WALK_INTERNAL_H
#define WALK_INTERNAL_H

#include "walk/memory.h"
#include "walk/walk.h"

#include <stdatomic.h>

#define ENTRY_TYPE_MASK 0170000U

/*
 * A directory while the walk goes on. Its row points here: entry->size holds the address, and is
 * replaced by the number at the end. Its children lie side by side in byte order of their names.
 */
struct dir {
	struct dir *parent; /* NULL: the root */
	struct dir *next;   /* in a list of directories to read */
	struct entry *entry;
	struct entry *children;
	const char *names; /* begins with a NUL: the empty name of the root */
	uint64_t device;
	uint32_t first; /* handle of the first child */
	uint32_t nchildren;
	uint32_t nlink;
	uint32_t number, cursor; /* tree_number */
	int fd;                  /* -1: not open */
	/* Who needs fd: who reads or looks at it, ranges to look at, and, if is_kept, each child that has
	 * not been opened. Relaxed up, since whoever goes up holds one; down with acquire and release,
	 * so that the last one closes after all the others' calls. */
	atomic_uint users;
	uint8_t os_errno;
	bool is_mount;
	bool is_kept;      /* fd stays open for the children */
	bool holds_parent; /* counted in the parent's users */
};

static inline const char *dir_name(const struct dir *d) {
	return d->parent != NULL ? d->parent->names + d->entry->name : "";
}

/* The address in a directory's row, until tree_number() puts the number there. */
static inline void entry_set_dir(struct entry *e, struct dir *dir) {
	e->size = (uintptr_t)dir;
}

static inline struct dir *entry_dir(const struct entry *e) {
	uintptr_t address = (uintptr_t)e->size;
	struct dir *dir;

	memcpy(&dir, &address,
			sizeof(address)); /* a cast would hide its origin from the compiler */
	return dir;
}

/* What does not fit into struct entry. During the walk entry->parent is the number in the list + 1, or
 * 0 for the many that have none. */
struct extra {
	struct entry *entry; /* NULL once row is known */
	uint64_t device;
	uint64_t blocks;
	uint32_t nlink;
	uint32_t row;
};

struct tree {
	struct memory memory;
	const uint32_t *order; /* handles by row */
	struct tree_dir *dirs;
	uint32_t nrows, ndirs;
	struct extra *extras; /* by row after the walk */
	size_t nextras;
	struct hard_link *links;
	uint32_t nlinks;
	struct tree_stats stats;
	tree_open_fn open; /* NULL: files are on disk */
	void *open_user;
};

/** An empty tree; NULL when out of memory. */
ATTR_NODISCARD struct tree *tree_create(void);

/**
 * Number rows and directories of a complete walk and hand the working memory back.
 *
 * root     with everything below it; gone afterwards
 * nrows    entries, the root's included
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code tree_number(struct tree *tree, struct dir *root, uint32_t nrows, uint32_t ndirs);

/** Fill tree->links from tree->extras, which are in row order. Errors: TNG_ENOMEM. */
ATTR_NODISCARD enum tng_code tree_link_groups(struct tree *tree);

/** For hash tables of files. */
static inline uint64_t file_hash(uint64_t device, uint64_t inode) {
	uint64_t h = (inode ^ device << 40) * UINT64_C(0x9E3779B97F4A7C15);

	return h ^ h >> 29;
}

/** For tests: as the doors' functions, but the (nallocs+1)th allocation fails, and all after it. */
ATTR_NODISCARD
enum tng_code tree_walk_failing(int root_fd, const struct walk_options *options, size_t nallocs,
		struct tree **out, struct tng_error *err);
ATTR_NODISCARD
enum tng_code tree_from_items_failing(const struct tree_item *items, size_t n, size_t nallocs,
		struct tree **out, struct tng_error *err);
ATTR_NODISCARD
enum tng_code tree_from_rows_failing(const struct tree_row *rows, size_t n, size_t nallocs,
		struct tree **out, struct tng_error *err);

#define NEVER_FAIL SIZE_MAX

#endif
