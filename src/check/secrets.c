/*
 * Credentials, and how far they get: sent, into a stage, into the image. What they hold is never read here,
 * and never shown.
 */
#include "check/internal.h"

/* An empty file holds nothing; of a directory, neither do those that keep it in git or say what it is for. */
static bool may_hold(const struct checker *c, uint32_t row, uint32_t secret) {
	static const char *const others[] = { ".gitignore", ".gitkeep", ".keep", "README",
		"README.md" };
	const struct entry *entry = tree_entry(c->in->tree, row);
	struct str name = tree_name(c->in->tree, entry);

	if (!entry_is_file(entry) || entry->size == 0) {
		return false;
	}
	for (size_t i = 0; row != secret && i < sizeof(others) / sizeof(others[0]); i++) {
		if (str_eq(name, str_from(others[i]))) {
			return false;
		}
	}
	return true;
}

/* Something that is sent, of a file or below a directory; TREE_NO_ROW: nothing. */
static uint32_t first_sent(const struct checker *c, uint32_t row) {
	const struct transfer_plan *plan = check_sent_plan(c->build);
	uint32_t end = tree_end(c->in->tree, row);

	for (uint32_t r = row; plan != NULL && r < end; r++) {
		if (fate_is_sent(plan->fate[r]) && may_hold(c, r, row)) {
			return r;
		}
	}
	return TREE_NO_ROW;
}

static bool is_sample_class(uint16_t klass) {
	static const enum path_class samples[] = { CLASS_VENDORED, CLASS_TESTS, CLASS_FIXTURES,
		CLASS_BENCH, CLASS_EXAMPLES, CLASS_DOCS, CLASS_DEPS, CLASS_VIRTUALENV };

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		if (klass == samples[i]) {
			return true;
		}
	}
	return false;
}

/* Something that is there for others to see: below tests, examples, other people's code. */
static bool is_sample(const struct check_input *in, uint32_t row) {
	for (; row != TREE_NO_ROW; row = tree_parent(in->tree, row)) {
		if (is_sample_class(in->classes->marks[row].klass)) {
			return true;
		}
	}
	return false;
}

static bool is_committed(const struct check_input *in, uint32_t row) {
	uint8_t state = in->git != NULL ? in->git->state[row] : VCS_UNKNOWN;

	return state == VCS_TRACKED || state == VCS_MODIFIED;
}

/* A certificate, something encrypted: the name alone, of a kind that is mostly public, of what is committed. */
static bool is_public(const struct check_input *in, const struct check_secret *s) {
	return s->severity == CLASS_SEVERITY_LOW && s->kind.len == 0 && is_committed(in, s->row);
}

/* A name that often holds no secret, and none was seen: a file of variables, or one that its rule asks about. */
static bool is_doubtful(const struct check_input *in, const struct check_secret *s) {
	struct str name = tree_name(in->tree, tree_entry(in->tree, s->row));

	return s->kind.len == 0 &&
			(str_starts(name, STR(".env")) || str_ends(name, STR(".env")) ||
					in->classes->marks[s->row].advice == ADVICE_ASK);
}

/* Who committed it wants it there. Where nobody can say, it takes the gravest to be an error. */
static enum check_severity severity_of(
		const struct check_input *in, const struct check_secret *s, bool in_image) {
	uint8_t state = in->git != NULL ? in->git->state[s->row] : VCS_UNKNOWN;
	bool is_new = state == VCS_UNTRACKED || state == VCS_IGNORED;

	if (s->severity == CLASS_SEVERITY_LOW || is_sample(in, s->row) ||
			(is_committed(in, s->row) && is_doubtful(in, s))) {
		return CHECK_NOTE;
	}
	if (is_committed(in, s->row) || s->severity == CLASS_SEVERITY_MEDIUM) {
		return in_image ? CHECK_WARNING : CHECK_NOTE;
	}
	return in_image && (is_new || s->severity == CLASS_SEVERITY_CRITICAL) ? CHECK_ERROR
									      : CHECK_WARNING;
}

