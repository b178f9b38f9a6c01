#include "unit/context/site.h"

#include "support/expect.h"
#include "util/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

struct site site_make(void) {
	struct site s = {
		.tree = tmptree_make(),
		.arena = arena_create(),
		.context = { .root_fd = -1 },
	};

	cr_assert(eq(int, fchdir(s.tree.fd), 0));
	cr_assert(eq(int, fchmod(s.tree.fd, 0755), 0)); /* for site_open_as_user() */
	return s;
}

void site_remove(struct site *s) {
	context_close(&s->context);
	arena_destroy(s->arena);
	cr_expect(eq(int, chdir("/"), 0));
	tmptree_remove(&s->tree);
}

void site_write(const struct site *s, const char *path, const char *text) {
	tmptree_file(&s->tree, path, 0);
	int fd = openat(s->tree.fd, path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	cr_assert(ge(int, fd, 0), "%s", path);
	cr_assert(eq(int, file_write_all(fd, str_from(text)), 0));
	cr_assert(eq(int, close(fd), 0));
}

void site_open(struct site *s, struct context_request request) {
	context_close(&s->context);
	s->err = (struct tng_error){ 0 };
	s->code = context_open(s->arena, &request, &s->context, &s->err);
}

void site_open_as_user(struct site *s, struct context_request request) {
	bool is_root = geteuid() == 0;

	cr_assert(is_root ? seteuid(NOBODY) == 0 : true);
	site_open(s, request);
	cr_assert(is_root ? seteuid(0) == 0 : true);
}

struct str site_inactive(const struct site *s, const char *path) {
	for (size_t i = 0; i < s->context.ninactive; i++) {
		if (str_eq(s->context.inactive[i].path, str_from(path))) {
			return s->context.inactive[i].reason;
		}
	}
	return STR("");
}
