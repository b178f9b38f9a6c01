/*
 * RUN --mount=type=bind,source=a,target=/b: fields when read, a struct mount once expanded.
 *
 * Only `from` counts before expansion, and it may hold no variable; every other value, the type
 * included, may (instructions/commands_runmount.go).
 */
#include "dockerfile/internal.h"

#include "util/path.h"

#define SHORT_FMT(s) (int)((s).len > 60 ? 60 : (s).len), (s).ptr

enum mount_key {
	KEY_TYPE,
	KEY_FROM,
	KEY_SOURCE,
	KEY_TARGET,
	KEY_READONLY,
	KEY_READWRITE,
	KEY_REQUIRED,
	KEY_SIZE,
	KEY_ID,
	KEY_SHARING,
	KEY_MODE,
	KEY_UID,
	KEY_GID,
	KEY_ENV,
	KEY_UNKNOWN,
};

static enum mount_key key_find(struct str key) {
	static const struct {
		const char *name;
		enum mount_key key;
	} keys[] = {
		{ "destination", KEY_TARGET },
		{ "dst", KEY_TARGET },
		{ "env", KEY_ENV },
		{ "from", KEY_FROM },
		{ "gid", KEY_GID },
		{ "id", KEY_ID },
		{ "mode", KEY_MODE },
		{ "readonly", KEY_READONLY },
		{ "readwrite", KEY_READWRITE },
		{ "required", KEY_REQUIRED },
		{ "ro", KEY_READONLY },
		{ "rw", KEY_READWRITE },
		{ "sharing", KEY_SHARING },
		{ "size", KEY_SIZE },
		{ "source", KEY_SOURCE },
		{ "src", KEY_SOURCE },
		{ "target", KEY_TARGET },
		{ "type", KEY_TYPE },
		{ "uid", KEY_UID },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (str_eq(key, str_from(keys[i].name))) {
			return keys[i].key;
		}
	}
	return KEY_UNKNOWN;
}

/* ---- fields: one line of comma-separated values ---- */

/** The next field of a CSV line; false: quotes are wrong. `out` has room for the field's bytes. */
static bool csv_field(struct str *rest, char *out, size_t *len, bool *more) {
	struct str s = *rest;
	size_t i = 0, n = 0;

	if (s.len > 0 && s.ptr[0] == '"') {
		for (i = 1;; i++) {
			if (i >= s.len) {
				return false;
			}
			if (s.ptr[i] == '"') {
				if (i + 1 >= s.len || s.ptr[i + 1] != '"') {
					break;
				}
				i++;
			}
			out[n++] = s.ptr[i];
		}
		i++;
		if (i < s.len && s.ptr[i] != ',') {
			return false;
		}
	} else {
		for (; i < s.len && s.ptr[i] != ','; i++) {
			if (s.ptr[i] == '"') {
				return false;
			}
			out[n++] = s.ptr[i];
		}
	}
	*len = n;
	*more = i < s.len;
	*rest = str_skip(s, i + 1);
	return true;
}

static void lower_ascii(char *text, size_t len) {
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= 'A' && text[i] <= 'Z') {
			text[i] = (char)(text[i] + ('a' - 'A'));
		}
	}
}

static enum tng_code check_from(
		const struct instruction_flag *flag, struct str value, struct tng_error *err) {
	size_t dollar = str_find(value, '$');

	if (dollar < value.len && dollar + 1 != value.len) {
		return error_set_at(err, TNG_ESYNTAX, flag->line, flag->column,
				"'from' doesn't support variable expansion: name a stage (FROM "
				"%.*s AS name) and use that",
				SHORT_FMT(value));
	}
	return TNG_OK;
}

