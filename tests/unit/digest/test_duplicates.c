/* The files are made from (size, where a byte differs), so the test knows which are equal. */
#include "digest/digest.h"
#include "support/tmptree.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAME UINT64_MAX /* no byte differs */

struct made {
	const char *path;
	uint64_t size, differs_at;
};

static void make(const struct tmptree *t, const struct made *m) {
	tmptree_file(t, m->path, m->size);
	if (m->differs_at != SAME) {
		int fd = openat(t->fd, m->path, O_WRONLY);
		cr_assert(fd >= 0 && pwrite(fd, "x", 1, (off_t)m->differs_at) == 1);
		(void)close(fd);
	}
}

static struct tree *walk(const struct tmptree *t) {
	struct tree *tree = NULL;

	cr_assert(eq(int, tree_walk(t->fd, NULL, &tree, NULL), TNG_OK));
	return tree;
}

static struct duplicates find_heaviest(struct arena *a, const struct tmptree *t,
		const struct tree *tree, const uint8_t *wanted, uint64_t min_bytes, size_t most) {
	struct digest_source source = { .tree = tree, .root_fd = t->fd, .njobs = 2 };
	struct duplicate_request request = {
		.wanted = wanted,
		.min_bytes = min_bytes,
		.most = most,
	};
	struct duplicates found = { .n = 99 };

	cr_assert(eq(int, digest_duplicates(a, &source, &request, &found, NULL), TNG_OK));
	return found;
}

static struct duplicates find(struct arena *a, const struct tmptree *t, const struct tree *tree,
		const uint8_t *wanted, uint64_t min_bytes) {
	return find_heaviest(a, t, tree, wanted, min_bytes, 0);
}

/* "a b; c d e": the names of each group. */
static char *say(const struct tree *tree, const struct duplicates *found, char out[512]) {
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < found->n; i++) {
		for (size_t k = 0; k < found->groups[i].n; k++) {
			struct str name =
					tree_name(tree, tree_entry(tree, found->groups[i].rows[k]));
			len += (size_t)snprintf(out + len, 512 - len, "%s%.*s",
					k > 0                   ? " "
							: i > 0 ? "; "
								: "",
					STR_FMT(name));
		}
	}
	return out;
}

static const struct made files[] = {
	{ "a/alone", 77, SAME },
	{ "a/empty1", 0, SAME },
	{ "b/empty2", 0, SAME },
	{ "a/tiny1", 1, SAME },
	{ "c/tiny2", 1, SAME },
	{ "c/tiny3", 1, 0 },
	/* around the head, around what is hashed at once, and beyond one read */
	{ "h/head1", 4096, SAME },
	{ "h/head2", 4096, 4095 },
	{ "h/head3", 4096, 4095 },
	{ "m/mid1", 16384, 16383 },
	{ "m/mid2", 16384, SAME },
	{ "m/mid3", 16384, SAME },
	{ "n/past1", 16385, 16384 },
	{ "n/past2", 16385, 16384 },
	{ "n/past3", 16385, 4096 },
	{ "n/past4", 16385, SAME },
	{ "z/big1", 700000, 699999 },
	{ "z/big2", 700000, SAME },
	{ "z/big3", 700000, 699999 },
	{ "z/big4", 700000, SAME },
	{ "z/big5", 700000, SAME },
};

