#include "unit/check/checked.h"

#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static struct check_earlier earlier_of(const struct checked *then) {
	return (struct check_earlier){
		.tree = then->tree,
		.plan = &then->plan,
		.classes = &then->classes,
		.name = STR("main"),
	};
}

/* What `regression` says of a tree beside an earlier one, a line a finding. */
static void tell(const char *then_items, const char *then_ignore, const char *now_items,
		const char *now_ignore, struct buf *out) {
	struct checked then = { 0 }, now = { 0 };
	struct check_result result;

	checked_open(&then, then_items, then_ignore);
	checked_open(&now, now_items, now_ignore);
	struct check_earlier earlier = earlier_of(&then);
	now.input.earlier = &earlier;
	cr_assert(check_run(now.arena, &now.input, &result, NULL) == TNG_OK);
	for (size_t i = 0; i < result.n; i++) {
		const struct check_finding *f = &result.findings[i];
		if (f->rule == RULE_REGRESSION) {
			buf_printf(out, "%s %s [%.*s] %.*s\n", check_severity_name(f->severity),
					f->message.ptr, STR_FMT(f->path), STR_FMT(f->fix));
		}
	}
	checked_close(&then);
	checked_close(&now);
}

struct growth_case {
	char why[80], then[120], then_ignore[24], now[200], now_ignore[24], want[420];
};

ParameterizedTestParameters(check_regression, causes) {
	static struct growth_case cases[] = {
		{ "what weighs the same, and what has shrunk, is no growth", "a=5000000 b=5000000",
				"", "a=5000000 b=4", "", "" },
		{ "under a megabyte", "a", "", "a=999999 b=1", "", "" },
		{ "all that a new folder brings is one finding", "a tests/old.py=2000", "",
				"a tests/old.py=2000 tests/unit/x/1.bin=20000000 "
				"tests/unit/x/2.bin=2000000 tests/unit/y/3.py=800",
				"",
				"warning tests/unit/ is new since main: 22MB in 3 files, mostly of "
				"class "
				"tests; largest: x/1.bin 20MB, x/2.bin 2MB [tests/unit] a line "
				"that "
				"would help: tests/unit\n" },
		{ "a new folder with one file is that file", "a", "", "a lib/c/big.c=3000000", "",
				"warning lib/c/big.c is new since main: 3MB [lib/c/big.c] exclude "
				"it if "
				"no build needs it\n" },
		{ "a dependency tree is named as a whole", "a", "", "a node_modules/x/y.js=4000000",
				"",
				"warning node_modules/ is new since main: 4MB in 1 file, mostly of "
				"class "
				"deps; largest: x/y.js 4MB [node_modules] a line that would help: "
				"node_modules\n" },
		{ "a file that has grown", "lib/big.c=1000000", "", "lib/big.c=3000000", "",
				"warning lib/big.c grew by 2MB since main [lib/big.c] exclude what "
				"no "
				"build needs of it\n" },
		{ "a folder that has grown in many files", "lib/a.c lib/b.c", "",
				"lib/a.c=600001 lib/b.c=600001", "",
				"warning lib/ grew by 1.2MB since main in 2 files, mostly of class "
				"source "
				"[lib] exclude what no build needs of it\n" },
		{ "what the ignore file lets in", "lib/a.c=7 x/big.c=5000000 x/c=2", "x",
				"lib/a.c=7 x/big.c=5000000 x/c=2", "",
				"warning x/ is sent now and was not at main: 5MB in 2 files, "
				"mostly of "
				"class source; largest: big.c 5MB [x] exclude it if no build needs "
				"it\n" },
		{ "two causes are two findings, the rest is one", "a b/c d/e", "",
				"a b/n=9000000 b/c d/e n/a=1000000 n/b=1000000 one=200000 "
				"two=900000",
				"",
				"warning other places grew by 1.1MB since main in 2 files, mostly "
				"of class source [] exclude what "
				"no build needs of it\n"
				"warning b/n is new since main: 9MB [b/n] exclude it if no build "
				"needs "
				"it\n"
				"warning n/ is new since main: 2MB in 2 files, mostly of class "
				"source; largest: "
				"a 1MB, b 1MB [n] "
				"exclude it if no build needs it\n" },
		{ "what has moved is no growth of the context", "old/a.c=5000000", "",
				"new/a.c=5000000", "",
				"note new/a.c is new since main: 5MB; as much is gone elsewhere "
				"[new/a.c] exclude it if no build needs it\n" },
		{ "git's own folder is left out", "a", "", "a .git/x=5000000", "", "" },
	};
	return cr_make_param_array(struct growth_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct growth_case *c, check_regression, causes) {
	struct buf said = { 0 };

	tell(c->then, c->then_ignore, c->now, c->now_ignore, &said);
	cr_assert_str_eq(said.len > 0 ? said.ptr : "", c->want, "%s:\n%s", c->why,
			said.len > 0 ? said.ptr : "");
	buf_fini(&said);
}

Test(check_regression, of_a_build_that_was_not_there_all_that_is_sent_is_new) {
	static const bool lacks[] = { true };
	struct checked then = { 0 }, now = { 0 };
	struct check_result result;

	checked_open(&then, "a=5000000", "");
	checked_open(&now, "a=5000000 b=2000000 c=9000000", "c");
	struct check_earlier earlier = earlier_of(&then);
	earlier.plan = NULL;
	earlier.lacks = lacks;
	now.input.earlier = &earlier;
	cr_assert(check_run(now.arena, &now.input, &result, NULL) == TNG_OK);
	const struct check_finding *f = NULL;
	for (size_t i = 0; i < result.n; i++) {
		f = result.findings[i].rule == RULE_REGRESSION ? &result.findings[i] : f;
	}
	cr_assert_not_null(f);
	cr_expect_eq(f->bytes, 7000000);
	cr_expect_eq(f->nfiles, 2);
	cr_expect_eq(f->severity, CHECK_WARNING);
	cr_expect_not_null(strstr(f->message.ptr, "the build is new"), "%s", f->message.ptr);
	checked_close(&then);
	checked_close(&now);
}

Test(check_regression, every_allocation_that_fails_is_told) {
	struct checked then = { 0 }, now = { 0 };
	struct check_result result;
	enum tng_code code = TNG_ENOMEM;
	unsigned n = 0;

	checked_open(&then, "a b/c", "");
	checked_open(&now, "a b/n=9000000 n/a=1000000 n/b=1000000 x=2000000 y=3000000", "");
	struct check_earlier earlier = earlier_of(&then);
	now.input.earlier = &earlier;
	for (; n < 10000 && code != TNG_OK; n++) {
		struct tng_error err = { 0 };
		arena_fail_after(now.arena, n);
		code = check_run(now.arena, &now.input, &result, &err);
		cr_assert(code == TNG_OK || (code == TNG_ENOMEM && err.code == TNG_ENOMEM));
	}
	cr_expect(code == TNG_OK && n > 10);
	checked_close(&then);
	checked_close(&now);
}
