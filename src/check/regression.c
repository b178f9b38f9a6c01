/*
 * What has grown since another look at the same context: places, classes, new large files.
 *
 *   sent now, file by file ─ minus what the earlier tree sends under the same path ─▶ growth
 *
 * .git is left out: an earlier tree comes from it, and does not hold it.
 */
#include "check/internal.h"

#include "util/size.h"

/* Less is what every change brings. */
#define GROWTH_MIN_BYTES 1000000U
#define NEW_FILES_MAX 20U

struct growth {
	const struct check_earlier *earlier;
	const struct transfer_plan *plan; /* of now */
	uint64_t *weights;                /* per row: what it has grown by */
	uint64_t *now, *then;             /* per class */
	size_t nnew;
	/* per directory of now: the earlier one of the same path */
	struct then_dir {
		bool is_there;
		uint32_t number;
		uint32_t next; /* row behind the entry that was found last */
	} * then_dirs;
};

static uint64_t file_bytes(
		const struct tree *tree, const struct transfer_plan *plan, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);

	return entry_is_file(e) && fate_is_sent(plan->fate[row]) ? entry_size(e) : 0;
}

/* The row after .git and all that is in it; the row itself where it is something else. */
static uint32_t after_git(const struct tree *tree, uint32_t row) {
	const struct entry *e = tree_entry(tree, row);
	bool is_git = e->name_len == 4 && str_eq(tree_name(tree, e), STR(".git"));

	return is_git ? tree_end(tree, row) : row;
}

/* The earlier row of an entry whose directory was there: mostly the next one in it. */
static uint32_t then_row(const struct growth *g, const struct entry *e, struct str name) {
	const struct tree *then = g->earlier->tree;
	struct then_dir *dir = &g->then_dirs[e->parent];

	if (!dir->is_there) {
		return TREE_NO_ROW;
	}
	bool has_next = dir->next < tree_dir(then, dir->number)->end;
	uint32_t row = has_next && str_eq(tree_name(then, tree_entry(then, dir->next)), name)
			? dir->next
			: tree_child(then, dir->number, name);
	if (row == TREE_NO_ROW) {
		return row;
	}
	dir->next = tree_end(then, row);
	return row;
}

/* What is below a directory is looked for below the earlier one. */
static void enter_then(const struct growth *g, const struct entry *e, uint32_t then) {
	const struct tree *tree = g->earlier->tree;
	bool is_there = then != TREE_NO_ROW && entry_is_dir(tree_entry(tree, then));

	g->then_dirs[(uint32_t)e->size] = (struct then_dir){
		.is_there = is_there,
		.number = is_there ? (uint32_t)tree_entry(tree, then)->size : 0,
		.next = then + 1,
	};
}

static uint64_t new_file_limit(const struct checker *c) {
	const struct config_limit *limit = &c->in->options->limits.file_size;

	return limit->is_set && limit->value < GROWTH_MIN_BYTES ? limit->value : GROWTH_MIN_BYTES;
}

static void add_new_file(struct checker *c, struct growth *g, struct str path, uint64_t bytes) {
	char size[SIZE_TEXT_BYTES];

	if (g->nnew++ >= NEW_FILES_MAX) {
		return;
	}
	struct check_finding *f = check_add(c, RULE_REGRESSION, CHECK_OFF,
			"a new file of %s since %.*s: %.*s", size_format(bytes, size),
			STR_FMT(str_take(g->earlier->name, 60)), STR_FMT(str_take(path, 200)));
	f->path = arena_copy(c->arena, path);
	f->subject = STR("file");
	f->bytes = bytes;
	f->nfiles = 1;
	f->fix = STR("exclude it if no build needs it");
	c->failed |= f->path.ptr == NULL;
}

static void compare_file(struct checker *c, struct growth *g, uint32_t row, uint32_t then) {
	uint64_t bytes = file_bytes(c->in->tree, g->plan, row);
	bool was_there = then != TREE_NO_ROW && fate_is_sent(g->earlier->plan->fate[then]);
	uint64_t before = was_there ? file_bytes(g->earlier->tree, g->earlier->plan, then) : 0;

	g->now[c->in->classes->marks[row].klass] += bytes;
	g->weights[row] = bytes > before ? bytes - before : 0;
	if (!was_there && bytes > 0 && bytes >= new_file_limit(c)) {
		add_new_file(c, g, check_path(c, row), bytes);
	}
}

