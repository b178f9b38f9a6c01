/*
 * walk/walk.h - a directory becomes a table: one row an entry, in the builders' order.
 *
 *   root fd --tree_walk--> tree: row 0 is the root, then depth first, the names of each directory
 *                          in byte order. A directory's row is followed by its whole subtree:
 *                          rows [row, tree_end(row)).
 *
 * The table is the same at any number of threads, and frozen once the walk returns. The walk has
 * never heard of patterns. Symbolic links are never followed, mount points are crossed (as docker
 * does), names are bytes. What cannot be read is a row, or a directory, with an errno.
 *
 * Memory: 40 bytes and the name an entry, 4 bytes for the order, some 64 a directory.
 */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

#define TREE_NO_ROW UINT32_MAX
#define ENTRY_BLOCKS_MAX UINT32_MAX

enum entry_type {
	ENTRY_FILE,
	ENTRY_DIR,
	ENTRY_SYMLINK,
	ENTRY_FIFO,
	ENTRY_SOCKET,
	ENTRY_CHAR_DEVICE,
	ENTRY_BLOCK_DEVICE,
	ENTRY_UNKNOWN, /* could not be looked at: see os_errno */
};

/** What stat said of one entry. Read it through the functions below where there is one. */
struct entry {
	uint64_t size;    /* st_size; a directory: its number, see tree_dir(); a device: st_rdev */
	int64_t mtime_ns; /* since 1970, may be negative; saturated at the ends of 64 bits */
	uint64_t inode;
	uint32_t blocks; /* allocated, 512 bytes each; ENTRY_BLOCKS_MAX and more: see tree_allocated() */
	uint32_t parent; /* number of the directory it is in; the root's is its own */
	uint32_t name;   /* where the name starts in the name block of that directory */
	uint16_t mode;   /* st_mode: type and permission bits */
	uint8_t name_len;
	uint8_t os_errno; /* 0: all well; else why it could not be looked at (lstat, readlink) */
};

/** One directory. Numbered in row order, the root is 0; a parent's number is below its child's. */
struct tree_dir {
	const char *names; /* what struct entry's `name` of its children is relative to */
	uint64_t device; /* of the entries in it (the directory's own, which a mount point changes) */
	uint32_t row;
	uint32_t end;      /* the row after the last one below it */
	uint32_t parent;   /* number of the directory it is in */
	uint32_t nentries; /* directly in it */
	uint32_t nlink;
	uint8_t os_errno; /* why it could not be opened or listed to its end; 0: all well */
	bool is_mount;    /* another device than its parent's */
};

struct tree;

/** What is going on, for a progress line. Called at most every 100 ms, from one thread at a time. */
struct walk_progress {
	uint64_t nentries;
	uint64_t bytes;
	struct str dir; /* a directory being read, relative to the root; valid during the call */
};
typedef void (*walk_progress_fn)(void *user, const struct walk_progress *progress);

struct walk_options {
	unsigned njobs; /* threads; 0: choose by processors, and grow when the disk is slow */
	bool portable;  /* readdir and fstatat even where getdents64 and statx exist */
	walk_progress_fn on_progress; /* NULL: none */
	void *user;
};

/**
 * Walk everything below a directory.
 *
 * root_fd  an open directory; only its descriptor is used, and it stays the caller's
 * options  NULL: the defaults
 * out      set on TNG_OK only; ended with tree_destroy()
 * Errors   TNG_ENOMEM; TNG_EIO when the root itself cannot be read; TNG_ELIMIT past 2^32-2 entries.
 *          Anything below the root that cannot be read is data.
 * Threads  starts and joins its own
 */
ATTR_NODISCARD
enum tng_code tree_walk(int root_fd, const struct walk_options *options, struct tree **out,
		struct tng_error *err);

/**
 * A tree from a listing instead of a file system, for tests and for trees of other origin.
 *
 * Rows arrive in any order; missing parent directories are made (mode 0755). A path that appears
 * twice, or below something that is not a directory, is TNG_EINVAL.
 */
