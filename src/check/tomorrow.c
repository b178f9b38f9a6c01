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

/* The same, or one of those that the rule's pattern takes. */
static bool names_it(struct str core, struct str pattern) {
	return pattern.len > 0 &&
			(str_eq(core, core_of(pattern)) ||
					gomatch(core_of(pattern), path_base(core)) == GOMATCH_YES);
}

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

/* What a rule at home here leaves out; of directories alone, where that is asked. */
static bool is_left_out(const struct checker *c, struct str core, bool only_dirs) {
	const struct class_column *classes = c->in->classes;

	for (size_t i = 0; i < classes->nrules && c->is_at_home != NULL; i++) {
		const struct class_rule *rule = &classes->rules[i];
		bool fits = !only_dirs || rule->kind == CLASS_RULE_DIR;
		if (fits && rule->advice != ADVICE_KEEP && rule->pattern.len > 1 &&
				(names_it(core, rule->pattern) ||
						names_it(core, rule->docker_pattern)) &&
				c->is_at_home[i] != 0) {
			return true;
		}
	}
	return false;
}

/* An exception below what is built: target/app.jar. */
static bool is_built(const struct checker *c, struct str path) {
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

bool check_is_hygiene(const struct checker *c, const struct ignore_pattern *p) {
	struct str core = core_of(p->text);

	if (is_in_gitignore(c, core)) {
		return true;
	}
	return p->is_exception
			? is_built(c, p->text) || is_source(c, p->text) || str_eq(core, STR(".git"))
			: is_left_out(c, core, false);
}
