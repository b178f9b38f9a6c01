/* What the bytes are: by class, by git's state, and the headlines of both. */
#include "report/scan.h"
#include "report/table.h"

#include <stdio.h>

/* Places and secrets that a headline names. */
#define HEADLINE_NAMES 3

static void put_place(const struct scan_view *v, uint32_t row) {
	struct buf path = { 0 };

	tree_path(v->an->tree, row, &path);
	if (entry_is_dir(tree_entry(v->an->tree, row))) {
		buf_putc(&path, '/');
	}
	sink_put_safe(v->sink, buf_str(&path));
	v->sink->buf.failed |= buf_failed(&path);
	buf_fini(&path);
}

/* The lenses that are columns, narrowest first. */
static size_t columns_of(const struct build *build, enum lens out[NLENSES]) {
	size_t n = 0;

	for (int lens = LENS_REQUESTED; lens >= LENS_DISK; lens--) {
		if (build_has_lens(build, (enum lens)lens)) {
			out[n++] = (enum lens)lens;
		}
	}
	return n;
}

/* ---- headlines */

/* A blank line stands in front of the first. */
static void begin_headline(
		const struct scan_view *v, bool *has_begun, enum style style, const char *what) {
	sink_put(v->sink, *has_begun ? STR("") : STR("\n"));
	put_styled(v->sink, style, str_from(what));
	*has_begun = true;
}

static void put_secret(const struct scan_view *v, const struct secret_place *s) {
	put_place(v, s->row);
	if (s->line > 0) {
		sink_printf(v->sink, " line %u", s->line);
	}
	sink_put(v->sink, STR(" ("));
	if (s->kind.len > 0) {
		sink_put_safe(v->sink, s->kind);
		sink_put(v->sink, STR(", "));
	}
	sink_printf(v->sink, "%s)", class_severity_name(s->severity));
}

/* Known test keys and public certificates are no headline. */
static bool is_alarming(const struct scan_view *v, const struct secret_place *s) {
	return s->severity >= CLASS_SEVERITY_MEDIUM && s->in_lens[build_sent_lens(v->build)];
}

static enum tng_code put_secrets(
		const struct scan_view *v, bool *has_begun, struct tng_error *err) {
	struct secret_place *list;
	size_t n, nsent = 0, nshown = 0;
	char head[40];
	enum tng_code code = analysis_secrets(v->arena, v->an, v->build, &list, &n, err);

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		nsent += is_alarming(v, &list[i]);
	}
	if (code != TNG_OK || nsent == 0) {
		return code;
	}
	(void)snprintf(head, sizeof(head), "%zu secret%s sent", nsent,
			nsent == 1 ? " is" : "s are");
	begin_headline(v, has_begun, STYLE_RED, head);
	for (size_t i = 0; i < n && nshown < HEADLINE_NAMES; i++) {
		if (is_alarming(v, &list[i])) {
			sink_put(v->sink, nshown++ == 0 ? STR(": ") : STR(", "));
			put_secret(v, &list[i]);
		}
	}
	if (nsent > nshown) {
		sink_printf(v->sink, " and %zu more", nsent - nshown);
	}
	sink_put(v->sink, STR("\n"));
	return TNG_OK;
}

static enum tng_code put_places(const struct scan_view *v, enum vcs_state state, uint64_t nplaces,
		struct tng_error *err) {
	struct heavy *places;
	size_t n;
	char size[SIZE_TEXT_BYTES];
	enum tng_code code = analysis_git_places(v->arena, v->an, v->build, state,
			build_sent_lens(v->build), HEADLINE_NAMES, &places, &n, err);

	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		sink_put(v->sink, i == 0 ? STR(": ") : STR(", "));
		put_place(v, places[i].row);
		if (nplaces > 1) {
			sink_printf(v->sink, " (%s)", size_format_short(places[i].bytes, size));
		}
	}
	if (code == TNG_OK && nplaces > n) {
		sink_printf(v->sink, " and %llu more", (unsigned long long)(nplaces - n));
	}
	sink_put(v->sink, STR("\n"));
	return code;
}

