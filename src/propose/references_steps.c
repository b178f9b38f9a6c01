/*
 * The steps of a build, stage by stage: where RUN works, and which part of the context lies where.
 *
 *   WORKDIR /app               cwd  /app
 *   COPY web/ ./web            /app/web      is web
 *   COPY . /src                /src          is .
 *   RUN cd web && npm run x    "package.json" there means web/package.json
 *
 * A stage starts with what its base stage had; COPY --from takes over what it copies. What a variable
 * hides is left out: its words then mean nothing.
 */
#include "propose/references_internal.h"
#include "util/path.h"

#include <stdlib.h>

struct stage_scene {
	struct str cwd;
	bool vcs_is_here; /* search.vcs_is_here at its end */
	struct {
		VEC_FIELDS(struct place)
	} places;
	struct {
		VEC_FIELDS(struct step_variable)
	} variables;
};

struct stepper {
	struct search *s;
	const struct reference_build *build;
	struct stage_scene *scenes; /* per stage */
	struct stage_scene *now;
	struct origin at;
	bool asks_for_vcs;
};

/* ---- variables ---- */

static bool is_name_byte(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '_';
}

static bool find_variable(const struct scene *scene, struct str name, struct str *value) {
	for (size_t i = scene->nvariables; i > 0; i--) {
		if (str_eq(scene->variables[i - 1].name, name)) {
			*value = scene->variables[i - 1].value;
			return true;
		}
	}
	return false;
}

/* Behind "$": the name, and the text of ${NAME:-text}; *rest is what follows. */
static void cut_name(struct str s, struct str *name, struct str *fallback, struct str *rest) {
	bool is_braced = str_starts(s, STR("{"));
	size_t n = 0;

	*fallback = (struct str){ NULL, 0 };
	s = str_skip(s, is_braced);
	while (n < s.len && is_name_byte(s.ptr[n])) {
		n++;
	}
	*name = str_take(s, n);
	*rest = str_skip(s, n);
	if (is_braced) {
		struct str inner = str_take(*rest, str_find(*rest, '}'));
		*rest = str_skip(*rest, inner.len + 1);
		if (str_starts(inner, STR(":-"))) {
			*fallback = str_skip(inner, 2);
		}
	}
}

bool scene_expand(struct search *s, const struct scene *scene, struct str word, struct str *out) {
	struct buf b = { 0 };
	bool is_known = true;

	if (str_find(word, '$') == word.len) {
		*out = word;
		return true;
	}
	while (word.len > 0 && is_known) {
		size_t n = str_find(word, '$');
		struct str name, value, fallback;
		buf_append(&b, str_take(word, n));
		bool has_name = n < word.len;
		word = str_skip(word, n + 1);
		if (has_name) {
			cut_name(word, &name, &fallback, &word);
			is_known = find_variable(scene, name, &value) || fallback.ptr != NULL;
			buf_append(&b,
					!is_known ? STR("")
							: find_variable(scene, name, &value)
							? value
							: fallback);
		}
	}
	*out = arena_copy(s->a, buf_str(&b));
	s->failed |= buf_failed(&b) || out->ptr == NULL;
	buf_fini(&b);
	return is_known && !s->failed;
}

static void set_variable(struct stepper *st, struct str name, struct str value) {
	struct step_variable *v = VEC_PUSH(&st->now->variables);

	if (v == NULL) {
		st->s->failed = true;
		return;
	}
	*v = (struct step_variable){ name, value };
}

static struct scene scene_of(const struct stage_scene *stage) {
	return (struct scene){ .cwd = stage->cwd,
		.places = stage->places.ptr,
		.nplaces = stage->places.len,
		.variables = stage->variables.ptr,
		.nvariables = stage->variables.len };
}

static bool expand(struct stepper *st, struct str word, struct str *out) {
	struct scene scene = scene_of(st->now);

	if (word.len >= 2 && (word.ptr[0] == '"' || word.ptr[0] == '\'') &&
			word.ptr[word.len - 1] == word.ptr[0]) {
		word = str_make(word.ptr + 1, word.len - 2);
	}
	return scene_expand(st->s, &scene, word, out);
}

