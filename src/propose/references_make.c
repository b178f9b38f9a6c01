/*
 * make: the recipes of the targets that a command asks for, their prerequisites and what is included.
 *
 *   RUN make app ─▶ Makefile:  app: gen docs/man.1      a file that is there: asked about
 *                              	cp docs/x.txt $(OUT)    a command as any other, OUT by its value
 *                              gen:
 *                              	$(MAKE) -C web          make again, in another directory
 *
 * Conditionals are not followed: both sides count. A function whose result is not known leaves a "$", so
 * that its words mean nothing; $(shell ...) is taken in as a command.
 */
#include "propose/references_commands.h"

#include <stdlib.h>

#define MAKE_NESTING_MAX 16U

/** A rule: one line of targets, and where its recipe begins. */
struct make_rule {
	struct str targets; /* expanded */
	struct str prerequisites;
	struct origin at;
	size_t recipe, nrecipe;
};

struct make_line {
	struct str text, file;
	uint32_t line;
};

struct make_variable {
	struct str name, value;
};

struct maker {
	struct commands *c;
	struct search *s;
	struct {
		VEC_FIELDS(struct make_variable)
	} variables;
	struct {
		VEC_FIELDS(struct make_rule)
	} rules;
	struct {
		VEC_FIELDS(struct make_line)
	} recipes;
	struct {
		VEC_FIELDS(struct str)
	} done; /* targets */
	unsigned nesting;
	struct origin at; /* of what is expanded */
	struct str target, first;
};

/* ---- variables ---- */

static struct make_variable *variable_find(struct maker *m, struct str name) {
	for (size_t i = m->variables.len; i > 0; i--) {
		if (str_eq(m->variables.ptr[i - 1].name, name)) {
			return &m->variables.ptr[i - 1];
		}
	}
	return NULL;
}

static void variable_set(struct maker *m, struct str name, struct str value) {
	struct make_variable *v = variable_find(m, name);

	v = v != NULL ? v : VEC_PUSH(&m->variables);
	m->s->failed |= v == NULL;
	if (v != NULL) {
		*v = (struct make_variable){ name, value };
	}
}

/* ---- expansion ---- */

static void expand_into(struct maker *m, struct str text, struct buf *out);

static struct str expand(struct maker *m, struct str text) {
	struct buf b = { 0 };

	if (str_find(text, '$') == text.len) {
		return text;
	}
	if (m->nesting < MAKE_NESTING_MAX) {
		m->nesting++;
		expand_into(m, text, &b);
		m->nesting--;
	}
	struct str copy = arena_copy(m->s->scratch, buf_str(&b));
	m->s->failed |= buf_failed(&b) || copy.ptr == NULL;
	buf_fini(&b);
	return copy.ptr != NULL ? copy : STR("");
}

static void take_shell(struct maker *m, struct str text) {
	struct scene scene = *m->c->scene;

	commands_text(m->s, &scene, expand(m, text), &m->at);
}

/* What stands between the brackets of $( ). */
static void expand_bracket(struct maker *m, struct str inner, struct buf *out) {
	struct str function, rest;
	const struct make_variable *v = variable_find(m, inner);

	if (str_eq(inner, STR("MAKE"))) {
		buf_append(out, STR("make"));
	} else if (v != NULL) {
		buf_append(out, expand(m, v->value));
	} else if (!str_cut(inner, ' ', &function, &rest)) {
		buf_printf(out, "${%.*s}", STR_FMT(inner)); /* an ENV may say it */
	} else if (str_eq(function, STR("shell"))) {
		take_shell(m, rest);
		buf_putc(out, '$');
	} else if (str_eq(function, STR("wildcard"))) {
		buf_append(out, expand(m, rest));
	} else {
		(void)expand(m, rest);
		buf_putc(out, '$');
	}
}

/* The length of a bracket's inside; `text` begins behind the opening one. */
static size_t bracket_len(struct str text, char open, char close) {
	size_t depth = 1;

	for (size_t i = 0; i < text.len; i++) {
		depth += text.ptr[i] == open;
		depth -= text.ptr[i] == close;
		if (depth == 0) {
			return i;
		}
	}
	return text.len;
}

static void expand_into(struct maker *m, struct str text, struct buf *out) {
	while (text.len > 0) {
		size_t n = str_find(text, '$');
		buf_append(out, str_take(text, n));
		if (n + 1 >= text.len) {
			return;
		}
		char c = text.ptr[n + 1];
		text = str_skip(text, n + 2);
		if (c == '(' || c == '{') {
			size_t len = c == '(' ? bracket_len(text, '(', ')')
					      : bracket_len(text, '{', '}');
			expand_bracket(m, str_take(text, len), out);
			text = str_skip(text, len + 1);
		} else if (c == '@') {
			buf_append(out, m->target);
		} else {
			buf_putc(out, '$'); /* "$$", or a variable of one letter */
		}
	}
}

