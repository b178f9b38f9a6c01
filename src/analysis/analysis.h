/*
 * analysis/analysis.h - one run: the stages in order, and the memory of what they found.
 *
 *   request --analysis_run--> analysis: one tree, a build for each Dockerfile, findings
 *                               └─ analysis_heaviest(), analysis_extensions(): views of a build
 *
 * Rules live in the stages; this room only calls them and keeps their results together.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "analysis/history.h"
#include "builds/builds.h"
#include "check/check.h"
#include "classify/classify.h"
#include "config/config.h"
#include "context/context.h"
#include "digest/digest.h"
#include "dockerfile/dockerfile.h"
#include "propose/propose.h"
#include "transfer/transfer.h"
#include "vcs/vcs.h"
#include "verify/verify.h"
#include "walk/walk.h"

/** Which figures: all there is, what the ignore file lets through, what the build asks for. */
enum lens {
	LENS_DISK,
	LENS_ELIGIBLE,
	LENS_REQUESTED,
};

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR, /* a build would fail */
};

/** Something the user should know; the run went on. */
struct finding {
	const char *name; /* of its kind, for scripts: "unreadable-file" */
	enum severity severity;
	struct str file;       /* as shown to the user; empty: about no file */
	uint32_t line, column; /* 1-based; 0: not about a position */
	struct str text;       /* one line, no final period */
	size_t build;          /* of struct analysis.builds; 0: or of none */
	bool is_guess;         /* that build's context is: the severity is one less */
};

/** --build-context NAME=VALUE. */
struct named_context {
	struct str name, value;
};

struct analysis_request {
	const char *root; /* NULL: "." */
	const char *const
			*dockerfiles; /* -f, relative to the working directory; none: the default */
	size_t ndockerfiles;
	struct str stdin_text;   /* as struct context_request */
	const char *ignore_file; /* --ignorefile */
	enum tng_engine engine;
	struct str target; /* --target; empty: the last stage */
	const struct build_arg *args;
	size_t nargs;
	const struct named_context *contexts;
	size_t ncontexts;
	const struct config *config; /* class rules; NULL: none */
	const char *revision;        /* of git, instead of what is on disk; NULL: what is on disk */
	/* one of what is on disk, with a git column: what that has read is not read again; NULL: none. Not kept */
	const struct analysis *beside;
	bool want_git;     /* the git column */
	bool want_classes; /* the class column; goes by git's as far as that is wanted */
	/* the other builds of this context that its files tell of: those of struct analysis.found; not where
	 * `dockerfiles` or `target` name what is meant */
	bool want_others;
	struct walk_options walk;
};

/** What one source of an instruction asks for. */
struct source_weight {
	const struct source *source;
	bool is_whole;       /* everything that is eligible */
	struct weight asked; /* of its context's entries; what is excluded is not in it */
};

/** A local directory that a --build-context names, in one use: a transfer of its own. */
struct named_transfer {
	struct str name, directory;
	uint32_t line;   /* of the instruction that opens it */
	bool is_local;   /* false: an image, a URL, ...: nothing is sent from here */
	bool is_weighed; /* false: not local, or a finding says why not */
	size_t same_as; /* the first use that asks for the same, itself if none: one transfer serves both */
	struct weight disk, requested;
};

/** Files of a lens that BuildKit announces with their size and sends without content. */
struct empty_weight {
	uint64_t nfiles, bytes; /* announced: the lens counts them, and they do not arrive */
};

/** One build: a Dockerfile, and what it makes of the shared tree. */
struct build {
	struct context context;
	struct str target; /* as it was asked for; empty: the last stage */
	const struct found_build
			*found; /* the file that tells of it; NULL: the user's, or the default */
	bool is_guess; /* nobody says that this is its context: what is told of it counts less */
	struct ignore_set *patterns; /* NULL: no ignore file, or a bad one */
	bool shares_patterns;        /* they are an earlier build's */
	/* false: the patterns are bad, and the disk lens is known; the requested lens, too, where the Dockerfile
	 * asks for nothing and the builder does not come to them */
	bool has_plan;
	struct transfer_plan plan; /* disk and eligible; disk is always there */

