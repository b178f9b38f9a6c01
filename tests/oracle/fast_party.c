/*
 * fast_party.c - asks the product, in each way it can be asked.
 *
 * The walk's answer is taken by walking: directories are entered once, in the order in which the paths
 * happen to need them, and come back later, as a parallel walk does. ignore_decide_path() must agree.
 */
#include "oracle/party.h"

#include "ignore/ignore.h"

#include <stdio.h>

/* What is known of an entry that some path goes through. */
struct visited {
	struct str path;
	struct cell cell;
	struct ignore_dir below;
};

struct walker {
	struct ignore_scratch *scratch;
	struct visited *visited;
	size_t nvisited;
	struct arena *arena;
};

static struct cell fast_cell(struct arena *a, const struct ignore_set *set, enum tng_code code,
		const struct verdict *v, const struct tng_error *err) {
	bool is_exception = code == TNG_OK && v->pattern < ignore_npatterns(set) &&
			ignore_pattern(set, v->pattern)->is_exception;

	return cell_of(a, code, v, is_exception, err);
}

static const struct visited *visit(
		struct walker *w, const struct ignore_set *set, struct str path) {
	size_t slash = str_find_last(path, '/');
	bool top = slash == path.len;
	struct ignore_dir dir = ignore_root(w->scratch);
	struct verdict v = { 0 };
	struct tng_error err = { 0 };
	struct visited *new;
	enum tng_code code;

	for (size_t i = 0; i < w->nvisited; i++) {
		if (str_eq(w->visited[i].path, path)) {
			return &w->visited[i];
		}
	}
	if (!top) {
		const struct visited *parent = visit(w, set, str_take(path, slash));

		if (parent->cell.verdict != '0' && parent->cell.verdict != '1') {
			return parent;
		}
		dir = parent->below;
	}
	new = &w->visited[w->nvisited++];
	new->path = path;
	code = ignore_decide(w->scratch, dir, path, top ? path.len : path.len - slash - 1, &v,
			&new->below, &err);
	new->cell = fast_cell(w->arena, set, code, &v, &err);
	return new;
}

static bool walker_init(struct walker *w, struct arena *a, const struct ignore_set *set,
		const struct question *q) {
	size_t n = 0;

	for (size_t i = 0; i < q->npaths; i++) {
		for (size_t j = 0; j <= q->paths[i].len; j++) {
			n += j == q->paths[i].len || q->paths[i].ptr[j] == '/';
		}
	}
	*w = (struct walker){ .arena = a, .scratch = ignore_scratch_create(set) };
	w->visited = arena_new(a, struct visited, n);
	return w->scratch != NULL && w->visited != NULL;
}

/* Both ways to ask for the walk's answer as one cell: '?' when they are not of one mind. */
static struct cell agreed(struct arena *a, const struct cell *walk, const struct cell *direct) {
	char text[128];

	if (walk->verdict == direct->verdict && walk->decider == direct->decider) {
		return *walk;
	}
	snprintf(text, sizeof(text), "ignore_decide: %c by %d, ignore_decide_path: %c by %d",
			walk->verdict, (int)walk->decider, direct->verdict, (int)direct->decider);
	return (struct cell){ '?', arena_copy(a, str_from(text)).ptr, CELL_NO_DECIDER };
}

static void decide_all(struct arena *a, const struct ignore_set *set, struct walker *w,
		struct ignore_scratch *scratch, const struct question *q, struct answer *out) {
	for (size_t i = 0; i < q->npaths; i++) {
		struct verdict v = { 0 };
		struct tng_error err[3] = { 0 };
		struct cell direct;
		enum tng_code code = ignore_decide_path(scratch, q->paths[i], &v, &err[0]);

		direct = fast_cell(a, set, code, &v, &err[0]);
		out->cells[EVALUATION_WALK][i] =
				agreed(a, &visit(w, set, q->paths[i])->cell, &direct);
		code = ignore_decide_whole_path(scratch, q->paths[i], &v, &err[1]);
		out->cells[EVALUATION_WHOLE][i] = fast_cell(a, set, code, &v, &err[1]);
		code = ignore_decide_legacy(scratch, q->paths[i], &v, &err[2]);
		out->cells[EVALUATION_LEGACY][i] = fast_cell(a, set, code, &v, &err[2]);
	}
}

bool fast_party_match(struct arena *a, const struct question *q, struct answer *out) {
	struct tng_error err = { 0 };
	struct ignore_set *set = NULL;
	struct ignore_scratch *scratch;
	struct walker walker;
	bool ok;

	if (!answer_init(a, q, out)) {
		return false;
	}
	if (ignore_from_patterns_as(q->dialect, q->patterns, q->npatterns, &set, &err) != TNG_OK) {
		out->refused = arena_copy(a, str_from(err.text)).ptr;
		return err.code != TNG_ENOMEM && out->refused != NULL;
	}
	scratch = ignore_scratch_create(set);
	ok = walker_init(&walker, a, set, q) && scratch != NULL;
	if (ok) {
		decide_all(a, set, &walker, scratch, q, out);
	}
	ignore_scratch_destroy(walker.scratch);
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return ok;
}

bool fast_party_read(struct arena *a, struct str text, struct file_answer *out) {
	struct ignore_set *set = NULL;
	struct tng_error err = { 0 };
	bool ok = read_patterns(a, text, out) &&
			take_parse(a, ignore_parse(text, &set, &err), &err, out);

	ignore_destroy(set);
	return ok;
}
