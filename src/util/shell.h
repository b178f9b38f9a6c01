/*
 * util/shell.h - a shell text as simple commands.
 *
 * Control flow is not followed: each command counts, whether it is in a branch or not. Quotes go,
 * variables stay as written, what is inside $( ) and backquotes is a text of its own and leaves a "$".
 * Comments and here-documents are left out. Any bytes will do.
 */
#ifndef UTIL_SHELL_H
#define UTIL_SHELL_H

#include "util/arena.h"
#include "util/str.h"

#include <stdbool.h>
#include <stdint.h>

/** Words of a command past these are dropped. */
#define SHELL_WORDS_MAX 512U

/** One command; valid during the call. The words are in the arena. */
struct shell_command {
	const struct str *words; /* without redirections, keywords and quotes */
	size_t nwords;
	const struct str *reads; /* "< file" */
	size_t nreads;
	uint32_t line; /* 0-based, in the text; where its first word ends */
};

typedef void shell_fn(void *user, const struct shell_command *command);

/**
 * Call `fn` for each command, in order; an inner one comes before the command that it is in.
 *
 * Returns  false when out of memory
 */
ATTR_NODISCARD bool shell_each(struct arena *a, struct str text, shell_fn *fn, void *user);

/**
 * How many words stand before the command proper: assignments, and sudo, env, exec, command, time, nice, nohup
 * with their flags. At most `n`.
 */
size_t shell_skip_wrappers(const struct str *words, size_t n);

#endif
