/*
 * What has grown since another look at the same context.
 *
 *   sent now, file by file ─ minus what the earlier tree sends under the same path ─▶ growth
 *   growth ─▶ the places that it is in, each told once with its class and its largest files ─▶ the rest
 *
 * One cause is one finding: a place is the topmost folder that is new, else the one that most of the growth
 * is in. .git is left out: an earlier tree comes from it, and does not hold it.
 */
#include "check/internal.h"

#include "util/size.h"

/* Less is what every change brings. */
#define GROWTH_MIN_BYTES 1000000U

/* A child with this part of a folder's growth is named instead of it, a class with it is "mostly": 7 of 10. */
#define MOST_PART 7U
#define MOST_WHOLE 10U

#define FILES_NAMED 3

struct growth {
	const struct check_earlier *earlier;
	const struct transfer_plan *plan; /* of now */
	/* per row: what it has grown by; of a folder, once the places are looked for: what is in it */
	uint64_t *weights;
	uint64_t now_bytes, then_bytes; /* all that is sent */
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

static void compare_file(struct checker *c, struct growth *g, uint32_t row, uint32_t then) {
	uint64_t bytes = file_bytes(c->in->tree, g->plan, row);
	uint64_t before = then != TREE_NO_ROW ? file_bytes(g->earlier->tree, g->earlier->plan, then)
					      : 0;

	g->now_bytes += bytes;
	g->weights[row] = bytes > before ? bytes - before : 0;
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

static void add_up_then(struct growth *g) {
	for (uint32_t row = 1; row < tree_nrows(g->earlier->tree); row++) {
		uint32_t after = after_git(g->earlier->tree, row);
		if (after > row) {
			row = after - 1;
			continue;
		}
		g->then_bytes += file_bytes(g->earlier->tree, g->earlier->plan, row);
	}
}

/* ---- the places */

/* How a place stands to what was there. */
enum origin {
	ORIGIN_OLD,    /* something in it was sent then */
	ORIGIN_LET_IN, /* it was there, and nothing of it was sent */
	ORIGIN_NEW,    /* there was no such entry */
};

static enum origin origin_of(const struct growth *g, struct str path) {
	const struct tree *tree = g->earlier->tree;
	uint32_t row = tree_find(tree, path);

	if (row == TREE_NO_ROW) {
		return ORIGIN_NEW;
	}
	for (uint32_t end = tree_end(tree, row); row < end; row++) {
		if (entry_is_file(tree_entry(tree, row)) &&
				fate_is_sent(g->earlier->plan->fate[row])) {
			return ORIGIN_OLD;
		}
	}
	return ORIGIN_LET_IN;
}

static bool is_unwanted(const struct checker *c, uint32_t row) {
	return c->in->classes->marks[row].advice == ADVICE_EXCLUDE;
}

/* From something in the root to what is to be told: down to the folder that is new, or holds most of it. */
static uint32_t find_place(struct checker *c, const struct growth *g, uint32_t row) {
	const struct tree *tree = c->in->tree;

	while (entry_is_dir(tree_entry(tree, row)) && tree_end(tree, row) > row + 1 &&
			!is_unwanted(c, row)) {
		uint32_t child = check_heaviest_child(tree, g->weights, row);
		bool has_most = g->weights[child] * MOST_WHOLE >= g->weights[row] * MOST_PART;
		bool has_all = g->weights[child] == g->weights[row];
		if (!has_most || (!has_all && origin_of(g, check_path(c, row)) != ORIGIN_OLD)) {
			break;
		}
		row = child;
	}
	return row;
}

/* ---- what is told of one */

/* Some rows that have grown: those of a place, or all but those of the places that are told. */
struct growing {
	const struct growth *g;
	uint32_t first, end;
	const struct check_places *but; /* NULL: nothing is left out */
};

/* The next row from `row` on that has part in it; .end: there is none. */
static uint32_t next_growing(const struct checker *c, const struct growing *some, uint32_t row) {
	for (; row < some->end; row++) {
		for (size_t i = 0; some->but != NULL && i < some->but->n; i++) {
			if (row == some->but->rows[i]) {
				row = tree_end(c->in->tree, row);
				i = (size_t)-1; /* the place behind it may be another one */
			}
		}
		if (row < some->end && entry_is_file(tree_entry(c->in->tree, row)) &&
				some->g->weights[row] > 0) {
			break;
		}
	}
	return row < some->end ? row : some->end;
}

/* "; largest: a 3MB, b 2MB": files that weigh something by themselves; names are from `base` on. */
static void put_largest(
		struct checker *c, const struct growing *some, size_t base, struct buf *out) {
	uint32_t rows[FILES_NAMED];
	size_t n = 0;
	char size[SIZE_TEXT_BYTES];

	for (uint32_t row = next_growing(c, some, some->first); row < some->end;
			row = next_growing(c, some, row + 1)) {
		uint64_t weight = some->g->weights[row];
		size_t at = n;
		for (; at > 0 && some->g->weights[rows[at - 1]] < weight; at--) {
			if (at < FILES_NAMED) {
				rows[at] = rows[at - 1];
			}
		}
		if (at < FILES_NAMED && weight >= GROWTH_MIN_BYTES) {
			rows[at] = row;
			n += n < FILES_NAMED;
		}
	}
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s%.*s %s", i > 0 ? ", " : "; largest: ",
				STR_FMT(str_take(str_skip(check_path(c, rows[i]), base), 100)),
				size_format_short(some->g->weights[rows[i]], size));
	}
}

