/*
 * ignore/internal.h - how the room is put together; nobody outside includes it, but for the tests.
 *
 *   read.c      ignore-file text -> pattern strings with their positions   (ignorefile.go)
 *   pattern.c   pattern string -> struct pattern: cleaned, checked, routed, translated
 *   buildah.c   the same two for buildah's reader and matcher
 *   regexp.c    RE2 text -> PCRE2, with the meaning and the errors RE2 gives it
 *   set.c       the set: creation, access, the slow evaluations
 *   nfa.c       all patterns as one automaton over path components
 *   scratch.c   one name through the automaton
 *   match.c     ignore_decide: the automaton's state carried down the tree
 *   paths.c     paths out of the blue, the other evaluations
 */
#ifndef IGNORE_INTERNAL_H
#define IGNORE_INTERNAL_H

#include "ignore/ignore.h"

struct regexp;         /* compiled; immutable, shared between threads */
struct regexp_scratch; /* PCRE2 match data, JIT stack and a buffer; one per thread */

/** One pattern as read from a file: views into the text. */
struct read_pattern {
	struct str raw; /* the line, without its end */
	struct str text; /* what ReadAll returns: trimmed, cleaned, '!' kept in front; in the arena */
	uint32_t line, column;
};

/**
 * The Docker reader (spec 2.1 to 2.3).
 *
 * out, n   in the arena; views into `text` and the arena
 * Errors   TNG_ELIMIT with the line: "bufio.Scanner: token too long"; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code ignore_read(struct arena *a, struct str text, struct read_pattern **out, size_t *n,
		struct tng_error *err);

/** buildah's reader (spec 2.4); `text` is without slashes at its ends, and not cleaned yet. */
ATTR_NODISCARD
enum tng_code ignore_read_buildah(struct arena *a, struct str text, struct read_pattern **out,
		size_t *n, struct tng_error *err);

struct pattern {
	struct ignore_pattern pub;
	enum ignore_dialect dialect;
	struct str regexp_text; /* the Go regexp the reference would compile; regexp route only */
	struct regexp *regexp; /* regexp route, unless pub.bad_regexp; freed with the set. Of buildah's
				   also NULL when PCRE2 cannot hold it */
};

/**
 * Compile one string as patternmatcher.New does: trim, skip if empty, clean, '!', syntax check, route,
 * translation, and (ahead of time, the error kept for later) the regexp.
 *
 * out      pub.raw, line and column are left for the caller; texts in the arena
 * is_empty set when the string is skipped; *out is then untouched
 * Errors   TNG_ESYNTAX "syntax error in pattern", "illegal exclusion pattern: \"!\"" (the caller adds
 *          the position); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code pattern_compile(struct arena *a, struct str string, struct pattern *out,
		bool *is_empty, struct tng_error *err);

/** The same as containers/storage's NewPatternMatcher and Pattern.compile do (spec 3.9). */
ATTR_NODISCARD
enum tng_code pattern_compile_buildah(struct arena *a, struct str string, struct pattern *out,
		bool *is_empty, struct tng_error *err);

/**
 * Test one pattern against a whole path by its route (spec 3.5).
 *
 * Errors   TNG_ESYNTAX: bad_regexp; TNG_ELIMIT: the pattern engine gave up; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code pattern_matches(const struct pattern *p, struct regexp_scratch *scratch,
		struct str path, bool *out, struct tng_error *err);

/**
 * Compile RE2 text (Go regexp syntax) for PCRE2.
 *
 * bad      set to a static message when Go's regexp would refuse the text; then *out is NULL
 * Errors   TNG_ELIMIT: PCRE2 cannot hold it (64 KiB of code); TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code regexp_compile(
		struct str re2_text, struct regexp **out, const char **bad, struct tng_error *err);
void regexp_destroy(struct regexp *re);

/** Make machine code of it: pays for what every path is tested against, and for nothing else. */
void regexp_prepare(struct regexp *re);

ATTR_NODISCARD struct regexp_scratch *regexp_scratch_create(void);
void regexp_scratch_destroy(struct regexp_scratch *scratch);

/** Unanchored search, as Go's MatchString: invalid bytes of the subject count as U+FFFD. */
ATTR_NODISCARD
enum tng_code regexp_match(const struct regexp *re, struct regexp_scratch *scratch,
		struct str subject, bool *out, struct tng_error *err);

#endif
