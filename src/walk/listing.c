#include "walk/listing.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_TEXT_BYTES ((size_t)32 << 10)
#define FIRST_ITEMS ((size_t)1 << 10)
#define NAME_MAX_BYTES 255U
#define TARGET_MAX_BYTES 4096U /* PATH_MAX with its NUL; systems allow no longer one */
#define SLACK_BYTES 8U         /* behind the text: keys are read eight bytes at a time */

enum tng_code listing_init(struct listing *l, struct supply *supply) {
	*l = (struct listing){ .memory = supply->memory };
	l->first_text = supply_work(supply, FIRST_TEXT_BYTES);
	l->first_items = supply_work(supply, 2 * FIRST_ITEMS * sizeof(*l->items));
	if (l->first_text == NULL || l->first_items == NULL) {
		return TNG_ENOMEM;
	}
	l->text = l->first_text;
	l->text_cap = FIRST_TEXT_BYTES;
	l->items = l->first_items;
	l->item_cap = FIRST_ITEMS;
	return TNG_OK;
}

static void free_grown(struct listing *l) {
	if (l->text != l->first_text) {
		free(l->text);
		l->text = l->first_text;
		l->text_cap = FIRST_TEXT_BYTES;
	}
	if (l->items != l->first_items) {
		free(l->items);
		l->items = l->first_items;
		l->item_cap = FIRST_ITEMS;
	}
}

void listing_fini(struct listing *l) {
	free_grown(l);
}

void listing_clear(struct listing *l) {
	const size_t is_huge = 64;

	l->text_len = 0;
	l->nitems = 0;
	if (l->item_cap > is_huge * FIRST_ITEMS || l->text_cap > is_huge * FIRST_TEXT_BYTES) {
		free_grown(l);
	}
}

/* Room for `more` bytes of text and the slack. */
static bool reserve_text(struct listing *l, size_t more) {
	size_t need = l->text_len + more + SLACK_BYTES;

	if (LIKELY(need <= l->text_cap)) {
		return true;
	}
	if (need > UINT32_MAX) {
		l->code = TNG_ELIMIT; /* offsets have 32 bits */
		return false;
	}
	bool is_first = l->text == l->first_text;
	size_t cap = need + need / 2;
	char *text = memory_resize(l->memory, is_first ? NULL : l->text, cap, 1);
	if (text == NULL) {
		l->code = TNG_ENOMEM;
		return false;
	}
	if (is_first) {
		memcpy(text, l->first_text, l->text_len);
	}
	l->text = text;
	l->text_cap = cap;
	return true;
}

static bool reserve_item(struct listing *l) {
	if (LIKELY(l->nitems < l->item_cap)) {
		return true;
	}
	bool is_first = l->items == l->first_items;
	size_t cap = l->item_cap * 2;
	struct item *items = memory_resize(
			l->memory, is_first ? NULL : l->items, cap, 2 * sizeof(*items));
	if (items == NULL) {
		l->code = TNG_ENOMEM;
		return false;
	}
	if (is_first) {
		memcpy(items, l->first_items, l->nitems * sizeof(*items));
	}
	l->items = items;
	l->item_cap = cap;
	return true;
}

/* The target goes right behind the name. Where the listing does not tell types, readlink does. */
static void add_target(struct listing *l, int dir_fd, struct item *item, enum listed_as as) {
	if (!reserve_text(l, TARGET_MAX_BYTES)) {
		return;
	}
	char *target = l->text + l->text_len;
	ssize_t len = readlinkat(dir_fd, l->text + item->offset, target, TARGET_MAX_BYTES);
	int failed = len < 0 ? errno : len == (ssize_t)TARGET_MAX_BYTES ? ENAMETOOLONG : 0;

	if (as == LISTED_UNKNOWN && failed == EINVAL) {
		return; /* something else */
	}
	if (failed != 0) {
		len = 0;
	}
	target[len] = '\0';
	l->text_len += (size_t)len + 1;
	item->is_link = 1;
	item->os_errno = (uint8_t)failed;
}

void listing_add(struct listing *l, int dir_fd, const char *name, size_t len, enum listed_as as) {
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))) {
		return;
	}
	if (l->code != TNG_OK || !reserve_text(l, len + 1) || !reserve_item(l)) {
		return;
	}
	struct item *item = &l->items[l->nitems];
	*item = (struct item){ .offset = (uint32_t)l->text_len };
	if (UNLIKELY(len > NAME_MAX_BYTES)) {
		/* outside Linux's limit of 255 bytes: a row that says so, with what fits of the name */
		len = NAME_MAX_BYTES;
		item->os_errno = ENAMETOOLONG;
		as = LISTED_OTHER;
	}
	item->name_len = (uint8_t)len;
	memcpy(l->text + l->text_len, name, len);
	l->text[l->text_len + len] = '\0';
	l->text_len += len + 1;
	if (as != LISTED_OTHER) {
		add_target(l, dir_fd, item, as);
	}
	l->nitems++;
}

size_t item_bytes(const struct listing *l, const struct item *item) {
	size_t bytes = (size_t)item->name_len + 1;

	if (item->is_link) {
		bytes += strlen(l->text + item->offset + bytes) + 1;
	}
	return bytes;
}
