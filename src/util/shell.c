/*
 * A shell text as simple commands. Control flow is not followed: each command counts, whether it is in
 * a branch or not. Quotes go, variables stay as written, what is inside $( ) is a text of its own.
 */
#include "util/shell.h"

#include "util/buf.h"

#define SHELL_DEPTH_MAX 8U
#define HEREDOCS_MAX 8U

struct shell {
	struct arena *a;
	bool failed;
	struct str text;
	size_t pos;
	uint32_t line;
	unsigned depth;
	shell_fn *fn;
	void *user;

	struct buf word;
	bool has_word; /* "" is a word too */
	struct str *words;
	size_t nwords;
	struct str *reads;
	size_t nreads;
	uint32_t command_line;
	struct str heredocs[HEREDOCS_MAX]; /* whose text begins at the next line */
	size_t nheredocs;
};

static void shell_run(struct shell *sh);

static char peek(const struct shell *sh, size_t ahead) {
	size_t at = sh->pos + ahead;

	if (at >= sh->text.len) {
		return '\0';
	}
	return sh->text.ptr[at];
}

static bool at_end(const struct shell *sh) {
	return sh->pos >= sh->text.len;
}

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

static void put(struct shell *sh, char c) {
	buf_putc(&sh->word, c);
	sh->has_word = true;
}

/* ---- substitutions ---- */

static void run_inner(struct shell *sh, struct str text, uint32_t line) {
	struct shell inner = { .a = sh->a,
		.text = text,
		.line = line,
		.depth = sh->depth + 1,
		.fn = sh->fn,
		.user = sh->user };

	if (inner.depth < SHELL_DEPTH_MAX) {
		shell_run(&inner);
		sh->failed |= inner.failed;
	}
}

/* Behind "$(": to the ")" that closes it. */
static void take_parentheses(struct shell *sh) {
	size_t start = sh->pos;
	uint32_t line = sh->line;
	unsigned open = 1;
	char quote = '\0';

	for (; !at_end(sh); sh->pos++) {
		char c = peek(sh, 0);
		sh->line += c == '\n';
		if (c == '\\') {
			sh->pos++;
		} else if (quote != '\0' && c == quote) {
			quote = '\0';
		} else if (quote != '\0') {
			continue;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == '(') {
			open++;
		} else if (c == ')' && --open == 0) {
			break;
		}
	}
	size_t end = sh->pos < sh->text.len ? sh->pos : sh->text.len;
	run_inner(sh, str_make(sh->text.ptr + start, end - start), line);
	sh->pos = end < sh->text.len ? end + 1 : end;
	put(sh, '$'); /* whatever it gives is unknown */
}

static void take_backquotes(struct shell *sh) {
	struct str rest = str_skip(sh->text, sh->pos);
	size_t n = str_find(rest, '`');

	run_inner(sh, str_take(rest, n), sh->line);
	sh->pos += n < rest.len ? n + 1 : n;
	put(sh, '$');
}

/* One character that means the same inside and outside of double quotes. */
static void take_plain(struct shell *sh) {
	char c = peek(sh, 0);

	sh->pos++;
	sh->line += c == '\n';
	if (c == '$' && peek(sh, 0) == '(') {
		sh->pos++;
		take_parentheses(sh);
	} else if (c == '`') {
		take_backquotes(sh);
	} else if (c == '\\' && !at_end(sh)) {
		if (peek(sh, 0) == '\n') {
			sh->line++;
		} else {
			put(sh, peek(sh, 0));
		}
		sh->pos++;
	} else {
		put(sh, c);
	}
}

static void take_quoted(struct shell *sh) {
	char quote = peek(sh, 0);

	sh->has_word = true;
	for (sh->pos++; !at_end(sh) && peek(sh, 0) != quote;) {
		if (quote == '"') {
			take_plain(sh);
			continue;
		}
		sh->line += peek(sh, 0) == '\n';
		put(sh, peek(sh, 0));
		sh->pos++;
	}
	sh->pos++;
}

/* ---- words and commands ---- */

static struct str cut_word(struct shell *sh) {
	struct str word = arena_copy(sh->a, buf_str(&sh->word));

	sh->failed |= word.ptr == NULL || buf_failed(&sh->word);
	buf_clear(&sh->word);
	sh->has_word = false;
	return word.ptr != NULL ? word : STR("");
}

static void end_word(struct shell *sh) {
	if (!sh->has_word) {
		return;
	}
	struct str word = cut_word(sh);
	if (sh->nwords == 0) {
		sh->command_line = sh->line;
	}
	if (sh->nwords < SHELL_WORDS_MAX) {
		sh->words[sh->nwords++] = word;
	}
}

static bool is_keyword(struct str word) {
	static const char *const keywords[] = { "!", "do", "done", "elif", "else", "esac", "fi",
		"if", "then", "time", "until", "while", "{", "}" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (str_eq(word, str_from(keywords[i]))) {
			return true;
		}
	}
	return false;
}

static void end_command(struct shell *sh) {
	size_t first = 0;

	end_word(sh);
	while (first < sh->nwords && is_keyword(sh->words[first])) {
		first++;
	}
	struct shell_command command = { sh->words + first, sh->nwords - first, sh->reads,
		sh->nreads, sh->command_line };
	if (command.nwords > 0 || command.nreads > 0) {
		sh->fn(sh->user, &command);
	}
	sh->nwords = 0;
	sh->nreads = 0;
}

