/*
 * Each path is walked component by component. Where the way so far is a link (or a wildcard that some link
 * matches), the way so far is one result, and the link's target with the rest of the path is another path
 * to walk:
 *
 *   lib/x.so, lib -> usr/lib      results: lib, usr/lib/x.so
 *
 * A way that is a result already ends the walk, so loops of links end.
 */
#include "transfer/transfer.h"
#include "util/gomatch.h"
#include "util/path.h"
#include "util/slots.h"
#include "util/utf8.h"
#include "util/vec.h"

#include <stdlib.h>

struct follower {
	struct arena *arena;
	const struct tree *tree;
	struct {
		VEC_FIELDS(struct str)
	} results, pending; /* pending: paths still to walk, the last one next */
	struct slots slots; /* over the results */
	size_t nsteps;
	enum tng_code code;
};

static void fail(struct follower *f, enum tng_code code) {
	if (f->code == TNG_OK) {
		f->code = code;
	}
}

static uint64_t hash_result(const void *table, uint32_t row) {
	const struct follower *f = table;

	return str_hash(f->results.ptr[row]);
}

/* Adds a result; false when it is one already (or memory is out: f->code says so). */
static bool add_result(struct follower *f, struct str way) {
	if (!slots_grow(&f->slots, (uint32_t)f->results.len, hash_result, f)) {
		fail(f, TNG_ENOMEM);
		return false;
	}
	uint32_t slot = (uint32_t)str_hash(way) & f->slots.mask;
	for (; f->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & f->slots.mask) {
		if (str_eq(f->results.ptr[f->slots.ptr[slot]], way)) {
			return false;
		}
	}
	struct str *result = VEC_PUSH(&f->results);
	if (result == NULL) {
		fail(f, TNG_ENOMEM);
		return false;
	}
	*result = way;
	f->slots.ptr[slot] = (uint32_t)(f->results.len - 1);
	return true;
}

/* filepath.Join: both parts, cleaned; a rooted path stays at the root. */
static struct str join_clean(struct follower *f, struct str dir, struct str rest, bool rooted) {
	char *text = arena_alloc(f->arena, dir.len + rest.len + 4);
	size_t n = 0;

	if (text == NULL) {
		fail(f, TNG_ENOMEM);
		return STR("");
	}
	if (rooted) {
		text[n++] = '/';
	}
	memcpy(text + n, dir.ptr, dir.len);
	n += dir.len;
	if (dir.len > 0 && rest.len > 0) {
		text[n++] = '/';
	}
	memcpy(text + n, rest.ptr, rest.len);
	n += rest.len;
	n = path_clean_into(text, str_make(text, n));
	return str_make(text, n);
}

/* The target of a link at `way`, a path from the root; .len 0: it is no link. */
static struct str link_target(struct follower *f, struct str way, uint32_t row) {
	if (row == TREE_NO_ROW || entry_type(tree_entry(f->tree, row)) != ENTRY_SYMLINK) {
		return STR("");
	}
	struct str target = tree_link_target(f->tree, row);
	bool is_rooted = str_starts(target, STR("/"));
	return join_clean(f, is_rooted ? STR("") : path_dir(way), target, true);
}

static void push(struct follower *f, struct str path) {
	struct str *pending = VEC_PUSH(&f->pending);

	if (pending == NULL || ++f->nsteps > FOLLOW_STEPS_MAX) {
		fail(f, pending == NULL ? TNG_ENOMEM : TNG_ELIMIT);
		return;
	}
	*pending = path;
}

/* Targets of the links that a wildcard component matches, in name order. */
static void wildcard_targets(struct follower *f, struct str way, struct str **out, size_t *n) {
	struct str dir = path_dir(way), base = path_base(way);
	uint32_t parent = str_eq(dir, STR(".")) ? 0 : tree_find(f->tree, dir);
	struct {
		VEC_FIELDS(struct str)
	} targets = { 0 };

	*out = NULL;
	*n = 0;
	if (parent == TREE_NO_ROW || !entry_is_dir(tree_entry(f->tree, parent))) {
		return;
	}
	uint32_t end = tree_end(f->tree, parent);
	for (uint32_t row = parent + 1; row < end; row = tree_end(f->tree, row)) {
		const struct entry *entry = tree_entry(f->tree, row);
		if (entry_type(entry) != ENTRY_SYMLINK ||
				gomatch(base, tree_name(f->tree, entry)) != GOMATCH_YES) {
			continue;
		}
		struct str *target = VEC_PUSH(&targets);
		if (target == NULL) {
			fail(f, TNG_ENOMEM);
			break;
		}
		*target = link_target(f, way, row);
	}
	*out = targets.ptr;
	*n = targets.len;
}

