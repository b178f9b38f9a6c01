#include "vcs/rules.h"

#include "util/path.h"
#include "vcs/glob.h"

/* Fewer rules are tried one after the other. */
#define INDEXED_MIN 16

/* Blanks at the end go, but for one behind a backslash. */
static struct str without_trailing_blanks(struct str line) {
	size_t len = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\' && i + 1 < line.len) {
			len = ++i + 1;
		} else if (line.ptr[i] != ' ') {
			len = i + 1;
		}
	}
	return str_take(line, len);
}

/* With stars in front, a name alone says no more than it does by itself. */
static struct str name_behind_stars(struct str pattern) {
	struct str name = pattern;

	while (str_starts(name, STR("**/"))) {
		name = str_skip(name, 3);
	}
	return name.len > 0 && str_find(name, '/') == name.len ? name : pattern;
}

bool vcs_rule_read(struct str line, struct vcs_rule *out) {
	*out = (struct vcs_rule){ 0 };
	if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
		line.len--;
	}
	line = str_take(line, str_find(line, '\0'));
	if (line.len == 0 || line.ptr[0] == '#') {
		return false;
	}
	line = without_trailing_blanks(line);
	out->negated = str_starts(line, STR("!"));
	line = str_skip(line, out->negated);
	out->is_directory = str_ends(line, STR("/"));
	line.len -= out->is_directory;
	out->is_path = str_find(line, '/') < line.len;
	line = str_skip(line, str_starts(line, STR("/")));
	struct str name = name_behind_stars(line);
	if (name.len < line.len) {
		line = name;
		out->is_path = false;
	}
	out->pattern = line;
	out->literal = (uint32_t)glob_literal_len(line);
	out->is_suffix = !out->is_path && str_starts(line, STR("*")) &&
			glob_literal_len(str_skip(line, 1)) == line.len - 1;
	return line.len > 0;
}

/* What the name of a path must look like for a rule to take it; "**" is any number of components, and a set
 * may hold a '/'. */
static struct str last_component(const struct vcs_rule *rule) {
	struct str last = path_base(rule->pattern);
	struct str before = str_take(rule->pattern, rule->pattern.len - last.len);
	bool is_open = str_has_any(before, "[") || str_contains(last, STR("**"));

	return is_open ? STR("*") : last;
}

static enum tng_code index_rules(struct arena *a, struct rule_list *list, struct tng_error *err) {
	struct str *ends = arena_new(a, struct str, list->n);

	if (ends == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < list->n; i++) {
		ends[i] = last_component(&list->rules[i]);
	}
	list->is_indexed = globs_make(a, ends, (uint32_t)list->n, &list->ends);
	return list->is_indexed ? TNG_OK : error_nomem(err);
}

enum tng_code rules_parse(
		struct arena *a, struct str text, struct rule_list *out, struct tng_error *err) {
	struct str line, rest = text;
	size_t nlines = 1, n = 0;

	for (size_t i = 0; i < text.len; i++) {
		nlines += text.ptr[i] == '\n';
	}
	struct vcs_rule *rules = arena_new(a, struct vcs_rule, nlines);
	if (rules == NULL) {
		return error_nomem(err);
	}
	if (str_starts(rest, STR("\xEF\xBB\xBF"))) {
		rest = str_skip(rest, 3);
	}
	uint32_t number = 0;
	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		number++;
		if (vcs_rule_read(line, &rules[n])) {
			rules[n++].line = number;
		}
	}
	*out = (struct rule_list){ .rules = rules, .n = n };
	return n >= INDEXED_MIN && n < GLOBS_NONE ? index_rules(a, out, err) : TNG_OK;
}

static bool bytes_eq(struct str a, struct str b, bool folds_case) {
	return folds_case ? str_eq_nocase(a, b) : str_eq(a, b);
}

static bool takes_name(const struct vcs_rule *rule, struct str name, bool folds_case) {
	struct str p = rule->pattern;

	if (rule->literal == p.len) {
		return bytes_eq(p, name, folds_case);
	}
	if (rule->is_suffix) {
		return name.len >= p.len - 1 &&
				bytes_eq(str_skip(p, 1), str_skip(name, name.len - (p.len - 1)),
						folds_case);
	}
	return glob_takes(p, name, folds_case);
}

/* git compares what is literal first, and then matches the rest on its own: a "**" right behind it counts
 * as a component, whatever the byte before it is. */
static bool takes_path(const struct vcs_rule *rule, struct str path, bool folds_case) {
	struct str p = rule->pattern;

	if (path.len < rule->literal ||
			!bytes_eq(str_take(p, rule->literal), str_take(path, rule->literal),
					folds_case)) {
		return false;
	}
	return glob_takes(str_skip(p, rule->literal), str_skip(path, rule->literal), folds_case);
}

bool vcs_rule_takes(const struct vcs_rule *rule, const struct vcs_query *query) {
	if (rule->is_directory && !query->is_dir) {
		return false;
	}
	return rule->is_path ? takes_path(rule, query->path, query->folds_case)
			     : takes_name(rule, query->name, query->folds_case);
}

static const struct vcs_rule *last_of_index(
		const struct rule_list *list, const struct vcs_query *query) {
	struct globs_turn turn = globs_ask(&list->ends, query->name);
	const struct vcs_rule *last = NULL;

	for (uint32_t i; (i = globs_next(&list->ends, &turn)) != GLOBS_NONE;) {
		if (vcs_rule_takes(&list->rules[i], query)) {
			last = &list->rules[i];
		}
	}
	return last;
}

const struct vcs_rule *rules_last(const struct rule_list *list, const struct vcs_query *query) {
	if (list->is_indexed) {
		return last_of_index(list, query);
	}
	for (size_t i = list->n; i-- > 0;) {
		if (vcs_rule_takes(&list->rules[i], query)) {
			return &list->rules[i];
		}
	}
	return NULL;
}
