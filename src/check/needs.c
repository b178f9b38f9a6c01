/* What the instructions read, and what the ignore file leaves of it. */
#include "check/internal.h"

#include "util/size.h"

struct check_finding *check_at_source(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const struct source *s, struct str message) {
	struct str target = check_target(c->build);
	struct check_finding *f = check_add(c, rule, severity, "%.*s%s%.*s%s%s", STR_FMT(message),
			target.len > 0 ? " (target " : "", STR_FMT(str_take(target, 60)),
			target.len > 0 ? ")" : "",
			c->build->is_guess ? "; its context is a guess" : "");

	f->file = c->build->context->dockerfile;
	f->line = s->word_line;
	f->column = s->column;
	f->end_column = s->column > 0 ? s->end_column : 0;
	f->path = s->path;
	f->subject = s->written;
	return f;
}

/* What one source lacks, by all lines together. */
struct lack {
	uint64_t nrows, bytes;
	uint32_t first, line; /* of the line that takes most */
	uint64_t most;
	size_t nlines;
	bool is_whole;
};

static struct lack sum_lacks(const struct checker *c, uint32_t source) {
	const struct check_build *b = c->build;
	struct lack sum = { .first = TREE_NO_ROW };

	for (size_t i = 0; i < b->nlacks; i++) {
		const struct verify_loss *l = &b->lacks[i];
		/* that node_modules stays out is what the line is for */
		bool is_meant = c->in->classes->marks[l->row].advice == ADVICE_EXCLUDE;
		if (l->source != source || l->is_empty || (is_meant && !l->is_whole_source)) {
			continue;
		}
		sum.nrows += l->nrows;
		sum.bytes += l->bytes;
		sum.first = l->row < sum.first ? l->row : sum.first;
		sum.is_whole |= l->is_whole_source;
		sum.nlines++;
		if (l->nrows > sum.most) {
			sum.most = l->nrows;
			sum.line = l->line;
		}
	}
	return sum;
}

static void tell_ignored(struct checker *c, const struct source *s, const struct lack *lack) {
	struct str ignore_file = c->build->context->ignore_path;
	struct str line = str_trim(check_line(c->build->context->ignore_text, lack->line));
	struct check_finding *f = check_at_source(c, RULE_SOURCE_IGNORED,
			s->is_wildcard ? CHECK_WARNING : CHECK_OFF, s,
			check_text(c, "%s finds nothing: line %u of %.*s, \"%.*s\", excludes it%s",
					check_verb(s), lack->line, STR_FMT(ignore_file),
					STR_FMT(str_take(line, 80)),
					s->is_wildcard ? "; nothing is copied"
						       : "; the build stops here"));
	f->nfiles = lack->nrows;
	f->bytes = lack->bytes;
	f->fix = check_text(c, "put !%.*s behind line %u of %.*s", STR_FMT(s->path), lack->line,
			STR_FMT(ignore_file));
}

static void tell_partly(struct checker *c, const struct source *s, const struct lack *lack) {
	struct str first = check_path(c, lack->first);
	char count[SIZE_TEXT_BYTES + 4];
	struct check_finding *f = check_at_source(c, RULE_SOURCE_PARTLY_IGNORED, CHECK_OFF, s,
			check_text(c,
					"%s does not get %s entr%s that %.*s excludes (line %u%s): "
					"%.*s%s",
					check_verb(s), size_format_count(lack->nrows, count),
					lack->nrows == 1 ? "y" : "ies",
					STR_FMT(c->build->context->ignore_path), lack->line,
					lack->nlines > 1 ? " and others" : "", STR_FMT(first),
					lack->nrows > 1 ? ", ..." : ""));
	f->nfiles = lack->nrows;
	f->bytes = lack->bytes;
}

static void check_source(struct checker *c, uint32_t i) {
	const struct check_build *b = c->build;
	const struct source *s = &b->sources->sources[i];

	if (s->context != DOCKERFILE_MAIN_CONTEXT || s->kind == SOURCE_REMOTE ||
			s->kind == SOURCE_TMPFS || s->is_unknowable) {
		return;
	}
	struct lack lack = sum_lacks(c, i);
	if (lack.nrows > 0 && lack.is_whole) {
		tell_ignored(c, s, &lack);
	} else if (lack.nrows > 0) {
		tell_partly(c, s, &lack);
	} else if (b->nasked != NULL && b->nasked[i] == 0 && !str_eq(s->path, STR("."))) {
		check_missing(c, s);
	}
}

/* Whether git in the build finds a repository: a line for all that is in .git leaves an empty directory. */
static bool is_repository_sent(const struct checker *c) {
	const struct transfer_plan *plan = c->build->together;
	uint32_t git = tree_find(c->in->tree, STR(".git"));

	if (git != TREE_NO_ROW && entry_is_dir(tree_entry(c->in->tree, git))) {
		git = tree_find(c->in->tree, STR(".git/HEAD"));
	}
	return plan != NULL && git != TREE_NO_ROW && fate_is_sent(plan->fate[git]);
}

/* git in the build sees what is excluded as deleted. */
static void check_tracked(struct checker *c) {
	const struct check_input *in = c->in;
	uint32_t nrows = tree_nrows(in->tree), first = 0;
	uint64_t n = 0;
	char count[SIZE_TEXT_BYTES + 4];

	if (in->git == NULL || !is_repository_sent(c)) {
		return;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		bool tracked = in->git->state[row] == VCS_TRACKED ||
				in->git->state[row] == VCS_MODIFIED;
		if (tracked && entry_is_file(tree_entry(in->tree, row)) &&
				!fate_is_sent(c->build->plan->fate[row])) {
			first = n++ == 0 ? row : first;
		}
	}
	if (n == 0) {
		return;
	}
	struct check_finding *f = check_add(c, RULE_TRACKED_EXCLUDED, CHECK_OFF,
			"%s tracked file%s excluded while .git is sent, so git in the build says "
			"\"dirty\": %.*s%s",
			size_format_count(n, count), n == 1 ? " is" : "s are",
			STR_FMT(check_path(c, first)), n == 1 ? "" : ", ...");
	f->file = c->build->context->ignore_path;
	f->nfiles = n;
	f->fix = STR("exclude .git and pass the version as a build argument");
}

void check_needs(struct checker *c) {
	for (uint32_t i = 0; c->build->sources != NULL && i < c->build->sources->nsources; i++) {
		check_source(c, i);
	}
	if (check_is_first(c)) {
		check_tracked(c);
	}
}
