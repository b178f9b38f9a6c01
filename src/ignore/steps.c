/*
 * Cutting is done on the cleaned text, following the reference's translation (spec 3.4) token by token.
 * Whatever it turns into something that crosses a '/', or that only a regexp can say, gives STEPS_SLOW:
 * alternation, repetition, an inner '^', escapes of letters and digits, a double star glued to the text
 * before it, classes beyond plain ASCII, U+FFFD and invalid bytes (any invalid byte matches them).
 *
 * IGNORE_BUILDAH escapes less: groups and '+' are slow, too. Its "(" "/.*)?" at the end of every pattern is
 * none of the steps: match.c carries what matched down the tree.
 */
#include "ignore/steps.h"

#include "util/path.h"
#include "util/utf8.h"

/* What is being cut, and what came out so far. */
struct cutter {
	struct arena *arena;
	enum ignore_dialect dialect;
	struct str rest;
	struct step *steps;
	size_t nsteps;
	struct glob_token *tokens; /* of the whole pattern; a step's are a slice */
	size_t ntokens, step_start;
};

static void add_step(struct cutter *c, enum step_type type) {
	c->steps[c->nsteps++] = (struct step){ .type = type };
}

static struct glob_token *add_token(struct cutter *c, enum glob_token_type type) {
	struct glob_token *token = &c->tokens[c->ntokens++];

	*token = (struct glob_token){ .type = type };
	return token;
}

static void add_literal(struct cutter *c, struct str bytes) {
	for (size_t i = 0; i < bytes.len; i++) {
		add_token(c, GLOB_LITERAL)->byte = (unsigned char)bytes.ptr[i];
	}
}

static size_t open_tokens(const struct cutter *c) {
	return c->ntokens - c->step_start;
}

/* The tokens since the last '/' become a step. False: out of memory. */
static bool close_component(struct cutter *c) {
	const struct glob_token *tokens = c->tokens + c->step_start;
	size_t n = open_tokens(c), nliteral = 0;
	struct step *step = &c->steps[c->nsteps];

	if (n == 0) {
		return true;
	}
	while (nliteral < n && tokens[nliteral].type == GLOB_LITERAL) {
		nliteral++;
	}
	*step = (struct step){ .type = STEP_GLOB, .tokens = tokens, .ntokens = n };
	if (nliteral == n) {
		char *name = arena_alloc(c->arena, n + 1);
		if (name == NULL) {
			return false;
		}
		for (size_t i = 0; i < n; i++) {
			name[i] = (char)tokens[i].byte;
		}
		*step = (struct step){ .type = STEP_NAME, .name = str_make(name, n) };
	}
	c->nsteps++;
	c->step_start = c->ntokens;
	return true;
}

static void class_add(uint64_t *class, unsigned char first, unsigned char last) {
	for (unsigned b = first; b <= last; b++) {
		class[b >> 6] |= UINT64_C(1) << (b & 63U);
	}
}

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static bool is_lower(char c) {
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c) {
	return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c) {
	return is_digit(c) || is_lower(c) || is_upper(c);
}

/* Members that mean themselves in a class whatever stands around them. */
static bool is_plain_member(char c) {
	return is_alnum(c) || c == '_' || c == '.' || c == ',' || c == '+' || c == '(' ||
			c == ')' || c == '$' || c == '!' || c == '@' || c == '#' || c == ' ' ||
			c == '~';
}

static bool is_plain_range(char first, char last) {
	return first <= last &&
			((is_digit(first) && is_digit(last)) ||
					(is_lower(first) && is_lower(last)) ||
					(is_upper(first) && is_upper(last)));
}

/* A class of plain ASCII members and ranges; c->rest starts behind the '['. */
static enum steps_result cut_class(struct cutter *c) {
	uint64_t *class = arena_new(c->arena, uint64_t, 2);
	struct str s = c->rest;

	if (class == NULL) {
		return STEPS_NOMEM;
	}
	while (s.len > 0 && is_plain_member(s.ptr[0])) {
		if (s.len >= 3 && s.ptr[1] == '-') {
			if (!is_plain_range(s.ptr[0], s.ptr[2])) {
				return STEPS_SLOW;
			}
			class_add(class, (unsigned char)s.ptr[0], (unsigned char)s.ptr[2]);
			s = str_skip(s, 3);
		} else {
			class_add(class, (unsigned char)s.ptr[0], (unsigned char)s.ptr[0]);
			s = str_skip(s, 1);
		}
	}
	if (s.len == 0 || s.ptr[0] != ']' || s.ptr == c->rest.ptr) {
		return STEPS_SLOW;
	}
	add_token(c, GLOB_CLASS)->class = class;
	c->rest = str_skip(s, 1);
	return STEPS_OK;
}

/* c->rest starts at the first of two stars. */
static enum steps_result cut_double_star(struct cutter *c) {
	c->rest = str_skip(c->rest, 2);
	if (c->rest.len > 0 && c->rest.ptr[0] == '/') {
		c->rest = str_skip(c->rest, 1);
	}
	if (open_tokens(c) > 0) {
		return STEPS_SLOW; /* "a**b": zero directories, or the rest of one and more */
	}
	add_step(c, c->rest.len > 0 ? STEP_LOOP_DOT : STEP_TAIL_DOT);
	return STEPS_OK;
}

