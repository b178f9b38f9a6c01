/*
 * Credentials, and how far they get: sent, into a stage, into the image. What they hold is never read here,
 * and never shown.
 */
#include "check/internal.h"

/* Something that is sent, of a file or below a directory; TREE_NO_ROW: nothing. */
static uint32_t first_sent(const struct checker *c, uint32_t row) {
	const struct transfer_plan *plan = check_sent_plan(c->build);
	uint32_t end = tree_end(c->in->tree, row);

	for (uint32_t r = row; plan != NULL && r < end; r++) {
		if (entry_is_file(tree_entry(c->in->tree, r)) && fate_is_sent(plan->fate[r])) {
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

/* Who committed it wants it there. Where nobody can say, it takes the gravest to be an error. */
static enum check_severity severity_of(
		const struct check_input *in, const struct check_secret *s, bool in_image) {
	uint8_t state = in->git != NULL ? in->git->state[s->row] : VCS_UNKNOWN;
	bool is_committed = state == VCS_TRACKED || state == VCS_MODIFIED;
	bool is_new = state == VCS_UNTRACKED || state == VCS_IGNORED;

	if (s->severity == CLASS_SEVERITY_LOW || is_sample(in, s->row)) {
		return CHECK_NOTE;
	}
	if (is_committed || s->severity == CLASS_SEVERITY_MEDIUM) {
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

static const char *verb(const struct source *source) {
	return source->kind == SOURCE_ADD ? "ADD" : "COPY";
}

/* As --from says it: a name, or a number. */
static struct str stage_name(struct checker *c, uint32_t stage) {
	struct str name = c->build->dockerfile != NULL ? c->build->dockerfile->stages[stage].name
						       : STR("");

	return name.len > 0 ? name : check_text(c, "%u", stage);
}

/* The instruction that it gets furthest with; where there are two, the first is named, too. */
static struct str describe_route(struct checker *c, const struct check_route *route) {
	const struct source *taken = route->taken;
	struct str first = check_text(
			c, "%s %.*s", verb(taken), STR_FMT(str_take(taken->written, 80)));

	if (route->carried == NULL) {
		return check_text(c, "%s by %.*s", route->is_in_image ? "the image" : "a stage",
				STR_FMT(first));
	}
	return check_text(c,
			"the image by COPY --from=%.*s %.*s; line %u, %.*s, takes it into the "
			"build",
			STR_FMT(str_take(stage_name(c, route->carried->from), 40)),
			STR_FMT(str_take(route->carried->what.written, 80)), taken->line,
			STR_FMT(first));
}

static struct check_finding *tell_route(struct checker *c, const struct check_route *route,
		enum check_severity severity, struct str what) {
	const struct source *last = route->carried != NULL ? &route->carried->what : route->taken;
	struct check_finding *f = check_add(c,
			route->is_in_image ? RULE_SECRET_IN_IMAGE : RULE_SECRET_IN_STAGE, severity,
			"%.*s is copied into %.*s", STR_FMT(what),
			STR_FMT(describe_route(c, route)));

	f->file = c->build->context->dockerfile;
	f->line = last->word_line;
	f->column = last->column;
	f->end_column = last->column + (uint32_t)last->written.len;
	return f;
}

static struct str fix_of(struct checker *c, const struct check_route *route, struct str path) {
	struct buf line = { 0 };
	struct str fix = STR("");

	if (ignore_put_literal(ignore_dialect_of(c->build->context->engine), path, &line)) {
		fix = check_text(c, "exclude it: %.*s%s", STR_FMT(buf_str(&line)),
				route->carried != NULL ? "; or copy less of the stage" : "");
	}
	c->failed |= buf_failed(&line);
	buf_fini(&line);
	return fix;
}

static void tell_secret(struct checker *c, const struct check_secret *s) {
	uint32_t row = first_sent(c, s->row);
	struct check_route route;
	struct check_finding *f;

	if (row == TREE_NO_ROW) {
		return;
	}
	struct str path = check_path(c, s->row);
	struct str what = describe(c, s, path);
	check_find_route(c, row, check_path(c, row), &route);
	enum check_severity severity = severity_of(c->in, s, route.is_in_image);
	if (route.taken == NULL) {
		f = check_add(c, RULE_SECRET_SENT, severity, "%.*s is sent to the builder",
				STR_FMT(what));
		f->file = entry_is_file(tree_entry(c->in->tree, s->row)) ? path : STR("");
		f->line = f->file.len > 0 ? s->line : 0;
	} else {
		f = tell_route(c, &route, severity, what);
	}
	f->path = path;
	f->subject = s->kind;
	f->fix = fix_of(c, &route, path);
}

void check_secrets(struct checker *c) {
	for (size_t i = 0; i < c->in->nsecrets; i++) {
		tell_secret(c, &c->in->secrets[i]);
	}
}