	const struct dockerfile *dockerfile; /* NULL: none, or it does not parse */
	const struct build_sources *sources; /* NULL: no dockerfile, or it does not resolve */
	bool has_requested;                  /* `requested` is known */
	/* what is asked for; when is_bounded, at least: sources that hang on an unknown argument may ask for
	 * anything that is eligible */
	struct transfer_plan requested;
	bool is_bounded;
	struct empty_weight eligible_empty, requested_empty; /* BuildKit */
	const struct source_weight *source_weights;          /* one for each of sources->sources */
	const struct named_transfer *named;
	size_t nnamed;
};

struct analysis {
	struct arena *arena;           /* owns all below but the handles */
	struct vcs_revision *revision; /* owns the tree; NULL: what is on disk */
	/* the revision does not have one that was asked for; lacks: which, by their number. Its builds are those
	 * of the others, or that of the default where there are none */
	bool lacks_dockerfile;
	const bool *lacks;
	const char *root;     /* as it was opened: of a revision, where its files are laid out */
	const char *laid_out; /* a temporary directory for a revision's files; NULL: none */
	struct tree *tree;
	/* the first one is what the user asked about; the others are his, too, or found, and then without a root
	 * of their own */
	struct build *builds;
	size_t nbuilds;
	bool has_git; /* it was asked for; what it says may still be "unknown" */
	struct vcs_column git;
	bool has_classes;
	struct class_column classes;
	const struct builds *found; /* of the tree, any context; NULL: nobody asked */
	const struct finding *findings;
	size_t nfindings;
	bool is_partial; /* something could not be read, and figures other than the disk's lack it */
	bool disk_is_partial; /* something could not be read */
};

/**
 * Run the stages.
 *
 * request  must outlive the analysis
 * out      set on TNG_OK only; ended with analysis_destroy()
 * Errors   those of context_open() and tree_walk(); TNG_EINVAL: no such target, or a class rule of the
 *          configuration that makes no sense; TNG_ENOMEM. A bad pattern or a bad Dockerfile is a finding.
 */
ATTR_NODISCARD
enum tng_code analysis_run(const struct analysis_request *request, struct analysis **out,
		struct tng_error *err);

/** NULL is allowed. */
void analysis_destroy(struct analysis *an);

/** Whether a lens of a build is known. */
bool build_has_lens(const struct build *build, enum lens lens);

/** Sums of a lens that is known. */
const struct weight *build_weight(const struct build *build, enum lens lens);

/** The narrowest lens that is known: what figures are shown under when the user did not say. */
enum lens build_default_lens(const struct build *build);

/** The lens of what the engine really sends; LENS_DISK: that is not known. */
enum lens build_sent_lens(const struct build *build);

/** The plan that holds a lens: its `eligible` are the lens' sums, unless the lens is disk. */
static inline const struct transfer_plan *build_plan(const struct build *build, enum lens lens) {
	return lens == LENS_REQUESTED ? &build->requested : &build->plan;
}

/** Whether a row belongs to a lens. */
static inline bool build_in_lens(const struct build *build, enum lens lens, uint32_t row) {
	return lens == LENS_DISK || fate_is_sent(build_plan(build, lens)->fate[row]);
}

/**
 * What the instruction of one line asks for, as a plan of its own; in the arena.
 *
 * line     as in the Dockerfile: of the instruction
 * Errors   TNG_EINVAL: nothing on that line reads the context; the text says which lines do
 */
ATTR_NODISCARD
enum tng_code analysis_plan_line(struct arena *a, const struct analysis *an,
		const struct build *build, uint32_t line, struct transfer_plan *out,
		struct tng_error *err);

/** One line of the view of heavy places. */
struct heavy {
	uint32_t row;
	bool is_rest; /* what is left of this directory once other lines took their share */
	uint64_t nfiles, bytes;
};

