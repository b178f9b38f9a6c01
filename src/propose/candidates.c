/*
 * Candidate lines, and the units that each takes:
 *
 *   web/node_modules, api/node_modules   ** / node_modules   the class rule's own pattern
 *   services/a/build, .../b/build, ...   services/ * /build  what they have in common
 *   data/a.csv, data/b.csv, ...          data/ *.csv         one extension in one directory
 *   logs                                 logs                the path
 *
 * (without the blanks). Every candidate is matched against every row that stays, and one that takes such
 * a row is blocked: but for whole folders (exceptions.c) no exception is needed.
 */
#include "propose/internal.h"
#include "util/path.h"
#include "util/slots.h"

#include <stdlib.h>

/* Fewer paths than this have nothing in common but chance. */
#define COMMON_MIN 3U

/* More units than this are not compared with each other. */
#define COMMON_UNITS_MAX ((size_t)20000)

/* Shapes of one path; a deeper one has no shape. */
#define COMPONENTS_MAX 12

struct maker {
	struct arena *arena;
	const struct facts *f;
	const struct tree *tree;
	const struct class_column *classes;
	const struct decisions *decisions;
	const struct units *units;
	struct candidates *out;
	uint8_t *is_unit; /* per row */
	uint64_t *nstay;  /* per directory: rows below that stay, itself counted */
};

void candidates_fini(struct candidates *c) {
	for (size_t i = 0; i < c->len; i++) {
		free(c->ptr[i].units.ptr);
	}
	free(c->ptr);
	*c = (struct candidates){ 0 };
}

struct candidate *candidates_add(struct candidates *c, struct str pattern, enum candidate_kind kind,
		enum propose_group group) {
	for (size_t i = 0; i < c->len; i++) {
		if (str_eq(c->ptr[i].pattern, pattern)) {
			return &c->ptr[i];
		}
	}
	struct candidate *new = VEC_PUSH(c);
	if (new != NULL) {
		*new = (struct candidate){
			.pattern = pattern,
			.kind = kind,
			.group = group,
			.rule = CLASS_NO_RULE,
			.blocker = TREE_NO_ROW,
		};
	}
	return new;
}

/* ---- shapes: counted first, so that only what several units share becomes a candidate */

struct shape {
	struct str pattern;
	uint32_t n;
	enum propose_group group;
	enum candidate_kind kind;
	uint16_t rule;
};

struct shapes {
	struct {
		VEC_FIELDS(struct shape)
	} list;
	struct slots slots;
};

static uint64_t hash_shape(const void *table, uint32_t row) {
	return str_hash(((const struct shape *)table)[row].pattern);
}

static bool count_shape(struct maker *x, struct shapes *s, const struct unit *unit,
		enum candidate_kind kind, struct str pattern) {
	uint64_t hash = str_hash(pattern);
	uint32_t n = (uint32_t)s->list.len;

	if (!slots_grow(&s->slots, n, hash_shape, s->list.ptr)) {
		return false;
	}
	uint32_t slot = (uint32_t)hash & s->slots.mask;
	for (; s->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & s->slots.mask) {
		struct shape *at = &s->list.ptr[s->slots.ptr[slot]];
		if (str_eq(at->pattern, pattern)) {
			at->n++;
			return true;
		}
	}
	struct str copy = arena_copy(x->arena, pattern);
	struct shape *new = copy.ptr != NULL ? VEC_PUSH(&s->list) : NULL;
	if (new == NULL) {
		return false;
	}
	*new = (struct shape){ copy, 1, unit->group, kind, unit->rule };
	s->slots.ptr[slot] = n;
	return true;
}

/* Cut at slashes; 0: too deep. */
static size_t components(struct str path, struct str out[COMPONENTS_MAX]) {
	size_t n = 0;

	for (bool more = true; more;) {
		if (n == COMPONENTS_MAX) {
			return 0;
		}
		more = str_cut(path, '/', &out[n++], &path);
	}
	return n;
}

