/* The rules: those of the classes by class and those of `tonnage check`, or all about one. */
#include "report/kinds.h"
#include "report/table.h"

/* Characters of a line of prose, the spaces before it not counted; our texts are ASCII. */
#define PARAGRAPH_WIDTH 96

static bool is_wanted(const struct rules_view *v, uint16_t klass) {
	if (v->check != NULL) {
		return false;
	}
	if (v->of_class != NULL) {
		return &v->column->classes[klass] == v->of_class;
	}
	for (size_t i = 0; i < v->nclasses; i++) {
		if (v->classes[i] == klass) {
			return true;
		}
	}
	return v->nclasses == 0;
}

/* ---- text */

static const char *kind_words(const struct class_rule *rule) {
	switch (rule->kind) {
	case CLASS_RULE_DIR:
		return "a directory called";
	case CLASS_RULE_FILE:
		return "a file called";
	case CLASS_RULE_GLOB:
		return "whatever is called";
	case CLASS_RULE_CONTENT:
		break;
	}
	return "a file by its content,";
}

static void put_class_head(const struct class_name *c, struct sink *sink) {
	if (sink->color) {
		sink_put(sink, STR("\033[1m"));
	}
	sink_put_safe(sink, c->name);
	if (sink->color) {
		sink_put(sink, STR("\033[0m"));
	}
	sink_printf(sink, " (%s)  ", class_advice_name(c->advice));
	sink_put_safe(sink, c->meaning);
	sink_put(sink, STR("\n"));
}

/* "  deps.node-modules    exclude   98  node_modules" */
static void put_rule_line(const struct class_rule *rule, struct sink *sink) {
	sink_printf(sink, "  %-36.*s  %-7s  %3u  ", STR_FMT(rule->id),
			class_advice_name(rule->advice), rule->confidence);
	sink_put_safe(sink, rule->pattern);
	if (rule->evidence.len > 0) {
		sink_put(sink, STR("  "));
		put_styled(sink, STYLE_DIM, rule->evidence);
	}
	sink_put(sink,
			rule->is_silenced               ? STR("  silenced by the configuration\n")
					: rule->is_user ? STR("  of the configuration\n")
							: STR("\n"));
}

static void put_rules_of(const struct rules_view *v, uint16_t klass, struct sink *sink) {
	for (size_t i = 0; i < v->column->nrules; i++) {
		if (v->column->rules[i].klass == klass) {
			put_rule_line(&v->column->rules[i], sink);
		}
	}
}

static void put_list(const struct rules_view *v, struct sink *sink) {
	bool is_first = true;

	for (size_t i = 0; i < v->column->nclasses; i++) {
		if (!is_wanted(v, (uint16_t)i)) {
			continue;
		}
		sink_put(sink, is_first ? STR("") : STR("\n"));
		is_first = false;
		put_class_head(&v->column->classes[i], sink);
		put_rules_of(v, (uint16_t)i, sink);
	}
}

/* Those of `tonnage check` belong to no class. */
static bool wants_check(const struct rules_view *v, const struct check_rule *rule) {
	return v->check != NULL ? v->check == rule
				: v->rule == NULL && v->of_class == NULL && v->nclasses == 0;
}

static void put_checks(const struct rules_view *v, struct sink *sink) {
	if (!wants_check(v, check_rule(0))) {
		return;
	}
	sink_put(sink, STR("\n"));
	put_styled(sink, STYLE_BOLD, STR("tonnage check"));
	sink_put(sink,
			STR("  What is wrong between a context, its ignore file and its "
			    "Dockerfiles\n"));
	for (int i = 0; i < CHECK_NRULES; i++) {
		const struct check_rule *rule = check_rule((enum check_rule_id)i);
		sink_printf(sink, "  %-36s  %-7s  %s\n", rule->id,
				check_severity_name(rule->severity), rule->summary);
	}
}

static void put_fact(const char *label, struct str text, struct sink *sink) {
	if (text.len > 0) {
		sink_printf(sink, "  %-15s", label);
		sink_put_safe(sink, text);
		sink_put(sink, STR("\n"));
	}
}

static void put_how_to_change(const struct class_rule *rule, struct sink *sink) {
	bool keeps = rule->advice == ADVICE_KEEP;

	sink_put(sink, STR("\nTo change it, in .tonnage.yaml:\n\n  classes:\n  - rule: "));
	sink_put_safe(sink, rule->id);
	sink_printf(sink, "\n    advice: %s\n", keeps ? "exclude" : "keep");
	sink_put(sink, STR("\nWith \"silence: true\" for the advice the rule never matches.\n"));
}

