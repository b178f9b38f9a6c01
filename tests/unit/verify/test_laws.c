/*
 * Laws, on random trees, texts and Dockerfiles: what the room works out in parts is what whole plans say.
 */
#include "oracle/generate.h"
#include "oracle/world.h"
#include "support/expect.h"
#include "util/buf.h"
#include "util/utf8.h"
#include "verify/verify.h"

#define NROUNDS 1500

/* ---- what whole plans say */

struct whole {
	struct ignore_set *set;
	struct transfer_plan plan;
	enum tng_code code;
};

static struct whole plan_whole(const struct world *w, struct str text) {
	struct transfer_request request = { .engine = w->engine, .dockerfile = STR("a/b") };
	struct whole whole = { 0 };

	whole.code = transfer_patterns(text, &request, &whole.set, NULL);
	if (whole.code == TNG_OK) {
		whole.code = transfer_plan(
				w->arena, w->tree, whole.set, &request, &whole.plan, NULL);
	}
	return whole;
}

static struct str comment_out(const struct world *w, struct str text, uint32_t line) {
	struct str copy = arena_copy(w->arena, text), rest = copy, one = rest;

	for (uint32_t i = 0; i < line; i++) {
		(void)str_cut(rest, '\n', &one, &rest);
	}
	memset((char *)one.ptr, '#', one.len);
	return copy;
}

static struct ledger make_ledger(const struct world *w, const struct whole *whole) {
	struct ledger_input input = { w->tree, w->engine, STR("a/b"), w->text, whole->set,
		&whole->plan };
	struct ledger ledger;
	struct tng_error err = { 0 };

	cr_assert(eq(int, verify_ledger(w->arena, &input, &ledger, &err), TNG_OK), "%s", err.text);
	return ledger;
}

#define SAY(w)                                                                                     \
	"round %llu, engine %d, text:\n%.*s", (unsigned long long)(w)->round, (int)(w)->engine,    \
			STR_FMT((w)->text)

static void check_line(
		const struct world *w, const struct whole *base, const struct ledger_line *line) {
	struct whole less = plan_whole(w, comment_out(w, w->text, line->line));
	uint64_t in = 0, out = 0;
	int64_t walk = 0;

	cr_assert(eq(int, less.code != TNG_OK, line->refused.code != TNG_OK), SAY(w));
	for (uint32_t row = 1; less.code == TNG_OK && row < tree_nrows(w->tree); row++) {
		uint8_t f = base->plan.fate[row], g = less.plan.fate[row];
		in += !fate_is_sent(f) && fate_is_sent(g);
		out += fate_is_sent(f) && !fate_is_sent(g);
		walk += (f != FATE_PRUNED) - (g != FATE_PRUNED);
	}
	if (less.code == TNG_OK) {
		cr_assert(eq(u64, line->comes_back.nentries, in), SAY(w));
		cr_assert(eq(u64, line->goes_out.nentries, out), SAY(w));
		cr_assert(eq(i64, line->walk, walk), SAY(w));
		cr_assert(eq(u64, line->comes_back.bytes + base->plan.eligible.bytes,
					  line->goes_out.bytes + less.plan.eligible.bytes),
				SAY(w));
		cr_assert(eq(u64, line->comes_back.nfiles + base->plan.eligible.nfiles,
					  line->goes_out.nfiles + less.plan.eligible.nfiles),
				SAY(w));
	}
	ignore_destroy(less.set);
}

Test(laws, a_line_weighs_what_two_whole_plans_differ_by, .timeout = 120) {
	for (uint64_t round = 0; round < NROUNDS; round++) {
		struct rng r = rng_of(5, round);
		struct world w = world_make(round, &r);
		struct whole base = plan_whole(&w, w.text);
		if (base.code == TNG_OK) {
			struct ledger ledger = make_ledger(&w, &base);
			for (size_t i = 0; i < ledger.nlines; i++) {
				if (ledger.lines[i].line > 0) {
					check_line(&w, &base, &ledger.lines[i]);
				}
			}
		}
		ignore_destroy(base.set);
		world_fini(&w);
	}
}

