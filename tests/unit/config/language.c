#include "language.h"

#include "support/expect.h"

#include <stdio.h>

#define BOTH (COMMAND_WEIGH | COMMAND_LIST)

static const struct config_flag flags[] = {
	[FLAG_TOP] = { "top", CONFIG_NUMBER, CONFIG_NO_PATH, NULL, BOTH, false },
	[FLAG_ENGINE] = { "engine", CONFIG_CHOICE, CONFIG_NO_PATH, "red|green", BOTH, false },
	[FLAG_FILE] = { "file", CONFIG_LIST, CONFIG_PATH, NULL, BOTH, false },
	[FLAG_OUTPUT] = { "output", CONFIG_TEXT, CONFIG_PATH, NULL, COMMAND_LIST, false },
	[FLAG_QUIET] = { "quiet", CONFIG_SWITCH, CONFIG_NO_PATH, NULL, BOTH, false },
	[FLAG_CONTEXT] = { "build-context", CONFIG_LIST, CONFIG_NAMED_PATH, NULL, COMMAND_WEIGH,
			false },
	[FLAG_TARGET] = { "target", CONFIG_TEXT, CONFIG_NO_PATH, NULL, COMMAND_WEIGH, false },
	[FLAG_HELP] = { "help", CONFIG_SWITCH, CONFIG_NO_PATH, NULL, BOTH, true },
};

static const struct config_command commands[] = {
	{ "weigh", COMMAND_WEIGH },
	{ "list", COMMAND_LIST },
};

static const struct str rules[] = { { "alpha", 5 }, { "beta", 4 } };

const struct config_language language = {
	.flags = flags,
	.nflags = sizeof(flags) / sizeof(flags[0]),
	.commands = commands,
	.ncommands = 2,
	.rules = rules,
	.nrules = 2,
};

struct reading reading_of_file(const char *text, const char *path) {
	struct reading r = { .arena = arena_create() };

	cr_assert(ne(ptr, r.arena, NULL));
	r.code = config_parse(
			r.arena, str_from(text), str_from(path), &language, &r.config, &r.err);
	cr_expect(eq(int, r.code, r.err.code));
	return r;
}

struct reading reading_of(const char *text) {
	return reading_of_file(text, ".tonnage.yaml");
}

void reading_end(struct reading *r) {
	arena_destroy(r->arena);
	r->arena = NULL;
}

const char *refusal_of(const char *text) {
	static char said[300];
	struct reading r = reading_of(text);

	cr_expect(ne(int, r.code, TNG_OK), "%s is read", text);
	cr_expect(eq(str, r.err.where, ".tonnage.yaml"));
	(void)snprintf(said, sizeof(said), "%u:%u: %s", r.err.line, r.err.column, r.err.text);
	reading_end(&r);
	return said;
}
