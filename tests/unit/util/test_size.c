#include "support/expect.h"
#include "util/size.h"

#include <criterion/parameterized.h>

struct format_case {
	uint64_t bytes;
	char exact[16], brief[16];
};

/* the left column: docker/go-units HumanSize, "%.4g" and the unit */
ParameterizedTestParameters(size, prints_as_docker_does) {
	static struct format_case cases[] = {
		{ 0, "0B", "0B" },
		{ 1, "1B", "1B" },
		{ 27, "27B", "27B" },
		{ 999, "999B", "999B" },
		{ 1000, "1kB", "1kB" },
		{ 1024, "1.024kB", "1.02kB" },
		{ 2048, "2.048kB", "2.05kB" },
		{ 3072, "3.072kB", "3.07kB" },
		{ 10240, "10.24kB", "10.2kB" },
		{ 112150, "112.2kB", "112kB" }, /* 112.15 is a little more in binary */
		{ 999499, "999.5kB", "999kB" },
		{ 999960, "1000kB", "1MB" },
		{ 999999, "1000kB", "1MB" },
		{ 1000000, "1MB", "1MB" },
		{ 1048576, "1.049MB", "1.05MB" },
		{ 3420000, "3.42MB", "3.42MB" },
		{ 413000000, "413MB", "413MB" },
		{ 1340000000, "1.34GB", "1.34GB" },
		{ 1000000000000, "1TB", "1TB" },
		{ 3420000000000000, "3.42PB", "3.42PB" },
		{ UINT64_MAX, "18.45EB", "18.4EB" },
	};
	return cr_make_param_array(struct format_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct format_case *c, size, prints_as_docker_does) {
	char text[SIZE_TEXT_BYTES];

	EXPECT_STR(str_from(size_format(c->bytes, text)), c->exact);
	EXPECT_STR(str_from(size_format_short(c->bytes, text)), c->brief);
}

Test(size, counts_have_commas_between_thousands) {
	char text[SIZE_TEXT_BYTES + 4];

	EXPECT_STR(str_from(size_format_count(0, text)), "0");
	EXPECT_STR(str_from(size_format_count(999, text)), "999");
	EXPECT_STR(str_from(size_format_count(1000, text)), "1,000");
	EXPECT_STR(str_from(size_format_count(41233, text)), "41,233");
	EXPECT_STR(str_from(size_format_count(123456, text)), "123,456");
	EXPECT_STR(str_from(size_format_count(UINT64_MAX, text)), "18,446,744,073,709,551,615");
}

struct parse_case {
	char text[48];
	uint64_t bytes;
};

ParameterizedTestParameters(size, reads_what_people_write) {
	static struct parse_case cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512B", 512 },
		{ "20MB", 20000000 },
		{ "20M", 20000000 },
		{ "20MiB", 20971520 },
		{ "20mib", 20971520 },
		{ "1.5GB", 1500000000 },
		{ "1.5GiB", 1610612736 },
		{ "1kB", 1000 },
		{ "1K", 1000 },
		{ "1KiB", 1024 },
		{ "2TB", 2000000000000 },
		{ "1TiB", 1099511627776 },
		{ " 20 MB ", 20000000 },
		{ ".5k", 500 },
		{ "1.k", 1000 },
		{ "0.001kB", 1 },
		{ "1.0005kB", 1001 },
		{ "0.1MB", 100000 },
		{ "007", 7 },
		{ "00000000000000000000000000512", 512 },
		{ "9007199254740993", 9007199254740993 }, /* 2^53 + 1: no double holds it */
		{ "9007199254740993B", 9007199254740993 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18446744073709551.615kB", UINT64_MAX },
	};
	return cr_make_param_array(struct parse_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct parse_case *c, size, reads_what_people_write) {
	struct tng_error err = { 0 };
	uint64_t bytes = 1;

	cr_assert(eq(int, size_parse(str_from(c->text), &bytes, &err), TNG_OK), "%s: %s", c->text,
			err.text);
	cr_expect(eq(u64, bytes, c->bytes), "%s", c->text);
}

struct refuse_case {
	char text[48], why[40];
};

ParameterizedTestParameters(size, refuses_the_rest) {
	static struct refuse_case cases[] = {
		{ "", "is not a size" }, { "MB", "is not a size" }, { ".", "is not a size" },
		{ "-1", "is not a size" }, { "+1", "is not a size" }, { "1.2.3", "is not a size" },
		{ "1,5GB", "unknown unit" }, { "1e3", "unknown unit" }, { "0x10", "unknown unit" },
		{ "5 M B", "unknown unit" }, { "5 bananas", "unknown unit" },
		{ "18446744073709551616", "more than" },
		{ "99999999999999999999999999999999", "more than" }, { "18446745TB", "more than" },
		{ "16777216TiB", "more than" }, /* 2^64 */
	};
	return cr_make_param_array(struct refuse_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct refuse_case *c, size, refuses_the_rest) {
	struct tng_error err = { 0 };
	uint64_t bytes = 42;

	cr_assert(eq(int, size_parse(str_from(c->text), &bytes, &err), TNG_EINVAL), "%s", c->text);
	cr_expect(ne(ptr, strstr(err.text, c->why), NULL), "%s: %s", c->text, err.text);
	cr_expect(eq(u64, bytes, 42), "out is untouched on failure");
}

Test(size, buildkit_prints_two_decimals_from_a_thousand_on) {
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0B" },
		{ 2, "2B" },
		{ 999, "999B" },
		{ 1000, "1.00kB" },
		{ 1024, "1.02kB" },
		{ 46260000, "46.26MB" },
		{ 999999, "1000.00kB" },
		{ 1000000, "1.00MB" },
		{ UINT64_MAX, "18.45EB" },
	};
	char text[SIZE_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_STR(str_from(size_format_buildkit(cases[i].bytes, text)), cases[i].text);
	}
}

Test(rate, takes_bits_and_bytes_a_second) {
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: refused */
	} cases[] = {
		{ "50Mbit", 6250000 },
		{ "50Mbit/s", 6250000 },
		{ "50mbps", 6250000 },
		{ "1Gbit", 125000000 },
		{ "2.5 Gbit/s", 312500000 },
		{ "6MB", 6000000 },
		{ "6MB/s", 6000000 },
		{ "1MiB/s", 1048576 },
		{ "9bit", 1 },
		{ "", 0 },
		{ "fast", 0 },
		{ "50MBbit", 0 },
		{ "0Mbit", 0 },
		{ "7bit", 0 },
		{ "Mbit", 0 },
		{ "-5Mbit", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tng_error err = { 0 };
		uint64_t bytes = 0;
		enum tng_code code = rate_parse(str_from(cases[i].text), &bytes, &err);
		cr_expect(eq(int, code, cases[i].bytes > 0 ? TNG_OK : TNG_EINVAL), "%s",
				cases[i].text);
		cr_expect(eq(u64, bytes, cases[i].bytes), "%s", cases[i].text);
		cr_expect(cases[i].bytes > 0 || strstr(err.text, "write 50Mbit") != NULL);
	}
}

Test(duration, takes_a_number_and_its_unit) {
	static const struct {
		const char *text;
		uint64_t us; /* 42: refused */
	} cases[] = {
		{ "40ms", 40000 },
		{ "0.5s", 500000 },
		{ "800us", 800 },
		{ "1 s", 1000000 },
		{ "0ms", 0 },
		{ "40", 42 },
		{ "ms", 42 },
		{ "-1ms", 42 },
		{ "4min", 42 },
		{ "", 42 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t us = 42;
		enum tng_code code = duration_parse(str_from(cases[i].text), &us, NULL);
		cr_expect(eq(int, code, cases[i].us != 42 ? TNG_OK : TNG_EINVAL), "%s",
				cases[i].text);
		cr_expect(eq(u64, us, cases[i].us), "%s", cases[i].text);
	}
}

Test(seconds, are_a_range_in_one_unit) {
	static const struct {
		double lo, hi;
		const char *text;
	} cases[] = {
		{ 0, 0, "0ms" },
		{ 0.0021, 0.0079, "2-8ms" },
		{ 0.04, 0.13, "0.04-0.13s" },
		{ 0.55, 0.554, "0.55s" },
		{ 1.91, 5.84, "1.9-5.8s" },
		{ 0.02, 5.8, "0.0-5.8s" },
		{ 12.3, 40.4, "12-40s" },
		{ 300, 599, "300-599s" },
		{ 660, 1500, "11-25min" },
	};
	char text[SIZE_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_STR(str_from(seconds_format(cases[i].lo, cases[i].hi, text)), cases[i].text);
	}
}