/* a/b/c/name: a / * / c / name and so on, then a / * / * / name. */
static bool count_stars(struct maker *x, struct shapes *s, const struct unit *unit,
		const struct str *parts, size_t n) {
	struct buf b = { 0 };
	bool ok = true;

	for (size_t nstars = 1; nstars <= 2; nstars++) {
		for (size_t at = 0; ok && at + nstars < n; at++) {
			buf_clear(&b);
			for (size_t i = 0; i < n; i++) {
				bool star = i >= at && i < at + nstars;
				buf_append(&b, i > 0 ? STR("/") : STR(""));
				buf_append(&b, star ? STR("*") : parts[i]);
			}
			ok = !buf_failed(&b) &&
					count_shape(x, s, unit, CANDIDATE_SHAPE, buf_str(&b));
		}
	}
	buf_fini(&b);
	return ok;
}

/* a/.../name at any depth below a. */
static bool count_below(struct maker *x, struct shapes *s, const struct unit *unit,
		const struct str *parts, size_t n) {
	struct buf b = { 0 };
	bool ok = true;

	for (size_t depth = 1; ok && depth < n && depth <= 2; depth++) {
		buf_clear(&b);
		for (size_t i = 0; i < depth; i++) {
			buf_append(&b, parts[i]);
			buf_putc(&b, '/');
		}
		buf_append(&b, STR("**/"));
		buf_append(&b, parts[n - 1]);
		ok = !buf_failed(&b) && count_shape(x, s, unit, CANDIDATE_SHAPE, buf_str(&b));
	}
	buf_fini(&b);
	return ok;
}

/* dir / *.ext */
static bool count_suffix(
		struct maker *x, struct shapes *s, const struct unit *unit, struct str path) {
	struct str name = path_base(path);
	size_t dot = str_find_last(name, '.');
	struct buf b = { 0 };

	if (dot == name.len || dot == 0 || name.len - dot > 12) {
		return true;
	}
	buf_append(&b, str_take(path, path.len - name.len));
	buf_putc(&b, '*');
	buf_append(&b, str_skip(name, dot));
	bool ok = !buf_failed(&b) && count_shape(x, s, unit, CANDIDATE_SUFFIX, buf_str(&b));
	buf_fini(&b);
	return ok;
}

/* Not of names that would need an escape; they are few, and have their literal lines. */
static bool is_plain(struct str path) {
	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];
		if ((unsigned char)c <= ' ' || strchr("*?[]\\{}|^+()!#", c) != NULL) {
			return false;
		}
	}
	return true;
}

static bool count_shapes_of(
		struct maker *x, struct shapes *s, const struct unit *unit, struct str path) {
	struct str parts[COMPONENTS_MAX];

	if (!is_plain(path)) {
		return true;
	}
	size_t n = components(path, parts);
	bool is_file = !entry_is_dir(tree_entry(x->tree, unit->row));
	if (n > 1 && (!count_stars(x, s, unit, parts, n) || !count_below(x, s, unit, parts, n))) {
		return false;
	}
	return !is_file || unit->is_aside || count_suffix(x, s, unit, path);
}

static bool add_shapes(struct maker *x, const struct shapes *s) {
	for (size_t i = 0; i < s->list.len; i++) {
		const struct shape *shape = &s->list.ptr[i];
		if (shape->n < COMMON_MIN) {
			continue;
		}
		struct candidate *c =
				candidates_add(x->out, shape->pattern, shape->kind, shape->group);
		if (c == NULL) {
			return false;
		}
		c->rule = shape->rule;
	}
	return true;
}

