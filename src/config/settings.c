/* The flags that a file sets, as texts: what they mean is the business of the command line. */
#include "config/internal.h"

#include "util/path.h"

/* The text as it would stand on a command line in the working directory. */
static enum tng_code resolve(
		const struct reader *r, enum config_path kind, struct str text, const char **out) {
	struct str name = STR(""), path = text, joined = text;

	if (kind == CONFIG_NAMED_PATH && !str_cut(text, '=', &name, &path)) {
		kind = CONFIG_NO_PATH; /* no value at all: the command line says what is wrong */
	}
	bool is_relative = kind != CONFIG_NO_PATH && path.len > 0 && path.ptr[0] != '/' &&
			!str_eq(path, STR("-"));
	for (size_t i = 0; kind == CONFIG_NAMED_PATH && i < path.len; i++) {
		is_relative &= path.ptr[i] != ':'; /* a scheme, or host:path */
	}
	if (is_relative) {
		joined = path_join(r->arena, r->directory, path);
	}
	if (is_relative && kind == CONFIG_NAMED_PATH && joined.ptr != NULL) {
		char *whole = arena_new(r->arena, char, name.len + 1 + joined.len + 1);
		if (whole != NULL) {
			memcpy(whole, name.ptr, name.len);
			whole[name.len] = '=';
			memcpy(whole + name.len + 1, joined.ptr, joined.len);
			joined = str_make(whole, name.len + 1 + joined.len);
		} else {
			joined.ptr = NULL;
		}
	}
	joined = joined.ptr != NULL ? arena_copy(r->arena, joined) : joined;
	*out = joined.ptr;
	return joined.ptr != NULL ? TNG_OK : error_nomem(r->err);
}

static enum tng_code read_list(const struct reader *r, const struct node *n, enum config_path kind,
		struct config_setting *out) {
	const struct str *texts = NULL;
	size_t ntexts = 0;
	enum tng_code code = read_texts(r, n, &texts, &ntexts);
	const char **values = arena_new(r->arena, const char *, ntexts + 1);

	if (values == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; code == TNG_OK && i < ntexts; i++) {
		code = resolve(r, kind, texts[i], &values[i]);
	}
	out->values = values;
	out->nvalues = ntexts;
	return code;
}

enum tng_code read_setting(
		const struct reader *r, const struct node *n, struct config_setting *out) {
	const struct config_flag *flag = &r->language->flags[out->flag];
	const char **value = arena_new(r->arena, const char *, 1);
	struct str text = n->text;
	enum tng_code code = TNG_OK;
	uint64_t number;
	size_t choice;
	bool is_on = false;

	if (value == NULL) {
		return error_nomem(r->err);
	}
	out->values = value;
	out->nvalues = 1;
	out->line = n->line;
	out->column = n->column;
	switch (flag->type) {
	case CONFIG_SWITCH:
		code = read_bool(r, n, &is_on);
		*value = is_on ? "1" : "0";
		return code;
	case CONFIG_LIST:
		return read_list(r, n, flag->path, out);
	case CONFIG_TEXT:
		code = read_text(r, n, &text);
		break;
	case CONFIG_NUMBER:
		code = read_number(r, n, CONFIG_NUMBER_MAX, &number);
		break;
	case CONFIG_CHOICE:
		code = read_choice(r, n, flag->choices, &choice);
		break;
	}
	return code == TNG_OK ? resolve(r, flag->path, text, value) : code;
}
