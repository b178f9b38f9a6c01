#include "util/buf.h"
#include "vcs/rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct rule_case {
	char why[48], text[40], path[24];
	bool is_dir, ignored;
};

ParameterizedTestParameters(vcs_rules, table) {
	static struct rule_case cases[] = {
		{ "a name is taken at any depth", "foo", "a/b/foo", false, true },
		{ "a slash inside ties it to its base", "a/foo", "b/a/foo", false, false },
		{ "a slash at the start too", "/foo", "a/foo", false, false },
		{ "a slash at the end wants a directory", "foo/", "foo", false, false },
		{ "a slash at the end has one", "foo/", "a/foo", true, true },
		{ "the last rule decides", "*.log\n!keep.log", "keep.log", false, false },
		{ "and so in its turn", "!keep.log\n*.log", "keep.log", false, true },
		{ "a comment is none", "#foo", "#foo", false, false },
		{ "an escaped one is a name", "\\#foo", "#foo", false, true },
		{ "an escaped exception is a name", "\\!foo", "!foo", false, true },
		{ "blanks at the end go", "foo  ", "foo", false, true },
		{ "an escaped blank stays", "foo\\ ", "foo ", false, true },
		{ "a tab at the end stays", "foo\t", "foo", false, false },
		{ "a carriage return goes", "foo\r\nbar", "foo", false, true },
		{ "a byte order mark goes",
				"\xEF\xBB\xBF"
				"foo",
				"foo", false, true },
		{ "two stars behind text are a component", "a/foo**/bar", "a/foobar", false, true },
		{ "a suffix", "*.o", "x/y.o", false, true },
		{ "a suffix is whole", "*.o", "y.oo", false, false },
		{ "a lone slash is nothing", "/", "a", true, false },
		{ "a set may hold a slash", "a/x[b/]", "a/xb", false, true },
		{ "two stars at the end", "a/**", "a/b/c", false, true },
		{ "a set at the start", "a/[b-d]z", "a/cz", false, true },
		{ "a negated set", "[!a]b*d", "cbd", false, true },
		{ "an escape at the end", "a/b\\c", "a/bc", false, true },
		{ "stars around letters", "*bc*", "xabcx", false, true },
	};
	return cr_make_param_array(struct rule_case, cases, sizeof(cases) / sizeof(cases[0]));
}

/* More rules in front, which take nothing: a long list is looked through in another way. */
static struct str behind_others(struct arena *a, struct str text) {
	struct buf all = { 0 };

	for (int i = 0; i < 40; i++) {
		buf_printf(&all, "%%%d\n", i);
	}
	buf_append(&all, text);
	struct str copy = arena_copy(a, buf_str(&all));
	buf_fini(&all);
	return copy;
}

ParameterizedTest(struct rule_case *c, vcs_rules, table) {
	struct arena *a = arena_create();
	struct rule_list list;
	struct str path = str_from(c->path);
	size_t slash = str_find_last(path, '/');
	struct vcs_query query = {
		.path = path,
		.name = slash < path.len ? str_skip(path, slash + 1) : path,
		.is_dir = c->is_dir,
	};

	cr_assert(eq(int, rules_parse(a, str_from(c->text), &list, NULL), TNG_OK));
	const struct vcs_rule *rule = rules_last(&list, &query);
	bool ignored = rule != NULL && !rule->negated;
	cr_assert(ignored == c->ignored, "%s", c->why);
	if (!str_starts(str_from(c->text), STR("\xEF\xBB\xBF"))) {
		struct str text = behind_others(a, str_from(c->text));
		cr_assert(eq(int, rules_parse(a, text, &list, NULL), TNG_OK));
		rule = rules_last(&list, &query);
		ignored = rule != NULL && !rule->negated;
		cr_assert(ignored == c->ignored, "behind 40 others: %s", c->why);
	}
	arena_destroy(a);
}

Test(vcs_rules, each_has_its_line) {
	struct arena *a = arena_create();
	struct rule_list list;

	cr_assert(eq(int, rules_parse(a, STR("# one\n\na\n!/b/\n"), &list, NULL), TNG_OK));
	cr_assert(eq(sz, list.n, 2));
	cr_assert(eq(u32, list.rules[0].line, 3));
	cr_assert(eq(u32, list.rules[1].line, 4));
	cr_assert(list.rules[1].negated && list.rules[1].is_directory && list.rules[1].is_path);
	cr_assert(str_eq(list.rules[1].pattern, STR("b")));
	arena_destroy(a);
}
