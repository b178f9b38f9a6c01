/* What the instructions read, and what the ignore file leaves of it. */
#include "check/internal.h"

#include "util/gomatch.h"
#include "util/size.h"

static struct check_finding *at_source(struct checker *c, enum check_rule_id rule,
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
	struct check_finding *f = at_source(c, RULE_SOURCE_IGNORED,
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
	struct check_finding *f = at_source(c, RULE_SOURCE_PARTLY_IGNORED, CHECK_OFF, s,
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

/* ---- what is not there */

/* Whether an exception may bring something back of a directory that is left out. */
static bool may_come_back(const struct ignore_set *set, struct str path) {
	uint32_t n = ignore_npatterns(set);

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(set, i);
		if (p->is_exception &&
				(gomatch_has_wildcard(p->text) || path_is_below(p->text, path))) {
			return true;
		}
	}
	return false;
}

/* The line that would exclude a source as soon as it is there; NULL: none would for sure. */
static const struct ignore_pattern *line_against(struct checker *c, const struct source *s) {
	const struct ignore_set *set = c->build->patterns;
	struct verdict verdict = { 0 };

	if (set == NULL || s->is_wildcard || may_come_back(set, s->path)) {
		return NULL;
	}
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	enum tng_code code = scratch != NULL ? ignore_decide_path(scratch, s->path, &verdict, NULL)
					     : TNG_ENOMEM;
	ignore_scratch_destroy(scratch);
	check_code(c, code);
	return code == TNG_OK && verdict.excluded ? ignore_pattern(set, verdict.pattern) : NULL;
}

/* "*", "**" and the like, with which an allow-list begins: it means no source in particular. */
static bool takes_everything(const struct ignore_pattern *p) {
	for (size_t i = 0; i < p->text.len; i++) {
		if (p->text.ptr[i] != '*' && p->text.ptr[i] != '/') {
			return false;
		}
	}
	return true;
}

/* Whoever follows the advice to make it gets no further. */
static void tell_ignored_absent(struct checker *c, const struct source *s, uint32_t number) {
	struct str ignore_file = c->build->context->ignore_path;
	struct str line = str_trim(check_line(c->build->context->ignore_text, number));

	at_source(c, RULE_SOURCE_IGNORED, CHECK_WARNING, s,
			check_text(c,
					"%s finds nothing: \"%.*s\" is not in the context, and "
					"line "
					"%u of %.*s, \"%.*s\", would exclude it; the build stops "
					"here",
					check_verb(s), STR_FMT(str_take(s->path, 120)), number,
					STR_FMT(ignore_file), STR_FMT(str_take(line, 80))))
			->fix = check_text(c,
			"put !%.*s behind line %u of %.*s, and make it before "
			"the build",
			STR_FMT(s->path), number, STR_FMT(ignore_file));
}

/* Whether the root's .gitignore takes a path, or a directory that it is in. */
static bool is_git_ignored(const struct checker *c, struct str path) {
	for (size_t end = 1; end <= path.len; end++) {
		struct str rest = c->in->gitignore, line, part = str_take(path, end);
		struct vcs_query query = { .path = part, .name = path_base(part), .is_dir = true };
		bool ignored = false;
		while (rest.len > 0 && (end == path.len || path.ptr[end] == '/')) {
			struct vcs_rule rule;
			(void)str_cut(rest, '\n', &line, &rest);
			if (vcs_rule_read(line, &rule) && vcs_rule_takes(&rule, &query)) {
				ignored = !rule.negated;
			}
		}
		if (ignored) {
			return true;
		}
	}
	return false;
}

/* What git ignores is made, and no fault of who has not made it yet. */
static void tell_missing(struct checker *c, const struct source *s) {
	const struct ignore_pattern *line = line_against(c, s);

	if (line != NULL && line->line > 0 && !takes_everything(line)) {
		tell_ignored_absent(c, s, line->line);
		return;
	}
	bool is_made = is_git_ignored(c, s->path);
	const char *end = is_made
			? (s->is_wildcard ? "; .gitignore has it, so it may be made before"
					  : "; .gitignore has it, so it may be made before, "
					    "else the build stops here")
			: s->is_wildcard ? ""
					 : "; the build stops here";
	const char *advice = is_made ? "make it before the build"
				     : "correct the name, or make it before the build";
	struct check_finding *f = at_source(c, RULE_SOURCE_MISSING,
			s->is_wildcard || is_made ? CHECK_NOTE : CHECK_OFF, s,
			check_text(c, "%s finds nothing: \"%.*s\" is not in the context%s",
					check_verb(s), STR_FMT(str_take(s->path, 120)), end));
	f->fix = line != NULL && line->line > 0
			? check_text(c, "%s and put !%.*s behind line %u of %.*s", advice,
					  STR_FMT(str_take(s->path, 120)), line->line,
					  STR_FMT(c->build->context->ignore_path))
			: str_from(advice);
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
		tell_missing(c, s);
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