/* Where the way so far leads elsewhere: its targets, each with the rest, are walked next. False: it
 * leads nowhere else. */
static bool turn_off(struct follower *f, struct str way, struct str rest) {
	struct str one, *targets = &one, *many = NULL;
	size_t n = 1;

	if (gomatch_has_wildcard(path_base(way))) {
		wildcard_targets(f, way, &many, &n);
		targets = many;
	} else {
		one = link_target(f, way, tree_find(f->tree, way));
		n = one.len > 0;
	}
	if (n > 0 && add_result(f, way)) {
		/* the reference recurses in order: the first target is walked first */
		for (size_t i = n; i > 0; i--) {
			push(f, join_clean(f, targets[i - 1], rest, false));
		}
	}
	free(many);
	return n > 0;
}

static void walk_path(struct follower *f, struct str path) {
	/* filepath.Join(".", p): rooted paths start at the root, "../x" stays */
	while (str_starts(path, STR("/"))) {
		path = str_skip(path, 1);
	}
	path = join_clean(f, STR("."), path, false);
	for (size_t end = 0; f->code == TNG_OK;) {
		end += str_find(str_skip(path, end > 0 ? end + 1 : 0), '/') + (end > 0);
		struct str way = str_take(path, end);
		struct str rest = str_skip(path, end + 1);
		if (turn_off(f, way, rest)) {
			return;
		}
		if (rest.len == 0) {
			(void)add_result(f, way);
			return;
		}
	}
}

static int compare_strs(const void *a, const void *b) {
	const struct str *x = a, *y = b;
	return str_cmp(*x, *y);
}

/* Sorted; "." among them means all; one that lies below the one kept before it goes. */
static size_t dedupe(struct str *list, size_t n) {
	size_t kept = 0;

	if (n > 0) {
		qsort(list, n, sizeof(*list), compare_strs);
	}
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i], STR("."))) {
			return 0;
		}
		bool below = kept > 0 && list[i].len > list[kept - 1].len &&
				path_is_below(list[i], list[kept - 1]);
		if (!below) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

enum tng_code follow_links(struct arena *a, const struct tree *tree, const struct str *paths,
		size_t npaths, struct str **out, size_t *n, struct tng_error *err) {
	struct follower f = { .arena = a, .tree = tree };

	for (size_t i = 0; i < npaths && f.code == TNG_OK; i++) {
		push(&f, paths[i]);
		while (f.pending.len > 0 && f.code == TNG_OK) {
			walk_path(&f, f.pending.ptr[--f.pending.len]);
		}
	}
	size_t kept = f.code == TNG_OK ? dedupe(f.results.ptr, f.results.len) : 0;
	*out = arena_new(a, struct str, kept);
	*n = kept;
	if (*out != NULL && kept > 0) {
		memcpy(*out, f.results.ptr, kept * sizeof(**out));
	} else if (*out == NULL) {
		fail(&f, TNG_ENOMEM);
	}
	free(f.results.ptr);
	free(f.pending.ptr);
	slots_fini(&f.slots);
	if (f.code == TNG_ELIMIT) {
		return error_set(err, TNG_ELIMIT, "more than %zu links on the way to the sources",
				FOLLOW_STEPS_MAX);
	}
	return f.code == TNG_OK ? TNG_OK : error_nomem(err);
}

uint32_t follow_plain(const struct tree *tree, struct str path) {
	static const char special[] = "*?[\\";

	for (size_t i = 0; i + 1 < sizeof(special); i++) {
		if (str_find(path, special[i]) < path.len) {
			return TREE_NO_ROW;
		}
	}
	if (str_starts(path, STR("!")) || !str_eq(utf8_trim(path), path)) {
		return TREE_NO_ROW;
	}
	uint32_t row = tree_find(tree, path);
	for (uint32_t up = row; up != TREE_NO_ROW; up = tree_parent(tree, up)) {
		if (entry_type(tree_entry(tree, up)) == ENTRY_SYMLINK) {
			return TREE_NO_ROW;
		}
	}
	return row;
}
