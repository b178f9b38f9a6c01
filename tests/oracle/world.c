#include "oracle/world.h"

#include "oracle/derive.h"
#include "oracle/generate.h"
#include "support/expect.h"
#include "util/buf.h"
#include "util/path.h"

#define NPATHS 40

static bool is_above(const struct str *paths, size_t n, struct str dir) {
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(paths[i], dir) && path_is_below(paths[i], dir)) {
			return true;
		}
	}
	return false;
}

static bool is_listed(const struct str *paths, size_t n, struct str path) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(paths[i], path)) {
			return true;
		}
	}
	return false;
}

static struct tree_item random_item(struct rng *r, struct str path, bool is_dir) {
	struct tree_item item = { .path = path, .type = ENTRY_FILE, .size = rng_below(r, 90) };
	size_t dice = rng_below(r, 100);

	if (is_dir || dice < 10) {
		item.type = ENTRY_DIR;
		item.size = 0;
	} else if (dice < 15) {
		item.type = ENTRY_SYMLINK;
		item.target = rng_percent(r, 50) ? STR("a") : STR("../b");
	} else if (dice < 18) {
		item.type = ENTRY_SOCKET;
	} else if (dice < 40) {
		item.inode = 7 + rng_below(r, 3); /* names of three files */
		item.size = item.inode;
	}
	return item;
}

static void add_path(struct world *w, struct str *paths, size_t *n, struct str path) {
	if (path.len < 200 && memchr(path.ptr, '\0', path.len) == NULL &&
			!is_listed(paths, *n, path)) {
		paths[(*n)++] = arena_copy(w->arena, path);
	}
}

static void make_tree(struct world *w, struct rng *r, const struct question *q) {
	struct str paths[NPATHS];
	struct tree_item items[NPATHS];
	size_t n = 0;
	struct buf b = { 0 };

	for (size_t i = 0; i < q->npaths && n < NPATHS / 2; i++) {
		add_path(w, paths, &n, q->paths[i]);
	}
	for (size_t i = 0; i < NPATHS / 2; i++) {
		buf_clear(&b);
		derive_random_path(&b, r, NAMES_TINY);
		derive_vary(&b, r, NAMES_TINY);
		add_path(w, paths, &n, buf_str(&b));
	}
	for (size_t i = 0; i < n; i++) {
		items[i] = random_item(r, paths[i], is_above(paths, n, paths[i]));
	}
	cr_assert(eq(int, tree_from_items(items, n, &w->tree, NULL), TNG_OK));
	buf_fini(&b);
}

struct str world_text(struct arena *a, struct rng *r, const struct question *q) {
	static const char *const allow_lists[] = { "*\n!a\n", "*\n!a/b\n!b\n", "a\n!a/b\n",
		"a\n!**/b\n", "*\n!*/a\n" };
	struct buf b = { 0 };

	if (rng_percent(r, 25)) {
		buf_append(&b, str_from(allow_lists[rng_below(r, 5)]));
	}
	for (size_t i = 0; i < q->npatterns && i < 12; i++) {
		buf_append(&b, q->patterns[i]);
		buf_putc(&b, '\n');
	}
	struct str text = arena_copy(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

struct world world_make(uint64_t round, struct rng *r) {
	struct world w = { .arena = arena_create(), .round = round };
	struct question q;

	w.engine = (enum tng_engine)(round % 3);
	cr_assert(generate_question(w.arena, r, ignore_dialect_of(w.engine), &q));
	make_tree(&w, r, &q);
	w.text = world_text(w.arena, r, &q);
	return w;
}

void world_fini(struct world *w) {
	tree_destroy(w->tree);
	arena_destroy(w->arena);
}
