#include "context/confined.h"

#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path with one more component behind what is resolved, cleaned as if the directory were "/". */
static struct str join_rooted(struct arena *a, struct str done, struct str name, struct str rest) {
	size_t cap = done.len + name.len + rest.len + 4;
	char *text = arena_alloc(a, cap);
	size_t n = 0;

	if (text == NULL) {
		return (struct str){ NULL, 0 };
	}
	const struct str parts[] = { done, name, rest };
	for (size_t i = 0; i < 3; i++) {
		text[n++] = '/';
		memcpy(text + n, parts[i].ptr, parts[i].len);
		n += parts[i].len;
	}
	n = path_clean_into(text, str_make(text, n));
	text[n] = '\0';
	return str_make(text + 1, n - 1);
}

static struct str read_link(struct arena *a, int dir_fd, const char *path, int *os_errno) {
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir_fd, path, target, sizeof(target));

	if (n < 0) {
		*os_errno = errno;
		return (struct str){ NULL, 0 };
	}
	return arena_copy(a, str_make(target, (size_t)n));
}

/* One step: the first link on the way is replaced by its target. Sets *done when there is none left.
 * .ptr is NULL on failure: *os_errno says why, 0 is out of memory. */
static struct str resolve_once(
		struct arena *a, int dir_fd, struct str path, bool *done, int *os_errno) {
	*done = false;
	for (size_t end = 0; end < path.len;) {
		struct str rest = str_skip(path, end > 0 ? end + 1 : 0);
		struct stat st;
		end += str_find(rest, '/') + (end > 0 ? 1 : 0);
		struct str upto = arena_copy(a, str_take(path, end));
		if (upto.ptr == NULL) {
			return upto;
		}
		if (fstatat(dir_fd, upto.ptr, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			*os_errno = errno;
			return (struct str){ NULL, 0 };
		}
		if (S_ISLNK(st.st_mode)) {
			struct str target = read_link(a, dir_fd, upto.ptr, os_errno);
			struct str dir = str_starts(target, STR("/")) ? STR("") : path_dir(upto);
			return target.ptr != NULL
					? join_rooted(a, dir, target, str_skip(path, end + 1))
					: target;
		}
	}
	*done = true;
	return path;
}

enum tng_code confined_read(struct arena *a, int dir_fd, struct str path, size_t max_bytes,
		struct str *out, struct tng_error *err) {
	struct str now = join_rooted(a, STR(""), path, STR(""));
	bool done = false;

	for (unsigned nlinks = 0; now.ptr != NULL && !done; nlinks++) {
		int os_errno = 0;
		if (nlinks > CONFINED_LINKS_MAX) {
			return error_set_errno(err, ELOOP, path, "cannot open");
		}
		now = resolve_once(a, dir_fd, now, &done, &os_errno);
		if (now.ptr == NULL && os_errno != 0) {
			return error_set_errno(err, os_errno, path, "cannot open");
		}
	}
	struct str name = now.ptr != NULL ? arena_copy(a, now) : now;
	if (name.ptr == NULL) {
		return error_nomem(err);
	}
	return file_read(a, dir_fd, name.len > 0 ? name.ptr : ".", max_bytes, out, err);
}
