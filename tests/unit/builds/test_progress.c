/* What builds print: which lines are of the context, and what they say. */
#include "builds/builds.h"
#include "support/expect.h"

#include <criterion/parameterized.h>
#include <math.h>

struct progress_case {
	char why[64], text[480];
	size_t n; /* 0: refused */
	uint32_t line, column;
	uint64_t bytes;
	double seconds;
	char error[64];
};

#define HEAD "#4 [internal] load .dockerignore\n#4 transferring context: 2B done\n#4 DONE 0.1s\n"
#define LOAD "#5 [internal] load build context\n"
#define JSON_HEAD                                                                                  \
	"{\"vertexes\":[{\"digest\":\"d\",\"name\":\"[internal] load build context\"},"            \
	"{\"digest\":\"e\",\"name\":\"[internal] load .dockerignore\"}]}\n"
#define JSON_TIME(vertex)                                                                          \
	"{\"statuses\":[{\"id\":\"transferring context:\",\"vertex\":\"" vertex "\","              \
	"\"current\":1234567,\"started\":\"2024-02-28T23:59:59.75Z\","                             \
	"\"completed\":\"2024-03-01T00:00:02.25Z\"}]}\n"

ParameterizedTestParameters(builds_progress, a_build_says_what_its_context_took) {
	static struct progress_case cases[] = {
		{ "plain", HEAD LOAD "#5 transferring context: 46.26MB 0.6s done\n", 1, 5, 4,
				46260000, 0.6, "" },
		{ "only the end counts",
				LOAD "#5 transferring context: 12.00MB 5.1s\n"
				     "#5 transferring context: 46.26MB 10.2s done\n",
				1, 3, 4, 46260000, 10.2, "" },
		{ "no time: less than 10 ms", LOAD "#5 transferring context: 120B done\n", 1, 2, 4,
				120, 0.005, "" },
		{ "the line alone", "transferring context: 46.26MB 0.6s", 1, 1, 1, 46260000, 0.6,
				"" },
		{ "a job's log: times in front, Windows' line ends",
				"2024-01-01T00:00:00.1Z #5 [web internal] load build context\r\n"
				"2024-01-01T00:00:00.2Z #5 transferring context: 1.50kB 0.3s "
				"done\r\n",
				1, 2, 27, 1500, 0.3, "" },
		{ "a terminal",
				" => [internal] load .dockerignore      0.0s\n"
				" => => transferring context: 2B        0.0s\n"
				" => [internal] load build context      0.7s\n"
				" => => transferring context: 46.26MB   0.6s\n",
				1, 4, 8, 46260000, 0.6, "" },
		{ "numbers begin again in the next build",
				HEAD LOAD "#5 transferring context: 1MB 0.2s done\n"
					  "#5 [internal] load .dockerignore\n"
					  "#5 transferring context: 2B 0.1s done\n"
					  "#9 [internal] load build context\n"
					  "#9 transferring context: 2MB 0.4s done\n",
				2, 5, 4, 1000000, 0.2, "" },
		{ "rawjson, over a leap day", JSON_HEAD JSON_TIME("d"), 1, 2, 1, 1234567, 86402.5,
				"" },
		{ "rawjson: not the ignore file", JSON_HEAD JSON_TIME("e"), 0, 1, 1, 0, 0,
				"nothing here says" },
		{ "rawjson: not the line that is cut", JSON_HEAD "{\"statuses\":[{\"id\":\n", 0, 2,
				0, 0, 0, "no JSON" },
		{ "classic", "Step 0\nSending build context to Docker daemon  46.26MB\n", 0, 2, 1,
				0, 0, "prints no time" },
		{ "it was broken off", LOAD "#5 transferring context: 12.00MB 5.1s\n#5 CANCELED\n",
				0, 2, 4, 0, 0, "does not come to its end" },
		{ "something else", "hello\n", 0, 1, 1, 0, 0, "nothing here says" },
		{ "nothing", "", 0, 1, 1, 0, 0, "nothing here says" },
		{ "only the ignore file", HEAD, 0, 1, 1, 0, 0, "nothing here says" },
	};
	return cr_make_param_array(struct progress_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct progress_case *c, builds_progress, a_build_says_what_its_context_took) {
	struct arena *a = arena_create();
	const struct build_time *times = NULL;
	struct tng_error err = { 0 };
	size_t n = 0;

	enum tng_code code = progress_read(a, str_from(c->text), &times, &n, &err);
	cr_expect(eq(int, code, c->n > 0 ? TNG_OK : TNG_EINVAL), "%s", c->why);
	cr_expect(eq(sz, n, c->n), "%s", c->why);
	if (code == TNG_OK && n > 0) {
		cr_expect(eq(u32, times[0].line, c->line), "%s", c->why);
		cr_expect(eq(u32, times[0].column, c->column), "%s", c->why);
		cr_expect(eq(u64, times[0].bytes, c->bytes), "%s", c->why);
		cr_expect(lt(dbl, fabs(times[0].seconds - c->seconds), 1e-6), "%s", c->why);
	} else {
		cr_expect(eq(u32, err.line, c->line), "%s", c->why);
		cr_expect(c->column == 0 || err.column == c->column, "%s: %u", c->why, err.column);
		cr_expect(ne(ptr, strstr(err.text, c->error), NULL), "%s: %s", c->why, err.text);
	}
	arena_destroy(a);
}

Test(builds_progress, the_clock_of_the_output_is_what_it_was_printed_with) {
	struct arena *a = arena_create();
	const struct build_time *plain = NULL, *raw = NULL;
	size_t n;

	cr_assert(eq(int,
			progress_read(a, STR(LOAD "#5 transferring context: 1MB 0.2s done"), &plain,
					&n, NULL),
			TNG_OK));
	cr_assert(eq(int, progress_read(a, STR(JSON_HEAD JSON_TIME("d")), &raw, &n, NULL), TNG_OK));
	cr_expect(all(gt(dbl, plain->error_seconds, 0.04), lt(dbl, raw->error_seconds, 0.01)));
	cr_expect(all(raw->is_exact, not(plain->is_exact)));
	arena_destroy(a);
}