static void put_rule(const struct rules_view *v, struct sink *sink) {
	const struct class_rule *rule = v->rule;
	const struct class_name *c = &v->column->classes[rule->klass];

	put_styled(sink, STYLE_BOLD, rule->id);
	sink_printf(sink, "%s\n  %-15s%s ",
			rule->is_silenced ? "  silenced by the configuration" : "", "matches",
			kind_words(rule));
	sink_put_safe(sink, rule->pattern);
	sink_put(sink, STR("\n"));
	put_fact("evidence", rule->evidence, sink);
	sink_printf(sink, "  %-15s", "class");
	put_class_head(c, sink);
	put_fact("ecosystem", rule->ecosystem, sink);
	sink_printf(sink, "  %-15s%u %%%s\n", "confidence", rule->confidence,
			rule->tier > 2 ? "; too little for more than a question" : "");
	put_fact("advice", str_from(class_advice_name(rule->advice)), sink);
	put_fact("severity", str_from(class_severity_name(rule->severity)), sink);
	put_fact("risk", rule->risk, sink);
	put_fact("ignore line", rule->docker_pattern, sink);
	put_how_to_change(rule, sink);
}

static void put_example(const char *example, struct sink *sink) {
	struct str rest = str_from(example), line;

	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		sink_printf(sink, "      %.*s\n", STR_FMT(line));
	}
}

/* A paragraph, each line with two spaces before it. */
static void put_paragraph(const char *text, struct sink *sink) {
	struct str rest = str_from(text), word;
	size_t column = 0;

	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &word, &rest);
		if (column > 0 && column + 1 + word.len > PARAGRAPH_WIDTH) {
			column = 0;
			sink_put(sink, STR("\n"));
		}
		sink_put(sink, column == 0 ? STR("  ") : STR(" "));
		sink_put(sink, word);
		column += 1 + word.len;
	}
	sink_put(sink, STR("\n"));
}

static void put_check(const struct check_rule *rule, struct sink *sink) {
	put_styled(sink, STYLE_BOLD, str_from(rule->id));
	sink_printf(sink, " (%s)  %s\n\n", check_severity_name(rule->severity), rule->summary);
	put_paragraph(rule->help, sink);
	sink_put(sink, STR("\n  For example:\n\n"));
	put_example(rule->example, sink);
	sink_printf(sink, "\n  What to do: %s.%s\n", rule->fix,
			rule->may_fix ? " tonnage check --fix does it where it is sure." : "");
	sink_printf(sink,
			"\nTo silence it, in .tonnage.yaml:\n\n  rules:\n    %s: off\n\n"
			"or in the ignore file: for one line of it in the line above, for all of "
			"the check at "
			"its\nhead, with a blank line behind:\n\n"
			"  # tonnage: ignore=%s reason=\"why\" until=2027-01-31\n",
			rule->id, rule->id);
}

/* ---- JSON */

static json_t *rules_json(const struct rules_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->column->nrules; i++) {
		const struct class_rule *rule = &v->column->rules[i];
		if (v->rule != NULL ? rule == v->rule : is_wanted(v, rule->klass)) {
			list = json_list_add(list, kinds_rule_json(v->arena, v->column, rule));
		}
	}
	return list;
}

static json_t *classes_json(const struct rules_view *v) {
	json_t *list = json_array();

	for (size_t i = 0; i < v->column->nclasses; i++) {
		if (v->rule != NULL ? v->rule->klass == i : is_wanted(v, (uint16_t)i)) {
			list = json_list_add(
					list, kinds_class_json(v->arena, &v->column->classes[i]));
		}
	}
	return list;
}

static json_t *checks_json(const struct rules_view *v) {
	json_t *list = json_array();

	for (int i = 0; i < CHECK_NRULES; i++) {
		const struct check_rule *rule = check_rule((enum check_rule_id)i);
		if (wants_check(v, rule)) {
			list = json_list_add(list,
					json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "id",
							rule->id, "severity",
							check_severity_name(rule->severity),
							"summary", rule->summary, "help",
							rule->help, "example", rule->example, "fix",
							rule->fix, "fixable", (int)rule->may_fix));
		}
	}
	return list;
}

static enum tng_code put_json(
		const struct rules_view *v, struct sink *sink, struct tng_error *err) {
	json_t *doc = json_document("rules");

	if (doc == NULL || json_object_set_new(doc, "classes", classes_json(v)) != 0 ||
			json_object_set_new(doc, "rules", rules_json(v)) != 0 ||
			json_object_set_new(doc, "checks", checks_json(v)) != 0) {
		json_decref(doc);
		return error_nomem(err);
	}
	return json_write(doc, false, sink, err);
}

enum tng_code report_rules(const struct rules_view *view, enum report_format format,
		struct sink *sink, struct tng_error *err) {
	if (format != REPORT_TEXT) {
		return put_json(view, sink, err);
	}
	if (view->check != NULL) {
		put_check(view->check, sink);
	} else if (view->rule != NULL) {
		put_rule(view, sink);
	} else {
		put_list(view, sink);
		put_checks(view, sink);
	}
	return TNG_OK;
}
