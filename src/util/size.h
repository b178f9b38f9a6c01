/*
 * util/size.h - numbers as people read and write them.
 */
#ifndef UTIL_SIZE_H
#define UTIL_SIZE_H

#include "util/error.h"
#include "util/str.h"

#define SIZE_TEXT_BYTES 24

/**
 * Decimal units as docker prints them: "0B", "27B", "2.048kB", "1.34GB" (four significant digits,
 * no trailing zeros; docker/go-units HumanSize, "%.4g").
 */
const char *size_format(uint64_t bytes, char out[SIZE_TEXT_BYTES]);

/** The same with three significant digits, for tables: "2.05kB", "413MB". */
const char *size_format_short(uint64_t bytes, char out[SIZE_TEXT_BYTES]);

/** As BuildKit prints them: "64B", below 1000 a whole number, else two decimals: "1.02kB", "46.26MB". */
const char *size_format_buildkit(uint64_t bytes, char out[SIZE_TEXT_BYTES]);

/** A count with commas between thousands: "41,233". */
const char *size_format_count(uint64_t count, char out[SIZE_TEXT_BYTES + 4]);

/** "96.5 %"; a part that is not all is never "100 %", one that is something never "0.0 %". */
const char *size_format_percent(uint64_t part, uint64_t whole, char out[SIZE_TEXT_BYTES]);

/** A range of seconds: "2-8ms", "0.04-0.13s", "1.9-5.8s", "12-40s", "11-25min"; of equal ends one: "0.6s". */
const char *seconds_format(double lo, double hi, char out[SIZE_TEXT_BYTES]);

/**
 * Parse "20MB" (decimal), "20MiB" (binary), "20M" (decimal), "1.5GB", "512" or "0"; the unit's case
 * does not matter, a blank before it is allowed.
 *
 * Errors   TNG_EINVAL: no number, unknown unit, or more than 2^64-1 bytes
 */
ATTR_NODISCARD
enum tng_code size_parse(struct str text, uint64_t *bytes, struct tng_error *err);

/**
 * Parse the speed of a line into bytes a second: "50Mbit" or "50Mbps" (bits), "6MB" (bytes); "/s" may follow.
 *
 * Errors   TNG_EINVAL: no number, unknown unit, too much, or less than a byte
 */
ATTR_NODISCARD
enum tng_code rate_parse(struct str text, uint64_t *bytes_per_second, struct tng_error *err);

/**
 * Parse "40ms", "0.5s" or "800us" into microseconds.
 *
 * Errors   TNG_EINVAL: no number, no unit or an unknown one, or too much
 */
ATTR_NODISCARD
enum tng_code duration_parse(struct str text, uint64_t *microseconds, struct tng_error *err);

#endif
