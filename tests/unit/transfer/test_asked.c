/*
 * A law, on random trees, ignore files and includes: what is asked for of a whole plan is what a plan that decides
 * every row says.
 */
#include "oracle/world.h"
#include "support/expect.h"
#include "transfer/transfer.h"
#include "util/buf.h"

#define NROUNDS 4000
#define NINCLUDES 3

#define SAY(w)                                                                                     \
	"round %llu, engine %d, includes %.*s, text:\n%.*s", (unsigned long long)(w)->round,       \
			(int)(w)->engine, STR_FMT(includes_of(w, request)), STR_FMT((w)->text)

static struct str includes_of(const struct world *w, const struct transfer_request *request) {
	struct buf b = { 0 };

	for (size_t i = 0; i < request->nincludes; i++) {
		buf_printf(&b, "[%.*s]", STR_FMT(request->includes[i]));
	}
	struct str kept = arena_copy(w->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

/* A path of the tree, a part of one with a wildcard, or what is no path at all. */
static struct str random_include(const struct world *w, struct rng *r) {
	static const char *const odd[] = { "*", "a*", "a/*", "?", "*/b", "**/a", "a/**", "nothing",
		"[ab]/b", "!a", "a/b/*", "b**", "a/*/a", "a|b*" };
	struct buf b = { 0 };

	if (rng_percent(r, 40)) {
		return str_from(odd[rng_below(r, sizeof(odd) / sizeof(odd[0]))]);
	}
	tree_path(w->tree, (uint32_t)rng_below(r, tree_nrows(w->tree)), &b);
	struct str path = arena_copy(w->arena, b.len > 0 ? buf_str(&b) : STR("a/b"));
	buf_fini(&b);
	return path;
}

static void expect_same_weight(const struct world *w, const struct transfer_request *request,
		struct weight x, struct weight y) {
	cr_assert(eq(u64, x.nentries, y.nentries), SAY(w));
	cr_assert(eq(u64, x.nfiles, y.nfiles), SAY(w));
	cr_assert(eq(u64, x.ndirs, y.ndirs), SAY(w));
	cr_assert(eq(u64, x.nsymlinks, y.nsymlinks), SAY(w));
	cr_assert(eq(u64, x.nothers, y.nothers), SAY(w));
	cr_assert(eq(u64, x.bytes, y.bytes), SAY(w));
	cr_assert(eq(u64, x.allocated, y.allocated), SAY(w));
}

static void expect_same_plan(const struct world *w, const struct transfer_request *request,
		const struct transfer_plan *x, const struct transfer_plan *y) {
	for (uint32_t row = 0; row < tree_nrows(w->tree); row++) {
		cr_assert(eq(int, x->fate[row], y->fate[row]), SAY(w));
		cr_assert(eq(u32, x->decider[row], y->decider[row]), SAY(w));
		cr_assert(eq(u64, transfer_bytes(x, w->tree, row, true),
					  transfer_bytes(y, w->tree, row, true)),
				SAY(w));
		cr_assert(eq(u64, transfer_bytes(x, w->tree, row, false),
					  transfer_bytes(y, w->tree, row, false)),
				SAY(w));
	}
	for (uint32_t d = 0; d < tree_ndirs(w->tree); d++) {
		cr_assert(eq(u64, x->dirs[d].disk_bytes, y->dirs[d].disk_bytes), SAY(w));
		cr_assert(eq(u64, x->dirs[d].eligible_bytes, y->dirs[d].eligible_bytes), SAY(w));
		cr_assert(eq(u64, x->dirs[d].disk_files, y->dirs[d].disk_files), SAY(w));
		cr_assert(eq(u64, x->dirs[d].eligible_files, y->dirs[d].eligible_files), SAY(w));
	}
	expect_same_weight(w, request, x->disk, y->disk);
	expect_same_weight(w, request, x->eligible, y->eligible);
	cr_assert(eq(u64, x->nwalked, y->nwalked), SAY(w));
	cr_assert(eq(u32, x->nincludes, y->nincludes), SAY(w));
}

/* True: something was asked for, and something else was not. */
static bool check_world(const struct world *w, struct rng *r, const struct ignore_set *set) {
	struct str includes[NINCLUDES];
	struct transfer_request all = { .engine = w->engine, .dockerfile = STR("a/b") };
	struct transfer_request some = all, *request = &some;
	struct transfer_plan whole, slow, quick;

	if (transfer_plan(w->arena, w->tree, set, &all, &whole, NULL) != TNG_OK) {
		return false;
	}
	some.includes = includes;
	some.nincludes = 1 + rng_below(r, NINCLUDES);
	for (size_t i = 0; i < some.nincludes; i++) {
		includes[i] = random_include(w, r);
	}
	enum tng_code code = transfer_plan(w->arena, w->tree, set, &some, &slow, NULL);
	some.whole = &whole;
	cr_assert(eq(int, transfer_plan(w->arena, w->tree, set, &some, &quick, NULL), code),
			SAY(w));
	if (code != TNG_OK) {
		return false;
	}
	expect_same_plan(w, request, &slow, &quick);
	return slow.eligible.nentries > 0 && slow.eligible.nentries < whole.eligible.nentries;
}

Test(asked, what_is_asked_for_of_a_whole_plan_is_that_of_a_plan_of_its_own, .timeout = 120) {
	size_t nsplit = 0;

	for (uint64_t round = 0; round < NROUNDS; round++) {
		struct rng r = rng_of(31, round);
		struct world w = world_make(round, &r);
		struct transfer_request request = { .engine = w.engine, .dockerfile = STR("a/b") };
		struct ignore_set *set = NULL;
		if (transfer_patterns(w.text, &request, &set, NULL) == TNG_OK) {
			nsplit += check_world(&w, &r, set);
		}
		ignore_destroy(set);
		world_fini(&w);
	}
	cr_expect(gt(sz, nsplit, NROUNDS / 4), "%zu", nsplit);
}
