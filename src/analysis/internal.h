/* analysis/internal.h - collecting what the user should know. */
#ifndef ANALYSIS_INTERNAL_H
#define ANALYSIS_INTERNAL_H

#include "analysis/analysis.h"
#include "util/buf.h"
#include "util/path.h"
#include "util/vec.h"

/** A growing list; texts are in the arena. */
struct finding_list {
	struct arena *arena;
	struct {
		VEC_FIELDS(struct finding)
	} list;
	size_t build;  /* the one at hand */
	bool is_guess; /* its context is one: severities are one less */
	bool failed;   /* out of memory: seen at findings_finish() */
};

/** Append one; `name` is static, the text is formatted into the arena. */
void findings_add(struct finding_list *f, const char *name, enum severity severity, struct str file,
		uint32_t line, uint32_t column, const char *format, ...) ATTR_PRINTF(7, 8);

/** The revision of the request: its tree; the request's files as they are laid out for it. */
ATTR_NODISCARD
enum tng_code revision_open(
		struct analysis *an, struct analysis_request *request, struct tng_error *err);

/** The same of a file by its path from the repository's top: in the context or not. NUL-terminated. */
void revision_lay_out_from_top(const struct analysis *an, struct str path);

/** Lay out one more file of the revision, where it is not yet. */
void revision_lay_out(struct analysis *an, uint32_t row, struct str path);

/** Paths of the laid-out files as the user knows them; root: as he wrote it. */
void revision_rename(const struct analysis *an, struct context *ctx, const char *root);

void revision_close(struct analysis *an);

/** All stages of one build; its context is open. */
ATTR_NODISCARD
enum tng_code build_run(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err);

/**
 * Its Dockerfile, and what that reads; build->dockerfile may be there already.
 *
 * Errors   TNG_EINVAL: no such target
 */
ATTR_NODISCARD
enum tng_code build_read(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err);

/** Its plans and sources. like: an earlier build that shares its ignore file, and has a plan; NULL: none. */
ATTR_NODISCARD
enum tng_code build_weigh(struct analysis *an, struct build *build, const struct build *like,
		struct finding_list *findings, struct tng_error *err);

/** Whether two builds have the same patterns, and so the same plan of what is eligible. */
bool build_shares_ignore_file(const struct build *x, const struct build *y);

/** Whether two builds of one Dockerfile read the same for the same stage, whatever their arguments are. */
bool sources_are_same(const struct build_sources *a, const struct build_sources *b);

/** A directory without links; .ptr NULL: it is not there. */
struct str outside_directory(struct arena *a, struct str dir);

/** Whether two paths, from a directory each or AT_FDCWD, lead to one file that is there. */
bool outside_is_same_file(struct arena *a, int x_fd, struct str x, int y_fd, struct str y);

/** path_join() and path_clean(); .ptr NULL: dir is, or out of memory. */
struct str outside_join(struct arena *a, struct str dir, struct str name);

/** A path as seen from a directory: "../b/file"; both are clean, and absolute or from one place. */
struct str outside_from(struct arena *a, struct str dir, struct str path);

/** The directory with .git that a clean, absolute one lies in, itself included; empty: there is none. */
struct str outside_repository(struct arena *a, struct str dir);

/** Where the Dockerfile of a build is, or, of a revision, would be. */
struct str outside_dockerfile(
		struct arena *a, const struct analysis *an, const struct context *ctx);

/** The section of the configuration that is of this build's Dockerfile; NULL: none is. */
const struct config_policy *check_find_policy(struct arena *a, const struct analysis *an,
		const struct config *config, const struct context *ctx);

/** The sections that name no file that is there. */
ATTR_NODISCARD
enum tng_code check_policies_fill(struct arena *a, const struct analysis *an,
		const struct config *config, struct check_policy **out, size_t *n,
		struct tng_error *err);

/** Each build of the analysis as the rules see it; out: one for each. Errors: those of verifier_create(). */
ATTR_NODISCARD
enum tng_code check_builds_fill(struct arena *a, const struct analysis *an,
		const struct config *config, struct check_build *out, struct tng_error *err);

/** Add the other builds of the context that files tell of; see others.c. The first build is there. */
ATTR_NODISCARD
enum tng_code others_run(struct analysis *an, const struct analysis_request *request,
		struct finding_list *findings, struct tng_error *err);

/** Whether a build has no Dockerfile, and none that cannot be read. */
bool others_is_phantom(const struct build *build);

/** The directories below the root, each once, that builds of its files have as their context. */
ATTR_NODISCARD
enum tng_code others_contexts(struct arena *a, const struct analysis *an, const struct str **out,
		size_t *n, struct tng_error *err);

/** Which builds the context has, by what its files say; found once for an analysis that keeps them. */
ATTR_NODISCARD
enum tng_code found_builds(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err);

/** Append the builds of this context that files above it tell of, seen from its root; see above.c. */
ATTR_NODISCARD
enum tng_code above_add(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err);

/** The same, where those of workflows are enough: others may be missing. */
ATTR_NODISCARD
enum tng_code found_workflows(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err);

/** Whether a row, or TREE_NO_ROW, is in tests, examples, documents or code of others. */
bool found_lies_in_material(const struct analysis *an, uint32_t row);

/** Whether its Dockerfile is a test's, an example, or somebody else's, and the context is a guess. */
bool found_is_material(const struct analysis *an, const struct found_build *found);

