/*
 * dockerfile/internal.h - how the room is put together; nobody outside includes it, but for tests.
 *
 *   lex.c          bytes -> logical lines: directives, comments, continuations
 *   heredoc.c      which here-documents a logical line announces
 *   instruction.c  logical line -> struct instruction: keyword, flags, words (as written)
 *   json.c         JSON arrays of strings
 *   check.c        which flags and how many words each keyword takes
 *   mount.c        --mount: fields, and what they mean once expanded
 *   parse.c        all of the above in order; the door's first half
 *   words.c        ${...}, quotes, escapes; pattern.c its # % / patterns
 *   env.c          variables of a stage, and which cannot be known
 *   stages.c       which stage a name means, which are reached
 *   sources.c      instructions of the reached stages -> struct source; remote.c: URLs and git
 *   places.c       the working directory of a stage, and where COPY and ADD put things
 *   follow.c       what each context is asked for; resolve.c: the door's second half
 *
 * Known differences from BuildKit 73ed682, all on the lenient side: durations of HEALTHCHECK, ports of
 * EXPOSE, modes of --chmod, signals and image references are not checked; a trigger of ONBUILD is read
 * with the file's escape character, not always with a backslash; BUILDKIT_SBOM_SCAN_CONTEXT, which
 * makes the context a source of its own, is not looked at.
 */
#ifndef DOCKERFILE_INTERNAL_H
#define DOCKERFILE_INTERNAL_H

#include "dockerfile/dockerfile.h"

/* ---- growing arrays in an arena ---- */

#define LIST_FIELDS(type)                                                                          \
	type *ptr;                                                                                 \
	size_t len, cap;

/** Room for one more behind `len`: the array, moved or not; out of memory: as it was, *cap == len. */
void *list_grow(struct arena *a, void *ptr, size_t *cap, size_t len, size_t size_bytes);

/** A zeroed new element, NULL when out of memory. */
#define LIST_PUSH(a, l)                                                                            \
	((l)->ptr = list_grow((a), (l)->ptr, &(l)->cap, (l)->len, sizeof(*(l)->ptr)),              \
			(l)->len < (l)->cap ? &(l)->ptr[(l)->len++] : NULL)

struct diagnostic_list {
	LIST_FIELDS(struct diagnostic)
};

/** false when out of memory; the text is a format. */
ATTR_NODISCARD
bool diagnostic_add(struct arena *a, struct diagnostic_list *list, enum diagnostic_kind kind,
		uint32_t line, uint32_t column, const char *format, ...) ATTR_PRINTF(6, 7);

/* ---- white space, as Go's unicode.IsSpace and the parser's own class ---- */

