/*
 * config/config.h - .tonnage.yaml: read once, checked whole.
 *
 *   context directory --config_find--> path --config_read--> struct config
 *
 * The file is a small part of YAML: mappings, lists and scalars. Aliases, tags, a second document, a key
 * given twice, an unknown key and a value of a wrong type are errors with line and column, and say what
 * would be right. This room knows no flag: the caller hands in its own (struct config_language), and what
 * the file sets of them comes back as text, as if it had been written on a command line.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_NAME ".tonnage.yaml"

/** A larger file, more nodes or deeper nesting are TNG_ELIMIT. */
#define CONFIG_MAX_BYTES ((size_t)1 << 20)
#define CONFIG_MAX_NODES 50000
#define CONFIG_MAX_DEPTH 12

/** Numbers of flags; also the limit of the command line. */
#define CONFIG_NUMBER_MAX 1000000

/* ---- what may be set: the caller's flags and commands */

enum config_type {
	CONFIG_SWITCH, /* true or false */
	CONFIG_TEXT,
	CONFIG_LIST, /* texts; one alone needs no list */
	CONFIG_NUMBER,
	CONFIG_CHOICE,
};

enum config_path {
	CONFIG_NO_PATH,
	CONFIG_PATH,       /* a relative one is relative to the file's directory; "-" stays */
	CONFIG_NAMED_PATH, /* NAME=PATH, where PATH may be a URL */
};

struct config_flag {
	const char *name; /* as on the command line, without "--" */
	enum config_type type;
	enum config_path path;
	const char *choices; /* CONFIG_CHOICE: "a|b|c" */
	unsigned commands;   /* bits of those that take it */
	bool is_fixed;       /* no setting of a file: --help, --config */
};

struct config_command {
	const char *name;
	unsigned bit;
};

struct config_language {
	const struct config_flag *flags;
	size_t nflags;
	const struct config_command *commands;
	size_t ncommands;
	const struct str *rules; /* ids that `rules:` may name; NULL: any */
	size_t nrules;
};

/* ---- what is set */

/** A flag that the file sets. */
struct config_setting {
	size_t flag;               /* of the language */
	unsigned commands;         /* bits: all that take it, or the one of the section */
	bool in_section;           /* wins over one that is not */
	const char *const *values; /* NUL-terminated; a switch: "1" or "0" */
	size_t nvalues;
	uint32_t line, column; /* of the value */
};

enum config_advice {
	CONFIG_ADVICE_NONE,
	CONFIG_ADVICE_KEEP,
	CONFIG_ADVICE_ASK,
	CONFIG_ADVICE_EXCLUDE,
};

/** An item of `classes:`: a new class rule, or a change of one. What is not set is empty. */
struct config_class_rule {
	struct str rule, klass, pattern, ecosystem, docker_pattern;
	enum config_advice advice;
	bool is_silenced;
	uint32_t line, column; /* of its rule's id, or of the item */
};

enum config_severity {
	CONFIG_SEVERITY_OFF,
	CONFIG_SEVERITY_NOTE,
	CONFIG_SEVERITY_WARNING,
	CONFIG_SEVERITY_ERROR,
};

/** An item of `rules:`. */
struct config_severity_rule {
	struct str rule;
	enum config_severity severity;
	uint32_t line, column;
};

/** A size that a class or a path pattern may have. */
struct config_named_limit {
	struct str name;
	uint64_t bytes;
	uint32_t line, column;
};

/** A figure that must not be passed. */
struct config_limit {
	bool is_set;
	uint64_t value;
	uint32_t line, column;
};

/** Budgets under one lens. */
struct config_limits {
	struct config_limit bytes, files, file_size;
	const struct config_named_limit *classes;
	size_t nclasses;
	const struct config_named_limit *paths; /* patterns as of an ignore file */
	size_t npaths;
};

enum config_lens {
	CONFIG_LENS_DEFAULT, /* the narrowest that is known */
	CONFIG_LENS_DISK,
	CONFIG_LENS_ELIGIBLE,
	CONFIG_LENS_REQUESTED,
};
#define CONFIG_NLENSES 4

/** "disk", "eligible", "requested", as keys and findings have them; "" for the default. */
const char *config_lens_name(enum config_lens lens);

enum config_fail_on {
	CONFIG_FAIL_ON_UNSET,
	CONFIG_FAIL_ON_NEVER,
	CONFIG_FAIL_ON_NOTE,
	CONFIG_FAIL_ON_WARNING,
	CONFIG_FAIL_ON_ERROR,
};

/** What `tonnage check` and `tonnage propose` go by; the whole file's, or one Dockerfile's. */
struct config_policy {
	struct str dockerfile; /* as in the file, relative to its directory; empty: of all */
	struct config_limits limits[CONFIG_NLENSES];
	struct config_limit git_ratio; /* bytes sent for 1000 bytes that git tracks */
	const struct config_severity_rule *severities;
	size_t nseverities;
	const struct str *keep; /* patterns that no proposal may exclude */
	size_t nkeep;
	enum config_fail_on fail_on;
	uint32_t line, column;
};

struct config {
	struct str path; /* as the user would write it; empty: there is no file, and nothing is set */
	const struct config_setting *settings;
	size_t nsettings;
	const struct config_class_rule *class_rules;
	size_t nclass_rules;
	struct config_policy policy;
	const struct config_policy *dockerfiles; /* what they set beyond or instead of `policy` */
	size_t ndockerfiles;
};

/**
 * Look for .tonnage.yaml in a directory and those above it, the nearest first.
 *
 * The search ends at a directory with a .git in it, which is looked into. It does not go up into the home
 * directory or the file system's root, nor into a directory that everybody may write to.
 *
 * home     the user's, or NULL
 * out      in the arena; empty: there is none
 * Errors   TNG_ENOMEM. A directory that is not there has no file.
 */
ATTR_NODISCARD
enum tng_code config_find(struct arena *a, const char *directory, const char *home, struct str *out,
		struct tng_error *err);

/**
 * Read a file.
 *
 * a        owns what *out shows
 * Errors   TNG_EIO; TNG_ESYNTAX or TNG_EINVAL with the file, line and column; TNG_ELIMIT; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code config_read(struct arena *a, const char *path, const struct config_language *language,
		struct config *out, struct tng_error *err);

/** The same of a text; `path` names it in errors, and its directory is what paths are relative to. */
ATTR_NODISCARD
enum tng_code config_parse(struct arena *a, struct str text, struct str path,
		const struct config_language *language, struct config *out, struct tng_error *err);

#endif
