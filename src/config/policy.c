/*
 * budgets, rules, keep and fail-on: what `tonnage check` and `tonnage propose` go by.
 *
 *   budgets:
 *     bytes: 20MB                      under the narrowest lens that is known
 *     classes: { tests: 0 }
 *     paths: { "*.ipynb": 1MB }
 *     eligible: { files: 2000 }        the same keys, under this lens
 *     git-ratio: 1.5
 */
#include "config/internal.h"

#include "util/nearest.h"
#include "util/size.h"

const char *const policy_keys[] = { "budgets", "fail-on", "keep", "rules", NULL };

/* A size, with its place: "20MB", or a number of bytes. */
static enum tng_code read_size(const struct reader *r, const struct node *n, uint64_t *out) {
	struct tng_error bad = { 0 };
	struct str text;
	enum tng_code code = want_kind(r, n, NODE_SCALAR, "a size, as 20MB,");

	if (code == TNG_OK) {
		code = read_text(r, n, &text);
	}
	if (code == TNG_OK && size_parse(text, out, &bad) != TNG_OK) {
		code = bad_value(r, n, "%s", bad.text);
	}
	return code;
}

static enum tng_code read_limit(const struct reader *r, const struct node *n, bool is_count,
		struct config_limit *out) {
	enum tng_code code = is_count ? read_number(r, n, UINT32_MAX, &out->value)
				      : read_size(r, n, &out->value);

	out->is_set = code == TNG_OK;
	out->line = n->line;
	out->column = n->column;
	return code;
}

/* "1.5" in thousandths; not by strtod(), which reads what the locale says. */
static enum tng_code read_ratio(
		const struct reader *r, const struct node *n, struct config_limit *out) {
	struct str whole, fraction, text = n->text;
	uint64_t value = 0;
	bool has_point = str_cut(text, '.', &whole, &fraction);
	bool is_good = n->kind == NODE_SCALAR && whole.len > 0 && whole.len < 7 &&
			(!has_point || (fraction.len > 0 && fraction.len < 4));

	for (size_t i = 0; is_good && i < whole.len + 3; i++) {
		size_t k = i - whole.len;
		int c = i < whole.len ? whole.ptr[i] : k < fraction.len ? fraction.ptr[k] : '0';
		is_good = c >= '0' && c <= '9';
		value = 10 * value + (uint64_t)(c - '0');
	}
	if (!is_good || value == 0) {
		return bad_value(r, n,
				"must be a number above 0 with at most three decimals, as 1.5");
	}
	*out = (struct config_limit){ true, value, n->line, n->column };
	return TNG_OK;
}

static enum tng_code read_named(const struct reader *r, const struct node *n, const char *what,
		const struct config_named_limit **out, size_t *nout) {
	struct config_named_limit *limits = NULL;
	enum tng_code code = want_kind(r, n, NODE_MAP, what);
	size_t i = 0;

	if (code != TNG_OK) {
		return code;
	}
	limits = arena_new(r->arena, struct config_named_limit, n->nchildren);
	if (limits == NULL) {
		return error_nomem(r->err);
	}
	for (const struct node *c = n->first; c != NULL && code == TNG_OK; c = c->next, i++) {
		limits[i].name = c->key;
		limits[i].line = c->key_line;
		limits[i].column = c->key_column;
		code = read_size(r, c, &limits[i].bytes);
	}
	*out = limits;
	*nout = i;
	return code;
}

/* One of the keys that stand under each lens; false: it is none. */
static bool read_figure(const struct reader *r, const struct node *n, struct config_limits *out,
		enum tng_code *code) {
	if (str_eq(n->key, STR("bytes"))) {
		*code = read_limit(r, n, false, &out->bytes);
	} else if (str_eq(n->key, STR("files"))) {
		*code = read_limit(r, n, true, &out->files);
	} else if (str_eq(n->key, STR("file-size"))) {
		*code = read_limit(r, n, false, &out->file_size);
	} else if (str_eq(n->key, STR("classes"))) {
		*code = read_named(r, n, "a mapping of classes to sizes", &out->classes,
				&out->nclasses);
	} else if (str_eq(n->key, STR("paths"))) {
		*code = read_named(
				r, n, "a mapping of patterns to sizes", &out->paths, &out->npaths);
	} else {
		return false;
	}
	return true;
}

