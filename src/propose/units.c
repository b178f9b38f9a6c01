/*
 * Units: the largest places all of which may go.
 *
 *   src/            keep            ┐
 *   src/app.py      keep            │  a directory whose rows may all go is one unit; else what is in
 *   src/tests/      out ─▶ unit     │  it is looked at, one by one
 *   src/tests/a.py  out             ┘
 *
 * Each unit is then held against what references say. What they keep is kept and opened: the rest of
 * it may go in smaller pieces. What they ask about stays whole, as a question; where that is about something
 * in it, it is opened, too.
 */
#include "propose/internal.h"
#include "util/path.h"

#include <stdlib.h>

/* Rounds of opening what is kept; each goes at least one level down, and real trees need five. */
#define ROUNDS_MAX 200

/* A piece of a kept directory below this stays with it. */
#define PIECE_MIN_BYTES UINT64_C(65536)

/* Kept and below this: not worth a word, unless it is a secret. */
#define MENTION_MIN_BYTES UINT64_C(1000000)

/* Per directory, itself not counted, of what hand-written lines let through. */
struct below {
	uint64_t nfiles, bytes, ntracked, nsecrets;
	uint64_t nstay; /* rows that may not go */
};

struct finder {
	const struct facts *f;
	const struct tree *tree;
	const struct class_column *classes;
	struct decisions *decisions;
	struct below *below;
	struct units *units;
	struct keeps *keeps;
};

static bool is_gone(const struct finder *x, uint32_t row) {
	return (x->f->rows[row] & ROW_GONE) != 0;
}

static bool is_secret_class(uint16_t klass) {
	return klass == CLASS_SECRET || klass == CLASS_IAC_STATE;
}

static void add_up(struct finder *x) {
	memset(x->below, 0, tree_ndirs(x->tree) * sizeof(*x->below));
	for (uint32_t row = tree_nrows(x->tree); row-- > 1;) {
		const struct entry *entry = tree_entry(x->tree, row);
		struct below *up = &x->below[entry->parent];
		if (entry_is_dir(entry)) {
			const struct below *own = &x->below[entry->size];
			up->nfiles += own->nfiles;
			up->bytes += own->bytes;
			up->ntracked += own->ntracked;
			up->nsecrets += own->nsecrets;
			up->nstay += own->nstay;
		}
		if (is_gone(x, row)) {
			continue;
		}
		up->nstay += x->decisions->decision[row] != DECIDE_OUT;
		if (!entry_is_dir(entry)) {
			up->nfiles += entry_is_file(entry);
			up->bytes += entry_is_file(entry) ? entry_size(entry) : 0;
			up->ntracked += (x->f->rows[row] & ROW_TRACKED) != 0;
		}
		up->nsecrets += is_secret_class(x->classes->marks[row].klass);
	}
}

static bool is_unit(const struct finder *x, uint32_t row) {
	const struct entry *entry = tree_entry(x->tree, row);

	if (x->decisions->decision[row] != DECIDE_OUT || is_gone(x, row)) {
		return false;
	}
	return !entry_is_dir(entry) || x->below[entry->size].nstay == 0;
}

static enum propose_group group_of(const struct finder *x, uint32_t row) {
	enum propose_group group = class_group_of(x->classes, x->classes->marks[row].klass);

	if (x->decisions->reason[row] == OUT_IN_THE_WAY) {
		return GROUP_BUILD;
	}
	if (group == GROUP_UNASKED && x->decisions->reason[row] == OUT_IGNORED) {
		return GROUP_IGNORED;
	}
	return group;
}