/**
 * The places that explain the bytes: at most `top` lines, heaviest first, that add up to the lens.
 *
 * A directory is opened when most of it is in one place, so a chain of single children is one line and
 * a heavy folder deep down is named in full; what is left of an opened directory is a line of its own.
 * A directory whose name starts with a dot is one line (a tool's own state).
 */
ATTR_NODISCARD
enum tng_code analysis_heaviest(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, size_t top, struct heavy **out,
		size_t *n, struct tng_error *err);

/** The heaviest files, at most `top`. */
ATTR_NODISCARD
enum tng_code analysis_largest_files(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, size_t top, struct heavy **out,
		size_t *n, struct tng_error *err);

struct extension_weight {
	struct str extension; /* with its dot, ASCII lower case; empty: none */
	uint64_t nfiles, bytes;
};

/** Files by extension, heaviest first, all of them. */
ATTR_NODISCARD
enum tng_code analysis_extensions(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, struct extension_weight **out, size_t *n,
		struct tng_error *err);

#define NLENSES 3

/** What some rows weigh under each lens; nothing in a lens that is not known. */
struct lens_weights {
	struct lens_weight {
		uint64_t nfiles, bytes;
	} of[NLENSES]; /* by enum lens */
};

struct class_weight {
	uint16_t klass;
	struct lens_weights weights;
};

/**
 * Files by class, all classes that have any: heaviest first under `lens`, then on disk.
 *
 * an       has classes
 */
ATTR_NODISCARD
enum tng_code analysis_classes(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, struct class_weight **out, size_t *n,
		struct tng_error *err);

/** What is in each of git's states under each lens. */
struct git_weights {
	struct lens_weights state[VCS_NSTATES];
	/* untracked and ignored only: rows whose directory is in another state, with a file in the lens */
	uint64_t nplaces[VCS_NSTATES][NLENSES];
};

/** The cross table of git's states and the lenses; an has git. */
void analysis_git(const struct analysis *an, const struct build *build, struct git_weights *out);

/** Of the places that analysis_git() counts in a state under a lens the heaviest, at most `top`. */
ATTR_NODISCARD
enum tng_code analysis_git_places(struct arena *a, const struct analysis *an,
		const struct build *build, enum vcs_state state, enum lens lens, size_t top,
		struct heavy **out, size_t *n, struct tng_error *err);

/** A file, or a directory all of whose files are, that holds a credential. */
struct secret_place {
	uint32_t row;
	struct str kind; /* what a probe saw; empty: the name says so */
	uint32_t line;   /* of that; 0: no line */
	enum class_severity severity;
	bool in_lens[NLENSES]; /* it, or a file in it */
};

/** All secrets but those that the guards keep, gravest first, then in row order; an has classes. */
ATTR_NODISCARD
enum tng_code analysis_secrets(struct arena *a, const struct analysis *an,
		const struct build *build, struct secret_place **out, size_t *n,
		struct tng_error *err);

/** The rules and classes of tonnage and of a configuration; errors as of analysis_run(). */
ATTR_NODISCARD
enum tng_code analysis_rules(struct arena *a, const struct config *config, struct class_column *out,
		struct tng_error *err);

/**
 * What a plan of the build costs on the wire; classic always sends what is eligible. Extended attributes
 * are read: a system call for each row that is sent.
 *
 * a        scratch
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_wire(struct arena *a, const struct analysis *an, const struct build *build,
		const struct transfer_plan *plan, struct transfer_wire *out, struct tng_error *err);

/** BuildKit's two transfers before that of the context; one that does not happen says so. */
ATTR_NODISCARD
enum tng_code analysis_wire_before(struct arena *a, const struct build *build,
		struct transfer_wire *dockerfile, struct transfer_wire *ignore_file,
		struct tng_error *err);

/** A named context on the wire. */
struct named_wire {
	struct transfer_wire context;
	struct transfer_wire ignore_file; /* with the first use of a name */
	/* no other transfer goes by this name. Else dockerd keeps a copy for each, and which one the next
	 * build compares with is chance: `unchanged` may be anything up to `first` */
	bool is_alone;
	bool is_built_on; /* it is the base of a stage that adds to it: nothing is kept to compare with */
};