struct tree_item {
	struct str path; /* relative, clean, no trailing slash */
	enum entry_type type;
	uint64_t size; /* of a device: its number, as makedev() makes it */
	int64_t mtime_ns;
	uint16_t mode;     /* permission bits; the type's are added */
	uint64_t inode;    /* 0: one of its own */
	struct str target; /* of a symbolic link */
};
ATTR_NODISCARD
enum tng_code tree_from_items(
		const struct tree_item *items, size_t n, struct tree **out, struct tng_error *err);

/**
 * A tree whose rows come in their order already: nothing is sorted, and no path is taken apart.
 *
 * rows     the root's is not among them: rows[i] is row i + 1
 * Errors   TNG_EINVAL: they are not depth first, or names of a directory do not rise; TNG_ENOMEM, TNG_ELIMIT
 */
struct tree_row {
	struct str name;
	uint32_t parent;      /* row of its directory */
	enum entry_type type; /* a file, a directory or a symbolic link */
	uint64_t size;
	struct str target; /* of a symbolic link */
	uint16_t mode;     /* permission bits */
};
ATTR_NODISCARD
enum tng_code tree_from_rows(
		const struct tree_row *rows, size_t n, struct tree **out, struct tng_error *err);

/** NULL is allowed. */
void tree_destroy(struct tree *tree);

/** Rows, the root's included. */
uint32_t tree_nrows(const struct tree *tree);

uint32_t tree_ndirs(const struct tree *tree);

const struct entry *tree_entry(const struct tree *tree, uint32_t row);

/** Directory by number, 0 <= number < tree_ndirs(). */
const struct tree_dir *tree_dir(const struct tree *tree, uint32_t number);

enum entry_type entry_type(const struct entry *entry);

/** "file", "directory", "symlink", "fifo", "socket", "char-device", "block-device"; else "unknown". */
const char *entry_type_name(enum entry_type type);

static inline bool entry_is_dir(const struct entry *entry) {
	return (entry->mode & 0170000U) == 0040000U;
}

static inline bool entry_is_file(const struct entry *entry) {
	return (entry->mode & 0170000U) == 0100000U;
}

/** The directory that a directory's row is; the row must be one. */
static inline const struct tree_dir *tree_dir_of(const struct tree *tree, const struct entry *dir) {
	return tree_dir(tree, (uint32_t)dir->size);
}

/** Last component; empty for the root. Also NUL-terminated. Lives as long as the tree. */
static inline struct str tree_name(const struct tree *tree, const struct entry *entry) {
	return str_make(tree_dir(tree, entry->parent)->names + entry->name, entry->name_len);
}

static inline bool entry_is_device(const struct entry *entry) {
	unsigned type = entry->mode & 0170000U;

	return type == 0020000U || type == 0060000U;
}

/** Apparent size in bytes as the builders count it: 0 for directories and devices, a link's is its
 * target's. */
static inline uint64_t entry_size(const struct entry *entry) {
	return entry_is_dir(entry) || entry_is_device(entry) ? 0 : entry->size;
}

/** The device that a device's entry stands for (st_rdev); 0 for anything else. */
static inline uint64_t entry_device_number(const struct entry *entry) {
	return entry_is_device(entry) ? entry->size : 0;
}

/** Bytes on disk. */
uint64_t tree_allocated(const struct tree *tree, uint32_t row);

/** Hard links of the entry (st_nlink). */
uint32_t tree_nlink(const struct tree *tree, uint32_t row);

/** Device it is on (st_dev); with the inode it says which names are one file. */
uint64_t tree_device(const struct tree *tree, uint32_t row);

/** Target of a symbolic link, NUL-terminated; empty for anything else. */
struct str tree_link_target(const struct tree *tree, uint32_t row);

/** Row of the directory it is in; TREE_NO_ROW for the root. */
uint32_t tree_parent(const struct tree *tree, uint32_t row);

/** The row after the subtree: row + 1 for what is not a directory. */
uint32_t tree_end(const struct tree *tree, uint32_t row);

