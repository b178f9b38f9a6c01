/*
 * propose/references_internal.h - how the search for references is put together.
 *
 *   references.c            the door: opening, asking, the order of the guards
 *   references_reach.c      which rows COPY, ADD and bind mounts reach, and which they name
 *   references_marks.c      marks at rows; paths and globs to rows; reading files within the limits
 *   references_steps.c      stages of a Dockerfile: working directory, where the context lies in the
 *                           image, RUN and CMD
 *   references_commands.c   commands: what stands in front of the program, and the program
 *   references_tools.c      what programs do with their arguments
 *   references_arguments.c  arguments that are paths, directories, scripts
 *   references_installs.c   commands that fetch dependencies, and the files that say which
 *   references_dotnet.c     the projects of a solution
 *   references_make.c       the recipes that `make` runs
 *   references_node.c       the scripts of package.json
 *   references_manifests.c  what the manifests of those tools name
 */
#ifndef PROPOSE_REFERENCES_INTERNAL_H
#define PROPOSE_REFERENCES_INTERNAL_H

#include "propose/references.h"
#include "util/buf.h"
#include "util/vec.h"

#define NO_MARK UINT32_MAX

/** Bits of references.reach. */
#define REACH_ALL 1U  /* the row, and all below it */
#define REACH_PART 2U /* a directory: something below it */

/** What a path was found to be needed for. */
struct mark {
	uint8_t kind;  /* enum need_kind */
	uint8_t guard; /* enum need_guard */
	struct str file;
	uint32_t line;
	struct str why;
};

struct references {
	const struct tree *tree;
	const uint8_t *fate;
	const struct vcs_column *vcs;
	const struct class_column *classes;
	const uint8_t *reach; /* per row */
	const struct mark *marks;
	const uint32_t *at;      /* per row: the strongest mark at it, or NO_MARK */
	const uint32_t *tree_at; /* per row: the strongest mark that holds for all below as well */
	const uint32_t *below;   /* per row: the strongest mark below it */
	const struct absent_source *absent;
	size_t nabsent;
	const struct install *installs;
	size_t ninstalls;
	struct need vcs_need;
	bool vcs_is_exact;      /* what is told of .git changes with a missing file */
	struct need tests_need; /* some RUN runs tests: kind FREE: none does */
	struct need lint_need;  /* the same of linters */
	struct str cut_file;    /* the first one that a limit left unread */
	bool has_builds;        /* some build could be read */
	bool is_opaque;         /* some build could not */
	uint32_t tools;         /* enum tool bits: what the RUN lines call */
	struct references_stats stats;
};

/** Families of tools; bits of search.tools. */
enum tool {
	TOOL_PYTHON = 1U << 0,       /* installs packages */
	TOOL_PYTHON_BUILD = 1U << 1, /* builds the project itself */
	TOOL_NODE = 1U << 2,
	TOOL_CARGO = 1U << 3,
	TOOL_GO = 1U << 4,
	TOOL_MAVEN = 1U << 5,
	TOOL_GRADLE = 1U << 6,
	TOOL_DOTNET = 1U << 7,
	TOOL_RUBY = 1U << 8,
	TOOL_PHP = 1U << 9,
	TOOL_PHP_DEV = 1U << 10, /* composer install with the development dependencies */
	TOOL_MIX = 1U << 11,
	TOOL_CMAKE = 1U << 12,
	TOOL_MAKE = 1U << 13,
	TOOL_MESON = 1U << 14,
	TOOL_HASKELL = 1U << 15,
	TOOL_NIMBLE = 1U << 16, /* the last one */
};

/** Where a text stands that is being read. */
struct origin {
	struct str file;
	uint32_t line;
	bool is_step; /* an instruction's own words; else a script's, which may not come that far */
};

struct search {
	struct arena *a;       /* what stays */
	struct arena *scratch; /* texts of files; rewound by whom it is marked */
	const struct references_input *in;
	const struct tree *tree;
	struct references *refs;
	uint8_t *reach;
	struct {
		VEC_FIELDS(struct mark)
	} marks;
	uint32_t *at, *tree_at, *below;
	struct {
		VEC_FIELDS(struct absent_source)
	} absent;
	struct {
		VEC_FIELDS(struct install)
	} installs;
	struct {
		VEC_FIELDS(struct str)
	} made;        /* calls of make that were followed, in this build */
	uint8_t *seen; /* per row: a script or manifest that was read already */
	uint32_t tools;
	uint32_t vcs_tools; /* those that were called where the context's .git may be */
	struct need vcs_need, tests_need, lint_need;
	bool vcs_is_exact;
	bool vcs_is_here; /* the stage that is followed may have the context's .git: see vcs_raise() */
	struct references_stats stats;
	struct str cut_file; /* the first one that a limit left unread */
	unsigned depth;      /* of scripts in scripts */
	bool failed;         /* out of memory: seen at the end */
};

