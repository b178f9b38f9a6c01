/*
 * Which stages a build evaluates (dockerfile2llb/convert.go).
 *
 *   target ── FROM ──▶ base ── COPY --from, mount from ──▶ others, whatever is copied
 *      ▲
 *      └ the base's ONBUILDs go in front of its own instructions, and may reach further stages
 */
#include "dockerfile/internal.h"

#define SHORT_FMT(s) (int)((s).len > 60 ? 60 : (s).len), (s).ptr

/* ---- names ---- */

uint32_t stage_find(const struct dockerfile *df, struct str name) {
	for (size_t i = df->nstages; name.len > 0 && i > 0; i--) {
		if (str_eq_nocase(df->stages[i - 1].name, name)) {
			return (uint32_t)(i - 1);
		}
	}
	return DOCKERFILE_NO_STAGE;
}

/** The stage FROM means: as it stands then, and in the case it is written. */
static uint32_t base_find(const struct dockerfile *df, uint32_t before, struct str name) {
	for (uint32_t i = before; i > 0; i--) {
		if (df->stages[i - 1].name.len > 0 && str_eq(df->stages[i - 1].name, name)) {
			return i - 1;
		}
	}
	return DOCKERFILE_NO_STAGE;
}

/** "docker.io/library/alpine:latest" is "alpine". */
static struct str short_image_name(struct str name) {
	static const char *const hosts[] = { "index.docker.io/", "docker.io/" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (str_starts(name, str_from(hosts[i]))) {
			name = str_skip(name, strlen(hosts[i]));
			if (str_starts(name, STR("library/"))) {
				name = str_skip(name, strlen("library/"));
			}
			break;
		}
	}
	if (str_ends(name, STR(":latest"))) {
		name.len -= strlen(":latest");
	}
	return name;
}

bool context_is_given(const struct build_request *request, struct str name) {
	if (str_eq_nocase(name, STR("scratch")) || str_eq_nocase(name, STR("context"))) {
		return false;
	}
	name = short_image_name(name);
	for (size_t i = 0; i < request->ncontexts; i++) {
		if (str_eq(short_image_name(request->contexts[i]), name)) {
			return true;
		}
	}
	return false;
}

struct context_state *context_open_use(
		struct resolver *r, struct str name, uint32_t line, uint32_t stage) {
	struct context_state *c = LIST_PUSH(r->a, &r->contexts);

	if (c != NULL) {
		*c = (struct context_state){ .name = name, .line = line, .stage = stage };
	}
	return c;
}

/** A whole number as Go's strconv.Atoi takes it: "2", "+2", "02", "-1". */
static bool read_number(struct str s, int64_t *out) {
	bool is_negative = str_starts(s, STR("-"));
	int64_t value = 0;

	if (is_negative || str_starts(s, STR("+"))) {
		s = str_skip(s, 1);
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9') {
			return false;
		}
		value = value > UINT32_MAX ? value : value * 10 + (s.ptr[i] - '0');
	}
	*out = is_negative ? -value : value;
	return s.len > 0;
}

enum tng_code copy_from_find(const struct resolver *r, const struct command *command,
		struct str from, uint32_t *stage) {
	const struct instruction *in = command->in;
	const struct word_scope nothing = { NULL, NULL };
	struct word_result word;
	int64_t number;

	enum tng_code code = word_expand(r->a, from, r->df->escape, 0, nothing, &word, r->err);
	if (code != TNG_OK) {
		return error_at(r->err, code, in->line, in->column);
	}
	if (!str_eq(word.text, from)) {
		return error_set_at(r->err, TNG_ESYNTAX, in->line, in->column,
				"variable expansion is not supported for --from: name a stage "
				"(FROM "
				"%.*s AS name) and use that",
				SHORT_FMT(from));
	}
	if (!read_number(from, &number)) {
		*stage = stage_find(r->df, from);
		return TNG_OK;
	}
	if (number < 0 || number >= (int64_t)r->df->nstages) {
		return error_set_at(r->err, TNG_ESYNTAX, in->line, in->column,
				"invalid stage index %.*s: stages are numbered 0 to %zu",
				SHORT_FMT(from), r->df->nstages - 1);
	}
	*stage = (uint32_t)number;
	return TNG_OK;
}

