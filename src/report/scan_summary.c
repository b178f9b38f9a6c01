#include "report/scan.h"
#include "report/table.h"

#define LABEL "  %-13s"

static const char *engine_title(enum tng_engine engine) {
	switch (engine) {
	case TNG_ENGINE_BUILDKIT:
		return "BuildKit";
	case TNG_ENGINE_CLASSIC:
		return "the classic builder";
	case TNG_ENGINE_PODMAN:
		return "Podman and Buildah";
	}
	return "";
}

static void put_weight(struct sink *sink, const char *label, const struct weight *w) {
	char size[SIZE_TEXT_BYTES], count[3][SIZE_TEXT_BYTES + 4];

	sink_printf(sink, LABEL, label);
	put_styled(sink, STYLE_BOLD, str_from(size_format_short(w->bytes, size)));
	sink_printf(sink, "  in %s file%s, %s director%s", size_format_count(w->nfiles, count[0]),
			plural(w->nfiles), size_format_count(w->ndirs, count[1]),
			w->ndirs == 1 ? "y" : "ies");
	if (w->nsymlinks > 0) {
		sink_printf(sink, ", %s link%s", size_format_count(w->nsymlinks, count[2]),
				plural(w->nsymlinks));
	}
	if (w->nothers > 0) {
		sink_printf(sink, ", %s special file%s", size_format_count(w->nothers, count[2]),
				plural(w->nothers));
	}
}

static void put_requested(struct sink *sink, const struct build *build) {
	char size[SIZE_TEXT_BYTES];

	if (!build->has_requested) {
		sink_printf(sink, LABEL "unknown: %s\n", "requested",
				build->context.dockerfile_problem.len > 0
						? "the Dockerfile cannot be read"
						: !build->context.has_dockerfile
						? "no Dockerfile found"
						: build->has_plan ? "the Dockerfile has an error"
								  : "the ignore file has an error");
		return;
	}
	put_weight(sink, "requested", &build->requested.eligible);
	if (build->is_bounded && build->requested.eligible.bytes == build->plan.eligible.bytes) {
		sink_put(sink, STR(": at most; an argument may make it less\n"));
	} else if (build->is_bounded) {
		sink_printf(sink, ": at least, and at most %s\n",
				size_format_short(build->plan.eligible.bytes, size));
	} else {
		sink_put(sink, STR(": what the Dockerfile asks for\n"));
	}
}

static void put_lenses(struct sink *sink, const struct analysis *an, const struct build *build) {
	char size[SIZE_TEXT_BYTES];

	put_requested(sink, build);
	if (build->has_plan) {
		put_weight(sink, "eligible", &build->plan.eligible);
		sink_printf(sink, ": what COPY . sends%s\n",
				an->is_partial ? ", as far as it can be read" : "");
	} else {
		sink_printf(sink, LABEL, "eligible");
		put_styled(sink, STYLE_RED, STR("unknown"));
		sink_put(sink, STR(": the ignore file has an error\n"));
	}
	put_weight(sink, "disk", &build->plan.disk);
	sink_printf(sink, ": all %s (%s allocated)\n",
			an->disk_is_partial ? "that can be read" : "there is",
			size_format_short(build->plan.disk.allocated, size));
}

static const char *origin_reason(const struct context *ctx) {
	switch (ctx->ignore_origin) {
	case IGNORE_ORIGIN_NONE:
		return "";
	case IGNORE_ORIGIN_ROOT:
		return " (in the context root)";
	case IGNORE_ORIGIN_DOCKERFILE:
		return " (named after the Dockerfile, it wins over .dockerignore)";
	case IGNORE_ORIGIN_OPTION:
		return " (from --ignorefile)";
	}
	return "";
}

static void put_ignore_file(struct sink *sink, const struct build *build) {
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES];
	uint64_t out = build->plan.disk.bytes - build->plan.eligible.bytes;
	uint32_t n = 0;

	for (uint32_t i = 0; build->patterns != NULL && i < ignore_npatterns(build->patterns);
			i++) {
		n += ignore_pattern(build->patterns, i)->line > 0;
	}
	sink_printf(sink, LABEL, "ignore file");
	if (build->context.ignore_origin == IGNORE_ORIGIN_NONE) {
		sink_put(sink, STR("none: nothing is kept out\n"));
		return;
	}
	sink_put_safe(sink, build->context.ignore_path);
	sink_put(sink, str_from(origin_reason(&build->context)));
	if (build->has_plan && n == 0) {
		sink_put(sink, STR(": no pattern in it, nothing is kept out"));
	} else if (build->has_plan) {
		sink_printf(sink, ": %u pattern%s keep%s out %s (%s)", n, plural(n),
				n == 1 ? "s" : "", size_format_short(out, size),
				size_format_percent(out, build->plan.disk.bytes, share));
	}
	sink_put(sink, STR("\n"));
}

static void put_dockerfile(struct sink *sink, const struct build *build) {
	sink_printf(sink, LABEL, "Dockerfile");
	if (!build->context.has_dockerfile) {
		sink_put(sink,
				build->has_plan ? STR("none found (name one with -f): eligible "
						      "lens only\n")
						: STR("none found (name one with -f)\n"));
		return;
	}
	sink_put_safe(sink,
			str_eq(build->context.dockerfile, STR("-")) ? STR("from standard input")
								    : build->context.dockerfile);
	if (build->sources != NULL) {
		const struct stage *target = &build->dockerfile->stages[build->sources->target];
		uint32_t nreached = 0;
		for (size_t i = 0; i < build->sources->nstages; i++) {
			nreached += build->sources->stages[i].is_reached;
		}
		if (build->sources->nstages > 1) {
			sink_printf(sink, ": target ");
			sink_put_safe(sink,
					target->name.len > 0 ? target->name
							     : STR("the last stage"));
			sink_printf(sink, ", %u of %zu stages", nreached, build->sources->nstages);
		}
	}
	sink_put(sink, STR("\n"));
}

static void put_other_builds(const struct scan_view *v) {
	char size[SIZE_TEXT_BYTES];

	for (size_t i = 1; i < v->an->nbuilds; i++) {
		const struct build *build = &v->an->builds[i];
		sink_put(v->sink, STR("\n"));
		put_dockerfile(v->sink, build);
		put_requested(v->sink, build);
		sink_printf(v->sink, LABEL "%s\n", "eligible",
				build->has_plan ? size_format_short(
								  build->plan.eligible.bytes, size)
						: "unknown: the ignore file has an error");
		put_ignore_file(v->sink, build);
	}
}

void report_scan_summary(const struct scan_view *v) {
	put_styled(v->sink, STYLE_BOLD, STR("Build context "));
	sink_put_safe(v->sink, v->build->context.root);
	sink_printf(v->sink, ", by the rules of %s\n\n", engine_title(v->build->context.engine));
	put_lenses(v->sink, v->an, v->build);
	put_ignore_file(v->sink, v->build);
	put_dockerfile(v->sink, v->build);
	put_other_builds(v);
}