static bool add_unit(struct finder *x, uint32_t row) {
	const struct entry *entry = tree_entry(x->tree, row);
	struct unit *unit = VEC_PUSH(x->units);

	if (unit == NULL) {
		return false;
	}
	*unit = (struct unit){
		.row = row,
		.rule = x->classes->marks[row].rule,
		.klass = x->classes->marks[row].klass,
		.reason = x->decisions->reason[row],
		.group = group_of(x, row),
		.is_secret = is_secret_class(x->classes->marks[row].klass),
		.is_aside = x->decisions->reason[row] == OUT_CLASS &&
				class_is_aside(x->classes, x->classes->marks[row].klass),
		.is_inner = entry->parent != 0,
		.nfiles = entry_is_file(entry),
		.bytes = entry_is_file(entry) ? entry_size(entry) : 0,
		.ntracked = (x->f->rows[row] & ROW_TRACKED) != 0,
	};
	if (entry_is_dir(entry)) {
		const struct below *b = &x->below[entry->size];
		unit->nfiles = b->nfiles;
		unit->bytes = b->bytes;
		unit->ntracked = b->ntracked;
		unit->is_secret |= b->nsecrets > 0;
	}
	return true;
}

static bool collect(struct finder *x) {
	bool ok = true;

	x->units->len = 0;
	add_up(x);
	for (uint32_t row = 1; row < tree_nrows(x->tree) && ok;) {
		bool unit = is_unit(x, row);
		ok = !unit || add_unit(x, row);
		row = unit ? tree_end(x->tree, row) : row + 1;
	}
	return ok;
}

/* ---- references */

/* What is made again anywhere, whoever mentions it. */
static bool is_made_again(uint16_t klass) {
	return klass == CLASS_OS_JUNK || klass == CLASS_CACHE || klass == CLASS_TEMP ||
			klass == CLASS_PKG_CACHE || klass == CLASS_VIRTUALENV ||
			klass == CLASS_COVERAGE || klass == CLASS_LOG;
}

/* What a need means for a unit: some guards of the references repeat what its decision rests on. */
static enum need_kind heed(
		const struct finder *x, const struct unit *unit, const struct need *need) {
	bool is_made = is_made_again(unit->klass);

	if (unit->reason == OUT_UNASKED && need->guard != NEED_GUARD_VCS_VERSION &&
			need->guard != NEED_GUARD_COPIED) {
		return NEED_FREE;
	}
	switch (need->guard) {
	case NEED_GUARD_NONE:
	case NEED_GUARD_NEVER_COPIED:
	case NEED_GUARD_UNREFERENCED:
	case NEED_GUARD_IN_THE_WAY:
		return need->kind;
	case NEED_GUARD_CLASS:
		return NEED_FREE;
	case NEED_GUARD_TRACKED:
		return x->f->input->level == PROPOSE_THOROUGH ? NEED_FREE : need->kind;
	case NEED_GUARD_SOURCE:
		return is_made ? NEED_FREE : NEED_ASK;
	case NEED_GUARD_COPIED:
	case NEED_GUARD_PLACEHOLDER:
	case NEED_GUARD_VCS_VERSION:
		return need->kind;
	case NEED_GUARD_REFERENCED:
		/* the folder that a secret lies in is what is mentioned */
		return is_made || unit->klass == CLASS_SECRET ? NEED_FREE : need->kind;
	case NEED_GUARD_MANIFEST:
	case NEED_GUARD_WORKSPACE_MEMBER:
	case NEED_GUARD_EMBEDDED:
	case NEED_GUARD_VCS_DIRTY:
	case NEED_GUARD_CUT:
	case NEED_GUARD_NO_INSTALL_STEP:
		return is_made ? NEED_FREE : need->kind;
	}
	return need->kind;
}

static bool note_keep(
		struct finder *x, const struct unit *unit, const struct need *need, bool ask) {
	if (unit->bytes < MENTION_MIN_BYTES && !unit->is_secret && unit->group != GROUP_HISTORY) {
		return true;
	}
	struct proposed_keep *keep = VEC_PUSH(x->keeps);
	if (keep == NULL) {
		return false;
	}
	*keep = (struct proposed_keep){
		.row = unit->row,
		.nfiles = unit->nfiles,
		.bytes = unit->bytes,
		.is_question = ask,
		.is_secret = is_secret_class(unit->klass),
		.why = need->why,
		.file = need->file,
		.line = need->line,
	};
	return true;
}

