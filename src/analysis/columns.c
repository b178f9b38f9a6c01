/* The columns that not every command needs: git's state of each row, and what each row is. */
#include "analysis/internal.h"

static enum class_advice advice_of(enum config_advice advice) {
	switch (advice) {
	case CONFIG_ADVICE_NONE:
	case CONFIG_ADVICE_KEEP:
		return ADVICE_KEEP;
	case CONFIG_ADVICE_ASK:
		return ADVICE_ASK;
	case CONFIG_ADVICE_EXCLUDE:
		break;
	}
	return ADVICE_EXCLUDE;
}

/* The configuration's class rules, as the rule table takes them. NULL: out of memory. */
static struct class_user_rule *user_rules(struct arena *a, const struct config *config) {
	size_t n = config != NULL ? config->nclass_rules : 0;
	struct class_user_rule *rules = arena_new(a, struct class_user_rule, n);

	for (size_t i = 0; rules != NULL && i < n; i++) {
		const struct config_class_rule *c = &config->class_rules[i];
		rules[i] = (struct class_user_rule){
			.id = c->rule,
			.klass = c->klass,
			.ecosystem = c->ecosystem,
			.pattern = c->pattern,
			.docker_pattern = c->docker_pattern,
			.has_advice = c->advice != CONFIG_ADVICE_NONE,
			.advice = advice_of(c->advice),
			.is_silenced = c->is_silenced,
			.line = c->line,
			.column = c->column,
		};
	}
	return rules;
}

/* An error of a user rule has the configuration's line: it gets its name, too. */
static enum tng_code pass_rule_error(
		const struct config *config, const struct tng_error *bad, struct tng_error *err) {
	struct tng_error named = *bad;

	if (config != NULL && bad->code == TNG_EINVAL) {
		error_set_where(&named, config->path);
	}
	return error_pass(err, &named);
}

static enum tng_code run_git(struct analysis *an, const struct analysis_request *request,
		struct finding_list *findings, struct tng_error *err) {
	const char *root = request->root != NULL ? request->root : ".";
	enum tng_code code = an->revision != NULL
			? vcs_revision_column(an->arena, an->revision, &an->git, err)
			: vcs_column_open(an->arena, an->tree, root, &an->git, err);

	an->has_git = code == TNG_OK;
	for (size_t i = 0; code == TNG_OK && i < an->git.nwarnings; i++) {
		const struct vcs_warning *w = &an->git.warnings[i];
		findings_add(findings, "git", SEVERITY_WARNING, w->path, 0, 0, "git: %.*s",
				STR_FMT(w->text));
	}
	return code;
}

static enum tng_code run_classes(struct analysis *an, const struct analysis_request *request,
		struct tng_error *err) {
	const struct config *config = request->config;
	struct tng_error bad = { 0 };
	struct classify_input input = {
		.tree = an->tree,
		.root_fd = an->builds[0].context.root_fd,
		.vcs = an->has_git ? &an->git : NULL,
		.user_rules = user_rules(an->arena, config),
		.nuser_rules = config != NULL ? config->nclass_rules : 0,
	};
	enum tng_code code = input.user_rules != NULL
			? classify_column(an->arena, &input, &an->classes, &bad)
			: error_nomem(&bad);

	an->has_classes = code == TNG_OK;
	return code == TNG_OK ? TNG_OK : pass_rule_error(config, &bad, err);
}

enum tng_code columns_run(struct analysis *an, const struct analysis_request *request,
		struct finding_list *findings, struct tng_error *err) {
	enum tng_code code = request->want_git ? run_git(an, request, findings, err) : TNG_OK;

	if (code == TNG_OK && request->want_classes) {
		code = run_classes(an, request, err);
	}
	return code;
}

enum tng_code analysis_rules(struct arena *a, const struct config *config, struct class_column *out,
		struct tng_error *err) {
	struct class_user_rule *rules = user_rules(a, config);
	struct tng_error bad = { 0 };
	enum tng_code code = rules != NULL
			? classify_rules(a, rules, config != NULL ? config->nclass_rules : 0, out,
					  &bad)
			: error_nomem(&bad);

	return code == TNG_OK ? TNG_OK : pass_rule_error(config, &bad, err);
}
