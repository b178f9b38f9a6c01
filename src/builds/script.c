/*
 * `docker build`, `docker buildx build`, `podman build`, `buildah bud` and kaniko's executor in shell
 * texts. What a script works in is not known: a path is tried from the script's directory and from the
 * root, and the first where the Dockerfile exists is taken.
 */
#include "builds/internal.h"

#include "util/path.h"
#include "util/shell.h"

struct command_line {
	struct str context, dockerfile, target;
	struct build_arg *args;
	size_t nargs;
	struct found_context *contexts;
	size_t ncontexts;
};

/* options of `docker build` that take no value; all others do */
static bool has_no_value(struct str option) {
	static const char *const flags[] = { "--compress", "--debug", "--disable-content-trust",
		"--force-rm", "--help", "--layers", "--load", "--no-cache", "--pull", "--push",
		"--quiet", "--rm", "--squash", "-D", "-h", "-q", "--format-docker", "--tls-verify",
		"--isolation-chroot" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (str_eq(option, str_from(flags[i]))) {
			return true;
		}
	}
	return str_find(option, '=') < option.len;
}

static void take_option(struct command_line *line, struct str name, struct str value) {
	struct str key, rest;

	if (str_eq(name, STR("-f")) || str_eq(name, STR("--file")) ||
			str_eq(name, STR("--dockerfile"))) {
		line->dockerfile = value;
	} else if (str_eq(name, STR("--target"))) {
		line->target = value;
	} else if (str_eq(name, STR("--context")) || str_eq(name, STR("-c"))) {
		line->context = value; /* kaniko */
	} else if (str_eq(name, STR("--build-arg")) && str_cut(value, '=', &key, &rest)) {
		if (str_find(rest, '$') == rest.len) {
			line->args[line->nargs++] = (struct build_arg){ key, rest };
		}
	} else if (str_eq(name, STR("--build-context")) && str_cut(value, '=', &key, &rest)) {
		line->contexts[line->ncontexts++] =
				(struct found_context){ .name = key, .value = rest };
	}
}

static bool read_words(
		struct finder *f, const struct str *words, size_t n, struct command_line *line) {
	line->args = arena_new(f->a, struct build_arg, n);
	line->contexts = arena_new(f->a, struct found_context, n);
	if (line->args == NULL || line->contexts == NULL) {
		f->failed = true;
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct str name = words[i], value;
		if (!str_starts(name, STR("-")) || name.len == 1) {
			line->context = name;
		} else if (str_cut(name, '=', &name, &value)) {
			take_option(line, name, value);
		} else if (str_starts(words[i], STR("-f")) && words[i].len > 2) {
			take_option(line, STR("-f"), str_skip(words[i], 2));
		} else if (!has_no_value(words[i]) && i + 1 < n) {
			take_option(line, words[i], words[i + 1]);
			i++;
		}
	}
	return true;
}

/* How many words say "build an image"; 0: it does not. */
static size_t build_words(const struct str *words, size_t n) {
	struct str name = n > 0 ? path_base(words[0]) : STR("");
	bool is_engine = str_eq(name, STR("docker")) || str_eq(name, STR("podman")) ||
			str_eq(name, STR("nerdctl")) || str_eq(name, STR("buildah")) ||
			str_starts(name, STR("$"));
	size_t i = 1;

	if (str_eq(name, STR("executor")) && n > 2) {
		return 1;
	}
	if (!is_engine) {
		return 0;
	}
	if (i < n &&
			(str_eq(words[i], STR("buildx")) || str_eq(words[i], STR("image")) ||
					str_eq(words[i], STR("builder")))) {
		i++;
	}
	bool is_build = i < n && (str_eq(words[i], STR("build")) || str_eq(words[i], STR("bud")));
	return is_build ? i + 1 : 0;
}

/* ---- a quick look */

static bool is_gap(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\' || c == '"' ||
			c == '\'';
}

/* The end of what may stand in front of "build": a tool, "buildx", or a variable, "${{ env.TOOL }}" and "$(TOOL)"
 * among them. */
static bool may_be_tool(struct str word) {
	static const char *const ends[] = { "docker", "podman", "nerdctl", "buildah", "buildx",
		"image", "builder" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (str_ends(word, str_from(ends[i]))) {
			return true;
		}
	}
	return str_has_any(word, "$})`");
}

static bool follows_tool(struct str before) {
	size_t end = before.len, start;

	while (end > 0 && is_gap(before.ptr[end - 1])) {
		end--;
	}
	for (start = end; start > 0 && !is_gap(before.ptr[start - 1]); start--) {
	}
	return end < before.len && may_be_tool(str_skip(str_take(before, end), start));
}

static bool has_behind_tool(struct str text, struct str word) {
	for (size_t from = 0; from < text.len; from += word.len) {
		const char *at = memmem(text.ptr + from, text.len - from, word.ptr, word.len);
		if (at == NULL) {
			return false;
		}
		from = (size_t)(at - text.ptr);
		if (follows_tool(str_take(text, from))) {
			return true;
		}
	}
	return false;
}

bool script_may_build(struct str text) {
	return str_contains(text, STR("executor")) || has_behind_tool(text, STR("build")) ||
			has_behind_tool(text, STR("bud"));
}

/* ---- commands */