/** [\t\v\f\r ], what separates plain words. */
static inline bool is_word_space(char c) {
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

/** A byte taken for a character, as the flag reader does: 0x85 and 0xA0 are white space. */
static inline bool is_byte_space(char c) {
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0x85 ||
			(unsigned char)c == 0xA0;
}

/* ---- lex.c ---- */

/** A piece of a logical line: where in the file its bytes from `offset` on stand. */
struct segment {
	size_t offset;
	uint32_t line, column; /* column 0: not known */
};

struct logical_line {
	struct str text; /* not empty: something stands before a continuation, or it is one */
	const struct segment *segments;
	size_t nsegments;
	uint32_t line, end_line; /* first and last physical line */
	uint32_t end_column;     /* one past the last byte of the last line */
};

struct lexer {
	struct arena *a;
	struct str rest; /* what follows the last physical line read */
	uint32_t line;   /* its number; 0: none yet */
	struct dockerfile_place place;
	char escape;
	bool directives_done;
	unsigned directives_seen; /* bit per enum directive_kind */
	struct {
		LIST_FIELDS(struct directive)
	} directives;
	struct diagnostic_list *diagnostics;
};

void lex_init(struct lexer *lx, struct arena *a, struct str text,
		const struct dockerfile_place *place, struct diagnostic_list *diagnostics);

/**
 * The next logical line.
 *
 * more     false at the end of the text; *out is then untouched
 * Errors   TNG_ESYNTAX (a bad or repeated directive), TNG_ELIMIT (a line too long), TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code lex_next(
		struct lexer *lx, struct logical_line *out, bool *more, struct tng_error *err);

/**
 * Read the content of one here-document: the lines up to its terminator.
 *
 * doc      name and strips_tabs are set; content and lines are filled in
 * end_column  one past the terminator
 * Errors   TNG_ESYNTAX at `line`: there is no terminator; TNG_ELIMIT
 */
ATTR_NODISCARD
enum tng_code lex_heredoc(struct lexer *lx, struct heredoc *doc, uint32_t line,
		uint32_t *end_column, struct tng_error *err);

/** Where the byte `at`, inside line->text, stands in the file. */
void lex_position(const struct logical_line *line, const char *at, uint32_t *out_line,
		uint32_t *out_column);

/** The column behind `text`, a part of line->text that is not empty, in the line of the file that it starts in; 0: not
 * known. */
uint32_t lex_end_column(const struct logical_line *line, struct str text);

/** Without Unicode white space in front. */
struct str trim_left(struct str s);

/* ---- heredoc.c ---- */

struct heredoc_list {
	LIST_FIELDS(struct heredoc)
};

/** Every here-document a logical line announces, in order, without contents. */
ATTR_NODISCARD
enum tng_code heredoc_scan(
		struct arena *a, struct str line, struct heredoc_list *out, struct tng_error *err);

/** Whether a whole word is "<<NAME" and the like. Errors: TNG_ENOMEM, TNG_ELIMIT, TNG_ESYNTAX. */
ATTR_NODISCARD
enum tng_code heredoc_parse(struct arena *a, struct str word, struct heredoc *out, bool *is_heredoc,
		struct tng_error *err);

/* ---- json.c ---- */

enum json_verdict {
	JSON_STRINGS,     /* an array of strings */
	JSON_OTHER_ARRAY, /* an array with something else in it: an error for BuildKit */
	JSON_NOT,         /* no array, or no JSON: plain words */
	JSON_NOMEM,
};

struct json_string {
	struct str text;    /* decoded; in the arena */
	struct str written; /* with its quotes; of the array's text */
};

struct json_strings {
	LIST_FIELDS(struct json_string)
};

/** As Go's encoding/json reads a []any. */
enum json_verdict json_read_strings(struct arena *a, struct str text, struct json_strings *out);

/* ---- instruction.c ---- */

struct word_list {
	LIST_FIELDS(struct instruction_word)
};

/**
 * Read one logical line as written; nothing is checked but what BuildKit's parser checks.
 *
 * Errors   TNG_ESYNTAX with the position, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code instruction_read(struct arena *a, const struct logical_line *line, char escape,
		struct diagnostic_list *diagnostics, struct instruction *out,
		struct tng_error *err);

/** Whether this instruction may have here-documents. */
bool instruction_takes_heredocs(const struct instruction *in);

/* ---- check.c, mount.c ---- */

/**
 * Check flags and words by the keyword's rules; fills in pairs of ARG, mounts of RUN, is_heredoc of
 * words.
 *
 * Errors   TNG_ESYNTAX with the position, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code instruction_check(struct arena *a, struct instruction *in, struct tng_error *err);

ATTR_NODISCARD
enum tng_code mount_read(struct arena *a, const struct instruction_flag *flag,
		struct instruction_mount *out, struct tng_error *err);

/** Whether a FROM's words are acceptable; *name gets the stage's lower-cased name, empty: none. */
ATTR_NODISCARD
enum tng_code from_read(struct arena *a, const struct instruction *in, struct str *name,
		struct tng_error *err);

/* ---- words.c, pattern.c ---- */

/** A variable as a word sees it. */
struct variable {
	struct str value;
	bool is_set;
	/* cannot be known from the file: is_set and value are what holds if nobody else sets it */
	bool is_unknowable;
	struct str unknown_name;
	uint32_t unknown_line;
};

/** Where words look names up. */
struct word_scope {
	struct variable (*find)(const void *ctx, struct str name);
	const void *ctx; /* find == NULL: nothing is set */
};

enum word_flag {
	WORD_RAW_QUOTES = 1,  /* keep quotes in the result */
	WORD_RAW_ESCAPES = 2, /* keep escape characters */
	WORD_SKIP_UNSET = 4,  /* leave $NAME as written when NAME is not set */
	WORD_NO_QUOTES = 8,   /* quotes are plain characters */
};

struct word_result {
	struct str text;         /* the whole word, expanded; in the arena */
	const struct str *words; /* the same, split at blanks that are not quoted */
	size_t nwords;
	/* some variable of it cannot be known; the first one */
	bool is_unknowable;
	struct str unknown_name;
	uint32_t unknown_line;
};

/**
 * Expand a word as BuildKit's shell lexer does.
 *
 * Errors   TNG_ESYNTAX without a position, TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code word_expand(struct arena *a, struct str word, char escape, unsigned flags,
		struct word_scope scope, struct word_result *out, struct tng_error *err);

enum pattern_use {
	PATTERN_PREFIX,      /* ${x#p} */
	PATTERN_LONG_PREFIX, /* ${x##p} */
	PATTERN_SUFFIX,      /* ${x%p} */
	PATTERN_LONG_SUFFIX, /* ${x%%p} */
	PATTERN_FIRST,       /* ${x/p/r} */
	PATTERN_ALL,         /* ${x//p/r} */
};

