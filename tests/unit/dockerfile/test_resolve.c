#include "dockerfile/dockerfile.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

static enum tng_code resolve(struct arena *a, const char *text, const struct build_request *request,
		const struct build_sources **out, struct tng_error *err) {
	const struct dockerfile *df;

	*err = (struct tng_error){ 0 };
	cr_assert(eq(int, dockerfile_parse(a, str_from(text), &df, err), TNG_OK), "%s: %s", text,
			err->text);
	return dockerfile_resolve(a, df, request, out, err);
}

Test(dockerfile_resolve, a_build_that_cannot_be_is_refused_with_its_line) {
	static const struct {
		const char *text;
		uint32_t line;
		const char *says;
	} cases[] = {
		{ "FROM scratch\nCOPY --from=-1 a /\n", 2, "invalid stage index" },
		{ "FROM scratch\nCOPY --from=07 a /\n", 2, "invalid stage index" },
		{ "FROM scratch AS a\nCOPY --from=b x /\nFROM scratch AS b\nCOPY --from=a x /\n", 4,
				"circular" },
		{ "FROM scratch\nRUN --mount=source=a x\nWORKDIR ${x\n", 3, "missing '}'" },
		{ "FROM scratch\nRUN --mount=type=secret,target= x\n", 2, "give it an id" },
		{ "FROM scratch\nRUN --mount=type=secret,id=a,src=b x\n", 2, "not both" },
		{ "FROM scratch\nRUN --mount=type=secret,id=a,from=b x\n", 2, "not have a from" },
		{ "FROM scratch\nRUN --mount=target=/a,sharing=locked x\n", 2, "only a cache" },
		{ "FROM scratch\nRUN --mount=target=/a,uid=1 x\n", 2, "not allowed" },
		{ "FROM scratch\nRUN --mount=target=/a,ro=maybe x\n", 2, "invalid value" },
		{ "FROM scratch\nRUN --mount=target=/a,required x\n", 2, "no key" },
		{ "FROM scratch\nRUN --mount=target=/a,source x\n", 2, "key=value" },
		{ "FROM scratch\nRUN --mount=target=/a,size=1m x\n", 2, "invalid value" },
		{ "FROM scratch AS Build\nFROM Build\n", 2, "write build" },
		{ "FROM scratch\nADD --checksum=sha256:0 http://a/b c /\n", 2, "multiple sources" },
		{ "ARG A=${B\nFROM scratch\n", 1, "missing '}'" },
		{ "FROM ${B:?nobase}\n", 1, "nobase" },
		{ "FROM --platform=$X scratch\n", 1, "platform" },
	};
	const struct build_sources *sources;
	struct tng_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		cr_expect(eq(int, resolve(a, cases[i].text, NULL, &sources, &err), TNG_ESYNTAX),
				"%s", cases[i].text);
		cr_expect(eq(u32, err.line, cases[i].line), "%s", cases[i].text);
		cr_expect_not_null(
				strstr(err.text, cases[i].says), "%s: %s", cases[i].text, err.text);
		arena_destroy(a);
	}
}

