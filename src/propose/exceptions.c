/*
 * A folder of which a build names a few files, and nothing else:
 *
 *   COPY test/test.h test/main.cc test/       test
 *                                             !test/main.cc
 *                                             !test/test.h
 *
 * Two or three lines say what a line for each of fifty neighbours would. Only where every file that stays
 * is named as it is: behind a wildcard of a source, or a mention in a script, more may come tomorrow, and an
 * exception would not let it in. The exceptions have no wildcards, so that every engine reaches them.
 */
#include "propose/internal.h"

#include <stdlib.h>

/* With more, the list of what goes is the clearer one. */
#define EXCEPTIONS_MAX 8

/* The neighbours that make it worth while, for each line. */
#define UNITS_PER_LINE 3

struct excepter {
	struct arena *arena;
	const struct facts *f;
	const struct tree *tree;
	const struct units *units;
	struct candidates *out;
	uint8_t *is_unit;  /* per row */
	uint8_t *is_exact; /* per row: a source is this very path */
};

/* What is found below one folder. */
struct folder {
	uint32_t stays[EXCEPTIONS_MAX];
	size_t nstays;
	size_t first_unit, nunits;
	bool has_unasked;
};

static void mark_exact(struct excepter *x) {
	for (size_t i = 0; i < x->f->input->nbuilds; i++) {
		const struct build_sources *s = x->f->input->builds[i].sources;
		for (size_t k = 0; s != NULL && k < s->nsources; k++) {
			const struct source *source = &s->sources[k];
			if (source->context != DOCKERFILE_MAIN_CONTEXT ||
					source->kind == SOURCE_REMOTE || source->is_unknowable) {
				continue;
			}
			uint32_t row = tree_find(x->tree, source->path);
			if (row != TREE_NO_ROW) {
				x->is_exact[row] = 1;
			}
		}
	}
}

static bool stays(const struct excepter *x, uint32_t row) {
	return (x->f->rows[row] & ROW_GONE) == 0;
}

/* False: something stays that no exception may stand for, or too much. */
static bool look_into(const struct excepter *x, uint32_t dir, struct folder *out) {
	uint32_t end = tree_end(x->tree, dir);

	for (uint32_t row = dir + 1; row < end;) {
		bool is_dir = entry_is_dir(tree_entry(x->tree, row));
		if (x->is_unit[row]) {
			row = tree_end(x->tree, row);
			continue;
		}
		/* a folder that is named is read whole, tomorrow's files included; an empty one is wanted */
		if (is_dir && stays(x, row) &&
				(x->is_exact[row] || tree_end(x->tree, row) == row + 1)) {
			return false;
		}
		if (!is_dir && stays(x, row)) {
			if (!x->is_exact[row] || out->nstays == EXCEPTIONS_MAX) {
				return false;
			}
			out->stays[out->nstays++] = row;
		}
		row++;
	}
	return out->nstays > 0;
}

static void count_units(const struct excepter *x, uint32_t dir, struct folder *out) {
	uint32_t end = tree_end(x->tree, dir);

	for (size_t i = 0; i < x->units->len; i++) {
		const struct unit *unit = &x->units->ptr[i];
		if (unit->row > dir && unit->row < end) {
			out->first_unit = out->nunits == 0 ? i : out->first_unit;
			out->has_unasked |= unit->reason == OUT_UNASKED;
			out->nunits++;
		}
	}
}

static struct str literal(struct excepter *x, uint32_t row, const char *before) {
	struct buf path = { 0 }, line = { 0 };
	struct str copy = { NULL, 0 };

	tree_path(x->tree, row, &path);
	buf_append(&line, str_from(before));
	if (ignore_put_literal(IGNORE_BUILDAH, buf_str(&path), &line) && !buf_failed(&path) &&
			!buf_failed(&line)) {
		copy = arena_copy(x->arena, buf_str(&line));
	}
	buf_fini(&path);
	buf_fini(&line);
	return copy;
}

/* False when out of memory; a name that no line can say makes no candidate. */
static bool add_candidate(struct excepter *x, uint32_t dir, const struct folder *folder) {
	struct str pattern = literal(x, dir, "");
	struct str *exceptions = arena_new(x->arena, struct str, folder->nstays);

	if (exceptions == NULL) {
		return false;
	}
	for (size_t i = 0; i < folder->nstays; i++) {
		exceptions[i] = literal(x, folder->stays[i], "!");
		if (exceptions[i].ptr == NULL || pattern.ptr == NULL) {
			return true;
		}
	}
	struct candidate *c = candidates_add(
			x->out, pattern, CANDIDATE_FOLDER, x->units->ptr[folder->first_unit].group);
	if (c == NULL) {
		return false;
	}
	if (c->kind != CANDIDATE_FOLDER) {
		return true; /* a line of .gitignore, say, that is blocked */
	}
	c->exceptions = exceptions;
	c->nexceptions = folder->nstays;
	for (size_t i = 0; i < folder->nunits; i++) {
		uint32_t *slot = VEC_PUSH(&c->units);
		if (slot == NULL) {
			return false;
		}
		*slot = (uint32_t)(folder->first_unit + i);
	}
	return true;
}

static bool is_worth_a_look(const struct excepter *x, uint32_t dir) {
	const struct entry *entry = tree_entry(x->tree, dir);

	return entry_is_dir(entry) && stays(x, dir) && !x->is_unit[dir] && !x->is_exact[dir] &&
			(x->f->rows[dir] & (ROW_PINNED | ROW_NAMED)) == 0 &&
			(x->f->rows[dir] & ROW_HAS_KEPT) != 0 &&
			x->f->named_above[entry->size] == TREE_NO_ROW;
}

enum tng_code folders_add(struct arena *a, const struct facts *facts, const struct units *units,
		struct candidates *out, struct tng_error *err) {
	uint32_t n = tree_nrows(facts->tree);
	struct excepter x = {
		.arena = a,
		.f = facts,
		.tree = facts->tree,
		.units = units,
		.out = out,
		.is_unit = arena_new(a, uint8_t, n),
		.is_exact = arena_new(a, uint8_t, n),
	};
	bool ok = x.is_unit != NULL && x.is_exact != NULL;

	if (!ok) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < units->len; i++) {
		x.is_unit[units->ptr[i].row] = 1;
	}
	mark_exact(&x);
	for (uint32_t row = 1; row < n && ok;) {
		struct folder folder = { 0 };
		bool is_found = is_worth_a_look(&x, row) && look_into(&x, row, &folder);
		if (is_found) {
			count_units(&x, row, &folder);
			is_found = folder.has_unasked &&
					folder.nunits >= UNITS_PER_LINE * (folder.nstays + 1);
		}
		ok = !is_found || add_candidate(&x, row, &folder);
		row = is_found || x.is_unit[row] ? tree_end(x.tree, row) : row + 1;
	}
	return ok ? TNG_OK : error_nomem(err);
}
