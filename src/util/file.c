#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES ((size_t)64 << 10)

/* Reads until the end: the size of a file is a hint, it may grow or be a pipe's 0. */
static enum tng_code read_fd(struct arena *a, int fd, size_t hint, size_t max_bytes,
		struct str *out, struct tng_error *err) {
	size_t cap = hint < max_bytes ? hint + 1 : max_bytes + 1;
	size_t len = 0;
	char *text = arena_alloc(a, cap + 1);

	while (text != NULL) {
		ssize_t n = read(fd, text + len, cap - len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return error_set_errno(err, errno, str_from(NULL), "cannot read");
		}
		len += (size_t)n;
		if (n == 0) {
			text[len] = '\0';
			*out = str_make(text, len);
			return TNG_OK;
		}
		if (len > max_bytes) {
			return error_set(err, TNG_ELIMIT, "larger than %zu bytes", max_bytes);
		}
		if (len == cap) {
			cap = 2 * cap + READ_STEP_BYTES > max_bytes ? max_bytes + 1
								    : 2 * cap + READ_STEP_BYTES;
			char *grown = arena_alloc(a, cap + 1);
			if (grown != NULL) {
				memcpy(grown, text, len);
			}
			text = grown;
		}
	}
	return error_nomem(err);
}

enum tng_code file_read_fd(
		struct arena *a, int fd, size_t max_bytes, struct str *out, struct tng_error *err) {
	return read_fd(a, fd, READ_STEP_BYTES, max_bytes, out, err);
}

enum tng_code file_read(struct arena *a, int dir_fd, const char *path, size_t max_bytes,
		struct str *out, struct tng_error *err) {
	struct stat st;
	enum tng_code code;
	/* O_NONBLOCK: opening a FIFO must not wait for a writer */
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		return error_set_errno(err, errno, str_from(path), "cannot open");
	}
	if (fstat(fd, &st) != 0) {
		code = error_set_errno(err, errno, str_from(path), "cannot stat");
	} else if (!S_ISREG(st.st_mode)) {
		int os_errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		code = error_set_errno(err, os_errno, str_from(path), "not a regular file");
	} else {
		code = read_fd(a, fd, (size_t)st.st_size, max_bytes, out, err);
		if (code != TNG_OK) {
			error_set_where(err, str_from(path));
		}
	}
	(void)close(fd);
	return code;
}

int file_write_all(int fd, struct str s) {
	while (s.len > 0) {
		ssize_t n = write(fd, s.ptr, s.len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return errno;
		}
		s = str_skip(s, (size_t)n);
	}
	return 0;
}