/* ---- places ---- */

/* An absolute, clean path of the image; empty when out of memory. */
static struct str image_path(struct search *s, struct str cwd, struct str path) {
	struct str joined = str_starts(path, STR("/")) ? path : path_join(s->a, cwd, path);
	struct str clean = joined.ptr != NULL ? path_clean(s->a, joined) : joined;

	s->failed |= clean.ptr == NULL;
	return clean.ptr != NULL ? clean : STR("");
}

static void add_place(struct stepper *st, struct str dest, struct str source) {
	struct place *place = VEC_PUSH(&st->now->places);

	if (place == NULL) {
		st->s->failed = true;
		return;
	}
	*place = (struct place){ dest, source };
}

/* What of `path` lies below `dir`, both clean and absolute; false: nothing. */
static bool cut_prefix(struct str path, struct str dir, struct str *rest) {
	if (!str_starts(path, dir)) {
		return false;
	}
	*rest = str_skip(path, dir.len);
	if (rest->len == 0 || str_eq(dir, STR("/"))) {
		return true;
	}
	if (rest->ptr[0] != '/') {
		return false;
	}
	*rest = str_skip(*rest, 1);
	return true;
}

struct str scene_resolve(struct search *s, const struct scene *scene, struct str path) {
	struct str best = { NULL, 0 };

	if (scene->cwd.len == 0) {
		return best;
	}
	struct str full = image_path(s, scene->cwd, path), rest;
	for (size_t i = scene->nplaces; i > 0; i--) {
		const struct place *place = &scene->places[i - 1];
		if (!cut_prefix(full, place->dest, &rest)) {
			continue;
		}
		struct str found = search_join(s, place->source, rest);
		if (found.len > 0 && tree_find(s->tree, found) != TREE_NO_ROW) {
			return found;
		}
		best = best.ptr == NULL && found.len > 0 ? found : best;
	}
	return best;
}

struct copying {
	struct stepper *st;
	struct str dest;
	bool is_into; /* dest is a directory */
};

static void copy_row(struct search *s, uint32_t row, void *user) {
	struct copying *c = user;
	struct str path = row == 0 ? STR(".") : search_path(s, row);
	bool is_file = !entry_is_dir(tree_entry(s->tree, row));

	s->vcs_is_here |= row == 0 && c->st->asks_for_vcs;
	add_place(c->st, is_file && c->is_into ? image_path(s, c->dest, path_base(path)) : c->dest,
			path);
}

static void copy_from_context(struct stepper *st, const struct instruction *in, struct str dest) {
	struct str written = in->words[in->nwords - 1].text;
	bool is_dot = str_eq(written, STR(".")) || str_eq(written, STR("..")) ||
			str_ends(written, STR("/."));
	struct copying c = { st, dest, is_dot || in->nwords > 2 || str_ends(written, STR("/")) };

	for (size_t i = 0; i + 1 < in->nwords; i++) {
		struct str word;
		if (in->words[i].is_heredoc || !expand(st, in->words[i].text, &word)) {
			continue;
		}
		struct str path = search_join(st->s, STR("."), word);
		while (str_eq(path_base(path), STR("*"))) {
			path = path_dir(path);
		}
		if (str_eq(path, STR("."))) {
			copy_row(st->s, 0, &c);
		} else if (path.len > 0) {
			rows_each(st->s, path, copy_row, &c);
		}
	}
}

/* COPY --from: what of the context lies below the source there lies below the destination here. */
static void copy_from_stage(struct stepper *st, const struct stage_scene *from,
		const struct instruction *in, struct str dest) {
	for (size_t i = 0; i + 1 < in->nwords; i++) {
		struct str word, rest;
		if (!expand(st, in->words[i].text, &word)) {
			continue;
		}
		struct str source = image_path(st->s, STR("/"), word);
		for (size_t j = 0; j < from->places.len; j++) {
			struct place place = from->places.ptr[j];
			if (cut_prefix(place.dest, source, &rest)) {
				add_place(st, image_path(st->s, dest, rest), place.source);
			} else if (cut_prefix(source, place.dest, &rest)) {
				add_place(st, dest, search_join(st->s, place.source, rest));
			}
		}
	}
}