static void compare_now(struct checker *c, struct growth *g) {
	const struct tree *tree = c->in->tree;

	g->then_dirs = arena_new(c->arena, struct then_dir, tree_ndirs(tree));
	if (g->then_dirs == NULL) {
		c->failed = true;
		return;
	}
	g->then_dirs[0] = (struct then_dir){ .is_there = true, .next = 1 };
	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct entry *e = tree_entry(tree, row);
		uint32_t after = after_git(tree, row);
		if (after > row) {
			row = after - 1;
			continue;
		}
		uint32_t then = then_row(g, e, tree_name(tree, e));
		if (entry_is_dir(e)) {
			enter_then(g, e, then);
		} else if (file_bytes(tree, g->plan, row) > 0) {
			compare_file(c, g, row, then);
		}
	}
}

static void add_up_then(struct growth *g, size_t nclasses) {
	for (uint32_t row = 1; row < tree_nrows(g->earlier->tree); row++) {
		uint32_t after = after_git(g->earlier->tree, row);
		if (after > row) {
			row = after - 1;
			continue;
		}
		uint16_t klass = g->earlier->classes->marks[row].klass;
		if (klass < nclasses) {
			g->then[klass] += file_bytes(g->earlier->tree, g->earlier->plan, row);
		}
	}
}

static void report_classes(struct checker *c, const struct growth *g) {
	char by[SIZE_TEXT_BYTES], from[SIZE_TEXT_BYTES], to[SIZE_TEXT_BYTES];

	for (size_t i = 0; i < c->in->classes->nclasses; i++) {
		struct str name = c->in->classes->classes[i].name;
		if (g->now[i] < g->then[i] + GROWTH_MIN_BYTES) {
			continue;
		}
		struct check_finding *f = check_add(c, RULE_REGRESSION, CHECK_OFF,
				"class %.*s grew by %s since %.*s, from %s to %s", STR_FMT(name),
				size_format(g->now[i] - g->then[i], by),
				STR_FMT(str_take(g->earlier->name, 60)),
				size_format(g->then[i], from), size_format(g->now[i], to));
		f->subject = name;
		f->bytes = g->now[i] - g->then[i];
	}
}

static void report_places(struct checker *c, const struct growth *g) {
	struct check_places places = { 0 };
	char size[SIZE_TEXT_BYTES];

	check_find_places(c, g->weights, &places);
	for (size_t i = 0; i < places.n; i++) {
		uint32_t row = places.rows[i];
		struct str path = check_path(c, row);
		bool is_told = !entry_is_dir(tree_entry(c->in->tree, row)) &&
				tree_find(g->earlier->tree, path) == TREE_NO_ROW;
		if (places.weights[i] < GROWTH_MIN_BYTES || is_told) {
			continue; /* a new file */
		}
		struct check_finding *f = check_add(c, RULE_REGRESSION, CHECK_OFF,
				"%.*s%s grew by %s since %.*s",
				STR_FMT(path.len > 0 ? str_take(path, 200) : STR("the context")),
				entry_is_dir(tree_entry(c->in->tree, row)) && path.len > 0 ? "/"
											   : "",
				size_format(places.weights[i], size),
				STR_FMT(str_take(g->earlier->name, 60)));
		f->path = path;
		f->subject = STR("place");
		f->bytes = places.weights[i];
	}
}

void check_regression(struct checker *c) {
	size_t nclasses = c->in->classes->nclasses;
	struct growth g = { .earlier = c->in->earlier, .plan = c->build->together };

	if (g.earlier == NULL || g.earlier->plan == NULL || g.plan == NULL ||
			!check_wants(c, RULE_REGRESSION)) {
		return;
	}
	g.weights = arena_new(c->arena, uint64_t, tree_nrows(c->in->tree));
	g.now = arena_new(c->arena, uint64_t, nclasses);
	g.then = arena_new(c->arena, uint64_t, nclasses);
	if (g.weights == NULL || g.now == NULL || g.then == NULL) {
		c->failed = true;
		return;
	}
	compare_now(c, &g);
	add_up_then(&g, nclasses);
	report_classes(c, &g);
	report_places(c, &g);
}
