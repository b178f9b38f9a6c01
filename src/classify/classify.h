/*
 * classify/classify.h - what a path is: a rule table, evidence, confidence.
 *
 *   tree, git column, user rules --classify_column--> class_column: one mark a row
 *
 * The rules are data (rules.tsv beside this file, one a line), turned into a static table when tonnage
 * is built. A name alone proves little for a generic word (build, lib, data): such rules ask for
 * evidence beside it or inside it. Classes flow down: what is below a dependency tree is dependencies,
 * unless something more specific matters (a secret).
 */
#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"
#include "vcs/vcs.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

/** In the order of the specification: keep, ask, exclude. */
enum path_class {
	CLASS_SOURCE, /* also what no rule claims */
	CLASS_ASSET,
	CLASS_CONFIG,
	CLASS_MANIFEST,
	CLASS_BUILDSCRIPT,
	CLASS_MIGRATION,
	CLASS_VENDORED,
	CLASS_GENERATED,
	CLASS_LICENSE,
	CLASS_TESTS,
	CLASS_FIXTURES,
	CLASS_BENCH,
	CLASS_EXAMPLES,
	CLASS_NOTEBOOK,
	CLASS_DOCS,
	CLASS_DATA,
	CLASS_MODEL,
	CLASS_MEDIA,
	CLASS_CONTAINER,
	CLASS_DEPLOY,
	CLASS_IAC,
	CLASS_VCS,
	CLASS_VCS_META,
	CLASS_CI,
	CLASS_EDITOR,
	CLASS_ASSISTANT,
	CLASS_LINT,
	CLASS_OS_JUNK,
	CLASS_TEMP,
	CLASS_DEPS,
	CLASS_VIRTUALENV,
	CLASS_BUILD_OUTPUT,
	CLASS_OBJECT,
	CLASS_CACHE,
	CLASS_PKG_CACHE,
	CLASS_COVERAGE,
	CLASS_LOG,
	CLASS_STATE,
	CLASS_SECRET,
	CLASS_IAC_STATE,
	CLASS_ML_RUNS,
	CLASS_ARCHIVE,
	CLASS_USER, /* and above: classes that .tonnage.yaml adds, in its order */
};

enum class_group {
	CLASS_GROUP_KEEP,
	CLASS_GROUP_ASK,
	CLASS_GROUP_EXCLUDE,
};

enum class_advice {
	ADVICE_KEEP,
	ADVICE_ASK,
	ADVICE_EXCLUDE,
};

enum class_rule_kind {
	CLASS_RULE_DIR,
	CLASS_RULE_FILE,
	CLASS_RULE_GLOB,    /* a file (or a bundle-like directory) by wildcard */
	CLASS_RULE_CONTENT, /* by what its head holds */
};

enum class_severity { /* of a secret */
	CLASS_SEVERITY_NONE,
	CLASS_SEVERITY_LOW,
	CLASS_SEVERITY_MEDIUM,
	CLASS_SEVERITY_HIGH,
	CLASS_SEVERITY_CRITICAL,
};

#define CLASS_NO_RULE UINT16_MAX

/** One rule as `tonnage rules` shows it. */
struct class_rule {
	struct str id;  /* "deps.node-modules" */
	uint16_t klass; /* enum path_class, or a user's */
	struct str ecosystem;
	enum class_rule_kind kind;
	struct str pattern;
	struct str evidence;      /* what it asks for besides the name, in words; empty: nothing */
	uint8_t confidence;       /* 0 to 100 */
	uint8_t tier;             /* 1, 2: may lead to a proposal; 3: only to a question */
	enum class_advice advice; /* before the guards */
	enum class_severity severity;
	struct str risk;           /* what may go wrong when the path is excluded */
	struct str docker_pattern; /* a line of an ignore file; "{path}" in it: the path; empty: none */
	bool is_user;              /* of .tonnage.yaml */
	bool is_silenced;
};

