/*
 * ignore/ignore.h - ignore files: parse once, decide many paths.
 *
 *   text --ignore_parse--> ignore_set --ignore_enter/ignore_decide--> verdict
 *
 * Patterns are ordered and the LAST one that matches decides, so every pattern keeps its line.
 * Behaviour is that of moby/patternmatcher 0.6.1 and its ignorefile reader (classic, BuildKit);
 * `tests/support/plain_matcher.h` is the same, line by line, and judges this one.
 *
 * The other dialect is that of buildah and podman (openshift/imagebuilder's reader, containers/storage's
 * fileutils): each pattern is one regexp that covers what is below, too, and the last one that matches
 * the path decides. All the ways to ask below then give the same answer.
 *
 * Two evaluations (both are in Docker's reference, and they differ on purpose-built lists):
 *  - the walk's (MatchesUsingParentResults): each directory hands its results to its children. This
 *    decides what is sent. A struct ignore_dir is those results.
 *  - the whole path's (MatchesOrParentMatches): the path and all its ancestors at once. Docker asks
 *    it before it sends, BuildKit when it opens a file.
 */
#ifndef IGNORE_IGNORE_H
#define IGNORE_IGNORE_H

#include "util/arena.h"
#include "util/error.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

#define IGNORE_NO_PATTERN UINT32_MAX

/** Longest line: bufio.Scanner's 64 KiB buffer (moby/patternmatcher ignorefile.go); see read.c. */
#define IGNORE_LINE_MAX_BYTES 65536

struct ignore_set;     /* immutable once parsed: share between threads */
struct ignore_scratch; /* match working memory: one per thread */

/** Whose reader, patterns and evaluation. */
enum ignore_dialect {
	IGNORE_DOCKER,  /* moby/patternmatcher: classic, BuildKit */
	IGNORE_BUILDAH, /* containers/storage: buildah, podman */
};

/** The dialect of an engine's ignore files. */
enum ignore_dialect ignore_dialect_of(enum tng_engine engine);

/** How the reference tests a pattern (spec 3.5); IGNORE_BUILDAH knows regexps only. */
enum ignore_route {
	IGNORE_ROUTE_EXACT,
	IGNORE_ROUTE_PREFIX,
	IGNORE_ROUTE_SUFFIX,
	IGNORE_ROUTE_REGEXP,
};

/** One pattern of the set, in file order. */
struct ignore_pattern {
	struct str raw;  /* the line as written, without its line end */
	struct str text; /* cleaned, without the '!' */
	struct str listed; /* as the reader hands it to the matcher, and BuildKit to its client: '!' in front */
	uint32_t line, column; /* 1-based; of the first byte after blanks. Line 0: not from the file */
	bool is_exception;
	enum ignore_route route;
	/* a regexp that does not compile: docker fails when it first evaluates the pattern, and so do
	 * the functions below. NULL: all well */
	const char *bad_regexp;
};

/** One decision, with the pattern that made it. */
struct verdict {
	bool excluded;
	uint32_t pattern; /* 0-based, file order; IGNORE_NO_PATTERN: none matched, so included */
};

/**
 * What a directory hands to its children: which patterns matched on the way down, and where the
 * others stand. Small, copied by value; belongs to the scratch that made it.
 */
struct ignore_dir {
	uint32_t active;
	uint32_t matched;
};

/**
 * Read an ignore file and compile its patterns.
 *
 * text     the file's bytes; need not outlive the call
 * out      set on TNG_OK only; ended with ignore_destroy()
 * Errors   where docker refuses the file as a whole, with line and column: TNG_ELIMIT for a line that
 *          is too long ("bufio.Scanner: token too long"), TNG_ESYNTAX ("syntax error in pattern",
 *          "illegal exclusion pattern: \"!\""); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code ignore_parse(struct str text, struct ignore_set **out, struct tng_error *err);

/** The same in a dialect of choice; IGNORE_BUILDAH has no line that is too long. */
ATTR_NODISCARD
enum tng_code ignore_parse_as(enum ignore_dialect dialect, struct str text, struct ignore_set **out,
		struct tng_error *err);

/**
 * The same from a list of patterns as the matcher takes them (no comments, no reading; a '!' in
 * front makes an exception). Pattern i has line i + 1.
 */
ATTR_NODISCARD
enum tng_code ignore_from_patterns(const struct str *patterns, size_t n, struct ignore_set **out,
		struct tng_error *err);

ATTR_NODISCARD
enum tng_code ignore_from_patterns_as(enum ignore_dialect dialect, const struct str *patterns,
		size_t n, struct ignore_set **out, struct tng_error *err);

