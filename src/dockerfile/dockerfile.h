/*
 * dockerfile/dockerfile.h - Dockerfiles: what is written, and what a build of it reads.
 *
 *   bytes --dockerfile_parse--> dockerfile --dockerfile_resolve--> build_sources
 *
 * The language is the one BuildKit's parser takes, checked against moby/buildkit 73ed682. A struct
 * dockerfile is what the text says: directives, instructions with their place in the text, stages. A
 * struct build_sources is what one build of it does: which stages are reached, what they read from
 * the build context and from named contexts. Nothing here has seen a file system or a registry, so
 * what depends on a base image's environment is marked as unknowable and says which line makes it so.
 *
 * Lines and columns are 1-based; columns count bytes; a BOM before line 1 is not counted.
 */
#ifndef DOCKERFILE_DOCKERFILE_H
#define DOCKERFILE_DOCKERFILE_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A larger file is refused: TNG_ELIMIT. */
#define DOCKERFILE_MAX_BYTES ((size_t)16 << 20)

/** Longest line without its LF: what the 64 KiB buffer of BuildKit's reader holds. */
#define DOCKERFILE_LINE_MAX_BYTES ((size_t)65535)

/** More of these are refused, where BuildKit has no limit: TNG_ELIMIT. */
#define DOCKERFILE_MAX_INSTRUCTIONS ((size_t)1 << 17)
#define DOCKERFILE_MAX_STAGES ((size_t)4096)

/** Longest text a word may expand to, and how deep ${a:-${b:-...}} may nest. */
#define DOCKERFILE_WORD_MAX_BYTES ((size_t)1 << 20)
#define DOCKERFILE_WORD_MAX_DEPTH 64U

#define DOCKERFILE_NO_STAGE UINT32_MAX
#define DOCKERFILE_NO_CONTEXT UINT32_MAX

/** The context of `docker build DIR`; the named ones follow it in build_sources.contexts. */
#define DOCKERFILE_MAIN_CONTEXT 0U

/* ---- what is written ---- */

enum directive_kind {
	DIRECTIVE_SYNTAX,
	DIRECTIVE_ESCAPE,
	DIRECTIVE_CHECK,
};

/** "# syntax=docker/dockerfile:1", one of the parser directives at the top. */
struct directive {
	enum directive_kind kind;
	struct str value;
	uint32_t line, column; /* of the value */
};

enum instruction_keyword {
	INSTRUCTION_ADD,
	INSTRUCTION_ARG,
	INSTRUCTION_CMD,
	INSTRUCTION_COPY,
	INSTRUCTION_ENTRYPOINT,
	INSTRUCTION_ENV,
	INSTRUCTION_EXPOSE,
	INSTRUCTION_FROM,
	INSTRUCTION_HEALTHCHECK,
	INSTRUCTION_LABEL,
	INSTRUCTION_MAINTAINER,
	INSTRUCTION_ONBUILD,
	INSTRUCTION_RUN,
	INSTRUCTION_SHELL,
	INSTRUCTION_STOPSIGNAL,
	INSTRUCTION_USER,
	INSTRUCTION_VOLUME,
	INSTRUCTION_WORKDIR,
	INSTRUCTION_UNKNOWN, /* only inside ONBUILD, where it fails when triggered */
};

/** One word; the shell form of RUN, CMD, ... is a single word. Not expanded: quotes are there. */
struct instruction_word {
	struct str text;
	uint32_t line, column;
	uint32_t end_column; /* one past its part of that line, the quotes of a JSON string included */
	bool is_heredoc;     /* COPY, ADD: the word stands for a here-document */
};

/** "--name=value" before the words, quotes and escapes resolved. */
struct instruction_flag {
	struct str name; /* without the dashes */
	struct str value;
	bool has_value;
	uint32_t line, column, end_column; /* end: one past its part of that line */
};

/** One pair of ENV, LABEL or ARG, as written. */
struct instruction_pair {
	struct str key, value;
	bool has_value; /* false: ARG NAME alone */
	bool is_legacy; /* ENV NAME value, without '=' */
	uint32_t line, column;
};

/** One key of a --mount flag, as written but for the case of the key. */
struct mount_field {
	struct str key, value;
	bool has_value;
};

/** One --mount flag of a RUN. */
struct instruction_mount {
	struct str from; /* never expanded; empty: none */
	const struct mount_field *fields;
	size_t nfields;
	uint32_t line, column, end_column; /* of the flag */
};

struct heredoc {
	struct str name;    /* quotes removed */
	struct str content; /* as it stands in the file, line ends and leading tabs included */
	bool is_quoted;     /* <<"EOF": COPY and ADD do not expand the content */
	bool strips_tabs;   /* <<-EOF */
	uint32_t fd;
	uint32_t line, end_line; /* first line of the content; line of the terminator */
};

