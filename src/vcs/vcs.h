/*
 * vcs/vcs.h - git: the state of every row.
 *
 *   tree, its directory --vcs_column_open--> vcs_column: one state a row, the repositories it saw
 *
 * Nothing is hashed and no status is asked for path by path: a row is looked up in the index of the
 * repository that it belongs to, and in its ignore rules where the index does not have it. A repository
 * that cannot be read (bare, corrupt, another user's, ...) is a warning and a column of "unknown", never a
 * failure. A shallow or partial clone is a warning too, but its index is whole: only what hangs on an
 * object that is not here is unknown.
 */
#ifndef VCS_VCS_H
#define VCS_VCS_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

enum vcs_state {
	VCS_UNKNOWN, /* a repository is there and cannot be read, or nobody looked (--no-git) */
	VCS_OUTSIDE, /* in no repository; or the repository's own database (.git and below) */
	VCS_TRACKED, /* in the index, and stat says nothing else; a directory: something below is */
	VCS_MODIFIED,  /* in the index, and its type, executable bit or size is another */
	VCS_UNTRACKED, /* not in the index, and not ignored; a directory: nothing below is tracked */
	VCS_IGNORED,   /* not in the index, and git's ignore rules exclude it or a parent */
};
#define VCS_NSTATES 6

enum vcs_repository_kind {
	VCS_MAIN,      /* the one that the context's root is in */
	VCS_SUBMODULE, /* in the index of the one around it */
	VCS_NESTED,    /* a repository inside that the one around it does not know */
	VCS_WORKTREE,  /* a linked worktree: .git is a file that names worktrees/ of a repository */
};

struct vcs_repository {
	enum vcs_repository_kind kind;
	uint32_t row; /* its top directory in the tree; 0 as well where that is above the root */
	struct str prefix; /* of the main one: the root, relative to its top; "" when they are one */
	struct str problem; /* why it cannot be read; empty: all well */
	uint64_t nindex;    /* entries of its index below the root */
};

/** A warning: one line, no final period. */
struct vcs_warning {
	struct str path; /* relative to the root; "." for the root's own repository */
	struct str text;
};

struct vcs_index;

struct vcs_column {
	const uint8_t *state; /* enum vcs_state, one a row */
	bool is_known;        /* false: every row is VCS_UNKNOWN or VCS_OUTSIDE */
	const struct vcs_repository *repositories; /* the main one first, then in row order */
	size_t nrepositories;
	const struct vcs_warning *warnings;
	size_t nwarnings;
	uint64_t ntracked; /* index entries below the root, present or not */
	uint64_t nmissing; /* of these, not on disk */
	/* the user's file of ignore rules for all repositories, where git looks for it in the main one: an
	 * absolute path, also when there is no such file; empty: no main repository, or it is not known */
	struct str global_ignore_file;
	const struct vcs_index *index; /* of the main one, for vcs_revision_open(); NULL: none */
};

/**
 * Find the repositories of a tree, and the state of every row.
 *
 * a        owns the column
 * root     the directory that the tree was walked from, as the user wrote it
 * out      set on TNG_OK only
 * Errors   TNG_ENOMEM. What cannot be read is a warning.
 * Threads  one at a time in the process (libgit2's own set-up)
 */
ATTR_NODISCARD
enum tng_code vcs_column_open(struct arena *a, const struct tree *tree, const char *root,
		struct vcs_column *out, struct tng_error *err);

/** A column that says "unknown" of every row: --no-git. */
ATTR_NODISCARD
enum tng_code vcs_column_unknown(struct arena *a, const struct tree *tree, struct vcs_column *out,
		struct tng_error *err);

/* ---- the tree of a revision */

struct vcs_revision; /* one thread */

/**
 * The context as a revision has it: rows with their sizes, modes and links, read from the object store.
 * Nothing is checked out. Submodules are empty directories; a pointer of Git LFS counts as its file.
 *
 * a        owns what the tree needs, and must outlive it
 * root     the context, in the working tree of a repository; a revision without it has an empty tree
 * name     as git rev-parse takes it
 * known    the index, where a column has read it: it is not read again, and not needed afterwards; or NULL
 * out      set on TNG_OK only; ended with vcs_revision_close()
 * Errors   TNG_EINVAL: no repository, no such revision, an object is missing; TNG_ELIMIT; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code vcs_revision_open(struct arena *a, const char *root, const char *name,
		const struct vcs_index *known, struct vcs_revision **out, struct tng_error *err);

/** NULL is allowed. The tree goes with it. */
void vcs_revision_close(struct vcs_revision *revision);

/** Its files open through tree_opener_file(), whatever the root descriptor is. */
struct tree *vcs_revision_tree(struct vcs_revision *revision);

/** The top of the working tree, a real path; and the context from there, "" when they are one. */
struct str vcs_revision_top(const struct vcs_revision *revision);
struct str vcs_revision_prefix(const struct vcs_revision *revision);

/** A file of the revision, by its path from the top: a descriptor at its start, or -1. */
int vcs_revision_file(struct vcs_revision *revision, const char *path);

/** The name of a file's object, VCS_OBJECT_BYTES of them; of .git/HEAD, which is no object, that of the commit. */
#define VCS_OBJECT_BYTES 20U
const unsigned char *vcs_revision_object(const struct vcs_revision *revision, uint32_t row);

