#include "propose/propose.h"
#include "support/expect.h"
#include "support/small_tree.h"

#include <criterion/parameterized.h>

struct proposed {
	struct arena *arena;
	struct tree *tree;
	struct class_column classes;
	struct proposal proposal;
};

static const struct build_sources *sources_of(struct arena *a, const char *dockerfile) {
	const struct dockerfile *parsed;
	const struct build_sources *sources;

	cr_assert(eq(int, dockerfile_parse(a, str_from(dockerfile), &parsed, NULL), TNG_OK));
	cr_assert(eq(int, dockerfile_resolve(a, parsed, NULL, &sources, NULL), TNG_OK));
	return sources;
}

/* Git and references are not asked; small_tree() has no contents to look into. */
static struct proposed list_of(const char *items, const char *copies, const char *existing) {
	struct proposed p = { .arena = arena_create(), .tree = small_tree(items) };
	struct buf dockerfile = { 0 };

	buf_printf(&dockerfile, "FROM scratch\n%s", copies);
	buf_putc(&dockerfile, '\0');
	struct classify_input what = { .tree = p.tree, .root_fd = -1 };
	cr_assert(eq(int, classify_column(p.arena, &what, &p.classes, NULL), TNG_OK));
	struct propose_build build = { .sources = sources_of(p.arena, dockerfile.ptr) };
	struct propose_input input = {
		.tree = p.tree,
		.root_fd = -1,
		.classes = &p.classes,
		.builds = &build,
		.nbuilds = 1,
		.ignore_path = STR(".dockerignore"),
		.existing = str_from(existing),
		.mode = PROPOSE_ALLOW_LIST,
		.level = PROPOSE_BALANCED,
		.annotate = PROPOSE_ANNOTATE_NONE,
	};
	cr_assert(eq(int, propose_make(p.arena, &input, &p.proposal, NULL), TNG_OK));
	buf_fini(&dockerfile);
	return p;
}

static void proposed_fini(struct proposed *p) {
	tree_destroy(p->tree);
	arena_destroy(p->arena);
}

/* "*" and the exceptions, in their order. */
static struct str exceptions(const struct proposed *p) {
	struct buf b = { 0 };

	for (size_t i = 0; i < p->proposal.nlines; i++) {
		const struct proposed_line *line = &p->proposal.lines[i];
		if (line->group == GROUP_EVERYTHING || line->group == GROUP_LISTED) {
			buf_printf(&b, "%s%.*s", b.len > 0 ? " " : "", STR_FMT(line->pattern));
		}
	}
	struct str text = arena_copy(p->arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

struct list_case {
	char why[80], items[120], copies[90], want[90];
};

ParameterizedTestParameters(allow, lists) {
	static struct list_case cases[] = {
		{ "a folder that is asked for is one line", "src/a.c src/b/c.c x.c",
				"COPY src /s\n", "* !src" },
		{ "a file by its path", "src/a.c src/b.c src/c.c x.c", "COPY src/a.c /s\n",
				"* !src/a.c" },
		{ "its folder where nothing else is in it", "src/a.c x.c", "COPY src/a.c /s\n",
				"* !src" },
		{ "a folder where that is fewer lines", "src/a.c src/b.c src/c.c x.c",
				"COPY src/a.c src/b.c /s\n", "* !src" },
		{ "... and nothing heavy comes along", "src/a.c src/b.c src/c.c=900000 x.c",
				"COPY src/a.c src/b.c /s\n", "* !src/a.c !src/b.c" },
		{ "three of them are worth a line that takes it out",
				"src/a.c src/b.c src/d.c src/c.c=900000",
				"COPY src/a.c src/b.c src/d.c /s\n", "* !src" },
		{ "more of a kind may come", "conf/a.yml conf/b.txt", "COPY conf/*.yml /c/\n",
				"* !conf" },
		{ "a wildcard in the root has no folder", "a.json b.json c.c", "COPY *.json /\n",
				"* !a.json !b.json" },
		{ "places of their own deep down", "a/b/c/x a/b/d/y=900000 a/e/z",
				"COPY a/b/c /\nCOPY a/e/z /\n", "* !a/b/c !a/e" },
		{ "... where what is beside them is light", "a/b/c/x a/b/d/y a/e/z",
				"COPY a/b/c /\nCOPY a/e/z /\n", "* !a" },
		{ "nothing is asked for", "a b", "", "*" },
		{ "a name with an escape in a folder: its folder", "src/[x].c src/y.c x.c",
				"COPY src/?x].c /\n", "* !src" },
		{ "everything: what is there", "src/a.c main.go go.mod", "COPY . .\n",
				"* !go.mod !main.go !src" },
		{ "a folder that is empty is asked for, too", "e/ f/x", "COPY e /e\n", "* !e" },
	};
	return cr_make_param_array(struct list_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct list_case *c, allow, lists) {
	struct proposed p = list_of(c->items, c->copies, "");
	struct str found = exceptions(&p);

	cr_expect(str_eq(found, str_from(c->want)), "%s: found %.*s", c->why, STR_FMT(found));
	proposed_fini(&p);
}

static size_t find(struct str text, const char *line) {
	const char *at = memmem(text.ptr, text.len, line, strlen(line));

	return at != NULL ? (size_t)(at - text.ptr) : SIZE_MAX;
}

Test(allow, what_is_in_a_folder_and_should_not_be_is_taken_out_behind_it) {
	struct proposed p =
			list_of("src/a.js src/node_modules/x.js=900000 node_modules/y.js=900000",
					"COPY src /s\n", "");
	struct str text = p.proposal.text;

	cr_expect(lt(sz, find(text, "!src\n"), find(text, "node_modules\n")), "%.*s",
			STR_FMT(text));
	cr_expect(ne(sz, find(text, "node_modules\n"), SIZE_MAX));
	proposed_fini(&p);
}

Test(allow, hand_written_lines_have_the_last_word) {
	struct proposed p = list_of("src/a.c src/b.c x.c", "COPY src /s\n", "# mine\nsrc/b.c\n");

	cr_expect(str_ends(p.proposal.text, STR("# <<< tonnage\n# mine\nsrc/b.c\n")));
	cr_expect(str_starts(p.proposal.text, STR("# >>> tonnage")));
	proposed_fini(&p);
}

Test(allow, a_byte_order_mark_stays_the_first_thing) {
	struct proposed p = list_of("src/a.c x.c", "COPY src /s\n", "\xEF\xBB\xBFx\n");

	cr_expect(str_starts(p.proposal.text, STR("\xEF\xBB\xBF# >>> tonnage")));
	cr_expect(str_ends(p.proposal.text, STR("# <<< tonnage\nx\n")));
	proposed_fini(&p);
}

Test(allow, a_list_that_is_there_is_not_written_again) {
	struct proposed p = list_of("src/a.c x.c", "COPY src /s\n", "**\n!src\n");

	EXPECT_STR(exceptions(&p), "");
	cr_expect(gt(sz, p.proposal.note.len, 0));
	cr_expect(str_starts(p.proposal.text, STR("**\n!src\n")));
	proposed_fini(&p);
}

Test(allow, only_a_build_that_may_ask_for_all_has_a_note) {
	struct proposed some = list_of("src/a.c x.c", "COPY src /s\n", "");
	struct proposed all = list_of("src/a.c x.c", "COPY . /s\n", "");

	cr_expect(eq(sz, some.proposal.note.len, 0));
	cr_expect(gt(sz, all.proposal.note.len, 0));
	proposed_fini(&some);
	proposed_fini(&all);
}
