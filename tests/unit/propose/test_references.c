#include "support/expect.h"
#include "unit/propose/needing.h"
#include "util/buf.h"

Test(references, what_no_instruction_reaches_is_free) {
	struct needing n = needing_make("== Dockerfile\nFROM a\nCOPY src /src\n"
					"== src/a.c\n\n== docs/a.md\n\n== lib/b.c\n\n");

	EXPECT_NEED(n, "docs", "free never-copied");
	EXPECT_NEED(n, "lib", "free never-copied");
	EXPECT_NEED(n, "src", "keep copied Dockerfile:2");
	EXPECT_NEED(n, "src/a.c", "keep source");
	needing_fini(&n);
}

Test(references, an_instruction_that_names_something_below_keeps_the_directory) {
	struct needing n = needing_make("== Dockerfile\nFROM a\nCOPY . .\nCOPY docs/a.md /\n"
					"== docs/a.md\n\n== docs/b.md\n\n");

	EXPECT_NEED(n, "docs", "keep copied Dockerfile:3");
	EXPECT_NEED(n, "docs/a.md", "keep copied Dockerfile:3");
	EXPECT_NEED(n, "docs/b.md", "free unreferenced");
	needing_fini(&n);
}

Test(references, a_glob_keeps_what_it_matches_and_a_lone_star_its_directory) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nCOPY docs/*.txt docs/b?.md tests/* /x/\n"
			"== docs/a.txt\n\n== docs/b1.md\n\n== docs/c.md\n\n"
			"== tests/d.c\n\n");

	EXPECT_NEED(n, "docs/a.txt", "keep copied Dockerfile:2");
	EXPECT_NEED(n, "docs/b1.md", "keep copied Dockerfile:2");
	EXPECT_NEED(n, "docs/c.md", "free never-copied");
	EXPECT_NEED(n, "tests", "keep copied Dockerfile:2");
	EXPECT_NEED(n, "tests/d.c", "free unreferenced");
	needing_fini(&n);
}

Test(references, a_source_that_is_not_there_is_absent) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nCOPY build/libs/*.jar app.jar\nCOPY a /\n"
			"== a\n\n");
	size_t nabsent;
	const struct absent_source *absent = references_absent(n.refs, &nabsent);

	cr_assert(eq(sz, nabsent, 1));
	EXPECT_STR(absent[0].path, "build/libs/*.jar");
	cr_expect(absent[0].is_wildcard);
	cr_expect(eq(u32, absent[0].line, 2));
	needing_fini(&n);
}

Test(references, the_certain_part_of_a_variable_source_is_asked_about) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nARG X\nCOPY docs/${X}.md /\n== docs/a.md\n\n",
			"docs/a.md", "ask copied Dockerfile:3");
}

Test(references, arguments_of_run_are_paths_of_the_context) {
	struct needing n = needing_make("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
					"RUN cp docs/man.1 /usr/share/man && cat < LICENSE\n"
					"RUN cd examples && ls one\n"
					"== docs/man.1\n\n== docs/b.md\n\n== LICENSE\n\n"
					"== examples/one/a\n\n== examples/two/a\n\n");

	EXPECT_NEED(n, "docs/man.1", "keep referenced Dockerfile:4");
	EXPECT_NEED(n, "docs", "keep referenced Dockerfile:4");
	EXPECT_NEED(n, "docs/b.md", "free unreferenced");
	EXPECT_NEED(n, "LICENSE", "keep referenced Dockerfile:4");
	EXPECT_NEED(n, "examples/one/a", "ask referenced Dockerfile:5");
	EXPECT_NEED(n, "examples/two", "free unreferenced");
	needing_fini(&n);
}

Test(references, a_path_of_the_image_is_mapped_back_through_copy) {
	struct needing n =
			needing_make("== Dockerfile\nFROM a AS one\nWORKDIR /src\nCOPY web ./site\n"
				     "FROM b\nCOPY --from=one /src/site /www\n"
				     "RUN cat /www/docs/a.md /other/docs/b.md\n"
				     "== web/docs/a.md\n\n== web/docs/b.md\n\n== docs/a.md\n\n");

	EXPECT_NEED(n, "web/docs/a.md", "keep referenced Dockerfile:6");
	EXPECT_NEED(n, "web/docs/b.md", "free unreferenced");
	EXPECT_NEED(n, "docs/a.md", "free never-copied");
	needing_fini(&n);
}

Test(references, words_that_are_no_paths_keep_nothing) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\n"
			"# cat docs/a.md\n"
			"RUN useradd docs && echo docs/a.md && apt-get install tests && "
			"find . -name docs -prune -o -name tests && tar c --exclude docs "
			"--exclude=tests x && "
			"rm -rf examples\n"
			"== docs/a.md\n\n== tests/a\n\n== examples/a\n\n");

	EXPECT_NEED(n, "docs", "free unreferenced");
	EXPECT_NEED(n, "tests", "free unreferenced");
	EXPECT_NEED(n, "examples", "free unreferenced");
	needing_fini(&n);
}

Test(references, a_script_that_run_calls_is_read) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\nRUN ./bin/build.sh\n"
			"== bin/build.sh\n#!/bin/sh\n# docs/b.md\ncat docs/a.md\n"
			"== docs/a.md\n\n== docs/b.md\n\n");

	EXPECT_NEED(n, "docs/a.md", "ask referenced bin/build.sh:3");
	EXPECT_NEED(n, "docs/b.md", "free unreferenced");
	needing_fini(&n);
}

Test(references, a_directory_that_mkdir_makes_must_not_come_along) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nCOPY . /app\nRUN mkdir /app/data\n== data/a\n\n",
			"data", "free in-the-way Dockerfile:3");
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nCOPY . /app\nRUN mkdir -p /app/data\n== data/a\n\n",
			"data", "ask class");
}

Test(references, git_describe_needs_the_repository) {
	const char *text = "== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\n"
			   "RUN V=$(git describe --tags) make\n== .git/HEAD\n\n== docs/a.md\n\n";
	struct needing n = needing_make_tracked(text);

	EXPECT_STR(needing_vcs(&n), "keep vcs-version Dockerfile:4");
	EXPECT_NEED(n, ".git", "keep vcs-version Dockerfile:4");
	EXPECT_NEED(n, "docs", "free unreferenced");
	needing_fini(&n);
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\nRUN git init && git log\n"
		       "== .git/HEAD\n\n",
			".git", "free unreferenced");
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nRUN git clone x /y && cd /y && git describe\nCOPY . "
		       "/app\n"
		       "== .git/HEAD\n\n",
			".git", "free unreferenced");
}

Test(references, a_version_that_says_dirty_asks_about_what_is_tracked) {
	const char *text = "== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\n"
			   "RUN git describe --tags --dirty=x\n== .git/HEAD\n\n== docs/a.md\n\n";
	struct needing n = needing_make_tracked(text);

	EXPECT_NEED(n, "docs", "ask vcs-dirty Dockerfile:4");
	cr_expect(references_version_is_exact(n.refs));
	needing_fini(&n);
}

Test(references, a_repository_that_one_build_makes_anew_another_may_still_need) {
	const char *text = "== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN git init && make\n"
			   "== Dockerfile.b\nFROM a\nCOPY . /app\nWORKDIR /app\nRUN pip install .\n"
			   "== pyproject.toml\nrequires = ['setuptools-scm']\n== .git/HEAD\n\n";
	struct needing n = needing_make(text);

	EXPECT_STR(needing_vcs(&n), "keep vcs-version pyproject.toml:1");
	needing_fini(&n);
	n = needing_make("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
			 "RUN git init && pip install .\n"
			 "== Dockerfile.b\nFROM a\nCOPY pyproject.toml /app/\nWORKDIR /app\n"
			 "RUN pip install . && git log\n"
			 "== pyproject.toml\nrequires = ['setuptools-scm']\n== .git/HEAD\n\n");
	EXPECT_STR(needing_vcs(&n), "free none");
	needing_fini(&n);
}

Test(references, a_repository_that_is_made_anew_is_so_from_there_on_and_in_its_stage) {
	struct needing n = needing_make("== Dockerfile\nFROM a AS one\nCOPY . /app\nWORKDIR /app\n"
					"RUN git describe > version && rm -rf .git && git init\n"
					"== .git/HEAD\n\n");

	EXPECT_STR(needing_vcs(&n), "keep vcs-version Dockerfile:4");
	needing_fini(&n);
	n = needing_make("== Dockerfile\nFROM a AS one\nCOPY . /app\nWORKDIR /app\nRUN git init\n"
			 "FROM a AS two\nCOPY . /app\nWORKDIR /app\nRUN git describe\n"
			 "COPY --from=one /x /x\n== .git/HEAD\n\n");
	EXPECT_STR(needing_vcs(&n), "keep vcs-version Dockerfile:8");
	needing_fini(&n);
	n = needing_make("== Dockerfile\nFROM a AS one\nCOPY . /app\nWORKDIR /app\nRUN git init\n"
			 "FROM one\nRUN git describe\n== .git/HEAD\n\n");
	EXPECT_STR(needing_vcs(&n), "free none");
	needing_fini(&n);
}

Test(references, output_is_asked_about_where_no_step_could_make_it) {
	EXPECT_NEED_IN("== Dockerfile\nFROM nginx\nCOPY . /www\n== dist/a.js\n\n", "dist",
			"ask no-install-step");
	EXPECT_NEED_IN("== Dockerfile\nFROM node\nCOPY . /www\nRUN npm ci\n== dist/a.js\n\n",
			"dist", "free unreferenced");
}

Test(references, a_script_of_package_json_that_run_calls_is_read) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
			"RUN npm ci && npm run build\n"
			"== package.json\n{ \"scripts\": {\n"
			"  \"build\": \"esbuild dist/in.js && yarn --cwd web x\",\n"
			"  \"docs\": \"cat docs/a.md\"\n}}\n"
			"== web/package.json\n{\"scripts\": {\"x\": \"cat docs/b.md\"}}\n"
			"== dist/in.js\n\n== docs/a.md\n\n== web/docs/b.md\n\n");

	EXPECT_NEED(n, "dist", "ask referenced package.json:2");
	EXPECT_NEED(n, "web/docs/b.md", "ask referenced web/package.json:1");
	EXPECT_NEED(n, "docs", "free unreferenced");
	needing_fini(&n);
}

Test(references, an_installation_runs_scripts_of_package_json_too) {
	struct needing n = needing_make(
			"== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
			"RUN npm --prefix=a ci && npm ci --prefix b --ignore-scripts && npm run "
			"--prefix=c x\n"
			"== a/package.json\n{\"scripts\": {\"postinstall\": \"cat "
			"\\\"docs/a.md\\\"\"}}\n"
			"== b/package.json\n{\"scripts\": {\"postinstall\": \"cat docs/a.md\"}}\n"
			"== c/package.json\n{\"scripts\": {\"prex\": \"cat docs/a.md\", \"x\": "
			"\"true\"}}\n"
			"== a/docs/a.md\n\n== b/docs/a.md\n\n== c/docs/a.md\n\n");

	EXPECT_NEED(n, "a/docs/a.md", "ask referenced a/package.json:1");
	EXPECT_NEED(n, "b/docs/a.md", "free unreferenced");
	EXPECT_NEED(n, "c/docs/a.md", "ask referenced c/package.json:1");
	needing_fini(&n);
}

Test(references, the_asset_pipeline_runs_the_build_of_package_json) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\n"
		       "RUN bundle exec rake assets:clean assets:precompile\n"
		       "== package.json\n{\"scripts\": {\"build\": \"esbuild dist/entry.js\"}}\n"
		       "== dist/entry.js\n\n",
			"dist", "ask referenced package.json:1");
}

Test(references, a_word_that_expands_to_nothing_is_no_path) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nARG X=\nWORKDIR /app\nCOPY web .\nRUN tool $X\n"
		       "== web/docs/a.md\n\n",
			"web/docs/a.md", "free unreferenced");
}

Test(references, a_script_beside_a_script_is_read) {
	EXPECT_NEED_IN("== Dockerfile\nFROM a\nCOPY . /app\nRUN /app/bin/one\n"
		       "== bin/one\n#!/bin/sh\n$(dirname \"$0\")/two\n"
		       "== bin/two\n#!/bin/sh\ncat /app/docs/a.md\n== docs/a.md\n\n",
			"docs/a.md", "ask referenced bin/two:2");
}

/* A file of that many bytes that ends with "docs/a.md", as the script of a RUN. */
static struct needing make_with_script(size_t size_bytes) {
	struct buf text = { 0 };

