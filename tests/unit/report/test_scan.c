#include "support/expect.h"
#include "support/tmptree.h"
#include "unit/analysis/analysed.h"
#include "unit/report/outputs.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#define SCAN(an, ...) scan_output((an), (struct scan_options){ __VA_ARGS__ })

static bool holds(const char *text, const char *part) {
	return strstr(text, part) != NULL;
}

static json_t *load(const char *text) {
	json_error_t error;
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert(ne(ptr, doc, NULL), "%s at line %d: %s", error.text, error.line, text);
	return doc;
}

static long long at(const json_t *doc, const char *lens, const char *key) {
	const json_t *lenses = json_object_get(doc, "lenses");

	return json_integer_value(json_object_get(json_object_get(lenses, lens), key));
}

/* ---- JSON */

Test(scan, json_holds_the_figures_of_both_lenses) {
	struct analysis *an = analyse_small(
			"d/a.go=100 d/b=50 e.log=7 l->e.log", "*.log\nd/b", TNG_ENGINE_BUILDKIT);
	char *text = SCAN(an, .format = REPORT_JSON, .lens = LENS_ELIGIBLE);
	json_t *doc = load(text);

	EXPECT_STR(str_from(json_string_value(json_object_get(doc, "schema"))), "tonnage/1");
	EXPECT_STR(str_from(json_string_value(json_object_get(doc, "command"))), "scan");
	cr_expect(eq(llong, at(doc, "disk", "bytes"), 157));
	cr_expect(eq(llong, at(doc, "disk", "entries"), 5));
	cr_expect(eq(llong, at(doc, "disk", "symlinks"), 1));
	cr_expect(eq(llong, at(doc, "eligible", "bytes"), 100));
	cr_expect(eq(llong, at(doc, "eligible", "files"), 1));
	const json_t *patterns = json_object_get(doc, "patterns");
	cr_assert(eq(sz, json_array_size(patterns), 2));
	cr_expect(eq(llong,
			json_integer_value(json_object_get(json_array_get(patterns, 1), "line")),
			2));
	cr_expect(eq(llong,
			json_integer_value(json_object_get(json_array_get(patterns, 1), "bytes")),
			50));
	cr_expect(eq(int, json_typeof(json_object_get(doc, "partial")), JSON_FALSE));
	json_decref(doc);
	free(text);
	analysis_destroy(an);
}

Test(scan, json_of_a_bad_ignore_file_has_no_eligible_lens) {
	struct analysis *an = analyse_small("a=5", "[", TNG_ENGINE_BUILDKIT);
	char *text = SCAN(an, .format = REPORT_JSON, .lens = LENS_DISK);
	json_t *doc = load(text);

	cr_expect(eq(int, json_typeof(json_object_get(json_object_get(doc, "lenses"), "eligible")),
			JSON_NULL));
	cr_expect(eq(llong, at(doc, "disk", "bytes"), 5));
	cr_expect(eq(sz, json_array_size(json_object_get(doc, "patterns")), 0));
	json_decref(doc);
	free(text);
	analysis_destroy(an);
}

static const char *const odd_names[] = { "new\nline", "quote\"back\\slash", "raw\xFF\xFE",
	"esc\x1B[2J", "\xE2\x80\xAE-evil", "tab\t", "tr\xC3\xA4ne.\xC3\x84", " ", "-rf", "*.log" };

#define NODD (sizeof(odd_names) / sizeof(odd_names[0]))

static struct analysis *analyse_odd(void) {
	struct tree_item items[NODD];
	struct tree *tree = NULL;

	for (size_t i = 0; i < NODD; i++) {
		items[i] = (struct tree_item){
			.path = str_from(odd_names[i]),
			.type = ENTRY_FILE,
			.size = 1000 + i,
		};
	}
	cr_assert(eq(int, tree_from_items(items, NODD, &tree, NULL), TNG_OK));
	return analyse_tree(tree, "nothing\xFF\n\\*x\n", TNG_ENGINE_BUILDKIT);
}

Test(scan, json_takes_names_of_any_bytes) {
	struct analysis *an = analyse_odd();
	char *text = SCAN(an, .format = REPORT_JSON, .lens = LENS_ELIGIBLE);
	json_t *doc = load(text);
	const json_t *files = json_object_get(doc, "largest_files");
	bool mended = false;

	cr_assert(eq(sz, json_array_size(files), NODD));
	for (size_t i = 0; i < NODD; i++) {
		const char *path = json_string_value(
				json_object_get(json_array_get(files, i), "path"));
		mended |= strcmp(path, "raw\xEF\xBF\xBD\xEF\xBF\xBD") == 0;
	}
	cr_expect(mended);
	json_decref(doc);
	free(text);
	analysis_destroy(an);
}

/* ---- text */

static bool is_clean_text(const char *text) {
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' && *c != '\n') {
			return false;
		}
	}
	return !holds(text, "\xE2\x80\xAE") && !holds(text, "\xFF");
}

