/*
 * gitformat-index(5), "Cache tree": directories depth first, each
 *
 *   name NUL entries SP directories LF object-name
 *
 * entries counts the index entries below it; -1: they have changed, and there is no object name.
 */
#include "vcs/cached.h"

#include "util/buf.h"
#include "util/vec.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 1000U
#define NUMBER_MAX UINT32_C(100000000)

struct cached_tree {
	const unsigned char *oid; /* NULL: a free slot */
	struct str dir;           /* with a slash at the end; empty: the top */
	uint32_t nentries;
};

/* A directory on the way down. */
struct above {
	uint32_t nleft;  /* directories in it that are to come */
	size_t path_len; /* of what leads to it, with the slash */
};

struct reader {
	struct arena *a;
	struct str rest;
	size_t oid_bytes;
	struct buf path;
	struct above above[DEPTH_MAX];
	size_t depth;
	struct {
		VEC_FIELDS(struct cached_tree)
	} found;
	bool is_nomem;
};

/* Digits up to `end`, which goes, too; "-1" is_negative. */
static bool read_number(struct str *rest, char end, uint32_t *value, bool *is_negative) {
	struct str digits;

	*value = 0;
	if (!str_cut(*rest, end, &digits, rest)) {
		return false;
	}
	*is_negative = str_starts(digits, STR("-"));
	digits = str_skip(digits, *is_negative);
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || *value > NUMBER_MAX) {
			return false;
		}
		*value = *value * 10 + (uint32_t)(digits.ptr[i] - '0');
	}
	return digits.len > 0;
}

static bool add_tree(struct reader *r, uint32_t nentries) {
	struct cached_tree *tree = VEC_PUSH(&r->found);

	if (tree == NULL || buf_failed(&r->path)) {
		r->is_nomem = true;
		return false;
	}
	*tree = (struct cached_tree){
		.oid = (const unsigned char *)r->rest.ptr,
		.dir = arena_copy(r->a, buf_str(&r->path)),
		.nentries = nentries,
	};
	r->rest = str_skip(r->rest, r->oid_bytes);
	r->is_nomem = tree->dir.ptr == NULL;
	return !r->is_nomem;
}

/* One directory, behind those above it that are done. */
static bool read_tree(struct reader *r) {
	struct str name;
	uint32_t nentries, ndirs;
	bool has_changed, is_negative;

	if (!str_cut(r->rest, '\0', &name, &r->rest) || (name.len == 0) != (r->depth == 0) ||
			!read_number(&r->rest, ' ', &nentries, &has_changed) ||
			!read_number(&r->rest, '\n', &ndirs, &is_negative) || is_negative ||
			(!has_changed && r->rest.len < r->oid_bytes) || r->depth == DEPTH_MAX) {
		return false;
	}
	buf_append(&r->path, name);
	buf_append(&r->path, r->depth > 0 ? STR("/") : STR(""));
	if (!has_changed && !add_tree(r, nentries)) {
		return false;
	}
	r->above[r->depth++] = (struct above){ ndirs, r->path.len };
	return true;
}

/* Whether all of it is well. */
static bool read_all(struct reader *r) {
	bool is_well = read_tree(r);

	while (is_well && r->depth > 0) {
		struct above *at = &r->above[r->depth - 1];
		if (at->nleft > 0) {
			at->nleft--;
			r->path.len = at->path_len;
			is_well = read_tree(r);
		} else {
			r->depth--;
		}
	}
	return is_well;
}

/* An object's name is as good as a hash of it. */
static size_t hash_of(const unsigned char *oid) {
	size_t hash;

	memcpy(&hash, oid, sizeof(hash));
	return hash;
}

static const struct cached_tree *find_slot(
		const struct cached_trees *c, const unsigned char *oid, size_t oid_bytes) {
	size_t at = hash_of(oid) & c->mask;

	while (c->slots[at].oid != NULL && memcmp(c->slots[at].oid, oid, oid_bytes) != 0) {
		at = (at + 1) & c->mask;
	}
	return &c->slots[at];
}

static bool fill_slots(struct reader *r, struct cached_trees *out) {
	size_t nslots = 16;

	while (nslots < r->found.len * 2) {
		nslots *= 2;
	}
	out->slots = arena_new(r->a, struct cached_tree, nslots);
	out->mask = nslots - 1;
	for (size_t i = 0; out->slots != NULL && i < r->found.len; i++) {
		const struct cached_tree *tree = &r->found.ptr[i];
		out->slots[find_slot(out, tree->oid, r->oid_bytes) - out->slots] = *tree;
	}
	return out->slots != NULL;
}

enum tng_code cached_read(struct arena *a, const struct index_table *index, size_t oid_bytes,
		struct cached_trees *out, struct tng_error *err) {
	*out = (struct cached_trees){ .index = index };
	if (index->trees.len == 0) {
		return TNG_OK;
	}
	struct reader *r = arena_new(a, struct reader, 1);
	if (r == NULL) {
		return error_nomem(err);
	}
	*r = (struct reader){ .a = a, .rest = index->trees, .oid_bytes = oid_bytes };
	if (read_all(r) && r->found.len > 0) {
		r->is_nomem = !fill_slots(r, out);
	}
	buf_fini(&r->path);
	free(r->found.ptr);
	return r->is_nomem ? error_nomem(err) : TNG_OK;
}

bool cached_find(const struct cached_trees *cached, const unsigned char *oid, size_t oid_bytes,
		struct index_dir *out) {
	const struct cached_tree *tree =
			cached->slots != NULL ? find_slot(cached, oid, oid_bytes) : NULL;

	if (tree == NULL || tree->oid == NULL) {
		return false;
	}
	index_below(cached->index, tree->dir, &out->first, &out->end);
	out->skip = tree->dir.len;
	return out->end - out->first == tree->nentries;
}