/* ---- bases ---- */

static struct variable plain_variable(struct str value) {
	return (struct variable){ .value = value, .is_set = true };
}

/* Whether FROM has nothing that could be a stage or an image: "base-" of "base-${VARIANT}" without a value. */
static bool is_no_base(const struct resolver *r, uint32_t index, struct str base) {
	return base_find(r->df, index, base) == DOCKERFILE_NO_STAGE &&
			reference_check(base, NULL) != TNG_OK;
}

/** An expanded part of FROM is missing something: an error, unless an ARG could give it. */
static enum tng_code blank_from(struct resolver *r, const struct instruction *from,
		const struct word_result *word, struct str written, const char *what) {
	if (!word->is_unknowable) {
		return error_set_at(r->err, TNG_ESYNTAX, from->line, from->column,
				"%s (%.*s) should not be blank: an ARG it uses must stand before "
				"the first FROM",
				what, SHORT_FMT(written));
	}
	for (size_t i = 0; i < r->diagnostics.len; i++) {
		const struct diagnostic *d = &r->diagnostics.ptr[i];
		if (d->kind == DIAGNOSTIC_MISSING_ARG &&
				str_eq(str_take(d->text, str_find(d->text, ' ')),
						str_take(word->unknown_name, 60))) {
			return TNG_OK; /* once for each argument */
		}
	}
	return diagnostic_add(r->a, &r->diagnostics, DIAGNOSTIC_MISSING_ARG, from->line,
			       from->column,
			       "%.*s is not given: the build stops here without --build-arg "
			       "%.*s=VALUE",
			       SHORT_FMT(word->unknown_name), SHORT_FMT(word->unknown_name))
			? TNG_OK
			: error_nomem(r->err);
}

static enum tng_code expand_from(struct resolver *r, uint32_t index) {
	const struct stage *stage = &r->df->stages[index];
	const struct instruction *from = &r->df->instructions[stage->instruction];
	struct stage_use *use = &r->uses[index];
	struct word_scope scope = env_scope(&r->globals);
	struct word_result word;

	enum tng_code code = word_expand(r->a, stage->base, r->df->escape, 0, scope, &word, r->err);
	if (code == TNG_OK) {
		use->base = word.text;
		use->base_is_unknowable = word.is_unknowable;
		if (word.text.len == 0 || (word.is_unknowable && is_no_base(r, index, word.text))) {
			code = blank_from(r, from, &word, stage->base, "base name");
		}
	}
	if (code == TNG_OK && stage->platform.len > 0) {
		code = word_expand(r->a, stage->platform, r->df->escape, 0, scope, &word, r->err);
		if (code == TNG_OK && word.text.len == 0) {
			code = blank_from(r, from, &word, stage->platform, "platform");
		}
	}
	return error_at(r->err, code, from->line, from->column);
}

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static enum tng_code set_base(struct resolver *r, uint32_t index) {
	const struct stage *stage = &r->df->stages[index];
	uint32_t line = r->df->instructions[stage->instruction].line;
	struct stage_use *use = &r->uses[index];
	struct stage_state *state = &r->stages[index];

	use->context = DOCKERFILE_NO_CONTEXT;
	use->is_replaced = stage->name.len > 0 && context_is_given(r->request, stage->name);
	use->base_stage =
			use->is_replaced ? DOCKERFILE_NO_STAGE : base_find(r->df, index, use->base);
	state->root = index;
	if (use->base_stage != DOCKERFILE_NO_STAGE) {
		state->root = r->stages[use->base_stage].root;
		state->env.base = &r->stages[use->base_stage].env;
		use->context = r->uses[use->base_stage].context;
		return TNG_OK;
	}
	struct str name = use->is_replaced ? stage->name : use->base;
	bool is_scratch = !use->is_replaced && str_eq(use->base, STR("scratch"));
	if (use->is_replaced || (!is_scratch && context_is_given(r->request, name))) {
		use->context = (uint32_t)r->contexts.len;
		struct context_state *c = context_open_use(r, name, line, index);
		if (c == NULL) {
			return error_nomem(r->err);
		}
		c->is_read = true;
	}
	state->env.image_is_unseen = !is_scratch;
	state->env.image_line = line;
	/* PATH is always there: the image's, else this one */
	struct variable path = plain_variable(STR(DEFAULT_PATH));
	path.is_unknowable = !is_scratch;
	path.unknown_name = STR("PATH");
	path.unknown_line = line;
	return env_set(r->a, &state->env, STR("PATH"), path) ? TNG_OK : error_nomem(r->err);
}