/* c->rest starts behind a backslash. */
static enum steps_result cut_escape(struct cutter *c) {
	if (c->rest.len == 0 || (unsigned char)c->rest.ptr[0] >= 0x80 || c->rest.ptr[0] == '/' ||
			is_alnum(c->rest.ptr[0])) {
		return STEPS_SLOW;
	}
	add_literal(c, str_take(c->rest, 1));
	c->rest = str_skip(c->rest, 1);
	return STEPS_OK;
}

static enum steps_result cut_rune(struct cutter *c) {
	uint32_t rune;
	unsigned n = utf8_decode(c->rest, &rune);

	if (rune == UTF8_INVALID || rune == 0xFEFF) {
		return STEPS_SLOW;
	}
	add_literal(c, str_take(c->rest, n));
	c->rest = str_skip(c->rest, n);
	return STEPS_OK;
}

static enum steps_result cut_token(struct cutter *c) {
	char first = c->rest.ptr[0];

	switch (first) {
	case '*':
		if (c->rest.len > 1 && c->rest.ptr[1] == '*') {
			return cut_double_star(c);
		}
		add_token(c, GLOB_STAR);
		break;
	case '?':
		add_token(c, GLOB_ANY_RUNE);
		break;
	case '/':
		if (!close_component(c)) {
			return STEPS_NOMEM;
		}
		break;
	case '\\':
		c->rest = str_skip(c->rest, 1);
		return cut_escape(c);
	case '[':
		c->rest = str_skip(c->rest, 1);
		return cut_class(c);
	case '{':
	case '|':
	case '^':
		return STEPS_SLOW;
	case '(':
	case ')':
	case '+':
		return c->dialect == IGNORE_BUILDAH ? STEPS_SLOW : cut_rune(c);
	default:
		return cut_rune(c);
	}
	c->rest = str_skip(c->rest, 1);
	return STEPS_OK;
}

static enum steps_result cut_regexp(struct cutter *c) {
	while (c->rest.len > 0) {
		enum steps_result result = cut_token(c);
		if (result != STEPS_OK) {
			return result;
		}
	}
	return close_component(c) ? STEPS_OK : STEPS_NOMEM;
}

/* Bytes between slashes, compared as they are. */
static enum steps_result cut_literal(struct cutter *c) {
	for (bool more = true; more && c->rest.len > 0;) {
		struct str component;
		more = str_cut(c->rest, '/', &component, &c->rest);
		add_literal(c, component);
		if (!close_component(c)) {
			return STEPS_NOMEM;
		}
	}
	return STEPS_OK;
}

/* "P**": the path starts with the bytes of P. */
static enum steps_result cut_prefix(struct cutter *c) {
	struct str prefix = str_take(c->rest, c->rest.len - 2);
	struct str last = path_base(prefix);

	c->rest = str_take(prefix, prefix.len - last.len);
	enum steps_result result = cut_literal(c);
	if (result != STEPS_OK) {
		return result;
	}
	if (last.len == 0) {
		add_step(c, STEP_TAIL_ANY);
		return STEPS_OK;
	}
	add_literal(c, last);
	add_token(c, GLOB_STAR);
	if (!close_component(c)) {
		return STEPS_NOMEM;
	}
	add_step(c, STEP_DEEP_END);
	return STEPS_OK;
}

/* "**S": the path ends with the bytes of S, or S is "/" and the whole path. */
static enum steps_result cut_suffix(struct cutter *c) {
	c->rest = str_skip(c->rest, 2);
	if (c->rest.len == 0) {
		add_step(c, STEP_TAIL_ANY);
		return STEPS_OK;
	}
	add_step(c, STEP_LOOP_ANY);
	if (c->rest.ptr[0] == '/') {
		c->rest = str_skip(c->rest, 1);
	} else {
		add_token(c, GLOB_STAR);
	}
	return cut_literal(c);
}

/* Relative, clean paths neither start with a slash nor hold "." or ".."; "**" aside, a pattern that
 * does is dead. */
static bool can_match(struct str text) {
	return text.ptr[0] != '/' && !str_eq(text, STR(".")) && !str_eq(text, STR("..")) &&
			!str_starts(text, STR("../"));
}

enum steps_result pattern_steps(
		struct arena *a, const struct pattern *p, struct step **out, size_t *n) {
	struct str text = p->pub.text;
	struct cutter c = { .arena = a, .dialect = p->dialect, .rest = text };

	if (p->pub.bad_regexp != NULL) {
		return STEPS_SLOW; /* evaluating it is an error, which the reference raises in order */
	}
	if (text.len == 0 || (!can_match(text) && p->pub.route != IGNORE_ROUTE_REGEXP)) {
		return STEPS_NEVER;
	}
	if (text.ptr[0] == '/') {
		return STEPS_SLOW; /* "/a|b*": the second branch may match */
	}
	c.steps = arena_new(a, struct step, text.len + 2);
	c.tokens = arena_new(a, struct glob_token, text.len + 1);
	if (c.steps == NULL || c.tokens == NULL) {
		return STEPS_NOMEM;
	}
	enum steps_result result = STEPS_SLOW;
	switch (p->pub.route) {
	case IGNORE_ROUTE_EXACT:
		result = cut_literal(&c);
		break;
	case IGNORE_ROUTE_PREFIX:
		result = cut_prefix(&c);
		break;
	case IGNORE_ROUTE_SUFFIX:
		result = cut_suffix(&c);
		break;
	case IGNORE_ROUTE_REGEXP:
		result = cut_regexp(&c);
		break;
	}
	*out = c.steps;
	*n = c.nsteps;
	return result;
}