/**
 * The same set (IGNORE_DOCKER) with more patterns behind those of the file, which an engine adds on its own (an
 * exception for the Dockerfile, say). Theirs is line 0.
 */
ATTR_NODISCARD
enum tng_code ignore_parse_with(struct str text, const struct str *more, size_t nmore,
		struct ignore_set **out, struct tng_error *err);

/** NULL is allowed. */
void ignore_destroy(struct ignore_set *set);

uint32_t ignore_npatterns(const struct ignore_set *set);
const struct ignore_pattern *ignore_pattern(const struct ignore_set *set, uint32_t index);

bool ignore_has_exceptions(const struct ignore_set *set);

/** Whether ignore_decide() looks at more of `path` than the name at its end. */
bool ignore_needs_paths(const struct ignore_set *set);

/** NULL when out of memory. The set must outlive the scratch. */
ATTR_NODISCARD struct ignore_scratch *ignore_scratch_create(const struct ignore_set *set);

/** NULL is allowed. */
void ignore_scratch_destroy(struct ignore_scratch *scratch);

/**
 * Leave a pattern out of what the scratch decides from now on, as if its line were a comment; or put it back.
 * States made before are of no more use, but for the root's.
 */
void ignore_leave_out(struct ignore_scratch *scratch, uint32_t pattern, bool is_out);

/** The context root's state: nothing matched yet. */
struct ignore_dir ignore_root(const struct ignore_scratch *scratch);

/**
 * Decide one entry of a directory as the builders' walk does.
 *
 * dir      the state of the directory it is in
 * path     the entry's path relative to the context root; path.len - name_len is where its name
 *          starts. Only looked at by patterns that need more than the name.
 * out      set on TNG_OK only
 * below    NULL, or gets the state for the entry's own children
 * Errors   TNG_ESYNTAX with line and column: evaluating needs a pattern whose regexp is bad
 *          (IGNORE_BUILDAH needs all of them for every path).
 *          TNG_ELIMIT: the pattern engine gave up; *err names the line. TNG_ENOMEM.
 * Threads  safe when each thread passes its own scratch
 */
ATTR_NODISCARD
enum tng_code ignore_decide(struct ignore_scratch *scratch, struct ignore_dir dir, struct str path,
		size_t name_len, struct verdict *out, struct ignore_dir *below,
		struct tng_error *err);

/**
 * Whether everything below a directory has the directory's own verdict: nothing can match there, and nothing
 * is tested one by one. IGNORE_DOCKER only; false may also mean that it is not known.
 */
bool ignore_is_settled(const struct ignore_scratch *scratch, struct ignore_dir dir);

/**
 * All patterns that match an entry, or a directory it is in: whatever their order, '!' not considered, a
 * bad regexp matching nothing. A scratch that does this does nothing else.
 *
 * dir, path, name_len, below  as for ignore_decide()
 * patterns, n  ascending; valid until the scratch is used again
 * Errors       TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code ignore_collect(struct ignore_scratch *scratch, struct ignore_dir dir, struct str path,
		size_t name_len, const uint32_t **patterns, uint32_t *n, struct ignore_dir *below,
		struct tng_error *err);

/** The walk's answer for a path out of the blue: every ancestor is decided first. */
ATTR_NODISCARD
enum tng_code ignore_decide_path(struct ignore_scratch *scratch, struct str path,
		struct verdict *out, struct tng_error *err);

/** The other answer: whole-path evaluation (spec 4.1). */
ATTR_NODISCARD
enum tng_code ignore_decide_whole_path(struct ignore_scratch *scratch, struct str path,
		struct verdict *out, struct tng_error *err);

/** Legacy evaluation (spec 4.3), which classic asks about the Dockerfile and the ignore file. */
ATTR_NODISCARD
enum tng_code ignore_decide_legacy(struct ignore_scratch *scratch, struct str path,
		struct verdict *out, struct tng_error *err);

/** Whether one pattern, alone, matches this very path (no parents, no order, '!' not considered). */
ATTR_NODISCARD
enum tng_code ignore_pattern_matches(struct ignore_scratch *scratch, uint32_t index,
		struct str path, bool *out, struct tng_error *err);

struct buf;
/**
 * Append the pattern that names this very path, with what patterns of the dialect mind escaped.
 *
 * path     relative to the context root, clean
 * Returns  false, nothing appended: no line can name it (empty, a control character, blanks at an end,
 *          not UTF-8)
 */
bool ignore_put_literal(enum ignore_dialect dialect, struct str path, struct buf *out);

#endif
