/*
 * How far a row goes: from the context into a stage, and from there with COPY --from into others.
 *
 *   source ─▶ landing: a path in a stage ─▶ COPY --from that takes it ─▶ landing in the next stage ─▶ ...
 *
 * A layer keeps what a later RUN deletes, so what lands in the image's own stages is there for good. What
 * COPY --from sees is the stage as it is at its end: where a RUN may have moved or deleted the file, or a
 * path is not known, it is taken to stay where it is.
 */
#include "check/internal.h"

#include "util/gomatch.h"
#include "util/shell.h"

/* More ways than this are not followed. */
#define LANDINGS_MAX 64

struct landing {
	uint32_t stage, line; /* of the instruction that put it there */
	const struct source *taken;
	struct str path; /* in the stage, without the slash in front; empty: not known */
};

/* The work for one row. */
struct journey {
	struct checker *c;
	struct landing list[LANDINGS_MAX];
	size_t n;
};

/* ---- stages */

/* Whether a stage has all that another one has: it is the same, or based on it. */
static bool has_all_of(const struct build_sources *sources, uint32_t stage, uint32_t base) {
	for (size_t i = 0; i < sources->nstages && stage != DOCKERFILE_NO_STAGE; i++) {
		if (stage == base) {
			return true;
		}
		stage = sources->stages[stage].base_stage;
	}
	return false;
}

/* ---- places */

static struct str join(struct journey *j, struct str dir, struct str name) {
	struct str path = path_join(j->c->arena, dir, name);

	j->c->failed |= path.ptr == NULL;
	return path.ptr != NULL ? path : STR("");
}

/* "a/./b" of --parents: b alone is kept. */
static bool has_pivot(struct str written) {
	for (size_t i = 0; i < written.len; i++) {
		if (str_starts(str_skip(written, i), STR("/./"))) {
			return true;
		}
	}
	return false;
}

/* Where a source puts a file that it takes; empty: not known. */
static struct str landing_of(struct journey *j, const struct source *s, struct str path) {
	const struct destination *to = &s->destination;
	struct str top = s->is_wildcard ? check_same_depth(path, s->path) : s->path;
	bool is_file = str_eq(path, top);

	if (to->is_unknowable || s->is_unknowable || path.len == 0) {
		return STR("");
	}
	if (s->has_parents) {
		return has_pivot(s->written) ? STR("") : join(j, to->path, path);
	}
	if (is_file) {
		return to->is_dir ? join(j, to->path, path_base(path)) : to->path;
	}
	return join(j, to->path, str_eq(top, STR(".")) ? path : str_skip(path, top.len + 1));
}

static void land(struct journey *j, const struct source *by, const struct source *taken,
		struct str path) {
	if (j->n < LANDINGS_MAX) {
		j->list[j->n++] = (struct landing){ .stage = by->stage,
			.line = by->line,
			.taken = taken,
			.path = landing_of(j, by, path) };
	}
}

/* Whether COPY --from takes what lies there. */
static bool takes(struct journey *j, const struct source *s, struct str path) {
	if (s->is_unknowable) {
		return false;
	}
	if (str_eq(s->path, STR("."))) {
		return s->nexcludes == 0 || (path.len > 0 && !check_is_left_out(j->c, s, path));
	}
	bool fits = s->is_wildcard
			? gomatch(s->path, check_same_depth(path, s->path)) == GOMATCH_YES
			: path_is_below(path, s->path);
	return path.len > 0 && fits && !check_is_left_out(j->c, s, path);
}

/* ---- what RUN may have done to it */

struct removal {
	struct str path;
	bool may_be;
};

/* Whether a word of a command may mean a path, or a directory that it is in. */
static bool may_mean(struct str word, struct str path) {
	bool is_absolute = str_starts(word, STR("/"));

	while (str_starts(word, STR("/")) || str_starts(word, STR("./"))) {
		word = str_skip(word, str_starts(word, STR("/")) ? 1 : 2);
	}
	while (str_ends(word, STR("/"))) {
		word = str_take(word, word.len - 1);
	}
	if (str_find(word, '$') < word.len || word.len == 0 || str_starts(word, STR(".."))) {
		return true;
	}
	/* a relative one may start in any directory */
	for (struct str rest = path, part; rest.len > 0;) {
		if (gomatch(word, check_same_depth(rest, word)) != GOMATCH_NO) {
			return true;
		}
		(void)str_cut(rest, '/', &part, &rest);
		if (is_absolute) {
			break;
		}
	}
	return false;
}

static bool is_one_of(struct str word, const char *const *names, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(word, str_from(names[i]))) {
			return true;
		}
	}
	return false;
}