Test(laws, all_lines_that_can_go_can_go_together, .timeout = 120) {
	size_t nidle = 0;

	for (uint64_t round = 0; round < NROUNDS; round++) {
		struct rng r = rng_of(6, round);
		struct world w = world_make(round, &r);
		struct whole base = plan_whole(&w, w.text);
		struct str text = w.text;
		struct ledger ledger = { 0 };
		if (base.code == TNG_OK) {
			ledger = make_ledger(&w, &base);
		}
		for (size_t i = 0; i < ledger.nlines; i++) {
			if (ledger.lines[i].status != LEDGER_LIVE) {
				text = comment_out(&w, text, ledger.lines[i].line);
				nidle++;
			}
		}
		struct whole less = plan_whole(&w, text);
		cr_assert(eq(int, less.code, base.code), SAY(&w));
		for (uint32_t row = 1; base.code == TNG_OK && row < tree_nrows(w.tree); row++) {
			cr_assert(eq(int, fate_is_sent(base.plan.fate[row]),
						  fate_is_sent(less.plan.fate[row])),
					SAY(&w));
		}
		ignore_destroy(base.set);
		ignore_destroy(less.set);
		world_fini(&w);
	}
	cr_expect(gt(sz, nidle, NROUNDS / 2), "the texts have too few idle lines to prove much");
}

/* Entries that a pattern, alone, takes. */
static uint64_t count_matches(const struct world *w, struct str pattern) {
	struct ignore_set *set = NULL;
	uint64_t n = 0;
	struct buf path = { 0 };

	cr_assert(eq(int,
			ignore_from_patterns_as(
					ignore_dialect_of(w->engine), &pattern, 1, &set, NULL),
			TNG_OK));
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	for (uint32_t row = 1; row < tree_nrows(w->tree); row++) {
		struct verdict verdict = { 0 };
		buf_clear(&path);
		tree_path(w->tree, row, &path);
		n += ignore_decide_whole_path(scratch, buf_str(&path), &verdict, NULL) == TNG_OK &&
				verdict.excluded;
	}
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	buf_fini(&path);
	return n;
}

Test(laws, matches_are_those_of_the_pattern_alone, .timeout = 120) {
	for (uint64_t round = 0; round < NROUNDS / 2; round++) {
		struct rng r = rng_of(7, round);
		struct world w = world_make(round, &r);
		struct whole base = plan_whole(&w, w.text);
		struct ledger ledger = { 0 };
		if (base.code == TNG_OK) {
			ledger = make_ledger(&w, &base);
		}
		for (size_t i = 0; i < ledger.nlines; i++) {
			const struct ignore_pattern *p = ignore_pattern(base.set, (uint32_t)i);
			bool is_plain = p->text.len > 0 && p->text.ptr[0] != '!' &&
					p->bad_regexp == NULL &&
					str_eq(utf8_trim(p->text), p->text);
			if (is_plain) {
				cr_assert(eq(u64, ledger.lines[i].nmatches,
							  count_matches(&w, p->text)),
						SAY(&w));
			}
		}
		ignore_destroy(base.set);
		world_fini(&w);
	}
}

/* ---- safe, or not */

/* A Dockerfile whose sources are, or nearly are, what is there. */
static struct str make_dockerfile(const struct world *w, struct rng *r) {
	static const char *const odd[] = { ".", "*", "a*", "a/*", "?", "*/b", "nothing", "a/../b" };
	struct buf b = { 0 };

