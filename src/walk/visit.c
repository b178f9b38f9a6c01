/*
 * One directory: open it, list it, give its names their rows, look at each.
 *
 *   task ─▶ open ─▶ list ─▶ sort ─▶ rows ─▶ stat, stat, stat ... ─▶ directories found: the queue
 *                                             └─▶ another thread idle: half of what is left is its
 */
#include "walk/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_BLOCK                                                                                 \
	256U /* entries between two glances at who is idle; ranges are twice that at least */

static uint8_t errno_byte(int os_errno) {
	return (uint8_t)(os_errno > 0 && os_errno <= UINT8_MAX ? os_errno : EIO);
}

/* A slot a descriptor: one is opened on the way to the other. */
static int open_from_root(struct worker *w, const struct dir *dir, int *out) {
	size_t depth = 0;
	int fd = w->crew->root_fd, failed = 0;

	for (const struct dir *d = dir; d->parent != NULL; d = d->parent) {
		depth++;
	}
	const struct dir **chain =
			memory_resize(w->crew->memory, NULL, depth, sizeof(const void *));
	if (chain == NULL) {
		return ENOMEM;
	}
	size_t at = depth;
	for (const struct dir *d = dir; d->parent != NULL; d = d->parent) {
		chain[--at] = d;
	}
	for (; at < depth && failed == 0; at++) {
		int next = -1;
		failed = w->reader.ops->open(&w->reader, fd, dir_name(chain[at]), &next);
		if (fd != w->crew->root_fd) {
			(void)close(fd);
		}
		fd = next;
	}
	free(chain);
	*out = fd;
	return failed;
}

static int open_dir(struct worker *w, struct dir *dir) {
	const struct dir *parent = dir->parent;

	if (parent == NULL) {
		return w->reader.ops->open(&w->reader, w->crew->root_fd, ".", &dir->fd);
	}
	if (dir->holds_parent && parent->fd >= 0) {
		return w->reader.ops->open(&w->reader, parent->fd, dir_name(dir), &dir->fd);
	}
	return open_from_root(w, dir, &dir->fd);
}

/* Rows and a name block for what the listing holds, in its order. */
static enum tng_code give_rows(struct worker *w, struct dir *dir) {
	const struct listing *l = &w->listing;
	size_t bytes = 1;

	if (l->nitems > UINT32_MAX - 1) {
		return TNG_ELIMIT;
	}
	for (size_t i = 0; i < l->nitems; i++) {
		bytes += item_bytes(l, &l->items[i]);
	}
	char *names = bytes <= UINT32_MAX ? supply_names(&w->supply, bytes) : NULL;
	if (names == NULL) {
		return bytes <= UINT32_MAX ? TNG_ENOMEM : TNG_ELIMIT;
	}
	enum tng_code code = supply_entries(
			&w->supply, (uint32_t)l->nitems, &dir->children, &dir->first);
	if (code != TNG_OK) {
		return code;
	}
	names[0] = '\0';
	size_t at = 1;
	for (size_t i = 0; i < l->nitems; i++) {
		const struct item *item = &l->items[i];
		size_t n = item_bytes(l, item);
		memcpy(names + at, l->text + item->offset, n);
		dir->children[i] = (struct entry){
			.name = (uint32_t)at,
			.name_len = item->name_len,
			.mode = item->is_link ? S_IFLNK
					      : 0, /* what is listed, until it is looked at */
			.os_errno = item->os_errno,
		};
		at += n;
	}
	dir->names = names;
	dir->nchildren = (uint32_t)l->nitems;
	return TNG_OK;
}

static void count_failed(struct worker *w, int os_errno) {
	w->counts.nfailed++;
	w->counts.nvanished += os_errno == ENOENT;
}

static bool add_dir(struct worker *w, struct dir *parent, struct entry *e, const struct facts *f) {
	struct dir *dir = supply_work(&w->supply, sizeof(*dir));

	if (dir == NULL) {
		return false;
	}
	*dir = (struct dir){
		.parent = parent,
		.entry = e,
		.names = "",
		.device = f->device,
		.nlink = f->nlink,
		.fd = -1,
		.is_mount = f->device != parent->device,
		.holds_parent = parent->is_kept,
	};
	if (parent->is_kept) {
		/* we hold one ourselves, so it cannot be zero meanwhile */
		atomic_fetch_add_explicit(&parent->users, 1, memory_order_relaxed);
	}
	entry_set_dir(e, dir);
	w->counts.ndirs++;
	w->counts.nmounts += dir->is_mount;
	queue_found(&w->link, dir);
	return true;
}

static bool add_extra(struct worker *w, struct entry *e, const struct facts *f) {
	w->extras[w->nextras++] = (struct extra){
		.entry = e, .device = f->device, .blocks = f->blocks, .nlink = f->nlink
	};
	return w->nextras < CREW_EXTRAS || worker_flush_extras(w);
}

