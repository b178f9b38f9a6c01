/*
 * generate.c - lists by flavour.
 *
 *   flavour -> table of atoms -> patterns glued from them -> exceptions, blanks, repetitions
 *   pattern -> derive.c -> a path that it (nearly) matches -> children, parents, small damage
 */
#include "oracle/generate.h"

#include "oracle/derive.h"
#include "util/buf.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))

enum flavour {
	FLAVOUR_REALISTIC,
	FLAVOUR_GLOB,
	FLAVOUR_LEAK,
	FLAVOUR_NOISE,
	FLAVOUR_CLEANING,
	FLAVOUR_LADDER,
	FLAVOUR_CROWD,
};

static const struct {
	const char *name;
	unsigned weight; /* of 100 */
	size_t min_patterns, max_patterns;
	unsigned exceptions; /* percent */
} flavours[NFLAVOURS] = {
	[FLAVOUR_REALISTIC] = { "realistic", 14, 1, 9, 20 },
	[FLAVOUR_GLOB] = { "glob", 22, 1, 6, 30 },
	[FLAVOUR_LEAK] = { "leak", 26, 1, 3, 25 },
	[FLAVOUR_NOISE] = { "noise", 8, 1, 3, 15 },
	[FLAVOUR_CLEANING] = { "cleaning", 8, 1, 4, 20 },
	[FLAVOUR_LADDER] = { "ladder", 20, 2, 8, 45 },
	[FLAVOUR_CROWD] = { "crowd", 2, 60, 200, 25 },
};

static const char *const realistic_lines[] = { "node_modules", "**/node_modules",
	"**/node_modules/**", "*.log", "**/*.log", "keep.log", "src/keep.log", ".git", ".git/**",
	"dist", "dist/", "/dist", "build/**", "build/keep", "src/*.c", "src/**/*.o", "**/*.py[cod]",
	"**/__pycache__", "*", "*", "src", "src/**", "package*.json", "Dockerfile", "**/.DS_Store",
	"docs/*.md", "docs/README.md", "**/test?", "**.md", "README.md", "**/*.{js,ts}", "#a",
	"tmp*", "**/tmp/*", ".env*", ".env.example", "vendor/**/testdata", "*/temp*", "*/*/temp*",
	"**/*~", "\\#a", "coverage|dist*", "**/bin", "**/obj", "**/.*", "**/[Bb]in", "[Oo]bj/",
	"**/*.min.js", "docs", "**", "src/*/x.c", "./build", "docs/**/*.md" };

static const char *const glob_atoms[] = { "a", "b", "c", "a", "b", "ab", "a", ".", "-", "/", "/",
	"/", "/a", "/b", "*", "*", "?", "**", "/**/", "**/", "/**", "[ab]", "[^a]", "[a-c]", "*.a",
	"a/b", "***", "/*", "a*b", "[^b]" };

static const char *const leak_atoms[] = { "|", "|", "{2}", "{2}", "{0,1}", "{1,}", "{,2}", "{a,b}",
	"{", "}", "^", "^", "$", "(", ")", "+", "{0}", "{1000}", "{1001}", "{3,2}", "{2}{3}",
	"{2}?", "{02}", "{2,03}", "[[:alpha:]]", "[[:^alpha:]]", "[[:digit:]]", "[[:nope:]]",
	"[:alpha:]", "[[:word:]a]", "[[:space:]]", "[[:punct:]b]", "[[:alpha:]-z]", "[*]", "[?]",
	"[^/]", "[a-", "[", "]", "[]a]", "[^]a]", "[z-a]", "[a\\]b]", "[\\d]", "[\\d-z]", "[a-\\d]",
	"[\\b]", "[\\pL]", "[^\\PL]", "[\\Q]", "[.]", "[a.b]", "[(+)]", "[^\\d]", "[^^a]", "[a^]",
	"[|]", "[a{2}]", "[\\x41-\\x43]", "[\\x61-c]", "[é-ü]", "[^é]", "[[a]", "[a]]", "[a&&b]",
	"[a**b]", "[!a]", "[\\^a]", "[\\-a]", "[\\W]", "[^\\W]", "[\\S\\s]", "\\d", "\\D", "\\w",
	"\\W", "\\s", "\\S", "\\d", "\\w", "\\pL", "\\PL", "\\pN", "\\p{Greek}", "\\p{^Greek}",
	"\\P{^Greek}", "\\p{Lu}", "\\p{Nope}", "\\pZ", "\\p", "\\p{", "\\p{L", "\\p{Any}",
	"\\p{Latin}", "\\p{Han}", "\\p{greek}", "\\p{L&}", "\\px", "\\Q", "\\E", "\\Qa*\\E",
	"\\Q|\\E", "\\Q[", "\\x41", "\\x61", "\\x{61}", "\\x{10FFFF}", "\\x{110000}", "\\x{}",
	"\\x4", "\\x", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\G", "\\a", "\\f", "\\n", "\\r", "\\t",
	"\\v", "\\0", "\\01", "\\012", "\\0141", "\\101", "\\1", "\\7", "\\8", "\\141", "\\18",
	"\\q", "\\c", "\\C", "\\K", "\\R", "\\X", "\\N", "\\h", "\\H", "\\_", "\\-", "\\é", "\\.",
	"\\*", "\\?", "\\[", "\\]", "\\\\", "\\/", "\\!", "\\#", "\\ ", "\\{", "\\|", "\\^", "\\$",
	"\\&", "\\~", "\\`", "\\<", "\\>", "\\", "é", "ü", "世", "Ω", "\xff", "\xc3",
	"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xef\xbf\xbd", "\xef\xbb\xbf", "\n", "\t",
	"\x7f", "\r", "*{2}", "?{2}", "**{2}", "\\d{2}", "[ab]{1,2}", "a{2}", "^{2}", "\\b{2}",
	"é{2}", "*|", "|*", "a|b*", "^*", "*$", "(?i)", "(?:", "*?", "*+", "??", "+?", "#",
	"\\N{U+41}", "[[.a.]]", "[[=a=]]", "(*UTF)", "(*ACCEPT)", "\\g1", "\\k<a>" };

