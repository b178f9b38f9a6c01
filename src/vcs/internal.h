/*
 * vcs/internal.h - how the column is made: one visit a repository, a frame a directory on the way down.
 */
#ifndef VCS_INTERNAL_H
#define VCS_INTERNAL_H

#include "util/buf.h"
#include "util/vec.h"
#include "vcs/repository.h"
#include "vcs/vcs.h"

/** Repositories inside one another, at most. */
#define VISIT_MAX_DEPTH 64U

/** The column in the making. */
struct builder {
	struct arena *a;
	const struct tree *tree;
	int root_fd;
	struct str root; /* real path */
	uint8_t *state;
	uint32_t *git_of;       /* by directory: the row of its .git; 0: none */
	uint32_t *gitignore_of; /* by directory: the row of its .gitignore, a file; 0: none */
	struct {
		VEC_FIELDS(uint32_t)
	} git_rows; /* of every .git, ascending */
	struct {
		VEC_FIELDS(struct vcs_repository)
	} repositories;
	struct {
		VEC_FIELDS(struct vcs_warning)
	} warnings;
	uint64_t ntracked, nmissing;
	struct str global_ignore_file;
	const struct vcs_index *index;
	bool is_known;
	unsigned depth; /* of the visit under way */
	struct tng_error *err;
};

/** Index entries of a directory that were taken out of their turn: [first, end). */
struct index_range {
	size_t first, end;
};

/** Rules that apply to a directory and what is below it. */
struct level {
	struct rule_list rules;
	size_t base; /* bytes of the visit's path that lead to the directory, with the slash */
};

/** A directory on the way down. */
struct frame {
	uint32_t dir;      /* its number */
	uint32_t end;      /* the row after what is below it */
	size_t next, last; /* index entries below it that no row had yet: [next, last) */
	size_t ntaken;     /* of the visit's `taken`, those of the frames above */
	size_t path_len;   /* of the visit's path that lead here, with the slash */
	size_t nlevels;    /* without its own; set once it is ready */
	bool is_ignored;   /* set once it is ready */
};

/** The rows of one repository. */
struct visit {
	struct builder *b;
	struct repository *repository;
	struct buf path; /* of the directory at hand, from the repository's top, with a slash at the end */
	struct {
		VEC_FIELDS(struct frame)
	} frames;
	struct {
		VEC_FIELDS(struct index_range)
	} taken;
	struct {
		VEC_FIELDS(struct level)
	} levels;
	size_t nready; /* frames whose rules are read: the first ones */
};

/* ---- claim.c: rows and index entries side by side ---- */

enum claim_kind {
	CLAIM_NONE,  /* the index does not have the name */
	CLAIM_ENTRY, /* it has an entry of this path: *entry */
	CLAIM_BELOW, /* it has entries below it: *below */
};

/** The entries of the next row in the directory at hand: of names in order, each asked once. */
ATTR_NODISCARD
enum tng_code claim_row(struct visit *v, struct str name, bool is_dir, enum claim_kind *kind,
		const struct index_entry **entry, struct index_range *below);

/** Count what the frame's rows left over. */
void claim_rest(struct visit *v);

/* ---- ignored.c: git's ignore rules on the way down ---- */

/** The rules that are above the first frame: the user's, the repository's, those of directories above. */
ATTR_NODISCARD
enum tng_code ignored_begin(struct visit *v, struct str prefix, bool *is_ignored);

/** Whether an entry of the directory at hand is ignored. */
ATTR_NODISCARD
enum tng_code ignored_row(struct visit *v, struct str name, bool is_dir, bool *is_ignored);

/* ---- visit.c ---- */

/**
 * Give states to what is below a directory, by one repository.
 *
 * row     the directory
 * prefix  its path in the repository; "" for the top
 */
ATTR_NODISCARD
enum tng_code visit_repository(struct builder *b, struct repository *repository, uint32_t row,
		struct str prefix, uint64_t *nindex);

/* ---- nested.c: repositories inside the tree ---- */

/** Whether the .git at a row begins a repository. */
bool nested_begins(const struct builder *b, uint32_t git_row);

/** Open the repository of a directory, and give its rows their states. */
ATTR_NODISCARD
enum tng_code nested_visit(struct builder *b, uint32_t row, enum vcs_repository_kind kind);

/** One that is only mentioned: nobody asks for its rows. */
ATTR_NODISCARD
enum tng_code nested_mention(
		struct builder *b, uint32_t row, enum vcs_repository_kind kind, struct str problem);

/** Worktree, or merely nested: by the text of its .git. */
enum vcs_repository_kind nested_kind(const struct builder *b, uint32_t git_row);

/** One state for rows [from, end), but for each .git in there, which is outside. */
void builder_fill(struct builder *b, uint32_t from, uint32_t end, enum vcs_state state);

/** "<lead><what>" about a directory. */
ATTR_NODISCARD
enum tng_code builder_warn(struct builder *b, uint32_t row, struct str lead, struct str what);

#define LEAD_UNKNOWN STR("what git knows of it is unknown: ")

#endif
