/*
 * RE2 text to PCRE2 text in one pass: what Go's regexp.Compile refuses is refused here, and the rest
 * is written so that PCRE2 finds the same.
 *
 * Go keeps a stack of parsed nodes; a repetition takes the top one. Here the top one is the last
 * thing written to `out`, the struct atom, and of what lies below it only the figures remain that
 * Go's limits are about:
 *
 *   ^ a b{2} | [cd] e        atom    the 'e': where it starts in `out`, its size and height
 *            ^ ^^^^ ^        branch  what precedes the atom since the last '|'
 *                            whole   the branches before that '|'
 *
 * At a '(' the figures go on a stack, and what is written up to its ')' is one atom afterwards.
 *
 * Not followed: "\x{D800}" (any surrogate) never matches here. In Go it matches a real U+FFFD where it
 * is part of the literal text that begins a pattern of the kind that Go's "one pass" matcher takes: that
 * text is compared as bytes, and Go writes a surrogate as U+FFFD. And the height of what Go rewrites while
 * it parses ("a|b" to "[ab]") is that of the text as it stands: it matters near 1000 groups in groups.
 */
#include "ignore/regexp_translate.h"

#include "ignore/regexp_syntax.h"
#include "util/vec.h"

#include <stdlib.h>
#include <string.h>

#define HEIGHT_MAX 1000                    /* Go: maxHeight */
#define SIZE_MAX_NODES ((128U << 20) / 40) /* Go: maxSize, 128 MiB of 40-byte instructions */

enum atom_kind {
	ATOM_SINGLE,    /* takes a quantifier of PCRE2 as it stands */
	ATOM_ASSERTION, /* matches no character: more than one is the same as one */
	ATOM_EMPTY,     /* matches the empty string everywhere, or something repeated 0 times */
	ATOM_REPEATED,  /* has a quantifier */
};

struct atom {
	enum atom_kind kind;
	bool is_literal;    /* one character, which Go keeps in one node with those beside it */
	bool is_idempotent; /* two in a row match nothing that one does not: (.*"/") */
	size_t start;       /* of its text in `out` */
	size_t quantifier;  /* where that begins: ATOM_REPEATED */
	uint32_t min, max;  /* of the quantifier: ATOM_REPEATED */
	uint32_t copies;    /* the product of all repetitions inside */
	uint32_t height;    /* of Go's tree */
	uint64_t size;      /* in Go's instructions */
};

/* A sum over atoms or branches. */
struct total {
	size_t n;
	uint32_t height;
	uint32_t copies; /* the most of any */
	uint64_t size;
	bool is_solid;        /* some of them is no ATOM_EMPTY */
	bool ends_in_literal; /* the next one joins it: one node */
};

/* What was so far where a '(' stands. */
struct open_group {
	size_t start; /* of its text in `out` */
	struct total branch, whole;
};

struct parser {
	struct regexp_reader in;
	struct buf *out;
	struct char_class class;
	struct atom atom;
	bool has_atom;
	bool after_repeat; /* the token before this one was a repetition */
	struct total branch, whole;
	struct {
		VEC_FIELDS(struct open_group)
	} groups;
};

/* ---- atoms and limits ---- */

static void add_to_total(struct total *total, uint32_t height, uint32_t copies, uint64_t size) {
	total->n++;
	total->size += size;
	total->height = height > total->height ? height : total->height;
	total->copies = copies > total->copies ? copies : total->copies;
}

static bool check_limits(struct parser *p, uint32_t height, uint64_t size) {
	if (height > HEIGHT_MAX) {
		return regexp_refuse(&p->in, "expression nests too deeply");
	}
	return size > SIZE_MAX_NODES ? regexp_refuse(&p->in, "expression too large") : true;
}

/* The atom, if any, is out of reach of repetitions now. */
static void close_atom(struct parser *p) {
	const struct atom *atom = &p->atom;

	if (p->has_atom) {
		add_to_total(&p->branch, atom->height, atom->copies, atom->size);
		p->branch.n -= atom->is_literal && p->branch.ends_in_literal;
		p->branch.ends_in_literal = atom->is_literal;
		p->branch.is_solid |= atom->kind != ATOM_EMPTY;
		p->has_atom = false;
	}
}

/* Call before the atom's text is written. */
static void open_atom(struct parser *p, enum atom_kind kind) {
	close_atom(p);
	p->has_atom = true;
	p->atom = (struct atom){
		.kind = kind, .start = p->out->len, .copies = 1, .height = 1, .size = 1
	};
}

