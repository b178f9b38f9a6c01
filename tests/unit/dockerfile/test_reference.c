/* Names of images: what distribution/reference takes, and where it stops. */
#include "dockerfile/internal.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <string.h>

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define TAG128 "v" HEX64 HEX32 "0123456789abcdef0123456789abcde"

struct reference_case {
	char text[280], says[40]; /* says: of the error; empty: it is a name */
};

ParameterizedTestParameters(reference, table) {
	static struct reference_case cases[] = {
		{ "busybox", "" },
		{ "busybox:1.36", "" },
		{ "busybox:_x", "" },
		{ "busybox:V1", "" },
		{ "library/busybox@sha256:" HEX64, "" },
		{ "busybox:1@sha256:" HEX64, "" },
		{ "a@sha512:" HEX64 HEX64, "" },
		{ "a--b/c__d/e.f", "" },
		{ "0/1", "" },
		{ "localhost/a", "" },
		{ "localhost:5000/a:b", "" },
		{ "registry.example.org:443/a/b", "" },
		{ "[::1]:5000/a", "" },
		{ "[2001:DB8::1]/a", "" },
		{ "Registry/a", "" },    /* a capital makes it a domain */
		{ "a.b_c/d", "" },       /* no domain, but a path */
		{ "sha256:" HEX64, "" }, /* a tag of 64 digits */
		{ "a:" TAG128, "" },
		{ "busybox:", "no tag follows" },
		{ "a:" TAG128 "x", "a tag has at most" },
		{ "a:.b", "a tag has at most" },
		{ "a:-b", "a tag has at most" },
		{ "a:b:c", "a tag has at most" },
		{ "a:b/c", "no name of a registry" },
		{ "Busybox", "lower case" },
		{ "docker.io/Library/a", "lower case" },
		{ "a/B:c", "lower case" },
		{ HEX64, "image id" },
		{ "", "is empty" },
		{ "/a", "is empty" },
		{ "a/", "is empty" },
		{ "a//b", "is empty" },
		{ "https://a/b", "is empty" },
		{ ":1", "is empty" },
		{ "a___b", "\"a___b\" is to be" },
		{ "a..b", "\"a..b\" is to be" },
		{ "a-.b", "\"a-.b\" is to be" },
		{ "-a", "\"-a\" is to be" },
		{ "x/a_", "\"a_\" is to be" },
		{ "a b", "\"a b\" is to be" },
		{ "caf\xC3\xA9", "is to be" },
		{ "a:50x/b", "no name of a registry" },
		{ "-a.b/c", "no name of a registry" },
		{ "[::g]/a", "no name of a registry" },
		{ "[]:1/a", "no name of a registry" },
		{ "[::1/a", "no name of a registry" },
		{ "a@", "a digest is" },
		{ "a@sha256:" HEX32, "a digest is" },
		{ "a@sha256:" HEX32 "0123456789ABCDEF0123456789ABCDEF", "a digest is" },
		{ "a@md5:" HEX32, "a digest is" },
		{ "a@sha256:" HEX64 ":b", "a digest is" },
	};
	return cr_make_param_array(struct reference_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct reference_case *c, reference, table) {
	struct tng_error err = { 0 };
	enum tng_code code = reference_check(str_from(c->text), &err);

	if (c->says[0] == '\0') {
		cr_expect(eq(int, code, TNG_OK), "%s: %s", c->text, err.text);
	} else {
		cr_expect(eq(int, code, TNG_ESYNTAX), "%s", c->text);
		cr_expect(ne(ptr, strstr(err.text, c->says), NULL), "%s: %s", c->text, err.text);
	}
}

/* Of n letters, behind a prefix. */
static enum tng_code check_length(const char *prefix, size_t n) {
	struct buf b = { 0 };

	buf_append(&b, str_from(prefix));
	for (size_t i = 0; i < n; i++) {
		buf_putc(&b, 'a');
	}
	enum tng_code code = reference_check(buf_str(&b), NULL);
	buf_fini(&b);
	return code;
}

Test(reference, has_a_longest_path) {
	cr_expect(eq(int, check_length("", 255 - 8), TNG_OK)); /* "library/" goes unsaid */
	cr_expect(eq(int, check_length("", 256 - 8), TNG_ESYNTAX));
	cr_expect(eq(int, check_length("x.org/", 255), TNG_OK));
	cr_expect(eq(int, check_length("x.org/", 256), TNG_ESYNTAX));
	cr_expect(eq(int, check_length("x/", 253), TNG_OK));
	cr_expect(eq(int, check_length("x/", 254), TNG_ESYNTAX));
	/* no domain, so all of it is the path */
	cr_expect(eq(int, check_length("a.b_c/", 249), TNG_OK));
	cr_expect(eq(int, check_length("a.b_c/", 250), TNG_ESYNTAX));
}
