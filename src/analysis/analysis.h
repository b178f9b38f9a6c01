/*
 * analysis/analysis.h - one run: the stages in order, and the memory of what they found.
 *
 *   request --analysis_run--> analysis: context, tree, patterns, plan, findings
 *                               └─ analysis_heaviest(), analysis_extensions(): views of it
 *
 * Rules live in the stages; this room only calls them and keeps their results together.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "context/context.h"
#include "transfer/transfer.h"
#include "walk/walk.h"

/** Which figures: all there is, or what the ignore file lets through. */
enum lens {
	LENS_DISK,
	LENS_ELIGIBLE,
};

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR, /* a build would fail */
};

/** Something the user should know; the run went on. */
struct finding {
	enum severity severity;
	struct str file;       /* as shown to the user; empty: about no file */
	uint32_t line, column; /* 1-based; 0: not about a position */
	struct str text;       /* one line, no final period */
};

struct analysis_request {
	struct context_request context;
	struct walk_options walk;
};

struct analysis {
	struct arena *arena; /* owns all below but the handles */
	struct context context;
	struct tree *tree;
	struct ignore_set *patterns; /* NULL: no ignore file, or a bad one */
	bool has_plan;               /* false: the patterns are bad, only the disk lens is known */
	struct transfer_plan plan;   /* its disk lens is always there */
	const struct finding *findings;
	size_t nfindings;
	bool is_partial; /* something could not be read */
};

/**
 * Run the stages.
 *
 * out      set on TNG_OK only; ended with analysis_destroy()
 * Errors   those of context_open() and tree_walk(); TNG_ENOMEM. A bad pattern is a finding.
 */
ATTR_NODISCARD
enum tng_code analysis_run(const struct analysis_request *request, struct analysis **out,
		struct tng_error *err);

/** NULL is allowed. */
void analysis_destroy(struct analysis *an);

const struct weight *analysis_weight(const struct analysis *an, enum lens lens);

/** The lens that figures are shown under when the user did not say: eligible where it is known. */
enum lens analysis_default_lens(const struct analysis *an);

/** Whether a row belongs to a lens. */
static inline bool analysis_in_lens(const struct analysis *an, enum lens lens, uint32_t row) {
	return lens == LENS_DISK || fate_is_sent(an->plan.fate[row]);
}

/** One line of the view of heavy places. */
struct heavy {
	uint32_t row;
	bool is_rest; /* what is left of this directory once other lines took their share */
	uint64_t nfiles, nentries, bytes;
};

/**
 * The places that explain the bytes: at most `top` lines, heaviest first, that add up to the lens.
 *
 * A directory is opened when most of it is in one place, so a chain of single children is one line and
 * a heavy folder deep down is named in full; what is left of an opened directory is a line of its own.
 * A directory whose name starts with a dot is one line (a tool's own state).
 */
ATTR_NODISCARD
enum tng_code analysis_heaviest(struct arena *a, const struct analysis *an, enum lens lens,
		size_t top, struct heavy **out, size_t *n, struct tng_error *err);

/** The heaviest files, at most `top`. */
ATTR_NODISCARD
enum tng_code analysis_largest_files(struct arena *a, const struct analysis *an, enum lens lens,
		size_t top, struct heavy **out, size_t *n, struct tng_error *err);

struct extension_weight {
	struct str extension; /* with its dot, ASCII lower case; empty: none */
	uint64_t nfiles, bytes;
};

/** Files by extension, heaviest first, all of them. */
ATTR_NODISCARD
enum tng_code analysis_extensions(struct arena *a, const struct analysis *an, enum lens lens,
		struct extension_weight **out, size_t *n, struct tng_error *err);

/** One or two plain sentences: what to do next. */
ATTR_NODISCARD
enum tng_code analysis_advice(
		struct arena *a, const struct analysis *an, struct str *out, struct tng_error *err);

#endif
