/*
 * What lines of the ignore file would change: those that propose has proven, one at a time, an exception that
 * makes the builder look everywhere, and the lines of a file that is not in use.
 */
#include "analysis/slow.h"

#include "util/file.h"

#include <stdlib.h>

/* Proposed lines that are tried, heaviest first: each is a plan of the whole tree. */
#define LINES_MAX 10

/* The ignore file that is not in use is of no interest above this. */
#define OTHER_MAX_BYTES ((size_t)1 << 20)

/* ---- what a try takes out */

static bool is_out(uint8_t fate) {
	return fate == FATE_EXCLUDED || fate == FATE_PRUNED;
}

/* Rows below a place that are sent now and not then. */
static struct slow_place weigh_gone(
		const struct slow *s, const struct transfer_plan *then, uint32_t top) {
	struct slow_place p = { .row = top };

	for (uint32_t row = top; row < tree_end(s->an->tree, top); row++) {
		if (fate_is_sent(s->plan->fate[row]) && !fate_is_sent(then->fate[row])) {
			slow_place_add(s, &p, row);
		}
	}
	return p;
}

struct slow_gone slow_find_gone(const struct slow *s, const struct transfer_plan *then) {
	const struct tree *tree = s->an->tree;
	struct slow_gone gone = { .nwalked = s->plan->nwalked - then->nwalked };

	for (uint32_t row = 1; row < tree_nrows(tree);) {
		if (is_out(s->plan->fate[row]) || !is_out(then->fate[row])) {
			row++;
			continue;
		}
		struct slow_place p = weigh_gone(s, then, row);
		if (gone.nplaces++ == 0 || p.seconds > gone.heaviest.seconds) {
			gone.heaviest = p;
		}
		slow_place_sum(&gone.all, &p);
		row = tree_end(tree, row);
	}
	return gone;
}

/* Nothing goes that the whole proposal, which was proven, keeps. */
static bool is_part_of(
		const struct slow *s, const struct transfer_plan *then, const uint8_t *proven) {
	for (uint32_t row = 1; row < tree_nrows(s->an->tree); row++) {
		if (fate_is_sent(s->plan->fate[row]) && !fate_is_sent(then->fate[row]) &&
				fate_is_sent(proven[row])) {
			return false;
		}
	}
	return true;
}

/* ---- one proposed line */

static struct str with_lines(
		struct slow *s, const struct proposed_line *line, const struct proposed_line *end) {
	struct buf text = { 0 };
	struct str now = s->build->context.ignore_text;

	buf_append(&text, now);
	buf_append(&text, now.len == 0 || str_ends(now, STR("\n")) ? STR("") : STR("\n"));
	for (const struct proposed_line *l = line; l < end && (l == line || l->is_behind); l++) {
		buf_append(&text, l->pattern);
		buf_putc(&text, '\n');
	}
	struct str copy = arena_copy(s->arena, buf_str(&text));
	s->failed |= buf_failed(&text) || copy.ptr == NULL;
	buf_fini(&text);
	return copy.ptr != NULL ? copy : STR("");
}

static struct str tell_line(
		struct slow *s, const struct proposed_line *line, const struct proposed_line *end) {
	const struct context *ctx = &s->build->context;
	bool has_exceptions = line + 1 < end && line[1].is_behind;
	struct str behind =
			has_exceptions ? STR(", and the exceptions that belong to it,") : STR("");

	return ctx->ignore_origin == IGNORE_ORIGIN_NONE
			? slow_text(s, "add `%.*s`%.*s to a new .dockerignore",
					  STR_FMT(line->pattern), STR_FMT(behind))
			: slow_text(s, "add `%.*s`%.*s", STR_FMT(line->pattern), STR_FMT(behind));
}

/* Not all that is of class log: a crash dump stays as it is. */
static bool is_written_to(const struct slow *s, uint32_t row) {
	const struct entry *entry = tree_entry(s->an->tree, row);

	return s->an->classes.marks[row].klass == CLASS_LOG &&
			(entry_is_dir(entry) ||
					str_ends(tree_name(s->an->tree, entry), STR(".log")));
}

