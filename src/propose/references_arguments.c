/*
 * What a command is given: words that are paths, or are not; directories that it goes to; scripts that it
 * runs, which are read as commands in their turn.
 */
#include "propose/references_commands.h"

#include "util/gomatch.h"
#include "util/path.h"

/* ---- arguments ---- */

static const char *verb_of(const struct commands *c) {
	return c->at.is_step ? "used by RUN (%s)" : "used by a script that RUN calls (%s)";
}

bool looks_like_path(struct str word) {
	size_t dot = str_find_last(word, '.');

	return str_find(word, '/') < word.len || (dot < word.len && dot + 1 < word.len) ||
			gomatch_has_wildcard(word);
}

/* A word of an instruction that is a file, or looks like a path, is read for certain. */
static bool is_certain(const struct commands *c, struct str word, uint32_t row) {
	return c->at.is_step &&
			(looks_like_path(word) ||
					(row != TREE_NO_ROW &&
							!entry_is_dir(tree_entry(
									c->s->tree, row))));
}

bool command_mark(struct commands *c, struct str word, bool spreads) {
	struct mark_how how = { .guard = NEED_GUARD_REFERENCED,
		.spreads = spreads,
		.why = verb_of(c),
		.subject = c->name };
	struct str expanded;

	if (!scene_expand(c->s, c->scene, word, &expanded) || expanded.len == 0) {
		return false;
	}
	struct str path = scene_resolve(c->s, c->scene, expanded);
	if (path.ptr == NULL) {
		return false;
	}
	how.kind = is_certain(c, word, tree_find(c->s->tree, path)) ? NEED_KEEP : NEED_ASK;
	return mark_path(c->s, STR("."), path, &c->at, &how);
}

/* What --exclude names is what is not read. */
static bool is_exclusion(struct str word) {
	return str_starts(word, STR("--exclude")) || str_starts(word, STR("--ignore"));
}

void command_operands(struct commands *c, const struct str *words, size_t n, bool spreads) {
	for (size_t i = 0; i < n; i++) {
		struct str word = words[i], value;
		if (is_exclusion(word)) {
			i += str_find(word, '=') == word.len;
			continue;
		}
		if (is_option(word)) {
			(void)str_cut(word, '=', &word, &value);
			if (looks_like_path(value)) {
				(void)command_mark(c, value, spreads);
			}
			continue;
		}
		(void)command_mark(c, word, spreads);
	}
}

bool words_have(const struct str *words, size_t n, const char *word) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(words[i], str_from(word))) {
			return true;
		}
	}
	return false;
}

bool words_have_prefix(const struct str *words, size_t n, const char *prefix) {
	for (size_t i = 0; i < n; i++) {
		if (str_starts(words[i], str_from(prefix))) {
			return true;
		}
	}
	return false;
}

struct str command_dir(struct commands *c) {
	return scene_resolve(c->s, c->scene, STR("."));
}

uint32_t command_row(struct commands *c, struct str word) {
	struct str expanded;

	if (!scene_expand(c->s, c->scene, word, &expanded)) {
		return TREE_NO_ROW;
	}
	struct str path = scene_resolve(c->s, c->scene, expanded);
	return path.ptr != NULL ? tree_find(c->s->tree, path) : TREE_NO_ROW;
}

void command_cd(struct commands *c, struct str word) {
	struct str expanded;

	if (!scene_expand(c->s, c->scene, word, &expanded) || str_starts(expanded, STR("-"))) {
		c->scene->cwd = STR("");
		return;
	}
	if (c->scene->cwd.len == 0 && !str_starts(expanded, STR("/"))) {
		return;
	}
	struct str joined = str_starts(expanded, STR("/"))
			? expanded
			: path_join(c->s->a, c->scene->cwd, expanded);
	struct str clean = joined.ptr != NULL ? path_clean(c->s->a, joined) : joined;
	c->s->failed |= clean.ptr == NULL;
	c->scene->cwd = clean.ptr != NULL ? clean : STR("");
}

void command_tests(struct commands *c) {
	need_raise(&c->s->tests_need, NEED_ASK, NEED_GUARD_REFERENCED, &c->at,
			search_printf(c->s, "tests may be run (%.*s)",
					STR_FMT(str_take(c->name, 40))));
}

/* ---- scripts ---- */

static bool is_shell_text(struct str name, struct str text) {
	struct str first, rest;

	(void)str_cut(text, '\n', &first, &rest);
	if (str_starts(first, STR("#!"))) {
		return str_ends(str_trim(first), STR("sh"));
	}
	return str_ends(name, STR(".sh")) || str_find(path_base(name), '.') == path_base(name).len;
}

static uint32_t row_beside(struct commands *c, struct str name) {
	struct mark_how how = { NEED_ASK, NEED_GUARD_REFERENCED, false, verb_of(c), c->name };
	struct str path = search_join(c->s, path_dir(c->at.file), name);

	if (path.len == 0) {
		return TREE_NO_ROW;
	}
	(void)mark_path(c->s, STR("."), path, &c->at, &how);
	return tree_find(c->s->tree, path);
}

void command_script(struct commands *c, struct str word, bool is_shell) {
	struct search *s = c->s;
	uint32_t row = command_row(c, word);
	struct str text;

	if (row == TREE_NO_ROW && !c->at.is_step && str_starts(word, STR("$/"))) {
		/* "$(dirname "$0")/x": beside the script */
		row = row_beside(c, str_skip(word, 2));
	} else {
		(void)command_mark(c, word, false);
	}
	if (row == TREE_NO_ROW || s->depth >= COMMANDS_DEPTH_MAX) {
		return;
	}
	struct arena_mark mark = arena_mark(s->scratch);
	if (search_read(s, row, true, &text) && (is_shell || is_shell_text(word, text))) {
		struct scene scene = *c->scene;
		struct origin at = { search_path(s, row), 1, false };
		s->depth++;
		commands_text(s, &scene, text, &at);
		s->depth--;
	}
	arena_rewind(s->scratch, mark);
}