/**
 * Apply a pattern to a value.
 *
 * out      in the arena
 * Errors   TNG_ESYNTAX: an escape that means nothing; TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code pattern_apply(struct arena *a, enum pattern_use use, struct str pattern,
		struct str replacement, struct str value, struct str *out, struct tng_error *err);

/* ---- env.c ---- */

/** The variables of a stage: a hash table; what is not in it is looked up in the base's. */
struct env {
	const struct env *base;
	struct env_slot *slots;
	size_t nslots, nused; /* nslots: 0 or a power of two */
	/* the image below cannot be seen: a name that nobody set may be set there */
	bool image_is_unseen;
	uint32_t image_line; /* its FROM */
};

ATTR_NODISCARD bool env_set(
		struct arena *a, struct env *env, struct str name, struct variable value);

struct variable env_find(const void *env, struct str name);

static inline struct word_scope env_scope(const struct env *env) {
	return (struct word_scope){ env_find, env };
}

/* ---- stages.c ---- */

/** One instruction a stage executes, its own or a base's ONBUILD. */
struct command {
	const struct instruction *in;
	const struct instruction *onbuild; /* the ONBUILD it is from; NULL: its own */
};

struct resolver {
	struct arena *a;
	const struct dockerfile *df;
	const struct build_request *request;
	struct tng_error *err;
	struct env globals; /* platform arguments and the ARGs before the first FROM */
	struct stage_state *stages;
	struct stage_use *uses;
	uint32_t target;
	struct {
		LIST_FIELDS(struct source)
	} sources;
	struct {
		LIST_FIELDS(struct stage_copy)
	} copies;
	struct context_list {
		LIST_FIELDS(struct context_state)
	} contexts;
	struct diagnostic_list diagnostics;
};

/** A stage another one depends on, FROM aside. */
struct edge {
	uint32_t stage;
	uint32_t line; /* of the instruction */
	bool is_read;  /* something is really taken from it; else it is only evaluated */
};

struct stage_state {
	struct env env;
	struct {
		LIST_FIELDS(struct command)
	} commands;
	struct {
		LIST_FIELDS(struct edge)
	} edges;
	bool has_triggers; /* the base's ONBUILDs are in */
	bool is_dispatched;
	bool is_read;               /* its result is part of the target's */
	bool reads_main;            /* some instruction takes from the main context */
	uint32_t root;              /* the first stage of its FROM chain */
	struct destination workdir; /* as far as it is executed */
};

/** A context while its paths are collected. */
struct context_state {
	struct str name;
	uint32_t line;
	uint32_t stage; /* its transfer happens if this stage is read ... */
	bool is_read;   /* ... and this is set */
	bool is_all;    /* "/" is among the paths */
	struct {
		LIST_FIELDS(struct str)
	} paths; /* relative */
};

