/* report/check.h - between the files that print what `tonnage check` found. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "report/json.h"
#include "report/report.h"

/** The text of a finding's file, where the analysis has read it; false: it has not. */
bool check_text_of(const struct check_view *view, struct str file, struct str *out);

/** Whether a finding is shown: one that is silenced or known only to who asks for more. */
bool check_is_shown(const struct check_view *view, const struct check_finding *finding);

/** Where a CI system shows a finding: it wants a file and a line of every one. */
struct check_place {
	struct str path;                   /* relative to the top of the repository, or absolute */
	bool has_line;                     /* else the line is 1 and says nothing */
	uint32_t line, column, end_column; /* columns in UTF-16 units; 0: none; end: one past it */
};

/** About a Dockerfile from standard input, which no CI system can show: its line is in the sentence. */
bool check_is_of_stdin(const struct check_finding *f);

/** The line that a finding is about, without its end; empty: none, or it was not read. */
struct str check_source_line(const struct check_view *view, const struct check_finding *f);

/** In the view's arena; .path.ptr is NULL when out of memory. */
struct check_place check_place_of(const struct check_view *view, const struct check_finding *f);

/** The context, from the top of the repository; "" when they are one, or where git knows nothing. */
struct str check_prefix(const struct check_view *view);

/** Message and fix: "text; fix: text". In the arena; .ptr is NULL when out of memory. */
struct str check_sentence(const struct check_view *view, const struct check_finding *f);

/** "3 errors, 1 note"; "no findings". */
void check_put_counts(const struct check_result *result, struct sink *sink);

/* ---- one function a format */

ATTR_NODISCARD
enum tng_code report_check_text(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_sarif(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_github(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_markdown(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_gitlab(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_junit(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_tap(
		const struct check_view *view, struct sink *sink, struct tng_error *err);
ATTR_NODISCARD
enum tng_code report_check_json(
		const struct check_view *view, struct sink *sink, struct tng_error *err);

#endif
