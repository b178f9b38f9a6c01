/*
 * How long transfers took, out of what a build printed.
 *
 *   plain     #5 [internal] load build context
 *             #5 transferring context: 46.26MB 0.6s done
 *   terminal   => [internal] load build context            0.7s
 *              => => transferring context: 46.26MB         0.6s
 *   rawjson   {"vertexes":[{"digest":D,"name":"[internal] load build context"}]}
 *             {"statuses":[{"id":"transferring context:","vertex":D,"current":N,"started":T,"completed":T}]}
 *
 * Whatever stands before that on a line (a time, the name of a job) is passed over. The ignore file is fetched
 * by a step of its own with the same words: it is left out.
 */
#include "builds/builds.h"

#include "util/size.h"
#include "util/vec.h"

#include <jansson.h>
#include <limits.h>

#define TRANSFERRING STR("transferring context:")
#define LOADING STR("load build context")
#define LOADING_IGNORE STR("load .dockerignore")
#define CLASSIC STR("Sending build context to Docker daemon")

/* Printed with one digit; without any, it was less than 10 ms (buildkit, progressui). */
#define PRINTED_ERROR_SECONDS 0.05
#define UNPRINTED_SECONDS 0.005
#define EXACT_ERROR_SECONDS 0.001

/* A step by its number in plain output, by its digest in rawjson. */
struct step {
	struct str name;
	bool is_context;
};

struct progress {
	struct arena *arena;
	uint32_t line;
	bool failed;
	struct {
		VEC_FIELDS(struct step)
	} steps;
	struct {
		VEC_FIELDS(struct build_time)
	} times;
	/* the first thing that would have been one of them */
	uint32_t bad_line, bad_column;
	const char *bad;
};

static void complain(struct progress *p, size_t column, const char *what) {
	if (p->bad == NULL) {
		p->bad = what;
		p->bad_line = p->line;
		p->bad_column = (uint32_t)column + 1;
	}
}

/* Where `what` begins; text.len: nowhere. */
static size_t find(struct str text, struct str what) {
	const char *at = text.ptr != NULL ? memmem(text.ptr, text.len, what.ptr, what.len) : NULL;

	return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

static void remember(struct progress *p, struct str name, bool is_context) {
	struct step *step = VEC_PUSH(&p->steps);

	p->failed |= step == NULL;
	if (step != NULL) {
		*step = (struct step){ name, is_context };
	}
}

/* What is said of a step last; true for one that nothing is said of, where `unknown` is. */
static bool is_context(const struct progress *p, struct str name, bool unknown) {
	for (size_t i = p->steps.len; i-- > 0;) {
		if (str_eq(p->steps.ptr[i].name, name)) {
			return p->steps.ptr[i].is_context;
		}
	}
	return unknown;
}

static void keep(struct progress *p, const struct build_time *time) {
	struct build_time *slot = VEC_PUSH(&p->times);

	p->failed |= slot == NULL;
	if (slot != NULL) {
		*slot = *time;
	}
}

/* ---- lines for people */

/* "#5" of what comes before it on the line; a terminal's "=>" has no number. */
static struct str number_before(struct str before) {
	struct str s = str_trim(before);
	size_t mark = str_find_last(s, '#');

	return mark < s.len ? str_take(str_skip(s, mark), 1 + str_find(str_skip(s, mark + 1), ' '))
			    : STR("");
}

/* "0.6s"; false: no such thing. */
static bool read_seconds(struct str text, double *out) {
	uint64_t microseconds;

	if (text.len < 2 || text.ptr[0] < '0' || text.ptr[0] > '9' ||
			duration_parse(text, &microseconds, NULL) != TNG_OK) {
		return false;
	}
	*out = (double)microseconds / 1e6;
	return true;
}

/* "46.26MB 0.6s done": what is behind the words. */
static bool read_figures(struct str text, struct build_time *out, bool *is_done) {
	struct str word, rest = str_trim(text);
	double seconds = -1;
	bool has_bytes = false, more = rest.len > 0;

	*is_done = false;
	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		word = str_trim(word);
		uint64_t bytes;
		if (str_eq(word, STR("done"))) {
			*is_done = true;
		} else if (!has_bytes && size_parse(word, &bytes, NULL) == TNG_OK) {
			out->bytes = bytes;
			has_bytes = true;
		} else if (has_bytes && read_seconds(word, &seconds)) {
			out->error_seconds = PRINTED_ERROR_SECONDS;
		}
	}
	out->seconds = seconds >= 0 ? seconds : UNPRINTED_SECONDS;
	if (seconds < 0) {
		out->error_seconds = UNPRINTED_SECONDS;
	}
	return has_bytes && (seconds >= 0 || *is_done);
}

static void read_transfer(struct progress *p, struct str line, size_t at) {
	struct str step = number_before(str_take(line, at));
	struct build_time time = { .line = p->line, .column = (uint32_t)at + 1 };
	bool is_done;

	if (!is_context(p, step, true)) {
		return;
	}
	if (!read_figures(str_skip(line, at + TRANSFERRING.len), &time, &is_done) ||
			(step.len > 0 && !is_done)) {
		complain(p, at, "this transfer does not come to its end in this file");
		return;
	}
	keep(p, &time);
}

/* A line that names a step: what comes after is of the context, or of the ignore file. */
static void read_step(struct progress *p, struct str line, struct str words, bool is_of_context) {
	size_t at = find(line, words);

	if (at < line.len) {
		struct str head = str_take(line, at);
		remember(p, number_before(str_take(head, str_find_last(head, '['))), is_of_context);
	}
}