/* what is live in buildah only; glued into any flavour there */
static const char *const group_atoms[] = { "(a)", "(b)", "(ab)", "(a|b)", "(|a)", "(a|)", "()", "(",
	")", "((a))", "((a)b)", "(a/b)", "(*)", "(?)", "(**)", "(**/a)", "(a{2})", "(a+)", "([ab])",
	"(^a)", "(a$)", "(\\b)", "(\\Qa)", "(a{1000})", "(a{40})", "(a{40}){25}", "(a{40}){26}",
	"(.)", "(+)", "+", "+", "a+", "b+", "[ab]+", "?+", "*+", "++", "+{2}", "{2}", "{2}+",
	"{0,2}", "{40}", "**+", "|", "\n", "(a|aa)+", "((a+)+)+", "(ab|cd){2}", "(a", "a)", "a|(b",
	"\\(", "\\)", "\\+", "(a)|b", "(\xff)", "(é)+", "[(]", "[+)]", "/(a)/", "(/a)", "(a/)", "^",
	"(^|a)", "(a){0}", "(){2}" };

static const char noise_bytes[] = "aabb//**?[]\\^-!{}|.,:0129 \n\xff\xc3\xa9$()+";

static const char *const cleaning_atoms[] = { "/", "/", "//", "..", ".", "./", "../", "/..", "/.",
	"a", "b", "a", "b", "ab", " ", "\t", "\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x8b",
	"\xef\xbb\xbf", "\xc2\x85", "\v", "**", "*", "/ ", "!", "!", "a/../", "**/../", "...",
	"..a", "[a/../b]", "\\/", "a\\", "\r", "#" };

static const char *const odd_lines[] = { "!", "", " ", "! ", "!/", "!!", "!//.", "/", ".", "..",
	"!.", "\xef\xbb\xbf", "\\", "[", "a\\", "x*[", "*[", "!!a", "!/ a", "**", "***", "**/**",
	"/a", "a/", "!/a", "**/", "**a", "**/a", "a**", "a/**", "a**b", "**a**", "**/a/**",
	"*a*a*a*a*a*b", "**/a*/**/b*/**", "[z-a]", "\\q", "a|b*", "*|", "{2}*", "^a*", "x*\\",
	"?*[", ".*[", "[*]", "\\Qa", "a/./b", "a\\b" };

#define PICK(r, table) ((table)[rng_below((r), LEN(table))])

const char *flavour_name(unsigned flavour) {
	return flavours[flavour].name;
}

static void put_text(struct buf *b, const char *text) {
	buf_append(b, str_from(text));
}

static void put_atoms(
		struct buf *b, struct rng *r, const char *const *table, size_t n, size_t max) {
	for (size_t i = 1 + rng_below(r, max); i > 0; i--) {
		put_text(b, table[rng_below(r, n)]);
	}
}

/* A leak needs something around it that matches, and something that makes the regexp route. */
static void put_leak(struct buf *b, struct rng *r) {
	for (size_t i = 1 + rng_below(r, 4); i > 0; i--) {
		if (rng_percent(r, 45)) {
			put_text(b, PICK(r, leak_atoms));
		} else {
			put_text(b, PICK(r, glob_atoms));
		}
	}
	if (rng_percent(r, 40)) {
		put_text(b, rng_percent(r, 50) ? "*" : "?");
	}
}

