/*
 * The fast matcher against the plain one, entry by entry down whole trees, and on streams of paths that are
 * longer than its tables.
 */
#include "ignore/ignore.h"
#include "oracle/rng.h"
#include "support/expect.h"
#include "support/plain_matcher.h"

#include <stdio.h>
#include <stdlib.h>

#define NPATTERNS_MAX 8

/* ---- a law: along every tree both say the same */

struct both {
	struct plain_matcher *plain;
	struct ignore_set *set;
	struct ignore_scratch *scratch;
	char text[256]; /* the list, for messages */
	size_t ncompared, nexcluded, nerrors;
};

static const char *const names[] = { "a", "b", "ab", "a\nb" };

#define NNAMES 4

static void expect_same(const struct both *b, struct str path, enum tng_code plain_code,
		enum tng_code fast_code, const struct verdict *plain, const struct verdict *fast) {
	cr_assert(eq(int, fast_code, plain_code), "%.*s by %s", STR_FMT(path), b->text);
	if (plain_code == TNG_OK) {
		cr_assert(eq(int, fast->excluded, plain->excluded), "%.*s by %s", STR_FMT(path),
				b->text);
		cr_assert(eq(u32, fast->pattern, plain->pattern), "%.*s by %s", STR_FMT(path),
				b->text);
	}
}

/* All paths below `path`, which is a buffer with room behind it. */
static void walk_both(struct both *b, char *path, size_t len, struct ignore_dir dir,
		const bool *results, unsigned depth) {
	for (size_t i = 0; i < NNAMES; i++) {
		size_t name_len = strlen(names[i]);
		size_t at = len > 0 ? len + 1 : 0;
		bool own[NPATTERNS_MAX] = { false };
		struct verdict plain = { 0 }, fast = { 0 };
		struct ignore_dir below = { 0 };
		struct tng_error e1 = { 0 }, e2 = { 0 };
		if (len > 0) {
			path[len] = '/';
		}
		memcpy(path + at, names[i], name_len);
		struct str whole = str_make(path, at + name_len);
		enum tng_code pc = plain_decide_entry(b->plain, whole, results, own, &plain, &e1);
		enum tng_code fc =
				ignore_decide(b->scratch, dir, whole, name_len, &fast, &below, &e2);
		expect_same(b, whole, pc, fc, &plain, &fast);
		cr_assert(eq(u32, e1.line, e2.line), "%s", b->text);
		b->ncompared++;
		b->nexcluded += fast.excluded;
		b->nerrors += pc != TNG_OK;
		if (pc == TNG_OK && depth > 1) {
			walk_both(b, path, whole.len, below, own, depth - 1);
		}
	}
}

static size_t random_pattern(struct rng *rng, char *out) {
	static const char *const parts[] = { "a", "b", "ab", "*", "**", "?", "a*", "*b", "a?",
		"[ab]", "a**", "**b", "\\a", "[^a]", "a|b", "b{1}" };
	size_t n = 0;

	if (rng_percent(rng, 35)) {
		out[n++] = '!';
	}
	for (size_t i = 0, nparts = 1 + rng_below(rng, 3); i < nparts; i++) {
		const char *part = parts[rng_below(rng, rng_percent(rng, 85) ? 12 : 16)];
		n += (size_t)snprintf(out + n, 64, "%s%s", i > 0 ? "/" : "", part);
	}
	return n;
}

static bool both_random(struct both *b, struct rng *rng) {
	struct str list[NPATTERNS_MAX];
	char texts[NPATTERNS_MAX][32];
	size_t n = 1 + rng_below(rng, NPATTERNS_MAX - 1), len = 0;

	for (size_t i = 0; i < n; i++) {
		list[i] = str_make(texts[i], random_pattern(rng, texts[i]));
		len += (size_t)snprintf(
				b->text + len, sizeof(b->text) - len, "%.*s ", STR_FMT(list[i]));
	}
	enum tng_code plain = plain_matcher_create(list, n, &b->plain, NULL);
	enum tng_code fast = ignore_from_patterns(list, n, &b->set, NULL);
	cr_assert(eq(int, plain, fast), "%s", b->text);
	if (fast != TNG_OK) {
		return false;
	}
	b->scratch = ignore_scratch_create(b->set);
	cr_assert(ne(ptr, b->scratch, NULL));
	return true;
}

