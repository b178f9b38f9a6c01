/* The tree of a revision: what git can have in one, and what some tool once wrote into one. */
#include "sites.h"

#include "support/expect.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <git2.h>
#include <stdio.h>

static struct site s;
static git_repository *repository;
static git_odb *odb;

static void begin(void) {
	s = site_make();
	site_init(&s, ".");
	cr_assert(eq(int, git_repository_open(&repository, s.at.path), 0));
	cr_assert(eq(int, git_repository_odb(&odb, repository), 0));
}

static void end(void) {
	git_odb_free(odb);
	git_repository_free(repository);
	site_remove(&s);
}

TestSuite(vcs_revision, .init = begin, .fini = end);

/* Tree objects are written byte by byte: libgit2 would refuse some of these modes and names. */
static void add(struct buf *tree, const char *mode, const char *name, const git_oid *oid) {
	buf_printf(tree, "%s %s", mode, name);
	buf_putc(tree, '\0');
	buf_append(tree, str_make((const char *)oid->id, sizeof(oid->id)));
}

static git_oid write_object(struct str text, git_object_t type) {
	git_oid oid;

	cr_assert(eq(int, git_odb_write(&oid, odb, text.ptr, text.len, type), 0));
	return oid;
}

static void add_file(struct buf *tree, const char *mode, const char *name, const char *text) {
	git_oid oid = write_object(str_from(text), GIT_OBJECT_BLOB);

	add(tree, mode, name, &oid);
}

static git_oid end_tree(struct buf *tree) {
	git_oid oid = write_object(buf_str(tree), GIT_OBJECT_TREE);

	buf_fini(tree);
	return oid;
}

static enum tng_code open_tree(const git_oid *oid, const char *dir, struct vcs_revision **out,
		struct tng_error *err) {
	char hex[GIT_OID_HEXSZ + 1], root[200];

	git_oid_tostr(hex, sizeof(hex), oid);
	(void)snprintf(root, sizeof(root), "%s/%s", s.at.path, dir);
	return vcs_revision_open(s.arena, root, hex, NULL, out, err);
}

/* "f644 5 path", "d755 0 path", "l777 3 path>target", apart by commas; .git is left out. */
static struct str list_rows(const struct tree *tree) {
	struct buf text = { 0 }, path = { 0 };

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct entry *e = tree_entry(tree, row);
		buf_clear(&path);
		tree_path(tree, row, &path);
		if (str_starts(buf_str(&path), STR(".git")) &&
				!str_starts(buf_str(&path), STR(".gita"))) {
			continue;
		}
		bool is_link = entry_type(e) == ENTRY_SYMLINK;
		buf_printf(&text, "%s%c%o %llu %.*s%s%.*s", text.len > 0 ? "," : "",
				entry_is_dir(e)           ? 'd'
						: is_link ? 'l'
							  : 'f',
				e->mode & 07777U, (unsigned long long)entry_size(e),
				STR_FMT(buf_str(&path)), is_link ? ">" : "",
				STR_FMT(is_link ? tree_link_target(tree, row) : STR("")));
	}
	struct str rows = arena_copy(s.arena, buf_str(&text));
	buf_fini(&text);
	buf_fini(&path);
	return rows;
}

static void expect_rows(const git_oid *oid, const char *dir, const char *want) {
	struct vcs_revision *revision = NULL;
	struct tng_error err = { 0 };

	cr_assert(eq(int, open_tree(oid, dir, &revision, &err), TNG_OK), "%s", err.text);
	EXPECT_STR(list_rows(vcs_revision_tree(revision)), want);
	vcs_revision_close(revision);
}

Test(vcs_revision, modes_that_git_once_wrote_are_those_of_a_checkout) {
	struct buf tree = { 0 };

	add_file(&tree, "100600", "a", "1");
	add_file(&tree, "100664", "b", "12");
	add_file(&tree, "100700", "c", "123");
	add_file(&tree, "100775", "d", "1234");
	add_file(&tree, "100644", "e", "");
	git_oid oid = end_tree(&tree);
	expect_rows(&oid, ".", "f644 1 a,f644 2 b,f755 3 c,f755 4 d,f644 0 e");
}

Test(vcs_revision, a_link_has_its_target_and_is_not_followed) {
	struct buf tree = { 0 };

	add_file(&tree, "120000", "away", "/etc/passwd");
	add_file(&tree, "100644", "b", "12");
	add_file(&tree, "120000", "near", "b");
	add_file(&tree, "120000", "odd", "a\nb\xff");
	git_oid oid = end_tree(&tree);
	expect_rows(&oid, ".",
			"l777 11 away>/etc/passwd,f644 2 b,l777 1 near>b,l777 4 odd>a\nb\xff");
}

