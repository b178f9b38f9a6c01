#include "support/expect.h"
#include "unit/context/site.h"

#include <criterion/parameterized.h>

struct name_case {
	char name[24], reason[64];
};

ParameterizedTestParameters(inactive, look_alikes) {
	static struct name_case cases[] = {
		{ ".Dockerignore", "the name must be .dockerignore, in lower case" },
		{ ".DOCKERIGNORE", "the name must be .dockerignore, in lower case" },
		{ "dockerignore", "the name must be .dockerignore" },
		{ "Dockerignore", "the name must be .dockerignore" },
		{ ".dockerignore.txt", "the name must be .dockerignore" },
		{ ".docker-ignore", "the name must be .dockerignore" },
		{ ".dockerignores", "the name must be .dockerignore" },
		{ ".containerignore", "only Podman and Buildah read it" },
		{ ".gitignore", "" },
		{ ".dockerignore.bak", "" },
		{ "other.dockerignore", "" },
	};
	return cr_make_param_array(struct name_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct name_case *c, inactive, look_alikes) {
	struct site s = site_make();

	site_write(&s, c->name, "x\n");
	site_open(&s, (struct context_request){ 0 });
	cr_assert(eq(int, s.code, TNG_OK));
	EXPECT_STR(site_inactive(&s, c->name), c->reason);
	cr_expect(eq(sz, s.context.ninactive, c->reason[0] != '\0'));
	cr_expect(eq(int, s.context.ignore_origin, IGNORE_ORIGIN_NONE));
	site_remove(&s);
}

Test(inactive, the_active_file_is_not_among_them) {
	struct site s = site_make();

	site_write(&s, ".dockerignore", "x\n");
	site_write(&s, "Dockerfile", "FROM x\n");
	site_open(&s, (struct context_request){ 0 });
	cr_expect(eq(sz, s.context.ninactive, 0));
	site_remove(&s);
}

Test(inactive, files_come_sorted_whatever_the_directory_says) {
	struct site s = site_make();

	site_write(&s, "dockerignore", "");
	site_write(&s, ".dockerignores", "");
	site_write(&s, ".Dockerignore", "");
	site_write(&s, ".docker-ignore", "");
	site_open(&s, (struct context_request){ 0 });
	cr_assert(eq(sz, s.context.ninactive, 4));
	EXPECT_STR(s.context.inactive[0].path, ".Dockerignore");
	EXPECT_STR(s.context.inactive[1].path, ".docker-ignore");
	EXPECT_STR(s.context.inactive[2].path, ".dockerignores");
	EXPECT_STR(s.context.inactive[3].path, "dockerignore");
	site_remove(&s);
}

Test(inactive, another_dockerfiles_own_file_is_none_of_this_build) {
	struct site s = site_make();

	site_write(&s, "Dockerfile", "FROM x\n");
	site_write(&s, "prod.Dockerfile", "FROM x\n");
	site_write(&s, "prod.Dockerfile.dockerignore", "");
	site_open(&s, (struct context_request){ 0 });
	cr_expect(eq(sz, s.context.ninactive, 0));
	site_remove(&s);
}