static bool make_shapes(struct maker *x) {
	struct shapes s = { 0 };
	struct buf path = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < x->units->len && x->units->len <= COMMON_UNITS_MAX; i++) {
		buf_clear(&path);
		tree_path(x->tree, x->units->ptr[i].row, &path);
		ok = !buf_failed(&path) &&
				count_shapes_of(x, &s, &x->units->ptr[i], buf_str(&path));
	}
	ok = ok && add_shapes(x, &s);
	free(s.list.ptr);
	slots_fini(&s.slots);
	buf_fini(&path);
	return ok;
}

/* ---- a rule's own pattern, and the path */

static bool is_any_depth(struct str pattern) {
	return str_starts(pattern, STR("**/")) && str_find(pattern, '{') == pattern.len;
}

static bool make_rules(struct maker *x) {
	for (size_t i = 0; i < x->units->len; i++) {
		const struct unit *unit = &x->units->ptr[i];
		if (unit->rule == CLASS_NO_RULE || unit->reason == OUT_UNASKED) {
			continue;
		}
		const struct class_rule *rule = &x->classes->rules[unit->rule];
		if (!is_any_depth(rule->docker_pattern)) {
			continue;
		}
		struct candidate *c = candidates_add(
				x->out, rule->docker_pattern, CANDIDATE_RULE, unit->group);
		if (c == NULL) {
			return false;
		}
		c->rule = unit->rule;
	}
	return true;
}

/* Units so light that no line pays for them have no literal candidate. */
#define LITERAL_MIN_BYTES UINT64_C(2048)

static bool make_literals(struct maker *x) {
	struct buf path = { 0 }, pattern = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < x->units->len; i++) {
		const struct unit *unit = &x->units->ptr[i];
		if (unit->bytes < LITERAL_MIN_BYTES && !unit_is_priceless(unit) &&
				unit->nfiles < 16 && x->f->input->level != PROPOSE_THOROUGH) {
			continue;
		}
		buf_clear(&path);
		buf_clear(&pattern);
		tree_path(x->tree, unit->row, &path);
		if (!ignore_put_literal(ignore_dialect_of(x->f->input->engine), buf_str(&path),
				    &pattern)) {
			continue;
		}
		struct str copy = arena_copy(x->arena, buf_str(&pattern));
		struct candidate *c =
				copy.ptr != NULL && !buf_failed(&path) && !buf_failed(&pattern)
				? candidates_add(x->out, copy, CANDIDATE_LITERAL, unit->group)
				: NULL;
		ok = c != NULL;
		if (ok) {
			c->rule = unit->rule;
		}
	}
	buf_fini(&path);
	buf_fini(&pattern);
	return ok;
}

/* ---- lines of .gitignore files, and hand-written names that were meant at any depth */

static bool make_git(struct maker *x, struct tng_error *err) {
	struct git_rules rules;

	if (gitignore_read(x->arena, x->f->input, &rules, err) != TNG_OK) {
		return false;
	}
	for (size_t i = 0; i < rules.n; i++) {
		const struct git_rule *rule = &rules.list[i];
		if (str_starts(rule->pattern, STR("!"))) {
			continue;
		}
		if (candidates_add(x->out, rule->pattern, CANDIDATE_GIT, GROUP_IGNORED) == NULL) {
			return false;
		}
	}
	return true;
}

static bool make_repairs(struct maker *x) {
	for (uint32_t i = 0; x->f->hand != NULL && i < ignore_npatterns(x->f->hand); i++) {
		const struct ignore_pattern *p = ignore_pattern(x->f->hand, i);
		if (p->is_exception || str_find(p->text, '/') < p->text.len || !is_plain(p->text)) {
			continue;
		}
		struct buf b = { 0 };
		buf_printf(&b, "**/%.*s", STR_FMT(p->text));
		struct str copy = arena_copy(x->arena, buf_str(&b));
		struct candidate *c = copy.ptr != NULL && !buf_failed(&b)
				? candidates_add(x->out, copy, CANDIDATE_GIT, GROUP_IGNORED)
				: NULL;
		buf_fini(&b);
		if (c == NULL) {
			return false;
		}
	}
	return true;
}

