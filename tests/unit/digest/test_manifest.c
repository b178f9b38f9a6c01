#include "digest/digest.h"
#include "support/expect.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct manifest read_text(struct arena *a, struct str text) {
	struct tng_error err = { 0 };
	struct manifest manifest = { .nentries = 0 };

	cr_assert(eq(int, manifest_read(a, text, &manifest, &err), TNG_OK), "%s", err.text);
	return manifest;
}

#define D1 "\"00000000000000000000000000000001\""
#define D2 "\"00000000000000000000000000000002\""
#define HEAD "{\"schema\": \"tonnage/1\", \"command\": \"snapshot\", "
#define COPY(line, text)                                                                           \
	"{\"dockerfile\": \"Dockerfile\", \"stage\": \"s\", \"line\": " line ", \"text\": \"" text \
	"\", \"then_instructions\": 1, \"then_stages\": [\"t\"]}"
#define FILE(path, mode, digest, by)                                                               \
	"{\"path\": \"" path "\", \"type\": \"file\", \"mode\": \"" mode                           \
	"\", \"size\": 3, \"digest\": " digest ", \"by\": [" by "]}"

Test(manifest, any_bytes_come_back) {
	struct arena *a = arena_create();
	const struct manifest_instruction in = {
		.dockerfile = STR("D\xFF"),
		.stage = STR("0"),
		.line = 7,
		.text = STR("COPY \"a\\b\" /"),
		.nthen = 3,
	};
	const uint32_t by[] = { 0 };
	const struct manifest_entry entries[] = {
		{ .path = STR("a\"\\\n\x01"),
				.type = ENTRY_FILE,
				.mode = 04755,
				.size_bytes = 1,
				.digest = { .high = UINT64_MAX, .low = 1 },
				.by = by,
				.nby = 1 },
		{ .path = STR("b\xFF"),
				.type = ENTRY_SYMLINK,
				.mode = 0777,
				.target = STR("\x80/x"),
				.by = by,
				.nby = 1 },
		{ .path = STR("c"), .type = ENTRY_FILE, .is_unread = true, .size_bytes = 9 },
		{ .path = STR("d"), .type = ENTRY_CHAR_DEVICE, .device = 259 },
		{ .path = STR("d/e"), .type = ENTRY_DIR, .mode = 01777 },
	};
	const struct manifest made = {
		.instructions = &in, .ninstructions = 1, .entries = entries, .nentries = 5
	};
	struct buf text = { 0 };

	cr_assert(eq(int, manifest_write(&made, &text, NULL), TNG_OK));
	struct manifest got = read_text(a, buf_str(&text));
	cr_assert(eq(sz, got.nentries, 5));
	cr_assert(eq(sz, got.ninstructions, 1));
	for (size_t i = 0; i < 5; i++) {
		const struct manifest_entry *e = &got.entries[i];
		cr_expect(str_eq(e->path, entries[i].path), "entry %zu", i);
		cr_expect(str_eq(e->target, entries[i].target), "entry %zu", i);
		cr_expect(eq(int, e->type, entries[i].type));
		cr_expect(eq(u32, e->mode, entries[i].mode));
		cr_expect(eq(u64, e->size_bytes, entries[i].size_bytes));
		cr_expect(eq(u64, e->device, entries[i].device));
		cr_expect(eq(int, e->is_unread, entries[i].is_unread));
		cr_expect(eq(int, digest_cmp(&e->digest, &entries[i].digest), 0));
		cr_expect(eq(sz, e->nby, entries[i].nby));
	}
	cr_expect(str_eq(got.instructions[0].dockerfile, in.dockerfile));
	cr_expect(str_eq(got.instructions[0].text, in.text));
	cr_expect(eq(u32, got.instructions[0].nthen, 3));
	cr_expect(eq(u32, got.instructions[0].line, 7));
	buf_fini(&text);
	arena_destroy(a);
}