static enum tng_code put_git_headlines(
		const struct scan_view *v, bool *has_begun, struct tng_error *err) {
	enum lens sent = build_sent_lens(v->build);
	struct git_weights git;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];
	enum tng_code code = TNG_OK;

	analysis_git(v->an, v->build, &git);
	const struct lens_weight *ignored = &git.state[VCS_IGNORED].of[sent];
	const struct lens_weight *untracked = &git.state[VCS_UNTRACKED].of[sent];
	if (ignored->nfiles > 0) {
		uint64_t n = git.nplaces[VCS_IGNORED][sent];
		begin_headline(v, has_begun, STYLE_YELLOW, "gitignored but sent");
		sink_printf(v->sink, ": %s in %s place%s", size_format_short(ignored->bytes, size),
				size_format_count(n, count), plural(n));
		code = put_places(v, VCS_IGNORED, n, err);
	}
	if (code == TNG_OK && untracked->nfiles > 0) {
		begin_headline(v, has_begun, STYLE_YELLOW, "untracked and sent");
		sink_printf(v->sink, ": %s file%s, %s", size_format_count(untracked->nfiles, count),
				plural(untracked->nfiles),
				size_format_short(untracked->bytes, size));
		code = put_places(v, VCS_UNTRACKED, git.nplaces[VCS_UNTRACKED][sent], err);
	}
	return code;
}

enum tng_code report_scan_headlines(const struct scan_view *v, struct tng_error *err) {
	bool has_begun = false;
	enum tng_code code = TNG_OK;

	if (build_sent_lens(v->build) == LENS_DISK) {
		return TNG_OK; /* nothing is known of what is sent */
	}
	if (v->an->has_classes) {
		code = put_secrets(v, &has_begun, err);
	}
	if (code == TNG_OK && v->an->has_git && v->an->git.is_known) {
		code = put_git_headlines(v, &has_begun, err);
	}
	return code;
}

/* ---- tables */

static void put_columns_title(const struct scan_view *v, const char *title, const enum lens *lenses,
		size_t nlenses, bool with_files) {
	sink_put(v->sink, STR("\n"));
	put_styled(v->sink, STYLE_BOLD, str_from(title));
	sink_put(v->sink, STR("\n"));
	for (size_t i = 0; i < nlenses; i++) {
		sink_printf(v->sink, with_files ? "  %18s" : "  %9s", report_lens_name(lenses[i]));
	}
	sink_put(v->sink, STR("\n"));
}

static void put_weights(const struct scan_view *v, const struct lens_weights *w,
		const enum lens *lenses, size_t nlenses, bool with_files) {
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	for (size_t i = 0; i < nlenses; i++) {
		const struct lens_weight *of = &w->of[lenses[i]];
		if (of->nfiles == 0) {
			sink_printf(v->sink, with_files ? "  %18s" : "  %9s", "-");
			continue;
		}
		sink_printf(v->sink, "  %9s", size_format_short(of->bytes, size));
		if (with_files) {
			sink_printf(v->sink, " %8s", size_format_count(of->nfiles, count));
		}
	}
}

/* The first clause of a sentence, for a line of a table. */
static struct str phrase(struct str sentence) {
	struct str clause = str_take(sentence, str_find(sentence, ';'));

	clause = str_take(clause, str_find(clause, ':'));
	return str_ends(clause, STR(".")) ? str_take(clause, clause.len - 1) : clause;
}

enum tng_code report_scan_classes(
		const struct scan_view *v, size_t top, bool is_short, struct tng_error *err) {
	struct class_weight *list;
	enum lens lenses[NLENSES];
	size_t n, nlenses = columns_of(v->build, lenses);

	if (!v->an->has_classes) {
		return TNG_OK;
	}
	enum tng_code code = analysis_classes(v->arena, v->an, v->build, v->lens, &list, &n, err);
	bool says_nothing = n == 0 || (is_short && n == 1 && list[0].klass == CLASS_SOURCE);
	if (code != TNG_OK || says_nothing) {
		return code;
	}
	put_columns_title(v, is_short ? "What it is" : "By class: bytes and files", lenses, nlenses,
			!is_short);
	for (size_t i = 0; i < n && i < top; i++) {
		const struct class_name *c = &v->an->classes.classes[list[i].klass];
		put_weights(v, &list[i].weights, lenses, nlenses, !is_short);
		sink_printf(v->sink, "  %-12.*s  ", STR_FMT(c->name));
		put_styled(v->sink, STYLE_DIM, phrase(c->meaning));
		sink_put(v->sink, STR("\n"));
	}
	if (n > top) {
		sink_printf(v->sink, "  and %zu more%s\n", n - top,
				is_short ? " (--by class shows all)" : "");
	}
	return TNG_OK;
}

