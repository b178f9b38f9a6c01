#include "unit/report/checks.h"

#include "support/expect.h"

#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdio.h>

/* A name that means something to a terminal, a runner or a format, and how each writes it. */
struct name_case {
	char name[24];
	char json[24]; /* as a path: exact, but for what is no UTF-8 */
	char safe[24]; /* in a sentence */
	char uri[40], xml[48], markdown[56], property[40], command[24];
};

static struct criterion_test_params all_names(void) {
	static struct name_case cases[] = {
		{ "a\nb", "a\nb", "a\\nb", "a%0Ab", "a\\nb", "a&#92;nb", "a\\nb", "a\\nb" },
		{ "a\rb", "a\rb", "a\\rb", "a%0Db", "a\\rb", "a&#92;rb", "a\\rb", "a\\rb" },
		{ "a\x1b[31mb", "a\x1b[31mb", "a\\x1b[31mb", "a%1B%5B31mb", "a\\x1b[31mb",
				"a&#92;x1b&#91;31mb", "a\\x1b[31mb", "a\\x1b[31mb" },
		{ "x%0A::error::", "x%0A::error::", "x%0A::error::", "x%250A%3A%3Aerror%3A%3A",
				"x%0A::error::", "x%0A&#58;&#58;error&#58;&#58;",
				"x%250A%3A%3Aerror%3A%3A", "x%250A::error::" },
		{ "<>&\"'", "<>&\"'", "<>&\"'", "%3C%3E%26%22%27", "&#60;&#62;&#38;&#34;&#39;",
				"&#60;&#62;&#38;\"'", "<>&\"'", "<>&\"'" },
		{ "]]>", "]]>", "]]>", "%5D%5D%3E", "]]&#62;", "&#93;&#93;&#62;", "]]>", "]]>" },
		{ "a|b", "a|b", "a|b", "a%7Cb", "a|b", "a&#124;b", "a|b", "a|b" },
		{ "a`b`", "a`b`", "a`b`", "a%60b%60", "a`b`", "a&#96;b&#96;", "a`b`", "a`b`" },
		{ "a\xff\xc3(b", "a\xef\xbf\xbd\xef\xbf\xbd(b", "a\\xff\\xc3(b", "a%FF%C3%28b",
				"a\\xff\\xc3(b", "a&#92;xff&#92;xc3&#40;b", "a\\xff\\xc3(b",
				"a\\xff\\xc3(b" },
		/* that such a character turns what is around it is the point */
		/* NOLINTBEGIN(misc-misleading-bidirectional) */
		{ "a\xe2\x80\xae"
		  "b",
				"a\xe2\x80\xae"
				"b",
				"a\\u202eb", "a%E2%80%AEb", "a\\u202eb", "a&#92;u202eb",
				"a\\u202eb", "a\\u202eb" },
		/* NOLINTEND(misc-misleading-bidirectional) */
		{ "-rf", "-rf", "-rf", "-rf", "-rf", "-rf", "-rf", "-rf" },
		{ "a,b", "a,b", "a,b", "a%2Cb", "a,b", "a,b", "a%2Cb", "a,b" },
	};
	return cr_make_param_array(struct name_case, cases, sizeof(cases) / sizeof(cases[0]));
}

/* One finding about a file of that name, printed. */
static struct str print(
		const struct name_case *c, struct checks *checks, enum check_format format) {
	char message[64], fix[64];
	struct check_finding f = {
		.rule = RULE_SECRET_SENT,
		.severity = CHECK_WARNING,
		.file = str_from(c->name),
		.path = str_from(c->name),
		.fingerprint = "0123456789abcdef0123456789abcdef",
	};

	(void)snprintf(message, sizeof(message), "%s is sent", c->name);
	(void)snprintf(fix, sizeof(fix), "exclude it: %s", c->name);
	f.message = str_from(message);
	f.fix = str_from(fix);
	checks_open(checks, "", "", &f, 1);
	return checks_print(checks, format);
}

/* `format` with every @ as `name`, in the arena; NUL is behind it. */
static struct str fill(struct checks *checks, const char *format, const char *name) {
	struct str rest = str_from(format), head;
	struct buf out = { 0 };

	for (bool more = true; more;) {
		more = str_cut(rest, '@', &head, &rest);
		buf_append(&out, head);
		buf_append(&out, more ? str_from(name) : STR(""));
	}
	buf_putc(&out, '\0');
	struct str text = arena_copy(checks->arena, buf_str(&out));
	buf_fini(&out);
	return str_take(text, text.len - 1);
}

