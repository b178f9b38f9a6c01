/*
 * Executing the instructions of a reached stage, as far as they touch variables and contexts
 * (dockerfile2llb/convert.go dispatch): ENV and ARG change the environment, COPY, ADD and mounts read.
 */
#include "dockerfile/internal.h"

#include "util/gomatch.h"
#include "util/path.h"

#define SHORT_FMT(s) (int)((s).len > 60 ? 60 : (s).len), (s).ptr

/** One command being executed. */
struct execution {
	struct resolver *r;
	uint32_t stage;
	const struct command *command;
	const struct instruction *in;
};

static struct stage_state *state_of(const struct execution *x) {
	return &x->r->stages[x->stage];
}

static enum tng_code fail(const struct execution *x, enum tng_code code) {
	return error_at(x->r->err, code, x->in->line, x->in->column);
}

static enum tng_code expand(const struct execution *x, struct str word, struct word_result *out) {
	return fail(x,
			word_expand(x->r->a, word, x->r->df->escape, 0,
					env_scope(&state_of(x)->env), out, x->r->err));
}

/* ---- variables ---- */

static struct variable variable_from(const struct word_result *word) {
	return (struct variable){ .value = word->text,
		.is_set = true,
		.is_unknowable = word->is_unknowable,
		.unknown_name = word->unknown_name,
		.unknown_line = word->unknown_line };
}

static enum tng_code execute_env(const struct execution *x) {
	size_t n = x->in->npairs;
	struct word_result *words = arena_new(x->r->a, struct word_result, 2 * n);

	if (words == NULL) {
		return error_nomem(x->r->err);
	}
	/* all are expanded in the environment before the instruction */
	for (size_t i = 0; i < n; i++) {
		enum tng_code code = expand(x, x->in->pairs[i].key, &words[2 * i]);
		if (code == TNG_OK) {
			code = expand(x, x->in->pairs[i].value, &words[2 * i + 1]);
		}
		if (code != TNG_OK) {
			return code;
		}
	}
	for (size_t i = 0; i < n && x->in->keyword == INSTRUCTION_ENV; i++) {
		if (!env_set(x->r->a, &state_of(x)->env, words[2 * i].text,
				    variable_from(&words[2 * i + 1]))) {
			return error_nomem(x->r->err);
		}
	}
	return TNG_OK;
}

/** --build-arg, else the default, else a global of the name, else nothing at all. */
static enum tng_code execute_arg_pair(
		const struct execution *x, const struct instruction_pair *pair) {
	struct env *env = &state_of(x)->env;
	const struct build_arg *given = build_arg_find(x->r->request, pair->key);
	struct variable value;

	if (given != NULL) {
		value = (struct variable){ .value = given->value, .is_set = true };
	} else if (pair->has_value) {
		struct word_result word;
		enum tng_code code = expand(x, pair->value, &word);
		if (code != TNG_OK) {
			return code;
		}
		value = variable_from(&word);
	} else {
		value = env_find(&x->r->globals, pair->key);
	}
	if (!value.is_set) {
		value = env_find(env, pair->key); /* what was there stays: an ENV, the image's */
		if (value.is_set) {
			return TNG_OK;
		}
		value.is_unknowable = true;
		value.unknown_name = pair->key;
		value.unknown_line = pair->line;
	}
	return env_set(x->r->a, env, pair->key, value) ? TNG_OK : error_nomem(x->r->err);
}

