/*
 * Allow-list mode: "*", an exception for each place that stays, and then the usual lines for what should
 * not come along inside of those.
 *
 *   src/app/     asked for as a whole ─▶ !src/app       an exception takes all below, today's and tomorrow's
 *   web/a.js     most of web/ is      ─▶ !web           where that is fewer lines than one each
 *   web/b.js     asked for
 *   tool/x       one of many          ─▶ !tool/x
 *   build/x.jar  not there yet        ─▶ !build/x.jar
 *
 * Every exception is a plain path. With a wildcard in one BuildKit enters every excluded directory, and
 * the classic builder and buildah enter none (ignore-semantics 4.4, 4.5). A plain one leads each of them
 * to its place, and they make the directories above it on the way.
 */
#include "propose/internal.h"
#include "util/gomatch.h"
#include "util/path.h"

/* What is lighter may come along with its directory; as the least price of a line (cover.c). */
#define LIGHT_BYTES UINT64_C(16384)

/* A directory that is asked for as a whole is one line, and at most so many that take something out. */
#define WHOLE_LINES 8U

#define NO_LINES (UINT32_MAX / 4)

/* What it takes to let in all that stays below a directory, and itself. */
struct place {
	uint32_t nlines; /* of what is below, each place at its best */
	uint32_t nheavy; /* units below that want a line of their own */
	uint32_t nfree;  /* files below that need not come along */
	bool is_whole;   /* one exception for all of it */
	bool is_kind;    /* a source with a wildcard looks into it: more of the kind may come */
	bool is_forced;  /* verification missed something in it */
};

struct lister {
	struct arena *arena;
	struct facts *f;
	const struct tree *tree;
	const struct decisions *decisions;
	const struct units *units;
	struct place *places; /* per directory */
	uint8_t *is_unit;     /* per row: 1, or 2 where it wants a line */
	uint8_t *is_in;       /* per row: under an exception */
	struct buf path;
	struct allow_list *out;
};

static bool stays(const struct lister *x, uint32_t row) {
	return x->decisions->decision[row] != DECIDE_OUT && (x->f->rows[row] & ROW_GONE) == 0;
}

static struct str path_of(struct lister *x, uint32_t row) {
	buf_clear(&x->path);
	tree_path(x->tree, row, &x->path);
	return buf_str(&x->path);
}

/* An exception must work with every engine, and buildah's patterns want the most escapes; the others
 * understand those. */
static bool put_path(struct str path, struct buf *out) {
	return ignore_put_literal(IGNORE_BUILDAH, path, out);
}

/* Whether a name can be part of an exception that every engine takes for a plain path. */
static bool is_plain(struct str name) {
	struct buf line = { 0 };
	bool plain = put_path(name, &line) && str_eq(buf_str(&line), name) &&
			!str_has_any(name, "*?[]^\\");

	buf_fini(&line);
	return plain;
}

/* ---- the best lines for each directory, from the leaves up */

static bool is_asked_whole(const struct lister *x, uint32_t row) {
	return (x->f->rows[row] & (ROW_REACHED | ROW_PINNED)) != 0 && stays(x, row);
}

static bool choose_whole(const struct lister *x, uint32_t row, const struct place *p) {
	uint32_t whole = 1 + p->nheavy;

	if (p->is_forced || p->nlines == 0 || p->nlines >= NO_LINES || whole < p->nlines) {
		return true;
	}
	if (is_asked_whole(x, row)) {
		return p->nheavy <= WHOLE_LINES;
	}
	return (p->is_kind || p->nfree == 0) && p->nheavy == 0;
}

static void settle_dir(struct lister *x, uint32_t row, struct place *up) {
	const struct entry *entry = tree_entry(x->tree, row);
	struct place *p = &x->places[entry->size];
	uint32_t nlines = 0;

	if (x->is_unit[row] != 0) {
		*p = (struct place){ .nheavy = x->is_unit[row] == 2, .nfree = p->nfree };
	} else if (p->nlines > 0 || stays(x, row)) {
		p->is_whole = choose_whole(x, row, p);
		nlines = p->is_whole ? 1 + p->nheavy : p->nlines;
		nlines = p->is_whole && !is_plain(tree_name(x->tree, entry)) ? NO_LINES : nlines;
	}
	up->nlines = nlines >= NO_LINES ? NO_LINES : up->nlines + nlines;
	up->nheavy += p->nheavy;
	up->nfree += p->nfree;
}

static void settle(struct lister *x) {
	for (uint32_t row = tree_nrows(x->tree); row-- > 1;) {
		const struct entry *entry = tree_entry(x->tree, row);
		struct place *up = &x->places[entry->parent];
		if (entry_is_dir(entry)) {
			settle_dir(x, row, up);
			continue;
		}
		bool is_free = !stays(x, row) && (x->f->rows[row] & ROW_GONE) == 0;
		up->nfree += is_free;
		up->nheavy += x->is_unit[row] == 2;
		if (stays(x, row)) {
			bool plain = is_plain(tree_name(x->tree, entry));
			up->nlines = plain && up->nlines < NO_LINES ? up->nlines + 1 : NO_LINES;
		}
	}
}