struct script {
	struct finder *f;
	const struct source_file *file;
	struct str base;
	uint32_t line;
	enum build_origin origin;
	bool is_lost; /* it went to a directory that is not known */
};

/* From where the Dockerfile exists; .ptr NULL: from nowhere. */
static struct str find_base(struct script *s, const struct command_line *line) {
	const struct str bases[] = { s->base, s->file->dir, path_dir(s->file->dir), STR(".") };
	bool file_varies, context_varies;
	struct str name = text_without_variables(s->f, line->dockerfile, &file_varies);
	struct str context = text_without_variables(s->f, line->context, &context_varies);

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]) && !context_varies; i++) {
		struct str dir = name.len > 0 ? bases[i] : finder_join(s->f, bases[i], context);
		struct str path = finder_join(s->f, dir, name.len > 0 ? name : STR("Dockerfile"));
		if (file_varies || tree_find(s->f->tree, path) != TREE_NO_ROW) {
			return bases[i];
		}
	}
	return (struct str){ NULL, 0 };
}

static void change_directory(struct script *s, struct str word) {
	bool has_variable;
	struct str dir = text_without_variables(s->f, word, &has_variable);

	if (has_variable || str_starts(dir, STR("/")) || str_starts(dir, STR("-"))) {
		s->is_lost = true;
		return;
	}
	s->base = finder_join(s->f, s->base, dir);
}

static void take_command(void *user, const struct shell_command *command) {
	struct script *s = user;
	struct command_line line = { 0 };
	const struct str *words = command->words;
	size_t n = command->nwords, skip = 0;

	/* "@" of a recipe */
	while (skip < n && str_starts(words[skip], STR("@"))) {
		skip++;
	}
	skip += shell_skip_wrappers(words + skip, n - skip);
	words += skip;
	n -= skip;
	if (n >= 2 && (str_eq(words[0], STR("cd")) || str_eq(words[0], STR("pushd")))) {
		change_directory(s, words[1]);
		return;
	}
	size_t nbuild = build_words(words, n);
	if (nbuild == 0 || !read_words(s->f, words + nbuild, n - nbuild, &line)) {
		return;
	}
	struct str base = line.context.len > 0 ? find_base(s, &line) : (struct str){ NULL, 0 };
	struct raw_build raw = { .origin = s->origin,
		.line = s->line + command->line,
		.base = base,
		.context = line.context,
		.context_is_guess = s->is_lost,
		.dockerfile = line.dockerfile,
		.file_is_in_base = line.dockerfile.len > 0,
		.target = line.target,
		.args = line.args,
		.nargs = line.nargs,
		.contexts = line.contexts,
		.ncontexts = line.ncontexts };
	if (base.ptr != NULL) {
		found_add(s->f, s->file, &raw);
	}
}

void script_text(struct finder *f, const struct source_file *file, struct str base, struct str text,
		uint32_t line, enum build_origin origin) {
	struct script s = { .f = f, .file = file, .base = base, .line = line, .origin = origin };

	f->failed |= !shell_each(f->a, text, take_command, &s);
}

void script_read(struct finder *f, const struct source_file *file) {
	if (script_may_build(file->text)) {
		script_text(f, file, file->dir, file->text, 1, BUILD_ORIGIN_SCRIPT);
	}
}

/* ---- Makefiles ---- */

/* "$(NAME)" as a shell writes it, and the marks in front of a recipe's command gone. */
static struct str as_shell(struct finder *f, struct str line) {
	char *text = arena_alloc(f->a, line.len + 1);
	size_t n = 0;
	bool is_start = true;

	if (text == NULL) {
		f->failed = true;
		return STR("");
	}
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];
		struct str rest = str_skip(line, i);
		size_t close = str_find(rest, ')');
		if (is_start && (c == '@' || c == '-' || c == '+' || c == '\t' || c == ' ')) {
			continue;
		}
		is_start = false;
		if (str_starts(rest, STR("$(")) && close < rest.len &&
				str_find(str_take(rest, close), ' ') == close) {
			text[n++] = '$';
			text[n++] = '{';
			memcpy(text + n, rest.ptr + 2, close - 2);
			n += close - 2;
			text[n++] = '}';
			i += close;
			continue;
		}
		i += c == '$' && str_starts(rest, STR("$$"));
		text[n++] = c;
	}
	return str_make(text, n);
}

void makefile_read(struct finder *f, const struct source_file *file) {
	struct str rest = file->text, line;

	if (!script_may_build(file->text)) {
		return;
	}
	for (uint32_t number = 1; rest.len > 0 && !f->failed; number++) {
		struct buf joined = { 0 };
		uint32_t first = number;
		(void)str_cut(rest, '\n', &line, &rest);
		bool is_recipe = str_starts(line, STR("\t"));
		while (str_ends(line, STR("\\")) && rest.len > 0) {
			buf_append(&joined, str_take(line, line.len - 1));
			(void)str_cut(rest, '\n', &line, &rest);
			number++;
		}
		buf_append(&joined, line);
		if (is_recipe) {
			struct str text = as_shell(f, buf_str(&joined));
			script_text(f, file, file->dir, text, first, BUILD_ORIGIN_SCRIPT);
		}
		f->failed |= buf_failed(&joined);
		buf_fini(&joined);
	}
}
