/* compare.c - when two answers are the same, and how a difference is made small. */
#include "oracle/party.h"

#include "util/buf.h"

#include <stdint.h>
#include <string.h>

/* Ours may say more than Go's bare words, behind them. */
static bool same_error(const char *go, const char *other) {
	if (go == NULL || other == NULL) {
		return go == other;
	}
	return str_starts(str_from(other), str_from(go));
}

static bool same_cell(const struct cell *go, const struct cell *other) {
	return go->verdict == other->verdict &&
			(go->verdict != 'E' || same_error(go->text, other->text));
}

static bool answer_differs(const struct question *q, const struct answer *go,
		const struct answer *other, struct difference *where) {
	if (go->refused != NULL || other->refused != NULL) {
		where->path = SIZE_MAX;
		where->what = "the list as a whole";
		return !same_error(go->refused, other->refused);
	}
	for (size_t i = 0; i < q->npaths * NEVALUATIONS; i++) {
		size_t e = i % NEVALUATIONS, path = i / NEVALUATIONS;

		if (!same_cell(&go->cells[e][path], &other->cells[e][path])) {
			*where = (struct difference){ where->party, (enum evaluation)e, path,
				"verdict" };
			return true;
		}
	}
	return false;
}

static bool deciders_differ(const struct question *q, const struct answer *first,
		const struct answer *other, struct difference *where) {
	if (first->refused != NULL) {
		return false;
	}
	for (size_t i = 0; i < q->npaths * NEVALUATIONS; i++) {
		size_t e = i % NEVALUATIONS, path = i / NEVALUATIONS;

		if (first->cells[e][path].decider != other->cells[e][path].decider) {
			*where = (struct difference){ where->party, (enum evaluation)e, path,
				"which pattern decided" };
			return true;
		}
	}
	return false;
}

enum judgement judge(struct arena *a, const struct question *q, const struct answer *go,
		struct difference *where) {
	struct answer first = { 0 }, other;

	for (const struct party *p = parties; p->name != NULL; p++) {
		where->party = p;
		if (!p->match(a, q, &other)) {
			return JUDGEMENT_FAILED;
		}
		if (answer_differs(q, go, &other, where)) {
			return JUDGEMENT_DIFFERS;
		}
		if (p == parties) {
			first = other;
		} else if (deciders_differ(q, &first, &other, where)) {
			return JUDGEMENT_DIFFERS;
		}
	}
	return JUDGEMENT_SAME;
}

/* Who reads for Go puts its own words in front: "error reading .dockerignore: ". */
static bool same_read_error(const char *go, const char *other) {
	if (go == NULL || other == NULL) {
		return go == other;
	}
	return str_ends(str_from(go), str_from(other)) && other[0] != '\0';
}

bool file_answer_differs(const struct file_answer *go, const struct file_answer *other) {
	if (!same_read_error(go->error, other->error)) {
		return true;
	}
	if (go->error != NULL) {
		return false;
	}
	if (!same_error(go->new_error, other->new_error) || go->npatterns != other->npatterns) {
		return true;
	}
	for (size_t i = 0; i < go->npatterns; i++) {
		if (!str_eq(go->patterns[i], other->patterns[i])) {
			return true;
		}
	}
	return false;
}

void put_escaped(struct buf *b, struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == '\\' || c == '"') {
			buf_printf(b, "\\%c", c);
		} else if (c < ' ' || c >= 0x7F) {
			buf_printf(b, "\\%03o", c);
		} else {
			buf_putc(b, (char)c);
		}
	}
}

/* ---- shrinking: try every one-step reduction at once, keep the first that still differs ---- */

/* Reductions tried in one go: more than any question of one path has, but for the longest names. */
#define MAX_TRIES 4000

struct tries {
	struct arena *arena;
	struct question *list;
	size_t n;
};

static struct question *try_add(struct tries *t, const struct question *q) {
	struct question *new;

