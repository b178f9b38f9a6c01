/*
 * Where the result goes: standard output, or the file of -o. What is to be a regular file is gathered in
 * memory and takes the place of the old one when all is there (util/file.h), so that nobody sees half a
 * result and a failure leaves the old one. A pipe or a device is written to as it is.
 */
#include "cli/cli.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool wants_color(const struct options *options, int fd) {
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (options->color != WHEN_AUTO) {
		return options->color == WHEN_ALWAYS;
	}
	return isatty(fd) == 1 && (no_color == NULL || no_color[0] == '\0') &&
			(term == NULL || strcmp(term, "dumb") != 0);
}

/* -1: it is a file that will be replaced. -2: it cannot be written, and the user was told. */
static int open_descriptor(const char *path) {
	struct stat st;

	if (path == NULL || strcmp(path, "-") == 0) {
		return STDOUT_FILENO;
	}
	if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) {
		return -1;
	}
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)cli_fail("%s: cannot write: %s", path, strerror(errno));
		return -2;
	}
	return fd;
}

bool cli_open_output(const struct options *options, struct sink *sink) {
	int fd = open_descriptor(options->output);

	if (fd >= 0) {
		sink_init(sink, fd, wants_color(options, fd));
	} else {
		sink_init_memory(sink);
		sink->color = options->color == WHEN_ALWAYS;
	}
	return fd != -2;
}

/* A directory that takes no new files, or a file that is mounted: then the text goes into the file itself.
 * Returns an errno, 0: all well. */
static int write_in_place(const char *path, struct str text) {
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0) {
		return errno;
	}
	int os_errno = file_write_all(fd, text);
	return close(fd) != 0 && os_errno == 0 ? errno : os_errno;
}

static bool is_about_the_directory(int os_errno) {
	return os_errno == EACCES || os_errno == EPERM || os_errno == EROFS || os_errno == EBUSY;
}

/* The link itself stays: what it names is replaced. */
static int replace(const char *path, struct str text, int status) {
	struct tng_error err = { 0 };
	char *real = realpath(path, NULL);
	enum tng_code code = file_replace(AT_FDCWD, real != NULL ? real : path, text, &err);
	int os_errno = err.os_errno;

	if (code == TNG_EIO && real != NULL && is_about_the_directory(os_errno)) {
		os_errno = write_in_place(real, text);
		code = os_errno == 0 ? TNG_OK : TNG_EIO;
	}
	free(real);
	if (code == TNG_EIO) {
		return cli_fail("%s: cannot write: %s", path, strerror(os_errno));
	}
	return code == TNG_OK ? status : cli_fail("%s: %s", path, err.text);
}

/* A run that failed leaves the file as it was. */
static int close_file(const char *path, struct sink *sink, int status) {
	if (buf_failed(&sink->buf)) {
		status = cli_fail("%s: out of memory", path);
	} else if (status != EXIT_BAD) {
		status = replace(path, buf_str(&sink->buf), status);
	}
	buf_fini(&sink->buf);
	return status;
}

int cli_close_output(const struct options *options, struct sink *sink, int status) {
	const char *name = options->output != NULL ? options->output : "standard output";
	int fd = sink->fd;

	if (fd < 0) {
		return close_file(name, sink, status);
	}
	int os_errno = sink_fini(sink);
	if (fd != STDOUT_FILENO && close(fd) != 0 && os_errno == 0) {
		os_errno = errno;
	}
	if (os_errno == EPIPE && fd == STDOUT_FILENO) {
		return status; /* the reader has seen enough: tonnage ls | head */
	}
	return os_errno == 0 ? status : cli_fail("%s: cannot write: %s", name, strerror(os_errno));
}
