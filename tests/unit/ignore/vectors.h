/*
 * unit/ignore/vectors.h - the vectors of ../shared: loading them, and the bytes they hold.
 */
#ifndef TESTS_UNIT_IGNORE_VECTORS_H
#define TESTS_UNIT_IGNORE_VECTORS_H

#include "util/arena.h"
#include "util/str.h"

#include <jansson.h>
#include <stdbool.h>

/** A file of $TONNAGE_SHARED/spec; without that the test is skipped. */
json_t *vectors_load(const char *name);

struct str vectors_text(struct arena *a, const json_t *value);
struct str vectors_hex(struct arena *a, const json_t *value);

/** The text under `key`, or the bytes under `key`_hex; .ptr NULL when neither is there. */
struct str vectors_bytes(struct arena *a, const json_t *vector, const char *key);

struct str *vectors_patterns(struct arena *a, const json_t *vector, size_t *n);

/** The ignore file of a parse vector. */
struct str vectors_file(struct arena *a, const json_t *vector);

/** Whether an item of a list, {"s": text}, {"hex": bytes} or {"len": n}, is this text. */
bool vectors_is_item(struct arena *a, const json_t *item, struct str text);

#endif
