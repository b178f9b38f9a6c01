#include "vcs/cached.h"

#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define OID_BYTES 20

/* The top has four entries: a-b, a/x, a/y/z, c. */
static struct index_table *four_entries(struct arena *a) {
	static const char *const paths[] = { "a-b", "a/x", "a/y/z", "c" };
	struct index_entry *entries = arena_new(a, struct index_entry, 4);
	struct index_table *table = arena_new(a, struct index_table, 1);

	for (int i = 0; i < 4; i++) {
		entries[i].path = paths[i];
		entries[i].path_len = (uint32_t)strlen(paths[i]);
	}
	*table = (struct index_table){ .entries = entries, .n = 4 };
	return table;
}

static void put_oid(struct buf *b, char fill) {
	for (int i = 0; i < OID_BYTES; i++) {
		buf_putc(b, fill);
	}
}

/* A directory: "<entries> <directories>", and its object by a letter; '\0': it has changed. */
static void put_tree(struct buf *b, const char *name, const char *counts, char fill) {
	buf_append(b, str_from(name));
	buf_putc(b, '\0');
	buf_append(b, str_from(counts));
	buf_putc(b, '\n');
	if (fill != '\0') {
		put_oid(b, fill);
	}
}

static struct cached_trees read_trees(struct arena *a, struct str bytes) {
	struct index_table *table = four_entries(a);
	struct cached_trees cached;

	table->trees = bytes;
	cr_assert(eq(int, cached_read(a, table, OID_BYTES, &cached, NULL), TNG_OK));
	return cached;
}

static bool find(const struct cached_trees *cached, char fill, struct index_dir *out) {
	unsigned char oid[OID_BYTES];

	memset(oid, fill, sizeof(oid));
	return cached_find(cached, oid, sizeof(oid), out);
}

Test(vcs_cached, a_tree_is_found_by_its_object_with_its_entries) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_dir dir;

	put_tree(&b, "", "4 1", 'T');
	put_tree(&b, "a", "2 1", 'A');
	put_tree(&b, "y", "1 0", 'Y');
	struct cached_trees cached = read_trees(a, buf_str(&b));

	cr_assert(find(&cached, 'T', &dir));
	cr_assert(dir.first == 0 && dir.end == 4 && dir.skip == 0);
	cr_assert(find(&cached, 'A', &dir));
	cr_assert(dir.first == 1 && dir.end == 3 && dir.skip == 2);
	cr_assert(find(&cached, 'Y', &dir));
	cr_assert(dir.first == 2 && dir.end == 3 && dir.skip == 4);
	cr_assert(find(&cached, 'N', &dir) == false);
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_cached, a_changed_directory_has_no_object_and_those_in_it_may) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_dir dir;

	put_tree(&b, "", "-1 1", '\0');
	put_tree(&b, "a", "-1 1", '\0');
	put_tree(&b, "y", "1 0", 'Y');
	struct cached_trees cached = read_trees(a, buf_str(&b));

	cr_assert(find(&cached, 'Y', &dir));
	cr_assert(dir.first == 2 && dir.end == 3);
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_cached, a_tree_of_other_entries_than_the_index_has_is_not_found) {
	struct arena *a = arena_create();
	struct buf b = { 0 };
	struct index_dir dir;

	put_tree(&b, "", "5 1", 'T');
	put_tree(&b, "a", "2 0", 'A');
	struct cached_trees cached = read_trees(a, buf_str(&b));

	cr_assert(find(&cached, 'T', &dir) == false);
	cr_assert(find(&cached, 'A', &dir));
	buf_fini(&b);
	arena_destroy(a);
}

Test(vcs_cached, of_what_is_cut_short_or_odd_nothing_is_known) {
	static const char *const counts[] = { "4 2", "4", "x 0", "4 -1", "4 99999999999", " 0" };
	struct index_dir dir;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct arena *a = arena_create();
		struct buf b = { 0 };
		put_tree(&b, "", counts[i], 'T');
		put_tree(&b, "a", "2 0", 'A');
		struct cached_trees cached = read_trees(a, buf_str(&b));
		cr_assert(find(&cached, 'T', &dir) == false, "%s", counts[i]);
		buf_fini(&b);
		arena_destroy(a);
	}
}
