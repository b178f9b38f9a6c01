#include "util/size.h"

#include <stdio.h>

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

const char *size_format_buildkit(uint64_t bytes, char out[SIZE_TEXT_BYTES]) {
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes / 1000.0;
	unsigned unit = 0;

	if (bytes < 1000) {
		(void)snprintf(out, SIZE_TEXT_BYTES, "%uB", (unsigned)bytes);
		return out;
	}
	for (; value >= 1000.0; unit++) {
		value /= 1000.0;
	}
	(void)snprintf(out, SIZE_TEXT_BYTES, "%.2f%s", value, units[unit]);
	return out;
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

const char *size_format_percent(uint64_t part, uint64_t whole, char out[SIZE_TEXT_BYTES]) {
	double p = whole > 0 ? (double)part * 100.0 / (double)whole : 0.0;

	if (part > 0 && p < 0.1) {
		p = 0.1;
	}
	if (part < whole && p > 99.9) {
		p = 99.9;
	}
	(void)snprintf(out, SIZE_TEXT_BYTES, "%.*f %%", p >= 99.95 ? 0 : 1, p);
	return out;
}

static bool unit_factor(struct str unit, uint64_t *factor) {
	static const struct {
		char name[8];
		uint64_t factor;
	} table[] = {
		{ "", 1 },
		{ "b", 1 },
		{ "k", 1000 },
		{ "kb", 1000 },
		{ "kib", UINT64_C(1) << 10 },
		{ "m", 1000000 },
		{ "mb", 1000000 },
		{ "mib", UINT64_C(1) << 20 },
		{ "g", 1000000000 },
		{ "gb", 1000000000 },
		{ "gib", UINT64_C(1) << 30 },
		{ "t", UINT64_C(1000000000000) },
		{ "tb", UINT64_C(1000000000000) },
		{ "tib", UINT64_C(1) << 40 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq_nocase(unit, str_from(table[i].name))) {
			*factor = table[i].factor;
			return true;
		}
	}
	return false;
}

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

/* Digits with at most one point among them, at the start of `text`; their length, 0: none. */
static size_t number_length(struct str text) {
	size_t n = 0, ndots = 0;

	while (n < text.len && (is_digit(text.ptr[n]) || text.ptr[n] == '.')) {
		ndots += text.ptr[n] == '.';
		n++;
	}
	return ndots <= 1 && n > ndots ? n : 0;
}

/*
 * number * factor, half a byte rounded up; false when that is more than 64 bits hold. By hand, as
 * whole bytes need all 64 bits where a double has 53, and strtod() reads what the locale says.
 */
static bool scale(struct str number, uint64_t factor, uint64_t *out) {
	struct str whole, fraction;
	uint64_t total = 0;
	double part = 0, weight = (double)factor;

	(void)str_cut(number, '.', &whole, &fraction);
	for (size_t i = 0; i < whole.len; i++) {
		uint64_t digit = (uint64_t)(whole.ptr[i] - '0');
		if (__builtin_mul_overflow(total, 10, &total) ||
				__builtin_add_overflow(total, digit, &total)) {
			return false;
		}
	}
	for (size_t i = 0; i < fraction.len; i++) {
		weight /= 10;
		part += weight * (fraction.ptr[i] - '0');
	}
	return !__builtin_mul_overflow(total, factor, &total) &&
			!__builtin_add_overflow(total, (uint64_t)(part + 0.5), out);
}

enum tng_code size_parse(struct str text, uint64_t *bytes, struct tng_error *err) {
	struct str trimmed = str_trim(text);
	size_t n = number_length(trimmed);
	uint64_t factor, scaled;

	if (n == 0) {
		return error_set(err, TNG_EINVAL,
				"\"%.*s\" is not a size; write a number and a unit, as 20MB or "
				"20MiB",
				STR_FMT(str_take(text, 40)));
	}
	if (!unit_factor(str_trim(str_skip(trimmed, n)), &factor)) {
		return error_set(err, TNG_EINVAL,
				"\"%.*s\" has an unknown unit; use B, kB, MB, GB, TB, KiB, MiB, "
				"GiB or TiB",
				STR_FMT(str_take(text, 40)));
	}
	if (!scale(str_take(trimmed, n), factor, &scaled)) {
		return error_set(err, TNG_EINVAL, "\"%.*s\" is more than tonnage can count",
				STR_FMT(str_take(text, 40)));
	}
	*bytes = scaled;
	return TNG_OK;
}