static void expect_part(
		struct checks *checks, struct str text, const char *want, const char *name) {
	struct str part = fill(checks, want, name);

	cr_expect(memmem(text.ptr, text.len, part.ptr, part.len) != NULL, "\"%s\" is not in:\n%.*s",
			part.ptr, STR_FMT(text));
}

static void expect_string(
		struct checks *checks, const json_t *got, const char *want, const char *name) {
	cr_assert(json_string_value(got) != NULL);
	EXPECT_STR(str_from(json_string_value(got)), fill(checks, want, name).ptr);
}

static json_t *load(struct str text) {
	json_t *document = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);

	cr_assert(document != NULL, "no JSON: %.*s", STR_FMT(text));
	return document;
}

ParameterizedTestParameters(check_names, text) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, text) {
	struct checks checks = { 0 };
	struct str got = print(c, &checks, CHECK_FORMAT_TEXT);

	expect_part(&checks, got,
			"@\n         warning secret-sent  @ is sent\n"
			"       = fix: exclude it: @\n",
			c->safe);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, json) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, json) {
	struct checks checks = { 0 };
	json_t *document = load(print(c, &checks, CHECK_FORMAT_JSON));
	const json_t *f = json_array_get(json_object_get(document, "findings"), 0);

	expect_string(&checks, json_object_get(f, "message"), "@ is sent", c->safe);
	expect_string(&checks, json_object_get(f, "fix"), "exclude it: @", c->safe);
	expect_string(&checks, json_object_get(f, "path"), "@", c->json);
	expect_string(&checks, json_object_get(f, "file"), "@", c->json);
	json_decref(document);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, sarif) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, sarif) {
	struct checks checks = { 0 };
	json_t *document = load(print(c, &checks, CHECK_FORMAT_SARIF));
	const char *text = NULL, *uri = NULL;

	cr_assert(json_unpack(document, "{s:[{s:[{s:{s:s}, s:[{s:{s:{s:s}}}]}]}]}", "runs",
				  "results", "message", "text", &text, "locations",
				  "physicalLocation", "artifactLocation", "uri", &uri) == 0);
	EXPECT_STR(str_from(text), fill(&checks, "@ is sent; fix: exclude it: @", c->safe).ptr);
	EXPECT_STR(str_from(uri), c->uri);
	json_decref(document);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, github) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, github) {
	struct checks checks = { 0 };
	struct str got = print(c, &checks, CHECK_FORMAT_GITHUB), head, tail;

	cr_assert(str_cut(got, '\n', &head, &tail) && tail.len == 0);
	expect_part(&checks, got,
			"::warning file=@,line=1,title=tonnage secret-sent::", c->property);
	expect_part(&checks, got, "::@ is sent; fix: exclude it: @\n", c->command);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, gitlab) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, gitlab) {
	struct checks checks = { 0 };
	json_t *document = load(print(c, &checks, CHECK_FORMAT_GITLAB));
	const json_t *issue = json_array_get(document, 0);

	expect_string(&checks, json_object_get(issue, "description"),
			"@ is sent; fix: exclude it: @", c->safe);
	expect_string(&checks, json_object_get(json_object_get(issue, "location"), "path"), "@",
			c->json);
	json_decref(document);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, junit) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, junit) {
	struct checks checks = { 0 };

	expect_part(&checks, print(c, &checks, CHECK_FORMAT_JUNIT),
			"<system-out>@: warning: @ is sent; fix: exclude it: @\n</system-out>",
			c->xml);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, tap) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, tap) {
	struct checks checks = { 0 };
	struct str rest = print(c, &checks, CHECK_FORMAT_TAP), line = STR("");

	while (!str_starts(line, STR("    - "))) {
		cr_assert(str_cut(rest, '\n', &line, &rest));
	}
	json_t *value = load(str_skip(line, 6));
	expect_string(&checks, value, "@: warning: @ is sent; fix: exclude it: @", c->safe);
	json_decref(value);
	checks_close(&checks);
}

ParameterizedTestParameters(check_names, markdown) {
	return all_names();
}

ParameterizedTest(struct name_case *c, check_names, markdown) {
	struct checks checks = { 0 };

	expect_part(&checks, print(c, &checks, CHECK_FORMAT_MARKDOWN),
			"\n| warning | secret-sent | @ | @ is sent; fix&#58; exclude it&#58; @ |\n",
			c->markdown);
	checks_close(&checks);
}
