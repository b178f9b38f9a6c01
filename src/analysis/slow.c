/*
 * Why a transfer is slow: the build's own time, then one try for each thing that could change it.
 *
 *   plan, wire ─▶ counts ─▶ seconds          (transfer/time.c)
 *        └─ change ─▶ plan, wire ─▶ counts ─▶ seconds: the difference is what the cause takes
 */
#include "analysis/slow.h"

#include "util/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Shorter than this, in seconds: nobody waits for the transfer. */
#define SHORT_SECONDS 1.0

/* A change of the ignore file that saves less than this share leaves the ignore file out of it. */
#define SMALL_SHARE 0.1

/* ---- helpers */

struct time_range slow_saved(struct time_range before, struct time_range after) {
	struct time_range saved = { before.lo - after.lo, before.hi - after.hi };

	saved.lo = saved.lo > 0 ? saved.lo : 0;
	saved.hi = saved.hi > saved.lo ? saved.hi : saved.lo;
	return saved;
}

struct str slow_text(struct slow *s, const char *format, ...) {
	char line[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
	struct str copy = arena_copy(s->arena, str_make(line, len));
	s->failed |= copy.ptr == NULL;
	return copy.ptr != NULL ? copy : STR("");
}

struct str slow_path(struct slow *s, uint32_t row) {
	struct buf path = { 0 };

	tree_path(s->an->tree, row, &path);
	struct str copy = arena_copy(s->arena, buf_str(&path));
	s->failed |= buf_failed(&path) || copy.ptr == NULL;
	buf_fini(&path);
	return copy.ptr != NULL ? copy : STR("");
}

struct str slow_size(struct slow *s, uint64_t bytes) {
	char text[SIZE_TEXT_BYTES];

	return slow_text(s, "%s", size_format_short(bytes, text));
}

struct str slow_count(struct slow *s, uint64_t n) {
	char text[SIZE_TEXT_BYTES + 4];

	return slow_text(s, "%s", size_format_count(n, text));
}

bool slow_matters(const struct slow *s, struct time_range seconds) {
	return time_middle(seconds) * 100 >= time_middle(s->told.time.total);
}

void slow_add(struct slow *s, const struct slow_cause *cause) {
	struct slow_cause *slot = slow_matters(s, cause->seconds) ? VEC_PUSH(&s->causes) : NULL;

	if (slot != NULL) {
		*slot = *cause;
	} else {
		s->failed |= slow_matters(s, cause->seconds);
	}
}

/* ---- tries */

static enum tng_code measure(const struct slow *s, struct arena *a,
		const struct transfer_plan *plan, const struct ignore_set *set,
		struct slow_time *cold, struct slow_time *again, struct tng_error *err) {
	enum tng_engine engine = s->build->context.engine;
	struct transfer_wire wire;
	enum tng_code code = transfer_wire(a, s->an->tree, plan, &s->wire, &wire, err);

	if (code != TNG_OK) {
		return code;
	}
	cold->counts = time_count(engine, s->an->tree, plan, set, &wire, false);
	again->counts = time_count(engine, s->an->tree, plan, set, &wire, true);
	time_predict(&cold->counts, &s->profile, &cold->time);
	time_predict(&again->counts, &s->profile, &again->time);
	return TNG_OK;
}

static enum tng_code try_plan(const struct slow *s, struct str ignore_text,
		const struct str *includes, size_t nincludes, struct slow_try *t,
		struct tng_error *err) {
	struct transfer_request request = build_transfer_request(s->build);
	struct slow_time cold, again;
	enum tng_code code = transfer_patterns(ignore_text, &request, &t->set, err);

	request.includes = includes;
	request.nincludes = nincludes;
	request.is_quick = true;
	if (code == TNG_OK) {
		code = transfer_plan(t->arena, s->an->tree, t->set, &request, &t->plan, err);
	}
	if (code == TNG_OK) {
		code = measure(s, t->arena, &t->plan, t->set, &cold, &again, err);
	}
	if (code == TNG_OK) {
		t->told = s->how.assume == SLOW_COLD ? cold : again;
	}
	return code;
}

enum tng_code slow_try(const struct slow *s, struct str ignore_text, const struct str *includes,
		size_t nincludes, struct slow_try *out, struct tng_error *err) {
	struct slow_try t = { .arena = arena_create() };
	enum tng_code code = t.arena != NULL
			? try_plan(s, ignore_text, includes, nincludes, &t, err)
			: error_nomem(err);

	if (code != TNG_OK) {
		slow_try_fini(&t);
		return code;
	}
	*out = t;
	return TNG_OK;
}

void slow_try_fini(struct slow_try *t) {
	ignore_destroy(t->set);
	arena_destroy(t->arena);
}

/* ---- the build as it is */

/* Podman's COPY copies what it asks for, whatever its figures are called. */
static enum lens find_lens(const struct build *build) {
	return build->has_requested && build->context.engine == TNG_ENGINE_PODMAN
			? LENS_REQUESTED
			: build_sent_lens(build);
}

static enum tng_code find_includes(struct slow *s, struct tng_error *err) {
	const struct build *build = s->build;
	struct str *includes = NULL;

	if (s->lens != LENS_REQUESTED ||
			!build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_used ||
			build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_whole) {
		return TNG_OK;
	}
	const struct context_use *use = &build->sources->contexts[DOCKERFILE_MAIN_CONTEXT];
	enum tng_code code = follow_links(s->arena, s->an->tree, use->follow_paths,
			use->nfollow_paths, &includes, &s->nincludes, err);
	s->includes = includes;
	return code;
}

/* Which rows are not as they were at the last build. */
static enum tng_code find_changed(struct slow *s, struct tng_error *err) {
	uint32_t nrows = tree_nrows(s->an->tree);
	uint8_t *changed = NULL;

