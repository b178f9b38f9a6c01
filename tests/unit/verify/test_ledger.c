#include "support/expect.h"
#include "support/small_tree.h"
#include "util/buf.h"
#include "verify/verify.h"

#include <criterion/parameterized.h>

static const char *const status_names[] = { "live", "dead", "duplicate", "covered", "undone",
	"unreached", "redundant" };

struct weighed {
	struct arena *arena;
	struct tree *tree;
	struct ignore_set *set;
	struct transfer_plan plan;
	struct ledger ledger;
};

static struct weighed weigh_text(const char *items, const char *text, enum tng_engine engine) {
	struct weighed w = { .arena = arena_create(), .tree = small_tree(items) };
	struct transfer_request request = { .engine = engine };

	cr_assert(ne(ptr, w.tree, NULL));
	cr_assert(eq(int, transfer_patterns(str_from(text), &request, &w.set, NULL), TNG_OK));
	cr_assert(eq(int, transfer_plan(w.arena, w.tree, w.set, &request, &w.plan, NULL), TNG_OK));
	struct ledger_input input = { w.tree, engine, STR(""), str_from(text), w.set, &w.plan };
	cr_assert(eq(int, verify_ledger(w.arena, &input, &w.ledger, NULL), TNG_OK));
	return w;
}

static void weighed_fini(struct weighed *w) {
	ignore_destroy(w->set);
	tree_destroy(w->tree);
	arena_destroy(w->arena);
}

/* "1 live; 2 covered 1; ..." */
static struct str statuses(const struct weighed *w) {
	struct buf b = { 0 };

