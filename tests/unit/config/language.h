/* unit/config/language.h - a few flags and commands, and files read by them. */
#ifndef UNIT_CONFIG_LANGUAGE_H
#define UNIT_CONFIG_LANGUAGE_H

#include "config/config.h"

#define COMMAND_WEIGH 1U
#define COMMAND_LIST 2U

/** Places of the flags. */
enum {
	FLAG_TOP,     /* a number; weigh, list */
	FLAG_ENGINE,  /* red|green; weigh, list */
	FLAG_FILE,    /* a list of paths; weigh, list */
	FLAG_OUTPUT,  /* a path; list */
	FLAG_QUIET,   /* a switch; weigh, list */
	FLAG_CONTEXT, /* NAME=PATH, a list; weigh */
	FLAG_TARGET,  /* a text; weigh */
	FLAG_HELP,    /* no setting */
};

struct reading {
	struct arena *arena;
	struct config config;
	struct tng_error err;
	enum tng_code code;
};

/** Read `text` as the file at `path`. */
struct reading reading_of_file(const char *text, const char *path);

/** ... as .tonnage.yaml. */
struct reading reading_of(const char *text);

void reading_end(struct reading *r);

/** A text that is refused: the error as "line:column: text". */
const char *refusal_of(const char *text);

/** The same language, with known rules "alpha" and "beta". */
extern const struct config_language language;

#endif