/* ---- who takes what */

static bool find_stays(struct maker *x) {
	uint32_t n = tree_nrows(x->tree);

	x->is_unit = arena_new(x->arena, uint8_t, n);
	x->nstay = arena_new(x->arena, uint64_t, tree_ndirs(x->tree));
	if (x->is_unit == NULL || x->nstay == NULL) {
		return false;
	}
	for (size_t i = 0; i < x->units->len; i++) {
		x->is_unit[x->units->ptr[i].row] = 1;
	}
	for (uint32_t row = 1; row < n;) {
		if (x->is_unit[row]) {
			row = tree_end(x->tree, row);
			continue;
		}
		const struct entry *entry = tree_entry(x->tree, row);
		if ((x->f->rows[row] & ROW_GONE) == 0) {
			x->nstay[entry_is_dir(entry) ? (uint32_t)entry->size : entry->parent]++;
		}
		row++;
	}
	for (uint32_t i = tree_ndirs(x->tree); i-- > 1;) {
		x->nstay[tree_dir(x->tree, i)->parent] += x->nstay[i];
	}
	return true;
}

static bool takes_what_stays(const struct maker *x, uint32_t row) {
	const struct entry *entry = tree_entry(x->tree, row);

	return entry_is_dir(entry) ? x->nstay[entry->size] > 0 : (x->f->rows[row] & ROW_GONE) == 0;
}

/* A directory that stays hides its units from the row loop: they are below it. */
static bool take(struct maker *x, struct candidate *c, uint32_t row, uint32_t unit) {
	if (c->kind == CANDIDATE_FOLDER) {
		return true; /* it knows its units, and lets in again what stays */
	}
	if (x->is_unit[row]) {
		uint32_t *slot = VEC_PUSH(&c->units);
		if (slot != NULL) {
			*slot = unit;
		}
		return slot != NULL;
	}
	if (!c->is_blocked && takes_what_stays(x, row)) {
		c->is_blocked = true;
		c->blocker = row;
	}
	return true;
}

/* A pattern takes what is below what it matches, too: so it does with units in a directory all of
 * which is gone or may go. Those have their own candidates, and are not counted here. */
static enum tng_code match_rows(struct maker *x, const struct matcher *m, struct tng_error *err) {
	struct buf path = { 0 };
	uint32_t unit = 0;
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < tree_nrows(x->tree) && code == TNG_OK;) {
		struct str name = tree_name(x->tree, tree_entry(x->tree, row));
		struct globs_turn turn = globs_ask(&m->ends, name);
		buf_clear(&path);
		for (uint32_t i; code == TNG_OK &&
				(i = globs_next(&m->ends, &turn)) != GLOBS_NONE;) {
			bool matches;
			if (path.len == 0) {
				tree_path(x->tree, row, &path);
			}
			code = matcher_matches(m, i, buf_str(&path), &matches, err);
			if (code == TNG_OK && matches && !take(x, &x->out->ptr[i], row, unit)) {
				code = error_nomem(err);
			}
		}
		unit += x->is_unit[row];
		row = x->is_unit[row] ? tree_end(x->tree, row) : row + 1;
	}
	if (code == TNG_OK && buf_failed(&path)) {
		code = error_nomem(err);
	}
	buf_fini(&path);
	return code;
}

/* What a build copies and is not there yet (made on the host, or by CI) must find its way in. */
static enum tng_code block_absent(struct maker *x, const struct matcher *m, struct tng_error *err) {
	size_t n = 0;
	const struct absent_source *absent = x->f->input->references != NULL
			? references_absent(x->f->input->references, &n)
			: NULL;
	enum tng_code code = TNG_OK;