static void put_noise(struct buf *b, struct rng *r) {
	for (size_t i = 1 + rng_below(r, 8); i > 0; i--) {
		if (rng_percent(r, 1)) {
			buf_putc(b, '\0');
		} else {
			buf_putc(b, noise_bytes[rng_below(r, sizeof(noise_bytes) - 1)]);
		}
	}
}

/* Pieces of one short path, so that lists hold ancestors and descendants of the same entries. */
static void put_rung(struct buf *b, struct rng *r) {
	static const char *const heads[] = { "", "", "", "", "**/", "*/", "**", "*" };
	static const char *const tails[] = { "", "", "", "", "", "/**", "/*", "*", "/?", "**",
		"/**/a" };
	static const char *const names[] = { "a", "b", "a", "b", "a", "b", "a*", "?", "[ab]" };

	put_text(b, PICK(r, heads));
	for (size_t i = 1 + rng_below(r, 3); i > 0; i--) {
		put_text(b, PICK(r, names));
		put_text(b, i > 1 ? "/" : "");
	}
	put_text(b, PICK(r, tails));
}

static void put_pattern(struct buf *b, struct rng *r, enum flavour flavour) {
	static const enum flavour in_crowds[] = { FLAVOUR_REALISTIC, FLAVOUR_REALISTIC,
		FLAVOUR_GLOB, FLAVOUR_LADDER, FLAVOUR_LADDER };

	switch (flavour) {
	case FLAVOUR_REALISTIC:
		put_text(b, PICK(r, realistic_lines));
		break;
	case FLAVOUR_GLOB:
		put_atoms(b, r, glob_atoms, LEN(glob_atoms), 5);
		break;
	case FLAVOUR_LEAK:
		put_leak(b, r);
		break;
	case FLAVOUR_NOISE:
		put_noise(b, r);
		break;
	case FLAVOUR_CLEANING:
		put_atoms(b, r, cleaning_atoms, LEN(cleaning_atoms), 6);
		break;
	case FLAVOUR_LADDER:
		put_rung(b, r);
		break;
	case FLAVOUR_CROWD:
		put_pattern(b, r, PICK(r, in_crowds));
		break;
	}
}

static void put_group(struct buf *b, struct rng *r) {
	for (size_t i = 1 + rng_below(r, 4); i > 0; i--) {
		if (rng_percent(r, 55)) {
			put_text(b, PICK(r, group_atoms));
		} else {
			put_text(b, PICK(r, glob_atoms));
		}
	}
}

static void put_line(
		struct buf *b, struct rng *r, enum ignore_dialect dialect, enum flavour flavour) {
	if (rng_percent(r, flavours[flavour].exceptions)) {
		put_text(b, rng_percent(r, 2) ? "!!" : rng_percent(r, 3) ? "! " : "!");
	}
	if (flavour != FLAVOUR_CROWD && rng_percent(r, 2)) {
		put_text(b, PICK(r, odd_lines));
	} else if (dialect == IGNORE_BUILDAH && rng_percent(r, flavour == FLAVOUR_CROWD ? 1 : 20)) {
		put_group(b, r);
	} else {
		put_pattern(b, r, flavour);
	}
}

/* An earlier line again, as it is or with its '!' the other way round. */
static struct str repeated(
		struct arena *a, struct rng *r, const struct question *q, struct buf *b) {
	struct str old = q->patterns[rng_below(r, q->npatterns)];

	buf_clear(b);
	if (rng_percent(r, 50)) {
		buf_append(b, old);
	} else if (str_starts(old, STR("!"))) {
		buf_append(b, str_skip(old, 1));
	} else {
		buf_putc(b, '!');
		buf_append(b, old);
	}
	return arena_copy(a, buf_str(b));
}

static enum flavour pick_flavour(struct rng *r) {
	size_t at = rng_below(r, 100);
	unsigned f = 0;

	while (f + 1 < NFLAVOURS && at >= flavours[f].weight) {
		at -= flavours[f].weight;
		f++;
	}
	return (enum flavour)f;
}

