#include "unit/builds/found.h"

Test(builds_names, dockerfiles_are_found_by_their_name) {
	EXPECT_FOUND("== Dockerfile\nFROM a\n== Dockerfile.dev\nFROM a\n== web.Dockerfile\nFROM a\n"
		     "== Containerfile\nFROM a\n== Dockerfile.dockerignore\nx\n== "
		     "Dockerfiles.md\nx\n",
			"Containerfile:1 .? Containerfile\n"
			"Dockerfile:1 .? Dockerfile\n"
			"Dockerfile.dev:1 .? Dockerfile.dev\n"
			"web.Dockerfile:1 .? web.Dockerfile\n");
}

Test(builds_names, the_context_is_where_what_it_copies_exists) {
	EXPECT_FOUND("== docker/Dockerfile\nFROM a\nCOPY src /src\nCOPY docker/start.sh /\n"
		     "== docker/start.sh\n\n== src/a.c\n\n",
			"docker/Dockerfile:1 .? docker/Dockerfile\n");
	EXPECT_FOUND("== web/Dockerfile\nFROM a\nCOPY package.json ./\nCOPY . .\n"
		     "== web/package.json\n{}\n== package.json\n{}\n",
			"web/Dockerfile:1 web? web/Dockerfile\n");
}

Test(builds_names, a_text_that_mentions_its_own_place_is_built_from_above) {
	EXPECT_FOUND("== src/Api/Dockerfile\nFROM a\nCOPY . ./\nWORKDIR /source/src/Api\nRUN "
		     "dotnet publish\n"
		     "== src/Api/Api.csproj\n\n",
			"src/Api/Dockerfile:1 .? src/Api/Dockerfile\n");
}

Test(builds_names, a_directory_for_docker_alone_is_no_context_of_a_whole_copy) {
	EXPECT_FOUND("== docker/Dockerfile\nFROM a\nCOPY . /app\n== a.c\n\n",
			"docker/Dockerfile:1 .? docker/Dockerfile\n");
	EXPECT_FOUND("== api/Dockerfile\nFROM a\nCOPY . /app\n== api/a.c\n\n",
			"api/Dockerfile:1 api? api/Dockerfile\n");
}

Test(builds_names, what_others_build_is_not_built_here) {
	EXPECT_FOUND("== node_modules/x/Dockerfile\nFROM a\n== vendor/y/Dockerfile\nFROM a\n", "");
}

Test(builds, a_dockerfile_that_cannot_be_read_is_a_finding) {
	struct found f = found_in("== Dockerfile\nFORM a\n== compose.yaml\nservices: [\n");

	cr_assert(eq(sz, f.builds.nfindings, 2));
	EXPECT_STR(f.builds.findings[0].file, "compose.yaml");
	EXPECT_STR(f.builds.findings[1].file, "Dockerfile");
	cr_expect(eq(u32, f.builds.findings[1].line, 1));
	found_fini(&f);
}

Test(builds, a_mentioned_dockerfile_is_not_guessed_again) {
	EXPECT_FOUND("== compose.yaml\nservices:\n  a:\n    build: .\n== Dockerfile\nFROM a\n",
			"compose.yaml:2 a: . Dockerfile\n");
}

Test(builds, other_arguments_make_another_build_of_a_context) {
	struct found f = found_in("== compose.yaml\nservices:\n"
				  "  a:\n    build: {context: ., args: {DIR: src}}\n"
				  "  b:\n    build: {context: ., args: {DIR: web}}\n"
				  "  c:\n    build: {context: ., args: {DIR: src}}\n"
				  "== Dockerfile\nARG DIR\nFROM a\nCOPY $DIR /\n");
	const struct found_build **list;
	size_t n;

	cr_assert(eq(int, builds_of_context(f.arena, &f.builds, STR("."), &list, &n, NULL),
			TNG_OK));
	cr_assert(eq(sz, n, 2));
	EXPECT_STR(list[0]->name, "a");
	EXPECT_STR(list[1]->name, "b");
	found_fini(&f);
}

Test(builds, a_context_has_each_dockerfile_and_target_once) {
	struct found f = found_in(
			"== compose.yaml\nservices:\n  a:\n    build: .\n  b:\n    build: .\n"
			"  c:\n    build: {context: ., target: dev}\n  d:\n    build: web\n"
			"  e:\n    build: {context: ., dockerfile: missing}\n"
			"== Dockerfile\nFROM a\n== web/Dockerfile\nFROM a\n"
			"== Dockerfile.x\nFROM a\n");
	const struct found_build **list;
	size_t n;

	cr_assert(eq(int, builds_of_context(f.arena, &f.builds, STR("."), &list, &n, NULL),
			TNG_OK));
	cr_assert(eq(sz, n, 3));
	EXPECT_STR(list[0]->name, "a");
	EXPECT_STR(list[1]->target, "dev");
	EXPECT_STR(list[2]->dockerfile, "Dockerfile.x");
	cr_assert(eq(int, builds_of_context(f.arena, &f.builds, STR("web"), &list, &n, NULL),
			TNG_OK));
	cr_expect(eq(sz, n, 1));
	found_fini(&f);
}
