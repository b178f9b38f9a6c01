/*
 * digest/digest.h - content: what files hold, in 128 bits.
 *
 *   rows --digest_contents--> a digest each
 *   rows --digest_duplicates--> groups of files that hold the same, the heaviest first
 *   rows of each instruction --manifest_make--> manifest --manifest_write--> text, and back
 *   two manifests --manifest_compare--> what changed, and which instructions that busts
 *
 * The hash is XXH3-128: not for use against an adversary, certain enough for everything else.
 */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

/** XXH3-128, seed 0. */
struct digest {
	uint64_t high, low;
};

int digest_cmp(const struct digest *a, const struct digest *b);

/** 32 hexadecimal digits, the high half first, as xxh128sum prints them. */
#define DIGEST_TEXT_BYTES 33
const char *digest_format(const struct digest *digest, char out[DIGEST_TEXT_BYTES]);

/** What reading one file gave. */
struct content {
	struct digest digest;
	uint64_t bytes; /* that were hashed; of a sampled file, its size */
	uint64_t read_bytes;
	int os_errno; /* 0: all well; else why it could not be read, and the rest is 0 */
};

struct digest_source {
	const struct tree *tree;
	int root_fd;    /* what it was walked from */
	unsigned njobs; /* threads; 0: as many as processors */
	/* whose tree it is, NULL: it is on disk; for digest_contents() and manifest_make(), on one thread */
	struct vcs_revision *revision;
	/* of a revision: nothing is read, and the digest is the beginning of the object's name. Equal for what
	 * is equal among revisions, and of no use beside that of a file */
	bool by_object;
	/* files of nothing but zeros need not be read where they are holes: the digest of each is the same, and
	 * not of its content. For comparing files of one size */
	bool zeros_alike;
	/* whole files are hashed in parts: DIGEST_SAMPLES of them, from the first to the last byte and evenly between.
	 * Files of one size whose digests differ are not the same; those that have the same digest may be */
	bool samples;
};

#define DIGEST_SAMPLES UINT64_C(32)
#define DIGEST_SAMPLE_BYTES UINT64_C(4096)

/**
 * Hash files.
 *
 * rows        of regular files; quick when ascending
 * head_bytes  hash no more of each than this; 0: whole files, as always of a revision's
 * out         n of them
 * Errors      TNG_ENOMEM. What cannot be read says so in its os_errno.
 * Threads     starts and joins its own
 */
ATTR_NODISCARD
enum tng_code digest_contents(const struct digest_source *source, const uint32_t *rows, size_t n,
		uint64_t head_bytes, struct content *out, struct tng_error *err);

/** Files that hold the same bytes. */
struct duplicate_group {
	const uint32_t *rows; /* ascending, at least two */
	size_t n;
	uint64_t size_bytes; /* of each */
	struct digest digest;
	bool is_sampled; /* they are the same as far as they were read: request->read_max */
};

struct duplicates {
	const struct duplicate_group
			*groups; /* by the bytes of all copies but one, heaviest first */
	size_t n;
	uint64_t nread, read_bytes; /* files that were opened, and how much of them was read */
};

struct duplicate_request {
	const uint8_t *wanted; /* per row: not 0 takes part; NULL: all */
	uint64_t min_bytes;    /* smaller files take no part; at least 1 */
	/* so many groups, the heaviest, are wanted: what cannot be one of them is not read. There may be more.
	 * 0: all */
	size_t most;
	/* with `most`: how much may be read of whole files. The heaviest come first; what is too much for the rest
	 * of it is compared in samples. 0: no limit */
	uint64_t read_max;
};

/**
 * Find files that hold the same.
 *
 * Read is only what has the size of another: its first 4096 bytes, and the whole where these are equal, too
 * (files of up to 16 KiB at once). Names of one file (hard links) are one file, and so are clones, which
 * share their blocks, where the system tells (Linux).
 *
 * a        owns the groups
 * Errors   TNG_ENOMEM. What cannot be read, or changes meanwhile, is a duplicate of nothing.
 */
ATTR_NODISCARD
enum tng_code digest_duplicates(struct arena *a, const struct digest_source *source,
		const struct duplicate_request *request, struct duplicates *out,
		struct tng_error *err);

/* ---- snapshots: what a build's instructions select */