/* The class that most of it is of; NULL: there is no such one. */
static const struct class_name *main_class(
		struct checker *c, const struct growing *some, uint64_t all) {
	const struct class_column *classes = c->in->classes;
	uint64_t *by_class = arena_new(c->arena, uint64_t, classes->nclasses);

	c->failed |= by_class == NULL;
	for (uint32_t row = next_growing(c, some, some->first); by_class != NULL && row < some->end;
			row = next_growing(c, some, row + 1)) {
		by_class[classes->marks[row].klass] += some->g->weights[row];
	}
	for (size_t i = 0; by_class != NULL && i < classes->nclasses; i++) {
		if (by_class[i] * MOST_WHOLE >= all * MOST_PART) {
			return &classes->classes[i];
		}
	}
	return NULL;
}

struct sum {
	uint64_t nfiles, bytes;
};

static struct sum add_up(const struct checker *c, const struct growing *some) {
	struct sum sum = { 0 };

	for (uint32_t row = next_growing(c, some, some->first); row < some->end;
			row = next_growing(c, some, row + 1)) {
		sum.nfiles++;
		sum.bytes += some->g->weights[row];
	}
	return sum;
}

static struct str revision(const struct growth *g) {
	return str_take(g->earlier->name, 60);
}

/* "is new since main: 40MB", without what is in it. */
static void put_growth(
		const struct growth *g, enum origin origin, uint64_t bytes, struct buf *out) {
	char size[SIZE_TEXT_BYTES];

	(void)size_format(bytes, size);
	switch (origin) {
	case ORIGIN_NEW:
		buf_printf(out, "is new since %.*s: %s", STR_FMT(revision(g)), size);
		return;
	case ORIGIN_LET_IN:
		buf_printf(out, "is sent now and was not at %.*s: %s", STR_FMT(revision(g)), size);
		return;
	case ORIGIN_OLD:
		break;
	}
	buf_printf(out, "grew by %s since %.*s", size, STR_FMT(revision(g)));
}

/* " in 30 files, mostly of class tests; largest: ..." */
static void put_details(struct checker *c, const struct growing *some, const struct sum *sum,
		size_t base, struct buf *out) {
	const struct class_name *name = main_class(c, some, sum->bytes);
	char count[SIZE_TEXT_BYTES + 4];

	buf_printf(out, " in %s file%s", size_format_count(sum->nfiles, count),
			sum->nfiles == 1 ? "" : "s");
	if (name != NULL) {
		buf_printf(out, ", mostly of class %.*s", STR_FMT(name->name));
	}
	put_largest(c, some, base, out);
}

/* Where as much is gone elsewhere, something was moved: the context has not grown. */
static struct check_finding *add_finding(struct checker *c, const struct growth *g,
		const struct sum *sum, struct buf *text) {
	bool has_grown = g->now_bytes >= g->then_bytes + GROWTH_MIN_BYTES;

	if (!has_grown) {
		buf_append(text, STR("; as much is gone elsewhere"));
	}
	struct check_finding *f = check_add(c, RULE_REGRESSION, has_grown ? CHECK_OFF : CHECK_NOTE,
			"%.*s", STR_FMT(buf_str(text)));
	f->bytes = sum->bytes;
	f->nfiles = sum->nfiles;
	c->failed |= buf_failed(text);
	buf_fini(text);
	return f;
}

/* The line that takes it out, if it is likely to be right. */
static struct str place_fix(struct checker *c, uint32_t row, struct str path, enum origin origin) {
	const struct context *ctx = c->build->context;
	bool may_go = is_unwanted(c, row) ||
			(origin != ORIGIN_OLD && c->in->classes->marks[row].advice == ADVICE_ASK);
	struct buf line = { 0 };

