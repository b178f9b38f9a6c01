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
 */
#include "ignore/regexp_translate.h"

#include "ignore/regexp_class.h"
#include "util/utf8.h"

#include <string.h>

#define REPEAT_MAX 1000                    /* {n,m}, and all {n} around one atom multiplied */
#define REPEAT_UNLIMITED (REPEAT_MAX + 2)  /* {n,} */
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
	uint64_t size;
};

struct parser {
	struct str rest;
	struct buf *out;
	struct char_class class;
	struct atom atom;
	bool has_atom;
	bool after_repeat; /* the token before this one was a repetition */
	struct total branch, whole;
	const char *bad;
};

static bool refuse(struct parser *p, const char *message) {
	p->bad = message;
	return false;
}

static bool at(const struct parser *p, char byte) {
	return p->rest.len > 0 && p->rest.ptr[0] == byte;
}

static bool next_rune(struct parser *p, uint32_t *rune) {
	if (p->rest.len == 0) {
		return refuse(p, "unexpected end");
	}
	unsigned n = utf8_decode(p->rest, rune);
	p->rest = str_skip(p->rest, n);
	return *rune != UTF8_INVALID || n > 1 ? true : refuse(p, "invalid UTF-8");
}

/* ---- atoms and limits ---- */

static void add_to_total(struct total *total, uint32_t height, uint64_t size) {
	total->n++;
	total->size += size;
	total->height = height > total->height ? height : total->height;
}

static bool check_limits(struct parser *p, uint32_t height, uint64_t size) {
	if (height > HEIGHT_MAX) {
		return refuse(p, "expression nests too deeply");
	}
	return size > SIZE_MAX_NODES ? refuse(p, "expression too large") : true;
}

