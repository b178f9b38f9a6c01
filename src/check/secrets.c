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

/* The instruction that gets it furthest. */
static const struct source *find_source(
		struct checker *c, uint32_t row, struct str path, bool *in_image) {
	const struct build_sources *sources = c->build->sources;
	const struct source *found = NULL;

	*in_image = false;
	for (size_t i = 0; sources != NULL && i < sources->nsources && !*in_image; i++) {
		const struct source *s = &sources->sources[i];
		if (check_source_takes(c, s, row, path)) {
			*in_image = check_in_image(sources, s->stage);
			found = *in_image || found == NULL ? s : found;
		}
	}
	return found;
}

static struct str describe(struct checker *c, const struct check_secret *s, struct str path) {
	struct str shown = str_take(path, 200);

	return s->kind.len > 0 ? check_text(c, "%.*s (%.*s)", STR_FMT(shown), STR_FMT(s->kind))
			       : check_text(c, "%.*s", STR_FMT(shown));
}

static void tell_secret(struct checker *c, const struct check_secret *s) {
	uint32_t row = first_sent(c, s->row);
	bool in_image;

	if (row == TREE_NO_ROW) {
		return;
	}
	struct str path = check_path(c, s->row), file = check_path(c, row);
	struct str what = describe(c, s, path);
	const struct source *source = find_source(c, row, file, &in_image);
	enum check_severity severity = severity_of(c->in, s, in_image);
	struct check_finding *f;
	if (source == NULL) {
		f = check_add(c, RULE_SECRET_SENT, severity, "%.*s is sent to the builder",
				STR_FMT(what));
		f->file = entry_is_file(tree_entry(c->in->tree, s->row)) ? path : STR("");
		f->line = f->file.len > 0 ? s->line : 0;
	} else {
		f = check_add(c, in_image ? RULE_SECRET_IN_IMAGE : RULE_SECRET_IN_STAGE, severity,
				"%.*s is copied into %s by %s %.*s", STR_FMT(what),
				in_image ? "the image" : "a stage",
				source->kind == SOURCE_ADD ? "ADD" : "COPY",
				STR_FMT(str_take(source->written, 80)));
		f->file = c->build->context->dockerfile;
		f->line = source->word_line;
		f->column = source->column;
		f->end_column = source->column + (uint32_t)source->written.len;
	}
	f->path = path;
	f->subject = s->kind;
	struct buf line = { 0 };
	if (ignore_put_literal(ignore_dialect_of(c->build->context->engine), path, &line)) {
		f->fix = check_text(c, "exclude it: %.*s", STR_FMT(buf_str(&line)));
	}
	c->failed |= buf_failed(&line);
	buf_fini(&line);
}

void check_secrets(struct checker *c) {
	for (size_t i = 0; i < c->in->nsecrets; i++) {
		tell_secret(c, &c->in->secrets[i]);
	}
}
