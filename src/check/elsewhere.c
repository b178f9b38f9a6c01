/*
 * Where the names of lines are found after all: of lines that match nothing with other letters large, and
 * below the root, where git would look for them. All lines are asked about together, in one look at the tree:
 *
 *   lines ─▶ questions ─▶ over all rows, or over what is sent and unwanted ─▶ c->elsewhere, per pattern
 *
 * Of the few that found something unwanted, a second look counts what else has the name.
 */
#include "check/internal.h"

#include "util/gomatch.h"

struct question {
	uint32_t pattern;
	struct str name; /* the last component */
	struct str path; /* of is_case */
	bool is_case;    /* upper and lower case; else: what of that name is sent */
	bool at_any_depth;
};

struct questions {
	struct question *list;
	uint32_t n;
	struct globs names;
};

/* ---- what is asked */

/* "*" is no name of anything: an ignore file that lists what it lets through. */
static bool has_word(struct str name) {
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (c != '*' && c != '?' && c != '.') {
			return true;
		}
	}
	return false;
}

/* Whether git would take the line for a name at any depth, and the builders do not. */
static bool may_be_idiom(const struct ignore_pattern *p) {
	struct str raw = str_trim(p->raw);

	/* "/name" and "./name" say the root; a name with a slash git takes from the root as well */
	return !p->is_exception && has_word(p->text) && !str_starts(raw, STR("/")) &&
			!str_starts(raw, STR("./")) && str_find(p->text, '/') == p->text.len &&
			!str_starts(p->text, STR("**"));
}

static bool is_literal(struct str path) {
	return !gomatch_has_wildcard(path) && !str_has_any(path, "\\");
}

static void ask_case(struct questions *q, const struct ignore_pattern *p, uint32_t pattern) {
	bool deep = str_starts(p->text, STR("**/"));
	struct str path = deep ? str_skip(p->text, 3) : p->text;

	if (is_literal(path)) {
		q->list[q->n++] = (struct question){ pattern, path_base(path), path, true, deep };
	}
}

static void ask_line(struct checker *c, const struct ledger_line *line, struct questions *all,
		struct questions *unwanted) {
	const struct ignore_pattern *p = ignore_pattern(c->build->patterns, line->pattern);
	bool is_dead = line->status == LEDGER_DEAD;

	if (p->line == 0) {
		return;
	}
	if (is_dead) {
		ask_case(all, p, line->pattern);
	}
	if (line->status == LEDGER_COVERED || line->status == LEDGER_DUPLICATE ||
			c->build->together == NULL || !may_be_idiom(p)) {
		return;
	}
	/* a plain name may be for what comes to the root one day, as "data"; "*.csv" is for files anywhere */
	bool is_guess = is_dead && gomatch_has_wildcard(p->text);
	struct questions *q = is_guess ? all : unwanted;
	q->list[q->n++] = (struct question){ .pattern = line->pattern, .name = p->text };
	c->elsewhere[line->pattern].is_guess = is_guess;
}

static bool index_names(struct checker *c, struct questions *q) {
	struct str *names = arena_new(c->arena, struct str, q->n);

	for (uint32_t i = 0; names != NULL && i < q->n; i++) {
		names[i] = q->list[i].name;
	}
	return names != NULL && globs_make(c->arena, names, q->n, &q->names);
}

/* ---- the answers */

static void add_place(struct checker *c, struct elsewhere *e, uint32_t row) {
	const struct transfer_plan *plan = c->build->together;
	uint32_t end = tree_end(c->in->tree, row);

	e->first = e->nplaces++ == 0 ? row : e->first;
	e->end = end;
	for (uint32_t r = row; r < end; r++) {
		if (fate_is_sent(plan->fate[r]) && entry_is_file(tree_entry(c->in->tree, r))) {
			e->nfiles++;
			e->bytes += transfer_bytes(plan, c->in->tree, r, true);
		}
	}
}

/* Sent, below a directory, and not below the last place: the root has none, so it can only be meant for these. */
static bool is_place(const struct checker *c, const struct elsewhere *e, uint32_t row) {
	return row >= e->end && tree_entry(c->in->tree, row)->parent != 0 &&
			fate_is_sent(c->build->together->fate[row]);
}

static void try_case(struct checker *c, const struct question *q, uint32_t row, struct str name,
		struct buf *path) {
	struct elsewhere *e = &c->elsewhere[q->pattern];

	if (e->other_case != TREE_NO_ROW || !str_eq_nocase(name, q->name)) {
		return;
	}
	buf_clear(path);
	tree_path(c->in->tree, row, path);
	struct str whole = buf_str(path);
	size_t before = whole.len >= q->path.len ? whole.len - q->path.len : 0;
	bool fits = before == 0 || (q->at_any_depth && whole.ptr[before - 1] == '/');
	if (fits && str_eq_nocase(str_skip(whole, before), q->path)) {
		e->other_case = row;
	}
}

