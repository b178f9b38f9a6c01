/* What --diff and --init of `tonnage check` print: a patch, and a first configuration. */
#include "report/scan.h"
#include "report/table.h"

#include "util/size.h"

void report_fix_diff(const struct analysis_fixed *file, struct sink *sink) {
	const struct context *ctx = file->context;
	struct buf name = { 0 }, out = { 0 };

	buf_append(&name, ctx->ignore_path);
	propose_diff(ctx->ignore_text, file->fixed.text, buf_str(&name), buf_str(&name), &out);
	sink_put(sink, buf_str(&out));
	buf_fini(&name);
	buf_fini(&out);
}

/* A budget of less would be over with the next file, this configuration for one. */
#define BYTES_LEAST 10000U

/* A quarter more, in two digits. */
static uint64_t with_headroom(uint64_t n) {
	uint64_t value = n + n / 4 + (n % 4 != 0), unit = 1;

	while (value / unit >= 100) {
		unit *= 10;
	}
	return (value + unit - 1) / unit * unit;
}

static const char *bytes_with_headroom(uint64_t n, char out[SIZE_TEXT_BYTES]) {
	uint64_t bytes = with_headroom(n);

	return size_format(bytes > BYTES_LEAST ? bytes : BYTES_LEAST, out);
}

static uint32_t largest_file(const struct analysis *an, const struct build *build, enum lens lens) {
	uint32_t nrows = tree_nrows(an->tree), best = 0;
	uint64_t most = 0;

	for (uint32_t row = 1; row < nrows; row++) {
		const struct entry *entry = tree_entry(an->tree, row);
		if (entry_is_file(entry) && build_in_lens(build, lens, row) && entry->size > most) {
			best = row;
			most = entry->size;
		}
	}
	return best;
}

static void put_figures(const struct analysis *an, struct sink *sink) {
	const struct build *build = &an->builds[0];
	enum lens lens = build_default_lens(build);
	const struct weight *w = build_weight(build, lens);
	uint32_t row = largest_file(an, build, lens);
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	sink_printf(sink,
			"budgets:\n  # today %s in %s file%s (%s); the rest is headroom\n"
			"  bytes: %s\n",
			size_format(w->bytes, size), size_format_count(w->nfiles, count),
			plural(w->nfiles), report_lens_name(lens),
			bytes_with_headroom(w->bytes, (char[SIZE_TEXT_BYTES]){ 0 }));
	sink_printf(sink, "  files: %llu\n", (unsigned long long)with_headroom(w->nfiles));
	if (row != 0) {
		struct buf path = { 0 };
		tree_path(an->tree, row, &path);
		sink_put(sink, STR("  # the largest is "));
		sink_put_safe(sink, buf_str(&path));
		sink_printf(sink, ", %s\n  file-size: %s\n",
				size_format(tree_entry(an->tree, row)->size, size),
				bytes_with_headroom(tree_entry(an->tree, row)->size, count));
		buf_fini(&path);
	}
}

/* Classes of which nothing comes along, and nothing should. */
static void put_classes(const struct analysis *an, struct sink *sink) {
	static const enum path_class unwanted[] = { CLASS_VCS, CLASS_DEPS, CLASS_VIRTUALENV,
		CLASS_CACHE, CLASS_COVERAGE, CLASS_SECRET };
	const struct build *build = &an->builds[0];
	enum lens lens = build_default_lens(build);
	uint32_t nrows = tree_nrows(an->tree);
	bool is_first = true;

	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		bool found = false;
		for (uint32_t row = 1; row < nrows && !found; row++) {
			found = an->classes.marks[row].klass == unwanted[i] &&
					entry_is_file(tree_entry(an->tree, row)) &&
					build_in_lens(build, lens, row);
		}
		if (found) {
			continue;
		}
		sink_put(sink,
				is_first ? STR("  # nothing of these is sent today, and nothing "
					       "has "
					       "to be\n  classes:\n")
					 : STR(""));
		sink_put(sink, STR("    "));
		sink_put(sink, an->classes.classes[unwanted[i]].name);
		sink_put(sink, STR(": 0\n"));
		is_first = false;
	}
}

void report_first_config(const struct analysis *an, struct sink *sink) {
	sink_put(sink, STR("# What tonnage goes by here; tonnage.yaml(5) has all keys.\n\n"));
	put_figures(an, sink);
	put_classes(an, sink);
	sink_put(sink,
			STR("\n# findings that end with status 1: error, warning, note or never\n"
			    "fail-on: error\n"
			    "\n# severities of single rules: error, warning, note or off; `tonnage "
			    "rules` lists them\n"
			    "# rules:\n#   untracked-sent: off\n"
			    "\n# what `tonnage propose` must never exclude\n"
			    "# keep:\n# - docs/\n"));
}
