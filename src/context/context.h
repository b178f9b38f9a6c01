/*
 * context/context.h - one build's inputs: which directory, which Dockerfile, which ignore file.
 *
 *   root, -f, --ignorefile, engine --context_open--> context: root fd, texts, and why these
 *
 * Chosen as the engine would (ignore-semantics 1): BuildKit takes <Dockerfile>.dockerignore beside
 * the Dockerfile, else .dockerignore in the root; classic only the latter; podman and buildah: podman.c.
 */
#ifndef CONTEXT_CONTEXT_H
#define CONTEXT_CONTEXT_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>

/** A larger ignore file or Dockerfile is refused. */
#define CONTEXT_FILE_MAX_BYTES ((size_t)16 << 20)

/** Why this ignore file is the active one. */
enum ignore_origin {
	IGNORE_ORIGIN_NONE,       /* there is no ignore file */
	IGNORE_ORIGIN_ROOT,       /* .dockerignore (podman: or .containerignore) in the root */
	IGNORE_ORIGIN_DOCKERFILE, /* named after the Dockerfile, and beside it (podman: see there) */
	IGNORE_ORIGIN_OPTION,     /* --ignorefile */
};

/** A file that looks like the active ignore file and is not. */
struct inactive_ignore_file {
	struct str path;   /* as shown to the user: relative to the root, or as given */
	struct str reason; /* one line, no final period */
};

struct context {
	struct str root; /* as the user wrote it */
	int root_fd;     /* a directory; closed by context_close() */
	enum tng_engine engine;

	bool has_dockerfile;
	bool dockerfile_is_inside; /* it is an entry of the context */
	/* it is a part of the file `dockerfile`, which is in the context and has the text; see builds/builds.h */
	bool dockerfile_is_inline;
	struct str dockerfile;      /* relative to the root where it is inside, else as given */
	struct str dockerfile_text; /* empty when there is none */
	/* it is there under `dockerfile`, and a build fails on it: why and what to do; else empty */
	struct str dockerfile_problem;

	enum ignore_origin ignore_origin;
	struct str ignore_path; /* as shown to the user: relative to the root, or as given */
	struct str ignore_text;
	struct str companion; /* podman: what its names start with, from the root; empty: none */
	struct str ignore_note; /* it is there, but the engine reads it as empty, and why; else empty */

	const struct inactive_ignore_file *inactive;
	size_t ninactive;
};

struct context_request {
	const char *root;       /* NULL: "." */
	const char *dockerfile; /* -f, relative to the working directory; NULL: the default names;
				    "-": standard input */
	struct str stdin_text; /* what "-" gave when it was read before; .ptr NULL: it was not read */
	const char *ignore_file; /* --ignorefile, relative to the working directory; NULL: choose */
	enum tng_engine engine;
	bool only_root_ignore_file; /* a named context: no Dockerfile, no file named after one */
};

/**
 * Open the root and read the two files.
 *
 * a        owns every text of the context
 * out      caller's memory; set on TNG_OK only; ended with context_close()
 * Errors   TNG_EINVAL: the root is no directory but standard input, or something to be fetched; TNG_EIO:
 *          it is not a directory or cannot be opened, a file named by an option cannot
 *          be read, or the engine would fail on one that is there (classic: unreadable
 *          .dockerignore); TNG_ELIMIT: past CONTEXT_FILE_MAX_BYTES. No Dockerfile under a default
 *          name is not an error.
 */
ATTR_NODISCARD
enum tng_code context_open(struct arena *a, const struct context_request *request,
		struct context *out, struct tng_error *err);

/** Closes the root; the texts stay with the arena. */
void context_close(struct context *ctx);

#endif
