#include "vcs/index.h"

#include "support/tmptree.h"
#include "util/buf.h"
#include "util/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put32(struct buf *b, uint32_t value) {
	for (int shift = 24; shift >= 0; shift -= 8) {
		buf_putc(b, (char)(unsigned char)(value >> shift));
	}
}

static void put_head(struct buf *b, uint32_t version, uint32_t n) {
	buf_append(b, STR("DIRC"));
	put32(b, version);
	put32(b, n);
}

/* What stands before the path: times 1, a mode, a size, an object name of 7s, and flags. */
static void put_fixed(struct buf *b, uint32_t mode, uint32_t size, unsigned flags) {
	for (int i = 0; i < 6; i++) {
		put32(b, 1);
	}
	put32(b, mode);
	put32(b, 0);
	put32(b, 0);
	put32(b, size);
	for (int i = 0; i < 20; i++) {
		buf_putc(b, 7);
	}
	buf_putc(b, (char)(unsigned char)(flags >> 8));
	buf_putc(b, (char)(unsigned char)flags);
}

/* Version 2 or 3; `extended` is written where the flags say so. */
static void put_entry(
		struct buf *b, const char *path, uint32_t size, unsigned flags, unsigned extended) {
	size_t begin = b->len;

	put_fixed(b, 0100644, size, flags | (unsigned)strlen(path));
	if ((flags & 0x4000) != 0) {
		buf_putc(b, (char)(unsigned char)(extended >> 8));
		buf_putc(b, (char)(unsigned char)extended);
	}
	buf_append(b, str_from(path));
	do {
		buf_putc(b, '\0');
	} while ((b->len - begin) % 8 != 0);
}

static void put_hash(struct buf *b) {
	for (int i = 0; i < 20; i++) {
		buf_putc(b, 9);
	}
}

static struct str parse(struct arena *a, const struct buf *b, struct index_table *table) {
	struct str problem;

	cr_assert(eq(int, index_parse(a, buf_str(b), 20, table, &problem, NULL), TNG_OK));
	return problem;
}

Test(vcs_index, entries_have_what_the_file_says) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 3, 3);
	put_entry(&b, "a", 5, 0x8000, 0);
	put_entry(&b, "b/c", 6, 0x4000, 0x6000);
	put_entry(&b, "b/d", 7, 0x2000, 0);
	put_hash(&b);
	cr_assert(eq(sz, parse(a, &b, &table).len, 0));
	cr_assert(eq(sz, table.n, 3));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[1].path, "b/c"));
	cr_assert(eq(u32, table.entries[1].size, 6));
	cr_assert(eq(u8, table.entries[0].flags, INDEX_ASSUME_VALID));
	cr_assert(eq(u8, table.entries[1].flags, INDEX_SKIP_WORKTREE | INDEX_INTENT_TO_ADD));
	cr_assert(eq(u8, table.entries[2].flags, 2));
	cr_assert(eq(u8, table.entries[2].oid[19], 7));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, version_4_takes_the_path_from_the_one_before) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 4, 2);
	put_fixed(&b, 0100644, 1, 0);
	buf_append(&b, str_make("\0dir/one\0", 9));
	put_fixed(&b, 0120000, 1, 0);
	buf_append(&b, str_make("\3two\0", 5));
	put_hash(&b);
	cr_assert(eq(sz, parse(a, &b, &table).len, 0));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[1].path, "dir/two"));
	cr_assert(eq(u16, table.entries[1].mode, 0120000));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, a_file_that_is_cut_short_is_told) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 2, 2);
	put_entry(&b, "a", 5, 0, 0);
	put_entry(&b, "b", 5, 0, 0);
	for (size_t len = 0; len < b.len; len++) {
		/* in memory of its own, so that a sanitizer sees a byte too far */
		char *bytes = malloc(len + 1);
		struct str problem;
		memcpy(bytes, b.ptr, len);
		bytes = realloc(bytes, len > 0 ? len : 1);
		cr_assert(eq(int, index_parse(a, str_make(bytes, len), 20, &table, &problem, NULL),
				TNG_OK));
		cr_assert(gt(sz, problem.len, 0), "%zu bytes", len);
		cr_assert(eq(sz, table.n, 0));
		free(bytes);
	}
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, entries_out_of_order_are_told) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 2, 2);
	put_entry(&b, "b", 5, 0, 0);
	put_entry(&b, "a", 5, 0, 0);
	put_hash(&b);
	cr_assert(gt(sz, parse(a, &b, &table).len, 0));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, an_extension_in_lower_case_must_be_known) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 2, 1);
	put_entry(&b, "b", 5, 0, 0);
	buf_append(&b, STR("TREE"));
	put32(&b, 4);
	put32(&b, 0);
	size_t known = b.len;
	put_hash(&b);
	cr_assert(eq(sz, parse(a, &b, &table).len, 0));
	b.len = known;
	buf_append(&b, STR("link"));
	put32(&b, 0);
	put_hash(&b);
	cr_assert(gt(sz, parse(a, &b, &table).len, 0));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, trees_are_handed_out_but_of_a_sparse_index) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 2, 1);
	put_entry(&b, "b", 5, 0, 0);
	buf_append(&b, STR("TREE"));
	put32(&b, 4);
	buf_append(&b, STR("text"));
	size_t known = b.len;
	put_hash(&b);
	cr_assert(eq(sz, parse(a, &b, &table).len, 0));
	cr_assert(str_eq(table.trees, STR("text")));
	b.len = known;
	buf_append(&b, STR("sdir"));
	put32(&b, 0);
	put_hash(&b);
	cr_assert(eq(sz, parse(a, &b, &table).len, 0));
	cr_assert(eq(sz, table.trees.len, 0));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_index, what_is_below_a_directory_is_found) {
	static const struct index_entry entries[] = {
		{ .path = "a-b", .path_len = 3 },
		{ .path = "a/x", .path_len = 3 },
		{ .path = "a/y/z", .path_len = 5 },
		{ .path = "a0", .path_len = 2 },
	};
	struct index_table table = { .entries = entries, .n = 4 };
	size_t first, end;

	index_below(&table, STR("a/"), &first, &end);
	cr_assert(eq(sz, first, 1));
	cr_assert(eq(sz, end, 3));
	index_below(&table, STR("b/"), &first, &end);
	cr_assert(eq(sz, first, end));
	index_below(&table, STR(""), &first, &end);
	cr_assert(eq(sz, end - first, 4));
}

