/*
 * testdata/dockerfile/CASE: a Dockerfile, the build's request if any, and what comes out of both.
 * UPDATE_GOLDEN=1 rewrites `expected`.
 */
#include "support/dockerfile_dump.h"
#include "util/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_ITEMS 8

struct case_request {
	struct build_request build;
	struct build_arg args[MAX_ITEMS];
	struct str contexts[MAX_ITEMS];
};

/** Lines of "target NAME", "platform P", "arg NAME=VALUE", "context NAME". */
static void read_request(struct case_request *r, struct str text) {
	struct str line, key, value;

	*r = (struct case_request){ 0 };
	while (text.len > 0) {
		(void)str_cut(text, '\n', &line, &text);
		(void)str_cut(line, ' ', &key, &value);
		if (str_eq(key, STR("target"))) {
			r->build.target = value;
		} else if (str_eq(key, STR("platform"))) {
			r->build.platform = value;
		} else if (str_eq(key, STR("context"))) {
			r->contexts[r->build.ncontexts++] = value;
		} else {
			cr_assert(str_eq(key, STR("arg")), "unknown line in a request");
			struct build_arg *arg = &r->args[r->build.nargs++];
			cr_assert(str_cut(value, '=', &arg->name, &arg->value));
		}
		cr_assert_lt(r->build.ncontexts, MAX_ITEMS);
		cr_assert_lt(r->build.nargs, MAX_ITEMS);
	}
	r->build.args = r->args;
	r->build.contexts = r->contexts;
}

static struct str read_or_empty(struct arena *a, int dir, const char *name) {
	struct tng_error err = { 0 };
	struct str text = STR("");

	enum tng_code code = file_read(a, dir, name, DOCKERFILE_MAX_BYTES, &text, &err);
	cr_assert(code == TNG_OK || err.os_errno == ENOENT, "%s: %s", name, err.text);
	return text;
}

static void write_file(int dir, const char *name, struct str text) {
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert(fd >= 0);
	cr_assert(eq(int, file_write_all(fd, text), 0));
	cr_assert(eq(int, close(fd), 0));
}

static void run_case(int root, const char *name) {
	struct arena *a = arena_create();
	struct case_request request;
	struct buf out = { 0 };
	int dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert(dir >= 0, "%s", name);
	read_request(&request, read_or_empty(a, dir, "request"));
	dump_text(&out, read_or_empty(a, dir, "Dockerfile"), &request.build);
	cr_assert_not(buf_failed(&out));
	if (getenv("UPDATE_GOLDEN") != NULL) {
		write_file(dir, "expected", buf_str(&out));
	}
	struct str expected = read_or_empty(a, dir, "expected");
	cr_expect(str_eq(buf_str(&out), expected), "%s: got\n%.*s", name, STR_FMT(buf_str(&out)));
	(void)close(dir);
	buf_fini(&out);
	arena_destroy(a);
}

Test(dockerfile_cases, every_case_comes_out_as_expected) {
	char path[4096];
	const char *source = getenv("TONNAGE_SOURCE");
	size_t n = 0;

	cr_assert_not_null(source, "run me with `meson test`");
	(void)snprintf(path, sizeof(path), "%s/testdata/dockerfile", source);
	DIR *root = opendir(path);
	cr_assert_not_null(root, "%s", path);
	for (struct dirent *d = readdir(root); d != NULL; d = readdir(root)) {
		if (d->d_name[0] != '.') {
			run_case(dirfd(root), d->d_name);
			n++;
		}
	}
	cr_assert_gt(n, 100, "only %zu cases were found", n);
	(void)closedir(root);
}
