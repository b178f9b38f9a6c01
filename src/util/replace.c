/*
 * Writing a file so that nobody sees half of it: name.tonnage-PID-N beside it, written, flushed, renamed.
 */
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS_MAX 100

struct replacement {
	int dir_fd; /* of the file's own directory */
	const char *name;
	char temporary[300];
	bool exists;
	struct stat old;
};

static enum tng_code refuse(const char *path, const char *why, struct tng_error *err) {
	enum tng_code code = error_set(err, TNG_EINVAL, "%s", why);

	error_set_where(err, str_from(path));
	return code;
}

static enum tng_code fail(
		const char *path, int os_errno, const char *action, struct tng_error *err) {
	return error_set_errno(err, os_errno, str_from(path), action);
}

static enum tng_code look(struct replacement *r, const char *path, struct tng_error *err) {
	if (fstatat(r->dir_fd, r->name, &r->old, AT_SYMLINK_NOFOLLOW) != 0) {
		return errno == ENOENT ? TNG_OK : fail(path, errno, "cannot stat", err);
	}
	r->exists = true;
	if (S_ISLNK(r->old.st_mode)) {
		return refuse(path,
				"it is a symbolic link, and is not written through: write to the "
				"file "
				"that it names",
				err);
	}
	if (!S_ISREG(r->old.st_mode)) {
		return refuse(path, "it is not a regular file", err);
	}
	/* root may write anything; a file without the permission is read-only on purpose */
	if ((r->old.st_mode & 0222) == 0 || faccessat(r->dir_fd, r->name, W_OK, 0) != 0) {
		return refuse(path, "it is read-only: give yourself write permission first", err);
	}
	return TNG_OK;
}

static int create_temporary(struct replacement *r) {
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		(void)snprintf(r->temporary, sizeof(r->temporary), "%.200s.tonnage-%ld-%d", r->name,
				(long)getpid(), i);
		int fd = openat(r->dir_fd, r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				0666);
		if (fd >= 0 || errno != EEXIST) {
			return fd;
		}
	}
	return -1;
}

/* 0, or an errno. */
static int fill(struct replacement *r, int fd, struct str text) {
	if (r->exists) {
		/* the owner first: it may clear bits of the mode */
		(void)!fchown(fd, r->old.st_uid, r->old.st_gid);
		if (fchmod(fd, r->old.st_mode & 07777) != 0) {
			return errno;
		}
	}
	int os_errno = file_write_all(fd, text);
	return os_errno != 0 ? os_errno : fsync(fd) != 0 ? errno : 0;
}

static enum tng_code write_and_rename(
		struct replacement *r, const char *path, struct str text, struct tng_error *err) {
	int fd = create_temporary(r);

	if (fd < 0) {
		return fail(path, errno, "cannot write beside it", err);
	}
	int os_errno = fill(r, fd, text);
	if (close(fd) != 0 && os_errno == 0) {
		os_errno = errno;
	}
	if (os_errno == 0 && renameat(r->dir_fd, r->temporary, r->dir_fd, r->name) != 0) {
		os_errno = errno;
	}
	if (os_errno != 0) {
		(void)unlinkat(r->dir_fd, r->temporary, 0);
		return fail(path, os_errno, "cannot write", err);
	}
	(void)fsync(r->dir_fd); /* the name; not every file system can */
	return TNG_OK;
}

enum tng_code file_replace(int dir_fd, const char *path, struct str text, struct tng_error *err) {
	char dir[4096];
	struct str parent = path_dir(str_from(path));
	struct replacement r = { .name = path_base(str_from(path)).ptr };

	if (parent.len >= sizeof(dir)) {
		return fail(path, ENAMETOOLONG, "cannot write", err);
	}
	memcpy(dir, parent.ptr, parent.len);
	dir[parent.len] = '\0';
	r.dir_fd = openat(dir_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dir_fd < 0) {
		return fail(path, errno, "cannot open its directory", err);
	}
	enum tng_code code = look(&r, path, err);
	if (code == TNG_OK) {
		code = write_and_rename(&r, path, text, err);
	}
	(void)close(r.dir_fd);
	return code;
}