static void look_at_command(void *user, const struct shell_command *command) {
	static const char *const with_names[] = { "mv", "rm", "shred", "unlink" };
	static const char *const anywhere[] = { "find", "git", "xargs" };
	struct removal *removal = user;
	size_t at = shell_skip_wrappers(command->words, command->nwords);

	if (at >= command->nwords) {
		return;
	}
	struct str name = path_base(command->words[at]);
	bool is_named = is_one_of(name, with_names, sizeof(with_names) / sizeof(with_names[0]));
	bool is_search = is_one_of(name, anywhere, sizeof(anywhere) / sizeof(anywhere[0]));
	for (at++; at < command->nwords; at++) {
		struct str word = command->words[at];
		bool is_flag = str_starts(word, STR("-"));
		removal->may_be |= is_named && !is_flag && may_mean(word, removal->path);
		/* find -delete, find -exec rm, xargs rm, git clean, git rm */
		removal->may_be |= is_search &&
				(str_eq(word, STR("-delete")) || str_eq(word, STR("clean")) ||
						is_one_of(path_base(word), with_names,
								sizeof(with_names) /
										sizeof(with_names[0])));
	}
}

static void look_at_run(struct journey *j, const struct instruction *in, struct removal *removal) {
	struct shell_command command = { .nwords = 0 };
	bool ok = true;

	if (in->is_json) {
		struct str *words = arena_new(j->c->arena, struct str, in->nwords);
		for (size_t i = 0; words != NULL && i < in->nwords; i++) {
			words[i] = in->words[i].text;
		}
		command.words = words;
		command.nwords = in->nwords;
		ok = words != NULL;
		if (ok) {
			look_at_command(removal, &command);
		}
	}
	/* ["sh", "-c", "..."], too */
	for (size_t i = 0; ok && i < in->nwords; i++) {
		ok = shell_each(j->c->arena, in->words[i].text, look_at_command, removal);
	}
	for (size_t i = 0; ok && i < in->nheredocs; i++) {
		ok = shell_each(j->c->arena, in->heredocs[i].content, look_at_command, removal);
	}
	j->c->failed |= !ok;
}

/* Whether a file that lies in a stage may be gone from the one that COPY --from names. */
static bool may_be_gone(struct journey *j, const struct landing *l, uint32_t from) {
	const struct check_build *b = j->c->build;
	struct removal removal = { .path = l->path };

	for (uint32_t stage = from; b->dockerfile != NULL && !removal.may_be;
			stage = b->sources->stages[stage].base_stage) {
		const struct stage *s = &b->dockerfile->stages[stage];
		for (uint32_t i = 0; i < s->ninstructions; i++) {
			const struct instruction *in =
					&b->dockerfile->instructions[s->instruction + i];
			if (in->keyword == INSTRUCTION_RUN &&
					(stage != l->stage || in->line > l->line)) {
				look_at_run(j, in, &removal);
			}
		}
		if (stage == l->stage) {
			break;
		}
	}
	return removal.may_be;
}

/* ---- the way */

/* COPY --from, in the order they are executed: what one takes is in its stage before the next looks. */
static void carry(struct journey *j, struct check_route *out) {
	const struct build_sources *sources = j->c->build->sources;

	for (size_t i = 0; i < sources->ncopies; i++) {
		const struct stage_copy *copy = &sources->copies[i];
		size_t n = j->n;
		for (size_t k = 0; k < n; k++) {
			struct landing l = j->list[k];
			if (!has_all_of(sources, copy->from, l.stage) ||
					!takes(j, &copy->what, l.path) ||
					may_be_gone(j, &l, copy->from)) {
				continue;
			}
			if (has_all_of(sources, sources->target, copy->what.stage)) {
				*out = (struct check_route){
					.taken = l.taken, .carried = copy, .is_in_image = true
				};
				return;
			}
			land(j, &copy->what, l.taken, l.path);
		}
	}
}

void check_find_route(struct checker *c, uint32_t row, struct str path, struct check_route *out) {
	const struct build_sources *sources = c->build->sources;
	struct journey j = { .c = c };

	*out = (struct check_route){ .taken = NULL };
	if (sources == NULL) {
		return;
	}
	for (size_t i = 0; i < sources->nsources; i++) {
		const struct source *s = &sources->sources[i];
		if (!check_source_takes(c, s, row, path)) {
			continue;
		}
		if (has_all_of(sources, sources->target, s->stage)) {
			*out = (struct check_route){ .taken = s, .is_in_image = true };
			return;
		}
		out->taken = out->taken != NULL ? out->taken : s;
		land(&j, s, s, path);
	}
	if (out->taken != NULL) {
		carry(&j, out);
	}
}