/* Stat one entry; false when out of memory. */
static bool look(struct worker *w, struct dir *dir, struct entry *e) {
	struct facts f = { 0 };
	bool listed_link = S_ISLNK(e->mode);
	int failed = e->os_errno != 0 && !listed_link
			? e->os_errno
			: w->reader.ops->stat(dir->fd, dir->names + e->name, &f);

	if (failed == 0 && S_ISLNK(f.mode) && !listed_link) {
		failed = ENOENT; /* what was listed is gone, a link has its name now */
	}
	if (UNLIKELY(failed != 0)) {
		e->mode = 0;
		e->os_errno = errno_byte(failed);
		count_failed(w, failed);
		return true;
	}
	e->size = S_ISCHR(f.mode) || S_ISBLK(f.mode) ? f.device_number : f.size;
	e->mtime_ns = f.mtime_ns;
	e->inode = f.inode;
	e->mode = f.mode;
	e->blocks = f.blocks < ENTRY_BLOCKS_MAX ? (uint32_t)f.blocks : ENTRY_BLOCKS_MAX;
	if (UNLIKELY(e->os_errno != 0)) {
		if (S_ISLNK(f.mode)) {
			count_failed(w, e->os_errno); /* its target could not be read */
		} else {
			e->os_errno = 0; /* the link is gone, something else has its name */
		}
	}
	bool fits = e->blocks < ENTRY_BLOCKS_MAX;
	if (S_ISDIR(f.mode)) {
		return add_dir(w, dir, e, &f) && (fits || add_extra(w, e, &f));
	}
	w->nbytes += f.size;
	return (LIKELY(f.nlink == 1 && fits && f.device == dir->device)) || add_extra(w, e, &f);
}

/* Look at children [from, to), giving away the upper half while somebody is idle. */
static bool look_at_range(struct worker *w, struct dir *dir, uint32_t from, uint32_t to) {
	struct queue *q = w->link.queue;

	while (from < to) {
		if (to - from > 2 * LOOK_BLOCK && queue_has_idle(q)) {
			uint32_t half = from + (to - from) / 2;
			if (queue_give(q, dir, half, to)) {
				to = half;
				crew_call(w->crew);
			}
		}
		uint32_t end = to - from > LOOK_BLOCK ? from + LOOK_BLOCK : to;
		uint32_t n = end - from;
		for (; from < end; from++) {
			if (!look(w, dir, &dir->children[from])) {
				return false;
			}
		}
		w->counts.nentries += n;
		worker_look_up(w, dir, n);
		if (from < to && queue_has_idle(q)) {
			queue_push(&w->link);
			crew_call(w->crew);
		}
	}
	return true;
}

/* Open and list; an errno. After a failure to open, dir->fd is -1. */
static int open_and_list(struct worker *w, struct dir *dir) {
	int failed = open_dir(w, dir);

	if (failed != 0) {
		dir->fd = -1;
		return failed;
	}
	w->link.nslots--;
	atomic_store_explicit(&dir->users, 1, memory_order_relaxed); /* not shared yet */
	return w->reader.ops->list(&w->reader, dir->fd, &w->listing);
}

/* What was listed, be it all there is or not, becomes rows. */
static enum tng_code take_listing(struct worker *w, struct dir *dir) {
	if (w->listing.code != TNG_OK) {
		return w->listing.code;
	}
	listing_sort(&w->listing);
	enum tng_code code = give_rows(w, dir);
	if (code != TNG_OK) {
		return code;
	}
	return look_at_range(w, dir, 0, dir->nchildren) ? TNG_OK : TNG_ENOMEM;
}

static enum tng_code visit(struct worker *w, const struct task *task) {
	struct dir *dir = task->dir;
	enum tng_code code = TNG_OK;

	listing_clear(&w->listing);
	int failed = open_and_list(w, dir);
	bool is_open = dir->fd >= 0;
	if ((failed == EMFILE || failed == ENFILE) && !task->is_last_resort) {
		if (is_open) {
			queue_release(&w->link, dir);
		}
		queue_put_back(&w->link, dir);
		return TNG_OK;
	}
	if (dir->holds_parent) {
		queue_release(&w->link, dir->parent);
	}
	if (failed != 0) {
		dir->os_errno = errno_byte(failed);
		w->counts.nunreadable++;
		w->counts.nvanished += failed == ENOENT;
	}
	if (is_open) {
		code = take_listing(w, dir);
		queue_release(&w->link, dir);
	} else if (failed == ENOMEM) {
		code = TNG_ENOMEM;
	}
	worker_look_up(w, dir, 4);
	return code;
}

void worker_run(struct worker *w) {
	struct task task;

	while (queue_next(&w->link, &task)) {
		enum tng_code code = TNG_OK;
		if (task.to == 0) {
			code = visit(w, &task);
		} else {
			if (!look_at_range(w, task.dir, task.from, task.to)) {
				code = TNG_ENOMEM;
			}
			queue_release(&w->link, task.dir);
		}
		if (code != TNG_OK) {
			queue_fail(w->link.queue, code);
		}
		if (w->link.nfound > 1 && queue_nmissing(w->link.queue) > 0) {
			queue_push(&w->link);
			crew_call(w->crew);
		}
	}
	(void)worker_flush_extras(w);
}