static const struct stage_scene *stage_named(const struct stepper *st, struct str name) {
	const struct dockerfile *df = st->build->dockerfile;

	for (size_t i = df->nstages; i > 0; i--) {
		if (str_eq_nocase(df->stages[i - 1].name, name)) {
			return &st->scenes[i - 1];
		}
	}
	if (name.len == 1 && name.ptr[0] >= '0' && (size_t)(name.ptr[0] - '0') < df->nstages) {
		return &st->scenes[name.ptr[0] - '0'];
	}
	return NULL;
}

static void step_copy(struct stepper *st, const struct instruction *in) {
	const struct instruction_flag *from = instruction_flag_find(in, STR("from"));
	struct str word;

	if (in->nwords < 2 || !expand(st, in->words[in->nwords - 1].text, &word)) {
		return;
	}
	struct str dest = image_path(st->s, st->now->cwd, word);
	const struct stage_scene *stage = from != NULL ? stage_named(st, from->value) : NULL;
	if (from == NULL) {
		copy_from_context(st, in, dest);
	} else if (stage != NULL && stage != st->now) {
		copy_from_stage(st, stage, in, dest);
	}
}

/* ---- RUN ---- */

static struct str mount_value(const struct instruction_mount *m, const char *a, const char *b) {
	for (size_t i = 0; i < m->nfields; i++) {
		if (str_eq(m->fields[i].key, str_from(a)) ||
				str_eq(m->fields[i].key, str_from(b))) {
			return m->fields[i].value;
		}
	}
	return STR("");
}

/* Bind mounts lie there while the RUN lasts. */
static void step_mount(struct stepper *st, const struct instruction_mount *m) {
	struct str type = mount_value(m, "type", "type"), target, source;

	if ((type.len > 0 && !str_eq(type, STR("bind"))) ||
			!expand(st, mount_value(m, "target", "dst"), &target) ||
			!expand(st, mount_value(m, "source", "src"), &source)) {
		return;
	}
	if (target.len == 0) {
		target = mount_value(m, "destination", "destination");
	}
	struct str dest = image_path(st->s, st->now->cwd, target);
	const struct stage_scene *stage = m->from.len > 0 ? stage_named(st, m->from) : NULL;
	if (m->from.len == 0) {
		struct str path = search_join(st->s, STR("."), source);
		add_place(st, dest, path.len > 0 ? path : STR("."));
	} else if (stage != NULL && stage != st->now) {
		struct str from = image_path(st->s, STR("/"), source), rest;
		for (size_t j = 0; j < stage->places.len; j++) {
			struct place place = stage->places.ptr[j];
			if (cut_prefix(place.dest, from, &rest)) {
				add_place(st, image_path(st->s, dest, rest), place.source);
			} else if (cut_prefix(from, place.dest, &rest)) {
				add_place(st, dest, search_join(st->s, place.source, rest));
			}
		}
	}
}

static void step_command(struct stepper *st, const struct instruction *in) {
	struct scene scene = scene_of(st->now);

	if (in->is_json) {
		struct str *words = arena_new(st->s->scratch, struct str, in->nwords);
		st->s->failed |= words == NULL;
		for (size_t i = 0; words != NULL && i < in->nwords; i++) {
			words[i] = in->words[i].text;
		}
		if (words != NULL) {
			commands_words(st->s, &scene, words, in->nwords, &st->at);
		}
		return;
	}
	for (size_t i = 0; i < in->nwords; i++) {
		commands_text(st->s, &scene, in->words[i].text, &st->at);
	}
	for (size_t i = 0; i < in->nheredocs; i++) {
		commands_text(st->s, &scene, in->heredocs[i].content, &st->at);
	}
}

static void step_run(struct stepper *st, const struct instruction *in) {
	size_t nplaces = st->now->places.len;

	for (size_t i = 0; i < in->nmounts; i++) {
		step_mount(st, &in->mounts[i]);
	}
	step_command(st, in);
	st->now->places.len = nplaces;
}