/** Names of all stages, edges of the graph, reachability with ONBUILDs. Fills in uses and stages. */
ATTR_NODISCARD enum tng_code stages_resolve(struct resolver *r);

/** The last stage of that name, any case; DOCKERFILE_NO_STAGE: none. */
uint32_t stage_find(const struct dockerfile *df, struct str name);

/** The stage a COPY --from means, by name or number; DOCKERFILE_NO_STAGE: an image or a context. */
ATTR_NODISCARD
enum tng_code copy_from_find(const struct resolver *r, const struct command *command,
		struct str from, uint32_t *stage);

/** Whether a context of that name was given; image names are compared in their short form. */
bool context_is_given(const struct build_request *request, struct str name);

/** A new context that `stage` reads; NULL when out of memory. */
ATTR_NODISCARD
struct context_state *context_open_use(
		struct resolver *r, struct str name, uint32_t line, uint32_t stage);

/** Set the position of an error that has none yet; returns `code`. */
static inline enum tng_code error_at(
		struct tng_error *err, enum tng_code code, uint32_t line, uint32_t column) {
	if (err != NULL && code != TNG_OK && code != TNG_ENOMEM && err->line == 0) {
		err->line = line;
		err->column = column;
	}
	return code;
}

/* ---- sources.c ---- */

/** Execute the commands of one reached stage. */
ATTR_NODISCARD enum tng_code stage_dispatch(struct resolver *r, uint32_t stage);

/* ---- places.c ---- */

/** Where a stage begins to work: the base's, else "/" or what the image says. The base is dispatched. */
void workdir_start(struct resolver *r, uint32_t stage);

/** WORKDIR, expanded. Errors: TNG_ENOMEM */
ATTR_NODISCARD
enum tng_code workdir_set(struct resolver *r, uint32_t stage, const struct word_result *word);

/** The last word of COPY or ADD, expanded; `is_dir`: it has several sources. Errors: TNG_ENOMEM */
ATTR_NODISCARD
enum tng_code destination_find(struct resolver *r, uint32_t stage, const struct word_result *word,
		bool is_dir, struct destination *out);

/** clean("/" + dir + "/" + word) without the slash in front; "." for the root. .ptr NULL: out of memory. */
ATTR_NODISCARD struct str rooted_path(struct arena *a, struct str dir, struct str word);

/** A mount, its variables expanded. */
enum mount_type {
	MOUNT_BIND,
	MOUNT_CACHE,
	MOUNT_TMPFS,
	MOUNT_SECRET,
	MOUNT_SSH,
};

struct mount {
	enum mount_type type;
	struct str from, source, target;
	struct str source_written;
	struct word_result source_result; /* whether the source can be known */
};

/** What the fields of a mount mean; buildah's keys that BuildKit does not have say nothing of the source.
 * Errors: TNG_ESYNTAX at `line`, TNG_ENOMEM. */
ATTR_NODISCARD
enum tng_code mount_expand(struct arena *a, const struct instruction_mount *m, char escape,
		enum tng_engine engine, struct word_scope scope, uint32_t line, struct mount *out,
		struct tng_error *err);

/* ---- remote.c ---- */

/** A git reference with a transport: "git@host:path", "ssh://...", "https://....git". */
bool source_is_git(struct str word);

/** Begins with http:// or https://. */
bool source_is_http(struct str word);

/* ---- reference.c ---- */

/** Whether an image may have that name, its tag and digest included. Errors: TNG_ESYNTAX without a position. */
ATTR_NODISCARD enum tng_code reference_check(struct str text, struct tng_error *err);

/* ---- resolve.c ---- */

/** The last argument of that name; NULL: not given. */
const struct build_arg *build_arg_find(const struct build_request *request, struct str name);

/* ---- follow.c ---- */

/** Turn what was collected into contexts: used or not, whole or a sorted list. */
ATTR_NODISCARD
enum tng_code contexts_finish(struct resolver *r, struct build_sources *out);

#endif