static bool put_patterns(
		struct arena *a, struct rng *r, enum flavour f, struct question *q, struct buf *b) {
	size_t max = flavours[f].max_patterns - flavours[f].min_patterns + 1;
	size_t n = flavours[f].min_patterns + rng_below(r, max);

	q->patterns = arena_new(a, struct str, n);
	for (q->npatterns = 0; q->patterns != NULL && q->npatterns < n; q->npatterns++) {
		struct str line;

		buf_clear(b);
		if (q->npatterns > 0 && rng_percent(r, f == FLAVOUR_LADDER ? 20 : 6)) {
			line = repeated(a, r, q, b);
		} else {
			put_line(b, r, q->dialect, f);
			line = arena_copy(a, buf_str(b));
		}
		if (line.ptr == NULL) {
			return false;
		}
		q->patterns[q->npatterns] = line;
	}
	return q->patterns != NULL;
}

static bool put_paths(struct arena *a, struct rng *r, struct question *q, struct buf *b) {
	enum names names = q->flavour == FLAVOUR_REALISTIC ? NAMES_REAL
			: q->flavour == FLAVOUR_LADDER     ? NAMES_TINY
							   : NAMES_ANY;
	size_t n = q->flavour == FLAVOUR_CROWD ? 24 : 8;

	q->paths = arena_new(a, struct str, n);
	for (q->npaths = 0; q->paths != NULL && q->npaths < n; q->npaths++) {
		buf_clear(b);
		if (rng_percent(r, q->flavour == FLAVOUR_LADDER ? 30 : 75)) {
			derive_path(b, r, q->patterns[rng_below(r, q->npatterns)]);
		} else {
			derive_random_path(b, r, names);
		}
		derive_vary(b, r, names);
		q->paths[q->npaths] = arena_copy(a, buf_str(b));
		if (q->paths[q->npaths].ptr == NULL) {
			return false;
		}
	}
	return q->paths != NULL;
}

bool generate_question(
		struct arena *a, struct rng *r, enum ignore_dialect dialect, struct question *out) {
	struct buf b = { 0 };
	enum flavour f = pick_flavour(r);
	bool ok;

	*out = (struct question){ .dialect = dialect, .flavour = f };
	ok = put_patterns(a, r, f, out, &b) && put_paths(a, r, out, &b) && !buf_failed(&b);
	buf_fini(&b);
	return ok;
}

/* One line of a file, now and then about as long as the reader's buffer. */
static void put_file_line(struct buf *b, struct rng *r) {
	static const char *const blanks[] = { " ", "\t", "  ", "\xc2\xa0", "\xe3\x80\x80",
		"\xe2\x80\x83", "\xe2\x80\x8b", "\xef\xbb\xbf", "\v", "\f", "\xc2\x85", "\r",
		"\xe1\x9a\x80", "\xe2\x80\xa8", "\xc2", "\xe2\x80" };
	static const enum flavour kinds[] = { FLAVOUR_REALISTIC, FLAVOUR_CLEANING, FLAVOUR_CLEANING,
		FLAVOUR_GLOB, FLAVOUR_LEAK, FLAVOUR_NOISE };

	if (rng_percent(r, 20)) {
		put_text(b, PICK(r, blanks));
	}
	if (rng_percent(r, 8)) {
		buf_putc(b, '#');
	}
	if (rng_percent(r, 25)) {
		buf_putc(b, '!');
		put_text(b, rng_percent(r, 20) ? PICK(r, blanks) : "");
	}
	if (rng_percent(r, 6)) {
		put_text(b, PICK(r, odd_lines));
	} else if (!rng_percent(r, 10)) {
		put_pattern(b, r, PICK(r, kinds));
	}
	if (rng_percent(r, 20)) {
		put_text(b, PICK(r, blanks));
	}
	if (rng_percent(r, 2)) {
		buf_putc(b, '\0');
	}
}

static void put_long_line(struct buf *b, struct rng *r) {
	size_t n = 65530 + rng_below(r, 10);

	while (n-- > 0) {
		buf_putc(b, 'a');
	}
}

struct str generate_ignore_file(struct arena *a, struct rng *r) {
	static const char *const ends[] = { "\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n" };
	struct buf b = { 0 };
	struct str out = { NULL, 0 };
	size_t nlines = rng_below(r, 8);
	bool last_is_open = rng_percent(r, 40);

	if (rng_percent(r, 15)) {
		put_text(&b, rng_percent(r, 80) ? "\xef\xbb\xbf" : "\xef\xbb");
	}
	for (size_t i = 0; i < nlines; i++) {
		if (rng_percent(r, 1) && rng_percent(r, 60)) {
			put_long_line(&b, r);
		} else {
			put_file_line(&b, r);
		}
		if (i + 1 < nlines || !last_is_open) {
			put_text(&b, PICK(r, ends));
		}
	}
	if (!buf_failed(&b)) {
		out = arena_copy(a, buf_str(&b));
	}
	buf_fini(&b);
	return out;
}
