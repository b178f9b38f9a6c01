/*
 * One pass over pattern and path with two places to come back to: behind the last '*' of the component,
 * and behind the last "**". What is matched before them need not be tried again: a component ends at
 * the same '/' however its stars share the bytes, and of the components behind a "**" the first that
 * fit are as good as any.
 *
 *   pattern  a / * * / b * c / d         path  a / x / b 1 c 2 c / d
 *                      └ far   └ near
 */
#include "vcs/glob.h"

#include <ctype.h>

#define NOWHERE SIZE_MAX

/* Where to go on when a byte does not fit. */
struct retreat {
	size_t pattern; /* NOWHERE: there is none */
	size_t path;
};

struct glob {
	struct str pattern, path;
	bool folds_case;
	struct retreat near, far;
};

static bool is_special(char c) {
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

size_t glob_literal_len(struct str pattern) {
	size_t len = 0;

	while (len < pattern.len && !is_special(pattern.ptr[len])) {
		len++;
	}
	return len;
}

struct class_name {
	char name[8];
	int (*holds)(int);
};

/* LC_CTYPE is never set, so these are about ASCII */
static const struct class_name class_names[] = {
	{ "alnum", isalnum },
	{ "alpha", isalpha },
	{ "blank", isblank },
	{ "cntrl", iscntrl },
	{ "digit", isdigit },
	{ "graph", isgraph },
	{ "lower", islower },
	{ "print", isprint },
	{ "punct", ispunct },
	{ "space", isspace },
	{ "upper", isupper },
	{ "xdigit", isxdigit },
};

/* 1: in the class, 0: not in it, -1: there is no such class */
static int in_class(struct str name, unsigned char c, bool folds_case) {
	for (size_t i = 0; i < sizeof(class_names) / sizeof(class_names[0]); i++) {
		const struct class_name *class = &class_names[i];
		if (str_eq(name, str_from(class->name))) {
			bool is_case = class->holds == isupper || class->holds == islower;
			return (folds_case && is_case ? isalpha(c) : class->holds(c)) != 0;
		}
	}
	return -1;
}

/* "[:name:]" at `at`: *end is behind it; at `at` itself when it is only a '['. False: broken. */
static bool find_class(struct str p, size_t at, struct str *name, size_t *end) {
	size_t close = at + 2;

	while (close < p.len && p.ptr[close] != ']') {
		close++;
	}
	if (close >= p.len) {
		return false;
	}
	*end = at;
	if (close > at + 2 && p.ptr[close - 1] == ':') {
		*name = str_make(p.ptr + at + 2, close - at - 3);
		*end = close + 1;
	}
	return true;
}

static bool in_range(unsigned char low, unsigned char high, unsigned char c, bool folds_case) {
	return (c >= low && c <= high) ||
			(folds_case && islower(c) && toupper(c) >= low && toupper(c) <= high);
}

/* One byte of a set, escaped or not; false at the end of the pattern. */
static bool set_byte(struct str p, size_t *at, unsigned char *byte) {
	*at += *at < p.len && p.ptr[*at] == '\\';
	if (*at >= p.len) {
		return false;
	}
	*byte = (unsigned char)p.ptr[(*at)++];
	return true;
}

/* An element of a set at *at, which moves behind it; false: the pattern is broken. */
static bool set_element(struct str p, size_t *at, unsigned char c, bool folds_case, bool *found) {
	unsigned char low, high;

	if (p.ptr[*at] == '[' && *at + 1 < p.len && p.ptr[*at + 1] == ':') {
		struct str name = { 0 };
		size_t end;
		if (!find_class(p, *at, &name, &end)) {
			return false;
		}
		if (end > *at) {
			int holds = in_class(name, c, folds_case);
			*found |= holds > 0;
			*at = end;
			return holds >= 0;
		}
	}
	if (!set_byte(p, at, &low)) {
		return false;
	}
	high = low;
	if (*at + 1 < p.len && p.ptr[*at] == '-' && p.ptr[*at + 1] != ']') {
		(*at)++;
		if (!set_byte(p, at, &high)) {
			return false;
		}
	}
	/* git takes the first byte of a range before it sees the '-': [z-a] takes z */
	*found |= c == low || in_range(low, high, c, folds_case);
	return true;
}

/* The set behind the '[' at *at: whether it takes c. *at moves behind it, NOWHERE when it is broken. */
static bool set_takes(struct str p, size_t *at, unsigned char c, bool folds_case) {
	size_t i = *at + 1;
	bool negated = i < p.len && (p.ptr[i] == '!' || p.ptr[i] == '^');
	bool found = false, is_first = true;

	for (i += negated; i < p.len && (is_first || p.ptr[i] != ']'); is_first = false) {
		if (!set_element(p, &i, c, folds_case, &found)) {
			i = p.len;
		}
	}
	*at = i < p.len ? i + 1 : NOWHERE;
	return i < p.len && found != negated && c != '/';
}

/* One byte against one element of the pattern that is no star; *at moves behind the element. */
static bool takes_byte(const struct glob *g, size_t *at, unsigned char c) {
	unsigned char wanted = (unsigned char)g->pattern.ptr[*at];

	c = (unsigned char)(g->folds_case ? tolower(c) : c);
	if (wanted == '[') {
		return set_takes(g->pattern, at, c, g->folds_case);
	}
	if (wanted == '?') {
		(*at)++;
		return c != '/';
	}
	if (wanted == '\\') {
		if (*at + 1 >= g->pattern.len) {
			return false;
		}
		wanted = (unsigned char)g->pattern.ptr[++*at];
	}
	(*at)++;
	return (g->folds_case ? tolower(wanted) : wanted) == c;
}

/* Stars at *at: sets the place to come back to, and moves behind them. */
static void take_stars(struct glob *g, size_t *at, size_t path_at) {
	size_t end = *at;
	struct str p = g->pattern;

	while (end < p.len && p.ptr[end] == '*') {
		end++;
	}
	bool is_component = end - *at > 1 && (*at == 0 || p.ptr[*at - 1] == '/') &&
			(end == p.len || p.ptr[end] == '/');
	if (is_component) {
		*at = end + (end < p.len);
		g->far = (struct retreat){ *at, path_at };
		g->near.pattern = NOWHERE;
	} else {
		*at = end;
		g->near = (struct retreat){ end, path_at };
	}
}

/* Another try: one byte more for the last '*', or one component more for the last "**". */
static bool step_back(struct glob *g, size_t *pattern_at, size_t *path_at) {
	if (g->near.pattern != NOWHERE && g->near.path < g->path.len &&
			g->path.ptr[g->near.path] != '/') {
		*path_at = ++g->near.path;
		*pattern_at = g->near.pattern;
		return true;
	}
	g->near.pattern = NOWHERE;
	if (g->far.pattern == NOWHERE) {
		return false;
	}
	struct str rest = str_skip(g->path, g->far.path);
	size_t slash = str_find(rest, '/');
	if (slash == rest.len) {
		return false;
	}
	g->far.path += slash + 1;
	*path_at = g->far.path;
	*pattern_at = g->far.pattern;
	return true;
}

bool glob_takes(struct str pattern, struct str path, bool folds_case) {
	struct glob g = { pattern, path, folds_case, { NOWHERE, 0 }, { NOWHERE, 0 } };
	size_t at = 0, path_at = 0;

	for (;;) {
		if (at < pattern.len && pattern.ptr[at] == '*') {
			take_stars(&g, &at, path_at);
			if (at == pattern.len && g.far.pattern == at) {
				return true; /* a trailing "**" takes whatever is left */
			}
			continue;
		}
		if (at == pattern.len && path_at == path.len) {
			return true;
		}
		bool fits = at < pattern.len && path_at < path.len;
		if (fits) {
			size_t next = at;
			fits = takes_byte(&g, &next, (unsigned char)path.ptr[path_at]);
			if (next == NOWHERE) {
				return false;
			}
			if (fits && path.ptr[path_at] == '/') {
				g.near.pattern = NOWHERE;
			}
			at = fits ? next : at;
			path_at += fits;
		}
		if (!fits && !step_back(&g, &at, &path_at)) {
			return false;
		}
	}
}