/* Call `fn` for each word of an expanded text. */
static void each_word(
		struct maker *m, struct str text, void (*fn)(struct maker *m, struct str word)) {
	for (size_t start = 0, i = 0; i <= text.len; i++) {
		bool is_end = i == text.len || strchr(" \t\n\r", text.ptr[i]) != NULL;
		if (is_end && i > start) {
			fn(m, str_make(text.ptr + start, i - start));
		}
		start = is_end ? i + 1 : start;
	}
}

/* ---- reading ---- */

static void read_file(struct maker *m, struct str name);

/* A line with those that a backslash joins to it; returns how many there are. */
static uint32_t cut_line(struct str *text, struct str *line) {
	uint32_t n = 0;
	size_t end = 0;

	for (bool more = true; more; n++) {
		end += str_find(str_skip(*text, end), '\n');
		more = end < text->len && end > 0 && text->ptr[end - 1] == '\\';
		end += more;
	}
	*line = str_take(*text, end);
	*text = str_skip(*text, end + 1);
	return n;
}

static struct str without_comment(struct str line) {
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '#' && (i == 0 || line.ptr[i - 1] != '\\')) {
			return str_take(line, i);
		}
	}
	return line;
}

static bool cut_word(struct str *line, const char *word) {
	struct str rest = str_skip(*line, strlen(word));

	if (!str_starts(*line, str_from(word)) || rest.len == 0 ||
			(rest.ptr[0] != ' ' && rest.ptr[0] != '\t')) {
		return false;
	}
	*line = str_trim(rest);
	return true;
}

static void include(struct maker *m, struct str name) {
	read_file(m, name);
}

/* NAME = value and its relatives, "=" at `at`. */
static void assign(struct maker *m, struct str line, size_t at) {
	size_t end = at;

	while (end > 0 && strchr(":?+!", line.ptr[end - 1]) != NULL) {
		end--;
	}
	struct str name = str_trim(str_take(line, end)), value = str_trim(str_skip(line, at + 1));
	const struct make_variable *old = variable_find(m, name);
	char kind = '=';
	if (end < at) {
		kind = line.ptr[end];
	}
	if (kind == '!') {
		take_shell(m, value);
		value = STR("$(unknown )");
	} else if (kind == ':') {
		value = expand(m, value);
	} else if (kind == '?' && old != NULL) {
		return;
	} else if (kind == '+' && old != NULL) {
		struct buf b = { 0 };
		buf_printf(&b, "%.*s %.*s", STR_FMT(old->value), STR_FMT(value));
		value = arena_copy(m->s->scratch, buf_str(&b));
		m->s->failed |= buf_failed(&b) || value.ptr == NULL;
		buf_fini(&b);
	}
	variable_set(m, name, value);
}

static void add_recipe(struct maker *m, struct str text) {
	struct make_line *line = m->rules.len > 0 ? VEC_PUSH(&m->recipes) : NULL;

	if (line != NULL) {
		*line = (struct make_line){ text, m->at.file, m->at.line };
		m->rules.ptr[m->rules.len - 1].nrecipe++;
	}
}

static void add_rule(struct maker *m, struct str line, size_t colon) {
	struct str rest = str_skip(line, colon + 1), prerequisites, recipe;

	rest = str_skip(rest, str_starts(rest, STR(":")));
	size_t equals = str_find(rest, '=');
	bool has_recipe = str_cut(rest, ';', &prerequisites, &recipe);
	if (equals < str_find(rest, ';')) { /* target: NAME = value */
		assign(m, rest, equals);
		return;
	}
	struct make_rule *rule = VEC_PUSH(&m->rules);
	if (rule == NULL) {
		m->s->failed = true;
		return;
	}
	*rule = (struct make_rule){ .targets = expand(m, str_trim(str_take(line, colon))),
		.prerequisites = prerequisites,
		.at = m->at,
		.recipe = m->recipes.len };
	if (m->first.len == 0 && !str_starts(rule->targets, STR(".")) &&
			str_find(rule->targets, '%') == rule->targets.len) {
		struct str others;
		(void)str_cut(rule->targets, ' ', &m->first, &others);
	}
	if (has_recipe) {
		add_recipe(m, recipe);
	}
}