/** An instruction that reads the context. */
struct manifest_instruction {
	struct str dockerfile, stage; /* a stage without a name: its number */
	uint32_t line;
	struct str text; /* as written, on one line */
	uint32_t nthen;  /* instructions after it in its stage: they run again when it does */
	const struct str *then; /* stages that are built on its stage, or copy from it */
	size_t nthen_stages;
};

/**
 * One entry, as far as the builder's cache looks at it: no times, and no owner, for the client sends
 * everything as root's (ignore-semantics 6.8, 6.11). Extended attributes are left out.
 */
struct manifest_entry {
	struct str path;
	enum entry_type type;
	uint16_t mode;        /* permission, set-id and sticky bits; a link's are 0777 */
	uint64_t size_bytes;  /* files */
	struct digest digest; /* files: of the content */
	bool is_unread;       /* files: it could not be read */
	/* files of a revision: Git LFS keeps the content. The size is that of the content, the digest that of the
	 * pointer. A text does not have this. */
	bool is_pointer;
	struct str target; /* symbolic links */
	uint64_t device;   /* devices: st_rdev */
	const uint32_t *by; /* instructions that select it, ascending; none: the whole context is meant */
	size_t nby;
};

struct manifest {
	const struct manifest_instruction
			*instructions; /* by Dockerfile, then in the order they run */
	size_t ninstructions;
	const struct manifest_entry *entries; /* by path, component by component */
	size_t nentries;
};

/** What one instruction selects. */
struct manifest_selection {
	struct manifest_instruction instruction;
	const uint8_t *rows; /* per row: not 0 is selected */
};

/** Whether a file of it could not be read. */
bool manifest_has_unread(const struct manifest *manifest);

/**
 * Read and digest what some instructions select.
 *
 * a           owns the paths and lists; what the instructions view must outlive the manifest
 * selections  `n` of them; without any: `otherwise`, per row
 * Errors      TNG_ENOMEM. A file that cannot be read is an entry that says so.
 */
ATTR_NODISCARD
enum tng_code manifest_make(struct arena *a, const struct digest_source *source,
		const struct manifest_selection *selections, size_t n, const uint8_t *otherwise,
		struct manifest *out, struct tng_error *err);

/** A digest of all entries: it changes when a build may give something else. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code manifest_digest(
		const struct manifest *manifest, struct digest *out, struct tng_error *err);

/**
 * The text of a manifest: a JSON document, an entry a line in the order of paths, so that two of them
 * can be compared and merged line by line.
 *
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code manifest_write(
		const struct manifest *manifest, struct buf *out, struct tng_error *err);

/** Errors: TNG_ESYNTAX with line and column; TNG_EINVAL: JSON, and no manifest; TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code manifest_read(
		struct arena *a, struct str text, struct manifest *out, struct tng_error *err);

enum manifest_change_kind {
	MANIFEST_ADDED,
	MANIFEST_REMOVED,
	MANIFEST_CHANGED,  /* content, type, link target */
	MANIFEST_METADATA, /* mode only; a directory's busts nothing */
};

struct manifest_change {
	enum manifest_change_kind kind;
	const struct manifest_entry *before, *after; /* NULL: not there */
};

/** An instruction of the second manifest that runs again. */
struct manifest_bust {
	const struct manifest_instruction *instruction;
	bool is_new;             /* the first manifest has no such instruction */
	bool is_first;           /* of its stage */
	const uint32_t *changes; /* of what it selects: their places in the list of all, ascending */
	size_t nchanges;
};

struct manifest_diff {
	const struct manifest_change *changes; /* by path */
	size_t n;
	size_t nof_kind[MANIFEST_METADATA + 1];
	const struct manifest_bust *busted; /* in the order of the second manifest's instructions */
	size_t nbusted;
};

/**
 * Compare; both must outlive the result.
 *
 * git_modes  one of them is of a git revision, which has of a file's mode whether its owner may run it: no
 *            more is compared
 * Errors     TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code manifest_compare(struct arena *a, const struct manifest *before,
		const struct manifest *after, bool git_modes, struct manifest_diff *out,
		struct tng_error *err);

/** Leave out an entry and what is below it. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code manifest_leave_out(
		struct arena *a, struct manifest *manifest, struct str path, struct tng_error *err);

#endif
