/*
 * check/check.h - everything that can be wrong between a context, its ignore file and its Dockerfiles.
 *
 *   finished columns, policy --check_run--> check_result: findings, each of a rule
 *
 * Rules are data: rules.c has one row a rule (id, severity, help, example, fix), and `tonnage rules` shows
 * it. What a rule looks at is a function in a file of its family: budgets.c, secrets.c, patterns.c,
 * needs.c, files.c, hygiene.c. A rule reads columns and decides nothing that another room has decided.
 *
 * A finding's fingerprint names the rule, the file and what it is about, not the line: it survives lines
 * that move, and holds no absolute path.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "classify/classify.h"
#include "config/config.h"
#include "context/context.h"
#include "dockerfile/dockerfile.h"
#include "transfer/transfer.h"
#include "util/arena.h"
#include "util/error.h"
#include "vcs/vcs.h"
#include "verify/verify.h"

/** Sorted as the table is: by family. The ids are in rules.c. */
enum check_rule_id {
	RULE_BUDGET_BYTES,
	RULE_BUDGET_FILES,
	RULE_BUDGET_FILE_SIZE,
	RULE_BUDGET_CLASS,
	RULE_BUDGET_PATH,
	RULE_BUDGET_GIT_RATIO,
	RULE_REGRESSION,
	RULE_SECRET_SENT,
	RULE_SECRET_IN_STAGE,
	RULE_SECRET_IN_IMAGE,
	RULE_PATTERN_ERROR,
	RULE_PATTERN_DEAD,
	RULE_PATTERN_COVERED,
	RULE_PATTERN_DUPLICATE,
	RULE_PATTERN_ORDER,
	RULE_PATTERN_CASE,
	RULE_PATTERN_SYNTAX, /* "./", a backslash, "[!a]", a regexp character that leaks */
	RULE_PATTERN_NOT_SENDABLE,
	RULE_EXCEPTION_NOOP,
	RULE_EXCEPTION_DEFEATS_PRUNING,
	RULE_GITIGNORE_IDIOM,
	RULE_INLINE_COMMENT,
	RULE_EVALUATION_DIFFERS,
	RULE_SOURCE_IGNORED,
	RULE_SOURCE_PARTLY_IGNORED,
	RULE_SOURCE_MISSING,
	RULE_SOURCE_UNKNOWN,
	RULE_TRACKED_EXCLUDED,
	RULE_DOCKERFILE_ERROR,
	RULE_IGNORE_FILE_INACTIVE,
	RULE_IGNORE_FILE_MISSING,
	RULE_IGNORE_FILE_NOT_APPLIED,
	RULE_IGNORE_FILE_DIFFERS, /* engines would choose different files */
	RULE_GIT_DIR_SENT,
	RULE_DEPENDENCIES_SENT,
	RULE_UNTRACKED_SENT,
	RULE_GITIGNORED_SENT,
	RULE_IGNORE_DRIFT,
	RULE_DUPLICATE_CONTENT,
	RULE_WORKTREE_SENT,
	RULE_SOCKET_SENT,
	RULE_SUPPRESSION_UNUSED,
	RULE_SUPPRESSION_EXPIRED,
	RULE_SUPPRESSION_BAD,
	RULE_POLICY_UNUSED,
	CHECK_NRULES,
};

enum check_severity {
	CHECK_OFF,
	CHECK_NOTE,
	CHECK_WARNING,
	CHECK_ERROR,
};

/** One row of the table; all static. */
struct check_rule {
	const char *id;               /* "pattern-dead" */
	enum check_severity severity; /* the default */
	bool may_fix;                 /* --fix knows how */
	const char *summary;          /* one line, no final period */
	const char *help;             /* one paragraph */
	const char *example; /* what breaks it: lines of an ignore file, a Dockerfile, a command */
	const char *fix;     /* one or two sentences */
};

const struct check_rule *check_rule(enum check_rule_id id);

/** CHECK_NRULES when there is none of that name. */
enum check_rule_id check_rule_find(struct str id);

/** The id that a wrong one is closest to; empty: none is near. */
struct str check_rule_nearest(struct str id);

/** "off", "note", "warning", "error". */
const char *check_severity_name(enum check_severity severity);

