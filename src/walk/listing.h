/*
 * walk/listing.h - the names of one directory, on their way from the kernel to their rows.
 *
 *   reader ──listing_add──▶ text: name NUL [target NUL] ...; items: one a name
 *                             └─ listing_sort ──▶ items in byte order of the names
 */
#ifndef WALK_LISTING_H
#define WALK_LISTING_H

#include "walk/memory.h"

enum listed_as {
	LISTED_OTHER,   /* not a symbolic link, as far as the listing knows */
	LISTED_LINK,    /* its target follows the name */
	LISTED_UNKNOWN, /* the file system does not tell; only between reader and listing */
};

struct item {
	uint64_t key;    /* eight bytes of the name, the first in the highest byte */
	uint32_t offset; /* of the name in the text */
	uint8_t name_len;
	uint8_t is_link;
	uint8_t os_errno; /* of readlink */
};

/* The growing buffers of one thread, used again for each directory. */
struct listing {
	struct memory *memory;
	char *text;
	size_t text_len, text_cap;
	struct item *items; /* item_cap of them, and as many again for sorting */
	size_t nitems, item_cap;
	char *first_text; /* small ones of the thread's own, to go back to after a huge directory */
	struct item *first_items;
	enum tng_code code; /* sticky: TNG_ENOMEM, TNG_ELIMIT */
};

/** Errors: TNG_ENOMEM. */
ATTR_NODISCARD enum tng_code listing_init(struct listing *l, struct supply *supply);
void listing_fini(struct listing *l);

/** Empty it; buffers that a huge directory left behind are given back. */
void listing_clear(struct listing *l);

/** Append a name, with its target if it is a symbolic link. "." and ".." are passed over. */
void listing_add(struct listing *l, int dir_fd, const char *name, size_t len, enum listed_as as);

/** Sort by unsigned bytes and drop names that a directory in motion gave twice. */
void listing_sort(struct listing *l);

/** The bytes that an item's name and target take, their NULs included. */
size_t item_bytes(const struct listing *l, const struct item *item);

#endif
