/*
 * classify/prober.h - the heads of a few files, and what is in them.
 *
 * Only regular files are opened, never through a link and never waiting; a head is at most
 * PROBER_HEAD_BYTES, and a run reads no more than PROBER_TOTAL_BYTES of PROBER_FILES_MAX files.
 */
#ifndef CLASSIFY_PROBER_H
#define CLASSIFY_PROBER_H

#include "classify/table.h"
#include "util/error.h"
#include "walk/walk.h"

#include <stdbool.h>

#define PROBER_HEAD_BYTES 65536U
#define PROBER_FILES_MAX 20000U
#define PROBER_TOTAL_BYTES (128U << 20)

struct prober;

enum probe_view {
	PROBE_UNSEEN, /* could not be read, or is a hole */
	PROBE_TEXT,
	PROBE_BINARY,
};

/** NULL when out of memory. root_fd -1: everything is unseen. */
ATTR_NODISCARD struct prober *prober_create(const struct tree *tree, int root_fd);
void prober_destroy(struct prober *p);

/** The head of a file, at most `max_bytes`; good until the next call for another row. */
enum probe_view prober_head(struct prober *p, uint32_t row, size_t max_bytes, struct str *head);

/** Whether a probe matches the text; `line`: of the match, 1-based. Placeholders are no match. */
bool prober_match(struct prober *p, unsigned probe, struct str text, uint32_t *line);

/** The first probe of reach key or token that matches; class_nprobes when none does. */
unsigned prober_match_any(struct prober *p, struct str text, uint32_t *line);

uint64_t prober_nfiles(const struct prober *p);
uint64_t prober_bytes(const struct prober *p);

/** A pattern of the table did not compile, or memory was out: the run has to fail. */
bool prober_failed(const struct prober *p);

#endif