/**
 * What build->named[i] costs BuildKit on the wire; the directory is walked again. Nothing happens where
 * another use made the transfer, where nothing is local, and for other engines.
 *
 * a        scratch
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_wire_named(struct arena *a, const struct build *build, size_t i,
		struct named_wire *out, struct tng_error *err);

/* ---- explain: why one path is in or out */

/** What a pattern did for the verdict of a path. */
enum trace_effect {
	TRACE_DECIDED,   /* the last one that counts */
	TRACE_CHANGED,   /* changed the verdict; a later one changed it back */
	TRACE_CONFIRMED, /* counted, and changed nothing */
	TRACE_SKIPPED, /* not tried there, for it could not change anything: so it does not count below, either */
	TRACE_UNREACHED, /* matches only below a directory that the builder does not enter */
};

struct trace_step {
	uint32_t pattern;   /* of build->patterns */
	struct str matched; /* the path, or the directory it is in, that it matches first */
	enum trace_effect effect;
};

/** An instruction's source that takes in a path. */
struct path_request {
	const struct source *source;
	bool only_below; /* a directory: it asks for something in it only */
};

/** What git would make of the ignore file's lines. */
struct git_verdict {
	bool excluded;
	uint32_t pattern; /* whose line decides, or IGNORE_NO_PATTERN */
	/* where git and the engine differ: why, as a clause; else empty */
	struct str why;
	bool is_depth; /* ... because git's line matches at any depth, the engine's in the root */
};

struct explanation {
	struct str path; /* relative to the root, clean */
	bool on_disk, is_dir;
	struct verdict verdict; /* the walk's, of the path or of the directory that is not entered */
	/* what becomes of it; of what the Dockerfile asks for where that is known and the engine goes by it */
	enum fate fate;
	struct str not_entered; /* FATE_PRUNED: that directory */
	const struct trace_step
			*trace; /* patterns that match it or a directory it is in, in file order */
	size_t ntrace;
	struct verdict whole_path; /* the other evaluation */
	bool comes_empty; /* it is sent, and BuildKit then opens it by the other evaluation */
	struct path_request *requests; /* sources that ask for it, excluded or not */
	size_t nrequests;
	bool maybe_asked; /* ... or a source that hangs on an unknown argument may */
	struct git_verdict git;
	bool is_secret;  /* by its class, or that of something below it */
	struct str next; /* a sentence or two: what to do; of a secret never how to send it */
	/* not on disk, for a directory of it is a symbolic link: that link, its target as it is written, and
	 * the path behind it, empty when it leads out of the context */
	struct str link, link_target, behind;
};

/**
 * Explain one path.
 *
 * path     relative to the root, clean, not the root itself; must outlive *out
 * is_dir   of a path that is not on disk
 * build    has a plan
 * Errors   those of ignore_decide(); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_explain(struct arena *a, const struct analysis *an,
		const struct build *build, struct str path, bool is_dir, struct explanation *out,
		struct tng_error *err);

/** Entries, and the bytes of the regular files among them. */
struct pattern_hits {
	uint64_t nentries, nfiles, bytes;
};

/** What one pattern, alone, would do in this context. */
struct pattern_explanation {
	struct str text; /* cleaned, without the '!' */
	bool is_exception;
	enum ignore_route route;
	struct str meaning;      /* a sentence: what it matches */
	const struct str *notes; /* a sentence each: what it may not be meant to */
	size_t nnotes;
	struct pattern_hits disk;     /* what it matches, and what is below that */
	struct pattern_hits eligible; /* of that, what is eligible now */
	const uint32_t *rows;         /* matched, without what is below another: the first ones */
	size_t nrows, nrows_all;
	/* with its line behind those of the ignore file: what stays out in addition, what comes back */
	struct pattern_hits newly_out, newly_in;
	/* the same pattern at any depth, as git would take a name without a slash; text is empty: it is the
	 * same */
	struct str deep_text;
	struct pattern_hits deep;
};