/* What git, tools and running programs write to while one works. */
static bool changes_often(const struct slow *s, uint32_t row) {
	static const enum path_class restless[] = { CLASS_VCS, CLASS_CACHE, CLASS_STATE, CLASS_TEMP,
		CLASS_COVERAGE };

	if (!s->an->has_classes) {
		return false;
	}
	for (size_t i = 0; i < sizeof(restless) / sizeof(restless[0]); i++) {
		if (s->an->classes.marks[row].klass == restless[i]) {
			return true;
		}
	}
	return is_written_to(s, row);
}

static void add_line(struct slow *s, const struct proposed_line *line,
		const struct proposed_line *end, const struct slow_try *t) {
	struct slow_gone gone = slow_find_gone(s, &t->plan);
	struct slow_cause c = {
		.lens = gone.all.nentries > 0 ? s->lens : LENS_DISK,
		.row = gone.heaviest.row,
		.nplaces = gone.nplaces,
		.nentries = gone.all.nentries > 0 ? gone.all.nentries : gone.nwalked,
		.nfiles = gone.all.nfiles,
		.bytes = gone.all.bytes,
		.seconds = slow_saved(s->told.time.total, t->told.time.total),
		.left = t->told.time.total,
		.is_ignore_file = true,
	};

	if (gone.nplaces == 0 || !slow_matters(s, c.seconds)) {
		return;
	}
	slow_tell_place(s, &gone, &c);
	if (gone.all.nentries > 0 && changes_often(s, gone.heaviest.row)) {
		c.id = "changes-every-build";
		c.why = line->group == GROUP_HISTORY ? STR("It changes with every commit: then it "
							   "is sent again, and the "
							   "COPY that takes it runs again.")
						     : STR("It changes all the time: then it is "
							   "sent again, and the COPY that "
							   "takes it runs again.");
	}
	c.change = tell_line(s, line, end);
	slow_add(s, &c);
}

static enum tng_code try_line(struct slow *s, const struct proposed_line *line,
		const struct proposed_line *end, const uint8_t *proven, struct tng_error *err) {
	struct slow_try t = { 0 };
	enum tng_code code =
			slow_try(s, with_lines(s, line, end), s->includes, s->nincludes, &t, err);

	if (code != TNG_OK) {
		return code;
	}
	if (is_part_of(s, &t.plan, proven)) {
		add_line(s, line, end, &t);
	}
	slow_try_fini(&t);
	return TNG_OK;
}

/* ---- the proposal */

struct candidate {
	const struct proposed_line *line;
	double seconds; /* by what it says that it takes */
};

static int by_weight(const void *a, const void *b) {
	const struct candidate *x = a, *y = b;

	if (x->seconds < y->seconds || x->seconds > y->seconds) {
		return x->seconds > y->seconds ? -1 : 1;
	}
	return (x->line > y->line) - (x->line < y->line);
}

static enum tng_code try_lines(struct slow *s, const struct proposal *p, const uint8_t *proven,
		struct tng_error *err) {
	struct candidate *list = arena_new(s->arena, struct candidate, p->nlines);
	enum tng_code code = TNG_OK;
	size_t n = 0;

	if (list == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < p->nlines; i++) {
		const struct proposed_line *l = &p->lines[i];
		struct slow_place what = {
			.nentries = l->nfiles, .nfiles = l->nfiles, .bytes = l->bytes
		};
		if (!l->is_hygiene && l->pattern.ptr[0] != '!') {
			list[n++] = (struct candidate){ l, slow_weight(s, &what) };
		}
	}
	if (n > 0) {
		qsort(list, n, sizeof(*list), by_weight);
	}
	for (size_t i = 0; i < n && i < LINES_MAX && code == TNG_OK; i++) {
		code = try_line(s, list[i].line, p->lines + p->nlines, proven, err);
	}
	return code;
}

static bool is_bad_text(enum tng_code code) {
	return code == TNG_ESYNTAX || code == TNG_EINVAL;
}

/* The build with all that propose would write; what it lets through is s->left. */
static enum tng_code try_proposal(struct slow *s, struct tng_error *err) {
	const struct propose_options options = {
		.level = PROPOSE_BALANCED,
		.annotate = PROPOSE_ANNOTATE_NONE,
	};
	struct tng_error bad = { 0 };
	struct slow_try t = { 0 };
	enum tng_code code = analysis_propose(s->arena, s->an, &options, &s->proposal, &bad);

