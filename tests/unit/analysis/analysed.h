/* unit/analysis/analysed.h - an analysis of a small_tree(), without a disk; report's tests use it, too. */
#ifndef UNIT_ANALYSIS_ANALYSED_H
#define UNIT_ANALYSIS_ANALYSED_H

#include "analysis/analysis.h"

/**
 * Ended with analysis_destroy(). `ignore_text` NULL: there is no ignore file. A bad one gives an analysis
 * without a plan, as analysis_run() does.
 */
struct analysis *analyse_small(const char *items, const char *ignore_text, enum tng_engine engine);

/** The same of a tree, which it takes. */
struct analysis *analyse_tree(struct tree *tree, const char *ignore_text, enum tng_engine engine);

/** A heavy line's path in the arena of the analysis, " (rest)" behind the rest of a directory. */
struct str heavy_name(const struct analysis *an, const struct heavy *h);

#endif
