/*
 * The reader of Linux: getdents64 into a large buffer and statx.
 */
#include "walk/reader.h"

#if defined(__linux__)

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What getdents64 writes, getdents64(2). */
struct record {
	uint64_t inode;
	int64_t next_off;
	uint16_t size_bytes;
	uint8_t type;
	char name[];
};

static int open_dir(struct reader *r, int dir_fd, const char *name, int *fd) {
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	for (;;) {
		*fd = openat(dir_fd, name, r->keeps_atime ? flags | O_NOATIME : flags);
		if (*fd >= 0) {
			return 0;
		}
		if (errno == EPERM && r->keeps_atime) {
			r->keeps_atime = false; /* another owner's: the neighbours mostly are too */
		} else if (errno != EINTR) {
			return errno;
		}
	}
}

static enum listed_as listed_as(uint8_t type) {
	switch (type) {
	case DT_LNK:
		return LISTED_LINK;
	case DT_UNKNOWN:
		return LISTED_UNKNOWN;
	default:
		return LISTED_OTHER;
	}
}

/* A short read is not the end. An offset of INT64_MAX behind the last name is: ext4 and btrfs say so
 * and save a call a directory; other systems get the call that returns 0. */
static int list(struct reader *r, int fd, struct listing *out) {
	for (;;) {
		long n = syscall(SYS_getdents64, fd, r->buffer, READER_BUFFER_BYTES);
		if (n <= 0) {
			return n == 0 ? 0 : errno;
		}
		const char *at = r->buffer, *end = at + n;
		int64_t next_off = 0;
		while (at < end) {
			const struct record *record = (const void *)at;
			listing_add(out, fd, record->name, strlen(record->name),
					listed_as(record->type));
			next_off = record->next_off;
			at += record->size_bytes;
		}
		if (next_off == INT64_MAX || out->code != TNG_OK) {
			return 0;
		}
	}
}

static int64_t mtime_ns(const struct statx *st) {
	int64_t ns;

	if (__builtin_mul_overflow(st->stx_mtime.tv_sec, INT64_C(1000000000), &ns) ||
			__builtin_add_overflow(ns, (int64_t)st->stx_mtime.tv_nsec, &ns)) {
		return st->stx_mtime.tv_sec < 0 ? INT64_MIN : INT64_MAX;
	}
	return ns;
}

static int stat_entry(int dir_fd, const char *name, struct facts *out) {
	struct statx st;
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH;

	if (statx(dir_fd, name, flags, STATX_BASIC_STATS, &st) != 0) {
		/* a sandbox older than statx: the portable call gives the same facts */
		return errno == ENOSYS || errno == EPERM ? reader_portable.stat(dir_fd, name, out)
							 : errno;
	}
	*out = (struct facts){
		.size = st.stx_size,
		.mtime_ns = mtime_ns(&st),
		.inode = st.stx_ino,
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.device_number = makedev(st.stx_rdev_major, st.stx_rdev_minor),
		.blocks = st.stx_blocks,
		.nlink = st.stx_nlink,
		.mode = st.stx_mode,
	};
	return 0;
}

const struct reader_ops reader_linux = {
	.name = "linux",
	.needs_buffer = true,
	.open = open_dir,
	.list = list,
	.stat = stat_entry,
};

#endif
