/*
 * context/confined.h - reading a file below a directory without leaving it.
 *
 * BuildKit's client resolves links inside the directory it serves: an absolute target starts at that
 * directory, ".." stops there (fsutil followlinks.go; ignore-semantics 6.5).
 */
#ifndef CONTEXT_CONFINED_H
#define CONTEXT_CONFINED_H

#include "util/arena.h"
#include "util/error.h"

/** As the kernel's limit for links on the way to one file. */
#define CONFINED_LINKS_MAX 40

/**
 * Read a regular file below `dir_fd`, links resolved inside it.
 *
 * path     relative, '/' between components
 * Errors   TNG_EIO (os_errno: ENOENT, EACCES, EISDIR, ELOOP, ...), TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code confined_read(struct arena *a, int dir_fd, struct str path, size_t max_bytes,
		struct str *out, struct tng_error *err);

#endif