/** Components of the path: 0 for the root. */
uint32_t tree_depth(const struct tree *tree, uint32_t row);

struct buf;
/** Append the path relative to the root ("" for the root), no trailing slash. */
void tree_path(const struct tree *tree, uint32_t row, struct buf *out);

/** Row of the entry of that name in a directory, by its number; TREE_NO_ROW when there is none. */
uint32_t tree_child(const struct tree *tree, uint32_t number, struct str name);

/** Row of a path relative to the root (clean); TREE_NO_ROW when there is none. */
uint32_t tree_find(const struct tree *tree, struct str path);

/** The same of a path relative to a directory, by its number. */
uint32_t tree_find_below(const struct tree *tree, uint32_t number, struct str path);

/**
 * Rows of non-directories with a link count above 1, in row order, grouped by file: `group` is the
 * same number for all names of one file that were seen, numbered from 0 by their first row.
 */
struct hard_link {
	uint32_t row;
	uint32_t group;
};
const struct hard_link *tree_hard_links(const struct tree *tree, uint32_t *n);

/**
 * Directories of a tree, opened again for a second look at some rows: quick when these come in row order.
 * Nothing follows a link. One thread at a time.
 *
 * root_fd  what the tree was walked from; stays the caller's
 */
struct tree_opener;

/** Opens a regular file of a tree that is not on disk: a descriptor at its start, or -1. */
typedef int (*tree_open_fn)(void *user, uint32_t row);

/** From now on files of the tree are opened so. */
void tree_set_files(struct tree *tree, tree_open_fn open, void *user);

/** NULL when out of memory. */
ATTR_NODISCARD struct tree_opener *tree_opener_create(const struct tree *tree, int root_fd);

/** The descriptor of directory `number`, good until the next call; -1 when it cannot be opened. */
int tree_opener_dir(struct tree_opener *opener, uint32_t number);

/**
 * Open a regular file of the tree for reading. What became something else since, a FIFO for example, is not
 * opened, and holds nobody up.
 *
 * Returns  a descriptor, the caller's to close; -1 with errno
 */
ATTR_NODISCARD int tree_opener_file(struct tree_opener *opener, uint32_t row);

/** NULL is allowed. */
void tree_opener_destroy(struct tree_opener *opener);

/** An extended attribute. Builders send names and values; for their size the lengths do. */
struct tree_xattr {
	uint32_t row;
	uint32_t value_bytes;
	struct str name;
};

/**
 * The extended attributes of some rows: one system call for each of them and two for an attribute. What
 * cannot be read has none, and so has everything on systems other than Linux.
 *
 * a        owns the list and the names
 * root_fd  what the tree was walked from
 * wanted   per row: not 0
 * out, n   in row order
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code tree_read_xattrs(struct arena *a, int root_fd, const struct tree *tree,
		const uint8_t *wanted, struct tree_xattr **out, size_t *n, struct tng_error *err);

/** The same of one name in an open directory; the row is set to `row`. */
ATTR_NODISCARD
enum tng_code tree_read_xattrs_at(struct arena *a, int dir_fd, const char *name, uint32_t row,
		struct tree_xattr **out, size_t *n, struct tng_error *err);

/**
 * Regular files among the wanted rows that this process may not read. Root may; for others only files
 * whose mode leaves it open are asked about.
 *
 * out, n   rows, ascending; in the arena
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code tree_find_unreadable(struct arena *a, int root_fd, const struct tree *tree,
		const uint8_t *wanted, uint32_t **out, size_t *n, struct tng_error *err);

/** What the walk could not do, and what it crossed. */
struct tree_stats {
	uint64_t nunreadable_dirs; /* could not be opened or listed to the end */
	uint64_t nfailed_entries;  /* could not be looked at, vanished ones included */
	uint64_t nvanished;        /* of both: gone between listing and looking (ENOENT) */
	uint64_t nmounts;          /* mount points crossed */
	uint64_t elapsed_ns;
	unsigned nthreads;
};
struct tree_stats tree_stats(const struct tree *tree);

#endif