/* A concatenation of one thing, or an alternation of one, is no node of its own. */
static bool close_branch(struct parser *p) {
	close_atom(p);
	uint32_t height = p->branch.n > 0 ? p->branch.height + (p->branch.n > 1) : 1;
	uint64_t size = p->branch.size > 0 ? p->branch.size : 1;
	add_to_total(&p->whole, height, p->branch.copies, size);
	p->whole.is_solid |= p->branch.is_solid;
	p->branch = (struct total){ 0 };
	return check_limits(p, height, size);
}

/* The alternation of all branches, the last one included. */
static bool close_whole(struct parser *p) {
	if (!close_branch(p)) {
		return false;
	}
	p->whole.height += p->whole.n > 1;
	p->whole.size += p->whole.n - 1;
	return check_limits(p, p->whole.height, p->whole.size);
}

static void literal(struct parser *p, uint32_t rune) {
	open_atom(p, ATOM_SINGLE);
	p->atom.is_literal = true;
	if (rune >= 0xD800 && rune <= 0xDFFF) {
		char_class_clear(&p->class);
		char_class_emit(&p->class, p->out);
		return;
	}
	regexp_emit_literal(rune, p->out);
}

static void assertion(struct parser *p, struct str pcre2_text) {
	open_atom(p, ATOM_ASSERTION);
	buf_append(p->out, pcre2_text);
}

static void class_atom(struct parser *p) {
	open_atom(p, ATOM_SINGLE);
	char_class_emit(&p->class, p->out);
}

/* ---- repetition ---- */

static void insert_at(struct buf *out, size_t where, struct str text) {
	buf_append(out, text);
	if (!buf_failed(out)) {
		memmove(out->ptr + where + text.len, out->ptr + where, out->len - text.len - where);
		memcpy(out->ptr + where, text.ptr, text.len);
	}
}

static void emit_quantifier(struct buf *out, uint32_t min, uint32_t max) {
	if (max != REGEXP_REPEAT_UNLIMITED) {
		buf_printf(out, "{%u,%u}", min, max);
	} else if (min == 0) {
		buf_putc(out, '*');
	} else {
		buf_printf(out, "{%u,}", min);
	}
}

/*
 * (x{a,b}){min,max} as one x{min,max}, where that finds the same. Keeps repetitions from nesting
 * more than a few deep, however many there are in a row, and saves PCRE2 from trying all ways to
 * share the x among them.
 */
static bool merge_repeats(const struct atom *inner, uint32_t *min, uint32_t *max) {
	uint32_t a = inner->min, b = inner->max;
	bool inner_ends = b != REGEXP_REPEAT_UNLIMITED,
	     outer_ends = *max != REGEXP_REPEAT_UNLIMITED;

	/* k times x{a,b} is x{ka,kb}: from k to k + 1 there must be no gap, unless k is the only one */
	bool has_gap = a > 1 && (*min == 0 || (inner_ends && *min * (b - a) + 1 < a));
	if (has_gap && *min != *max) {
		return false;
	}
	*min *= a;
	*max = inner_ends && outer_ends ? b * *max : REGEXP_REPEAT_UNLIMITED;
	return true;
}

/* Write the repetition; PCRE2 sees fewer of them where they say nothing new. */
static void emit_repeat(struct parser *p, uint32_t min, uint32_t max) {
	struct atom *atom = &p->atom;
	bool is_empty_too = atom->kind == ATOM_ASSERTION && min == 0;

	if (atom->kind == ATOM_EMPTY || max == 0 || is_empty_too) {
		atom->kind = ATOM_EMPTY;
		p->out->len = atom->start;
		buf_append(p->out, STR("(?:)"));
		return;
	}
	if (atom->kind == ATOM_ASSERTION || (min == 1 && max == 1)) {
		return;
	}
	if (atom->kind == ATOM_REPEATED) {
		if (merge_repeats(atom, &min, &max)) {
			p->out->len = atom->quantifier;
		} else {
			insert_at(p->out, atom->start, STR("(?:"));
			buf_putc(p->out, ')');
			atom->is_idempotent = false;
		}
	}
	if (atom->is_idempotent && min <= 1) {
		max = 1;
	}
	atom->kind = ATOM_REPEATED;
	atom->quantifier = p->out->len;
	atom->min = min;
	atom->max = max;
	emit_quantifier(p->out, min, max);
}