static void both_fini(struct both *b) {
	plain_matcher_destroy(b->plain);
	ignore_scratch_destroy(b->scratch);
	ignore_destroy(b->set);
}

Test(ignore_match, verdicts_down_a_tree_are_the_plain_matchers) {
	size_t ncompared = 0, nexcluded = 0;

	for (uint64_t i = 0; i < 3000; i++) {
		struct rng rng = rng_of(19, i);
		struct both b = { 0 };
		bool none[NPATTERNS_MAX] = { false };
		char path[64];
		if (both_random(&b, &rng)) {
			walk_both(&b, path, 0, ignore_root(b.scratch), none, 3);
			both_fini(&b);
		}
		ncompared += b.ncompared;
		nexcluded += b.nexcluded;
	}
	cr_expect(gt(sz, ncompared, 200000));
	cr_expect(gt(sz, nexcluded, 50000));
	cr_expect(gt(sz, ncompared - nexcluded, 50000));
}

/* ---- paths out of the blue */

static size_t random_path(struct rng *rng, char *out, size_t nparts, size_t nnames) {
	size_t n = 0;

	for (size_t i = 0; i < nparts; i++) {
		n += (size_t)snprintf(
				out + n, 32, "%sk%zu", i > 0 ? "/" : "", rng_below(rng, nnames));
	}
	return n;
}

Test(ignore_match, paths_out_of_the_blue_are_decided_as_in_a_walk_in_any_order) {
	for (uint64_t i = 0; i < 1500; i++) {
		struct rng rng = rng_of(23, i);
		struct both b = { 0 };
		if (!both_random(&b, &rng)) {
			continue;
		}
		for (int k = 0; k < 30; k++) {
			char path[64];
			size_t n = 0;
			for (size_t part = 0, nparts = 1 + rng_below(&rng, 4); part < nparts;
					part++) {
				n += (size_t)snprintf(path + n, sizeof(path) - n, "%s%s",
						part > 0 ? "/" : "",
						names[rng_below(&rng, NNAMES)]);
			}
			struct verdict plain = { 0 }, fast = { 0 };
			struct str s = str_make(path, n);
			bool whole = rng_percent(&rng, 50);
			enum tng_code pc = whole ? plain_decide_whole_path(b.plain, s, &plain, NULL)
						 : plain_decide_path(b.plain, s, &plain, NULL);
			enum tng_code fc = whole
					? ignore_decide_whole_path(b.scratch, s, &fast, NULL)
					: ignore_decide_path(b.scratch, s, &fast, NULL);
			expect_same(&b, s, pc, fc, &plain, &fast);
		}
		both_fini(&b);
	}
}

/* ---- past the limit of the tables (65,536 sets) the matcher starts afresh */

#define NKEYS 20

/* Each name on the way adds a state of its own, so that paths differ by the subset they go through. */
static void make_subset_lists(struct both *b) {
	struct str list[NKEYS];
	char texts[NKEYS][32];

	for (size_t i = 0; i < NKEYS; i++) {
		int n = snprintf(texts[i], sizeof(texts[i]), "%s**/k%zu/**/k%zu",
				i % 3 == 1 ? "!" : "", i, (i + 7) % NKEYS);
		list[i] = str_make(texts[i], (size_t)n);
	}
	cr_assert(eq(int, plain_matcher_create(list, NKEYS, &b->plain, NULL), TNG_OK));
	cr_assert(eq(int, ignore_from_patterns(list, NKEYS, &b->set, NULL), TNG_OK));
	b->scratch = ignore_scratch_create(b->set);
}