	for (size_t i = 0; i < w->ledger.nlines; i++) {
		const struct ledger_line *l = &w->ledger.lines[i];
		buf_printf(&b, "%s%u %s", i > 0 ? "; " : "", l->line, status_names[l->status]);
		if (l->other > 0) {
			buf_printf(&b, " %u", l->other);
		}
	}
	struct str text = arena_copy(w->arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

struct status_case {
	char why[80], items[80], text[60], statuses[120];
	enum tng_engine engine;
};

ParameterizedTestParameters(ledger, statuses) {
	static struct status_case cases[] = {
		{ "each line does something", "a b c", "a\nb", "1 live; 2 live", 0 },
		{ "nothing is there", "a", "a\nx", "1 live; 2 dead", 0 },
		{ "of two that are the same the later can go", "a b", "a\n# c\n\na/",
				"1 live; 4 duplicate 1", 0 },
		{ "the narrower can go", "n/a d/n/b", "n\n**/n", "1 covered 2; 2 live", 0 },
		{ "of two that take the same, the later can go", "n/a", "n\n**/n",
				"1 live; 2 covered 1", 0 },
		{ "below what is excluded", "d/e/f", "d\nd/e", "1 live; 2 covered 1", 0 },
		{ "all of it is brought back", "a b", "a\nb\n!a", "1 undone 3; 2 live; 3 live", 0 },
		{ "of two exceptions that do the same the narrower can go", "src/Sub/b.c o",
				"*\n!src\n!src/Sub/b.c", "1 live; 2 live; 3 covered 2", 0 },
		{ "... wherever it stands", "src/Sub/b.c o", "*\n!src/Sub/b.c\n!src",
				"1 live; 2 covered 3; 3 live", 0 },
		{ "... where what they bring back is brought back whole", "src/Sub/b.c o",
				"**/b.c\n!src\n!src/Sub/b.c", "1 undone 2; 2 live; 3 covered 2",
				TNG_ENGINE_PODMAN },
		{ "... and with the narrower one first", "src/Sub/b.c o",
				"**/b.c\n!src/Sub/b.c\n!src", "1 undone 3; 2 covered 3; 3 live",
				TNG_ENGINE_PODMAN },
		{ "an exception that brings nothing back", "a b", "a\n!b", "1 live; 2 redundant",
				0 },
		{ "an exception behind a wider one", "d/a d/b", "d\n!d/a\n!d",
				"1 undone 3; 2 covered 3; 3 live", 0 },
		{ "classic does not get there", "d/x.c", "d\n!**/*.c", "1 live; 2 unreached 1",
				TNG_ENGINE_CLASSIC },
		{ "BuildKit does", "d/x.c", "d\n!**/*.c", "1 undone 2; 2 live", 0 },
		{ "two halves make one whole", "a1 a2", "a1\na2\na*",
				"1 covered 3; 2 covered 3; 3 live", 0 },
		{ "a comment behind a pattern makes it dead", "a", "a # all", "1 dead", 0 },
	};
	return cr_make_param_array(struct status_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct status_case *c, ledger, statuses) {
	struct weighed w = weigh_text(c->items, c->text, c->engine);

	struct str found = statuses(&w);

	cr_expect(str_eq(found, str_from(c->statuses)), "%s: found %.*s", c->why, STR_FMT(found));
	weighed_fini(&w);
}

Test(ledger, what_a_line_decides_and_what_comes_back_without_it_are_two_things) {
	struct weighed w = weigh_text(
			"d/a.log=10 d/b=100 x.log=1000", "**/*.log\nd", TNG_ENGINE_BUILDKIT);
	const struct ledger_line *logs = &w.ledger.lines[0], *d = &w.ledger.lines[1];

	/* d/a.log is not looked at, so d decides it; without d the other line would */
	cr_expect(eq(u64, logs->decides.bytes, 1000));
	cr_expect(eq(u64, logs->comes_back.bytes, 1000));
	cr_expect(eq(u64, logs->nmatches, 2));
	cr_expect(eq(u64, d->decides.bytes, 110));
	cr_expect(eq(u64, d->comes_back.bytes, 100));
	cr_expect(eq(u64, d->comes_back.nentries, 2));
	cr_expect(eq(u64, d->comes_back.nfiles, 1));
	weighed_fini(&w);
}

Test(ledger, an_exception_weighs_what_goes_out_without_it) {
	struct weighed w = weigh_text(
			"d/a=10 d/b=100 d/c=1000", "d\n!d/a\n!d/b\n", TNG_ENGINE_BUILDKIT);

	cr_expect(eq(u64, w.ledger.lines[1].decides.bytes, 10));
	cr_expect(eq(u64, w.ledger.lines[1].goes_out.bytes, 10));
	cr_expect(eq(u64, w.ledger.lines[1].goes_out.nentries, 1));
	cr_expect(eq(u64, w.ledger.lines[1].comes_back.nentries, 0));
	weighed_fini(&w);
}

Test(ledger, the_last_exception_takes_the_parents_along) {
	struct weighed w = weigh_text("d/e/a=10 d/b", "d\n!d/e/a\n", TNG_ENGINE_BUILDKIT);

	cr_expect(eq(u64, w.ledger.lines[1].goes_out.nentries, 3));
	weighed_fini(&w);
}

Test(ledger, walking_is_saved_by_exclusions_and_cost_by_exceptions) {
	const char *items = "n/a/b n/a/c n/d s/x.go s/y";
	struct weighed w = weigh_text(items, "n\n", TNG_ENGINE_BUILDKIT);

	cr_expect(eq(i64, w.ledger.lines[0].walk, -4));
	cr_expect(eq(u64, w.ledger.nlooked, 4));
	weighed_fini(&w);
	/* one that matches nothing costs the same */
	w = weigh_text(items, "n\n!**/*.nothing\n", TNG_ENGINE_BUILDKIT);
	cr_expect(eq(i64, w.ledger.lines[0].walk, 0));
	cr_expect(eq(i64, w.ledger.lines[1].walk, 4));
	cr_expect(eq(int, w.ledger.lines[1].status, LEDGER_DEAD));
	weighed_fini(&w);
	/* classic enters for a text that begins with the directory */
	w = weigh_text(items, "n\n!n/a/nothing\n", TNG_ENGINE_CLASSIC);
	cr_expect(eq(i64, w.ledger.lines[1].walk, 4));
	weighed_fini(&w);
}

Test(ledger, the_bytes_of_a_file_come_back_with_its_first_name) {
	struct weighed w = weigh_text("a@7=10 b@7=10 c@7=10 d", "a\nb\nc\n", TNG_ENGINE_BUILDKIT);

	cr_expect(eq(u64, w.ledger.lines[0].comes_back.bytes, 10));
	weighed_fini(&w);
	w = weigh_text("a@7=10 b@7=10 c@7=10 d", "a\nb\n", TNG_ENGINE_BUILDKIT);
	cr_expect(eq(u64, w.ledger.lines[0].comes_back.bytes, 0));
	cr_expect(eq(u64, w.ledger.lines[0].comes_back.nfiles, 1));
	weighed_fini(&w);
}

Test(ledger, a_line_that_hides_a_bad_one_is_needed) {
	/* [z-a] is skipped where all is excluded already */
	struct weighed w = weigh_text("a", "*\n[z-a]\n", TNG_ENGINE_BUILDKIT);

	cr_expect(eq(int, w.ledger.lines[0].refused.code, TNG_ESYNTAX));
	cr_expect(eq(u32, w.ledger.lines[0].refused.line, 2));
	cr_expect(eq(int, w.ledger.lines[0].status, LEDGER_LIVE));
	cr_expect(eq(int, w.ledger.lines[1].status, LEDGER_DEAD));
	weighed_fini(&w);
}

Test(ledger, what_classic_adds_is_listed_and_never_idle) {
	struct weighed w = { .arena = arena_create(), .tree = small_tree("Dockerfile a") };
	struct transfer_request request = {
		.engine = TNG_ENGINE_CLASSIC,
		.dockerfile = STR("Dockerfile"),
	};
	struct str text = STR("*\n");

	cr_assert(eq(int, transfer_patterns(text, &request, &w.set, NULL), TNG_OK));
	cr_assert(eq(int, transfer_plan(w.arena, w.tree, w.set, &request, &w.plan, NULL), TNG_OK));
	struct ledger_input input = { w.tree, TNG_ENGINE_CLASSIC, STR("Dockerfile"), text, w.set,
		&w.plan };
	cr_assert(eq(int, verify_ledger(w.arena, &input, &w.ledger, NULL), TNG_OK));
	EXPECT_STR(statuses(&w), "1 live; 0 live; 0 live");
	cr_expect(eq(u64, w.ledger.lines[0].comes_back.nentries, 1));
	cr_expect(eq(u64, w.ledger.lines[2].decides.nentries, 1));
	weighed_fini(&w);
}

/* Allocation failures of the caller's arena reach the caller. */
Test(ledger, a_failed_allocation_is_out_of_memory) {
	struct weighed w = weigh_text("a b", "a\n", TNG_ENGINE_BUILDKIT);
	struct ledger_input input = { w.tree, TNG_ENGINE_BUILDKIT, STR(""), STR("a\n"), w.set,
		&w.plan };
	struct tng_error err = { 0 };

	arena_fail_after(w.arena, 0);
	cr_expect(eq(int, verify_ledger(w.arena, &input, &w.ledger, &err), TNG_ENOMEM));
	cr_expect(eq(int, err.code, TNG_ENOMEM));
	weighed_fini(&w);
}