/* ---- names of images ---- */

/* What is no stage is an image, or a named context: both have the name of an image. */
static enum tng_code check_name(
		const struct resolver *r, struct str name, uint32_t line, uint32_t column) {
	bool is_variable = str_find(name, '$') < name.len; /* refused elsewhere */

	if (r->request->engine != TNG_ENGINE_BUILDKIT || is_variable ||
			str_eq(name, STR("scratch"))) {
		return TNG_OK;
	}
	return error_at(r->err, reference_check(name, r->err), line, column);
}

/* A stage's name is looked up among the contexts, and they are named as images are (dockerui/config.go,
 * NamedContext). */
static enum tng_code check_stage_name(const struct resolver *r, uint32_t index) {
	const struct stage *stage = &r->df->stages[index];
	const struct instruction *from = &r->df->instructions[stage->instruction];
	bool is_own = str_eq(stage->name, STR("scratch")) || str_eq(stage->name, STR("context"));

	if (stage->name.len == 0 || is_own) {
		return TNG_OK;
	}
	return check_name(r, stage->name, from->words[2].line, from->words[2].column);
}

/* A stage is lower-cased when it is named, and looked for as FROM has it written. */
static enum tng_code check_case(const struct resolver *r, uint32_t index) {
	const struct stage_use *use = &r->uses[index];
	const struct instruction *from = &r->df->instructions[r->df->stages[index].instruction];
	uint32_t meant = use->base_stage == DOCKERFILE_NO_STAGE ? stage_find(r->df, use->base)
								: DOCKERFILE_NO_STAGE;

	if (r->request->engine != TNG_ENGINE_BUILDKIT || meant == DOCKERFILE_NO_STAGE ||
			meant >= index || str_eq(r->df->stages[meant].name, use->base)) {
		return TNG_OK;
	}
	return error_set_at(r->err, TNG_ESYNTAX, from->words[0].line, from->words[0].column,
			"FROM finds a stage by its name in lower case only: write %.*s",
			SHORT_FMT(r->df->stages[meant].name));
}