Test(dockerfile_resolve, names_of_images_are_checked_in_every_stage_and_where_they_are_written) {
	static const struct {
		const char *text;
		uint32_t line, column; /* 0: it builds */
	} cases[] = {
		{ "FROM busybox: AS a\nFROM scratch\n", 1, 6 },
		{ "FROM scratch\nFROM --platform=linux/amd64 Busybox\n", 2, 29 },
		{ "ARG V=\nFROM busybox:$V\nFROM scratch\n", 2, 6 },
		{ "ARG V\nFROM busybox:$V\nFROM scratch\n", 0, 0 }, /* a diagnostic says so */
		{ "FROM scratch AS Build\nFROM build\nFROM scratch\n", 0, 0 },
		{ "FROM scratch AS build\nFROM Build\nFROM scratch\n", 2, 6 },
		{ "FROM scratch AS a_\nFROM scratch\n", 1, 17 },
		{ "FROM scratch AS context\n", 0, 0 },
		{ "FROM scratch\nCOPY --link --from=Bad a /\nFROM scratch\n", 2, 13 },
		{ "FROM scratch AS good\nFROM scratch\nCOPY --from=Good a /\n", 0, 0 },
		{ "FROM scratch\nRUN --mount=from=a:,target=/a x\nFROM scratch\n", 2, 5 },
	};
	const struct build_request relaxed = { .engine = TNG_ENGINE_PODMAN };
	const struct build_sources *sources;
	struct tng_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		enum tng_code code = resolve(a, cases[i].text, NULL, &sources, &err);
		cr_expect(eq(int, code, cases[i].line > 0 ? TNG_ESYNTAX : TNG_OK), "%s: %s",
				cases[i].text, err.text);
		cr_expect(eq(u32, err.line, cases[i].line), "%s", cases[i].text);
		cr_expect(eq(u32, err.column, cases[i].column), "%s", cases[i].text);
		cr_expect(eq(int, resolve(a, cases[i].text, &relaxed, &sources, &err), TNG_OK),
				"%s", cases[i].text);
		arena_destroy(a);
	}
}

Test(dockerfile_resolve, buildahs_mounts_have_keys_that_buildkit_refuses) {
	static const char *const mounts[] = {
		"source=a,target=/a,z",
		"source=a,target=/a,relabel=shared",
		"type=tmpfs,target=/a,tmpcopyup",
		"type=bind,source=a,target=/a,bind-propagation=shared",
	};
	const struct build_request buildah = { .engine = TNG_ENGINE_PODMAN };
	const struct build_sources *sources;
	struct tng_error err;
	char text[128];

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		struct arena *a = arena_create();
		(void)snprintf(text, sizeof(text), "FROM scratch\nRUN --mount=%s x\n", mounts[i]);
		cr_expect(eq(int, resolve(a, text, NULL, &sources, &err), TNG_ESYNTAX), "%s", text);
		cr_expect(eq(int, resolve(a, text, &buildah, &sources, &err), TNG_OK), "%s: %s",
				text, err.text);
		bool is_tmpfs = i == 2; /* nothing of the context is in it */
		cr_expect(eq(sz, sources->nsources, is_tmpfs ? 0 : 1), "%s", text);
		cr_expect(is_tmpfs || str_eq(sources->sources[0].path, STR("a")), "%s", text);
		arena_destroy(a);
	}
}

Test(dockerfile_resolve, errors_of_stages_that_are_not_reached_do_not_count) {
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;

	cr_expect(eq(int,
			resolve(a, "FROM scratch\nCOPY ${x /\nFROM scratch\nCOPY a /\n", NULL,
					&sources, &err),
			TNG_OK));
	cr_expect_not(sources->stages[0].is_reached);
	cr_expect(sources->stages[1].is_reached);
	arena_destroy(a);
}

Test(dockerfile_resolve, every_stage_up_to_the_target_can_be_asked_for) {
	const char *text = "FROM scratch AS a\nCOPY a /\nFROM scratch AS b\nCOPY b /\n"
			   "FROM scratch AS c\nCOPY c /\n";
	struct build_request request = { .engine = TNG_ENGINE_CLASSIC };
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;

	cr_assert(eq(int, resolve(a, text, &request, &sources, &err), TNG_OK));
	cr_expect(eq(sz, sources->nsources, 3));
	request.target = str_from("B");
	cr_assert(eq(int, resolve(a, text, &request, &sources, &err), TNG_OK));
	cr_expect(eq(sz, sources->nsources, 2));
	cr_expect(sources->stages[0].is_reached);
	cr_expect_not(sources->stages[2].is_reached);
	arena_destroy(a);
}

Test(dockerfile_resolve, a_platform_must_name_an_os_and_an_architecture) {
	static const char *const bad[] = { "linux", "/amd64", "linux/", "a/b/c/d" };
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct build_request request = { .platform = str_from(bad[i]) };
		cr_expect(eq(int, resolve(a, "FROM scratch\n", &request, &sources, &err),
					  TNG_EINVAL),
				"%s", bad[i]);
	}
	arena_destroy(a);
}