struct instruction {
	enum instruction_keyword keyword;
	struct str name; /* the keyword as written */
	struct str text; /* the whole logical line: continuations joined, comments gone */

	uint32_t line, column; /* of the keyword */
	uint32_t end_line,
			end_column; /* the last line it takes, heredocs included; one past its end */
	uint32_t stage;             /* DOCKERFILE_NO_STAGE: an ARG before the first FROM */

	const struct instruction_flag *flags;
	size_t nflags;
	const struct instruction_word *words;
	size_t nwords;
	bool is_json; /* the words are a JSON array's */
	const struct instruction_pair *pairs;
	size_t npairs;
	const struct instruction_mount *mounts;
	size_t nmounts;
	const struct heredoc *heredocs;
	size_t nheredocs;

	const struct instruction
			*trigger; /* ONBUILD: what it will do; only read, not checked yet */
};

struct stage {
	struct str name;        /* lower-cased; empty: none */
	struct str base;        /* as written, not expanded */
	struct str platform;    /* of --platform, not expanded; empty: none */
	uint32_t instruction;   /* its FROM; its others follow it */
	uint32_t ninstructions; /* FROM included */
};

enum diagnostic_kind {
	DIAGNOSTIC_EMPTY_CONTINUATION, /* a blank line inside an instruction */
	DIAGNOSTIC_LATE_DIRECTIVE,     /* "# escape=" too far down: a comment */
	DIAGNOSTIC_LEGACY_PAIR,        /* ENV NAME value */
	DIAGNOSTIC_MAINTAINER,         /* deprecated */
	DIAGNOSTIC_NOT_JSON,           /* starts as a JSON array and is none: read as plain words */
	DIAGNOSTIC_DUPLICATE_STAGE,    /* a second stage of the same name */
	DIAGNOSTIC_STAGE_CASE,         /* a stage name with capitals */
	DIAGNOSTIC_MISSING_ARG,        /* resolve: the build stops unless an ARG gets a value */
};

enum diagnostic_severity {
	DIAGNOSTIC_NOTE,
	DIAGNOSTIC_WARNING,
};

/** What is odd and does not stop a build. */
struct diagnostic {
	enum diagnostic_kind kind;
	enum diagnostic_severity severity;
	uint32_t line, column;
	struct str text; /* one line, no final period */
};

/** Immutable once parsed: share between threads. */
struct dockerfile {
	struct str text; /* the caller's bytes: everything below has views into them */
	char escape;     /* '\\' or '`' */
	const struct directive *directives;
	size_t ndirectives;
	const struct instruction *instructions;
	size_t ninstructions;
	const struct stage *stages;
	size_t nstages;
	const struct diagnostic *diagnostics; /* in order of lines */
	size_t ndiagnostics;
};

/** "COPY"; "" for INSTRUCTION_UNKNOWN. */
struct str instruction_keyword_name(enum instruction_keyword keyword);

/** The last flag of that name, or NULL. */
const struct instruction_flag *instruction_flag_find(const struct instruction *in, struct str name);

/** "Dockerfile", "api.Dockerfile", "Dockerfile.dev", "Containerfile", ...; not "Dockerfile.dockerignore". */
bool dockerfile_is_name(struct str name);

/** Where the text of a Dockerfile stands when it is a part of another file. */
struct dockerfile_place {
	uint32_t line;   /* of its first line, 1-based */
	uint32_t indent; /* bytes in front of each line that are not the text's */
	/* the text is not as the file has it (quoted, folded): all of it stands at `line`, no column is known */
	bool is_one_line;
	bool has_no_columns; /* the lines are, their bytes are not */
};

/**
 * Read a Dockerfile.
 *
 * text     must outlive *out
 * out      in the arena; set on TNG_OK only
 * Errors   where BuildKit refuses the file: TNG_ESYNTAX with line and column, the text says what is
 *          wrong and what to do; TNG_ELIMIT: a limit above, with its line; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code dockerfile_parse(struct arena *a, struct str text, const struct dockerfile **out,
		struct tng_error *err);

/** The same of a text inside another file: lines and columns are that file's. */
ATTR_NODISCARD
enum tng_code dockerfile_parse_at(struct arena *a, struct str text,
		const struct dockerfile_place *place, const struct dockerfile **out,
		struct tng_error *err);

/* ---- what a build reads ---- */

enum source_kind {
	SOURCE_COPY,
	SOURCE_ADD,
	SOURCE_BIND, /* RUN --mount=type=bind */
	SOURCE_TMPFS, /* RUN --mount=type=tmpfs without from: BuildKit asks for it and does not use it */
	SOURCE_REMOTE, /* ADD of a URL or a git repository: nothing is read from the context */
};

