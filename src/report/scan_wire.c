#include "report/scan.h"

#include "report/table.h"

#define LABEL "  %-17s"

/* What a real builder sends: classic knows nothing of what is asked for. */
static const struct transfer_plan *wire_plan(const struct build *build) {
	return build->has_requested ? &build->requested : &build->plan;
}

/* With a bad ignore file only where BuildKit does not come to it: nothing of the context is asked for. */
static bool is_known(const struct build *build) {
	return build->has_plan ||
			(build->has_requested && build->context.engine == TNG_ENGINE_BUILDKIT);
}

static enum tng_code weigh_wire(const struct scan_view *v, struct transfer_wire *context,
		struct transfer_wire *dockerfile, struct transfer_wire *ignore_file,
		struct tng_error *err) {
	enum tng_code code =
			analysis_wire(v->arena, v->an, v->build, wire_plan(v->build), context, err);

	return code == TNG_OK
			? analysis_wire_before(v->arena, v->build, dockerfile, ignore_file, err)
			: code;
}

/* "transferring NAME: SIZE", behind its label. */
static void put_transfer(struct sink *sink, const char *label, struct str name, uint64_t bytes) {
	char size[SIZE_TEXT_BYTES];

	sink_printf(sink, LABEL "transferring ", label);
	sink_put_safe(sink, name);
	sink_printf(sink, ": %s\n", size_format_buildkit(bytes, size));
}

static void put_packets(const struct scan_view *v, const struct transfer_wire *w) {
	char count[3][SIZE_TEXT_BYTES + 4];

	sink_printf(v->sink, LABEL "%s STAT packet%s, content of %s file%s (unchanged: %s)%s\n", "",
			size_format_count(w->npackets, count[0]), plural(w->npackets),
			size_format_count(w->nrequests, count[1]), plural(w->nrequests),
			size_format_count(w->nrequests_unchanged, count[2]),
			v->build->is_bounded ? "; at least, see the warnings" : "");
}

static void put_buildkit(const struct scan_view *v, const struct transfer_wire *context,
		const struct transfer_wire *dockerfile, const struct transfer_wire *ignore_file) {
	if (dockerfile->happens) {
		put_transfer(v->sink, "before each", STR("dockerfile"), dockerfile->first);
	}
	if (ignore_file->happens) {
		put_transfer(v->sink, dockerfile->happens ? "" : "before each", STR("context"),
				ignore_file->first);
	}
	if (!context->happens) {
		sink_printf(v->sink, LABEL "no transfer: the Dockerfile asks for nothing\n",
				"context");
		return;
	}
	put_transfer(v->sink, "first build", STR("context"), context->first);
	put_transfer(v->sink, "unchanged build", STR("context"), context->unchanged);
	put_packets(v, context);
}

static void put_named_use(const struct scan_view *v, const struct named_transfer *t,
		const struct named_wire *w) {
	char most[SIZE_TEXT_BYTES];

	sink_put(v->sink, STR("  Named context "));
	sink_put_safe(v->sink, t->name);
	sink_printf(v->sink, ", line %u\n", t->line);
	if (w->ignore_file.happens) {
		put_transfer(v->sink, "before each", t->name, w->ignore_file.first);
	}
	if (!w->context.happens) {
		sink_printf(v->sink, LABEL "no transfer: nothing is asked for\n", "");
		return;
	}
	put_transfer(v->sink, "first build", t->name, w->context.first);
	put_transfer(v->sink, "unchanged build", t->name, w->context.unchanged);
	if (!w->is_alone) {
		sink_printf(v->sink,
				LABEL "up to %s: its other transfers may have taken the copy\n", "",
				size_format_buildkit(w->context.first, most));
	} else if (w->is_built_on) {
		sink_printf(v->sink, LABEL "all again: a stage is built on it\n", "");
	}
	put_packets(v, &w->context);
}

static enum tng_code put_named(const struct scan_view *v, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < v->build->nnamed && code == TNG_OK; i++) {
		const struct named_transfer *t = &v->build->named[i];
		struct named_wire w;
		code = analysis_wire_named(v->arena, v->build, i, &w, err);
		if (code == TNG_OK && t->is_weighed && t->same_as == i) {
			put_named_use(v, t, &w);
		}
	}
	return code;
}