/* ---- in two files */

static void put64(struct buf *b, uint64_t value) {
	put32(b, (uint32_t)(value >> 32));
	put32(b, (uint32_t)value);
}

/* A bitmap of 3 bits: a run of whole words, then at most one literal word. */
static void put_bitmap(struct buf *b, bool run, unsigned nrun, bool has_word, uint64_t word) {
	put32(b, 3);
	put32(b, 1U + (uint32_t)has_word);
	put64(b, (uint64_t)run | (uint64_t)nrun << 1 | (uint64_t)has_word << 33);
	if (has_word) {
		put64(b, word);
	}
	put32(b, 0);
}

static void write_to(const struct tmptree *at, const char *name, struct buf *b) {
	tmptree_file(at, name, 0);
	int fd = openat(at->fd, name, O_WRONLY | O_CLOEXEC);

	cr_assert(file_write_all(fd, buf_str(b)) == 0);
	(void)close(fd);
	buf_fini(b);
	*b = (struct buf){ 0 };
}

static void write_shared(const struct tmptree *at) {
	struct buf b = { 0 };

	put_head(&b, 2, 3);
	put_entry(&b, "a", 1, 0, 0);
	put_entry(&b, "b/c", 2, 0, 0);
	put_entry(&b, "d", 3, 0, 0);
	put_hash(&b);
	write_to(at, "sharedindex.0505050505050505050505050505050505050505", &b);
}

/* "link", and where the bitmaps begin */
static void begin_link(struct buf *b, uint32_t size) {
	buf_append(b, STR("link"));
	put32(b, size);
	for (int i = 0; i < 20; i++) {
		buf_putc(b, 5);
	}
}

static struct str read_split(struct arena *a, const struct tmptree *at, struct index_table *table) {
	char path[160];
	struct str problem;

	(void)snprintf(path, sizeof(path), "%s/index", at->path);
	cr_assert(eq(int, index_read(a, path, 20, table, &problem, NULL), TNG_OK));
	return problem;
}

Test(vcs_index, a_split_index_is_the_shared_one_with_its_changes) {
	struct tmptree at = tmptree_make();
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	write_shared(&at);
	put_head(&b, 2, 2);
	put_entry(&b, "", 9, 0, 0);
	put_entry(&b, "c", 4, 0, 0);
	begin_link(&b, 20 + 28 + 28);
	put_bitmap(&b, false, 0, true, 4); /* "d" is gone */
	put_bitmap(&b, false, 0, true, 1); /* "a" is replaced */
	put_hash(&b);
	write_to(&at, "index", &b);
	cr_assert(eq(sz, read_split(a, &at, &table).len, 0));
	cr_assert(eq(sz, table.n, 3));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[0].path, "a"));
	cr_assert(eq(u32, table.entries[0].size, 9));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[1].path, "b/c"));
	cr_assert(eq(u32, table.entries[1].size, 2));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[2].path, "c"));
	arena_destroy(a);
	tmptree_remove(&at);
}

Test(vcs_index, a_run_in_a_bitmap_is_about_all_its_entries) {
	struct tmptree at = tmptree_make();
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	write_shared(&at);
	put_head(&b, 2, 1);
	put_entry(&b, "e", 9, 0, 0);
	begin_link(&b, 20 + 20 + 20);
	put_bitmap(&b, true, 1, false, 0);
	put_bitmap(&b, false, 1, false, 0);
	put_hash(&b);
	write_to(&at, "index", &b);
	cr_assert(eq(sz, read_split(a, &at, &table).len, 0));
	cr_assert(eq(sz, table.n, 1));
	cr_assert(eq(str, (char *)(uintptr_t)table.entries[0].path, "e"));
	arena_destroy(a);
	tmptree_remove(&at);
}

Test(vcs_index, a_split_index_that_does_not_fit_is_a_problem) {
	struct tmptree at = tmptree_make();
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_table table;

	put_head(&b, 2, 1);
	put_entry(&b, "", 9, 0, 0);
	begin_link(&b, 20 + 20 + 20);
	put_bitmap(&b, false, 1, false, 0);
	put_bitmap(&b, false, 1, false, 0); /* nothing is replaced, though there is a replacement */
	put_hash(&b);
	write_to(&at, "index", &b);
	cr_assert(str_eq(read_split(a, &at, &table), STR("its shared index cannot be read")));
	write_shared(&at);
	cr_assert(gt(sz, read_split(a, &at, &table).len, 0));
	cr_assert(eq(sz, table.n, 0));
	arena_destroy(a);
	tmptree_remove(&at);
}