/** Where COPY or ADD puts what it takes, in the file system of its stage. */
struct destination {
	struct str path; /* cleaned, without the slash in front; "." for the root */
	bool is_dir;     /* a file keeps its name below it: there is a slash, or several sources */
	bool is_unknowable; /* a variable, or a word that starts where an image's WORKDIR is */
};

/** One thing an instruction of a reached stage reads from a context. */
struct source {
	enum source_kind kind;
	uint32_t context;   /* index into build_sources.contexts */
	struct str written; /* as in the file, before expansion; empty: a mount without a source */
	/* expanded and cleaned, relative to the context, "." for all of it, leading ".." gone; for
	 * SOURCE_REMOTE the expanded word */
	struct str path;
	bool is_wildcard; /* has * ? or [ that is not escaped */
	bool has_parents; /* COPY --parents */
	bool is_onbuild;  /* an ONBUILD of the base stage put it here; line is the ONBUILD's */
	const struct str *excludes; /* --exclude; they do not shrink what is sent */
	size_t nexcludes;
	struct destination destination; /* COPY, ADD */
	uint32_t line;                  /* of the instruction */
	/* of the word, or the --mount flag; end: one past its part of that line */
	uint32_t word_line, column, end_column;
	uint32_t stage; /* the stage that executes it */
	/* the path hangs on a variable this file does not tell: an ARG without a value, or one that a
	 * base image may set. `path` is what comes out when it is unset. */
	bool is_unknowable;
	struct str unknown_name;
	uint32_t unknown_line; /* the ARG, or the FROM whose image may set it */
};

/** One thing that COPY --from takes from another stage; `what.path` is in that one's file system. */
struct stage_copy {
	uint32_t from;
	struct source what; /* .context: DOCKERFILE_NO_CONTEXT, or the named one behind the stage */
};

/** A context that is transferred: the main one, or one --build-context name in one use. */
struct context_use {
	struct str name; /* empty: the main one */
	uint32_t line;   /* the instruction that opens it; 0: the main one */
	bool is_used;    /* false: no transfer happens */
	bool is_whole;   /* used, and everything is asked for */
	/* used and not whole: relative, sorted bytewise, without duplicates */
	const struct str *follow_paths;
	size_t nfollow_paths;
};

/** What became of a stage of the Dockerfile in this build. */
struct stage_use {
	bool is_reached;         /* it is built */
	bool is_replaced;        /* a named context of the stage's name takes its place */
	struct str base;         /* expanded */
	uint32_t base_stage;     /* DOCKERFILE_NO_STAGE: an image, "scratch", or a named context */
	bool base_is_unknowable; /* FROM hangs on an ARG without a value */
	uint32_t context;        /* the named context it is built on; DOCKERFILE_NO_CONTEXT: none */
	/* stages that it is built on, copies or mounts from; one may stand there twice */
	const uint32_t *needs;
	size_t nneeds;
};

struct build_sources {
	uint32_t target;                /* stage */
	const struct stage_use *stages; /* one for each stage of the Dockerfile */
	size_t nstages;
	const struct source *sources; /* in the order they are executed */
	size_t nsources;
	const struct stage_copy *
			copies; /* in that order, too: each comes behind all that fills its `from` */
	size_t ncopies;
	const struct context_use *contexts; /* [0] is the main one */
	size_t ncontexts;
	const struct diagnostic *diagnostics;
	size_t ndiagnostics;
};

struct build_arg {
	struct str name, value;
};

struct build_request {
	struct str target;   /* stage name, any case; empty: the last stage */
	struct str platform; /* "os/arch" or "os/arch/variant" of the target; empty: linux/amd64 */
	const struct build_arg *args; /* the last of a name wins */
	size_t nargs;
	const struct str *contexts; /* names given with --build-context */
	size_t ncontexts;
	/* Whose build it is; 0: BuildKit's. Classic builds every stage up to the target, needed or not (moby
	 * builder/dockerfile/builder.go); BuildKit and buildah build those that the target needs. BuildKit alone
	 * checks the names of all images and stages in advance. Buildah's mounts have more keys. */
	enum tng_engine engine;
};

/**
 * Find what a build reads.
 *
 * request  NULL: the last stage, no arguments
 * out      in the arena; views into the dockerfile, its text and the request
 * Errors   where BuildKit stops: TNG_EINVAL: no such target; TNG_ESYNTAX with the line: a bad
 *          substitution, a stage that does not exist or comes later, a mount with a bad key, a name that
 *          no image could have (BuildKit), ...; TNG_ELIMIT, TNG_ENOMEM. A missing build argument is a
 *          diagnostic, not an error.
 */
ATTR_NODISCARD
enum tng_code dockerfile_resolve(struct arena *a, const struct dockerfile *df,
		const struct build_request *request, const struct build_sources **out,
		struct tng_error *err);

#endif