/* Go compiles x{2,4} to x x (x (x)?)? and x{2,} to x x+. */
static uint64_t repeated_size(uint64_t size, uint32_t min, uint32_t max) {
	if (max != REGEXP_REPEAT_UNLIMITED) {
		size = max * size + (max - min);
		return size > 0 ? size : 1;
	}
	return min == 0 ? 2 + size : 1 + min * size;
}

static bool repeat(struct parser *p, uint32_t min, uint32_t max) {
	struct atom *atom = &p->atom;

	if (p->after_repeat) {
		return regexp_refuse(&p->in, "invalid nested repetition operator");
	}
	if (!p->has_atom) {
		return regexp_refuse(&p->in, "missing argument to repetition operator");
	}
	if (min > REGEXP_REPEAT_MAX ||
			(max != REGEXP_REPEAT_UNLIMITED &&
					(max > REGEXP_REPEAT_MAX || min > max))) {
		return regexp_refuse(&p->in, "invalid repeat count");
	}
	/* repetitions nest when "\Q\E" stands between them */
	uint32_t times = max == REGEXP_REPEAT_UNLIMITED ? min : max;
	if (max == 0) {
		atom->copies = 1;
	} else if (times > 1) {
		atom->copies *= times;
	}
	if (atom->copies > REGEXP_REPEAT_MAX) {
		return regexp_refuse(&p->in, "invalid repeat count");
	}
	atom->height++;
	atom->is_literal = false;
	atom->size = repeated_size(atom->size, min, max);
	emit_repeat(p, min, max);
	return check_limits(p, atom->height, atom->size);
}

static bool parse_operator(struct parser *p) {
	uint32_t min = regexp_at(&p->in, '+') ? 1 : 0;
	uint32_t max = regexp_at(&p->in, '?') ? 1 : REGEXP_REPEAT_UNLIMITED;

	if (!regexp_at(&p->in, '{')) {
		p->in.rest = str_skip(p->in.rest, 1);
	} else if (!regexp_parse_braces(&p->in, &min, &max)) {
		p->in.rest = str_skip(p->in.rest, 1);
		literal(p, '{');
		p->after_repeat = false;
		return true;
	}
	if (regexp_at(&p->in, '?')) { /* prefer fewer: finds the same */
		p->in.rest = str_skip(p->in.rest, 1);
	}
	bool ok = repeat(p, min, max);
	p->after_repeat = true;
	return ok;
}

/* ---- groups ---- */

#define GROUP_OPEN STR("(?:")

/* pattern.c's own group, the front of "(.*" "/)?": known to say no more when it is repeated. */
static void own_group(struct parser *p) {
	p->in.rest = str_skip(p->in.rest, 5);
	open_atom(p, ATOM_SINGLE);
	p->atom.is_idempotent = true;
	p->atom.height = 4; /* group, concatenation, star, dot */
	p->atom.size = 6;   /* 2, -, 2, 1; and the slash */
	buf_append(p->out, STR("(?:[^\\x{a}]*/)"));
}

static bool open_group(struct parser *p) {
	p->in.rest = str_skip(p->in.rest, 1);
	close_atom(p);
	if (p->groups.len == HEIGHT_MAX) {
		/* each is a level of Go's tree, should it ever be closed */
		return regexp_refuse(&p->in, "expression nests too deeply");
	}
	struct open_group *group = VEC_PUSH(&p->groups);
	if (group == NULL) {
		p->out->failed = true;
		return false;
	}
	*group = (struct open_group){ p->out->len, p->branch, p->whole };
	p->branch = p->whole = (struct total){ 0 };
	buf_append(p->out, GROUP_OPEN);
	return true;
}

/* A group around one atom is that atom for PCRE2, too: it takes some 500 groups in groups, and without
 * them more repetitions merge. */
static void drop_brackets(struct parser *p, size_t start) {
	struct buf *out = p->out;
	size_t n = GROUP_OPEN.len;

	if (!buf_failed(out)) {
		memmove(out->ptr + start, out->ptr + start + n, out->len - start - n);
		out->len -= n;
	}
	p->atom.quantifier -= p->atom.kind == ATOM_REPEATED ? n : 0;
}