static void read_text(struct progress *p, struct str line) {
	size_t at = find(line, TRANSFERRING), classic = find(line, CLASSIC);

	if (at < line.len) {
		read_transfer(p, line, at);
	} else if (classic < line.len) {
		complain(p, classic,
				"the classic builder prints no time; build with BuildKit "
				"(DOCKER_BUILDKIT=1)");
	} else {
		read_step(p, line, LOADING, true);
		read_step(p, line, LOADING_IGNORE, false);
	}
}

/* ---- rawjson */

static const char *text_of(const json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* A number of `n` digits; -1: they are none. */
static int64_t digits(const char *text, size_t n) {
	int64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return -1;
		}
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* Days from a day long ago; only differences matter (Howard Hinnant, days_from_civil). */
static int64_t days(int64_t year, int64_t month, int64_t day) {
	int64_t y = month <= 2 ? year - 1 : year, m = month + (month > 2 ? -3 : 9);

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
}

/* Whole seconds apart: a double has no room for these and nanoseconds. */
struct instant {
	int64_t seconds;
	double fraction;
};

/* "2026-11-24T17:05:00.123456789Z"; false: it is none. */
static bool read_instant(const char *text, struct instant *out) {
	static const struct {
		uint8_t at, n;
	} parts[] = { { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 } };
	int64_t v[6];
	double weight = 1, fraction = 0;

	if (strlen(text) < 20) {
		return false;
	}
	for (size_t i = 0; i < 6; i++) {
		v[i] = digits(text + parts[i].at, parts[i].n);
		if (v[i] < 0) {
			return false;
		}
	}
	for (const char *c = text[19] == '.' ? text + 20 : ""; *c >= '0' && *c <= '9'; c++) {
		weight /= 10;
		fraction += weight * (*c - '0');
	}
	*out = (struct instant){ days(v[0], v[1], v[2]) * 86400 + v[3] * 3600 + v[4] * 60 + v[5],
		fraction };
	return true;
}

static void read_vertex(struct progress *p, const json_t *vertex) {
	struct str name = str_from(text_of(vertex, "name"));
	struct str digest = arena_copy(p->arena, str_from(text_of(vertex, "digest")));

	p->failed |= digest.ptr == NULL;
	if (digest.ptr != NULL && digest.len > 0) {
		remember(p, digest, find(name, LOADING) < name.len);
	}
}

static void read_status(struct progress *p, const json_t *status) {
	json_int_t bytes = json_integer_value(json_object_get(status, "current"));
	struct instant from, to;

	if (!str_eq(str_from(text_of(status, "id")), TRANSFERRING) ||
			!is_context(p, str_from(text_of(status, "vertex")), false) || bytes < 0 ||
			!read_instant(text_of(status, "completed"), &to) ||
			!read_instant(text_of(status, "started"), &from)) {
		return;
	}
	double seconds = (double)(to.seconds - from.seconds) + to.fraction - from.fraction;
	if (seconds < 0) {
		return;
	}
	keep(p,
			&(struct build_time){ .line = p->line,
					.column = 1,
					.bytes = (uint64_t)bytes,
					.is_exact = true,
					.seconds = seconds,
					.error_seconds = EXACT_ERROR_SECONDS });
}

static void read_json(struct progress *p, struct str line) {
	json_error_t error;
	json_t *event = json_loadb(line.ptr, line.len, 0, &error), *item;
	size_t i;

	if (event == NULL) {
		complain(p, error.column > 0 ? (size_t)error.column - 1 : 0, "this is no JSON");
		return;
	}
	json_array_foreach(json_object_get(event, "vertexes"), i, item) {
		read_vertex(p, item);
	}
	json_array_foreach(json_object_get(event, "statuses"), i, item) {
		read_status(p, item);
	}
	json_decref(event);
}

/* ---- all of it */

static enum tng_code finish(struct progress *p, const struct build_time **out, size_t *n,
		struct tng_error *err) {
	struct build_time *times = arena_new(p->arena, struct build_time, p->times.len);

	if (p->failed || times == NULL) {
		return error_nomem(err);
	}
	if (p->times.len == 0) {
		return error_set_at(err, TNG_EINVAL, p->bad != NULL ? p->bad_line : 1,
				p->bad != NULL ? p->bad_column : 1, "%s",
				p->bad != NULL ? p->bad
					       : "nothing here says how long a context took; "
						 "wanted "
						 "is what a build printed, as \"transferring "
						 "context: "
						 "46.26MB 0.6s done\"");
	}
	memcpy(times, p->times.ptr, p->times.len * sizeof(*times));
	*out = times;
	*n = p->times.len;
	return TNG_OK;
}

enum tng_code progress_read(struct arena *a, struct str text, const struct build_time **out,
		size_t *n, struct tng_error *err) {
	struct progress p = { .arena = a };
	struct str line, rest = text;

	for (bool more = true; more && p.line < UINT32_MAX;) {
		more = str_cut(rest, '\n', &line, &rest);
		line = str_ends(line, STR("\r")) ? str_take(line, line.len - 1) : line;
		p.line++;
		if (str_starts(line, STR("{"))) {
			read_json(&p, line);
		} else {
			read_text(&p, line);
		}
	}
	enum tng_code code = finish(&p, out, n, err);
	free(p.steps.ptr);
	free(p.times.ptr);
	return code;
}