/* The atom, if any, is out of reach of repetitions now. */
static void close_atom(struct parser *p) {
	if (p->has_atom) {
		add_to_total(&p->branch, p->atom.height, p->atom.size);
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
	uint32_t height = p->branch.height + (p->branch.n > 1);
	uint64_t size = p->branch.size > 0 ? p->branch.size : 1;
	add_to_total(&p->whole, height, size);
	p->branch = (struct total){ 0 };
	return check_limits(p, height, size);
}

static void literal(struct parser *p, uint32_t rune) {
	open_atom(p, ATOM_SINGLE);
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

/* ---- escapes ---- */

static int hex_value(uint32_t c) {
	if (c >= '0' && c <= '9') {
		return (int)(c - '0');
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}

static bool invalid_escape(struct parser *p) {
	return refuse(p, "invalid escape sequence");
}

/* Behind "\x{": any number of digits, at least one, to the '}'. */
static bool parse_hex_braces(struct parser *p, uint32_t *rune) {
	uint32_t value = 0, c;
	bool has_digits = false;

	for (;;) {
		if (!next_rune(p, &c)) {
			return invalid_escape(p);
		}
		if (c == '}') {
			break;
		}
		int digit = c < 0x80 ? hex_value(c) : -1;
		if (digit < 0) {
			return invalid_escape(p);
		}
		value = value * 16 + (uint32_t)digit;
		if (value > REGEXP_RUNE_MAX) {
			return invalid_escape(p);
		}
		has_digits = true;
	}
	*rune = value;
	return has_digits ? true : invalid_escape(p);
}

static bool parse_hex(struct parser *p, uint32_t *rune) {
	uint32_t high, low;

	if (!next_rune(p, &high)) {
		return invalid_escape(p);
	}
	if (high == '{') {
		return parse_hex_braces(p, rune);
	}
	if (!next_rune(p, &low) || hex_value(high) < 0 || hex_value(low) < 0) {
		return invalid_escape(p);
	}
	*rune = (uint32_t)(hex_value(high) * 16 + hex_value(low));
	return true;
}

/* `first` is read; three digits at most. One digit alone would be a back reference, but for 0. */
static bool parse_octal(struct parser *p, uint32_t first, uint32_t *rune) {
	uint32_t value = first - '0';
	unsigned n;

	for (n = 1; n < 3 && p->rest.len > 0 && p->rest.ptr[0] >= '0' && p->rest.ptr[0] <= '7';
			n++) {
		value = value * 8 + (uint32_t)(p->rest.ptr[0] - '0');
		p->rest = str_skip(p->rest, 1);
	}
	*rune = value;
	return n > 1 || first == '0' ? true : invalid_escape(p);
}

/* An escape that stands for one character; p->rest is at its backslash. */
static bool parse_escape(struct parser *p, uint32_t *rune) {
	uint32_t c;

	p->rest = str_skip(p->rest, 1);
	if (p->rest.len == 0) {
		return refuse(p, "trailing backslash at end of expression");
	}
	if (!next_rune(p, &c)) {
		return false;
	}
	if (c >= '0' && c <= '7') {
		return parse_octal(p, c, rune);
	}
	*rune = c;
	switch (c) {
	case 'x':
		return parse_hex(p, rune);
	case 'a':
		*rune = '\a';
		return true;
	case 'f':
		*rune = '\f';
		return true;
	case 'n':
		*rune = '\n';
		return true;
	case 'r':
		*rune = '\r';
		return true;
	case 't':
		*rune = '\t';
		return true;
	case 'v':
		*rune = '\v';
		return true;
	default:
		break;
	}
	bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	return c >= 0x80 || is_letter || c == '8' || c == '9' ? invalid_escape(p) : true;
}

/* \pL, \PL, \p{Name}, \p{^Name}; p->rest is at the backslash. Added to p->class. */
static bool parse_property(struct parser *p) {
	bool is_negated = p->rest.ptr[1] == 'P';
	struct str name = str_skip(p->rest, 2);
	uint32_t rune;

	p->rest = name;
	if (!next_rune(p, &rune)) {
		return refuse(p, "invalid character class range");
	}
	name.len -= p->rest.len;
	if (rune == '{' && !str_cut(p->rest, '}', &name, &p->rest)) {
		return refuse(p, "invalid character class range");
	}
	if (name.len > 0 && name.ptr[0] == '^') {
		name = str_skip(name, 1);
		is_negated = !is_negated;
	}
	return char_class_add_property(&p->class, name, is_negated)
			? true
			: refuse(p, "invalid character class range");
}

/* ---- classes ---- */

enum group_result { GROUP_NONE, GROUP_ADDED, GROUP_BAD };

/* A member of a class that is a set of its own: [:name:], \p{Name}, \d. */
static enum group_result parse_class_group(struct parser *p) {
	struct str s = p->rest;

	if (s.len > 2 && s.ptr[0] == '[' && s.ptr[1] == ':') {
		/* up to the next ":]", be it beyond the class; without one the '[' is literal */
		struct str name = str_skip(s, 2);
		for (size_t i = 0; i + 1 < name.len; i++) {
			if (name.ptr[i] == ':' && name.ptr[i + 1] == ']') {
				p->rest = str_skip(name, i + 2);
				if (char_class_add_posix(&p->class, str_take(name, i))) {
					return GROUP_ADDED;
				}
				(void)refuse(p, "invalid character class range");
				return GROUP_BAD;
			}
		}
	}
	if (s.len < 2 || s.ptr[0] != '\\') {
		return GROUP_NONE;
	}
	if (s.ptr[1] == 'p' || s.ptr[1] == 'P') {
		return parse_property(p) ? GROUP_ADDED : GROUP_BAD;
	}
	if (char_class_add_perl(&p->class, s.ptr[1])) {
		p->rest = str_skip(s, 2);
		return GROUP_ADDED;
	}
	return GROUP_NONE;
}

static bool parse_class_char(struct parser *p, uint32_t *rune) {
	if (p->rest.len == 0) {
		return refuse(p, "missing closing ]");
	}
	return at(p, '\\') ? parse_escape(p, rune) : next_rune(p, rune);
}

static bool parse_class_range(struct parser *p) {
	uint32_t first, last;

	if (!parse_class_char(p, &first)) {
		return false;
	}
	last = first;
	/* "[a-]" is 'a' and '-' */
	if (p->rest.len >= 2 && p->rest.ptr[0] == '-' && p->rest.ptr[1] != ']') {
		p->rest = str_skip(p->rest, 1);
		if (!parse_class_char(p, &last)) {
			return false;
		}
	}
	if (last < first) {
		return refuse(p, "invalid character class range");
	}
	char_class_add_range(&p->class, first, last);
	return true;
}

static bool parse_class(struct parser *p) {
	char_class_clear(&p->class);
	p->rest = str_skip(p->rest, 1);
	if (at(p, '^')) {
		p->class.is_negated = true;
		p->rest = str_skip(p->rest, 1);
	}
	for (bool is_first = true; is_first || !at(p, ']'); is_first = false) {
		switch (parse_class_group(p)) {
		case GROUP_BAD:
			return false;
		case GROUP_ADDED:
			break;
		case GROUP_NONE:
			if (!parse_class_range(p)) {
				return false;
			}
			break;
		}
	}
	p->rest = str_skip(p->rest, 1);
	class_atom(p);
	return true;
}

/* ---- repetition ---- */

/* A number without leading zeros; anything above REPEAT_MAX reads as REPEAT_MAX + 1. */
static bool parse_count(struct str *s, uint32_t *count) {
	size_t i;

	*count = 0;
	for (i = 0; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++) {
		*count = *count * 10 + (uint32_t)(s->ptr[i] - '0');
		*count = *count > REPEAT_MAX ? REPEAT_MAX + 1 : *count;
	}
	if (i == 0 || (i > 1 && s->ptr[0] == '0')) {
		return false;
	}
	*s = str_skip(*s, i);
	return true;
}

/* "{n}", "{n,}", "{n,m}": skipped and true; anything else is a literal '{'. */
static bool parse_braces(struct parser *p, uint32_t *min, uint32_t *max) {
	struct str s = str_skip(p->rest, 1);

	if (!parse_count(&s, min)) {
		return false;
	}
	*max = *min;
	if (s.len > 0 && s.ptr[0] == ',') {
		s = str_skip(s, 1);
		*max = REPEAT_UNLIMITED;
		if (s.len > 0 && s.ptr[0] != '}' && !parse_count(&s, max)) {
			return false;
		}
	}
	if (s.len == 0 || s.ptr[0] != '}') {
		return false;
	}
	p->rest = str_skip(s, 1);
	return true;
}

static void insert_at(struct buf *out, size_t where, struct str text) {
	buf_append(out, text);
	if (!buf_failed(out)) {
		memmove(out->ptr + where + text.len, out->ptr + where, out->len - text.len - where);
		memcpy(out->ptr + where, text.ptr, text.len);
	}
}

static void emit_quantifier(struct buf *out, uint32_t min, uint32_t max) {
	if (max != REPEAT_UNLIMITED) {
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
	bool inner_ends = b != REPEAT_UNLIMITED, outer_ends = *max != REPEAT_UNLIMITED;

	/* k times x{a,b} is x{ka,kb}: from k to k + 1 there must be no gap, unless k is the only one */
	bool has_gap = a > 1 && (*min == 0 || (inner_ends && *min * (b - a) + 1 < a));
	if (has_gap && *min != *max) {
		return false;
	}
	*min *= a;
	*max = inner_ends && outer_ends ? b * *max : REPEAT_UNLIMITED;
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
	if (max != REPEAT_UNLIMITED) {
		size = max * size + (max - min);
		return size > 0 ? size : 1;
	}
	return min == 0 ? 2 + size : 1 + min * size;
}

static bool repeat(struct parser *p, uint32_t min, uint32_t max) {
	struct atom *atom = &p->atom;

	if (p->after_repeat) {
		return refuse(p, "invalid nested repetition operator");
	}
	if (!p->has_atom) {
		return refuse(p, "missing argument to repetition operator");
	}
	if (min > REPEAT_MAX || (max != REPEAT_UNLIMITED && (max > REPEAT_MAX || min > max))) {
		return refuse(p, "invalid repeat count");
	}
	/* repetitions nest when "\Q\E" stands between them */
	uint32_t times = max == REPEAT_UNLIMITED ? min : max;
	if (max == 0) {
		atom->copies = 1;
	} else if (times > 1) {
		atom->copies *= times;
	}
	if (atom->copies > REPEAT_MAX) {
		return refuse(p, "invalid repeat count");
	}
	atom->height++;
	atom->size = repeated_size(atom->size, min, max);
	emit_repeat(p, min, max);
	return check_limits(p, atom->height, atom->size);
}

static bool parse_operator(struct parser *p) {
	uint32_t min = at(p, '+') ? 1 : 0;
	uint32_t max = at(p, '?') ? 1 : REPEAT_UNLIMITED;

	if (!at(p, '{')) {
		p->rest = str_skip(p->rest, 1);
	} else if (!parse_braces(p, &min, &max)) {
		p->rest = str_skip(p->rest, 1);
		literal(p, '{');
		p->after_repeat = false;
		return true;
	}
	if (at(p, '?')) { /* prefer fewer: finds the same */
		p->rest = str_skip(p->rest, 1);
	}
	bool ok = repeat(p, min, max);
	p->after_repeat = true;
	return ok;
}

/* ---- the whole ---- */

/* pattern.c's own group, the front of "(.*" "/)?"; users' parentheses arrive escaped. */
static bool parse_group(struct parser *p) {
	if (!str_starts(p->rest, STR("(.*/)"))) {
		return refuse(p, "group in a pattern");
	}
	p->rest = str_skip(p->rest, 5);
	open_atom(p, ATOM_SINGLE);
	p->atom.is_idempotent = true;
	p->atom.height = 4; /* group, concatenation, star, dot */
	p->atom.size = 6;   /* 2, -, 2, 1; and the slash */
	buf_append(p->out, STR("(?:[^\\x{a}]*/)"));
	return true;
}

/* \Q: literal up to \E or the end; "\Q\E" is nothing, but it does part two repetitions. */
static bool parse_quoted(struct parser *p) {
	p->rest = str_skip(p->rest, 2);
	while (p->rest.len > 0 && !str_starts(p->rest, STR("\\E"))) {
		uint32_t rune;
		if (!next_rune(p, &rune)) {
			return false;
		}
		literal(p, rune);
	}
	p->rest = str_skip(p->rest, 2);
	return true;
}

static bool parse_backslash(struct parser *p) {
	uint32_t rune;
	char letter = p->rest.len > 1 ? p->rest.ptr[1] : '\0';
	struct str after = str_skip(p->rest, 2);

	switch (letter) {
	case 'A':
	case 'z':
	case 'b':
	case 'B':
		assertion(p, str_take(p->rest, 2)); /* PCRE2 spells these four alike */
		p->rest = after;
		return true;
	case 'Q':
		return parse_quoted(p);
	case 'p':
	case 'P':
		char_class_clear(&p->class);
		if (!parse_property(p)) {
			return false;
		}
		class_atom(p);
		return true;
	default:
		break;
	}
	char_class_clear(&p->class);
	if (char_class_add_perl(&p->class, letter)) {
		p->rest = after;
		class_atom(p);
		return true;
	}
	if (!parse_escape(p, &rune)) {
		return false;
	}
	literal(p, rune);
	return true;
}

static bool parse_token(struct parser *p) {
	char c = p->rest.ptr[0];
	uint32_t rune;

	if (c == '*' || c == '+' || c == '?' || c == '{') {
		return parse_operator(p);
	}
	p->after_repeat = false;
	switch (c) {
	case '[':
		return parse_class(p);
	case '\\':
		return parse_backslash(p);
	case '(':
		return parse_group(p);
	case ')':
		return refuse(p, "unexpected )");
	default:
		break;
	}
	if (!next_rune(p, &rune)) {
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
	struct parser p = { .rest = re2_text, .out = out };
	bool ok = true;

	while (ok && p.rest.len > 0) {
		ok = parse_token(&p);
	}
	if (ok && close_branch(&p) && p.whole.n > 1) {
		(void)check_limits(&p, p.whole.height + 1, p.whole.size + p.whole.n - 1);
	}
	out->failed = out->failed || p.class.failed;
	char_class_fini(&p.class);
	return p.bad;
}