static void step_pairs(struct stepper *st, const struct instruction *in) {
	for (size_t i = 0; i < in->npairs; i++) {
		struct str value;
		if (in->pairs[i].has_value && expand(st, in->pairs[i].value, &value)) {
			set_variable(st, in->pairs[i].key, value);
		}
	}
}

static void step_one(struct stepper *st, const struct instruction *in, bool is_target) {
	struct str word;

	st->at = (struct origin){ st->build->path, in->line, true };
	if (in->keyword == INSTRUCTION_WORKDIR && in->nwords > 0) {
		bool is_known = expand(st, in->words[0].text, &word);
		st->now->cwd = is_known ? image_path(st->s, st->now->cwd, word) : STR("");
	} else if (in->keyword == INSTRUCTION_ENV || in->keyword == INSTRUCTION_ARG) {
		step_pairs(st, in);
	} else if (in->keyword == INSTRUCTION_COPY || in->keyword == INSTRUCTION_ADD) {
		step_copy(st, in);
	} else if (in->keyword == INSTRUCTION_RUN) {
		step_run(st, in);
	} else if (is_target &&
			(in->keyword == INSTRUCTION_CMD || in->keyword == INSTRUCTION_ENTRYPOINT ||
					in->keyword == INSTRUCTION_HEALTHCHECK)) {
		step_command(st, in);
	}
}

static void inherit(struct stepper *st, uint32_t stage) {
	uint32_t base = st->build->sources->stages[stage].base_stage;

	st->now = &st->scenes[stage];
	st->now->cwd = STR("/");
	st->s->vcs_is_here = st->asks_for_vcs;
	if (base == DOCKERFILE_NO_STAGE || base >= stage) {
		const struct dockerfile *df = st->build->dockerfile;
		for (size_t i = 0; i < df->stages[0].instruction; i++) {
			step_one(st, &df->instructions[i], false);
		}
		return;
	}
	const struct stage_scene *from = &st->scenes[base];
	st->now->cwd = from->cwd;
	st->s->vcs_is_here = from->vcs_is_here;
	for (size_t i = 0; i < from->places.len; i++) {
		add_place(st, from->places.ptr[i].dest, from->places.ptr[i].source);
	}
	for (size_t i = 0; i < from->variables.len; i++) {
		set_variable(st, from->variables.ptr[i].name, from->variables.ptr[i].value);
	}
}

/* Whether a stage's CMD can be what the image starts: the target's own, or its bases'. */
static bool is_of_target(const struct build_sources *sources, uint32_t stage) {
	uint32_t at = sources->target;

	while (at != stage && sources->stages[at].base_stage < at) {
		at = sources->stages[at].base_stage;
	}
	return at == stage;
}

void references_steps(struct search *s, const struct reference_build *build) {
	const struct dockerfile *df = build->dockerfile;
	struct stepper st = { .s = s, .build = build };

	if (df == NULL || build->sources == NULL) {
		return;
	}
	st.asks_for_vcs = build_may_ask_for(build->sources, STR(".git"));
	/* a script of two builds may call for more in one of them */
	memset(s->seen, 0, tree_nrows(s->tree));
	s->made.len = 0;
	st.scenes = calloc(df->nstages, sizeof(*st.scenes));
	if (st.scenes == NULL) {
		s->failed = true;
		return;
	}
	for (uint32_t i = 0; i < df->nstages && !s->failed; i++) {
		if (!build->sources->stages[i].is_reached) {
			continue;
		}
		inherit(&st, i);
		for (uint32_t j = 1; j < df->stages[i].ninstructions; j++) {
			step_one(&st, &df->instructions[df->stages[i].instruction + j],
					is_of_target(build->sources, i));
		}
		st.now->vcs_is_here = s->vcs_is_here;
	}
	for (size_t i = 0; i < df->nstages; i++) {
		free(st.scenes[i].places.ptr);
		free(st.scenes[i].variables.ptr);
	}
	free(st.scenes);
}
