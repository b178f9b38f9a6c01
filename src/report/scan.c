#include "report/scan.h"

const char *report_engine_name(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "buildkit";
	case TNG_ENGINE_CLASSIC:
		return "classic";
	case TNG_ENGINE_PODMAN:
		return "podman";
	}
	return "";
}

const char *report_lens_name(enum lens lens) {
	switch (lens) {
	case LENS_DISK:
		return "disk";
	case LENS_ELIGIBLE:
		return "eligible";
	case LENS_REQUESTED:
		break;
	}
	return "requested";
}

const char *report_source_kind(enum source_kind kind) {
	switch (kind) {
	case SOURCE_COPY:
		return "COPY";
	case SOURCE_ADD:
		return "ADD";
	case SOURCE_BIND:
		return "bind mount";
	case SOURCE_TMPFS:
		return "tmpfs mount";
	case SOURCE_REMOTE:
		break;
	}
	return "remote";
}

enum tng_code report_scan(const struct analysis *an, const struct scan_options *options,
		struct sink *sink, struct tng_error *err) {
	struct arena *a = arena_create();
	const struct build *build = &an->builds[0];
	struct scan_view view = {
		.an = an,
		.build = build,
		.options = options,
		.lens = build_has_lens(build, options->lens) ? options->lens
							     : build_default_lens(build),
		.arena = a,
		.sink = sink,
	};

	if (a == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = options->format == REPORT_TEXT ? report_scan_text(&view, err)
							    : report_scan_json(&view, err);
	arena_destroy(a);
	return code;
}
