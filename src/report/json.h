/* report/json.h - documents of schema "tonnage/1", made with jansson and written to a sink. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/report.h"

#include <jansson.h>

#define JSON_SCHEMA "tonnage/1"

/** A string of any bytes: invalid UTF-8 becomes U+FFFD. NULL when out of memory. */
json_t *json_text(struct arena *a, struct str text);

/** A sentence for people, in which names are escaped as sink_put_safe() does it: one line whatever they hold. */
json_t *json_message(struct arena *a, struct str text);

/** A pattern as a line of an ignore file would have it: cleaned, an exception with its '!'. */
json_t *json_pattern(struct arena *a, struct str text, bool is_exception);

/** A row's path; directories without a slash. */
json_t *json_path(struct arena *a, const struct tree *tree, uint32_t row);

/** A document with its schema and command; NULL when out of memory. */
json_t *json_document(const char *command);

/**
 * Append `value`, which it takes, and return the list. A NULL value or a failure ends the list: it is
 * released and NULL returned, so that what it should have gone into fails, too.
 */
json_t *json_list_add(json_t *list, json_t *value);

/** Write with a newline behind it, and release; NULL is out of memory. Compact: on one line. */
ATTR_NODISCARD
enum tng_code json_write(json_t *document, bool compact, struct sink *sink, struct tng_error *err);

#endif
