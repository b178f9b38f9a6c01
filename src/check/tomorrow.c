/*
 * Lines for tomorrow: what matches nothing today and is still right. A line is such when it names what a
 * rule of the classes leaves out, of any project or of an ecosystem that is in this one; or what .gitignore
 * names, too, so that it comes and goes; or when it takes a source that is made before the image is; an
 * exception, when it is for what is built.
 */
#include "check/internal.h"

#include "util/gomatch.h"

/* Without what says how deep, and the slash of a directory. */
static struct str core_of(struct str pattern) {
	while (str_starts(pattern, STR("**/"))) {
		pattern = str_skip(pattern, 3);
	}
	while (pattern.len > 1 &&
			(str_ends(pattern, STR("/")) || str_ends(pattern, STR("/**")) ||
					str_ends(pattern, STR("/*")))) {
		pattern = str_take(pattern, pattern.len - 1);
	}
	return str_starts(pattern, STR("/")) ? str_skip(pattern, 1) : pattern;
}

/* ---- what rules leave out */

static bool may_be_glob(struct str text) {
	return str_has_any(text, "*?[\\");
}

static void add_name(struct checker *c, const struct class_rule *rule, struct str pattern) {
	struct str core = core_of(pattern);

	if (pattern.len > 0) {
		c->left_out[c->nleft_out++] = (struct left_out){ .core = core,
			.is_glob = may_be_glob(core),
			.is_dir = rule->kind == CLASS_RULE_DIR };
	}
}

static bool index_left_out(struct checker *c) {
	struct str *names = arena_new(c->arena, struct str, c->nleft_out);

	for (size_t i = 0; names != NULL && i < c->nleft_out; i++) {
		names[i] = path_base(c->left_out[i].core);
	}
	return names != NULL && globs_make(c->arena, names, c->nleft_out, &c->left_out_names);
}

/* Of the rules that are at home here; made when a line asks for the first time. */
static bool list_left_out(struct checker *c) {
	const struct class_column *classes = c->in->classes;

	if (c->left_out != NULL || c->is_at_home == NULL) {
		return c->left_out != NULL;
	}
	c->left_out = arena_new(c->arena, struct left_out, 2 * classes->nrules);
	for (size_t i = 0; c->left_out != NULL && i < classes->nrules; i++) {
		const struct class_rule *rule = &classes->rules[i];
		if (c->is_at_home[i] != 0 && rule->advice != ADVICE_KEEP && rule->pattern.len > 1) {
			add_name(c, rule, rule->pattern);
			add_name(c, rule, rule->docker_pattern);
		}
	}
	if (c->left_out == NULL || !index_left_out(c)) {
		c->failed = true;
		c->left_out = NULL;
	}
	return c->left_out != NULL;
}

/* The same, or one of those that the rule's pattern takes; `name` is the core's last component. */
static bool names_it(const struct left_out *rule, struct str core, struct str name) {
	if (str_eq(core, rule->core)) {
		return true;
	}
	return rule->is_glob ? gomatch(rule->core, name) == GOMATCH_YES : str_eq(rule->core, name);
}

/* What a rule at home here leaves out; of directories alone, where that is asked. */
static bool is_left_out(struct checker *c, struct str core, bool only_dirs) {
	struct str name = path_base(core);

	if (!list_left_out(c)) {
		return false;
	}
	struct globs_turn turn = globs_ask(&c->left_out_names, name);
	for (uint32_t i; (i = globs_next(&c->left_out_names, &turn)) != GLOBS_NONE;) {
		const struct left_out *rule = &c->left_out[i];
		if ((rule->is_dir || !only_dirs) && names_it(rule, core, name)) {
			return true;
		}
	}
	return false;
}

/* ---- the lines */

/* What git ignores comes and goes. */
static bool is_in_gitignore(struct checker *c, const struct ignore_pattern *p, struct str core) {
	struct str rest = c->in->gitignore, line;

	while (rest.len > 0) {
		struct vcs_rule rule;
		(void)str_cut(rest, '\n', &line, &rest);
		if (vcs_rule_read(line, &rule) && str_eq(core_of(rule.pattern), core)) {
			return true;
		}
	}
	bool is_deep = str_starts(p->text, STR("**/")) && str_find(core, '/') == core.len;
	return is_deep ? check_is_git_name(c, core)
		       : !may_be_glob(core) && check_is_git_ignored(c, core);
}

