#include "builds/internal.h"

#include "util/gomatch.h"
#include "util/path.h"

#include <stdlib.h>

struct str finder_join(struct finder *f, struct str dir, struct str path) {
	while (str_starts(path, STR("./"))) {
		path = str_skip(path, 2);
	}
	struct str joined = path.len > 0 ? path_join(f->a, dir, path) : dir;
	struct str clean = joined.ptr != NULL ? path_clean(f->a, joined) : joined;

	f->failed |= clean.ptr == NULL;
	return clean.ptr != NULL ? clean : STR(".");
}

void finding_add(struct finder *f, struct str file, uint32_t line, const char *text) {
	struct builds_finding *finding = VEC_PUSH(&f->findings);
	struct str copy = arena_copy(f->a, str_from(text));

	f->failed |= finding == NULL || copy.ptr == NULL;
	if (finding != NULL) {
		*finding = (struct builds_finding){ file, line, copy };
	}
}

/* ---- variables ---- */

size_t variable_len(struct str s, struct str *fallback) {
	size_t n = 0;

	*fallback = (struct str){ NULL, 0 };
	if (str_starts(s, STR("{{"))) { /* ${{ expression }} of a workflow */
		while (n < s.len && !str_starts(str_skip(s, n), STR("}}"))) {
			n++;
		}
		return n + 2 < s.len ? n + 2 : s.len;
	}
	if (str_starts(s, STR("{")) || str_starts(s, STR("("))) {
		n = str_find(s, s.ptr[0] == '{' ? '}' : ')');
		struct str inner = str_take(s, n);
		for (size_t i = 0; i < inner.len; i++) {
			if (inner.ptr[i] == '-') {
				*fallback = str_skip(inner, i + 1);
				break;
			}
			if (inner.ptr[i] == '?' || inner.ptr[i] == '+') {
				break;
			}
		}
		return n < s.len ? n + 1 : n;
	}
	while (n < s.len &&
			(s.ptr[n] == '_' || (s.ptr[n] >= '0' && s.ptr[n] <= '9') ||
					((s.ptr[n] | 0x20) >= 'a' && (s.ptr[n] | 0x20) <= 'z'))) {
		n++;
	}
	return n;
}

/* The name in "NAME", "{NAME}", "{NAME:-text}"; empty: an expression. */
static struct str variable_name(struct str s) {
	size_t n = 0;

	if (str_starts(s, STR("{"))) {
		s = str_skip(s, 1);
	}
	while (n < s.len &&
			(s.ptr[n] == '_' || (s.ptr[n] >= '0' && s.ptr[n] <= '9') ||
					((s.ptr[n] | 0x20) >= 'a' && (s.ptr[n] | 0x20) <= 'z'))) {
		n++;
	}
	return str_take(s, n);
}

/* The value of a line of an .env file, without its quotes or the comment behind it. */
static struct str env_value(struct str text) {
	struct str value = str_trim(text);

	if (str_starts(value, STR("\"")) || str_starts(value, STR("'"))) {
		struct str inner = str_skip(value, 1);
		return str_take(inner, str_find(inner, value.ptr[0]));
	}
	for (size_t i = 1; i < value.len; i++) {
		if (value.ptr[i] == '#' && (value.ptr[i - 1] == ' ' || value.ptr[i - 1] == '\t')) {
			return str_trim(str_take(value, i));
		}
	}
	return value;
}

/* The last line of the .env file at hand that sets a variable; .ptr NULL: none does. */
static struct str env_find(const struct finder *f, struct str name) {
	struct str rest = f->env, line, found = { NULL, 0 };

	while (name.len > 0 && rest.len > 0) {
		struct str key, value = STR("");
		(void)str_cut(rest, '\n', &line, &rest);
		bool has_value = str_cut(line, '=', &key, &value);
		key = str_trim(key);
		if (str_starts(key, STR("export "))) {
			key = str_trim(str_skip(key, 7));
		}
		if (has_value && str_eq(key, name)) {
			found = env_value(value);
		}
	}
	return found;
}

struct str variable_value(const struct finder *f, struct str variable, struct str fallback) {
	struct str set = env_find(f, variable_name(variable));
	bool is_known = set.ptr != NULL && set.len > 0 && str_find(set, '$') == set.len;

	return is_known ? set : set.len > 0 ? (struct str){ NULL, 0 } : fallback;
}

struct str text_without_variables(struct finder *f, struct str text, bool *has_variable) {
	struct buf b = { 0 };

	*has_variable = false;
	if (str_find(text, '$') == text.len) {
		return text;
	}
	while (text.len > 0) {
		struct str fallback;
		size_t n = str_find(text, '$');
		buf_append(&b, str_take(text, n));
		if (n == text.len) {
			break;
		}
		text = str_skip(text, n + 1);
		n = variable_len(text, &fallback);
		struct str value = variable_value(f, str_take(text, n), fallback);
		text = str_skip(text, n);
		*has_variable |= value.ptr == NULL;
		buf_append(&b, value.ptr != NULL ? value : STR("*"));
	}
	struct str copy = arena_copy(f->a, buf_str(&b));
	f->failed |= buf_failed(&b) || copy.ptr == NULL;
	buf_fini(&b);
	return copy.ptr != NULL ? copy : STR("");
}

