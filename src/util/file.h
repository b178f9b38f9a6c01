/*
 * util/file.h - whole files in, whole files out.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include "util/arena.h"
#include "util/error.h"

/**
 * Read a regular file whole.
 *
 * dir_fd     what a relative `path` is relative to; AT_FDCWD: the working directory
 * path       NUL-terminated
 * max_bytes  a larger file is TNG_ELIMIT
 * out        in the arena, a NUL behind it; set on TNG_OK only
 * Errors     TNG_EIO (os_errno: ENOENT, EACCES, EISDIR, ...), TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code file_read(struct arena *a, int dir_fd, const char *path, size_t max_bytes,
		struct str *out, struct tng_error *err);

/** Read a descriptor to its end, whatever it is; as file_read(). */
ATTR_NODISCARD
enum tng_code file_read_fd(
		struct arena *a, int fd, size_t max_bytes, struct str *out, struct tng_error *err);

/** Write all of `s`, however the system cuts it up; 0, or an errno. */
ATTR_NODISCARD int file_write_all(int fd, struct str s);

/**
 * Put a file in the place of another, or of none: a temporary file beside it, flushed, then renamed, so
 * that a reader sees the old text or the new one. Mode and, where permitted, owner stay.
 *
 * dir_fd   what a relative `path` is relative to
 * path     NUL-terminated; a symbolic link, another type than a regular file, and a file without write
 *          permission are refused
 * Errors   TNG_EINVAL: refused; TNG_EIO
 */
ATTR_NODISCARD
enum tng_code file_replace(int dir_fd, const char *path, struct str text, struct tng_error *err);

#endif
