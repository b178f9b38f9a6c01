/* propose/internal.h - what the steps of a proposal hand to each other. */
#ifndef PROPOSE_INTERNAL_H
#define PROPOSE_INTERNAL_H

#include "ignore/ignore.h"
#include "propose/propose.h"
#include "propose/references.h"
#include "transfer/transfer.h"
#include "util/globs.h"
#include "util/vec.h"

#define BLOCK_BEGIN STR("# >>> tonnage")
#define BLOCK_END STR("# <<< tonnage")

/** The file again, with these lines (marks included, "\n" behind each) as its block; none: no block. */
void block_join(const struct propose_block *block, struct str lines, struct buf *out);

/* ---- facts: what builds, people and git say of each row */

#define ROW_REACHED 1U   /* some build may ask for it */
#define ROW_NAMED 2U     /* a source, or an exception of a hand-written line, is this very path */
#define ROW_PINNED 4U    /* a keep pattern matches it or a directory it is in */
#define ROW_GONE 8U      /* hand-written lines keep it out already */
#define ROW_IGNORED 16U  /* git's ignore rules exclude it */
#define ROW_TRACKED 32U  /* git has it; a directory: something in it */
#define ROW_HAS_KEPT 64U /* a directory: something named or pinned is in it, at any depth */

struct facts {
	const struct propose_input *input;
	const struct tree *tree;
	struct propose_block block; /* today's file */
	struct ignore_set *hand;    /* hand-written lines; NULL: none */
	struct str hand_text;
	struct str old_lines;        /* of the block, if there is one */
	uint8_t *rows;               /* ROW_* */
	uint32_t ignore_row;         /* the file that is proposed: it counts as gone; 0: none */
	const uint32_t *named_above; /* per directory: itself or the nearest one above that is named */
	bool git_is_known;           /* ROW_TRACKED says something */
	bool asks_for_all;           /* a build may ask for anything, or none is known */
	bool is_listed;              /* "*" and exceptions are there, see allow_make() ... */
	bool has_folders;            /* ... and one of them lets a folder in */
	bool asks_something;         /* some build reads the context, as far as is known */
};

/** Errors as of propose_make(). *out is ended with facts_fini(), whatever came. */
ATTR_NODISCARD
enum tng_code facts_collect(struct arena *a, const struct propose_input *input, struct facts *out,
		struct tng_error *err);
void facts_fini(struct facts *facts);

/* ---- patterns against rows */

/** Patterns that are each matched alone, without order and parents; numbered as they were given. */
struct matcher {
	struct ignore_set *set;
	struct ignore_scratch *scratch;
	struct globs ends; /* to be asked for the patterns that may match a path of some name */
};

/** a must outlive it. Bad patterns are TNG_ESYNTAX; err->line is the pattern's number from 1. */
ATTR_NODISCARD
enum tng_code matcher_init(struct arena *a, struct matcher *m, const struct str *patterns, size_t n,
		struct tng_error *err);
void matcher_fini(struct matcher *m);

/** Whether pattern i matches this very path. */
ATTR_NODISCARD
enum tng_code matcher_matches(const struct matcher *m, uint32_t i, struct str path, bool *out,
		struct tng_error *err);

/* ---- .gitignore in Docker's language */

/** One line of a .gitignore, translated. */
struct git_rule {
	struct str pattern; /* with a '!' in front where it is an exception */
	bool only_dirs;     /* git takes directories only; Docker's line takes files, too */
	struct str file;    /* where it is from */
	uint32_t line;
};

struct git_rules {
	const struct git_rule *list; /* in git's order of precedence, the last one wins */
	size_t n;
};

/**
 * Translate one line of a .gitignore.
 *
 * dir  the directory it lies in, relative to the root; empty: the root
 * Returns  false: no pattern (blank, comment), or one that Docker's language cannot say
 */
ATTR_NODISCARD
bool gitignore_translate(struct arena *a, struct str dir, struct str line, struct git_rule *out);

/**
 * Say a rule of a directory above the root in the root's terms; `above` is the way from there to the root,
 * empty: they are the same.
 *
 * Returns  false: it says nothing about what is in the root
 */
ATTR_NODISCARD
bool gitignore_lower(struct arena *a, struct str above, struct git_rule *rule);

/** All .gitignore files of the tree, those above it up to the repository's top, and its info/exclude; those below what hand-written lines keep out are not read. */
ATTR_NODISCARD
enum tng_code gitignore_read(struct arena *a, const struct propose_input *input,
		struct git_rules *out, struct tng_error *err);

/** Set ROW_IGNORED where the translated rules exclude. */
ATTR_NODISCARD
enum tng_code gitignore_mark(struct arena *a, const struct propose_input *input,
		const struct git_rules *rules, uint8_t *rows, struct tng_error *err);

/* ---- decide: what may go at this level */

enum decision {
	DECIDE_KEEP,
	DECIDE_ASK,
	DECIDE_OUT,
};

/** Why a row may go. */
enum out_reason {
	OUT_NONE,
	OUT_CLASS,      /* of its class */
	OUT_IGNORED,    /* git ignores it, so a clone is built without it */
	OUT_UNASKED,    /* no build asks for it */
	OUT_IN_THE_WAY, /* a RUN makes it, and stops where it is there */
};

