/*
 * The next step for one path: the line to add or to change. A line that is named has been tried: with it
 * the path's fate is the one that is promised.
 */
#include "analysis/internal.h"

static struct str ignore_name(const struct build *build) {
	const struct context *ctx = &build->context;

	return ctx->ignore_origin == IGNORE_ORIGIN_NONE ? STR(".dockerignore") : ctx->ignore_path;
}

/* Whether the path is sent (or not) with this line behind the others, by both evaluations. */
static bool is_proven(const struct build *build, const struct explanation *e, struct str line,
		bool sent) {
	struct ignore_set *set = NULL;
	struct ignore_scratch *scratch = NULL;
	struct lone_fate fate;
	struct verdict whole = { .excluded = false };
	bool proven = explain_with_line(build, line, &set, NULL) == TNG_OK &&
			explain_lone_fate(build, set, e->path, e->is_dir, &fate, NULL) == TNG_OK &&
			fate_is_sent(fate.fate) == sent;

	if (proven) {
		scratch = ignore_scratch_create(set);
		proven = scratch != NULL &&
				ignore_decide_whole_path(scratch, e->path, &whole, NULL) ==
						TNG_OK &&
				whole.excluded != sent;
	}
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return proven;
}

/* "add the line "X" at the end of .dockerignore", or what to change when there is no such line. */
static void put_line(
		const struct build *build, const struct explanation *e, bool sent, struct buf *b) {
	struct str name = ignore_name(build);
	struct buf line = { 0 };

	buf_append(&line, sent ? STR("!") : STR(""));
	if (ignore_put_literal(ignore_dialect_of(build->context.engine), e->path, &line) &&
			is_proven(build, e, buf_str(&line), sent)) {
		bool is_new = build->context.ignore_origin == IGNORE_ORIGIN_NONE;
		buf_append(b,
				is_new ? STR("create .dockerignore with the line \"")
				       : STR("add the line \""));
		buf_append(b, buf_str(&line));
		buf_append(b, STR("\""));
		if (!is_new) {
			buf_printf(b, " at the end of %.*s", STR_FMT(str_take(name, 200)));
		}
	} else if (e->verdict.pattern != IGNORE_NO_PATTERN) {
		buf_printf(b, "change line %u of %.*s",
				ignore_pattern(build->patterns, e->verdict.pattern)->line,
				STR_FMT(str_take(name, 200)));
	} else {
		buf_append(b, STR("name a directory it is in: no pattern can name it"));
	}
	b->failed |= buf_failed(&line);
	buf_fini(&line);
}

/* "change line N to a name at any depth": what git would have done with that line. False: that would not do it. */
static bool put_deep_line(
		const struct build *build, const struct explanation *e, bool sent, struct buf *b) {
	struct buf line = { 0 };

	if (!e->git.is_depth) {
		return false;
	}
	for (size_t i = 0; i < e->ntrace; i++) {
		if (e->trace[i].pattern > e->git.pattern) {
			return false; /* it is tried as the last line, and would not be */
		}
	}
	const struct ignore_pattern *p = ignore_pattern(build->patterns, e->git.pattern);
	buf_printf(&line, "%s**/%.*s", sent ? "!" : "", STR_FMT(p->text));
	bool proven = is_proven(build, e, buf_str(&line), sent);
	if (proven) {
		buf_printf(b, "change line %u of %.*s to \"", p->line,
				STR_FMT(str_take(ignore_name(build), 200)));
		buf_append(b, buf_str(&line));
		buf_putc(b, '"');
	}
	b->failed |= buf_failed(&line);
	buf_fini(&line);
	return proven;
}

/* Who asks for what is excluded. Buildah filters only what is copied: a mount sees every file. */
static void put_vain_request(
		const struct build *build, const struct explanation *e, struct buf *b) {
	bool mounts_see_all = build->context.engine == TNG_ENGINE_PODMAN;

	for (size_t i = 0; i < e->nrequests; i++) {
		const struct source *s = e->requests[i].source;
		if (e->requests[i].only_below) {
			continue;
		}
		bool sees = mounts_see_all && s->kind == SOURCE_BIND;
		buf_printf(b,
				sees ? "Line %u of the Dockerfile mounts it: a mount sees what is "
				       "excluded, too. "
				     : "Line %u of the Dockerfile asks for it and does not get "
				       "it. ",
				s->line);
		return;
	}
}

/* How a build gets a secret without a copy of it in the context. */
static void put_secret(const struct build *build, const struct explanation *e, struct buf *b) {
	buf_append(b,
			e->is_dir ? STR("It holds a secret, which is best left out: ")
				  : STR("It is a secret, which is best left out: "));
	buf_append(b,
			build->context.engine == TNG_ENGINE_CLASSIC
					? STR("hand it to the container when it runs.")
					: STR("a build gets one with RUN --mount=type=secret, a "
					      "container when it runs."));
}