	for (size_t k = 0; k < n; k++) {
		struct str path = absent[k].path;
		for (size_t end = 0; end < path.len && code == TNG_OK; end++) {
			if (end + 1 < path.len && path.ptr[end + 1] != '/') {
				continue;
			}
			struct str prefix = str_take(path, end + 1);
			struct globs_turn turn = globs_ask(&m->ends, path_base(prefix));
			for (uint32_t i; code == TNG_OK &&
					(i = globs_next(&m->ends, &turn)) != GLOBS_NONE;) {
				bool matches;
				code = matcher_matches(m, i, prefix, &matches, err);
				if (code == TNG_OK && matches) {
					x->out->ptr[i].is_blocked = true;
				}
			}
		}
	}
	return code;
}

static bool has_line(struct str text, struct str line) {
	struct str one;

	for (bool more = text.len > 0; more;) {
		more = str_cut(text, '\n', &one, &text);
		if (str_eq(str_trim(one), line)) {
			return true;
		}
	}
	return false;
}

static void apply_bans(struct maker *x) {
	const struct propose_input *input = x->f->input;

	for (size_t i = 0; i < x->out->len; i++) {
		struct candidate *c = &x->out->ptr[i];
		c->was_there = has_line(x->f->old_lines, c->pattern);
		for (size_t k = 0; k < input->nbans; k++) {
			if (str_eq(input->bans[k].pattern, c->pattern)) {
				c->is_blocked = true;
				c->ban = input->bans[k].why;
			}
		}
	}
}

/* Patterns that Docker refuses drop out here; they can only be a .gitignore's. */
static enum tng_code drop_bad(struct maker *x, struct tng_error *err) {
	size_t kept = 0;

	for (size_t i = 0; i < x->out->len; i++) {
		struct candidate *c = &x->out->ptr[i];
		struct ignore_set *set = NULL;
		struct tng_error bad = { 0 };
		enum tng_code code = c->kind != CANDIDATE_GIT
				? TNG_OK
				: ignore_from_patterns(&c->pattern, 1, &set, &bad);
		if (code == TNG_ENOMEM) {
			return error_nomem(err);
		}
		bool is_bad = code != TNG_OK ||
				(set != NULL &&
						(ignore_npatterns(set) != 1 ||
								ignore_pattern(set, 0)->bad_regexp !=
										NULL));
		ignore_destroy(set);
		if (!is_bad) {
			x->out->ptr[kept++] = *c;
		}
	}
	x->out->len = kept;
	return TNG_OK;
}

static enum tng_code match_all(struct maker *x, struct tng_error *err) {
	struct str *patterns = arena_new(x->arena, struct str, x->out->len);
	struct matcher m = { 0 };

	if (patterns == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < x->out->len; i++) {
		patterns[i] = x->out->ptr[i].pattern;
	}
	enum tng_code code = matcher_init(x->arena, &m, patterns, x->out->len, err);
	if (code == TNG_OK) {
		code = match_rows(x, &m, err);
	}
	if (code == TNG_OK) {
		code = block_absent(x, &m, err);
	}
	matcher_fini(&m);
	return code;
}

enum tng_code candidates_make(struct arena *a, const struct facts *facts,
		const struct decisions *decisions, const struct units *units,
		struct candidates *out, struct tng_error *err) {
	struct maker x = {
		.arena = a,
		.f = facts,
		.tree = facts->tree,
		.classes = facts->input->classes,
		.decisions = decisions,
		.units = units,
		.out = out,
	};

	if (!find_stays(&x) || !make_rules(&x) || !make_shapes(&x) || !make_literals(&x) ||
			!make_git(&x, err) || !make_repairs(&x)) {
		return error_nomem(err);
	}
	enum tng_code code = hygiene_add(a, facts, out, err);
	if (code == TNG_OK) {
		code = folders_add(a, facts, units, out, err);
	}
	if (code == TNG_OK) {
		code = drop_bad(&x, err);
	}
	apply_bans(&x);
	return code == TNG_OK ? match_all(&x, err) : code;
}