static const char *repository_kind(enum vcs_repository_kind kind) {
	switch (kind) {
	case VCS_MAIN:
		return "repository";
	case VCS_SUBMODULE:
		return "submodule";
	case VCS_NESTED:
		return "repository inside";
	case VCS_WORKTREE:
		break;
	}
	return "worktree";
}

static void put_repositories(const struct scan_view *v) {
	char count[SIZE_TEXT_BYTES + 4];

	for (size_t i = 0; i < v->an->git.nrepositories; i++) {
		const struct vcs_repository *r = &v->an->git.repositories[i];
		sink_printf(v->sink, "%s  %s ", i == 0 ? "\n" : "", repository_kind(r->kind));
		if (r->row == 0) {
			sink_put(v->sink, STR("."));
		} else {
			put_place(v, r->row);
		}
		sink_printf(v->sink, ": %s tracked", size_format_count(r->nindex, count));
		if (r->problem.len > 0) {
			sink_put(v->sink, STR("; "));
			sink_put_safe(v->sink, r->problem);
		}
		sink_put(v->sink, STR("\n"));
	}
}

static enum tng_code put_state_places(const struct scan_view *v, enum vcs_state state, size_t top,
		struct tng_error *err) {
	struct heavy *places;
	size_t n;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4], title[80];
	enum tng_code code = analysis_git_places(
			v->arena, v->an, v->build, state, v->lens, top, &places, &n, err);

	if (code != TNG_OK || n == 0) {
		return code;
	}
	(void)snprintf(title, sizeof(title), "\n%s, %s\n",
			state == VCS_IGNORED ? "Ignored by git" : "Not tracked by git",
			report_lens_name(v->lens));
	put_styled(v->sink, STYLE_BOLD, str_from(title));
	for (size_t i = 0; i < n; i++) {
		sink_printf(v->sink, "  %8s  %9s file%-1s  ",
				size_format_short(places[i].bytes, size),
				size_format_count(places[i].nfiles, count),
				plural(places[i].nfiles));
		put_place(v, places[i].row);
		sink_put(v->sink, STR("\n"));
	}
	return TNG_OK;
}

enum tng_code report_scan_git(const struct scan_view *v, size_t top, struct tng_error *err) {
	static const enum vcs_state states[] = { VCS_TRACKED, VCS_MODIFIED, VCS_UNTRACKED,
		VCS_IGNORED, VCS_OUTSIDE, VCS_UNKNOWN };
	struct git_weights git;
	enum lens lenses[NLENSES];
	size_t nlenses = columns_of(v->build, lenses);

	if (!v->an->has_git) {
		sink_put(v->sink, STR("\ngit was not looked at (--no-git)\n"));
		return TNG_OK;
	}
	analysis_git(v->an, v->build, &git);
	put_columns_title(v, "By git's state: bytes and files", lenses, nlenses, true);
	for (size_t i = 0; i < VCS_NSTATES; i++) {
		if (git.state[states[i]].of[LENS_DISK].nfiles > 0) {
			put_weights(v, &git.state[states[i]], lenses, nlenses, true);
			sink_printf(v->sink, "  %s\n", vcs_state_name(states[i]));
		}
	}
	put_repositories(v);
	enum tng_code code = put_state_places(v, VCS_IGNORED, top, err);
	return code == TNG_OK ? put_state_places(v, VCS_UNTRACKED, top, err) : code;
}

void report_scan_probes(const struct scan_view *v) {
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	if (v->an->has_classes) {
		sink_printf(v->sink, "\n%s file%s looked into for what %s, %s read\n",
				size_format_count(v->an->classes.nprobed, count),
				v->an->classes.nprobed == 1 ? " was" : "s were",
				v->an->classes.nprobed == 1 ? "it is" : "they are",
				size_format_short(v->an->classes.probed_bytes, size));
	}
}
