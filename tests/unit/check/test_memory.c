#include "unit/check/checked.h"

#include "support/fail_alloc.h"

#include <criterion/criterion.h>

static const char items[] = "app/main.py=200 app/data/a.bin=3000000 app/data/b.bin=2000000 "
			    "node_modules/x/y.js=400000 web/node_modules/z.js=9 web/dist/a=7 "
			    "README.md docs/a docs/b.md=7 .git/HEAD=5 app/id_rsa=9 .env";

static const char ignore[] =
		"# tonnage: ignore=pattern-dead reason=\"later\"\nlists\n/dist\nnode_modules\n"
		"docs # old\n!docs/a\ndocs\n./app/x\n!README.md\n**/y\n!**/*.md\nbuild\\-out\n"
		"# tonnage: off\n";

static const char dockerfile[] =
		"ARG D\nFROM scratch AS one\nCOPY app docs/b.md /x/\nCOPY gone $D /y/\n"
		"FROM scratch\nCOPY --from=one /x /z\nCOPY . /\n";

struct world {
	struct checked now, then;
	struct check_earlier earlier;
	struct config_named_limit of_class, of_path;
	struct check_secret secrets[2];
	uint64_t nasked[8];
};

static void add_dockerfile(struct world *w) {
	struct checked *c = &w->now;

	cr_assert(dockerfile_parse(c->arena, str_from(dockerfile), &c->build.dockerfile, NULL) ==
			TNG_OK);
	cr_assert(dockerfile_resolve(c->arena, c->build.dockerfile, NULL, &c->build.sources,
				  NULL) == TNG_OK);
	cr_assert(c->build.sources->nsources <= 8);
	w->nasked[0] = 5; /* app alone is there */
	c->build.nasked = w->nasked;
	c->context.has_dockerfile = c->context.dockerfile_is_inside = true;
	c->context.dockerfile = STR("Dockerfile");
	c->context.dockerfile_text = str_from(dockerfile);
	w->secrets[0] = (struct check_secret){ .row = tree_find(c->tree, STR("app/id_rsa")),
		.severity = CLASS_SEVERITY_CRITICAL };
	w->secrets[1] = (struct check_secret){ .row = tree_find(c->tree, STR(".env")),
		.line = 1,
		.kind = STR("password"),
		.severity = CLASS_SEVERITY_HIGH };
	c->input.secrets = w->secrets;
	c->input.nsecrets = 2;
}

static void open_world(struct world *w) {
	checked_open(&w->then, "app/main.py=200 README.md", "docs\n");
	checked_open(&w->now, items, ignore);
	w->earlier = (struct check_earlier){ .tree = w->then.tree,
		.plan = &w->then.plan,
		.classes = &w->then.classes,
		.name = STR("main") };
	w->of_class = (struct config_named_limit){ .name = STR("deps"), .bytes = 1 };
	w->of_path = (struct config_named_limit){ .name = STR("app/**"), .bytes = 1 };
	w->now.input.earlier = &w->earlier;
	w->now.options.limits.bytes = (struct config_limit){ .is_set = true, .value = 1 };
	w->now.options.limits.files = (struct config_limit){ .is_set = true, .value = 1 };
	w->now.options.limits.file_size = (struct config_limit){ .is_set = true, .value = 100 };
	struct config_limits *limits = &w->now.config.policy.limits[CONFIG_LENS_ELIGIBLE];
	limits->classes = &w->of_class;
	limits->paths = &w->of_path;
	limits->nclasses = limits->npaths = 1;
	add_dockerfile(w);
}

static void close_world(struct world *w) {
	checked_close(&w->now);
	checked_close(&w->then);
}

static bool is_same(const struct check_result *got, const struct check_result *whole) {
	bool same = got->n == whole->n;

	for (size_t i = 0; same && i < got->n; i++) {
		const struct check_finding *a = &got->findings[i], *b = &whole->findings[i];
		same = strcmp(a->fingerprint, b->fingerprint) == 0 &&
				str_eq(a->message, b->message) && str_eq(a->fix, b->fix);
	}
	return same;
}

/* A run has failed and says so, or has found all that the whole one finds. */
static bool is_whole(enum tng_code code, const struct tng_error *err,
		const struct check_result *got, const struct check_result *whole) {
	cr_assert(code == TNG_OK ? is_same(got, whole)
				 : code == TNG_ENOMEM && err->code == TNG_ENOMEM);
	return code == TNG_OK;
}

Test(check_memory, a_run_without_memory_finds_all_or_says_so) {
	struct check_result whole, got;
	struct world w = { 0 };
	bool has_failed = true;
	size_t n = 0;

	open_world(&w);
	if (!fail_alloc_works()) {
		cr_skip_test("no --wrap");
	}
	cr_assert(check_run(w.now.arena, &w.now.input, &whole, NULL) == TNG_OK);
	cr_assert(whole.n > 12 && checked_find(&whole, RULE_SECRET_IN_IMAGE) != NULL &&
			checked_find(&whole, RULE_SOURCE_MISSING) != NULL &&
			checked_find(&whole, RULE_REGRESSION) != NULL);
	for (; has_failed && n < 100000; n++) {
		struct tng_error err = { 0 };
		fail_alloc_after(n);
		enum tng_code code = check_run(w.now.arena, &w.now.input, &got, &err);
		has_failed = fail_alloc_end();
		(void)is_whole(code, &err, &got, &whole);
	}
	cr_expect(n > 20 && !has_failed);
	close_world(&w);
}

Test(check_memory, a_run_whose_arena_ends_finds_all_or_says_so) {
	struct check_result whole, got;
	struct world w = { 0 };
	bool done = false;
	size_t n = 0;

	open_world(&w);
	cr_assert(check_run(w.now.arena, &w.now.input, &whole, NULL) == TNG_OK);
	for (; !done && n < 100000; n++) {
		struct tng_error err = { 0 };
		arena_fail_after(w.now.arena, n);
		enum tng_code code = check_run(w.now.arena, &w.now.input, &got, &err);
		done = is_whole(code, &err, &got, &whole);
	}
	cr_expect(n > 50 && done);
	close_world(&w);
}

Test(check_memory, fixes_and_baselines_are_whole_or_not_there) {
	struct check_result result;
	struct world w = { 0 };
	bool has_failed = true;
	size_t n = 0;

	open_world(&w);
	if (!fail_alloc_works()) {
		cr_skip_test("no --wrap");
	}
	cr_assert(check_run(w.now.arena, &w.now.input, &result, NULL) == TNG_OK);
	struct check_fix_input input = { .tree = w.now.tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.file = w.now.context.ignore_path,
		.text = w.now.context.ignore_text,
		.result = &result };
	struct check_fixed whole, got;
	struct str lines, some;
	cr_assert(check_fix(w.now.arena, &input, &whole, NULL) == TNG_OK && whole.nfixed > 1);
	cr_assert(check_baseline_write(w.now.arena, &result, &lines, NULL) == TNG_OK);
	for (; has_failed && n < 100000; n++) {
		struct tng_error err = { 0 };
		fail_alloc_after(n);
		enum tng_code code = check_fix(w.now.arena, &input, &got, &err);
		has_failed = fail_alloc_end();
		cr_assert(code == TNG_OK ? str_eq(got.text, whole.text) : err.code == TNG_ENOMEM);
		fail_alloc_after(n);
		code = check_baseline_write(w.now.arena, &result, &some, &err);
		has_failed |= fail_alloc_end();
		cr_assert(code == TNG_OK ? str_eq(some, lines) : err.code == TNG_ENOMEM);
	}
	cr_expect(n > 5);
	close_world(&w);
}