/**
 * Explain one pattern, as a line of the ignore file.
 *
 * top      rows to keep
 * build    has a plan
 * Errors   TNG_EINVAL: the line holds no pattern; TNG_ESYNTAX as ignore_parse() and ignore_decide();
 *          TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_explain_pattern(struct arena *a, const struct analysis *an,
		const struct build *build, struct str line, size_t top,
		struct pattern_explanation *out, struct tng_error *err);

/* ---- explain without a path: why the transfer is slow */

/** Which build is told of. */
enum slow_assume {
	SLOW_COLD,     /* a first one */
	SLOW_WARM,     /* after another, and nothing has changed */
	SLOW_MTIME,    /* ... all files have a new time */
	SLOW_CHMOD,    /* ... another mode */
	SLOW_CHECKOUT, /* ... git wrote what it tracks anew */
};

struct slow_options {
	enum time_place place;
	double bytes_per_second, round_trip; /* as time_profile() takes them */
	enum slow_assume assume;
	const struct build_time *timed; /* builds that the profile is fitted to */
	size_t ntimed;
};

/** Which build of this context a timed one was, by its bytes. */
enum slow_timed_as {
	SLOW_TIMED_FIRST,     /* as a first one of today */
	SLOW_TIMED_UNCHANGED, /* as one with nothing changed */
	SLOW_TIMED_CHANGED,   /* between the two: taken for one with some files changed */
	SLOW_TIMED_LARGER,    /* more than a first one: taken for that with more bytes */
	SLOW_TIMED_OTHER,     /* much more, or less than can be: of another context, and left out */
};

struct slow_timed {
	const struct build_time *build;
	enum slow_timed_as as;
};

struct slow_time {
	struct time_counts counts;
	struct time_prediction time;
};

#define SLOW_CAUSES_MAX ((size_t)7)

/** Something that takes time, and what would change it. */
struct slow_cause {
	const char *id; /* stable, for scripts: "many-small-files" */
	enum lens lens; /* that the figures are of; LENS_DISK: of what is walked only */
	uint32_t row;   /* the place, or the heaviest of several; 0: it is not about one */
	size_t nplaces;
	struct str file; /* that is to blame, and the line in it; empty: none */
	uint32_t line;
	uint64_t nentries, nfiles, bytes; /* that it is about */
	/* what the change saves: the build planned with it against that without; where there is no change,
	 * what this takes */
	struct time_range seconds;
	struct str what;        /* a clause: "41,233 small files in web/node_modules (58MB)" */
	struct str change;      /* a clause: what to do; empty: there is nothing */
	bool is_ignore_file;    /* ... in the ignore file */
	struct str why;         /* a clause behind it; empty: none */
	struct time_range left; /* what the whole transfer takes after the change */
};

struct slow_story {
	struct slow_options how;
	bool happens;                    /* something is sent (podman: copied) */
	struct slow_time cold, warm;     /* warm: as it is assumed; SLOW_COLD: unchanged */
	const struct slow_cause *causes; /* by time_middle() of the seconds, longest first */
	size_t ncauses;
	bool has_proposed; /* the first build's ignore file could be proposed for */
	struct slow_time
			proposed; /* the build that is told of, with all that propose would write */
	struct str verdict; /* a sentence: that the ignore file is not the problem; else empty */
	const struct slow_timed *timed;        /* as in the options */
	size_t ntimed, nused;                  /* used: all but SLOW_TIMED_OTHER */
	uint64_t first_bytes, unchanged_bytes; /* that they were held against */
	struct time_fit fit;                   /* of those used */
};

/** The time of the build that is told of. */
static inline const struct slow_time *slow_told(const struct slow_story *story) {
	return story->how.assume == SLOW_COLD ? &story->cold : &story->warm;
}

/**
 * Tell where the time of a transfer goes. Each change is tried: the build is planned again with it.
 *
 * a        owns it
 * an       with its classes; with git's column, unless git is not to be asked
 * build    has a plan
 * Errors   those of analysis_propose() and transfer_plan(); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_slow(struct arena *a, const struct analysis *an, const struct build *build,
		const struct slow_options *options, struct slow_story *out, struct tng_error *err);

/* ---- propose: an ignore file that is proven */

