/* propose/references_commands.h - one command while it is looked at; for the files of that family. */
#ifndef PROPOSE_REFERENCES_COMMANDS_H
#define PROPOSE_REFERENCES_COMMANDS_H

#include "propose/references_internal.h"

/** Scripts in scripts are followed so far. */
#define COMMANDS_DEPTH_MAX 6U

struct commands {
	struct search *s;
	struct scene *scene; /* `cd` changes it */
	struct origin at;
	struct str name; /* of the command, without its directory */
};

/** The words behind the command's name. */
typedef void command_fn(struct commands *c, const struct str *words, size_t n);

/** What the words behind a program's name are. */
enum operands {
	OPERANDS_NONE,
	OPERANDS_TREE, /* read, with all below */
	OPERANDS_NAME, /* must be there */
	OPERANDS_OWN,  /* run() knows */
};

struct command_rule {
	const char *name;
	enum operands operands;
	uint32_t tools;
	command_fn *run;
};

/** Of a program, by its name without a directory; NULL: nothing is known of it, so its words are paths. */
const struct command_rule *command_rule_find(struct str name);

/** Take in a program; `words` are those behind its name. */
void command_rule_run(struct commands *c, const struct command_rule *rule, const struct str *words,
		size_t n);

/** Mark what a word means as a path; false: nothing of the context. */
bool command_mark(struct commands *c, struct str word, bool spreads);

/** All words that are no options, and the values of --option=value that look like paths. */
void command_operands(struct commands *c, const struct str *words, size_t n, bool spreads);

/** Mark a script, and take in its commands if it is one of a shell. */
void command_script(struct commands *c, struct str word, bool is_shell);

void command_cd(struct commands *c, struct str word);

/** Tests are run: what they read is needed. */
void command_tests(struct commands *c);

/** The directory of the context that the command works in; .ptr NULL: none. */
struct str command_dir(struct commands *c);

/** The row that a word means; TREE_NO_ROW: none. */
uint32_t command_row(struct commands *c, struct str word);

/** A command that fetches dependencies is kept with the files that say which; `words` from its name on. */
void command_install(struct commands *c, const struct str *words, size_t n);

/** dotnet: what the solution that it builds names. */
void command_dotnet(struct commands *c, const struct str *words, size_t n);

/** npm and its like: what the scripts of package.json call. */
void command_node(struct commands *c, const struct str *words, size_t n);

/** make: what the recipes of its targets call. */
void command_make(struct commands *c, const struct str *words, size_t n);

static inline bool is_option(struct str word) {
	return str_starts(word, STR("-")) && word.len > 1;
}

/** A word with a slash, a suffix or a wildcard. */
bool looks_like_path(struct str word);

bool words_have(const struct str *words, size_t n, const char *word);
bool words_have_prefix(const struct str *words, size_t n, const char *prefix);

#endif