	if (!may_go || check_is_named(c, row)) {
		return origin == ORIGIN_OLD ? STR("exclude what no build needs of it")
					    : STR("exclude it if no build needs it");
	}
	(void)ignore_put_literal(ignore_dialect_of(ctx->engine), path, &line);
	struct str fix = check_text(c, "a line that would help: %.*s", STR_FMT(buf_str(&line)));
	c->failed |= buf_failed(&line);
	buf_fini(&line);
	return fix;
}

static void tell_place(struct checker *c, const struct growth *g, uint32_t row) {
	const struct tree *tree = c->in->tree;
	struct str path = check_path(c, row);
	enum origin origin = origin_of(g, path);
	bool is_dir = entry_is_dir(tree_entry(tree, row));
	struct growing some = {
		.g = g, .first = row, .end = is_dir ? tree_end(tree, row) : row + 1
	};
	struct sum sum = add_up(c, &some);
	struct buf text = { 0 };

	buf_printf(&text, "%.*s%s ", STR_FMT(str_take(path, 200)), is_dir ? "/" : "");
	put_growth(g, origin, sum.bytes, &text);
	if (is_dir) {
		put_details(c, &some, &sum, path.len + 1, &text);
	}
	struct check_finding *f = add_finding(c, g, &sum, &text);
	f->path = path;
	f->subject = is_dir ? STR("place") : STR("file");
	f->fix = place_fix(c, row, path, origin);
}

/* What has grown beside the places. */
static void tell_rest(struct checker *c, const struct growth *g, const struct check_places *told) {
	struct growing rest = { .g = g, .first = 1, .end = tree_nrows(c->in->tree), .but = told };
	struct sum sum = add_up(c, &rest);
	struct buf text = { 0 };

	if (sum.bytes < GROWTH_MIN_BYTES) {
		return;
	}
	buf_append(&text, told->n > 0 ? STR("other places ") : STR("the context "));
	put_growth(g, ORIGIN_OLD, sum.bytes, &text);
	put_details(c, &rest, &sum, 0, &text);
	struct check_finding *f = add_finding(c, g, &sum, &text);
	f->subject = STR("rest");
	f->fix = STR("exclude what no build needs of it");
}

static void tell_growth(struct checker *c, const struct growth *g) {
	struct check_places heavy, told = { 0 };

	check_find_tops(c, g->weights, &heavy);
	for (size_t i = 0; i < heavy.n; i++) {
		uint32_t row = find_place(c, g, heavy.rows[i]);
		if (g->weights[row] >= GROWTH_MIN_BYTES) {
			told.rows[told.n++] = row;
			tell_place(c, g, row);
		}
	}
	tell_rest(c, g, &told);
}

/* ---- a build that was not there */

void check_new_build(struct checker *c) {
	const struct check_earlier *earlier = c->in->earlier;
	const struct tree *tree = c->in->tree;
	struct growth g = { .earlier = earlier, .plan = check_sent_plan(c->build) };
	struct growing all = { .g = &g, .first = 1, .end = tree_nrows(tree) };
	struct buf text = { 0 };
	char size[SIZE_TEXT_BYTES];

	if (earlier == NULL || earlier->lacks == NULL || !earlier->lacks[check_number(c)] ||
			g.plan == NULL || !check_wants(c, RULE_REGRESSION)) {
		return;
	}
	g.weights = arena_new(c->arena, uint64_t, all.end);
	if (g.weights == NULL) {
		c->failed = true;
		return;
	}
	for (uint32_t row = 1; row < all.end; row++) {
		g.weights[row] = file_bytes(tree, g.plan, row);
	}
	struct sum sum = add_up(c, &all);
	buf_printf(&text, "%.*s has no %.*s: the build is new, and so is all that it sends, %s",
			STR_FMT(revision(&g)), STR_FMT(c->build->context->dockerfile),
			size_format(sum.bytes, size));
	put_details(c, &all, &sum, 0, &text);
	struct check_finding *f = check_add(c, RULE_REGRESSION,
			sum.bytes < GROWTH_MIN_BYTES ? CHECK_NOTE : CHECK_OFF, "%.*s",
			STR_FMT(buf_str(&text)));
	f->file = c->build->context->dockerfile;
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	f->subject = STR("build");
	c->failed |= buf_failed(&text);
	buf_fini(&text);
}

void check_regression(struct checker *c) {
	struct growth g = { .earlier = c->in->earlier, .plan = c->build->together };

	if (g.earlier == NULL || g.earlier->plan == NULL || g.plan == NULL ||
			!check_wants(c, RULE_REGRESSION)) {
		return;
	}
	g.weights = arena_new(c->arena, uint64_t, tree_nrows(c->in->tree));
	if (g.weights == NULL) {
		c->failed = true;
		return;
	}
	compare_now(c, &g);
	add_up_then(&g);
	tell_growth(c, &g);
}