	if (code != TNG_OK) {
		return is_bad_text(code) ? TNG_OK : error_pass(err, &bad);
	}
	code = slow_try(s, s->proposal.proposal.text, s->includes, s->nincludes, &t, err);
	if (code != TNG_OK) {
		return code;
	}
	size_t nrows = tree_nrows(s->an->tree);
	uint8_t *fate = arena_new(s->arena, uint8_t, nrows);
	code = fate != NULL ? TNG_OK : error_nomem(err);
	if (code == TNG_OK) {
		memcpy(fate, t.plan.fate, nrows);
		s->left = fate;
		s->proposed = t.told;
		code = try_lines(s, &s->proposal.proposal, fate, err);
	}
	slow_try_fini(&t);
	return code;
}

/* ---- an exception that makes the builder look everywhere */

static bool is_defeating(const struct slow *s, uint32_t pattern) {
	const struct ignore_pattern *p = ignore_pattern(s->build->patterns, pattern);

	return p->is_exception && p->line > 0 && transfer_enters_all(s->build->context.engine, p);
}

/* The first one, and how many there are. */
static uint32_t find_defeating(const struct slow *s, uint32_t *n) {
	uint32_t npatterns = s->build->patterns != NULL ? ignore_npatterns(s->build->patterns) : 0;
	uint32_t first = IGNORE_NO_PATTERN;

	*n = 0;
	for (uint32_t i = 0; i < npatterns; i++) {
		if (is_defeating(s, i)) {
			first = *n == 0 ? i : first;
			*n += 1;
		}
	}
	return first;
}

/* The ignore file with such exceptions narrowed, as check --fix does it; false: it cannot be proven. */
static bool narrow(struct slow *s, struct str *text) {
	static const struct config none = { 0 };
	const struct str only = STR("exception-defeats-pruning");
	const struct check_options options = { .config = &none, .only = &only, .nonly = 1 };
	struct check_result result;
	const struct analysis_fixed *files = NULL;
	size_t n = 0;
	enum tng_code code = analysis_check(s->arena, s->an, &options, &result, NULL);

	if (code == TNG_OK) {
		code = analysis_fix(s->arena, s->an, &result, &files, &n, NULL);
	}
	s->failed |= code == TNG_ENOMEM;
	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		if (str_eq(files[i].context->ignore_path, s->build->context.ignore_path)) {
			*text = files[i].fixed.text;
			return files[i].fixed.nfixed > 0 && files[i].fixed.nleft == 0;
		}
	}
	return false;
}

static void tell_exceptions(struct slow *s, struct slow_cause *c, uint32_t first, uint32_t n) {
	const struct ignore_pattern *p = ignore_pattern(s->build->patterns, first);
	struct str more = n == 1 ? STR("") : slow_text(s, ", and %u more like it", n - 1);

	c->line = p->line;
	c->what = slow_text(s,
			"%.*s excluded entries are looked at for the sake of `!%.*s`, line %u of "
			"%.*s%.*s",
			STR_FMT(slow_count(s, c->nentries)), STR_FMT(str_take(p->text, 80)),
			p->line, STR_FMT(str_take(c->file, 200)), STR_FMT(more));
}

/* By the counts: as if nothing were looked at for nothing. */
static void without_the_look(const struct slow *s, struct slow_cause *c) {
	struct time_counts fewer = s->told.counts;
	struct time_prediction then;
	double part = (double)fewer.walked_for_nothing / (double)fewer.walked;

	fewer.walked -= fewer.walked_for_nothing;
	fewer.pattern_tests -= (uint64_t)(part * (double)fewer.pattern_tests);
	fewer.walked_for_nothing = 0;
	time_predict(&fewer, &s->profile, &then);
	c->seconds = slow_saved(s->told.time.total, then.total);
	c->left = then.total;
	c->change = STR("name the directories in which such exceptions are meant");
	c->why = STR("This is by the counts alone: lines that do the same could not be proven.");
}