Test(vcs_revision, a_submodule_is_an_empty_directory) {
	git_oid elsewhere = { .id = { 1, 2, 3 } };
	struct buf tree = { 0 }, top = { 0 };

	add(&tree, "160000", "sub", &elsewhere);
	add_file(&tree, "100644", "z", "1");
	git_oid below = end_tree(&tree);
	add(&top, "40000", "lib", &below);
	git_oid oid = end_tree(&top);
	expect_rows(&oid, ".", "d755 0 lib,d755 0 lib/sub,f644 1 lib/z");
	tmptree_dir(&s.at, "lib");
	expect_rows(&oid, "lib", "d755 0 sub,f644 1 z");
}

#define POINTER                                                                                    \
	"version https://git-lfs.github.com/spec/v1\n"                                             \
	"oid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"            \
	"size 5000000000\n"

Test(vcs_revision, a_pointer_of_lfs_counts_as_its_file_where_attributes_speak_of_it) {
	struct buf with = { 0 }, without = { 0 };

	add_file(&with, "100644", ".gitattributes", "*.bin filter=lfs\n");
	add_file(&with, "100644", "a.bin", POINTER);
	add_file(&with, "100644", "b.bin",
			"version of something else, as long as a pointer may be: "
			"0123456789 0123456789 0123456789 0123456789\n");
	git_oid oid = end_tree(&with);
	expect_rows(&oid, ".", "f644 17 .gitattributes,f644 5000000000 a.bin,f644 100 b.bin");
	add_file(&without, "100644", "a.bin", POINTER);
	oid = end_tree(&without);
	expect_rows(&oid, ".", "f644 135 a.bin");
}

Test(vcs_revision, an_empty_tree_has_no_rows) {
	struct buf tree = { 0 };
	git_oid oid = end_tree(&tree);

	expect_rows(&oid, ".", "");
	tmptree_dir(&s.at, "app");
	expect_rows(&oid, "app", "");
}

Test(vcs_revision, a_file_of_the_name_of_the_context_is_no_context) {
	struct buf tree = { 0 };

	add_file(&tree, "100644", "app", "1");
	git_oid oid = end_tree(&tree);
	tmptree_dir(&s.at, "app");
	expect_rows(&oid, "app", "");
}

Test(vcs_revision, names_that_git_does_not_check_out_are_left_out) {
	struct buf tree = { 0 };

	add_file(&tree, "100644", "-rf\n\xff", "1");
	add_file(&tree, "100644", "..", "1");
	add_file(&tree, "100644", ".git", "1");
	add_file(&tree, "100644", "a\\b", "1");
	git_oid oid = end_tree(&tree);
	expect_rows(&oid, ".", "f644 1 -rf\n\xff,f644 1 a\\b");
}

Test(vcs_revision, an_object_that_is_missing_is_named) {
	git_oid missing = { .id = { 9 } };
	struct vcs_revision *revision = NULL;
	struct tng_error err = { 0 };
	struct buf tree = { 0 };

	add(&tree, "100644", "gone.c", &missing);
	git_oid oid = end_tree(&tree);
	cr_assert(eq(int, open_tree(&oid, ".", &revision, &err), TNG_EINVAL));
	cr_expect_str_eq(err.where, "gone.c");
	cr_assert(eq(int, open_tree(&missing, ".", &revision, &err), TNG_EINVAL));
}

Test(vcs_revision, rows_are_all_there_or_memory_has_ended) {
	struct buf tree = { 0 };
	enum tng_code code = TNG_ENOMEM;
	size_t n = 0;

	add_file(&tree, "100644", "a", "1");
	add_file(&tree, "120000", "l", "a");
	git_oid oid = end_tree(&tree);
	for (; code != TNG_OK && n < 1000; n++) {
		struct vcs_revision *revision = NULL;
		struct tng_error err = { 0 };
		arena_fail_after(s.arena, n);
		code = open_tree(&oid, ".", &revision, &err);
		arena_fail_after(s.arena, 1000);
		cr_assert(code == TNG_OK || (code == TNG_ENOMEM && err.code == TNG_ENOMEM));
		if (code == TNG_OK) {
			EXPECT_STR(list_rows(vcs_revision_tree(revision)), "f644 1 a,l777 1 l>a");
		}
		vcs_revision_close(revision);
	}
	cr_expect(n > 3 && code == TNG_OK);
}
