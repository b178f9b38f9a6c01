#include "ignore/glob.h"
#include "ignore/steps.h"
#include "oracle/rng.h"
#include "support/expect.h"

#include <criterion/parameterized.h>

/* The glob that a pattern of one component is cut into. False: it is none. */
static bool glob_of(struct arena *a, struct str text, struct glob *out, struct pattern *p) {
	struct step *steps;
	bool is_empty = false;
	size_t n;

	*p = (struct pattern){ 0 };
	cr_assert(eq(int, pattern_compile(a, text, p, &is_empty, NULL), TNG_OK));
	if (is_empty || pattern_steps(a, p, &steps, &n) != STEPS_OK || n != 1 ||
			steps[0].type != STEP_GLOB) {
		return false;
	}
	cr_assert(glob_init(out, a, steps[0].tokens, steps[0].ntokens));
	return true;
}

struct glob_case {
	char why[56], pattern[16], name[16];
	bool matches;
};

ParameterizedTestParameters(glob, table) {
	static struct glob_case cases[] = {
		{ "a star takes all", "*", "anything", true },
		{ "newlines too", "*", "a\nb", true },
		{ "ends by suffix", "*.log", "a.log", true },
		{ "the star may take nothing", "*.log", ".log", true },
		{ "and not less", "*.log", "log", false },
		{ "starts by prefix", "a*", "abc", true },
		{ "prefix and suffix do not overlap", "a*a", "a", false },
		{ "but may touch", "a*a", "aa", true },
		{ "one between", "a*a", "aba", true },
		{ "long ends do not overlap", "ab*ba", "aba", false },
		{ "one character", "?", "a", true },
		{ "not none and not two", "?", "ab", false },
		{ "of two bytes", "?", "\xC3\xA9", true },
		{ "of three bytes", "?", "\xE6\xBC\xA2", true },
		{ "of four bytes", "?", "\xF0\x9F\x90\x8B", true },
		{ "is not two", "??", "\xC3\xA9", false },
		{ "an invalid byte is one", "?", "\xFF", true },
		{ "two invalid bytes are two", "??", "\xE6\xBC", true },
		{ "and not one", "?", "\xE6\xBC", false },
		{ "overlong is two invalid bytes", "??", "\xC0\xAF", true },
		{ "a surrogate is three", "???", "\xED\xA0\x80", true },
		{ "a newline is one", "?", "\n", true },
		{ "a star splits no character", "*??", "\xE6\xBC\xA2", false },
		{ "it may take none of one", "*?", "\xE6\xBC\xA2", true },
		{ "or what is before it", "*??", "a\xE6\xBC\xA2", true },
		{ "the same from the front", "??*", "\xE6\xBC\xA2", false },
		{ "and with three", "???*", "a\xE6\xBC\xA2", false },
		{ "two and the rest", "??*", "a\xE6\xBC\xA2z", true },
		{ "in the middle", "a?c",
				"a\xC3\xA9"
				"c",
				true },
		{ "behind a star, at the end", "*.?z", "a.\xC3\xA9z", true },
		{ "a literal of two bytes", "\xC3\xA9*", "\xC3\xA9t\xC3\xA9", true },
		{ "whose first byte is not enough", "\xC3\xA9*", "\xC3\xA8", false },
		{ "behind a star", "*\xC3\xA9", "t\xC3\xA9", true },
		{ "and a character behind", "*\xC3\xA9?", "t\xC3\xA9\xC3\xA8", true },
		{ "a class", "[abc]", "b", true },
		{ "not beyond it", "[abc]", "d", false },
		{ "nor two", "[abc]", "ab", false },
		{ "a range", "x[0-9]", "x7", true },
		{ "ASCII only", "x[0-9]", "x\xC3\xA9", false },
		{ "a class at each end", "[ab]*[yz]", "a-z", true },
		{ "and nothing between", "[ab]*[yz]", "ay", true },
		{ "both are needed", "[ab]*[yz]", "a", false },
		{ "! is a member", "[!a]", "!", true },
		{ "and no negation", "[!a]", "b", false },
		{ "stars give back", "*ab*ab", "aabab", true },
		{ "but not all", "*ab*ab", "aab", false },
		{ "many stars", "*a*b*c*", "xaybzc", true },
		{ "in order", "*a*b*c*", "xcybza", false },
		{ "a star and a character, one byte", "*?", "a", true },
		{ "last byte but one", "*ab", "xab", true },
		{ "is minded", "*ab", "xxb", false },
	};
	return cr_make_param_array(struct glob_case, cases, sizeof(cases) / sizeof(cases[0]));
}

