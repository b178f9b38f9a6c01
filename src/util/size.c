#include "util/size.h"

#include <stdio.h>
#include <stdlib.h>

static const char *format_units(uint64_t bytes, int digits, char out[SIZE_TEXT_BYTES]) {
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	unsigned unit = 0;

	while (value >= 1000.0) {
		value /= 1000.0;
		unit++;
	}
	/* "%.3g" of 999.6 is "1e+03": step to the next unit where rounding reaches 1000 */
	if (digits == 3 && value >= 999.5) {
		value /= 1000.0;
		unit++;
	}
	(void)snprintf(out, SIZE_TEXT_BYTES, "%.*g%s", digits, value, units[unit]);
	return out;
}

const char *size_format(uint64_t bytes, char out[SIZE_TEXT_BYTES]) {
	return format_units(bytes, 4, out);
}

const char *size_format_short(uint64_t bytes, char out[SIZE_TEXT_BYTES]) {
	return format_units(bytes, 3, out);
}

const char *size_format_count(uint64_t count, char out[SIZE_TEXT_BYTES + 4]) {
	char digits[SIZE_TEXT_BYTES];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	char *at = out;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0) {
			*at++ = ',';
		}
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

static bool unit_factor(struct str unit, double *factor) {
	static const struct {
		char name[8];
		double factor;
	} table[] = {
		{ "", 1 },
		{ "b", 1 },
		{ "k", 1e3 },
		{ "kb", 1e3 },
		{ "kib", 1024.0 },
		{ "m", 1e6 },
		{ "mb", 1e6 },
		{ "mib", 1024.0 * 1024 },
		{ "g", 1e9 },
		{ "gb", 1e9 },
		{ "gib", 1024.0 * 1024 * 1024 },
		{ "t", 1e12 },
		{ "tb", 1e12 },
		{ "tib", 1024.0 * 1024 * 1024 * 1024 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq_nocase(unit, str_from(table[i].name))) {
			*factor = table[i].factor;
			return true;
		}
	}
	return false;
}

enum tng_code size_parse(struct str text, uint64_t *bytes, struct tng_error *err) {
	struct str number = str_trim(text);
	size_t n = 0, ndots = 0, ndigits = 0;
	char digits[40];
	double factor;

	while (n < number.len &&
			((number.ptr[n] >= '0' && number.ptr[n] <= '9') || number.ptr[n] == '.')) {
		ndots += number.ptr[n] == '.';
		ndigits += number.ptr[n] != '.';
		n++;
	}
	if (ndigits == 0 || ndots > 1 || n >= sizeof(digits)) {
		return error_set(err, TNG_EINVAL,
				"\"%.*s\" is not a size; write a number and a unit, as 20MB or "
				"20MiB",
				STR_FMT(str_take(text, 40)));
	}
	if (!unit_factor(str_trim(str_skip(number, n)), &factor)) {
		return error_set(err, TNG_EINVAL,
				"\"%.*s\" has an unknown unit; use B, kB, MB, GB, TB, KiB, MiB, "
				"GiB or TiB",
				STR_FMT(str_take(text, 40)));
	}
	memcpy(digits, number.ptr, n);
	digits[n] = '\0';
	if (ndots == 0 && factor <= 1.0) {
		/* whole bytes need all 64 bits, a double has 53 */
		char *end;
		unsigned long long exact = strtoull(digits, &end, 10);
		if (n <= 19) {
			*bytes = exact;
			return TNG_OK;
		}
	}
	double value = strtod(digits, NULL) * factor;
	if (!(value < 18446744073709549568.0)) {
		return error_set(err, TNG_EINVAL, "\"%.*s\" is more than tonnage can count",
				STR_FMT(str_take(text, 40)));
	}
	*bytes = (uint64_t)(value + 0.5);
	return TNG_OK;
}