/* The zone stays; what is of another class in it (a cache, say) is looked at again. */
static void keep_zone(struct finder *x, const struct unit *unit, enum decision decision) {
	uint16_t rule = unit->rule;

	for (uint32_t row = unit->row; row < tree_end(x->tree, unit->row); row++) {
		if (x->classes->marks[row].rule == rule) {
			x->decisions->decision[row] = (uint8_t)decision;
		}
	}
}

/* The directory stays, and small pieces with it; larger ones are asked about on their own. */
static void open_kept(struct finder *x, const struct unit *unit) {
	uint32_t end = tree_end(x->tree, unit->row);

	x->decisions->decision[unit->row] = DECIDE_KEEP;
	for (uint32_t row = unit->row + 1; row < end; row = tree_end(x->tree, row)) {
		const struct entry *entry = tree_entry(x->tree, row);
		uint64_t bytes = entry_is_dir(entry) ? x->below[entry->size].bytes
						     : entry_size(entry);
		if (bytes >= PIECE_MIN_BYTES ||
				x->classes->marks[row].rule != x->classes->marks[unit->row].rule) {
			continue;
		}
		for (uint32_t r = row; r < tree_end(x->tree, row); r++) {
			if (x->classes->marks[r].rule == unit->rule) {
				x->decisions->decision[r] = DECIDE_KEEP;
			}
		}
	}
}

/* Sets *changed when a unit is none after all. */
static bool ask_references(struct finder *x, bool *changed) {
	const struct references *references = x->f->input->references;
	bool ok = true;

	*changed = false;
	for (size_t i = 0; i < x->units->len && ok && references != NULL; i++) {
		const struct unit unit = x->units->ptr[i];
		struct need need;
		references_ask(references, unit.row, &need);
		if (need.guard == NEED_GUARD_SOURCE && unit.reason == OUT_IGNORED) {
			need.why = STR("git ignores it, and it may be a part of the program");
		}
		switch (heed(x, &unit, &need)) {
		case NEED_FREE:
			continue;
		case NEED_ASK:
			if (need.is_below) { /* the question is about a piece of it */
				open_kept(x, &unit);
				break;
			}
			ok = note_keep(x, &unit, &need, true);
			keep_zone(x, &unit, DECIDE_ASK);
			break;
		case NEED_KEEP:
			ok = note_keep(x, &unit, &need, false);
			/* a member that is there without its sources is worse than none */
			if (unit.group == GROUP_HISTORY ||
					(need.guard == NEED_GUARD_WORKSPACE_MEMBER &&
							!need.is_below)) {
				keep_zone(x, &unit, DECIDE_KEEP);
			} else {
				open_kept(x, &unit);
			}
			break;
		}
		*changed = true;
	}
	return ok;
}

/* ---- questions that the classes ask by themselves */

static struct str question_of(const struct finder *x, uint32_t row) {
	const struct class_mark *mark = &x->classes->marks[row];
	const char *guard = class_guard_text((enum class_guard)mark->guard);

	return guard[0] != '\0' ? str_from(guard) : x->classes->classes[mark->klass].meaning;
}

static bool note_question(struct finder *x, uint32_t row) {
	const struct entry *entry = tree_entry(x->tree, row);
	struct unit unit = {
		.row = row,
		.klass = x->classes->marks[row].klass,
		.nfiles = 1,
		.bytes = entry_size(entry),
	};
	struct need need = { .why = question_of(x, row) };

	if (entry_is_dir(entry)) {
		unit.nfiles = x->below[entry->size].nfiles;
		unit.bytes = x->below[entry->size].bytes;
	}
	unit.is_secret = is_secret_class(unit.klass);
	if (x->f->input->references != NULL) {
		struct need found;
		references_ask(x->f->input->references, row, &found);
		if (found.kind != NEED_FREE) {
			need = found;
		}
	}
	return note_keep(x, &unit, &need, need.kind != NEED_KEEP);
}