	buf_append(&b, STR("FROM x\n"));
	for (size_t i = 1 + rng_below(r, 3); i > 0; i--) {
		struct buf path = { 0 };
		uint32_t row = (uint32_t)rng_below(r, tree_nrows(w->tree));
		tree_path(w->tree, row, &path);
		bool is_plain = path.len > 0;
		for (size_t k = 0; k < path.len; k++) {
			is_plain &= strchr("abc./-_", path.ptr[k]) != NULL;
		}
		if (is_plain && rng_percent(r, 75)) {
			buf_printf(&b, "COPY [\"%.*s\", \"/\"]\n", STR_FMT(buf_str(&path)));
		} else {
			buf_printf(&b, "COPY [\"%s\", \"/\"]\n", odd[rng_below(r, 8)]);
		}
		buf_fini(&path);
	}
	struct str text = arena_copy(w->arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

static bool is_row_or_below_sent(
		const struct world *w, const struct transfer_plan *plan, uint32_t row) {
	for (uint32_t r = row; r < tree_end(w->tree, row); r++) {
		if (plan->fate[r] == FATE_SENT) {
			return true;
		}
	}
	return false;
}

/* What one source gets of a text: 1 for what is there, 2 for what is there with its content. */
static bool plan_source(const struct world *w, const struct source *source, enum tng_engine engine,
		const struct str *text, uint8_t *rows) {
	struct transfer_request request = { .engine = engine, .dockerfile = STR("a/b") };
	struct ignore_set *set = NULL;
	struct transfer_plan plan;
	struct transfer_empty *empty;
	struct str *includes;
	size_t n;
	enum tng_code code = text != NULL ? transfer_patterns(*text, &request, &set, NULL) : TNG_OK;

	cr_assert(eq(int,
			follow_links(w->arena, w->tree, &source->path, 1, &includes,
					&request.nincludes, NULL),
			TNG_OK));
	request.includes = includes;
	if (code == TNG_OK) {
		code = transfer_plan(w->arena, w->tree, set, &request, &plan, NULL);
	}
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(w->tree); row++) {
		rows[row] = is_row_or_below_sent(w, &plan, row) ? 2 : 0;
	}
	if (code == TNG_OK && engine == TNG_ENGINE_BUILDKIT) {
		code = transfer_find_empty(w->arena, -1, w->tree, &plan, set, &empty, &n, NULL);
		for (size_t i = 0; code == TNG_OK && i < n; i++) {
			rows[empty[i].row] = 1;
		}
	}
	ignore_destroy(set);
	return code == TNG_OK;
}

struct judged_world {
	const struct world *w;
	struct verifier *verifier;
	const struct build_sources *sources;
	struct str before;
	uint8_t *may_go;
};

/* Rows that some source loses under one engine, by plans of their own. */
static bool lost_rows(const struct judged_world *j, enum tng_engine engine, uint8_t *lost) {
	uint32_t nrows = tree_nrows(j->w->tree);
	uint8_t *asked = arena_new(j->w->arena, uint8_t, nrows);
	uint8_t *before = arena_new(j->w->arena, uint8_t, nrows);
	uint8_t *after = arena_new(j->w->arena, uint8_t, nrows);

	for (size_t i = 0; i < j->sources->nsources; i++) {
		const struct source *s = &j->sources->sources[i];
		struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT };
		struct transfer_plan plan;
		struct str *includes;
		cr_assert(eq(int,
				follow_links(j->w->arena, j->w->tree, &s->path, 1, &includes,
						&request.nincludes, NULL),
				TNG_OK));
		request.includes = includes;
		cr_assert(eq(int,
				transfer_plan(j->w->arena, j->w->tree, NULL, &request, &plan, NULL),
				TNG_OK));
		for (uint32_t row = 1; row < nrows; row++) {
			asked[row] = plan.fate[row] == FATE_SENT;
		}
		if (!plan_source(j->w, s, engine, &j->before, before) ||
				!plan_source(j->w, s, engine, &j->w->text, after)) {
			return false;
		}
		for (uint32_t row = 1; row < nrows; row++) {
			lost[row] |= asked[row] && !j->may_go[row] && after[row] < before[row];
		}
	}
	return true;
}

static void check_verdict(const struct judged_world *j, size_t *nsafe, size_t *nunsafe) {
	struct verification v;
	uint32_t nrows = tree_nrows(j->w->tree);
	bool any = false;

	cr_assert(eq(int, verify_text(j->verifier, j->w->arena, j->w->text, &v, NULL), TNG_OK));
	for (size_t e = 0; e < v.nengines; e++) {
		uint8_t *lost = arena_new(j->w->arena, uint8_t, nrows);
		if (v.engines[e].bad.code != TNG_OK || v.before_is_bad) {
			return; /* a plan with a filter may not meet the bad pattern */
		}
		cr_assert(lost_rows(j, v.engines[e].engine, lost), SAY(j->w));
		for (uint32_t row = 1; row < nrows; row++) {
			bool found = v.lost != NULL && (v.lost[row] >> e & 1U) != 0;
			cr_assert(eq(int, found, lost[row]), SAY(j->w));
			any |= lost[row] != 0;
		}
	}
	cr_assert(eq(int, v.is_safe, !any), SAY(j->w));
	*nsafe += v.is_safe;
	*nunsafe += !v.is_safe;
}

static void judge_world(struct world *w, struct rng *r, size_t *nsafe, size_t *nunsafe) {
	struct verify_build build = { .dockerfile = STR("a/b") };
	struct judged_world j = { .w = w };
	const struct dockerfile *df;
	struct question q;

	cr_assert(eq(int, dockerfile_parse(w->arena, make_dockerfile(w, r), &df, NULL), TNG_OK));
	cr_assert(eq(int, dockerfile_resolve(w->arena, df, NULL, &j.sources, NULL), TNG_OK));
	cr_assert(generate_question(w->arena, r, IGNORE_DOCKER, &q));
	build.sources = j.sources;
	j.before = rng_percent(r, 50) ? STR("") : world_text(w->arena, r, &q);
	j.may_go = arena_new(w->arena, uint8_t, tree_nrows(w->tree));
	for (uint32_t row = 1; row < tree_nrows(w->tree); row++) {
		j.may_go[row] = rng_percent(r, 40);
	}
	struct verify_input input = {
		.tree = w->tree,
		.builds = &build,
		.nbuilds = 1,
		.before = j.before,
		.has_before = true,
		.may_go = j.may_go,
	};
	cr_assert(eq(int, verifier_create(&input, &j.verifier, NULL), TNG_OK));
	check_verdict(&j, nsafe, nunsafe);
	verifier_destroy(j.verifier);
}