Test(dockerfile_resolve, platforms_are_written_as_builders_write_them) {
	static const char *const cases[][2] = {
		{ "linux/arm", "linux/arm/v7" },
		{ "linux/arm64/v8", "linux/arm64" },
		{ "linux/arm/v6", "linux/arm/v6" },
		{ "windows/amd64", "windows/amd64" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		const struct build_request request = { .platform = str_from(cases[i][0]) };
		const struct build_sources *sources;
		struct tng_error err;
		cr_assert(eq(int,
				resolve(a,
						"FROM scratch\nARG TARGETPLATFORM\nCOPY "
						"$TARGETPLATFORM /\n",
						&request, &sources, &err),
				TNG_OK));
		cr_expect(str_eq(sources->sources[0].path, str_from(cases[i][1])), "%s",
				cases[i][0]);
		arena_destroy(a);
	}
}

Test(dockerfile_resolve, the_last_of_two_build_arguments_wins) {
	static const struct build_arg args[] = { { { "A", 1 }, { "1", 1 } },
		{ { "A", 1 }, { "2", 1 } } };
	const struct build_request request = { .args = args, .nargs = 2 };
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;

	cr_assert(eq(int, resolve(a, "FROM scratch\nARG A\nCOPY $A /\n", &request, &sources, &err),
			TNG_OK));
	cr_expect(str_eq(sources->sources[0].path, STR("2")));
	cr_expect_not(sources->sources[0].is_unknowable);
	arena_destroy(a);
}

Test(dockerfile_resolve, many_variables_of_many_stages_stay_apart) {
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;
	char text[16384], name[16];
	size_t n = (size_t)snprintf(text, sizeof(text), "FROM scratch AS a\n");

	for (int i = 0; i < 200; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "ENV V%d=v%d\n", i, i);
	}
	(void)snprintf(text + n, sizeof(text) - n,
			"FROM a AS b\nENV V7=seven\nCOPY $V7 $V8 /\nFROM a\nCOPY --from=b x /\n"
			"COPY $V7 $V199 $V200 end /\n");
	cr_assert(eq(int, resolve(a, text, NULL, &sources, &err), TNG_OK), "%s", err.text);
	static const char *const expected[] = { "seven", "v8", "v7", "v199", ".", "end" };
	cr_assert(eq(sz, sources->nsources, 6));
	for (size_t i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "%s", expected[i]);
		cr_expect(str_eq(sources->sources[i].path, str_from(name)), "%s", name);
	}
	arena_destroy(a);
}

Test(dockerfile_resolve, a_destination_is_below_the_working_directory) {
	static const struct {
		const char *text; /* the destination of its first COPY */
		const char *path;
		bool is_dir, is_unknowable;
	} cases[] = {
		{ "FROM scratch\nCOPY a b\n", "b", false, false },
		{ "FROM scratch\nCOPY a .\n", ".", true, false },
		{ "FROM scratch\nCOPY a /x/../b/\n", "b", true, false },
		{ "FROM scratch\nCOPY a c b\n", "b", true, false },
		{ "FROM x\nCOPY a b\n", "b", false, true },
		{ "FROM x\nCOPY a /b\n", "b", false, false },
		{ "FROM x\nWORKDIR w\nCOPY a b\n", "w/b", false, true },
		{ "FROM x\nWORKDIR /w\nWORKDIR v/\nCOPY a b\n", "w/v/b", false, false },
		{ "FROM x\nWORKDIR /w/v\nCOPY a /w\n", "w", true, false },
		{ "FROM x\nWORKDIR /w\nCOPY a ./\nWORKDIR /v\n", "w", true, false },
		{ "FROM x\nENV D=/e\nWORKDIR $D\nCOPY a $D/b\n", "e/b", false, false },
		{ "FROM x\nARG D\nWORKDIR /$D\nCOPY a b\n", "b", false, true },
		{ "FROM x AS s\nWORKDIR /w\nFROM s\nCOPY a b\n", "w/b", false, false },
		{ "FROM x AS s\nONBUILD WORKDIR /w\nFROM s\nCOPY a b\n", "w/b", false, false },
	};
	const struct build_sources *sources;
	struct tng_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		cr_assert(eq(int, resolve(a, cases[i].text, NULL, &sources, &err), TNG_OK));
		const struct destination *d = &sources->sources[0].destination;
		cr_expect(str_eq(d->path, str_from(cases[i].path)), "%s: %.*s", cases[i].text,
				STR_FMT(d->path));
		cr_expect(d->is_dir == cases[i].is_dir, "%s", cases[i].text);
		cr_expect(d->is_unknowable == cases[i].is_unknowable, "%s", cases[i].text);
		arena_destroy(a);
	}
}

