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

const char *seconds_format(double lo, double hi, char out[SIZE_TEXT_BYTES]) {
	const char *unit = hi < 0.1 ? "ms" : hi < 600 ? "s" : "min";
	double factor = hi < 0.1 ? 1000 : hi < 600 ? 1 : 1.0 / 60;
	int digits = hi < 0.1 || hi >= 10 ? 0 : hi < 1 ? 2 : 1;
	char from[SIZE_TEXT_BYTES], to[SIZE_TEXT_BYTES];

	(void)snprintf(from, sizeof(from), "%.*f", digits, lo * factor);
	(void)snprintf(to, sizeof(to), "%.*f", digits, hi * factor);
	bool is_one = strcmp(from, to) == 0;
	(void)snprintf(out, SIZE_TEXT_BYTES, "%.9s%s%.9s%s", is_one ? "" : from, is_one ? "" : "-",
			to, unit);
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

static struct str without_end(struct str s, const char *end, bool *had) {
	size_t n = strlen(end);

	*had = s.len > n && str_eq_nocase(str_skip(s, s.len - n), str_make(end, n));
	return *had ? str_trim(str_take(s, s.len - n)) : s;
}

enum tng_code rate_parse(struct str text, uint64_t *bytes_per_second, struct tng_error *err) {
	bool is_second, is_bits, is_bps = false;
	uint64_t n = 0;
	struct str rest = without_end(str_trim(text), "/s", &is_second);

	rest = without_end(rest, "bit", &is_bits);
	rest = is_bits ? rest : without_end(rest, "bps", &is_bps);
	is_bits = is_bits || is_bps;
	/* "MBit" and "Mbps" are bits, as a line's speed is given in; "50MBbit" is nothing */
	bool good = size_parse(rest, &n, NULL) == TNG_OK &&
			!(is_bits && (str_ends(rest, STR("b")) || str_ends(rest, STR("B"))));
	n = is_bits ? n / 8 : n;
	if (!good || n == 0) {
		return error_set(err, TNG_EINVAL,
				"\"%.*s\" is no speed of a line; write 50Mbit or 6MB, a second",
				STR_FMT(str_take(text, 40)));
	}
	*bytes_per_second = n;
	return TNG_OK;
}

enum tng_code duration_parse(struct str text, uint64_t *microseconds, struct tng_error *err) {
	static const struct {
		char name[4];
		uint64_t factor;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	struct str trimmed = str_trim(text);
	size_t n = number_length(trimmed);
	struct str unit = str_trim(str_skip(trimmed, n));

	for (size_t i = 0; n > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t scaled;
		if (str_eq(unit, str_from(units[i].name)) &&
				scale(str_take(trimmed, n), units[i].factor, &scaled)) {
			*microseconds = scaled;
			return TNG_OK;
		}
	}
	return error_set(err, TNG_EINVAL, "\"%.*s\" is no duration; write 40ms or 0.1s",
			STR_FMT(str_take(text, 40)));
}