/* Where the "=" or the ":" of a line is that says what it is, outside of $( ). */
static size_t find_sign(struct str line) {
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];
		if (c == '$' && i + 1 < line.len &&
				(line.ptr[i + 1] == '(' || line.ptr[i + 1] == '{')) {
			char close = '}';
			if (line.ptr[i + 1] == '(') {
				close = ')';
			}
			i += 2 + bracket_len(str_skip(line, i + 2), line.ptr[i + 1], close);
		} else if (c == '=' || c == ':') {
			return i;
		}
	}
	return line.len;
}

static void read_line(struct maker *m, struct str line) {
	while (cut_word(&line, "export") || cut_word(&line, "override")) {
	}
	if (cut_word(&line, "include") || cut_word(&line, "-include") ||
			cut_word(&line, "sinclude")) {
		each_word(m, expand(m, line), include);
		return;
	}
	size_t at = find_sign(line);
	if (at == line.len) {
		return; /* ifeq, else, endif, ... */
	}
	struct str rest = str_skip(line, at);
	bool is_simple = str_starts(rest, STR(":=")) || str_starts(rest, STR("::="));
	if (line.ptr[at] == '=' || is_simple) {
		assign(m, line, at + str_find(rest, '='));
	} else {
		add_rule(m, line, at);
	}
}

static void read_text(struct maker *m, struct str text) {
	struct str line;

	while (text.len > 0 && !m->s->failed) {
		uint32_t n = cut_line(&text, &line);
		if (str_starts(line, STR("\t"))) {
			add_recipe(m, line);
		} else {
			struct str trimmed = str_trim(without_comment(line));
			if (trimmed.len > 0) {
				read_line(m, trimmed);
			}
		}
		m->at.line += n;
	}
}

static void read_file(struct maker *m, struct str name) {
	uint32_t row = command_row(m->c, name);
	struct origin outer = m->at;
	struct str text;

	(void)command_mark(m->c, name, false);
	if (m->nesting >= MAKE_NESTING_MAX || !search_read(m->s, row, false, &text)) {
		return;
	}
	m->nesting++;
	m->at = (struct origin){ search_path(m->s, row), 1, false };
	read_text(m, text);
	m->at = outer;
	m->nesting--;
}

/* ---- following ---- */

static void follow(struct maker *m, struct str target);

/* "%.o" takes "a.o". */
static bool is_target_of(struct str targets, struct str target) {
	for (bool more = targets.len > 0; more;) {
		struct str word, head, tail;
		more = str_cut(targets, ' ', &word, &targets);
		word = str_trim(word);
		if (str_eq(word, target)) {
			return true;
		}
		if (str_cut(word, '%', &head, &tail) && str_starts(target, head) &&
				str_ends(target, tail) && target.len > head.len + tail.len) {
			return true;
		}
	}
	return false;
}

static bool has_rule(const struct maker *m, struct str target) {
	for (size_t i = 0; i < m->rules.len; i++) {
		if (is_target_of(m->rules.ptr[i].targets, target)) {
			return true;
		}
	}
	return false;
}

static void need_prerequisite(struct maker *m, struct str word) {
	if (has_rule(m, word)) {
		follow(m, word);
	} else if (!str_eq(word, STR("|")) && str_find(word, '%') == word.len) {
		struct commands c = *m->c;
		c.at = m->at;
		(void)command_mark(&c, word, false);
	}
}

static void run_recipe(struct maker *m, const struct make_rule *rule) {
	for (size_t i = 0; i < rule->nrecipe; i++) {
		struct make_line line = m->recipes.ptr[rule->recipe + i];
		struct str text = str_trim(line.text);
		while (text.len > 0 && strchr("@-+ ", text.ptr[0]) != NULL) {
			text = str_skip(text, 1);
		}
		m->at = (struct origin){ line.file, line.line, false };
		take_shell(m, text);
	}
}

static bool is_done(struct maker *m, struct str target) {
	for (size_t i = 0; i < m->done.len; i++) {
		if (str_eq(m->done.ptr[i], target)) {
			return true;
		}
	}
	struct str *slot = VEC_PUSH(&m->done);
	m->s->failed |= slot == NULL;
	if (slot != NULL) {
		*slot = target;
	}
	return slot == NULL;
}

static void follow(struct maker *m, struct str target) {
	if (m->nesting >= MAKE_NESTING_MAX || is_done(m, target)) {
		return;
	}
	struct str outer = m->target;
	struct origin outer_at = m->at;
	m->nesting++;
	for (size_t i = 0; i < m->rules.len && !m->s->failed; i++) {
		const struct make_rule rule = m->rules.ptr[i];
		if (!is_target_of(rule.targets, target)) {
			continue;
		}
		m->at = rule.at;
		m->target = target;
		each_word(m, expand(m, rule.prerequisites), need_prerequisite);
		m->target = target;
		run_recipe(m, &rule);
	}
	m->nesting--;
	m->target = outer;
	m->at = outer_at;
}

