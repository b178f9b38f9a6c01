/*
 * vcs/repository.h - one repository: found, opened through libgit2, and what the column needs of it.
 */
#ifndef VCS_REPOSITORY_H
#define VCS_REPOSITORY_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "vcs/index.h"
#include "vcs/rules.h"

#include <git2.h>
#include <stdbool.h>

struct repository {
	git_repository *git; /* NULL: it could not be opened */
	git_odb *odb;        /* opened when first needed; NULL before, and where it cannot be */
	struct str top;      /* of its working tree: real path, a slash at the end */
	struct str problem;  /* why it cannot be used; empty: all well */
	bool is_shallow;     /* its history is cut short */
	bool is_partial;     /* it fetches objects when they are needed: some are not here */
	bool folds_case;     /* core.ignoreCase */
	bool has_modes;      /* core.fileMode */
	bool has_symlinks;   /* core.symlinks */
	bool has_tried_odb;
	struct index_table index;
	struct str index_path;    /* empty: names of objects are not of 20 bytes */
	struct rule_list global;  /* core.excludesFile */
	struct rule_list exclude; /* info/exclude */
	struct str global_path, exclude_path;
};

/** libgit2, set up for reading; every call is matched by git_libgit2_shutdown(). */
bool repository_library_begin(void);

/**
 * The directory with the .git, or the bare repository, that `dir` is in: as git finds it, up to a mount
 * point. TNG_OK with an empty *out: none.
 *
 * dir      a real path
 * out      in the arena, NUL-terminated
 */
ATTR_NODISCARD
enum tng_code repository_discover(
		struct arena *a, struct str dir, struct str *out, struct tng_error *err);

/** Whether `.git` in an open directory begins a repository: a file, or a directory with a HEAD. */
bool repository_begins_at(int dir_fd);

/**
 * Open the repository of a directory found so. What is wrong with it is in out->problem.
 *
 * out      always ended with repository_close()
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code repository_open(
		struct arena *a, struct str dir, struct repository *out, struct tng_error *err);

void repository_close(struct repository *repository);

/** What Git LFS keeps in place of a file: a few lines, one of them its size. False: it is none of these. */
bool repository_read_pointer(struct str text, uint64_t *size_bytes);

/** How a file's size fits the object that the index has for it. */
enum blob_fit {
	BLOB_FITS,
	BLOB_DIFFERS,
	BLOB_MISSING, /* the object is not here */
};

/** The contents are read of a small object only: a pointer of Git LFS tells the size of the real file. */
enum blob_fit repository_blob_fits(
		struct repository *repository, const unsigned char *oid, uint64_t size_bytes);

/**
 * The contents of an object.
 *
 * out      in the arena; empty where it is not here, or is larger than max_bytes
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code repository_blob_text(struct arena *a, struct repository *repository,
		const unsigned char *oid, size_t max_bytes, struct str *out, struct tng_error *err);

#endif
