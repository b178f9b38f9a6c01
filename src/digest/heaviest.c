/*
 * Only the heaviest groups, and no more reading than was allowed: sets of files whose heads are alike are looked
 * at in the order of what they would weigh, until enough of them are found.
 */
#include "digest/candidates.h"

#include <stdlib.h>
#include <string.h>

/* Candidates that are alike so far, [first, first + n) of a list. */
struct span {
	size_t first, n;
	uint64_t spare; /* bytes of all but one, if they are the same to the end */
	uint32_t row;   /* the first one */
	bool is_sampled;
};

/* The order of groups: by_weight() of duplicates.c. */
static int by_spare(const void *left, const void *right) {
	const struct span *a = left, *b = right;

	if (a->spare != b->spare) {
		return a->spare > b->spare ? -1 : 1;
	}
	return (a->row > b->row) - (a->row < b->row);
}

static struct span span_at(const struct finder *f, size_t i) {
	size_t n = candidates_alike_end(f, i) - i;

	return (struct span){ i, n, f->list[i].size * (n - 1), f->list[i].row, false };
}

/* The heaviest first; `out` has room for half as many as there are candidates. */
static size_t list_spans(const struct finder *f, struct span *out) {
	size_t nspans = 0;

	for (size_t i = 0; i < f->n; i += out[nspans++].n) {
		out[nspans] = span_at(f, i);
	}
	if (nspans > 1) {
		qsort(out, nspans, sizeof(*out), by_spare);
	}
	return nspans;
}

/* Whether `most` groups are found that come before what this span and those behind it can give. */
static bool is_enough(const struct finder *found, const struct span *span, size_t most) {
	size_t n = 0;

	for (size_t i = 0; i < found->n;) {
		struct span group = span_at(found, i);
		n += by_spare(&group, span) < 0;
		i += group.n;
	}
	return n >= most;
}

/* What reading a span costs; holes are not read. */
static uint64_t cost(const struct finder *f, const struct span *span) {
	uint64_t bytes = 0;

	for (size_t i = span->first; i < span->first + span->n; i++) {
		const struct candidate *c = &f->list[i];
		uint64_t allocated = tree_allocated(f->source->tree, c->row);
		bytes += c->is_whole ? 0 : allocated < c->size ? allocated : c->size;
	}
	return bytes;
}

/* A span for which there is not enough left is sampled, and takes nothing. */
static void spend(const struct finder *f, struct span *spans, size_t nspans, uint64_t *left) {
	for (size_t i = 0; i < nspans; i++) {
		uint64_t bytes = cost(f, &spans[i]);
		spans[i].is_sampled = bytes > *left;
		*left -= spans[i].is_sampled ? 0 : bytes;
	}
}

/* What the spans of one kind come to is put behind what was found. */
static enum tng_code confirm_kind(struct finder *f, const struct span *spans, size_t nspans,
		bool sampled, struct finder *found, struct tng_error *err) {
	struct digest_source source = *f->source;
	struct finder some = {
		.source = &source,
		.opener = f->opener,
		.list = found->list + found->n,
	};

	source.samples = sampled;
	for (size_t i = 0; i < nspans; i++) {
		if (spans[i].is_sampled == sampled) {
			memcpy(some.list + some.n, f->list + spans[i].first,
					spans[i].n * sizeof(*some.list));
			some.n += spans[i].n;
		}
	}
	if (some.n == 0) {
		return TNG_OK;
	}
	enum tng_code code = candidates_confirm(&some, err);
	candidates_drop_clones(&some);
	found->n += some.n;
	f->nread += some.nread;
	f->read_bytes += some.read_bytes;
	return code;
}

static enum tng_code confirm_spans(struct finder *f, const struct span *spans, size_t nspans,
		struct finder *found, struct tng_error *err) {
	enum tng_code code = confirm_kind(f, spans, nspans, false, found, err);

	return code == TNG_OK ? confirm_kind(f, spans, nspans, true, found, err) : code;
}

static enum tng_code confirm_in_turn(struct finder *f, const struct duplicate_request *request,
		struct span *spans, struct finder *found, struct tng_error *err) {
	size_t nspans = list_spans(f, spans), step = request->most;
	uint64_t left = request->read_max > 0 ? request->read_max : UINT64_MAX;
	enum tng_code code = TNG_OK;

	/* more at a time the longer it takes: each step starts its threads */
	for (size_t i = 0; i < nspans && code == TNG_OK; i += step, step *= 2) {
		step = nspans - i < step ? nspans - i : step;
		if (is_enough(found, &spans[i], request->most)) {
			break;
		}
		spend(f, &spans[i], step, &left);
		code = confirm_spans(f, &spans[i], step, found, err);
	}
	return code;
}

enum tng_code candidates_confirm_heaviest(
		struct finder *f, const struct duplicate_request *request, struct tng_error *err) {
	struct finder found = { .list = calloc(f->n, sizeof(*found.list)) };
	struct span *spans = calloc(f->n / 2 + 1, sizeof(*spans));
	bool ready = found.list != NULL && spans != NULL;
	enum tng_code code =
			ready ? confirm_in_turn(f, request, spans, &found, err) : error_nomem(err);

	if (code == TNG_OK && found.n > 0) {
		memcpy(f->list, found.list, found.n * sizeof(*found.list));
	}
	f->n = found.n;
	candidates_drop_unique(f);
	free(found.list);
	free(spans);
	return code;
}