enum tng_code mount_read(struct arena *a, const struct instruction_flag *flag,
		struct instruction_mount *out, struct tng_error *err) {
	struct {
		LIST_FIELDS(struct mount_field)
	} fields = { 0 };
	struct str rest = flag->value;
	char *text = arena_alloc(a, flag->value.len);

	if (text == NULL) {
		return error_nomem(err);
	}
	*out = (struct instruction_mount){
		.line = flag->line, .column = flag->column, .end_column = flag->end_column
	};
	for (bool more = flag->value.len > 0; more;) {
		size_t len;
		if (!csv_field(&rest, text, &len, &more)) {
			return error_set_at(err, TNG_ESYNTAX, flag->line, flag->column,
					"--mount is not a line of comma-separated values: check "
					"its "
					"quotes");
		}
		struct mount_field *field = LIST_PUSH(a, &fields);
		if (field == NULL) {
			return error_nomem(err);
		}
		*field = (struct mount_field){ 0 };
		field->has_value = str_cut(str_make(text, len), '=', &field->key, &field->value);
		lower_ascii(text, field->key.len);
		text += len;
		if (field->has_value && str_eq(field->key, STR("from"))) {
			enum tng_code code = check_from(flag, field->value, err);
			if (code != TNG_OK) {
				return code;
			}
			out->from = field->value;
		}
	}
	out->fields = fields.ptr;
	out->nfields = fields.len;
	return TNG_OK;
}

/* ---- meaning ---- */

static bool type_find(struct str text, enum mount_type *type) {
	static const char *const names[] = {
		[MOUNT_BIND] = "bind",
		[MOUNT_CACHE] = "cache",
		[MOUNT_TMPFS] = "tmpfs",
		[MOUNT_SECRET] = "secret",
		[MOUNT_SSH] = "ssh",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_nocase(text, str_from(names[i]))) {
			*type = (enum mount_type)i;
			return true;
		}
	}
	return false;
}

/** What Go's strconv.ParseBool takes. */
static bool is_bool(struct str s) {
	static const char *const words[] = { "1", "t", "T", "TRUE", "true", "True", "0", "f", "F",
		"FALSE", "false", "False" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(s, str_from(words[i]))) {
			return true;
		}
	}
	return false;
}

static bool is_number(struct str s, unsigned base) {
	uint64_t value = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] >= (char)('0' + base) || value > UINT32_MAX) {
			return false;
		}
		value = value * base + (uint64_t)(s.ptr[i] - '0');
	}
	return s.len > 0 && value <= UINT32_MAX;
}

struct expander {
	struct arena *a;
	char escape;
	struct word_scope scope;
	uint32_t line, column;
	struct mount *out;
	struct str id; /* secret: its id */
	bool has_sharing, has_owner;
	struct tng_error *err;
};

static enum tng_code bad_field(
		const struct expander *x, const struct mount_field *f, const char *what) {
	return error_set_at(x->err, TNG_ESYNTAX, x->line, x->column, "%s '%.*s' in --mount", what,
			SHORT_FMT(f->key));
}

static enum tng_code set_flag_field(
		struct expander *x, const struct mount_field *f, enum mount_key key) {
	bool is_file = x->out->type == MOUNT_SECRET || x->out->type == MOUNT_SSH;

	if (key == KEY_READONLY || key == KEY_READWRITE || (key == KEY_REQUIRED && is_file)) {
		return TNG_OK;
	}
	return key == KEY_REQUIRED ? bad_field(x, f, "this type of mount has no key")
				   : bad_field(x, f, "a key=value pair is needed for");
}

