#include "unit/builds/found.h"

#define DOCKERFILES "== Dockerfile\nFROM a\n== deploy/api.Dockerfile\nFROM a\n"

Test(builds_script, a_docker_build_is_read_with_its_options) {
	EXPECT_FOUND(DOCKERFILES "== build.sh\n#!/bin/sh\nsudo docker build --pull --no-cache -t x "
				 "--build-arg A=1 \\\n"
				 "  --build-arg B=$B --target=t --file deploy/api.Dockerfile "
				 "--build-context l=lib .\n"
				 "podman build -fdeploy/api.Dockerfile .\n",
			"build.sh:2 . deploy/api.Dockerfile target=t A=1 l=./lib\n"
			"build.sh:4 . deploy/api.Dockerfile\n"
			"Dockerfile:1 .? Dockerfile\n");
}

Test(builds_script, paths_are_tried_from_the_script_and_from_the_root) {
	EXPECT_FOUND(DOCKERFILES "== scripts/build.sh\ndocker build -f deploy/api.Dockerfile .\n"
				 "cd .. && docker build .\n",
			"scripts/build.sh:1 . deploy/api.Dockerfile\n"
			"scripts/build.sh:2 . Dockerfile\n");
}

Test(builds_script, a_directory_that_is_not_known_makes_the_context_a_guess) {
	EXPECT_FOUND(DOCKERFILES "== build.sh\ndocker build .\ncd $TMP\n"
				 "docker build -f deploy/api.Dockerfile .\n",
			"build.sh:1 . Dockerfile\n"
			"build.sh:3 .? deploy/api.Dockerfile\n");
}

Test(builds_script, recipes_of_a_makefile_are_shell) {
	EXPECT_FOUND(DOCKERFILES "== Makefile\nDOCKER = docker\nimage: a\n"
				 "\t@$(DOCKER) build -t $(TAG) \\\n\t  -f deploy/api.Dockerfile .\n"
				 "other:\n\t-docker image build .\n",
			"Makefile:3 . deploy/api.Dockerfile\n"
			"Makefile:6 . Dockerfile\n");
}

Test(builds_script, what_is_no_build_is_none) {
	EXPECT_FOUND("== a.sh\ndocker run build .\necho docker build .\n# docker build .\n"
		     "docker build -t x -\nmake build .\n== Dockerfile\nFROM a\n",
			"Dockerfile:1 .? Dockerfile\n");
}
