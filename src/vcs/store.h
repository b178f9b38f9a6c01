/*
 * vcs/store.h - the object store behind a directory of a working tree, for who reads commits and not the checkout.
 */
#ifndef VCS_STORE_H
#define VCS_STORE_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "walk/walk.h"

#include <git2.h>
#include <stdbool.h>

struct store {
	git_repository *git;
	git_odb *odb;
	struct str work;   /* top of the working tree */
	struct str prefix; /* of the directory in it; empty: they are one */
	bool is_begun;
};

/**
 * Open the repository whose working tree `root` is in.
 *
 * a        owns the texts
 * out      zeroed; ended with store_close(), whatever comes back
 * Errors   TNG_EINVAL: there is none, or libgit2's reason; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code store_open(
		struct arena *a, const char *root, struct store *out, struct tng_error *err);

void store_close(struct store *store);

/** An error about `where`; the second one with libgit2's own words behind `what`. */
enum tng_code store_fail(struct tng_error *err, struct str where, const char *text);
enum tng_code store_fail_git(struct tng_error *err, struct str where, const char *what);

/** What an object holds, until git_odb_object_free(*object). False: it is not here. */
bool store_read(const struct store *store, const git_oid *oid, git_odb_object **object,
		struct str *text);

/** The target of a link, in the arena; empty: its object is not here. Errors: TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code store_read_link(struct arena *a, const struct store *store, const git_oid *oid,
		struct str *out, struct tng_error *err);

/** The type of an entry in a checkout: a submodule is a directory. */
enum entry_type store_type(git_filemode_t mode);

/** Whether git would check out an entry of this name. */
bool store_is_name(struct str name);

#endif
