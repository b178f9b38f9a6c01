/*
 * propose/references.h - what the builds need beyond the words of COPY: keep, ask or free.
 *
 *   tree, builds, git and class columns --references_open--> references --references_ask--> need of a row
 *
 * With `COPY . .` the Dockerfile does not say what is needed; its steps do. They are followed as far
 * as text tells: RUN lines of reached stages, the scripts and make targets they call, then the
 * manifests that the tools in them read. Each path found there is looked up in the tree and leaves a
 * mark at its row, with the file and line that named it. That happens once; asking is cheap.
 *
 *   RUN pip install . ──▶ pyproject.toml: readme = "README.md" ──▶ README.md: keep, pyproject.toml:9
 *
 * Only what reached stages can execute counts: the settings of a test runner that no RUN calls keep
 * nothing. Comments and prose are not read.
 */
#ifndef PROPOSE_REFERENCES_H
#define PROPOSE_REFERENCES_H

#include "classify/classify.h"
#include "dockerfile/dockerfile.h"
#include "transfer/transfer.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

/** A larger file is not searched, and no more than this of all files together. */
#define REFERENCES_FILE_MAX_BYTES ((size_t)8 << 20)
#define REFERENCES_MAX_BYTES ((size_t)256 << 20)

enum need_kind {
	NEED_FREE, /* nothing that can be seen needs it */
	NEED_ASK,  /* something may; `why` is the question */
	NEED_KEEP, /* the build, or what it makes, needs it */
};

/** Which test decided; those of the specification's guards where it has one. */
enum need_guard {
	NEED_GUARD_NONE,
	NEED_GUARD_NEVER_COPIED, /* free: no COPY, ADD or bind mount reaches it */
	NEED_GUARD_UNREFERENCED, /* free: reached, and nothing mentions it */
	NEED_GUARD_IN_THE_WAY, /* free: a RUN makes a directory of that name, and fails where it is */
	NEED_GUARD_COPIED,     /* keep: an instruction names it, something in it, or a glob of it */
	NEED_GUARD_SOURCE,     /* keep: reached, and of a class that programs are made of */
	NEED_GUARD_REFERENCED,
	NEED_GUARD_MANIFEST, /* a manifest that a RUN has read names it */
	NEED_GUARD_WORKSPACE_MEMBER,
	NEED_GUARD_EMBEDDED,
	NEED_GUARD_VCS_VERSION,
	NEED_GUARD_VCS_DIRTY, /* ask: tracked, and the version that git tells would say "dirty" */
	NEED_GUARD_TRACKED,
	NEED_GUARD_NO_INSTALL_STEP,
	NEED_GUARD_PLACEHOLDER,
	NEED_GUARD_CLASS, /* ask: data and the like may be read when the program runs */
	NEED_GUARD_CUT,   /* ask: nothing refers to it, but not all could be searched */
};

struct need {
	enum need_kind kind;
	enum need_guard guard;
	struct str file; /* that made it so, relative to the root (a Dockerfile: as given); empty: none */
	uint32_t line;  /* in it; 0: none */
	struct str why; /* a clause, no final period: "readme of pyproject.toml" */
	bool is_below;  /* a directory: something below it is what is needed */
};

/** One build that shares the context. */
struct reference_build {
	struct str path;                     /* its Dockerfile, as shown to the user */
	const struct dockerfile *dockerfile; /* NULL: it cannot be read, so it may need anything */
	const struct build_sources *sources; /* NULL: it cannot be resolved, likewise */
};

struct references_input {
	const struct tree *tree;
	int root_fd; /* what the tree was walked from; -1: no file is read */
	const struct reference_build *builds;
	size_t nbuilds; /* 0: no build is known, so every manifest counts and all is reached */
	/* per row: enum fate under the present ignore file. What is not sent is not read, and needs
	 * nothing. NULL: everything is eligible */
	const uint8_t *fate;
	const struct vcs_column *vcs;       /* NULL: nothing is known */
	const struct class_column *classes; /* NULL: nothing is known */
	bool only_vcs; /* nothing but references_vcs_needed() is asked: what manifests name is not looked for */
};

struct references; /* immutable once opened: share between threads */

/** How much was searched. */
struct references_stats {
	uint64_t nfiles, bytes;
	uint64_t nmarks;
	bool is_cut; /* a limit was reached: something may be unseen */
};

/**
 * Search once.
 *
 * a        owns the references; the input's columns must live as long
 * out      set on TNG_OK only
 * Errors   TNG_ENOMEM; what cannot be read says nothing
 */
ATTR_NODISCARD
enum tng_code references_open(struct arena *a, const struct references_input *input,
		const struct references **out, struct tng_error *err);

/**
 * What the builds need of a row: of everything below it where it is a directory.
 *
 * The steps: down the list of need_guard, keep before ask before free.
 */
void references_ask(const struct references *refs, uint32_t row, struct need *out);

/** Whether a version is taken from .git; kind FREE: no. Tells the same whether .git is there or not. */
void references_vcs_needed(const struct references *refs, struct need *out);

/** Whether the version that is taken from .git would tell that a tracked file is missing ("dirty"). */
bool references_version_is_exact(const struct references *refs);

/** Whether a RUN makes a directory of this name, and nothing needs the one that is here. */
bool references_in_the_way(const struct references *refs, uint32_t row);

/** A COPY, ADD or bind source that matches nothing now: built on the host before, or made by CI. */
struct absent_source {
	struct str path; /* relative and clean, maybe with wildcards */
	bool is_wildcard;
	struct str file; /* the Dockerfile */
	uint32_t line;
};

/** All of them: a line that would take one away must not be proposed. */
const struct absent_source *references_absent(const struct references *refs, size_t *n);

/* ---- installations: RUN lines that fetch dependencies */

/** Files that say what is fetched: of one directory, or of it and all below. */
struct install_pattern {
	struct str dir;  /* relative and clean; "." is the root */
	struct str name; /* for gomatch() */
	bool is_deep;
};

/** A command of a RUN that fetches what a project depends on. */
struct install {
	struct str file; /* the Dockerfile, as shown to the user */
	uint32_t line;   /* of the RUN */
	struct str text; /* the command: "npm ci --omit=dev" */
	struct str first; /* it needs the sources, too: a command that fetches alone; empty: it does not */
	const struct install_pattern *patterns;
	size_t npatterns;
};

/** In the order of the builds, then of their lines. */
const struct install *references_installs(const struct references *refs, size_t *n);

/** Whether a path of the context is one of the files that say what is fetched. */
bool install_reads(const struct install *install, struct str path);

struct references_stats references_stats(const struct references *refs);

/** "copied", "never-copied", ...: as in JSON. */
const char *need_guard_name(enum need_guard guard);

/** "free", "ask", "keep". */
const char *need_kind_name(enum need_kind kind);

#endif
