#include "unit/builds/found.h"
#include "util/buf.h"

#define DOCKERFILES                                                                                \
	"== Dockerfile\nFROM a\n== apps/a/Dockerfile\nFROM a\n== apps/b/Dockerfile\nFROM a\n"
#define WORKFLOW "== .github/workflows/x.yml\njobs:\n  build:\n    steps:\n"

Test(builds_workflow, build_push_action_says_what_it_builds) {
	EXPECT_FOUND(DOCKERFILES WORKFLOW
			"      - name: Push\n        uses: docker/build-push-action@v6\n        "
			"with:\n"
			"          context: .\n          file: ./apps/a/Dockerfile\n"
			"          target: prod\n          build-args: |\n            A=1\n        "
			"    B=${{ x }}\n"
			"      - uses: docker/build-push-action@v6\n        with: {context: "
			"apps/b}\n"
			"      - uses: docker/build-push-action@v6\n",
			".github/workflows/x.yml:4 Push: . apps/a/Dockerfile target=prod A=1\n"
			".github/workflows/x.yml:13 apps/b apps/b/Dockerfile\n"
			".github/workflows/x.yml:15 . Dockerfile\n");
}

Test(builds_workflow, a_matrix_means_every_dockerfile_that_fits) {
	EXPECT_FOUND(DOCKERFILES WORKFLOW
			"      - uses: docker/build-push-action@v6\n        with:\n"
			"          context: .\n          file: apps/${{ matrix.app }}/Dockerfile\n",
			".github/workflows/x.yml:4 .? apps/a/Dockerfile\n"
			".github/workflows/x.yml:4 .? apps/b/Dockerfile\n"
			"Dockerfile:1 .? Dockerfile\n");
}

Test(builds_workflow, run_lines_are_shell) {
	EXPECT_FOUND(DOCKERFILES WORKFLOW "      - run: |\n          echo\n          docker build "
					  "-t x -f apps/a/Dockerfile .\n"
					  "      - run: docker buildx build --push .\n        "
					  "working-directory: apps/b\n",
			".github/workflows/x.yml:6 . apps/a/Dockerfile\n"
			".github/workflows/x.yml:7 apps/b apps/b/Dockerfile\n"
			"Dockerfile:1 .? Dockerfile\n");
}

Test(builds_workflow, gitlab_scripts_are_shell) {
	EXPECT_FOUND(DOCKERFILES "== .gitlab-ci.yml\nbuild:\n  script:\n    - docker build apps/a\n"
				 "kaniko:\n  script:\n"
				 "    - /kaniko/executor --context apps/b --dockerfile Dockerfile "
				 "--destination x\n",
			".gitlab-ci.yml:3 apps/a apps/a/Dockerfile\n"
			".gitlab-ci.yml:6 apps/b Dockerfile\n"
			"apps/b/Dockerfile:1 apps/b? apps/b/Dockerfile\n");
}

Test(builds_workflow, may_be_asked_for_alone) {
	struct found f = found_in_workflows(
			DOCKERFILES "== compose.yaml\nservices: {a: {build: apps/a}}\n"
				    "== build.sh\ndocker build apps/b\n" WORKFLOW
				    "      - run: docker build apps/b\n");

	EXPECT_STR(found_text(&f), ".github/workflows/x.yml:4 apps/b apps/b/Dockerfile\n");
	found_fini(&f);
}

Test(builds_workflow, a_tool_may_be_a_variable) {
	EXPECT_FOUND("== a/Dockerfile\nFROM a\n== b/Dockerfile\nFROM a\n"
		     "== c/Dockerfile\nFROM a\n== d/Dockerfile\nFROM a\n" WORKFLOW
		     "      - run: $TOOL build a\n"
		     "      - run: \"\\\"${TOOL}\\\" \\\\\\n  'build' b\"\n"
		     "      - run: >\n          $TOOL buildx\n          build c\n"
		     "      - run: ${TOOL:-x} bud d\n",
			".github/workflows/x.yml:4 a a/Dockerfile\n"
			".github/workflows/x.yml:5 b b/Dockerfile\n"
			".github/workflows/x.yml:7 c c/Dockerfile\n"
			".github/workflows/x.yml:9 d d/Dockerfile\n");
}

/* Each alone in its file: the words of one must not make another be read. */
Test(builds_workflow, every_tool_is_looked_for) {
	static const char *const runs[] = { "docker build a", "podman build a", "nerdctl build a",
		"buildah bud a", "/kaniko/executor --context a", "$TOOL build a", "${TOOL} bud a",
		"\"$TOOL\" image build a" };

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct buf text = { 0 };
		buf_printf(&text,
				"== a/Dockerfile\nFROM a\n== .github/workflows/x.yml\njobs:\n  "
				"x:\n    steps:\n      - run: |\n          %s\n",
				runs[i]);
		buf_putc(&text, '\0');
		struct found f = found_in(text.ptr);
		cr_expect(eq(sz, f.builds.n, 1), "%s", runs[i]);
		cr_expect(eq(int, f.builds.list[0].origin, BUILD_ORIGIN_WORKFLOW), "%s", runs[i]);
		found_fini(&f);
		buf_fini(&text);
	}
}

Test(builds_workflow, one_that_builds_nothing_need_not_be_yaml) {
	struct found f = found_in("== .github/workflows/x.yml\njobs: [\nrun: make build\n"
				  "== .github/workflows/y.yml\njobs: [\nrun: docker build .\n");

	cr_assert(eq(sz, f.builds.nfindings, 1));
	EXPECT_STR(f.builds.findings[0].file, ".github/workflows/y.yml");
	found_fini(&f);
}
