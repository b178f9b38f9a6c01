/*
 * What some includes ask for of a plan that is there. The verdict of a row hangs on the patterns alone, so it is
 * that of the whole plan; only whether somebody asks for it is new. Below a directory where the includes can match
 * nothing more, all rows are like the directory:
 *
 *   asked for          as in the whole plan
 *   not asked for      walked for the sake of a wildcard elsewhere, and not sent
 */
#include "transfer/planner.h"

#include <stdlib.h>

/* Of a row that is not asked for, by its fate in the whole plan. A directory that is excluded may still be sent
 * for what is below it: that is told when this is found. */
static const uint8_t unasked[] = {
	[FATE_SENT] = FATE_UNASKED,
	[FATE_PARENT] = FATE_EXCLUDED,
	[FATE_EXCLUDED] = FATE_EXCLUDED,
	[FATE_PRUNED] = FATE_PRUNED,
	[FATE_SKIPPED] = FATE_UNASKED,
	[FATE_UNASKED] = FATE_UNASKED,
};

/* Directories of [from, end) that cannot be read; classic looks at no more than what is asked for. Rows come
 * in order. */
static enum tng_code block(
		struct planner *p, uint32_t from, uint32_t end, bool asked, struct tng_error *err) {
	const struct transfer_plan *whole = p->whole;
	bool minds = asked || p->engine != TNG_ENGINE_CLASSIC;
	enum tng_code code = TNG_OK;

	while (p->next_blocked < whole->nblocked && whole->blocked[p->next_blocked] < from) {
		p->next_blocked++;
	}
	while (p->next_blocked < whole->nblocked && whole->blocked[p->next_blocked] < end &&
			code == TNG_OK) {
		uint32_t row = whole->blocked[p->next_blocked++];
		code = minds ? planner_block(p, row, err) : TNG_OK;
	}
	return code;
}

/* All below a directory: each row is asked for as the directory is, and all of them are walked. */
static enum tng_code take_below(
		struct planner *p, uint32_t top, uint32_t end, bool asked, struct tng_error *err) {
	const uint8_t *fate = p->whole->fate;
	uint32_t first = top + 1;
	uint64_t npruned = 0;

	memcpy(p->decider + first, p->whole->decider + first, (end - first) * sizeof(*p->decider));
	for (uint32_t row = first; row < end; row++) {
		p->fate[row] = asked ? fate[row] : unasked[fate[row]];
		npruned += fate[row] == FATE_PRUNED;
	}
	p->nwalked += end - first - npruned;
	if (asked && fate[top] == FATE_PARENT) {
		p->fate[top] = FATE_PARENT; /* what it is sent for is asked for, too */
		planner_send_parents(p, top);
	}
	return block(p, first, end, asked, err);
}

/* Whether the rest of the includes say nothing new of what is below a directory. */
static bool says_no_more(const struct planner *p, const struct entry *dir) {
	const struct filter *f = &p->include;

	return f->set == NULL || ignore_is_settled(f->scratch, f->states[(uint32_t)dir->size]);
}

/* The same, and the walk goes there. */
static bool is_settled(const struct planner *p, const struct entry *dir, bool asked) {
	return (asked || p->include.prune.nwild > 0) && says_no_more(p, dir);
}

/* Whether the walk goes into what may be a directory that cannot be read. */
static bool is_walked(struct planner *p, uint32_t row, const struct entry *entry, bool asked) {
	return asked || p->whole->nblocked == 0 || planner_has_below(p, row, entry) ||
			prune_enters(&p->include.prune, planner_path(p, entry));
}

static enum tng_code take_row(struct planner *p, uint32_t row, const struct entry *entry,
		bool asked, uint32_t *next, struct tng_error *err) {
	const uint8_t *fate = p->whole->fate;

	p->decider[row] = p->whole->decider[row];
	p->fate[row] = asked && fate[row] != FATE_PARENT ? fate[row] : unasked[fate[row]];
	if (p->fate[row] == FATE_SENT) {
		planner_send_parents(p, row);
	}
	enum tng_code code = is_walked(p, row, entry, asked) ? block(p, row, row + 1, asked, err)
							     : TNG_OK;
	if (code == TNG_OK && planner_has_below(p, row, entry) &&
			(is_settled(p, entry, asked) || fate[row + 1] == FATE_PRUNED)) {
		*next = tree_end(p->tree, row);
		code = take_below(p, row, *next, asked, err);
	}
	return code;
}

enum tng_code planner_take(struct planner *p, uint32_t row, uint32_t *next, struct tng_error *err) {
	const struct entry *entry = tree_entry(p->tree, row);
	bool asked = true;
	enum tng_code code = TNG_OK;

	*next = row + 1;
	if (p->include.set != NULL) { /* of blanks only: no patterns */
		code = planner_test_include(p, row, entry, &asked, next, err);
	}
	if (code == TNG_OK && *next == row + 1) {
		code = take_row(p, row, entry, asked, next, err);
	}
	return code == TNG_OK && buf_failed(&p->path) ? error_nomem(err) : code;
}

/* ---- without an ignore file */

static enum tng_code ask_rows(struct planner *p, uint8_t *rows, struct tng_error *err) {
	uint32_t nrows = tree_nrows(p->tree), next;
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < nrows && code == TNG_OK; row = next) {
		const struct entry *entry = tree_entry(p->tree, row);
		struct verdict verdict = { .excluded = true };
		code = p->include.set != NULL ? planner_decide(p, &p->include, entry, &verdict, err)
					      : TNG_OK;
		rows[row] = verdict.excluded; /* the matcher's word for "a pattern matched" */
		next = row + 1;
		if (code == TNG_OK && planner_has_below(p, row, entry) && says_no_more(p, entry)) {
			next = tree_end(p->tree, row);
			memset(rows + row + 1, rows[row], next - row - 1);
		} else if (code == TNG_OK && rows[row] == 0 && planner_has_below(p, row, entry) &&
				!prune_enters(&p->include.prune, planner_path(p, entry))) {
			next = tree_end(p->tree, row);
			memset(rows + row + 1, 0, next - row - 1);
		}
	}
	return code == TNG_OK && buf_failed(&p->path) ? error_nomem(err) : code;
}

enum tng_code transfer_asked(struct arena *a, const struct tree *tree, const struct str *includes,
		size_t n, uint8_t *rows, struct tng_error *err) {
	struct planner p = {
		.tree = tree,
		.engine = TNG_ENGINE_BUILDKIT,
		.path_dir = UINT32_MAX,
	};
	struct ignore_set *set = NULL;
	enum tng_code code = ignore_from_patterns(includes, n, &set, err);

	if (code == TNG_OK) {
		code = filter_init(&p, &p.include, a, set, PRUNE_INCLUDES, err);
	}
	if (code == TNG_OK) {
		rows[0] = 0;
		code = ask_rows(&p, rows, err);
	}
	filter_fini(&p.include);
	ignore_destroy(set);
	buf_fini(&p.path);
	return code;
}