struct decisions {
	uint8_t *decision; /* per row */
	uint8_t *reason;   /* per row: enum out_reason */
};

ATTR_NODISCARD
enum tng_code decide_rows(struct arena *a, const struct facts *facts, struct decisions *out,
		struct tng_error *err);

/** Tests, documentation, CI and the like: what lies around a program. */
bool class_is_aside(const struct class_column *classes, uint16_t klass);

/** The heading that a class belongs under. */
enum propose_group class_group_of(const struct class_column *classes, uint16_t klass);

/* ---- units: the largest places all of which may go */

struct unit {
	uint32_t row;
	uint16_t rule, klass;
	uint8_t reason; /* enum out_reason */
	bool is_secret; /* it, or something in it, is one */
	bool is_aside;  /* tests, docs and the like: a build may have its reasons */
	bool is_inner;  /* ... in a folder that stays, not in the root */
	enum propose_group group;
	uint64_t nfiles, bytes; /* that hand-written lines let through */
	uint64_t ntracked;
};

/** Worth a line whatever it weighs. */
static inline bool unit_is_priceless(const struct unit *unit) {
	return unit->is_secret || unit->reason == OUT_IN_THE_WAY;
}

struct units {
	VEC_FIELDS(struct unit)
};

struct keeps {
	VEC_FIELDS(struct proposed_keep)
};

/**
 * Find the units; what a reference keeps becomes DECIDE_KEEP, and is noted with what it said.
 *
 * out, keeps  on malloc
 */
ATTR_NODISCARD
enum tng_code units_find(struct arena *a, const struct facts *facts, struct decisions *decisions,
		struct units *out, struct keeps *keeps, struct tng_error *err);

/* ---- candidates: lines, and the units that each takes */

enum candidate_kind {
	CANDIDATE_RULE,    /* the pattern of a class rule, at any depth */
	CANDIDATE_LITERAL, /* one path */
	CANDIDATE_FOLDER,  /* one path, and exceptions for the files in it that builds name */
	CANDIDATE_SHAPE,   /* one '*' for what several paths differ in */
	CANDIDATE_SUFFIX,  /* files of one extension in one directory */
	CANDIDATE_GIT,     /* a line of .gitignore */
	CANDIDATE_HYGIENE, /* what will be there tomorrow */
};

struct candidate {
	struct str pattern;
	enum candidate_kind kind;
	enum propose_group group;
	uint16_t rule;
	struct str reason;
	bool is_blocked;  /* it takes something that stays */
	bool was_there;   /* a line of today's block */
	uint32_t blocker; /* the first row that stays; TREE_NO_ROW: none */
	struct str ban;   /* why it was banned; empty: it was not */
	struct str instead_of; /* hygiene: only when the line of this pattern is blocked; empty: always */
	const struct str *exceptions; /* CANDIDATE_FOLDER: the lines behind it, '!' included */
	size_t nexceptions;
	bool is_chosen;
	struct {
		VEC_FIELDS(uint32_t)
	} units; /* that it takes */
};

struct candidates {
	VEC_FIELDS(struct candidate)
};

ATTR_NODISCARD
enum tng_code candidates_make(struct arena *a, const struct facts *facts,
		const struct decisions *decisions, const struct units *units,
		struct candidates *out, struct tng_error *err);

/** The lines that a project of these kinds wants whatever is there today. */
ATTR_NODISCARD
enum tng_code hygiene_add(struct arena *a, const struct facts *facts, struct candidates *out,
		struct tng_error *err);

/** Folders of which builds name a few files, and nothing else: one line and exceptions. */
ATTR_NODISCARD
enum tng_code folders_add(struct arena *a, const struct facts *facts, const struct units *units,
		struct candidates *out, struct tng_error *err);

void candidates_fini(struct candidates *c);

/** Add one, unless its pattern is there; NULL: out of memory. The texts must last. */
struct candidate *candidates_add(struct candidates *c, struct str pattern, enum candidate_kind kind,
		enum propose_group group);

/* ---- cover */

/** Choose; sets is_chosen. */
ATTR_NODISCARD
enum tng_code cover_choose(struct arena *a, const struct facts *facts, const struct units *units,
		struct candidates *candidates, uint64_t kept_bytes, struct tng_error *err);

/* ---- allow-list mode */

/** "*" and the exceptions behind it. */
struct allow_list {
	VEC_FIELDS(struct proposed_line)
	bool is_whole; /* the builds ask for everything: the exceptions are what is there today */
};

/**
 * List what stays; all that "*" then keeps out gets ROW_GONE.
 *
 * out      on malloc
 */
ATTR_NODISCARD
enum tng_code allow_make(struct arena *a, struct facts *facts, const struct decisions *decisions,
		const struct units *units, struct allow_list *out, struct tng_error *err);

/** Whether the hand-written lines are an allow-list already. */
bool allow_is_written(const struct facts *facts);

/* ---- text */

/** The block's lines with their headings, marks included. */
void text_put(const struct propose_input *input, const struct proposed_line *lines, size_t n,
		struct buf *out);

#endif
