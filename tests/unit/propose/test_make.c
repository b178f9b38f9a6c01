#include "support/expect.h"
#include "unit/propose/needing.h"

#define BUILD "== Dockerfile\nFROM a\nWORKDIR /app\nCOPY . .\nRUN "

Test(make, the_recipe_of_a_target_is_read_and_no_other) {
	struct needing n = needing_make(BUILD "make app\n"
					      "== Makefile\nall: app docs\napp: gen LICENSE\n"
					      "\t@cp docs/a.md out\ngen:\n\t-sh tools/gen.sh\n"
					      "docs:\n\tcat docs/b.md\n"
					      "== tools/gen.sh\ncat examples/x\n== docs/a.md\n\n"
					      "== docs/b.md\n\n== examples/x\n\n== LICENSE\n\n");

	EXPECT_NEED(n, "docs/a.md", "ask referenced Makefile:3");
	EXPECT_NEED(n, "docs/b.md", "free unreferenced");
	EXPECT_NEED(n, "examples/x", "ask referenced tools/gen.sh:1");
	EXPECT_NEED(n, "LICENSE", "ask referenced Makefile:2");
	needing_fini(&n);
}

Test(make, without_a_target_it_is_the_first_one) {
	struct needing n = needing_make(
			BUILD "make\n"
			      "== Makefile\n.PHONY: a b\nX := docs\nb: ; cat $(X)/b.md\n"
			      "a:\n\tcat docs/a.md\n"
			      "== docs/a.md\n\n== docs/b.md\n\n");

	EXPECT_NEED(n, "docs/a.md", "free unreferenced");
	EXPECT_NEED(n, "docs/b.md", "ask referenced Makefile:3");
	needing_fini(&n);
}

Test(make, another_directory_another_file_and_variables_are_heeded) {
	struct needing n = needing_make(
			BUILD "make -C web -f build.mk X=docs/c.md app\n"
			      "== web/build.mk\nD ?= docs\nF = $(D)/a.md\nF += $(D)/b.md\n"
			      "include more.mk\napp:\n\tcat $(F) $(X) \\\n\t  docs/d.md\n"
			      "\t$(MAKE) -C sub\n"
			      "== web/more.mk\napp: docs/e.md\n"
			      "== web/sub/Makefile\nall:\n\tcat docs/f.md\n"
			      "== web/docs/a.md\n\n== web/docs/b.md\n\n== web/docs/c.md\n\n"
			      "== web/docs/d.md\n\n== web/docs/e.md\n\n"
			      "== web/sub/docs/f.md\n\n== docs/a.md\n\n");

	EXPECT_NEED(n, "web/docs/a.md", "ask referenced web/build.mk:6");
	EXPECT_NEED(n, "web/docs/b.md", "ask referenced web/build.mk:6");
	EXPECT_NEED(n, "web/docs/c.md", "ask referenced web/build.mk:6");
	EXPECT_NEED(n, "web/docs/d.md", "ask referenced web/build.mk:6");
	EXPECT_NEED(n, "web/docs/e.md", "ask referenced web/more.mk:1");
	EXPECT_NEED(n, "web/sub/docs/f.md", "ask referenced web/sub/Makefile:2");
	EXPECT_NEED(n, "docs/a.md", "free unreferenced");
	needing_fini(&n);
}

Test(make, a_pattern_rule_takes_what_it_matches) {
	EXPECT_NEED_IN(BUILD "make x.1\n== Makefile\n%.1: docs/%.md\n\tcat docs/a.md > $@\n"
			     "== docs/a.md\n\n",
			"docs/a.md", "ask referenced Makefile:2");
}

Test(make, a_shell_function_is_a_command) {
	struct needing n = needing_make(BUILD "make app\n"
					      "== Makefile\nV := $(shell git describe --tags)\n"
					      "app:\n\tgo build -ldflags=$(V)\n== .git/HEAD\n\n");

	EXPECT_STR(needing_vcs(&n), "ask vcs-version Makefile:1");
	needing_fini(&n);
}

Test(make, one_that_calls_itself_ends) {
	struct needing n = needing_make(BUILD
			"make\n"
			"== Makefile\na: b\n\tmake a; make b\nb: a\n\tmake a\n\tcat docs/a.md\n"
			"X = $(X) $(Y)\nY = $(X)\ninclude Makefile\nc: $(X)\n\tmake c\n"
			"== docs/a.md\n\n");

	EXPECT_NEED(n, "docs/a.md", "ask referenced Makefile:5");
	needing_fini(&n);
}