/* ---- what no row can tell */

/* The directory in front of the first wildcard; empty: the root. */
static struct str folder_of(struct str pattern) {
	struct str folder = STR(""), part, rest = pattern;

	for (bool more = true; more;) {
		more = str_cut(rest, '/', &part, &rest);
		if (gomatch_has_wildcard(part) || !more) {
			break;
		}
		folder = str_take(pattern, (size_t)(part.ptr + part.len - pattern.ptr));
	}
	return folder;
}

static void mark_kinds(struct lister *x) {
	const struct propose_input *input = x->f->input;

	for (size_t i = 0; i < input->nbuilds; i++) {
		const struct build_sources *s = input->builds[i].sources;
		for (size_t k = 0; s != NULL && k < s->nsources; k++) {
			struct str folder = folder_of(s->sources[k].path);
			bool counts = s->sources[k].is_wildcard && folder.len > 0 &&
					s->sources[k].context == DOCKERFILE_MAIN_CONTEXT;
			uint32_t row = counts ? tree_find(x->tree, folder) : TREE_NO_ROW;
			if (row != TREE_NO_ROW && entry_is_dir(tree_entry(x->tree, row))) {
				x->places[tree_entry(x->tree, row)->size].is_kind = true;
			}
		}
	}
}

/* What verification missed comes with all of its folder in the root. */
static uint32_t root_entry_of(const struct tree *tree, uint32_t row) {
	while (tree_entry(tree, row)->parent != 0) {
		row = tree_dir(tree, tree_entry(tree, row)->parent)->row;
	}
	return row;
}

static void heed_bans(struct lister *x) {
	const struct propose_input *input = x->f->input;

	for (size_t i = 0; i < input->nbans; i++) {
		uint32_t row = input->bans[i].row;
		if (row == 0 || !str_eq(input->bans[i].pattern, STR("*"))) {
			continue;
		}
		row = root_entry_of(x->tree, row);
		if (entry_is_dir(tree_entry(x->tree, row))) {
			x->places[tree_entry(x->tree, row)->size].is_forced = true;
		}
	}
}

/* ---- lines */

static struct proposed_line *add_line(struct lister *x, struct str pattern,
		enum propose_group group, const char *reason) {
	struct str copy = arena_copy(x->arena, pattern);
	struct proposed_line *line = copy.ptr != NULL ? VEC_PUSH(x->out) : NULL;

	if (line != NULL) {
		*line = (struct proposed_line){
			.pattern = copy,
			.group = group,
			.reason = str_from(reason),
			.rule = CLASS_NO_RULE,
		};
	}
	return line;
}

static bool is_listed(const struct lister *x, struct str pattern) {
	for (size_t i = 0; i < x->out->len; i++) {
		if (str_eq(x->out->ptr[i].pattern, pattern)) {
			return true;
		}
	}
	return false;
}

static void weigh(
		const struct lister *x, uint32_t first, uint32_t end, struct proposed_line *line) {
	for (uint32_t row = first; row < end; row++) {
		const struct entry *entry = tree_entry(x->tree, row);
		if ((x->f->rows[row] & ROW_GONE) == 0 && entry_is_file(entry)) {
			line->nfiles++;
			line->bytes += entry->size;
		}
	}
}

/* A name that no line can tell stays out, and verification says whether that matters. */
static bool let_in(struct lister *x, uint32_t row) {
	struct buf pattern = { 0 };
	uint32_t end = tree_end(x->tree, row);
	bool ok = true;

	buf_putc(&pattern, '!');
	if (put_path(path_of(x, row), &pattern)) {
		struct proposed_line *line = add_line(x, buf_str(&pattern), GROUP_LISTED,
				x->out->is_whole ? "it is here today, and may be needed"
						 : "an instruction asks for it");
		ok = line != NULL && !buf_failed(&pattern) && !buf_failed(&x->path);
		x->f->has_folders |= entry_is_dir(tree_entry(x->tree, row));
		if (ok) {
			weigh(x, row, end, line);
			memset(x->is_in + row, 1, end - row);
		}
	}
	buf_fini(&pattern);
	return ok;
}

static bool let_all_in(struct lister *x) {
	bool ok = true;

	for (uint32_t row = 1; row < tree_nrows(x->tree) && ok;) {
		const struct entry *entry = tree_entry(x->tree, row);
		const struct place *p = entry_is_dir(entry) ? &x->places[entry->size] : NULL;
		bool takes = x->is_unit[row] == 0 && (p != NULL ? p->is_whole : stays(x, row));
		bool opens = x->is_unit[row] == 0 && p != NULL && !p->is_whole && p->nlines > 0;
		ok = !takes || let_in(x, row);
		row = opens ? row + 1 : tree_end(x->tree, row);
	}
	return ok;
}