Test(scan, text_shows_no_control_character_whatever_names_there_are) {
	const enum report_by all[] = { REPORT_BY_DIR, REPORT_BY_FILE, REPORT_BY_EXT,
		REPORT_BY_PATTERN };
	struct analysis *an = analyse_odd();

	for (size_t i = 0; i < 4; i++) {
		char *text = SCAN(an, .lens = LENS_ELIGIBLE, .by = all[i]);
		cr_expect(is_clean_text(text), "%s", text);
		free(text);
	}
	char *text = SCAN(an, .lens = LENS_ELIGIBLE, .by = REPORT_BY_FILE);
	cr_expect(holds(text, "new\\nline"));
	cr_expect(holds(text, "raw\\xff\\xfe"));
	cr_expect(holds(text, "\\u202e-evil"));
	free(text);
	analysis_destroy(an);
}

Test(scan, text_says_sizes_counts_and_shares) {
	struct analysis *an = analyse_small("node_modules/a.js=3000000 node_modules/b.js=6000000 "
					    "src/x.c=1000000 y=1",
			"*.tmp\nsrc", TNG_ENGINE_BUILDKIT);
	char *text = SCAN(an, .lens = LENS_ELIGIBLE);

	cr_expect(holds(text, "Build context ctx, by the rules of BuildKit\n"), "%s", text);
	cr_expect(holds(text, "eligible     9MB  in 3 files, 1 directory: what COPY . sends\n"),
			"%s", text);
	cr_expect(holds(text, "disk         10MB  in 4 files, 2 directories: all there is"), "%s",
			text);
	cr_expect(holds(text,
				  ".dockerignore (in the context root): 2 patterns keep out 1MB "
				  "(10.0 %)\n"),
			"%s", text);
	cr_expect(holds(text, "node_modules/b.js\n"), "%s", text);
	cr_expect(holds(text, "decides nothing here\n"), "%s", text);
	free(text);
	text = SCAN(an, .lens = LENS_ELIGIBLE, .quiet = true);
	cr_expect(not(holds(text, "node_modules")), "%s", text);
	free(text);
	analysis_destroy(an);
}

Test(scan, text_of_a_bad_ignore_file_says_unknown) {
	struct analysis *an = analyse_small("a=5", "[", TNG_ENGINE_CLASSIC);
	char *text = SCAN(an, .lens = LENS_DISK);

	cr_expect(holds(text, "unknown: the ignore file has an error\n"), "%s", text);
	cr_expect(holds(text, "Heaviest places, on disk\n"), "%s", text);
	cr_expect(holds(text, "Fix the ignore file first"), "%s", text);
	free(text);
	analysis_destroy(an);
}

Test(scan, text_marks_what_the_builder_added) {
	struct analysis *an = analyse_small(".dockerignore=5 a=7", "*", TNG_ENGINE_CLASSIC);
	char *text = SCAN(an, .lens = LENS_ELIGIBLE, .by = REPORT_BY_PATTERN);

	cr_expect(holds(text, "!.dockerignore  added by the builder\n"), "%s", text);
	cr_expect(holds(text, ": 1 pattern keeps out 7B (58.3 %)\n"), "%s", text);
	free(text);
	analysis_destroy(an);
}

Test(scan, text_has_colour_only_where_it_is_wanted) {
	struct analysis *an = analyse_small("a=5", NULL, TNG_ENGINE_BUILDKIT);
	struct scan_options options = { .top = 15 };
	struct sink sink;
	char *plain = SCAN(an, .lens = LENS_DISK);

	cr_expect(not(holds(plain, "\x1B")));
	sink_init_memory(&sink);
	sink.color = true;
	cr_assert(eq(int, report_scan(an, &options, &sink, NULL), TNG_OK));
	buf_putc(&sink.buf, '\0');
	cr_expect(holds(sink.buf.ptr, "\x1B[1m"));
	buf_fini(&sink.buf);
	free(plain);
	analysis_destroy(an);
}

Test(scan, a_table_has_as_many_lines_as_asked_for_and_counts_the_others) {
	struct analysis *an = analyse_small("a.x=3 b.y=2 c.z=1", "p\nq\nr\n", TNG_ENGINE_BUILDKIT);
	char *text = SCAN(an, .lens = LENS_ELIGIBLE, .by = REPORT_BY_EXT, .top = 2);

	cr_expect(holds(text, ".y\n  and 1 more\n"), "%s", text);
	cr_expect(not(holds(text, ".z\n")), "%s", text);
	free(text);
	text = SCAN(an, .lens = LENS_ELIGIBLE, .by = REPORT_BY_PATTERN, .top = 1);
	cr_expect(holds(text, "and 2 more (--top 3 shows all)"), "%s", text);
	cr_expect(holds(text, "Lines 1, 2, 3 can go together"), "%s", text);
	free(text);
	analysis_destroy(an);
}

Test(scan, the_short_table_of_patterns_counts_the_idle_ones_that_it_leaves_out) {
	struct analysis *an =
			analyse_small("a=1", "a\np\nq\nr\ns\nt\nu\nv\nw\nx\n", TNG_ENGINE_BUILDKIT);
	char *text = SCAN(an, .lens = LENS_ELIGIBLE);

	cr_expect(holds(text, "and 2 more, 2 of which decide nothing here (--by pattern --top 10"),
			"%s", text);
	free(text);
	analysis_destroy(an);
}