/* ---- the command ---- */

static bool is_number(struct str word) {
	return word.len > 0 && word.ptr[0] >= '0' && word.ptr[0] <= '9';
}

static bool is_value_option(struct str word) {
	static const char *const names[] = { "-C", "-I", "-f", "-o", "-W" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(word, str_from(names[i]))) {
			return true;
		}
	}
	return false;
}

/* The value of -C DIR, -CDIR or --directory=DIR; .ptr NULL: not this option. */
static struct str value_of(
		const struct str *words, size_t n, size_t i, const char *brief, const char *name) {
	struct str option, value;

	if (str_eq(words[i], str_from(brief))) {
		return i + 1 < n ? words[i + 1] : STR("");
	}
	if (str_starts(words[i], str_from(brief))) {
		return str_skip(words[i], strlen(brief));
	}
	bool has_value = str_cut(words[i], '=', &option, &value);
	return has_value && str_eq(option, str_from(name)) ? value : (struct str){ NULL, 0 };
}

static void read_makefile(struct maker *m, struct str named) {
	static const char *const names[] = { "GNUmakefile", "makefile", "Makefile" };

	if (named.len > 0) {
		read_file(m, named);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (command_row(m->c, str_from(names[i])) != TREE_NO_ROW) {
			read_file(m, str_from(names[i]));
			return;
		}
	}
}

/* Options and NAME=value; returns the makefile that is named. */
static struct str take_options(struct maker *m, const struct str *words, size_t n) {
	struct str file = STR("");

	for (size_t i = 0; i < n; i++) {
		struct str dir = value_of(words, n, i, "-C", "--directory"), name, value;
		struct str named = value_of(words, n, i, "-f", "--file");
		file = named.ptr != NULL ? named : file;
		if (dir.ptr != NULL) {
			command_cd(m->c, dir);
		} else if (!str_starts(words[i], STR("-")) &&
				str_cut(words[i], '=', &name, &value)) {
			variable_set(m, name, value);
		}
		i += is_value_option(words[i]);
	}
	return file;
}

static void follow_targets(struct maker *m, const struct str *words, size_t n) {
	bool has_target = false;

	for (size_t i = 0; i < n; i++) {
		if (is_value_option(words[i])) {
			i++;
		} else if (!str_starts(words[i], STR("-")) &&
				str_find(words[i], '=') == words[i].len && !is_number(words[i])) {
			has_target = true;
			follow(m, words[i]);
		}
	}
	const struct make_variable *goal = variable_find(m, STR(".DEFAULT_GOAL"));
	if (!has_target) {
		follow(m, goal != NULL ? expand(m, goal->value) : m->first);
	}
}

/* One of a recipe that calls itself, maybe by way of others, is enough. */
static bool was_made(struct commands *c, const struct str *words, size_t n) {
	struct search *s = c->s;
	struct buf b = { 0 };

	buf_append(&b, c->scene->cwd);
	for (size_t i = 0; i < n; i++) {
		buf_putc(&b, '\0');
		buf_append(&b, words[i]);
	}
	struct str key = arena_copy(s->a, buf_str(&b));
	s->failed |= buf_failed(&b) || key.ptr == NULL;
	buf_fini(&b);
	for (size_t i = 0; i < s->made.len && key.ptr != NULL; i++) {
		if (str_eq(s->made.ptr[i], key)) {
			return true;
		}
	}
	struct str *slot = s->failed ? NULL : VEC_PUSH(&s->made);
	s->failed |= slot == NULL;
	if (slot != NULL) {
		*slot = key;
	}
	return slot == NULL;
}

void command_make(struct commands *c, const struct str *words, size_t n) {
	struct search *s = c->s;
	struct scene scene = *c->scene, *outer = c->scene;
	struct maker m = { .c = c, .s = s, .at = c->at };

	if (was_made(c, words, n)) {
		return;
	}
	struct arena_mark mark = arena_mark(s->scratch);
	c->scene = &scene;
	read_makefile(&m, take_options(&m, words, n));
	follow_targets(&m, words, n);
	c->scene = outer;
	free(m.variables.ptr);
	free(m.rules.ptr);
	free(m.recipes.ptr);
	free(m.done.ptr);
	arena_rewind(s->scratch, mark);
}