Test(dockerfile_resolve, what_is_copied_from_stages_is_listed_in_the_order_of_execution) {
	static const char text[] =
			"FROM x AS a\nCOPY one /one\nFROM y AS b\nCOPY --from=a /one two* /v/\n"
			"FROM z AS unused\nCOPY --from=a /one /\n"
			"FROM scratch\nCOPY --from=1 /v /\nCOPY --from=image /q /\n";
	struct arena *a = arena_create();
	const struct build_sources *sources;
	struct tng_error err;

	cr_assert(eq(int, resolve(a, text, NULL, &sources, &err), TNG_OK));
	cr_assert(eq(sz, sources->nsources, 1));
	cr_assert(eq(sz, sources->ncopies, 3));
	const struct stage_copy *c = sources->copies;
	cr_expect(c[0].from == 0 && c[0].what.stage == 1 && c[0].what.line == 4);
	cr_expect(str_eq(c[0].what.path, STR("one")) && !c[0].what.is_wildcard);
	cr_expect(str_eq(c[1].what.path, STR("two*")) && c[1].what.is_wildcard);
	cr_expect(str_eq(c[1].what.destination.path, STR("v")) && c[1].what.destination.is_dir);
	cr_expect(c[2].from == 1 && c[2].what.stage == 3 && c[2].what.column == 15);
	arena_destroy(a);
}

Test(dockerfile_resolve, a_source_says_from_where_to_where_its_word_stands) {
	static const struct {
		const char *text;
		size_t source;
		uint32_t line, column, end;
	} cases[] = {
		{ "FROM scratch\nCOPY a bc /\n", 1, 2, 8, 10 },
		{ "FROM scratch\nCOPY [\"a\", \"b c\", \"/x\"]\n", 0, 2, 7, 10 },
		{ "FROM scratch\nCOPY [\"a\", \"b c\", \"/x\"]\n", 1, 2, 12, 17 },
		{ "FROM scratch\nCOPY [ \"a\\\\b\\u0063\",\"/x\"]\n", 0, 2, 8, 20 },
		{ "FROM scratch\nCOPY a \\\n\tb\\\n  /\n", 1, 3, 2, 3 },
		{ "FROM scratch\nCOPY ab\\\ncde /\n", 0, 2, 6, 8 },
		{ "FROM scratch\nCOPY [\"a\", \\\n  \"b\xc3\xa9\", \"/x\"]\n", 1, 3, 3, 8 },
		{ "FROM scratch\nCOPY $A\"b\" /\n", 0, 2, 6, 11 },
		{ "FROM scratch\nRUN --mount=type=bind,source=a,target=/b x\n", 0, 2, 5, 41 },
		{ "FROM scratch AS a\nONBUILD COPY [\"x\",\"/\"]\nFROM a\n", 0, 2, 15, 18 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_create();
		struct build_request request = { 0 };
		const struct build_sources *found = NULL;
		struct tng_error err;
		cr_assert(eq(int, resolve(a, cases[i].text, &request, &found, &err), TNG_OK));
		cr_assert(gt(sz, found->nsources, cases[i].source), "%s", cases[i].text);
		const struct source *s = &found->sources[cases[i].source];
		cr_expect(eq(u32, s->word_line, cases[i].line), "%s", cases[i].text);
		cr_expect(eq(u32, s->column, cases[i].column), "%s", cases[i].text);
		cr_expect(eq(u32, s->end_column, cases[i].end), "%s", cases[i].text);
		arena_destroy(a);
	}
}