/* No mask may turn away what matches. */
static void expect_masks_let_in(const struct glob *glob, struct str name) {
	unsigned char first = (unsigned char)name.ptr[0];
	unsigned char last = (unsigned char)name.ptr[name.len - 1];

	cr_expect(glob_may_start_with(glob, first), "%.*s", STR_FMT(name));
	cr_expect(glob_may_end_with(glob, last), "%.*s", STR_FMT(name));
	if (name.len > 1) {
		unsigned char before = (unsigned char)name.ptr[name.len - 2];
		cr_expect(glob_may_end_with_before(glob, before), "%.*s", STR_FMT(name));
	}
}

ParameterizedTest(struct glob_case *c, glob, table) {
	struct arena *a = arena_create();
	struct pattern p;
	struct glob glob;

	cr_assert(glob_of(a, str_from(c->pattern), &glob, &p), "%s", c->pattern);
	cr_expect(eq(int, glob_matches(&glob, str_from(c->name)), c->matches), "%s: %s on %s",
			c->why, c->pattern, c->name);
	if (c->matches) {
		expect_masks_let_in(&glob, str_from(c->name));
	}
	regexp_destroy(p.regexp);
	arena_destroy(a);
}

Test(glob, shapes_are_told_apart) {
	const struct {
		const char *pattern;
		enum glob_shape shape;
	} cases[] = {
		{ "*", GLOB_SHAPE_ALL },
		{ "*.log", GLOB_SHAPE_LITERALS },
		{ "a*", GLOB_SHAPE_LITERALS },
		{ "a*b", GLOB_SHAPE_LITERALS },
		{ "*.[ch]", GLOB_SHAPE_ENDS },
		{ "?a*b", GLOB_SHAPE_ENDS },
		{ "*a*", GLOB_SHAPE_TOKENS },
		{ "a?b", GLOB_SHAPE_TOKENS },
	};
	struct arena *a = arena_create();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern p;
		struct glob glob;
		cr_assert(glob_of(a, str_from(cases[i].pattern), &glob, &p));
		cr_expect(eq(int, glob.shape, cases[i].shape), "%s", cases[i].pattern);
		regexp_destroy(p.regexp);
	}
	arena_destroy(a);
}

/* ---- a law: a glob matches what the regexp it stands for matches */

static struct str join_random(struct rng *rng, const char *const *parts, size_t n, char out[64]) {
	size_t len = 0;

	for (size_t i = 0, nparts = 1 + rng_below(rng, 6); i < nparts; i++) {
		struct str part = str_from(parts[rng_below(rng, n)]);
		memcpy(out + len, part.ptr, part.len);
		len += part.len;
	}
	return str_make(out, len);
}

Test(glob, matches_what_its_regexp_matches) {
	static const char *const tokens[] = { "a", "b", "\xC3\xA9", "\xE6\xBC\xA2", "?", "?", "*",
		"*", "[ab]", "[0-9]" };
	static const char *const letters[] = { "a", "a", "b", "7", "\xC3\xA9", "\xE6\xBC\xA2",
		"\xFF", "\xE6\xBC", "\n" };
	struct regexp_scratch *scratch = regexp_scratch_create();
	size_t nglobs = 0, nmatches = 0;

	for (uint64_t i = 0; i < 3000; i++) {
		struct rng rng = rng_of(17, i);
		struct arena *a = arena_create();
		char text[64], name[64];
		struct pattern p;
		struct glob glob;
		struct str pattern = join_random(&rng, tokens, 10, text);
		bool is_glob = glob_of(a, pattern, &glob, &p);
		nglobs += is_glob;
		for (int k = 0; is_glob && k < 40; k++) {
			struct str s = join_random(&rng, letters, 9, name);
			bool want = false, got = glob_matches(&glob, s);
			cr_assert(eq(int, pattern_matches(&p, scratch, s, &want, NULL), TNG_OK));
			cr_assert(eq(int, got, want), "%.*s on %.*s", STR_FMT(pattern), STR_FMT(s));
			if (got) {
				expect_masks_let_in(&glob, s);
				nmatches++;
			}
		}
		regexp_destroy(p.regexp);
		arena_destroy(a);
	}
	cr_expect(gt(sz, nglobs, 1500));
	cr_expect(gt(sz, nmatches, 5000));
	regexp_scratch_destroy(scratch);
}
