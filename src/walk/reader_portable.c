/*
 * The reader of every POSIX system: readdir and fstatat. It is compiled and tested on Linux too.
 */
#include "walk/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__APPLE__)
#define MTIM st_mtimespec
#else
#define MTIM st_mtim
#endif

static int open_dir(struct reader *r, int dir_fd, const char *name, int *fd) {
	(void)r;
	do {
		*fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	} while (*fd < 0 && errno == EINTR);
	return *fd < 0 ? errno : 0;
}

static enum listed_as listed_as(const struct dirent *entry) {
#if defined(DT_UNKNOWN) && defined(DT_LNK)
	if (entry->d_type == DT_UNKNOWN) {
		return LISTED_UNKNOWN;
	}
	return entry->d_type == DT_LNK ? LISTED_LINK : LISTED_OTHER;
#else
	(void)entry;
	return LISTED_UNKNOWN;
#endif
}

/* closedir() closes what fdopendir() was given, and the descriptor must outlive the listing. */
static int list(struct reader *r, int fd, struct listing *out) {
	int own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int failed = 0;

	(void)r;
	if (own_fd < 0) {
		return errno;
	}
	DIR *stream = fdopendir(own_fd);
	if (stream == NULL) {
		failed = errno;
		(void)close(own_fd);
		return failed;
	}
	for (;;) {
		errno = 0;
		/* the stream is ours alone: NOLINTNEXTLINE(concurrency-mt-unsafe) */
		const struct dirent *entry = readdir(stream);
		if (entry == NULL) {
			failed = errno;
			break;
		}
		listing_add(out, fd, entry->d_name, strlen(entry->d_name), listed_as(entry));
	}
	(void)closedir(stream);
	return failed;
}

static int64_t mtime_ns(const struct stat *st) {
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)st->MTIM.tv_sec, INT64_C(1000000000), &ns) ||
			__builtin_add_overflow(ns, (int64_t)st->MTIM.tv_nsec, &ns)) {
		return st->MTIM.tv_sec < 0 ? INT64_MIN : INT64_MAX;
	}
	return ns;
}

static int stat_entry(int dir_fd, const char *name, struct facts *out) {
	struct stat st;
	int failed = name[0] != '\0' ? fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW)
				     : fstat(dir_fd, &st);

	if (failed != 0) {
		return errno;
	}
	*out = (struct facts){
		.size = (uint64_t)st.st_size,
		.mtime_ns = mtime_ns(&st),
		.inode = (uint64_t)st.st_ino,
		.device = (uint64_t)st.st_dev,
		.device_number = (uint64_t)st.st_rdev,
		.blocks = (uint64_t)st.st_blocks,
		.nlink = st.st_nlink < UINT32_MAX ? (uint32_t)st.st_nlink : UINT32_MAX,
		.mode = (uint16_t)st.st_mode,
	};
	return 0;
}

const struct reader_ops reader_portable = {
	.name = "portable",
	.open = open_dir,
	.list = list,
	.stat = stat_entry,
};

const struct reader_ops *reader_choose(bool portable) {
#if defined(__linux__) && !defined(TNG_PORTABLE_WALK)
	return portable ? &reader_portable : &reader_linux;
#else
	(void)portable;
	return &reader_portable;
#endif
}
