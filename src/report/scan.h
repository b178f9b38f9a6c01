/* report/scan.h - the formats of a scan. */
#ifndef REPORT_SCAN_H
#define REPORT_SCAN_H

#include "report/json.h"

/** What a scan is printed from, and where to. */
struct scan_view {
	const struct analysis *an;
	const struct build *build; /* the one the user asked about */
	const struct scan_options *options;
	enum lens lens; /* that the tables are under; known */
	struct arena *arena;
	struct sink *sink;
};

/** Lines of the heaviest places: what is left is one of them, and no answer alone. */
static inline size_t heaviest_lines(const struct scan_options *options) {
	return options->top > 1 ? options->top : 2;
}

ATTR_NODISCARD
enum tng_code report_scan_text(const struct scan_view *view, struct tng_error *err);

ATTR_NODISCARD
enum tng_code report_scan_json(const struct scan_view *view, struct tng_error *err);

/** Head, lenses, files: what stands above the tables. */
void report_scan_summary(const struct scan_view *view);

/** What should worry: secrets that are sent, what git ignores and a build sends, what is not tracked. */
ATTR_NODISCARD
enum tng_code report_scan_headlines(const struct scan_view *view, struct tng_error *err);

/** The table of classes; short: bytes only. */
ATTR_NODISCARD
enum tng_code report_scan_classes(
		const struct scan_view *view, size_t top, bool is_short, struct tng_error *err);

/** The cross table of git's states and the lenses, the repositories, and the places not in git. */
ATTR_NODISCARD
enum tng_code report_scan_git(const struct scan_view *view, size_t top, struct tng_error *err);

/** How much was read to classify; for -v. */
void report_scan_probes(const struct scan_view *view);

/** "classes", "secrets", "git" and "probes" of the document: null where they are not known. */
ATTR_NODISCARD
enum tng_code report_scan_kinds_json(
		const struct scan_view *view, json_t *doc, struct tng_error *err);

/** The block of --wire. */
ATTR_NODISCARD
enum tng_code report_scan_wire(const struct scan_view *view, struct tng_error *err);

/** The same as a value, null without --wire; NULL: out of memory, which what takes it reports. */
ATTR_NODISCARD
enum tng_code report_scan_wire_json(
		const struct scan_view *view, json_t **out, struct tng_error *err);

/** "buildkit", "classic". */
const char *report_engine_name(enum tng_engine engine);

/** "disk", "eligible", "requested". */
const char *report_lens_name(enum lens lens);

/** "COPY", "ADD", "bind mount", ...: how a source is asked for. */
const char *report_source_kind(enum source_kind kind);

#endif
