/*
 * npm, yarn, pnpm and bun: the scripts of package.json that a command runs, those around them (prebuild,
 * postbuild) and those that an installation runs by itself (postinstall, prepare).
 */
#include "propose/references_commands.h"

/* The text of a script in a package.json; .ptr NULL: there is none. With its escapes. */
static struct str script_named(struct str text, struct str name, uint32_t *line) {
	*line = 1;
	for (size_t i = 0; i + name.len + 2 < text.len; i++) {
		struct str rest = str_skip(text, i + name.len + 2);
		*line += text.ptr[i] == '\n';
		if (text.ptr[i] != '"' || rest.ptr[-1] != '"' ||
				memcmp(text.ptr + i + 1, name.ptr, name.len) != 0) {
			continue;
		}
		rest = str_trim(rest);
		if (!str_starts(rest, STR(":"))) {
			continue;
		}
		rest = str_trim(str_skip(rest, 1));
		size_t end = 1;
		while (end < rest.len && rest.ptr[end] != '"') {
			end += rest.ptr[end] == '\\' ? 2 : 1;
		}
		if (str_starts(rest, STR("\"")) && end < rest.len) {
			return str_make(rest.ptr + 1, end - 1);
		}
	}
	return (struct str){ NULL, 0 };
}

/* \" and the like, in s->scratch. */
static struct str unescape(struct search *s, struct str text) {
	char *copy = arena_alloc(s->scratch, text.len + 1);
	size_t n = 0;

	s->failed |= copy == NULL;
	for (size_t i = 0; copy != NULL && i < text.len; i++) {
		bool is_escape = text.ptr[i] == '\\' && i + 1 < text.len;
		i += is_escape;
		bool is_blank = is_escape && strchr("nrt", text.ptr[i]) != NULL;
		copy[n++] = text.ptr[i];
		if (is_blank) {
			copy[n - 1] = ' ';
		}
	}
	return str_make(copy, n);
}

static void run_script(struct commands *c, struct str name) {
	struct search *s = c->s;
	uint32_t row = command_row(c, STR("package.json")), line;
	struct arena_mark mark = arena_mark(s->scratch);
	struct str text;

	if (s->depth < COMMANDS_DEPTH_MAX && search_read(s, row, false, &text)) {
		struct str script = script_named(text, name, &line);
		struct scene scene = *c->scene;
		struct origin at = { search_path(s, row), line, false };
		s->depth++;
		if (script.ptr != NULL) {
			commands_text(s, &scene, unescape(s, script), &at);
		}
		s->depth--;
	}
	arena_rewind(s->scratch, mark);
}

static void run_script_and_hooks(struct commands *c, struct str name) {
	run_script(c, search_printf(c->s, "pre%.*s", STR_FMT(str_take(name, 80))));
	run_script(c, name);
	run_script(c, search_printf(c->s, "post%.*s", STR_FMT(str_take(name, 80))));
}

static void run_lifecycle(struct commands *c) {
	static const char *const names[] = { "preinstall", "install", "postinstall", "prepublish",
		"preprepare", "prepare", "postprepare" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		run_script(c, str_from(names[i]));
	}
}

/* Where it works, when words[i] says so; how many words that takes, 0: it does not. */
static size_t take_dir(struct commands *c, const struct str *words, size_t n, size_t i) {
	static const char *const names[] = { "--cwd", "--prefix", "--dir", "-C" };
	struct str option, value;
	bool has_value = str_cut(words[i], '=', &option, &value);

	for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
		if (!str_eq(option, str_from(names[j])) || (!has_value && i + 1 >= n)) {
			continue;
		}
		command_cd(c, has_value ? value : words[i + 1]);
		return has_value ? 1 : 2;
	}
	return 0;
}

static bool is_word_of(struct str word, const char *const *list, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(word, str_from(list[i]))) {
			return true;
		}
	}
	return false;
}

void command_node(struct commands *c, const struct str *words, size_t n) {
	static const char *const installs[] = { "ci", "i", "install", "clean-install", "add" };
	struct scene scene = *c->scene, *outer = c->scene;
	/* the first word of the others may be a script */
	bool is_run = !str_eq(c->name, STR("npm")), is_first = true;
	bool runs_hooks = !words_have(words, n, "--ignore-scripts") &&
			!words_have(words, n, "-g") && !words_have(words, n, "--global");

	c->scene = &scene;
	for (size_t i = 0; i < n; i++) {
		size_t taken = take_dir(c, words, n, i);
		if (taken > 0) {
			i += taken - 1;
		} else if (is_option(words[i])) {
			continue;
		} else if (str_eq(words[i], STR("run")) || str_eq(words[i], STR("run-script"))) {
			is_run = true;
			is_first = false;
		} else if (str_eq(words[i], STR("test")) || str_eq(words[i], STR("t"))) {
			command_tests(c);
			run_script_and_hooks(c, STR("test"));
			is_first = false;
		} else if (is_first && is_word_of(words[i], installs, 5)) {
			if (runs_hooks) {
				run_lifecycle(c);
			}
			break;
		} else if (is_run) {
			run_script_and_hooks(c, words[i]);
			is_first = false;
		} else if (is_first && str_eq(words[i], STR("start"))) {
			run_script_and_hooks(c, words[i]);
			break;
		}
	}
	if (is_first && str_eq(c->name, STR("yarn")) && runs_hooks) {
		run_lifecycle(c); /* yarn alone installs */
	}
	c->scene = outer;
}
