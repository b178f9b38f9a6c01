/*
 * classify/table.h - the tables that generate.py makes of rules.tsv, classes.tsv and probes.tsv.
 *
 * Texts are offsets into one pool, NUL-terminated there: no pointer needs a relocation at start-up. A rule
 * is found by the last component of its pattern: exact names by hash, wildcards by what follows their last
 * dot, by their last byte or by their first.
 */
#ifndef CLASSIFY_TABLE_H
#define CLASSIFY_TABLE_H

#include "util/str.h"

#include <stdint.h>

#define CLASS_EXACT_SLOTS 4096U
#define CLASS_EXT_SLOTS 1024U
#define CLASS_FREE_SLOT 0xFFFFU
#define CLASS_TWO_DOTS (1ULL << 63)

/** Kinds of evidence, in the order of generate.py. */
enum term_type {
	TERM_BESIDE,
	TERM_HAS,
	TERM_BELOW,
	TERM_ABOVE,
	TERM_ROOT,
	TERM_TAG,
	TERM_SOURCE,
	TERM_SOURCE_NOJS,
	TERM_IN,
	TERM_UNDER,
	TERM_TEXT,
	TERM_MAYBE,
	TERM_HEAD,
	TERM_SIZE,
	TERM_NAMED,
	TERM_BARE,
	TERM_RUNS,
	TERM_IGNORED,
	TERM_UNTRACKED,
	TERM_WORKTREE,
	TERM_SUBMODULE,
};

struct rule_term {
	uint8_t type;
	uint8_t negate;
	uint8_t last;      /* the clause ends here: one of its terms must hold */
	uint16_t first, n; /* names; TERM_HEAD: n bytes in value */
	uint64_t value;    /* a mask of classes or of names, a size, a probe */
};

enum name_shape {
	NAME_EXACT,
	NAME_AFFIX, /* one '*': what is in front and what follows is literal */
	NAME_STARS, /* more of them, literals between */
	NAME_WILD,
	NAME_PATH, /* components without wildcards */
};

/** A name that evidence asks for. */
struct rule_name {
	uint32_t text;
	uint8_t len, shape, prefix, suffix; /* bytes that are literal in front and at the end */
};

struct rule_row {
	uint32_t id, ecosystem, pattern, suggests, risk, evidence;
	uint16_t first_term, nterms;
	uint16_t klass;
	uint8_t kind, rank, sure, tier, advice, severity;
	uint8_t is_tree, for_dirs, for_files, is_root, is_fold;
	uint8_t nparents; /* components in front of the last */
};

struct class_row {
	uint32_t name;
	uint8_t group, advice;
	uint32_t meaning, risk;
};

enum probe_reach {
	PROBE_RULE,
	PROBE_KEY,
	PROBE_TOKEN,
};

struct probe_row {
	uint32_t name;
	uint8_t reach;
	uint32_t kind, regex;
};

/** What every match of a probe has, or has one of. */
struct literal_row {
	uint32_t text;
	uint8_t len, probe, is_fold;
};

/** Two bytes in a row of a literal; `next` and class_pair_slots: the number in class_pairs and one, 0: none. */
struct pair_row {
	uint16_t next;
	uint8_t literal, at;
};

/** An exact last component. */
struct exact_row {
	uint32_t text;
	uint8_t len;
	uint16_t first, n; /* rules, in class_lists */
	uint32_t under;    /* its bit in the masks of TERM_UNDER */
	uint32_t marker; /* its bit among the names that make a directory without a name worth a look */
};

/** A slot of the hash table: a row of class_exact or CLASS_FREE_SLOT, and the upper half of its hash. */
struct exact_slot {
	uint16_t row, tag;
};

struct glob_row {
	uint32_t text;
	uint8_t len;
	uint16_t first, n;
	uint8_t shape, prefix, suffix;
};

/** A glob where it is looked for. */
struct bucket_row {
	uint64_t letters; /* that every match has: bits by class_letters, CLASS_TWO_DOTS */
	uint16_t glob;    /* of class_globs */
};

/** Globs that end in this: a part of class_buckets. */
struct ext_row {
	uint32_t text;
	uint8_t len;
	uint16_t first, n;
};

extern const char class_pool[];
extern const struct rule_row class_rule_rows[];
extern const struct rule_term class_terms[];
extern const struct rule_name class_names[];
extern const struct class_row class_rows[];
extern const struct probe_row class_probes[];
extern const struct literal_row class_literals[];
extern const struct pair_row class_pairs[];
extern const uint16_t class_pair_slots[]; /* by the hash of a pair */
extern const struct exact_row class_exact[];
extern const struct glob_row class_globs[];
extern const struct ext_row class_exts[];
extern const uint16_t class_lists[];
extern const struct exact_slot class_exact_slots[];
extern const uint8_t class_letters[]; /* by byte */
extern const uint16_t class_ext_slots[];
extern const struct bucket_row class_buckets[];
extern const uint16_t class_first_at[], class_last_at[]; /* 257 each, into class_buckets */
extern const uint16_t class_anywhere_at, class_anywhere_n;
extern const uint16_t class_dir_stars[], class_file_stars[]; /* rules without a name */
extern const uint16_t class_content_rules[];
extern const uint16_t class_nrules, class_nclasses, class_nprobes, class_nexact;
extern const uint16_t class_ndir_stars, class_nfile_stars, class_ncontent_rules;

static inline struct str class_text(uint32_t at) {
	return str_from(class_pool + at);
}

#endif