/** A change of one line of the ignore file that --fix may make. */
enum check_edit_kind {
	CHECK_EDIT_NONE,
	CHECK_EDIT_REPLACE, /* the line becomes `text`, which may hold several lines */
	CHECK_EDIT_DELETE,
	CHECK_EDIT_MOVE, /* the line goes behind line `to` */
};

struct check_edit {
	enum check_edit_kind kind;
	uint32_t line, to;
	struct str text; /* without a final newline */
	bool is_silent;  /* what is sent stays the same; else a line acts that did not */
};

struct check_finding {
	enum check_rule_id rule;
	enum check_severity severity; /* after the policy */
	struct str file; /* relative to the root, or as given; empty: about the context as a whole */
	uint32_t line, column,
			end_column; /* 1-based bytes; 0: not about a position; end: one past it */
	struct str path;    /* of the entry it is about, relative to the root; empty: none */
	struct str message; /* one line, no final period; never a secret's value */
	struct str fix;     /* one line, no final period: what to do; empty: nothing to say */
	struct check_edit edit;
	uint64_t bytes, nfiles; /* what it is about weighs; 0: nothing to say */
	struct str subject; /* what it is about beside file and path, for the fingerprint: a pattern */
	struct str file_id;       /* for the fingerprint instead of the file; empty: the file */
	size_t build;             /* that it is told of, of the input; 0: or of none */
	char fingerprint[33];     /* 32 hex digits */
	bool path_is_one_of_many; /* it is about more: another one may be named tomorrow */
	bool is_of_last;          /* ... and of its last stage, or of none */
	bool fails;               /* at or above the threshold, neither known nor suppressed */
	bool is_new;              /* not at the revision of --against */
	bool is_known;            /* in the baseline, or at the revision of --against */
	bool is_suppressed;       /* by a comment in the ignore file */
	struct str reason;        /* of the suppression */
};

/** Something that another room found: the owner of the fact is there, the rule here. */
struct check_fact {
	enum check_rule_id rule;
	enum check_severity severity; /* CHECK_OFF: that of the rule */
	struct str file;              /* as struct check_finding */
	uint32_t line, column;
	struct str path, text;
	size_t build;  /* of the input; 0: or of none */
	bool is_guess; /* a rule's own severity counts one less */
};

/** A section of the configuration for a Dockerfile that is not there. */
struct check_policy {
	const struct config_policy *policy;
	struct str file; /* the configuration, from the root on */
	struct str near; /* a Dockerfile with nearly that name, relative to the configuration; empty: none */
};

/** A credential on disk, sent or not. */
struct check_secret {
	uint32_t row;    /* a file, or a directory all of whose files are */
	uint32_t line;   /* of what a probe saw; 0: no line */
	struct str kind; /* the same; empty: the name says so */
	enum class_severity severity;
};

/** One build as the analysis knows it. */
struct check_build {
	const struct context *context;
	struct str target; /* empty: the last stage */
	struct str name; /* which one in a file of several Dockerfiles; empty: it is one by itself */
	/* what the fingerprints of findings have for files that are not in the context; empty: as they are shown */
	struct str dockerfile_id, ignore_id;
	bool is_guess; /* nobody says that this is its context: severities are one less */
	bool is_idle;  /* a directory without a Dockerfile, of which others tell what is sent */
	/* the first build with the same ignore file, itself if none: what is told of that file is told once */
	size_t ignore_file_of;
	/* of that first one: what the builds of the ignore file send, all of them. Guesses have no part in it,
	 * unless there is nothing else. NULL: not known */
	const struct transfer_plan *together;
	const struct ignore_set *patterns;     /* NULL: none, or bad */
	const struct dockerfile *dockerfile;   /* NULL: none, or it does not parse */
	const struct build_sources *sources;   /* NULL: not known */
	const struct transfer_plan *plan;      /* the disk lens; has_plan: eligible, too */
	const struct transfer_plan *requested; /* NULL: not known */
	bool has_plan;
	const uint64_t *nasked; /* per source: entries that it gets; NULL: not known */
	/* what sources lack under the active ignore file; .source is of `sources`, .build is not used */
	const struct verify_loss *lacks;
	size_t nlacks;
	const struct ledger *ledger; /* of the active ignore file; NULL: none */
	const struct config_policy
			*policy; /* of its Dockerfile, in front of the whole file's; NULL: none */
};