static struct str describe(struct checker *c, const struct check_secret *s, struct str path) {
	struct str shown = str_take(path, 200);

	return s->kind.len > 0 ? check_text(c, "%.*s (%.*s)", STR_FMT(shown), STR_FMT(s->kind))
			       : check_text(c, "%.*s", STR_FMT(shown));
}

/* As --from says it: a name, or a number. */
static struct str stage_name(struct checker *c, uint32_t stage) {
	struct str name = c->build->dockerfile != NULL ? c->build->dockerfile->stages[stage].name
						       : STR("");

	return name.len > 0 ? name : check_text(c, "%u", stage);
}

static struct str image_name(struct checker *c) {
	struct str target = check_target(c->build);

	return target.len > 0
			? check_text(c, "the image of target %.*s", STR_FMT(str_take(target, 60)))
			: STR("the image");
}

/* The instruction that it gets furthest with; where there are two, the first is named, too. */
static struct str describe_route(struct checker *c, const struct check_route *route) {
	const struct source *taken = route->taken;
	struct str first = check_text(
			c, "%s %.*s", check_verb(taken), STR_FMT(str_take(taken->written, 80)));

	if (route->carried == NULL) {
		return check_text(c, "%.*s by %.*s",
				STR_FMT(route->is_in_image ? image_name(c) : STR("a stage")),
				STR_FMT(first));
	}
	return check_text(c,
			"%.*s by COPY --from=%.*s %.*s; line %u, %.*s, takes it into the build",
			STR_FMT(image_name(c)),
			STR_FMT(str_take(stage_name(c, route->carried->from), 40)),
			STR_FMT(str_take(route->carried->what.written, 80)), taken->line,
			STR_FMT(first));
}

static struct check_finding *tell_route(struct checker *c, const struct check_route *route,
		enum check_severity severity, struct str what, struct str others) {
	const struct source *last = route->carried != NULL ? &route->carried->what : route->taken;
	struct check_finding *f = check_add(c,
			route->is_in_image ? RULE_SECRET_IN_IMAGE : RULE_SECRET_IN_STAGE, severity,
			"%.*s %s copied into %.*s%.*s", STR_FMT(what), check_is(c),
			STR_FMT(describe_route(c, route)), STR_FMT(others));

	f->file = c->build->context->dockerfile;
	f->line = last->word_line;
	f->column = last->column;
	f->end_column = last->end_column;
	return f;
}

/* What an instruction names cannot be excluded: the build would stop there. */
static struct str fix_of(
		struct checker *c, const struct check_route *route, uint32_t row, struct str path) {
	struct buf line = { 0 };
	struct str fix = STR("");

	if (check_is_named(c, row)) {
		return STR("take it out of the instruction that names it; a step that needs it can "
			   "have it with RUN --mount=type=secret");
	}
	if (ignore_put_literal(ignore_dialect_of(c->build->context->engine), path, &line)) {
		fix = check_text(c, "exclude it: %.*s%s", STR_FMT(buf_str(&line)),
				route->carried != NULL ? "; or copy less of the stage" : "");
	}
	c->failed |= buf_failed(&line);
	buf_fini(&line);
	return fix;
}

/* A secret in one build. */
struct reach {
	uint32_t row; /* what is sent of it; TREE_NO_ROW: nothing */
	struct check_route route;
	enum check_severity severity;
};

static struct reach find_reach(struct checker *c, const struct check_secret *s) {
	struct reach reach = { .row = first_sent(c, s->row) };

	if (reach.row != TREE_NO_ROW) {
		check_find_route(c, reach.row, check_path(c, reach.row), &reach.route);
		reach.severity = severity_of(c->in, s, reach.route.is_in_image);
	}
	return reach;
}

static struct check_finding *tell_sent(struct checker *c, const struct check_secret *s,
		const struct reach *reach, struct str path) {
	struct check_finding *f = check_add(c, RULE_SECRET_SENT, reach->severity,
			"%.*s %s sent to the builder", STR_FMT(describe(c, s, path)), check_is(c));

	f->file = entry_is_file(tree_entry(c->in->tree, s->row)) ? path : STR("");
	f->line = f->file.len > 0 ? s->line : 0;
	return f;
}

