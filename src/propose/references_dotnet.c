/*
 * dotnet: a solution names its projects, and each of them must be there. Which solution: the one that is
 * given, or the only thing to build where the command works.
 *
 *   Project("{...}") = "Web", "src\Web\Web.csproj", "{...}"       .sln
 *   <Project Path="src/Web/Web.csproj" />                         .slnx
 */
#include "propose/references_commands.h"

#include "util/path.h"

static bool is_solution(struct str name) {
	return str_ends(name, STR(".sln")) || str_ends(name, STR(".slnx"));
}

static bool is_project(struct str name) {
	return str_ends(name, STR("proj")) && str_find(name, '.') < name.len;
}

/* With '/' for every '\', in the arena. */
static struct str with_slashes(struct search *s, struct str path) {
	char *text = arena_alloc(s->a, path.len + 1);

	s->failed |= text == NULL;
	for (size_t i = 0; text != NULL && i < path.len; i++) {
		text[i] = path.ptr[i];
		if (text[i] == '\\') {
			text[i] = '/';
		}
	}
	return str_make(text, text != NULL ? path.len : 0);
}

static void mark_project(struct search *s, struct str path, const struct origin *at,
		const struct mark_how *how) {
	struct mark_how whole = *how;
	struct str dir = path_dir(path);

	(void)mark_path(s, path_dir(at->file), path, at, how);
	whole.spreads = true; /* what lies beside it is compiled */
	if (!str_eq(dir, STR("."))) {
		(void)mark_path(s, path_dir(at->file), dir, at, &whole);
	}
}

static void read_solution(struct commands *c, uint32_t row) {
	struct search *s = c->s;
	struct mark_how how = { .kind = c->at.is_step ? NEED_KEEP : NEED_ASK,
		.guard = NEED_GUARD_WORKSPACE_MEMBER,
		.why = "a project of the solution" };
	struct arena_mark mark = arena_mark(s->scratch);
	struct origin at = { search_path(s, row), 0, false };
	struct str text, line, word;

	for (bool more = search_read(s, row, false, &text); more;) {
		more = str_cut(text, '\n', &line, &text);
		at.line++;
		for (bool has_word = true; has_word;) {
			has_word = str_cut(line, '"', &word, &line);
			if (is_project(word)) {
				mark_project(s, with_slashes(s, word), &at, &how);
			}
		}
	}
	arena_rewind(s->scratch, mark);
}

/* The solution of the directory that the command works in; a project beside it goes first. */
static uint32_t solution_here(struct commands *c) {
	struct str dir = command_dir(c);
	uint32_t found = TREE_NO_ROW;

	if (dir.ptr == NULL) {
		return found;
	}
	uint32_t top = str_eq(dir, STR(".")) ? 0 : tree_find(c->s->tree, dir);
	if (top == TREE_NO_ROW || !entry_is_dir(tree_entry(c->s->tree, top))) {
		return TREE_NO_ROW;
	}
	for (uint32_t row = top + 1; row < tree_end(c->s->tree, top);
			row = tree_end(c->s->tree, row)) {
		struct str name = tree_name(c->s->tree, tree_entry(c->s->tree, row));
		if (is_project(name)) {
			return TREE_NO_ROW;
		}
		found = is_solution(name) ? row : found;
	}
	return found;
}

void command_dotnet(struct commands *c, const struct str *words, size_t n) {
	static const char *const verbs[] = { "restore", "build", "publish", "test", "pack",
		"msbuild" };
	uint32_t row = TREE_NO_ROW;
	bool is_verb = false, has_operand = false;

	for (size_t i = 0; n > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		is_verb |= str_eq(words[0], str_from(verbs[i]));
	}
	for (size_t i = 1; i < n && is_verb; i++) {
		bool is_value = is_option(words[i - 1]) &&
				str_find(words[i - 1], '=') == words[i - 1].len &&
				str_find(words[i - 1], ':') == words[i - 1].len;
		if (is_solution(words[i])) {
			row = command_row(c, words[i]);
			has_operand = true;
		} else if (!is_option(words[i]) && !is_value) {
			has_operand = true;
		}
	}
	row = is_verb && !has_operand ? solution_here(c) : row;
	if (row != TREE_NO_ROW) {
		read_solution(c, row);
	}
}