/** Whether a file is a pointer of Git LFS: its row has the size of what it stands for. */
bool vcs_revision_is_pointer(const struct vcs_revision *revision, uint32_t row);

/** What a file holds, a pointer of Git LFS its own text. */
struct vcs_contents {
	struct str text;
	void *object; /* of git, which holds the text */
};

/** 0, or an errno; ended with vcs_contents_release(). */
int vcs_revision_read(struct vcs_revision *revision, uint32_t row, struct vcs_contents *out);
void vcs_contents_release(struct vcs_contents *contents);

/** Whether git knows a revision of this name in the repository that `root` is in; false without one. */
bool vcs_is_revision(struct arena *a, const char *root, const char *name);

/**
 * The best common ancestor of two revisions, by its name.
 *
 * out      in the arena, NUL-terminated
 * Errors   as of vcs_revision_open(); TNG_EINVAL: they have none
 */
ATTR_NODISCARD
enum tng_code vcs_merge_base(struct arena *a, const char *root, const char *one, const char *two,
		struct str *out, struct tng_error *err);

/** The states of its rows: all are tracked. */
ATTR_NODISCARD
enum tng_code vcs_revision_column(struct arena *a, const struct vcs_revision *revision,
		struct vcs_column *out, struct tng_error *err);

/** "tracked", "modified", ...: as in JSON and in prose. */
const char *vcs_state_name(enum vcs_state state);

/* ---- the history of a context */

struct vcs_history; /* one thread */

/** Why there is no further commit. */
enum vcs_history_end {
	VCS_HISTORY_MORE,    /* there may be one */
	VCS_HISTORY_FIRST,   /* the next one has no parent: nothing was built before it */
	VCS_HISTORY_SHALLOW, /* the clone goes no further */
	VCS_HISTORY_MISSING, /* an object that tells is not here: a partial clone, or a damaged one */
};

/** An entry before or after a commit, as a checkout has it. */
struct vcs_change_side {
	bool is_there;
	enum entry_type type; /* a submodule is a directory */
	struct str target;    /* of a link; empty: its object is not here */
};

/**
 * An entry that a commit changed. Content, executable bit and link target count; a directory changes only
 * when it comes or goes, and so does an entry of another type: it goes, then it comes.
 */
struct vcs_change {
	struct str path; /* relative to the context; good during the call */
	struct vcs_change_side before, after;
};
typedef enum tng_code vcs_change_fn(
		void *user, const struct vcs_change *change, struct tng_error *err);

struct vcs_commit {
	bool is_there;
	char id[41];      /* hexadecimal */
	uint64_t watched; /* bit i: it changes the watched path i */
};

/**
 * The commits that the context of a working tree went through: from HEAD by first parents. Only the object
 * store is read.
 *
 * a        owns what it needs, and must outlive it
 * root     the context, in the working tree of a repository
 * out      set on TNG_OK only; ended with vcs_history_close()
 * Errors   TNG_EINVAL: no repository, or no commit; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code vcs_history_open(
		struct arena *a, const char *root, struct vcs_history **out, struct tng_error *err);

/**
 * The next older commit that has a parent, and what it changed. Nothing is there where vcs_history_ended()
 * then says why not: `fn` may have been called for some changes all the same.
 *
 * scratch  the caller's, to be rewound
 * watched  paths from the top of the repository, at most 64, then NULL; NULL: none
 * Errors   those of fn; TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code vcs_history_next(struct vcs_history *history, struct arena *scratch,
		vcs_change_fn *fn, void *user, const char *const *watched, struct vcs_commit *out,
		struct tng_error *err);

/** Everything that the next commit has, as changes from nothing: parents come before what is in them. */
ATTR_NODISCARD
enum tng_code vcs_history_tree(struct vcs_history *history, struct arena *scratch,
		vcs_change_fn *fn, void *user, struct tng_error *err);

enum vcs_history_end vcs_history_ended(const struct vcs_history *history);

/** The context, from the top of the working tree; "" when they are one. */
struct str vcs_history_prefix(const struct vcs_history *history);

/** NULL is allowed. */
void vcs_history_close(struct vcs_history *history);

/* ---- one line of a .gitignore ---- */

/** A line as git reads it (gitignore(5)); the pattern is a view into it. */
struct vcs_rule {
	/* without the '!', a leading '/', the trailing '/', and "**" in front of a name alone */
	struct str pattern;
	uint32_t line;     /* 1-based, in its file; 0: of a line alone */
	uint32_t literal;  /* bytes of the pattern up to the first special one */
	bool negated;      /* '!' */
	bool is_directory; /* a trailing '/': takes directories only */
	bool is_path;      /* has another '/': about the path from its base, not about the name */
	bool is_suffix;    /* '*' and nothing special behind it */
};

/** What a rule is asked about. */
struct vcs_query {
	struct str path; /* from the directory that the rules are for, no slash at either end */
	struct str name; /* its last component */
	bool is_dir;
	bool folds_case; /* core.ignoreCase */
};

/** False: blank, or a comment. A byte order mark is not expected: it stands before the first line only. */
bool vcs_rule_read(struct str line, struct vcs_rule *out);

/** Whether a rule, alone, takes this very path (no parents, no order, '!' not considered). */
bool vcs_rule_takes(const struct vcs_rule *rule, const struct vcs_query *query);

#endif
