#include "propose/propose.h"

#include "propose/internal.h"
#include "util/path.h"

#include <stdlib.h>

struct work {
	struct arena *arena;
	struct facts facts;
	struct decisions decisions;
	struct units units;
	struct keeps keeps;
	struct allow_list allowed; /* allow-list mode: lines in front of the candidates' */
	struct candidates candidates;
};

static void work_fini(struct work *w) {
	facts_fini(&w->facts);
	free(w->units.ptr);
	free(w->keeps.ptr);
	free(w->allowed.ptr);
	candidates_fini(&w->candidates);
}

/* Bytes that nothing keeps out and no unit has. */
static uint64_t staying_bytes(const struct work *w) {
	const struct tree *tree = w->facts.tree;
	uint64_t bytes = 0, taken = 0;

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct entry *entry = tree_entry(tree, row);
		if (entry_is_file(entry) && (w->facts.rows[row] & ROW_GONE) == 0) {
			bytes += entry->size;
		}
	}
	for (size_t i = 0; i < w->units.len; i++) {
		taken += w->units.ptr[i].bytes;
	}
	return bytes > taken ? bytes - taken : 0;
}

/* ---- lines */

static struct str reason_of(const struct work *w, const struct candidate *c) {
	const struct class_column *classes = w->facts.input->classes;

	if (c->kind == CANDIDATE_GIT) {
		return STR("the words of a .gitignore, or of a line above, at the depth that was "
			   "meant");
	}
	if (c->units.len == 0) {
		return STR("nothing of it is here today");
	}
	const struct unit *unit = &w->units.ptr[c->units.ptr[0]];
	switch ((enum out_reason)unit->reason) {
	case OUT_NONE:
	case OUT_CLASS:
		break;
	case OUT_IGNORED:
		return STR("git ignores it, so a clone is built without it");
	case OUT_UNASKED:
		return STR("no instruction asks for it");
	case OUT_IN_THE_WAY:
		return STR("a RUN makes it, and stops where it is there already");
	}
	return unit->klass < classes->nclasses ? classes->classes[unit->klass].meaning : STR("");
}

static struct proposed_line make_line(
		const struct work *w, const struct candidate *c, bool *is_taken) {
	struct proposed_line line = {
		.pattern = c->pattern,
		.group = c->group,
		.reason = reason_of(w, c),
		.rule = c->rule,
		.is_hygiene = true,
		.from_git = c->kind == CANDIDATE_GIT,
	};

	if (c->kind == CANDIDATE_GIT && c->units.len > 0) {
		line.group = w->units.ptr[c->units.ptr[0]].group;
	}
	for (size_t i = 0; i < c->units.len; i++) {
		const struct unit *unit = &w->units.ptr[c->units.ptr[i]];
		line.is_hygiene = false;
		if (is_taken[c->units.ptr[i]]) {
			continue;
		}
		is_taken[c->units.ptr[i]] = true;
		line.nfiles += unit->nfiles;
		line.bytes += unit->bytes;
		line.ntracked += unit->ntracked;
	}
	return line;
}

/* Untracked before tracked in a group; then any depth before paths, then by name. */
static int by_group(const void *a, const void *b) {
	const struct proposed_line *x = a, *y = b;
	bool x_wide = str_starts(x->pattern, STR("**/")),
	     y_wide = str_starts(y->pattern, STR("**/"));

	if (x->group != y->group) {
		return x->group < y->group ? -1 : 1;
	}
	if ((x->ntracked > 0) != (y->ntracked > 0)) {
		return x->ntracked > 0 ? 1 : -1;
	}
	if (x_wide != y_wide) {
		return x_wide ? -1 : 1;
	}
	return str_cmp(x->pattern, y->pattern);
}

static size_t count_exceptions(const struct work *w) {
	size_t n = 0;

	for (size_t i = 0; i < w->candidates.len; i++) {
		n += w->candidates.ptr[i].is_chosen ? w->candidates.ptr[i].nexceptions : 0;
	}
	return n;
}

static size_t find_line(const struct proposed_line *lines, size_t n, struct str pattern) {
	size_t at = 0;

	while (at < n && !str_eq(lines[at].pattern, pattern)) {
		at++;
	}
	return at;
}

/* Each behind the line that it belongs to; there is room for them. Returns how many lines there are then. */
static size_t put_exceptions(const struct work *w, struct proposed_line *lines, size_t n) {
	for (size_t i = 0; i < w->candidates.len; i++) {
		const struct candidate *c = &w->candidates.ptr[i];
		if (!c->is_chosen || c->nexceptions == 0) {
			continue;
		}
		size_t at = find_line(lines, n, c->pattern) + 1;
		memmove(lines + at + c->nexceptions, lines + at, (n - at) * sizeof(*lines));
		for (size_t k = 0; k < c->nexceptions; k++) {
			lines[at + k] = (struct proposed_line){
				.pattern = c->exceptions[k],
				.group = lines[at - 1].group,
				.reason = STR("a build names it"),
				.rule = CLASS_NO_RULE,
				.is_behind = true,
			};
		}
		n += c->nexceptions;
	}
	return n;
}

