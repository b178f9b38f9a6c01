#include "language.h"
#include "support/expect.h"
#include "util/buf.h"

#include <criterion/parameterized.h>
#include <stdlib.h>

struct refused_case {
	char text[80], said[120];
};

ParameterizedTestParameters(yaml, refused) {
	static struct refused_case cases[] = {
		{ "top: [1\n",
				"2:1: no YAML: did not find expected ',' or ']', while parsing a "
				"flow sequence" },
		{ "top: 1\n top: 2\n",
				"2:5: no YAML: mapping values are not allowed in this context" },
		{ "a: &x 1\ntop: *x\n", "2:6: aliases (*x) are not read; write the value out" },
		{ "top: 1\n*x : 2\n", "2:1: aliases (*x) are not read; write the value out" },
		{ "top: !!int 1\n",
				"1:6: tags (tag:yaml.org,2002:int) are not read; leave it out" },
		{ "top: 1\n---\ntop: 2\n", "2:1: a second document begins here; only one is read" },
		{ "top: 1\nengine: red\ntop: 2\n", "3:1: \"top\" is given twice, first on line 1" },
		{ "weigh: {top: 1, top: 2}\n", "1:17: \"top\" is given twice, first on line 1" },
		{ "? [a]\n: 1\n", "1:3: a key must be a plain word" },
		{ "'': 1\n", "1:1: a key is missing here" },
		{ "target: \"a\\0b\"\n", "1:9: a value cannot hold a NUL character" },
		{ "keep: [[[[[[[[[[[[[a]]]]]]]]]]]]]\n", "1:19: nested more than 12 deep" },
		{ "top: 1\ntarget: \xC3\n",
				"2:10: not UTF-8 text (invalid trailing UTF-8 octet); save the "
				"file as UTF-8" },
	};
	return cr_make_param_array(struct refused_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct refused_case *c, yaml, refused) {
	cr_expect(eq(str, (char *)(uintptr_t)refusal_of(c->text), c->said));
}

Test(yaml, of_nothing_sets_nothing) {
	static const char *const texts[] = { "", "\n\n", "# a comment\n", "---\n", "---\n...\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading r = reading_of(texts[i]);
		cr_expect(eq(int, r.code, TNG_OK), "%s: %s", texts[i], r.err.text);
		cr_expect(eq(sz, r.config.nsettings, 0));
		EXPECT_STR(r.config.path, ".tonnage.yaml");
		reading_end(&r);
	}
}

Test(yaml, has_a_limit_of_values) {
	struct buf b = { 0 };

	buf_append(&b, STR("keep:\n"));
	for (int i = 0; i < CONFIG_MAX_NODES; i++) {
		buf_append(&b, STR("- a\n"));
	}
	buf_putc(&b, '\0');
	struct reading r = reading_of(b.ptr);
	cr_expect(eq(int, r.code, TNG_ELIMIT));
	reading_end(&r);
	/* the root, the key and the list are values, too */
	b.ptr[b.len - 1 - 3 * 4] = '\0';
	r = reading_of(b.ptr);
	cr_expect(eq(int, r.code, TNG_OK), "%s", r.err.text);
	cr_expect(eq(sz, r.config.policy.nkeep, CONFIG_MAX_NODES - 3));
	reading_end(&r);
	buf_fini(&b);
}

Test(yaml, survives_every_failed_allocation) {
	const struct str text =
			STR("top: 3\nfile: [a, b]\nweigh: {build-context: x=y}\nclasses:\n"
			    "- {rule: a.b, class: c}\nbudgets: {paths: {a: 1}, disk: {files: "
			    "2}}\nrules: {alpha: off}\ndockerfiles: {D: {keep: [x]}}\n");
	enum tng_code code = TNG_ENOMEM;

	for (size_t n = 0; code != TNG_OK && n < 1000; n++) {
		struct arena *a = arena_create();
		struct tng_error err = { 0 };
		struct config config;
		arena_fail_after(a, n);
		code = config_parse(a, text, STR("f"), &language, &config, &err);
		cr_assert(code == TNG_OK || code == TNG_ENOMEM, "%zu: %s", n, err.text);
		arena_destroy(a);
	}
	cr_expect(eq(int, code, TNG_OK));
}
