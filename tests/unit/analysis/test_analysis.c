/* analysis_run() on real directories: the stages in order, and what the user is told. */
#include "support/expect.h"
#include "support/tmptree.h"
#include "unit/analysis/analysed.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

static struct tmptree enter(void) {
	struct tmptree t = tmptree_make();

	cr_assert(eq(int, fchdir(t.fd), 0));
	cr_assert(eq(int, fchmod(t.fd, 0755), 0));
	return t;
}

static void leave(struct tmptree *t) {
	cr_expect(eq(int, chdir("/"), 0));
	tmptree_remove(t);
}

static void put_text(const struct tmptree *t, const char *path, const char *text) {
	int fd;

	tmptree_file(t, path, 0);
	fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);
	cr_assert(eq(int, file_write_all(fd, str_from(text)), 0));
	(void)close(fd);
}

static struct analysis *run_engine(const char *root, enum tng_engine engine) {
	struct analysis_request request = { .root = root, .engine = engine };
	struct tng_error err = { 0 };
	struct analysis *an = NULL;

	cr_assert(eq(int, analysis_run(&request, &an, &err), TNG_OK), "%s", err.text);
	return an;
}

static struct analysis *run(const char *root) {
	return run_engine(root, TNG_ENGINE_BUILDKIT);
}

/* The one whose text starts so; NULL when there is none. */
static const struct finding *find(const struct analysis *an, const char *start) {
	for (size_t i = 0; i < an->nfindings; i++) {
		if (str_starts(an->findings[i].text, str_from(start))) {
			return &an->findings[i];
		}
	}
	return NULL;
}

Test(analysis, runs_the_stages_in_order) {
	struct tmptree t = enter();

	put_text(&t, "Dockerfile", "FROM x\n");
	put_text(&t, ".dockerignore", "*.log\n");
	tmptree_file(&t, "a.log", 1000);
	tmptree_file(&t, "b/c", 500);
	struct analysis *an = run(".");
	cr_expect(an->builds[0].has_plan);
	cr_expect(not(an->is_partial));
	cr_expect(eq(u64, an->builds[0].plan.disk.nentries, 5));
	cr_expect(eq(u64, an->builds[0].plan.disk.bytes, 1513));
	cr_expect(eq(u64, an->builds[0].plan.eligible.bytes, 513));
	cr_expect(eq(u64, an->builds[0].plan.patterns[0].bytes, 1000));
	cr_expect(eq(sz, an->nfindings, 0));
	cr_expect(eq(int, build_default_lens(&an->builds[0]), LENS_REQUESTED));
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, a_bad_pattern_is_an_error_at_its_line_and_the_disk_is_weighed_all_the_same) {
	struct tmptree t = enter();

	put_text(&t, "Dockerfile", "FROM x\n");
	put_text(&t, ".dockerignore", "*.log\n\n  a[\n");
	tmptree_file(&t, "a.log", 1000);
	struct analysis *an = run(".");
	cr_expect(not(an->builds[0].has_plan));
	cr_expect(eq(u64, an->builds[0].plan.disk.nfiles, 3));
	cr_expect(eq(int, build_default_lens(&an->builds[0]), LENS_DISK));
	cr_assert(eq(sz, an->nfindings, 1));
	cr_expect(eq(int, an->findings[0].severity, SEVERITY_ERROR));
	EXPECT_STR(an->findings[0].file, ".dockerignore");
	cr_expect(eq(u32, an->findings[0].line, 3));
	cr_expect(eq(u32, an->findings[0].column, 3));
	EXPECT_STR(an->findings[0].text,
			"syntax error in pattern; a build stops here, so what it would send is "
			"unknown");
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, a_pattern_that_fails_when_evaluated_is_the_same_error) {
	struct tmptree t = enter();

	put_text(&t, ".dockerignore", "docs\n[z-a]\n");
	tmptree_file(&t, "x", 10);
	struct analysis *an = run(".");
	cr_expect(not(an->builds[0].has_plan));
	cr_expect(eq(u64, an->builds[0].plan.eligible.bytes, an->builds[0].plan.disk.bytes));
	cr_assert(gt(sz, an->nfindings, 0));
	cr_expect(eq(int, an->findings[0].severity, SEVERITY_ERROR));
	cr_expect(eq(u32, an->findings[0].line, 2));
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, says_what_is_odd_errors_first_notes_last) {
	struct tmptree t = enter();

	put_text(&t, ".dockerignore", "[\n");
	put_text(&t, "dockerignore", "x\n");
	struct analysis *an = run(".");
	cr_assert(eq(sz, an->nfindings, 3));
	cr_expect(eq(int, an->findings[0].severity, SEVERITY_ERROR));
	cr_expect(eq(int, an->findings[1].severity, SEVERITY_WARNING));
	EXPECT_STR(an->findings[1].file, "dockerignore");
	EXPECT_STR(an->findings[1].text,
			"not the active ignore file: the name must be .dockerignore");
	cr_expect(eq(int, an->findings[2].severity, SEVERITY_NOTE));
	cr_expect(ne(ptr, (void *)find(an, "no Dockerfile found"), NULL));
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, warns_of_exceptions_that_classic_does_not_reach) {
	struct tmptree t = enter();

	put_text(&t, ".dockerignore", "*\n!**/*.go\n");
	tmptree_file(&t, "a/b.go", 1);
	struct analysis *an = run_engine(".", TNG_ENGINE_CLASSIC);
	const struct finding *d = find(an, "1 entry that an exception wants back stays out");
	cr_assert(ne(ptr, (void *)d, NULL));
	cr_expect(eq(int, d->severity, SEVERITY_WARNING));
	analysis_destroy(an);
	an = run(".");
	cr_expect(eq(ptr, (void *)find(an, "1 entry"), NULL));
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, that_could_not_read_all_is_partial_and_says_where) {
	struct tmptree t = enter();
	bool is_root = geteuid() == 0;

	for (char name[] = "d0"; name[1] <= '7'; name[1]++) {
		tmptree_dir(&t, name);
		cr_assert(eq(int, fchmodat(t.fd, name, 0, 0), 0));
	}
	cr_assert(is_root ? seteuid(NOBODY) == 0 : true);
	struct analysis *an = run(".");
	cr_assert(is_root ? seteuid(0) == 0 : true);
	cr_expect(an->is_partial);
	const struct finding *d = find(an, "cannot be read: Permission denied");
	cr_assert(ne(ptr, (void *)d, NULL));
	EXPECT_STR(d->file, "d0");
	EXPECT_STR(d->text, "cannot be read: Permission denied; a build would fail here");
	cr_expect(ne(ptr, (void *)find(an, "3 more places cannot be read"), NULL));
	analysis_destroy(an);
	leave(&t);
}

Test(analysis, of_a_directory_that_is_none_is_an_error_that_names_it) {
	struct tmptree t = enter();
	struct analysis_request request = { .root = "nowhere" };
	struct tng_error err = { 0 };
	struct analysis *an = NULL;

	cr_expect(eq(int, analysis_run(&request, &an, &err), TNG_EIO));
	cr_expect(eq(ptr, an, NULL));
	cr_expect(eq(str, err.where, "nowhere"));
	cr_expect(eq(int, err.os_errno, ENOENT));
	analysis_destroy(NULL);
	leave(&t);
}
