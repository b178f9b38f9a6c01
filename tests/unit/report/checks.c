#include "unit/report/checks.h"

#include "support/expect.h"

void checks_open(struct checks *c, const char *ignore, const char *dockerfile,
		const struct check_finding *findings, size_t n) {
	c->arena = arena_create();
	cr_assert(c->arena != NULL);
	c->build.context = (struct context){ .root = STR("."),
		.ignore_origin = IGNORE_ORIGIN_ROOT,
		.ignore_path = STR(".dockerignore"),
		.ignore_text = str_from(ignore),
		.has_dockerfile = true,
		.dockerfile_is_inside = true,
		.dockerfile = STR("Dockerfile"),
		.dockerfile_text = str_from(dockerfile) };
	c->an = (struct analysis){ .arena = c->arena, .builds = &c->build, .nbuilds = 1 };
	c->how.config = &c->config;
	c->result = (struct check_result){ .findings = findings, .n = n };
	check_count(&c->result);
	c->view = (struct check_view){
		.an = &c->an, .result = &c->result, .how = &c->how, .arena = c->arena
	};
}

void checks_close(struct checks *c) {
	arena_destroy(c->arena);
}

struct str checks_print(struct checks *c, enum check_format format) {
	struct sink sink;

	sink_init_memory(&sink);
	enum tng_code code = report_check(&c->view, format, &sink, NULL);
	cr_assert(code == TNG_OK && !buf_failed(&sink.buf));
	struct str text = arena_copy(c->arena, buf_str(&sink.buf));
	buf_fini(&sink.buf);
	cr_assert(text.ptr != NULL);
	return text;
}
