/*
 * The choice: a weighted cover. A line has a price, a unit a value; the line with the best value for its
 * price goes first, until none pays for itself.
 *
 * The price is a thousandth of what stays in the context, so a line must be worth reading. Wider words
 * cost more, for they may take what comes tomorrow; a line that is in today's block costs a quarter, so
 * that a proposal does not flip with every file.
 */
#include "propose/internal.h"

#define PRICE_MIN_BYTES UINT64_C(16384)
#define PRICE_OF_STAYING 1000

/* A file costs a packet and a stat besides its bytes. */
#define FILE_BYTES UINT64_C(256)

/* Tests, docs and the like: a file in the root, and anything inside of a folder that stays. */
#define RISK_FILE_BYTES 262144.0
#define RISK_INNER_BYTES 1e6

/* A secret is worth a line whatever it weighs, and so is what stops a build. */
#define PRICELESS_BYTES (UINT64_C(1) << 50)

struct cover {
	const struct facts *f;
	const struct units *units;
	struct candidates *candidates;
	bool *is_taken; /* per unit */
	double price;
};

static double value_of(const struct unit *unit) {
	return (double)(unit->bytes + FILE_BYTES * unit->nfiles +
			(unit_is_priceless(unit) ? PRICELESS_BYTES : 0));
}

static double gain_of(const struct cover *c, const struct candidate *candidate) {
	double gain = 0;

	for (size_t i = 0; i < candidate->units.len; i++) {
		uint32_t unit = candidate->units.ptr[i];
		gain += c->is_taken[unit] ? 0 : value_of(&c->units->ptr[unit]);
	}
	return gain;
}

/* What lies around a program is asked a higher price: a build may have its reasons that nobody saw.
 * Most of all inside of folders that it takes whole; there, a name alone proves little at any level. */
static double risk_of(const struct cover *c, const struct candidate *candidate) {
	double risk = 0;

	for (size_t i = 0; i < candidate->units.len; i++) {
		const struct unit *unit = &c->units->ptr[candidate->units.ptr[i]];
		bool is_file = !entry_is_dir(tree_entry(c->f->tree, unit->row));
		if (!unit->is_aside) {
			continue;
		}
		if (c->f->input->level == PROPOSE_THOROUGH && !unit->is_inner) {
			continue;
		}
		double own = unit->is_inner ? RISK_INNER_BYTES : is_file ? RISK_FILE_BYTES : 0;
		risk = own > risk ? own : risk;
	}
	return risk;
}

/* ... and there, names repeat by chance: lines at any depth are the last choice. */
static bool is_around(const struct cover *c, const struct candidate *candidate) {
	return candidate->units.len > 0 && c->units->ptr[candidate->units.ptr[0]].is_aside;
}

static double price_of(const struct cover *c, const struct candidate *candidate) {
	double price = c->price, risk = risk_of(c, candidate);

	price = risk > price ? risk : price;
	switch (candidate->kind) {
	case CANDIDATE_RULE:
	case CANDIDATE_HYGIENE:
		price *= is_around(c, candidate) ? 2 : 0.95;
		break;
	case CANDIDATE_LITERAL:
		break;
	case CANDIDATE_FOLDER:
		/* every line counts, and one that needs others is the harder to read */
		price *= 1.5 + (double)candidate->nexceptions;
		break;
	case CANDIDATE_SUFFIX:
	case CANDIDATE_GIT:
		price *= 1.2;
		break;
	case CANDIDATE_SHAPE:
		price *= 1.5;
		break;
	}
	return candidate->was_there ? price / 4 : price;
}

static void choose(struct cover *c, struct candidate *candidate) {
	candidate->is_chosen = true;
	for (size_t i = 0; i < candidate->units.len; i++) {
		c->is_taken[candidate->units.ptr[i]] = true;
	}
}

static struct candidate *find_pattern(const struct cover *c, struct str pattern) {
	for (size_t i = 0; i < c->candidates->len; i++) {
		if (str_eq(c->candidates->ptr[i].pattern, pattern)) {
			return &c->candidates->ptr[i];
		}
	}
	return NULL;
}

static void choose_hygiene(struct cover *c) {
	for (size_t i = 0; i < c->candidates->len; i++) {
		struct candidate *candidate = &c->candidates->ptr[i];
		if (candidate->kind != CANDIDATE_HYGIENE || candidate->is_blocked) {
			continue;
		}
		if (candidate->instead_of.len > 0) {
			const struct candidate *first = find_pattern(c, candidate->instead_of);
			if (first != NULL && !first->is_blocked) {
				continue;
			}
		}
		choose(c, candidate);
	}
}

static struct candidate *best(const struct cover *c) {
	struct candidate *found = NULL;
	double best_ratio = 1;

	for (size_t i = 0; i < c->candidates->len; i++) {
		struct candidate *candidate = &c->candidates->ptr[i];
		if (candidate->is_chosen || candidate->is_blocked || candidate->units.len == 0) {
			continue;
		}
		double ratio = gain_of(c, candidate) / price_of(c, candidate);
		if (ratio > best_ratio) {
			best_ratio = ratio;
			found = candidate;
		}
	}
	return found;
}

/* A line chosen early may take nothing that later ones do not take, too. */
static void drop_redundant(struct cover *c, uint32_t *ntakers) {
	for (size_t i = 0; i < c->candidates->len; i++) {
		const struct candidate *candidate = &c->candidates->ptr[i];
		for (size_t k = 0; candidate->is_chosen && k < candidate->units.len; k++) {
			ntakers[candidate->units.ptr[k]]++;
		}
	}
	for (size_t i = c->candidates->len; i-- > 0;) {
		struct candidate *candidate = &c->candidates->ptr[i];
		bool needed = !candidate->is_chosen || candidate->kind == CANDIDATE_HYGIENE;
		for (size_t k = 0; k < candidate->units.len && !needed; k++) {
			needed = ntakers[candidate->units.ptr[k]] < 2;
		}
		for (size_t k = 0; k < candidate->units.len && !needed; k++) {
			ntakers[candidate->units.ptr[k]]--;
		}
		candidate->is_chosen = candidate->is_chosen && needed;
	}
}

enum tng_code cover_choose(struct arena *a, const struct facts *facts, const struct units *units,
		struct candidates *candidates, uint64_t kept_bytes, struct tng_error *err) {
	uint64_t price = kept_bytes / PRICE_OF_STAYING;
	struct cover c = {
		.f = facts,
		.units = units,
		.candidates = candidates,
		.is_taken = arena_new(a, bool, units->len),
	};
	uint32_t *ntakers = arena_new(a, uint32_t, units->len);

	if (c.is_taken == NULL || ntakers == NULL) {
		return error_nomem(err);
	}
	c.price = facts->input->level == PROPOSE_THOROUGH ? 1
			: price > PRICE_MIN_BYTES         ? (double)price
							  : (double)PRICE_MIN_BYTES;
	choose_hygiene(&c);
	for (struct candidate *next; (next = best(&c)) != NULL;) {
		choose(&c, next);
	}
	drop_redundant(&c, ntakers);
	return TNG_OK;
}
