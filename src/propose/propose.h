/*
 * propose/propose.h - facts in, an ignore file out, each line with its reason.
 *
 *   tree, git, classes, builds, today's file --propose_make--> proposal: text, lines, questions
 *
 *   every row: may it go at this level?  (decide.c)
 *     └─▶ units: largest places all of which may go  (units.c)
 *           └─▶ candidate lines, each with the units it takes  (candidates.c, hygiene.c)
 *                 └─▶ the fewest lines that pay for themselves  (cover.c)
 *                       └─▶ a managed block in today's file  (block.c, text.c)
 *
 * In allow-list mode "*" and exceptions come first, from what is left when the units are out (allow.c).
 *
 * What a build names is never taken, what a reference keeps is never taken, and a hand-written line
 * stays byte for byte. Whether the text is right is not judged here: verify/ does that.
 */
#ifndef PROPOSE_PROPOSE_H
#define PROPOSE_PROPOSE_H

#include "classify/classify.h"
#include "dockerfile/dockerfile.h"
#include "propose/references.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

enum propose_level {
	PROPOSE_SAFE,     /* classes that are certain, and that a clone does not have */
	PROPOSE_BALANCED, /* and tests, docs, CI and what is heavy, where nothing needs them */
	PROPOSE_THOROUGH, /* and all that no build needs */
};

enum propose_mode {
	PROPOSE_DENY_LIST,  /* what should stay out */
	PROPOSE_ALLOW_LIST, /* "*", and exceptions for what builds ask for (allow.c) */
};

/** What is written beside the lines. */
enum propose_annotate {
	PROPOSE_ANNOTATE_NONE,
	PROPOSE_ANNOTATE_REASONS, /* short headings; nothing that changes with the figures */
	PROPOSE_ANNOTATE_BYTES,   /* and what each line takes */
};

/** One build of this context. */
struct propose_build {
	struct str dockerfile;               /* as shown to the user */
	const struct build_sources *sources; /* NULL: unknown, so it may ask for anything */
};

/** A line that must not be proposed, and why: what verification said of it. */
struct propose_ban {
	struct str pattern;
	struct str why;
	uint32_t row; /* that it must not take; 0: it is not about one */
};

struct propose_input {
	const struct tree *tree;
	int root_fd; /* to read .gitignore files; -1: do not */
	struct str inside; /* the way from the repository's top to the root; empty: it is the top, or none */
	const struct vcs_column *vcs; /* NULL: nothing is known */
	const struct class_column *classes;
	const struct propose_build *builds; /* all that share this context */
	size_t nbuilds;
	enum tng_engine engine;
	struct str ignore_path; /* of the ignore file, relative to the root; empty: not in it */
	struct str existing;    /* today's ignore file, managed block included */
	const struct str *keep; /* patterns of what must stay, it and what is below */
	size_t nkeep;
	/* what reads what; NULL: nobody looked, so what would have to be looked up stays */
	const struct references *references;
	const struct propose_ban *bans;
	size_t nbans;
	enum propose_mode mode;
	enum propose_level level;
	enum propose_annotate annotate;
};

/** Headings of the block, in its order. */
enum propose_group {
	GROUP_EVERYTHING, /* allow-list mode: "*" ... */
	GROUP_LISTED,     /* ... and its exceptions */
	GROUP_SECRETS,
	GROUP_HISTORY,
	GROUP_DEPENDENCIES,
	GROUP_BUILD,
	GROUP_CACHES,
	GROUP_REPORTS,
	GROUP_LOCAL_DATA,
	GROUP_TOOLS,
	GROUP_TESTS,
	GROUP_DOCS,
	GROUP_DELIVERY,
	GROUP_IGNORED,
	GROUP_UNASKED,
};
#define PROPOSE_NGROUPS 15

/** One line of the block. */
struct proposed_line {
	struct str pattern; /* as written, a '!' in front included */
	enum propose_group group;
	struct str reason; /* a clause */
	uint16_t rule;     /* of the classes, or CLASS_NO_RULE */
	bool is_hygiene;   /* takes nothing today */
	bool from_git;     /* the words are those of a .gitignore */
	uint64_t nfiles,
			bytes; /* it takes, that no line above it took; an exception: it brings back */
	uint64_t ntracked;     /* files of these that git has */
	bool is_behind;        /* an exception that belongs to a line above it */
};

/** Heavy, and kept all the same; or a secret that a build asks for. */
struct proposed_keep {
	uint32_t row;
	uint64_t nfiles, bytes;
	bool is_question; /* the answer may make it a line */
	bool is_secret;
	struct str why; /* a clause: what keeps it, or what is to be decided */
	struct str file;
	uint32_t line;
};

/** A line that was considered and is not there. */
struct proposed_drop {
	struct str pattern;
	struct str why;
};

struct proposal {
	struct str text;                   /* the whole file, hand-written lines included */
	struct str hand;                   /* those alone: today's file without its block */
	const struct proposed_line *lines; /* of the block, in its order */
	size_t nlines;
	const struct proposed_keep *keeps; /* heaviest first, questions before the rest */
	size_t nkeeps;
	const struct proposed_drop *drops;
	size_t ndrops;
	struct str note;       /* a sentence on the mode; empty: nothing to say */
	const uint8_t *may_go; /* per row: 1: nothing that was looked at needs it */
	bool is_changed;       /* the text is not today's file */
	bool has_gain;         /* some line takes something today */
};

/**
 * Make a proposal.
 *
 * a        owns it
 * out      set on TNG_OK only; views into the input
 * Errors   TNG_ESYNTAX: the managed block of today's file has no end (with its line), or a bad pattern
 *          of today's file or of `keep`; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code propose_make(struct arena *a, const struct propose_input *input, struct proposal *out,
		struct tng_error *err);

/** "deny-list", "allow-list". */
const char *propose_mode_name(enum propose_mode mode);

/** "safe", "balanced", "thorough". */
const char *propose_level_name(enum propose_level level);

/** The heading of a group, without its "# ". */
const char *propose_group_title(enum propose_group group);

/** "secrets", "history", ...: as in JSON. */
const char *propose_group_name(enum propose_group group);

/* ---- today's file */

/** An ignore file, cut at its managed block. */
struct propose_block {
	struct str before, after; /* hand-written, byte for byte */
	struct str inside;        /* the block, marks included; empty: there is none */
	uint32_t line;            /* of its first mark; 0: there is none */
	bool has_crlf;            /* line ends of the file */
};

/**
 * Find the managed block.
 *
 * Errors   TNG_ESYNTAX, with the line: a mark without its other one, or a second block
 */
ATTR_NODISCARD
enum tng_code propose_block_find(struct str text, struct propose_block *out, struct tng_error *err);

/**
 * Append what `diff -u` prints for two texts; nothing when they are equal.
 *
 * old_name, new_name   of the two header lines
 */
void propose_diff(struct str old_text, struct str new_text, struct str old_name,
		struct str new_name, struct buf *out);

#endif
