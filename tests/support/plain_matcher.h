/*
 * tests/support/plain_matcher.h - the judge: ignore patterns evaluated as the reference does it, step
 * by step, with no thought of speed.
 *
 *   patterns --plain_matcher_create--> plain_matcher --plain_decide_*--> verdict
 *
 * IGNORE_BUILDAH: IsMatch of containers/storage, whichever way it is asked.
 *
 * It shares pattern.c (buildah.c) and regexp.c with the real matcher (is this pattern a match for this very
 * path), which have known answers of their own; the order, the parents and the exceptions it works
 * out by itself. One thread at a time.
 */
#ifndef TESTS_SUPPORT_PLAIN_MATCHER_H
#define TESTS_SUPPORT_PLAIN_MATCHER_H

#include "ignore/ignore.h"

struct plain_matcher;

/**
 * As patternmatcher.New.
 *
 * Errors   TNG_ESYNTAX, TNG_ENOMEM, TNG_ELIMIT (a regexp that PCRE2 cannot hold); the line is the
 *          pattern's index + 1
 */
ATTR_NODISCARD
enum tng_code plain_matcher_create(const struct str *patterns, size_t n, struct plain_matcher **out,
		struct tng_error *err);

/** The text of an ignore file, read and then compiled. */
ATTR_NODISCARD
enum tng_code plain_matcher_parse(
		struct str text, struct plain_matcher **out, struct tng_error *err);

/** The same in a dialect of choice. */
ATTR_NODISCARD
enum tng_code plain_matcher_create_as(enum ignore_dialect dialect, const struct str *patterns,
		size_t n, struct plain_matcher **out, struct tng_error *err);
ATTR_NODISCARD
enum tng_code plain_matcher_parse_as(enum ignore_dialect dialect, struct str text,
		struct plain_matcher **out, struct tng_error *err);

/** NULL is allowed. */
void plain_matcher_destroy(struct plain_matcher *m);

/** Patterns that were compiled; empty strings of the list are not. */
size_t plain_npatterns(const struct plain_matcher *m);
const struct ignore_pattern *plain_pattern(const struct plain_matcher *m, size_t index);

/**
 * Spec 4.2, one entry: MatchesUsingParentResults.
 *
 * parent   NULL: no results, and the path's ancestors are tested too; else one bool a pattern
 * results  one bool a pattern; gets this path's own
 * out      set on TNG_OK only; the pattern is the last one that matched
 * Errors   TNG_ESYNTAX: evaluation came to a bad regexp; TNG_ELIMIT, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code plain_decide_entry(struct plain_matcher *m, struct str path, const bool *parent,
		bool *results, struct verdict *out, struct tng_error *err);

/** The same for each ancestor from the top, then the path: what a walk decides. */
ATTR_NODISCARD
enum tng_code plain_decide_path(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err);

/** Spec 4.1: MatchesOrParentMatches. */
ATTR_NODISCARD
enum tng_code plain_decide_whole_path(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err);

/** Spec 4.3: Matches, which tests one ancestor only. */
ATTR_NODISCARD
enum tng_code plain_decide_legacy(struct plain_matcher *m, struct str path, struct verdict *out,
		struct tng_error *err);

#endif
