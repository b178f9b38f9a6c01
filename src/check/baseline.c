/*
 * A baseline: findings that are known, so that only others fail.
 *
 *   # comments
 *   FINGERPRINT RULE PLACE     32 hex digits; the rest is for people
 *
 * Lines are sorted, so that two baselines can be compared and merged. A fingerprint holds no line and no
 * absolute path (run.c).
 */
#include "check/check.h"

#include "util/buf.h"

#include <stdlib.h>

#define FINGERPRINT_BYTES 32U

static int compare_fingerprints(const void *x, const void *y) {
	const struct str *a = x, *b = y;

	return str_cmp(*a, *b);
}

static int compare_findings(const void *x, const void *y) {
	const struct check_finding *const *a = x;
	const struct check_finding *const *b = y;

	return strcmp((*a)->fingerprint, (*b)->fingerprint);
}

/* For people only: what could end the line, or paint it, is left out. */
static void put_place(struct buf *out, const struct check_finding *f) {
	struct str place = f->file.len > 0 ? f->file : f->path;

	for (size_t i = 0; i < place.len; i++) {
		char c = place.ptr[i];
		if (c >= 0x20 && c < 0x7F) {
			buf_putc(out, c);
		} else {
			buf_putc(out, '?');
		}
	}
}

enum tng_code check_baseline_write(struct arena *a, const struct check_result *result,
		struct str *out, struct tng_error *err) {
	const struct check_finding **sorted =
			arena_alloc_array(a, result->n, sizeof(struct check_finding *));
	struct buf text = { 0 };
	size_t n = 0;

	if (sorted == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < result->n; i++) {
		if (!result->findings[i].is_suppressed) {
			sorted[n++] = &result->findings[i];
		}
	}
	qsort(sorted, n, sizeof(struct check_finding *), compare_findings);
	buf_append(&text,
			STR("# Findings that tonnage check --baseline knows; made by "
			    "--write-baseline.\n"));
	for (size_t i = 0; i < n; i++) {
		buf_printf(&text, "%s %s ", sorted[i]->fingerprint,
				check_rule(sorted[i]->rule)->id);
		put_place(&text, sorted[i]);
		buf_putc(&text, '\n');
	}
	*out = arena_copy(a, buf_str(&text));
	bool failed = buf_failed(&text) || out->ptr == NULL;
	buf_fini(&text);
	return failed ? error_nomem(err) : TNG_OK;
}

/* The first word; empty: a blank line or a comment. */
static struct str first_word(struct str line) {
	struct str word, rest;

	line = str_trim(line);
	(void)str_cut(line, ' ', &word, &rest);
	return str_starts(word, STR("#")) ? STR("") : word;
}

static bool is_fingerprint(struct str word) {
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
			return false;
		}
	}
	return word.len == FINGERPRINT_BYTES;
}

static enum tng_code parse(struct arena *a, struct str text, struct str **out, size_t *n,
		struct tng_error *err) {
	size_t nlines = 1;
	uint32_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		nlines += text.ptr[i] == '\n';
	}
	*n = 0;
	*out = arena_new(a, struct str, nlines);
	if (*out == NULL) {
		return error_nomem(err);
	}
	for (bool more = true; more;) {
		struct str line;
		more = str_cut(text, '\n', &line, &text);
		struct str word = first_word(line);
		number++;
		if (word.len > 0 && !is_fingerprint(word)) {
			enum tng_code code = error_set(err, TNG_ESYNTAX,
					"not a line of a baseline: it begins with 32 hex digits");
			err->line = number;
			return code;
		}
		if (word.len > 0) {
			(*out)[(*n)++] = word;
		}
	}
	qsort(*out, *n, sizeof(struct str), compare_fingerprints);
	return TNG_OK;
}

/* What is in the list is known, and what is not is new, as far as that is asked for. */
static enum tng_code mark(struct arena *a, const struct str *listed, size_t nlisted, bool is_known,
		bool is_new, struct check_result *result, struct tng_error *err) {
	struct check_finding *marked = arena_new(a, struct check_finding, result->n);

	if (marked == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < result->n; i++) {
		struct str own = str_from(result->findings[i].fingerprint);
		bool is_listed = nlisted > 0 &&
				bsearch(&own, listed, nlisted, sizeof(own), compare_fingerprints) !=
						NULL;
		marked[i] = result->findings[i];
		marked[i].is_new |= is_new && !is_listed;
		if (is_known && is_listed) {
			marked[i].is_known = true;
			marked[i].fails = false;
		}
	}
	result->findings = marked;
	check_count(result);
	return TNG_OK;
}

enum tng_code check_baseline_apply(struct arena *a, struct str text, struct check_result *result,
		struct tng_error *err) {
	struct str *known = NULL;
	size_t n = 0;
	enum tng_code code = parse(a, text, &known, &n, err);

	return code == TNG_OK ? mark(a, known, n, true, false, result, err) : code;
}

enum tng_code check_mark_new(struct arena *a, const struct check_result *earlier, bool only_new,
		struct check_result *result, struct tng_error *err) {
	struct str *listed = arena_new(a, struct str, earlier->n);

	if (listed == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < earlier->n; i++) {
		listed[i] = str_from(earlier->findings[i].fingerprint);
	}
	qsort(listed, earlier->n, sizeof(*listed), compare_fingerprints);
	return mark(a, listed, earlier->n, only_new, true, result, err);
}