/* Whether a path, there or not, lies where an exception lets all in. */
static bool is_let_in(const struct lister *x, struct str path) {
	uint32_t row = tree_find(x->tree, path);

	while (row == TREE_NO_ROW && !str_eq(path, STR("."))) {
		path = path_dir(path);
		row = tree_find(x->tree, path);
	}
	return row != TREE_NO_ROW && x->is_in[row] != 0;
}

/* What is built before must find its way in: by its name, or with its folder where a wildcard names it. */
static bool let_absent_in(struct lister *x, const struct absent_source *absent) {
	struct str path = absent->path;
	struct buf pattern = { 0 };
	bool ok = true;

	if (absent->is_wildcard) {
		struct str folder = folder_of(path);
		bool is_tail = folder.len == 0 && str_ends(path, STR("*")) &&
				!gomatch_has_wildcard(str_take(path, path.len - 1));
		path = is_tail ? str_take(path, path.len - 1) : folder; /* "yarn.lock*" */
	}
	if (path.len == 0 || str_eq(path, STR(".")) || is_let_in(x, path)) {
		return true;
	}
	buf_putc(&pattern, '!');
	if (put_path(path, &pattern) && !is_listed(x, buf_str(&pattern))) {
		uint32_t row = tree_find(x->tree, path);
		struct proposed_line *line = add_line(x, buf_str(&pattern), GROUP_LISTED,
				"an instruction asks for it, and it is made before the build");
		ok = line != NULL && !buf_failed(&pattern);
		x->f->has_folders |= absent->is_wildcard;
		if (ok && row != TREE_NO_ROW) {
			weigh(x, row, tree_end(x->tree, row), line);
			memset(x->is_in + row, 1, tree_end(x->tree, row) - row);
		}
	}
	buf_fini(&pattern);
	return ok;
}

static bool let_all_absent_in(struct lister *x) {
	const struct references *references = x->f->input->references;
	size_t n = 0;
	const struct absent_source *absent =
			references != NULL ? references_absent(references, &n) : NULL;
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		ok = let_absent_in(x, &absent[i]);
	}
	return ok;
}

/* What "*" keeps out is gone, for all that comes after. */
static void take_the_rest(struct lister *x, struct proposed_line *line) {
	for (uint32_t row = 1; row < tree_nrows(x->tree); row++) {
		const struct entry *entry = tree_entry(x->tree, row);
		if (x->is_in[row] != 0 || (x->f->rows[row] & ROW_GONE) != 0) {
			continue;
		}
		x->f->rows[row] |= ROW_GONE;
		if (entry_is_file(entry)) {
			line->nfiles++;
			line->bytes += entry->size;
		}
		line->ntracked += !entry_is_dir(entry) && (x->f->rows[row] & ROW_TRACKED) != 0;
	}
}

static void mark_units(struct lister *x) {
	for (size_t i = 0; i < x->units->len; i++) {
		const struct unit *unit = &x->units->ptr[i];
		bool is_heavy = unit->is_secret || unit->bytes >= LIGHT_BYTES;
		x->is_unit[unit->row] = is_heavy ? 2 : 1;
	}
}

static enum tng_code list(struct lister *x, struct tng_error *err) {
	mark_units(x);
	mark_kinds(x);
	heed_bans(x);
	settle(x);
	x->out->is_whole = x->f->asks_for_all;
	bool ok = add_line(x, STR("*"), GROUP_EVERYTHING,
				  "all stays out but what is named below it") != NULL &&
			let_all_in(x) && let_all_absent_in(x);
	if (!ok) {
		return error_nomem(err);
	}
	take_the_rest(x, &x->out->ptr[0]);
	x->f->is_listed = true;
	return TNG_OK;
}

enum tng_code allow_make(struct arena *a, struct facts *facts, const struct decisions *decisions,
		const struct units *units, struct allow_list *out, struct tng_error *err) {
	uint32_t nrows = tree_nrows(facts->tree);
	struct lister x = {
		.arena = a,
		.f = facts,
		.tree = facts->tree,
		.decisions = decisions,
		.units = units,
		.places = arena_new(a, struct place, tree_ndirs(facts->tree)),
		.is_unit = arena_new(a, uint8_t, nrows),
		.is_in = arena_new(a, uint8_t, nrows),
		.out = out,
	};
	bool ready = x.places != NULL && x.is_unit != NULL && x.is_in != NULL;
	enum tng_code code = ready ? list(&x, err) : error_nomem(err);

	buf_fini(&x.path);
	return code;
}

bool allow_is_written(const struct facts *facts) {
	uint32_t n = facts->hand != NULL ? ignore_npatterns(facts->hand) : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(facts->hand, i);
		if (!p->is_exception &&
				(str_eq(p->text, STR("*")) || str_eq(p->text, STR("**")) ||
						str_eq(p->text, STR("**/*")))) {
			return true;
		}
	}
	return false;
}