/* ---- contexts ---- */

static bool is_remote(struct str context) {
	static const char *const starts[] = { "http://", "https://", "git://", "git@", "ssh://",
		"github.com/", "docker-image://", "oci-layout://", "service:", "target:" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (str_starts(context, str_from(starts[i]))) {
			return true;
		}
	}
	return str_eq(context, STR("-"));
}

static void set_contexts(struct finder *f, const struct raw_build *raw, struct found_build *build) {
	struct found_context *contexts = arena_new(f->a, struct found_context, raw->ncontexts);

	if (contexts == NULL) {
		f->failed = true;
		return;
	}
	for (size_t i = 0; i < raw->ncontexts; i++) {
		bool has_variable;
		struct str value = text_without_variables(f, raw->contexts[i].value, &has_variable);
		contexts[i] = raw->contexts[i];
		contexts[i].is_local =
				!has_variable && !is_remote(value) && !str_starts(value, STR("/"));
		contexts[i].value = contexts[i].is_local ? finder_join(f, raw->base, value) : value;
	}
	build->contexts = contexts;
	build->ncontexts = raw->ncontexts;
}

/* An argument whose value hangs on a variable is not known, unless the text has a default for it. */
static void set_args(struct finder *f, const struct raw_build *raw, struct found_build *build) {
	struct build_arg *args = arena_new(f->a, struct build_arg, raw->nargs);
	struct str env = f->env;
	size_t n = 0;

	if (args == NULL) {
		f->failed = true;
		return;
	}
	f->env = STR(""); /* a value may be a secret, and paths seldom hang on one */
	for (size_t i = 0; i < raw->nargs; i++) {
		bool has_variable;
		args[n] = raw->args[i];
		args[n].value = text_without_variables(f, raw->args[i].value, &has_variable);
		n += !has_variable;
	}
	f->env = env;
	build->args = args;
	build->nargs = n;
}

static void push(struct finder *f, const struct found_build *build) {
	if (f->list.len >= BUILDS_MAX) {
		return;
	}
	struct found_build *slot = VEC_PUSH(&f->list);
	if (slot == NULL) {
		f->failed = true;
		return;
	}
	*slot = *build;
	if (f->list.len == BUILDS_MAX) {
		finding_add(f, build->file, build->line,
				"too many builds: the rest is not looked at");
	}
}

/* A Dockerfile whose path has a variable: every one in the tree that fits, but it may be less. */
static void push_fitting(struct finder *f, struct found_build *build, struct str glob) {
	struct buf path = { 0 };

	build->context_is_guess = true;
	for (uint32_t row = 1; row < tree_nrows(f->tree); row++) {
		const struct entry *entry = tree_entry(f->tree, row);
		if (!entry_is_file(entry) ||
				!(dockerfile_is_name(tree_name(f->tree, entry)) ||
						str_eq(tree_name(f->tree, entry),
								path_base(glob)))) {
			continue;
		}
		buf_clear(&path);
		tree_path(f->tree, row, &path);
		if (gomatch(glob, buf_str(&path)) == GOMATCH_YES) {
			build->dockerfile = arena_copy(f->a, buf_str(&path));
			build->dockerfile_row = row;
			f->failed |= build->dockerfile.ptr == NULL;
			push(f, build);
		}
	}
	f->failed |= buf_failed(&path);
	buf_fini(&path);
}

void found_add(struct finder *f, const struct source_file *file, const struct raw_build *raw) {
	struct found_build build = { .origin = raw->origin,
		.file = file->path,
		.line = raw->line,
		.name = raw->name,
		.inline_text = raw->dockerfile_inline.text,
		.inline_is_known = !raw->dockerfile_inline.is_unknown,
		.inline_place = raw->dockerfile_inline.place,
		.target = raw->target,
		.context_is_guess = raw->context_is_guess,
		.dockerfile_row = TREE_NO_ROW };
	bool context_varies, file_varies, target_varies;
	struct str context = text_without_variables(f, raw->context, &context_varies);
	struct str name = raw->dockerfile.len > 0 ? raw->dockerfile : STR("Dockerfile");

	build.is_remote = is_remote(context);
	build.is_repository = raw->is_repository;
	build.target = text_without_variables(f, raw->target, &target_varies);
	build.target = target_varies ? STR("") : build.target;
	set_args(f, raw, &build);
	set_contexts(f, raw, &build);
	if (build.is_remote) {
		build.context = context;
		push(f, &build);
		return;
	}
	if (context_varies || str_starts(context, STR("/"))) {
		return; /* which directory, nobody here can say; names.c takes the Dockerfile */
	}
	build.context = finder_join(f, raw->base, context);
	name = text_without_variables(f, name, &file_varies);
	if (build.inline_text.len > 0) {
		build.file_text = file->text;
		push(f, &build);
		return;
	}
	struct str path = finder_join(f, raw->file_is_in_base ? raw->base : build.context, name);
	if (file_varies) {
		push_fitting(f, &build, path);
		return;
	}
	build.dockerfile = path;
	build.dockerfile_row = tree_find(f->tree, path);
	push(f, &build);
}