static void tell_secret(struct checker *c, const struct check_secret *s, const struct reach *reach,
		struct str others) {
	struct str path = check_path(c, s->row);
	struct check_finding *f = reach->route.taken == NULL
			? tell_sent(c, s, reach, path)
			: tell_route(c, &reach->route, reach->severity, describe(c, s, path),
					  others);

	f->path = path;
	f->subject = s->kind;
	f->fix = fix_of(c, &reach->route, s->row, path);
}

/* ---- several builds: one finding for each ignore file, of the build in which it is gravest */

/* How grave, and then how far it gets; 0: it is not sent. */
static unsigned rank(const struct check_build *b, const struct reach *reach) {
	unsigned severity =
			(unsigned)reach->severity - (b->is_guess && reach->severity > CHECK_NOTE);

	if (reach->row == TREE_NO_ROW) {
		return 0;
	}
	return severity * 8 +
			(reach->route.is_in_image                                    ? 4
							: reach->route.taken != NULL ? 2
										     : 0) +
			!b->is_guess;
}

/* The first of the builds of one ignore file in which the rank is highest; nbuilds: it is sent in none. */
static size_t find_gravest(const struct check_input *in, const struct reach *reach, size_t first) {
	size_t best = in->nbuilds;
	unsigned highest = 0;

	for (size_t i = first; i < in->nbuilds; i++) {
		unsigned r = rank(&in->builds[i], &reach[i]);
		if (in->builds[i].ignore_file_of == first && r > highest) {
			highest = r;
			best = i;
		}
	}
	return best;
}

static bool is_same_dockerfile(const struct check_input *in, size_t i, size_t k) {
	return str_eq(in->builds[i].context->dockerfile, in->builds[k].context->dockerfile);
}

/* "; so does docker/Dockerfile", "; so do 3 other Dockerfiles" */
static struct str name_others(struct checker *c, const struct reach *reach, size_t told) {
	const struct check_input *in = c->in;
	size_t n = 0, other = 0;

	for (size_t i = in->builds[told].ignore_file_of; i < in->nbuilds; i++) {
		bool is_new = in->builds[i].ignore_file_of == in->builds[told].ignore_file_of &&
				reach[i].route.taken != NULL && !is_same_dockerfile(in, i, told);
		for (size_t k = 0; k < i && is_new; k++) {
			is_new = reach[k].route.taken == NULL || !is_same_dockerfile(in, i, k);
		}
		n += is_new;
		other = is_new ? i : other;
	}
	if (n == 1) {
		return check_text(c, "; %.*s copies it, too",
				STR_FMT(in->builds[other].context->dockerfile));
	}
	return n > 1 ? check_text(c, "; %zu other Dockerfiles copy it, too", n) : STR("");
}

static void check_secret(struct checker *c, const struct check_secret *s, struct reach *reach) {
	const struct check_input *in = c->in;
	bool is_copied = false;

	for (size_t i = 0; i < in->nbuilds; i++) {
		c->build = &in->builds[i];
		reach[i] = find_reach(c, s);
		is_copied |= reach[i].route.taken != NULL;
	}
	for (size_t first = 0; first < in->nbuilds; first++) {
		size_t i = in->builds[first].ignore_file_of == first
				? find_gravest(in, reach, first)
				: in->nbuilds;
		if (i < in->nbuilds && (reach[i].route.taken != NULL || !is_copied || i == 0)) {
			c->build = &in->builds[i];
			tell_secret(c, s, &reach[i], name_others(c, reach, i));
		}
	}
}

void check_secrets(struct checker *c) {
	struct reach *reach = arena_new(c->arena, struct reach, c->in->nbuilds);

	if (reach == NULL) {
		c->failed = true;
		return;
	}
	for (size_t i = 0; i < c->in->nsecrets; i++) {
		if (!is_public(c->in, &c->in->secrets[i])) {
			check_secret(c, &c->in->secrets[i], reach);
		}
	}
	c->build = NULL;
}