/** What the user wants. */
struct check_options {
	const struct config *config; /* never NULL; an empty one where there is no file */
	/* of the command line; each wins over the configuration */
	struct config_limits limits;
	const struct str *only; /* --rule: these alone; none: all */
	size_t nonly;
	const struct str *skip; /* --skip-rule */
	size_t nskip;
	enum config_fail_on
			fail_on; /* CONFIG_FAIL_ON_UNSET: as the configuration says, else error */
	int64_t today;           /* days since 1970, for "until=" */
};

/** An earlier look at the same context, to compare with. */
struct check_earlier {
	const struct tree *tree;
	const struct transfer_plan *plan; /* what was sent; NULL: not known */
	const struct class_column *classes;
	struct str name; /* for people: a revision */
	const bool *lacks; /* per build of now: its Dockerfile was not there, so all that it sends is new; NULL: none */
};

struct check_input {
	const struct tree *tree;
	int root_fd;
	const struct vcs_column *git; /* NULL: nobody asked */
	const struct class_column *classes;
	const struct check_build *builds;
	size_t nbuilds;
	const struct str *contexts; /* directories below the root that are contexts of builds */
	size_t ncontexts;
	struct str gitignore; /* the root's .gitignore; empty: none */
	bool git_is_needed;   /* a build takes its version from .git, or may */
	const struct check_fact *facts;
	size_t nfacts;
	const struct check_secret *secrets;
	size_t nsecrets;
	const struct check_policy *unused; /* sections of the configuration */
	size_t nunused;
	const struct check_options *options;
	const struct check_earlier *earlier; /* NULL: nothing to compare with */
};

struct check_result {
	const struct check_finding
			*findings; /* by file, line, severity, rule; without a file first */
	size_t n;
	size_t nby_severity[CHECK_ERROR + 1]; /* neither known nor suppressed */
	size_t nsuppressed, nknown;
	size_t nfailing; /* of the findings: those that `fails` */
};

/**
 * Run the rules.
 *
 * a        owns the result
 * Errors   TNG_EINVAL: --rule or --skip-rule names no rule; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code check_run(struct arena *a, const struct check_input *input, struct check_result *out,
		struct tng_error *err);

/** What check_fix() may change, and what it is proven against. */
struct check_fix_input {
	const struct tree *tree;
	const struct verify_build
			*builds; /* that live with the file; none: it may be for anything */
	size_t nbuilds;
	enum tng_engine engine; /* the one that counts where another refuses the file as it is */
	struct str file, text;  /* the ignore file: as findings name it, and what is in it */
	const struct check_result *result;
};

struct check_fixed {
	struct str text;
	size_t nfixed;
	size_t nleft; /* edits that could not be proven, or that met another one */
};

/**
 * Make the edits of the findings in the ignore file, as far as each is proven under every engine to change
 * nothing but what the finding says.
 *
 * a        owns the text
 * Errors   those of verifier_create(); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code check_fix(struct arena *a, const struct check_fix_input *input,
		struct check_fixed *out, struct tng_error *err);

/** Why a rule has nothing to go by under these options: static, for people; NULL: it has. Names of rules are not
 * looked at. */
const char *check_why_idle(
		const struct check_options *options, enum check_rule_id rule, bool has_revision);

/** Fill result's counts and each finding's `fails` again, after marks were set. */
void check_count(struct check_result *result);

/** A baseline: a sorted text of fingerprints, one a line, with rule and file for people to read. */
ATTR_NODISCARD
enum tng_code check_baseline_write(struct arena *a, const struct check_result *result,
		struct str *out, struct tng_error *err);

/** Findings that the baseline has are known. Errors: TNG_ESYNTAX with the line; TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code check_baseline_apply(struct arena *a, struct str text, struct check_result *result,
		struct tng_error *err);

/** Findings that an earlier result has not are new; with `only_new` the others are known. TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code check_mark_new(struct arena *a, const struct check_result *earlier, bool only_new,
		struct check_result *result, struct tng_error *err);

#endif
