/* classes: what .tonnage.yaml adds to the class rules and changes of them. */
#include "config/internal.h"

static enum tng_code read_advice(
		const struct reader *r, const struct node *n, struct config_class_rule *out) {
	static const enum config_advice choices[] = { CONFIG_ADVICE_KEEP, CONFIG_ADVICE_ASK,
		CONFIG_ADVICE_EXCLUDE };
	size_t choice = 0;
	enum tng_code code = read_choice(r, n, "keep|ask|exclude", &choice);

	out->advice = choices[choice];
	return code;
}

static enum tng_code read_key(
		const struct reader *r, const struct node *n, struct config_class_rule *out) {
	static const char *const known[] = { "advice", "class", "docker-pattern", "ecosystem",
		"pattern", "rule", "silence", NULL };

	if (str_eq(n->key, STR("rule"))) {
		out->line = n->line;
		out->column = n->column;
		return read_text(r, n, &out->rule);
	}
	if (str_eq(n->key, STR("class"))) {
		return read_text(r, n, &out->klass);
	}
	if (str_eq(n->key, STR("pattern"))) {
		return read_text(r, n, &out->pattern);
	}
	if (str_eq(n->key, STR("ecosystem"))) {
		return read_text(r, n, &out->ecosystem);
	}
	if (str_eq(n->key, STR("docker-pattern"))) {
		return read_text(r, n, &out->docker_pattern);
	}
	if (str_eq(n->key, STR("advice"))) {
		return read_advice(r, n, out);
	}
	if (str_eq(n->key, STR("silence"))) {
		return read_bool(r, n, &out->is_silenced);
	}
	return bad_key(r, n, known);
}

static enum tng_code read_rule(
		const struct reader *r, const struct node *n, struct config_class_rule *out) {
	enum tng_code code = want_kind(
			r, n, NODE_MAP, "a rule, as {rule: ID, class: NAME, pattern: NAME},");

	out->line = n->line;
	out->column = n->column;
	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next) {
		code = read_key(r, c, out);
	}
	if (code == TNG_OK && out->rule.len == 0) {
		code = bad_value(r, n,
				"this rule has no id; add rule: ID, a new one or one that "
				"tonnage rules lists");
	}
	return code;
}

enum tng_code read_class_rules(const struct reader *r, const struct node *n, struct config *out) {
	enum tng_code code = want_kind(r, n, NODE_LIST, "a list of class rules");
	struct config_class_rule *rules =
			arena_new(r->arena, struct config_class_rule, n->nchildren);
	size_t i = 0;

	if (rules == NULL) {
		return error_nomem(r->err);
	}
	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next, i++) {
		code = read_rule(r, c, &rules[i]);
	}
	out->class_rules = rules;
	out->nclass_rules = i;
	return code;
}