static bool is_noted(const struct finder *x, uint32_t row) {
	for (size_t i = 0; i < x->keeps->len; i++) {
		uint32_t at = x->keeps->ptr[i].row;
		if (row >= at && row < tree_end(x->tree, at)) {
			return true;
		}
	}
	return false;
}

/* A directory all of whose files may go asks nothing. */
static bool holds_question(const struct finder *x, uint32_t row) {
	for (uint32_t r = row; r < tree_end(x->tree, row); r++) {
		if (!entry_is_dir(tree_entry(x->tree, r)) && !is_gone(x, r) &&
				x->decisions->decision[r] != DECIDE_OUT) {
			return true;
		}
	}
	return false;
}

static bool collect_questions(struct finder *x) {
	bool ok = true;

	for (uint32_t row = 1; row < tree_nrows(x->tree) && ok;) {
		bool asks = x->decisions->decision[row] == DECIDE_ASK && !is_gone(x, row);
		if (asks && holds_question(x, row) && !is_noted(x, row)) {
			ok = note_question(x, row);
		}
		row = asks ? tree_end(x->tree, row) : row + 1;
	}
	return ok;
}

/* What of it stays in the end. */
static void weigh_again(const struct finder *x, struct proposed_keep *keep) {
	keep->bytes = keep->nfiles = 0;
	for (uint32_t row = keep->row; row < tree_end(x->tree, keep->row); row++) {
		const struct entry *entry = tree_entry(x->tree, row);
		if (entry_is_file(entry) && !is_gone(x, row) &&
				x->decisions->decision[row] != DECIDE_OUT) {
			keep->nfiles++;
			keep->bytes += entry_size(entry);
		}
	}
}

/* Of a folder that was opened, what keeps its pieces says more. */
static void drop_opened(struct finder *x) {
	size_t n = 0;

	for (size_t i = 0; i < x->keeps->len; i++) {
		const struct proposed_keep keep = x->keeps->ptr[i];
		bool has_inner = false;
		for (size_t k = 0; k < x->keeps->len && !keep.is_question; k++) {
			const struct proposed_keep *inner = &x->keeps->ptr[k];
			has_inner |= !inner->is_secret && inner->row > keep.row &&
					inner->row < tree_end(x->tree, keep.row);
		}
		if (has_inner) {
			continue;
		}
		x->keeps->ptr[n] = keep;
		if (!keep.is_question) {
			weigh_again(x, &x->keeps->ptr[n]);
		}
		n += keep.is_question || keep.is_secret ||
				x->keeps->ptr[n].bytes >= MENTION_MIN_BYTES;
	}
	x->keeps->len = n;
}

/* Questions first, then by weight. */
static int by_weight(const void *a, const void *b) {
	const struct proposed_keep *x = a, *y = b;

	if (x->is_question != y->is_question) {
		return x->is_question ? -1 : 1;
	}
	if (x->bytes != y->bytes) {
		return x->bytes > y->bytes ? -1 : 1;
	}
	return x->row < y->row ? -1 : x->row > y->row;
}

enum tng_code units_find(struct arena *a, const struct facts *facts, struct decisions *decisions,
		struct units *out, struct keeps *keeps, struct tng_error *err) {
	struct finder x = {
		.f = facts,
		.tree = facts->tree,
		.classes = facts->input->classes,
		.decisions = decisions,
		.below = arena_new(a, struct below, tree_ndirs(facts->tree)),
		.units = out,
		.keeps = keeps,
	};
	bool ok = x.below != NULL, changed = true;

	for (int round = 0; ok && changed && round < ROUNDS_MAX; round++) {
		ok = collect(&x) && ask_references(&x, &changed);
	}
	if (changed) {
		out->len = 0; /* what was not asked about is not taken */
	}
	ok = ok && collect_questions(&x);
	drop_opened(&x);
	if (ok && keeps->len > 0) {
		qsort(keeps->ptr, keeps->len, sizeof(*keeps->ptr), by_weight);
	}
	return ok ? TNG_OK : error_nomem(err);
}