static enum tng_code read_lens(
		const struct reader *r, const struct node *n, struct config_limits *out) {
	static const char *const known[] = { "bytes", "classes", "file-size", "files", "paths",
		NULL };
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of budgets");

	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next) {
		if (!read_figure(r, c, out, &code)) {
			code = bad_key(r, c, known);
		}
	}
	return code;
}

const char *config_lens_name(enum config_lens lens) {
	static const char *const names[CONFIG_NLENSES] = { "", "disk", "eligible", "requested" };

	return names[lens];
}

static enum tng_code read_budget(
		const struct reader *r, const struct node *n, struct config_policy *out) {
	static const char *const known[] = { "bytes", "classes", "disk", "eligible", "file-size",
		"files", "git-ratio", "paths", "requested", NULL };
	enum tng_code code = TNG_OK;

	if (read_figure(r, n, &out->limits[CONFIG_LENS_DEFAULT], &code)) {
		return code;
	}
	if (str_eq(n->key, STR("git-ratio"))) {
		return read_ratio(r, n, &out->git_ratio);
	}
	for (size_t i = 1; i < CONFIG_NLENSES; i++) {
		if (str_eq(n->key, str_from(config_lens_name((enum config_lens)i)))) {
			return read_lens(r, n, &out->limits[i]);
		}
	}
	return bad_key(r, n, known);
}

static enum tng_code read_budgets(
		const struct reader *r, const struct node *n, struct config_policy *out) {
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of budgets");

	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next) {
		code = read_budget(r, c, out);
	}
	return code;
}

static enum tng_code check_rule(const struct reader *r, const struct node *n) {
	const struct config_language *l = r->language;
	struct nearest near = nearest_to(n->key);

	for (size_t i = 0; i < l->nrules; i++) {
		if (str_eq(l->rules[i], n->key)) {
			return TNG_OK;
		}
		nearest_offer(&near, l->rules[i]);
	}
	if (l->rules == NULL) {
		return TNG_OK;
	}
	return error_set_at(r->err, TNG_EINVAL, n->key_line, n->key_column,
			"\"%.*s\" is no rule of tonnage check%s%.*s%s tonnage rules lists them",
			STR_FMT(str_take(n->key, 60)), near.word.len > 0 ? "; did you mean \"" : "",
			STR_FMT(near.word), near.word.len > 0 ? "\"?" : ";");
}

static enum tng_code read_severities(
		const struct reader *r, const struct node *n, struct config_policy *out) {
	static const enum config_severity severities[] = { CONFIG_SEVERITY_OFF,
		CONFIG_SEVERITY_NOTE, CONFIG_SEVERITY_WARNING, CONFIG_SEVERITY_ERROR };
	enum tng_code code = want_kind(r, n, NODE_MAP, "a mapping of rules to severities");
	struct config_severity_rule *list =
			arena_new(r->arena, struct config_severity_rule, n->nchildren);
	size_t i = 0, choice = 0;

	if (list == NULL) {
		return error_nomem(r->err);
	}
	for (const struct node *c = n->first; code == TNG_OK && c != NULL; c = c->next, i++) {
		code = check_rule(r, c);
		if (code == TNG_OK) {
			code = read_choice(r, c, "off|note|warning|error", &choice);
		}
		list[i] = (struct config_severity_rule){ c->key, severities[choice], c->key_line,
			c->key_column };
	}
	out->severities = list;
	out->nseverities = i;
	return code;
}

static enum tng_code read_fail_on(
		const struct reader *r, const struct node *n, struct config_policy *out) {
	static const enum config_fail_on choices[] = { CONFIG_FAIL_ON_ERROR, CONFIG_FAIL_ON_WARNING,
		CONFIG_FAIL_ON_NOTE, CONFIG_FAIL_ON_NEVER };
	size_t choice = 0;
	enum tng_code code = read_choice(r, n, "error|warning|note|never", &choice);

	out->fail_on = choices[choice];
	return code;
}

bool read_policy_key(const struct reader *r, const struct node *n, struct config_policy *out,
		enum tng_code *code) {
	if (str_eq(n->key, STR("budgets"))) {
		*code = read_budgets(r, n, out);
	} else if (str_eq(n->key, STR("fail-on"))) {
		*code = read_fail_on(r, n, out);
	} else if (str_eq(n->key, STR("keep"))) {
		*code = read_texts(r, n, &out->keep, &out->nkeep);
	} else if (str_eq(n->key, STR("rules"))) {
		*code = read_severities(r, n, out);
	} else {
		return false;
	}
	return true;
}