static enum tng_code make_lines(struct work *w, struct proposal *out, struct tng_error *err) {
	size_t n = w->allowed.len;
	struct proposed_line *lines = arena_new(w->arena, struct proposed_line,
			n + w->candidates.len + count_exceptions(w));
	bool *is_taken = arena_new(w->arena, bool, w->units.len);

	if (lines == NULL || is_taken == NULL) {
		return error_nomem(err);
	}
	if (n > 0) {
		memcpy(lines, w->allowed.ptr, n * sizeof(*lines));
		out->has_gain = lines[0].nfiles > 0;
	}
	for (size_t i = 0; i < w->candidates.len; i++) {
		if (w->candidates.ptr[i].is_chosen) {
			lines[n] = make_line(w, &w->candidates.ptr[i], is_taken);
			out->has_gain |= !lines[n].is_hygiene;
			n++;
		}
	}
	if (n > 0) {
		qsort(lines, n, sizeof(*lines), by_group);
	}
	out->lines = lines;
	out->nlines = put_exceptions(w, lines, n);
	return TNG_OK;
}

/* ---- what was considered and is not there */

static enum tng_code make_drops(struct work *w, struct proposal *out, struct tng_error *err) {
	struct proposed_drop *drops = arena_new(w->arena, struct proposed_drop, w->candidates.len);
	struct buf path = { 0 }, why = { 0 };
	size_t n = 0;
	bool ok = drops != NULL;

	for (size_t i = 0; i < w->candidates.len && ok; i++) {
		const struct candidate *c = &w->candidates.ptr[i];
		bool worth_a_word = c->is_blocked &&
				(c->ban.len > 0 || (c->units.len > 0 && c->kind == CANDIDATE_RULE));
		if (!worth_a_word) {
			continue;
		}
		buf_clear(&why);
		if (c->ban.len > 0) {
			buf_append(&why, c->ban);
		} else if (c->blocker != TREE_NO_ROW) {
			buf_clear(&path);
			tree_path(w->facts.tree, c->blocker, &path);
			buf_append(&why, STR("it would take "));
			buf_append(&why, buf_str(&path));
		} else {
			buf_append(&why, STR("a build copies something there that is made before"));
		}
		drops[n].pattern = c->pattern;
		drops[n].why = arena_copy(w->arena, buf_str(&why));
		ok = drops[n].why.ptr != NULL && !buf_failed(&why) && !buf_failed(&path);
		n++;
	}
	buf_fini(&path);
	buf_fini(&why);
	out->drops = drops;
	out->ndrops = n;
	return ok ? TNG_OK : error_nomem(err);
}

static enum tng_code make_keeps(struct work *w, struct proposal *out, struct tng_error *err) {
	struct proposed_keep *keeps = arena_new(w->arena, struct proposed_keep, w->keeps.len);

	if (keeps == NULL) {
		return error_nomem(err);
	}
	if (w->keeps.len > 0) {
		memcpy(keeps, w->keeps.ptr, w->keeps.len * sizeof(*keeps));
	}
	out->keeps = keeps;
	out->nkeeps = w->keeps.len;
	return TNG_OK;
}

static enum tng_code make_may_go(struct work *w, struct proposal *out, struct tng_error *err) {
	const struct tree *tree = w->facts.tree;
	uint8_t *may_go = arena_new(w->arena, uint8_t, tree_nrows(tree));

	if (may_go == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < w->units.len; i++) {
		uint32_t row = w->units.ptr[i].row;
		memset(may_go + row, 1, tree_end(tree, row) - row);
	}
	may_go[w->facts.ignore_row] = w->facts.ignore_row != 0; /* no build of ours reads it */
	out->may_go = may_go;
	return TNG_OK;
}

/* ---- the file */

/* "*" and exceptions stand above the hand-written lines: those must have the last word. */
static struct propose_block place_of_block(const struct work *w) {
	struct propose_block block = w->facts.block;
	size_t nmark = str_starts(w->facts.hand_text, STR("\xEF\xBB\xBF")) ? 3 : 0;

	if (w->allowed.len > 0) {
		block.before = str_take(w->facts.hand_text, nmark);
		block.after = str_skip(w->facts.hand_text, nmark);
		block.line = 1; /* nothing goes between the mark and the block */
	}
	return block;
}

static enum tng_code make_text(struct work *w, struct proposal *out, struct tng_error *err) {
	struct buf lines = { 0 }, text = { 0 };
	struct propose_block block = place_of_block(w);

	text_put(w->facts.input, out->lines, out->nlines, &lines);
	block_join(&block, buf_str(&lines), &text);
	out->text = arena_copy(w->arena, buf_str(&text));
	out->hand = w->facts.hand_text;
	out->is_changed = !str_eq(out->text, w->facts.input->existing);
	bool ok = !buf_failed(&lines) && !buf_failed(&text) && out->text.ptr != NULL;
	buf_fini(&lines);
	buf_fini(&text);
	return ok ? TNG_OK : error_nomem(err);
}