struct propose_options {
	enum propose_mode mode;
	enum propose_level level;
	enum propose_annotate annotate;
	const struct str *keep; /* patterns of what must stay */
	size_t nkeep;
	bool want_splits; /* see analysis_proposal: each Dockerfile is tried with a file of its own */
};

/** A build that lives with the ignore file. */
struct proposed_build {
	struct str dockerfile; /* relative to the root where it is inside; empty: inline */
	struct str target;     /* empty: the last stage */
	bool is_inside;        /* the Dockerfile is an entry of the context */
	struct str file;       /* that told of it; empty: the command line, or the default */
	uint32_t line;
	const struct dockerfile *parsed;     /* NULL: it cannot be read */
	const struct build_sources *sources; /* NULL: it may ask for anything */
};

/** What a build asks for, and today's hand-written lines keep out already: nothing of ours. */
struct proposed_already {
	uint32_t row; /* the first one */
	uint64_t nrows, bytes;
	struct str pattern; /* of the hand-written line */
	struct str dockerfile;
	uint32_t line; /* of the instruction; 0: nothing is known of what the build reads */
	bool is_whole; /* nothing of the source is left: the build stops, or copies nothing */
};

/** What is saved by an ignore file of its own for one of several Dockerfiles: advice from here on. */
#define PROPOSE_SPLIT_PERCENT 20U
#define PROPOSE_SPLIT_MIN_BYTES UINT64_C(1000000)
/** With more Dockerfiles than this nothing is tried: each costs a proposal of its own. */
#define PROPOSE_SPLIT_MAX 8U

/** A Dockerfile that is better off with `<Dockerfile>.dockerignore`. */
struct proposed_split {
	struct str dockerfile;
	uint64_t shared_bytes; /* its builds ask for, under the file that is proposed */
	uint64_t own_bytes;    /* ... and under one of their own */
};

struct analysis_proposal {
	struct str path; /* of the ignore file: relative to the root, or as given */
	bool exists;     /* it is there today */
	bool is_given;   /* --ignorefile: relative to the working directory */
	struct proposal proposal;
	struct verification verification;       /* against today's hand-written lines */
	const struct proposed_already *already; /* of the engine that was asked for */
	size_t nalready;
	const struct proposed_split *splits; /* largest first */
	size_t nsplits;
	const struct proposed_build *builds;
	size_t nbuilds;
	const struct references *references; /* what the builds were found to need */
};

/**
 * Propose an ignore file for the first build and all others that live with its ignore file. The text
 * has passed verification under every engine; lines that did not are among the drops.
 *
 * a        owns it; the analysis must outlive it
 * an       with its classes; with git's column, unless git is not to be asked
 * Errors   those of propose_make() and verifier_create(); TNG_EINVAL: no text passes, which is our fault
 */
ATTR_NODISCARD
enum tng_code analysis_propose(struct arena *a, const struct analysis *an,
		const struct propose_options *options, struct analysis_proposal *out,
		struct tng_error *err);

/* ---- the ledger: what each line of an ignore file is worth */

/** A pattern as it is cleaned, without its '!'. */
struct ledger_name {
	struct str text;
	bool is_exception;
};

struct analysis_ledger {
	struct ledger ledger;            /* no lines: there is no file, or a bad one */
	const struct ledger_name *names; /* one for each of its lines */
};

/**
 * The ledger of the build's ignore file, by its engine; see verify_ledger().
 *
 * a        owns it
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_ledger(struct arena *a, const struct analysis *an, const struct build *build,
		struct analysis_ledger *out, struct tng_error *err);

/** The same with another text in the place of that file; errors as of transfer_plan(), too. */
ATTR_NODISCARD
enum tng_code analysis_ledger_of(struct arena *a, const struct analysis *an,
		const struct build *build, struct str text, struct analysis_ledger *out,
		struct tng_error *err);

/* ---- check: the rules */

