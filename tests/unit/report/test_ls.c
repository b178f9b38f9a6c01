#include "support/expect.h"
#include "unit/analysis/analysed.h"
#include "unit/report/outputs.h"

#include <jansson.h>
#include <stdlib.h>

#define LS(an, ...) ls_output((an), (struct ls_options){ __VA_ARGS__ })

static void expect_ls(char *got, const char *want) {
	cr_expect(eq(str, got, (char *)(uintptr_t)want));
	free(got);
}

Test(ls, lists_in_sending_order_with_slashes_behind_directories) {
	struct analysis *an = analyse_small("b a/x a/l->x a-b a/", "*.log", TNG_ENGINE_BUILDKIT);

	/* "a" with all below it comes before "a-b", though '-' sorts below '/' */
	expect_ls(LS(an, .lens = LENS_ELIGIBLE), "a/\na/l\na/x\na-b\nb\n");
	expect_ls(LS(an, .lens = LENS_ELIGIBLE, .files_only = true), "a/l\na/x\na-b\nb\n");
	analysis_destroy(an);
}

Test(ls, shows_what_a_lens_holds) {
	struct analysis *an = analyse_small("d/k=30 d/x=4 e=1", "d\n!d/k", TNG_ENGINE_BUILDKIT);

	expect_ls(LS(an, .lens = LENS_ELIGIBLE), "d/\nd/k\ne\n");
	expect_ls(LS(an, .lens = LENS_DISK), "d/\nd/k\nd/x\ne\n");
	expect_ls(LS(an, .lens = LENS_ELIGIBLE, .excluded = true), "d/x\n");
	expect_ls(LS(an, .lens = LENS_ELIGIBLE, .totals = true),
			"entries=3 files=2 bytes=31 wire_first=86 wire_unchanged=35\n");
	expect_ls(LS(an, .lens = LENS_DISK, .totals = true), "entries=4 files=3 bytes=35\n");
	expect_ls(LS(an, .excluded = true, .totals = true), "entries=1 files=1 bytes=4\n");
	analysis_destroy(an);
}

Test(ls, is_raw_and_may_end_entries_with_nul) {
	const struct tree_item item = { .path = STR("a\n\xFF"), .type = ENTRY_FILE };
	struct ls_options options = { .lens = LENS_DISK, .nul = true };
	struct tree *tree = NULL;
	struct sink sink;

	cr_assert(eq(int, tree_from_items(&item, 1, &tree, NULL), TNG_OK));
	struct analysis *an = analyse_tree(tree, NULL, TNG_ENGINE_BUILDKIT);
	sink_init_memory(&sink);
	cr_assert(eq(int, report_ls(an, &options, &sink, NULL), TNG_OK));
	cr_expect(str_eq(buf_str(&sink.buf), STR("a\n\xFF\0")));
	buf_fini(&sink.buf);
	/* on a terminal it is shown */
	options.nul = false;
	sink_init_memory(&sink);
	sink.is_terminal = true;
	cr_assert(eq(int, report_ls(an, &options, &sink, NULL), TNG_OK));
	EXPECT_STR(buf_str(&sink.buf), "a\\n\\xff\n");
	buf_fini(&sink.buf);
	analysis_destroy(an);
}

Test(ls, long_lines_say_mode_size_and_time) {
	const struct tree_item items[] = {
		{ .path = STR("a"), .type = ENTRY_FILE, .size = 1234, .mode = 0644 },
		{ .path = STR("b"), .type = ENTRY_DIR, .mode = 01777, .mtime_ns = -1 },
		{ .path = STR("c"), .type = ENTRY_SYMLINK, .mode = 0777, .target = STR("a") },
		{ .path = STR("d"),
				.type = ENTRY_FILE,
				.mode = 06751,
				.mtime_ns = INT64_C(1700000000123456789) },
		{ .path = STR("e"), .type = ENTRY_FIFO, .mode = 02604 },
	};
	struct tree *tree = NULL;

	cr_assert(eq(int, tree_from_items(items, 5, &tree, NULL), TNG_OK));
	struct analysis *an = analyse_tree(tree, NULL, TNG_ENGINE_BUILDKIT);
	expect_ls(LS(an, .lens = LENS_DISK, .long_lines = true),
			"-rw-r--r--         1234 1970-01-01T00:00:00Z a\n"
			"drwxrwxrwt            0 1969-12-31T23:59:59Z b/\n"
			"lrwxrwxrwx            1 1970-01-01T00:00:00Z c -> a\n"
			"-rwsr-s--x            0 2023-11-14T22:13:20Z d\n"
			"prw---Sr--            0 1970-01-01T00:00:00Z e\n");
	analysis_destroy(an);
}

static json_t *load(const char *text) {
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	cr_assert(ne(ptr, doc, NULL), "%s", text);
	return doc;
}

Test(ls, json_says_who_decided) {
	struct analysis *an = analyse_small("d/k=30 d/x=4 e=1", "\nd\n!d/k", TNG_ENGINE_BUILDKIT);
	char *text = LS(an, .format = REPORT_JSON, .lens = LENS_DISK);
	json_t *doc = load(text);
	const json_t *entries = json_object_get(doc, "entries");

	cr_assert(eq(sz, json_array_size(entries), 4));
	const json_t *k = json_array_get(entries, 1), *e = json_array_get(entries, 3);
	EXPECT_STR(str_from(json_string_value(json_object_get(k, "path"))), "d/k");
	EXPECT_STR(str_from(json_string_value(json_object_get(k, "pattern"))), "!d/k");
	cr_expect(eq(llong, json_integer_value(json_object_get(k, "line")), 3));
	cr_expect(eq(int, json_typeof(json_object_get(k, "excluded")), JSON_FALSE));
	cr_expect(eq(int, json_typeof(json_object_get(json_array_get(entries, 2), "excluded")),
			JSON_TRUE));
	cr_expect(eq(int, json_typeof(json_object_get(e, "pattern")), JSON_NULL));
	cr_expect(eq(llong, json_integer_value(json_object_get(e, "line")), 0));
	cr_expect(eq(llong,
			json_integer_value(
					json_object_get(json_object_get(doc, "totals"), "bytes")),
			35));
	json_decref(doc);
	free(text);
	analysis_destroy(an);
}

Test(ls, json_lines_are_one_document_each) {
	struct analysis *an = analyse_small("d/k=30 e=1", NULL, TNG_ENGINE_BUILDKIT);
	char *text = LS(an, .format = REPORT_JSONL, .lens = LENS_DISK);
	struct str rest = str_from(text), line;
	size_t n = 0;

	while (str_cut(rest, '\n', &line, &rest)) {
		json_t *doc = json_loadb(line.ptr, line.len, 0, NULL);
		cr_expect(ne(ptr, doc, NULL));
		json_decref(doc);
		n++;
	}
	cr_expect(eq(sz, n, 3));
	cr_expect(eq(sz, rest.len, 0));
	free(text);
	text = LS(an, .format = REPORT_JSONL, .lens = LENS_DISK, .totals = true);
	cr_expect(eq(str, text, "{\"entries\":3,\"files\":2,\"bytes\":31}\n"));
	free(text);
	analysis_destroy(an);
}