Test(manifest, what_is_none_says_where) {
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "not JSON" },
		{ "[]", "no snapshot" },
		{ "{\"schema\": \"tonnage/2\", \"instructions\": [], \"entries\": []}",
				"no snapshot" },
		{ HEAD "\"instructions\": []}", "no snapshot" },
		{ HEAD "\"instructions\": [1], \"entries\": []}",
				"instructions[0]: \"dockerfile\"" },
		{ HEAD "\"instructions\": [], \"entries\": [{\"path\": \"a\"}]}",
				"entries[0]: \"type\"" },
		{ HEAD "\"instructions\": [], \"entries\": [" FILE("a", "0999", D1, "") "]}",
				"entries[0]: \"mode\"" },
		{ HEAD "\"instructions\": [], \"entries\": [" FILE("a", "0644", "\"12\"", "") "]}",
				"entries[0]: \"digest\"" },
		{ HEAD "\"instructions\": [], \"entries\": [" FILE("a", "0644", D1, "0") "]}",
				"entries[0]: \"by\"" },
		{ HEAD "\"instructions\": [], \"entries\": [" FILE("b", "0644", D1, "") ", " FILE(
				  "a", "0644", D1, "") "]}",
				"entries[1]: \"path\"" },
		{ HEAD "\"instructions\": [], \"entries\": [{\"path_hex\": \"6\"}]}",
				"entries[0]: \"path_hex\"" },
		{ HEAD "\"instructions\": [], \"entries\": [{\"path_hex\": \"zz\"}]}",
				"entries[0]: \"path_hex\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		struct manifest manifest;
		struct tng_error err = { 0 };
		cr_expect(ne(int, manifest_read(a, str_from(cases[i].text), &manifest, &err),
				TNG_OK));
		cr_expect(strstr(err.text, cases[i].says) != NULL, "%s: %s", cases[i].says,
				err.text);
		arena_destroy(a);
	}
}

static struct manifest_diff compare(struct arena *a, const char *before, const char *after) {
	static struct manifest sides[2];
	struct manifest_diff diff;

	sides[0] = read_text(a, str_from(before));
	sides[1] = read_text(a, str_from(after));
	cr_assert(eq(int, manifest_compare(a, &sides[0], &sides[1], false, &diff, NULL), TNG_OK));
	return diff;
}

/* An instruction is known by its text, so that a line more above it busts nothing. */
Test(manifest, an_instruction_that_moved_is_the_same) {
	struct arena *a = arena_create();
	struct manifest_diff diff = compare(a,
			HEAD "\"instructions\": [" COPY("3", "COPY a /") "], \"entries\": [" FILE(
					"a", "0644", D1, "0") "]}",
			HEAD "\"instructions\": [" COPY("9", "COPY a /") "], \"entries\": [" FILE(
					"a", "0644", D1, "0") "]}");

	cr_expect(eq(sz, diff.n, 0));
	cr_expect(eq(sz, diff.nbusted, 0));
	arena_destroy(a);
}

Test(manifest, what_an_instruction_selected_busts_it_too) {
	struct arena *a = arena_create();
	struct manifest_diff diff = compare(a,
			HEAD "\"instructions\": [" COPY("1", "COPY x /") ", " COPY(
					"2", "COPY a /") "], \"entries\": [" FILE("a/gone", "0644",
					D1, "1") ", " FILE("x", "0644", D1, "0") "]}",
			HEAD "\"instructions\": [" COPY("1", "COPY a /") ", " COPY(
					"2", "COPY x /") "], \"entries\": [" FILE("x", "0600", D1,
					"1") "]}");

	cr_assert(eq(sz, diff.n, 2));
	cr_expect(eq(int, diff.changes[0].kind, MANIFEST_REMOVED));
	cr_expect(eq(int, diff.changes[1].kind, MANIFEST_METADATA));
	cr_assert(eq(sz, diff.nbusted, 2));
	EXPECT_STR(diff.busted[0].instruction->text, "COPY a /");
	cr_expect(eq(u32, diff.busted[0].changes[0], 0));
	cr_expect(diff.busted[0].is_first);
	EXPECT_STR(diff.busted[1].instruction->text, "COPY x /");
	cr_expect(eq(u32, diff.busted[1].changes[0], 1));
	cr_expect(not(diff.busted[1].is_first));
	arena_destroy(a);
}