	buf_append(&text,
			STR("== Dockerfile\nFROM a\nCOPY . /app\nWORKDIR /app\nRUN sh x.sh\n"
			    "== docs/a.md\n\n== docs/b.md\n\n== tests/a\n\n== x.sh\n"));
	for (size_t n = STR("\ncat docs/a.md\n").len; n < size_bytes; n++) {
		buf_putc(&text, n % 64 == 0 ? '\n' : ' ');
	}
	buf_append(&text, STR("\ncat docs/a.md\n"));
	buf_putc(&text, '\0');
	struct needing n = needing_make(text.ptr);
	buf_fini(&text);
	return n;
}

Test(references, where_not_all_could_be_searched_nothing_is_free) {
	struct needing n = make_with_script(REFERENCES_FILE_MAX_BYTES);

	EXPECT_NEED(n, "docs/a.md", "ask referenced x.sh:131073");
	EXPECT_NEED(n, "tests", "free unreferenced");
	needing_fini(&n);
	n = make_with_script(REFERENCES_FILE_MAX_BYTES + 1);
	cr_expect(references_stats(n.refs).is_cut);
	EXPECT_NEED(n, "docs/a.md", "ask cut x.sh:0");
	EXPECT_NEED(n, "tests", "ask cut x.sh:0");
	needing_fini(&n);
}