static enum tng_code set_field(struct expander *x, const struct mount_field *f, enum mount_key key,
		const struct word_result *value) {
	struct mount *m = x->out;
	bool ok = true;

	switch (key) {
	case KEY_TYPE:
		ok = type_find(value->text, &m->type);
		break;
	case KEY_FROM:
		m->from = value->text;
		break;
	case KEY_SOURCE:
		m->source = value->text;
		m->source_written = f->value;
		m->source_result = *value;
		break;
	case KEY_TARGET:
		m->target = value->text;
		break;
	case KEY_READONLY:
	case KEY_READWRITE:
		ok = is_bool(value->text);
		break;
	case KEY_REQUIRED:
		ok = (m->type == MOUNT_SECRET || m->type == MOUNT_SSH) && is_bool(value->text);
		break;
	case KEY_SIZE:
		ok = m->type == MOUNT_TMPFS && value->text.len > 0;
		break;
	case KEY_ID:
		x->id = value->text;
		break;
	case KEY_SHARING:
		ok = str_eq_nocase(value->text, STR("shared")) ||
				str_eq_nocase(value->text, STR("private")) ||
				str_eq_nocase(value->text, STR("locked"));
		x->has_sharing = true;
		break;
	case KEY_MODE:
	case KEY_UID:
	case KEY_GID:
		ok = is_number(value->text, key == KEY_MODE ? 8 : 10);
		x->has_owner = true;
		break;
	case KEY_ENV:
		break;
	case KEY_UNKNOWN:
		return bad_field(x, f, "unexpected key");
	}
	/* a value that hangs on an unset variable may be right in another build */
	return ok || value->is_unknowable ? TNG_OK : bad_field(x, f, "invalid value for");
}

/** Rules between the fields. */
static enum tng_code check_mount(const struct expander *x) {
	const struct mount *m = x->out;
	const char *wrong = NULL;

	switch (m->type) {
	case MOUNT_BIND:
	case MOUNT_TMPFS:
		wrong = x->has_owner ? "mode, uid and gid are not allowed for this type of mount"
				     : NULL;
		break;
	case MOUNT_SECRET:
		if (m->from.len > 0) {
			wrong = "secret mount should not have a from";
		} else if (m->source.len == 0 && m->target.len == 0 && x->id.len == 0) {
			wrong = "invalid secret mount: give it an id";
		} else if (m->source.len > 0 && x->id.len > 0) {
			wrong = "a secret mount takes a source or an id, not both";
		}
		break;
	case MOUNT_CACHE:
	case MOUNT_SSH:
		break;
	}
	if (wrong == NULL && x->has_sharing && m->type != MOUNT_CACHE) {
		wrong = "only a cache mount has 'sharing'";
	}
	if (wrong == NULL &&
			(m->type == MOUNT_BIND || m->type == MOUNT_TMPFS ||
					m->type == MOUNT_CACHE)) {
		struct str target = path_clean(x->a, m->target);
		if (target.ptr == NULL) {
			return error_nomem(x->err);
		}
		wrong = str_eq(target, STR("/")) ? "invalid mount target \"/\": give it a folder"
						 : NULL;
	}
	return wrong == NULL ? TNG_OK
			     : error_set_at(x->err, TNG_ESYNTAX, x->line, x->column, "%s", wrong);
}

enum tng_code mount_expand(struct arena *a, const struct instruction_mount *m, char escape,
		enum tng_engine engine, struct word_scope scope, uint32_t line, struct mount *out,
		struct tng_error *err) {
	struct expander x = { .a = a,
		.escape = escape,
		.scope = scope,
		.line = line,
		.column = line == m->line ? m->column : 0,
		.out = out,
		.err = err };

	bool is_buildah = engine == TNG_ENGINE_PODMAN;
	*out = (struct mount){ .type = MOUNT_BIND };
	for (size_t i = 0; i < m->nfields; i++) {
		const struct mount_field *f = &m->fields[i];
		enum mount_key key = key_find(f->key);
		enum tng_code code;
		if (is_buildah && (key == KEY_UNKNOWN || !f->has_value)) {
			code = TNG_OK;
		} else if (!f->has_value) {
			code = set_flag_field(&x, f, key);
		} else {
			struct word_result value;
			code = word_expand(a, f->value, escape, 0, scope, &value, err);
			if (code == TNG_OK) {
				code = set_field(&x, f, key, &value);
			}
		}
		if (code != TNG_OK) {
			return code;
		}
	}
	return is_buildah ? TNG_OK : check_mount(&x);
}