/* The word of a redirection, which is no word of the command. */
static struct str redirected(struct shell *sh) {
	while (is_blank(peek(sh, 0))) {
		sh->pos++;
	}
	while (!at_end(sh) && !is_blank(peek(sh, 0)) && strchr("\n;&|()<>", peek(sh, 0)) == NULL) {
		if (peek(sh, 0) == '\'' || peek(sh, 0) == '"') {
			take_quoted(sh);
		} else {
			take_plain(sh);
		}
	}
	return cut_word(sh);
}

static bool is_number(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9') {
			return false;
		}
	}
	return true;
}

static void take_redirection(struct shell *sh) {
	char first = peek(sh, 0);
	size_t n = 0;

	if (is_number(buf_str(&sh->word))) { /* 2> */
		buf_clear(&sh->word);
		sh->has_word = false;
	}
	end_word(sh);
	while (peek(sh, 0) == first) {
		sh->pos++;
		n++;
	}
	if (peek(sh, 0) == '&' || peek(sh, 0) == '|' || (n == 2 && peek(sh, 0) == '-')) {
		sh->pos++;
	}
	struct str word = redirected(sh);
	if (first == '<' && n == 1 && sh->nreads < SHELL_WORDS_MAX) {
		sh->reads[sh->nreads++] = word;
	} else if (first == '<' && n == 2 && word.len > 0 && sh->nheredocs < HEREDOCS_MAX) {
		sh->heredocs[sh->nheredocs++] = word;
	}
}

/* Behind a newline: over the texts of here-documents. */
static void skip_heredocs(struct shell *sh) {
	struct str rest = str_skip(sh->text, sh->pos), line;

	for (size_t i = 0; i < sh->nheredocs;) {
		if (rest.len == 0) {
			break;
		}
		(void)str_cut(rest, '\n', &line, &rest);
		sh->line++;
		i += str_eq(str_trim(line), sh->heredocs[i]);
	}
	sh->pos = sh->nheredocs > 0 ? sh->text.len - rest.len : sh->pos;
	sh->nheredocs = 0;
}

static void skip_comment(struct shell *sh) {
	while (!at_end(sh) && peek(sh, 0) != '\n') {
		sh->pos++;
	}
}

static void shell_step(struct shell *sh) {
	char c = peek(sh, 0);

	if (c == '\n') {
		end_command(sh);
		sh->pos++;
		sh->line++;
		skip_heredocs(sh);
	} else if (is_blank(c)) {
		end_word(sh);
		sh->pos++;
	} else if (strchr(";&|()", c) != NULL) {
		end_command(sh);
		sh->pos++;
	} else if (c == '<' || c == '>') {
		take_redirection(sh);
	} else if (c == '#' && !sh->has_word) {
		skip_comment(sh);
	} else if (c == '\'' || c == '"') {
		take_quoted(sh);
	} else {
		take_plain(sh);
	}
}

static void shell_run(struct shell *sh) {
	sh->words = arena_new(sh->a, struct str, SHELL_WORDS_MAX);
	sh->reads = arena_new(sh->a, struct str, SHELL_WORDS_MAX);
	if (sh->words == NULL || sh->reads == NULL) {
		sh->failed = true;
		return;
	}
	while (!at_end(sh)) {
		if (peek(sh, 0) == '\0') {
			sh->pos++; /* strchr() finds it everywhere */
			continue;
		}
		shell_step(sh);
	}
	end_command(sh);
	buf_fini(&sh->word);
}

bool shell_each(struct arena *a, struct str text, shell_fn *fn, void *user) {
	struct shell sh = { .a = a, .text = text, .fn = fn, .user = user };

	shell_run(&sh);
	return !sh.failed;
}

/* ---- wrappers */

/* Flags whose value is the word behind them. */
static const struct wrapper {
	const char *name, *valued;
} wrappers[] = {
	{ "command", "" },
	{ "env", "uCS" },
	{ "exec", "a" },
	{ "nice", "n" },
	{ "nohup", "" },
	{ "sudo", "CDghpRrTtUu" },
	{ "time", "fo" },
};

static bool is_assignment(struct str word) {
	size_t n = str_find(word, '=');

	return n > 0 && n < word.len && str_find(word, '/') > n && word.ptr[0] != '-';
}

static const struct wrapper *find_wrapper(struct str word) {
	size_t slash = word.len;

	while (slash > 0 && word.ptr[slash - 1] != '/') {
		slash--;
	}
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (str_eq(str_skip(word, slash), str_from(wrappers[i].name))) {
			return &wrappers[i];
		}
	}
	return NULL;
}

/* "-u root", but not "-uroot" and "--user=root" */
static bool takes_value(const struct wrapper *wrapper, struct str flag) {
	return flag.len == 2 && strchr(wrapper->valued, flag.ptr[1]) != NULL;
}

size_t shell_skip_wrappers(const struct str *words, size_t n) {
	const struct wrapper *wrapper = NULL;
	size_t i = 0;

	while (i < n) {
		const struct wrapper *next = find_wrapper(words[i]);
		if (next != NULL) {
			wrapper = next;
		} else if (wrapper != NULL && str_starts(words[i], STR("-"))) {
			i += takes_value(wrapper, words[i]);
		} else if (!is_assignment(words[i])) {
			break;
		}
		i++;
	}
	return i < n ? i : n;
}