Test(duplicates, files_that_hold_the_same_are_grouped_by_weight) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		make(&t, &files[i]);
	}
	struct tree *tree = walk(&t);
	struct duplicates found = find(a, &t, tree, NULL, 1);
	cr_expect(eq(str, say(tree, &found, text),
			"big2 big4 big5; big1 big3; past1 past2; mid2 mid3; head2 head3; tiny1 "
			"tiny2"));
	cr_expect(eq(u64, found.groups[0].size_bytes, 700000));

	found = find(a, &t, tree, NULL, 16385);
	cr_expect(eq(str, say(tree, &found, text), "big2 big4 big5; big1 big3; past1 past2"));

	uint8_t wanted[64] = { 0 };
	wanted[tree_find(tree, STR("z/big5"))] = 1;
	wanted[tree_find(tree, STR("z/big2"))] = 1;
	wanted[tree_find(tree, STR("z/big1"))] = 1;
	found = find(a, &t, tree, wanted, 1);
	cr_expect(eq(str, say(tree, &found, text), "big2 big5"));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, a_file_of_a_size_of_its_own_is_not_read) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();

	for (uint64_t size = 1; size < 40; size++) {
		char path[16];
		snprintf(path, sizeof(path), "f%02u", (unsigned)size);
		tmptree_file(&t, path, size * 1000);
	}
	tmptree_file(&t, "twin", 39000);
	struct tree *tree = walk(&t);
	struct duplicates found = find(a, &t, tree, NULL, 1);
	cr_expect(eq(sz, found.n, 1));
	/* the heads of two files, and the two whole */
	cr_expect(eq(u64, found.nread, 4));
	cr_expect(eq(u64, found.read_bytes, 2 * (4096 + 39000)));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, what_cannot_be_among_the_heaviest_is_not_read) {
	/* of the heaviest sizes the first two differ at their ends, so that others move up */
	static const struct made sizes[] = {
		{ "a1", 90000, SAME },
		{ "a2", 90000, 89999 },
		{ "b1", 80000, SAME },
		{ "b2", 80000, 79999 },
		{ "c1", 30000, SAME },
		{ "c2", 30000, SAME },
		{ "c3", 30000, SAME },
		{ "d1", 50000, SAME },
		{ "d2", 50000, SAME },
		{ "e1", 40000, SAME },
		{ "e2", 40000, SAME },
		{ "f1", 20000, SAME },
		{ "f2", 20000, SAME },
		{ "g1", 18000, SAME },
		{ "g2", 18000, SAME },
	};
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		make(&t, &sizes[i]);
	}
	struct tree *tree = walk(&t);
	struct duplicates found = find_heaviest(a, &t, tree, NULL, 1, 2);
	cr_expect(eq(str, say(tree, &found, text), "c1 c2 c3; d1 d2; e1 e2; f1 f2"));
	/* 15 heads, the two heaviest sizes, the next four */
	cr_expect(eq(u64, found.nread, 15 + 4 + 9));
	found = find_heaviest(a, &t, tree, NULL, 1, 9);
	cr_expect(eq(str, say(tree, &found, text), "c1 c2 c3; d1 d2; e1 e2; f1 f2; g1 g2"));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, a_hole_holds_what_zeros_hold) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512], zeros[4096] = { 0 };

	tmptree_file(&t, "hole1", 409600);
	tmptree_file(&t, "hole2", 409600);
	make(&t, &(struct made){ "other", 409600, 409599 });
	tmptree_file(&t, "written", 0);
	int fd = openat(t.fd, "written", O_WRONLY);
	for (size_t i = 0; i < 100; i++) {
		cr_assert(eq(sz, (size_t)write(fd, zeros, sizeof(zeros)), sizeof(zeros)));
	}
	(void)close(fd);
	struct tree *tree = walk(&t);
	struct duplicates found = find(a, &t, tree, NULL, 1);
	cr_expect(eq(str, say(tree, &found, text), "hole1 hole2 written"));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, names_of_one_file_are_one_file) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	tmptree_file(&t, "one", 5000);
	tmptree_link(&t, "other-name", "one");
	tmptree_file(&t, "pair1", 6000);
	tmptree_link(&t, "pair2", "pair1");
	tmptree_file(&t, "twin", 6000);
	struct tree *tree = walk(&t);
	struct duplicates found = find(a, &t, tree, NULL, 1);
	cr_expect(eq(str, say(tree, &found, text), "pair1 twin"));

	/* of the names that take part the first one stands for the file */
	uint8_t wanted[16] = { 0 };
	wanted[tree_find(tree, STR("pair2"))] = 1;
	wanted[tree_find(tree, STR("twin"))] = 1;
	found = find(a, &t, tree, wanted, 1);
	cr_expect(eq(str, say(tree, &found, text), "pair2 twin"));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, a_file_that_changed_since_the_walk_is_left_out) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	tmptree_file(&t, "a", 50000);
	tmptree_file(&t, "b", 50000);
	tmptree_file(&t, "c", 50000);
	tmptree_file(&t, "d", 50000);
	struct tree *tree = walk(&t);
	tmptree_file(&t, "b", 60000);
	cr_assert(eq(int, unlinkat(t.fd, "c", 0), 0));
	struct duplicates found = find(a, &t, tree, NULL, 1);
	cr_expect(eq(str, say(tree, &found, text), "a d"));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

