#include "digest/digest.h"
#include "support/text_tree.h"
#include "support/tmptree.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tree *walk(const struct tmptree *t) {
	struct tree *tree = NULL;

	cr_assert(eq(int, tree_walk(t->fd, NULL, &tree, NULL), TNG_OK));
	return tree;
}

static uint32_t row_of(const struct tree *tree, const char *path) {
	uint32_t row = tree_find(tree, str_from(path));

	cr_assert(ne(u32, row, TREE_NO_ROW), "%s", path);
	return row;
}

static struct content content_of(const struct tmptree *t, const char *path, uint64_t head_bytes) {
	struct tree *tree = walk(t);
	struct digest_source source = { .tree = tree, .root_fd = t->fd };
	uint32_t row = row_of(tree, path);
	struct content content = { .os_errno = -1 };

	cr_assert(eq(int, digest_contents(&source, &row, 1, head_bytes, &content, NULL), TNG_OK));
	tree_destroy(tree);
	return content;
}

static void expect_digest(struct content content, uint64_t bytes, const char *digest) {
	char text[DIGEST_TEXT_BYTES];

	cr_expect(eq(int, content.os_errno, 0));
	cr_expect(eq(u64, content.bytes, bytes));
	cr_expect(eq(str, (char *)digest_format(&content.digest, text), (char *)digest));
}

/* The digests are those of xxh128sum. */
Test(contents, digests_are_those_of_xxh128sum) {
	struct tmptree t = tmptree_make();
	text_tree_write(&t, "== d/abc\nabc\n");
	tmptree_file(&t, "empty", 0);

	expect_digest(content_of(&t, "empty", 0), 0, "99aa06d3014798d86001c324468d497f");
	expect_digest(content_of(&t, "d/abc", 3), 3, "06b05ab6733a618578af5f94892f3950");
	tmptree_remove(&t);
}

Test(contents, a_head_is_the_digest_of_a_shorter_file) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "long", 1000000);
	tmptree_file(&t, "short", 4096);
	struct content head = content_of(&t, "long", 4096);
	struct content whole = content_of(&t, "short", 0);
	struct content other = content_of(&t, "long", 0);

	cr_expect(eq(int, digest_cmp(&head.digest, &whole.digest), 0));
	cr_expect(ne(int, digest_cmp(&head.digest, &other.digest), 0));
	cr_expect(eq(u64, head.bytes, 4096));
	cr_expect(eq(u64, other.bytes, 1000000));
	tmptree_remove(&t);
}

Test(contents, what_became_a_fifo_or_is_gone_says_so) {
	struct tmptree t = tmptree_make();
	tmptree_file(&t, "a", 5);
	tmptree_file(&t, "b", 5);
	struct tree *tree = walk(&t);
	struct digest_source source = { .tree = tree, .root_fd = t.fd };
	uint32_t rows[] = { row_of(tree, "a"), row_of(tree, "b") };
	struct content contents[2];

	cr_assert(eq(int, unlinkat(t.fd, "a", 0) | unlinkat(t.fd, "b", 0), 0));
	cr_assert(eq(int, mkfifoat(t.fd, "a", 0644), 0));
	cr_assert(eq(int, digest_contents(&source, rows, 2, 0, contents, NULL), TNG_OK));
	cr_expect(eq(int, contents[0].os_errno, EINVAL));
	cr_expect(eq(int, contents[1].os_errno, ENOENT));
	cr_expect(eq(u64, contents[0].bytes, 0));
	tree_destroy(tree);
	tmptree_remove(&t);
}

Test(contents, any_number_of_threads_gives_the_same) {
	struct tmptree t = tmptree_make();
	char path[32];
	struct content one[50], many[50];
	uint32_t rows[50];

	for (int i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), "d%d/f%02d", i % 7, i);
		tmptree_file(&t, path, (uint64_t)i * 7919);
	}
	struct tree *tree = walk(&t);
	size_t n = 0;
	for (uint32_t row = 0; row < tree_nrows(tree); row++) {
		if (entry_is_file(tree_entry(tree, row))) {
			rows[n++] = row;
		}
	}
	cr_assert(eq(sz, n, 50));
	struct digest_source source = { .tree = tree, .root_fd = t.fd, .njobs = 1 };
	cr_assert(eq(int, digest_contents(&source, rows, n, 0, one, NULL), TNG_OK));
	source.njobs = 9;
	cr_assert(eq(int, digest_contents(&source, rows, n, 0, many, NULL), TNG_OK));
	for (size_t i = 0; i < n; i++) {
		cr_expect(eq(int, one[i].os_errno | many[i].os_errno, 0));
		cr_expect(eq(u64, one[i].bytes, tree_entry(tree, rows[i])->size));
		cr_expect(eq(int, digest_cmp(&one[i].digest, &many[i].digest), 0));
	}
	tree_destroy(tree);
	tmptree_remove(&t);
}
