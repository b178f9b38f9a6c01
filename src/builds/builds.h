/*
 * builds/builds.h - which builds a directory has: who says so, and with what.
 *
 *   tree, root fd --builds_find--> builds: context, Dockerfile, target, arguments; file and line
 *                                  findings: what looked like a build and could not be read
 *
 * Read are Dockerfiles by their name, compose files, bake files (HCL and JSON), GitHub workflows,
 * GitLab CI, Makefiles and shell scripts. All but the first say which context they mean. A Dockerfile
 * that nobody mentions gets the context in which most of what it copies exists.
 *
 * The readers are tolerant: what they do not understand is left out, and a file that cannot be read is
 * a finding. Nothing is executed, no variable of a shell is known; ${NAME:-default} gives the default. A
 * compose file gets the values of the .env beside it, but for arguments.
 */
#ifndef BUILDS_BUILDS_H
#define BUILDS_BUILDS_H

#include "dockerfile/dockerfile.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

/** A larger file is a finding and is not read. */
#define BUILDS_FILE_MAX_BYTES ((size_t)1 << 20)

/** More files of one kind, or more builds, are not looked at: a finding says so. */
#define BUILDS_FILES_MAX 2048U
#define BUILDS_MAX 4096U

enum build_origin {
	BUILD_ORIGIN_NAME, /* a Dockerfile by its name; the context is a guess */
	BUILD_ORIGIN_COMPOSE,
	BUILD_ORIGIN_BAKE,
	BUILD_ORIGIN_WORKFLOW,
	BUILD_ORIGIN_CI,     /* GitLab CI */
	BUILD_ORIGIN_SCRIPT, /* Makefile, shell script */
};

/** A named context: --build-context, additional_contexts, contexts of bake. */
struct found_context {
	struct str name;
	struct str value; /* is_local: as found_build.context; else as written */
	bool is_local;
};

/** One build that somebody describes. */
struct found_build {
	enum build_origin origin;
	struct str file; /* that says so, relative to the root: of the tree, or, who adds some, above it ("../x") */
	uint32_t line;   /* in it, 1-based; a Dockerfile by name: 1 */
	struct str name; /* service, target, step; empty: none */

	/* relative to the root and clean: "." is the root, "../x" lies outside; is_remote: as written */
	struct str context;
	bool is_remote; /* a URL, a git repository or standard input */
	/* an action that names no context clones the repository: `context` is what the clone has there, and no
	 * ignore file is read */
	bool is_repository;
	/* origin NAME, or the Dockerfile's path has a variable, or a script went to a directory that is not
	 * known */
	bool context_is_guess;
	struct str dockerfile;   /* relative to the root and clean; empty: inline or remote */
	uint32_t dockerfile_row; /* in the tree; TREE_NO_ROW: not there */
	/* of a file above the root: the Dockerfile is none of the tree's ("../x"), and is there */
	bool dockerfile_is_outside;
	/* dockerfile_inline as the builder gets it; empty: none. Where a variable in it is not known, as it is
	 * written, and inline_is_known is false */
	struct str inline_text;
	bool inline_is_known;
	struct dockerfile_place inline_place; /* in `file` */
	struct str file_text; /* of `file`, where there is an inline text; else empty */
	struct str target;    /* empty: the last stage */
	const struct build_arg *args;
	size_t nargs;
	const struct found_context *contexts;
	size_t ncontexts;
};

/** What could not be read; one line, no final period. */
struct builds_finding {
	struct str file;
	uint32_t line; /* 0: about the file */
	struct str text;
};

struct builds {
	const struct found_build *list; /* by file, in the tree's order, then by line */
	size_t n;
	const struct builds_finding *findings;
	size_t nfindings;
};

/**
 * Find the builds below a directory.
 *
 * a        owns the list and its texts
 * root_fd  what the tree was walked from
 * out      set on TNG_OK only
 * Errors   TNG_ENOMEM; all else is a finding
 */
ATTR_NODISCARD
enum tng_code builds_find(struct arena *a, const struct tree *tree, int root_fd, struct builds *out,
		struct tng_error *err);

/** The same without the Dockerfiles that nobody mentions: every build says its context. */
ATTR_NODISCARD
enum tng_code builds_find_told(struct arena *a, const struct tree *tree, int root_fd,
		struct builds *out, struct tng_error *err);

/** The same, of GitHub workflows: no other file is read. */
ATTR_NODISCARD
enum tng_code builds_find_workflows(struct arena *a, const struct tree *tree, int root_fd,
		struct builds *out, struct tng_error *err);

/**
 * The builds of one context, one for each Dockerfile, target and list of arguments: whom an ignore file there
 * serves.
 *
 * context  as in found_build: "." for the root
 * out, n   in the order of `builds`; of several the first, one that names its context before a guess.
 *          Dockerfiles that are not in the tree are left out, inline ones are in.
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code builds_of_context(struct arena *a, const struct builds *builds, struct str context,
		const struct found_build ***out, size_t *n, struct tng_error *err);

/** Whether builds_find() may read a file of this path, relative to the root, for what it says of builds. */
bool builds_reads(struct str path);

/** Whether it may read a file of this name in some directory; not empty. */
bool builds_reads_name(struct str name);

/** "compose file", "workflow", ...: for prose. */
const char *build_origin_name(enum build_origin origin);

/* ---- what a build printed */

#define PROGRESS_MAX_BYTES ((size_t)64 << 20)

/** A transfer of the context that came to its end. */
struct build_time {
	uint32_t line, column; /* 1-based */
	uint64_t bytes;        /* as printed, two decimals of a unit; is_exact: all of them */
	bool is_exact;
	double seconds, error_seconds; /* more or less */
};

/**
 * Read what one or more builds printed: plain, rawjson, or copied from a terminal.
 *
 * out      in order of the lines; in the arena, as n
 * Errors   TNG_EINVAL: there is none; line and column of what comes nearest. TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code progress_read(struct arena *a, struct str text, const struct build_time **out,
		size_t *n, struct tng_error *err);

#endif
