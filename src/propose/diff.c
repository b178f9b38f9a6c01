/*
 * A unified diff of two short texts, as `diff -u` and patch(1) have it.
 *
 *   lines ─▶ longest common subsequence of what differs ─▶ runs of -, + and ' ' ─▶ hunks
 */
#include "propose/internal.h"
#include "util/vec.h"

#include <stdlib.h>

#define CONTEXT_LINES 3

/* Past this many cells the part that differs is taken as replaced whole. */
#define CELLS_MAX ((size_t)16 << 20)

struct lines {
	VEC_FIELDS(struct str)
};

/* One step through both texts. */
struct step {
	char mark; /* ' ', '-', '+' */
	struct str line;
	size_t old_line, new_line; /* 0-based, of the next one in each text */
};

struct steps {
	VEC_FIELDS(struct step)
};

static bool split(struct str text, struct lines *out) {
	while (text.len > 0) {
		size_t end = str_find(text, '\n');
		struct str *line = VEC_PUSH(out);
		if (line == NULL) {
			return false;
		}
		*line = str_take(text, end < text.len ? end + 1 : text.len);
		text = str_skip(text, line->len);
	}
	return true;
}

static bool push_step(struct steps *s, char mark, struct str line, size_t i, size_t j) {
	struct step *step = VEC_PUSH(s);

	if (step != NULL) {
		*step = (struct step){ mark, line, i, j };
	}
	return step != NULL;
}

/* The lengths of common subsequences of the suffixes; NULL: too many, or out of memory. */
static uint32_t *suffix_lengths(const struct str *a, size_t n, const struct str *b, size_t m) {
	if (n > 0 && m + 1 > CELLS_MAX / (n + 1)) {
		return NULL;
	}
	uint32_t *length = calloc((n + 1) * (m + 1), sizeof(*length));
	for (size_t i = n; length != NULL && i-- > 0;) {
		for (size_t j = m; j-- > 0;) {
			uint32_t *at = &length[i * (m + 1) + j];
			uint32_t down = at[m + 1], right = at[1];
			*at = str_eq(a[i], b[j]) ? at[m + 2] + 1 : down >= right ? down : right;
		}
	}
	return length;
}

static bool walk_both(const struct lines *a, const struct lines *b, struct steps *out) {
	size_t head = 0, n = a->len, m = b->len, i, j;
	bool ok = true;

	while (head < n && head < m && str_eq(a->ptr[head], b->ptr[head])) {
		ok = ok && push_step(out, ' ', a->ptr[head], head, head);
		head++;
	}
	while (n > head && m > head && str_eq(a->ptr[n - 1], b->ptr[m - 1])) {
		n--;
		m--;
	}
	size_t columns = m - head + 1;
	uint32_t *length = suffix_lengths(a->ptr + head, n - head, b->ptr + head, m - head);
	for (i = head, j = head; ok && (i < n || j < m);) {
		uint32_t *at = length != NULL ? &length[(i - head) * columns + (j - head)] : NULL;
		if (at != NULL && i < n && j < m && str_eq(a->ptr[i], b->ptr[j])) {
			ok = push_step(out, ' ', a->ptr[i], i, j);
			i++;
			j++;
		} else if (i < n && (j == m || at == NULL || at[columns] >= at[1])) {
			ok = push_step(out, '-', a->ptr[i], i, j);
			i++;
		} else {
			ok = push_step(out, '+', b->ptr[j], i, j);
			j++;
		}
	}
	for (; ok && i < a->len; i++, j++) {
		ok = push_step(out, ' ', a->ptr[i], i, j);
	}
	free(length);
	return ok;
}

static void put_range(struct buf *out, char sign, size_t first, size_t n) {
	/* a range of no lines names the line before it */
	buf_printf(out, "%c%zu", sign, n > 0 ? first + 1 : first);
	if (n != 1) {
		buf_printf(out, ",%zu", n);
	}
}

static void put_step(struct buf *out, const struct step *s) {
	buf_putc(out, s->mark);
	buf_append(out, s->line);
	if (!str_ends(s->line, STR("\n"))) {
		buf_append(out, STR("\n\\ No newline at end of file\n"));
	}
}

static void put_hunk(struct buf *out, const struct step *steps, size_t n) {
	size_t nold = 0, nnew = 0;

	for (size_t i = 0; i < n; i++) {
		nold += steps[i].mark != '+';
		nnew += steps[i].mark != '-';
	}
	buf_append(out, STR("@@ "));
	put_range(out, '-', steps[0].old_line, nold);
	buf_putc(out, ' ');
	put_range(out, '+', steps[0].new_line, nnew);
	buf_append(out, STR(" @@\n"));
	for (size_t i = 0; i < n; i++) {
		put_step(out, &steps[i]);
	}
}

/* Changes that are at most two contexts apart share a hunk. */
static void put_hunks(struct buf *out, const struct steps *s) {
	for (size_t i = 0; i < s->len;) {
		while (i < s->len && s->ptr[i].mark == ' ') {
			i++;
		}
		if (i == s->len) {
			break;
		}
		size_t first = i > CONTEXT_LINES ? i - CONTEXT_LINES : 0, last = i, quiet = 0;
		for (; i < s->len && quiet <= (size_t)2 * CONTEXT_LINES; i++) {
			quiet = s->ptr[i].mark == ' ' ? quiet + 1 : 0;
			last = quiet == 0 ? i : last;
		}
		size_t end = last + 1 + CONTEXT_LINES;
		end = end < s->len ? end : s->len;
		put_hunk(out, s->ptr + first, end - first);
		i = last + 1;
	}
}

void propose_diff(struct str old_text, struct str new_text, struct str old_name,
		struct str new_name, struct buf *out) {
	struct lines a = { 0 }, b = { 0 };
	struct steps steps = { 0 };

	if (!str_eq(old_text, new_text)) {
		if (split(old_text, &a) && split(new_text, &b) && walk_both(&a, &b, &steps)) {
			buf_printf(out, "--- %.*s\n+++ %.*s\n", STR_FMT(old_name),
					STR_FMT(new_name));
			put_hunks(out, &steps);
		} else {
			out->failed = true;
		}
	}
	free(a.ptr);
	free(b.ptr);
	free(steps.ptr);
}
