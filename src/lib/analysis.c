#include "analysis/analysis.h"

#include "report/report.h"

#include <stdlib.h>

struct tng_analysis {
	struct analysis *analysis;
};

enum tng_code tng_analysis_run(const struct tng_options *options, struct tng_analysis **out,
		struct tng_error *err) {
	const struct tng_options defaults = { 0 }, *o = options != NULL ? options : &defaults;
	struct analysis_request request = {
		.root = o->root,
		.dockerfiles = &o->dockerfile,
		.ndockerfiles = o->dockerfile != NULL,
		.ignore_file = o->ignore_file,
		.engine = o->engine,
		.target = str_from(o->target),
		.want_git = !o->no_git,
		.want_classes = true,
		.walk = { .njobs = o->njobs },
	};
	struct tng_analysis *handle = calloc(1, sizeof(*handle));

	if (handle == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = analysis_run(&request, &handle->analysis, err);
	if (code != TNG_OK) {
		free(handle);
		return code;
	}
	*out = handle;
	return TNG_OK;
}

void tng_analysis_destroy(struct tng_analysis *analysis) {
	if (analysis != NULL) {
		analysis_destroy(analysis->analysis);
		free(analysis);
	}
}

enum tng_code tng_analysis_json(
		const struct tng_analysis *analysis, char **out, struct tng_error *err) {
	struct scan_options options = {
		.format = REPORT_JSON,
		.lens = build_default_lens(&analysis->analysis->builds[0]),
		.top = REPORT_TOP_DEFAULT,
	};
	struct sink sink;

	sink_init_memory(&sink);
	enum tng_code code = report_scan(analysis->analysis, &options, &sink, err);
	char *text = code == TNG_OK ? buf_detach(&sink.buf) : NULL;
	buf_fini(&sink.buf);
	if (code == TNG_OK && text == NULL) {
		code = error_nomem(err);
	}
	if (code == TNG_OK) {
		*out = text;
	}
	return code;
}