Test(laws, a_text_is_safe_iff_no_source_has_less_of_it, .timeout = 120) {
	size_t nsafe = 0, nunsafe = 0;

	for (uint64_t round = 0; round < NROUNDS; round++) {
		struct rng r = rng_of(8, round);
		struct world w = world_make(round, &r);
		judge_world(&w, &r, &nsafe, &nunsafe);
		world_fini(&w);
	}
	cr_expect(gt(sz, nsafe, NROUNDS / 10), "%zu", nsafe);
	cr_expect(gt(sz, nunsafe, NROUNDS / 10), "%zu", nunsafe);
}

/* ---- what is lacked */

static const struct build_sources *random_sources(const struct world *w, struct rng *r) {
	const struct build_sources *sources;
	const struct dockerfile *df;

	cr_assert(eq(int, dockerfile_parse(w->arena, make_dockerfile(w, r), &df, NULL), TNG_OK));
	cr_assert(eq(int, dockerfile_resolve(w->arena, df, NULL, &sources, NULL), TNG_OK));
	return sources;
}

static void expect_same_losses(const struct world *w, const struct verify_loss *a, size_t na,
		const struct verify_loss *b, size_t nb, uint32_t build) {
	size_t n = 0;

	for (size_t i = 0; i < na; i++) {
		if (a[i].build != build) {
			continue;
		}
		cr_assert(lt(sz, n, nb), SAY(w));
		const struct verify_loss *x = &a[i], *y = &b[n++];
		cr_assert(eq(u32, x->source, y->source), SAY(w));
		cr_assert(eq(u32, x->pattern, y->pattern), SAY(w));
		cr_assert(eq(u32, x->line, y->line), SAY(w));
		cr_assert(eq(u32, x->row, y->row), SAY(w));
		cr_assert(eq(u64, x->nrows, y->nrows), SAY(w));
		cr_assert(eq(u64, x->bytes, y->bytes), SAY(w));
		cr_assert(eq(int, x->is_empty, y->is_empty), SAY(w));
		cr_assert(eq(int, x->is_whole_source, y->is_whole_source), SAY(w));
	}
	cr_assert(eq(sz, n, nb), SAY(w));
}

/* Of several builds together, by a plan that is there, and of each of them alone, by a verifier. */
static size_t lacks_of_world(const struct world *w, struct rng *r, const struct whole *base) {
	struct verify_build builds[3] = { { .dockerfile = STR("a/b") } };
	const struct verify_loss *lacks;
	size_t n;

	builds[0].sources = random_sources(w, r);
	builds[1] = builds[2] = builds[0];
	builds[1].sources = random_sources(w, r);
	builds[2].sources = rng_percent(r, 30) ? NULL : random_sources(w, r);
	struct verify_lacks_input input = { w->tree, w->engine, builds, 3, base->set, &base->plan };
	cr_assert(eq(int, verify_lacks(w->arena, &input, &lacks, &n, NULL), TNG_OK));
	for (uint32_t i = 0; i < 3; i++) {
		struct verify_input alone = {
			.tree = w->tree,
			.engines = &w->engine,
			.nengines = 1,
			.builds = &builds[i],
			.nbuilds = 1,
			.before = w->text,
			.has_before = true,
		};
		struct verifier *verifier;
		struct verification v;
		cr_assert(eq(int, verifier_create(&alone, &verifier, NULL), TNG_OK));
		cr_assert(eq(int, verify_text(verifier, w->arena, w->text, &v, NULL), TNG_OK));
		expect_same_losses(w, lacks, n, v.already, v.nalready, i);
		verifier_destroy(verifier);
	}
	return n;
}

Test(laws, builds_lack_together_what_each_lacks_alone, .timeout = 120) {
	size_t nlacks = 0;

	for (uint64_t round = 0; round < NROUNDS; round++) {
		struct rng r = rng_of(9, round);
		struct world w = world_make(round, &r);
		struct whole base = plan_whole(&w, w.text);
		nlacks += base.code == TNG_OK ? lacks_of_world(&w, &r, &base) : 0;
		ignore_destroy(base.set);
		world_fini(&w);
	}
	cr_expect(gt(sz, nlacks, NROUNDS), "%zu", nlacks);
}
