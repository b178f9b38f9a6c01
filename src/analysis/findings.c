#include "analysis/internal.h"

#include "util/buf.h"
#include "util/size.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* More unreadable places than this are a count. */
#define UNREADABLE_SHOWN 5

void findings_add(struct finding_list *f, const char *name, enum severity severity, struct str file,
		uint32_t line, uint32_t column, const char *format, ...) {
	char text[400];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	struct str kept = arena_copy(f->arena, str_make(text, len));
	struct str where = arena_copy(f->arena, file);
	struct finding *d = kept.ptr != NULL && where.ptr != NULL ? VEC_PUSH(&f->list) : NULL;
	if (d == NULL) {
		f->failed = true;
		return;
	}
	*d = (struct finding){
		.name = name,
		.severity = f->is_guess && severity > SEVERITY_NOTE ? severity - 1 : severity,
		.file = where,
		.line = line,
		.column = column,
		.text = kept,
		.build = f->build,
		.is_guess = f->is_guess,
	};
}

const char *analysis_pattern_error_hint(const struct tng_error *bad) {
	if (bad->line > 0 && bad->column == 0) {
		/* only a line as a whole is too long: IGNORE_LINE_MAX_BYTES */
		return "; the line has 64 KiB or more, and a build stops here";
	}
	return "; a build stops here";
}

static void note_context(const struct context *ctx, struct finding_list *f) {
	if (ctx->dockerfile_problem.len > 0) {
		findings_add(f, "unread-dockerfile", SEVERITY_ERROR, ctx->dockerfile, 0, 0, "%.*s",
				STR_FMT(ctx->dockerfile_problem));
	} else if (!ctx->has_dockerfile) {
		findings_add(f, "no-dockerfile", SEVERITY_NOTE, STR(""), 0, 0,
				"no Dockerfile found (name one with -f); what its COPY lines ask "
				"for "
				"is not considered");
	}
	if (ctx->ignore_note.len > 0) {
		findings_add(f, "ignore-file-unread", SEVERITY_WARNING, ctx->ignore_path, 0, 0,
				"%.*s", STR_FMT(ctx->ignore_note));
	}
	for (size_t i = 0; i < ctx->ninactive; i++) {
		findings_add(f, "inactive-ignore-file", SEVERITY_WARNING, ctx->inactive[i].path, 0,
				0, "not the active ignore file: %.*s",
				STR_FMT(ctx->inactive[i].reason));
	}
}

/* What is sent: classic and podman know nothing of what is asked for. */
static const struct transfer_plan *sent_plan(const struct build *build) {
	bool asks = build->has_requested && build->context.engine == TNG_ENGINE_BUILDKIT;

	return asks ? &build->requested : &build->plan;
}

static int compare_rows(const void *x, const void *y) {
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return (a > b) - (a < b);
}

static bool is_blocked(const struct transfer_plan *plan, uint32_t row) {
	return bsearch(&row, plan->blocked, plan->nblocked, sizeof(row), compare_rows) != NULL;
}

/* Whether what is in an unreadable place could be in the figures of any lens but the disk's. */
static bool is_missed(const struct analysis *an, uint32_t row) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *build = &an->builds[i];
		if (!build->has_plan || fate_is_sent(build->plan.fate[row]) ||
				is_blocked(&build->plan, row)) {
			return true;
		}
	}
	return false;
}

/* What an unreadable place means to the first build. */
static const char *unreadable_means(const struct build *build, uint32_t row, bool is_missed) {
	const struct transfer_plan *plan = sent_plan(build);

	if (!build->has_plan || !is_blocked(plan, row)) {
		return is_missed ? "" : "; it is excluded, so only the figures of the disk lack it";
	}
	switch ((enum fate)plan->fate[row]) {
	case FATE_EXCLUDED:
		return "; it is excluded, but an exception with a wildcard, or one below it, "
		       "makes the builder look into it: a build would fail here";
	case FATE_UNASKED:
		return "; nothing in it is asked for, but a source with a wildcard makes the "
		       "builder look into it: a build would fail here";
	case FATE_SENT:
	case FATE_PARENT:
	case FATE_PRUNED:
	case FATE_SKIPPED:
		break;
	}
	return "; a build would fail here";
}

/* 0: the row, and the directory that it may be, can be read, or went away. */
static int row_errno(const struct tree *tree, const struct entry *entry) {
	bool is_dir = entry->os_errno == 0 && entry_is_dir(entry);
	int os_errno = is_dir ? tree_dir_of(tree, entry)->os_errno : entry->os_errno;

	return os_errno == ENOENT ? 0 : os_errno;
}