/* ---- allow-list mode */

/* Marks the units that some chosen line takes. */
static void mark_taken(const struct candidates *candidates, bool *is_taken) {
	for (size_t i = 0; i < candidates->len; i++) {
		const struct candidate *c = &candidates->ptr[i];
		for (size_t k = 0; c->is_chosen && k < c->units.len; k++) {
			is_taken[c->units.ptr[k]] = true;
		}
	}
}

/* The others are no units any more: what is in them stays. What no build asks for is taken by "*". */
static void keep_untaken(struct work *w, const bool *is_taken) {
	size_t n = 0;

	for (size_t i = 0; i < w->units.len; i++) {
		const struct unit unit = w->units.ptr[i];
		if (is_taken[i] || unit.reason == OUT_UNASKED) {
			w->units.ptr[n++] = unit;
		} else {
			memset(w->decisions.decision + unit.row, DECIDE_KEEP,
					tree_end(w->facts.tree, unit.row) - unit.row);
		}
	}
	w->units.len = n;
}

/* What builds ask for and the default mode would leave in, for it is too light for a line, is listed: "*"
 * must not take more than that mode dares to. */
static enum tng_code keep_the_light(struct work *w, struct tng_error *err) {
	struct candidates candidates = { 0 };
	struct str old_lines = w->facts.old_lines;
	bool *is_taken = arena_new(w->arena, bool, w->units.len);

	if (is_taken == NULL) {
		return error_nomem(err);
	}
	w->facts.old_lines = STR(""); /* those of this mode say nothing about that one */
	enum tng_code code = candidates_make(
			w->arena, &w->facts, &w->decisions, &w->units, &candidates, err);
	if (code == TNG_OK) {
		code = cover_choose(
				w->arena, &w->facts, &w->units, &candidates, staying_bytes(w), err);
	}
	if (code == TNG_OK) {
		mark_taken(&candidates, is_taken);
		keep_untaken(w, is_taken);
	}
	w->facts.old_lines = old_lines;
	candidates_fini(&candidates);
	return code;
}

/* What "*" keeps out needs no line of its own. */
static void drop_gone_units(struct work *w) {
	size_t n = 0;

	for (size_t i = 0; i < w->units.len; i++) {
		if ((w->facts.rows[w->units.ptr[i].row] & ROW_GONE) == 0) {
			w->units.ptr[n++] = w->units.ptr[i];
		}
	}
	w->units.len = n;
}

static enum tng_code make_allowed(struct work *w, struct proposal *out, struct tng_error *err) {
	if (w->facts.input->mode != PROPOSE_ALLOW_LIST) {
		return TNG_OK;
	}
	if (allow_is_written(&w->facts)) {
		out->note = STR("the hand-written lines are an allow-list already; the block only "
				"takes out of what they let in");
		return TNG_OK;
	}
	enum tng_code code = keep_the_light(w, err);
	if (code == TNG_OK) {
		code = make_may_go(w, out, err);
	}
	if (code == TNG_OK) {
		code = allow_make(w->arena, &w->facts, &w->decisions, &w->units, &w->allowed, err);
	}
	if (code == TNG_OK && w->allowed.is_whole) {
		out->note = STR("the builds may ask for everything, so the list names what is here "
				"today and may be needed; what is added beside it stays out until "
				"this runs again");
	}
	drop_gone_units(w);
	return code;
}

static enum tng_code choose_lines(struct work *w, struct proposal *out, struct tng_error *err) {
	enum tng_code code = candidates_make(
			w->arena, &w->facts, &w->decisions, &w->units, &w->candidates, err);

	if (code == TNG_OK) {
		code = cover_choose(w->arena, &w->facts, &w->units, &w->candidates,
				staying_bytes(w), err);
	}
	if (code == TNG_OK) {
		code = make_lines(w, out, err);
	}
	return code == TNG_OK ? make_drops(w, out, err) : code;
}

static enum tng_code make(struct work *w, const struct propose_input *input, struct proposal *out,
		struct tng_error *err) {
	enum tng_code code = facts_collect(w->arena, input, &w->facts, err);

	if (code == TNG_OK) {
		code = decide_rows(w->arena, &w->facts, &w->decisions, err);
	}
	if (code == TNG_OK) {
		code = units_find(w->arena, &w->facts, &w->decisions, &w->units, &w->keeps, err);
	}
	if (code == TNG_OK) {
		code = make_may_go(w, out, err);
	}
	if (code == TNG_OK) {
		code = make_allowed(w, out, err);
	}
	if (code == TNG_OK) {
		code = choose_lines(w, out, err);
	}
	if (code == TNG_OK) {
		code = make_keeps(w, out, err);
	}
	return code == TNG_OK ? make_text(w, out, err) : code;
}

enum tng_code propose_make(struct arena *a, const struct propose_input *input, struct proposal *out,
		struct tng_error *err) {
	struct work w = { .arena = a };

	*out = (struct proposal){ 0 };
	enum tng_code code = make(&w, input, out, err);
	work_fini(&w);
	return code;
}
