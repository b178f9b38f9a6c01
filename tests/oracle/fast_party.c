/*
 * fast_party.c - asks the product, in each way it can be asked.
 *
 * The walk's answer is taken by walking: directories are entered once, in the order in which the paths
 * happen to need them, and come back later, as a parallel walk does. ignore_decide_path() must agree.
 */
#include "oracle/party.h"

#include "ignore/ignore.h"
#include "ignore/internal.h"
#include "util/buf.h"

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

static const char *copy_text(struct arena *a, const char *text) {
	const char *copy = arena_copy(a, str_from(text)).ptr;

	return copy != NULL ? copy : "out of memory";
}

/* A verdict, or the error that took its place. A decider must be of the kind that it decided. */
static struct cell cell_of(struct arena *a, const struct ignore_set *set, enum tng_code code,
		const struct verdict *v, const struct tng_error *err) {
	if (code == TNG_ESYNTAX) {
		return (struct cell){ err->line > 0 ? 'E' : '?', copy_text(a, err->text) };
	}
	if (code != TNG_OK) {
		return (struct cell){ '?', copy_text(a, err->text) };
	}
	if (v->pattern == IGNORE_NO_PATTERN) {
		return v->excluded ? (struct cell){ '?', "excluded by no pattern" }
				   : (struct cell){ '0', "" };
	}
	if (v->pattern >= ignore_npatterns(set) ||
			ignore_pattern(set, v->pattern)->is_exception == v->excluded) {
		return (struct cell){ '?', "the pattern said to decide cannot have decided" };
	}
	return (struct cell){ v->excluded ? '1' : '0', "" };
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
	new->cell = cell_of(w->arena, set, code, &v, &err);
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

static void decide_all(struct arena *a, const struct ignore_set *set, struct walker *w,
		struct ignore_scratch *scratch, const struct question *q, struct answer *out) {
	for (size_t i = 0; i < q->npaths; i++) {
		struct verdict v = { 0 };
		struct tng_error err[3] = { 0 };
		struct cell direct;
		struct cell *walk = &out->cells[EVALUATION_WALK][i];
		enum tng_code code = ignore_decide_path(scratch, q->paths[i], &v, &err[0]);

		direct = cell_of(a, set, code, &v, &err[0]);
		*walk = visit(w, set, q->paths[i])->cell;
		if (walk->verdict != direct.verdict) {
			*walk = (struct cell){ '?',
				direct.verdict == '1'
						? "ignore_decide_path: excluded, not so the walk"
						: "ignore_decide_path is not the walk" };
		}
		code = ignore_decide_whole_path(scratch, q->paths[i], &v, &err[1]);
		out->cells[EVALUATION_WHOLE][i] = cell_of(a, set, code, &v, &err[1]);
		code = ignore_decide_legacy(scratch, q->paths[i], &v, &err[2]);
		out->cells[EVALUATION_LEGACY][i] = cell_of(a, set, code, &v, &err[2]);
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
	if (ignore_from_patterns(q->patterns, q->npatterns, &set, &err) != TNG_OK) {
		out->refused = copy_text(a, err.text);
		return err.code != TNG_ENOMEM;
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

/* The reader's lines must be where it says they are. */
static const char *wrong_place(struct str text, const struct read_pattern *p) {
	uint32_t line = 1;

	if (p->raw.ptr < text.ptr || p->raw.ptr + p->raw.len > text.ptr + text.len) {
		return "raw is not a view into the text";
	}
	for (const char *at = text.ptr; at < p->raw.ptr; at++) {
		line += *at == '\n';
	}
	if (line != p->line) {
		return "the line number is wrong";
	}
	return p->column >= 1 && p->column <= p->raw.len ? NULL : "the column is not in the line";
}

bool fast_party_read(struct arena *a, struct str text, struct file_answer *out) {
	struct tng_error err = { 0 };
	struct read_pattern *list = NULL;
	struct ignore_set *set = NULL;
	size_t n = 0;
	enum tng_code code = ignore_read(a, text, &list, &n, &err);

	*out = (struct file_answer){ 0 };
	if (code != TNG_OK) {
		out->error = copy_text(a, err.text);
	}
	out->patterns = arena_new(a, struct str, n);
	for (; out->patterns != NULL && out->npatterns < n; out->npatterns++) {
		const char *wrong = wrong_place(text, &list[out->npatterns]);

		out->patterns[out->npatterns] = list[out->npatterns].text;
		out->error = wrong != NULL ? wrong : out->error;
	}
	err = (struct tng_error){ 0 };
	code = ignore_parse(text, &set, &err);
	if (out->error != NULL && code == TNG_OK) {
		out->new_error = "ignore_parse takes what ignore_read refuses";
	} else if (out->error == NULL && code != TNG_OK) {
		out->new_error = copy_text(a, err.text);
	}
	ignore_destroy(set);
	return out->patterns != NULL;
}
