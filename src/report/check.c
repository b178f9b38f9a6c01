/* The formats of what `tonnage check` found, and what several of them need. */
#include "report/check.h"

#include "report/table.h"

bool check_text_of(const struct check_view *view, struct str file, struct str *out) {
	for (size_t i = 0; i < view->an->nbuilds; i++) {
		const struct context *ctx = &view->an->builds[i].context;
		if (ctx->ignore_origin != IGNORE_ORIGIN_NONE && str_eq(file, ctx->ignore_path)) {
			*out = ctx->ignore_text;
			return true;
		}
		if (ctx->has_dockerfile && str_eq(file, ctx->dockerfile)) {
			*out = ctx->dockerfile_text;
			return true;
		}
	}
	return false;
}

struct str check_source_line(const struct check_view *view, const struct check_finding *f) {
	struct str text, line = STR("");

	if (f->line == 0 || !check_text_of(view, f->file, &text)) {
		return line;
	}
	for (uint32_t i = 0; i < f->line && (text.len > 0 || i == 0); i++) {
		(void)str_cut(text, '\n', &line, &text);
	}
	return str_ends(line, STR("\r")) ? str_take(line, line.len - 1) : line;
}

bool check_is_shown(const struct check_view *view, const struct check_finding *finding) {
	return view->verbose || (!finding->is_suppressed && !finding->is_known);
}

static void put_count(struct sink *sink, size_t n, const char *noun, const char **comma) {
	if (n > 0) {
		sink_printf(sink, "%s%zu %s%s", *comma, n, noun, plural(n));
		*comma = ", ";
	}
}

void check_put_counts(const struct check_result *r, struct sink *sink) {
	const char *comma = "";

	put_count(sink, r->nby_severity[CHECK_ERROR], "error", &comma);
	put_count(sink, r->nby_severity[CHECK_WARNING], "warning", &comma);
	put_count(sink, r->nby_severity[CHECK_NOTE], "note", &comma);
	sink_put(sink, comma[0] == '\0' ? STR("no findings") : STR(""));
}

typedef enum tng_code (*report_fn)(
		const struct check_view *view, struct sink *sink, struct tng_error *err);

static const struct {
	const char *name;
	report_fn report;
} formats[CHECK_NFORMATS] = {
	[CHECK_FORMAT_TEXT] = { "text", report_check_text },
	[CHECK_FORMAT_JSON] = { "json", report_check_json },
	[CHECK_FORMAT_SARIF] = { "sarif", report_check_sarif },
	[CHECK_FORMAT_GITHUB] = { "github", report_check_github },
	[CHECK_FORMAT_MARKDOWN] = { "markdown", report_check_markdown },
	[CHECK_FORMAT_GITLAB] = { "gitlab", report_check_gitlab },
	[CHECK_FORMAT_JUNIT] = { "junit", report_check_junit },
	[CHECK_FORMAT_TAP] = { "tap", report_check_tap },
};

const char *check_format_name(enum check_format format) {
	return formats[format].name;
}

enum tng_code report_check(const struct check_view *view, enum check_format format,
		struct sink *sink, struct tng_error *err) {
	return formats[format].report(view, sink, err);
}