static enum tng_code try_exceptions(struct slow *s, struct tng_error *err) {
	uint32_t n, first = find_defeating(s, &n);
	struct str text;
	struct slow_try t = { 0 };
	struct slow_cause c = {
		.id = "exception-defeats-pruning",
		.lens = LENS_DISK,
		.nentries = s->told.counts.walked_for_nothing,
		.seconds = s->told.time.for_nothing,
		.is_ignore_file = true,
		.file = s->build->context.ignore_path,
	};

	if (first == IGNORE_NO_PATTERN || !slow_matters(s, c.seconds)) {
		return TNG_OK;
	}
	tell_exceptions(s, &c, first, n);
	if (!narrow(s, &text)) {
		without_the_look(s, &c);
		slow_add(s, &c);
		return TNG_OK;
	}
	enum tng_code code = slow_try(s, text, s->includes, s->nincludes, &t, err);
	if (code != TNG_OK) {
		return code;
	}
	c.seconds = slow_saved(s->told.time.total, t.told.time.total);
	c.left = t.told.time.total;
	c.change = STR("name the directory (tonnage check --fix does it)");
	slow_try_fini(&t);
	slow_add(s, &c);
	return TNG_OK;
}

/* ---- the ignore file that is not in use */

static bool may_all_go(const struct slow *s, const struct transfer_plan *then) {
	return s->left != NULL && is_part_of(s, then, s->left);
}

static void add_shadowed(struct slow *s, uint32_t row, const struct slow_try *t) {
	struct slow_gone gone = slow_find_gone(s, &t->plan);
	struct slow_cause c = {
		.id = "shadowed-ignore-file",
		.lens = s->lens,
		.row = row,
		.nplaces = 1,
		.file = s->build->context.ignore_path,
		.nentries = gone.all.nentries,
		.nfiles = gone.all.nfiles,
		.bytes = gone.all.bytes,
		.seconds = slow_saved(s->told.time.total, t->told.time.total),
		.left = t->told.time.total,
		.is_ignore_file = true,
	};

	c.what = slow_text(s,
			"%.*s is used instead of .dockerignore, which would keep out %.*s "
			"more (%.*s)",
			STR_FMT(c.file), STR_FMT(slow_count(s, c.nfiles)),
			STR_FMT(slow_size(s, c.bytes)));
	c.change = slow_text(s, "add the lines of .dockerignore to %.*s", STR_FMT(c.file));
	c.why = may_all_go(s, &t->plan)
			? STR("")
			: STR("Look at them first: some of it may be what this build needs.");
	slow_add(s, &c);
}

static enum tng_code try_shadowed(struct slow *s, struct tng_error *err) {
	const struct context *ctx = &s->build->context;
	uint32_t row = tree_find(s->an->tree, STR(".dockerignore"));
	struct str other, both;
	struct buf text = { 0 };
	struct slow_try t = { 0 };

	if (ctx->ignore_origin != IGNORE_ORIGIN_DOCKERFILE || row == TREE_NO_ROW ||
			file_read(s->arena, ctx->root_fd, ".dockerignore", OTHER_MAX_BYTES, &other,
					NULL) != TNG_OK) {
		return TNG_OK;
	}
	buf_append(&text, ctx->ignore_text);
	buf_putc(&text, '\n');
	buf_append(&text, other);
	both = arena_copy(s->arena, buf_str(&text));
	s->failed |= buf_failed(&text) || both.ptr == NULL;
	buf_fini(&text);
	if (s->failed) {
		return error_nomem(err);
	}
	struct tng_error bad = { 0 };
	enum tng_code code = slow_try(s, both, s->includes, s->nincludes, &t, &bad);
	if (code != TNG_OK) {
		return is_bad_text(code) ? TNG_OK : error_pass(err, &bad);
	}
	add_shadowed(s, row, &t);
	slow_try_fini(&t);
	return TNG_OK;
}

enum tng_code slow_try_ignore_file(struct slow *s, struct tng_error *err) {
	bool is_first = str_eq(s->build->context.ignore_path, s->an->builds[0].context.ignore_path);
	/* propose and check are about the first build's file */
	enum tng_code code = is_first ? try_proposal(s, err) : TNG_OK;

	if (code == TNG_OK && is_first) {
		code = try_exceptions(s, err);
	}
	return code == TNG_OK ? try_shadowed(s, err) : code;
}