static bool close_group(struct parser *p) {
	p->in.rest = str_skip(p->in.rest, 1);
	if (p->groups.len == 0) {
		return regexp_refuse(&p->in, "unexpected )");
	}
	struct open_group group = p->groups.ptr[--p->groups.len];
	bool is_first = p->branch.n == 0 && p->whole.n == 0;
	bool is_bare = is_first && p->has_atom;
	if (!close_whole(p)) {
		return false;
	}
	if (is_bare) {
		drop_brackets(p, group.start);
	} else {
		buf_putc(p->out, ')');
		p->atom = (struct atom){ .kind = p->whole.is_solid ? ATOM_SINGLE : ATOM_EMPTY };
	}
	p->has_atom = true;
	p->atom.is_literal = false;
	p->atom.start = group.start;
	p->atom.copies = p->whole.copies > 1 ? p->whole.copies : 1;
	p->atom.height = p->whole.height + 1;
	p->atom.size = p->whole.size + 2;
	p->branch = group.branch;
	p->whole = group.whole;
	return check_limits(p, p->atom.height, p->atom.size);
}

static bool parse_open(struct parser *p) {
	if (str_starts(p->in.rest, STR("(?"))) {
		return regexp_refuse(&p->in, "flags in a pattern"); /* users' '?' never get here */
	}
	if (str_starts(p->in.rest, STR("(.*/)"))) {
		own_group(p);
		return true;
	}
	return open_group(p);
}

/* ---- the whole ---- */

/* \Q: literal up to \E or the end; "\Q\E" is nothing, but it does part two repetitions. */
static bool parse_quoted(struct parser *p) {
	p->in.rest = str_skip(p->in.rest, 2);
	while (p->in.rest.len > 0 && !str_starts(p->in.rest, STR("\\E"))) {
		uint32_t rune;
		if (!regexp_next_rune(&p->in, &rune)) {
			return false;
		}
		literal(p, rune);
	}
	p->in.rest = str_skip(p->in.rest, 2);
	return true;
}

static bool parse_backslash(struct parser *p) {
	struct str after = str_skip(p->in.rest, 2);
	char letter = '\0';
	uint32_t rune;

	if (p->in.rest.len > 1) {
		letter = p->in.rest.ptr[1];
	}

	switch (letter) {
	case 'A':
	case 'z':
	case 'b':
	case 'B':
		assertion(p, str_take(p->in.rest, 2)); /* PCRE2 spells these four alike */
		p->in.rest = after;
		return true;
	case 'Q':
		return parse_quoted(p);
	case 'p':
	case 'P':
		char_class_clear(&p->class);
		if (!regexp_parse_property(&p->in, &p->class)) {
			return false;
		}
		class_atom(p);
		return true;
	default:
		break;
	}
	char_class_clear(&p->class);
	if (char_class_add_perl(&p->class, letter)) {
		p->in.rest = after;
		class_atom(p);
		return true;
	}
	if (!regexp_parse_escape(&p->in, &rune)) {
		return false;
	}
	literal(p, rune);
	return true;
}

static bool parse_token(struct parser *p) {
	char c = p->in.rest.ptr[0];
	uint32_t rune;

	if (c == '*' || c == '+' || c == '?' || c == '{') {
		return parse_operator(p);
	}
	p->after_repeat = false;
	switch (c) {
	case '[':
		if (!regexp_parse_class(&p->in, &p->class)) {
			return false;
		}
		class_atom(p);
		return true;
	case '\\':
		return parse_backslash(p);
	case '(':
		return parse_open(p);
	case ')':
		return close_group(p);
	default:
		break;
	}
	if (!regexp_next_rune(&p->in, &rune)) {
		return false;
	}
	switch (c) {
	case '^':
		assertion(p, STR("\\A"));
		return true;
	case '$':
		assertion(p, STR("\\z"));
		return true;
	case '.':
		open_atom(p, ATOM_SINGLE);
		buf_append(p->out, STR("[^\\x{a}]"));
		return true;
	case '|':
		buf_putc(p->out, '|');
		return close_branch(p);
	default:
		literal(p, rune);
		return true;
	}
}

const char *regexp_translate(struct str re2_text, struct buf *out) {
	struct parser p = { .in.rest = re2_text, .out = out };
	bool ok = true;

	while (ok && p.in.rest.len > 0) {
		ok = parse_token(&p);
	}
	if (ok && p.groups.len > 0) {
		ok = regexp_refuse(&p.in, "missing closing )");
	}
	if (ok) {
		(void)close_whole(&p);
	}
	out->failed = out->failed || p.class.failed;
	char_class_fini(&p.class);
	free(p.groups.ptr);
	return p.in.bad;
}