/** Why the advice of a mark is not its rule's. */
enum class_guard {
	CLASS_GUARD_NONE,
	CLASS_GUARD_TRACKED,     /* somebody committed it on purpose */
	CLASS_GUARD_PLACEHOLDER, /* only .gitkeep and the like in it */
	CLASS_GUARD_TIER,        /* a heuristic never excludes by itself */
	CLASS_GUARD_UNSEEN,      /* its content decides, and could not be read */
	CLASS_GUARD_NESTED,      /* a tool's small file, so deep that it may belong to a template */
};

/** What one row is. */
struct class_mark {
	uint16_t klass;     /* enum path_class, or a user's */
	uint16_t rule;      /* of class_column.rules, or CLASS_NO_RULE: the fallback */
	uint8_t confidence; /* 0 to 100, git's evidence included */
	uint8_t advice;     /* enum class_advice, after the guards that need no Dockerfile */
	uint8_t severity;   /* enum class_severity */
	uint8_t guard;      /* enum class_guard */
};

/** A secret that a content probe saw. The value itself is kept nowhere. */
struct class_secret {
	uint32_t row;
	uint32_t line;   /* 1-based, in the file; 0: not about a line */
	struct str kind; /* "private key", "AWS access key", ... */
};

struct class_column {
	const struct class_mark *marks; /* one a row */
	const struct class_rule *rules;
	size_t nrules;
	const struct class_name {
		struct str name;
		enum class_group group;
		enum class_advice advice; /* the default */
		struct str meaning;       /* a sentence */
	} * classes;                      /* by class number: the 42, then the user's */
	size_t nclasses;
	/* per directory number: the row that its class flows from (itself, or a directory above that claimed
	 * all below it), or TREE_NO_ROW: it has no class of its own that flows down */
	const uint32_t *roots;
	const struct class_secret *secrets; /* in row order */
	size_t nsecrets;
	uint64_t nprobed, probed_bytes; /* files whose head was read, and how much of it */
};

/** A rule of .tonnage.yaml; views must outlive the column. */
struct class_user_rule {
	struct str id;        /* an existing one: change it, only what is set; else a new rule */
	struct str klass;     /* a known class, or a new one (group by its advice) */
	struct str ecosystem; /* empty: any */
	struct str pattern; /* one or more components, filepath.Match; a final '/': directories only */
	struct str docker_pattern;
	bool has_advice;
	enum class_advice advice;
	bool is_silenced;      /* the rule never matches */
	uint32_t line, column; /* in the configuration, for errors */
};

struct classify_input {
	const struct tree *tree;
	int root_fd;                  /* for content probes; -1: none */
	const struct vcs_column *vcs; /* NULL: nothing is known */
	const struct class_user_rule *user_rules;
	size_t nuser_rules;
};

/**
 * Classify every row.
 *
 * a        owns the column
 * out      set on TNG_OK only
 * Errors   TNG_EINVAL: a user rule makes no sense, with its line and column; TNG_ENOMEM. What cannot
 *          be read is not probed.
 */
ATTR_NODISCARD
enum tng_code classify_column(struct arena *a, const struct classify_input *input,
		struct class_column *out, struct tng_error *err);

/** The rules and classes alone, without a tree: for `tonnage rules`. `marks` and `roots` are NULL. */
ATTR_NODISCARD
enum tng_code classify_rules(struct arena *a, const struct class_user_rule *user_rules,
		size_t nuser_rules, struct class_column *out, struct tng_error *err);

/** "keep", "ask", "exclude". */
const char *class_advice_name(enum class_advice advice);
const char *class_group_name(enum class_group group);
const char *class_rule_kind_name(enum class_rule_kind kind);

/** "low" to "critical"; "" for none. */
const char *class_severity_name(enum class_severity severity);

/** Why a guard changed the advice: a clause; "" for none. */
const char *class_guard_text(enum class_guard guard);

#endif