static void put_excluded(const struct build *build, const struct explanation *e, struct buf *b) {
	put_vain_request(build, e, b);
	if (e->is_secret) {
		put_secret(build, e, b);
		return;
	}
	buf_append(b, STR("To send it, "));
	if (!put_deep_line(build, e, true, b)) {
		put_line(build, e, true, b);
	}
	buf_append(b,
			build->has_requested && e->nrequests == 0
					? STR(", and a COPY of it to the Dockerfile.")
					: STR("."));
}

/* A pattern with a comment behind it, which would match without: its line; 0: there is none. */
static uint32_t commented_line(const struct build *build, const struct explanation *e) {
	uint32_t n = build->patterns != NULL ? ignore_npatterns(build->patterns) : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(build->patterns, i);
		struct ignore_set *set = NULL;
		struct lone_fate fate = { .fate = FATE_SENT };
		size_t at = 1;
		while (at < p->text.len &&
				!(p->text.ptr[at] == '#' && p->text.ptr[at - 1] == ' ')) {
			at++;
		}
		if (p->is_exception || at >= p->text.len) {
			continue;
		}
		struct str cut = str_take(p->text, at);
		bool excludes = ignore_from_patterns(&cut, 1, &set, NULL) == TNG_OK &&
				explain_lone_fate(build, set, e->path, e->is_dir, &fate, NULL) ==
						TNG_OK &&
				!fate_is_sent(fate.fate);
		ignore_destroy(set);
		if (excludes) {
			return p->line;
		}
	}
	return 0;
}

/* The engine keeps it with a pattern of its own: the Dockerfile, the ignore file. */
static bool is_added(const struct build *build, const struct explanation *e) {
	return e->verdict.pattern != IGNORE_NO_PATTERN &&
			ignore_pattern(build->patterns, e->verdict.pattern)->line == 0;
}

static void put_sent(const struct build *build, const struct explanation *e, struct buf *b) {
	uint32_t commented = commented_line(build, e);

	if (is_added(build, e)) {
		buf_append(b, STR("Nothing is to be done: the builder always sends it"));
	} else if (e->comes_empty && e->is_secret) {
		buf_append(b,
				STR("Nothing is to be done: the name of a secret is sent, not its "
				    "content"));
	} else if (e->comes_empty) {
		buf_append(b, STR("To send its content, "));
		put_line(build, e, true, b);
	} else if (commented > 0) {
		buf_printf(b,
				"Line %u of %.*s would keep it out but for the comment behind the "
				"pattern: move the comment to a line of its own",
				commented, STR_FMT(str_take(ignore_name(build), 200)));
	} else {
		buf_append(b, STR("To keep it out, "));
		if (!put_deep_line(build, e, false, b)) {
			put_line(build, e, false, b);
		}
	}
	buf_putc(b, '.');
}

static void put_next(const struct build *build, const struct explanation *e, struct buf *b) {
	switch (e->fate) {
	case FATE_EXCLUDED:
	case FATE_PRUNED:
		put_excluded(build, e, b);
		break;
	case FATE_SENT:
		put_sent(build, e, b);
		break;
	case FATE_PARENT:
		buf_append(b,
				STR("Nothing is to be done: the entry of a directory weighs "
				    "nothing."));
		break;
	case FATE_SKIPPED:
		buf_append(b, STR("Nothing is to be done: a socket has no content to send."));
		break;
	case FATE_UNASKED:
		buf_append(b,
				e->is_secret && !e->maybe_asked ? STR("Nothing is to be done.")
						: e->maybe_asked
						? STR("Give the unknown argument a value with "
						      "--build-arg to know.")
						: STR("Nothing is to be done; a COPY of it in the "
						      "Dockerfile would send it."));
		break;
	}
}

/* Nothing of the context has such a path: what it leads to has one. */
static void put_behind(const struct explanation *e, struct buf *b) {
	if (e->behind.len == 0) {
		buf_append(b,
				STR("What the link leads to is not in the context: no build can "
				    "get it from there."));
	} else {
		buf_append(b, STR("Ask for what it leads to: tonnage explain "));
		buf_append(b, e->behind);
	}
}

enum tng_code explain_next(struct arena *a, const struct build *build, struct explanation *e,
		struct tng_error *err) {
	struct buf b = { 0 };

	if (e->link.len > 0) {
		put_behind(e, &b);
	} else {
		put_next(build, e, &b);
	}
	e->next = arena_copy(a, buf_str(&b));
	enum tng_code code = buf_failed(&b) || e->next.ptr == NULL ? error_nomem(err) : TNG_OK;
	buf_fini(&b);
	return code;
}