/**
 * What a found build of this context reads.
 *
 * parsed, sources  left alone where the Dockerfile cannot be read: the build may need anything
 * Errors           TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code found_read(struct arena *a, const struct context *ctx,
		const struct found_build *found, const struct dockerfile **parsed,
		const struct build_sources **sources, struct tng_error *err);

/** The plan that asks for these paths only; links on the way are followed. */
ATTR_NODISCARD
enum tng_code plan_paths(struct arena *a, const struct analysis *an, const struct build *build,
		const struct str *paths, size_t npaths, struct transfer_plan *out,
		struct tng_error *err);

/** What a row of snapshot_rows() is to an instruction. */
enum row_selection {
	ROW_NOT_SELECTED,
	ROW_SELECTED,
	ROW_ON_THE_WAY, /* a directory that is excluded, and comes for what is below it */
};

/** The rows that the instruction of a line selects: enum row_selection of each. */
ATTR_NODISCARD
enum tng_code snapshot_rows(const struct analysis *an, const struct build *build, uint32_t line,
		uint8_t *rows, struct tng_error *err);

/** The eligible plan of a build again: an->tree is another one. What its sources weigh is of the old one. */
ATTR_NODISCARD
enum tng_code build_replan(struct analysis *an, struct build *build, struct tng_error *err);

struct needless; /* what no build needs */

/**
 * Make the proposal of an analysis, to ask it about paths.
 *
 * a        owns it
 * out      ended with needless_close(), also after an error
 */
ATTR_NODISCARD
enum tng_code needless_open(struct arena *a, const struct analysis *an, struct needless **out,
		struct tng_error *err);

const struct analysis_proposal *needless_proposal(const struct needless *needless);

/** Per row of any tree of the context's paths: 1: the proposal would exclude it, or found no need of it. */
ATTR_NODISCARD
enum tng_code needless_rows(struct arena *a, const struct needless *needless,
		const struct tree *tree, uint8_t *rows, struct tng_error *err);

/** NULL is allowed. */
void needless_close(struct needless *needless);

/** Fills build->source_weights. */
ATTR_NODISCARD
enum tng_code build_weigh_sources(struct analysis *an, struct build *build, struct tng_error *err);

/** Fills build->named. */
ATTR_NODISCARD
enum tng_code build_weigh_named(struct analysis *an, struct build *build,
		const struct analysis_request *request, struct finding_list *findings,
		struct tng_error *err);

/** What a plan of any context costs on the wire, by the engine of the context. */
ATTR_NODISCARD
enum tng_code wire_weigh(struct arena *a, const struct context *ctx, const struct tree *tree,
		const struct ignore_set *patterns, const struct transfer_plan *plan,
		struct transfer_wire *out, struct tng_error *err);

/** What transfer_wire() wants to know of a plan of any context; in the arena. */
ATTR_NODISCARD
enum tng_code wire_look(struct arena *a, const struct context *ctx, const struct tree *tree,
		const struct ignore_set *patterns, const struct transfer_plan *plan,
		struct wire_options *out, struct tng_error *err);

/** Files that arrive empty under a plan, of a BuildKit build; else none. */
ATTR_NODISCARD
enum tng_code build_find_empty(struct arena *a, const struct analysis *an,
		const struct build *build, const struct transfer_plan *plan,
		struct transfer_empty **out, size_t *n, struct tng_error *err);

/** Fills e->git: what git would make of the same lines, and why Docker differs. */
ATTR_NODISCARD
enum tng_code explain_git(struct arena *a, const struct build *build, struct explanation *e,
		struct tng_error *err);

/** Fills e->next; everything else is there. */
ATTR_NODISCARD
enum tng_code explain_next(struct arena *a, const struct build *build, struct explanation *e,
		struct tng_error *err);

/** The fate of one path that need not be on disk, by a list of lines. */
struct lone_fate {
	uint8_t fate;     /* enum fate, of the eligible lens */
	uint32_t depth;   /* FATE_PRUNED: components of the directory that is not entered */
	uint32_t decider; /* pattern that decided, or IGNORE_NO_PATTERN */
};
ATTR_NODISCARD
enum tng_code explain_lone_fate(const struct build *build, const struct ignore_set *patterns,
		struct str path, bool is_dir, struct lone_fate *out, struct tng_error *err);

/** The patterns of the build's ignore file with one line added; ended with ignore_destroy(). */
ATTR_NODISCARD
enum tng_code explain_with_line(const struct build *build, struct str line, struct ignore_set **out,
		struct tng_error *err);

/** What the engine is asked for a build of everything that is eligible. */
struct transfer_request build_transfer_request(const struct build *build);

/** What each line of the build's ignore file is worth; it has a plan and patterns. Errors: of verify_ledger(). */
ATTR_NODISCARD
enum tng_code build_ledger(struct arena *a, const struct analysis *an, const struct build *build,
		struct ledger *out, struct tng_error *err);

/** Git's states and the classes, as far as they are asked for. */
ATTR_NODISCARD
enum tng_code columns_run(struct analysis *an, const struct analysis_request *request,
		struct finding_list *findings, struct tng_error *err);

/** All else: notes on the context's files, what could not be read, what was crossed. */
ATTR_NODISCARD
enum tng_code findings_collect(struct analysis *an, struct finding_list *f, struct tng_error *err);

/** What a builder does that nobody expects, of one build; see traps.c. */
void traps_collect(const struct analysis *an, const struct build *build, struct finding_list *f);

/** The list, errors first, moved into the arena. */
ATTR_NODISCARD
enum tng_code findings_finish(struct finding_list *f, const struct finding **out, size_t *n,
		struct tng_error *err);

void findings_fini(struct finding_list *f);

#endif