static void note_unreadable_row(const struct analysis *an, struct finding_list *f, uint32_t row,
		int os_errno, bool is_missed) {
	struct buf path = { 0 };
	char words[128];

	tree_path(an->tree, row, &path);
	findings_add(f, "unreadable", is_missed ? SEVERITY_WARNING : SEVERITY_NOTE,
			row == 0 ? STR(".") : buf_str(&path), 0, 0, "cannot be read: %s%s",
			error_system_words(os_errno, words, sizeof(words)),
			unreadable_means(&an->builds[0], row, is_missed));
	f->failed |= buf_failed(&path);
	buf_fini(&path);
}

static void note_unreadable(struct analysis *an, struct finding_list *f) {
	struct tree_stats stats = tree_stats(an->tree);
	uint32_t nrows = tree_nrows(an->tree);
	uint64_t count[2] = { 0 };

	if (stats.nunreadable_dirs + stats.nfailed_entries == stats.nvanished) {
		return;
	}
	for (uint32_t row = 0; row < nrows; row++) {
		int os_errno = row_errno(an->tree, tree_entry(an->tree, row));
		bool missed = os_errno != 0 && is_missed(an, row);
		if (os_errno != 0 && ++count[missed] <= UNREADABLE_SHOWN) {
			note_unreadable_row(an, f, row, os_errno, missed);
		}
	}
	for (int missed = 0; missed < 2; missed++) {
		if (count[missed] > UNREADABLE_SHOWN) {
			findings_add(f, "unreadable", missed ? SEVERITY_WARNING : SEVERITY_NOTE,
					STR(""), 0, 0, "%llu more places cannot be read",
					(unsigned long long)count[missed] - UNREADABLE_SHOWN);
		}
	}
	an->is_partial = count[true] > 0;
	an->disk_is_partial = count[true] + count[false] > 0;
}

static void note_walk(const struct analysis *an, struct finding_list *f) {
	struct tree_stats stats = tree_stats(an->tree);

	if (stats.nmounts > 0) {
		findings_add(f, "mount-point", SEVERITY_NOTE, STR(""), 0, 0,
				"%llu mount point%s crossed, as a build does",
				(unsigned long long)stats.nmounts,
				stats.nmounts == 1 ? " was" : "s were");
	}
}

static void note_unreached(const struct build *build, struct finding_list *f) {
	uint64_t n = build->plan.nunreached;

	if (build->has_plan && n > 0) {
		findings_add(f, "exception-unreached", SEVERITY_WARNING, build->context.ignore_path,
				0, 0,
				"%llu entr%s that an exception wants back stay%s out: this builder "
				"does not look into their excluded directory",
				(unsigned long long)n, n == 1 ? "y" : "ies", n == 1 ? "s" : "");
	}
}

/* Files of a plan that arrive empty, by the reason. */
struct empties {
	struct empty_weight weight[2]; /* [true]: cannot be read */
	uint32_t first[2];
};

static enum tng_code sum_empty(const struct analysis *an, const struct build *build,
		const struct transfer_plan *plan, struct arena *a, struct empties *out,
		struct tng_error *err) {
	struct transfer_empty *empty;
	size_t n;
	enum tng_code code = build_find_empty(a, an, build, plan, &empty, &n, err);

	*out = (struct empties){ 0 };
	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		struct empty_weight *w = &out->weight[empty[i].is_unreadable];
		if (w->nfiles++ == 0) {
			out->first[empty[i].is_unreadable] = empty[i].row;
		}
		w->bytes += transfer_bytes(plan, an->tree, empty[i].row, true);
	}
	return code;
}

static struct empty_weight both(const struct empties *e) {
	return (struct empty_weight){ e->weight[0].nfiles + e->weight[1].nfiles,
		e->weight[0].bytes + e->weight[1].bytes };
}

static void note_empty(const struct analysis *an, const struct build *build, struct finding_list *f,
		const struct empties *e, bool is_unreadable) {
	const struct empty_weight *w = &e->weight[is_unreadable];
	bool one = w->nfiles == 1;
	char size[SIZE_TEXT_BYTES];
	struct buf path = { 0 };

	if (w->nfiles == 0) {
		return;
	}
	tree_path(an->tree, e->first[is_unreadable], &path);
	findings_add(f, is_unreadable ? "unreadable-file" : "empty-file", SEVERITY_WARNING,
			is_unreadable ? STR("") : build->context.ignore_path, 0, 0,
			"%llu file%s (%s) arrive%s empty in the image: %.*s%s; %s",
			(unsigned long long)w->nfiles, one ? "" : "s",
			size_format_short(w->bytes, size), one ? "s" : "",
			STR_FMT(str_take(buf_str(&path), 150)), one ? "" : ", ...",
			is_unreadable ? "it cannot be read, and BuildKit says nothing"
				      : "BuildKit lists what an exception brings back, and does "
					"not "
					"open it when a later pattern matches a directory above");
	f->failed |= buf_failed(&path);
	buf_fini(&path);
}

/* Of a build that was found: only what is its own. */
static bool may_have_empty(const struct build *build) {
	return build->patterns != NULL && ignore_has_exceptions(build->patterns) &&
			!(build->shares_patterns && build->has_requested &&
					build->requested.fate == build->plan.fate);
}