/* Every stage's, whether the build gets there or not (dockerfile2llb/convert.go, resolveBaseImage). */
static enum tng_code check_names(const struct resolver *r) {
	for (uint32_t i = 0; i < r->df->nstages; i++) {
		const struct stage_use *use = &r->uses[i];
		const struct instruction *from = &r->df->instructions[r->df->stages[i].instruction];
		enum tng_code code = check_stage_name(r, i);
		if (code == TNG_OK) {
			code = check_case(r, i);
		}
		if (code == TNG_OK && use->base_stage == DOCKERFILE_NO_STAGE &&
				!use->base_is_unknowable) {
			code = check_name(r, use->base, from->words[0].line, from->words[0].column);
		}
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

/* ---- edges ---- */

static enum tng_code add_edge(struct resolver *r, uint32_t from, uint32_t to, uint32_t line) {
	if (to == DOCKERFILE_NO_STAGE) {
		return TNG_OK;
	}
	struct edge *edge = LIST_PUSH(r->a, &r->stages[from].edges);
	if (edge == NULL) {
		return error_nomem(r->err);
	}
	*edge = (struct edge){ .stage = to, .line = line };
	return TNG_OK;
}

static enum tng_code add_command_edges(
		struct resolver *r, uint32_t index, const struct command *command) {
	const struct instruction *in = command->in;
	const struct instruction_flag *from = in->keyword == INSTRUCTION_COPY
			? instruction_flag_find(in, STR("from"))
			: NULL;
	uint32_t stage = DOCKERFILE_NO_STAGE;

	if (from != NULL && from->value.len > 0) {
		enum tng_code code = copy_from_find(r, command, from->value, &stage);
		if (code == TNG_OK && stage == DOCKERFILE_NO_STAGE) {
			code = check_name(r, from->value, from->line, from->column);
		}
		return code == TNG_OK ? add_edge(r, index, stage, in->line) : code;
	}
	for (size_t i = 0; i < in->nmounts; i++) {
		/* a mount without from counts as from scratch, and a stage may be called that */
		struct str name = in->mounts[i].from.len > 0 ? in->mounts[i].from : STR("scratch");
		stage = stage_find(r->df, name);
		enum tng_code code = stage != DOCKERFILE_NO_STAGE
				? add_edge(r, index, stage, in->line)
				: check_name(r, name, in->mounts[i].line, in->mounts[i].column);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

static enum tng_code add_own_commands(struct resolver *r, uint32_t index) {
	const struct stage *stage = &r->df->stages[index];

	for (uint32_t i = 1; i < stage->ninstructions; i++) {
		struct command *command = LIST_PUSH(r->a, &r->stages[index].commands);
		if (command == NULL) {
			return error_nomem(r->err);
		}
		*command = (struct command){ .in = &r->df->instructions[stage->instruction + i] };
		enum tng_code code = add_command_edges(r, index, command);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

enum visit {
	VISIT_NOT,
	VISIT_OPEN, /* on the path to here */
	VISIT_DONE,
};

static enum tng_code check_cycle(struct resolver *r, uint32_t index, unsigned char *visits) {
	const struct stage_state *state = &r->stages[index];

	visits[index] = VISIT_OPEN;
	for (size_t i = 0; i < state->edges.len; i++) {
		const struct edge *edge = &state->edges.ptr[i];
		if (visits[edge->stage] == VISIT_OPEN) {
			return error_set_at(r->err, TNG_ESYNTAX, edge->line, 0,
					"circular dependency detected on stage %u: it reads, "
					"through others or directly, from itself",
					index);
		}
		if (visits[edge->stage] == VISIT_NOT) {
			enum tng_code code = check_cycle(r, edge->stage, visits);
			if (code != TNG_OK) {
				return code;
			}
		}
	}
	visits[index] = VISIT_DONE;
	return TNG_OK;
}

static enum tng_code check_cycles(struct resolver *r) {
	unsigned char *visits = arena_alloc(r->a, r->df->nstages);

	if (visits == NULL) {
		return error_nomem(r->err);
	}
	for (uint32_t i = 0; i < r->df->nstages; i++) {
		enum tng_code code = visits[i] == VISIT_NOT ? check_cycle(r, i, visits) : TNG_OK;
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

/* ---- reach ---- */

static void reach(struct resolver *r, uint32_t index) {
	const struct stage_state *state = &r->stages[index];

	if (r->uses[index].is_reached) {
		return;
	}
	r->uses[index].is_reached = true;
	if (r->uses[index].base_stage != DOCKERFILE_NO_STAGE) {
		reach(r, r->uses[index].base_stage);
	}
	for (size_t i = 0; i < state->edges.len; i++) {
		reach(r, state->edges.ptr[i].stage);
	}
}

static enum tng_code push_trigger(struct resolver *r, const struct instruction *onbuild,
		struct command *out, uint32_t index) {
	struct instruction *in = arena_new(r->a, struct instruction, 1);

	if (in == NULL) {
		return error_nomem(r->err);
	}
	*in = *onbuild->trigger;
	in->stage = index;
	enum tng_code code = instruction_check(r->a, in, r->err);
	if (code != TNG_OK) {
		return error_at(r->err, code, onbuild->line, onbuild->column);
	}
	*out = (struct command){ .in = in, .onbuild = onbuild };
	return add_command_edges(r, index, out);
}

/** Put the ONBUILDs of a stage's base in front of its commands. */
static enum tng_code add_triggers(struct resolver *r, uint32_t index) {
	struct stage_state *state = &r->stages[index];
	const struct stage_state *base = &r->stages[r->uses[index].base_stage];
	size_t n = 0, at = 0;

	state->has_triggers = true;
	for (size_t i = 0; i < base->commands.len; i++) {
		n += base->commands.ptr[i].in->keyword == INSTRUCTION_ONBUILD;
	}
	if (n == 0) {
		return TNG_OK;
	}
	struct command *commands = arena_new(r->a, struct command, n + state->commands.len);
	if (commands == NULL) {
		return error_nomem(r->err);
	}
	for (size_t i = 0; i < base->commands.len; i++) {
		const struct instruction *in = base->commands.ptr[i].in;
		if (in->keyword == INSTRUCTION_ONBUILD) {
			enum tng_code code = push_trigger(r, in, &commands[at++], index);
			if (code != TNG_OK) {
				return code;
			}
		}
	}
	if (state->commands.len > 0) {
		memcpy(commands + n, state->commands.ptr, state->commands.len * sizeof(*commands));
	}
	state->commands.ptr = commands;
	state->commands.len = state->commands.cap = n + state->commands.len;
	return TNG_OK;
}

static enum tng_code reach_all(struct resolver *r) {
	bool is_classic = r->request->engine == TNG_ENGINE_CLASSIC;

	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t i = 0; i < r->df->nstages; i++) {
			r->uses[i].is_reached = false;
		}
		reach(r, r->target);
		for (uint32_t i = 0; is_classic && i < r->target; i++) {
			reach(r, i);
		}
		for (uint32_t i = 0; i < r->df->nstages; i++) {
			if (!r->uses[i].is_reached || r->stages[i].has_triggers ||
					r->uses[i].base_stage == DOCKERFILE_NO_STAGE) {
				continue;
			}
			size_t before = r->stages[i].edges.len;
			enum tng_code code = add_triggers(r, i);
			if (code != TNG_OK) {
				return code;
			}
			changed |= r->stages[i].edges.len != before;
		}
	}
	return TNG_OK;
}

/* The edges of every stage and its base, for those who look at the graph from outside. */
static enum tng_code put_needs(struct resolver *r) {
	for (uint32_t i = 0; i < r->df->nstages; i++) {
		const struct stage_state *state = &r->stages[i];
		struct stage_use *use = &r->uses[i];
		uint32_t *needs = arena_new(r->a, uint32_t, state->edges.len + 1);
		if (needs == NULL) {
			return error_nomem(r->err);
		}
		if (use->base_stage != DOCKERFILE_NO_STAGE) {
			needs[use->nneeds++] = use->base_stage;
		}
		for (size_t k = 0; k < state->edges.len; k++) {
			needs[use->nneeds++] = state->edges.ptr[k].stage;
		}
		use->needs = needs;
	}
	return TNG_OK;
}

static enum tng_code find_target(struct resolver *r) {
	struct str target = r->request->target;

	r->target = (uint32_t)r->df->nstages - 1;
	if (target.len > 0) {
		r->target = stage_find(r->df, target);
	}
	return r->target != DOCKERFILE_NO_STAGE
			? TNG_OK
			: error_set(r->err, TNG_EINVAL,
					  "target stage \"%.*s\" could not be found: name a stage "
					  "of the file",
					  SHORT_FMT(target));
}

enum tng_code stages_resolve(struct resolver *r) {
	enum tng_code code = TNG_OK;

	for (uint32_t i = 0; code == TNG_OK && i < r->df->nstages; i++) {
		code = expand_from(r, i);
		if (code == TNG_OK) {
			code = set_base(r, i);
		}
	}
	if (code == TNG_OK) {
		code = find_target(r);
	}
	for (uint32_t i = 0; code == TNG_OK && i < r->df->nstages; i++) {
		code = add_own_commands(r, i);
	}
	if (code == TNG_OK) {
		code = check_cycles(r);
	}
	if (code == TNG_OK) {
		code = check_names(r);
	}
	if (code == TNG_OK) {
		code = reach_all(r);
	}
	return code == TNG_OK ? put_needs(r) : code;
}