static void put_classic(struct sink *sink, const struct transfer_wire *w) {
	const char *text = "Sending build context to Docker daemon";
	char size[SIZE_TEXT_BYTES];

	sink_printf(sink, LABEL "%s %8s\n", "every build", text, size_format(w->first, size));
	if (w->first_other != w->first) {
		sink_printf(sink, LABEL "%s %8s\n", "or", text, size_format(w->first_other, size));
	}
}

enum tng_code report_scan_wire(const struct scan_view *v, struct tng_error *err) {
	struct transfer_wire context, dockerfile, ignore_file;

	if (!is_known(v->build)) {
		return TNG_OK; /* the summary says that it is unknown, and the findings why */
	}
	enum tng_code code = weigh_wire(v, &context, &dockerfile, &ignore_file, err);
	if (code != TNG_OK) {
		return code;
	}
	sink_put(v->sink, STR("\n"));
	put_styled(v->sink, STYLE_BOLD, STR("On the wire"));
	sink_put(v->sink, STR("\n"));
	switch (v->build->context.engine) {
	case TNG_ENGINE_BUILDKIT:
		put_buildkit(v, &context, &dockerfile, &ignore_file);
		code = put_named(v, err);
		break;
	case TNG_ENGINE_CLASSIC:
		put_classic(v->sink, &context);
		break;
	case TNG_ENGINE_PODMAN:
		sink_printf(v->sink, LABEL "nothing: files are copied from the directory\n",
				"context");
		break;
	}
	return code;
}

static json_t *bytes_or_null(const struct transfer_wire *w) {
	return w->happens ? json_integer((json_int_t)w->first) : json_null();
}

/* One for each transfer; NULL in *out: out of memory, which what takes it reports. */
static enum tng_code named_wire_json(
		const struct scan_view *v, json_t **out, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	*out = json_array();
	for (size_t i = 0; i < v->build->nnamed && code == TNG_OK; i++) {
		const struct named_transfer *t = &v->build->named[i];
		struct named_wire w;
		if (v->build->context.engine != TNG_ENGINE_BUILDKIT || !t->is_weighed ||
				t->same_as != i) {
			continue;
		}
		code = analysis_wire_named(v->arena, v->build, i, &w, err);
		*out = json_list_add(*out,
				json_pack("{s:o, s:i, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
						"name", json_text(v->arena, t->name), "line",
						(int)t->line, "transfer", (int)w.context.happens,
						"first", (json_int_t)w.context.first, "unchanged",
						(json_int_t)w.context.unchanged, "unchanged_most",
						(json_int_t)(w.is_alone ? w.context.unchanged
									: w.context.first),
						"packets", (json_int_t)w.context.npackets,
						"requests", (json_int_t)w.context.nrequests,
						"requests_unchanged",
						(json_int_t)w.context.nrequests_unchanged,
						"ignore_file", bytes_or_null(&w.ignore_file)));
	}
	return code;
}

enum tng_code report_scan_wire_json(
		const struct scan_view *v, json_t **out, struct tng_error *err) {
	struct transfer_wire w, dockerfile, ignore_file;
	json_t *named;

	*out = json_null();
	if (!v->options->wire || !is_known(v->build)) {
		return TNG_OK;
	}
	enum tng_code code = weigh_wire(v, &w, &dockerfile, &ignore_file, err);
	if (code == TNG_OK) {
		code = named_wire_json(v, &named, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	*out = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "transfer",
			(int)w.happens, "first", (json_int_t)w.first, "first_other",
			(json_int_t)w.first_other, "unchanged", (json_int_t)w.unchanged, "packets",
			(json_int_t)w.npackets, "requests", (json_int_t)w.nrequests,
			"requests_unchanged", (json_int_t)w.nrequests_unchanged, "dockerfile",
			bytes_or_null(&dockerfile), "ignore_file", bytes_or_null(&ignore_file),
			"named_contexts", named);
	return TNG_OK;
}
