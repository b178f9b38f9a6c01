/*
 * Lines for tomorrow: what matches nothing today and is still right. A line is such when it names what a
 * rule of the classes leaves out, of any project or of an ecosystem that is in this one; or what .gitignore
 * names, too, so that it comes and goes; an exception, when it is for what is built before the image is.
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

/* Of the rules that are at home here; made when a line asks for the first time. */
static bool list_left_out(struct checker *c) {
	const struct class_column *classes = c->in->classes;

	if (c->left_out != NULL || c->is_at_home == NULL) {
		return c->left_out != NULL;
	}
	c->left_out = arena_new(c->arena, struct left_out, 2 * classes->nrules);
	c->failed |= c->left_out == NULL;
	for (size_t i = 0; c->left_out != NULL && i < classes->nrules; i++) {
		const struct class_rule *rule = &classes->rules[i];
		if (c->is_at_home[i] != 0 && rule->advice != ADVICE_KEEP && rule->pattern.len > 1) {
			add_name(c, rule, rule->pattern);
			add_name(c, rule, rule->docker_pattern);
		}
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
	bool found = false;

	for (size_t i = 0; list_left_out(c) && i < c->nleft_out && !found; i++) {
		const struct left_out *rule = &c->left_out[i];
		found = (rule->is_dir || !only_dirs) && names_it(rule, core, name);
	}
	return found;
}

/* ---- the lines */

static bool is_in_gitignore(const struct checker *c, struct str core) {
	struct str rest = c->in->gitignore, line;

	while (rest.len > 0) {
		struct vcs_rule rule;
		(void)str_cut(rest, '\n', &line, &rest);
		if (vcs_rule_read(line, &rule) && str_eq(core_of(rule.pattern), core)) {
			return true;
		}
	}
	return false;
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

/* A source that is not there, either: somebody makes it before the build. */
static bool is_source(const struct checker *c, struct str path) {
	const struct build_sources *sources = c->build->sources;

	for (size_t i = 0; sources != NULL && i < sources->nsources; i++) {
		const struct source *s = &sources->sources[i];
		if (s->context == DOCKERFILE_MAIN_CONTEXT &&
				(path_is_below(s->path, path) ||
						gomatch(path, s->path) == GOMATCH_YES)) {
			return true;
		}
	}
	return false;
}

bool check_is_hygiene(struct checker *c, const struct ignore_pattern *p) {
	struct str core = core_of(p->text);

	if (is_in_gitignore(c, core)) {
		return true;
	}
	return p->is_exception
			? is_built(c, p->text) || is_source(c, p->text) || str_eq(core, STR(".git"))
			: is_left_out(c, core, false);
}
