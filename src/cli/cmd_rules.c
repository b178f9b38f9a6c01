/* rules: what the rules of the classes are, and those of `tonnage check`. */
#include "cli/cli.h"

#include "util/nearest.h"

#include <stdio.h>

/* Ids that a wrong one may have been meant to be. */
#define NSUGGESTED 3

static bool holds(struct str text, struct str part) {
	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (str_starts(str_skip(text, i), part)) {
			return true;
		}
	}
	return false;
}

struct suggestion {
	struct str id;
	unsigned distance;
};

/* A list of the nearest, sorted; an id that holds the word is near. */
static void suggest(struct suggestion *list, struct str wanted, struct str id) {
	unsigned distance = nearest_distance(wanted, id);
	size_t at = NSUGGESTED - 1;

	if (wanted.len > 2 && holds(id, wanted)) {
		distance = 1;
	}
	if (distance > (id.len + 1) / 3 || distance >= list[at].distance) {
		return;
	}
	for (; at > 0 && list[at - 1].distance > distance; at--) {
		list[at] = list[at - 1];
	}
	list[at] = (struct suggestion){ id, distance };
}

static int fail_unknown(const struct class_column *c, struct str wanted) {
	struct suggestion near[NSUGGESTED];
	char text[200];
	size_t len = 0;

	for (size_t i = 0; i < NSUGGESTED; i++) {
		near[i] = (struct suggestion){ STR(""), UINT32_MAX };
	}
	for (size_t i = 0; i < c->nclasses; i++) {
		suggest(near, wanted, c->classes[i].name);
	}
	for (size_t i = 0; i < c->nrules; i++) {
		suggest(near, wanted, c->rules[i].id);
	}
	for (int i = 0; i < CHECK_NRULES; i++) {
		suggest(near, wanted, str_from(check_rule((enum check_rule_id)i)->id));
	}
	if (near[0].id.len == 0) {
		return cli_fail("\"%.*s\" is no rule and no class; tonnage rules lists them",
				STR_FMT(wanted));
	}
	for (size_t i = 0; i < NSUGGESTED && near[i].id.len > 0 && len < sizeof(text); i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s",
				i == 0 ? "" : ", ", STR_FMT(str_take(near[i].id, 60)));
	}
	return cli_fail("\"%.*s\" is no rule and no class; near: %s", STR_FMT(wanted), text);
}

/* The rule or the class that the argument names. */
static bool find(struct rules_view *view, struct str id) {
	const struct class_column *c = view->column;

	for (size_t i = 0; i < c->nrules && view->rule == NULL; i++) {
		view->rule = str_eq(c->rules[i].id, id) ? &c->rules[i] : NULL;
	}
	for (size_t i = 0; i < c->nclasses && view->rule == NULL && view->of_class == NULL; i++) {
		view->of_class = str_eq(c->classes[i].name, id) ? &c->classes[i] : NULL;
	}
	if (check_rule_find(id) != CHECK_NRULES) {
		view->check = check_rule(check_rule_find(id));
	}
	return view->rule != NULL || view->of_class != NULL || view->check != NULL;
}

static int report(const struct rules_view *view, const struct options *options) {
	struct tng_error err = { 0 };
	struct sink sink;
	int status = EXIT_OK;

	if (!cli_open_output(options, &sink)) {
		return EXIT_BAD;
	}
	if (report_rules(view, (enum report_format)options->format, &sink, &err) != TNG_OK) {
		status = cli_fail_error(&err);
	}
	return cli_close_output(options, &sink, status);
}

int cmd_rules(const struct options *options) {
	struct class_column column;
	struct rules_view view = { .column = &column, .arena = options->arena };
	struct tng_error err = { 0 };

	if (analysis_rules(options->arena, options->config, &column, &err) != TNG_OK) {
		return cli_fail_error(&err);
	}
	if (options->nargs > 0 && !find(&view, str_from(options->args[0]))) {
		return fail_unknown(&column, str_from(options->args[0]));
	}
	view.nclasses = options->classes.n;
	if (view.nclasses > 0 && !cli_find_classes(options, &column, &view.classes)) {
		return EXIT_BAD;
	}
	return report(&view, options);
}
