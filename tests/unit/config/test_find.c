#include "config/config.h"
#include "support/expect.h"
#include "support/tmptree.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tree that becomes the working directory. */
static struct tmptree make(void) {
	struct tmptree t = tmptree_make();

	cr_assert(eq(int, chmod(t.path, 0755), 0));
	cr_assert(eq(int, chdir(t.path), 0));
	return t;
}

static struct str find(struct arena *a, const char *directory, const char *home) {
	struct str found;

	cr_assert(eq(int, config_find(a, directory, home, &found, NULL), TNG_OK));
	return found;
}

Test(find, takes_the_nearest_file_up_to_the_repository) {
	struct tmptree t = make();
	struct arena *a = arena_create();

	tmptree_file(&t, "repo/.git/HEAD", 1);
	tmptree_file(&t, "repo/.tonnage.yaml", 1);
	tmptree_file(&t, "repo/near/.tonnage.yaml", 1);
	tmptree_file(&t, "repo/far/er/x", 1);
	EXPECT_STR(find(a, "repo/near", NULL), "repo/near/.tonnage.yaml");
	EXPECT_STR(find(a, "repo/far/er", NULL), "repo/.tonnage.yaml");
	EXPECT_STR(find(a, "repo/far/er//", NULL), "repo/.tonnage.yaml");
	EXPECT_STR(find(a, "repo", NULL), "repo/.tonnage.yaml");
	cr_assert(eq(int, chdir("repo/far/er"), 0));
	EXPECT_STR(find(a, ".", NULL), "../../.tonnage.yaml");
	EXPECT_STR(find(a, "..", NULL), "../../.tonnage.yaml");
	cr_assert(eq(int, chdir("../.."), 0));
	EXPECT_STR(find(a, ".", NULL), ".tonnage.yaml");
	EXPECT_STR(find(a, "missing", NULL), "");
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(find, does_not_leave_the_repository) {
	struct tmptree t = make();
	struct arena *a = arena_create();

	tmptree_file(&t, ".tonnage.yaml", 1);
	tmptree_file(&t, "repo/.git", 1); /* a worktree's is a file */
	tmptree_file(&t, "repo/sub/x", 1);
	EXPECT_STR(find(a, "repo/sub", NULL), "");
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(find, stops_below_home_and_below_what_everybody_may_write) {
	struct tmptree t = make();
	struct arena *a = arena_create();

	tmptree_file(&t, "home/.tonnage.yaml", 1);
	tmptree_file(&t, "home/work/x", 1);
	EXPECT_STR(find(a, "home/work", NULL), "home/.tonnage.yaml");
	EXPECT_STR(find(a, "home/work", "home"), "");
	EXPECT_STR(find(a, "home", "home"), "home/.tonnage.yaml");
	cr_assert(eq(int, chmod("home", 01777), 0));
	EXPECT_STR(find(a, "home/work", NULL), "");
	EXPECT_STR(find(a, "home", NULL), "home/.tonnage.yaml");
	arena_destroy(a);
	tmptree_remove(&t);
}

Test(find, goes_up_from_where_a_link_leads) {
	struct tmptree t = make();
	struct arena *a = arena_create();

	tmptree_file(&t, "repo/.git/HEAD", 1);
	tmptree_file(&t, "repo/.tonnage.yaml", 1);
	tmptree_file(&t, "repo/sub/x", 1);
	tmptree_file(&t, "other/.tonnage.yaml", 1);
	cr_assert(eq(int, symlink("../repo/sub", "other/link"), 0));
	EXPECT_STR(find(a, "other/link", NULL), "other/link/../.tonnage.yaml");
	struct stat found, want;
	cr_assert(eq(int, stat("other/link/../.tonnage.yaml", &found), 0));
	cr_assert(eq(int, stat("repo/.tonnage.yaml", &want), 0));
	cr_expect(eq(u64, found.st_ino, want.st_ino));
	arena_destroy(a);
	tmptree_remove(&t);
}