/* With two groups wanted, and so much to be read of whole files. */
static struct duplicates find_within(struct arena *a, const struct tmptree *t,
		const struct tree *tree, uint64_t read_max) {
	struct digest_source source = { .tree = tree, .root_fd = t->fd, .njobs = 2 };
	struct duplicate_request request = { .min_bytes = 1, .most = 2, .read_max = read_max };
	struct duplicates found = { .n = 99 };

	cr_assert(eq(int, digest_duplicates(a, &source, &request, &found, NULL), TNG_OK));
	return found;
}

/* Blocks of their own, so that there is something to read. */
static void make_full(const struct tmptree *t, const struct made *m) {
	char block[1000];

	memset(block, 'b', sizeof(block));
	tmptree_file(t, m->path, 0);
	int fd = openat(t->fd, m->path, O_WRONLY);
	for (uint64_t i = 0; i < m->size; i += sizeof(block)) {
		cr_assert(eq(sz, (size_t)write(fd, block, sizeof(block)), sizeof(block)));
	}
	cr_assert(m->differs_at == SAME || pwrite(fd, "x", 1, (off_t)m->differs_at) == 1);
	(void)close(fd);
}

Test(duplicates, what_may_not_be_read_is_compared_in_samples) {
	static const struct made sizes[] = {
		/* between two samples, in the last one, and in the first one behind the head */
		{ "a1", 900000, SAME },
		{ "a2", 900000, 440000 },
		{ "a3", 900000, 899999 },
		{ "b1", 400000, SAME },
		{ "b2", 400000, SAME },
		{ "b3", 400000, 200000 },
	};
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		make_full(&t, &sizes[i]);
	}
	struct tree *tree = walk(&t);
	struct duplicates found = find_within(a, &t, tree, 0);
	cr_expect(eq(str, say(tree, &found, text), "b1 b2"));
	cr_expect(not(found.groups[0].is_sampled));
	/* enough for the three of b: a is not read, though it comes first */
	found = find_within(a, &t, tree, 1300000);
	cr_expect(eq(str, say(tree, &found, text), "a1 a2; b1 b2"));
	cr_expect(found.groups[0].is_sampled && !found.groups[1].is_sampled);
	cr_expect(eq(u64, found.read_bytes,
			UINT64_C(6) * 4096 + UINT64_C(3) * 32 * 4096 + UINT64_C(3) * 400000));
	found = find_within(a, &t, tree, 1000);
	cr_expect(found.groups[0].is_sampled && found.groups[1].is_sampled);
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(duplicates, of_groups_that_weigh_the_same_the_first_ones_are_enough) {
	struct tmptree t = tmptree_make();
	struct arena *a = arena_create();
	char text[512];

	for (unsigned i = 0; i < 16; i++) {
		char path[16];
		snprintf(path, sizeof(path), "%c%u", (char)('a' + i / 2), i % 2);
		/* all of one size: which of them belong together the head says */
		make_full(&t, &(struct made){ path, 30000, i / 2 });
	}
	struct tree *tree = walk(&t);
	struct duplicates found = find_within(a, &t, tree, 0);
	cr_expect(eq(str, say(tree, &found, text), "a0 a1; b0 b1"));
	cr_expect(eq(u64, found.nread, 16 + 4));
	arena_destroy(a);
	tree_destroy(tree);
	tmptree_remove(&t);
}
