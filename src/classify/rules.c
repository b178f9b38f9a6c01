#include "classify/rules.h"

#include "util/gomatch.h"

/* User rules stand above all of the table's, and directories of theirs claim all below. */
#define USER_RANK 97U
#define USER_SURE 99U
#define USER_CLASSES_MAX 1000U

static struct class_rule words_of(const struct rule_row *row) {
	return (struct class_rule){
		.id = class_text(row->id),
		.klass = row->klass,
		.ecosystem = class_text(row->ecosystem),
		.kind = (enum class_rule_kind)row->kind,
		.pattern = class_text(row->pattern),
		.evidence = class_text(row->evidence),
		.confidence = row->sure,
		.tier = row->tier,
		.advice = (enum class_advice)row->advice,
		.severity = (enum class_severity)row->severity,
		.risk = class_text(row->risk),
		.docker_pattern = class_text(row->suggests),
	};
}

static void copy_builtin(struct ruleset *set) {
	for (size_t i = 0; i < class_nrules; i++) {
		set->rules[i].row = class_rule_rows[i];
		set->words[i] = words_of(&class_rule_rows[i]);
	}
	for (size_t i = 0; i < class_nclasses; i++) {
		set->classes[i] = (struct class_name){
			.name = class_text(class_rows[i].name),
			.group = (enum class_group)class_rows[i].group,
			.advice = (enum class_advice)class_rows[i].advice,
			.meaning = class_text(class_rows[i].meaning),
		};
	}
	set->n = set->nbuiltin = class_nrules;
	set->nclasses = class_nclasses;
}

static size_t find_class(const struct ruleset *set, struct str name) {
	size_t i = 0;

	while (i < set->nclasses && !str_eq(set->classes[i].name, name)) {
		i++;
	}
	return i;
}

static size_t find_rule(const struct ruleset *set, struct str id) {
	size_t i = 0;

	while (i < set->n && !str_eq(set->words[i].id, id)) {
		i++;
	}
	return i;
}

/* A new class is of the group that its first rule's advice says. */
static enum tng_code take_class(struct ruleset *set, const struct class_user_rule *user,
		uint16_t *klass, struct tng_error *err) {
	size_t i = find_class(set, user->klass);

	if (i == set->nclasses) {
		if (i >= class_nclasses + USER_CLASSES_MAX) {
			return error_set_at(err, TNG_EINVAL, user->line, user->column,
					"more than %u classes", USER_CLASSES_MAX);
		}
		enum class_advice advice = user->has_advice ? user->advice : ADVICE_ASK;
		set->classes[set->nclasses++] = (struct class_name){
			.name = user->klass,
			.group = (enum class_group)advice,
			.advice = advice,
			.meaning = STR("A class of the configuration."),
		};
	}
	*klass = (uint16_t)i;
	return TNG_OK;
}

static enum tng_code check_pattern(const struct class_user_rule *user, struct tng_error *err) {
	struct str rest = user->pattern, part;

	if (str_ends(rest, STR("/"))) {
		rest.len--;
	}
	while (rest.len > 0) {
		struct str before = rest;
		(void)str_cut(rest, '/', &part, &rest);
		if (part.len == 0 || gomatch(part, STR("x")) == GOMATCH_BAD) {
			return error_set_at(err, TNG_EINVAL, user->line, user->column,
					"rule %.*s: \"%.*s\" is not a pattern", STR_FMT(user->id),
					STR_FMT(before));
		}
		if (rest.len > 0 && gomatch_has_wildcard(part)) {
			return error_set_at(err, TNG_EINVAL, user->line, user->column,
					"rule %.*s: only the last component may have a wildcard",
					STR_FMT(user->id));
		}
	}
	return TNG_OK;
}

/* The pattern of a rule: a final '/' asks for a directory, without one both are meant. */
static void set_pattern(struct class_rule *words, struct rule *rule, struct str pattern) {
	bool dirs_only = str_ends(pattern, STR("/"));
	uint8_t nparents = 0;

	pattern.len -= dirs_only;
	for (size_t i = 0; i < pattern.len; i++) {
		nparents = (uint8_t)(nparents + (pattern.ptr[i] == '/' && nparents < UINT8_MAX));
	}
	words->pattern = pattern;
	words->kind = dirs_only                         ? CLASS_RULE_DIR
			: gomatch_has_wildcard(pattern) ? CLASS_RULE_GLOB
							: CLASS_RULE_FILE;
	rule->row.kind = (uint8_t)words->kind;
	rule->row.for_dirs = 1;
	rule->row.for_files = !dirs_only;
	rule->row.nparents = nparents;
}