	if (t->n == MAX_TRIES) {
		return NULL;
	}
	new = &t->list[t->n];
	*new = *q;
	new->patterns = arena_new(t->arena, struct str, q->npatterns);
	new->paths = arena_new(t->arena, struct str, q->npaths);
	if (new->patterns == NULL || new->paths == NULL) {
		return NULL;
	}
	memcpy(new->patterns, q->patterns, q->npatterns * sizeof(*q->patterns));
	memcpy(new->paths, q->paths, q->npaths * sizeof(*q->paths));
	t->n++;
	return new;
}

static struct str without(struct arena *a, struct str s, size_t at, size_t n) {
	struct str copy = arena_copy(a, s);

	if (copy.ptr == NULL) {
		return s;
	}
	memmove((char *)(uintptr_t)copy.ptr + at, s.ptr + at + n, s.len - at - n);
	copy.len -= n;
	return copy;
}

static bool is_clean_path(struct str path) {
	struct str name;

	for (bool more = true; more;) {
		more = str_cut(path, '/', &name, &path);
		if (name.len == 0 || str_eq(name, STR(".")) || str_eq(name, STR(".."))) {
			return false;
		}
	}
	return true;
}

static void try_shorter_path(struct tries *t, const struct question *q, size_t i) {
	for (size_t n = q->paths[i].len / 2; n > 0; n /= 2) {
		for (size_t at = 0; at + n <= q->paths[i].len; at += n) {
			struct str shorter = without(t->arena, q->paths[i], at, n);
			struct question *new = is_clean_path(shorter) ? try_add(t, q) : NULL;

			if (new != NULL) {
				new->paths[i] = shorter;
			}
		}
	}
}

static void try_all(struct tries *t, const struct question *q) {
	struct question *new;

	for (size_t i = 0; q->npaths > 1 && i < q->npaths; i++) {
		new = try_add(t, q);
		if (new != NULL) {
			memmove(&new->paths[i], &new->paths[i + 1],
					(q->npaths - i - 1) * sizeof(*q->paths));
			new->npaths--;
		}
	}
	for (size_t i = 0; i < q->npatterns; i++) {
		new = try_add(t, q);
		if (new != NULL) {
			memmove(&new->patterns[i], &new->patterns[i + 1],
					(q->npatterns - i - 1) * sizeof(*q->patterns));
			new->npatterns--;
		}
	}
	for (size_t i = 0; i < q->npaths; i++) {
		try_shorter_path(t, q, i);
	}
	for (size_t i = 0; i < q->npatterns; i++) {
		for (size_t at = 0; at < q->patterns[i].len; at++) {
			new = try_add(t, q);
			if (new != NULL) {
				new->patterns[i] = without(t->arena, q->patterns[i], at, 1);
			}
		}
	}
}

/* The first of the tries that still differs; NULL when none does. */
static const struct question *first_differing(const char *program, const struct tries *t) {
	struct answer *go = arena_new(t->arena, struct answer, t->n);
	struct difference where;

	if (t->n == 0 || go == NULL || !go_oracle_match(program, t->arena, t->list, t->n, go)) {
		return NULL;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (judge(t->arena, &t->list[i], &go[i], &where) == JUDGEMENT_DIFFERS) {
			return &t->list[i];
		}
	}
	return NULL;
}

bool shrink(const char *program, struct arena *a, const struct question *q, size_t path,
		struct question *out) {
	struct tries t = { .arena = a, .list = arena_new(a, struct question, MAX_TRIES) };
	const struct question *smaller;
	bool seen = false;

	if (t.list == NULL) {
		return false;
	}
	/* The path alone first; what needs other paths before it comes from state that is left over. */
	*out = *q;
	try_add(&t, q);
	t.list[0].paths = path == SIZE_MAX ? q->paths : &q->paths[path];
	t.list[0].npaths = 1;
	try_add(&t, q);
	while ((smaller = first_differing(program, &t)) != NULL) {
		seen = true;
		*out = *smaller;
		t.n = 0;
		try_all(&t, out);
	}
	return seen;
}