/* ---- references_marks.c ---- */

/** How a mark holds. */
struct mark_how {
	enum need_kind kind;
	enum need_guard guard;
	bool spreads;    /* to all below the row */
	const char *why; /* "%s" in it stands for `subject` */
	struct str subject;
};

void mark_row(struct search *s, uint32_t row, const struct origin *at, const struct mark_how *how);

/**
 * Mark what a path means: relative to the directory `base` of the context, or from the root where it
 * starts with '/'. Globs may have "**".
 *
 * Returns  whether there is such a row (the root counts, and is not marked)
 */
bool mark_path(struct search *s, struct str base, struct str path, const struct origin *at,
		const struct mark_how *how);

/** Call `fn` for each row that a clean relative glob matches. */
typedef void rows_fn(struct search *s, uint32_t row, void *user);
void rows_each(struct search *s, struct str glob, rows_fn *fn, void *user);

/** path_join() and path_clean(); empty when out of memory or when it leaves the root. */
struct str search_join(struct search *s, struct str base, struct str path);

/** The row's path, in s->a. */
struct str search_path(struct search *s, uint32_t row);

/**
 * Read a file that arrives, once in a search when `once` is set; text in s->scratch.
 *
 * Returns  false: not a file, not sent, too large, not text, or read before
 */
bool search_read(struct search *s, uint32_t row, bool once, struct str *text);

/** Make a need stronger, with its reason. */
void need_raise(struct need *need, enum need_kind kind, enum need_guard guard,
		const struct origin *at, struct str why);

/**
 * Raise the need for .git, if the stage that is followed can have it: its build asks for it, and no
 * `git init` made another one before. What one build does without, the next may still need.
 */
void vcs_raise(struct search *s, enum need_kind kind, const struct origin *at, struct str why);

/** A command of these families is called. */
void search_tool(struct search *s, uint32_t tools);

/** printf into s->a; empty when out of memory. */
struct str search_printf(struct search *s, const char *format, ...) ATTR_PRINTF(2, 3);

/* ---- references_reach.c ---- */

/** Fill s->reach, mark what instructions name, and collect what is absent. */
ATTR_NODISCARD
enum tng_code references_reach(struct search *s, struct tng_error *err);

/** Whether a build may ask for a name in the root, be it there or not. */
bool build_may_ask_for(const struct build_sources *sources, struct str name);

/* ---- references_steps.c ---- */

/** A directory or file of the context, and where it lies in the image. */
struct place {
	struct str dest;   /* absolute, clean */
	struct str source; /* relative to the root, clean */
};

/** A variable that an ENV or ARG set. */
struct step_variable {
	struct str name, value;
};

/** What a command of a RUN sees. */
struct scene {
	struct str cwd; /* in the image, absolute; empty: nothing is known */
	const struct place *places;
	size_t nplaces;
	const struct step_variable *variables;
	size_t nvariables;
};

/** Follow the RUN, CMD and ENTRYPOINT of all reached stages. */
void references_steps(struct search *s, const struct reference_build *build);

/** Expand $NAME and ${NAME} by the scene; false: some name is unknown, *out ends before it. */
bool scene_expand(struct search *s, const struct scene *scene, struct str word, struct str *out);

/** The context path that a path of the image means; .ptr NULL: none. The last COPY wins. */
struct str scene_resolve(struct search *s, const struct scene *scene, struct str path);

/* ---- references_manifests.c ---- */

/** Read the manifests of the tools that were seen. */
void references_manifests(struct search *s);

/* ---- references_commands.c ---- */

/** Take in a shell text. */
void commands_text(struct search *s, struct scene *scene, struct str text, const struct origin *at);

/** Take in one command given as words. */
void commands_words(struct search *s, struct scene *scene, const struct str *words, size_t nwords,
		const struct origin *at);

#endif