/* ---- the same bytes at any number of threads */

static struct analysis *run_with(unsigned njobs, const char *root) {
	struct analysis_request request = { .root = root, .walk = { .njobs = njobs } };
	struct analysis *an = NULL;

	cr_assert(eq(int, analysis_run(&request, &an, NULL), TNG_OK));
	return an;
}

Test(scan, and_ls_are_byte_identical_at_one_and_eight_threads) {
	struct tmptree t = tmptree_make();
	char path[64];

	for (int i = 0; i < 400; i++) {
		(void)snprintf(path, sizeof(path), "d%d/e%d/%s%d.ext%d", i % 17, i % 23,
				i % 5 == 0 ? "raw\xFF" : "f", i, i % 7);
		tmptree_file(&t, path, (uint64_t)i * 37);
	}
	tmptree_link(&t, "z-again", "d1/e1/f1.ext1");
	struct analysis *one = run_with(1, t.path), *eight = run_with(8, t.path);
	struct scan_options scan = { .format = REPORT_JSON, .lens = LENS_ELIGIBLE };
	struct ls_options ls = { .format = REPORT_JSON, .lens = LENS_ELIGIBLE };
	char *a = scan_output(one, scan), *b = scan_output(eight, scan);
	cr_expect(eq(str, a, b));
	json_decref(load(a));
	free(a);
	free(b);
	a = ls_output(one, ls);
	b = ls_output(eight, ls);
	cr_expect(eq(str, a, b));
	json_t *doc = load(a);
	cr_expect(eq(sz, json_array_size(json_object_get(doc, "entries")),
			one->builds[0].plan.eligible.nentries));
	json_decref(doc);
	free(a);
	free(b);
	analysis_destroy(one);
	analysis_destroy(eight);
	tmptree_remove(&t);
}

/* ---- out of memory in the JSON library */

/* How many succeed before one fails; those after it succeed again. jansson has one set of functions a
 * process. */
static size_t nallocations_before = SIZE_MAX;
static bool has_failed;

static void *failing_malloc(size_t size) {
	if (nallocations_before-- == 0) {
		has_failed = true;
		return NULL;
	}
	return malloc(size);
}

static void walk_failures(char *(*report)(const struct analysis *an, enum tng_code *code),
		const struct analysis *an) {
	enum tng_code code = TNG_OK;
	char *whole = report(an, &code);
	size_t n = 0;

	cr_assert(eq(int, code, TNG_OK));
	json_set_alloc_funcs(failing_malloc, free);
	for (has_failed = true; has_failed; n++) {
		has_failed = false;
		nallocations_before = n;
		char *text = report(an, &code);
		if (code == TNG_OK) {
			cr_expect(eq(str, text, whole), "allocation %zu fails", n);
		} else {
			cr_expect(has_failed);
			cr_expect(eq(int, code, TNG_ENOMEM));
		}
		free(text);
	}
	json_set_alloc_funcs(malloc, free);
	cr_expect(gt(sz, n, 20));
	free(whole);
}

static char *report_scan_text_of(const struct analysis *an, enum tng_code *code) {
	struct scan_options options = { .format = REPORT_JSON, .lens = LENS_ELIGIBLE, .top = 15 };
	struct sink sink;

	sink_init_memory(&sink);
	*code = report_scan(an, &options, &sink, NULL);
	buf_putc(&sink.buf, '\0');
	return sink.buf.ptr;
}

static char *report_ls_text_of(const struct analysis *an, enum tng_code *code) {
	struct ls_options options = { .format = REPORT_JSON, .lens = LENS_ELIGIBLE };
	struct sink sink;

	sink_init_memory(&sink);
	*code = report_ls(an, &options, &sink, NULL);
	buf_putc(&sink.buf, '\0');
	return sink.buf.ptr;
}

static char *report_jsonl_of(const struct analysis *an, enum tng_code *code) {
	struct ls_options options = { .format = REPORT_JSONL, .lens = LENS_DISK };
	struct sink sink;

	sink_init_memory(&sink);
	*code = report_ls(an, &options, &sink, NULL);
	buf_putc(&sink.buf, '\0');
	return sink.buf.ptr;
}

Test(scan, json_is_whole_or_out_of_memory_whichever_allocation_fails) {
	struct analysis *an = analyse_small("d/a.x=5 d/b.y=6 c.z=3", "b\n!c", TNG_ENGINE_BUILDKIT);
	const struct inactive_ignore_file inactive = { STR("x"), STR("y") };
	const struct finding diagnostic = { .name = "n",
		.severity = SEVERITY_NOTE,
		.file = STR("f"),
		.line = 1,
		.column = 2,
		.text = STR("t") };

	an->builds[0].context.inactive = &inactive;
	an->builds[0].context.ninactive = 1;
	an->findings = &diagnostic;
	an->nfindings = 1;
	walk_failures(report_scan_text_of, an);
	walk_failures(report_ls_text_of, an);
	walk_failures(report_jsonl_of, an);
	analysis_destroy(an);
}
