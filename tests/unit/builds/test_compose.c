#include "unit/builds/found.h"

#define DOCKERFILES "== app/Dockerfile\nFROM a\n== app/Dockerfile.dev\nFROM a\n"

Test(builds_compose, a_string_is_a_context) {
	EXPECT_FOUND(DOCKERFILES "== docker-compose.yml\nservices:\n  web:\n    build: ./app\n"
				 "== app/Dockerfile.dev.dockerignore\n\n",
			"docker-compose.yml:2 web: app app/Dockerfile\n"
			"app/Dockerfile.dev:1 app? app/Dockerfile.dev\n");
}

Test(builds_compose, a_mapping_has_all_of_it) {
	EXPECT_FOUND(DOCKERFILES
			"== dev/compose.yaml\nservices:\n  web:\n    build:\n"
			"      context: ../app\n      dockerfile: Dockerfile.dev\n"
			"      target: dev\n      args:\n        A: 1\n        B: $UNKNOWN\n"
			"      additional_contexts:\n        - lib=../lib\n"
			"        - base=docker-image://alpine\n"
			"  api:\n    build:\n      context: ../app\n      args: [C=2]\n",
			"dev/compose.yaml:2 web: app app/Dockerfile.dev target=dev A=1 lib=./lib "
			"base=docker-image://alpine\n"
			"dev/compose.yaml:13 api: app app/Dockerfile C=2\n");
}

Test(builds_compose, anchors_aliases_and_merge_keys_are_followed) {
	EXPECT_FOUND(DOCKERFILES
			"== compose.yml\nx-build: &b\n  context: app\n"
			"x-service: &s\n  build:\n    <<: *b\n    dockerfile: Dockerfile.dev\n"
			"services:\n  one:\n    build: *b\n  two:\n    <<: *s\n",
			"compose.yml:8 one: app app/Dockerfile\n"
			"compose.yml:10 two: app app/Dockerfile.dev\n");
}

Test(builds_compose, an_alias_inside_its_own_anchor_ends) {
	EXPECT_FOUND("== compose.yml\nservices: &s\n  <<: *s\n  a:\n    build: &b\n      <<: *b\n"
		     "      target: x\n== Dockerfile\nFROM a\n",
			"compose.yml:3 a: . Dockerfile target=x\n");
}

Test(builds_compose, a_variable_has_its_default_or_any_name) {
	EXPECT_FOUND(DOCKERFILES "== compose.yml\nservices:\n  a:\n    build:\n"
				 "      context: ${DIR:-app}\n      dockerfile: ${FILE}\n",
			"compose.yml:2 a: app? app/Dockerfile\n"
			"compose.yml:2 a: app? app/Dockerfile.dev\n");
}

Test(builds_compose, a_variable_has_its_value_of_the_env_file_beside_it) {
	EXPECT_FOUND(DOCKERFILES
			"== .env\nDIR=app # here\nexport FILE='Dockerfile.dev'\nB=$FILE\nA=x\n"
			"== compose.yml\nservices:\n  a:\n    build:\n"
			"      context: ${DIR:-web}\n      dockerfile: $FILE\n"
			"      target: ${B}\n      args:\n        A: ${A}\n"
			"== ci/compose.yml\nservices:\n  b:\n    build: ${DIR:-../web}\n",
			"ci/compose.yml:2 b: web web/Dockerfile!\n"
			"compose.yml:2 a: app app/Dockerfile.dev\n"
			"app/Dockerfile:1 app? app/Dockerfile\n");
}

Test(builds_compose, an_argument_with_a_variable_has_its_default_or_is_not_known) {
	EXPECT_FOUND("== Dockerfile\nFROM a\n"
		     "== compose.yml\nservices:\n  a:\n    build:\n      context: .\n"
		     "      args:\n        A: ${X:-one}\n        B: ${Y}\n        C: two\n",
			"compose.yml:2 a: . Dockerfile A=one C=two\n");
}

Test(builds_compose, remote_and_inline_builds_are_told) {
	EXPECT_FOUND("== compose.yml\nservices:\n  a:\n    build: https://github.com/x/y.git#main\n"
		     "  b:\n    build:\n      context: .\n      dockerfile_inline: |\n        FROM "
		     "a\n"
		     "  c:\n    build: ../other\n",
			"compose.yml:2 a: <https://github.com/x/y.git#main> \n"
			"compose.yml:4 b: . inline\n"
			"compose.yml:9 c: ../other ../other/Dockerfile!\n");
}