/* The order is that of a walk: "a" and all below it, then "a.b". */
Test(manifest, paths_are_compared_by_component) {
	struct arena *a = arena_create();
	struct manifest_diff diff = compare(a,
			HEAD "\"instructions\": [], \"entries\": [" FILE("a/b", "0644", D1,
					"") ", " FILE("a.b", "0644", D1, "") "]}",
			HEAD "\"instructions\": [], \"entries\": [" FILE(
					"a/b", "0644", D2, "") ", " FILE("a/c", "0644", D1,
					"") ", " FILE("a.b", "0644", D1, "") "]}");

	cr_assert(eq(sz, diff.n, 2));
	cr_expect(eq(int, diff.changes[0].kind, MANIFEST_CHANGED));
	cr_expect(eq(int, diff.changes[1].kind, MANIFEST_ADDED));
	EXPECT_STR(diff.changes[1].after->path, "a/c");
	arena_destroy(a);
}

/* Git keeps whether the owner may run a file, and nothing else of a mode. */
Test(manifest, modes_are_compared_as_far_as_git_keeps_them) {
	static const struct {
		const char *before, *after;
		size_t n;
	} cases[] = {
		{ "0644", "0664", 0 },
		{ "0755", "0700", 0 },
		{ "0644", "0744", 1 },
		{ "0711", "0611", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		struct manifest_entry one = { .path = STR("a"), .type = ENTRY_FILE };
		struct manifest_entry two = one;
		one.mode = (uint16_t)strtoul(cases[i].before, NULL, 8);
		two.mode = (uint16_t)strtoul(cases[i].after, NULL, 8);
		const struct manifest before = { .entries = &one, .nentries = 1 };
		const struct manifest after = { .entries = &two, .nentries = 1 };
		struct manifest_diff diff;
		cr_assert(eq(int, manifest_compare(a, &before, &after, true, &diff, NULL), TNG_OK));
		cr_expect(eq(sz, diff.n, cases[i].n), "%s %s", cases[i].before, cases[i].after);
		arena_destroy(a);
	}
}

/* A revision has of a file of Git LFS the pointer, and beside it there is the pointer or what it stands for. */
Test(manifest, a_pointer_is_the_file_of_its_size) {
	struct arena *a = arena_create();
	const struct manifest_entry pointer = { .path = STR("a"),
		.type = ENTRY_FILE,
		.size_bytes = 5000,
		.digest = { 1, 2 },
		.is_pointer = true };
	const struct manifest_entry others[] = {
		{ .path = STR("a"), .type = ENTRY_FILE, .size_bytes = 5000, .digest = { 7, 7 } },
		{ .path = STR("a"), .type = ENTRY_FILE, .size_bytes = 130, .digest = { 1, 2 } },
		{ .path = STR("a"), .type = ENTRY_FILE, .size_bytes = 5001, .digest = { 7, 7 } },
		{ .path = STR("a"), .type = ENTRY_SYMLINK, .target = STR("b") },
		{ .path = STR("a"),
				.type = ENTRY_FILE,
				.size_bytes = 5000,
				.digest = { 7, 7 },
				.is_pointer = true },
	};
	const size_t want[] = { 0, 0, 1, 1, 1 };

	for (size_t i = 0; i < 5; i++) {
		const struct manifest before = { .entries = &pointer, .nentries = 1 };
		const struct manifest after = { .entries = &others[i], .nentries = 1 };
		struct manifest_diff diff;
		cr_assert(eq(int, manifest_compare(a, &before, &after, true, &diff, NULL), TNG_OK));
		cr_expect(eq(sz, diff.n, want[i]), "%zu", i);
		cr_assert(eq(int, manifest_compare(a, &after, &before, true, &diff, NULL), TNG_OK));
		cr_expect(eq(sz, diff.n, want[i]), "%zu, the other way", i);
	}
	arena_destroy(a);
}

Test(manifest, an_entry_is_left_out_with_all_below_it) {
	struct arena *a = arena_create();
	struct manifest m = read_text(a,
			STR(HEAD "\"instructions\": [], \"entries\": [" FILE(
					".git", "0755", D1, "") ", " FILE(".git/HEAD", "0644", D1,
					"") ", " FILE(".gitignore", "0644", D1, "") "]}"));

	cr_assert(eq(int, manifest_leave_out(a, &m, STR(".git"), NULL), TNG_OK));
	cr_assert(eq(sz, m.nentries, 1));
	EXPECT_STR(m.entries[0].path, ".gitignore");
	arena_destroy(a);
}
