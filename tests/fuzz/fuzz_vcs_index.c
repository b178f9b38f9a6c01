/*
 * Bytes as git's index, with hashes of 20 and of 32 bytes: what is read is ordered, within the bytes or the
 * arena, and found again by its path; what is not read has a reason.
 */
#include "fuzz/fuzz.h"
#include "vcs/cached.h"
#include "vcs/split.h"

#include <string.h>

static struct str path_of(const struct index_entry *e) {
	return str_make(e->path, e->path_len);
}

static void check_entry(const struct index_table *table, size_t i, struct str bytes, size_t noid) {
	const struct index_entry *e = &table->entries[i];
	const char *oid = (const char *)e->oid;

	FUZZ_CHECK(e->path[e->path_len] == '\0' && memchr(e->path, '\0', e->path_len) == NULL);
	FUZZ_CHECK(oid >= bytes.ptr && oid + noid <= bytes.ptr + bytes.len);
	FUZZ_CHECK(i == 0 || str_cmp(path_of(e - 1), path_of(e)) <= 0);
	const struct index_entry *found = index_find(table, path_of(e));
	FUZZ_CHECK(found != NULL && str_eq(path_of(found), path_of(e)));
}

static void check_below(const struct index_table *table, const struct index_entry *e) {
	size_t slash = str_find_last(path_of(e), '/'), first, end;

	if (slash < e->path_len) {
		index_below(table, str_take(path_of(e), slash + 1), &first, &end);
		FUZZ_CHECK(first <= (size_t)(e - table->entries) &&
				(size_t)(e - table->entries) < end);
	}
}

/* The bytes as what a split index changes: of two halves that make the table, nothing is invented. */
static void check_split(struct arena *a, const struct index_table *table, struct str bytes) {
	struct index_table base = { .entries = table->entries, .n = table->n / 2 }, merged;
	struct index_table own = { .entries = table->entries + base.n, .n = table->n - base.n };
	struct str problem;

	FUZZ_CHECK(split_merge(a, &base, &own, STR(""), &merged, &problem, NULL) == TNG_OK);
	FUZZ_CHECK(problem.len == 0 && merged.n == table->n);
	FUZZ_CHECK(split_merge(a, table, &own, bytes, &merged, &problem, NULL) == TNG_OK);
	for (size_t i = 1; problem.len == 0 && i < merged.n; i++) {
		FUZZ_CHECK(str_cmp(path_of(&merged.entries[i - 1]), path_of(&merged.entries[i])) <=
				0);
	}
}

/* The trees that it notes are of entries that it has: of any name that is asked for. */
static void check_trees(struct arena *a, const struct index_table *table, size_t noid) {
	struct cached_trees cached;
	struct index_dir dir;

	FUZZ_CHECK(cached_read(a, table, noid, &cached, NULL) == TNG_OK);
	for (size_t at = 0; at + noid <= table->trees.len; at++) {
		const unsigned char *oid = (const unsigned char *)table->trees.ptr + at;
		if (cached_find(&cached, oid, noid, &dir)) {
			FUZZ_CHECK(dir.first <= dir.end && dir.end <= table->n);
			FUZZ_CHECK(dir.first == dir.end ||
					table->entries[dir.first].path_len >= dir.skip);
		}
	}
}

static void check(struct str bytes, size_t noid) {
	struct arena *a = arena_create();
	struct index_table table;
	struct str problem;
	struct tng_error err = { 0 };

	if (a == NULL) {
		abort();
	}
	FUZZ_CHECK(index_parse(a, bytes, noid, &table, &problem, &err) == TNG_OK);
	FUZZ_CHECK(problem.len == 0 || table.n == 0);
	bool skips_worktree = false;
	for (size_t i = 0; i < table.n; i++) {
		check_entry(&table, i, bytes, noid);
		check_below(&table, &table.entries[i]);
		skips_worktree |= (table.entries[i].flags & INDEX_SKIP_WORKTREE) != 0;
	}
	FUZZ_CHECK(skips_worktree == table.skips_worktree);
	if (table.n > 0) {
		check_split(a, &table, bytes);
	}
	check_trees(a, &table, noid);
	arena_destroy(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct str bytes = str_make((const char *)data, size);

	check(bytes, 20);
	check(bytes, 32);
	return 0;
}