/* An exception below what is built: target/app.jar. */
static bool is_built(struct checker *c, struct str path) {
	struct str rest = path, part;

	for (bool more = true; more;) {
		more = str_cut(rest, '/', &part, &rest);
		if (part.len > 0 && !gomatch_has_wildcard(part) && is_left_out(c, part, true)) {
			return true;
		}
	}
	return false;
}

/* What a text says literally, up to the first character that is more than itself. */
static struct str head_of(struct str text) {
	size_t n = 0;

	while (n < text.len && str_find(STR("*?[\\$"), text.ptr[n]) == 5) {
		n++;
	}
	return str_take(text, n);
}

/* Whether something may be what both say. */
static bool may_meet(struct str x, struct str y) {
	struct str a = head_of(x), b = head_of(y);

	return str_starts(a, b) || str_starts(b, a);
}

static struct str without_root(struct str path) {
	while (str_starts(path, STR("/")) || str_starts(path, STR("./"))) {
		path = str_skip(path, path.ptr[0] == '/' ? 1 : 2);
	}
	return path;
}

/* A line alone, as if it were no exception; made when a path is first held to it. */
struct lone_line {
	struct checker *c;
	const struct ignore_pattern *p;
	struct ignore_set *set;
	struct ignore_scratch *scratch;
};

static bool open_line(struct lone_line *line) {
	enum ignore_dialect dialect = ignore_dialect_of(line->c->build->context->engine);

	if (line->set != NULL) {
		return line->scratch != NULL;
	}
	enum tng_code code = ignore_from_patterns_as(dialect, &line->p->text, 1, &line->set, NULL);
	line->scratch = code == TNG_OK ? ignore_scratch_create(line->set) : NULL;
	check_code(line->c, code);
	line->c->failed |= code == TNG_OK && line->scratch == NULL;
	return line->scratch != NULL;
}

static void close_line(struct lone_line *line) {
	ignore_scratch_destroy(line->scratch);
	ignore_destroy(line->set);
}

/* Whether it takes a path or a directory that it is in. */
static bool line_takes(struct lone_line *line, struct str path) {
	struct verdict verdict = { 0 };

	if (open_line(line)) {
		check_code(line->c, ignore_decide_path(line->scratch, path, &verdict, NULL));
	}
	return verdict.excluded;
}

/* A source that is not there, either: somebody makes it before the build, and then the line acts. */
static bool is_for_source(struct lone_line *line, const struct source *s) {
	const struct ignore_pattern *p = line->p;

	if (s->context != DOCKERFILE_MAIN_CONTEXT || s->kind == SOURCE_REMOTE ||
			s->kind == SOURCE_TMPFS || str_eq(s->path, STR("."))) {
		return false;
	}
	if (s->is_wildcard || s->is_unknowable) {
		return p->is_exception && may_meet(p->text, without_root(s->written));
	}
	return line_takes(line, s->path) || (p->is_exception && path_is_below(p->text, s->path));
}

/* Of any build that lives with the ignore file at hand. */
static bool is_for_sources(struct checker *c, const struct ignore_pattern *p) {
	struct lone_line line = { .c = c, .p = p };
	bool is_for = false;

	for (size_t k = 0; k < c->in->nbuilds && !is_for; k++) {
		const struct check_build *b = &c->in->builds[k];
		size_t n = b->ignore_file_of == c->build->ignore_file_of && b->sources != NULL
				? b->sources->nsources
				: 0;
		for (size_t i = 0; i < n && !is_for; i++) {
			is_for = is_for_source(&line, &b->sources->sources[i]);
		}
	}
	close_line(&line);
	return is_for;
}

bool check_is_hygiene(struct checker *c, const struct ignore_pattern *p) {
	struct str core = core_of(p->text);

	if (is_in_gitignore(c, p, core)) {
		return true;
	}
	if (is_for_sources(c, p)) {
		return true;
	}
	return p->is_exception ? is_built(c, p->text) || str_eq(core, STR(".git"))
			       : is_left_out(c, core, false);
}
