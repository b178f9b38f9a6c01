/*
 * Commands one after the other: what stands in front of the program is taken off, and what it does with the
 * rest is looked up.
 */
#include "propose/references_commands.h"

#include "util/path.h"
#include "util/shell.h"

/* ---- wrappers ---- */

/* commands that run another: how many plain words stand between; `word` must be the first of them */
static const struct wrapper {
	const char *name, *word;
	uint8_t nskipped;
} wrappers[] = {
	{ "builtin", NULL, 0 },
	{ "bun", "x", 1 },
	{ "bundle", "exec", 1 },
	{ "catchsegv", NULL, 0 },
	{ "command", NULL, 0 },
	{ "cross-env", NULL, 0 },
	{ "dumb-init", NULL, 0 },
	{ "env", NULL, 0 },
	{ "eval", NULL, 0 },
	{ "exec", NULL, 0 },
	{ "gosu", NULL, 1 },
	{ "hatch", "run", 1 },
	{ "nice", NULL, 0 },
	{ "nohup", NULL, 0 },
	{ "npm", "exec", 1 },
	{ "npx", NULL, 0 },
	{ "pdm", "run", 1 },
	{ "pipenv", "run", 1 },
	{ "pnpm", "dlx", 1 },
	{ "pnpm", "exec", 1 },
	{ "poetry", "run", 1 },
	{ "retry", NULL, 0 },
	{ "su-exec", NULL, 1 },
	{ "sudo", NULL, 0 },
	{ "time", NULL, 0 },
	{ "timeout", NULL, 1 },
	{ "tini", NULL, 0 },
	{ "uv", "run", 1 },
	{ "xargs", NULL, 0 },
	{ "xvfb-run", NULL, 0 },
	{ "yarn", "exec", 1 },
};

/* How many words in front of the command proper; 0: it is no wrapper. */
static size_t wrapper_words(const struct str *words, size_t n) {
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		const struct wrapper *w = &wrappers[i];
		if (!str_eq(path_base(words[0]), str_from(w->name)) ||
				(w->word != NULL &&
						(n < 2 || !str_eq(words[1], str_from(w->word))))) {
			continue;
		}
		size_t skip = 1 + w->nskipped;
		while (skip < n && is_option(words[skip])) {
			skip++;
		}
		return skip < n ? skip : n;
	}
	return 0;
}

static bool is_assignment(struct str word) {
	size_t equals = str_find(word, '=');

	if (equals == 0 || equals == word.len) {
		return false;
	}
	for (size_t i = 0; i < equals; i++) {
		char c = word.ptr[i];
		bool is_digit = c >= '0' && c <= '9';
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
				    (is_digit && i > 0))) {
			return false;
		}
	}
	return true;
}

/* ---- a command ---- */

static void run_words(struct commands *c, const struct str *words, size_t n) {
	while (n > 0) {
		size_t skip = is_assignment(words[0]) ? 1 : wrapper_words(words, n);
		const struct command_rule *rule = command_rule_find(path_base(words[0]));
		if (skip == 0) {
			break;
		}
		search_tool(c->s, rule != NULL ? rule->tools : 0);
		words += skip;
		n -= skip;
	}
	if (n == 0) {
		return;
	}
	c->name = path_base(words[0]);
	if (str_find(words[0], '/') < words[0].len) {
		command_script(c, words[0], false);
	}
	const struct command_rule *rule = command_rule_find(c->name);
	command_install(c, words, n);
	if (rule != NULL) {
		command_rule_run(c, rule, words + 1, n - 1);
	} else {
		command_operands(c, words + 1, n - 1, true);
	}
}

void commands_words(struct search *s, struct scene *scene, const struct str *words, size_t nwords,
		const struct origin *at) {
	struct commands c = { .s = s, .scene = scene, .at = *at };

	if (s->depth >= COMMANDS_DEPTH_MAX) {
		return;
	}
	s->depth++;
	run_words(&c, words, nwords);
	s->depth--;
}

struct text_reader {
	struct search *s;
	struct scene *scene;
	const struct origin *at;
};

static void take_command(void *user, const struct shell_command *command) {
	struct text_reader *r = user;
	struct origin at = *r->at;

	at.line += at.is_step ? 0 : command->line;
	struct commands c = { .s = r->s, .scene = r->scene, .at = at, .name = STR("<") };
	for (size_t i = 0; i < command->nreads; i++) {
		(void)command_mark(&c, command->reads[i], false);
	}
	commands_words(r->s, r->scene, command->words, command->nwords, &at);
}

void commands_text(
		struct search *s, struct scene *scene, struct str text, const struct origin *at) {
	struct text_reader r = { s, scene, at };
	struct arena_mark mark = arena_mark(s->scratch);

	s->failed |= !shell_each(s->scratch, text, take_command, &r);
	arena_rewind(s->scratch, mark);
}
