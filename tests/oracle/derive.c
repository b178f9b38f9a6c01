/* derive.c - a pattern is played as if by someone who knows globs, and some regexps, roughly. */
#include "oracle/derive.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define PICK(r, table) ((table)[rng_below((r), LEN(table))])

static const char *const any_names[] = { "a", "b", "c", "ab", "a", "b", "aa", ".", "a.a", "-",
	"abc", "x", "A", "0", "5", "_", "é", "ü", "世", "Ω", "\xff", "\xc3", "\xef\xbf\xbd",
	"\xef\xbb\xbf", "a\nb", "\n", "*", "?", "[", "]", "\\", "!", "!a", "#a", "a|b", "a{2}",
	"^a", "$", "a+b", "(", " a", "a ", "...", "..a", "{", "}", "a\tb", "\xed\xa0\x80",
	"\xf4\x90\x80\x80", "Aa", "B", "C", "\a", "\r", "\\b", "^/", "[^", "a$", "Q", "E", "aab",
	"b5", "-a", "~", "&" };

static const char *const real_names[] = { "node_modules", "src", "dist", "build", "docs", "keep",
	"keep.log", "a.log", "README.md", "package.json", "package-lock.json", "x.c", "x.o", ".git",
	"HEAD", "test1", "tmp", "tmpx", ".env", ".env.example", "vendor", "testdata", "bin", "obj",
	"Obj", "Dockerfile", "index.js", "a.ts", "__pycache__", "m.pyc", ".DS_Store", "temp~",
	"coverage", "x.min.js", "lib", "b.md" };

static void put(struct buf *b, const char *text) {
	buf_append(b, str_from(text));
}

static const char *name_of(struct rng *r, enum names set) {
	switch (set) {
	case NAMES_REAL:
		return PICK(r, real_names);
	case NAMES_TINY:
		return rng_percent(r, 90) ? any_names[rng_below(r, 2)] : any_names[rng_below(r, 7)];
	case NAMES_ANY:
		break;
	}
	return rng_percent(r, 70) ? any_names[rng_below(r, 7)] : PICK(r, any_names);
}

void derive_random_path(struct buf *b, struct rng *r, enum names set) {
	for (size_t i = 1 + rng_below(r, 4); i > 0; i--) {
		put(b, name_of(r, set));
		put(b, i > 1 ? "/" : "");
	}
}

/* What "**" may stand for: nothing, some directories, or glued text. */
static void play_double_star(struct buf *b, struct rng *r) {
	for (size_t i = rng_below(r, 3); i > 0; i--) {
		put(b, name_of(r, NAMES_ANY));
		put(b, rng_percent(r, 90) ? "/" : "");
	}
}

static size_t play_escape(struct buf *b, struct rng *r, struct str p) {
	static const struct {
		char letter;
		const char *text;
	} escapes[] = { { 'd', "5" }, { 'D', "a" }, { 'w', "a" }, { 'W', "-" }, { 's', " " },
		{ 'S', "a" }, { 'p', "a" }, { 'P', "5" }, { 'b', "" }, { 'B', "" }, { 'A', "" },
		{ 'z', "" }, { 'Q', "" }, { 'E', "" }, { 'x', "a" }, { 'n', "\n" }, { 't', "\t" },
		{ 'a', "\a" }, { 'r', "\r" }, { '1', "a" }, { '0', "a" } };

	if (p.len < 2) {
		put(b, "$");
		return 1;
	}
	for (size_t i = 0; i < LEN(escapes); i++) {
		if (escapes[i].letter == p.ptr[1] && !rng_percent(r, 15)) {
			put(b, escapes[i].text);
			return 2;
		}
	}
	buf_putc(b, p.ptr[1]);
	return 2;
}

/* A member of the class, or (also for "[^") anything at all. */
static size_t play_class(struct buf *b, struct rng *r, struct str p) {
	size_t end = str_find(str_skip(p, 1), ']') + 1;

	if (end >= p.len || end < 2) {
		put(b, "a");
		return 1;
	}
	if (p.ptr[1] == '^' || rng_percent(r, 20)) {
		put(b, name_of(r, NAMES_ANY));
	} else {
		buf_putc(b, p.ptr[1 + rng_below(r, end - 1)]);
	}
	return end + 1;
}

