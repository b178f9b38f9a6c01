/*
 * walk/reader.h - the seam between the walk and the system: open, list, look at.
 *
 * Everything is relative to a directory's descriptor and nothing follows a symbolic link. Errors
 * are errno values, 0 is success. There is a portable reader everywhere and a quicker one on Linux.
 */
#ifndef WALK_READER_H
#define WALK_READER_H

#include "walk/listing.h"

/* What stat says, in our units. */
struct facts {
	uint64_t size;
	int64_t mtime_ns; /* saturated */
	uint64_t inode;
	uint64_t device;
	uint64_t device_number; /* of a device: which one */
	uint64_t blocks;
	uint32_t nlink; /* saturated */
	uint16_t mode;
};

#define READER_BUFFER_BYTES ((size_t)64 << 10)

/* One thread's. */
struct reader {
	const struct reader_ops *ops;
	void *buffer;     /* READER_BUFFER_BYTES, aligned for uint64_t; the Linux reader's */
	bool keeps_atime; /* O_NOATIME has not been refused yet */
};

struct reader_ops {
	const char *name;
	bool needs_buffer;

	/* An open directory, which is read once. */
	int (*open)(struct reader *r, int dir_fd, const char *name, int *fd);

	/* Append the names in an open directory; fd stays open. */
	int (*list)(struct reader *r, int fd, struct listing *out);

	/* name "": the open directory itself. */
	int (*stat)(int dir_fd, const char *name, struct facts *out);
};

extern const struct reader_ops reader_portable;
#if defined(__linux__)
extern const struct reader_ops reader_linux;
#endif

/** The quickest reader there is, or the portable one. */
const struct reader_ops *reader_choose(bool portable);

#endif