static bool is_looked_at(const struct build *build) {
	return build->has_plan && (build->found == NULL || may_have_empty(build));
}

/* Whether an earlier build with this plan was looked at, and nothing of it arrives empty. */
static bool is_known_full(const struct analysis *an, const struct build *build) {
	const struct build *b = an->builds;

	while (b < build &&
			!(b->plan.fate == build->plan.fate && is_looked_at(b) &&
					b->eligible_empty.nfiles == 0)) {
		b++;
	}
	return b < build;
}

/* What is asked for is a part of what is eligible; but for another name of a file, which may count there only. */
static bool is_part_full(const struct analysis *an, const struct empties *eligible) {
	uint32_t nlinks;

	(void)tree_hard_links(an->tree, &nlinks);
	return nlinks == 0 && both(eligible).nfiles == 0;
}

/* One finding for each reason why files arrive empty. */
static enum tng_code find_empty(const struct analysis *an, struct build *build,
		struct finding_list *f, struct tng_error *err) {
	struct empties eligible = { 0 }, requested;
	enum tng_code code = TNG_OK;

	if (!is_looked_at(build)) {
		return TNG_OK;
	}
	if (!is_known_full(an, build)) {
		code = sum_empty(an, build, &build->plan, f->arena, &eligible, err);
	}
	requested = eligible;
	if (code == TNG_OK && build->has_requested && build->requested.fate != build->plan.fate &&
			!is_part_full(an, &eligible)) {
		code = sum_empty(an, build, &build->requested, f->arena, &requested, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	build->eligible_empty = both(&eligible);
	build->requested_empty = both(&requested);
	note_empty(an, build, f, build->has_requested ? &requested : &eligible, false);
	note_empty(an, build, f, build->has_requested ? &requested : &eligible, true);
	return TNG_OK;
}

/* What the Dockerfile's reader found odd, and what makes the requested lens uncertain. */
static void note_dockerfile(const struct build *build, struct finding_list *f) {
	struct str file = build->context.dockerfile;

	for (size_t i = 0; build->dockerfile != NULL && i < build->dockerfile->ndiagnostics; i++) {
		const struct diagnostic *d = &build->dockerfile->diagnostics[i];
		findings_add(f, "dockerfile", SEVERITY_NOTE, file, d->line, d->column, "%.*s",
				STR_FMT(d->text));
	}
	for (size_t i = 0; build->sources != NULL && i < build->sources->ndiagnostics; i++) {
		/* an argument without which the build stops */
		const struct diagnostic *d = &build->sources->diagnostics[i];
		findings_add(f, "dockerfile", SEVERITY_WARNING, file, d->line, d->column, "%.*s",
				STR_FMT(d->text));
	}
	for (size_t i = 0; build->sources != NULL && i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		if (s->is_unknowable && s->context == DOCKERFILE_MAIN_CONTEXT &&
				build->is_bounded) {
			findings_add(f, "unknown-argument", SEVERITY_WARNING, file, s->word_line,
					s->column,
					"\"%.*s\" depends on %.*s, which line %u leaves unknown; "
					"give it with "
					"--build-arg %.*s=VALUE",
					STR_FMT(str_take(s->written, 80)),
					STR_FMT(str_take(s->unknown_name, 40)), s->unknown_line,
					STR_FMT(str_take(s->unknown_name, 40)));
		}
	}
}

enum tng_code findings_collect(struct analysis *an, struct finding_list *f, struct tng_error *err) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		f->is_guess = an->builds[i].is_guess;
		f->build = i;
		note_context(&an->builds[i].context, f);
		if (!an->builds[i].shares_patterns) {
			note_unreached(&an->builds[i], f);
		}
		enum tng_code code = find_empty(an, &an->builds[i], f, err);
		if (code != TNG_OK) {
			return code;
		}
		note_dockerfile(&an->builds[i], f);
		traps_collect(an, &an->builds[i], f);
	}
	f->is_guess = false;
	f->build = 0;
	note_unreadable(an, f);
	note_walk(an, f);
	return f->failed ? error_nomem(err) : TNG_OK;
}

enum tng_code findings_finish(struct finding_list *f, const struct finding **out, size_t *n,
		struct tng_error *err) {
	struct finding *sorted = arena_new(f->arena, struct finding, f->list.len);
	size_t filled = 0;

	if (sorted == NULL || f->failed) {
		return error_nomem(err);
	}
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
		for (size_t i = 0; i < f->list.len; i++) {
			if ((int)f->list.ptr[i].severity == severity) {
				sorted[filled++] = f->list.ptr[i];
			}
		}
	}
	*out = sorted;
	*n = filled;
	return TNG_OK;
}

void findings_fini(struct finding_list *f) {
	free(f->list.ptr);
}