static enum tng_code add_rule(
		struct ruleset *set, const struct class_user_rule *user, struct tng_error *err) {
	uint16_t klass = CLASS_SOURCE;

	if (user->klass.len == 0 || user->pattern.len == 0) {
		return error_set_at(err, TNG_EINVAL, user->line, user->column,
				"rule %.*s is not one of tonnage's; a new rule needs a class and a "
				"pattern",
				STR_FMT(user->id));
	}
	enum tng_code code = take_class(set, user, &klass, err);
	if (code != TNG_OK) {
		return code;
	}
	const struct class_name *c = &set->classes[klass];
	struct class_rule *words = &set->words[set->n];
	struct rule *rule = &set->rules[set->n++];
	*words = (struct class_rule){
		.id = user->id,
		.klass = klass,
		.ecosystem = user->ecosystem.len > 0 ? user->ecosystem : STR("any"),
		.confidence = USER_SURE,
		.tier = 1,
		.advice = user->has_advice ? user->advice : c->advice,
		.severity = klass == CLASS_SECRET ? CLASS_SEVERITY_HIGH : CLASS_SEVERITY_NONE,
		.docker_pattern = user->docker_pattern,
		.is_user = true,
		.is_silenced = user->is_silenced,
	};
	rule->row = (struct rule_row){
		.klass = klass,
		.rank = USER_RANK,
		.sure = USER_SURE,
		.tier = 1,
		.advice = (uint8_t)words->advice,
		.severity = (uint8_t)words->severity,
		.is_tree = 1,
	};
	rule->is_silenced = user->is_silenced;
	set_pattern(words, rule, user->pattern);
	return TNG_OK;
}

/* Only what is set; a pattern of the table's own stays, for its evidence belongs to it. */
static enum tng_code change_rule(struct ruleset *set, size_t i, const struct class_user_rule *user,
		struct tng_error *err) {
	struct class_rule *words = &set->words[i];
	struct rule *rule = &set->rules[i];

	if (user->pattern.len > 0 && !words->is_user) {
		return error_set_at(err, TNG_EINVAL, user->line, user->column,
				"rule %.*s is one of tonnage's: its pattern cannot change; silence "
				"it and add your own",
				STR_FMT(user->id));
	}
	if (user->klass.len > 0) {
		enum tng_code code = take_class(set, user, &rule->row.klass, err);
		if (code != TNG_OK) {
			return code;
		}
		words->klass = rule->row.klass;
	}
	if (user->has_advice) {
		words->advice = user->advice;
		rule->row.advice = (uint8_t)user->advice;
	}
	words->ecosystem = user->ecosystem.len > 0 ? user->ecosystem : words->ecosystem;
	words->docker_pattern =
			user->docker_pattern.len > 0 ? user->docker_pattern : words->docker_pattern;
	words->is_silenced = rule->is_silenced = words->is_silenced || user->is_silenced;
	if (user->pattern.len > 0) {
		set_pattern(words, rule, user->pattern);
	}
	return TNG_OK;
}

static enum tng_code take_user_rule(
		struct ruleset *set, const struct class_user_rule *user, struct tng_error *err) {
	if (user->id.len == 0) {
		return error_set_at(
				err, TNG_EINVAL, user->line, user->column, "a rule without an id");
	}
	enum tng_code code = check_pattern(user, err);
	if (code != TNG_OK) {
		return code;
	}
	size_t i = find_rule(set, user->id);
	return i < set->n ? change_rule(set, i, user, err) : add_rule(set, user, err);
}

enum tng_code ruleset_make(struct arena *a, const struct class_user_rule *user, size_t nuser,
		struct ruleset *out, struct tng_error *err) {
	struct ruleset set = { 0 };

	if (nuser >= CLASS_NO_RULE - (size_t)class_nrules) {
		return error_set(err, TNG_EINVAL, "%zu class rules are too many", nuser);
	}
	set.words = arena_new(a, struct class_rule, class_nrules + nuser);
	set.rules = arena_new(a, struct rule, class_nrules + nuser);
	set.classes = arena_new(a, struct class_name, class_nclasses + nuser);
	if (set.words == NULL || set.rules == NULL || set.classes == NULL) {
		return error_nomem(err);
	}
	copy_builtin(&set);
	for (size_t i = 0; i < nuser; i++) {
		enum tng_code code = take_user_rule(&set, &user[i], err);
		if (code != TNG_OK) {
			return code;
		}
	}
	*out = set;
	return TNG_OK;
}
