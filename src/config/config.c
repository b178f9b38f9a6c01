/*
 * The file as a whole: which keys there are.
 *
 *   classes:, budgets:, rules:, keep:, fail-on:, dockerfiles:     what only a file can say
 *   COMMAND: { FLAG: value }                                      a flag of one command
 *   FLAG: value                                                   of all commands that take it
 */
#include "config/config.h"

#include "config/internal.h"
#include "util/file.h"
#include "util/path.h"

#include <fcntl.h>

/* Keys that only a file has, beside those of a policy. */
#define KEY_CLASSES "classes"
#define KEY_DOCKERFILES "dockerfiles"

struct settings {
	struct config_setting *list;
	size_t n;
};

/* A name may stand for another flag in a command that has its own: in the command's section it is that. */
static const struct config_flag *find_flag(const struct config_language *l, struct str name,
		const struct config_command *section) {
	const struct config_flag *found = NULL;

	for (size_t i = 0; i < l->nflags; i++) {
		const struct config_flag *flag = &l->flags[i];
		if (flag->is_fixed || !str_eq(str_from(flag->name), name)) {
			continue;
		}
		if (section != NULL && (flag->commands & section->bit) != 0) {
			return flag;
		}
		found = found != NULL ? found : flag;
	}
	return found;
}

/* `rules` is a command, too; as a key it is the severities. */
static const struct config_command *find_command(const struct config_language *l, struct str name) {
	for (size_t i = 0; i < l->ncommands; i++) {
		if (str_eq(str_from(l->commands[i].name), name)) {
			return &l->commands[i];
		}
	}
	return NULL;
}

/* All keys that would be right where one is not: in a command's section its flags, else everything. */
static enum tng_code unknown_key(const struct reader *r, const struct node *n,
		const struct config_command *section) {
	const struct config_language *l = r->language;
	const char **known = arena_new(
			r->arena, const char *, l->nflags + l->ncommands + NPOLICY_KEYS + 3);
	size_t k = 0;

	if (known == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; section != NULL && i < NPOLICY_KEYS; i++) {
		if (str_eq(n->key, str_from(policy_keys[i]))) {
			return error_set_at(r->err, TNG_EINVAL, n->key_line, n->key_column,
					"\"%s\" stands at the top of the file, not under \"%s\"",
					policy_keys[i], section->name);
		}
	}
	for (size_t i = 0; i < l->nflags; i++) {
		if (!l->flags[i].is_fixed &&
				(section == NULL || (l->flags[i].commands & section->bit) != 0)) {
			known[k++] = l->flags[i].name;
		}
	}
	for (size_t i = 0; section == NULL && i < l->ncommands; i++) {
		known[k++] = l->commands[i].name;
	}
	for (size_t i = 0; section == NULL && i < NPOLICY_KEYS; i++) {
		known[k++] = policy_keys[i];
	}
	if (section == NULL) {
		known[k++] = KEY_CLASSES;
		known[k++] = KEY_DOCKERFILES;
	}
	known[k] = NULL;
	return bad_key(r, n, known);
}

static enum tng_code add_setting(const struct reader *r, const struct node *n,
		const struct config_flag *flag, const struct config_command *section,
		struct settings *settings) {
	struct config_setting *s = &settings->list[settings->n++];

	s->flag = (size_t)(flag - r->language->flags);
	s->in_section = section != NULL;
	s->commands = section != NULL ? section->bit : flag->commands;
	return read_setting(r, n, s);
}

static enum tng_code read_section(const struct reader *r, const struct node *n,
		const struct config_command *section, struct settings *settings) {
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of the command's flags");

	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next) {
		const struct config_flag *flag = find_flag(r->language, c->key, section);
		if (flag == NULL || (flag->commands & section->bit) == 0) {
			code = unknown_key(r, c, section);
		} else {
			code = add_setting(r, c, flag, section, settings);
		}
	}
	return code;
}

static enum tng_code read_dockerfile(
		const struct reader *r, const struct node *n, struct config_policy *out) {
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of budgets, rules and the like");

	out->dockerfile = n->key;
	out->line = n->key_line;
	out->column = n->key_column;
	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next) {
		if (!read_policy_key(r, c, out, &code)) {
			code = bad_key(r, c, policy_keys);
		}
	}
	return code;
}

static enum tng_code read_dockerfiles(
		const struct reader *r, const struct node *n, struct config *out) {
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of Dockerfiles");
	struct config_policy *list = arena_new(r->arena, struct config_policy, n->nchildren);
	size_t i = 0;

	if (list == NULL) {
		return error_nomem(r->err);
	}
	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next, i++) {
		code = read_dockerfile(r, c, &list[i]);
	}
	out->dockerfiles = list;
	out->ndockerfiles = i;
	return code;
}

static enum tng_code read_key(const struct reader *r, const struct node *n,
		struct settings *settings, struct config *out) {
	enum tng_code code = TNG_OK;

	if (read_policy_key(r, n, &out->policy, &code)) {
		return code;
	}
	if (str_eq(n->key, STR(KEY_CLASSES))) {
		return read_class_rules(r, n, out);
	}
	if (str_eq(n->key, STR(KEY_DOCKERFILES))) {
		return read_dockerfiles(r, n, out);
	}
	const struct config_command *section = find_command(r->language, n->key);
	if (section != NULL) {
		return read_section(r, n, section, settings);
	}
	const struct config_flag *flag = find_flag(r->language, n->key, NULL);
	return flag != NULL ? add_setting(r, n, flag, NULL, settings) : unknown_key(r, n, NULL);
}

/* Settings that there can be at most: every key of the file and of its sections. */
static size_t count_keys(const struct node *root) {
	size_t n = 0;

	for (const struct node *c = root->first; c != NULL; c = c->next) {
		n += 1 + c->nchildren;
	}
	return n;
}

static enum tng_code read_root(
		const struct reader *r, const struct node *root, struct config *out) {
	enum tng_code code = want_kind(r, root, NODE_MAP, "keys, as engine: classic,");
	struct settings settings = { .n = 0 };

	settings.list = arena_new(r->arena, struct config_setting, count_keys(root));
	if (settings.list == NULL) {
		return error_nomem(r->err);
	}
	for (const struct node *c = root->first; code == TNG_OK && c != NULL; c = c->next) {
		code = read_key(r, c, &settings, out);
	}
	out->settings = settings.list;
	out->nsettings = settings.n;
	return code;
}

enum tng_code config_parse(struct arena *a, struct str text, struct str path,
		const struct config_language *language, struct config *out, struct tng_error *err) {
	struct tng_error bad = { 0 };
	struct config config = { .path = arena_copy(a, path) };
	struct reader r = { a, language, path_dir(path), &bad };
	struct node *root;

	if (config.path.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = yaml_read(a, text, &root, &bad);
	if (code == TNG_OK && root != NULL && !(root->kind == NODE_SCALAR && root->text.len == 0)) {
		code = read_root(&r, root, &config);
	}
	if (code != TNG_OK) {
		error_set_where(&bad, path);
		return error_pass(err, &bad);
	}
	*out = config;
	return TNG_OK;
}

enum tng_code config_read(struct arena *a, const char *path, const struct config_language *language,
		struct config *out, struct tng_error *err) {
	struct tng_error bad = { 0 };
	struct str text;
	enum tng_code code = file_read(a, AT_FDCWD, path, CONFIG_MAX_BYTES, &text, &bad);

	if (code != TNG_OK) {
		error_set_where(&bad, str_from(path));
		return error_pass(err, &bad);
	}
	return config_parse(a, text, str_from(path), language, out, err);
}