	if (s->how.assume == SLOW_COLD || s->how.assume == SLOW_WARM) {
		return TNG_OK;
	}
	changed = arena_new(s->arena, uint8_t, nrows);
	if (changed == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 0; row < nrows; row++) {
		bool by_git = !s->an->has_git || !s->an->git.is_known ||
				s->an->git.state[row] == VCS_TRACKED ||
				s->an->git.state[row] == VCS_MODIFIED;
		changed[row] = s->how.assume != SLOW_CHECKOUT || by_git;
	}
	s->wire.changed = changed;
	return TNG_OK;
}

static enum tng_code look(struct slow *s, struct slow_story *out, struct tng_error *err) {
	const struct build *build = s->build;
	enum tng_code code = find_includes(s, err);

	if (code == TNG_OK) {
		code = wire_look(s->arena, &build->context, s->an->tree, build->patterns, s->plan,
				&s->wire, err);
	}
	if (code == TNG_OK) {
		code = find_changed(s, err);
	}
	if (code == TNG_OK) {
		code = measure(s, s->arena, s->plan, build->patterns, &out->cold, &out->warm, err);
	}
	s->unchanged = out->warm;
	if (code == TNG_OK && s->wire.changed != NULL) {
		struct slow old = *s;
		struct slow_time cold; /* the same: it does not hang on what has changed */
		old.wire.changed = NULL;
		code = measure(&old, s->arena, s->plan, build->patterns, &cold, &s->unchanged, err);
	}
	if (code == TNG_OK && s->how.ntimed > 0) {
		code = slow_calibrate(s, &out->cold.counts, out, err);
		time_predict(&out->cold.counts, &s->profile, &out->cold.time);
		time_predict(&out->warm.counts, &s->profile, &out->warm.time);
		time_predict(&s->unchanged.counts, &s->profile, &s->unchanged.time);
	}
	return code;
}

/* ---- what it comes to */

static int by_seconds(const void *a, const void *b) {
	const struct slow_cause *x = a, *y = b;
	double dx = time_middle(x->seconds), dy = time_middle(y->seconds);

	if (dx < dy || dx > dy) {
		return dx > dy ? -1 : 1;
	}
	int order = strcmp(x->id, y->id);
	return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static bool has_ignore_line(const struct slow_story *story) {
	double least = SMALL_SHARE * time_middle(slow_told(story)->time.total);

	for (size_t i = 0; i < story->ncauses; i++) {
		const struct slow_cause *c = &story->causes[i];
		if (c->is_ignore_file && time_middle(c->seconds) >= least) {
			return true;
		}
	}
	return false;
}

static struct str find_verdict(const struct slow *s, const struct slow_story *story) {
	if (!story->happens) {
		return STR("Nothing of the context is asked for, so nothing is sent: what a build "
			   "takes goes into its steps.");
	}
	if (slow_told(story)->time.total.hi < SHORT_SECONDS) {
		return story->how.place == TIME_LOCAL && story->cold.counts.round_trips > 0
				? STR("The ignore file is not the problem: this is less than a "
				      "second. "
				      "Over a network it may be more: --profile remote.")
				: STR("The ignore file is not the problem: this is less than a "
				      "second.");
	}
	if (has_ignore_line(story)) {
		return STR("");
	}
	return s->lens == LENS_REQUESTED ? STR("The ignore file is not the problem: the "
					       "instructions ask for what is "
					       "sent, as far as can be told.")
					 : STR("The ignore file is not the problem: no line of it "
					       "would save much that "
					       "is not needed, as far as can be told.");
}

static void finish(struct slow *s, struct slow_story *out) {
	if (s->causes.len > 0) {
		qsort(s->causes.ptr, s->causes.len, sizeof(*s->causes.ptr), by_seconds);
	}
	out->ncauses = s->causes.len < SLOW_CAUSES_MAX ? s->causes.len : SLOW_CAUSES_MAX;
	struct slow_cause *causes = arena_new(s->arena, struct slow_cause, out->ncauses);
	s->failed |= causes == NULL;
	if (causes != NULL && out->ncauses > 0) {
		memcpy(causes, s->causes.ptr, out->ncauses * sizeof(*causes));
	}
	out->causes = causes;
	out->has_proposed = s->left != NULL;
	out->proposed = s->proposed;
	out->verdict = s->failed ? STR("") : find_verdict(s, out);
}

enum tng_code analysis_slow(struct arena *a, const struct analysis *an, const struct build *build,
		const struct slow_options *options, struct slow_story *out, struct tng_error *err) {
	struct slow s = {
		.arena = a,
		.an = an,
		.build = build,
		.how = *options,
		.profile = time_profile(build->context.engine, options->place,
				options->bytes_per_second, options->round_trip),
		.lens = find_lens(build),
	};

	s.plan = build_plan(build, s.lens);
	*out = (struct slow_story){ .how = *options };
	enum tng_code code = look(&s, out, err);
	if (code == TNG_OK) {
		s.told = *slow_told(out);
		out->happens = out->cold.counts.announced > 0;
	}
	if (code == TNG_OK && out->happens) {
		code = slow_try_ignore_file(&s, err);
	}
	if (code == TNG_OK && out->happens) {
		code = slow_try_the_rest(&s, err);
	}
	if (code == TNG_OK) {
		finish(&s, out);
	}
	free(s.causes.ptr);
	return code == TNG_OK && s.failed ? error_nomem(err) : code;
}