/**
 * Run the rules of `tonnage check`.
 *
 * a        owns the result
 * an       with its classes; with git's column, unless git is not to be asked
 * Errors   those of check_run(), verify_ledger() and verifier_create()
 */
ATTR_NODISCARD
enum tng_code analysis_check(struct arena *a, const struct analysis *an,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err);

/**
 * The same, and the rule `regression` against an earlier look at the same context. Findings that the earlier
 * one has not are marked new; with `only_new` the others are known.
 *
 * earlier   of analysis_run() with a revision; has classes
 * name      of it, for people
 */
ATTR_NODISCARD
enum tng_code analysis_check_against(struct arena *a, const struct analysis *an,
		const struct analysis *earlier, struct str name, bool only_new,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err);

/** Whether a rule of analysis_check() says the same. */
bool analysis_is_checked(const struct finding *finding);

/** An ignore file as --fix would have it. */
struct analysis_fixed {
	const struct context *context; /* of the first build that reads it */
	struct check_fixed fixed;
};

/**
 * Make the edits of the findings in every ignore file that a build reads, each proven with its builds; see
 * check_fix().
 *
 * a        owns *out and its texts
 * out, n   one for each file, in the order of the builds; a file with two names is one
 */
ATTR_NODISCARD
enum tng_code analysis_fix(struct arena *a, const struct analysis *an,
		const struct check_result *result, const struct analysis_fixed **out, size_t *n,
		struct tng_error *err);

/** What the path of a build's ignore file is relative to: the root, or AT_FDCWD. */
int analysis_ignore_fd(const struct analysis *an, const struct context *ctx);

/**
 * A file that is not in the context, and that findings name from the working directory on (of a revision from
 * the repository's top): from the context's root on, "../docker/Dockerfile". One that is not in its repository
 * is far, and its name alone.
 */
struct str analysis_outside(
		struct arena *a, const struct analysis *an, struct str file, bool *is_far);

/** What an error of the ignore file means, to be put behind its text: "; ...". */
const char *analysis_pattern_error_hint(const struct tng_error *bad);

/** One or two plain sentences: what to do next. */
ATTR_NODISCARD
enum tng_code analysis_advice(struct arena *a, const struct analysis *an, const struct build *build,
		struct str *out, struct tng_error *err);

/**
 * What the instructions of the builds select, read and digested; without a Dockerfile all that is eligible.
 * Named contexts have no part in it.
 *
 * a          owns the manifest, which has views into the analysis
 * njobs      threads that read; 0: by processors
 * by_object  of a revision, to be compared with another: see struct digest_source
 * Errors     TNG_EINVAL: the ignore file is bad; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code analysis_snapshot(struct arena *a, const struct analysis *an, unsigned njobs,
		bool by_object, struct manifest *out, struct tng_error *err);

/* ---- what would have kept instructions from running again */

/** A line for the ignore file. */
struct prevention_line {
	struct str pattern;
	size_t nchanges; /* that it takes; an exception, which belongs to the line above it: 0 */
};

struct prevention {
	struct str path; /* of the ignore file, as in struct analysis_proposal */
	const struct prevention_line *lines;
	size_t n;           /* 0: no line that is proven would help */
	size_t nchanges;    /* that these lines take, of those that make an instruction run again */
	const size_t *left; /* per instruction of the difference: changes that are not taken */
	bool is_all;        /* with these lines nothing would have run again */
};

/**
 * Lines that a proposal would write (PROPOSE_THOROUGH), and that take changes which make instructions run
 * again. All of them together are judged anew: every engine and every build that shares the ignore file
 * keeps what it needs, and each change is decided once more.
 *
 * a        owns it
 * an       of one side; has classes
 * keep     as in struct propose_options
 * Errors   TNG_ENOMEM. Where nothing can be proposed there are no lines.
 */
ATTR_NODISCARD
enum tng_code analysis_prevent(struct arena *a, const struct analysis *an,
		const struct manifest_diff *diff, const struct str *keep, size_t nkeep,
		struct prevention *out, struct tng_error *err);

#endif