static void ask_all(struct checker *c, const struct questions *q) {
	const struct tree *tree = c->in->tree;
	uint32_t nrows = q->n > 0 ? tree_nrows(tree) : 0;
	struct buf path = { 0 };

	for (uint32_t row = 1; row < nrows; row++) {
		struct str name = tree_name(tree, tree_entry(tree, row));
		struct globs_turn turn = globs_ask(&q->names, name);
		for (uint32_t i; (i = globs_next(&q->names, &turn)) != GLOBS_NONE;) {
			const struct question *one = &q->list[i];
			if (one->is_case) {
				try_case(c, one, row, name, &path);
			} else if (is_place(c, &c->elsewhere[one->pattern], row) &&
					gomatch(one->name, name) == GOMATCH_YES &&
					!check_is_named(c, row)) {
				add_place(c, &c->elsewhere[one->pattern], row);
			}
		}
	}
	c->failed |= buf_failed(&path);
	buf_fini(&path);
}

static void ask_unwanted(struct checker *c, const struct questions *q) {
	const struct tree *tree = c->in->tree;

	for (size_t k = 0; k < c->nunwanted; k++) {
		struct str name = tree_name(tree, tree_entry(tree, c->unwanted[k]));
		struct globs_turn turn = globs_ask(&q->names, name);
		for (uint32_t i; (i = globs_next(&q->names, &turn)) != GLOBS_NONE;) {
			if (gomatch(q->list[i].name, name) == GOMATCH_YES) {
				add_place(c, &c->elsewhere[q->list[i].pattern], c->unwanted[k]);
			}
		}
	}
}

/* What the same name is besides: "**" + "/build" would take the source in src/build, too. */
static void count_anyhow(struct checker *c, const struct question *q, uint32_t row) {
	const struct tree *tree = c->in->tree;
	struct elsewhere *e = &c->elsewhere[q->pattern];

	if (row < e->last_end || tree_entry(tree, row)->parent == 0) {
		return;
	}
	e->last_end = tree_end(tree, row);
	for (uint32_t r = row; r < e->last_end; r++) {
		e->nanyhow += fate_is_sent(c->build->together->fate[r]) &&
				entry_is_file(tree_entry(tree, r));
	}
}

static void ask_anyhow(struct checker *c, const struct questions *unwanted) {
	const struct tree *tree = c->in->tree;
	struct questions q = { .list = arena_new(c->arena, struct question, unwanted->n) };

	for (uint32_t i = 0; q.list != NULL && i < unwanted->n; i++) {
		if (c->elsewhere[unwanted->list[i].pattern].nplaces > 0) {
			q.list[q.n++] = unwanted->list[i];
		}
	}
	if (q.list == NULL || !index_names(c, &q)) {
		c->failed = true;
		return;
	}
	uint32_t nrows = q.n > 0 ? tree_nrows(tree) : 0;
	for (uint32_t row = 1; row < nrows; row++) {
		struct str name = tree_name(tree, tree_entry(tree, row));
		struct globs_turn turn = globs_ask(&q.names, name);
		for (uint32_t i; (i = globs_next(&q.names, &turn)) != GLOBS_NONE;) {
			if (gomatch(q.list[i].name, name) == GOMATCH_YES) {
				count_anyhow(c, &q.list[i], row);
			}
		}
	}
}

void check_look_elsewhere(struct checker *c) {
	const struct ledger *ledger = c->build->ledger;
	uint32_t n = ignore_npatterns(c->build->patterns);
	struct questions all = { .list = arena_new(c->arena, struct question, 2 * (size_t)n) };
	struct questions unwanted = { .list = arena_new(c->arena, struct question, n) };

	c->elsewhere = arena_new(c->arena, struct elsewhere, n);
	if (all.list == NULL || unwanted.list == NULL || c->elsewhere == NULL) {
		c->failed = true;
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		c->elsewhere[i] = (struct elsewhere){ .other_case = TREE_NO_ROW };
	}
	for (size_t i = 0; i < ledger->nlines; i++) {
		ask_line(c, &ledger->lines[i], &all, &unwanted);
	}
	if (!index_names(c, &all) || !index_names(c, &unwanted)) {
		c->failed = true;
		return;
	}
	ask_all(c, &all);
	ask_unwanted(c, &unwanted);
	ask_anyhow(c, &unwanted);
}