static size_t play_repeat(struct buf *b, struct rng *r, struct str p) {
	size_t end = str_find(p, '}');

	if (end < p.len && b->len > 0 && rng_percent(r, 80)) {
		char last = b->ptr[b->len - 1];

		for (size_t i = rng_below(r, 3); i > 0; i--) {
			buf_putc(b, last);
		}
		return end + 1;
	}
	buf_putc(b, '{');
	return 1;
}

/* One step of the pattern; returns the bytes of it that were played. */
static size_t play(struct buf *b, struct rng *r, struct str p) {
	switch (p.ptr[0]) {
	case '*':
		if (str_starts(p, STR("**"))) {
			play_double_star(b, r);
			return p.len > 2 && p.ptr[2] == '/' ? 3 : 2;
		}
		for (size_t i = rng_below(r, 3); i > 0; i--) {
			put(b, name_of(r, NAMES_ANY));
		}
		return 1;
	case '?':
		put(b, name_of(r, NAMES_ANY));
		return 1;
	case '\\':
		return play_escape(b, r, p);
	case '[':
		return play_class(b, r, p);
	case '{':
		return play_repeat(b, r, p);
	case '^':
		put(b, rng_percent(r, 70) ? "" : "^");
		return 1;
	case '(': /* a group in buildah, a bracket in Docker */
	case ')':
		put(b, rng_percent(r, 60) ? "" : p.ptr[0] == '(' ? "(" : ")");
		return 1;
	case '+':
		if (rng_percent(r, 50)) {
			buf_putc(b, '+');
		} else if (b->len > 0 && rng_percent(r, 50)) {
			buf_putc(b, b->ptr[b->len - 1]);
		}
		return 1;
	case '|': /* the first branch, the second one, or both as they stand */
		if (rng_percent(r, 40)) {
			buf_clear(b);
		} else if (rng_percent(r, 50)) {
			return p.len;
		} else {
			buf_putc(b, '|');
		}
		return 1;
	default:
		buf_putc(b, p.ptr[0]);
		return 1;
	}
}

void derive_path(struct buf *b, struct rng *r, struct str pattern) {
	bool literally = rng_percent(r, 12);

	if (str_starts(pattern, STR("!"))) {
		pattern = str_skip(pattern, 1);
	}
	if (rng_percent(r, 3)) {
		play_double_star(b, r);
	}
	while (pattern.len > 0) {
		size_t n = literally ? 1 : play(b, r, pattern);

		if (literally) {
			buf_putc(b, pattern.ptr[0]);
		}
		pattern = str_skip(pattern, n);
	}
}

/* Only real components: what a directory walk could report. */
static void clean(struct buf *b, struct rng *r) {
	struct buf out = { 0 };
	struct str rest = buf_str(b), name;

	for (bool more = true; more;) {
		more = str_cut(rest, '/', &name, &rest);
		if (name.len > 0 && !str_eq(name, STR(".")) && !str_eq(name, STR(".."))) {
			put(&out, out.len > 0 ? "/" : "");
			buf_append(&out, name);
		}
	}
	if (out.len == 0) {
		put(&out, any_names[rng_below(r, 6)]);
	}
	buf_fini(b);
	*b = out;
}

static void put_long(struct buf *b, struct rng *r) {
	bool deep = rng_percent(r, 50);

	for (size_t i = 40 + rng_below(r, deep ? 60 : 215); i > 0; i--) {
		put(b, deep && i % 2 == 0 ? "/" : rng_percent(r, 95) ? "a" : "b");
	}
}

void derive_vary(struct buf *b, struct rng *r, enum names set) {
	if (rng_percent(r, 25)) {
		for (size_t i = 1 + rng_below(r, 3); i > 0; i--) {
			put(b, "/");
			put(b, name_of(r, set));
		}
	}
	if (rng_percent(r, 8) && b->len > 1) {
		size_t at = rng_below(r, b->len);

		b->ptr[at] = "ab/.x\n"[rng_below(r, 6)];
	}
	if (rng_percent(r, 5) && b->len > 1) {
		b->len -= 1 + rng_below(r, b->len - 1);
	}
	if (rng_percent(r, 1)) {
		put_long(b, r);
	}
	clean(b, r);
}