/* Subsets of names that some directory on the way has seen. */
static size_t note_subsets(bool *seen, struct str path) {
	struct str rest = path, name;
	size_t subset = 0, nnew = 0;

	while (str_cut(rest, '/', &name, &rest)) {
		subset |= (size_t)1 << strtoul(name.ptr + 1, NULL, 10);
		nnew += !seen[subset];
		seen[subset] = true;
	}
	return nnew;
}

static void stream(bool whole) {
	bool *seen = calloc((size_t)1 << NKEYS, sizeof(*seen));
	struct both b = { .text = "the subset list" };
	size_t nsubsets = 0, nexcluded = 0;

	make_subset_lists(&b);
	for (uint64_t i = 0; i < 16000; i++) {
		struct rng rng = rng_of(29, i);
		struct verdict plain = { 0 }, fast = { 0 };
		char path[128];
		struct str s = str_make(path, random_path(&rng, path, 14, NKEYS));
		enum tng_code code = whole ? ignore_decide_whole_path(b.scratch, s, &fast, NULL)
					   : ignore_decide_path(b.scratch, s, &fast, NULL);
		nsubsets += note_subsets(seen, s);
		nexcluded += fast.excluded;
		if (i % 16 == 0) { /* the judge is slow */
			enum tng_code want = whole
					? plain_decide_whole_path(b.plain, s, &plain, NULL)
					: plain_decide_path(b.plain, s, &plain, NULL);
			expect_same(&b, s, want, code, &plain, &fast);
		}
	}
	cr_expect(gt(sz, nsubsets, 70000)); /* so the tables were full once, at least */
	cr_expect(gt(sz, nexcluded, 1000));
	free(seen);
	both_fini(&b);
}

Test(ignore_match, a_stream_of_unrelated_paths_is_decided_right_past_the_limit_of_the_tables) {
	stream(false);
}

Test(ignore_match, and_so_it_is_when_whole_paths_are_asked_for) {
	stream(true);
}

/* ---- single questions */

Test(ignore_match, a_pattern_alone_is_asked_without_parents_or_order) {
	struct ignore_set *set = NULL;
	bool matches = false;

	cr_assert(eq(int, ignore_parse(STR("a\n!a/b\n**/c"), &set, NULL), TNG_OK));
	struct ignore_scratch *s = ignore_scratch_create(set);
	cr_expect(eq(int, ignore_pattern_matches(s, 0, STR("a"), &matches, NULL), TNG_OK));
	cr_expect(matches);
	cr_expect(eq(int, ignore_pattern_matches(s, 0, STR("a/b"), &matches, NULL), TNG_OK));
	cr_expect(not(matches));
	cr_expect(eq(int, ignore_pattern_matches(s, 1, STR("a/b"), &matches, NULL), TNG_OK));
	cr_expect(matches);
	cr_expect(eq(int, ignore_pattern_matches(s, 2, STR("x/c"), &matches, NULL), TNG_OK));
	cr_expect(matches);
	ignore_scratch_destroy(s);
	ignore_destroy(set);
}

Test(ignore_match, long_paths_and_deep_ones_are_decided) {
	struct ignore_set *set = NULL;
	struct verdict verdict;
	size_t depth = 20000;
	char *path = malloc(2 * depth + 2);

	for (size_t i = 0; i < depth; i++) {
		path[2 * i] = 'd';
		path[2 * i + 1] = '/';
	}
	path[2 * depth] = 'x';
	cr_assert(eq(int, ignore_parse(STR("**/x\n!d/**/y"), &set, NULL), TNG_OK));
	struct ignore_scratch *s = ignore_scratch_create(set);
	cr_expect(eq(int, ignore_decide_path(s, str_make(path, 2 * depth + 1), &verdict, NULL),
			TNG_OK));
	cr_expect(verdict.excluded);
	path[2 * depth] = 'z';
	cr_expect(eq(int, ignore_decide_path(s, str_make(path, 2 * depth + 1), &verdict, NULL),
			TNG_OK));
	cr_expect(not(verdict.excluded));
	ignore_scratch_destroy(s);
	ignore_destroy(set);
	free(path);
}
