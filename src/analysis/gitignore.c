/*
 * A line of a .gitignore, as git reads and matches it (gitignore(5)): what the same text would do if the
 * ignore file were git's. One line and one path at a time; the walk over lines and directories is
 * explain_git.c's.
 */
#include "analysis/internal.h"

#include <ctype.h>

/* A pattern with many stars takes exponential time; no honest one comes near. */
#define WILD_STEPS_MAX 1000000U

static struct str without_blanks_behind(struct str s) {
	while (s.len > 0 && s.ptr[s.len - 1] == ' ' && (s.len < 2 || s.ptr[s.len - 2] != '\\')) {
		s.len--;
	}
	return s;
}

bool git_line_read(struct str raw, struct git_line *out) {
	struct str s = str_starts(raw, STR("\xEF\xBB\xBF")) ? str_skip(raw, 3) : raw;

	*out = (struct git_line){ 0 };
	if (str_starts(s, STR("#"))) {
		return false;
	}
	s = without_blanks_behind(s);
	if (str_starts(s, STR("!"))) {
		out->is_exception = true;
		s = str_skip(s, 1);
	}
	if (str_ends(s, STR("/"))) {
		out->only_dirs = true;
		s.len--;
	}
	out->is_name = str_find(s, '/') == s.len;
	/* a slash in front anchors, and is not matched */
	out->pattern = str_starts(s, STR("/")) ? str_skip(s, 1) : s;
	return out->pattern.len > 0;
}

/* ---- wildcards; stars do not match a slash, two of them between slashes do */

struct wild {
	struct str pattern, text;
	unsigned steps_left;
};

struct posix_class {
	const char *name;
	int (*has)(int c);
};

/* Whether `c` is in [:name:]; an unknown name has nothing in it. */
static bool in_named_class(struct str name, unsigned char c) {
	static const struct posix_class classes[] = {
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

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (str_eq(str_from(classes[i].name), name)) {
			return classes[i].has(c) != 0;
		}
	}
	return false;
}

/* Length of "[:name:]" at the start of `p`; 0: it is none. */
static size_t named_class(struct str p, struct str *name) {
	if (!str_starts(p, STR("[:"))) {
		return 0;
	}
	size_t end = str_find(p, ']');
	if (end == p.len || end < 3 || p.ptr[end - 1] != ':') {
		return 0;
	}
	*name = str_take(str_skip(p, 2), end - 3);
	return end + 1;
}

/* One byte of a class, escaped or not; false: the pattern ends. */
static bool class_byte(struct str *p, unsigned char *out) {
	if (str_starts(*p, STR("\\"))) {
		*p = str_skip(*p, 1);
	}
	if (p->len == 0) {
		return false;
	}
	*out = (unsigned char)p->ptr[0];
	*p = str_skip(*p, 1);
	return true;
}

/* A byte or a range; false: the pattern ends within it. */
static bool class_item(struct str *p, unsigned char c, bool *in) {
	struct str name;
	unsigned char low, high;
	size_t n = named_class(*p, &name);

	if (n > 0) {
		*in |= in_named_class(name, c);
		*p = str_skip(*p, n);
		return true;
	}
	if (!class_byte(p, &low)) {
		return false;
	}
	high = low;
	if (p->len > 1 && p->ptr[0] == '-' && p->ptr[1] != ']') {
		*p = str_skip(*p, 1);
		if (!class_byte(p, &high)) {
			return false;
		}
	}
	*in |= low <= c && c <= high;
	return true;
}

/* "[...]" at the start of `p` against one byte. Returns its length; 0: no match. */
static size_t class_matches(struct str p, unsigned char c) {
	struct str rest = str_skip(p, 1);
	bool negated = str_starts(rest, STR("!")) || str_starts(rest, STR("^")), in = false;

	rest = str_skip(rest, negated);
	for (bool first = true; first || !str_starts(rest, STR("]")); first = false) {
		if (!class_item(&rest, c, &in)) {
			return 0;
		}
	}
	return in != negated && c != '/' ? p.len - rest.len + 1 : 0;
}

static bool wild_matches(struct wild *w, size_t i, size_t j);

/* "**" that stands between slashes, or at an end: any number of directories. */
static bool dirs_match(struct wild *w, size_t i, size_t j) {
	if (i == w->pattern.len) {
		return true;
	}
	for (size_t k = j;; k++) {
		if ((k == j || w->text.ptr[k - 1] == '/') && wild_matches(w, i + 1, k)) {
			return true;
		}
		if (k == w->text.len) {
			return false;
		}
	}
}

static bool stars_match(struct wild *w, size_t i, size_t j) {
	size_t end = i;

	while (end < w->pattern.len && w->pattern.ptr[end] == '*') {
		end++;
	}
	if (end - i > 1 && (i == 0 || w->pattern.ptr[i - 1] == '/') &&
			(end == w->pattern.len || w->pattern.ptr[end] == '/')) {
		return dirs_match(w, end, j);
	}
	for (size_t k = j;; k++) {
		if (wild_matches(w, end, k)) {
			return true;
		}
		if (k == w->text.len || w->text.ptr[k] == '/') {
			return false;
		}
	}
}

/* The pattern from byte i on against the text from byte j on. */
static bool wild_matches(struct wild *w, size_t i, size_t j) {
	struct str p = w->pattern, t = w->text;

	for (; i < p.len; j++) {
		if (w->steps_left == 0) {
			return false;
		}
		w->steps_left--;
		if (p.ptr[i] == '*') {
			return stars_match(w, i, j);
		}
		if (j == t.len || (p.ptr[i] == '?' && t.ptr[j] == '/')) {
			return false;
		}
		if (p.ptr[i] == '[') {
			size_t n = class_matches(str_skip(p, i), (unsigned char)t.ptr[j]);
			if (n == 0) {
				return false;
			}
			i += n;
			continue;
		}
		bool any = p.ptr[i] == '?';
		i += p.ptr[i] == '\\';
		if (i == p.len || (!any && p.ptr[i] != t.ptr[j])) {
			return false;
		}
		i++;
	}
	return j == t.len;
}

bool git_line_matches(const struct git_line *line, struct str path, bool is_dir) {
	struct wild w = {
		.pattern = line->pattern,
		.text = line->is_name ? path_base(path) : path,
		.steps_left = WILD_STEPS_MAX,
	};

	return (is_dir || !line->only_dirs) && wild_matches(&w, 0, 0);
}
