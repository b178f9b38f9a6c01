#include "report/kinds.h"

static bool add(json_t *object, const char *key, json_t *value) {
	return json_object_set_new(object, key, value) == 0;
}

static json_t *text_or_null(struct arena *a, struct str text) {
	return text.len > 0 ? json_text(a, text) : json_null();
}

bool kinds_add_row(struct arena *a, const struct analysis *an, uint32_t row, json_t *object) {
	const struct class_column *c = &an->classes;
	const struct class_mark *mark =
			an->has_classes && row != TREE_NO_ROW ? &c->marks[row] : NULL;
	bool has_rule = mark != NULL && mark->rule != CLASS_NO_RULE;

	return object != NULL &&
			add(object, "class",
					mark != NULL ? json_text(a, c->classes[mark->klass].name)
						     : json_null()) &&
			add(object, "rule",
					has_rule ? json_text(a, c->rules[mark->rule].id)
						 : json_null()) &&
			add(object, "confidence",
					mark != NULL ? json_integer(mark->confidence)
						     : json_null()) &&
			add(object, "advice",
					mark != NULL ? json_string(class_advice_name(
								       (enum class_advice)mark
										       ->advice))
						     : json_null()) &&
			add(object, "git",
					an->has_git && row != TREE_NO_ROW
							? json_string(vcs_state_name(
									  (enum vcs_state)an->git.state
											  [row]))
							: json_null());
}

json_t *kinds_rule_json(
		struct arena *a, const struct class_column *c, const struct class_rule *rule) {
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:i, s:i, s:s, s:o, s:o, s:o, s:b, s:b}",
			"id", json_text(a, rule->id), "class",
			json_text(a, c->classes[rule->klass].name), "ecosystem",
			text_or_null(a, rule->ecosystem), "kind", class_rule_kind_name(rule->kind),
			"pattern", json_text(a, rule->pattern), "evidence",
			text_or_null(a, rule->evidence), "confidence", rule->confidence, "tier",
			rule->tier, "advice", class_advice_name(rule->advice), "severity",
			rule->severity == CLASS_SEVERITY_NONE
					? json_null()
					: json_string(class_severity_name(rule->severity)),
			"risk", text_or_null(a, rule->risk), "docker_pattern",
			text_or_null(a, rule->docker_pattern), "user", (int)rule->is_user,
			"silenced", (int)rule->is_silenced);
}

json_t *kinds_class_json(struct arena *a, const struct class_name *c) {
	return json_pack("{s:o, s:s, s:s, s:o}", "class", json_text(a, c->name), "group",
			class_group_name(c->group), "advice", class_advice_name(c->advice),
			"meaning", text_or_null(a, c->meaning));
}
