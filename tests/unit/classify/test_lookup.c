/* The tables that find a name's rules, against the matcher that knows nothing of them. */
#include "classify/rules.h"
#include "support/expect.h"
#include "util/buf.h"
#include "util/gomatch.h"

static struct str last_component(struct str pattern) {
	size_t slash = str_find_last(pattern, '/');

	return slash < pattern.len ? str_skip(pattern, slash + 1) : pattern;
}

/* A name that a pattern matches: `fill` for each star, a digit for a class, a letter for '?'. */
static void put_example(struct buf *out, struct str pattern, const char *fill) {
	buf_clear(out);
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.ptr[i] == '*') {
			buf_append(out, str_from(fill));
		} else if (pattern.ptr[i] == '[') {
			buf_putc(out, '7');
			i += str_find(str_skip(pattern, i), ']');
		} else {
			buf_putc(out, pattern.ptr[i]);
		}
	}
}

static bool is_found(const struct name_facts *facts, size_t rule) {
	for (unsigned i = 0; i < facts->n; i++) {
		if (facts->rules[i] == rule) {
			return true;
		}
	}
	return false;
}

static bool is_wanted(const struct ruleset *set, size_t rule, struct str name, bool is_dir) {
	const struct rule_row *row = &set->rules[rule].row;
	struct str last = last_component(set->words[rule].pattern);

	if ((is_dir ? row->for_dirs : row->for_files) == 0 || row->kind == CLASS_RULE_CONTENT ||
			str_eq(last, STR("*"))) {
		return false;
	}
	return row->is_fold != 0 ? str_eq_nocase(last, name) : gomatch(last, name) == GOMATCH_YES;
}

static void expect_same_rules(const struct ruleset *set, struct str name, bool is_dir) {
	struct name_facts facts;

	ruleset_find(set, name, is_dir, &facts);
	cr_expect(facts.n < CLASS_CANDIDATES_MAX, "%.*s", STR_FMT(name));
	for (size_t i = 0; i < set->n; i++) {
		bool wanted = is_wanted(set, i, name, is_dir);
		cr_expect(wanted == is_found(&facts, i), "%.*s: %s is %s", STR_FMT(name),
				set->words[i].id.ptr, wanted ? "missing" : "found");
	}
}

Test(classify_lookup, finds_what_the_glob_matcher_finds) {
	static const char *const fills[] = { "", "x", "1.log.A-b" };
	struct arena *a = arena_create();
	struct ruleset set;
	struct buf name = { 0 };

	cr_assert(ruleset_make(a, NULL, 0, &set, NULL) == TNG_OK);
	for (size_t i = 0; i < set.n; i++) {
		for (size_t k = 0; k < 3; k++) {
			struct str pattern = last_component(set.words[i].pattern);
			put_example(&name, pattern, fills[k]);
			if (name.len > 0 && (k == 0 || gomatch_has_wildcard(pattern))) {
				expect_same_rules(&set, buf_str(&name), false);
				expect_same_rules(&set, buf_str(&name), true);
			}
		}
	}
	buf_fini(&name);
	arena_destroy(a);
}

Test(classify_lookup, a_folded_name_is_found_in_any_case) {
	struct arena *a = arena_create();
	struct ruleset set;
	size_t nfolded = 0;

	cr_assert(ruleset_make(a, NULL, 0, &set, NULL) == TNG_OK);
	for (size_t i = 0; i < set.n; i++) {
		char name[64] = "";
		struct str last = last_component(set.words[i].pattern);
		for (size_t k = 0; k < last.len && k < sizeof(name) - 1; k++) {
			char c = last.ptr[k];
			name[k] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
		}
		if (set.rules[i].row.is_fold != 0) {
			nfolded++;
			expect_same_rules(&set, str_from(name), set.rules[i].row.for_files == 0);
		}
	}
	cr_expect(nfolded > 0);
	arena_destroy(a);
}