static enum tng_code execute_arg(const struct execution *x) {
	for (size_t i = 0; i < x->in->npairs; i++) {
		enum tng_code code = execute_arg_pair(x, &x->in->pairs[i]);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

/* ---- sources ---- */

static enum tng_code add_path(struct resolver *r, uint32_t context, struct str path) {
	if (context == DOCKERFILE_NO_CONTEXT) {
		return TNG_OK;
	}
	struct context_state *c = &r->contexts.ptr[context];
	if (str_eq(path, STR("."))) {
		c->is_all = true;
		return TNG_OK;
	}
	struct str *at = LIST_PUSH(r->a, &c->paths);
	if (at == NULL) {
		return error_nomem(r->err);
	}
	*at = path;
	return TNG_OK;
}

/** What the command reads as `word`, wherever that is; the caller fills in what else it knows. */
static enum tng_code describe_source(const struct execution *x, enum source_kind kind,
		uint32_t context, struct str written, const struct word_result *word,
		struct source *out) {
	struct str path = kind == SOURCE_REMOTE ? word->text
						: rooted_path(x->r->a, STR(""), word->text);

	if (path.ptr == NULL) {
		return error_nomem(x->r->err);
	}
	*out = (struct source){ .kind = kind,
		.context = context,
		.written = written,
		.path = path,
		.is_wildcard = (kind == SOURCE_COPY || kind == SOURCE_ADD) &&
				gomatch_has_wildcard(path),
		.is_onbuild = x->command->onbuild != NULL,
		.line = x->in->line,
		.stage = x->stage,
		.is_unknowable = word->is_unknowable,
		.unknown_name = word->unknown_name,
		.unknown_line = word->unknown_line };
	return TNG_OK;
}

/** Record that the command reads from a context; nothing to record without one. */
static enum tng_code add_source(const struct execution *x, const struct source *source) {
	if (source->context == DOCKERFILE_NO_CONTEXT) {
		return TNG_OK;
	}
	struct source *s = LIST_PUSH(x->r->a, &x->r->sources);
	if (s == NULL) {
		return error_nomem(x->r->err);
	}
	*s = *source;
	if (s->kind != SOURCE_REMOTE) {
		return add_path(x->r, s->context, s->path);
	}
	if (source_is_http(s->path)) {
		return TNG_OK;
	}
	struct str path = rooted_path(x->r->a, STR(""), s->path);
	return path.ptr == NULL ? error_nomem(x->r->err) : add_path(x->r, s->context, path);
}

/** The stage is dispatched before this one, or it cannot be read from. */
static enum tng_code check_order(const struct execution *x, uint32_t stage, struct str from) {
	return x->r->stages[stage].is_dispatched
			? TNG_OK
			: error_set_at(x->r->err, TNG_ESYNTAX, x->in->line, x->in->column,
					  "cannot read from stage \"%.*s\": it needs to be defined "
					  "before the stage that reads it",
					  SHORT_FMT(from));
}

/** Something is taken from a stage: it is part of the result. */
static enum tng_code read_stage(const struct execution *x, uint32_t stage) {
	struct edge *edge = LIST_PUSH(x->r->a, &state_of(x)->edges);

	if (edge == NULL) {
		return error_nomem(x->r->err);
	}
	*edge = (struct edge){ .stage = stage, .line = x->in->line, .is_read = true };
	return TNG_OK;
}

/** The context behind "from": that of a stage's root, or one of its own for a name given with
 * --build-context; DOCKERFILE_NO_CONTEXT: an image, or a stage on one. */
static enum tng_code context_behind(const struct execution *x, uint32_t stage, struct str name,
		bool is_read, uint32_t *out) {
	*out = DOCKERFILE_NO_CONTEXT;
	if (stage != DOCKERFILE_NO_STAGE) {
		*out = x->r->uses[x->r->stages[stage].root].context;
		return is_read ? read_stage(x, stage) : TNG_OK;
	}
	if (!context_is_given(x->r->request, name)) {
		return TNG_OK;
	}
	*out = (uint32_t)x->r->contexts.len;
	struct context_state *c = context_open_use(x->r, name, x->in->line, x->stage);
	if (c == NULL) {
		return error_nomem(x->r->err);
	}
	c->is_read = is_read;
	return TNG_OK;
}

/* ---- COPY and ADD ---- */

static enum tng_code expand_flags(const struct execution *x) {
	static const char *const names[] = { "chown", "chmod", "checksum" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct instruction_flag *flag =
				instruction_flag_find(x->in, str_from(names[i]));
		struct word_result word;
		enum tng_code code = flag != NULL ? expand(x, flag->value, &word) : TNG_OK;
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

/** The contents of here-documents are expanded too, and may fail. */
static enum tng_code expand_heredocs(const struct execution *x) {
	for (size_t i = 0; i < x->in->nheredocs; i++) {
		const struct heredoc *doc = &x->in->heredocs[i];
		struct word_result word;
		if (doc->is_quoted) {
			continue;
		}
		enum tng_code code = word_expand(x->r->a, doc->content, '\\', WORD_NO_QUOTES,
				env_scope(&state_of(x)->env), &word, x->r->err);
		if (code != TNG_OK) {
			return error_at(x->r->err, code, doc->line, 0);
		}
	}
	return TNG_OK;
}

static enum tng_code collect_excludes(
		const struct execution *x, const struct str **out, size_t *n) {
	struct {
		LIST_FIELDS(struct str)
	} list = { 0 };

	for (size_t i = 0; i < x->in->nflags; i++) {
		if (str_eq(x->in->flags[i].name, STR("exclude"))) {
			struct str *at = LIST_PUSH(x->r->a, &list);
			if (at == NULL) {
				return error_nomem(x->r->err);
			}
			*at = x->in->flags[i].value;
		}
	}
	*out = list.ptr;
	*n = list.len;
	return TNG_OK;
}

static size_t count_paths(const struct instruction *in) {
	size_t n = 0;

	for (size_t i = 0; i + 1 < in->nwords; i++) {
		n += !in->words[i].is_heredoc;
	}
	return n;
}

static bool flag_is_true(const struct instruction *in, struct str name) {
	const struct instruction_flag *flag = instruction_flag_find(in, name);

	return flag != NULL && (!flag->has_value || str_eq_nocase(flag->value, STR("true")));
}

static enum tng_code refuse(const struct execution *x, const char *text) {
	return error_set_at(x->r->err, TNG_ESYNTAX, x->in->line, x->in->column, "%s", text);
}

static enum tng_code check_remote(const struct execution *x, struct str word) {
	const struct instruction_flag *checksum = instruction_flag_find(x->in, STR("checksum"));
	bool is_git = source_is_git(word), is_http = source_is_http(word);

	if (x->in->keyword == INSTRUCTION_COPY && (is_git || is_http)) {
		return refuse(x,
				is_git ? "source can't be a git ref for COPY: use ADD"
				       : "source can't be a URL for COPY: use ADD");
	}
	if (checksum != NULL && checksum->value.len > 0 && !is_git && !is_http) {
		return refuse(x, "checksum requires HTTP(S) or Git sources: remove --checksum");
	}
	return TNG_OK;
}

/** What the sources of one COPY or ADD have in common. */
struct copying {
	enum source_kind kind;
	uint32_t context;
	uint32_t from; /* a stage; DOCKERFILE_NO_STAGE: none */
	bool has_parents;
	const struct str *excludes;
	size_t nexcludes;
	struct destination destination;
};

static enum tng_code add_copy(
		const struct execution *x, const struct copying *c, const struct source *source) {
	if (c->from == DOCKERFILE_NO_STAGE) {
		return TNG_OK;
	}
	struct stage_copy *copy = LIST_PUSH(x->r->a, &x->r->copies);
	if (copy == NULL) {
		return error_nomem(x->r->err);
	}
	*copy = (struct stage_copy){ .from = c->from, .what = *source };
	return TNG_OK;
}

static enum tng_code read_one(const struct execution *x, const struct instruction_word *word,
		const struct copying *c) {
	struct word_result result;
	struct source s = { .context = c->context };

	enum tng_code code = expand(x, word->text, &result);
	if (code == TNG_OK) {
		code = check_remote(x, result.text);
	}
	if (code != TNG_OK) {
		return code;
	}
	bool is_remote = source_is_git(result.text) || source_is_http(result.text);
	code = describe_source(x, is_remote ? SOURCE_REMOTE : c->kind, c->context, word->text,
			&result, &s);
	s.word_line = word->line;
	s.column = word->column;
	s.end_column = word->end_column;
	s.has_parents = c->has_parents;
	s.excludes = c->excludes;
	s.nexcludes = c->nexcludes;
	s.destination = c->destination;
	if (code == TNG_OK) {
		code = add_source(x, &s);
	}
	if (code == TNG_OK) {
		code = add_copy(x, c, &s);
	}
	if (!is_remote && c->context == DOCKERFILE_MAIN_CONTEXT) {
		state_of(x)->reads_main = true;
	}
	return code;
}

static enum tng_code find_from(const struct execution *x, struct copying *c) {
	const struct instruction_flag *from = x->in->keyword == INSTRUCTION_COPY
			? instruction_flag_find(x->in, STR("from"))
			: NULL;

	if (from == NULL || from->value.len == 0) {
		return TNG_OK;
	}
	enum tng_code code = copy_from_find(x->r, x->command, from->value, &c->from);
	if (code == TNG_OK && c->from != DOCKERFILE_NO_STAGE) {
		code = check_order(x, c->from, from->value);
	}
	return code == TNG_OK ? context_behind(x, c->from, from->value, count_paths(x->in) > 0,
						&c->context)
			      : code;
}

static enum tng_code execute_copy(const struct execution *x) {
	const struct instruction *in = x->in;
	const struct instruction_flag *checksum = instruction_flag_find(in, STR("checksum"));
	struct copying what = {
		.kind = in->keyword == INSTRUCTION_COPY ? SOURCE_COPY : SOURCE_ADD,
		.context = DOCKERFILE_MAIN_CONTEXT,
		.from = DOCKERFILE_NO_STAGE,
		.has_parents = flag_is_true(in, STR("parents")),
	};
	struct word_result word;

	enum tng_code code = expand_flags(x);
	if (code == TNG_OK) {
		code = expand(x, in->words[in->nwords - 1].text, &word);
	}
	if (code == TNG_OK) {
		code = destination_find(x->r, x->stage, &word, in->nwords > 2, &what.destination);
	}
	if (code == TNG_OK) {
		code = expand_heredocs(x);
	}
	if (code == TNG_OK) {
		code = find_from(x, &what);
	}
	if (code == TNG_OK) {
		code = collect_excludes(x, &what.excludes, &what.nexcludes);
	}
	if (code == TNG_OK && checksum != NULL && checksum->value.len > 0 && count_paths(in) != 1) {
		code = refuse(x,
				"checksum can't be specified for multiple sources: split the "
				"instruction");
	}
	for (size_t i = 0; code == TNG_OK && i + 1 < in->nwords; i++) {
		if (!in->words[i].is_heredoc) {
			code = read_one(x, &in->words[i], &what);
		}
	}
	return code;
}

/* ---- RUN ---- */

static enum tng_code execute_mount(const struct execution *x, const struct instruction_mount *im) {
	struct mount m;
	struct source s = { .context = DOCKERFILE_NO_CONTEXT };
	uint32_t stage = DOCKERFILE_NO_STAGE, context = DOCKERFILE_MAIN_CONTEXT;

	enum tng_code code = mount_expand(x->r->a, im, x->r->df->escape, x->r->request->engine,
			env_scope(&state_of(x)->env), x->in->line, &m, x->r->err);
	bool has_from = m.from.len > 0;
	if (code == TNG_OK && has_from) {
		stage = stage_find(x->r->df, im->from);
		code = stage != DOCKERFILE_NO_STAGE ? check_order(x, stage, im->from) : TNG_OK;
	}
	if (code != TNG_OK) {
		return fail(x, code);
	}
	bool is_new_tmpfs = m.type == MOUNT_TMPFS &&
			x->r->request->engine == TNG_ENGINE_PODMAN; /* BuildKit asks for a source */
	if (m.type == MOUNT_SECRET || m.type == MOUNT_SSH || is_new_tmpfs ||
			(m.type == MOUNT_CACHE && !has_from)) {
		return TNG_OK;
	}
	if (has_from) {
		code = context_behind(x, stage, im->from, m.type != MOUNT_TMPFS, &context);
	}
	m.source_result.text = m.source;
	if (code == TNG_OK) {
		code = describe_source(x, m.type == MOUNT_TMPFS ? SOURCE_TMPFS : SOURCE_BIND,
				context, m.source_written, &m.source_result, &s);
	}
	if (code == TNG_OK) {
		s.word_line = im->line;
		s.column = im->column;
		s.end_column = im->end_column;
		code = add_source(x, &s);
	}
	if (!has_from && m.type == MOUNT_BIND) {
		state_of(x)->reads_main = true;
	}
	return code;
}

static enum tng_code execute_run(const struct execution *x) {
	/* a command may look at any file of what its stage is built on */
	enum tng_code code = add_path(x->r, x->r->uses[state_of(x)->root].context, STR("."));

	for (size_t i = 0; code == TNG_OK && i < x->in->nmounts; i++) {
		code = execute_mount(x, &x->in->mounts[i]);
	}
	return code;
}

/* ---- the rest ---- */

static enum tng_code expand_words(const struct execution *x) {
	for (size_t i = 0; i < x->in->nwords; i++) {
		struct word_result word;
		enum tng_code code = expand(x, x->in->words[i].text, &word);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

static enum tng_code execute_workdir(const struct execution *x) {
	struct word_result word;
	enum tng_code code = expand(x, x->in->words[0].text, &word);

	return code == TNG_OK ? workdir_set(x->r, x->stage, &word) : code;
}

static enum tng_code execute(const struct execution *x) {
	switch (x->in->keyword) {
	case INSTRUCTION_ADD:
	case INSTRUCTION_COPY:
		return execute_copy(x);
	case INSTRUCTION_ARG:
		return execute_arg(x);
	case INSTRUCTION_ENV:
	case INSTRUCTION_LABEL:
		return execute_env(x);
	case INSTRUCTION_RUN:
		return execute_run(x);
	case INSTRUCTION_EXPOSE:
	case INSTRUCTION_STOPSIGNAL:
	case INSTRUCTION_USER:
	case INSTRUCTION_VOLUME:
		return expand_words(x);
	case INSTRUCTION_WORKDIR:
		return execute_workdir(x);
	case INSTRUCTION_CMD:
	case INSTRUCTION_ENTRYPOINT:
	case INSTRUCTION_FROM:
	case INSTRUCTION_HEALTHCHECK:
	case INSTRUCTION_MAINTAINER:
	case INSTRUCTION_ONBUILD:
	case INSTRUCTION_SHELL:
	case INSTRUCTION_UNKNOWN:
		break;
	}
	return TNG_OK;
}

enum tng_code stage_dispatch(struct resolver *r, uint32_t stage) {
	struct stage_state *state = &r->stages[stage];

	workdir_start(r, stage);
	for (size_t i = 0; i < state->commands.len; i++) {
		struct execution x = { r, stage, &state->commands.ptr[i],
			state->commands.ptr[i].in };
		enum tng_code code = execute(&x);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}
